"""Forgeries of the BMFF hash: boxes changed, moved, added, and trees that hold nothing."""

from functools import partial
from typing import Any

from tests.attacks.expect import Expect, attack
from tests.attacks.film import (
    CONTENT,
    LONG,
    MOOV,
    SHORT,
    blocks,
    box,
    by_the_book,
    c2pa_box,
    film,
    tree_row,
    with_trees,
)
from tests.attacks.forge import Forge, Row, digest

MISMATCH = {"assertion.bmffHash.mismatch"}
MALFORMED = {"assertion.bmffHash.malformed"}
HEADER = partial(by_the_book, shown=16)


def with_tree(forge: Forge, row: Row, **how: Any) -> bytes:
    """A film whose mdat box is bound by one tree."""
    return film(forge, with_trees(row), **{"parts": LONG, "covered": HEADER, **how})


def good_row(**more: Any) -> Row:
    """The tree of the film's content."""
    return tree_row(blocks(CONTENT, 100), fixedBlockSize=100, **more)


def subset(*parts: tuple[int, int]) -> Any:
    """The edit that leaves parts of the moov box out."""

    def edit(row: Row) -> None:
        listed = [{"offset": offset, "length": length} for offset, length in parts]
        row["exclusions"].append({"xpath": "/moov", "subset": listed})

    return edit


@attack("C2PA 2.2 §18.6: a sound BMFF hash")
def honest_film(forge: Forge) -> Expect:
    """Nothing is wrong: what follows breaks what this one keeps."""
    return Expect(asset=film(forge), state="Trusted")


@attack("C2PA 2.2 §A.5.4: a sound BMFF hash with a tree")
def honest_film_with_tree(forge: Forge) -> Expect:
    """The leaves are signed, and need no merkle boxes."""
    return Expect(asset=with_tree(forge, good_row()), state="Trusted")


@attack("C2PA 2.2 §A.5.4: leaves as the reference cuts them")
def film_with_leaves_of_the_reference(forge: Forge) -> Expect:
    """They start 16 bytes into the box, and the hash has the 8 payload bytes before."""
    row = tree_row(blocks(CONTENT[8:], 100), fixedBlockSize=100)
    return Expect(asset=with_tree(forge, row, parts=SHORT), state="Trusted")


@attack("C2PA 2.2 §15.12.2: the film was changed")
def film_content_changed(forge: Forge) -> Expect:
    """The last byte of the last frame."""
    asset = bytearray(film(forge))
    asset[-1] ^= 1
    return Expect(asset=bytes(asset), failures=MISMATCH)


@attack("C2PA 2.2 §15.12.2: a box that nobody signed")
def film_box_appended(forge: Forge) -> Expect:
    """A second mdat box after all others."""
    return Expect(asset=film(forge) + box(b"mdat", b"payload"), failures=MISMATCH)


@attack("C2PA 2.2 §15.12.2: bytes that are no box")
def film_bytes_appended(forge: Forge) -> Expect:
    """A few bytes after the last box."""
    return Expect(asset=film(forge) + b"pay", failures=MISMATCH)


@attack("C2PA 2.2 §18.6.2: boxes that changed places")
def film_boxes_moved(forge: Forge) -> Expect:
    """Each as it was signed, and the order another."""
    asset, tail = film(forge), b"".join(SHORT)
    assert asset.endswith(tail)
    moved = asset[: -len(tail)] + b"".join(reversed(SHORT))
    return Expect(asset=moved, failures=MISMATCH)


@attack("C2PA 2.2 §18.6.2: a signed box that moved")
def film_pushed_along(forge: Forge) -> Expect:
    """An excluded box grew, and so all that follows is elsewhere than it was signed."""
    asset, tail = film(forge), b"".join(SHORT)
    moved = asset[: -len(tail)] + box(b"mfra", bytes(8)) + tail
    return Expect(asset=moved, failures=MISMATCH)


