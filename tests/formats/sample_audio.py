"""Small pieces of audio, made by hand: they play as silence, if at all."""

import struct
from collections.abc import Callable

__all__ = ["AUDIO_SAMPLES", "flac", "id3", "mp3_frames", "ogg_page", "opus", "text_frame"]


def sevens(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def text_frame(name: bytes = b"TIT2", text: bytes = b"Silence", version: int = 4) -> bytes:
    """A text frame of an ID3v2 tag."""
    content = b"\3" + text if version == 4 else b"\0" + text
    if version == 2:
        return name[:3] + len(content).to_bytes(3) + content
    size = sevens(len(content)) if version == 4 else len(content).to_bytes(4)
    return name + size + b"\0\0" + content


def id3(*frames: bytes, version: int = 4, flags: int = 0, padding: int = 0) -> bytes:
    """An ID3v2 tag."""
    body = b"".join(frames) + bytes(padding)
    return b"ID3" + bytes((version, 0, flags)) + sevens(len(body)) + body


def mp3_frames(count: int = 12) -> bytes:
    """Frames of MPEG 1 layer III, 128 kbit/s at 44.1 kHz."""
    return (b"\xff\xfb\x90\0" + bytes(413)) * count


def flac() -> bytes:
    """A FLAC's metadata, with a title, and no sound."""
    stream = (
        struct.pack(">HH", 4096, 4096) + bytes(6) + bytes.fromhex("0ac442f000000000") + bytes(16)
    )
    return (
        b"fLaC"
        + bytes((0,))
        + len(stream).to_bytes(3)
        + stream
        + bytes((0x84,))
        + len(COMMENTS).to_bytes(3)
        + COMMENTS
        + b"\xff\xf8\xc9\x18\0\0"
        + bytes(60)
    )


def ogg_page(
    data: bytes, *, flags: int = 0, serial: int = 1, number: int = 0, position: int = 0
) -> bytes:
    """A page with one packet, its CRC worked out bit by bit."""
    lacing = b"\xff" * (len(data) // 255) + bytes((len(data) % 255,))
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, position, serial, number, 0, len(lacing))
    page = head + lacing + data
    crc = 0
    for byte in page:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return page[:22] + struct.pack("<I", crc) + page[26:]


COMMENTS = struct.pack("<I", 4) + b"test" + struct.pack("<II", 1, 13) + b"TITLE=Silence"


def opus(serial: int = 7) -> bytes:
    """An Ogg Opus with a title and two silent packets."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48000, 0, 0)
    return (
        ogg_page(head, flags=2, serial=serial)
        + ogg_page(b"OpusTags" + COMMENTS, serial=serial, number=1)
        + ogg_page(b"\xf8\xff\xfe", serial=serial, number=2, position=960)
        + ogg_page(b"\xf8\xff\xfe", flags=4, serial=serial, number=3, position=1920)
    )


AUDIO_SAMPLES: dict[str, Callable[[], bytes]] = {
    "MP3": lambda: id3(text_frame(), text_frame(b"TPE1", b"Nobody"), padding=64) + mp3_frames(),
    "FLAC": lambda: id3(text_frame(version=3), version=3) + flac(),
    "Ogg": opus,
}
