"""What two files' manifests say differently, and no more than that."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import provenance
from provenance.model.hashed_uri import HashedUri
from provenance.report.diff import ABSENT, Relation, as_dict, as_text, diff
from provenance.report.escape import width
from provenance.schemas import load
from provenance.validate.results import AssertionReport, VerificationReport
from tests.report.chains import chain_of_three, hostile_file, signer_in
from tests.report.samples import (
    ACTIONS,
    ACTIVE,
    PARENT,
    REPORTS,
    claim,
    manifest,
    report,
    signature,
)

OTHER = "urn:c2pa:33333333-3333-3333-3333-333333333333"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chain of three files, and a hostile one."""
    path = tmp_path_factory.mktemp("signed")
    chain_of_three(path, signer_in(path / "keys"))
    hostile_file(path)
    return path


def with_assertion(value: Any, label: str = "com.example.x", **changes: Any) -> VerificationReport:
    held = (ACTIONS, AssertionReport(label, value, created=True))
    return report(manifests=(manifest(assertions=held, **changes),))


def places(first: VerificationReport, second: VerificationReport) -> list[tuple[str, str]]:
    return [(one.part, one.path) for one in diff(first, second).changes]


@pytest.mark.parametrize("one", REPORTS.values(), ids=REPORTS)
def test_a_report_is_the_same_as_itself(one: VerificationReport) -> None:
    found = diff(one, one)
    assert found.same
    assert as_dict(found)["changes"] == []
    assert as_text(found).endswith("They say the same.")


def test_each_part_is_compared() -> None:
    first = report()
    second = report(
        manifests=(
            manifest(
                claim=claim(title="Another"),
                signature=signature(common_name="Bo Example"),
                assertions=(),
            ),
        )
    )
    found = places(first, second)
    assert ("claim", "title") in found
    assert ("signer", "common_name") in found
    assert ("ingredients", "[0]") in found
    assert ("assertion c2pa.actions.v2", "") in found


def test_a_change_has_the_values_of_both_sides() -> None:
    (one,) = diff(with_assertion({"a": [1, 2]}), with_assertion({"a": [1, 3]})).changes
    assert (one.path, one.first, one.second) == ("content.a[1]", 2, 3)
    (one,) = diff(with_assertion({"a": [1, 2]}), with_assertion({"a": [1]})).changes
    assert (one.path, one.first, one.second) == ("content.a[1]", 2, ABSENT)


def test_true_is_not_one() -> None:
    assert places(with_assertion({"a": True}), with_assertion({"a": 1}))


def test_null_is_not_absence() -> None:
    (one,) = as_dict(diff(with_assertion({"a": None}), with_assertion({})))["changes"]
    assert one["first"] is None
    assert "second" not in one


def test_a_uri_into_the_own_manifest_is_no_difference() -> None:
    path = "c2pa.assertions/c2pa.actions.v2"
    first = with_assertion({"url": f"self#jumbf=/c2pa/{ACTIVE}/{path}"})
    second = with_assertion({"url": f"self#jumbf=/c2pa/{OTHER}/{path}"})
    (active,) = second.manifests
    second = replace(second, manifests=(replace(active, label=OTHER),))
    assert places(first, second) == []


def test_two_thumbnails_of_one_size_are_told_apart_by_their_hash() -> None:
    def one(digest: bytes) -> VerificationReport:
        held = (HashedUri("self#jumbf=c2pa.assertions/c2pa.thumbnail.claim", digest),)
        value = {"format": "image/jpeg", "size": 9}
        return with_assertion(value, "c2pa.thumbnail.claim", claim=claim(created=held))

    assert places(one(b"a" * 32), one(b"b" * 32)) == [
        ("assertion c2pa.thumbnail.claim", "claimed_hash")
    ]


@pytest.mark.parametrize(
    ("ours", "theirs", "relation"),
    [
        ([ACTIVE], [ACTIVE], Relation.SAME),
        ([ACTIVE, PARENT], [PARENT], Relation.FIRST_FROM_SECOND),
        ([PARENT], [ACTIVE, PARENT], Relation.SECOND_FROM_FIRST),
        ([ACTIVE, PARENT], [OTHER, PARENT], Relation.COMMON),
        ([ACTIVE], [OTHER], Relation.NONE),
        ([], [OTHER], Relation.NONE),
    ],
)
def test_the_chains_tell_how_two_files_are_related(
    ours: list[str], theirs: list[str], relation: Relation
) -> None:
    first, second = (
        report(manifests=tuple(manifest(label) for label in labels)) for labels in (ours, theirs)
    )
    assert diff(first, second).relation is relation


def test_a_file_without_a_manifest_differs_in_its_state_only_for_people() -> None:
    shown = as_text(diff(REPORTS["untrusted"], REPORTS["nothing"]))
    assert "manifest_location" in shown
    assert "title" not in shown
    assert "--format json has them all" in shown


def test_signed_files_are_compared(folder: Path) -> None:
    first, second = (provenance.verify(folder / name) for name in ("sketch.png", "edited.png"))
    found = diff(first, second)
    assert found.relation is Relation.SECOND_FROM_FIRST
    shown = as_text(found).splitlines()
    at = shown.index("claim")
    assert shown[at + 1 : at + 4] == ["  title", "    - Sketch", "    + Edited"]
    assert not any("validationResults" in line for line in shown)


@pytest.mark.parametrize("name", ["edited.png", "hostile.png", "a.png"])
def test_the_schema_accepts_every_difference(folder: Path, name: str) -> None:
    first, second = (provenance.verify(folder / one) for one in ("sketch.png", name))
    row = json.loads(json.dumps(as_dict(diff(first, second)), allow_nan=False))
    schema = load("diff.schema.json")
    assert [error.message for error in Draft202012Validator(schema).iter_errors(row)] == []
    assert row["same"] is False


def test_hostile_words_do_not_reach_the_terminal(folder: Path) -> None:
    first, second = (provenance.verify(folder / one) for one in ("sketch.png", "hostile.png"))
    shown = as_text(diff(first, second))
    assert r"\x1b[31m\u{202e}gnp" in shown
    assert not set(shown) & set("\x1b\x07\u202e")
    assert max(map(width, shown.splitlines())) <= 80


def test_very_many_differences_stay_short() -> None:
    shown = as_text(diff(with_assertion(list(range(9_000))), with_assertion([])))
    assert len(shown.splitlines()) < 2_000
    assert "… and 8500 more places" in shown
