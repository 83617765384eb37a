"""Forgeries of assertions, and of how the claim lists them."""

from dataclasses import replace

from provenance.boxes import box
from provenance.cbor import encode
from provenance.jumbf import uuids
from provenance.jumbf.writer import cbor_box, superbox
from tests.attacks.expect import Expect, attack
from tests.attacks.forge import (
    ASSERTIONS,
    NOTE,
    Binding,
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
    json,
    local,
    opened,
    raw,
    raw_cbor,
)


def with_item(item: Item) -> Recipe:
    return Recipe(items=[created(), hard_binding(), item])


def flip_last(data: bytes) -> bytes:
    return data[:-1] + bytes((data[-1] ^ 1,))


@attack("C2PA 2.2 §15.10.3: an assertion was changed")
def assertion_flipped(forge: Forge) -> Expect:
    """One bit of an assertion's content, after the claim was signed."""
    item = cbor(NOTE, {"text": "made by hand"}, after=flip_last)
    return Expect(asset=forge.png(with_item(item)), failures={"assertion.hashedURI.mismatch"})


@attack("C2PA 2.2 §15.10.3: the salt of an assertion was changed")
def assertion_label_flipped(forge: Forge) -> Expect:
    """Not the content but the description around it: the toggles."""
    item = cbor(
        NOTE,
        {"text": "made by hand"},
        after=lambda data: data.replace(bytes((3,)) + NOTE.encode(), b"\x02" + NOTE.encode()),
    )
    return Expect(asset=forge.png(with_item(item)), failures={"assertion.hashedURI.mismatch"})


@attack("C2PA 2.2 §15.10.3: an assertion is gone")
def assertion_removed(forge: Forge) -> Expect:
    """The claim lists it, and it was cut out."""
    recipe = with_item(cbor(NOTE, {"text": "made by a model"}))
    note = recipe.items[-1].box(Binding())

    def cut(parts: list[bytes]) -> list[bytes]:
        store = superbox(uuids.ASSERTION_STORE, ASSERTIONS, ())
        kept = parts[0][len(store) : -len(note)]
        return [superbox(uuids.ASSERTION_STORE, ASSERTIONS, (kept,)), *parts[1:]]

    return Expect(asset=forge.png(replace(recipe, boxes=cut)), failures={"assertion.missing"})


@attack("C2PA 2.2 §15.10.3: an assertion store is gone")
def assertion_store_removed(forge: Forge) -> Expect:
    """A claim and a signature, and none of what they talk about."""
    recipe = Recipe(boxes=lambda parts: parts[1:])
    return Expect(asset=forge.png(recipe), failures={"assertion.missing"})


@attack("C2PA 2.2 §15.10.3: an assertion that no claim lists")
def assertion_undeclared(forge: Forge) -> Expect:
    """Put into the store, where a careless reader takes it for signed."""
    item = cbor(NOTE, {"text": "by a famous painter"}, listed=False)
    return Expect(asset=forge.png(with_item(item)), failures={"assertion.undeclared"})


@attack("C2PA 2.2 §15.10.3: a second assertion store hides one")
def second_assertion_store_hides_undeclared(forge: Forge) -> Expect:
    """An assertion that no claim lists, and an empty store beside it to divert from it."""

    def diverted(parts: list[bytes]) -> list[bytes]:
        return [*parts, superbox(uuids.ASSERTION_STORE, "c2pa.assertions.more", ())]

    item = cbor(NOTE, {"text": "by a famous painter"}, listed=False)
    recipe = Recipe(items=[created(), hard_binding(), item], boxes=diverted)
    return Expect(asset=forge.png(recipe), failures={"assertion.undeclared"})


@attack("C2PA 2.2 §15.10.3: assertions in a store of another name")
def undeclared_in_another_store(forge: Forge) -> Expect:
    """A second assertion store with something in it that no claim lists."""

    def more(parts: list[bytes]) -> list[bytes]:
        inside = cbor_box(NOTE, {"text": "by a famous painter"})
        return [*parts, superbox(uuids.ASSERTION_STORE, "c2pa.assertions.more", (inside,))]

    return Expect(asset=forge.png(Recipe(boxes=more)), failures={"assertion.undeclared"})


