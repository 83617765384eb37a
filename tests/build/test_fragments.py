"""A film in segments: signed at once, verified one by one, by us and by the reference."""

import io
import json
from pathlib import Path

import c2pa
import pytest

import provenance
from provenance.bindings import bmff_fragments
from provenance.build.fragments import sign_fragmented
from provenance.build.sign import SignReceipt
from provenance.errors import MalformedError, ProvenanceError, SigningError, UnsupportedFormatError
from tests.attacks.film import box, fragment, init_segment, media_segment
from tests.build.workshop import MADE, picture, signer

COUNT = 5


@pytest.fixture
def segments(tmp_path: Path) -> list[Path]:
    """The segments of a film; the first is the initialisation segment."""
    init = tmp_path / "init.mp4"
    init.write_bytes(init_segment())
    found = [init]
    for number in range(COUNT):
        path = tmp_path / f"{number}.m4s"
        path.write_bytes(media_segment(number))
        found.append(path)
    return found


def signed(segments: list[Path]) -> tuple[list[Path], SignReceipt]:
    folder = segments[0].parent / "signed"
    receipt = sign_fragmented(segments[0], segments[1:], folder, MADE, signer=signer())
    return [folder / one.name for one in segments], receipt


def told(init: Path, *parts: Path) -> tuple[str | None, list[str]]:
    report = provenance.verify(init, fragments=parts)
    found = [one for one in report.findings if one.failed and "bmffHash" in one.status.code]
    return report.state, [f"{one.status.code} {one.explanation}" for one in found]


def test_any_of_the_segments_verify_in_any_order(segments: list[Path]) -> None:
    (init, *parts), receipt = signed(segments)
    assert receipt.report is not None
    assert receipt.report.state == "Valid"
    assert receipt.output == init
    for some in (parts, parts[3:4], parts[::-1], [parts[1], parts[4]]):
        assert told(init, *some) == ("Valid", [])


def test_segments_given_as_bytes_verify_too(segments: list[Path]) -> None:
    (init, *parts), _ = signed(segments)
    data = [one.read_bytes() for one in parts]
    assert provenance.verify(init.read_bytes(), fragments=data).state == "Valid"


def test_the_initialisation_segment_alone_says_nothing_of_the_film(segments: list[Path]) -> None:
    (init, *_), _ = signed(segments)
    state, problems = told(init)
    assert state == "Invalid"
    assert problems == [
        "assertion.bmffHash.mismatch its content is in media segments, of which none is here"
    ]


def test_each_segment_that_does_not_belong_is_named(segments: list[Path]) -> None:
    (init, *parts), _ = signed(segments)
    changed = parts[2].read_bytes()
    parts[2].write_bytes(changed[:-1] + b"?")
    parts[4].write_bytes(parts[4].read_bytes()[:-1])
    state, problems = told(init, *parts)
    assert state == "Invalid"
    assert [problem.partition(": ")[0] for problem in problems] == [
        f"assertion.bmffHash.mismatch segment {parts[2]}",
        f"assertion.bmffHash.mismatch segment {parts[4]}",
    ]


def test_a_segment_of_another_film_does_not_belong(segments: list[Path], tmp_path: Path) -> None:
    (init, *_), _ = signed(segments)
    other = tmp_path / "other.m4s"
    other.write_bytes(media_segment(9, track=8))
    folder = tmp_path / "others"
    sign_fragmented(segments[0], [other], folder, MADE, signer=signer())
    _, problems = told(init, folder / "other.m4s")
    assert "no tree is of track 8" in problems[0]


def test_a_segment_that_was_never_signed_is_said_to_be_that(segments: list[Path]) -> None:
    (init, *_), _ = signed(segments)
    _, problems = told(init, segments[1])
    assert problems == [f"assertion.bmffHash.malformed segment {segments[1]}: it has no merkle box"]


def test_another_initialisation_segment_is_found_out(segments: list[Path]) -> None:
    (init, *parts), _ = signed(segments)
    data = bytearray(init.read_bytes())
    data[-1] ^= 1
    init.write_bytes(data)
    _, problems = told(init, parts[0])
    assert "what comes before the fragments of track 7 differs" in problems[0]


