"""The BMFF hash covers what its exclusions leave, and its trees hold part by part."""

import hashlib
import struct
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.bindings.bmff import cover, digest_covered
from provenance.bindings.bmff_merkle import climb, in_parallel, leaves, proof, tree
from provenance.bindings.bmff_sign import BmffBinding
from provenance.cbor import encode
from provenance.errors import LimitError, MalformedError
from provenance.formats.base import Keep, Plan
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.model.assertions.bmff_hash import BmffHash, Exclusion
from provenance.source import BufferSource, ByteSource, open_source
from provenance.spans import Span

C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


def box(kind: bytes, *parts: bytes, long: bool = False) -> bytes:
    payload = b"".join(parts)
    if long:
        return struct.pack(">I4sQ", 1, kind, len(payload) + 16) + payload
    return struct.pack(">I4s", len(payload) + 8, kind) + payload


def full(kind: bytes, version: int, flags: int, payload: bytes = b"") -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), payload)


FILM = b"".join(
    (
        box(b"ftyp", b"isom"),
        box(b"uuid", C2PA, bytes(4), b"manifest\0", bytes(30)),
        box(b"uuid", b"another extension", b"kept"),
        box(
            b"moov",
            full(b"mvhd", 0, 0, b"time"),
            box(b"trak", full(b"tkhd", 0, 7, b"one")),
            box(b"trak", full(b"tkhd", 1, 3, b"two")),
        ),
        box(b"mdat", b"0123456789abcdef"),
        box(b"free", bytes(5)),
        box(b"mdat", b"the second one", long=True),
    )
)


def naive(data: bytes, hidden: Sequence[Span], whole: Sequence[int]) -> bytes:
    """By the book, byte by byte, in no hurry."""
    gone = {at for span in hidden for at in range(span.start, span.end)}
    hasher, at = hashlib.sha256(), 0
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, at + 8)
        if at not in whole:
            hasher.update(at.to_bytes(8))
            hasher.update(bytes(data[one] for one in range(at, at + size) if one not in gone))
        at += size
    return hasher.digest()


def digest(data: bytes, *exclusions: Exclusion) -> bytes:
    covered = cover(BufferSource(data), exclusions, DEFAULT_LIMITS)
    return digest_covered(covered, "sha256")


def place(kind: bytes, number: int = 0) -> Span:
    """Where a box of the film lies."""
    at = -1
    for _ in range(number + 1):
        at = FILM.index(kind, at + 1)
    (size,) = struct.unpack_from(">I", FILM, at - 4)
    if size == 1:
        (size,) = struct.unpack_from(">Q", FILM, at + 4)
    return Span(at - 4, size)


def test_nothing_left_out_is_each_root_box_with_its_place_before_it() -> None:
    assert digest(FILM) == naive(FILM, (), ())


def test_a_box_left_out_whole_leaves_no_place_behind() -> None:
    gone = place(b"ftyp")
    assert digest(FILM, Exclusion("/ftyp")) == naive(FILM, [gone], [gone.start])


def test_a_box_left_out_by_its_parts_keeps_its_place() -> None:
    gone = place(b"ftyp")
    all_of_it = Exclusion("/ftyp", subset=(Span(0, 0),))
    assert digest(FILM, all_of_it) == naive(FILM, [gone], [])


def test_only_the_uuid_box_with_the_right_bytes_is_left_out() -> None:
    gone = place(b"uuid")
    ours = Exclusion("/uuid", data=((8, C2PA),))
    assert digest(FILM, ours) == naive(FILM, [gone], [gone.start])
    assert digest(FILM, Exclusion("/uuid", data=((8, b"?"),))) == digest(FILM)
    assert digest(FILM, Exclusion("/uuid", data=((1 << 40, b""),))) == digest(FILM)
    assert digest(FILM, Exclusion("/uuid", data=((-8, b""),))) == digest(FILM)


def test_an_inner_box_is_left_out_and_the_outer_keeps_its_place() -> None:
    assert digest(FILM, Exclusion("/moov/trak/tkhd")) == naive(
        FILM, [place(b"tkhd"), place(b"tkhd", 1)], []
    )