@attack("C2PA 2.2 §18.6.3: no hash")
def film_without_hash(forge: Forge) -> Expect:
    """A hard binding that binds to nothing."""
    return Expect(asset=film(forge, covered=None), failures=MISMATCH)


@attack("C2PA 2.2 §18.6.3: a tree, and no hash of the rest")
def film_of_which_only_content_is_held(forge: Forge) -> Expect:
    """Where the frames are, and how they play, could be anybody's."""
    return Expect(asset=with_tree(forge, good_row(), covered=None), failures=MISMATCH)


@attack("C2PA 2.2 §15.12.2: no exclusions")
def film_without_exclusions(forge: Forge) -> Expect:
    """Not even the store is left out."""
    asset = film(forge, lambda row: row.pop("exclusions"))
    return Expect(asset=asset, failures=MALFORMED)


@attack("C2PA 2.2 §15.12.2: an empty list of exclusions")
def film_with_empty_exclusions(forge: Forge) -> Expect:
    """There must be one at the least."""
    asset = film(forge, lambda row: row.update(exclusions=[]))
    return Expect(asset=asset, failures=MALFORMED)


@attack("C2PA 2.2 §15.12.2: exclusions that are text")
def film_with_exclusions_as_text(forge: Forge) -> Expect:
    """Good CBOR of another type."""
    asset = film(forge, lambda row: row.update(exclusions="/uuid"))
    return Expect(asset=asset, failures=MALFORMED)


@attack("C2PA 2.2 §A.5.6: the store is not left out")
def film_that_covers_its_store(forge: Forge) -> Expect:
    """A hash over the store that holds it: it cannot be right."""
    asset = film(forge, lambda row: row["exclusions"].pop(0))
    return Expect(asset=asset, failures=MISMATCH)


