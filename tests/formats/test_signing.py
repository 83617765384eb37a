"""What signing promises of every container and every way it can be bound."""

import io
from functools import cache

import pytest

import provenance
from provenance.errors import SigningError
from provenance.formats import registry
from provenance.formats.base import BindingKind, Handler
from provenance.limits import DEFAULT_LIMITS
from provenance.source import BufferSource
from provenance.spans import Span
from tests.build.workshop import MADE, signer, store_of, verified
from tests.formats.samples import sample

FLIPS = 60  # places a file
WAYS = tuple(
    (handler, kind)
    for handler in registry.handlers()
    if handler.can_embed
    for kind in handler.bindings
)
# What these bindings cover holds the length of the store, or the place of what is behind it.
NOT_UPDATED: frozenset[tuple[str, BindingKind]] = frozenset(
    (handler.name, kind)
    for handler, kind in WAYS
    if kind == "collection"
    or (handler.name in ("AVI", "WAV", "WebP") and kind == "boxes")
    or (handler.name in ("ONNX", "OTF", "SafeTensors", "TTF") and kind == "data")
)

each_way = pytest.mark.parametrize(
    ("handler", "kind"), WAYS, ids=[f"{handler.name}-{kind}" for handler, kind in WAYS]
)


def sign(asset: bytes, handler: Handler, kind: BindingKind) -> bytes:
    """Sign bytes as the handler's format, whatever their text looks like."""
    out = io.BytesIO()
    named = io.BytesIO(asset)
    named.name = f"sample{handler.suffixes[0]}"
    definition = {"title": "once more"} if is_signed(asset, handler) else MADE
    provenance.sign(named, out, definition, signer=signer(), binding=kind)
    return out.getvalue()


def is_signed(asset: bytes, handler: Handler) -> bool:
    return handler.locate(BufferSource(asset), DEFAULT_LIMITS).store is not None


HANDLERS = {handler.name: handler for handler, _ in WAYS}


@cache
def _signed(name: str, kind: BindingKind) -> bytes:
    return sign(sample(HANDLERS[name]), HANDLERS[name], kind)


def signed(handler: Handler, kind: BindingKind) -> bytes:
    return _signed(handler.name, kind)


@each_way
def test_what_is_signed_is_valid(handler: Handler, kind: BindingKind) -> None:
    report = verified(signed(handler, kind))
    assert report.state == "Trusted", [one for one in report.findings if one.failed]
    assert not report.errors
    assert len(report.manifests) == 1


@each_way
def test_signing_again_leaves_one_store_and_keeps_the_parent(
    handler: Handler, kind: BindingKind
) -> None:
    again = sign(signed(handler, kind), handler, kind)
    found = handler.locate(BufferSource(again), DEFAULT_LIMITS)
    assert found.count == 1
    report = verified(again)
    assert report.state == "Trusted", [one for one in report.findings if one.failed]
    assert len(report.manifests) == 2
    assert [one.relationship for one in report.manifests[0].ingredients] == ["parentOf"]
    first = store_of(signed(handler, kind)).active
    assert first is not None
    assert report.manifests[1].label == first.label


@each_way
def test_taking_the_store_out_gives_back_the_original(handler: Handler, kind: BindingKind) -> None:
    out = io.BytesIO()
    assert provenance.strip(signed(handler, kind), out)
    assert out.getvalue() == sample(handler)


@each_way
def test_one_changed_byte_is_found_wherever_it_is_covered(
    handler: Handler, kind: BindingKind
) -> None:
    asset = signed(handler, kind)
    coverage = verified(asset).coverage
    assert coverage is not None
    left_out = coverage.store + coverage.other
    assert sum(span.length for span in coverage.covered) >= min(16, len(sample(handler)) // 4)
    for at in _places(coverage.covered):
        changed = bytearray(asset)
        changed[at] ^= 0x41
        report = verified(bytes(changed))
        assert report.state != "Trusted", f"byte {at} of {len(asset)}, left out are {left_out}"
        assert report.state != "Valid", f"byte {at} of {len(asset)}, left out are {left_out}"


def _places(covered: tuple[Span, ...]) -> list[int]:
    """The first and the last byte of each span, and more all over."""
    ends = [at for span in covered for at in (span.start, span.end - 1)]
    total = sum(span.length for span in covered)
    step = max(1, total // FLIPS)
    between = [at for span in covered for at in range(span.start, span.end, step)]
    return sorted({*ends[:FLIPS], *between})


@each_way
def test_an_update_keeps_the_content_bound_or_is_refused(
    handler: Handler, kind: BindingKind
) -> None:
    out = io.BytesIO()
    said = {"creators": ["Ada Example"]}
    if (handler.name, kind) in NOT_UPDATED:
        with pytest.raises(SigningError, match="sign anew instead"):
            provenance.update(signed(handler, kind), out, said, signer=signer())
        assert out.getvalue() == b""
        return
    provenance.update(signed(handler, kind), out, said, signer=signer())
    report = verified(out.getvalue())
    assert report.state == "Trusted", [one for one in report.findings if one.failed]
    assert [one.kind for one in report.manifests] == ["update", "standard"]
