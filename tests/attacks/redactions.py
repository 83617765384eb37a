"""Forgeries around redaction: what may be taken out, by whom, and what must be gone."""

from dataclasses import replace
from typing import Any

from provenance.boxes import box
from provenance.cbor import encode
from provenance.jumbf import uuids
from provenance.jumbf.writer import superbox
from tests.attacks.expect import Expect, attack
from tests.attacks.forge import (
    ASSERTIONS,
    NOTE,
    Built,
    Cose,
    Forge,
    Recipe,
    cbor,
    created,
    hard_binding,
    ingredient,
    local,
    opened,
    urn,
)


def redacting(*uris: str) -> Any:
    """A claim that redacts."""
    return lambda claim: claim.update(redacted_assertions=list(uris))


def noted() -> Recipe:
    """A parent with an assertion to redact."""
    items = [created(), hard_binding(), cbor(NOTE, {"text": "taken at home"})]
    return Recipe(items=items)


def child(parent: Built, *uris: str, **how: Any) -> Recipe:
    """An edit that redacts something of its parent."""
    items = [opened(), hard_binding(), ingredient(parent, **how)]
    return Recipe(items=items, claim=redacting(*uris))


def emptied(built: Built, label: str, content: bytes) -> Built:
    """A manifest with an assertion's content replaced, as redaction does."""
    found = built.find(label)
    new = superbox(found.uuid, label, (content,))
    store = built.find(ASSERTIONS)
    kept = [new if one.label == label else bytes(one.raw) for one in store.superboxes]
    parts = [
        superbox(uuids.ASSERTION_STORE, ASSERTIONS, kept),
        bytes(built.find("c2pa.claim.v2").raw),
        bytes(built.find("c2pa.signature").raw),
    ]
    return Built(built.label, superbox(uuids.MANIFEST, built.label, parts))


MARK = box(b"uuid", uuids.REDACTION + bytes(8))
ZEROS = box(b"cbor", bytes(24))


@attack("C2PA 2.2 §6.8: nothing is wrong, with a redaction")
def honest_redaction(forge: Forge) -> Expect:
    """An assertion was redacted by the rules; the signature's hash stands in for the manifest's."""
    parent = forge.build(noted())
    asset = forge.png(child(parent, parent.uri_of(NOTE)), emptied(parent, NOTE, MARK))
    return Expect(asset=asset, state="Trusted")


@attack("C2PA 2.2 §6.8: nothing is wrong, with zeros")
def honest_redaction_by_zeros(forge: Forge) -> Expect:
    """An assertion was overwritten with zeros."""
    parent = forge.build(noted())
    asset = forge.png(child(parent, parent.uri_of(NOTE)), emptied(parent, NOTE, ZEROS))
    return Expect(asset=asset, state="Trusted")


@attack("C2PA 2.2 §15.11.3: redacted, and still there")
def redacted_and_still_there(forge: Forge) -> Expect:
    """The claim says that it is gone; everybody can read it."""
    parent = forge.build(noted())
    asset = forge.png(child(parent, parent.uri_of(NOTE)), parent)
    return Expect(asset=asset, deltas={"assertion.notRedacted"})


@attack("C2PA 2.2 §15.11.3: redacted, and something else put there")
def redacted_and_replaced(forge: Forge) -> Expect:
    """Redaction as a licence to put other words into the parent's mouth."""
    parent = forge.build(noted())
    other = emptied(parent, NOTE, box(b"cbor", encode({"text": "taken elsewhere"})))
    asset = forge.png(child(parent, parent.uri_of(NOTE)), other)
    return Expect(asset=asset, deltas={"assertion.notRedacted"})


@attack("C2PA 2.2 §15.11.3: one redacted, another changed")
def redaction_hides_another_change(forge: Forge) -> Expect:
    """After a redaction the manifest's hash is not checked; that of each assertion still is."""
    parent = forge.build(noted())
    other = emptied(parent, NOTE, MARK).flipped("c2pa.actions.v2")
    asset = forge.png(child(parent, parent.uri_of(NOTE)), other)
    deltas = {"assertion.hashedURI.mismatch"}
    return Expect(asset=asset, deltas=deltas)


@attack("C2PA 2.2 §15.10.3: its own assertion redacted")
def self_redaction(forge: Forge) -> Expect:
    """A claim that takes back what it says in the same breath."""
    label = urn()
    uri = f"self#jumbf=/c2pa/{label}/{ASSERTIONS}/{NOTE}"
    items = [created(), hard_binding(), cbor(NOTE, {"text": "hidden"})]
    recipe = Recipe(label=label, items=items, claim=redacting(uri))
    failures = {"assertion.selfRedacted", "assertion.notRedacted"}
    return Expect(asset=forge.png(recipe), failures=failures)


@attack("C2PA 2.2 §15.10.3: its own assertion redacted, by a relative URI")
def self_redaction_by_a_relative_uri(forge: Forge) -> Expect:
    """A URI that begins in this manifest names something in this manifest."""
    items = [created(), hard_binding(), cbor(NOTE, {"text": "hidden"})]
    recipe = Recipe(items=items, claim=redacting(local(NOTE)))
    asset = forge.png(recipe)
    return Expect(asset=asset, failures={"assertion.selfRedacted", "assertion.notRedacted"})


