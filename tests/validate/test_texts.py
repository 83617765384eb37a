"""Text from signing to the verdict: what the parts, each tested alone, come to."""

import io
import unicodedata
from pathlib import Path

import pytest

import provenance
from provenance.digests import digest
from provenance.errors import MalformedError
from provenance.model.assertions.segment_hash import SegmentHash
from provenance.spans import Span
from tests.build.workshop import MADE, signer, verified

COMPOSED = "über\nnoch eine Zeile\n".encode()
APART = unicodedata.normalize("NFD", "über\n").encode()


def signed(text: bytes) -> bytes:
    out = io.BytesIO()
    provenance.sign(text, out, MADE, signer=signer())
    return out.getvalue()


@pytest.mark.parametrize("text", [COMPOSED, COMPOSED + APART, APART, b"\xef\xbb\xbf" + APART])
def test_a_text_may_be_stored_in_any_form_before_and_after(text: bytes) -> None:
    whole = signed(text)
    assert verified(whole).state == "Trusted"
    for form in ("NFC", "NFD"):
        stored = unicodedata.normalize(form, whole.decode()).encode()
        assert verified(stored).state == "Trusted"


def test_a_form_that_changes_the_characters_is_found_out() -> None:
    stored = unicodedata.normalize("NFKC", signed("½ über\n".encode()).decode()).encode()
    assert verified(stored).state == "Invalid"


def test_the_text_of_a_sidecar_is_hashed_as_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(APART)
    provenance.sign(path, None, MADE, signer=signer(), sidecar=True)
    assert verified(path).state == "Trusted"
    path.write_bytes(unicodedata.normalize("NFC", APART.decode()).encode())
    assert verified(path).state == "Invalid"


def test_a_broken_promise_is_invalid_and_says_where() -> None:
    report = provenance.verify(b"a\n# -----BEGIN C2PA MANIFEST----- -----END C2PA MANIFEST-----\n")
    assert (report.state, report.location) == ("Invalid", "embedded")
    assert not report.errors
    (finding,) = report.findings
    assert finding.status.code == "manifest.structuredText.emptyReference"
    assert finding.explanation.endswith("at byte 1")
    assert report.to_dict()["validation_state"] == "Invalid"


def test_an_ordinary_text_has_no_manifest() -> None:
    report = provenance.verify(b"words\n")
    assert (report.state, report.location, report.errors) == (None, "none", ())


SEGMENT = {"version": 1, "hash": digest(b"a", "sha256"), "segmentStart": 0, "segmentEnd": 1}


def test_a_segment_hash_is_read() -> None:
    before = {"start": 2, "length": 3, "hash": b"b"}
    hard = SegmentHash.read({**SEGMENT, "sentinelLength": 9, "predecessorSentinel": before})
    assert (hard.segment, hard.sentinel_length, hard.alg) == (Span(0, 1), 9, None)
    assert hard.predecessor is not None
    assert (hard.predecessor.span, hard.predecessor.hash) == (Span(2, 3), b"b")


@pytest.mark.parametrize(
    "change",
    [
        {"version": None},
        {"version": "1"},
        {"hash": None},
        {"segmentEnd": None},
        {"segmentStart": -1},
        {"segmentStart": 2},
        {"sentinelLength": -1},
        {"sentinelLength": "9"},
        {"predecessorSentinel": {"start": 0, "length": -1, "hash": b""}},
        {"predecessorSentinel": {"start": 0, "hash": b""}},
        {"predecessorSentinel": 7},
    ],
)
def test_a_segment_hash_that_is_none_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(MalformedError):
        SegmentHash.read(SEGMENT | change)
