"""What holds for every container handler, whatever the container."""

import io
from functools import cache
from operator import attrgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, UnidentifiedImageError

from provenance.errors import LimitError, MalformedError, UnsupportedFormatError
from provenance.formats import registry
from provenance.formats.base import Handler
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource, StreamSource
from tests.formats.samples import SAMPLES, sample, store_of, written

LENGTHS = (100, 64_000, 64_001, 70_000, 200_003)
EVERY = registry.handlers()
EMBEDDING = tuple(handler for handler in EVERY if handler.can_embed)

every = pytest.mark.parametrize("handler", EVERY, ids=attrgetter("name"))
embedding = pytest.mark.parametrize("handler", EMBEDDING, ids=attrgetter("name"))


def signed(handler: Handler, asset: bytes, store: bytes) -> bytes:
    return written(handler.plan(BufferSource(asset), len(store), DEFAULT_LIMITS), asset, store)


@cache
def _signed_sample(at: int) -> bytes:
    handler = EVERY[at]
    try:
        return signed(handler, sample(handler), store_of(70_000 if handler.can_embed else 500))
    except UnsupportedFormatError:
        assert not handler.can_embed
        return sample(handler)


def signed_sample(handler: Handler) -> bytes:
    return _signed_sample(EVERY.index(handler))


@every
def test_every_handler_has_a_sample(handler: Handler) -> None:
    assert sample(handler)


def test_every_sample_has_a_handler() -> None:
    assert set(SAMPLES) == {handler.name for handler in EVERY}


@every
def test_a_handler_says_what_it_is_for(handler: Handler) -> None:
    assert handler.media_types
    assert all(kind == kind.lower() and "/" in kind for kind in handler.media_types)
    assert handler.suffixes
    assert all(s.startswith(".") and s == s.lower() for s in handler.suffixes)


@every
def test_a_handler_knows_its_own_and_nobody_elses(handler: Handler) -> None:
    for name in SAMPLES:
        if handler.weak and name != handler.name:
            continue  # it is asked last, and its suffix must speak for it
        head = SAMPLES[name]()[:4096]
        assert handler.sniff(head) is (name == handler.name), name
    assert handler.sniff(signed_sample(handler)[:4096])


@every
@pytest.mark.parametrize("head", [b"", b"\0", b"\xff", b"\x89P", bytes(4096)])
def test_a_few_bytes_are_nobodys(handler: Handler, head: bytes) -> None:
    assert handler.sniff(head) is False


@embedding
def test_an_unsigned_asset_holds_no_store(handler: Handler) -> None:
    found = handler.locate(BufferSource(sample(handler)), DEFAULT_LIMITS)
    assert (found.store, found.carriers, found.count) == (None, (), 0)
    assert found.remote_url is None


@embedding
@pytest.mark.parametrize("length", LENGTHS)
def test_a_store_comes_out_as_it_went_in(handler: Handler, length: int) -> None:
    asset, store = sample(handler), store_of(length)
    plan = handler.plan(BufferSource(asset), length, DEFAULT_LIMITS)
    output = written(plan, asset, store)
    for source in (BufferSource(output), StreamSource(io.BytesIO(output))):
        found = handler.locate(source, DEFAULT_LIMITS)
        assert found.store == store
        assert found.count == 1
        assert plan.unbound in (found.carriers, found.core)


@embedding
@given(length=st.integers(60, 200_000))
def test_the_room_for_a_store_depends_on_its_length_alone(handler: Handler, length: int) -> None:
    plan = handler.plan(BufferSource(sample(handler)), length, DEFAULT_LIMITS)
    for store in (bytes(length), store_of(length)):
        written(plan, sample(handler), store)  # which compares the lengths


@embedding
@pytest.mark.parametrize("length", [100, 70_000, 200_003])
def test_signing_twice_leaves_one_store_in_the_same_place(handler: Handler, length: int) -> None:
    once, store = signed_sample(handler), store_of(length)
    before = handler.locate(BufferSource(once), DEFAULT_LIMITS)
    after = handler.locate(BufferSource(signed(handler, once, store)), DEFAULT_LIMITS)
    assert after.store == store
    assert after.count == 1
    assert after.carriers[0].start == before.carriers[0].start


@embedding
@pytest.mark.parametrize("length", LENGTHS)
def test_taking_the_store_out_restores_the_asset(handler: Handler, length: int) -> None:
    asset = sample(handler)
    output = signed(handler, asset, store_of(length))
    plan = handler.plan(BufferSource(output), 0, DEFAULT_LIMITS)
    assert plan.slot_span is None
    assert written(plan, output) == asset


@embedding
def test_a_plan_without_a_store_changes_nothing(handler: Handler) -> None:
    asset = sample(handler)
    assert written(handler.plan(BufferSource(asset), 0, DEFAULT_LIMITS), asset) == asset


@embedding
def test_other_software_sees_the_same_picture(handler: Handler) -> None:
    try:
        before = Image.open(io.BytesIO(sample(handler)))
    except UnidentifiedImageError:
        # Which Pillow does not draw, or not in every build.
        unknown = ("svg+xml", "jxl", "heic", "heif", "avif")
        kind = handler.media_types[0]
        assert kind.removeprefix("image/") in unknown or not kind.startswith("image/")
        return
    after = Image.open(io.BytesIO(signed_sample(handler)))
    assert after.format == before.format
    assert after.convert("RGBA").tobytes() == before.convert("RGBA").tobytes()


@embedding
def test_a_store_past_the_limit_is_refused(handler: Handler) -> None:
    with pytest.raises(LimitError):
        handler.locate(BufferSource(signed_sample(handler)), Limits(store_bytes=69_999))


@embedding
def test_more_parts_than_the_limit_are_refused(handler: Handler) -> None:
    with pytest.raises(LimitError):
        handler.locate(BufferSource(signed_sample(handler)), Limits(container_items=1))


def looked_at(handler: Handler, asset: bytes) -> None:
    """Read an asset that may be broken: a result, or an error on purpose, and nothing else."""
    for look in (
        lambda: handler.locate(BufferSource(asset), DEFAULT_LIMITS),
        lambda: handler.plan(BufferSource(asset), 100, DEFAULT_LIMITS),
    ):
        try:
            look()
        except (MalformedError, LimitError, UnsupportedFormatError) as error:
            assert str(error)


@every
def test_an_asset_cut_anywhere_gives_a_result_or_says_what_is_wrong(handler: Handler) -> None:
    asset = signed_sample(handler)
    near = range(min(len(asset), 1500))
    far = range(1500, len(asset), 997)
    tail = range(max(0, len(asset) - 300), len(asset))
    for end in (*near, *far, *tail):
        looked_at(handler, asset[:end])


@every
@given(data=st.data())
def test_changed_bytes_give_a_result_or_say_what_is_wrong(
    handler: Handler, data: st.DataObject
) -> None:
    asset = bytearray(signed_sample(handler))
    # Half of the changes near the start, where the structure is.
    places = st.one_of(st.integers(0, min(len(asset), 400) - 1), st.integers(0, len(asset) - 1))
    changes = st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=8)
    for at, byte in data.draw(changes):
        asset[at] = byte
    looked_at(handler, bytes(asset))


@every
@given(asset=st.binary(max_size=200))
def test_any_bytes_give_a_result_or_say_what_is_wrong(handler: Handler, asset: bytes) -> None:
    looked_at(handler, asset)
    looked_at(handler, sample(handler)[:8] + asset)
