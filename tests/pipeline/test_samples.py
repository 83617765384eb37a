"""Every published sample, signed with what its generator recorded, is valid for the reference."""

import io
from functools import lru_cache
from pathlib import Path
from typing import Any

import c2pa
import pytest

import provenance
from provenance.generation.read import read_generation
from provenance.generation.record import GenerationRecord
from provenance.pipeline.from_metadata import definition_from
from provenance.report.escape import clean
from provenance.report.tree import tree
from tests.build.workshop import signer, verified
from tests.generation.test_samples import BROKEN, FOLDER, samples

SIGNABLE = [row for row in samples() if row["path"] != BROKEN]
every_sample = pytest.mark.parametrize("sample", SIGNABLE, ids=lambda row: row["path"][8:])


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVENANCE_CACHE", str(tmp_path / "cache"))


def sign(path: Path, folder: Path) -> tuple[Path, Path | None]:
    """The signed sample, and the sidecar of one that holds no store."""
    out = folder / f"signed{path.suffix}"
    definition = definition_from(path)
    try:
        provenance.sign(path, out, definition, signer=signer())
    except provenance.UnsupportedFormatError:
        out.write_bytes(path.read_bytes())
        receipt = provenance.sign(out, None, definition, signer=signer(), sidecar=True)
        return out, receipt.sidecar
    return out, None


@lru_cache
def supported() -> frozenset[str]:
    return frozenset(c2pa.Reader.get_supported_mime_types())


def failures(reader: c2pa.Reader) -> tuple[set[str], set[str]]:
    """Codes of the asset's own failures, and of those that its ingredients did not record."""
    results = reader.get_validation_results() or {}
    own = {one["code"] for one in results.get("activeManifest", {}).get("failure", ())}
    deltas = (one["validationDeltas"]["failure"] for one in results.get("ingredientDeltas", ()))
    return own, {one["code"] for found in deltas for one in found}


@every_sample
def test_a_signed_sample_is_valid_and_shows_what_was_recorded(
    sample: dict[str, Any], tmp_path: Path
) -> None:
    path = FOLDER / sample["path"]
    out, sidecar = sign(path, tmp_path)
    report = provenance.verify(out, manifest=sidecar)
    assert report.state == "Valid"
    record = read_generation(path)
    if record is not None:
        shows(tree(report), record)
        traces(out, sidecar, record)
    if sidecar is None and sample["media_type"] in supported():
        accepted(out, path, sample["media_type"])


def shows(text: str, record: GenerationRecord) -> None:
    if record.generator:
        assert clean(record.generator, 80) in text
    flat = "".join(text.split())
    names = [one.name for one in record.models] + [one.name for one in record.inputs]
    for name in names if record.family != "model-file" else ():
        if name is not None:
            assert "".join(clean(name.removeprefix("./"), 40).split())[:30] in flat
    words = [one for one in record.words if len(one) > 20]
    assert not any(one in text for one in words)


def traces(out: Path, sidecar: Path | None, record: GenerationRecord) -> None:
    """Every model and picture is a work of the lineage."""
    works = provenance.trace(out, manifest=sidecar).graph.works.values()
    titles = " ".join("".join((one.title or "").split()) for one in works)
    for model in record.models if record.generated else ():
        assert "".join((model.name or model.kind).split())[:30] in titles
    for one in record.inputs if record.family != "c2pa" else ():
        assert "".join((one.name or "").removeprefix("./").split())[:30] in titles


def accepted(out: Path, path: Path, media_type: str) -> None:
    """The reference finds it valid; where it is not, the sample's own signer was the reason."""
    reader = c2pa.Reader(media_type, io.BytesIO(out.read_bytes()))
    if reader.get_validation_state() == "Valid":
        return
    _, unrecorded = failures(reader)
    own, _ = failures(c2pa.Reader(media_type, io.BytesIO(path.read_bytes())))
    assert unrecorded
    assert unrecorded <= own
    assert unrecorded <= {"signingCredential.expired", "signingCredential.invalid"}


@pytest.mark.parametrize(
    "name",
    ["openai/dalle3-chatgpt.webp", "adobe-firefly/firefly-5.png", "openai/gpt-image-2.png"],
)
def test_a_hosted_picture_keeps_its_original_signer_as_parent(name: str, tmp_path: Path) -> None:
    path = FOLDER / "samples" / name
    if not path.exists():
        pytest.skip("needs ../shared")
    before = provenance.verify(path)
    out, _ = sign(path, tmp_path)
    after = verified(out)
    assert after.state == "Trusted"
    (parent,) = after.manifests[0].ingredients
    assert (parent.relationship, parent.manifest) == ("parentOf", before.active_manifest)
    signer_of = {one.label: one.signature.issuer for one in after.manifests if one.signature}
    assert before.manifests[0].signature is not None
    assert signer_of[parent.manifest or ""] == before.manifests[0].signature.issuer
    assert {one.label for one in before.manifests} <= {one.label for one in after.manifests}
    kept = out.read_bytes()
    for one in before.manifests:
        assert one.label.encode() in kept


def test_no_words_or_folders_of_a_sample_come_into_its_manifest() -> None:
    """Only what is stored is looked through: the file's own texts stay as they were."""
    for sample in SIGNABLE:
        record = read_generation(FOLDER / sample["path"])
        if record is None:
            continue
        definition = definition_from(FOLDER / sample["path"])
        told = repr((definition.models, definition.sources, definition.actions))
        words = [one for one in record.words if len(one) > 20]
        for part in ("/Users/", "/home/", "Users\\", *words):
            assert part not in told, sample["path"]
