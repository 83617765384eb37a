"""Every container that the reference writes: each reads the other's files, and finds a change.

The list is the reference's own, laid against our handlers: a new handler is judged without being
named here.
"""

import io
from functools import cache
from operator import attrgetter
from typing import Protocol

import c2pa
import encypher_c2pa
import pytest

import provenance
from provenance.formats import registry
from provenance.formats.base import BindingKind, Handler
from provenance.limits import DEFAULT_LIMITS
from provenance.source import BufferSource
from provenance.spans import complement
from tests.formats.samples import sample
from tests.formats.test_signing import HANDLERS, NOT_UPDATED
from tests.vectors import peer, second
from tests.vectors.grid import Workshop, credentials
from tests.vectors.peer import Signed
from tests.vectors.test_reference import NONE, UNTRUSTED, failures, our_report

WRITTEN = frozenset(c2pa.Builder.get_supported_mime_types())
READ = frozenset(c2pa.Reader.get_supported_mime_types())
READ_BY_SECOND = frozenset(encypher_c2pa.supported_mime_types())
NO_BOXES_THERE = frozenset({"AVI", "WAV", "WebP"})  # whose box hashes the reference does not check
NO_LIST_THERE = "expected a map"  # the reference reads no list of files as the standard has it
# Where the second judge does otherwise: it takes all of a font's C2PA table for the store, without
# the table's own header (§A.3.10); and in our HTML sample the quoted link for a real one.
NOT_FOR_SECOND = frozenset({"HTML", "OTF", "TTF"})
MADE = {"title": "a sample", "digital_source_type": "trainedAlgorithmicMedia"}


class Sign(Protocol):
    """Signs a sample of a format, or the asset given; each once."""

    def __call__(
        self, handler: Handler, kind: BindingKind, asset: bytes | None = None
    ) -> bytes: ...


class SignThere(Protocol):
    """The same by the reference."""

    def __call__(self, handler: Handler, parent: bytes | None = None) -> bytes: ...


def _judged(by: frozenset[str]) -> tuple[Handler, ...]:
    return tuple(
        one for one in registry.handlers() if one.can_embed and by.intersection(one.media_types)
    )


def _type(handler: Handler, by: frozenset[str]) -> str:
    return next(one for one in handler.media_types if one in by)


def _each(by: frozenset[str], *, collections: bool = True) -> pytest.MarkDecorator:
    found = [one for one in _judged(by) if collections or one.bindings[0] != "collection"]
    return pytest.mark.parametrize("handler", found, ids=attrgetter("name"))


def _each_binding(by: frozenset[str], *, but: frozenset[str] = frozenset()) -> pytest.MarkDecorator:
    judged = [handler for handler in _judged(by) if handler.name not in but]
    pairs = [(handler, kind) for handler in judged for kind in handler.bindings]
    return pytest.mark.parametrize(
        ("handler", "kind"), pairs, ids=[f"{handler.name}-{kind}" for handler, kind in pairs]
    )


@pytest.fixture(scope="session")
def ours(workshop: Workshop) -> Sign:
    """A sample of a format, or the asset given, signed by us."""

    @cache
    def made(name: str, kind: BindingKind, asset: bytes | None) -> bytes:
        handler = HANDLERS[name]
        path = workshop.folder / f"{handler.name.replace('/', ' ')}-{kind}{handler.suffixes[0]}"
        path.write_bytes(asset or sample(handler))
        out = path.with_name(f"signed {path.name}")
        signer = provenance.LocalSigner.from_files(
            key=workshop.pki / "es256.key.pem", chain=workshop.pki / "es256.chain.pem"
        )
        definition = MADE if asset is None else {"title": "once more"}
        provenance.sign(path, out, definition, signer=signer, binding=kind)
        return out.read_bytes()

    def sign(handler: Handler, kind: BindingKind, asset: bytes | None = None) -> bytes:
        return made(handler.name, kind, asset)

    return sign


@pytest.fixture(scope="session")
def theirs(workshop: Workshop) -> SignThere:
    """A sample of a format, or the asset given, signed by the reference."""

    @cache
    def made(name: str, parent: bytes | None) -> bytes:
        handler = HANDLERS[name]
        kind = _type(handler, WRITTEN)
        asset = parent or sample(handler)
        return peer.sign(asset, kind, credentials(workshop.pki, "es256"), parent=parent).asset

    def sign(handler: Handler, parent: bytes | None = None) -> bytes:
        return made(handler.name, parent)

    return sign


