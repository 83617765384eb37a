"""A BMFF hash of a file in fragments (C2PA 2.2 §15.12.2.2, §18.6.6).

    in one file       ftyp moov │ merkle moof mdat │ merkle moof mdat │ …
    in several files  ftyp moov    styp merkle moof mdat    styp merkle moof mdat

What comes before the bar, or is in the first file, has the initHash of its track. Each fragment is
a leaf, and the merkle box before its moof says of which tree, and where in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hmac import compare_digest

from provenance.bindings.bmff import Cover, cover, digest_covered
from provenance.bindings.bmff_merkle import climb, in_parallel
from provenance.digests import HashAlg
from provenance.errors import LimitError, MalformedError
from provenance.formats.bmff.carriers import Carrier, read_carrier
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

__all__ = ["check_flat", "check_segments"]


def check_segments(
    hard: BmffHash, covered: Cover, alg: HashAlg, segments: Sequence[ByteSource], limits: Limits
) -> Iterator[Problem]:
    """An initialisation segment, and any of the media segments that belong to it.

    Args:
        hard: the assertion.
        covered: the initialisation segment.
        alg: the usual algorithm.
        segments: the media segments that are here; those that are not, are not looked for.
        limits: how much untrusted input to read.
    """
    if hard.hash is not None or not hard.merkle:
        yield mismatch("it is of one file as a whole, and says nothing of segments")
        return
    if not segments:
        yield mismatch("its content is in media segments, of which none is here")
        return
    signed = _Signed(hard, hard.by_id, _Init(covered, Span(0, covered.source.size)), alg)
    for segment in segments:
        problem = _check_segment(segment, signed, limits)
        if problem is not None:
            yield Problem(problem.status, f"segment {segment.name}: {problem.told}")


class _Init:
    """What comes before the fragments; hashed once for all tracks."""

    def __init__(self, covered: Cover, within: Span, *, places: bool = True) -> None:
        self._covered, self._within, self._places = covered, within, places
        self._known: dict[HashAlg, bytes] = {}

    def problem(self, row: MerkleRow, alg: HashAlg) -> Problem | None:
        """What is wrong with it, as a track sees it."""
        if row.init_hash is None:
            return mismatch(f"track {row.local_id} has no initHash")
        if alg not in self._known:
            self._known[alg] = digest_covered(self._covered, alg, self._within, places=self._places)
        if compare_digest(self._known[alg], row.init_hash):
            return None
        return mismatch(f"what comes before the fragments of track {row.local_id} differs")


@dataclass(frozen=True, slots=True)
class _Signed:
    """By what each segment is judged."""

    hard: BmffHash
    rows: dict[tuple[int, int], MerkleRow]
    init: _Init
    alg: HashAlg


def _check_segment(segment: ByteSource, signed: _Signed, limits: Limits) -> Problem | None:
    try:
        covered = cover(segment, signed.hard.exclusions, limits)
    except (MalformedError, LimitError) as error:
        return mismatch(str(error))
    found = [one for box in covered.of_type(b"uuid") if (one := _merkle(segment, box))]
    if len(found) != 1:
        return malformed(f"it has {len(found) or 'no'} merkle box{'es' if found else ''}")
    box = read_merkle(segment, found[0], limits)
    if not isinstance(box, BmffMerkleMap):
        return malformed(str(box))
    row = signed.rows.get(box.id)
    if row is None:
        return mismatch(f"no tree is of track {box.local_id} (uniqueId {box.unique_id})")
    alg = alg_of(row, signed.alg)
    problem = signed.init.problem(row, alg)
    if problem is None and not _belongs(digest_covered(covered, alg), row, box, alg):
        problem = mismatch(f"it differs, or is not fragment {box.location} of {row.count}")
    return problem


def _merkle(source: ByteSource, box: BmffBox) -> Carrier | None:
    found = read_carrier(source, box)
    return found if found is not None and found.purpose == "merkle" else None


def _belongs(leaf: bytes, row: MerkleRow, box: BmffMerkleMap, alg: HashAlg) -> bool:
    found = climb(leaf, box.location, row.count, box.hashes, len(row.hashes), alg)
    return found is not None and compare_digest(found[1], row.hashes[found[0]])


@dataclass(frozen=True, slots=True)
class _Fragment:
    """From a moof up to the next, and what the merkle box before it says."""

    row: MerkleRow
    box: BmffMerkleMap
    span: Span


def check_flat(hard: BmffHash, covered: Cover, alg: HashAlg, limits: Limits) -> Iterator[Problem]:
    """All fragments in one file: what comes first, then each, and none missing."""
    source, places = covered.source, hard.hash is None
    if hard.hash is not None and not compare_digest(digest_covered(covered, alg), hard.hash):
        yield mismatch(f"{source.size} bytes read, {alg} differs")
        return
    init = _Init(covered, Span(0, covered.of_type(b"moof")[0].start), places=places)
    for row in hard.merkle:
        problem = init.problem(row, alg_of(row, alg))
        if problem is not None:
            yield problem
            return
    fragments = _fragments(hard, covered, limits)
    if isinstance(fragments, Problem):
        yield fragments
        return

    def fits(one: _Fragment) -> bool:
        used = alg_of(one.row, alg)
        leaf = digest_covered(covered, used, one.span, places=places)
        return _belongs(leaf, one.row, one.box, used)

    for number, fit in enumerate(in_parallel(fits, fragments, shared=source.shared)):
        if not fit:
            yield mismatch(f"fragment {number} differs")
            return


def _fragments(hard: BmffHash, covered: Cover, limits: Limits) -> list[_Fragment] | Problem:
    """The fragments of a file, if each follows the one before it in its tree."""
    source = covered.source
    moofs = [at for at, box in enumerate(covered.roots) if box.type == b"moof"]
    ends = [*(covered.roots[at].start for at in moofs[1:]), source.size]
    rows = hard.by_id
    seen = dict.fromkeys(rows, 0)
    found: list[_Fragment] = []
    for number, (at, end) in enumerate(zip(moofs, ends, strict=True)):
        carrier = _merkle(source, covered.roots[at - 1]) if at else None
        if carrier is None:
            return malformed(f"fragment {number} has no merkle box before its moof")
        box = read_merkle(source, carrier, limits)
        if not isinstance(box, BmffMerkleMap):
            return malformed(str(box))
        row = rows.get(box.id)
        if row is None or box.location != seen[box.id]:
            return mismatch(f"fragment {number} is not the next of any tree")
        seen[box.id] += 1
        found.append(_Fragment(row, box, Span.between(covered.roots[at].start, end)))
    for row in hard.merkle:
        count = seen[row.unique_id, row.local_id]
        if count != row.count:
            return mismatch(f"{count} fragments of track {row.local_id}, {row.count} were signed")
    return found
