"""How much untrusted input we read: one dataclass, handed down.

Each number is far above what real files hold and far below what would hurt. Going past one raises
`LimitError`, which a report shows as an error of kind "limit".
"""

from dataclasses import dataclass

__all__ = ["DEFAULT_LIMITS", "Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on one asset and its manifest store."""

    store_bytes: int = 128 << 20
    boxes: int = 50_000
    box_depth: int = 32
    cbor_depth: int = 64
    cbor_items: int = 500_000  # values in all CBOR of a store
    manifests: int = 2_000
    decompressed_bytes: int = 32 << 20  # of all compressed manifests of a store
    ingredient_depth: int = 256
    container_items: int = 1_000_000  # chunks, segments, directory entries of the asset itself
    certificates: int = 32
    json_bytes: int = 4 << 20  # in all JSON of a store
    text_bytes: int = 16 << 20  # a part of the asset that is read whole, such as XMP
    lineage_depth: int = 64  # works behind each other
    lineage_works: int = 10_000
    resolve_files: int = 20_000  # that are looked through for ingredients
    resolve_bytes: int = 64 << 30  # of them that are hashed, to find one by its hash


DEFAULT_LIMITS = Limits()
