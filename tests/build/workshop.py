"""A signer and pictures for the tests of building."""

import io
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from PIL import Image

import provenance
from provenance.cose import algorithms
from provenance.model.store import ManifestStore
from provenance.trust.settings import TrustSettings
from provenance.validate.run import examine
from tests.attacks.forge import Forge, the_forge

__all__ = ["MADE", "Broken", "named", "picture", "signer", "store_of", "trust", "verified"]

MADE = {"digital_source_type": "trainedAlgorithmicMedia", "thumbnail": False}


@lru_cache(maxsize=1)
def forge() -> Forge:
    return the_forge()


def sign_with_the_key(data: bytes) -> bytes:
    return algorithms.sign(algorithms.by_name("es256"), forge().credential.key, data)


def signer(
    callback: Callable[[bytes], bytes] = sign_with_the_key,
) -> provenance.CallbackSigner:
    """The forge's credential; the callback may fail."""
    return provenance.CallbackSigner("es256", forge().credential.chain, callback)


def trust() -> TrustSettings:
    return forge().trust


class Broken(Exception):
    """What a key service raises."""


def picture(colour: int = 1, kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (colour, 9, 200)).save(out, kind)
    return out.getvalue()


def named(folder: Path, name: str, colour: int = 1) -> Path:
    """A picture as a file."""
    path = folder / name
    path.write_bytes(picture(colour, "PNG" if path.suffix == ".png" else "JPEG"))
    return path


def verified(asset: str | Path | bytes) -> provenance.VerificationReport:
    return provenance.verify(asset, trust=trust())


def store_of(asset: str | Path | bytes) -> ManifestStore:
    store = examine(asset).store
    assert store is not None
    return store