def test_a_number_counts_from_one_among_boxes_of_the_same_type() -> None:
    assert digest(FILM, Exclusion("/moov/trak[2]")) == naive(FILM, [place(b"trak", 1)], [])
    assert digest(FILM, Exclusion("/moov[1]/trak[2]/tkhd[1]")) == naive(
        FILM, [place(b"tkhd", 1)], []
    )
    assert digest(FILM, Exclusion("/moov/trak[3]")) == digest(FILM)


@pytest.mark.parametrize(
    "xpath", ["", "/", "moov", "//tkhd", "/moov/", "/moov[0]", "/moov[01]", "/mo*v", "/moov/mvhd/x"]
)
def test_a_path_that_is_none_leaves_nothing_out(xpath: str) -> None:
    assert digest(FILM, Exclusion(xpath)) == digest(FILM)


@pytest.mark.parametrize(
    ("properties", "number"),
    [
        ({"version": 0}, 0),
        ({"version": 1}, 1),
        ({"flags": b"\0\0\7"}, 0),
        ({"flags": b"\0\0\3"}, 1),
        ({"flags": b"\0\0\4", "exact": False}, 0),
        ({"version": 1, "flags": b"\0\0\1", "exact": False}, 1),
    ],
)
def test_version_and_flags_tell_one_full_box_from_another(
    properties: dict[str, object], number: int
) -> None:
    exclusion = Exclusion("/moov/trak/tkhd", **properties)  # type: ignore[arg-type]
    assert digest(FILM, exclusion) == naive(FILM, [place(b"tkhd", number)], [])


def test_a_box_without_version_has_none_that_could_match() -> None:
    assert digest(FILM, Exclusion("/mdat", version=ord("0"))) == digest(FILM)
    assert digest(FILM, Exclusion("/mdat", flags=b"123")) == digest(FILM)
    assert digest(FILM, Exclusion("/moov/trak", version=0)) == digest(FILM)


def test_a_length_includes_the_header() -> None:
    gone = place(b"free")
    assert digest(FILM, Exclusion("/free", length=13)) == naive(FILM, [gone], [gone.start])
    assert digest(FILM, Exclusion("/free", length=5)) == digest(FILM)


def test_parts_past_the_end_of_a_box_do_not_touch_the_next() -> None:
    first, second = place(b"mdat"), place(b"mdat", 1)
    rest = Exclusion("/mdat", subset=(Span(16, 0),))
    hidden = [Span.between(one.start + 16, one.end) for one in (first, second)]
    assert digest(FILM, rest) == naive(FILM, hidden, [])
    assert digest(FILM, Exclusion("/mdat", subset=(Span(16, 1 << 40),))) == digest(FILM, rest)
    assert digest(FILM, Exclusion("/mdat", subset=(Span(1 << 40, 0),))) == digest(FILM)


def test_a_length_of_zero_means_the_rest_only_in_the_last_part() -> None:
    start = place(b"free").start
    some = Exclusion("/free", subset=(Span(8, 0), Span(10, 2)))
    assert digest(FILM, some) == naive(FILM, [Span(start + 10, 2)], [])


KINDS = (b"ftyp", b"free", b"mdat", b"moov", b"trak")
BOXES = st.lists(
    st.builds(box, st.sampled_from(KINDS[:3]), st.binary(max_size=40), long=st.booleans()),
    max_size=12,
)
PARTS = st.lists(st.integers(0, 60), max_size=6).map(
    lambda cuts: tuple(
        Span.between(a, b)
        for a, b in zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False)
        if b > a
    )
)


@given(BOXES, st.sampled_from(KINDS[:3]), st.integers(1, 4) | st.none(), PARTS | st.none())
def test_any_film_without_any_boxes_is_hashed_by_the_book(
    boxes: list[bytes], kind: bytes, number: int | None, parts: tuple[Span, ...] | None
) -> None:
    xpath = f"/{kind.decode()}" + (f"[{number}]" if number else "")
    hidden: list[Span] = []
    whole: list[int] = []
    at = seen = 0
    for one in boxes:
        if one[4:8] == kind:
            seen += 1
            if number in (None, seen):
                if parts is None:
                    hidden.append(Span(at, len(one)))
                    whole.append(at)
                for part in parts or ():
                    end = min(part.end, len(one))
                    if part.start < end:
                        hidden.append(Span.between(at + part.start, at + end))
        at += len(one)
    data = b"".join(boxes)
    assert digest(data, Exclusion(xpath, subset=parts)) == naive(data, hidden, whole)


