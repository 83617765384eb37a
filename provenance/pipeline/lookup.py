"""The files behind the names in a record: models in a folder, pictures beside the asset.

A record is text that anybody may have written: a name in it opens no file outside the folders that
the user named, and what is found is hashed, not shown.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from provenance.generation.hash_models import FoundModel, ModelFolder
from provenance.generation.record import Input, Model
from provenance.source import open_source
from provenance.spans import Span

__all__ = ["FindInput", "FindModel", "inputs_in", "known_models", "models_in"]

FindModel = Callable[[Model, str], FoundModel | None]  # of a record of this family
FindInput = Callable[[Input], Path | None]

_MEDIA = frozenset(
    (
        *(".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".avif", ".heic"),
        *(".heif", ".jxl", ".mp4", ".mov", ".m4v", ".webm", ".mkv", ".wav", ".mp3", ".flac"),
        *(".ogg", ".opus", ".svg", ".glb"),
    )
)
_SHA256 = re.compile(r"(?:sha256:|0x)?([0-9a-f]{64})", re.IGNORECASE)
_ANNOTATED = re.compile(r"\s*\[(?:input|output|temp)\]\s*\Z")  # as ComfyUI writes it
_MOST = 2000  # files hashed to find one by its hash
_LARGEST = 512 << 20  # bytes of such a file


def models_in(folders: Iterable[str | Path], *, cache: Path | None = None) -> FindModel:
    """Look models up in folders, the first that has one.

    Args:
        folders: looked through with all below them.
        cache: the file that hashes are kept in; None: the user's.

    Raises:
        OSError: a folder cannot be read.
    """
    listed = [ModelFolder(folder, cache=cache) for folder in folders]

    def find(model: Model, family: str) -> FoundModel | None:
        found = [one for one in (folder.find(model, family=family) for folder in listed) if one]
        return next((one for one in found if one.same), found[0] if found else None)

    return find


def known_models(path_of: Callable[[Model], Path | None]) -> FindModel:
    """Look models up where a framework says that it loaded them from."""

    def find(model: Model, family: str) -> FoundModel | None:
        path = path_of(model)
        if path is None or not path.is_file():
            return None
        hashes = ModelFolder(path.parent).hashes(path)
        return FoundModel(path, hashes, same=True)  # the file was loaded, whatever its name

    return find


def inputs_in(folders: Iterable[str | Path], *, but: str | Path | None = None) -> FindInput:
    """Look pictures, films and sounds up in folders: by name, or by a SHA-256.

    Args:
        folders: not looked through below, but for folders in a name itself.
        but: the asset itself, which is no input of its own.
    """
    places = [Path(folder) for folder in folders]
    itself = Path(but).resolve() if but is not None else None

    def find(one: Input) -> Path | None:
        named = (path for place in places for path in _by_name(place, one.name))
        hashed = (path for place in places for path in _by_hash(place, one.hash))
        for found in (named, hashed):
            for path in found:
                if path.resolve() != itself:
                    return path
        return None

    return find


def _by_name(place: Path, name: str | None) -> Iterator[Path]:
    parts = [part for part in re.split(r"[\\/]+", _ANNOTATED.sub("", name or "")) if part != "."]
    if not parts or ".." in parts or not all(parts) or "\0" in parts[-1]:
        return
    top = place.resolve()
    for path in dict.fromkeys((place.joinpath(*parts), place / parts[-1])):
        inside = path.resolve().is_relative_to(top)
        if inside and path.suffix.lower() in _MEDIA and path.is_file():
            yield path


def _by_hash(place: Path, wanted: str | None) -> Iterator[Path]:
    found = _SHA256.fullmatch(wanted or "")
    if found is None or not place.is_dir():
        return
    media = (path for path in sorted(place.iterdir()) if path.suffix.lower() in _MEDIA)
    for path, _ in zip(media, range(_MOST), strict=False):
        if path.is_file() and path.stat().st_size <= _LARGEST and _sha256(path) == found[1].lower():
            yield path


def _sha256(path: Path) -> str:
    hasher = hashlib.sha256()
    with open_source(path) as source:
        for block in source.blocks(Span(0, source.size)):
            hasher.update(block)
    return hasher.hexdigest()
