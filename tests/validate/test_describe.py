"""What a report tells beyond findings: which bytes are covered, and the thumbnails in the store."""

import pickle
from collections.abc import Sequence

import pytest

import provenance
from provenance.jumbf.writer import embedded_file
from provenance.spans import Span
from provenance.validate.results import Coverage
from tests.attacks.forge import Recipe, created, hard_binding, raw, the_forge
from tests.attacks.updates import updated


def chunk(asset: bytes | bytearray) -> Span:
    """Where the manifest store's chunk lies in a PNG, its length and its checksum included."""
    at = asset.index(b"caBX") - 4
    return Span(at, int.from_bytes(asset[at : at + 4]) + 12)


def coverage(asset: bytes) -> Coverage | None:
    return provenance.verify(asset, trust=the_forge().trust).coverage


def test_all_but_the_store_is_covered() -> None:
    asset = the_forge().png(Recipe())
    store = chunk(asset)
    told = coverage(asset)
    assert told == Coverage(len(asset), store=(store,), other=())
    assert told.covered == (Span(0, store.start), Span.between(store.end, len(asset)))


def test_what_is_left_out_besides_is_told_apart() -> None:
    def two(store: Span, size: int) -> Sequence[Span]:
        return store, Span(size - 30, 10)

    asset = the_forge().png(Recipe(), exclude=two)
    told = coverage(asset)
    assert told == Coverage(len(asset), (chunk(asset),), (Span(len(asset) - 30, 10),))
    assert sum(span.length for span in told.covered) == len(asset) - chunk(asset).length - 10


def test_what_an_exclusion_holds_beyond_the_store_is_not_the_store() -> None:
    def wide(store: Span, _: int) -> Sequence[Span]:
        return (Span(store.start, store.length + 5),)

    asset = the_forge().png(Recipe(), exclude=wide)
    told = coverage(asset)
    assert told == Coverage(len(asset), (chunk(asset),), (Span(chunk(asset).end, 5),))


def test_a_changed_file_is_covered_as_it_was() -> None:
    asset = bytearray(the_forge().png(Recipe()))
    asset[-13] ^= 1
    assert coverage(bytes(asset)) == Coverage(len(asset), (chunk(asset),), ())


def test_an_update_leaves_out_the_store_as_it_is_now() -> None:
    asset = updated(the_forge())
    assert coverage(asset) == Coverage(len(asset), (chunk(asset),), ())


def test_a_sidecar_leaves_nothing_out() -> None:
    forge = the_forge()
    told = provenance.verify(forge.picture, manifest=forge.beside(Recipe())).coverage
    assert told == Coverage(len(forge.picture), (), ())
    assert told.covered == (Span(0, len(forge.picture)),)


@pytest.mark.parametrize(
    "exclude",
    [
        lambda store, _: (store, store),
        lambda store, _: (store, Span(1 << 20, 10)),
        lambda store, size: (Span(size - 30, 10), store),
    ],
    ids=["overlapping", "past the end", "out of order"],
)
def test_exclusions_without_sense_cover_nothing_that_could_be_told(exclude: object) -> None:
    assert coverage(the_forge().png(Recipe(), exclude=exclude)) is None  # type: ignore[arg-type]


def test_without_a_hard_binding_nothing_is_known() -> None:
    assert coverage(the_forge().png(Recipe(items=[created()]))) is None
    assert coverage(the_forge().picture) is None


@pytest.mark.parametrize(
    ("media_type", "size", "kept"),
    [
        ("image/jpeg", 100, True),
        ("image/png", 100, True),
        ("image/webp", 100, True),
        ("image/svg+xml", 100, False),
        ("text/html", 100, False),
        ("image/jpeg", (2 << 20) + 1, False),
    ],
)
def test_a_picture_of_a_kind_that_cannot_do_harm_is_kept_for_a_report(
    media_type: str, size: int, kept: bool
) -> None:
    label = "c2pa.thumbnail.claim"
    held = raw(label, embedded_file(label, media_type, bytes(size)))
    asset = the_forge().png(Recipe(items=[created(), hard_binding(), held]))
    (manifest,) = provenance.verify(asset).manifests
    (told,) = (one for one in manifest.assertions if one.label == label)
    assert (told.picture is not None) is kept
    assert told.picture is None or bytes(told.picture) == bytes(size)
    assert told.value == {"format": media_type, "size": size}


def test_a_report_with_a_picture_crosses_processes() -> None:
    label = "c2pa.thumbnail.claim"
    held = raw(label, embedded_file(label, "image/png", b"\x89PNG"))
    report = provenance.verify(the_forge().png(Recipe(items=[created(), hard_binding(), held])))
    there = pickle.loads(pickle.dumps(report))
    assert there == report
    (told,) = (one for one in there.manifests[0].assertions if one.label == label)
    assert told.picture == b"\x89PNG"
    assert there.coverage == report.coverage
    assert there.judged_at == report.judged_at