def test_a_run_of_boxes_can_be_hashed_alone() -> None:
    covered = cover(BufferSource(FILM), (Exclusion("/free"),), DEFAULT_LIMITS)
    first, last = place(b"mdat"), place(b"mdat", 1)
    within = Span.between(first.start, len(FILM))
    expected = hashlib.sha256()
    for one in (first, last):
        expected.update(one.start.to_bytes(8) + FILM[one.start : one.end])
    assert digest_covered(covered, "sha256", within) == expected.digest()
    bare = FILM[first.start : first.end] + FILM[last.start : last.end]
    found = digest_covered(covered, "sha256", within, places=False)
    assert found == hashlib.sha256(bare).digest()


def test_a_film_in_a_file_is_hashed_as_one_in_memory(tmp_path: Path) -> None:
    data = FILM + box(b"mdat", bytes(range(256)) * 20_000) + box(b"free", bytes(70_000)) * 3
    path = tmp_path / "film.mp4"
    path.write_bytes(data)
    exclusion = Exclusion("/mdat[3]", subset=(Span(100, 7),))
    with open_source(path) as source:
        covered = cover(source, (exclusion,), DEFAULT_LIMITS)
        assert digest_covered(covered, "sha512") == digest_covered(
            cover(BufferSource(data), (exclusion,), DEFAULT_LIMITS), "sha512"
        )


def test_a_broken_film_is_said_to_be() -> None:
    with pytest.raises(MalformedError):
        cover(BufferSource(FILM[:-1]), (), DEFAULT_LIMITS)


def test_as_many_boxes_as_we_read_are_hashed_in_time() -> None:
    data = box(b"free") * 290_000
    started = time.process_time()
    digest(data, Exclusion("/free[7]"))
    assert time.process_time() - started < 2


def test_many_exclusions_of_many_boxes_are_too_much_work() -> None:
    data = box(b"free") * 1000
    few = Limits(container_items=10_000)
    many = tuple(Exclusion("/free", length=number) for number in range(100))
    with pytest.raises(LimitError, match="too many"):
        cover(BufferSource(data), many, few)


ROWS = [
    (count, level) for count in (*range(1, 18), 31, 33) for level in range((count - 1).bit_length())
]


@pytest.mark.parametrize(("count", "level"), ROWS)
def test_every_leaf_reaches_every_row_by_its_proof(count: int, level: int) -> None:
    rows = tree([hashlib.sha256(bytes([n])).digest() for n in range(count)], "sha256")
    for location, leaf in enumerate(rows[0]):
        hashes = proof(rows, location, level)
        found = climb(leaf, location, count, hashes, len(rows[level]), "sha256")
        assert found == (location >> level, rows[level][location >> level])
        if hashes:
            assert climb(leaf, location, count, hashes[:-1], len(rows[level]), "sha256") is None
        longer = (*hashes, leaf)
        assert climb(leaf, location, count, longer, len(rows[level]), "sha256") is None


def test_a_node_without_sibling_moves_up_unchanged() -> None:
    a, b, c = (hashlib.sha256(one).digest() for one in (b"a", b"b", b"c"))
    ab = hashlib.sha256(a + b).digest()
    assert tree([a, b, c], "sha256") == [[a, b, c], [ab, c], [hashlib.sha256(ab + c).digest()]]
    assert proof(tree([a, b, c], "sha256"), 2, 2) == (ab,)


@pytest.mark.parametrize("location", [-1, 3, 1 << 70])
def test_a_place_outside_the_tree_leads_nowhere(location: int) -> None:
    assert climb(b"", location, 3, (), 3, "sha256") is None


@pytest.mark.parametrize("length", [0, 3, 4, 6])
def test_a_row_that_the_tree_does_not_have_is_not_reached(length: int) -> None:
    hashes = (bytes(32),) * 3
    assert climb(bytes(32), 0, 5, hashes, length, "sha256") is None or length in (1, 2, 3, 5)


