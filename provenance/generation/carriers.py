"""Every text that a file carries, whatever its container; known by content, not by suffix.

PNG, JPEG, WebP, WAVE, GIF, TIFF, HEIF and AVIF, MP4 and MOV, Matroska and WebM, FLAC, Ogg, MP3,
SVG, GLB. Reads are bounded, one text by `Limits.text_bytes` and all by twice that; what is broken
ends the reading there, and what came before is kept.
"""

from collections.abc import Callable, Iterator

from provenance.generation.containers import (
    bmff,
    exif,
    gif,
    glb,
    id3,
    jpeg,
    matroska,
    png,
    riff,
    svg,
    vorbis,
)
from provenance.generation.texts import Text, Texts
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import ByteSource

__all__ = ["collect", "container"]

_Reader = Callable[[ByteSource, Limits], Iterator[Text]]
_HEAD = 1024
_MOST = 20_000  # texts


def _tiff(source: ByteSource, _limits: Limits) -> Iterator[Text]:
    return exif.texts(source)


_READERS: dict[str, _Reader] = {
    "png": png.texts,
    "jpeg": jpeg.texts,
    "riff": riff.texts,
    "gif": gif.texts,
    "tiff": _tiff,
    "bmff": bmff.texts,
    "matroska": matroska.texts,
    "flac": vorbis.flac,
    "ogg": vorbis.ogg,
    "mp3": id3.texts,
    "glb": glb.texts,
    "svg": svg.texts,
}
_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"RIFF", "riff"),
    (b"GIF8", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"\x1a\x45\xdf\xa3", "matroska"),
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b"ID3", "mp3"),
    (b"glTF", "glb"),
)


def container(source: ByteSource) -> str | None:
    """Which container a file is, of those whose texts we read; None for any other."""
    head = source.read(0, min(_HEAD, source.size))
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    if head[4:8] == b"ftyp":
        return "bmff"
    return "svg" if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" and b"<svg" in head else None


def collect(source: ByteSource, limits: Limits = DEFAULT_LIMITS) -> Texts:
    """All texts of a file, in file order; none of a container that is not one of ours.

    Raises:
        MalformedError: a container that must be whole is not.
    """
    name = container(source)
    found: list[Text] = []
    left = 2 * limits.text_bytes
    for text in _READERS[name](source, limits) if name else ():
        left -= len(text.value or "")
        if left < 0 or len(found) >= _MOST:
            found.append(Text(text.carrier, text.key, None))
            break
        found.append(text)
    return Texts(tuple(found), limits.json_bytes)