@attack("C2PA 2.2 §15.10.3: an assertion from another manifest")
def assertion_outside_manifest(forge: Forge) -> Expect:
    """The claim hashes a box of its parent: digest right, place wrong."""
    parent = forge.build(Recipe(items=[created(), hard_binding(), cbor(NOTE, {"text": "mine"})]))
    box_ = bytes(parent.find(NOTE).raw)

    def borrowed(claim: dict[str, list[object]]) -> None:
        ref = {"url": parent.uri_of(NOTE), "hash": digest(hashed_of(box_))}
        claim["created_assertions"].append(ref)

    recipe = Recipe(items=[opened(), hard_binding(), ingredient(parent)], claim=borrowed)
    return Expect(asset=forge.png(recipe, parent), failures={"assertion.outsideManifest"})


@attack("C2PA 2.2 §8.4.1: an assertion on the web")
def assertion_on_the_web(forge: Forge) -> Expect:
    """The claim lists a URL where a box of its own must be."""

    def away(claim: dict[str, list[object]]) -> None:
        claim["created_assertions"].append({"url": "https://example.com/x", "hash": bytes(32)})

    return Expect(asset=forge.png(Recipe(claim=away)), failures={"assertion.outsideManifest"})


@attack("C2PA 2.2 §8.4.1: a URI that names the store itself")
def assertion_uri_names_the_store(forge: Forge) -> Expect:
    """`self#jumbf=/c2pa` has a store's label and no manifest's."""

    def store(claim: dict[str, list[object]]) -> None:
        claim["created_assertions"].append({"url": "self#jumbf=/c2pa", "hash": bytes(32)})

    return Expect(asset=forge.png(Recipe(claim=store)), failures={"assertion.outsideManifest"})


@attack("C2PA 2.2 §8.4.1: a URI with dots")
def assertion_uri_climbs(forge: Forge) -> Expect:
    """`..` is no step in a JUMBF URI."""

    def up(claim: dict[str, list[object]]) -> None:
        url = local("../../c2pa.claim.v2")
        claim["created_assertions"].append({"url": url, "hash": bytes(32)})

    return Expect(asset=forge.png(Recipe(claim=up)), failures={"assertion.outsideManifest"})


@attack("C2PA 2.2 §8.4.1: a label twice in the assertion store")
def assertion_label_twice(forge: Forge) -> Expect:
    """Two boxes of one label, one of them hashed: which one does a reader show?"""
    signed = cbor(NOTE, {"text": "by me"})
    other = cbor(NOTE, {"text": "by a famous painter"}, listed=False)
    recipe = Recipe(items=[created(), hard_binding(), other, signed])
    return Expect(asset=forge.png(recipe), failures={"assertion.missing"})


@attack("C2PA 2.2 §15.4: no hash algorithm anywhere")
def no_hash_algorithm(forge: Forge) -> Expect:
    """Neither claim nor reference names one, and there is no default."""
    recipe = Recipe(claim=lambda claim: claim.pop("alg"))
    return Expect(asset=forge.png(recipe), failures={"algorithm.unsupported"})


@attack("C2PA 2.2 §13.1: MD5")
def hash_by_md5(forge: Forge) -> Expect:
    """A reference by MD5, right in itself: collisions are a matter of seconds."""
    item = cbor(NOTE, {"text": "?"}, alg="md5", ref=lambda ref: ref.update(alg="md5"))
    return Expect(asset=forge.png(with_item(item)), failures={"algorithm.unsupported"})


@attack("C2PA 2.2 §13.1: SHA-1 for the whole claim")
def hash_by_sha1(forge: Forge) -> Expect:
    """The claim names SHA-1, and all of its hashes are."""
    items = [created(alg="sha1"), hard_binding(alg="sha256")]
    recipe = Recipe(items=items, claim=lambda claim: claim.update(alg="sha1"))
    return Expect(asset=forge.png(recipe), failures={"algorithm.unsupported"})


