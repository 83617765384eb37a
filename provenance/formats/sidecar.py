"""Where the manifest store of an asset lies when it is a file of its own.

    picture.jpg → picture.jpg.c2pa, else picture.c2pa
    folder/     → folder.c2pa, else the one store in the folder that is no file's in it

Source: C2PA 2.5 §14.5; 2.2 §15.5 knows the second only; §18.8.3 for one that lies in a folder.
"""

import os
from pathlib import Path

__all__ = ["candidates", "inside", "paired", "place"]

_SUFFIX = ".c2pa"


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
    for beside in candidates(path):
        # Not Path.is_file: a name too long for the file system is no file here, not an error.
        if os.path.isfile(beside) and not _same(beside, path):  # see above
            return beside
    return inside(path) if os.path.isdir(path) else None


def inside(folder: Path) -> Path | None:
    """The one manifest store that lies in a folder and belongs to no file there."""
    with os.scandir(folder) as found:
        names = {one.name for one in found if one.is_file(follow_symlinks=False)}
    assets = {name for name in names if not name.endswith(_SUFFIX)}
    owners = {*assets, *(Path(name).stem for name in assets)}
    with os.scandir(folder) as found:
        owners |= {one.name for one in found if one.is_dir(follow_symlinks=False)}
    stores = names - assets
    alone = [name for name in stores if name.removesuffix(_SUFFIX) not in owners]
    return folder / alone[0] if len(alone) == 1 else None


def _same(place: Path, path: Path) -> bool:
    # Names that differ in case only are one file on some systems.
    return path.exists() and place.samefile(path)
