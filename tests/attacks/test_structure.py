"""A store that is cut, or lies about its lengths, is a result with a sentence, and fast."""

import struct
import time
from collections.abc import Iterator
from functools import lru_cache

import pytest

import provenance
from provenance.jumbf import SuperBox, parse
from provenance.validate.results import VerificationReport
from tests.attacks.forge import (
    Recipe,
    cbor,
    created,
    hard_binding,
    ingredient,
    opened,
    the_forge,
)
from tests.attacks.structure import with_store

GREAT = (0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
PIECES = 50


@lru_cache
def store() -> bytes:
    """A small chain: a parent with an assertion of its own, and a child."""
    forge = the_forge()
    note = cbor("org.example.note", {"text": "made by a model"})
    parent = forge.build(Recipe(items=[created(), hard_binding(), note]))
    return forge.beside(Recipe(items=[opened(), hard_binding(), ingredient(parent)]), parent)


def headers(box: SuperBox) -> Iterator[int]:
    """Offsets of all box headers in the store, descriptions too."""
    yield box.offset
    yield box.offset + box.header
    for child in box.children:
        if isinstance(child, SuperBox):
            yield from headers(child)
        else:
            yield child.offset


def offsets() -> list[int]:
    return sorted(headers(parse(store())))


def verified(data: bytes) -> VerificationReport:
    """The forge's picture with a sidecar, in time."""
    start = time.process_time()
    report = provenance.verify(the_forge().picture, manifest=data, trust=the_forge().trust)
    assert time.process_time() - start < 1
    return report


def test_the_untouched_store_is_trusted() -> None:
    assert verified(store()).state == "Trusted"
    assert len(offsets()) > 20


@pytest.mark.parametrize("length", GREAT, ids=hex)
def test_a_length_of_gigabytes_in_any_box_header_is_refused(length: int) -> None:
    for at in offsets():
        broken = store()[:at] + struct.pack(">I", length) + store()[at + 4 :]
        report = verified(broken)
        assert [one.kind for one in report.errors] == ["malformed"], at
        assert str(length) in report.errors[0].message, at
        assert report.errors[0].offset == at
        assert report.state == "Invalid"


@pytest.mark.parametrize("length", [1 << 31, 1 << 62, (1 << 64) - 1], ids=hex)
def test_a_long_length_of_exabytes_in_any_box_header_is_refused(length: int) -> None:
    for at in offsets():
        long = struct.pack(">I4sQ", 1, store()[at + 4 : at + 8], length)
        report = verified(store()[:at] + long + store()[at + 16 :])
        assert [one.kind for one in report.errors] == ["malformed"], at
        assert report.state == "Invalid"


@pytest.mark.parametrize("length", [0, 1, 2, 7, 8])
def test_a_length_that_is_too_small_is_no_crash(length: int) -> None:
    for at in offsets():
        broken = store()[:at] + struct.pack(">I", length) + store()[at + 4 :]
        report = verified(broken)
        assert report.errors or report.state == "Invalid" or length == 0, at


@pytest.mark.parametrize("piece", range(PIECES))
def test_a_store_that_is_cut_is_refused(piece: int) -> None:
    cut = store()[: len(store()) * piece // PIECES]
    report = verified(cut)
    assert [one.kind for one in report.errors] == ["malformed"]
    assert report.state == "Invalid"


@pytest.mark.parametrize("piece", range(PIECES))
def test_an_embedded_store_that_is_cut_is_refused(piece: int) -> None:
    """The carrier is whole; what it carries is not."""
    cut = store()[: len(store()) * piece // PIECES]
    report = provenance.verify(with_store(the_forge(), cut))
    assert [one.kind for one in report.errors] == ["malformed"]
    assert report.state == "Invalid"


@pytest.mark.parametrize("piece", range(PIECES))
def test_a_file_that_is_cut_is_never_valid(piece: int) -> None:
    signed = the_forge().png(Recipe())
    report = provenance.verify(signed[: len(signed) * piece // PIECES], trust=the_forge().trust)
    assert report.state in (None, "Invalid")
    assert report.errors or any(one.failed for one in report.findings)


@pytest.mark.parametrize("length", GREAT, ids=hex)
def test_a_chunk_of_gigabytes_is_refused(length: int) -> None:
    signed = the_forge().png(Recipe())
    at = signed.index(b"caBX") - 4
    report = provenance.verify(signed[:at] + struct.pack(">I", length) + signed[at + 4 :])
    assert [one.kind for one in report.errors] == ["malformed"]
    assert report.state in (None, "Invalid")
    assert str(length) in report.errors[0].message
