"""Models as ingredients: a file by its SHA-256, a name by what is known of it."""

import hashlib
import re
from base64 import urlsafe_b64encode
from pathlib import Path

from provenance.model.assertions.asset_type import MODEL, AssetType
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["asset_type", "file_name_uri", "model_type", "sha256_of", "version_of"]

_TYPES = {
    **dict.fromkeys((".safetensors", ".ckpt", ".pt", ".pth", ".bin"), f"{MODEL}.pytorch"),
    ".onnx": f"{MODEL}.onnx",
    **dict.fromkeys((".keras", ".h5"), f"{MODEL}.keras"),
    **dict.fromkeys((".pb", ".tflite"), f"{MODEL}.tensorflow"),
    ".msgpack": f"{MODEL}.jax",
    ".params": f"{MODEL}.mxnet",
}
_SEMVER = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?"
)


def model_type(path: Path | None) -> str:
    """The asset type that a model file's suffix stands for; plain `c2pa.types.model` otherwise."""
    return _TYPES.get(path.suffix.lower(), MODEL) if path else MODEL


def version_of(version: str | None) -> tuple[str | None, str | None]:
    """A version as SemVer, or else as words: an asset type takes SemVer only."""
    if version is None or _SEMVER.fullmatch(version):
        return version, None
    return None, f"version {version}"


def sha256_of(source: ByteSource) -> bytes:
    """The SHA-256 of all bytes; one pass."""
    hasher = hashlib.sha256()
    for block in source.blocks(Span(0, source.size)):
        hasher.update(block)
    return hasher.digest()


def file_name_uri(sha256: bytes) -> str:
    """A file named by its hash: `ni:///sha-256;…` (RFC 6920), the same wherever the file lies."""
    return "ni:///sha-256;" + urlsafe_b64encode(sha256).rstrip(b"=").decode()


def asset_type(kind: str, version: str | None) -> AssetType:
    """An asset type with a version only where SemVer allows one."""
    return AssetType(kind, version_of(version)[0])
