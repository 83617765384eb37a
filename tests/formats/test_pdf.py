"""PDF: an incremental update with the store, and what files in the field do."""

import io
import os
import resource
import time
import zlib
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from PIL import Image

from provenance.errors import EncryptedError, LimitError, MalformedError, UnsupportedFormatError
from provenance.formats.base import Located
from provenance.formats.pdf import HANDLER
from provenance.formats.pdf.filters import unpredict
from provenance.jumbf import uuids
from provenance.jumbf.writer import superbox
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource, StreamSource
from provenance.spans import Span
from tests.formats.sample_pdf import OBJECTS, pdf, stream, streamed_pdf, update
from tests.formats.samples import noise, picture, saved, store_of, written

CATALOG = b"<< /Type /Catalog /Pages 2 0 R %b >>"
SPECIFICATION = b"<< /Type /Filespec /F (x) /AFRelationship /C2PA_Manifest /EF << /F %d 0 R >> >>"
OLD_TYPE = b"/Type /EmbeddedFile /Subtype /application#2Fx-c2pa-manifest-store"
URL = "https://example.com/store.c2pa"
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><a xmlns:dcterms="http://purl.org/dc/terms/" '
    f'dcterms:provenance="{URL}"/></x:xmpmeta>'
).encode()


def located(asset: bytes, limits: Limits = DEFAULT_LIMITS) -> Located:
    return HANDLER.locate(BufferSource(asset), limits)


def signed(asset: bytes, store: bytes) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), len(store), DEFAULT_LIMITS), asset, store)


def stripped(asset: bytes) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), 0, DEFAULT_LIMITS), asset)


def carrying(store: bytes, entries: bytes = OLD_TYPE, catalog: bytes = b"/AF [ 7 0 R ]") -> bytes:
    """A PDF as other software signs it: the store lies in the file's only section."""
    objects = {1: CATALOG % catalog, 7: SPECIFICATION % 8, 8: stream(store, entries)}
    return pdf({**OBJECTS, **objects})


def manifests(*labels: str, filler: bytes = b"") -> bytes:
    """A store with these manifests."""
    inside = tuple(superbox(uuids.MANIFEST, label, (filler,) if filler else ()) for label in labels)
    return superbox(uuids.MANIFEST_STORE, "c2pa", inside)


def hybrid() -> bytes:
    """A file with a table, and object 5 hidden from readers that know no streams."""
    asset = pdf({number: body for number, body in OBJECTS.items() if number != 5})
    at = len(asset)
    asset += b"5 0 obj\n%b\nendobj\n" % OBJECTS[5]
    beside = len(asset)
    row = b"\x01" + at.to_bytes(4) + b"\0\0"
    entries = b"/Type /XRef /W [ 1 4 2 ] /Index [ 5 1 ] /Size 6 /Root 1 0 R"
    asset += b"6 0 obj\n%b\nendobj\n" % stream(row, entries)
    return update(asset, {5: None}, b"/XRefStm %d" % beside)


# Writing


@pytest.mark.parametrize("make", [pdf, streamed_pdf, hybrid])
def test_no_byte_of_what_was_there_changes(make: Callable[[], bytes]) -> None:
    asset, store = make(), store_of(1000)
    output = signed(asset, store)
    assert output.startswith(asset)
    assert located(output).store == store
    assert stripped(output) == asset


@pytest.mark.parametrize("make", [pdf, streamed_pdf])
def test_the_store_is_an_associated_file_as_the_standard_has_it(make: Callable[[], bytes]) -> None:
    added = signed(make(), store_of(1000)).removeprefix(make())
    assert b"/Lang (en)" in added  # the catalogue keeps what it had
    assert b"/AF [ 7 0 R ]" in added or b"/AF [ 9 0 R ]" in added
    assert b"/AFRelationship /C2PA_Manifest" in added
    assert added.count(b"/Subtype /application#2Fc2pa") == 2
    assert b"/EmbeddedFiles << /Names [ (content_credential.c2pa)" in added
    assert (b"/Type /XRef" in added) is (make is streamed_pdf)  # as the last section of the file


