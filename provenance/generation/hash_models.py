"""The files of models, looked up by name in a folder, with their hashes kept for the next time.

A hash that a generator recorded is taken over what that generator chose:

    10 hex        first of the SHA-256 of the file         AUTOMATIC1111, Forge, SD.Next
    12 hex        of the tensors' bytes, or of the file    AUTOMATIC1111's LoRAs, embeddings
    64 hex, 0x…   of the file, or of the tensors' bytes    services, AutoV3, SwarmUI, kohya
    8 hex         of 64 KiB at 1 MiB: the legacy hash      AUTOMATIC1111 of 2022, ControlNet
    blake3:…, NovelAI's 8 hex                              not comparable

The hash of nothing at all (`e3b0c442…`), which a trainer once wrote, says nothing either.
The cache is a JSON file, in `PROVENANCE_CACHE` or where the platform keeps such things.
"""

import hashlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from provenance.generation.record import Model
from provenance.source import PathSource
from provenance.spans import Span

__all__ = ["FileHashes", "FoundModel", "ModelFolder", "cache_folder", "same_hash"]

_SUFFIXES = frozenset(
    (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf", ".onnx", ".sft", ".msgpack", ".vae")
)
_EMPTY = hashlib.sha256(b"").hexdigest()
_HEX = re.compile(r"(?:0x)?([0-9a-f]{8,64})")
_LEGACY_AT, _LEGACY_LENGTH = 0x100000, 0x10000
_SCHEMA = "provenance/model-hashes/1"
_CACHE = "model-hashes.json"
_CACHE_BYTES = 16 << 20
_MOST = 200_000  # files of a folder
_LEGACY_FAMILIES = frozenset(("a1111", "forge", "sdnext"))


@dataclass(frozen=True, slots=True)
class FileHashes:
    """What a model file hashes to, as hex; `data` is over its tensors, `legacy` over a sample."""

    sha256: str
    data: str | None  # None: no safetensors
    legacy: str


@dataclass(frozen=True, slots=True)
class FoundModel:
    """The file of a recorded model. `same` tells whether it is the very one; None: cannot tell."""

    path: Path
    hashes: FileHashes
    same: bool | None


def cache_folder() -> Path:
    """Where this user's caches lie; made when something is written."""
    if named := os.environ.get("PROVENANCE_CACHE"):
        return Path(named)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "provenance"


def same_hash(recorded: str, found: FileHashes, *, family: str = "a1111") -> bool | None:
    """Does a recorded hash name this file? None where the two cannot be compared.

    Args:
        recorded: as the generator wrote it.
        found: of the file.
        family: of the record: who wrote it decides what was hashed.
    """
    plain = _HEX.fullmatch(recorded.strip().lower())
    if plain is None or family == "novelai":
        return None
    digest = plain[1]
    if _EMPTY.startswith(digest):
        return None
    if len(digest) == 8:
        if digest == found.legacy or found.sha256.startswith(digest):
            return True
        return False if family in _LEGACY_FAMILIES else None
    if len(digest) not in (10, 12, 64):
        return True if found.sha256.startswith(digest) else None
    return found.sha256.startswith(digest) or (found.data or "").startswith(digest)


class ModelFolder:
    """A folder of models. Its files are listed once, and hashed when asked for.

    Args:
        path: the folder; those below it are looked through, links to folders too.
        cache: the file that hashes are kept in; None: the user's.

    Raises:
        OSError: the folder cannot be read.
    """

    def __init__(self, path: str | Path, *, cache: Path | None = None) -> None:
        self.path = Path(path)
        self._cache = cache if cache is not None else cache_folder() / _CACHE
        if not self.path.is_dir():
            raise NotADirectoryError(20, os.strerror(20), str(path))
        self._files: dict[str, list[Path]] = {}
        for file in _model_files(self.path):
            self._files.setdefault(_stem(file.name), []).append(file)

    def find(self, model: Model, *, family: str = "a1111") -> FoundModel | None:
        """The file of a recorded model; None when there is none, or several and no telling which.

        Several of one name are told apart by the folders in the name, then by the recorded hash.

        Raises:
            OSError: a file cannot be read.
        """
        if not model.name:
            return None
        parts = [part for part in re.split(r"[\\/]+", model.name) if part not in ("", ".")]
        files = self._files.get(_stem(parts[-1]), []) if parts else []
        exact = [file for file in files if file.name.lower() == parts[-1].lower()]
        files = exact or files
        below = [
            file for file in files if _folders(file, self.path)[-len(parts) + 1 :] == _low(parts)
        ]
        files = below if below and len(parts) > 1 else files
        found = [self._found(file, model, family) for file in files[:16]]
        sure = [one for one in found if one.same]
        if len(found) == 1 or sure:
            return (sure or found)[0]
        return None

    def _found(self, file: Path, model: Model, family: str) -> FoundModel:
        hashes = self.hashes(file)
        same = same_hash(model.hash, hashes, family=family) if model.hash else None
        return FoundModel(file, hashes, same)

    def hashes(self, file: Path) -> FileHashes:
        """The hashes of a file, from the cache if size and time of change are still the same.

        Raises:
            OSError: it cannot be read.
        """
        key = str(file.resolve())
        state = os.stat(file)
        known = _load(self._cache).get(key)
        if known is not None and known[:2] == (state.st_size, state.st_mtime_ns):
            return known[2]
        found = _hashed(file)
        if os.stat(file).st_mtime_ns == state.st_mtime_ns:
            rows = _load(self._cache)  # again: another process may have written meanwhile
            rows[key] = (state.st_size, state.st_mtime_ns, found)
            _store(self._cache, rows)
        return found


def _model_files(folder: Path) -> Iterator[Path]:
    seen: set[tuple[int, int]] = set()
    count = 0
    for place, folders, names in os.walk(folder, followlinks=True):
        state = os.stat(place)
        if (state.st_dev, state.st_ino) in seen:
            folders.clear()  # a link that leads back
            continue
        seen.add((state.st_dev, state.st_ino))
        folders.sort()
        for name in sorted(names):
            if os.path.splitext(name)[1].lower() in _SUFFIXES and count < _MOST:
                count += 1
                yield Path(place, name)


def _stem(name: str) -> str:
    stem, suffix = os.path.splitext(name)
    return (stem if suffix.lower() in _SUFFIXES else name).lower()


def _folders(file: Path, top: Path) -> list[str]:
    return [part.lower() for part in file.relative_to(top).parts[:-1]]


def _low(parts: list[str]) -> list[str]:
    return [part.lower() for part in parts[:-1]]


def _hashed(file: Path) -> FileHashes:
    """All three hashes in one pass."""
    source = PathSource(file)
    start = _tensors_start(source)
    whole, data = hashlib.sha256(), hashlib.sha256()
    sample = hashlib.sha256()
    at = 0
    for block in source.blocks(Span(0, source.size)):
        whole.update(block)
        if start is not None and at + len(block) > start:
            data.update(block[max(0, start - at) :])
        first, last = max(_LEGACY_AT, at), min(_LEGACY_AT + _LEGACY_LENGTH, at + len(block))
        if first < last:
            sample.update(block[first - at : last - at])
        at += len(block)
    return FileHashes(
        whole.hexdigest(), data.hexdigest() if start is not None else None, sample.hexdigest()[:8]
    )


def _tensors_start(source: PathSource) -> int | None:
    if not source.name.lower().endswith((".safetensors", ".sft")) or source.size < 8:
        return None
    length = int.from_bytes(source.read(0, 8), "little")
    return 8 + length if length <= source.size - 8 else None


_Row = tuple[int, int, FileHashes]


def _load(path: Path) -> dict[str, _Row]:
    """The cache; one that is damaged counts as empty."""
    try:
        with open(path, "rb") as stream:
            row = json.loads(stream.read(_CACHE_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    files = row.get("files") if isinstance(row, dict) and row.get("schema") == _SCHEMA else None
    pairs = ((key, _row(one)) for key, one in (files if isinstance(files, dict) else {}).items())
    return {key: one for key, one in pairs if one is not None}


def _row(row: Any) -> _Row | None:
    if not isinstance(row, Mapping):
        return None
    size, mtime, sha256 = row.get("size"), row.get("mtime_ns"), row.get("sha256")
    data, legacy = row.get("data"), row.get("legacy")
    if not (isinstance(size, int) and isinstance(mtime, int) and isinstance(sha256, str)):
        return None
    if not isinstance(legacy, str) or not (data is None or isinstance(data, str)):
        return None
    return size, mtime, FileHashes(sha256, data, legacy)


def _store(path: Path, rows: Mapping[str, _Row]) -> None:
    """Write the cache in one step; one that cannot be written is done without."""
    files = {
        key: {"size": size, "mtime_ns": mtime} | asdict(found)
        for key, (size, mtime, found) in rows.items()
    }
    text = json.dumps({"schema": _SCHEMA, "files": files}, indent=1)
    name = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as stream:
            name = stream.name
            stream.write(text)
        os.replace(name, path)
    except OSError:
        if name is not None and os.path.exists(name):
            os.unlink(name)
