"""A BMFF hash of a file that is not in fragments (C2PA 2.2 §15.12.2.1; 2.4 §15.12.2.1)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from itertools import islice

from provenance.bindings.bmff import Cover, digest_covered
from provenance.bindings.bmff_merkle import climb, leaves, proof, tree
from provenance.digests import HashAlg
from provenance.formats.bmff.carriers import carriers
from provenance.formats.bmff.tree import BmffBox
from provenance.limits import Limits
from provenance.model.assertions.bmff_hash import BmffHash, BmffMerkleMap, MerkleRow
from provenance.source import ByteSource
from provenance.spans import Span
from provenance.validate.bmff_problem import (
    Problem,
    alg_of,
    malformed,
    mismatch,
    read_merkle,
)

__all__ = ["check_plain"]

_LONG_HEADER = 16  # bytes: where the reference has leaves start, however long the header is


def check_plain(hard: BmffHash, covered: Cover, alg: HashAlg, limits: Limits) -> Iterator[Problem]:
    """The hash over all boxes, then each mdat box by its tree."""
    if hard.hash is None:
        yield mismatch("there is no hash for the file as a whole")
        return
    if not compare_digest(digest_covered(covered, alg), hard.hash):
        yield mismatch(f"{covered.source.size} bytes read, {alg} differs")
        return
    if not hard.merkle:
        return
    if hard.fragmented:
        yield mismatch("it has an initHash, and there are no fragments")
        return
    boxes = covered.of_type(b"mdat")
    if len(boxes) != len(hard.merkle):
        yield mismatch(f"{len(boxes)} mdat boxes, {len(hard.merkle)} Merkle trees")
        return
    given = _Auxiliary.of(hard, covered, limits)
    if isinstance(given, Problem):
        yield given
        return
    for row, box in zip(_in_order(hard.merkle), boxes, strict=True):
        yield from _check_mdat(row, box, alg_of(row, alg), covered, given)


def _in_order(rows: Sequence[MerkleRow]) -> Sequence[MerkleRow]:
    """Rows by the mdat box each is for: what localId counts, unless it counts something else."""
    ordered = sorted(rows, key=lambda row: row.local_id)
    counted = [row.local_id for row in ordered] == list(range(len(rows)))
    return ordered if counted else rows


@dataclass(frozen=True, slots=True)
class _Auxiliary:
    """The merkle boxes of the file, by the row they belong to."""

    by_row: dict[tuple[int, int], list[BmffMerkleMap]]

    @classmethod
    def of(cls, hard: BmffHash, covered: Cover, limits: Limits) -> "_Auxiliary | Problem":
        """Read them, where rows above the leaves need them."""
        found: dict[tuple[int, int], list[BmffMerkleMap]] = {}
        known = hard.by_id
        if any(row.count > len(row.hashes) for row in hard.merkle):
            for carrier in carriers(covered.source, covered.of_type(b"uuid")):
                if carrier.purpose != "merkle":
                    continue
                box = read_merkle(covered.source, carrier, limits)
                if not isinstance(box, BmffMerkleMap):
                    return malformed(str(box))
                if box.id not in known:
                    return mismatch(f"a merkle box of no tree at byte {carrier.box.start}")
                found.setdefault(box.id, []).append(box)
        return cls(found)

    def of_row(self, row: MerkleRow) -> list[BmffMerkleMap]:
        """Those of one tree, in file order."""
        return self.by_row.get((row.unique_id, row.local_id), [])


def _check_mdat(
    row: MerkleRow, box: BmffBox, alg: HashAlg, covered: Cover, given: _Auxiliary
) -> Iterator[Problem]:
    where = f"mdat at byte {box.start}"
    cut = _cut(row, box, covered)
    if isinstance(cut, Problem):
        yield cut
        return
    boxes = given.of_row(row)
    if row.count > len(row.hashes):
        if not boxes:
            yield malformed(f"{where}: not all leaves are signed, and no merkle box tells more")
            return
        if [one.location for one in boxes] != list(range(row.count)):
            yield malformed(f"{where}: {len(boxes)} merkle boxes for {row.count} leaves, in order")
            return
    start = _start(row, cut, alg, covered.source, boxes)
    if start is None:
        yield mismatch(f"{where}: block 0 differs")
        return
    yield from _check_leaves(row, start, alg, covered.source, boxes, where)


@dataclass(frozen=True, slots=True)
class _Cut:
    """A payload in leaves."""

    start: int
    sizes: "Sequence[int] | _Even"


class _Even:
    """Sizes of blocks that are all alike but for the last; as many as there may be, unlisted."""

    def __init__(self, length: int, size: int) -> None:
        self._length, self._size = length, size

    def __len__(self) -> int:
        return -(-self._length // self._size)

    def __iter__(self) -> Iterator[int]:
        full, rest = divmod(self._length, self._size)
        for _ in range(full):
            yield self._size
        if rest:
            yield rest


def _cut(row: MerkleRow, box: BmffBox, covered: Cover) -> tuple[_Cut, ...] | Problem:
    """The ways in which a payload may have been cut: the standard's, and the reference's.

    The reference has leaves start 16 bytes into the box also where the header is of 8 bytes; the
    8 bytes between must then be covered by the hash.
    """
    starts = [box.body]
    behind = min(box.start + _LONG_HEADER, box.end)
    if box.body < behind and not covered.hides(Span.between(box.body, behind)):
        starts.append(behind)
    if row.fixed_block_size is not None and row.variable_block_sizes is not None:
        return malformed("blocks of a fixed size and of varying sizes at once")
    if row.variable_block_sizes is not None and len(row.variable_block_sizes) != row.count:
        return malformed(f"{len(row.variable_block_sizes)} block sizes for {row.count} leaves")
    if row.fixed_block_size is not None and row.fixed_block_size < 1:
        return malformed(f"blocks of {row.fixed_block_size} bytes")
    found = []
    for start in starts:
        sizes = _sizes(row, box.end - start)
        if sizes is not None and len(sizes) == row.count:
            found.append(_Cut(start, sizes))
    if found:
        return tuple(found)
    told = f"mdat at byte {box.start}: {box.end - box.body} bytes do not make {row.count} blocks"
    return malformed(told)


def _sizes(row: MerkleRow, length: int) -> "Sequence[int] | _Even | None":
    if row.variable_block_sizes is not None:
        sizes = row.variable_block_sizes
        return sizes if sum(sizes) == length else None
    return (length,) if row.fixed_block_size is None else _Even(length, row.fixed_block_size)


def _start(
    row: MerkleRow,
    cuts: Sequence[_Cut],
    alg: HashAlg,
    source: ByteSource,
    boxes: Sequence[BmffMerkleMap],
) -> _Cut | None:
    """The cut whose first leaf is the one that was signed."""
    if len(cuts) == 1:
        return cuts[0]
    hashes = boxes[0].hashes if boxes else ()
    for cut in cuts:
        first = next(leaves(source, cut.start, islice(cut.sizes, 1), alg))
        found = climb(first, 0, row.count, hashes, len(row.hashes), alg)
        if found is not None and compare_digest(found[1], row.hashes[found[0]]):
            return cut
    return None


def _check_leaves(
    row: MerkleRow,
    cut: _Cut,
    alg: HashAlg,
    source: ByteSource,
    boxes: Sequence[BmffMerkleMap],
    where: str,
) -> Iterator[Problem]:
    found = leaves(source, cut.start, cut.sizes, alg)
    if row.count == len(row.hashes):
        for number, (leaf, signed) in enumerate(zip(found, row.hashes, strict=True)):
            if not compare_digest(leaf, signed):
                yield mismatch(f"{where}: block {number} differs")
                return
        return
    rows = tree(list(found), alg)
    level = next((at for at, one in enumerate(rows) if len(one) == len(row.hashes)), None)
    if level is None:
        yield mismatch(f"{where}: no row of the tree has {len(row.hashes)} hashes")
    elif any(not compare_digest(a, b) for a, b in zip(rows[level], row.hashes, strict=True)):
        yield mismatch(f"{where}: its Merkle tree differs")
    elif any(box.hashes != proof(rows, box.location, level) for box in boxes):
        yield mismatch(f"{where}: the proof in a merkle box differs")
