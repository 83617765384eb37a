"""The forms that `verify` and `inspect` can print, and that they leave the exit code alone."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Call
from tests.report.rubric import evaluate, read_rubric
from tests.report.test_crjson import RUBRICS, SCHEMA, needs_rubrics, validator


@pytest.mark.parametrize("form", ["text", "json", "ndjson", "crjson", "html", "junit", "sarif"])
def test_the_exit_code_is_the_verdict_in_every_form(
    call: Call, signed: Path, changed: Path, picture: Path, form: str
) -> None:
    codes = [
        call("verify", path.name, "--format", form).exit_code for path in (signed, changed, picture)
    ]
    assert codes == [0, 4, 3]


def test_html_is_one_page_and_nothing_else(call: Call, signed: Path) -> None:
    shown = call("verify", signed.name, "--format", "html").stdout
    assert shown.startswith("<!doctype html>\n")
    assert shown.endswith("</html>\n")


def test_html_goes_with_one_file(call: Call, signed: Path, changed: Path) -> None:
    for paths in ((signed.name, changed.name), (".",)):
        result = call("verify", *paths, "--format", "html")
        assert result.exit_code == 2
        assert "--format html goes with one file" in result.stderr


def test_junit_counts_files_under_the_policy_in_force(
    call: Call, signed: Path, changed: Path
) -> None:
    names = (signed.name, changed.name, "gone.png")
    for more, failures in (((), "1"), (("--fail-on", "untrusted"), "2")):
        result = call("verify", *names, "--format", "junit", *more)
        root = ElementTree.fromstring(result.stdout)  # noqa: S314  # our own words
        assert (root.attrib["tests"], root.attrib["failures"]) == ("3", failures)
        assert root.attrib["errors"] == "1"
        assert result.exit_code == 1


def test_sarif_is_one_log_for_all_files(call: Call, signed: Path, changed: Path) -> None:
    shown = call("verify", signed.name, changed.name, "--format", "sarif").stdout
    (run,) = json.loads(shown)["runs"]
    assert [one["location"]["uri"] for one in run["artifacts"]] == [signed.name, changed.name]


def test_crjson_of_several_files_is_an_array(call: Call, signed: Path, changed: Path) -> None:
    one = json.loads(call("verify", signed.name, "--format", "crjson").stdout)
    both = json.loads(call("verify", signed.name, changed.name, "--format", "crjson").stdout)
    assert one["jsonGenerator"]["name"] == "provenance"
    assert [len(row["manifests"]) for row in both] == [1, 1]


def test_inspect_prints_crjson_and_all_details(call: Call, signed: Path) -> None:
    row = json.loads(call("inspect", signed.name, "--format", "crjson").stdout)
    assert "claim.v2" in row["manifests"][0]
    forms = [call("inspect", signed.name, "--format", form).stdout for form in ("json", "detailed")]
    assert json.loads(forms[0])["manifests"] == json.loads(forms[1])["manifests"]


@needs_rubrics
@pytest.mark.parametrize(
    "flags",
    [
        (),
        ("--prompt", "a teal field", "--prompt-mode", "commit"),
        ("--prompt", "a teal field", "--prompt-mode", "omit", "--creator", "Ada Example"),
        ("--source", "picture.png", "--component", "picture.png", "--title", "T"),
        ("--parent", "picture.png", "--model", "name:Base@2"),
    ],
    ids=lambda flags: " ".join(flags) or "generator alone",
)
def test_a_described_generation_has_what_the_conformance_rubric_asks_for(
    call: Call, picture: Path, key: list[str], keys: Path, flags: tuple[str, ...]
) -> None:
    described = ("--generator", "ComfyUI@0.3", "--model", "name:Base@1.0.0", *flags)
    signed = call("sign", "picture.png", "-o", "made.png", *described, *key)
    assert signed.exit_code == 0, signed.output
    anchors = ("--trust-anchors", str(keys / "root.pem"))
    shown = call("verify", "made.png", "--format", "crjson", *anchors)
    assert shown.exit_code == 0
    row = json.loads(shown.stdout)
    if SCHEMA.exists():
        assert [error.message for error in validator().iter_errors(row)] == []
    for name in ("conformance0.2-spec2.4", "integrity"):
        results = evaluate(read_rubric(RUBRICS / f"asset-rubric-{name}.yml"), row, "2.4")
        assert [rule for rule, holds in results.items() if not holds] == []
