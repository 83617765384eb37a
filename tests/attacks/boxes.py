"""Forgeries of the box hash: rows that do not lie over the container's boxes."""

from typing import Any

from tests.attacks.expect import Expect, attack
from tests.attacks.forge import Forge, Recipe, cbor, created, digest

MISMATCH = {"assertion.boxesHash.mismatch"}
MALFORMED = {"assertion.boxesHash.malformed"}
Row = dict[str, Any]


def chunks(png: bytes) -> list[tuple[str, bytes]]:
    """The picture as the boxes that a row may name."""
    found = [("PNGh", png[:8])]
    at = 8
    while at < len(png):
        end = at + 12 + int.from_bytes(png[at : at + 4])
        found.append((png[at + 4 : at + 8].decode(), png[at:end]))
        at = end
    return found


def rows(forge: Forge) -> list[Row]:
    """What an honest signer writes: the head, the store, the rest."""
    head, tail = chunks(forge.picture)[:2], chunks(forge.picture)[2:]
    return [over(head), {"names": ["C2PA"], "hash": b"\0", "pad": b""}, over(tail)]


def over(boxes: list[tuple[str, bytes]]) -> Row:
    names, data = [name for name, _ in boxes], b"".join(part for _, part in boxes)
    return {"names": names, "hash": digest(data), "pad": b""}


def signed(forge: Forge, listed: list[Row], **more: Any) -> bytes:
    content = {"boxes": listed, "alg": "sha256", **more}
    return forge.png(Recipe(items=[created(), cbor("c2pa.hash.boxes", content)]))


@attack("C2PA 2.2 §18.7.3.2: a sound box hash")
def honest_box_hash(forge: Forge) -> Expect:
    """Nothing is wrong: what follows breaks what this one keeps."""
    return Expect(asset=signed(forge, rows(forge)), state="Trusted")


@attack("C2PA 2.2 §18.7.3.2: a row without the signature bytes")
def box_hash_without_signature_bytes(forge: Forge) -> Expect:
    """Some writers leave PNGh out; it holds nothing that could vary."""
    listed = rows(forge)
    listed[0] = over(chunks(forge.picture)[1:2])
    return Expect(asset=signed(forge, listed), state="Trusted")


@attack("C2PA 2.2 §15.12.3: the picture was changed")
def box_content_changed(forge: Forge) -> Expect:
    """A pixel's checksum in the last data chunk."""
    asset = bytearray(signed(forge, rows(forge)))
    asset[-13] ^= 1
    return Expect(asset=bytes(asset), failures=MISMATCH)


@attack("C2PA 2.2 §15.12.3: a box that nobody signed")
def box_appended(forge: Forge) -> Expect:
    """A payload after the end of the picture, where viewers do not look."""
    asset = signed(forge, rows(forge)) + b"payload"
    return Expect(asset=asset, failures={"assertion.boxesHash.unknownBox"})


@attack("C2PA 2.2 §15.12.3: a box slipped in")
def box_inserted(forge: Forge) -> Expect:
    """A text chunk between two that were signed."""
    asset = signed(forge, rows(forge))
    text = (4).to_bytes(4) + b"tEXta\0bc" + bytes(4)
    return Expect(asset=asset[:-12] + text + asset[-12:], failures=MISMATCH)


@attack("C2PA 2.2 §15.12.3: boxes left out of the list")
def boxes_not_covered(forge: Forge) -> Expect:
    """The list ends before the pixels do: they could be anybody's."""
    asset = signed(forge, rows(forge)[:2])
    return Expect(asset=asset, failures={"assertion.boxesHash.unknownBox"})


@attack("C2PA 2.3 §18.7: a row that is excluded")
def box_excluded(forge: Forge) -> Expect:
    """The pixels are in the list and not covered: allowed, and said."""
    listed = rows(forge)
    listed[2] = {**listed[2], "excluded": True}
    note = {"assertion.boxesHash.additionalExclusionsPresent"}
    return Expect(asset=signed(forge, listed), state="Trusted", notes=note)


@attack("C2PA 2.2 §15.12.3: no rows")
def box_hash_of_nothing(forge: Forge) -> Expect:
    """An empty list covers nothing."""
    return Expect(asset=signed(forge, []), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.3: the store among other boxes")
def box_hash_with_store_inside(forge: Forge) -> Expect:
    """A row of its own is the store's; here the pixels hide behind it."""
    listed = rows(forge)
    names = [*listed[1]["names"], *listed[2]["names"]]
    return Expect(
        asset=signed(forge, [listed[0], {"names": names, "hash": b"\0", "pad": b""}]),
        failures=MALFORMED,
    )


@attack("C2PA 2.2 §15.12.3: an exclusion that leaves its box")
def box_exclusion_past_its_box(forge: Forge) -> Expect:
    """From the first byte of the head to far behind it."""
    listed = rows(forge)
    listed[0] = {**listed[0], "exclusions": [{"start": 0, "length": 10_000}]}
    return Expect(asset=signed(forge, listed), failures=MALFORMED)


@attack("C2PA 2.2 §15.4: a broken digest")
def box_hash_by_md5(forge: Forge) -> Expect:
    """The rows are hashed with something anybody can forge."""
    asset = signed(forge, rows(forge), alg="md5")
    return Expect(asset=asset, failures={"algorithm.unsupported"})
