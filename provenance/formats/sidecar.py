"""Where the manifest store of an asset lies when it is a file of its own.

    picture.jpg → picture.jpg.c2pa, else picture.c2pa

Source: C2PA 2.5 §14.5; 2.2 §15.5 knows the second only.
"""

import os
from pathlib import Path

__all__ = ["candidates", "paired"]

_SUFFIX = ".c2pa"


def candidates(path: Path) -> tuple[Path, ...]:
    """The places to look for an asset's sidecar, the likeliest first; the asset is none of them."""
    if not path.name:
        return ()
    places = (path.with_name(path.name + _SUFFIX), path.with_suffix(_SUFFIX))
    return tuple(place for place in dict.fromkeys(places) if place != path)


def paired(path: Path) -> Path | None:
    """The sidecar that an asset has, if it has one."""
    for place in candidates(path):
        # Not Path.is_file: a name too long for the file system is no file here, not an error.
        if os.path.isfile(place) and not _same(place, path):  # see above
            return place
    return None


def _same(place: Path, path: Path) -> bool:
    # Names that differ in case only are one file on some systems.
    return path.exists() and place.samefile(path)