@attack("C2PA 2.2 §13.1: an algorithm with a long name")
def hash_by_an_endless_name(forge: Forge) -> Expect:
    """The name of the algorithm is a megabyte of text."""
    item = cbor(NOTE, {}, ref=lambda ref: ref.update(alg="sha256" * 200_000))
    return Expect(asset=forge.png(with_item(item)), failures={"algorithm.unsupported"})


@attack("C2PA 2.2 §15.10.3: a hash cut short")
def hash_cut_short(forge: Forge) -> Expect:
    """The first eight bytes of the right digest: easy to find another preimage for."""
    item = cbor(NOTE, {}, ref=lambda ref: ref.update(hash=ref["hash"][:8]))
    return Expect(asset=forge.png(with_item(item)), failures={"assertion.hashedURI.mismatch"})


@attack("C2PA 2.2 §15.10.3: an empty hash")
def hash_empty(forge: Forge) -> Expect:
    """A digest of no bytes, which a prefix comparison would take."""
    item = cbor(NOTE, {}, ref=lambda ref: ref.update(hash=b""))
    return Expect(asset=forge.png(with_item(item)), failures={"assertion.hashedURI.mismatch"})


@attack("C2PA 2.2 §15.10.3: another algorithm than the reference says")
def hash_of_another_algorithm(forge: Forge) -> Expect:
    """The reference says SHA-512 over a SHA-256."""
    item = cbor(NOTE, {}, ref=lambda ref: ref.update(alg="sha512"))
    return Expect(asset=forge.png(with_item(item)), failures={"assertion.hashedURI.mismatch"})


@attack("C2PA 2.2 §15.10.3: an assertion of the standard that is no CBOR")
def standard_assertion_that_is_no_cbor(forge: Forge) -> Expect:
    """Its hash is right; what was hashed is rubbish."""
    item = raw_cbor("c2pa.soft-binding", b"\xff")
    return Expect(asset=forge.png(with_item(item)), failures={"assertion.cbor.invalid"})


@attack("C2PA 2.2 §15.10.3: a CBOR assertion without content")
def standard_assertion_without_content(forge: Forge) -> Expect:
    """A CBOR box that has a description and nothing else."""
    item = raw("c2pa.soft-binding", superbox(uuids.CBOR, "c2pa.soft-binding", ()))
    return Expect(asset=forge.png(with_item(item)), failures={"assertion.cbor.invalid"})


@attack("C2PA 2.2 §15.10.3: two contents in one assertion")
def standard_assertion_with_two_contents(forge: Forge) -> Expect:
    """Two CBOR boxes: one reader takes the first, one the last."""
    two = (box(b"cbor", encode({"a": 1})), box(b"cbor", encode({"a": 2})))
    item = raw("c2pa.soft-binding", superbox(uuids.CBOR, "c2pa.soft-binding", two))
    return Expect(asset=forge.png(with_item(item)), failures={"assertion.cbor.invalid"})


@attack("C2PA 2.2 §15.10.3: metadata that is no JSON")
def metadata_that_is_no_json(forge: Forge) -> Expect:
    """Its hash is right; what was hashed is rubbish."""
    item = json("c2pa.metadata", b'{"@context": ')
    return Expect(asset=forge.png(with_item(item)), failures={"assertion.json.invalid"})


@attack("RFC 8259 §9: JSON nested without end")
def metadata_nested_deep(forge: Forge) -> Expect:
    """A hundred thousand opening brackets."""
    item = json("c2pa.metadata", b"[" * 100_000)
    return Expect(asset=forge.png(with_item(item)), failures={"assertion.json.invalid"})


@attack("RFC 8259 §6: JSON with an endless number")
def metadata_with_an_endless_number(forge: Forge) -> Expect:
    """A number of a million digits, which takes quadratic time to convert."""
    item = json("c2pa.metadata", b'{"@context": {}, "x": ' + b"7" * 1_000_000 + b"}")
    return Expect(asset=forge.png(with_item(item)), failures={"assertion.json.invalid"})


