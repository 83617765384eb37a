"""PDFs signed here, before other people's validators; none of them writes one itself."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import provenance
from tests.formats.sample_pdf import OBJECTS, pdf, streamed_pdf, update
from tests.vectors import peer, second
from tests.vectors.grid import Workshop
from tests.vectors.peer import Signed

MADE: dict[str, Any] = {"title": "a fox", "digital_source_type": "trainedAlgorithmicMedia"}
CHANGED: dict[str, Any] = {"title": "a fox, again"}
SAID: dict[str, Any] = {"assertions": [{"label": "com.example.note", "data": {"seen": True}}]}

both = pytest.mark.parametrize("judge", [peer, second], ids=["c2pa-rs", "encypher"])
each = pytest.mark.parametrize("make", [pdf, streamed_pdf], ids=["table", "stream"])


def judged(judge: ModuleType, path: Path, root: bytes) -> tuple[str, set[str]]:
    signed = Signed(kind="application/pdf", asset=path.read_bytes(), store=b"")
    verdict = judge.read(signed, anchors=root)
    return verdict.state, set(verdict.failures)


@both
@each
def test_what_is_signed_again_and_updated_is_trusted_elsewhere(
    judge: ModuleType,
    make: Callable[[], bytes],
    workshop: Workshop,
    root: bytes,
    tmp_path: Path,
) -> None:
    asset = make()
    signer = provenance.LocalSigner.from_files(
        key=workshop.pki / "es256.key.pem", chain=workshop.pki / "es256.chain.pem"
    )
    once, twice, noted = (tmp_path / f"{name}.pdf" for name in ("once", "twice", "noted"))
    provenance.sign(asset, once, MADE, signer=signer)
    provenance.sign(once, twice, CHANGED, signer=signer)
    provenance.update(twice, noted, SAID, signer=signer)
    for path in (once, twice, noted):
        assert path.read_bytes().startswith(asset)
        assert judged(judge, path, root) == ("Trusted", set())
    stripped = tmp_path / "stripped.pdf"
    provenance.strip(noted, stripped)
    assert stripped.read_bytes() == asset


@both
def test_what_comes_after_the_signing_is_told_elsewhere_and_here(
    judge: ModuleType, workshop: Workshop, root: bytes, tmp_path: Path
) -> None:
    signer = provenance.LocalSigner.from_files(
        key=workshop.pki / "es256.key.pem", chain=workshop.pki / "es256.chain.pem"
    )
    path = tmp_path / "fox.pdf"
    provenance.sign(pdf(), path, MADE, signer=signer)
    path.write_bytes(update(path.read_bytes(), {4: OBJECTS[4].replace(b"fox", b"cat")}))
    assert judged(judge, path, root) == ("Invalid", {"assertion.dataHash.mismatch"})
    failures = provenance.verify(path).to_dict()["validation_results"]["activeManifest"]["failure"]
    assert "assertion.dataHash.mismatch" in {row["code"] for row in failures}
