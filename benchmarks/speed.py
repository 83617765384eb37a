"""Verifying and signing in one process, against the peers and against one pass of the hash."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import provenance
from benchmarks.material import DEFINITION, SHARED_CORPUS, Material, jpeg, write_large_png
from benchmarks.paired import median, ratios
from benchmarks.peers import Reference, second_verify
from benchmarks.table import Bar, Row

__all__ = ["signing", "verifying"]

MIME = "image/jpeg"


@dataclass(frozen=True, slots=True)
class _Trust:
    """The same anchors for everyone."""

    ours: provenance.TrustSettings
    theirs: dict[str, Any]
    anchors: str

    @classmethod
    def of_corpus(cls) -> "_Trust":
        folder = SHARED_CORPUS / "trust"
        names = ("anchors.pem", "allowed.pem", "store.cfg")
        anchors, allowed, config = (folder / name for name in names)
        ours = provenance.TrustSettings.load(anchors=[anchors], allowed=allowed, eku_config=config)
        theirs = {
            "trust_anchors": anchors.read_text(),
            "allowed_list": allowed.read_text(),
            "trust_config": config.read_text(),
        }
        return cls(ours, theirs, anchors.read_text())

    @classmethod
    def of_development(cls, material: Material) -> "_Trust":
        anchors = material.root.read_text()
        ours = provenance.TrustSettings.load(anchors=[material.root])
        return cls(ours, {"trust_anchors": anchors}, anchors)


def verifying(material: Material, *, rounds: int = 15) -> Iterator[Row]:
    """JPEGs of the corpus, or some signed on the spot where there is no corpus."""
    pictures = [path.read_bytes() for path in sorted(SHARED_CORPUS.glob("jpeg/*.jp*g"))]
    bar = Bar(3, at_least=True) if pictures else None
    trust = _Trust.of_corpus() if pictures else _Trust.of_development(material)
    where = "corpus JPEGs" if pictures else "own JPEGs"
    pictures = pictures or [material.signed(jpeg(size << 10)) for size in (30, 60, 120, 240, 480)]
    nobody = provenance.TrustSettings.load(anchors=[])
    with Reference(material, trust.theirs) as reference, Reference(material, {}) as untrusting:
        pictures = [data for data in pictures if reference.can_read(data, MIME)]

        def row(
            name: str,
            theirs: Callable[[bytes], object],
            ours: provenance.TrustSettings = trust.ours,
            bar: Bar | None = None,
        ) -> Row:
            found: list[float] = []
            for data in pictures:
                found += ratios(
                    partial(theirs, data), partial(provenance.verify, data, trust=ours), rounds
                )
            note = f"{len(pictures)} files x {rounds} pairs"
            return Row(name=name, figure=median(found), unit="x", bar=bar, note=note)

        yield row(
            f"verify {where}, c2pa-python / ours",
            lambda data: reference.verify(data, MIME),
            bar=bar,
        )
        yield row(
            "  the same, its verdict not read", lambda data: reference.validate_only(data, MIME)
        )
        yield row(
            "  the same, no anchors on either side",
            lambda data: untrusting.verify(data, MIME),
            nobody,
        )
        yield row(
            "  the same, encypher-c2pa / ours",
            lambda data: second_verify(data, MIME, trust.anchors),
        )
    yield _against_the_hash(material)


def _against_the_hash(material: Material) -> Row:
    source, target = material.folder / "mid.png", material.folder / "mid-signed.png"
    write_large_png(source, 32 << 20)
    provenance.sign(source, target, DEFINITION, signer=material.signer(), verify_after=False)
    trust = provenance.TrustSettings.load(anchors=[material.root])
    found = ratios(
        lambda: provenance.verify(target, trust=trust).state, lambda: _hash_pass(target), 11
    )
    return Row(name="verify a 32 MB PNG, ours / one hash pass", figure=median(found), unit="x")


def _hash_pass(path: Path) -> bytes:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


def signing(material: Material, *, rounds: int = 101) -> Iterator[Row]:
    """A 60 KB JPEG, bytes to bytes; no thumbnail, no verification after, one ES256 key."""
    picture = jpeg(60 << 10)
    signer = material.signer()
    trust = {"trust_anchors": material.root.read_text()}

    def ours() -> bytes:
        out = io.BytesIO()
        provenance.sign(picture, out, DEFINITION, signer=signer, verify_after=False)
        return out.getvalue()

    with Reference(material, trust) as reference:
        assert reference.verify(ours(), MIME) == "Trusted"
        found = ratios(lambda: reference.sign(picture, MIME), ours, rounds)
    yield Row(
        name="sign a 60 KB JPEG, c2pa-python / ours",
        figure=median(found),
        unit="x",
        bar=Bar(1, at_least=True),
        note=f"{rounds} pairs",
    )
