"""Forgeries of the claim, and of the manifest around it."""

from provenance.boxes import box
from provenance.cbor import encode
from provenance.jumbf import uuids
from provenance.jumbf.writer import superbox
from tests.attacks.expect import Expect, attack
from tests.attacks.forge import (
    ASSERTIONS,
    Forge,
    Recipe,
    actions,
    created,
    hard_binding,
    ingredient,
    opened,
    urn,
)


@attack("C2PA 2.2 §14.3: nothing is wrong")
def honest(forge: Forge) -> Expect:
    """An honest picture: if this one were not trusted, the others would prove nothing."""
    return Expect(asset=forge.png(Recipe()), state="Trusted")


@attack("C2PA 2.2 §14.3: nothing is wrong, in a sidecar")
def honest_sidecar(forge: Forge) -> Expect:
    """An honest picture with its store beside it."""
    return Expect(asset=forge.picture, manifest=forge.beside(Recipe()), state="Trusted")


@attack("C2PA 2.2 §11.4: a store beside another asset")
def sidecar_of_another(forge: Forge) -> Expect:
    """A good store, laid beside a picture it does not belong to."""
    other = forge.png(Recipe())
    return Expect(
        asset=other, manifest=forge.beside(Recipe()), failures={"assertion.dataHash.mismatch"}
    )


@attack("C2PA 2.2 §15.6: no claim")
def no_claim(forge: Forge) -> Expect:
    """Assertions and a signature, and no claim that either belongs to."""
    recipe = Recipe(boxes=lambda parts: [parts[0], parts[2]])
    return Expect(asset=forge.png(recipe), failures={"claim.missing"})


@attack("C2PA 2.2 §15.6: no claim in an ingredient")
def ingredient_without_claim(forge: Forge) -> Expect:
    """The parent's manifest never had a claim."""
    parent = forge.build(Recipe(boxes=lambda parts: [parts[0], parts[2]]))
    recipe = Recipe(items=[opened(), hard_binding(), ingredient(parent)])
    return Expect(asset=forge.png(recipe, parent), deltas={"claim.missing"})


@attack("C2PA 2.2 §15.6: an empty manifest")
def empty_manifest(forge: Forge) -> Expect:
    """A manifest with nothing in it at all."""
    return Expect(asset=forge.png(Recipe(boxes=lambda _: [])), failures={"claim.missing"})


@attack("C2PA 2.2 §15.6: two claims")
def two_claims(forge: Forge) -> Expect:
    """A second claim beside the signed one, so that readers may differ in which they read."""

    def twice(parts: list[bytes]) -> list[bytes]:
        other = superbox(uuids.CLAIM, "c2pa.claim.v2", (box(b"cbor", encode({"alg": "sha256"})),))
        return [parts[0], other, *parts[1:]]

    return Expect(asset=forge.png(Recipe(boxes=twice)), failures={"claim.multiple"})


@attack("C2PA 2.2 §15.6: an old claim beside the new one")
def claim_of_each_version(forge: Forge) -> Expect:
    """A `c2pa.claim` beside a `c2pa.claim.v2`: an old reader sees another claim than a new one."""

    def both(parts: list[bytes]) -> list[bytes]:
        old = superbox(uuids.CLAIM, "c2pa.claim", (box(b"cbor", encode({"alg": "sha256"})),))
        return [*parts, old]

    return Expect(asset=forge.png(Recipe(boxes=both)), failures={"claim.multiple"})


@attack("C2PA 2.2 §15.6: a claim of a version to come")
def claim_of_an_unknown_version(forge: Forge) -> Expect:
    """The label says version 9, of which nobody knows what it means."""
    recipe = Recipe(claim_label="c2pa.claim.v9")
    return Expect(asset=forge.png(recipe), failures={"claim.malformed"})


@attack("C2PA 2.2 §15.6: a claim that is no CBOR")
def claim_that_is_no_cbor(forge: Forge) -> Expect:
    """Properly signed rubbish."""
    recipe = Recipe(encoded=lambda _: b"\xff\xff\xff")
    return Expect(asset=forge.png(recipe), failures={"claim.cbor.invalid"})


@attack("C2PA 2.2 §15.6: bytes after the claim")
def claim_with_bytes_after_it(forge: Forge) -> Expect:
    """Two CBOR items where one belongs; a lenient reader sees the first only."""
    recipe = Recipe(encoded=lambda data: data + b"\x00")
    return Expect(asset=forge.png(recipe), failures={"claim.cbor.invalid"})


