"""Forgeries of the past: ingredients and their manifests."""

from dataclasses import replace
from typing import Any

from provenance.boxes import box
from provenance.jumbf import uuids
from provenance.jumbf.writer import superbox
from tests.attacks.expect import Expect, attack, beyond_limits
from tests.attacks.forge import (
    NOTE,
    Built,
    Cose,
    Forge,
    Item,
    Recipe,
    action_on,
    actions,
    cbor,
    created,
    digest,
    hard_binding,
    hashed_of,
    ingredient,
    opened,
    urn,
)

INGREDIENT = "c2pa.assertions/c2pa.ingredient.v3"
MISSING = {"ingredient.manifest.missing"}  # about who refers, and about the reference


def child(*items: Item, **how: Any) -> Recipe:
    """An edit of a parent, whose ingredient assertion is among the items."""
    return Recipe(items=[opened(), hard_binding(), *items], **how)


def noted(**how: Any) -> Recipe:
    """A parent with an assertion to tamper with."""
    return Recipe(items=[created(), hard_binding(), cbor(NOTE, {"text": "made by a model"})], **how)


@attack("C2PA 2.2 §15.11: nothing is wrong, with parents")
def honest_chain(forge: Forge) -> Expect:
    """A parent with a parent of its own."""
    first = forge.build(Recipe())
    second = forge.build(child(ingredient(first)))
    return Expect(asset=forge.png(child(ingredient(second)), first, second), state="Trusted")


@attack("C2PA 2.2 §15.11.3: an ingredient's assertion was changed")
def ingredient_assertion_flipped(forge: Forge) -> Expect:
    """What the parent said was edited after the child was signed."""
    parent = forge.build(noted())
    asset = forge.png(child(ingredient(parent)), parent.flipped(NOTE))
    deltas = {"ingredient.manifest.mismatch", "assertion.hashedURI.mismatch"}
    return Expect(asset=asset, deltas=deltas)


@attack("C2PA 2.2 §15.11.3: an ingredient's claim was changed")
def ingredient_claim_flipped(forge: Forge) -> Expect:
    """The parent's generator was renamed."""
    parent = forge.build(Recipe())
    changed = parent.changed(b"forge", b"forgf")
    deltas = {"ingredient.manifest.mismatch", "claimSignature.mismatch"}
    return Expect(asset=forge.png(child(ingredient(parent)), changed), deltas=deltas)


@attack("C2PA 2.2 §15.11.3: an ingredient's signature was changed")
def ingredient_signature_flipped(forge: Forge) -> Expect:
    """The parent was signed by somebody, it no longer says by whom."""
    parent = forge.build(Recipe())
    asset = forge.png(child(ingredient(parent)), parent.flipped("c2pa.signature"))
    deltas = {"ingredient.manifest.mismatch", "claimSignature.mismatch"}
    return Expect(asset=asset, deltas=deltas)


@attack("C2PA 2.2 §15.11.3: an ingredient's manifest was swapped")
def ingredient_swapped(forge: Forge) -> Expect:
    """Another manifest of the same label, sound and properly signed."""
    label = urn()
    parent, other = forge.build(Recipe(label=label)), forge.build(noted(label=label))
    asset = forge.png(child(ingredient(parent)), other)
    return Expect(asset=asset, deltas={"ingredient.manifest.mismatch"})


@attack("C2PA 2.2 §15.11.3: an ingredient's manifest is gone")
def ingredient_manifest_removed(forge: Forge) -> Expect:
    """The child names its parent's manifest; it was taken out of the store."""
    parent = forge.build(Recipe())
    asset = forge.png(child(ingredient(parent)))
    return Expect(asset=asset, failures=MISSING, deltas=MISSING)


@attack("C2PA 2.2 §15.11.3: a grandparent's manifest is gone")
def grandparent_manifest_removed(forge: Forge) -> Expect:
    """The parent names its own parent's manifest; it was taken out of the store."""
    first = forge.build(Recipe())
    second = forge.build(child(ingredient(first)))
    asset = forge.png(child(ingredient(second)), second)
    return Expect(asset=asset, deltas={"ingredient.manifest.missing"})


@attack("C2PA 2.2 §15.11.3: an ingredient's manifest by a URL")
def ingredient_on_the_web(forge: Forge) -> Expect:
    """The child names a manifest that is not in the store but on the web."""

    def away(row: dict[str, Any]) -> None:
        row["activeManifest"]["url"] = "https://example.com/manifest.c2pa"

    asset = forge.png(child(ingredient(forge.build(Recipe()), edit=away)))
    return Expect(asset=asset, failures=MISSING, deltas=MISSING)


