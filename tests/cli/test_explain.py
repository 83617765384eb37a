"""`explain` knows what is found about a chain, its terms and its shares."""

import pytest

from provenance.rights import codes
from tests.cli.conftest import Call


@pytest.mark.parametrize("row", codes.CODES.values(), ids=lambda row: row.code)
def test_every_code_is_explained(call: Call, row: codes.Code) -> None:
    result = call("explain", row.code)
    assert result.exit_code == 0
    assert result.stdout.startswith(row.code + "\n")
    assert f"Kind: {row.kind.value}" in result.stdout
    assert row.section in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert row.sentence[0].isupper()
    assert row.sentence.endswith(".")
    short = row.code.removeprefix("org.provenance-c2pa.").upper()
    assert call("explain", short).stdout == result.stdout


def test_a_misspelt_code_is_answered_with_what_was_meant(call: Call) -> None:
    result = call("explain", "rights.derivativesForbiden")
    assert result.exit_code == 2
    assert "org.provenance-c2pa.rights.derivativesForbidden" in result.stderr