@pytest.mark.parametrize("make", [pdf, streamed_pdf])
def test_only_the_length_depends_on_the_store(make: Callable[[], bytes]) -> None:
    parts = []
    for length in (100, 123_456):
        asset = make()
        plan = HANDLER.plan(BufferSource(asset), length, DEFAULT_LIMITS)
        output, left_out = written(plan, asset, store_of(length)), plan.unbound
        assert [span.length for span in left_out] == [10, length]
        digits = output[left_out[0].start : left_out[0].end]
        assert int(digits) == length
        parts.append((output[: left_out[0].start], output[left_out[1].end :], left_out[0]))
    assert parts[0] == parts[1]


def test_a_section_without_end_of_line_is_added_to_and_restored() -> None:
    asset = pdf().rstrip(b"\n")
    assert stripped(signed(asset, store_of(100))) == asset


def test_a_store_of_others_stays_where_it_is_and_ours_takes_its_place_in_the_catalogue() -> None:
    asset = carrying(manifests("a"))
    store = manifests("a", "b")
    output = signed(asset, store)
    assert output.startswith(asset)
    assert located(output).store == store
    assert b"/Catalog" not in output.removeprefix(asset)  # its file specification is ours now
    assert signed(output, store) == output


def test_taking_out_a_store_of_others_leaves_no_reference() -> None:
    names = b"/AF [ 7 0 R ] /Names << /EmbeddedFiles << /Names [ (a) 5 0 R (b) 7 0 R ] >> >>"
    asset = carrying(manifests("a"), catalog=names)
    output = stripped(asset)
    assert output.startswith(asset)
    assert b"/Names [ (a) 5 0 R  ]" in output
    assert located(output) == Located()
    assert stripped(output) == output
    assert stripped(signed(asset, store_of(200))) == output
    again = signed(output, store_of(200))
    assert located(again).store == store_of(200)  # and not what was taken out before


def test_an_update_of_others_behind_ours_is_kept() -> None:
    once = signed(pdf(), manifests("a"))
    asset = update(once, {4: stream(b"BT ET")})
    store = manifests("a", "b")
    output = signed(asset, store)
    assert output.startswith(asset)
    assert located(output).store == store
    assert stripped(output) != pdf()
    assert located(stripped(output)).count == 0


def test_other_associated_files_stay() -> None:
    asset = pdf(
        {**OBJECTS, 1: CATALOG % b"/AF [ 7 0 R << /Type /Filespec /F (y) >> ]", 7: b"<< >>"}
    )
    output = signed(asset, store_of(100))
    assert b"/AF  [ 7 0 R << /Type /Filespec /F (y) >> 9 0 R ]" in output
    assert located(output).store == store_of(100)


def test_a_list_of_associated_files_may_lie_elsewhere() -> None:
    asset = pdf({**OBJECTS, 1: CATALOG % b"/AF 6 0 R", 6: b"[ 7 0 R ]", 7: b"<< /F (y) >>"})
    output = signed(asset, store_of(100))
    assert b"/AF  [ 7 0 R 9 0 R ]" in output
    assert located(output).store == store_of(100)


NAMES: dict[str, dict[int, bytes]] = {
    "none": {},
    "direct": {1: CATALOG % b"/Names << /EmbeddedFiles << /Names [ (zebra) 6 0 R ] >> >>"},
    "elsewhere": {
        1: CATALOG % b"/Names 8 0 R",
        8: b"<< /EmbeddedFiles 9 0 R >>",
        9: b"<< /Names 10 0 R >>",
        10: b"[ (aardvark) 6 0 R ]",
    },
    "a tree": {
        1: CATALOG % b"/Names << /EmbeddedFiles 9 0 R >>",
        9: b"<< /Kids [ 10 0 R ] >>",
        10: b"<< /Limits [ (a) (z) ] /Names [ (a) 6 0 R (z) 6 0 R ] >>",
    },
    "others": {1: CATALOG % b"/Names << /Dests << /Names [ (d) [ 3 0 R /Fit ] ] >> >>"},
    "empty": {1: CATALOG % b"/Names << /EmbeddedFiles << >> >>"},
}


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_attachments_are_listed_with_those_before(names: dict[int, bytes]) -> None:
    pikepdf = pytest.importorskip("pikepdf")
    held = {6: b"<< /Type /Filespec /F (y) /EF << /F 7 0 R >> >>", 7: stream(b"yes")}
    asset = pdf({**OBJECTS, **held, **names})
    store = store_of(300)
    with (
        pikepdf.open(io.BytesIO(asset)) as before,
        pikepdf.open(io.BytesIO(signed(asset, store))) as after,
    ):
        old, new = set(before.attachments), set(after.attachments)
        assert old <= new
        (fresh,) = new - old
        assert max(new) == fresh
        assert after.attachments[fresh].get_file().read_bytes() == store
        assert not after.check_pdf_syntax()


