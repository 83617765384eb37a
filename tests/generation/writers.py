"""Files with text in each carrier, made here: by Pillow where it can, else byte by byte."""

import io
import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any

from PIL import Image

__all__ = ["A1111", "GRAPH", "box", "chunk", "exif_block", "flac", "gif", "glb", "jpeg", "matroska"]
__all__ += ["mp3", "mp4", "ogg", "png", "safetensors", "svg", "user_comment", "webp", "xmp"]

A1111 = (
    "a cat, <lora:fur:0.7>\nNegative prompt: a dog\nSteps: 20, Sampler: Euler a, CFG scale: 7.5, "
    "Seed: 18446744073709551617, Size: 512x768, Model hash: 15012c538f, Model: cats, "
    'Lora hashes: "fur: 45b5bd0819cf", Version: v1.10.1'
)
GRAPH: dict[str, Any] = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "base.safetensors"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a cat", "clip": ["1", 1]}},
    "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "a dog", "clip": ["1", 1]}},
    "4": {"class_type": "EmptyLatentImage", "inputs": {"width": 640, "height": 480}},
    "5": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 42,
            "steps": 9,
            "cfg": 4.5,
            "sampler_name": "euler",
            "scheduler": "karras",
            "model": ["1", 0],
            "positive": ["2", 0],
            "negative": ["3", 0],
            "latent_image": ["4", 0],
        },
    },
    "6": {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["1", 2]}},
    "7": {"class_type": "SaveImage", "inputs": {"images": ["6", 0]}},
}
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes) -> bytes:
    crc = zlib.crc32(data, zlib.crc32(kind))
    return struct.pack(">I4s", len(data), kind) + data + struct.pack(">I", crc)


