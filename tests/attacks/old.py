"""Forgeries by the rules of one version of the standard, which others do not have."""

from dataclasses import replace
from typing import Any

from provenance.jumbf import uuids
from tests.attacks.elsewhere import EXTERNAL
from tests.attacks.expect import Expect, attack
from tests.attacks.forge import (
    Edit,
    Forge,
    Item,
    Recipe,
    Row,
    cbor,
    created,
    hard_binding,
    ingredient,
    json,
    opened,
)
from tests.attacks.updates import update

METADATA = json("c2pa.metadata", b'{"@context": {"x": "https://x.example/"}, "x:mood": "good"}')
LISTED = b'{"@context": {"gps": "http://ns.adobe.com/exif/1.0/"}, "gps:GPSLatitude": "1,2N"}'


def of_version(version: str) -> Edit:
    """A claim that says by which version it was made."""

    def edit(claim: Row) -> None:
        claim["claim_generator_info"] = {"name": "forge", "specVersion": version}

    return edit


def made_by(forge: Forge, version: str, *more: Item, first: Item | None = None) -> bytes:
    items = [created() if first is None else first, hard_binding(), *more]
    return forge.png(Recipe(items=items, claim=of_version(version)))


@attack("C2PA 2.3 §15.10.3.2.4: metadata with a field of nobody's")
def metadata_unlisted(forge: Forge) -> Expect:
    """The list of this version has no such field."""
    wrong = {"assertion.metadata.disallowed"}
    return Expect(asset=made_by(forge, "2.3.0", METADATA), failures=wrong)


@attack("C2PA 2.3 §10.2: a version in the claim itself")
def metadata_unlisted_by_the_claim(forge: Forge) -> Expect:
    """As above, said where 2.3 says it."""
    items = [created(), hard_binding(), METADATA]
    asset = forge.png(Recipe(items=items, claim=lambda row: row.update(specVersion="2.3.0")))
    return Expect(asset=asset, failures={"assertion.metadata.disallowed"})


@attack("C2PA 2.4 §15.10.3.2.4: metadata with a new field")
def metadata_unlisted_now(forge: Forge) -> Expect:
    """From this version on a validator lets it pass."""
    return Expect(asset=made_by(forge, "2.4.0", METADATA), state="Trusted")


@attack("C2PA 2.3 §15.10.3.2.4: metadata by another prefix")
def metadata_listed(forge: Forge) -> Expect:
    """Nothing is wrong: the context says which schema is meant."""
    item = json("c2pa.metadata", LISTED)
    return Expect(asset=made_by(forge, "2.3.0", item), state="Trusted")


@attack("C2PA 2.2 §15.10.3.1: a hard binding was redacted")
def hard_binding_redacted_in_2_2(forge: Forge) -> Expect:
    """Of a manifest of 2.2, which calls it by the name of one of them."""
    parent = forge.build(Recipe(claim=of_version("2.2")))
    gone = parent.uri_of("c2pa.hash.data")

    def redact(claim: Row) -> None:
        claim["redacted_assertions"] = [gone]

    row = {"action": "c2pa.redacted", "parameters": {"redacted": gone}}
    items = [opened("c2pa.ingredient.v3", row), hard_binding(), ingredient(parent)]
    asset = forge.png(Recipe(items=items, claim=redact), parent)
    return Expect(asset=asset, deltas={"assertion.dataHash.redacted"})


@attack("C2PA 2.5 §14.10.1.2: a manifest without actions")
def no_actions_in_2_5(forge: Forge) -> Expect:
    """How did it begin? This version has a code for that."""
    note = cbor("org.example.note", {})
    asset = made_by(forge, "2.5.0", first=note)
    return Expect(asset=asset, failures={"claim.actions.missing"})


def external(label: str = "org.example.note", **edit: Any) -> Item:
    where = {"uri": "https://example.com/a", "content_type": "application/jumbf"}
    return cbor(EXTERNAL, {"label": label, "location": where} | edit, created=False)


@attack("C2PA 2.3 §15.10.3.2.2: a reference as this version has it")
def external_reference_of_2_3(forge: Forge) -> Expect:
    """Nothing is wrong."""
    note = {"org.provenance-c2pa.external.notFetched"}
    return Expect(asset=made_by(forge, "2.3.0", external()), state="Trusted", notes=note)


