"""A BMFF hash on its way into a manifest.

A large mdat box is bound by a Merkle tree, so that a player can check what it has, and a validator
can use all its cores. But only where every validator agrees on it:

    the box has a header of 16 bytes   with one of 8, the standard has the first leaf begin 8 bytes
                                       into the box, the reference 16; no layout suits both
    there is one mdat box              of several, the reference takes now one for the other

The blocks grow with the file, so that the row of leaves stays below 100 KB.

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
    """See `bindings.base`."""

    alg: HashAlg
    limits: Limits
    payload: int = 0  # bytes of the mdat box that has a tree; 0 for no tree

    @property
    def label(self) -> str:
        """See `Binding`."""
        return LABEL

    def blank(self) -> dict[str, CborValue]:
        """See `Binding`."""
        nothing = digest(b"", self.alg)
        return self._assertion(nothing, (nothing,) * -(-self.payload // self._block))

    def fitted(self, output: ByteSource, plan: Plan) -> Self:
        """See `Binding`."""
        del plan
        box = _in_blocks(output, self.limits)
        size = 0 if box is None else box.end - box.body
        return self if size == self.payload else replace(self, payload=size)

    def bound(self, output: ByteSource, plan: Plan) -> dict[str, CborValue]:
        """See `Binding`. What is in a tree is read first, then all the rest."""
        del plan
        row: tuple[bytes, ...] = ()
        if (box := _in_blocks(output, self.limits)) is not None:
            block = self._block
            sizes = (min(block, box.end - at) for at in range(box.body, box.end, block))
            row = tuple(leaves(output, box.body, sizes, self.alg))
        covered = cover(output, self._exclusions, self.limits)
        return self._assertion(digest_covered(covered, self.alg), row)

    @property
    def _exclusions(self) -> tuple[Exclusion, ...]:
        return (*REQUIRED, _MDAT) if self.payload else REQUIRED

    @property
    def _block(self) -> int:
        """Bytes of a leaf: as few as make not too many leaves."""
        block = _BLOCK
        while self.payload > block * _MOST_LEAVES:
            block *= 2
        return block

    def _assertion(self, found: bytes, row: tuple[bytes, ...]) -> dict[str, CborValue]:
        tree_row = MerkleRow(
            unique_id=1,
            local_id=0,
            count=len(row),
            hashes=row,
            fixed_block_size=self._block,
        )
        return BmffHash(
            exclusions=self._exclusions,
            hash=found,
            alg=self.alg,
            merkle=(tree_row,) if row else (),
        ).to_cbor()


def _in_blocks(output: ByteSource, limits: Limits) -> BmffBox | None:
    """The mdat box that is to have a tree, if any is."""
    roots = tree.top_level(output, limits)
    boxes = [box for box in roots if box.type == b"mdat"]
    if len(boxes) != 1 or any(box.type == b"moof" for box in roots):
        return None
    (box,) = boxes
    return box if box.body - box.start == 16 and box.end - box.body >= _LARGE else None
