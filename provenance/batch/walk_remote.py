"""The same walk over folders that lie elsewhere: `s3://bucket/prefix`, `hf://datasets/…`.

A folder is asked for its list once. That tells size, version and sidecar of each file, so that
looking at the file costs no further question. A prefix is always walked, whatever lies beside it.
"""

import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from provenance.remote.address import RemoteFile, is_web
from provenance.remote.source import beside, sidecars

if TYPE_CHECKING:
    from provenance.batch.walk import Batch, Mark, Wanted
    from provenance.remote.files import Entry

__all__ = ["folder_of", "globbed", "is_folder", "mark_of", "walk"]

_SIDECAR = ".c2pa"


def is_folder(url: str) -> bool:
    """Is it a folder? What cannot be told is a file, and whoever reads it will say what is wrong.

    A name that is no file is a folder too, where there are no folders but only names.
    """
    from provenance.remote.files import entry

    if is_web(url):
        return False
    try:
        found = entry(url)
    except OSError:
        return False
    return found is not None and found.folder


def globbed(url: str) -> Sequence[str]:
    """The addresses that fit a pattern; the pattern itself when it is a name, or nothing fits."""
    from provenance.remote import files

    if is_web(url):
        return (url,)
    try:
        if files.entry(url) is not None:
            return (url,)
        return files.globbed(url) or (url,)
    except OSError:
        return (url,)


def walk(root: str, wanted: "Wanted") -> "Iterator[Batch]":
    """All that lies in a folder and below, a folder at a time."""
    waiting = [(root.rstrip("/") if not root.endswith("://") else root, "")]
    while waiting:
        folder, below = waiting.pop()
        batch, folders = _look_into(folder, below, wanted)
        yield batch
        waiting.extend(reversed(folders))


def folder_of(url: str) -> str:
    """What an address lies in."""
    return url.rpartition("/")[0]


def _look_into(folder: str, below: str, wanted: "Wanted") -> "tuple[Batch, list[tuple[str, str]]]":
    from provenance.batch.walk import Batch, Named
    from provenance.remote.files import listed

    seen = time.time()
    try:
        found = listed(folder)
    except OSError:
        return Batch(folder, (Named(folder, found=True),), whole=False), []
    lead = folder if folder.endswith("://") else f"{folder}/"
    files = {one.name: one for one in found if not one.folder}
    assets = {name for name in files if not name.endswith(_SIDECAR)}
    owned = (
        {place for name in assets for place in sidecars(name)} if len(assets) < len(files) else ()
    )
    rows = []
    for name, one in files.items():
        if name in owned or not wanted.file(f"{below}{name}", name):
            continue  # read with the file beside it
        store = next((files[place] for place in sidecars(name) if place in files), None)
        store = None if name.endswith(_SIDECAR) else store
        away = RemoteFile(f"{lead}{name}", one.size, f"{lead}{store.name}" if store else "", seen)
        rows.append(Named(away.url, True, _mark(one, store), away=away))
    into = [
        (f"{lead}{one.name}", f"{below}{one.name}/")
        for one in found
        if one.folder and wanted.folder(f"{below}{one.name}", one.name)
    ]
    return Batch(folder, tuple(rows), wanted.all), into


def mark_of(url: str) -> "Mark | None":
    """The mark of a file that was named; None where it cannot be had, or nothing shows a change."""
    from provenance.remote.files import entry

    try:
        if is_web(url):
            return _mark_on_web(url)
        found = entry(url)
        if found is None or found.folder:
            return None
        place = beside(RemoteFile(url))
        return _mark(found, entry(place) if place else None)
    except OSError:
        return None


def _mark(one: "Entry", store: "Entry | None") -> "Mark | None":
    from provenance.batch.walk import Mark

    if one.size is None or not one.version or (store is not None and not store.version):
        return None
    told = f"{store.size}:{store.version};" if store else ""
    return Mark(one.size, one.modified_ns, _number(one.version), told)


def _mark_on_web(url: str) -> "Mark | None":
    from provenance.batch.walk import Mark
    from provenance.remote.web import WebRanges

    found = WebRanges(RemoteFile(url))
    return Mark(found.size, 0, _number(found.version)) if found.version else None


def _number(version: str) -> int:
    """What stands in the place of an inode: 63 bits, which a column holds."""
    return int.from_bytes(sha256(version.encode()).digest()[:8]) >> 1
