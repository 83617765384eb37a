"""Forgeries of the data hash: what it leaves out, and what it covers."""

from collections.abc import Sequence
from typing import Any

from provenance.spans import Span
from tests.attacks.expect import Expect, attack
from tests.attacks.forge import Forge, Recipe, cbor, created, hard_binding, picture

MISMATCH = {"assertion.dataHash.mismatch"}
MALFORMED = {"assertion.dataHash.malformed"}


def bound(edit: Any) -> Recipe:
    return Recipe(items=[created(), hard_binding(edit)])


@attack("C2PA 2.2 §15.12.1: the picture was changed")
def picture_changed(forge: Forge) -> Expect:
    """The last byte before the end chunk: a pixel's checksum."""
    asset = bytearray(forge.png(Recipe()))
    asset[-13] ^= 1
    return Expect(asset=bytes(asset), failures=MISMATCH)


@attack("C2PA 2.2 §15.12.1: something was appended")
def bytes_appended(forge: Forge) -> Expect:
    """A payload after the end of the picture, where viewers do not look."""
    return Expect(asset=forge.png(Recipe()) + b"payload", failures=MISMATCH)


@attack("C2PA 2.2 §15.12.1: the store in another picture")
def store_moved_to_another_picture(forge: Forge) -> Expect:
    """The manifest of one picture, in another of the same size."""
    ours = forge.png(Recipe())

    theirs = picture(colour=7)
    assert len(theirs) == len(forge.picture)
    start = ours.index(b"caBX") - 4
    length = len(ours) - len(theirs)
    moved = theirs[:start] + ours[start : start + length] + theirs[start:]
    return Expect(asset=moved, failures=MISMATCH)


@attack("C2PA 2.2 §15.12.1: an exclusion past the end")
def exclusion_past_the_end(forge: Forge) -> Expect:
    """From the store to a megabyte behind the last byte: nothing is covered."""

    def wide(store: Span, size: int) -> Sequence[Span]:
        return (Span(store.start, size + (1 << 20)),)

    return Expect(asset=forge.png(Recipe(), exclude=wide), failures=MISMATCH)


@attack("C2PA 2.2 §15.12.1: everything is excluded")
def exclusion_of_everything(forge: Forge) -> Expect:
    """The whole file is left out, and the hash of nothing is right."""
    asset = forge.png(Recipe(), exclude=lambda _, size: (Span(0, size),))
    return Expect(asset=asset, failures=MISMATCH)


@attack("C2PA 2.2 §15.12.1: the exclusion is wider than the store")
def exclusion_wider_than_the_store(forge: Forge) -> Expect:
    """Some bytes of the picture behind the store are left out with it."""
    asset = forge.png(Recipe(), exclude=lambda store, _: (Span(store.start, store.length + 8),))
    return Expect(asset=asset, failures=MISMATCH)


@attack("C2PA 2.2 §15.12.1: the exclusion begins before the store")
def exclusion_begins_early(forge: Forge) -> Expect:
    """The header with the picture's size is left out together with the store."""

    def early(store: Span, _: int) -> Sequence[Span]:
        return (Span(store.start - min(store.start, 20), store.length + min(store.start, 20)),)

    return Expect(asset=forge.png(Recipe(), exclude=early), failures=MISMATCH)


@attack("C2PA 2.2 §15.12.1: the exclusion is shifted")
def exclusion_shifted(forge: Forge) -> Expect:
    """As long as the store, a few bytes later."""
    asset = forge.png(Recipe(), exclude=lambda store, _: (Span(store.start + 4, store.length),))
    return Expect(asset=asset, failures=MISMATCH)


@attack("C2PA 2.2 §15.12.1: the exclusion is elsewhere")
def exclusion_elsewhere(forge: Forge) -> Expect:
    """It leaves out the pixels and covers the store, which cannot be."""
    asset = forge.png(Recipe(), exclude=lambda _, size: (Span(size - 30, 10),))
    return Expect(asset=asset, failures=MISMATCH)


