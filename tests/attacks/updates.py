"""Forgeries of update manifests: they may say more, and touch nothing."""

from typing import Any

from provenance.jumbf import uuids
from provenance.jumbf.writer import superbox
from provenance.spans import Span
from tests.attacks.expect import Expect, attack
from tests.attacks.forge import (
    Binding,
    Built,
    Forge,
    Item,
    Recipe,
    actions,
    cbor,
    digest_outside,
    hard_binding,
    ingredient,
    picture,
    urn,
)

LATER = "c2pa.ingredient.v3__1"


def update(*items: Item, **how: Any) -> Recipe:
    """An update manifest."""
    return Recipe(items=items, kind=uuids.UPDATE_MANIFEST, **how)


def updated(forge: Forge, *more: Item, first: Recipe | None = None, exclude: Any = None) -> bytes:
    """A picture that was signed, and then updated in place: the store grew, nothing else moved."""
    recipe = first or Recipe()
    held = forge.png(recipe) if exclude is None else forge.png(recipe, exclude=exclude)
    start = held.index(b"caBX") - 4
    size = len(held) - len(forge.picture)
    bare = forge.picture
    binding_spans = (
        (Span(start, size),) if exclude is None else exclude(Span(start, size), len(held))
    )

    blank = bare[:start] + bytes(size) + bare[start:]
    binding = Binding(tuple(binding_spans), digest_outside(blank, binding_spans))
    parent = forge.build(recipe, binding)
    return forge.png(update(ingredient(parent), *more), parent)


@attack("C2PA 2.2 §11.2.2: nothing is wrong, after an update")
def honest_update(forge: Forge) -> Expect:
    """An update manifest over a signed picture: the parent's data hash still holds."""
    note = cbor("org.example.note", {"text": "seen by the archive"})
    return Expect(asset=updated(forge, note), state="Trusted")


@attack("C2PA 2.2 §15.12: the picture changed under an update")
def update_over_a_changed_picture(forge: Forge) -> Expect:
    """An update manifest binds nothing itself; its parent's hard binding does."""
    asset = bytearray(updated(forge))
    asset[-13] ^= 1
    return Expect(asset=bytes(asset), failures={"assertion.dataHash.mismatch"})


@attack("C2PA 2.2 §15.12: an update in another picture")
def update_of_another_picture(forge: Forge) -> Expect:
    """The parent belongs to another picture."""
    parent = forge.build(Recipe())
    asset = forge.png(update(ingredient(parent)), parent, picture=picture(colour=3))
    return Expect(asset=asset, failures={"assertion.dataHash.mismatch"})


@attack("C2PA 2.2 §15.10.1: an update with a hard binding")
def update_with_a_hard_binding(forge: Forge) -> Expect:
    """It would bind to what it did not make."""
    return Expect(asset=updated(forge, hard_binding()), failures={"manifest.update.invalid"})


@attack("C2PA 2.2 §15.10.1: an update with a thumbnail")
def update_with_a_thumbnail(forge: Forge) -> Expect:
    """A new picture of an old thing."""
    item = cbor("c2pa.thumbnail.claim", {})
    return Expect(asset=updated(forge, item), failures={"manifest.update.invalid"})


@attack("C2PA 2.2 §15.10.1: an update that edits")
def update_that_edits(forge: Forge) -> Expect:
    """An action that changes the picture, in a manifest that must not."""
    item = actions("c2pa.color_adjustments")
    return Expect(asset=updated(forge, item), failures={"manifest.update.invalid"})


@attack("C2PA 2.2 §15.10.1: an update with two parents")
def update_with_two_parents(forge: Forge) -> Expect:
    """Which of them is updated?"""
    asset = updated(forge, ingredient(label=LATER))
    return Expect(asset=asset, failures={"manifest.update.wrongParents"})


@attack("C2PA 2.2 §15.10.1: an update with a component")
def update_with_a_component(forge: Forge) -> Expect:
    """Nothing can be placed without changing the picture."""
    asset = updated(forge, ingredient(relationship="componentOf", label=LATER))
    return Expect(asset=asset, failures={"manifest.update.wrongParents"})


@attack("C2PA 2.2 §15.12: an update of nothing")
def update_without_parent(forge: Forge) -> Expect:
    """No parent, so nothing binds the store to the picture."""
    failures = {"manifest.update.wrongParents", "claim.hardBindings.missing"}
    return Expect(asset=forge.png(update(cbor("org.example.note", {}))), failures=failures)


@attack("C2PA 2.2 §15.12: an update of a file without past")
def update_of_an_unknown_parent(forge: Forge) -> Expect:
    """Its parent has no manifest, so nothing binds the store to the picture."""
    failures = {"claim.hardBindings.missing"}
    return Expect(asset=forge.png(update(ingredient())), failures=failures)


@attack("C2PA 2.2 §15.12: an update of a parent that binds nothing")
def update_of_an_unbound_parent(forge: Forge) -> Expect:
    """That the parent has no hard binding was known and is recorded; the picture is unbound."""
    loose = forge.build(Recipe(items=[actions("c2pa.created")]))
    url = f"{loose.uri}/c2pa.claim.v2"
    records = [("claim.hardBindings.missing", url)]
    asset = forge.png(update(ingredient(loose, records=records)), loose)
    return Expect(asset=asset, failures={"claim.hardBindings.missing"})


@attack("C2PA 2.2 §15.12: updates in a circle")
def updates_in_a_circle(forge: Forge) -> Expect:
    """An update whose parent is itself: there is no picture at the end of the way."""
    label = urn()
    fake = Built(label, superbox(uuids.UPDATE_MANIFEST, label, ()))
    asset = forge.png(update(ingredient(fake), label=label))
    return Expect(
        asset=asset,
        failures={"claim.hardBindings.missing"},
        deltas={"ingredient.manifest.mismatch"},
    )


@attack("C2PA 2.4 §15.12.1: an update, and a second exclusion behind the store")
def update_with_a_moved_exclusion(forge: Forge) -> Expect:
    """The store has grown, so a later exclusion has moved: allowed, and said aloud."""

    def two(store: Span, size: int) -> tuple[Span, ...]:
        return (store, Span(size - 30, 10))

    return Expect(
        asset=updated(forge, exclude=two),
        state="Trusted",
        notes={"assertion.dataHash.additionalExclusionsPresent"},
    )


@attack("C2PA 2.2 §15.12.1: an update, and an exclusion too wide from the start")
def update_over_a_wide_exclusion(forge: Forge) -> Expect:
    """The parent left out some bytes of the picture too; an update must not hide that."""

    def wide(store: Span, _: int) -> tuple[Span, ...]:
        return (Span(store.start, store.length + 8),)

    return Expect(asset=updated(forge, exclude=wide), failures={"assertion.dataHash.mismatch"})