def png(*before: bytes, after: tuple[bytes, ...] = ()) -> bytes:
    """A PNG of one pixel, with chunks before and after its pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"".join((SIGNATURE, header, *before, pixels, *after, chunk(b"IEND", b"")))


def exif_block(
    tags: Mapping[int, bytes], inner: Mapping[int, bytes] | None = None, order: str = ">"
) -> bytes:
    """A TIFF block with ASCII tags in IFD0 and undefined ones in the Exif directory."""

    def directory(rows: list[tuple[int, int, bytes]], at: int) -> bytes:
        body = struct.pack(order + "H", len(rows))
        place, tail = at + 2 + 12 * len(rows) + 4, b""
        for tag, kind, value in sorted(rows):
            count = 1 if kind == 4 else len(value)
            body += struct.pack(order + "HHI", tag, kind, count)
            if len(value) <= 4:
                body += value.ljust(4, b"\0")
            else:
                body += struct.pack(order + "I", place + len(tail))
                tail += value
        return body + bytes(4) + tail

    rows = [(tag, 2, value) for tag, value in tags.items()]
    if inner is not None:
        length = len(directory([*rows, (0x8769, 4, bytes(4))], 8))
        rows.append((0x8769, 4, struct.pack(order + "I", 8 + length)))
    first = directory(rows, 8)
    second = directory([(tag, 7, value) for tag, value in (inner or {}).items()], 8 + len(first))
    head = {">": b"MM\0*", "<": b"II*\0"}[order] + struct.pack(order + "I", 8)
    return head + first + (second if inner is not None else b"")


def user_comment(text: str, charset: str = "utf-16-be", order: str = ">") -> bytes:
    prefix = b"ASCII\0\0\0" if charset == "ascii" else b"UNICODE\0"
    return exif_block({}, {0x9286: prefix + text.encode(charset)}, order)


def jpeg(*segments: tuple[int, bytes]) -> bytes:
    """A JPEG with segments before all others."""
    plain = io.BytesIO()
    Image.new("RGB", (8, 8)).save(plain, "JPEG")
    added = b"".join(
        bytes((0xFF, mark)) + struct.pack(">H", len(data) + 2) + data for mark, data in segments
    )
    return plain.getvalue()[:2] + added + plain.getvalue()[2:]


def webp(exif: bytes) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "WEBP", exif=exif)
    return stream.getvalue()


def xmp(properties: str) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
        '"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        'xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/">{properties}'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def mp4(texts: Mapping[str, str], *, user_data: bool = False, full: bool = True) -> bytes:
    """A film with `mdta` keys, below `moov` or its user data, as ISO or QuickTime has `meta`."""
    keys = b"".join(box(b"mdta", key.encode()) for key in texts)
    items = [
        box(
            struct.pack(">I", number),
            box(b"data", struct.pack(">II", 1, 0), text.encode()),
        )
        for number, text in enumerate(texts.values(), 1)
    ]
    handler = box(b"hdlr", bytes(8), b"mdta", bytes(13))
    tables = box(b"keys", bytes(4), struct.pack(">I", len(texts)), keys), box(b"ilst", *items)
    meta = box(b"meta", *([bytes(4)] if full else []), handler, *tables)
    inside = box(b"udta", meta) if user_data else meta
    return box(b"ftyp", b"isom", bytes(4)) + box(b"mdat", bytes(100)) + box(b"moov", inside)


def _element(number: int, body: bytes) -> bytes:
    name = number.to_bytes((number.bit_length() + 7) // 8)
    return name + struct.pack(">Q", len(body) | 1 << 56) + body


def matroska(texts: Mapping[str, str]) -> bytes:
    tags = b"".join(
        _element(0x67C8, _element(0x45A3, key.encode()) + _element(0x4487, text.encode()))
        for key, text in texts.items()
    )
    cluster = _element(0x1F43B675, bytes(50))
    segment = _element(0x18538067, cluster + _element(0x1254C367, _element(0x7373, tags)))
    return _element(0x1A45DFA3, _element(0x4282, b"webm")) + segment


def _comments(texts: Mapping[str, str]) -> bytes:
    rows = [f"{key}={text}".encode() for key, text in texts.items()]
    start = struct.pack("<I", 4) + b"test" + struct.pack("<I", len(rows))
    return start + b"".join(struct.pack("<I", len(row)) + row for row in rows)


def flac(texts: Mapping[str, str]) -> bytes:
    comments = _comments(texts)
    return b"".join(
        (
            b"fLaC\0" + (34).to_bytes(3) + bytes(34),
            b"\x84" + len(comments).to_bytes(3) + comments,
            b"\xff\xf8",
        )
    )


def ogg(texts: Mapping[str, str]) -> bytes:
    """An Opus file of two packets; the comments go over several pages."""

    def page(kind: int, number: int, laces: bytes, body: bytes) -> bytes:
        fixed = b"OggS\0" + bytes((kind,)) + bytes(8) + b"abcd" + struct.pack("<II", number, 0)
        return fixed + bytes((len(laces),)) + laces + body

    head = b"OpusHead" + bytes(11)
    rest = b"OpusTags" + _comments(texts)
    pages, number = [page(2, 0, bytes((len(head),)), head)], 1
    while True:
        part, rest = rest[: 255 * 255], rest[255 * 255 :]
        full, last = divmod(len(part), 255)
        laces = b"\xff" * full + (b"" if rest or full == 255 else bytes((last,)))
        pages.append(page(0, number, laces, part))
        number += 1
        if not rest:
            return b"".join(pages)


def mp3(texts: Mapping[str, str], charset: int = 3) -> bytes:
    encoding = ("latin-1", "utf-16", "utf-16-be", "utf-8")[charset]
    end = bytes(2 if charset in (1, 2) else 1)
    frames = b""
    for key, text in texts.items():
        body = bytes((charset,)) + key.encode(encoding) + end + text.encode(encoding)
        frames += b"TXXX" + struct.pack(">I", len(body)) + bytes(2) + body
    size = len(frames)
    sevens = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + sevens + frames + b"\xff\xfb\x90\0"


def glb(extras: Mapping[str, Any], length: int | None = None) -> bytes:
    text = json.dumps({"asset": {"version": "2.0", "extras": extras}}).encode()
    text += b" " * (-len(text) % 4)
    said = len(text) if length is None else length
    return struct.pack("<4sIIII", b"glTF", 2, 20 + len(text), said, 0x4E4F534A) + text


def svg(text: str) -> bytes:
    return (
        '<?xml version="1.0"?><!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg">'
        f"<metadata><![CDATA[{text}]]></metadata></svg>"
    ).encode()


def gif(comment: bytes) -> bytes:
    blocks = b"".join(
        bytes((len(comment[at : at + 255]),)) + comment[at : at + 255]
        for at in range(0, len(comment), 255)
    )
    plain = io.BytesIO()
    Image.new("P", (2, 2)).save(plain, "GIF")
    data = plain.getvalue()
    start = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    return data[:start] + b"\x21\xfe" + blocks + b"\0" + data[start:]


def safetensors(metadata: Mapping[str, str] | None, *names: str) -> bytes:
    rows: dict[str, Any] = {} if metadata is None else {"__metadata__": dict(metadata)}
    for at, name in enumerate(names or ("weight",)):
        rows[name] = {"dtype": "U8", "shape": [4], "data_offsets": [4 * at, 4 * at + 4]}
    text = json.dumps(rows).encode()
    return struct.pack("<Q", len(text)) + text + bytes(4 * max(1, len(names)))
