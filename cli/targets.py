"""Where a result goes: never over an input unless told so."""

import os
import stat
from pathlib import Path

from provenance.cli.common import fail, os_sentence, sentences, usage
from provenance.formats import sidecar as beside

__all__ = ["readable", "target"]


def readable(path: str, *, folder: bool = False) -> Path:
    """An input that is a file, or a `folder`; else the end, with a sentence and exit code 1."""
    try:
        is_folder = stat.S_ISDIR(os.stat(path).st_mode)
    except OSError as error:
        fail(os_sentence(error))
    if is_folder and not folder:
        fail(f"{path}: is a folder, not a file")
    return Path(path)


def target(path: str, output: str | None, *, in_place: bool, sidecar: bool = False) -> Path:
    """The place for what is made of an input; a folder takes it under the same name.

    Args:
        path: the input.
        output: as the user gave it.
        in_place: is the input to be replaced?
        sidecar: is a sidecar made? Then the input may be a folder, too.
    """
    if in_place and output is not None:
        usage("--in-place and --output exclude each other.")
    if not in_place and output is None:
        usage("Say where the result goes: -o OUT, or --in-place.")
    file = readable(path, folder=sidecar)
    if output is None:
        return file
    place = Path(output)
    if os.path.isdir(place):
        place /= beside.place(file).name if sidecar else file.name
    with sentences():
        if os.path.exists(place) and place.samefile(file):
            usage(f"{place} is the input itself; to change it, say --in-place.")
    return place
