"""Where a result goes: never over an input unless told so."""

from pathlib import Path

from provenance.cli.common import fail, usage

__all__ = ["readable", "target"]


def readable(path: str) -> Path:
    """An input that is a file; else the end, with one sentence and exit code 1."""
    file = Path(path)
    if file.is_dir():
        fail(f"{path}: is a folder, not a file")
    if not file.exists():
        fail(f"{path}: no such file")
    return file


def target(path: str, output: str | None, *, in_place: bool) -> Path:
    """The place for what is made of an input; a folder takes it under the same name."""
    if in_place and output is not None:
        usage("--in-place and --output exclude each other.")
    if not in_place and output is None:
        usage("Say where the result goes: -o OUT, or --in-place.")
    file = readable(path)
    if output is None:
        return file
    place = Path(output)
    place = place / file.name if place.is_dir() else place
    if place.exists() and place.samefile(file):
        usage(f"{place} is the input itself; to change it, say --in-place.")
    return place
