"""The BMFF hash: an ISO base media file without the boxes that are left out.

    exclusions   /uuid   /ftyp   /moov/trak[2]/…  with subset
    file         ftyp    uuid    moov ▒▒ moov      mdat
    hashed                       @moov moov moov   @mdat mdat

Each root box that is not left out whole is preceded by its own offset, eight bytes, so that it
cannot change its place. Source: C2PA 2.2 §18.6.2.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from provenance.digests import HashAlg, new_hasher, remembered
from provenance.errors import LimitError, MalformedError
from provenance.formats.bmff import tree
from provenance.formats.bmff.tree import CONTAINERS, BmffBox
from provenance.limits import Limits
from provenance.model.assertions.bmff_hash import Exclusion
from provenance.source import BLOCK, ByteSource
from provenance.spans import Span, complement, merge

__all__ = ["Cover", "cover", "digest_covered"]

_NOT_FULL = (CONTAINERS - {b"meta"}) | {b"ftyp", b"styp", b"mdat", b"free", b"skip", b"wide"}
_SMALL = 1 << 16  # a box of so many bytes is not worth a read of its own


@dataclass(frozen=True)
class Cover:
    """What of a file a list of exclusions leaves to be hashed."""

    source: ByteSource
    roots: tuple[BmffBox, ...]
    left_out: tuple[Span, ...]  # ascending, not touching
    whole: frozenset[int]  # where root boxes begin of which nothing counts, not even the place

    @cached_property
    def starts(self) -> list[int]:
        """Where the root boxes begin."""
        return [box.start for box in self.roots]

    @cached_property
    def ends(self) -> list[int]:
        """Where the spans left out end."""
        return [span.end for span in self.left_out]

    def of_type(self, kind: bytes) -> tuple[BmffBox, ...]:
        """The root boxes of a type."""
        return tuple(box for box in self.roots if box.type == kind)

    def hides(self, span: Span) -> bool:
        """Is any byte of a span left out?"""
        return next(self.left_out_of(span.start, span.end), None) is not None

    def left_out_of(self, start: int, end: int) -> Iterator[Span]:
        """The spans left out between two places, those that reach beyond too."""
        at = bisect_left(self.ends, start + 1)
        while at < len(self.left_out) and self.left_out[at].start < end:
            yield self.left_out[at]
            at += 1


def cover(source: ByteSource, exclusions: Iterable[Exclusion], limits: Limits) -> Cover:
    """Hold exclusions against a file.

    Raises:
        MalformedError: the file's boxes are broken.
        LimitError: too many boxes, or too much work to match them.
    """
    matching = _Matching(source, limits)
    left_out: list[Span] = []
    whole: set[int] = set()
    for one in exclusions:
        for box in matching.boxes_of(one):
            if one.subset is None:
                left_out.append(Span.between(box.start, box.end))
                whole.add(box.start)
            else:
                left_out += _parts(box, one.subset)
    return Cover(source, matching.roots, merge(left_out), frozenset(whole))


def _parts(box: BmffBox, subset: Sequence[Span]) -> Iterator[Span]:
    """Parts of a box; a length of 0 means, in the last of them, up to its end."""
    for number, part in enumerate(subset, 1):
        rest = number == len(subset) and part.length == 0
        end = box.end if rest else min(box.end, box.start + part.end)
        yield Span.between(min(box.start + part.start, end), end)


class _Matching:
    """Finds boxes by exclusions, each path once, with an eye on how much work that is."""

    def __init__(self, source: ByteSource, limits: Limits) -> None:
        self.roots = tree.top_level(source, limits)
        self._source = source
        self._limits = limits
        self._left = limits.container_items  # boxes to look at, and things to look for in them
        self._known: dict[str, tuple[BmffBox, ...]] = {}
        self._children: dict[int, dict[bytes, list[BmffBox]]] = {-1: _by_type(self.roots)}

    def boxes_of(self, one: Exclusion) -> Iterator[BmffBox]:
        """The boxes that an exclusion is about."""
        if one.xpath not in self._known:
            self._known[one.xpath] = self._at(one.xpath)
        found = self._known[one.xpath]
        self._worked(len(found) * (1 + len(one.data) + len(one.subset or ())))
        return (box for box in found if self._has(one, box))

    def _worked(self, steps: int) -> None:
        self._left -= steps + 1
        if self._left < 0:
            raise LimitError("exclusions", "too many, for so many boxes")

    def _at(self, xpath: str) -> tuple[BmffBox, ...]:
        try:
            steps = tree.steps(xpath, self._limits)
        except MalformedError:
            return ()  # no box has such a path
        found: list[BmffBox] = self._chosen(-1, *steps[0])
        for kind, number in steps[1:]:
            below = []
            for box in found:
                if box.start not in self._children:
                    inner = tree.children(self._source, box, self._limits)
                    self._worked(len(inner))
                    self._children[box.start] = _by_type(inner)
                below += self._chosen(box.start, kind, number)
            self._worked(len(found))
            found = below
        return tuple(found)

    def _chosen(self, parent: int, kind: bytes, number: int | None) -> list[BmffBox]:
        same = self._children[parent].get(kind, [])
        return same if number is None else same[number - 1 : number]

    def _has(self, one: Exclusion, box: BmffBox) -> bool:
        """Has the box all the properties that the exclusion names?"""
        if one.length is not None and one.length != box.end - box.start:
            return False
        if (one.version is not None or one.flags is not None) and not self._is_versioned(one, box):
            return False
        return all(self._stands(box, at, value) for at, value in one.data)

    def _is_versioned(self, one: Exclusion, box: BmffBox) -> bool:
        at = box.body + (16 if box.usertype else 0)
        if box.type in _NOT_FULL or box.end - at < 4:
            return False
        head = self._source.read(at, 4)
        if one.version is not None and one.version != head[0]:
            return False
        if one.flags is None:
            return True
        flags = head[1:] if one.exact else bytes(map(int.__and__, head[1:], one.flags))
        return flags == one.flags

    def _stands(self, box: BmffBox, at: int, value: bytes) -> bool:
        start = box.start + at
        if at < 0 or start + len(value) > box.end:
            return False
        return self._source.read(start, len(value)) == value


def _by_type(boxes: Iterable[BmffBox]) -> dict[bytes, list[BmffBox]]:
    found: dict[bytes, list[BmffBox]] = {}
    for box in boxes:
        found.setdefault(box.type, []).append(box)
    return found


def digest_covered(
    covered: Cover, alg: HashAlg, within: Span | None = None, *, places: bool = True
) -> bytes:
    """Hash what is not left out.

    One pass in blocks of 1 MiB, whatever the size.

    Args:
        covered: a file and what is left out of it.
        alg: a name on the allow-list.
        within: a run of root boxes; None for the whole file.
        places: is each root box preceded by its offset?

    Returns:
        The raw digest.

    Raises:
        MalformedError: the asset shrank while being read.
    """
    run = within or Span(0, covered.source.size)

    def taken() -> bytes:
        hasher = new_hasher(alg)
        for piece in _pieces(covered, run, places=places):
            hasher.update(piece)
        return hasher.digest()

    key = ("bmff", alg, run, places, covered.left_out, covered.whole, tuple(covered.starts))
    return remembered(covered.source, key, taken)


def _pieces(covered: Cover, within: Span, *, places: bool) -> Iterator[bytes | memoryview]:
    """All that goes into the hash, in order."""
    reader = _Ahead(covered.source)
    gone, whole = covered.left_out, covered.whole
    at = bisect_left(covered.ends, within.start + 1)
    for box in islice(covered.roots, bisect_left(covered.starts, within.start), None):
        if box.start >= within.end:
            return
        if box.start in whole:
            continue
        if places:
            yield box.start.to_bytes(8)
        while at < len(gone) and gone[at].end <= box.start:
            at += 1
        if at < len(gone) and gone[at].start < box.end:
            for span in _kept(covered, box):
                yield from reader.blocks(span.start, span.end)
        elif box.end - box.start <= _SMALL:  # there may be a million
            yield reader.small(box.start, box.end)
        else:
            yield from reader.blocks(box.start, box.end)


def _kept(covered: Cover, box: BmffBox) -> Iterator[Span]:
    gone = tuple(covered.left_out_of(box.start, box.end))
    yield from (
        Span.between(max(one.start, box.start), one.end)
        for one in complement(gone, box.end)
        if one.end > box.start
    )


class _Ahead:
    """Reads small spans that follow each other in one go."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._window = memoryview(b"")
        self._start = 0
        self._end = 0

    def blocks(self, start: int, end: int) -> Iterator[bytes | memoryview]:
        """The bytes of a span."""
        if end - start > _SMALL:
            yield from self._source.blocks(Span.between(start, end))
        else:
            yield self.small(start, end)

    def small(self, start: int, end: int) -> memoryview:
        """The bytes of a small span."""
        if start < self._start or end > self._end:
            ahead = min(BLOCK, self._source.size - start)
            self._window = memoryview(self._source.read(start, max(ahead, end - start)))
            self._start, self._end = start, start + len(self._window)
        return self._window[start - self._start : end - self._start]
