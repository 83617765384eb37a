"""`provenance verify --policy`: the report says which rules do not hold, the exit code too."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A policy's file, to be written."""
    return tmp_path / "desk.toml"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", 0),
        ('ai_disclosure = "any"', 0),
        ('trust = "required"', 5),
        ('states = ["Trusted"]', 5),
        ('time_stamp = "required"', 4),
        ('trust = "required"\ntime_stamp = "required"', 4),
        ('forbidden_actions = ["c2pa.created"]', 4),
        ('[[signers.allow]]\norganization = "Somebody"', 4),
        ("[digital_source_types]\nforbidden = ['trainedAlgorithmicMedia']", 4),
        ("[digital_source_types]\nrequired = ['trainedAlgorithmicMedia']", 0),
    ],
)
def test_rules_set_the_exit_code(
    call: Call, signed: Path, policy: Path, text: str, code: int
) -> None:
    policy.write_text(text)
    assert call("verify", str(signed), "--policy", str(policy)).exit_code == code


def test_with_trust_in_the_signer_the_rule_holds(
    call: Call, keys: Path, signed: Path, policy: Path
) -> None:
    policy.write_text('trust = "required"\n[[signers.allow]]\norganization = "Development only"')
    options = ("--policy", str(policy), "--trust-anchors", str(keys / "root.pem"))
    result = call("verify", str(signed), *options)
    assert result.exit_code == 0
    assert "Policy     desk: all rules hold" in result.stdout


def test_a_rule_that_fails_is_a_line_in_the_report(call: Call, signed: Path, policy: Path) -> None:
    policy.write_text('forbidden_actions = ["c2pa.created"]\ntime_stamp = "required"')
    text = call("verify", str(signed), "--policy", str(policy)).stdout
    assert "refused by policy" in text.splitlines()[0]
    assert "Policy     desk: 2 of 3 rules do not hold" in text
    assert "forbidden_actions: the active manifest names c2pa.created" in text
    assert "states:" not in text
    verbose = call("verify", str(signed), "--policy", str(policy), "-v").stdout
    assert "states: the state is Valid" in verbose
    quiet = call("verify", str(signed), "--policy", str(policy), "-q").stdout
    assert "refused by policy" in quiet


def test_the_json_report_holds_the_result(call: Call, signed: Path, policy: Path) -> None:
    policy.write_text('time_stamp = "required"')
    row = json.loads(
        call("verify", str(signed), "--policy", str(policy), "--format", "json").stdout
    )
    assert row["validation_state"] == "Valid"
    assert (row["policy"]["name"], row["policy"]["passed"]) == ("desk", False)
    assert [one["rule"] for one in row["policy"]["rules"]] == ["states", "time_stamp"]


def test_what_is_invalid_or_missing_stays_so(
    call: Call, changed: Path, picture: Path, policy: Path
) -> None:
    policy.write_text("")
    assert call("verify", str(changed), "--policy", str(policy)).exit_code == 4
    none = call("verify", str(picture), "--policy", str(policy))
    assert none.exit_code == 3
    assert "states: there is no manifest" in none.stdout
    assert call("verify", "nowhere.png", "--policy", str(policy)).exit_code == 1


def test_invalid_goes_before_untrusted(call: Call, signed: Path, policy: Path) -> None:
    policy.write_text('time_stamp = "required"')
    options = ("--policy", str(policy), "--fail-on", "untrusted")
    assert call("verify", str(signed), *options).exit_code == 4


@pytest.mark.parametrize(
    ("text", "why"), [('trsut = "required"', "did you mean 'trust'"), ("trust", "is no TOML")]
)
def test_a_policy_with_a_mistake_is_refused(
    call: Call, signed: Path, policy: Path, text: str, why: str
) -> None:
    policy.write_text(text)
    result = call("verify", str(signed), "--policy", str(policy))
    assert (result.exit_code, result.stdout) == (1, "")
    assert why in result.stderr


def test_a_missing_policy_is_an_error(call: Call, signed: Path) -> None:
    result = call("verify", str(signed), "--policy", "none.toml")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "none.toml: cannot be read (no such file or directory)" in result.stderr


@pytest.mark.parametrize("form", ["text", "json", "html", "junit", "sarif"])
def test_a_rule_that_fails_is_in_every_form_of_report(
    call: Call, signed: Path, policy: Path, form: str
) -> None:
    policy.write_text('time_stamp = "required"\nforbidden_actions = ["c2pa.created"]')
    result = call("verify", str(signed), "--policy", str(policy), "--format", form)
    assert result.exit_code == 4
    for rule in ("time_stamp", "forbidden_actions", "the active manifest names c2pa.created"):
        assert rule in result.stdout
