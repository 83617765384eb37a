"""Small ISO base media files made by hand, and a reader of their tables that owes us nothing.

Nobody plays them: a film's samples are words, and what counts is that every table of the file
still points at the right word after the file has changed around it.
"""

import io
import struct
from collections.abc import Callable, Iterator, Sequence

from PIL import Image, features

__all__ = [
    "BMFF_SAMPLES",
    "C2PA",
    "aims",
    "box",
    "carrier",
    "film",
    "fragments",
    "full",
    "head",
    "heif",
    "table",
]

C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
WORDS = (b"once upon", b"a time there", b"was a film", b"of three words")


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box with a 32-bit size."""
    data = b"".join(parts)
    return struct.pack(">I4s", len(data) + 8, kind) + data


def full(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """A box with version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def head(major: bytes, *brands: bytes) -> bytes:
    """An `ftyp` box."""
    return box(b"ftyp", major, bytes(4), major, *brands)


def carrier(purpose: bytes, data: bytes) -> bytes:
    """A `uuid` box of C2PA's; the offset field, if there is one, is part of the data."""
    return box(b"uuid", C2PA, bytes(4), purpose, b"\0", data)


def table(kind: bytes, offsets: Sequence[int]) -> bytes:
    """An `stco` or `co64` box."""
    form = "I" if kind == b"stco" else "Q"
    return full(kind, 0, 0, struct.pack(f">I{len(offsets)}{form}", len(offsets), *offsets))


def _track(tables: bytes, references: bytes | None = None) -> bytes:
    if references is None:
        references = full(b"dref", 0, 0, struct.pack(">I", 1), full(b"url ", 0, 1))
    media = box(b"minf", box(b"dinf", references), box(b"stbl", tables))
    return box(b"trak", full(b"tkhd", 0, 7, bytes(80)), box(b"mdia", media))


def film(
    start: bytes,
    *,
    kind: bytes = b"stco",
    first: bool = True,
    between: bytes = b"",
    after: bytes = b"",
    references: bytes | None = None,
    words: Sequence[bytes] = WORDS,
    extra: Callable[[int], bytes] = lambda _: b"",
) -> bytes:
    """A film of one track whose chunks are words.

    Args:
        start: its `ftyp` box, or none.
        kind: of the chunk table.
        first: the `moov` box before the media.
        extra: further tables of the track, given where the media begins.
    """

    def laid(at: int) -> tuple[bytes, int]:
        offsets = [at + sum(map(len, words[:number])) for number in range(len(words))]
        movie = box(
            b"moov",
            full(b"mvhd", 0, 0, bytes(96)),
            _track(table(kind, offsets) + extra(at), references),
        )
        return movie, len(start) + len(between) + 8 + (len(movie) if first else 0)

    movie, _ = laid(laid(0)[1])
    media = box(b"mdat", *words)
    parts = (start, movie, between, media) if first else (start, between, media, movie)
    return b"".join((*parts, after))


def heif(
    start: bytes,
    *,
    version: int = 1,
    sizes: tuple[int, int, int, int] = (4, 4, 0, 0),
    words: Sequence[bytes] = WORDS,
    base: int | None = None,
    inside: bytes = b"",
    entries: bytes | None = None,
) -> bytes:
    """A picture whose items are words; each lies in two extents.

    Args:
        sizes: of offset, length, base and index, in bytes.
        base: what the items' base is, counted from the media; None for 0 in the file.
        inside: more boxes of the `meta` box.
        entries: of the `iinf` box.
    """
    offset_size, length_size, base_size, index_size = sizes
    wide = 4 if version == 2 else 2

    def laid(at: int) -> bytes:
        origin = 0 if base is None else at + base
        items, place = [], at
        for number, word in enumerate(words, 1):
            parts = [number.to_bytes(wide)]
            parts += [b"\0\0"] * (version > 0)
            parts += [b"\0\0", origin.to_bytes(base_size), struct.pack(">H", 2)]
            for part in (word[:3], word[3:]):
                parts += [bytes(index_size if version else 0)]
                parts += [(place - origin).to_bytes(offset_size), len(part).to_bytes(length_size)]
                place += len(part)
            items.append(b"".join(parts))
        nibbles = bytes((offset_size << 4 | length_size, base_size << 4 | index_size))
        location = full(b"iloc", version, 0, nibbles, len(words).to_bytes(wide), *items)
        info = full(b"iinf", 0, 0, struct.pack(">H", 1), entries or b"")
        handler = full(b"hdlr", 0, 0, bytes(4), b"pict", bytes(13))
        return full(b"meta", 0, 0, handler, info, location, inside)

    at = len(start) + len(laid(100)) + 8
    return start + laid(at) + box(b"mdat", *words)


