"""What a hard binding is on its way into a manifest: first as long as it will be, then true.

    blank     the assertion with its numbers unknown, so that the manifest store has its size
    fitted    the same with room for what the planned output turns out to hold
    bound     the assertion as it will be signed

The three take turns with the container's plan: the output depends on the store's length, the
store's length on how many spans, boxes, files or Merkle leaves the output has.
Source: C2PA 2.2 §10.4.
"""

from dataclasses import dataclass
from typing import Protocol, Self

from provenance.cbor import CborValue
from provenance.formats.base import Plan
from provenance.source import ByteSource

__all__ = ["Beside", "Binding"]


@dataclass(frozen=True, slots=True)
class Beside:
    """In the content of a binding: the hashed URI of another one, by its label."""

    label: str


class Binding(Protocol):
    """One way to hold a manifest to its asset. Values are frozen: each step gives a new one."""

    @property
    def label(self) -> str:
        """The assertion's label, with its version."""
        ...

    def blank(self) -> dict[str, CborValue]:
        """As long, encoded, as what `bound` gives."""
        ...

    def fitted(self, output: ByteSource, plan: Plan) -> Self:
        """With room for what this output holds; itself, the same object, if it has that already."""
        ...

    def bound(self, output: ByteSource, plan: Plan) -> dict[str, CborValue]:
        """The assertion's content.

        Args:
            output: what will be written, with a store of the right size that is not yet signed.
            plan: how it is put together.

        Raises:
            MalformedError: the asset shrank while being read.
        """
        ...