@attack("C2PA 2.2 §15.12.2: parts that overlap")
def film_subset_overlaps(forge: Forge) -> Expect:
    """The second begins inside the first."""
    return Expect(asset=film(forge, subset((8, 10), (12, 4))), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.2: parts out of order")
def film_subset_out_of_order(forge: Forge) -> Expect:
    """The later one first."""
    return Expect(asset=film(forge, subset((30, 4), (8, 4))), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.2: a negative part")
def film_subset_negative(forge: Forge) -> Expect:
    """It begins before its box does, in the store."""
    return Expect(asset=film(forge, subset((-500, 600))), failures=MALFORMED)


@attack("C2PA 2.4 §15.12.2: a box left out beyond those that must be")
def film_with_another_exclusion(forge: Forge) -> Expect:
    """Allowed, and said aloud."""
    asset = film(forge, lambda row: row["exclusions"].append({"xpath": "/meta/iloc"}))
    note = {"assertion.bmffHash.additionalExclusionsPresent"}
    return Expect(asset=asset, state="Trusted", notes=note)


@attack("C2PA 2.4 §15.12.2: all content is left out")
def film_without_its_content(forge: Forge) -> Expect:
    """The signer says nothing of any frame: that is his right, and is told."""

    def edit(row: Row) -> None:
        row["exclusions"].append({"xpath": "/mdat"})

    def covered(data: bytes) -> bytes:
        return by_the_book(data[: -len(SHORT[-1])])

    note = {"assertion.bmffHash.additionalExclusionsPresent"}
    asset = film(forge, edit, covered=covered)
    return Expect(asset=asset, state="Trusted", notes=note)


@attack("C2PA 2.2 §13.1: a BMFF hash by MD5")
def film_by_md5(forge: Forge) -> Expect:
    """An algorithm that is not allowed."""
    asset = film(forge, lambda row: row.update(alg="md5"))
    return Expect(asset=asset, failures={"algorithm.unsupported"})


@attack("C2PA 2.2 §13.1: a tree by MD5")
def film_tree_by_md5(forge: Forge) -> Expect:
    """The hash is sound, and the tree is not."""
    asset = with_tree(forge, good_row(alg="md5"))
    return Expect(asset=asset, failures={"algorithm.unsupported"})


@attack("C2PA 2.2 §18.6.1: a BMFF hash of version 1")
def film_of_version_1(forge: Forge) -> Expect:
    """It holds no box in its place, and is ignored, right or not."""
    asset = film(forge, label="c2pa.hash.bmff")
    return Expect(asset=asset, failures={"claim.hardBindings.missing"})


@attack("C2PA 2.2 §15.12.2.1: one block of many was changed")
def film_block_changed(forge: Forge) -> Expect:
    """The hash does not cover it; its leaf does."""
    asset = bytearray(with_tree(forge, good_row()))
    asset[-150] ^= 1
    return Expect(asset=bytes(asset), failures=MISMATCH)


@attack("C2PA 2.2 §15.12.2.1: two ways to cut at once")
def film_cut_two_ways(forge: Forge) -> Expect:
    """Fixed and varying sizes: which of them counts?"""
    row = good_row(variableBlockSizes=[100] * 12 + [80])
    return Expect(asset=with_tree(forge, row), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.2.1: sizes that do not add up")
def film_sizes_too_small(forge: Forge) -> Expect:
    """The last bytes of the content are in no block."""
    row = tree_row([digest(CONTENT[:100])], variableBlockSizes=[100])
    return Expect(asset=with_tree(forge, row), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.2.1: fewer sizes than leaves")
def film_too_few_sizes(forge: Forge) -> Expect:
    """One size, and a count of two."""
    row = tree_row([digest(CONTENT)] * 2, variableBlockSizes=[len(CONTENT)])
    return Expect(asset=with_tree(forge, row), failures=MALFORMED)


@attack("C2PA 2.4 §15.12.2.1: fewer leaves than blocks")
def film_too_few_leaves(forge: Forge) -> Expect:
    """Content was appended to the mdat box after the last leaf."""
    row = tree_row(blocks(CONTENT, 100)[:-1], fixedBlockSize=100)
    return Expect(asset=with_tree(forge, row), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.2.1: blocks of no size")
def film_blocks_of_nothing(forge: Forge) -> Expect:
    """A division by zero, if nobody looks."""
    row = good_row() | {"fixedBlockSize": 0}
    return Expect(asset=with_tree(forge, row), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.2.1: more leaves than any file has")
def film_endless_tree(forge: Forge) -> Expect:
    """Numbers at the edge of what CBOR can say."""
    row = good_row() | {"count": (1 << 64) - 1, "fixedBlockSize": 1}
    return Expect(asset=with_tree(forge, row), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.2.1: an upper row without merkle boxes")
def film_root_alone(forge: Forge) -> Expect:
    """The root is right, and the proofs are not there (the reference is content with that)."""
    a, b = blocks(CONTENT, 1000)
    row = tree_row([digest(a + b)], fixedBlockSize=1000) | {"count": 2}
    return Expect(asset=with_tree(forge, row), failures=MALFORMED)


def proven(forge: Forge, *boxes: Row, upper: bytes | None = None) -> bytes:
    """A film of two blocks whose root is signed, with merkle boxes after its content."""
    from provenance.cbor import encode

    a, b = blocks(CONTENT, 1000)
    row = tree_row([upper or digest(a + b)], fixedBlockSize=1000) | {"count": 2}
    given = boxes or tuple(
        {"uniqueId": 1, "localId": 0, "location": at, "hashes": [other]}
        for at, other in enumerate((b, a))
    )
    merkle = [c2pa_box(b"merkle", encode(one) + bytes(4)) for one in given]
    return with_tree(forge, row, parts=(*LONG, *merkle))


@attack("C2PA 2.2 §A.5.4.1.1: a sound tree whose root is signed")
def honest_film_with_root(forge: Forge) -> Expect:
    """The merkle boxes lead from each leaf to the root."""
    return Expect(asset=proven(forge), state="Trusted")


@attack("C2PA 2.2 §15.12.2.1: a root that is another's")
def film_root_differs(forge: Forge) -> Expect:
    """The proofs are right, and lead elsewhere."""
    return Expect(asset=proven(forge, upper=bytes(32)), failures=MISMATCH)


@attack("C2PA 2.2 §15.12.2.1: a proof that proves nothing")
def film_proof_differs(forge: Forge) -> Expect:
    """The tree is right, and the merkle boxes do not lead up it."""
    rows = [{"uniqueId": 1, "localId": 0, "location": at, "hashes": [bytes(32)]} for at in range(2)]
    return Expect(asset=proven(forge, *rows), failures=MISMATCH)


@attack("C2PA 2.2 §A.5.4.1.1: merkle boxes out of sequence")
def film_proofs_out_of_order(forge: Forge) -> Expect:
    """The first location is 1."""
    a, b = blocks(CONTENT, 1000)
    rows = [
        {"uniqueId": 1, "localId": 0, "location": 1 - at, "hashes": [other]}
        for at, other in enumerate((a, b))
    ]
    return Expect(asset=proven(forge, *rows), failures=MALFORMED)


@attack("C2PA 2.2 §A.5.4.2: a merkle box of no tree")
def film_proof_of_another_tree(forge: Forge) -> Expect:
    """It names a tree that nobody signed."""
    row = {"uniqueId": 7, "localId": 0, "location": 0}
    return Expect(asset=proven(forge, row), failures=MISMATCH)


@attack("C2PA 2.2 §A.5.4.1.3: a merkle box that is no CBOR")
def film_proof_that_is_none(forge: Forge) -> Expect:
    """It says nothing, in no language."""
    a, b = blocks(CONTENT, 1000)
    row = tree_row([digest(a + b)], fixedBlockSize=1000) | {"count": 2}
    parts = (*LONG, c2pa_box(b"merkle", b"\xff\xff"))
    return Expect(asset=with_tree(forge, row, parts=parts), failures=MALFORMED)


@attack("C2PA 2.2 §A.5.4: an mdat box that has no tree")
def film_with_hidden_content(forge: Forge) -> Expect:
    """Two boxes, and one tree: what is in the other is in no hash."""
    parts = (*LONG, box(b"mdat", b"hidden, and played", long=True))
    return Expect(asset=with_tree(forge, good_row(), parts=parts), failures=MISMATCH)


@attack("C2PA 2.2 §A.5.4: leaves that start behind what nothing covers")
def film_with_hidden_bytes(forge: Forge) -> Expect:
    """As the reference cuts them, with the eight bytes before left out of the hash as well."""

    def edit(row: Row) -> None:
        row["exclusions"].append({"xpath": "/mdat", "subset": [{"offset": 8, "length": 0}]})
        row["merkle"] = [tree_row(blocks(CONTENT[8:], 100), fixedBlockSize=100)]

    asset = film(forge, edit, parts=SHORT, covered=partial(by_the_book, shown=8))
    note = {"assertion.bmffHash.additionalExclusionsPresent"}
    return Expect(asset=asset, failures=MISMATCH, notes=note)


@attack("C2PA 2.2 §18.6.3: an initHash where nothing is in fragments")
def film_with_init_hash(forge: Forge) -> Expect:
    """Its content is in segments, it says; none is here."""
    asset = with_tree(forge, good_row(initHash=bytes(32)), covered=None)
    return Expect(asset=asset, failures=MISMATCH)


@attack("C2PA 2.2 §15.12.2.2: fragments without merkle boxes")
def film_fragments_without_boxes(forge: Forge) -> Expect:
    """Nothing says which leaf a fragment is."""

    def edit(row: Row) -> None:
        row["merkle"] = [tree_row([digest(b"fragment")], initHash=start)]

    parts = (MOOV, box(b"moof", bytes(8)), box(b"mdat", CONTENT))
    start = bytes(32)
    known = film(forge, edit, parts=parts, covered=None)
    start = by_the_book(known[: -len(parts[1]) - len(parts[2])])
    asset = film(forge, edit, parts=parts, covered=None)
    return Expect(asset=asset, failures=MALFORMED)