@attack("C2PA 2.2 §15.10.3: its own hash excused, by the old spelling")
def self_redaction_by_the_old_spelling(forge: Forge) -> Expect:
    """Without the slash, as old files spell an absolute URI."""
    label = urn()
    uri = f"self#jumbf=c2pa/{label}/{ASSERTIONS}/{NOTE}"
    items = [created(), hard_binding(), cbor(NOTE, {"text": "hidden"})]
    recipe = Recipe(label=label, items=items, claim=redacting(uri))
    failures = {"assertion.selfRedacted", "assertion.notRedacted"}
    return Expect(asset=forge.png(recipe), failures=failures)


@attack("C2PA 2.2 §15.10.3: the actions redacted")
def actions_redacted(forge: Forge) -> Expect:
    """What was done to a picture must not be taken out of its history."""
    parent = forge.build(noted())
    uri = parent.uri_of("c2pa.actions.v2")
    asset = forge.png(child(parent, uri), emptied(parent, "c2pa.actions.v2", MARK))
    deltas = {"assertion.action.redacted"}
    return Expect(asset=asset, deltas=deltas)


@attack("C2PA 2.2 §15.10.3: the hard binding redacted")
def hard_binding_redacted(forge: Forge) -> Expect:
    """What ties the parent to its picture must not be taken out either."""
    parent = forge.build(noted())
    uri = parent.uri_of("c2pa.hash.data")
    asset = forge.png(child(parent, uri), emptied(parent, "c2pa.hash.data", MARK))
    return Expect(asset=asset, deltas={"assertion.hardBinding.redacted"})


@attack("C2PA 2.2 §15.11.3: redacted, with nothing left to check")
def redacted_without_signature_reference(forge: Forge) -> Expect:
    """The ingredient assertion has no `claimSignature`, the one hash that would still hold."""
    parent = forge.build(noted())
    recipe = child(parent, parent.uri_of(NOTE), edit=lambda row: row.pop("claimSignature"))
    asset = forge.png(recipe, emptied(parent, NOTE, MARK))
    return Expect(asset=asset, deltas={"ingredient.claimSignature.missing"})


@attack("C2PA 2.2 §15.11.3: redacted, and signed by another")
def redacted_and_signed_again(forge: Forge) -> Expect:
    """Redaction as a licence to swap the parent: another claim, properly signed by another."""
    parent = forge.build(noted())
    other = forge.build(Recipe(label=parent.label, cose=Cose(credential=forge.other)))
    asset = forge.png(child(parent, parent.uri_of(NOTE)), other)
    return Expect(asset=asset, deltas={"ingredient.claimSignature.mismatch"})


@attack("C2PA 2.2 §15.11.3: swapped behind its old signature")
def ingredient_swapped_behind_its_old_signature(forge: Forge) -> Expect:
    """The parent is another, signed by another; the old signature's box is kept to show around.

    The child redacts nothing. The forger's own ingredient "redacts" something in the parent, so
    that the parent's signature is looked at instead of its hash, and the claim of the parent
    points at a second signature box.
    """
    parent = forge.build(Recipe())

    def aside(claim: dict[str, object]) -> None:
        claim["signature"] = f"{parent.uri}/c2pa.signature2"

    def keep_old(parts: list[bytes]) -> list[bytes]:
        content = parts[2][parts[2].index(b"cbor") - 4 :]
        second = superbox(uuids.SIGNATURE, "c2pa.signature2", (content,))
        return [*parts[:2], parent.signature, second]

    helper = forge.build(Recipe(claim=redacting(f"{parent.uri}/{ASSERTIONS}/org.example.none")))
    items = [created(), hard_binding(), ingredient(helper, "inputTo")]
    other = forge.build(Recipe(label=parent.label, items=items, claim=aside, boxes=keep_old))
    honest = Recipe(items=[opened(), hard_binding(), ingredient(parent)])
    asset = forge.png(honest, helper, other)
    return Expect(asset=asset, deltas={"claimSignature.missing", "ingredient.manifest.mismatch"})


@attack("C2PA 2.2 §15.11.3: a URI of an assertion that there is not")
def redaction_of_nothing(forge: Forge) -> Expect:
    """The claim redacts what its parent never had: no hash that matters may be skipped for it."""
    parent = forge.build(noted())
    asset = forge.png(child(parent, parent.uri_of("org.example.none")), parent.flipped(NOTE))
    return Expect(asset=asset, deltas={"assertion.hashedURI.mismatch"})


@attack("C2PA 2.2 §15.10.3: a redaction told as an action")
def honest_redaction_with_action(forge: Forge) -> Expect:
    """The claim redacts, an action says why: nothing is wrong."""
    parent = forge.build(noted())
    uri = parent.uri_of(NOTE)
    row = {
        "action": "c2pa.redacted",
        "reason": "c2pa.PII.present",
        "parameters": {"redacted": uri},
    }
    recipe = child(parent, uri)
    items = [opened("c2pa.ingredient.v3", row), *recipe.items[1:]]
    asset = forge.png(replace(recipe, items=items), emptied(parent, NOTE, MARK))
    return Expect(asset=asset, state="Trusted")
