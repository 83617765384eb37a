"""Forgeries that want our time and our memory."""

import struct

from provenance.boxes import box
from provenance.jumbf import uuids
from provenance.jumbf.writer import superbox
from provenance.spans import Span
from tests.attacks.expect import Expect, attack, beyond_limits
from tests.attacks.forge import (
    NOTE,
    Forge,
    Recipe,
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
from tests.attacks.structure import with_store

SOFT = "c2pa.soft-binding"  # the standard's own, so that its content must be sound


def with_cbor(payload: bytes) -> Recipe:
    return Recipe(items=[created(), hard_binding(), raw_cbor(SOFT, payload)])


def refused(forge: Forge, payload: bytes) -> Expect:
    asset = forge.png(with_cbor(payload))
    return Expect(asset=asset, failures={"assertion.cbor.invalid"})


def too_much(forge: Forge, payload: bytes) -> Expect:
    return beyond_limits(forge.png(with_cbor(payload)))


def nested(depth: int) -> bytes:
    """A store with superboxes inside each other."""
    described = box(b"jumd", uuids.JSON + b"\x03x\0")
    head = 8 + len(described)
    sizes = (head * (depth - level) for level in range(depth))
    inner = b"".join(struct.pack(">I4s", size, b"jumb") + described for size in sizes)
    return superbox(uuids.MANIFEST_STORE, "c2pa", (inner,))


@attack("ISO 19566-5 §A.2: ten thousand boxes in each other")
def boxes_nested_deep(forge: Forge) -> Expect:
    """Each a step of recursion for a careless reader."""
    return beyond_limits(with_store(forge, nested(10_000)))


@attack("ISO 19566-5 §A.2: a hundred thousand tiny boxes")
def boxes_without_number(forge: Forge) -> Expect:
    """Eight bytes each, and an object for each."""
    store = superbox(uuids.MANIFEST_STORE, "c2pa", (box(b"free", b"") * 100_000,))
    return beyond_limits(with_store(forge, store))


@attack("C2PA 2.2 §11.1.4: five thousand manifests")
def manifests_without_number(forge: Forge) -> Expect:
    """Empty ones."""
    one = superbox(uuids.MANIFEST, "urn:c2pa:x", ())
    store = superbox(uuids.MANIFEST_STORE, "c2pa", (one * 5000,))
    return beyond_limits(with_store(forge, store))


@attack("RFC 8949 §5.6: nested without end")
def cbor_nested_deep(forge: Forge) -> Expect:
    """A million arrays in each other."""
    return too_much(forge, b"\x81" * 1_000_000 + b"\x00")


@attack("RFC 8949 §5.6: tags without end")
def cbor_tagged_deep(forge: Forge) -> Expect:
    """A million tags on each other."""
    return too_much(forge, b"\xc1" * 1_000_000 + b"\x00")


@attack("RFC 8949 §5.6: nested keys")
def cbor_keys_nested_deep(forge: Forge) -> Expect:
    """Maps as keys of maps, a hundred thousand deep."""
    return refused(forge, b"\xa1" * 100_000)


@attack("RFC 8949 §5.6: nested a hundred deep")
def cbor_nested_a_hundred_deep(forge: Forge) -> Expect:
    """Far fewer than could hurt, and more than any assertion needs."""
    return refused(forge, b"\x81" * 100 + b"\x00")


@attack("RFC 8949 §5.6: tagged a hundred deep")
def cbor_tagged_a_hundred_deep(forge: Forge) -> Expect:
    """As the arrays."""
    return refused(forge, b"\xc1" * 100 + b"\x00")


@attack("RFC 8949 §3.2: a string without its break")
def cbor_string_without_break(forge: Forge) -> Expect:
    """A thousand pieces, and then nothing."""
    return refused(forge, b"\x5f" + b"\x40" * 1000)


@attack("RFC 8949 §3: eight million empty maps")
def cbor_empty_maps(forge: Forge) -> Expect:
    """A byte each in the file, and a hundred in memory."""
    return too_much(forge, b"\x9a\x00\x7a\x12\x00" + b"\xa0" * 8_000_000)


@attack("RFC 8949 §3: an array of 2 to the 64")
def cbor_array_of_great_length(forge: Forge) -> Expect:
    """A declared length that nobody can allocate."""
    return refused(forge, b"\x9b" + b"\xff" * 8)


@attack("RFC 8949 §3: an array of 2 to the 31")
def cbor_array_of_two_gigabytes(forge: Forge) -> Expect:
    """A declared length that somebody might allocate."""
    return refused(forge, b"\x9a\x7f\xff\xff\xff")


@attack("RFC 8949 §3: a map of 2 to the 62")
def cbor_map_of_great_length(forge: Forge) -> Expect:
    """As the array."""
    return refused(forge, b"\xbb\x3f" + b"\xff" * 7)


@attack("RFC 8949 §3: a text of two gigabytes")
def cbor_text_of_great_length(forge: Forge) -> Expect:
    """With three bytes behind it."""
    return refused(forge, b"\x7a\x7f\xff\xff\xffabc")


@attack("RFC 8949 §3: a byte string of 2 to the 63")
def cbor_bytes_of_great_length(forge: Forge) -> Expect:
    """Beyond any signed integer."""
    return refused(forge, b"\x5b\x80" + bytes(7))


@attack("RFC 8949 §3.2: a string that never ends")
def cbor_string_without_end(forge: Forge) -> Expect:
    """Indefinite length, and half a million pieces without a break."""
    return too_much(forge, b"\x5f" + b"\x40" * 500_000)


@attack("RFC 8949 §5.6: a million keys, one of them twice")
def cbor_key_twice(forge: Forge) -> Expect:
    """The duplicate comes last."""
    keys = b"".join(b"\x1a" + struct.pack(">I", n) + b"\x00" for n in [*range(100_000), 0])
    return refused(forge, b"\xba" + struct.pack(">I", 100_001) + keys)


@attack("RFC 8949 §3.4.3: a number of a million digits")
def cbor_great_number(forge: Forge) -> Expect:
    """A bignum: quadratic to print. It is read as the bytes that it is."""
    item = raw_cbor(NOTE, b"\xc2\x5a" + struct.pack(">I", 400_000) + b"\xff" * 400_000)
    asset = forge.png(Recipe(items=[created(), hard_binding(), item]))
    return Expect(asset=asset, state="Trusted")


@attack("C2PA 2.2 §15.12.1: ninety thousand exclusions")
def ninety_thousand_exclusions(forge: Forge) -> Expect:
    """The store's span byte by byte; each piece is in order, and together they are right."""
    count = 90_000

    def crumbs(store: Span, _: int) -> list[Span]:
        rest = Span(store.start + count - 1, max(0, store.length - count + 1))
        return [*(Span(store.start + at, 1) for at in range(count - 1)), rest]

    asset = forge.png(Recipe(), exclude=crumbs)
    return Expect(asset=asset, state="Trusted")


@attack("C2PA 2.2 §15.10.3: many actions, many ingredients")
def many_actions_times_many_ingredients(forge: Forge) -> Expect:
    """Each of ten thousand references could be any of five thousand ingredients; none is."""
    url = local("c2pa.ingredient.v3__9999")
    refs = [{"url": url, "hash": b""} for _ in range(10_000)]
    placed = {"action": "c2pa.placed", "parameters": {"ingredients": refs}}
    some = [
        ingredient(relationship="componentOf", label=f"c2pa.ingredient.v3__{n}")
        for n in range(1, 3000)
    ]
    items = [actions("c2pa.created", placed), hard_binding(), *some]
    return Expect(
        asset=forge.png(Recipe(items=items)), failures={"assertion.action.ingredientMismatch"}
    )


@attack("C2PA 2.2 §15.10.3: many references to another manifest")
def many_references_elsewhere(forge: Forge) -> Expect:
    """Each of twenty thousand is looked up among five thousand boxes."""
    notes = [cbor(f"{NOTE}__{n}", {}) for n in range(1, 5000)]
    parent = forge.build(Recipe(items=[created(), hard_binding(), *notes]))

    def borrowed(claim: dict[str, list[object]]) -> None:
        ref = {"url": parent.uri_of(f"{NOTE}__4999"), "hash": b""}
        claim["created_assertions"] += [ref] * 20_000

    recipe = Recipe(items=[opened(), hard_binding(), ingredient(parent)], claim=borrowed)
    return Expect(asset=forge.png(recipe, parent), failures={"assertion.outsideManifest"})


@attack("C2PA 2.2 §15.11.3: many ingredients, many redactions")
def many_redactions(forge: Forge) -> Expect:
    """Each ingredient's manifest could be one that something was redacted from."""
    parent = forge.build(Recipe())
    first = ingredient(parent)
    more = [
        ingredient(parent, "componentOf", label=f"c2pa.ingredient.v3__{n}") for n in range(1, 2000)
    ]
    uris = [f"self#jumbf=/c2pa/urn:c2pa:{n}/c2pa.assertions/{NOTE}" for n in range(20_000)]
    recipe = Recipe(
        items=[opened(), hard_binding(), first, *more],
        claim=lambda claim: claim.update(redacted_assertions=uris),
    )
    return Expect(asset=forge.png(recipe, parent), state="Trusted")


@attack("C2PA 2.2 §15.10.3: many actions that tell of many redactions")
def many_redacted_actions(forge: Forge) -> Expect:
    """Each names one of twenty thousand redactions that the claim lists, and the last."""
    uris = [f"self#jumbf=/c2pa/urn:c2pa:{n}/c2pa.assertions/{NOTE}" for n in range(20_000)]
    row = {"action": "c2pa.redacted", "parameters": {"redacted": uris[-1]}}
    recipe = Recipe(
        items=[actions("c2pa.created", *[row] * 5000), hard_binding()],
        claim=lambda claim: claim.update(redacted_assertions=uris),
    )
    return Expect(asset=forge.png(recipe), state="Trusted")


@attack("C2PA 2.2 §15.11.3: a thousand manifests, all of them of one parent")
def many_ingredients_with_manifests(forge: Forge) -> Expect:
    """A store with as many manifests as we read, each named by the active one."""
    parents = [forge.build(Recipe()) for _ in range(400)]
    some = [
        ingredient(one, "componentOf", label=f"c2pa.ingredient.v3__{n}")
        for n, one in enumerate(parents, 1)
    ]
    asset = forge.png(Recipe(items=[created(), hard_binding(), *some]), *parents)
    return Expect(asset=asset, state="Trusted", seconds=4.0)


@attack("C2PA 2.2 §15.10.3: one big assertion listed many times")
def big_assertion_listed_many_times(forge: Forge) -> Expect:
    """Each of two thousand references wants a megabyte hashed: two gigabytes in all."""
    big = raw(
        NOTE, superbox(uuids.CBOR, NOTE, (box(b"cbor", b"\x5a\x00\x10\x00\x00" + bytes(1 << 20)),))
    )

    def again(claim: dict[str, list[object]]) -> None:
        claim["created_assertions"] += [claim["created_assertions"][-1]] * 2000

    recipe = Recipe(items=[created(), hard_binding(), big], claim=again)
    return Expect(asset=forge.png(recipe), state="Trusted")


@attack("C2PA 2.2 §15.11.3: one big manifest as many ingredients")
def big_ingredient_many_times(forge: Forge) -> Expect:
    """Each of a thousand ingredient assertions wants two megabytes hashed."""
    content = b"\x5a\x00\x20\x00\x00" + bytes(2 << 20)
    big = raw(NOTE, superbox(uuids.CBOR, NOTE, (box(b"cbor", content),)))
    parent = forge.build(Recipe(items=[created(), hard_binding(), big]))
    row = {
        "relationship": "componentOf",
        "activeManifest": {"url": parent.uri, "hash": digest(hashed_of(parent.box))},
        "validationResults": {
            "activeManifest": {"success": [], "informational": [], "failure": []}
        },
    }
    some = [cbor(f"c2pa.ingredient.v3__{n}", row) for n in range(1, 1000)]
    asset = forge.png(Recipe(items=[created(), hard_binding(), *some]), parent)
    return Expect(asset=asset, state="Trusted")


@attack("C2PA 2.2 §18.14: a hundred thousand actions")
def many_actions(forge: Forge) -> Expect:
    """Each an empty step, all of them in order."""
    recipe = Recipe(items=[actions("c2pa.created", *["c2pa.edited"] * 30_000), hard_binding()])
    return Expect(asset=forge.png(recipe), state="Trusted", seconds=4.0)


@attack("RFC 8259: a megabyte of JSON keys")
def metadata_with_many_keys(forge: Forge) -> Expect:
    """A hundred thousand keys."""
    rows = ",".join(f'"k{n}":[]' for n in range(100_000))
    item = json("c2pa.metadata", b'{"@context":{},' + rows.encode() + b"}")
    asset = forge.png(Recipe(items=[created(), hard_binding(), item]))
    return Expect(asset=asset, state="Trusted")
