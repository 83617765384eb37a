"""What we sign c2pa-rs accepts, and what it signs we accept: 7 algorithms, 3 carriers, 4 shapes."""

from typing import Any

import pytest

import provenance
from tests.vectors import peer
from tests.vectors.grid import CELLS, PROMPT, Cell, Workshop, credentials
from tests.vectors.peer import Signed

NONE: frozenset[str] = frozenset()
UNTRUSTED = frozenset({"signingCredential.untrusted"})


def our_report(signed: Signed, trust: provenance.TrustSettings) -> dict[str, Any]:
    manifest = signed.store if signed.sidecar else None
    report = provenance.verify(signed.asset, manifest=manifest, trust=trust)
    return report.to_dict()


def failures(report: dict[str, Any]) -> frozenset[str]:
    results = report["validation_results"]
    parts = [results["activeManifest"]]
    parts += [delta["validationDeltas"] for delta in results.get("ingredientDeltas", ())]
    return frozenset(row["code"] for part in parts for row in part["failure"])


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_the_reference_reads_what_we_sign(cell: Cell, workshop: Workshop, root: bytes) -> None:
    signed = workshop.ours(cell)

    unknown = peer.read(signed)
    assert (unknown.state, unknown.failures) == ("Valid", UNTRUSTED)

    known = peer.read(signed, anchors=root)
    assert (known.state, known.failures) == ("Trusted", NONE)
    assert known.ingredient_failures == NONE
    assert known.manifests == cell.manifests
    assert sorted(known.relationships) == cell.relationships


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_we_read_what_the_reference_signs(
    cell: Cell,
    workshop: Workshop,
    trust: provenance.TrustSettings,
    nobody: provenance.TrustSettings,
) -> None:
    signed = workshop.theirs(cell)

    unknown = our_report(signed, nobody)
    assert (unknown["validation_state"], failures(unknown)) == ("Valid", UNTRUSTED)

    known = our_report(signed, trust)
    assert (known["validation_state"], failures(known)) == ("Trusted", NONE)
    assert len(known["manifests"]) == cell.manifests


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_we_read_what_we_sign(
    cell: Cell,
    workshop: Workshop,
    trust: provenance.TrustSettings,
    nobody: provenance.TrustSettings,
) -> None:
    signed = workshop.ours(cell)
    assert our_report(signed, nobody)["validation_state"] == "Valid"
    report = our_report(signed, trust)
    assert (report["validation_state"], failures(report)) == ("Trusted", NONE)


@pytest.mark.parametrize("carrier", ["jpeg", "png", "sidecar"])
def test_a_reference_chain_survives_our_signature(
    carrier: str, workshop: Workshop, root: bytes, trust: provenance.TrustSettings
) -> None:
    theirs = workshop.theirs(Cell("es256", "png" if carrier == "png" else "jpeg", "child"))
    parent = workshop.folder / f"theirs-{carrier}.{theirs.kind}"
    parent.write_bytes(theirs.asset)
    output = workshop.folder / (
        f"mixed-{carrier}.{'c2pa' if carrier == 'sidecar' else theirs.kind}"
    )
    picture = workshop.folder / f"mixed-{carrier}-source.{theirs.kind}"
    picture.write_bytes(peer.picture(theirs.kind, seed=9))
    signer = provenance.LocalSigner.from_files(
        key=workshop.pki / "ps256.key.pem", chain=workshop.pki / "ps256.chain.pem"
    )
    definition = {"title": "mixed", "parent": str(parent)}
    sidecar = carrier == "sidecar"
    provenance.sign(picture, output, definition, signer=signer, sidecar=sidecar)
    mixed = Signed(
        kind=theirs.kind,
        asset=(picture if sidecar else output).read_bytes(),
        store=output.read_bytes() if sidecar else b"",
        sidecar=sidecar,
    )
    verdict = peer.read(mixed, anchors=root)
    assert (verdict.state, verdict.failures) == ("Trusted", NONE)
    assert verdict.manifests == 3
    assert our_report(mixed, trust)["validation_state"] == "Trusted"


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_our_chain_survives_the_reference_signature(
    kind: str, workshop: Workshop, root: bytes, trust: provenance.TrustSettings
) -> None:
    ours = workshop.ours(Cell("es384", kind, "child"))
    mixed = peer.sign(
        ours.asset, kind, credentials(workshop.pki, "es256"), parent=ours.asset, thumbnail=True
    )
    report = our_report(mixed, trust)
    assert (report["validation_state"], failures(report)) == ("Trusted", NONE)
    assert len(report["manifests"]) == 3
    assert peer.read(mixed, anchors=root).state == "Trusted"


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_both_find_a_changed_picture_invalid(
    kind: str, workshop: Workshop, nobody: provenance.TrustSettings
) -> None:
    mismatch = "assertion.dataHash.mismatch"
    for signed in (
        workshop.ours(Cell("es256", kind, "alone")),
        workshop.theirs(Cell("es256", kind, "alone")),
    ):
        at = len(signed.asset) - 20
        changed = bytearray(signed.asset)
        changed[at] ^= 1
        tampered = Signed(kind=kind, asset=bytes(changed), store=b"")
        theirs = peer.read(tampered)
        ours = our_report(tampered, nobody)
        assert (theirs.state, ours["validation_state"]) == ("Invalid", "Invalid")
        assert mismatch in theirs.failures
        assert mismatch in failures(ours)


def test_the_reference_finds_the_prompt_we_disclosed(workshop: Workshop) -> None:
    signed = workshop.ours(Cell("es256", "jpeg", "generated"))
    assert PROMPT.encode() in signed.asset
    report = peer.read(signed).report
    ingredients = report["manifests"][report["active_manifest"]]["ingredients"]
    assert any(one.get("data") for one in ingredients)
