"""A folder as one asset: every file below it, in order of name. Its manifest lies beside it.

    data/            data.c2pa
    data/a.png       uri a.png
    data/b/c d.txt   uri b/c%20d.txt

URIs count from the folder, as if the manifest lay in it. Links are not followed.
Not scanned by the registry, since it has no first bytes; a `FolderSource` is told by its kind.
Source: C2PA 2.2 §18.8, §9.2.4; §18.15.3 (`multipart/mixed`); RFC 3986 §3.3.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from provenance.errors import LimitError, UnsupportedFormatError
from provenance.formats import sidecar
from provenance.formats._relative import relative_uri
from provenance.formats.base import BindingKind, Handler, Located, Member, Members, Plan
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["FOLDER"]


class _Folder(Handler):
    name: str = "folder"
    media_types: tuple[str, ...] = ("multipart/mixed",)
    suffixes: tuple[str, ...] = ()
    can_embed: bool = False
    bindings: tuple[BindingKind, ...] = ("collection",)

    def sniff(self, head: bytes) -> bool:
        """See `Handler`. No bytes are a folder's."""
        del head
        return False

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`. A store in the folder is a sidecar as one beside it is."""
        del source, limits
        return Located()

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`.

        Raises:
            UnsupportedFormatError: always; there is nothing to write it into.
        """
        del store_length, limits
        raise UnsupportedFormatError(source.name, "is a folder; its manifest goes into a sidecar")

    def members(self, source: ByteSource, limits: Limits) -> Members | None:
        """See `Handler`. None if this is no folder after all."""
        path: Path | None = getattr(source, "path", None)
        if path is None:
            return None
        name = path.resolve().name
        own = relative_uri(name)
        return Members(
            files=_files(path, limits),
            folder=None if (path / name).is_dir() else own,
        )


FOLDER: Handler = _Folder()


def _files(folder: Path, limits: Limits) -> Iterator[Member]:
    inside = sidecar.inside(folder)
    for count, (entry, name) in enumerate(_walk(folder, "")):
        if count >= limits.container_items:
            raise LimitError("folder", f"more than {limits.container_items} files")
        if inside is None or entry.path != str(inside):
            yield _member(entry, name)


def _walk(folder: Path | str, prefix: str) -> Iterator[tuple["os.DirEntry[str]", str]]:
    """All that lies below, with its path from the top; names in order, a folder's as "name/"."""
    with os.scandir(folder) as found:
        rows = sorted(
            (f"{one.name}/" if one.is_dir(follow_symlinks=False) else one.name, one)
            for one in found
        )
    for name, entry in rows:
        if name.endswith("/"):
            yield from _walk(entry.path, prefix + name)
        else:
            yield entry, prefix + name


def _member(entry: "os.DirEntry[str]", name: str) -> Member:
    # A name that is no text stands for its bytes, which is what a URI encodes.
    uri = relative_uri(os.fsencode(name))
    if entry.is_file(follow_symlinks=False):
        size = entry.stat(follow_symlinks=False).st_size
        return Member(uri=uri, size=size, path=Path(entry.path), names=(name,))
    kind = "a link, which is not followed" if entry.is_symlink() else "not a regular file"
    return Member(uri=uri, size=0, names=(name,), left_out=kind)
