"""Plain text: a store in characters that nobody sees, and text that only grows."""

import time
import unicodedata
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.errors import LimitError, MalformedError, UnsupportedFormatError
from provenance.formats import registry
from provenance.formats.base import Located
from provenance.formats.checkpoints import last_sentinel
from provenance.formats.text import HANDLERS
from provenance.formats.wrapper import wrap, wrapped_length
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BLOCK, BufferSource
from tests.formats.samples import noise, store_of, written

PLAIN = HANDLERS[0]
MARK = "\ufeff".encode()
STORE = store_of(300)
URL = "https://example.com/store.c2pa"
NFC, NFD = "über\n".encode(), unicodedata.normalize("NFD", "über\n").encode()


def located(asset: bytes, limits: Limits = DEFAULT_LIMITS) -> Located:
    return PLAIN.locate(BufferSource(asset), limits)


def signed(asset: bytes, store: bytes = STORE) -> bytes:
    return written(PLAIN.plan(BufferSource(asset), len(store), DEFAULT_LIMITS), asset, store)


def stripped(asset: bytes) -> bytes:
    return written(PLAIN.plan(BufferSource(asset), 0, DEFAULT_LIMITS), asset)


def kinds(found: Located) -> list[str]:
    return [note.kind for note in found.notes]


def selectors(data: bytes) -> bytes:
    """Bytes as the standard writes them, without padding."""
    codes = (0xFE00 + one if one < 16 else 0xE0100 + one - 16 for one in data)
    return MARK + "".join(map(chr, codes)).encode()


def unpadded(store: bytes, version: int = 1) -> bytes:
    return selectors(b"C2PATXT\0" + bytes((version,)) + len(store).to_bytes(4) + store)


@given(st.binary(max_size=300))
def test_a_wrapper_is_as_long_as_its_store_lets_it(store: bytes) -> None:
    whole = wrap(store)
    assert len(whole) == wrapped_length(len(store)) == 3 + (13 + len(store)) * 4 + 6
    assert whole.startswith(unpadded(store))
    padding = whole[len(unpadded(store)) :].decode()
    assert set(padding) <= {"\ufe00", "\U000e01ef"}
    assert padding == "".join(sorted(padding))


@pytest.mark.parametrize("store", [STORE, bytes(100), b"\xff" * 100, b""])
def test_a_wrapper_without_padding_is_read(store: bytes) -> None:
    assert located(b"words\n" + unpadded(store)).store == store


def test_any_selectors_may_follow_a_store() -> None:
    assert located(b"words" + unpadded(STORE) + selectors(noise(20))[3:]).store == STORE


def test_the_store_goes_behind_the_last_character() -> None:
    assert signed(b"words\n") == b"words\n" + wrap(STORE)
    assert signed(b"words") == b"words" + wrap(STORE)


def test_a_byte_order_mark_is_no_wrapper() -> None:
    for text in (MARK + b"words", MARK, b"a" + MARK + "\ufe0f".encode(), selectors(b"C2PATXU\0")):
        assert located(text) == Located()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (NFD, 0),
        (NFC + NFD + NFC, len(NFC)),
        (NFC * 2 + NFD, 2 * len(NFC)),
        (b"a" * 70_000 + b"\n" + NFC + NFD, 70_001 + len(NFC)),
        (MARK + NFD, 0),
    ],
)
def test_no_character_changes_and_the_place_is_the_same_for_all(text: bytes, place: int) -> None:
    """Where a text is not composed, offsets count its bytes in 2.5 and the composed ones in 2.4."""
    asset = signed(text)
    (span,) = located(asset).carriers
    assert span.start == place
    assert asset[: span.start] + asset[span.end :] == text
    assert len(unicodedata.normalize("NFC", asset[:place].decode()).encode()) == place
    assert stripped(asset) == text


def test_what_is_hashed_is_composed() -> None:
    asset = signed(NFC + NFD)
    (span,) = located(asset).carriers
    blocks = PLAIN.normalized(BufferSource(asset), (span,), DEFAULT_LIMITS)
    assert blocks is not None
    assert b"".join(blocks) == NFC * 2
    assert PLAIN.normalized(BufferSource(asset), (), DEFAULT_LIMITS) is None