@attack("C2PA 2.2 §15.11: an ingredient that was known to be broken")
def ingredient_known_to_be_broken(forge: Forge) -> Expect:
    """It was invalid when it was taken in, and its child says so: no news, and no hiding."""
    parent = forge.build(noted()).flipped(NOTE)
    records = [("assertion.hashedURI.mismatch", parent.uri_of(NOTE))]
    asset = forge.png(child(ingredient(parent, records=records)), parent)
    return Expect(asset=asset, state="Trusted")


@attack("C2PA 2.2 §15.11: an ingredient whose flaw was not told")
def ingredient_flaw_not_told(forge: Forge) -> Expect:
    """It was invalid when it was taken in, and its child is silent about it."""
    parent = forge.build(noted()).flipped(NOTE)
    asset = forge.png(child(ingredient(parent)), parent)
    return Expect(asset=asset, deltas={"assertion.hashedURI.mismatch"})


@attack("C2PA 2.2 §18.15.12.4.3: an altered record forgives itself")
def altered_ingredient_forgives_itself(forge: Forge) -> Expect:
    """Without any key: the parent's ingredient assertion is altered, and records its own flaw.

    What an assertion says about flaws counts only as long as the assertion itself is unaltered.
    """
    first = forge.build(Recipe())
    label = urn()
    spare = "assertion.hashedURI.nothing!", f"self#jumbf=/c2pa/{label}/x"

    def parent(records: list[tuple[str, str]]) -> Built:
        return forge.build(child(ingredient(first, records=records), label=label))

    active = urn()
    forgiven = [
        ("assertion.hashedURI.mismatch", f"self#jumbf=/c2pa/{label}/{INGREDIENT}"),
        ("ingredient.manifest.mismatch", f"self#jumbf=/c2pa/{active}/{INGREDIENT}"),
    ]
    genuine, other = parent([spare]), parent(forgiven)
    # The claim and the signature of the genuine parent, around the altered assertions.
    parts = [
        bytes(other.find("c2pa.assertions").raw),
        bytes(genuine.find("c2pa.claim.v2").raw),
        bytes(genuine.find("c2pa.signature").raw),
    ]
    altered = Built(label, superbox(uuids.MANIFEST, label, parts))
    asset = forge.png(child(ingredient(genuine), label=active), first, altered)
    deltas = {"ingredient.manifest.mismatch", "assertion.hashedURI.mismatch"}
    return Expect(asset=asset, deltas=deltas)


@attack("C2PA 2.2 §18.15.12.4.3: a record about somebody else's ingredient")
def record_about_a_sibling(forge: Forge) -> Expect:
    """A component's maker records a flaw of the parent; the active manifest is silent about it."""
    label = urn()
    parent = forge.build(noted(label=label)).flipped(NOTE)
    first = forge.build(Recipe())
    records = [("assertion.hashedURI.mismatch", parent.uri_of(NOTE))]
    component = forge.build(child(ingredient(first, records=records)))
    second = "c2pa.ingredient.v3__1"
    items = [
        opened("c2pa.ingredient.v3", action_on("c2pa.placed", second)),
        hard_binding(),
        ingredient(parent),
        ingredient(component, "componentOf", label=second),
    ]
    asset = forge.png(Recipe(items=items), first, component, parent)
    return Expect(asset=asset, deltas={"assertion.hashedURI.mismatch"})


def lying_component(forge: Forge, *, knows_the_parent: bool) -> Expect:
    """A component by anybody, signed and taken in, that "records" a flaw in the parent's past.

    The flaw came later: after the picture was signed, the grandparent was altered.
    """
    grandparent = forge.build(noted())
    parent = forge.build(child(ingredient(grandparent)))
    records = [
        ("assertion.hashedURI.mismatch", grandparent.uri_of(NOTE)),
        ("ingredient.manifest.mismatch", parent.uri_of("c2pa.ingredient.v3")),
    ]
    other = forge.build(Recipe())
    below = parent if knows_the_parent else other
    component = forge.build(child(ingredient(below, records=records)))
    first, second = "c2pa.ingredient.v3", "c2pa.ingredient.v3__1"
    items = [
        opened(second, action_on("c2pa.placed", first)),
        hard_binding(),
        ingredient(component, "componentOf", label=first),
        ingredient(parent, label=second),
    ]
    altered = grandparent.flipped(NOTE)
    asset = forge.png(Recipe(items=items), other, altered, parent, component)
    deltas = {"ingredient.manifest.mismatch", "assertion.hashedURI.mismatch"}
    return Expect(asset=asset, deltas=deltas)


@attack("C2PA 2.2 §18.15.12.4.3: a component forgives the parent's past")
def record_about_another_branch(forge: Forge) -> Expect:
    """What a component's maker recorded says nothing about manifests that are not below it."""
    return lying_component(forge, knows_the_parent=False)


