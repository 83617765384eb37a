"""A film of 1 GiB, made on the spot: verified and signed against one pass of the hash over it."""

import hashlib
import os
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import provenance
from benchmarks.material import DEFINITION, Material
from benchmarks.paired import median, ratios
from benchmarks.peers import Reference
from benchmarks.process import peak_beyond_bare
from benchmarks.table import Bar, Row

__all__ = ["film", "video"]

_MB = 1 << 20
_SIZE = 1 << 30
_MIME = "video/mp4"
_VERIFY = """
import sys
from pathlib import Path
import provenance
trust = provenance.TrustSettings.load(anchors=[Path(sys.argv[2])])
assert provenance.verify(Path(sys.argv[1]), trust=trust).state == "Trusted"
"""


def film(path: Path, size: int, *, long: bool) -> None:
    """An MP4 whose mdat box holds `size` bytes.

    Args:
        path: where it goes.
        size: a number of whole MiB, in bytes.
        long: a header of 16 bytes for the mdat box, with which it gets a Merkle tree.
    """
    block = hashlib.shake_128(b"film").digest(_MB)
    with path.open("wb") as out:
        out.write(struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"mp41"))
        if long:
            out.write(struct.pack(">I4sQ", 1, b"mdat", size + 16))
        else:
            out.write(struct.pack(">I4s", size + 8, b"mdat"))
        for _ in range(size // _MB):
            out.write(block)


def video(material: Material, *, rounds: int = 5) -> Iterator[Row]:
    """One hash over all of it, and a tree over its blocks."""
    source, signed = material.folder / "film.mp4", material.folder / "film-signed.mp4"
    for name, long, limit in (("one hash", False, 1.15), ("a tree", True, 0.65)):
        film(source, _SIZE, long=long)
        provenance.sign(source, signed, DEFINITION, signer=material.signer(), verify_after=False)
        yield from _verifying(material, signed, name, Bar(limit, at_least=False), rounds)
        yield _signing(material, source, signed, name, rounds)
    source.unlink()
    signed.unlink(missing_ok=True)


def _verifying(material: Material, signed: Path, name: str, bar: Bar, rounds: int) -> Iterator[Row]:
    trust = provenance.TrustSettings.load(anchors=[material.root])
    anchors = {"trust_anchors": material.root.read_text()}

    def ours() -> None:
        assert provenance.verify(signed, trust=trust).state == "Trusted"

    found = ratios(ours, lambda: _hash_pass(signed), rounds)
    note = f"{rounds} pairs"
    yield Row(
        name=f"verify a 1 GiB MP4, {name} / hash pass",
        figure=median(found),
        unit="x",
        bar=bar,
        note=note,
    )
    with Reference(material, anchors) as reference:
        assert reference.verify_file(signed, _MIME) == "Trusted"
        found = ratios(lambda: reference.verify_file(signed, _MIME), ours, rounds)
    yield Row(
        name=f"  the same, {name}, c2pa-python / ours", figure=median(found), unit="x", note=note
    )
    yield Row(
        name=f"  the same, {name}, peak memory",
        figure=peak_beyond_bare(_VERIFY, signed, material.root) / _MB,
        unit="MB",
        bar=Bar(64, at_least=False),
    )


def _signing(material: Material, source: Path, signed: Path, name: str, rounds: int) -> Row:
    signer, copy = material.signer(), material.folder / "film-copy.mp4"

    def ours() -> None:
        provenance.sign(source, signed, DEFINITION, signer=signer)

    def copy_and_hash() -> None:
        shutil.copyfile(source, copy)
        _hash_pass(copy)

    def swept() -> None:
        """Both write a new file, and to a disk that is not busy with the other's."""
        for path in (signed, copy):
            path.unlink(missing_ok=True)
        os.sync()

    found = ratios(ours, copy_and_hash, rounds, swept)
    swept()
    return Row(
        name=f"sign it, {name} / copy and hash pass",
        figure=median(found),
        unit="x",
        bar=Bar(1.25, at_least=False),
        note=f"{rounds} pairs; ours is looked at once more",
    )


def _hash_pass(path: Path) -> bytes:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()