@attack("C2PA 2.3 §15.10.3.2.2: a reference without a type")
def external_reference_of_2_3_without_type(forge: Forge) -> Expect:
    """Of fields that this version asks for, one is missing."""
    item = external(location={"uri": "https://example.com/a"})
    wrong = {"assertion.external-reference.malformed"}
    return Expect(asset=made_by(forge, "2.3.0", item), failures=wrong)


@attack("C2PA 2.3 §15.10.3.2.2: a hard binding elsewhere")
def external_reference_for_hard_binding_in_2_3(forge: Forge) -> Expect:
    """It could be exchanged when nobody looks."""
    wrong = {"assertion.external-reference.hardBinding"}
    return Expect(asset=made_by(forge, "2.3.0", external("c2pa.hash.data")), failures=wrong)


@attack("C2PA 2.3 §15.10.3.2.2: actions of an update elsewhere")
def external_reference_for_actions_in_2_3(forge: Forge) -> Expect:
    """An update whose actions nobody can see."""
    parent = forge.build(Recipe())
    items = (ingredient(parent), external("c2pa.actions.v2"))
    recipe = update(*items, claim=of_version("2.3.0"))
    wrong = {"assertion.external-reference.actions", "assertion.dataHash.mismatch"}
    return Expect(asset=forge.png(recipe, parent), failures=wrong)


STAMP = uuids.TIME_STAMP_MANIFEST


def stamped(forge: Forge, *items: Item) -> bytes:
    """A picture with a time-stamp manifest behind the one that binds it."""
    behind: list[bytes] = []

    def store(whole: bytes) -> bytes:
        inner = whole[8:] + behind[0]
        return (len(inner) + 8).to_bytes(4) + whole[4:8] + inner

    behind.append(forge.build(Recipe(items=items, kind=STAMP)).box)
    return forge.png(Recipe(), store=store)


@attack("C2PA 2.1 §11.2.5: a time-stamp manifest")
def time_stamp_manifest(forge: Forge) -> Expect:
    """As 2.1 made it: later versions pass it over, and the one before it is active."""
    return Expect(asset=stamped(forge, ingredient(forge.build(Recipe()))), state="Trusted")


@attack("C2PA 2.1 §15.10.1.4: a time-stamp manifest that says more")
def time_stamp_manifest_with_more(forge: Forge) -> Expect:
    """An assertion that nobody looks at, in a manifest that is passed over."""
    items = (ingredient(forge.build(Recipe())), cbor("org.example.note", {}))
    return Expect(asset=stamped(forge, *items), failures={"manifest.timestamp.invalid"})


@attack("C2PA 2.1 §15.10.1.4: a time-stamp manifest of nothing")
def time_stamp_manifest_without_parent(forge: Forge) -> Expect:
    """It stamps no manifest."""
    return Expect(asset=stamped(forge), failures={"manifest.timestamp.wrongParents"})


@attack("C2PA 2.1 §15.10.1.4: a time-stamp manifest of two")
def time_stamp_manifest_of_two(forge: Forge) -> Expect:
    """Which of them was it that was stamped?"""
    parent = forge.build(Recipe())
    items = (ingredient(parent), ingredient(parent, label="c2pa.ingredient.v3__1"))
    wrong = {"manifest.timestamp.wrongParents"}
    return Expect(asset=stamped(forge, *items), failures=wrong)


@attack("C2PA 2.2 §15.4: an algorithm that a validator calls deprecated")
def algorithm_of_yesterday(forge: Forge) -> Expect:
    """The standard deprecates none; who verifies may. It is told, and not wrong."""
    trust = replace(forge.trust, deprecated=frozenset(("sha256",)))
    note = {"algorithm.deprecated"}
    return Expect(asset=forge.png(Recipe()), state="Trusted", trust=trust, notes=note)


@attack("C2PA 2.2 §13.2: a signature that a validator calls deprecated")
def signature_of_yesterday(forge: Forge) -> Expect:
    """As above, for what the claim was signed with."""
    trust = replace(forge.trust, deprecated=frozenset(("es256",)))
    note = {"algorithm.deprecated"}
    return Expect(asset=forge.png(Recipe()), state="Trusted", trust=trust, notes=note)