@attack("C2PA 2.2 §18.15.12.4.3: a component forgives a past that it shares")
def record_about_a_shared_past(forge: Forge) -> Expect:
    """The component has the same parent; on the way from the picture itself nobody tells a flaw."""
    return lying_component(forge, knows_the_parent=True)


@attack("C2PA 2.2 §15.11: an ingredient of unknown past")
def ingredient_without_manifest(forge: Forge) -> Expect:
    """A parent that had no manifest: no failure, and said aloud."""
    asset = forge.png(child(ingredient()))
    return Expect(asset=asset, state="Trusted", notes={"ingredient.unknownProvenance"})


@attack("C2PA 2.2 §15.11.2: no relationship")
def ingredient_without_relationship(forge: Forge) -> Expect:
    """What is it to the picture?"""
    items = [created(), hard_binding(), ingredient(edit=lambda row: row.pop("relationship"))]
    return Expect(asset=forge.png(Recipe(items=items)), failures={"assertion.ingredient.malformed"})


@attack("C2PA 2.2 §15.11.2: an unknown relationship")
def ingredient_of_an_unknown_relationship(forge: Forge) -> Expect:
    """`siblingOf` is none of the three."""
    items = [created(), hard_binding(), ingredient(relationship="siblingOf")]
    return Expect(asset=forge.png(Recipe(items=items)), failures={"assertion.ingredient.malformed"})


@attack("C2PA 2.2 §15.11.2: a relationship that is no text")
def ingredient_whose_relationship_is_a_list(forge: Forge) -> Expect:
    """A list, which cannot be looked up in a set."""
    edit = ingredient(edit=lambda row: row.update(relationship=[]))
    items = [created(), hard_binding(), edit]
    return Expect(asset=forge.png(Recipe(items=items)), failures={"assertion.ingredient.malformed"})


@attack("C2PA 2.2 §15.11.2: a manifest, and no results")
def ingredient_without_results(forge: Forge) -> Expect:
    """Version 3 says what its maker found when it was taken in."""
    parent = forge.build(Recipe())
    item = ingredient(parent, edit=lambda row: row.pop("validationResults"))
    asset = forge.png(child(item), parent)
    return Expect(asset=asset, failures={"assertion.ingredient.malformed"})


@attack("C2PA 2.4 §15.11.2: a manifest, and a source type")
def ingredient_with_a_source_type(forge: Forge) -> Expect:
    """Its own manifest says how it was made; the child must not say otherwise."""
    parent = forge.build(Recipe())
    how = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
    item = ingredient(parent, edit=lambda row: row.update(digitalSourceType=how))
    asset = forge.png(child(item), parent)
    return Expect(asset=asset, failures={"assertion.ingredient.malformed"})


@attack("C2PA 2.2 §15.10.1: two parents")
def two_parents(forge: Forge) -> Expect:
    """One picture cannot be the edit of two."""
    items = [ingredient(), ingredient(label="c2pa.ingredient.v3__1")]
    return Expect(asset=forge.png(child(*items)), failures={"manifest.multipleParents"})


@attack("C2PA 2.2 §15.11.3: no algorithm for an ingredient's hash")
def ingredient_hash_by_sha1(forge: Forge) -> Expect:
    """The right SHA-1 of the parent's manifest."""
    parent = forge.build(Recipe())

    def old(row: dict[str, Any]) -> None:
        hashed = digest(hashed_of(parent.box), "sha1")
        row["activeManifest"] |= {"alg": "sha1", "hash": hashed}

    asset = forge.png(child(ingredient(parent, edit=old)), parent)
    return Expect(asset=asset, deltas={"algorithm.unsupported"})


def old_ingredient(version: int, parent: Built) -> Item:
    """An ingredient assertion of version 1 or 2."""
    label = {1: "c2pa.ingredient", 2: "c2pa.ingredient.v2"}[version]
    row = {
        "dc:title": "old",
        "dc:format": "image/png",
        "relationship": "parentOf",
        "instanceID": "xmp:iid:old",
        "documentID": "xmp:did:old",
        "c2pa_manifest": {"url": parent.uri, "hash": digest(hashed_of(parent.box))},
    }
    return cbor(label, row)


@attack("C2PA 1.4 §17.11: nothing is wrong, with an ingredient of version 1")
def honest_ingredient_v1(forge: Forge) -> Expect:
    """As older tools write it."""
    parent = forge.build(Recipe())
    items = [opened("c2pa.ingredient"), hard_binding(), old_ingredient(1, parent)]
    return Expect(asset=forge.png(Recipe(items=items), parent), state="Trusted")


@attack("C2PA 2.0 §18.11: nothing is wrong, with an ingredient of version 2")
def honest_ingredient_v2(forge: Forge) -> Expect:
    """As older tools write it."""
    parent = forge.build(Recipe())
    items = [opened("c2pa.ingredient.v2"), hard_binding(), old_ingredient(2, parent)]
    return Expect(asset=forge.png(Recipe(items=items), parent), state="Trusted")


