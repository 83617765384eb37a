"""A BMFF hash of a film in segments, on its way into the initialisation segment.

    init.mp4       ftyp uuid(manifest) moov
    segment-1.m4s  styp uuid(merkle) moof mdat
    segment-2.m4s  styp uuid(merkle) moof mdat

Each media segment is a leaf of one tree; its merkle box says which. A row of the tree is in the
manifest: the leaves, as long as there are not too many, and so the boxes need no proof.
Source: C2PA 2.2 §A.5.4.1.2, §18.6.6.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from provenance.bindings.bmff import cover, digest_covered
from provenance.bindings.bmff_merkle import in_parallel, proof, tree
from provenance.cbor import CborValue, encode
from provenance.digests import HashAlg, digest
from provenance.errors import MalformedError
from provenance.formats.base import Plan
from provenance.formats.bmff import tree as boxes
from provenance.formats.bmff.plan import moof_count, plan_segment
from provenance.formats.planned import PlannedSource
from provenance.limits import Limits
from provenance.model.assertions.bmff_hash import (
    LABEL,
    REQUIRED,
    BmffHash,
    BmffMerkleMap,
    MerkleRow,
)
from provenance.source import ByteSource

__all__ = ["FragmentsBinding", "Segments"]

_MOST_IN_ROW = 2048
_UNIQUE_ID = 1  # there is one tree
_HEADER = 8 + 16 + 4 + len(b"merkle\0")  # bytes of a merkle box before its content
_ANY = b"\0"  # a merkle box is filled without regard to the store


@dataclass(frozen=True)
class Segments:
    """Media segments with the merkle boxes they will have, and the tree of them."""

    sources: tuple[ByteSource, ...]
    track: int
    alg: HashAlg
    limits: Limits
    rows: tuple[tuple[bytes, ...], ...] = field(repr=False)

    @classmethod
    def of(cls, sources: Sequence[ByteSource], alg: HashAlg, limits: Limits) -> Self:
        """Hash media segments, in playing order, as they will be with their merkle boxes.

        Raises:
            MalformedError: none at all, or one that is no media segment with one `moof`.
            LimitError: too many boxes.
        """
        if not sources:
            raise MalformedError("media segments", "none are given")
        for one in sources:
            try:
                count = moof_count(one, limits)
            except MalformedError as error:
                raise MalformedError(one.name, f"is no media segment: {error}") from error
            if count != 1:
                raise MalformedError(one.name, "is no media segment with one moof box")
        bare = cls(tuple(sources), _track(sources[0], limits), alg, limits, ())

        def leaf(location: int) -> bytes:
            output = PlannedSource(bare.plan(location), sources[location], _ANY)
            return digest_covered(cover(output, REQUIRED, limits), alg)

        shared = all(one.shared for one in sources)
        found = list(in_parallel(leaf, range(len(sources)), shared=shared))
        rows = tuple(map(tuple, tree(found, alg)))
        return cls(bare.sources, bare.track, alg, limits, rows)

    @property
    def level(self) -> int:
        """The row that is in the manifest, counted from the leaves up."""
        level, length = 0, len(self.sources)
        while length > _MOST_IN_ROW:
            level, length = level + 1, (length + 1) // 2
        return level

    @property
    def row(self) -> MerkleRow:
        """What the manifest says of the tree; the initHash is yet to come."""
        return MerkleRow(
            unique_id=_UNIQUE_ID,
            local_id=self.track,
            count=len(self.sources),
            hashes=self.rows[self.level],
            alg=self.alg,
            init_hash=digest(b"", self.alg),
        )

    def plan(self, location: int) -> Plan:
        """A segment with its merkle box; the box is blank as long as the tree is not there."""
        source, content = self.sources[location], self._content(location)
        return plan_segment(source, self._length, self.limits, fill=_giving(content))

    def output(self, location: int) -> PlannedSource:
        """A segment as it will be written."""
        return PlannedSource(self.plan(location), self.sources[location], _ANY)

    def _content(self, location: int) -> bytes:
        hashes = proof(self.rows, location, self.level) if self.rows else ()
        return encode(self._map(location, hashes).to_cbor())

    def _map(self, location: int, hashes: tuple[bytes, ...]) -> BmffMerkleMap:
        return BmffMerkleMap(
            unique_id=_UNIQUE_ID, local_id=self.track, location=location, hashes=hashes
        )

    @property
    def _length(self) -> int:
        """Bytes of each merkle box: what the longest needs."""
        hashes = (digest(b"", self.alg),) * self.level
        longest = encode(self._map(len(self.sources), hashes).to_cbor())
        return _HEADER + len(longest)


@dataclass(frozen=True, slots=True)
class FragmentsBinding:
    """See `bindings.base`: the output is the initialisation segment."""

    segments: Segments

    @property
    def label(self) -> str:
        """See `Binding`."""
        return LABEL

    def blank(self) -> dict[str, CborValue]:
        """See `Binding`."""
        return self._assertion(self.segments.row)

    def fitted(self, output: ByteSource, plan: Plan) -> Self:
        """See `Binding`."""
        del output, plan
        return self

    def bound(self, output: ByteSource, plan: Plan) -> dict[str, CborValue]:
        """See `Binding`."""
        del plan
        segments = self.segments
        covered = cover(output, REQUIRED, segments.limits)
        init_hash = digest_covered(covered, segments.alg)
        return self._assertion(replace(segments.row, init_hash=init_hash))

    def _assertion(self, row: MerkleRow) -> dict[str, CborValue]:
        return BmffHash(exclusions=REQUIRED, alg=self.segments.alg, merkle=(row,)).to_cbor()


def _giving(content: bytes) -> Callable[[int], bytes]:
    return lambda _: content


def _track(segment: ByteSource, limits: Limits) -> int:
    """The number of the track that a segment is of."""
    found = boxes.find(segment, "/moof/traf/tfhd", limits)
    if not found or found[0].end - found[0].body < 8:
        raise MalformedError(segment.name, "does not say what track it is of")
    return int.from_bytes(segment.read(found[0].body + 4, 4))