@attack("RFC 8949 §5.6: a key twice in the claim")
def claim_with_a_key_twice(forge: Forge) -> Expect:
    """`alg` twice: which one counts is up to the reader."""

    def doubled(data: bytes) -> bytes:
        return bytes((data[0] + 1,)) + encode("alg") + encode("sha512") + data[1:]

    recipe = Recipe(encoded=doubled)
    return Expect(asset=forge.png(recipe), failures={"claim.cbor.invalid"})


@attack("C2PA 2.2 §15.6: a claim that is a list")
def claim_that_is_a_list(forge: Forge) -> Expect:
    """Good CBOR, and no map."""
    recipe = Recipe(encoded=lambda _: encode([1, 2, 3]))
    return Expect(asset=forge.png(recipe), failures={"claim.malformed"})


@attack("C2PA 2.2 §15.6: a claim box without content")
def claim_box_without_content(forge: Forge) -> Expect:
    """The claim box holds a description and no more."""

    def emptied(parts: list[bytes]) -> list[bytes]:
        return [parts[0], superbox(uuids.CLAIM, "c2pa.claim.v2", ()), parts[2]]

    return Expect(asset=forge.png(Recipe(boxes=emptied)), failures={"claim.cbor.invalid"})


@attack("C2PA 2.2 §15.6: no instanceID")
def claim_without_instance(forge: Forge) -> Expect:
    """A required field is absent."""
    recipe = Recipe(claim=lambda claim: claim.pop("instanceID"))
    return Expect(asset=forge.png(recipe), failures={"claim.malformed"})


@attack("C2PA 2.2 §15.6: no signature field")
def claim_without_signature_field(forge: Forge) -> Expect:
    """The claim does not say where its signature is."""
    recipe = Recipe(claim=lambda claim: claim.pop("signature"))
    return Expect(asset=forge.png(recipe), failures={"claim.malformed"})


@attack("C2PA 2.2 §15.6: no created_assertions")
def claim_without_created(forge: Forge) -> Expect:
    """All assertions are only gathered: nobody vouches for any."""

    def gathered(claim: dict[str, object]) -> None:
        claim["gathered_assertions"] = claim.pop("created_assertions")

    return Expect(asset=forge.png(Recipe(claim=gathered)), failures={"claim.malformed"})


@attack("C2PA 2.2 §15.6: no claim_generator_info")
def claim_without_generator(forge: Forge) -> Expect:
    """It does not say what wrote it."""
    recipe = Recipe(claim=lambda claim: claim.pop("claim_generator_info"))
    return Expect(asset=forge.png(recipe), failures={"claim.malformed"})


@attack("C2PA 2.2 §15.6: a generator without name")
def claim_with_a_nameless_generator(forge: Forge) -> Expect:
    """Its `claim_generator_info` has a version only."""
    recipe = Recipe(claim=lambda claim: claim.update(claim_generator_info={"version": "1"}))
    return Expect(asset=forge.png(recipe), failures={"claim.malformed"})


@attack("C2PA 2.2 §10.2: assertions that are no references")
def claim_with_numbers_for_assertions(forge: Forge) -> Expect:
    """`created_assertions` holds integers."""
    recipe = Recipe(claim=lambda claim: claim.update(created_assertions=[1, 2]))
    return Expect(asset=forge.png(recipe), failures={"claim.malformed"})


@attack("C2PA 2.2 §10.2: a redaction that is no text")
def claim_with_a_number_for_a_redaction(forge: Forge) -> Expect:
    """`redacted_assertions` holds an integer."""
    recipe = Recipe(claim=lambda claim: claim.update(redacted_assertions=[7]))
    return Expect(asset=forge.png(recipe), failures={"claim.malformed"})


@attack("C2PA 2.2 §15.6: a v1 claim without generator")
def old_claim_without_generator(forge: Forge) -> Expect:
    """Version 1 asks for `claim_generator`."""
    recipe = Recipe(
        version=1, claim_label="c2pa.claim", claim=lambda claim: claim.pop("claim_generator")
    )
    return Expect(asset=forge.png(recipe), failures={"claim.malformed"})


@attack("C2PA 1.4 §10: nothing is wrong, in version 1")
def honest_old_claim(forge: Forge) -> Expect:
    """A version 1 claim, as older tools write it, is read and holds."""
    recipe = Recipe(version=1, claim_label="c2pa.claim")
    return Expect(asset=forge.png(recipe), state="Trusted")


