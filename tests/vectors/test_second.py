"""A second implementation, which owes nothing to c2pa-rs, reads what we sign, and we agree on
what the reference signs.
"""

import pytest

import provenance
from tests.vectors import second
from tests.vectors.grid import Cell, Workshop
from tests.vectors.peer import Signed

GRID = tuple(
    Cell(alg, carrier, shape)
    for alg in ("es256", "es384", "es512", "ps256", "ed25519")
    for carrier in ("jpeg", "png", "sidecar")
    for shape in ("alone", "child", "generated")
)


@pytest.mark.parametrize("cell", GRID, ids=str)
def test_the_second_judge_reads_what_we_sign(cell: Cell, workshop: Workshop, root: bytes) -> None:
    signed = workshop.ours(cell)
    assert second.read(signed).state == "Valid"
    known = second.read(signed, anchors=root)
    assert (known.state, known.failures) == ("Trusted", frozenset())


@pytest.mark.parametrize("cell", GRID, ids=str)
def test_we_agree_with_the_second_judge_on_what_the_reference_signs(
    cell: Cell, workshop: Workshop, root: bytes, trust: provenance.TrustSettings
) -> None:
    signed = workshop.theirs(cell)
    manifest = signed.store if signed.sidecar else None
    ours = provenance.verify(signed.asset, manifest=manifest, trust=trust)
    assert str(ours.state) == second.read(signed, anchors=root).state == "Trusted"


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_the_second_judge_finds_a_changed_picture_invalid(kind: str, workshop: Workshop) -> None:
    signed = workshop.ours(Cell("es256", kind, "alone"))
    changed = bytearray(signed.asset)
    changed[-20] ^= 1
    verdict = second.read(Signed(kind=kind, asset=bytes(changed), store=b""))
    assert verdict.state == "Invalid"
    assert "assertion.dataHash.mismatch" in verdict.failures
