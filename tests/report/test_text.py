"""The report for people: verdict first, questions apart, no line too long, nothing unescaped."""

from typing import Any

import pytest

from provenance.report.escape import width
from provenance.report.style import Style
from provenance.report.text import text, verdict_line
from provenance.report.tree import tree
from provenance.validate.finding import Finding
from provenance.validate.results import (
    AssertionReport,
    AssetInfo,
    IngredientReport,
    VerificationReport,
)
from provenance.validate.status import Status
from tests.report.samples import (
    ACTIVE,
    CHANGED,
    GOOD,
    INGREDIENTS,
    PARENT,
    REPORTS,
    UNTRUSTED,
    claim,
    manifest,
    report,
    signature,
)

EVIL = "\x1b]0;owned\x07\u202e\n" * 40


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("untrusted", "valid, signer not trusted"),
        ("trusted", "valid, signer trusted"),
        ("no anchors", "valid, signer not checked against any trust list"),
        ("changed", "INVALID"),
        ("expired", "INVALID"),
        ("delta", "INVALID"),
        ("damaged", "INVALID"),
        ("unreadable", "could not be read"),
        ("nothing", "no Content Credentials"),
        ("remote", "Content Credentials lie elsewhere, not fetched"),
    ],
)
def test_the_first_line_is_the_verdict(name: str, words: str) -> None:
    one = REPORTS[name]
    first = text(one).splitlines()[0]
    assert first == verdict_line(one) == f"{one.asset.path}: {words}"


def answers(one: VerificationReport) -> dict[str, str]:
    rows = [line.split(None, 1) for line in text(one).splitlines() if line.startswith("  ")]
    return {row[0]: row[1] for row in rows if row[0] in ("Integrity", "Trust", "Time")}


def test_integrity_trust_and_time_are_told_apart() -> None:
    told = answers(REPORTS["untrusted"])
    assert told["Integrity"].startswith("whole")
    assert told["Trust"].startswith("none")
    assert told["Time"].startswith("not attested")


def test_an_expired_certificate_leaves_the_file_whole() -> None:
    told = answers(REPORTS["expired"])
    assert told["Integrity"].startswith("whole")
    assert "was not valid" in told["Trust"]


def test_a_changed_file_says_what_is_wrong_and_what_to_do() -> None:
    shown = text(REPORTS["changed"])
    assert "assertion.dataHash.mismatch" in shown
    assert "The file has changed since it was signed" in shown
    assert "Get the original" in shown
    assert "Do not rely on what follows" in shown


def test_a_valid_file_lists_nothing_as_wrong() -> None:
    assert "Wrong" not in text(REPORTS["untrusted"])
    assert "assertion.dataHash.match" not in text(REPORTS["untrusted"])
    assert "assertion.dataHash.match" in text(REPORTS["untrusted"], verbose=True)


def test_what_is_wrong_with_an_ingredient_is_listed() -> None:
    assert "ingredient.manifest.mismatch" in text(REPORTS["delta"])


def test_the_chain_shows_parents_models_and_prompt() -> None:
    shown = text(REPORTS["untrusted"])
    assert "├─ parent base.png: valid, signer not trusted" in shown
    assert "├─ model model.safetensors: sha256:abab" in shown
    assert "└─ prompt, not disclosed" in shown
    assert "signed by Ada Example, A studio (es256)" in shown
    assert "made with Painter 1.2" in shown


def test_a_chain_that_runs_in_a_circle_ends() -> None:
    back = IngredientReport(
        uri="u", relationship="parentOf", title="again", format=None, manifest=ACTIVE
    )
    parent = manifest(PARENT, ingredients=(back,))
    first = manifest(ingredients=INGREDIENTS[:1])
    assert "parent again: see above" in text(report(manifests=(first, parent)))


