"""Manifests of ingredients in one store: each once, and two that share a label told apart.

Source: C2PA 2.2 §18.15.12.3; §8.2.2 for relabelling.
"""

from dataclasses import dataclass, replace

from provenance.boxes import box, read_header
from provenance.jumbf import SuperBox, uuids
from provenance.model.compressed import compress
from provenance.model.labels import SIGNATURE, relabelled
from provenance.model.store import ManifestStore

__all__ = ["Merged", "MergedStore"]

_LABEL_AT = 17  # in a jumd box: after the UUID and the toggles


@dataclass(frozen=True, slots=True)
class Merged:
    """A manifest in the new store: its label there, and its box."""

    label: str
    box: bytes
    signature: SuperBox | None = None  # its claim signature


class MergedStore:
    """Collects manifests; a manifest that stands in several ingredients is kept once.

    Args:
        compressed: labels of manifests to compress. Only the new claim may refer to them: older
            ones have hashed what they refer to as it was.
    """

    def __init__(self, compressed: frozenset[str] = frozenset()) -> None:
        self._by_label: dict[str, bytes] = {}
        self._compressed = compressed
        self._direct: set[str] = set()
        self._deeper: set[str] = set()

    @property
    def compressible(self) -> frozenset[str]:
        """The labels of the manifests that nothing but the new claim refers to."""
        return frozenset(self._direct - self._deeper)

    @property
    def manifests(self) -> tuple[Merged, ...]:
        """All manifests, in the order they came."""
        return tuple(Merged(label, data) for label, data in self._by_label.items())

    def add(self, store: ManifestStore) -> Merged:
        """Take in all manifests of a store, in order.

        Returns:
            Its active manifest, as it now stands.
        """
        last: Merged | None = None
        self._deeper.update(one.label for one in store.manifests[:-1])
        self._direct.update(one.label for one in store.manifests[-1:])
        for manifest in store.manifests:
            merged = self._one(manifest.label, manifest.box)
            last = replace(merged, signature=manifest.find((SIGNATURE,)))
        if last is None:
            raise ValueError("a store without manifests was validated")
        return last

    def _one(self, label: str, manifest: SuperBox) -> Merged:
        raw = bytes(manifest.raw)
        taken, version = label, 1
        while taken in self._by_label:
            if self._by_label[taken] == raw:
                return Merged(taken, self._by_label[taken])
            version += 1
            taken = relabelled(label, version)
            raw = _with_label(manifest, taken)
        if taken in self._compressed and manifest.uuid != uuids.COMPRESSED_MANIFEST:
            raw = compress(raw, taken)
        self._by_label[taken] = raw
        return Merged(taken, raw)


def _with_label(manifest: SuperBox, label: str) -> bytes:
    # Everything but the label is carried over byte for byte: hashes inside stay true.
    inside = manifest.hashed
    header = read_header(inside, 0, len(inside))
    described, rest = bytes(inside[header.body : header.end]), bytes(inside[header.end :])
    end = described.index(b"\0", _LABEL_AT)
    renamed = described[:_LABEL_AT] + label.encode() + described[end:]
    return box(b"jumb", box(b"jumd", renamed) + rest)
