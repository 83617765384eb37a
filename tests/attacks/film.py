"""An ISO base media file made by hand, with a forged store, hashed by the book.

    film(forge)                                      an honest one
    film(forge, lambda row: row.pop("exclusions"))   what no edit touches is right

Nothing here is from the library's own BMFF hash: what a validator finds is what the forger did.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Any

from tests.attacks.forge import Edit, Forge, Recipe, Row, cbor, created, digest, nothing

C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
LABEL = "c2pa.hash.bmff.v3"


def box(kind: bytes, *parts: bytes, long: bool = False) -> bytes:
    """A box; `long` ones have a header of 16 bytes."""
    payload = b"".join(parts)
    if long:
        return struct.pack(">I4sQ", 1, kind, len(payload) + 16) + payload
    return struct.pack(">I4s", len(payload) + 8, kind) + payload


def c2pa_box(purpose: bytes, data: bytes) -> bytes:
    """A `uuid` box of C2PA's."""
    return box(b"uuid", C2PA, bytes(4), purpose + b"\0", data)


CONTENT = bytes(range(256)) * 5
FTYP = box(b"ftyp", b"isom", bytes(4), b"isommp41")
MOOV = box(b"moov", box(b"mvhd", bytes(4 + 96)))
SHORT = (MOOV, box(b"mdat", CONTENT))
LONG = (MOOV, box(b"mdat", CONTENT, long=True))


def required() -> list[Row]:
    """The exclusions that every list has."""
    ours = {"xpath": "/uuid", "data": [{"offset": 8, "value": C2PA}]}
    return [ours, {"xpath": "/ftyp"}, {"xpath": "/mfra"}]


def roots(data: bytes) -> list[tuple[bytes, int, int]]:
    """Type, start and end of each root box."""
    found, at = [], 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, at + 8)
        found.append((kind, at, at + size))
        at += size
    return found


def by_the_book(data: bytes, *, shown: int | None = None) -> bytes:
    """The hash of a file with the usual boxes left out (§18.6.2).

    Args:
        data: all of it.
        shown: bytes at the start of each mdat box that count; None for all of the box.
    """
    parts = []
    for kind, start, end in roots(data):
        ours = kind == b"uuid" and data[start + 8 : start + 24] == C2PA
        if not ours and kind not in (b"ftyp", b"mfra"):
            last = min(end, start + shown) if kind == b"mdat" and shown is not None else end
            parts += [start.to_bytes(8), data[start:last]]
    return digest(b"".join(parts))


def film(
    forge: Forge,
    edit: Edit = nothing,
    *,
    parts: Sequence[bytes] = SHORT,
    covered: Callable[[bytes], bytes] | None = by_the_book,
    label: str = LABEL,
) -> bytes:
    """A film with a store after its `ftyp` box.

    Args:
        forge: who signs.
        edit: the BMFF hash, before it is signed.
        parts: the boxes after the store.
        covered: its `hash`, of a film of the same size; None for none.
        label: of the assertion.
    """

    def with_hash(found: bytes) -> bytes:
        row: Row = {"alg": "sha256", "exclusions": required()}
        if covered is not None:
            row["hash"] = found
        edit(row)
        store = forge.store(Recipe(items=[created(), cbor(label, row)]))
        return b"".join((FTYP, c2pa_box(b"manifest", bytes(8) + store), *parts))

    return with_hash(bytes(32) if covered is None else covered(with_hash(bytes(32))))


def tree_row(hashes: Sequence[bytes], **more: Any) -> Row:
    """A row of a Merkle tree: that of the leaves, unless `count` says otherwise."""
    return {"uniqueId": 1, "localId": 0, "count": len(hashes), "hashes": list(hashes), **more}


def blocks(data: bytes, size: int) -> list[bytes]:
    """The digests of a payload's blocks."""
    return [digest(data[at : at + size]) for at in range(0, len(data), size)]


def with_trees(*rows: Row) -> Edit:
    """The edit that binds mdat boxes by trees, as the standard has it (A.5.6)."""

    def edit(row: Row) -> None:
        row["exclusions"].append({"xpath": "/mdat", "subset": [{"offset": 16, "length": 0}]})
        row["merkle"] = list(rows)

    return edit


def init_segment() -> bytes:
    """An initialisation segment of a film that is in segments."""
    return FTYP + box(b"moov", box(b"mvhd", bytes(100)), box(b"mvex", box(b"trex", bytes(24))))


def fragment(number: int, track: int = 7) -> bytes:
    """A `moof` and an `mdat` box; offsets count from the moof."""
    header = box(b"mfhd", bytes(4) + number.to_bytes(4))
    track_header = box(b"tfhd", b"\0\2\0\0" + track.to_bytes(4))
    moof = box(b"moof", header, box(b"traf", track_header))
    return moof + box(b"mdat", f"frames of segment {number}".encode() * 9)


def media_segment(number: int, track: int = 7) -> bytes:
    """A media segment of it."""
    return box(b"styp", b"msdh", bytes(4)) + fragment(number, track)