@attack("C2PA 2.2 §6.2: rubbish in somebody's own assertion")
def custom_assertion_that_is_no_cbor(forge: Forge) -> Expect:
    """Not the standard's, so not for us to judge; the hash holds."""
    return Expect(asset=forge.png(with_item(raw_cbor(NOTE, b"\xff"))), state="Trusted")


@attack("ISO 19566-5 §A.3: a label with control characters")
def label_with_control_characters(forge: Forge) -> Expect:
    """A label that would clear the terminal of whoever prints it; the report must not be harmed."""
    return Expect(
        asset=forge.png(with_item(cbor("org.example.\x1b[2J\r\n\x07", {}))), state="Trusted"
    )


@attack("C2PA 2.2 §18.14.4: created, but not first")
def created_not_first(forge: Forge) -> Expect:
    """Edited before it was made."""
    recipe = Recipe(items=[actions("c2pa.edited", "c2pa.created"), hard_binding()])
    return Expect(asset=forge.png(recipe), failures={"assertion.action.malformed"})


@attack("C2PA 2.2 §18.14.4: created twice")
def created_twice(forge: Forge) -> Expect:
    """One picture, two beginnings."""
    recipe = Recipe(items=[actions("c2pa.created", "c2pa.created"), hard_binding()])
    return Expect(asset=forge.png(recipe), failures={"assertion.action.malformed"})


@attack("C2PA 2.2 §18.14.4: created in two assertions")
def created_in_two_assertions(forge: Forge) -> Expect:
    """The second beginning stands in an actions assertion of its own."""
    items = [created(), hard_binding(), created(label="c2pa.actions.v2__1")]
    return Expect(asset=forge.png(Recipe(items=items)), failures={"assertion.action.malformed"})


@attack("C2PA 2.2 §18.14.4: created in the second assertion")
def created_in_the_second_assertion(forge: Forge) -> Expect:
    """The first actions assertion does not say how it began; the second does."""
    items = [actions("c2pa.edited"), hard_binding(), created(label="c2pa.actions.v2__1")]
    return Expect(asset=forge.png(Recipe(items=items)), failures={"assertion.action.malformed"})


@attack("C2PA 2.2 §18.14.4: no inception at all")
def neither_created_nor_opened(forge: Forge) -> Expect:
    """An edit of nothing."""
    recipe = Recipe(items=[actions("c2pa.edited"), hard_binding()])
    return Expect(asset=forge.png(recipe), failures={"assertion.action.malformed"})


@attack("C2PA 2.2 §15.10.3: an actions assertion without actions")
def actions_empty(forge: Forge) -> Expect:
    """A list with nothing in it."""
    recipe = Recipe(items=[cbor("c2pa.actions.v2", {"actions": []}), hard_binding()])
    return Expect(asset=forge.png(recipe), failures={"assertion.action.malformed"})


@attack("C2PA 2.2 §15.10.3: an actions assertion that is a list")
def actions_that_are_a_list(forge: Forge) -> Expect:
    """Good CBOR of another shape."""
    recipe = Recipe(items=[cbor("c2pa.actions.v2", ["c2pa.created"]), hard_binding()])
    return Expect(asset=forge.png(recipe), failures={"assertion.action.malformed"})


@attack("C2PA 2.2 §15.10.3: actions that are numbers")
def actions_that_are_numbers(forge: Forge) -> Expect:
    """`actions` holds integers."""
    recipe = Recipe(items=[cbor("c2pa.actions.v2", {"actions": [1, 2]}), hard_binding()])
    return Expect(asset=forge.png(recipe), failures={"assertion.action.malformed"})


@attack("C2PA 2.2 §15.10.3: opened without ingredient")
def opened_without_ingredient(forge: Forge) -> Expect:
    """Opened, but from what?"""
    recipe = Recipe(items=[actions("c2pa.opened"), hard_binding()])
    return Expect(asset=forge.png(recipe), failures={"assertion.action.ingredientMismatch"})