@pytest.mark.parametrize("how", ["plain", "streams", "linearized", "hybrid", "old"])
def test_other_software_finds_no_fault_and_the_same_text(how: str) -> None:
    pikepdf, pypdf = pytest.importorskip("pikepdf"), pytest.importorskip("pypdf")

    def text(data: bytes) -> list[str]:
        return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages]

    asset = hybrid() if how == "hybrid" else pdf()
    if how not in ("hybrid", "plain"):
        out = io.BytesIO()
        mode = pikepdf.ObjectStreamMode
        with pikepdf.open(io.BytesIO(asset)) as opened:
            opened.save(
                out,
                linearize=how == "linearized",
                object_stream_mode=mode.disable if how == "old" else mode.generate,
            )
        asset = out.getvalue()
    store = store_of(5000)
    output = signed(asset, store)
    assert output.startswith(asset)
    assert text(output) == text(asset) == ["A fox in the snow"]
    with pikepdf.open(io.BytesIO(output)) as opened:
        assert not opened.check_pdf_syntax()
        (specification,) = opened.Root.AF
        assert bytes(specification.EF.F.read_raw_bytes()) == store
    assert located(output).store == store
    assert stripped(output) == asset


def certified(level: bytes, page: bytes = b"") -> bytes:
    signature = b"<< /Reference [ << /TransformMethod /DocMDP /TransformParams << %b >> >> ] >>"
    objects = {
        1: CATALOG % b"/Perms << /DocMDP 6 0 R >>",
        3: OBJECTS[3].replace(b"/Type /Page ", b"/Type /Page " + page),
        6: signature % level,
        7: b"[ ]",
    }
    return pdf({**OBJECTS, **objects})


@pytest.mark.parametrize("level", [b"/P 1", b"/P 2", b""])
def test_a_certified_pdf_that_allows_no_attachment_is_not_touched(level: bytes) -> None:
    with pytest.raises(UnsupportedFormatError, match=r"DocMDP permission [12] allows no attach"):
        signed(certified(level), store_of(100))


@pytest.mark.parametrize("page", [b"", b"/Annots [ ] ", b"/Annots 7 0 R "])
def test_a_certified_pdf_that_allows_annotations_gets_one(page: bytes) -> None:
    pikepdf = pytest.importorskip("pikepdf")
    asset = certified(b"/P 3", page)
    output = signed(asset, store_of(100))
    assert located(output).store == store_of(100)
    assert stripped(output) == asset
    with pikepdf.open(io.BytesIO(output)) as opened:
        (note,) = opened.pages[0].Annots
        assert (note.Subtype, note.FS.objgen) == ("/FileAttachment", opened.Root.AF[0].objgen)
        assert "/Names" not in opened.Root
        assert not opened.check_pdf_syntax()


# Reading


def test_a_store_is_read_whatever_its_media_type() -> None:
    store = manifests("a")
    asset = carrying(store)
    at = asset.index(store)
    for source in (BufferSource(asset), StreamSource(io.BytesIO(asset))):
        found = HANDLER.locate(source, DEFAULT_LIMITS)
        assert (found.store, found.count, found.core) == (store, 1, (Span(at, len(store)),))
        digits, data = found.carriers
        assert int(asset[digits.start : digits.end]) == data.length