def test_a_segment_says_nothing_beside_a_film_in_one_file(segments: list[Path]) -> None:
    whole = init_segment() + box(b"mdat", b"frames")
    out = io.BytesIO()
    provenance.sign(whole, out, MADE, signer=signer())
    report = provenance.verify(out.getvalue(), fragments=[segments[1]])
    assert report.state == "Invalid"
    out = io.BytesIO()
    provenance.sign(picture(), out, MADE, signer=signer())
    report = provenance.verify(out.getvalue(), fragments=[segments[1]])
    assert "org.provenance-c2pa.hardBinding.notChecked" in {
        one.status.code for one in report.findings
    }


@pytest.mark.parametrize("most", [1, 2, 3, 8])
def test_whatever_row_is_signed_proofs_lead_to_it(
    segments: list[Path], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bmff_fragments, "_MOST_IN_ROW", most)
    (init, *parts), _ = signed(segments)
    assert told(init, *parts) == ("Valid", [])
    assert {judged(init, one) for one in parts} == {("Valid", False)}
    parts[0].write_bytes(parts[1].read_bytes()[:-1] + b"?")
    assert told(init, parts[0])[0] == "Invalid"
    assert judged(init, parts[0]) == ("Invalid", True)


def judged(init: Path, part: Path) -> tuple[str, bool]:
    """What the reference says: the state, and does the hash differ?"""
    with init.open("rb") as first, part.open("rb") as second:
        reader = c2pa.Reader("video/mp4", io.BytesIO(init.read_bytes()))
        report = json.loads(reader.with_fragment("video/mp4", first, second).json())
    failures = report["validation_results"]["activeManifest"].get("failure") or ()
    return report["validation_state"], any("bmffHash" in row["code"] for row in failures)


def test_a_film_in_fragments_in_one_file_is_read_as_one(segments: list[Path]) -> None:
    whole = init_segment() + b"".join(fragment(number) for number in range(3))
    out = io.BytesIO()
    provenance.sign(whole, out, MADE, signer=signer())
    assert provenance.verify(out.getvalue()).state == "Valid"


def test_what_is_no_segment_is_refused_and_nothing_is_written(
    segments: list[Path], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.m4s"
    folder = tmp_path / "signed"
    cases: list[tuple[bytes, type[ProvenanceError]]] = [
        (b"", MalformedError),
        (b"no boxes at all", MalformedError),
        (box(b"styp") + box(b"mdat", b"x"), MalformedError),
        (media_segment(1) + fragment(2), MalformedError),
        (box(b"moof", box(b"mfhd", bytes(8))), MalformedError),
    ]
    for content, kind in cases:
        bad.write_bytes(content)
        with pytest.raises(kind):
            sign_fragmented(segments[0], [bad], folder, MADE, signer=signer())
        assert not folder.exists() or not list(folder.iterdir())
    with pytest.raises(MalformedError, match="none are given"):
        sign_fragmented(segments[0], [], folder, MADE, signer=signer())


def test_a_picture_has_no_segments(segments: list[Path], tmp_path: Path) -> None:
    still = tmp_path / "still.png"
    still.write_bytes(picture())
    with pytest.raises(UnsupportedFormatError, match="no segments"):
        sign_fragmented(still, segments[1:], tmp_path / "out", MADE, signer=signer())


def test_what_is_signed_is_not_signed_again(segments: list[Path], tmp_path: Path) -> None:
    again, _ = signed(segments)
    with pytest.raises(SigningError, match="signed already"):
        sign_fragmented(again[0], again[1:], tmp_path / "out", MADE, signer=signer())


def test_no_file_is_overwritten(segments: list[Path]) -> None:
    before = [one.read_bytes() for one in segments]
    with pytest.raises(FileExistsError):
        sign_fragmented(segments[0], segments[1:], segments[0].parent, MADE, signer=signer())
    assert [one.read_bytes() for one in segments] == before
    with pytest.raises(SigningError, match="name of two"):
        sign_fragmented(segments[0], [segments[1], segments[1]], "out", MADE, signer=signer())