@attack("C2PA 2.2 §15.10.3: opened with an empty list")
def opened_with_an_empty_list(forge: Forge) -> Expect:
    """`ingredients` is there and holds nothing."""
    recipe = Recipe(items=[actions(action_on("c2pa.opened")), hard_binding()])
    return Expect(asset=forge.png(recipe), failures={"assertion.action.ingredientMismatch"})


@attack("C2PA 2.2 §15.10.3: opened from two parents")
def opened_from_two(forge: Forge) -> Expect:
    """One reference too many."""
    label = "c2pa.ingredient.v3"
    opening = actions(action_on("c2pa.opened", label, label))
    recipe = Recipe(items=[opening, hard_binding(), ingredient()])
    return Expect(
        asset=forge.png(recipe),
        failures={"assertion.action.ingredientMismatch"},
        notes={"ingredient.unknownProvenance"},
    )


@attack("C2PA 2.2 §15.10.3: opened from a component")
def opened_from_a_component(forge: Forge) -> Expect:
    """What was opened must be the parent."""
    recipe = Recipe(items=[opened(), hard_binding(), ingredient(relationship="componentOf")])
    return Expect(asset=forge.png(recipe), failures={"assertion.action.ingredientMismatch"})


@attack("C2PA 2.2 §15.10.3: placed, and a parent")
def placed_names_the_parent(forge: Forge) -> Expect:
    """What was placed must be a component, or the parent's history is claimed for a part."""
    label = "c2pa.ingredient.v3"
    items = [opened(label, action_on("c2pa.placed", label)), hard_binding(), ingredient()]
    return Expect(
        asset=forge.png(Recipe(items=items)), failures={"assertion.action.ingredientMismatch"}
    )


@attack("C2PA 2.2 §15.10.3: placed, and nothing there")
def placed_names_nothing(forge: Forge) -> Expect:
    """Its reference leads to no ingredient."""
    items = [
        actions("c2pa.created", action_on("c2pa.placed", "c2pa.ingredient.v3__7")),
        hard_binding(),
    ]
    return Expect(
        asset=forge.png(Recipe(items=items)), failures={"assertion.action.ingredientMismatch"}
    )


@attack("C2PA 2.2 §15.10.3: placed, by a URL of the web")
def placed_from_the_web(forge: Forge) -> Expect:
    """Its reference is no JUMBF URI."""
    refs = [{"url": "https://example.com/a.png", "hash": bytes(32)}]
    placed = {"action": "c2pa.placed", "parameters": {"ingredients": refs}}
    recipe = Recipe(items=[actions("c2pa.created", placed), hard_binding()])
    return Expect(asset=forge.png(recipe), failures={"assertion.action.ingredientMismatch"})


@attack("C2PA 2.2 §15.10.3: transcoded from a component")
def transcoded_from_a_component(forge: Forge) -> Expect:
    """If it names an ingredient at all, that must be the parent."""
    label = "c2pa.ingredient.v3"
    items = [
        actions("c2pa.created", action_on("c2pa.transcoded", label)),
        hard_binding(),
        ingredient(relationship="componentOf"),
    ]
    return Expect(
        asset=forge.png(Recipe(items=items)), failures={"assertion.action.ingredientMismatch"}
    )


@attack("C2PA 2.2 §15.10.3: a redaction that the claim does not make")
def redacted_action_without_redaction(forge: Forge) -> Expect:
    """The action says that something was redacted; the claim lists no such thing."""
    row = {
        "action": "c2pa.redacted",
        "reason": "c2pa.PII.present",
        "parameters": {"redacted": local("x")},
    }
    recipe = Recipe(items=[actions("c2pa.created", row), hard_binding()])
    return Expect(asset=forge.png(recipe), failures={"assertion.action.redactionMismatch"})


@attack("C2PA 2.3 §15.10.3: watermarked, without a soft binding")
def watermarked_without_soft_binding(forge: Forge) -> Expect:
    """A bound watermark leads to the manifest by a soft binding, and there is none."""
    recipe = Recipe(items=[actions("c2pa.created", "c2pa.watermarked.bound"), hard_binding()])
    return Expect(asset=forge.png(recipe), failures={"assertion.action.softBindingMissing"})
