"""The box tree. Every box keeps its bytes as they were read, so nothing is lost on a rewrite."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from provenance.digests import HashAlg, digest

__all__ = ["Box", "SuperBox"]


@dataclass(frozen=True, slots=True)
class Box:
    """A content box: CBOR, JSON, an embedded file's parts, padding, or something unknown.

    `raw` is the whole box, header included; `offset` counts from the start of the manifest store.
    """

    type: bytes
    raw: memoryview
    header: int  # bytes of the header: 8 or 16
    offset: int

    @property
    def payload(self) -> memoryview:
        """The bytes after the header."""
        return self.raw[self.header :]


@dataclass(frozen=True)
class SuperBox:
    """A `jumb` box: a description (type UUID, label, perhaps a salt) and the boxes it describes."""

    uuid: bytes
    label: str | None
    salt: bytes | None
    toggles: int
    children: "tuple[Box | SuperBox, ...]"
    raw: memoryview
    header: int
    offset: int

    @property
    def hashed(self) -> memoryview:
        """What a hashed URI to this box covers: all of it but its own header (§8.4.2.3)."""
        return self.raw[self.header :]

    def digest(self, alg: HashAlg) -> bytes:
        """The digest of what a hashed URI covers; taken once of each box."""
        known = self._digests.get(alg)
        if known is None:
            known = self._digests[alg] = digest(self.hashed, alg)
        return known

    @cached_property
    def _digests(self) -> dict[str, bytes]:
        return {}

    @property
    def superboxes(self) -> "Iterator[SuperBox]":
        """The labelled boxes right below, in order."""
        return (child for child in self.children if isinstance(child, SuperBox))

    @property
    def content(self) -> Iterator[Box]:
        """The content boxes right below, in order."""
        return (child for child in self.children if isinstance(child, Box))

    @cached_property
    def _unique(self) -> "dict[str | None, SuperBox | None]":
        index: dict[str | None, SuperBox | None] = {}
        for child in self.superboxes:
            index[child.label] = None if child.label in index else child
        return index

    def only(self, label: str) -> "SuperBox | None":
        """The box with this label; None when there is none, or more than one (§8.4.1)."""
        return self._unique.get(label)

    def first(self, kind: bytes) -> Box | None:
        """The first content box of a type."""
        return next((child for child in self.content if child.type == kind), None)