def fragments(
    start: bytes = b"",
    *,
    words: Sequence[bytes] = WORDS,
    based: bool = True,
    indexed: bool = True,
    version: int = 0,
    before: bytes = b"",
    tail: bool = True,
) -> bytes:
    """A film in fragments, one for each word: sidx, then moof and mdat in turns, then mfra.

    Args:
        based: each fragment says where in the file its data counts from; else from its moof.
        before: what comes before each `moof`, in its segment.
    """
    form = "I" if version == 0 else "Q"

    def laid(places: Sequence[int]) -> bytes:
        parts = []
        for number, (word, place) in enumerate(zip(words, places, strict=True), 1):
            base = struct.pack(">Q", place) if based else b""
            header = full(b"tfhd", 0, 1 if based else 0x20000, struct.pack(">I", 1), base)
            size = 32 + len(header) + 20 + 20  # of moof with all in it
            run = full(b"trun", 0, 1, struct.pack(">Ii", 1, size + 8))
            aux = full(b"saio", 0, 0, struct.pack(">II", 1, size + 8))
            moof = box(
                b"moof",
                full(b"mfhd", 0, 0, struct.pack(">I", number)),
                box(b"traf", header, run, aux),
            )
            assert len(moof) == size
            parts.append(before + moof + box(b"mdat", word))
        index = b""
        if indexed:
            rows = [struct.pack(">III", len(part), 1000, 0x90000000) for part in parts]
            first = struct.pack(f">{form}{form}HH", 0, 0, 0, len(parts))
            index = full(b"sidx", version, 0, struct.pack(">II", 1, 1000), first, *rows)
        ends = b""
        if tail:
            rows = [
                struct.pack(f">{form}{form}BBB", number, place, 1, 1, 1)
                for number, place in enumerate(places)
            ]
            access = full(b"tfra", version, 0, struct.pack(">III", 1, 0, len(rows)), *rows)
            ends = box(b"mfra", access, full(b"mfro", 0, 0, struct.pack(">I", len(access) + 24)))
        return start + index + b"".join(parts) + ends

    once = laid([0] * len(words))
    return laid([at for at, kind, _ in _boxes(once, 0, len(once)) if kind == b"moof"])


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[int, bytes, int]]:
    """Start, type and end of the boxes in a row."""
    while at < end:
        size, kind = struct.unpack_from(">I4s", data, at)
        size = struct.unpack_from(">Q", data, at + 8)[0] if size == 1 else size or end - at
        yield at, kind, at + size
        at += size


_INNER = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"mfra", b"meta")


def aims(data: bytes, length: int = 8) -> list[tuple[bytes, bytes]]:
    """What the tables of a file point at: the table's type and the first bytes there, in order."""
    return list(_aims(data, 0, len(data), length, 0))


def _aims(data: bytes, at: int, end: int, length: int, moof: int) -> Iterator[tuple[bytes, bytes]]:
    def seen(place: int) -> tuple[bytes, bytes]:
        return kind, data[place : place + length]

    base = moof
    for start, kind, stop in _boxes(data, at, end):
        body = start + 8
        if kind in _INNER:
            inner = body + (4 if kind == b"meta" else 0)
            yield from _aims(data, inner, stop, length, start if kind == b"moof" else moof)
        elif kind in (b"stco", b"co64"):
            form = "I" if kind == b"stco" else "Q"
            (count,) = struct.unpack_from(">I", data, body + 4)
            yield from map(seen, struct.unpack_from(f">{count}{form}", data, body + 8))
        elif kind == b"tfhd" and data[body + 3] & 1:
            (base,) = struct.unpack_from(">Q", data, body + 8)
            yield seen(base)
        elif kind == b"trun":
            yield seen(base + struct.unpack_from(">i", data, body + 8)[0])
        elif kind == b"saio":
            form = "I" if data[body] == 0 else "Q"
            skipped = 8 if data[body + 3] & 1 else 0
            (count,) = struct.unpack_from(">I", data, body + 4 + skipped)
            for offset in struct.unpack_from(f">{count}{form}", data, body + 8 + skipped):
                yield seen((base if moof else 0) + offset)
        elif kind == b"tfra":
            wide = 4 if data[body] == 0 else 8
            (count,) = struct.unpack_from(">I", data, body + 12)
            for number in range(count):
                place = body + 16 + number * (2 * wide + 3) + wide
                yield seen(int.from_bytes(data[place : place + wide]))
        elif kind == b"sidx":
            wide = 4 if data[body] == 0 else 8
            place = stop + int.from_bytes(data[body + 12 + wide : body + 12 + 2 * wide])
            (count,) = struct.unpack_from(">H", data, body + 14 + 2 * wide)
            for number in range(count):
                size = int.from_bytes(data[body + 16 + 2 * wide + 12 * number :][:4]) & 0x7FFFFFFF
                place += size  # the first bytes of a segment, and its last
                yield kind, data[place - size :][:length] + data[place - 3 : place]
        elif kind == b"iloc":
            yield from _item_aims(data, body)


def _item_aims(data: bytes, body: int) -> Iterator[tuple[bytes, bytes]]:
    place = body + 4

    def number(width: int) -> int:
        nonlocal place
        place += width
        return int.from_bytes(data[place - width : place])

    version, sizes = data[body], number(2)
    offset, length, base, index = (sizes >> shift & 0xF for shift in (12, 8, 4, 0))
    wide = 4 if version == 2 else 2
    for _ in range(number(wide)):
        number(wide)
        method = number(2) if version else 0
        number(2)
        origin, extents = number(base), number(2)
        for _ in range(extents):
            number(index if version else 0)
            start, size = origin + number(offset), number(length)
            if method == 0:
                yield b"iloc", data[start : start + size]


def _avif() -> bytes:
    if not features.check("avif"):
        return heif(head(b"avif", b"mif1", b"miaf"))
    out = io.BytesIO()
    Image.linear_gradient("L").resize((24, 16)).convert("RGB").save(out, "AVIF")
    return out.getvalue()


BMFF_SAMPLES: dict[str, Callable[[], bytes]] = {
    "MP4": lambda: film(head(b"isom", b"iso2", b"mp41")),
    "MOV": lambda: film(head(b"qt  "), first=False, between=box(b"wide")),
    "M4A": lambda: film(head(b"M4A ", b"isom"), between=box(b"free", bytes(5))),
    "M4V": lambda: film(head(b"M4V ", b"mp42"), kind=b"co64"),
    "HEIC": lambda: heif(head(b"heic", b"mif1")),
    "HEIF": lambda: heif(head(b"mif1"), version=0),
    "AVIF": _avif,
    "MP4 segment": lambda: fragments(
        box(b"styp", b"msdh", bytes(4), b"msdh"), based=False, tail=False
    ),
}
