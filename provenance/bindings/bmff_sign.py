"""A BMFF hash on its way into a manifest.

A large mdat box is bound by a Merkle tree, so that a player can check what it has, and a validator
can use all its cores. That is left where the box has a header of 16 bytes: with one of 8 the
standard has the first leaf begin 8 bytes into the box, the reference 16, and what suits one
fails the other. The blocks grow with the file, so that the row of leaves stays below 100 KB.

Source: C2PA 2.2 §18.6, §A.5; the row of leaves needs no merkle boxes (§A.5.4.1.1).
"""

from dataclasses import dataclass, replace
from typing import Self

from provenance.bindings.bmff import cover, digest_covered
from provenance.bindings.bmff_merkle import leaves
from provenance.cbor import CborValue
from provenance.digests import HashAlg, digest
from provenance.formats.base import Plan
from provenance.formats.bmff import tree
from provenance.formats.bmff.tree import BmffBox
from provenance.limits import Limits
from provenance.model.assertions.bmff_hash import LABEL, REQUIRED, BmffHash, Exclusion, MerkleRow
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["BmffBinding"]

_MDAT = Exclusion("/mdat", subset=(Span(16, 0),))
_LARGE = 16 << 20  # bytes of an mdat box for which a tree is worth its room
_BLOCK = 1 << 20  # the least size of a block
_MOST_LEAVES = 2048


@dataclass(frozen=True, slots=True)
class BmffBinding:
    """See `bindings.base`. `payloads` are the sizes of the mdat boxes that have a tree."""

    alg: HashAlg
    limits: Limits
    payloads: tuple[int, ...] = ()

    @property
    def label(self) -> str:
        """See `Binding`."""
        return LABEL

    def blank(self) -> dict[str, CborValue]:
        """See `Binding`."""
        nothing = digest(b"", self.alg)
        leaves_of = ((nothing,) * -(-size // self._block) for size in self.payloads)
        return self._assertion(nothing, tuple(leaves_of))

    def fitted(self, output: ByteSource, plan: Plan) -> Self:
        """See `Binding`."""
        del plan
        sizes = tuple(box.end - box.body for box in _trees(output, self.limits))
        return self if sizes == self.payloads else replace(self, payloads=sizes)

    def bound(self, output: ByteSource, plan: Plan) -> dict[str, CborValue]:
        """See `Binding`. What is in a tree is read first, then all the rest."""
        del plan
        rows = tuple(
            tuple(leaves(output, box.body, self._sizes(box), self.alg))
            for box in (_trees(output, self.limits) if self.payloads else ())
        )
        covered = cover(output, self._exclusions, self.limits)
        return self._assertion(digest_covered(covered, self.alg), rows)

    @property
    def _exclusions(self) -> tuple[Exclusion, ...]:
        return (*REQUIRED, _MDAT) if self.payloads else REQUIRED

    @property
    def _block(self) -> int:
        """Bytes of a leaf: as few as make not too many leaves."""
        block = _BLOCK
        while sum(-(-size // block) for size in self.payloads) > _MOST_LEAVES:
            block *= 2
        return block

    def _sizes(self, box: BmffBox) -> list[int]:
        block = self._block
        return [min(block, box.end - at) for at in range(box.body, box.end, block)]

    def _assertion(self, found: bytes, rows: tuple[tuple[bytes, ...], ...]) -> dict[str, CborValue]:
        return BmffHash(
            exclusions=self._exclusions,
            hash=found,
            alg=self.alg,
            merkle=tuple(
                MerkleRow(
                    unique_id=1,
                    local_id=number,
                    count=len(row),
                    hashes=row,
                    fixed_block_size=self._block,
                )
                for number, row in enumerate(rows)
            ),
        ).to_cbor()


def _trees(output: ByteSource, limits: Limits) -> tuple[BmffBox, ...]:
    """The mdat boxes, if each of them is to have a tree: it is all of them or none."""
    roots = tree.top_level(output, limits)
    boxes = tuple(box for box in roots if box.type == b"mdat")
    if any(box.type == b"moof" for box in roots) or len(boxes) > _MOST_LEAVES // 2:
        return ()
    sizes = [box.end - box.body for box in boxes]
    fit = all(box.body - box.start == 16 for box in boxes) and all(sizes)
    return boxes if fit and max(sizes, default=0) >= _LARGE else ()
