"""MP3 and FLAC: the manifest store is the object of a GEOB frame in the ID3v2 tag at the start.

    ID3 tag | MPEG audio frames            ID3 tag | 'fLaC' | FLAC
    GEOB:  encoding u8 | media type 00 | file name 00 | description 00 | store

A file without a tag gets one. Frames that were there keep their bytes, and the store's comes after
them, before any padding. The whole frame is left out of a data hash, and the size of the tag too:
otherwise no update manifest could ever be added. As that size is not hashed, a tag with a store may
hold nothing but frames and zeros, so that no audio can be hidden in it.
Source: C2PA 2.2 §A.3.4; id3v2.3.0 §4.16; see `_id3_tag` for the tag.
"""

from collections.abc import Iterator

from provenance.errors import LimitError, MalformedError
from provenance.formats._id3_tag import (
    HEADER,
    Frame,
    Tag,
    decoded,
    read_tag,
    tag_end,
    with_sevens,
)
from provenance.formats._mpeg_audio import is_mpeg_audio, starts_mpeg_audio
from provenance.formats.base import Handler, Keep, Located, New, Piece, Plan, Slot, piece_length
from provenance.formats.xmp import remote_manifest
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span, merge

__all__ = ["HANDLERS"]

_MEDIA_TYPES = (b"application/c2pa", b"application/x-c2pa-manifest-store")
_OBJECT = b"\0application/c2pa\0c2pa\0c2pa manifest store\0"  # Latin-1, ahead of the store
_XMP = b"XMP\0"  # the owner of a PRIV frame
_HEAD = 1024  # bytes: media type, file name and description, with room to spare
_MOST = 1 << 28  # bytes of a tag
_MOST_OLD = 1 << 24  # bytes of a frame in 2.2
_FLAC = b"fLaC"
_SIZE = Span(6, 4)  # of the tag, in its header
_NEW_TAG = b"ID3\3\0\0"  # 2.3, which the standard names