@pytest.mark.parametrize("files", [b"7 0 R", b"[ 7 0 R ]", b"6 0 R"])
def test_the_catalogue_may_name_the_file_in_several_ways(files: bytes) -> None:
    store = manifests("a")
    objects = {1: CATALOG % (b"/AF " + files), 6: b"[ 7 0 R ]", 7: SPECIFICATION % 8}
    assert located(pdf({**OBJECTS, **objects, 8: stream(store)})).store == store


def test_the_stores_of_all_updates_are_one() -> None:
    first = carrying(manifests("a", "b"))
    objects = {
        1: CATALOG % b"/AF [ 9 0 R ]",
        9: SPECIFICATION % 10,
        10: stream(manifests("b", "c")),
    }
    found = located(update(first, objects))
    assert found.store == manifests("a", "b", "c")
    assert found.count == 1
    assert found.core is not None
    assert found.core[0].start > len(first)  # the newest is what is not hashed


def test_a_manifest_that_several_stores_have_is_the_newest_ones() -> None:
    first = carrying(manifests("a", "b", filler=noise(8)))
    objects = {
        1: CATALOG % b"/AF [ 9 0 R ]",
        9: SPECIFICATION % 10,
        10: stream(manifests("a", "c")),
    }
    joined = located(update(first, objects)).store
    assert joined is not None
    assert joined.count(noise(8)) == 1  # of "b"; the newest store's "a" has none


def test_two_stores_in_the_only_section_are_none() -> None:
    objects = {1: CATALOG % b"/AF [ 6 0 R 7 0 R ]", 6: SPECIFICATION % 9, 9: stream(manifests("b"))}
    asset = pdf({**OBJECTS, **objects, 7: SPECIFICATION % 8, 8: stream(manifests("a"))})
    found = located(asset)
    assert (found.store, found.count, len(found.carriers)) == (None, 2, 4)
    assert located(signed(asset, store_of(100))).store == store_of(100)
    assert located(stripped(asset)).count == 0


def test_two_stores_in_an_update_are_none_of_it_and_earlier_ones_count() -> None:
    objects = {
        1: CATALOG % b"/AF [ 10 0 R 12 0 R ]",
        10: SPECIFICATION % 11,
        11: stream(manifests("b")),
        12: SPECIFICATION % 13,
        13: stream(manifests("c")),
    }
    found = located(update(carrying(manifests("a")), objects))
    assert (found.store, found.count) == (manifests("a"), 1)


def test_a_store_that_an_update_takes_out_is_out() -> None:
    asset = update(carrying(manifests("a")), {1: CATALOG % b""})
    assert located(asset).count == 0


def test_an_update_without_a_store_leaves_the_one_before() -> None:
    asset = update(carrying(manifests("a")), {4: stream(b"BT ET")})
    assert located(asset).store == manifests("a")


def test_damage_in_earlier_updates_hides_nothing_but_nothing_is_added() -> None:
    store = manifests("a")
    asset = signed(pdf(), store).replace(b"xref\n0 1\n", b"xxxx\n0 1\n", 1)
    assert located(asset).store == store
    with pytest.raises(MalformedError, match="nothing can be added before that is repaired"):
        signed(asset + b" ", store)


def test_a_store_of_another_object_is_that_objects_affair() -> None:
    image = b"/Type /XObject /AF [ 7 0 R ]"
    asset = pdf(
        {**OBJECTS, 6: stream(b"x", image), 7: SPECIFICATION % 8, 8: stream(manifests("a"))}
    )
    assert located(asset) == Located()


def test_a_packed_store_is_unpacked_within_bounds() -> None:
    store = store_of(100_000)
    packed = zlib.compress(store)
    asset = carrying(packed, OLD_TYPE + b" /Filter /FlateDecode")
    found = located(asset)
    assert found.store == store
    assert found.core == (Span(asset.index(packed), len(packed)),)
    with pytest.raises(LimitError, match="unpacks to more than 99999 bytes"):
        located(asset, Limits(decompressed_bytes=99_999))
    with pytest.raises(MalformedError, match="is not one we undo"):
        located(carrying(packed, b"/Filter /LZWDecode"))


