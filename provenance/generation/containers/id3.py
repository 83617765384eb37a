"""ID3v2: TXXX frames under their description, and comments.

    TXXX: encoding u8 | description 00 | text       COMM: encoding u8 | language 3 | …the same

Source: id3v2.4.0-frames §4.2.6, §4.10.
"""

from collections.abc import Iterator

from provenance.errors import LimitError, MalformedError
from provenance.formats._id3_tag import decoded as content_of
from provenance.formats._id3_tag import read_tag
from provenance.generation.texts import Text
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["texts"]

_CHARSETS = ("latin-1", "utf-16", "utf-16-be", "utf-8")
_OLD = {b"TXX": b"TXXX", b"COM": b"COMM"}
_MOST = 1000


def texts(source: ByteSource, limits: Limits) -> Iterator[Text]:
    """The texts of the tag at the start of a file."""
    try:
        tag = read_tag(source, limits)
    except (MalformedError, LimitError):
        return
    for frame in tag.frames[:_MOST] if tag else ():
        kind = _OLD.get(frame.id, frame.id)
        if kind not in (b"TXXX", b"COMM") or not frame.readable or tag is None:
            continue
        if frame.end - frame.content > limits.text_bytes:
            yield Text("id3", kind.decode(), None)
            continue
        data = content_of(tag, frame)
        charset = _CHARSETS[data[0]] if data and data[0] < len(_CHARSETS) else "latin-1"
        rest = data[4:] if kind == b"COMM" else data[1:]
        name, value = _parted(rest, wide=charset.startswith("utf-16"))
        key = name.decode(charset, "replace") or "comment"
        yield Text(f"id3:{kind.decode()}", key, _plain(value, charset))


def _parted(data: bytes, *, wide: bool) -> tuple[bytes, bytes]:
    if not wide:
        name, _, value = data.partition(b"\0")
        return name, value
    at = next((at for at in range(0, len(data) - 1, 2) if data[at : at + 2] == b"\0\0"), len(data))
    return data[:at], data[at + 2 :]


def _plain(value: bytes, charset: str) -> str:
    if charset == "latin-1":
        try:
            return value.decode().strip("\0")
        except UnicodeDecodeError:
            pass
    return value.decode(charset, "replace").strip("\0")
