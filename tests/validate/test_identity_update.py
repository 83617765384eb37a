"""An identity in an update manifest: it vouches for the binding of what is updated."""

from typing import Any

import pytest

from provenance.digests import digest
from provenance.jumbf import uuids
from provenance.spans import Span
from provenance.validate.identity_results import IdentityState
from provenance.validate.results import ValidationState, VerificationReport
from provenance.validate.run import verify
from tests.attacks.forge import Binding, Built, Cose, Forge, Recipe, digest_outside, ingredient
from tests.validate.identity_forge import (
    TRUSTED,
    Vouching,
    actor,
    codes,
    identity,
    knowing,
    wrong,
)


@pytest.fixture(scope="module")
def forge() -> Forge:
    return Forge()


def signed(forge: Forge) -> Built:
    """The manifest of a signed picture, as an update will find it."""
    recipe = Recipe()
    held = forge.png(recipe)
    start, size = held.index(b"caBX") - 4, len(held) - len(forge.picture)
    blank = forge.picture[:start] + bytes(size) + forge.picture[start:]
    spans = (Span(start, size),)
    return forge.build(recipe, Binding(spans, digest_outside(blank, spans)))


def reference(parent: Built, label: str = "c2pa.hash.data") -> dict[str, Any]:
    hashed = digest(parent.find(label).hashed, "sha256")
    return {"url": parent.uri_of(label), "hash": hashed}


def vouched(forge: Forge, parent: Built, *references: dict[str, Any]) -> VerificationReport:
    known = actor(forge)
    how = Vouching(
        cose=Cose(credential=known),
        payload=lambda row: row.update(referenced_assertions=list(references)),
    )
    update = Recipe(items=(ingredient(parent), identity(forge, how)), kind=uuids.UPDATE_MANIFEST)
    return verify(forge.png(update, parent), trust=knowing(forge, known))


@pytest.fixture(scope="module")
def parent(forge: Forge) -> Built:
    return signed(forge)


def test_the_binding_of_what_is_updated_is_the_one_that_applies(
    forge: Forge, parent: Built
) -> None:
    report = vouched(forge, parent, reference(parent), reference(parent, "c2pa.actions.v2"))
    assert codes(report) == TRUSTED
    assert report.manifests[0].identities[0].state is IdentityState.TRUSTED
    assert report.state is ValidationState.TRUSTED


def test_without_it_the_actor_vouches_for_nothing(forge: Forge, parent: Built) -> None:
    report = vouched(forge, parent, reference(parent, "c2pa.actions.v2"))
    assert wrong(codes(report)) == {"cawg.identity.hard_binding_missing"}


def test_a_hash_that_the_parent_does_not_list_is_found_out(forge: Forge, parent: Built) -> None:
    report = vouched(forge, parent, reference(parent) | {"hash": bytes(32)})
    assert wrong(codes(report)) == {"cawg.identity.assertion.mismatch"}
