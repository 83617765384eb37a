"""Where a result goes: never over an input unless told so."""

from pathlib import Path

from provenance.cli.common import fail, usage

__all__ = ["readable", "target"]


def readable(path: str, *, folder: bool = False) -> Path:
    """An input that is a file, or a `folder`; else the end, with a sentence and exit code 1."""
    file = Path(path)
    if file.is_dir() and not folder:
        fail(f"{path}: is a folder, not a file")
    if not file.exists():
        fail(f"{path}: no such file")
    return file


def target(path: str, output: str | None, *, in_place: bool, folder: bool = False) -> Path:
    """The place for what is made of an input; a folder takes it under the same name.

    Args:
        path: the input.
        output: as the user gave it.
        in_place: is the input to be replaced?
        folder: may the input be a folder, whose sidecar is made?
    """
    if in_place and output is not None:
        usage("--in-place and --output exclude each other.")
    if not in_place and output is None:
        usage("Say where the result goes: -o OUT, or --in-place.")
    file = readable(path, folder=folder)
    if output is None:
        return file
    place = Path(output)
    name = f"{file.resolve().name}.c2pa" if file.is_dir() else file.name
    place = place / name if place.is_dir() else place
    if place.exists() and place.samefile(file):
        usage(f"{place} is the input itself; to change it, say --in-place.")
    return place
