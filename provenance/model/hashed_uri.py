"""Hashed URIs: a box of the store, or something outside it, named together with its digest.

Source: C2PA 2.2 §8.4.2.
"""

from dataclasses import dataclass
from typing import Self

from provenance.cbor import CborValue
from provenance.digests import HashAlg, digest
from provenance.model.fields import Fields

__all__ = ["ExternalUri", "HashedUri"]


@dataclass(frozen=True, slots=True)
class HashedUri:
    """A reference into the manifest store. The URL is kept as signed, even when it is no URI."""

    url: str
    hash: bytes
    alg: str | None = None

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read a `hashed-uri-map`.

        Raises:
            MalformedError: no map, or `url` or `hash` absent or of another type.
        """
        if isinstance(value, dict):  # nearly always right, and there are very many of them
            url, hashed, alg = value.get("url"), value.get("hash"), value.get("alg")
            named = alg is None or isinstance(alg, str)
            if named and isinstance(url, str) and isinstance(hashed, bytes):
                return cls(url, hashed, alg)
        fields = Fields(value, "hashed URI")
        return cls(fields.need_text("url"), _hash(fields), fields.text("alg"))

    @classmethod
    def of(cls, url: str, hashed: bytes | memoryview, alg: HashAlg) -> Self:
        """Name a box by what is hashed of it; the algorithm is the claim's own."""
        return cls(url, digest(hashed, alg))

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map for `cbor.encode`."""
        row: dict[str, CborValue] = {"url": self.url, "hash": self.hash}
        return row if self.alg is None else row | {"alg": self.alg}


def _hash(fields: Fields) -> bytes:
    value = fields.map.get("hash")
    # Early SDKs wrote the digest inside actions as an array of numbers.
    if isinstance(value, list) and len(value) <= 64 and all(map(_is_byte, value)):
        return bytes(value)
    return fields.need_data("hash")


def _is_byte(value: CborValue) -> bool:
    return type(value) is int and 0 <= value < 256


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalUri:
    """A `hashed-ext-uri-map`: something on the web, with its digest (§8.4.2.2)."""

    url: str
    alg: str
    hash: bytes
    format: str | None = None
    size: int | None = None

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read it; the algorithm is required, for nothing encloses it.

        Raises:
            MalformedError: a field absent or of another type.
        """
        fields = Fields(value, "external URI")
        return cls(
            url=fields.need_text("url"),
            alg=fields.need_text("alg"),
            hash=fields.need_data("hash"),
            format=fields.text("dc:format"),
            size=fields.integer("size"),
        )

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map for `cbor.encode`."""
        row: dict[str, CborValue] = {"url": self.url, "alg": self.alg, "hash": self.hash}
        if self.format is not None:
            row["dc:format"] = self.format
        if self.size is not None:
            row["size"] = self.size
        return row