@attack("C2PA 2.2 §15.12.1: no exclusion")
def exclusion_absent(forge: Forge) -> Expect:
    """A hash over the store that holds it: it cannot be right."""
    return Expect(asset=forge.png(Recipe(), exclude=lambda *_: ()), failures=MISMATCH)


@attack("C2PA 2.3 §15.12.1: a second exclusion")
def exclusion_of_pixels(forge: Forge) -> Expect:
    """The store, and some pixels beside: allowed, and said aloud."""

    def two(store: Span, size: int) -> Sequence[Span]:
        return (store, Span(size - 30, 10))

    return Expect(
        asset=forge.png(Recipe(), exclude=two),
        state="Trusted",
        notes={"assertion.dataHash.additionalExclusionsPresent"},
    )


@attack("C2PA 2.2 §15.12.1: exclusions that overlap")
def exclusions_overlap(forge: Forge) -> Expect:
    """The store twice."""
    asset = forge.png(Recipe(), exclude=lambda store, _: (store, store))
    return Expect(asset=asset, failures=MALFORMED)


@attack("C2PA 2.2 §15.12.1: exclusions out of order")
def exclusions_out_of_order(forge: Forge) -> Expect:
    """The later one first."""
    asset = forge.png(Recipe(), exclude=lambda store, size: (Span(size - 30, 10), store))
    return Expect(asset=asset, failures=MALFORMED)


@attack("C2PA 2.2 §15.12.1: a negative exclusion")
def exclusion_negative(forge: Forge) -> Expect:
    """It begins before the file does."""

    def negative(row: dict[str, Any]) -> None:
        row["exclusions"][0] = {"start": -100, "length": 5000}

    return Expect(asset=forge.png(bound(negative)), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.1: an exclusion without length")
def exclusion_without_length(forge: Forge) -> Expect:
    """Half of what it needs."""

    def half(row: dict[str, Any]) -> None:
        row["exclusions"][0].pop("length")

    return Expect(asset=forge.png(bound(half)), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.1: an exclusion of 2 to the 64")
def exclusion_endless(forge: Forge) -> Expect:
    """Numbers at the edge of what CBOR can say; sums must not wrap around."""

    def edge(row: dict[str, Any]) -> None:
        row["exclusions"] = [{"start": (1 << 64) - 8, "length": (1 << 64) - 1}]

    return Expect(asset=forge.png(bound(edge)), failures=MISMATCH)


@attack("C2PA 2.2 §18.5: exclusions that are text")
def exclusions_that_are_text(forge: Forge) -> Expect:
    """Good CBOR of another type."""
    recipe = bound(lambda row: row.update(exclusions="0-100"))
    return Expect(asset=forge.png(recipe), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.1: no hash")
def hash_absent(forge: Forge) -> Expect:
    """A hard binding that binds to nothing."""
    return Expect(asset=forge.png(bound(lambda row: row.pop("hash"))), failures=MISMATCH)


@attack("C2PA 2.2 §15.12.1: half a hash")
def data_hash_cut_short(forge: Forge) -> Expect:
    """The right digest, its first half."""
    recipe = bound(lambda row: row.update(hash=row["hash"][:16]))
    return Expect(asset=forge.png(recipe), failures=MISMATCH)


@attack("C2PA 2.2 §13.1: a data hash by MD5")
def data_hash_by_md5(forge: Forge) -> Expect:
    """An algorithm that is not allowed."""
    recipe = bound(lambda row: row.update(alg="md5"))
    return Expect(asset=forge.png(recipe), failures={"algorithm.unsupported"})


@attack("C2PA 2.2 §15.12.1: a data hash that is a list")
def data_hash_that_is_a_list(forge: Forge) -> Expect:
    """Good CBOR of another shape."""
    recipe = Recipe(items=[created(), cbor("c2pa.hash.data", [1, 2, 3])])
    return Expect(asset=forge.png(recipe), failures=MALFORMED)
