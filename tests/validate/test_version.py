"""Which version of the standard a claim follows: by its own word, else by when it was signed."""

from datetime import UTC, datetime

import pytest

from provenance.model.claim import Claim
from provenance.validate.version import SpecVersion, spec_version

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def claim(version: int = 2, told: object = None, old: str | None = None) -> Claim:
    info = {"name": "x"} if told is None else {"name": "x", "specVersion": told}
    return Claim(
        version=version,
        instance_id="x",
        signature="x",
        created=(),
        generator_info=(info,),
        spec_version=old,
    )


@pytest.mark.parametrize(
    ("told", "version"),
    [("2.3.0", (2, 3)), ("2.4", (2, 4)), ("2.5.0-draft", (2, 5)), ("12.0.1", (12, 0))],
)
def test_what_the_generator_says_counts(told: str, version: SpecVersion) -> None:
    assert spec_version(claim(told=told), NOW) == version


@pytest.mark.parametrize("told", ["", "new", 2.3, "2", "99999.1"])
def test_what_is_no_version_says_nothing(told: object) -> None:
    assert spec_version(claim(told=told), None) is None


def test_2_3_says_it_in_the_claim_itself() -> None:
    assert spec_version(claim(old="2.3.0"), NOW) == (2, 3)


@pytest.mark.parametrize(
    ("month", "version"),
    [((2024, 5), (2, 2)), ((2026, 1), (2, 3)), ((2026, 5), None)],
)
def test_a_claim_cannot_follow_what_was_not_published(
    month: tuple[int, int], version: SpecVersion | None
) -> None:
    assert spec_version(claim(), datetime(*month, 1, tzinfo=UTC)) == version


def test_without_a_time_stamp_nothing_is_known() -> None:
    assert spec_version(claim(), None) is None
    assert spec_version(None, NOW) is None


def test_the_first_claims_are_older() -> None:
    assert spec_version(claim(1), NOW) == (1, 4)