@attack("C2PA 2.2 §11.2.3: a compressed manifest that is none")
def compressed_manifest(forge: Forge) -> Expect:
    """The type says compressed; inside there is nothing to decompress."""
    recipe = Recipe(kind=uuids.COMPRESSED_MANIFEST)
    return Expect(asset=forge.png(recipe), failures={"manifest.compressed.invalid"})


@attack("C2PA 2.2 §15.10.1: no hard binding")
def no_hard_binding(forge: Forge) -> Expect:
    """A manifest that could be moved to any picture."""
    recipe = Recipe(items=[created()])
    return Expect(asset=forge.png(recipe), failures={"claim.hardBindings.missing"})


@attack("C2PA 2.2 §15.10.1: two hard bindings")
def two_hard_bindings(forge: Forge) -> Expect:
    """Both right; but which one counts?"""
    recipe = Recipe(items=[created(), hard_binding(), hard_binding(label="c2pa.hash.data__1")])
    return Expect(asset=forge.png(recipe), failures={"assertion.multipleHardBindings"})


@attack("C2PA 2.2 §15.10.1: two hard bindings of two kinds")
def hard_bindings_of_two_kinds(forge: Forge) -> Expect:
    """A data hash that holds, beside a box hash that nobody looks at."""
    recipe = Recipe(items=[created(), hard_binding(), hard_binding(label="c2pa.hash.boxes")])
    return Expect(asset=forge.png(recipe), failures={"assertion.multipleHardBindings"})


@attack("C2PA 2.2 §15.12: a hard binding of a kind that no format has")
def hard_binding_of_another_kind(forge: Forge) -> Expect:
    """A data hash that calls itself a collection's, on a single PNG."""
    recipe = Recipe(items=[created(), hard_binding(label="c2pa.hash.collection.data")])
    return Expect(asset=forge.png(recipe), failures={"assertion.collectionHash.malformed"})


@attack("C2PA 2.2 §18.14.4: no actions")
def no_actions(forge: Forge) -> Expect:
    """Nothing says how the picture began."""
    recipe = Recipe(items=[hard_binding()])
    return Expect(asset=forge.png(recipe), failures={"assertion.action.malformed"})


@attack("C2PA 2.2 §11.1.4: two manifests of one label")
def two_manifests_of_one_label(forge: Forge) -> Expect:
    """An ingredient's label stands twice in the store: which manifest is meant?"""
    label = urn()
    first, second = (forge.build(Recipe(label=label)) for _ in range(2))
    recipe = Recipe(items=[opened(), hard_binding(), ingredient(first)])
    missing = {"ingredient.manifest.missing"}
    return Expect(asset=forge.png(recipe, first, second), failures=missing, deltas=missing)


@attack("C2PA 2.2 §11.1.4: the active manifest's label twice")
def a_double_of_the_active_manifest(forge: Forge) -> Expect:
    """A double before the active manifest, so that its absolute URIs might lead there."""
    label = urn()
    double = forge.build(Recipe(label=label, items=[actions("c2pa.edited"), hard_binding()]))

    def absolute(ref: dict[str, object]) -> None:
        ref["url"] = f"self#jumbf=/c2pa/{label}/{ASSERTIONS}/c2pa.actions.v2"

    recipe = Recipe(label=label, items=[created(ref=absolute), hard_binding()])
    return Expect(asset=forge.png(recipe, double), state="Trusted")


@attack("C2PA 2.2 §8.4.1: a claim that names itself as assertion")
def claim_lists_itself(forge: Forge) -> Expect:
    """A reference inside the manifest, to what is no assertion."""

    def more(claim: dict[str, list[object]]) -> None:
        claim["created_assertions"].append({"url": "self#jumbf=c2pa.claim.v2", "hash": bytes(32)})

    return Expect(asset=forge.png(Recipe(claim=more)), failures={"assertion.hashedURI.mismatch"})


@attack("C2PA 2.2 §10.3.1: one assertion listed twice")
def assertion_listed_twice(forge: Forge) -> Expect:
    """The hard binding comes twice in the list, and there is one of it."""

    def twice(claim: dict[str, list[object]]) -> None:
        claim["created_assertions"].append(claim["created_assertions"][-1])

    return Expect(asset=forge.png(Recipe(claim=twice)), failures={"assertion.multipleHardBindings"})