@pytest.mark.parametrize("length", [b"99999999", b"3", b"-1", b"8 0 R", b"99 0 R", b"null", b"(x)"])
def test_a_length_that_is_wrong_is_passed_over(length: bytes) -> None:
    store = manifests("a", filler=noise(100))
    asset = carrying(store).replace(b"/Length %d /Type" % len(store), b"/Length %b /Type" % length)
    # The table is behind, and so out of place: it is the objects that are looked for.
    assert located(asset).store == store


def test_where_the_cross_reference_is_wrong_objects_are_looked_for() -> None:
    store = manifests("a")
    for broken in (
        carrying(store).replace(b"startxref\n", b"startxref\n9"),
        carrying(store).partition(b"startxref")[0],
        carrying(store).partition(b"xref\n")[0],
        carrying(store).replace(b"%PDF-1.7\n", b"%PDF-1.7\n% moved by this\n"),
    ):
        assert located(broken).store == store
        with pytest.raises(MalformedError, match="nothing can be added before that is repaired"):
            signed(broken, store)


def test_objects_in_streams_are_found_too() -> None:
    asset = streamed_pdf(
        {**OBJECTS, 1: CATALOG % b"/AF [ 7 0 R ]", 7: SPECIFICATION % 8, 8: stream(manifests("a"))}
    )
    assert located(asset).store == manifests("a")
    assert located(asset.partition(b"startxref")[0]).store == manifests("a")


def test_tables_with_known_mistakes_are_read() -> None:
    store = manifests("a")
    asset = carrying(store)
    short = asset.replace(b" n \n", b" n\n").replace(b" f \n", b" f\n")
    assert located(short).store == store
    whole = asset.replace(b"xref\n0 1\n", b"xref\n1 1\n", 1)
    assert located(whole).store == store


def test_xmp_names_a_remote_store() -> None:
    for packet in (
        stream(XMP, b"/Type /Metadata /Subtype /XML"),
        stream(zlib.compress(XMP), b"/Filter /FlateDecode"),
    ):
        asset = pdf({**OBJECTS, 1: CATALOG % b"/Metadata 6 0 R", 6: packet})
        assert located(asset) == Located(remote_url=URL)
        assert located(asset, Limits(text_bytes=10)).remote_url is None
    assert located(pdf({**OBJECTS, 1: CATALOG % b"/Metadata 2 0 R"})).remote_url is None


# Encrypted

CIPHER = b"/Encrypt << /Filter /Standard /V 4 /R 4 /CF << >> %b >>"
IDENTITY = b"/Filter [ /Crypt ] /DecodeParms [ << /Name /Identity >> ]"


def locked(store: bytes, entries: bytes, terms: bytes) -> bytes:
    objects = {1: CATALOG % b"/AF [ 7 0 R ]", 7: SPECIFICATION % 8, 8: stream(store, entries)}
    return pdf({**OBJECTS, **objects}, CIPHER % terms)


@pytest.mark.parametrize(
    ("entries", "terms"),
    [
        (IDENTITY, b"/StmF /StdCF"),
        (b"/Filter /Crypt", b"/StmF /StdCF"),
        (b"", b"/StmF /StdCF /EFF /Identity"),
        (b"", b""),
    ],
)
def test_a_store_that_encryption_leaves_out_is_read(entries: bytes, terms: bytes) -> None:
    asset = locked(manifests("a"), entries, terms)
    assert located(asset).store == manifests("a")
    with pytest.raises(UnsupportedFormatError, match="is an encrypted PDF"):
        signed(asset, store_of(100))


def test_an_encrypted_store_is_said_to_be_there() -> None:
    with pytest.raises(EncryptedError, match="encrypted with the PDF"):
        located(locked(noise(500), b"", b"/StmF /StdCF"))


def test_without_a_password_a_hidden_catalogue_tells_nothing() -> None:
    asset = streamed_pdf(trailer=CIPHER % b"/StmF /StdCF")
    with pytest.raises(UnsupportedFormatError, match="whether there is a manifest store"):
        located(asset)


def test_encryption_of_real_software_is_known() -> None:
    pikepdf = pytest.importorskip("pikepdf")
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(carrying(manifests("a")))) as opened:
        opened.save(out, encryption=pikepdf.Encryption(owner="secret", user="", R=6))
    with pytest.raises((EncryptedError, UnsupportedFormatError)):
        located(out.getvalue())