@given(st.binary(max_size=300), st.lists(st.integers(0, 60), max_size=12))
def test_leaves_are_the_hashes_of_parts_in_order(data: bytes, sizes: list[int]) -> None:
    sizes = [size for size in sizes if size] if sum(sizes) <= len(data) else [len(data)]
    found = list(leaves(BufferSource(data), 0, sizes, "sha256"))
    at = 0
    for size, leaf in zip(sizes, found, strict=True):
        assert leaf == hashlib.sha256(data[at : at + size]).digest()
        at += size


def test_leaves_of_a_large_file_are_the_same_by_one_thread_and_by_many(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(range(256)) * (40 << 12))
    sizes = [1 << 20] * 39 + [(1 << 20) - 77, 7]
    with open_source(path) as shared, path.open("rb") as stream, open_source(stream) as alone:
        assert shared.shared
        assert not alone.shared
        many = list(leaves(shared, 70, sizes, "sha384"))
        assert many == list(leaves(alone, 70, sizes, "sha384"))
    assert many[3] == hashlib.sha384(path.read_bytes()[70 + (3 << 20) :][: 1 << 20]).digest()


def test_work_in_parallel_comes_back_in_order_and_its_errors_too() -> None:
    assert list(in_parallel(lambda n: n * n, range(100), shared=True)) == [
        n * n for n in range(100)
    ]

    def fail(number: int) -> int:
        if number == 5:
            raise MalformedError("asset", "ends")
        return number

    with pytest.raises(MalformedError):
        list(in_parallel(fail, range(10), shared=True))


def planned(data: bytes) -> Iterator[tuple[ByteSource, Plan]]:
    yield BufferSource(data), Plan((Keep(Span(0, len(data))),))


def signed(data: bytes) -> tuple[BmffBinding, BmffHash]:
    """The binding of a film, once its size has settled, and what it says."""
    output, plan = next(planned(data))
    binding = BmffBinding("sha256", DEFAULT_LIMITS)
    while (fitted := binding.fitted(output, plan)) is not binding:
        binding = fitted
    bound = binding.bound(output, plan)
    assert len(encode(binding.blank())) == len(encode(bound))
    return binding, BmffHash.read(bound)


def test_a_small_film_gets_one_hash() -> None:
    _, hard = signed(FILM)
    assert [one.xpath for one in hard.exclusions] == ["/uuid", "/ftyp", "/mfra"]
    gone = [place(b"ftyp"), place(b"uuid")]
    assert hard.hash == naive(FILM, gone, [one.start for one in gone])
    assert hard.merkle == ()
    assert hard.additional == ()


LARGE = bytes(range(256)) * (17 << 12)


def test_a_large_film_gets_a_tree() -> None:
    _, hard = signed(box(b"ftyp") + box(b"mdat", LARGE, b"more", long=True))
    (row,) = hard.merkle
    assert (row.local_id, row.count, row.fixed_block_size) == (0, 18, 1 << 20)
    assert row.hashes[2] == hashlib.sha256(LARGE[2 << 20 :][: 1 << 20]).digest()
    assert row.hashes[17] == hashlib.sha256(b"more").digest()
    assert hard.additional == ()


@pytest.mark.parametrize(
    "data",
    [
        box(b"ftyp") + box(b"mdat", LARGE),
        box(b"ftyp") + box(b"mdat", LARGE, long=True) + box(b"mdat", b"two", long=True),
        box(b"ftyp") + box(b"moof") + box(b"mdat", LARGE, long=True),
    ],
    ids=["a short header", "two boxes", "fragments"],
)
def test_where_validators_disagree_on_trees_there_is_none(data: bytes) -> None:
    _, hard = signed(data)
    assert hard.merkle == ()


def test_the_row_of_a_terabyte_stays_small() -> None:
    binding = BmffBinding("sha256", DEFAULT_LIMITS, (1 << 40) + 1)
    assert len(encode(binding.blank())) < 100_000
    assert len(encode(BmffBinding("sha256", DEFAULT_LIMITS, 1 << 30).blank())) < 40_000
