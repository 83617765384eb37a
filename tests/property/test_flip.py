"""Flip any one byte that a signature vouches for, and the file is invalid."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import provenance
from provenance.formats import registry
from provenance.jumbf.reader import parse
from provenance.jumbf.tree import SuperBox
from provenance.limits import DEFAULT_LIMITS
from provenance.source import BufferSource
from provenance.spans import Span, complement
from provenance.trust.devpki import create
from tests.vectors.peer import picture

POSITIONS = 1000
NOBODY = provenance.TrustSettings.load(anchors=[])
KINDS = ("jpeg", "png")
MASKS = st.integers(1, 255)  # what is flipped in the byte


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A picture with a signed parent, once with its store inside and once with it beside."""

    embedded: bytes
    bare: bytes
    sidecar: bytes


@lru_cache
def work(kind: str) -> Work:
    with TemporaryDirectory() as name:
        folder = Path(name)
        create(folder, now=datetime.now(UTC))
        signer = provenance.LocalSigner.from_files(
            key=folder / "es256.key.pem", chain=folder / "es256.chain.pem"
        )
        bare, parent, child = (folder / f"{one}.{kind}" for one in ("bare", "parent", "child"))
        bare.write_bytes(picture(kind))
        made = {"title": "parent", "digital_source_type": "trainedAlgorithmicMedia"}
        provenance.sign(bare, parent, made, signer=signer)
        edited = {"title": "child", "parent": str(parent)}
        provenance.sign(bare, child, edited, signer=signer)
        beside = folder / "bare.c2pa"
        provenance.sign(bare, beside, edited, signer=signer, sidecar=True)
        return Work(
            embedded=child.read_bytes(), bare=bare.read_bytes(), sidecar=beside.read_bytes()
        )


def carriers(data: bytes) -> tuple[Span, ...]:
    """The spans of a file that its data hash leaves out."""
    source = BufferSource(data)
    return registry.find(source).locate(source, DEFAULT_LIMITS).carriers


def signed_spans(store: bytes) -> Iterator[Span]:
    """The bytes of a store that the active claim's signature vouches for.

    The claim, what is protected in the signature box, the signature; through the claim each
    assertion box, and through the ingredient assertion the whole manifest of the parent.
    """
    *parents, active = parse(store).superboxes
    for parent in parents:
        yield hashed(parent)
    for box in active.superboxes:
        content = next(box.content, None)
        if box.label == "c2pa.assertions":
            yield from map(hashed, box.superboxes)
        elif box.label == "c2pa.claim.v2":
            assert content is not None
            yield Span(content.offset + content.header, len(content.payload))
        elif box.label == "c2pa.signature":
            assert content is not None
            protected, _, _, signature = cbor2.loads(content.payload).value
            for part in (protected, signature):
                yield Span(store.index(part, content.offset), len(part))


def hashed(box: SuperBox) -> Span:
    return Span(box.offset + box.header, len(box.hashed))


def offsets(spans: Iterator[Span]) -> list[int]:
    return [at for span in spans for at in range(span.start, span.end)]


def flipped(data: bytes, at: int, mask: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= mask
    return bytes(changed)


@pytest.mark.parametrize("kind", KINDS)
def test_an_unchanged_file_is_valid(kind: str) -> None:
    one = work(kind)
    assert provenance.verify(one.embedded, trust=NOBODY).state == "Valid"
    assert provenance.verify(one.bare, manifest=one.sidecar, trust=NOBODY).state == "Valid"


@pytest.mark.parametrize("kind", KINDS)
def test_one_changed_byte_outside_the_exclusions_is_invalid(kind: str) -> None:
    data = work(kind).embedded
    left_out = carriers(data)
    assert left_out

    @settings(max_examples=POSITIONS)
    @given(at=st.sampled_from(offsets(complement(left_out, len(data)))), mask=MASKS)
    def flip(at: int, mask: int) -> None:
        report = provenance.verify(flipped(data, at, mask), trust=NOBODY)
        if at < left_out[0].start and report.state is None:
            return  # the container is broken before the store: nothing leads there any more
        assert report.state == "Invalid", f"byte {at} ^ {mask:#x}"

    flip()


@pytest.mark.parametrize("kind", KINDS)
def test_one_changed_byte_of_an_asset_with_a_sidecar_is_invalid(kind: str) -> None:
    one = work(kind)

    @settings(max_examples=POSITIONS)
    @given(at=st.integers(0, len(one.bare) - 1), mask=MASKS)
    def flip(at: int, mask: int) -> None:
        report = provenance.verify(flipped(one.bare, at, mask), manifest=one.sidecar, trust=NOBODY)
        assert report.state == "Invalid", f"byte {at} ^ {mask:#x}"

    flip()


@pytest.mark.parametrize("kind", KINDS)
def test_one_changed_byte_that_the_signature_covers_is_invalid(kind: str) -> None:
    one = work(kind)
    covered = offsets(signed_spans(one.sidecar))
    assert len(covered) > len(one.sidecar) // 2

    @settings(max_examples=POSITIONS)
    @given(at=st.sampled_from(covered), mask=MASKS)
    def flip(at: int, mask: int) -> None:
        store = flipped(one.sidecar, at, mask)
        report = provenance.verify(one.bare, manifest=store, trust=NOBODY)
        if report.state is None:
            # No manifest could be read: that must not pass for a file without one.
            assert report.to_dict()["errors"], f"byte {at} ^ {mask:#x}"
        else:
            assert report.state == "Invalid", f"byte {at} ^ {mask:#x}"

    flip()


@pytest.mark.parametrize("kind", KINDS)
def test_no_change_of_the_store_makes_more_of_it(kind: str) -> None:
    """Whatever one byte of it becomes: a report, and never a trusted one."""
    one = work(kind)

    @settings(max_examples=POSITIONS)
    @given(at=st.integers(0, len(one.sidecar) - 1), mask=MASKS)
    def flip(at: int, mask: int) -> None:
        store = flipped(one.sidecar, at, mask)
        report = provenance.verify(one.bare, manifest=store, trust=NOBODY)
        assert report.state in ("Invalid", "Valid", None)

    flip()