@attack("C2PA 2.0 §18.11: an ingredient of version 2 was changed")
def ingredient_v2_flipped(forge: Forge) -> Expect:
    """The old form protects its manifest just as well."""
    parent = forge.build(noted())
    items = [opened("c2pa.ingredient.v2"), hard_binding(), old_ingredient(2, parent)]
    asset = forge.png(Recipe(items=items), parent.flipped(NOTE))
    deltas = {"ingredient.manifest.mismatch", "assertion.hashedURI.mismatch"}
    return Expect(asset=asset, deltas=deltas)


@attack("C2PA 2.2 §15.11.3: signed by nobody, deep down")
def grandparent_untrusted(forge: Forge) -> Expect:
    """Somewhere in the past is a signer that nobody knows: valid, and not trusted."""
    first = forge.build(Recipe(cose=Cose(credential=forge.credential_with())))
    second = forge.build(child(ingredient(first)))
    return Expect(
        asset=forge.png(child(ingredient(second)), first, second),
        state="Valid",
        deltas={"signingCredential.untrusted"},
    )


@attack("C2PA 2.2 §15.11.3: a circle of two")
def cycle_of_two(forge: Forge) -> Expect:
    """A's ingredient is B, and B's ingredient is A; one of the hashes cannot be right."""
    label = urn()
    fake = Built(label, superbox(uuids.MANIFEST, label, ()))
    other = forge.build(child(ingredient(fake)))
    asset = forge.png(child(ingredient(other), label=label), other)
    deltas = {"ingredient.manifest.mismatch"}
    return Expect(asset=asset, deltas=deltas)


@attack("C2PA 2.2 §15.11.3: its own parent")
def cycle_of_one(forge: Forge) -> Expect:
    """A manifest that names itself."""
    label = urn()
    fake = Built(label, superbox(uuids.MANIFEST, label, ()))
    asset = forge.png(child(ingredient(fake), label=label))
    return Expect(asset=asset, deltas={"ingredient.manifest.mismatch"})


@attack("C2PA 2.2 §15.11.3: a circle that does not lead back")
def cycle_in_the_past(forge: Forge) -> Expect:
    """Two manifests of the past name each other."""
    label = urn()
    fake = Built(label, superbox(uuids.MANIFEST, label, ()))
    first = forge.build(child(ingredient(fake)))
    second = forge.build(child(ingredient(first), label=label))
    asset = forge.png(child(ingredient(second)), first, second)
    return Expect(asset=asset, deltas={"ingredient.manifest.mismatch"})


@attack("C2PA 2.2 §15.11.3: three hundred generations")
def ingredients_nested_deep(forge: Forge) -> Expect:
    """Deeper than we follow."""
    chain: list[Built] = []
    bare = Recipe(items=[created(), hard_binding()])
    for _ in range(300):
        items = [ingredient(chain[-1])] if chain else []
        chain.append(forge.build(replace(bare, label=urn(), items=[*bare.items, *items])))
    asset = forge.png(child(ingredient(chain[-1])), *chain)
    return beyond_limits(asset)


@attack("C2PA 2.2 §15.11.3: a manifest that nothing refers to")
def stray_manifest(forge: Forge) -> Expect:
    """It is in the store, broken, and belongs to nobody: it does not count."""
    stray = forge.build(noted()).flipped(NOTE)
    return Expect(asset=forge.png(Recipe(), stray), state="Trusted")


@attack("C2PA 2.2 §15.5: another manifest behind the active one")
def appended_manifest_takes_over(forge: Forge) -> Expect:
    """A manifest put last becomes the active one, and it is bound to another picture."""
    last = forge.build(Recipe())

    def append(data: bytes) -> bytes:
        return box(b"jumb", data[8:] + last.box)

    return Expect(asset=forge.png(Recipe(), store=append), failures={"assertion.dataHash.mismatch"})


@attack("C2PA 2.2 §18.15: an ingredient that is a list")
def ingredient_that_is_a_list(forge: Forge) -> Expect:
    """Good CBOR of another shape."""
    items = [created(), hard_binding(), cbor("c2pa.ingredient.v3", [1])]
    return Expect(asset=forge.png(Recipe(items=items)), failures={"assertion.ingredient.malformed"})


@attack("C2PA 2.2 §18.15: results that are a list")
def ingredient_results_that_are_a_list(forge: Forge) -> Expect:
    """`validationResults` of another shape: nothing in it can excuse anything."""
    parent = forge.build(noted()).flipped(NOTE)
    item = ingredient(parent, edit=lambda row: row.update(validationResults=[1]))
    items = [actions("c2pa.created"), hard_binding(), item]
    return Expect(
        asset=forge.png(Recipe(items=items), parent), failures={"assertion.ingredient.malformed"}
    )