def test_a_chain_that_branches_without_end_stays_short() -> None:
    many = tuple(
        IngredientReport(uri="u", relationship="componentOf", title="x", format=None, manifest=None)
        for _ in range(10_000)
    )
    assert len(text(report(manifests=(manifest(ingredients=many),))).splitlines()) < 300


def test_a_reason_that_many_findings_share_stays_short() -> None:
    found = (*GOOD[:2], *(CHANGED for _ in range(10_000)))
    shown = text(report(findings=found))
    assert "… and 9950 more" in shown


@pytest.mark.parametrize("one", REPORTS.values(), ids=REPORTS)
@pytest.mark.parametrize("form", ["text", "verbose", "tree"])
def test_no_line_is_longer_than_80_columns(one: VerificationReport, form: str) -> None:
    shown = tree(one) if form == "tree" else text(one, verbose=form == "verbose")
    assert max(map(width, shown.splitlines())) <= 80


def evil_report() -> VerificationReport:
    hostile: dict[str, Any] = {
        "actions": [{"action": EVIL, "softwareAgent": EVIL, "reason": EVIL, "when": EVIL}],
        "author": [{"name": EVIL}],
    }
    bad = manifest(
        EVIL,
        claim=claim(title=EVIL, generator_info=({"name": EVIL, "version": EVIL},)),
        signature=signature(issuer=EVIL, common_name=EVIL, alg=EVIL),
        assertions=(AssertionReport("c2pa.actions" + EVIL, hostile, created=False),),
        ingredients=(
            IngredientReport(
                uri=EVIL,
                relationship=EVIL,
                title=EVIL,
                format=EVIL,
                manifest=EVIL + "x",
                types=(EVIL,),
                digest=EVIL,
            ),
        ),
    )
    return report(
        asset=AssetInfo(EVIL, EVIL, 1),
        manifests=(bad,),
        findings=(*GOOD, UNTRUSTED, Finding(Status.GENERAL_ERROR, EVIL, EVIL)),
        trust=EVIL,
    )


@pytest.mark.parametrize("form", ["text", "verbose", "tree"])
def test_a_hostile_file_cannot_speak_to_the_terminal(form: str) -> None:
    one = evil_report()
    shown = tree(one) if form == "tree" else text(one, verbose=form == "verbose")
    assert not set(shown) & set("\x1b\x07\u202e")
    assert max(map(width, shown.splitlines())) <= 80


def test_colour_comes_only_when_asked_for() -> None:
    assert "\x1b" not in text(REPORTS["changed"])
    assert "\x1b[31mINVALID\x1b[0m" in text(REPORTS["changed"], style=Style(colour=True))


def test_the_tree_shows_what_the_manifest_says() -> None:
    shown = tree(REPORTS["untrusted"])
    for line in (
        "├─ generator   Painter 1.2",
        "│  └─ c2pa.created",
        "│     ├─ when        2025-05-01T10:00:00Z",
        "│     ├─ with        ComfyUI 0.3",
        "│     └─ source type trainedAlgorithmicMedia",
        "├─ model       model.safetensors",
        "├─ prompt      not disclosed",
    ):
        assert line in shown.splitlines()


def test_the_tree_shows_a_prompt_that_is_disclosed() -> None:
    stored = AssertionReport("c2pa.embedded-data", {"text": "a cat"}, created=True)
    said = AssertionReport(
        "c2pa.ingredient.v3__2",
        {"data": {"url": "self#jumbf=c2pa.assertions/c2pa.embedded-data"}},
        created=True,
    )
    one = manifest(assertions=(stored, said), ingredients=INGREDIENTS)
    assert "├─ prompt      disclosed: a cat" in tree(report(manifests=(one,)))


def test_the_tree_says_when_a_prompt_is_committed_to() -> None:
    hidden = AssertionReport("org.provenance-c2pa.prompt", {"fields": {"prompt": {}}}, created=True)
    one = manifest(assertions=(hidden,), ingredients=INGREDIENTS)
    assert "committed to, not disclosed" in tree(report(manifests=(one,)))
