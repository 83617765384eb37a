"""The manifest store and its manifests, as views over the box tree.

Nothing is judged here: a manifest may have no claim, or two. Source: C2PA 2.2 §11.1.4.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Self

from provenance.cbor import count_items
from provenance.errors import LimitError, MalformedError
from provenance.jumbf import JumbfUri, Shelf, SuperBox, parse, uuids
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.model import labels
from provenance.model.compressed import decompress

__all__ = ["Manifest", "ManifestKind", "ManifestStore"]


class ManifestKind(StrEnum):
    """What a manifest is for (§11.2)."""

    STANDARD = "standard"
    UPDATE = "update"
    COMPRESSED = "compressed"
    TIME_STAMP = "time-stamp"  # of 2.1 only


_KINDS = {
    uuids.MANIFEST: ManifestKind.STANDARD,
    uuids.OLD_MANIFEST: ManifestKind.STANDARD,
    uuids.UPDATE_MANIFEST: ManifestKind.UPDATE,
    uuids.COMPRESSED_MANIFEST: ManifestKind.COMPRESSED,
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """One manifest. `box` is it as stored, which is what an ingredient's hash covers."""

    label: str
    kind: ManifestKind  # COMPRESSED: could not be decompressed
    box: SuperBox
    content: SuperBox  # the same, or what was compressed in it
    problem: MalformedError | None = None  # why it could not be decompressed

    def _of(self, uuid: bytes) -> tuple[SuperBox, ...]:
        return tuple(child for child in self.content.superboxes if child.uuid == uuid)

    @property
    def claim_boxes(self) -> tuple[SuperBox, ...]:
        """All claim boxes: one, unless something is wrong."""
        return self._of(uuids.CLAIM)

    @property
    def assertion_boxes(self) -> tuple[SuperBox, ...]:
        """The boxes in the assertion store, in order."""
        # Whatever looks like an assertion store is one: nothing hides in a second.
        return tuple(
            child
            for store in self.content.superboxes
            if store.uuid == uuids.ASSERTION_STORE or store.label == labels.ASSERTIONS
            for child in store.superboxes
        )

    def find(self, path: tuple[str, ...]) -> SuperBox | None:
        """The box at the end of a path of labels; None when a step is missing or ambiguous."""
        at: SuperBox | None = self.content
        for label in path:
            at = at.only(label) if at is not None else None
        return at

    def own(self, uri: JumbfUri) -> tuple[str, ...] | None:
        """The path of a URI that leads into this manifest; None for one that leads elsewhere.

        What was signed is not rewritten when a manifest is relabelled (§8.2): it goes on naming
        itself by its former label, and is understood.
        """
        if not uri.absolute:
            return uri.labels
        if not uri.labels:
            return None
        named = uri.labels[0]
        mine = named == self.label or labels.is_relabelled(self.label, named)
        return uri.labels[1:] if mine else None

    def uri(self, *path: str) -> str:
        """An absolute URI of something in this manifest."""
        return JumbfUri((self.label, *path), absolute=True).text


@dataclass(frozen=True)
class ManifestStore:
    """All manifests of an asset, in the order stored: the last one is active.

    `time_stamps` are those behind it that only version 2.1 had, and that later ones pass over.
    """

    box: SuperBox
    manifests: tuple[Manifest, ...]
    time_stamps: tuple[Manifest, ...] = ()

    @classmethod
    def parse(
        cls,
        data: bytes | memoryview,
        limits: Limits = DEFAULT_LIMITS,
        shelf: Shelf | None = None,
    ) -> Self:
        """Read a manifest store; manifests that stood in others may be on a shelf.

        Raises:
            MalformedError: no JUMBF, or JUMBF that is no manifest store.
            LimitError: too large, too deep, too many boxes or manifests.
        """
        root = parse(data, limits, shelf)
        if root.uuid != uuids.MANIFEST_STORE or root.label != "c2pa":
            raise MalformedError("manifest store", f"its superbox is labelled {root.label!r}")
        if len(data) > min(limits.cbor_items, limits.json_bytes):
            _check_content(root, limits)  # in less there cannot be more values than bytes
        manifests = tuple(_manifests(root, limits))
        if len(manifests) > limits.manifests:
            raise LimitError(
                "manifest store", f"{len(manifests)} manifests, of which we read {limits.manifests}"
            )
        return cls(root, manifests, _time_stamps(root))

    @property
    def active(self) -> Manifest | None:
        """The manifest that speaks for the asset."""
        return self.manifests[-1] if self.manifests else None

    def manifest(self, label: str) -> Manifest | None:
        """The manifest with this label; None when there is none, or more than one."""
        return self._unique.get(label)

    @cached_property
    def _unique(self) -> dict[str, Manifest | None]:
        index: dict[str, Manifest | None] = {}
        for one in self.manifests:
            index[one.label] = None if one.label in index else one
        return index

    def resolve(self, uri: JumbfUri, within: Manifest) -> SuperBox | None:
        """The box that a URI names, as seen from a manifest."""
        if not uri.absolute:
            return within.find(uri.labels)
        if not uri.labels:
            return None
        manifest = self.manifest(uri.labels[0])
        return None if manifest is None else manifest.find(uri.labels[1:])


def _manifests(root: SuperBox, limits: Limits) -> Iterator[Manifest]:
    left = limits.decompressed_bytes
    for child in root.superboxes:
        kind = _KINDS.get(child.uuid)
        if kind is None or not child.label:
            continue
        if kind is not ManifestKind.COMPRESSED:
            yield Manifest(child.label, kind, child, child)
            continue
        try:
            inner = decompress(child, limits, left)
        except MalformedError as error:
            yield Manifest(child.label, kind, child, child, error)
            continue
        left -= len(inner.raw)
        _check_content(inner, limits)
        yield Manifest(child.label, _KINDS[inner.uuid], child, inner)


def _time_stamps(root: SuperBox) -> tuple[Manifest, ...]:
    found: list[Manifest] = []
    for child in root.superboxes:
        if child.uuid == uuids.TIME_STAMP_MANIFEST and child.label:
            found.append(Manifest(child.label, ManifestKind.TIME_STAMP, child, child))
        elif child.uuid in _KINDS:
            found.clear()
    return tuple(found)


_BYTES_PER_VALUE = 8  # as few as a list of very many files has, or more: no bomb


def _check_content(root: SuperBox, limits: Limits) -> None:
    """Refuse a store whose decoded content would take far more memory than its bytes."""
    contents: dict[bytes, list[memoryview]] = {b"cbor": [], b"json": []}
    boxes = [root]
    while boxes:
        box = boxes.pop()
        boxes.extend(box.superboxes)
        for content in box.content:
            if content.type in contents:
                contents[content.type].append(content.payload)
    text = sum(map(len, contents[b"json"]))
    if text > limits.json_bytes:
        raise LimitError("manifest store", f"{text} bytes of JSON, we read {limits.json_bytes}")
    size = sum(map(len, contents[b"cbor"]))
    left = max(limits.cbor_items, min(size // _BYTES_PER_VALUE, 7 * limits.container_items))
    if size > left:
        for payload in contents[b"cbor"]:
            left -= count_items(payload, left)


CLAIM_LABELS = {labels.CLAIM_V1: 1, labels.CLAIM_V2: 2}
