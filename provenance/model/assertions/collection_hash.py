"""`c2pa.hash.collection.data`: a digest for each file of a collection, by its relative URI.

The reference implementation writes a map from URI to row where the standard has a list of rows;
either is read, the list is written.
Source: C2PA 2.2 §18.8, `collection-data-hash.cddl`; 2.5 §16.8 (the claim's `alg` serves, too).
"""

from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote

from provenance.cbor import CborValue
from provenance.errors import MalformedError
from provenance.model.assertions.asset_type import AssetType
from provenance.model.fields import Fields

__all__ = ["LABEL", "CollectionHash", "CollectionRow", "leads_astray"]

LABEL = "c2pa.hash.collection.data"


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """A file of the collection. `size` counts bytes, and proves nothing."""

    uri: str  # as signed, even when it leads nowhere good: judging it is validation's work
    hash: bytes
    size: int | None = None
    format: str | None = None
    types: tuple[AssetType, ...] = ()

    @classmethod
    def read(cls, value: CborValue, uri: str | None = None) -> Self:
        """Read a row.

        Args:
            value: as decoded.
            uri: where it stands as the key of a map.

        Raises:
            MalformedError: no URI or hash, or a field of another type.
        """
        fields = Fields(value, LABEL)
        return cls(
            uri=fields.need_text("uri") if uri is None else uri,
            hash=fields.need_data("hash"),
            size=fields.integer("size"),
            format=fields.text("dc:format"),
            types=fields.each("data_types", AssetType.read),
        )

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map for `cbor.encode`."""
        row: dict[str, CborValue] = {"uri": self.uri, "hash": self.hash}
        if self.size is not None:
            row["size"] = self.size
        if self.format is not None:
            row["dc:format"] = self.format
        if self.types:
            row["data_types"] = [one.to_cbor() for one in self.types]
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionHash:
    """The assertion."""

    rows: tuple[CollectionRow, ...]
    alg: str | None = None  # None: that of the claim
    directory: bytes | None = None  # of a ZIP: the digest of its central directory

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read the assertion.

        Raises:
            MalformedError: no rows, or one that is none.
        """
        fields = Fields(value, LABEL)
        uris = fields.map.get("uris")
        if isinstance(uris, dict) and uris:
            rows = tuple(CollectionRow.read(row, _text(uri)) for uri, row in uris.items())
        else:
            rows = fields.some("uris", CollectionRow.read)
        return cls(
            rows=rows, alg=fields.text("alg"), directory=fields.data("zip_central_directory_hash")
        )

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map for `cbor.encode`."""
        row: dict[str, CborValue] = {"uris": [one.to_cbor() for one in self.rows]}
        if self.alg is not None:
            row["alg"] = self.alg
        if self.directory is not None:
            row["zip_central_directory_hash"] = self.directory
        return row


def leads_astray(uri: str) -> bool:
    """Could this URI name something outside the collection?

    It has "." or ".." as a part, however it is spelled, or is not relative: it starts with a
    slash, a backslash, or the letter of a drive.
    """
    for text in {uri, unquote(uri)}:
        parts = text.replace("\\", "/").split("/")
        if "." in parts or ".." in parts or not parts[0] or "\0" in text:
            return True
        if len(parts[0]) == 2 and parts[0].endswith(":"):
            return True
    return "://" in uri


def _text(value: CborValue) -> str:
    if not isinstance(value, str):
        raise MalformedError(LABEL, "a URI that is no text")
    return value