def _changed(handler: Handler, asset: bytes) -> bytes:
    """One byte of what is neither store nor structure, near the end, is another."""
    carriers = handler.locate(BufferSource(asset), DEFAULT_LIMITS).carriers
    last = list(complement(sorted(carriers), len(asset)))
    span = max(last, key=lambda one: one.length)
    changed = bytearray(asset)
    changed[span.start + span.length * 2 // 3] ^= 1
    return bytes(changed)


@_each_binding(READ)
def test_the_reference_reads_what_we_sign(
    handler: Handler,
    kind: BindingKind,
    ours: Sign,
    root: bytes,
    trust: provenance.TrustSettings,
) -> None:
    signed = Signed(kind=_type(handler, READ), asset=ours(handler, kind), store=b"")
    if kind == "boxes" and handler.name in NO_BOXES_THERE:
        with pytest.raises(c2pa.C2paError, match="Box hash not supported"):
            peer.read(signed, anchors=root)
        return
    if kind == "collection":
        with pytest.raises(c2pa.C2paError, match=NO_LIST_THERE):
            peer.read(signed, anchors=root)
        return
    verdict = peer.read(signed, anchors=root)
    assert (verdict.state, verdict.failures) == ("Trusted", NONE)
    unknown = peer.read(signed)
    assert (unknown.state, unknown.failures) == ("Valid", UNTRUSTED)
    assert our_report(signed, trust)["validation_state"] == "Trusted"


@_each_binding(READ_BY_SECOND, but=NOT_FOR_SECOND)
def test_the_second_judge_reads_what_we_sign(
    handler: Handler,
    kind: BindingKind,
    ours: Sign,
    root: bytes,
) -> None:
    media_type = _type(handler, READ_BY_SECOND)
    signed = Signed(kind=media_type, asset=ours(handler, kind), store=b"")
    verdict = second.read(signed, anchors=root)
    assert (verdict.state, verdict.failures) == ("Trusted", NONE)


@_each(WRITTEN)
def test_we_read_what_the_reference_signs(
    handler: Handler, theirs: SignThere, trust: provenance.TrustSettings
) -> None:
    signed = Signed(kind=_type(handler, WRITTEN), asset=theirs(handler), store=b"")
    report = our_report(signed, trust)
    assert (report["validation_state"], failures(report)) == ("Trusted", NONE)
    assert len(report["manifests"]) == 1


@_each(WRITTEN, collections=False)
def test_a_file_signed_by_the_reference_is_signed_once_more_by_us(
    handler: Handler,
    ours: Sign,
    theirs: SignThere,
    root: bytes,
    trust: provenance.TrustSettings,
) -> None:
    again = ours(handler, handler.bindings[0], theirs(handler))
    signed = Signed(kind=_type(handler, READ), asset=again, store=b"")
    verdict = peer.read(signed, anchors=root)
    assert (verdict.state, verdict.failures, verdict.manifests) == ("Trusted", NONE, 2)
    report = our_report(signed, trust)
    assert (report["validation_state"], len(report["manifests"])) == ("Trusted", 2)


@_each(WRITTEN, collections=False)
def test_a_file_signed_by_us_is_signed_once_more_by_the_reference(
    handler: Handler,
    ours: Sign,
    theirs: SignThere,
    trust: provenance.TrustSettings,
) -> None:
    again = theirs(handler, ours(handler, handler.bindings[0]))
    report = our_report(Signed(kind=_type(handler, READ), asset=again, store=b""), trust)
    assert (report["validation_state"], failures(report)) == ("Trusted", NONE)
    assert len(report["manifests"]) == 2


@_each(WRITTEN, collections=False)
def test_both_find_a_changed_file_invalid(
    handler: Handler,
    ours: Sign,
    theirs: SignThere,
    nobody: provenance.TrustSettings,
) -> None:
    for asset in (ours(handler, handler.bindings[0]), theirs(handler)):
        signed = Signed(kind=_type(handler, READ), asset=_changed(handler, asset), store=b"")
        found = failures(our_report(signed, nobody)) - UNTRUSTED
        assert found
        try:
            verdict = peer.read(signed)
        except c2pa.C2paError:  # the byte was one of structure: it does not get that far
            continue
        assert verdict.state == "Invalid"
        assert found & verdict.failures


@_each(READ)
def test_the_reference_reads_what_we_update(
    handler: Handler,
    ours: Sign,
    workshop: Workshop,
    root: bytes,
) -> None:
    kind = handler.bindings[0]
    if (handler.name, kind) in NOT_UPDATED:
        pytest.skip("its binding leaves no room for a longer store")
    signer = provenance.LocalSigner.from_files(
        key=workshop.pki / "ps256.key.pem", chain=workshop.pki / "ps256.chain.pem"
    )
    out = io.BytesIO()
    provenance.update(ours(handler, kind), out, {"creators": ["Ada"]}, signer=signer)
    signed = Signed(kind=_type(handler, READ), asset=out.getvalue(), store=b"")
    verdict = peer.read(signed, anchors=root)
    assert (verdict.state, verdict.failures, verdict.manifests) == ("Trusted", NONE, 2)