# What would hurt


def chain(count: int, each: bytes) -> bytes:
    """Updates, each with the catalogue anew."""
    out, before, start = bytearray(b"%PDF-1.7\n"), b"", 0
    for _ in range(count):
        at = len(out)
        out += b"1 0 obj %b endobj\n" % each
        start = len(out)
        out += b"xref\n1 1\n%010d 00000 n \ntrailer << /Root 1 0 R %b >>\n" % (at, before)
        before = b"/Prev %d" % start
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % start


def packed_zeros(count: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(count)) + packer.flush()


def in_streams(data: bytes, entries: bytes) -> bytes:
    """A file whose catalogue lies in this object stream."""
    out = b"%PDF-1.7\n"
    holder = b"7 0 obj\n%b\nendobj\n" % stream(
        data, b"/Type /ObjStm /Filter /FlateDecode " + entries
    )
    rows = b"\2\0\0\0\7\0\0\1" + len(out).to_bytes(4) + b"\0\0"
    table = stream(rows, b"/Type /XRef /W [ 1 4 2 ] /Index [ 1 1 7 1 ] /Size 9 /Root 1 0 R")
    out += holder
    return out + b"8 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, len(out))


def of_rows(data: bytes, size: int) -> bytes:
    """A file that begins with this cross-reference stream."""
    entries = (
        b"/Type /XRef /W [ 1 4 2 ] /Size %d /Root 1 0 R /Filter /FlateDecode "
        b"/DecodeParms << /Predictor 12 /Columns 7 >>" % size
    )
    return b"%%PDF-1.7\n8 0 obj\n%b\nendobj\nstartxref\n9\n%%%%EOF\n" % stream(data, entries)


def with_catalog(body: bytes, **others: bytes) -> bytes:
    return pdf({**OBJECTS, 1: body, **{int(number[1:]): text for number, text in others.items()}})


def looped() -> bytes:
    text = b"%%PDF-1.7\nxref\n9 0\ntrailer << /Root 1 0 R /Prev %09d >>\n"
    second = len(text % 0)
    end = b"xref\n9 0\ntrailer << /Root 1 0 R /Prev 9 >>\nstartxref\n%d\n%%%%EOF\n"
    return text % second + end % second


INSIDE = b"<< /Type /Catalog /AF [ << /AFRelationship /C2PA_Manifest /EF << /F 1 0 R >> >> ] >>"
BOMBS: dict[str, Callable[[], bytes]] = {
    "sections in a circle": looped,
    "a section before itself": lambda: pdf(trailer=b"/Prev 0"),
    "too many updates": lambda: chain(5000, CATALOG % b""),
    "many updates": lambda: chain(4000, CATALOG % b""),
    "a store in each update": lambda: chain(4000, stream(b"x", b"/AF [ 1 0 R ]") + INSIDE),
    "an object stream of zeros": lambda: in_streams(packed_zeros(64), b"/N 1 /First 4"),
    "a million objects in a stream": lambda: in_streams(
        zlib.compress(b"1 0 " * 1_000_000), b"/N 1000000 /First 4000000"
    ),
    "rows of zeros": lambda: of_rows(packed_zeros(64), 900_000),
    "rows of all kinds": lambda: of_rows(
        zlib.compress(b"".join(bytes([at % 5]) + bytes(7) for at in range(500_000))), 500_000
    ),
    "a million rows": lambda: of_rows(zlib.compress((b"\2" + bytes(7)) * 1_000_000), 1_000_000),
    "a million entries": lambda: pdf().replace(
        b"xref\n", b"xref\n9 1000000\n" + b"0000000000 65535 f \n" * 1_000_000, 1
    ),
    "arrays in arrays": lambda: with_catalog(b"<< /A " + b"[" * 1000 + b"]" * 1000 + b" >>"),
    "dictionaries in dictionaries": lambda: with_catalog(b"<< /A " * 100_000),
    "a long array": lambda: with_catalog(b"<< /A [" + b"7 " * 500_000 + b"] >>"),
    "a long list of files": lambda: with_catalog(b"<< /AF [" + b"2 0 R " * 400_000 + b"] >>"),
    "brackets in a string": lambda: with_catalog(b"<< /A " + b"(" * 3_000_000),
    "a long string": lambda: with_catalog(b"<< /A (" + b"a" * 9_000_000 + b") >>"),
    "blanks": lambda: with_catalog(b"<< /A " + b" " * 7_000_000 + b"1 >>"),
    "comments": lambda: with_catalog(b"<< /A " + b"%\n" * 1_000_000 + b"1 >>"),
    "a store of zeros": lambda: carrying(packed_zeros(64), b"/Filter /FlateDecode"),
    "a store packed twice": lambda: carrying(
        zlib.compress(packed_zeros(64)), b"/Filter [ /FlateDecode /FlateDecode ]"
    ),
    "references in a circle": lambda: with_catalog(b"<< /AF 7 0 R >>", _7=b"8 0 R", _8=b"7 0 R"),
    "names in a circle": lambda: with_catalog(
        b"<< /Names << /EmbeddedFiles 7 0 R >> >>", _7=b"<< /Kids [ 7 0 R 7 0 R ] >>"
    ),
    "no object but its beginning": lambda: b"%PDF-1.7\n" + b"1 0 obj " * 1_000_000,
    "objects and no table": lambda: b"%PDF-" + b"".join(b"%d 0 obj " % at for at in range(300_000)),
    "trailers": lambda: b"%PDF-1.7\n" + b"trailer<<" * 1_000_000,
    "words of a table": lambda: b"%PDF-1.7\n1 0 obj " + b"/XRef " * 1_000_000,
}


