"""Texts from a file: what they say, where they stood, and their character sets sniffed.

What standards say of character sets, writers do not keep: UTF-8 stands where Latin-1 should, and
UTF-16 in either byte order, whatever the TIFF header around it says.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from provenance.errors import LimitError

__all__ = ["Text", "Texts", "as_json", "decoded", "user_comment", "well_formed"]

_SURROGATE = re.compile("[\ud800-\udfff]")
_CHARSET = 8  # bytes of a UserComment's prefix


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a file. `value` is None for one that is longer than we read."""

    carrier: str  # such as "png:tEXt", "exif", "xmp", "matroska:tag"
    key: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Texts:
    """All texts of a file, in file order."""

    all: tuple[Text, ...] = ()
    json_bytes: int = 4 << 20
    _last: list[tuple[str, Any]] = field(default_factory=list, repr=False, compare=False)

    def get(self, *keys: str, carrier: str = "") -> str | None:
        """The first text under one of these keys, in the order of the keys.

        Args:
            keys: as the file spells them, case and all.
            carrier: how the carrier's name starts; any when empty.
        """
        return next(self.each(*keys, carrier=carrier), None)

    def each(self, *keys: str, carrier: str = "") -> Iterator[str]:
        """All texts under these keys."""
        for key in keys:
            for text in self.all:
                if text.key == key and text.value is not None and text.carrier.startswith(carrier):
                    yield text.value

    def json(self, *keys: str, carrier: str = "") -> Any:
        """The first text under these keys that is JSON, parsed; None when there is none."""
        for text in self.each(*keys, carrier=carrier):
            found = self.parsed(text)
            if found is not None:
                return found
        return None

    def parsed(self, text: str) -> Any:
        """A text as JSON, which nobody changes: a dozen dialects look at the same one in turn."""
        if not self._last or self._last[0][0] is not text:
            self._last.clear()  # one at a time: it may be large
            self._last.append((text, as_json(text, self.json_bytes)))
        return self._last[0][1]

    def object(self, *keys: str, carrier: str = "") -> Mapping[str, Any] | None:
        """The first text under these keys that is a JSON object."""
        for text in self.each(*keys, carrier=carrier):
            found = self.parsed(text)
            if isinstance(found, dict):
                return found
        return None

    def check_read(self) -> None:
        """Say so when something was too long to be read.

        Raises:
            LimitError: the first text that was.
        """
        for text in self.all:
            if text.value is None:
                raise LimitError(f"{text.carrier} {text.key[:40]}", "longer than we read")


def as_json(text: str, most: int = 4 << 20) -> Any:
    """A JSON value; None for what is none, nested too deep, or longer than `most` characters."""
    start = text.lstrip("\0 \t\r\n\ufeff")
    if len(start) > most or start[:1] not in ("{", "[", '"'):
        return None
    try:
        return json.loads(start.rstrip("\0 \t\r\n"))
    except (ValueError, RecursionError):
        return None


def well_formed(text: str) -> str:
    """A text with line ends of one kind, stripped at both ends, without lone surrogates."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\0 \t\n\ufeff")
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def decoded(data: bytes) -> str:
    """Bytes of UTF-8, or else of Latin-1, which any bytes are."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def user_comment(data: bytes, *, big: bool) -> str:
    """The text of an EXIF UserComment, with or without its charset prefix.

    Args:
        data: as it stands in the tag.
        big: is the TIFF block big-endian? It decides only what the text itself does not.
    """
    prefix = data[:_CHARSET]
    if prefix.rstrip(b"\0 ") == b"UNICODE":
        return _utf16(data[_CHARSET:], big=big)
    if prefix.rstrip(b"\0") in (b"ASCII", b""):
        data = data[_CHARSET:] if len(prefix) == _CHARSET else b""
    elif prefix == b"JIS\0\0\0\0\0":
        return data[_CHARSET:].decode("iso2022_jp", "replace")
    return decoded(data.strip(b"\0"))


def _utf16(data: bytes, *, big: bool) -> str:
    if data[:2] in (b"\xfe\xff", b"\xff\xfe"):
        big, data = data[:1] == b"\xfe", data[2:]
    else:
        sample = data[: 1 << 16]
        high, low = sample[::2].count(0), sample[1::2].count(0)
        if not high and not low:
            try:
                return data.decode()  # UTF-8, whatever was promised
            except UnicodeDecodeError:
                pass
        big = high > low if high != low else big
    return data.decode("utf-16-be" if big else "utf-16-le", "replace")