class _Tagged(Handler):
    """What MP3 and FLAC share."""

    family: str = "ID3"

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`. XMP is looked at only when there is no store."""
        tag = read_tag(source, limits)
        if tag is None:
            return Located()
        stores = tuple(_stores(tag))
        if not stores:
            return Located(remote_url=_remote_url(tag, limits))
        carriers = tuple(tag.placed(frame) for frame, _ in stores)
        if len(stores) > 1:
            return Located(carriers=carriers, count=len(stores))
        ((frame, at),) = stores
        if not tag.is_clean():
            raise MalformedError(
                "ID3 tag", "holds more than frames and zeros", offset=tag.in_file(tag.last)
            )
        length = frame.end - frame.content
        if length > limits.store_bytes:
            raise LimitError(
                "GEOB frame",
                f"{length} bytes long, of which we read {limits.store_bytes}",
                offset=carriers[0].start,
            )
        store = decoded(tag, frame)[at:]
        if tag.raw is not None or tag.stuffed(frame):
            return Located(store=store, carriers=carriers, count=1)
        core = Span(frame.content + at, len(store))
        sizes = (_SIZE, tag.size_of(frame), *((Span(tag.end - 4, 4),) if tag.footer else ()))
        return Located(store=store, carriers=merge((*sizes, core)), core=(core,), count=1)

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`."""
        tag = read_tag(source, limits)
        audio = Keep(Span.between(0 if tag is None else tag.end, source.size))
        self._check_audio(source, audio.span.start)
        new: tuple[Piece, ...] = ()
        if tag is None:
            if not store_length:
                return Plan((audio,))
            new = _frame_pieces(store_length, 3, sevens=False)
            size = New(_sized(sum(map(piece_length, new))), unbound=True)
            return Plan((New(_NEW_TAG), size, *new, audio))
        stores = {frame for frame, _ in _stores(tag)}
        if not store_length and not stores:
            return Plan((Keep(Span(0, source.size)),))
        if store_length:
            new = _frame_pieces(store_length, tag.version, sevens=tag.sevens)
        if new and not tag.is_clean():
            raise MalformedError(
                "ID3 tag", "holds more than frames and zeros", offset=tag.in_file(tag.last)
            )
        return Plan((*_tag_pieces(tag, stores, new), audio))

    def _check_audio(self, source: ByteSource, at: int) -> None:
        """Raise if what follows the tag cannot be ours."""


class _Mp3(_Tagged):
    name: str = "MP3"
    media_types: tuple[str, ...] = (
        "audio/mpeg",
        "audio/mp3",
        "audio/x-mp3",
        "audio/mpeg3",
        "audio/x-mpeg",
    )
    suffixes: tuple[str, ...] = (".mp3", ".mp2", ".mpga")

    def sniff(self, head: bytes) -> bool:
        """See `Handler`. A tag longer than the head leaves open what follows it."""
        at = _after_tags(head)
        if at == 0:
            return is_mpeg_audio(head)
        rest = head[at:].lstrip(b"\0")
        return len(rest) < 4 or starts_mpeg_audio(rest)

    def confirm(self, source: ByteSource) -> bool:
        """See `Handler`."""
        return not _is_flac(source)


class _Flac(_Tagged):
    name: str = "FLAC"
    media_types: tuple[str, ...] = ("audio/flac", "audio/x-flac")
    suffixes: tuple[str, ...] = (".flac",)

    def sniff(self, head: bytes) -> bool:
        """See `Handler`. A tag longer than the head leaves open what follows it."""
        at = _after_tags(head)
        return head.startswith(_FLAC, at) or 0 < len(head) <= at

    def confirm(self, source: ByteSource) -> bool:
        """See `Handler`."""
        return _is_flac(source)

    def _check_audio(self, source: ByteSource, at: int) -> None:
        if source.read(at, min(len(_FLAC), source.size - at)) != _FLAC:
            raise MalformedError("FLAC", "'fLaC' is not where the audio starts", offset=at)


HANDLERS: tuple[Handler, ...] = (_Mp3(), _Flac())


def _after_tags(head: bytes) -> int:
    """Where the ID3 tags at the start end; usually there is one at the most."""
    at = 0
    for _ in range(4):
        end = tag_end(head, at)
        if end is None:
            break
        at = end
    return at


def _is_flac(source: ByteSource) -> bool:
    end = tag_end(source.read(0, min(HEADER, source.size))) or 0
    return end <= source.size - len(_FLAC) and source.read(end, len(_FLAC)) == _FLAC


# Reading


def _stores(tag: Tag) -> Iterator[tuple[Frame, int]]:
    """The frames that carry a manifest store, and where in their content it starts."""
    for frame in tag.frames:
        if frame.id in (b"GEOB", b"GEO") and frame.readable:
            at = _object_at(decoded(tag, frame, _HEAD))
            if at is not None:
                yield frame, at


def _object_at(content: bytes) -> int | None:
    """Where the object of a GEOB frame starts, if it is a manifest store."""
    wide = content[:1] in (b"\1", b"\2")  # UTF-16: text ends with two zeros
    at = content.find(b"\0", 1)
    if at < 0 or content[1:at] not in _MEDIA_TYPES:
        return None
    at += 1
    for _ in ("file name", "description"):
        found = _end_of_text(content, at, wide)
        if found is None:
            return None
        at = found
    return at


def _end_of_text(content: bytes, at: int, wide: bool) -> int | None:
    if not wide:
        end = content.find(b"\0", at)
        return None if end < 0 else end + 1
    while True:
        end = content.find(b"\0\0", at)
        if end < 0:
            return None
        if (end - at) % 2 == 0:
            return end + 2
        at = end + 1


def _remote_url(tag: Tag, limits: Limits) -> str | None:
    for frame in tag.frames:
        if frame.id != b"PRIV" or not frame.readable or frame.end - frame.start > limits.text_bytes:
            continue
        content = decoded(tag, frame)
        if content.startswith(_XMP):
            return remote_manifest(content[len(_XMP) :], limits)
    return None


# Writing


def _frame_pieces(store_length: int, version: int, *, sevens: bool) -> tuple[Piece, ...]:
    """A GEOB frame of a version, with a slot for the store."""
    content = len(_OBJECT) + store_length
    most = _MOST_OLD if version == 2 else _MOST
    if content >= most:
        raise LimitError("GEOB frame", f"{content} bytes, a frame of ID3v2.{version} holds {most}")
    slot = Slot(store_length, bytes)
    if version == 2:
        return New(b"GEO"), New(content.to_bytes(3), unbound=True), New(_OBJECT), slot
    size = with_sevens(content) if sevens else content.to_bytes(4)
    return New(b"GEOB"), New(size, unbound=True), New(b"\0\0" + _OBJECT), slot


def _tag_pieces(tag: Tag, stores: set[Frame], new: tuple[Piece, ...]) -> Iterator[Piece]:
    """The tag without its stores and with a new frame; nothing if nothing is left in it."""
    parts = list(_kept(tag, stores, new))
    length = sum(piece_length(part) for part in parts)
    if not length:
        return
    flags = tag.flags
    extended = tag.first - tag.body
    if extended and not _can_stay(tag):
        flags, extended = flags & ~0x40, 0
    # Up to 2.3 unsynchronisation is gone from all of the tag; in 2.4 each frame tells of its own.
    flags &= ~0x80
    length += extended
    start = bytes((tag.version, tag.view.read(4, 1)[0], flags))
    size = New(_sized(length), unbound=True)
    yield New(b"ID3" + start)
    yield size
    if extended:
        yield _carried(tag, Span(tag.body, extended))
    yield from parts
    if tag.footer:
        yield New(b"3DI" + start)
        yield size


def _kept(tag: Tag, stores: set[Frame], new: tuple[Piece, ...]) -> Iterator[Piece]:
    """The frames that stay, the new one among or after them, and the padding."""
    place = next(iter(stores)) if len(stores) == 1 else None
    at = tag.first  # all before it is told
    for frame in tag.frames:
        unmarked = tag.stuffed(frame) and not frame.marked
        if frame in stores or unmarked:
            yield from _carried_between(tag, at, frame.start)
            at = frame.end
        if frame is place:
            yield from new
        if unmarked and frame not in stores:
            # The tag said so for all its frames; from here on this one must say so itself.
            yield New(frame.marking(tag.view.read(frame.start, HEADER)))
            yield from _carried_between(tag, frame.start + HEADER, frame.end)
    if place is None and new:
        yield from _carried_between(tag, at, tag.last)
        at = tag.last
        yield from new
    yield from _carried_between(tag, at, tag.close)


def _carried_between(tag: Tag, start: int, end: int) -> Iterator[Piece]:
    if end > start:
        yield _carried(tag, Span.between(start, end))


def _carried(tag: Tag, span: Span) -> Piece:
    return Keep(span) if tag.raw is None else New(tag.view.read(span.start, span.length))


def _can_stay(tag: Tag) -> bool:
    """Can the extended header? Not with a checksum, which would not fit the frames any more.

    That of 2.3 says little else, and the reference implementation finds no frame behind it.
    """
    flags = tag.view.read(tag.body + 4, min(2, tag.first - tag.body - 4))
    return tag.version == 4 and not (flags and flags[-1] & 0x20)


def _sized(length: int) -> bytes:
    if length >= _MOST:
        raise LimitError("ID3 tag", f"{length} bytes, a tag holds {_MOST - 1}")
    return with_sevens(length)
