"""Where the manifest store of an asset lies when it is a file of its own.

    picture.jpg → picture.jpg.c2pa, else picture.c2pa
    folder/     → folder.c2pa, else the one store in the folder that lists files and is of none

Source: C2PA 2.5 §14.5; 2.2 §15.5 knows the second only; §18.8.3 for one that lies in a folder.
"""

import os
from pathlib import Path

from provenance.source import open_source
from provenance.spans import Span

__all__ = ["candidates", "inside", "paired", "place"]

_SUFFIX = ".c2pa"
_COLLECTION = b"c2pa.hash.collection.data"
_READ = 128 << 20  # bytes


def candidates(path: Path) -> tuple[Path, ...]:
    """The places to look for an asset's sidecar, the likeliest first; the asset is none of them."""
    if os.path.isdir(path):
        path = _named(path)
        return (path.with_name(path.name + _SUFFIX),) if path.name else ()
    if not path.name:
        return ()
    places = (path.with_name(path.name + _SUFFIX), path.with_suffix(_SUFFIX))
    return tuple(place for place in dict.fromkeys(places) if place != path)


def place(path: Path) -> Path:
    """Where a new sidecar goes: `picture.png` → `picture.c2pa`, `folder` → `folder.c2pa`."""
    if not os.path.isdir(path):
        return path.with_suffix(_SUFFIX)
    path = _named(path)
    return path.with_name(path.name + _SUFFIX)


def _named(folder: Path) -> Path:
    """A folder by its name, which "." and ".." do not say."""
    return folder.resolve() if folder.name in ("", "..") else folder


def paired(path: Path) -> Path | None:
    """The sidecar that an asset has, if it has one."""
    if os.path.isdir(path):
        return _of_folder(path)
    for beside in candidates(path):
        # Not Path.is_file: a name too long for the file system is no file here, not an error.
        if os.path.isfile(beside) and not _same(beside, path):  # see above
            return beside
    return None


def _of_folder(folder: Path) -> Path | None:
    for beside in candidates(folder):
        if os.path.isfile(beside) and (_lists_files(beside) or not _is_of_file(beside, folder)):
            return beside
    return inside(folder)


def _is_of_file(beside: Path, folder: Path) -> bool:
    """Is it rather the sidecar of a file that is called as the folder is, but for its suffix?"""
    with os.scandir(beside.parent) as found:
        return any(
            Path(one.name).stem == folder.name and one.name != beside.name and one.is_file()
            for one in found
        )


def _lists_files(store: Path) -> bool:
    with open_source(store) as source:
        overlap = b""
        for block in source.blocks(Span(0, min(source.size, _READ))):
            text = overlap + bytes(block)
            if _COLLECTION in text:
                return True
            overlap = text[-len(_COLLECTION) :]
    return False


def inside(folder: Path) -> Path | None:
    """The one manifest store that lies in a folder and belongs to no file there."""
    with os.scandir(folder) as found:
        if not any(one.name.endswith(_SUFFIX) for one in found):
            return None  # nearly always
    with os.scandir(folder) as found:
        names = {one.name for one in found if one.is_file(follow_symlinks=False)}
    assets = {name for name in names if not name.endswith(_SUFFIX)}
    owners = {*assets, *(Path(name).stem for name in assets)}
    with os.scandir(folder) as found:
        owners |= {one.name for one in found if one.is_dir(follow_symlinks=False)}
    stores = names - assets
    alone = [name for name in stores if name.removesuffix(_SUFFIX) not in owners]
    found_one = folder / alone[0] if len(alone) == 1 else None
    return found_one if found_one is not None and _lists_files(found_one) else None


def _same(place: Path, path: Path) -> bool:
    # Names that differ in case only are one file on some systems.
    return os.path.exists(path) and place.samefile(path)
