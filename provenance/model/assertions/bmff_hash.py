"""`c2pa.hash.bmff.v2` and `.v3`: a digest of an ISO base media file, box by box.

    hash      over all bytes but those of excluded boxes
    merkle    for large or fragmented files: rows of trees whose leaves are parts of the file

Exclusions and rows are kept as signed, even when wrong: judging them is validation's work.
Source: C2PA 2.2 §18.6, A.5; 2.4 §15.12.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from provenance.cbor import CborValue
from provenance.errors import MalformedError
from provenance.formats.bmff.carriers import C2PA
from provenance.model.fields import Fields
from provenance.spans import Span

__all__ = ["LABEL", "NAME", "REQUIRED", "BmffHash", "BmffMerkleMap"]
__all__ += ["Exclusion", "MerkleRow"]

NAME = "c2pa.hash.bmff"
LABEL = "c2pa.hash.bmff.v3"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Boxes to leave out: those at a path that have all the properties named, or parts of them.

    Offsets count from the start of the box, header included.
    """

    xpath: str
    length: int | None = None
    data: tuple[tuple[int, bytes], ...] = ()  # bytes that must stand at an offset
    subset: tuple[Span, ...] | None = None  # None: the whole box; the last may have length 0
    version: int | None = None
    flags: bytes | None = None
    exact: bool = True  # False: the box may have more flags than these

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read an exclusion.

        Raises:
            MalformedError: no path, or a field of another type.
        """
        fields = Fields(value, "exclusion")
        has_subset = fields.map.get("subset") is not None
        flags = fields.data("flags")
        if flags is not None and len(flags) != 3:
            raise MalformedError("exclusion", f"flags of {len(flags)} bytes, not 3")
        return cls(
            xpath=fields.need_text("xpath"),
            length=fields.integer("length"),
            data=fields.each("data", _data),
            subset=fields.each("subset", _subset) if has_subset else None,
            version=fields.integer("version"),
            flags=flags,
            exact=fields.boolean("exact") is not False,
        )

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map for `cbor.encode`."""
        row: dict[str, CborValue] = {"xpath": self.xpath}
        if self.data:
            row["data"] = [{"offset": at, "value": value} for at, value in self.data]
        if self.subset is not None:
            row["subset"] = [{"offset": one.start, "length": one.length} for one in self.subset]
        row |= _given(length=self.length, version=self.version, flags=self.flags)
        return row if self.exact else row | {"exact": False}


REQUIRED = (
    Exclusion("/uuid", data=((8, C2PA),)),
    Exclusion("/ftyp"),
    Exclusion("/mfra"),
)  # what every list of exclusions has (A.5.6)