def test_a_long_text_is_composed_line_by_line() -> None:
    text = NFD * (3 * BLOCK // len(NFD)) + b"last"
    asset = signed(text)
    (span,) = located(asset).carriers
    blocks = PLAIN.normalized(BufferSource(asset), (span,), DEFAULT_LIMITS)
    assert blocks is not None
    assert b"".join(blocks) == unicodedata.normalize("NFC", text.decode()).encode()


def test_a_line_past_the_limit_is_refused() -> None:
    text = BufferSource(b"a" * (2 << 20))
    with pytest.raises(LimitError, match="a line of more than"):
        PLAIN.plan(text, 300, Limits(text_bytes=1 << 20))


def test_what_is_not_utf_8_takes_no_store() -> None:
    with pytest.raises(MalformedError, match="is not UTF-8"):
        signed(b"Gr\xfc\xdfe\n")


def test_two_wrappers_are_none_and_both_go() -> None:
    asset = b"a\n" + wrap(STORE) + b"b\n" + wrap(STORE)
    found = located(asset)
    assert (found.store, found.count, kinds(found)) == (None, 2, ["several wrappers"])
    assert stripped(asset) == b"a\nb\n"
    assert signed(asset) == b"a\nb\n" + wrap(STORE)


@pytest.mark.parametrize(
    "wrapper",
    [
        unpadded(STORE).decode()[:-1].encode(),
        unpadded(STORE).decode()[:20].encode(),
        selectors(b"C2PATXT\0"),
        unpadded(STORE, version=2),
        selectors(b"C2PATXT\0\1\xff\xff\xff\xff" + STORE),
    ],
)
def test_a_broken_wrapper_is_noted_unless_another_is_sound(wrapper: bytes) -> None:
    found = located(b"words" + wrapper)
    assert (found.store, found.count, kinds(found)) == (None, 0, ["corrupted wrapper"])
    assert located(b"words" + wrapper + b"more" + wrap(STORE)).store == STORE
    assert signed(b"words" + wrapper) == b"words" + wrap(STORE)


def test_marks_on_the_border_of_a_block_are_found() -> None:
    for before in range(BLOCK - 40, BLOCK + 3):
        asset = b"a" * before + wrap(STORE)
        assert PLAIN.locate(_Blocks(asset), DEFAULT_LIMITS).carriers[0].start == before


class _Blocks(BufferSource):
    """As a stream gives them: a mebibyte at a time."""

    def blocks(self, span):  # type: ignore[no-untyped-def]  # as above
        for at in range(span.start, span.end, BLOCK):
            yield memoryview(self.read(at, min(BLOCK, span.end - at)))


def test_stores_in_two_ways_are_none() -> None:
    begin, end = b"-----BEGIN C2PA MANIFEST-----", b"-----END C2PA MANIFEST-----"
    block = begin + b" data:application/c2pa;base64,AAAA " + end + b"\n"
    found = located(block + wrap(STORE))
    assert (found.store, found.count) == (None, 2)


@pytest.mark.parametrize(
    "text",
    [
        (MARK + b"C") * 200_000,
        selectors(b"C2PATXT\0\1\0\x10\0\0") * 20_000,
        selectors(b"C2PATXT\0\1\0\x30\0\0") + "\U000e0100".encode() * 4_000_000,
        b"-----BEGIN C2PA MANIFEST-----\n" * 50_000,
        b"-----END C2PA MANIFEST-----\n" * 50_000,
        b"-----BEGIN C2PA CHECKPOINT-----\n" * 50_000,
        b'{"c2pa:checkpoint": ' + b"[" * 500_000,
    ],
)
def test_a_hostile_text_takes_little_time(text: bytes) -> None:
    began = time.process_time()
    try:
        located(text)
    except LimitError as error:
        assert str(error)
    assert time.process_time() - began < 2


def line(reference: str, ends: str = "\n") -> bytes:
    return (
        f"-----BEGIN C2PA CHECKPOINT----- {reference} -----END C2PA CHECKPOINT-----{ends}".encode()
    )


def inline(store: bytes, ends: str = "\n") -> bytes:
    return line(f"data:application/c2pa;base64,{b64encode(store).decode()}", ends)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_the_last_checkpoint_counts(ends: str) -> None:
    asset = b"a\n" + inline(store_of(100), ends) + b"b\n" + inline(STORE, ends)
    found = located(asset)
    assert (found.store, found.count) == (STORE, 1)
    assert found.carriers[0].end == len(asset)


def test_the_examples_of_the_standard_lie_where_it_says() -> None:
    reference = "https://northwindtraders.com/provenance/chk1.c2pa"
    first = b"alpha\nbravo\n" + line(reference)
    found = last_sentinel(BufferSource(first), DEFAULT_LIMITS)
    assert found is not None
    assert (found.span.start, found.span.length) == (12, 112)
    second = b"alpha\r\nbravo\r\n" + line(reference, "\r\n") + b"charlie\r\ndelta\r\n"
    found = last_sentinel(BufferSource(second), DEFAULT_LIMITS)
    assert found is not None
    assert (found.span.start, found.span.length) == (14, 113)


def test_a_checkpoint_may_lead_elsewhere() -> None:
    assert located(b"a\n" + line(URL)) == Located(remote_url=URL)
    assert located(b'{"c2pa:checkpoint": "%s"}\n' % URL.encode()) == Located(remote_url=URL)
    assert located(
        b'{"a": 1, "c2pa:checkpoint":"https:\\/\\/example.com\\/store.c2pa"}\n'
    ) == Located(remote_url=URL)


@pytest.mark.parametrize(
    "end",
    [
        line(URL).rstrip(),
        line("words"),
        line("data:text/plain;base64,AAAA"),
        line(URL)[:50] + b"\n",
        b"-----BEGIN C2PA CHECKPOINT-----\n",
    ],
)
def test_a_broken_checkpoint_is_noted(end: bytes) -> None:
    found = located(inline(STORE) + b"more\n" + end)
    assert (found.store, kinds(found)) == (None, ["broken checkpoint"])


@pytest.mark.parametrize(
    "text",
    [
        b"see -----BEGIN C2PA CHECKPOINT----- in the standard\n",
        b'key = "c2pa:checkpoint"\n',
        b'{"a": "c2pa:checkpoint"}\n',
        b'["c2pa:checkpoint"]\n',
        b'{"c2pa:checkpoint": 1}\n',
    ],
)
def test_text_that_speaks_of_checkpoints_has_none(text: bytes) -> None:
    assert located(text) == Located()


def test_a_text_that_grows_takes_no_store_for_the_whole() -> None:
    asset = b"a\n" + inline(STORE)
    with pytest.raises(UnsupportedFormatError, match="checkpoints"):
        signed(asset)
    assert stripped(asset) == b"a\n"


@pytest.mark.parametrize("name", ["JSON", "JSON Lines"])
def test_json_takes_a_sidecar_only(name: str) -> None:
    handler = next(one for one in registry.handlers() if one.name == name)
    with pytest.raises(UnsupportedFormatError, match="sidecar"):
        handler.plan(BufferSource(b"{}\n"), 300, DEFAULT_LIMITS)


@pytest.mark.parametrize(
    "head",
    [b"a\0b", b"\x1b[0m".replace(b"\x1b", b"\x01"), b"Gr\xfc\xdfe", "a".encode("utf-16"), b"\xff"],
)
def test_what_is_no_text_is_not_taken_for_it(head: bytes) -> None:
    assert not PLAIN.sniff(head)


def test_a_character_cut_by_the_end_of_the_head_is_no_fault() -> None:
    head = ("ü" * 4096).encode()
    assert PLAIN.sniff(head[:4095])
    assert not PLAIN.sniff(head[:4095] + b"a" * 8)
