"""Forgeries of multi-asset hashes: parts that are gone, changed, or not what they claim to be."""

import io
from functools import lru_cache
from typing import Any

import provenance
from tests.attacks.expect import Expect, attack
from tests.attacks.forge import Forge, Recipe, cbor, created, hard_binding, local
from tests.build.workshop import MADE, picture, signer

WHOLE = "assertion.dataHash.mismatch"
MALFORMED = {WHOLE, "assertion.multiAssetHash.malformed"}
LABEL = "c2pa.hash.multi-asset"
FILM = b"\0\0\0\x10ftypmp42\0\0\0\0" + b"\0\0\x04\x00mdat" + bytes(range(250)) * 4 + bytes(16)


@lru_cache
def motion_photo(parts: str) -> bytes:
    """A JPEG with a film behind it, each with a hash of its own."""
    out = io.BytesIO()
    asset = picture(kind="JPEG") + FILM
    how: Any = parts
    provenance.sign(asset, out, MADE, signer=signer(), parts=how)
    return out.getvalue()


def in_parts(forge: Forge, *assertions: Any) -> bytes:
    """A picture whose hard binding fails, so that its parts are asked."""
    items = [created(), hard_binding(), *(cbor(LABEL, one) for one in assertions)]
    return forge.png(Recipe(items=items)) + b"more"


def part(place: Any, label: str = "c2pa.hash.data.part") -> dict[str, Any]:
    return {"location": place, "hashAssertion": local(label)}


@attack("C2PA 2.2 §15.12.4: an optional part was dropped, and the rest is as it was")
def film_dropped_as_it_may_be(forge: Forge) -> Expect:
    """No forgery at all: the hash over the whole fails, that of the one part left holds."""
    asset = motion_photo("optional")[: -len(FILM)]
    return Expect(asset=asset, state="Trusted", notes={"assertion.multiAssetHash.match"})


@attack("C2PA 2.2 §15.12.4: a part that must be there is not")
def film_dropped(forge: Forge) -> Expect:
    """The film was cut off, and nobody said that it may be."""
    asset = motion_photo("required")[: -len(FILM)]
    return Expect(asset=asset, failures={WHOLE, "assertion.multiAssetHash.missingPart"})


@attack("C2PA 2.2 §15.12.4: a part was changed")
def film_changed(forge: Forge) -> Expect:
    """One byte of an optional film is another: dropping it is allowed, changing it is not."""
    asset = bytearray(motion_photo("optional"))
    asset[-40] ^= 1
    failures = {WHOLE, "assertion.multiAssetHash.mismatch"}
    return Expect(asset=bytes(asset), failures=failures)


@attack("C2PA 2.2 §15.12.4: something was put behind the last part")
def payload_behind_the_parts(forge: Forge) -> Expect:
    """The parts do not cover every byte any more."""
    return Expect(asset=motion_photo("optional") + b"payload", failures=MALFORMED)


@attack("C2PA 2.2 §15.12.4: half of an optional part is left")
def film_cut_in_half(forge: Forge) -> Expect:
    """A part is there, or not: its place must not end past the asset."""
    return Expect(asset=motion_photo("optional")[: -len(FILM) // 2], failures=MALFORMED)


@attack("C2PA 2.2 §15.12.4: two lists of parts")
def two_multi_asset_hashes(forge: Forge) -> Expect:
    """Which of the two would count?"""
    rows = {"parts": [part({"byteOffset": 0, "length": 9})]}
    items = [created(), hard_binding(), cbor(LABEL, rows), cbor(f"{LABEL}__1", rows)]
    return Expect(asset=forge.png(Recipe(items=items)) + b"more", failures=MALFORMED)


@attack("C2PA 2.2 §15.12.4: no parts")
def no_parts(forge: Forge) -> Expect:
    """An empty list covers nothing."""
    return Expect(asset=in_parts(forge, {"parts": []}), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.4: a part without a place")
def part_without_a_place(forge: Forge) -> Expect:
    """Neither an offset nor a box."""
    return Expect(asset=in_parts(forge, {"parts": [part({})]}), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.4: a part before the file")
def part_at_a_negative_offset(forge: Forge) -> Expect:
    """It would start before the first byte."""
    rows = {"parts": [part({"byteOffset": -1, "length": 9})]}
    return Expect(asset=in_parts(forge, rows), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.4: a part that is not hashed")
def part_whose_hash_is_not_there(forge: Forge) -> Expect:
    """The assertion that it names is not in the claim."""
    size = len(in_parts(forge, {"parts": [part({"byteOffset": 0, "length": 1 << 20})]}))
    rows = {
        "parts": [
            part({"byteOffset": 0, "length": 100}),
            part({"byteOffset": 100, "length": 1 << 20}),
        ]
    }
    for _ in range(3):  # the numbers take as much room whatever they are, from some size on
        rows["parts"][1]["location"]["length"] = size - 100
        size = len(in_parts(forge, rows))
    return Expect(asset=in_parts(forge, rows), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.4: the hard binding of the whole stands for a part")
def part_bound_by_the_hash_of_the_whole(forge: Forge) -> Expect:
    """Only assertions labelled `.part` speak of parts (§18.9.2)."""
    rows = {"parts": [part({"byteOffset": 0, "length": 1 << 20}, "c2pa.hash.data")]}
    size = 0
    for _ in range(3):
        size = len(in_parts(forge, rows))
        rows["parts"][0]["location"]["length"] = size
    return Expect(asset=in_parts(forge, rows), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.4: a box that is not there")
def part_in_a_missing_box(forge: Forge) -> Expect:
    """A PNG has no such box."""
    return Expect(
        asset=in_parts(forge, {"parts": [part({"bmffBox": "/mpvd"})]}), failures=MALFORMED
    )