@dataclass(frozen=True, slots=True, kw_only=True)
class MerkleRow:
    """One row of a Merkle tree, from the leaves up to the root, and how its leaves are cut."""

    unique_id: int
    local_id: int  # the index of an mdat box; of a fragmented file a track's number
    count: int  # leaves
    hashes: tuple[bytes, ...]  # none for an empty mdat box, as the reference has it
    alg: str | None = None  # None: that of the assertion
    init_hash: bytes | None = None  # of what comes before the fragments
    fixed_block_size: int | None = None
    variable_block_sizes: tuple[int, ...] | None = None

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read a row.

        Raises:
            MalformedError: a field missing or of another type.
        """
        fields = Fields(value, "merkle map")
        variable = fields.map.get("variableBlockSizes") is not None
        return cls(
            unique_id=fields.need_integer("uniqueId"),
            local_id=fields.need_integer("localId"),
            count=fields.need_integer("count"),
            hashes=fields.each("hashes", _bytes),
            alg=fields.text("alg"),
            init_hash=fields.data("initHash"),
            fixed_block_size=fields.integer("fixedBlockSize"),
            variable_block_sizes=fields.each("variableBlockSizes", _size) if variable else None,
        )

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map for `cbor.encode`."""
        sizes = self.variable_block_sizes
        return _given(
            uniqueId=self.unique_id,
            localId=self.local_id,
            count=self.count,
            hashes=list(self.hashes),
            alg=self.alg,
            initHash=self.init_hash,
            fixedBlockSize=self.fixed_block_size,
            variableBlockSizes=None if sizes is None else list(sizes),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BmffHash:
    """The assertion; of a plain file it has `hash`, of a fragmented one `merkle` alone."""

    exclusions: tuple[Exclusion, ...]
    hash: bytes | None = None
    alg: str | None = None  # None: that of the claim
    merkle: tuple[MerkleRow, ...] = ()
    name: str | None = None

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read the assertion, of version 2 or 3.

        Raises:
            MalformedError: no exclusions, or a field of another type.
        """
        fields = Fields(value, NAME)
        return cls(
            exclusions=fields.some("exclusions", Exclusion.read),
            hash=fields.data("hash"),
            alg=fields.text("alg"),
            merkle=fields.some("merkle", MerkleRow.read) if _has(fields.map, "merkle") else (),
            name=fields.text("name"),
        )

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map for `cbor.encode`."""
        return _given(
            exclusions=[one.to_cbor() for one in self.exclusions],
            merkle=[one.to_cbor() for one in self.merkle] or None,
            alg=self.alg,
            hash=self.hash,
            name=self.name,
        )

    @property
    def by_id(self) -> dict[tuple[int, int], MerkleRow]:
        """The rows by uniqueId and localId; of two alike the first."""
        return {(row.unique_id, row.local_id): row for row in reversed(self.merkle)}

    @property
    def fragmented(self) -> bool:
        """Is it about a file in fragments, be they in one file or in many?"""
        return any(row.init_hash is not None for row in self.merkle)

    @property
    def additional(self) -> tuple[Exclusion, ...]:
        """Exclusions beyond those that must be there, and room that is free (2.4 §15.12.2)."""
        usual = {*REQUIRED, Exclusion("/free"), Exclusion("/skip")}
        if self.hash is not None and self.merkle:
            usual.add(Exclusion("/mdat", subset=(Span(16, 0),)))
        return tuple(one for one in self.exclusions if one not in usual)


@dataclass(frozen=True, slots=True, kw_only=True)
class BmffMerkleMap:
    """A C2PA `merkle` box: where a part of the file stands in its tree, and how to get upwards."""

    unique_id: int
    local_id: int
    location: int  # of the leaf, from 0
    hashes: tuple[bytes, ...] = ()  # the proof: siblings from the leaf up to below the row

    @property
    def id(self) -> tuple[int, int]:
        """The uniqueId and localId of the row it belongs to."""
        return self.unique_id, self.local_id

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read the content of the box.

        Raises:
            MalformedError: a field missing or of another type.
        """
        fields = Fields(value, "merkle box")
        return cls(
            unique_id=fields.need_integer("uniqueId"),
            local_id=fields.need_integer("localId"),
            location=fields.need_integer("location"),
            hashes=fields.each("hashes", _bytes),
        )

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map for `cbor.encode`."""
        return _given(
            uniqueId=self.unique_id,
            localId=self.local_id,
            location=self.location,
            hashes=list(self.hashes) or None,
        )


def _given(**fields: CborValue) -> dict[str, CborValue]:
    return {name: value for name, value in fields.items() if value is not None}


def _has(row: Mapping[str, CborValue], key: str) -> bool:
    return row.get(key) is not None


def _data(value: CborValue) -> tuple[int, bytes]:
    fields = Fields(value, "exclusion data")
    return fields.need_integer("offset"), fields.need_data("value")


def _subset(value: CborValue) -> Span:
    fields = Fields(value, "exclusion subset")
    return Span(fields.need_integer("offset"), fields.need_integer("length"))


def _bytes(value: CborValue) -> bytes:
    if not isinstance(value, bytes):
        raise MalformedError("merkle hashes", "an item that is no byte string")
    return value


def _size(value: CborValue) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise MalformedError("variableBlockSizes", "an item that is no size")
    return value