@pytest.mark.parametrize("make", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_read_within_bounds(make: Callable[[], bytes]) -> None:
    source = BufferSource(make())
    looks: tuple[Callable[[], Any], ...] = (
        lambda: HANDLER.locate(source, DEFAULT_LIMITS),
        lambda: HANDLER.plan(source, 100, DEFAULT_LIMITS),
    )
    for look in looks:
        before = _peak()
        began = time.process_time()
        try:
            look()
        except (MalformedError, LimitError) as error:
            assert str(error)
        assert time.process_time() - began < 2  # the worst takes about 0.7 s
        assert _peak() - before < 256 << 20


def _peak() -> int:
    assert os.name == "posix"
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def test_what_is_in_a_circle_is_told() -> None:
    with pytest.raises(MalformedError, match="its Prev leads back to where it came from"):
        located(looped())


def test_rows_are_unpredicted_as_png_has_it() -> None:
    image = picture(40, 60).convert("L")
    # Pillow chooses a way for each row; a smooth part makes it choose others.
    image.paste(Image.linear_gradient("L").resize((40, 30)), (0, 30))
    image.paste(Image.linear_gradient("L").rotate(90).resize((20, 30)), (20, 10))
    data = saved("PNG", image)
    rows = b"".join(body for kind, body in chunks(data) if kind == b"IDAT")
    packed = zlib.decompress(rows)
    assert len({packed[at] for at in range(0, len(packed), 41)}) > 2
    assert unpredict(packed, 15, 40, "a picture") == image.tobytes()


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def test_blanks_before_the_header_are_passed_over() -> None:
    asset = b"\xef\xbb\xbf\r\n" + carrying(manifests("a"))
    assert HANDLER.sniff(asset[:4096])
    assert located(asset).store == manifests("a")


def test_what_changes_at_random_gives_a_result_or_says_what_is_wrong() -> None:
    held = b"/Names << /EmbeddedFiles << /Names [ (b) 7 0 R ] >> >> /AF [ 7 0 R ]"
    random = Random(1)
    for base in (streamed_pdf(), hybrid(), carrying(manifests("a"), catalog=held)):
        for _ in range(400):
            asset = bytearray(base)
            for _ in range(random.randint(1, 5)):
                at = random.randrange(len(asset))
                word = random.choice((b"0 R", b"<<", b"]", b"(", b"99999999999", b"-1", b"\0"))
                asset[at : at + len(word)] = word
            for look in (located, stripped, lambda asset: signed(asset, store_of(100))):
                try:
                    look(bytes(asset))
                except (MalformedError, LimitError, UnsupportedFormatError) as error:
                    assert str(error)
