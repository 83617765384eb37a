"""What a page shows of a report: texts, escaped for the eye, and pictures; no markup yet.

Text from files goes through `clean`, so that control and bidirectional characters are seen; what
markup means is the template's care. Everything is bounded, and says so where it ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from provenance.report import verdict
from provenance.report.advice import advice
from provenance.report.bar import Bar, bar
from provenance.report.escape import clean
from provenance.report.steps import NEUTRAL, TONES, Fact, Step, steps
from provenance.report.style import Tone
from provenance.report.verdict import Answer
from provenance.validate.finding import Finding
from provenance.validate.results import ValidationState, VerificationReport
from provenance.validate.status import Kind, Status

__all__ = ["Note", "Page", "Question", "Rule", "page"]

_NOTES = 200  # findings shown of a kind
# Who signed, and who vouches, are questions of their own: asked above, and nothing breaks by them.
_TOLD = (Status.SIGNING_CREDENTIAL_UNTRUSTED, Status.CAWG_X509_CREDENTIAL_UNTRUSTED)
_BINDINGS_BROKEN = frozenset(
    (
        Status.DATA_HASH_MISMATCH,
        Status.DATA_HASH_MALFORMED,
    )
)


@dataclass(frozen=True, slots=True)
class Question:
    """One of the four questions, and the answer."""

    name: str
    asked: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Note:
    """A finding in words."""

    code: str
    sentence: str
    seen: str
    at: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the policy that was asked for, and whether it holds."""

    name: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that the template prints."""

    name: str
    verdict: str
    tone: str
    picture: str | None
    questions: tuple[Question, ...]
    policy: str | None  # its name
    rules: tuple[Rule, ...]  # those that do not hold first
    advice: tuple[str, ...]
    errors: tuple[str, ...]
    wrong: tuple[Note, ...]
    worth_knowing: tuple[Note, ...]
    checked: tuple[Note, ...]
    more: int  # findings that are not shown
    chain: Step | None
    unreliable: bool  # what the chain says does not verify
    bar: Bar | None
    broken: bool  # the covered bytes are not those that were signed
    facts: tuple[Fact, ...]  # about the file and the look at it


def page(report: VerificationReport) -> Page:
    """Everything there is to show of a report."""
    answer = verdict.of_report(report)
    kinds: dict[Kind, list[Finding]] = {kind: [] for kind in Kind}
    for one in _findings(report):
        kinds[Kind.INFORMATIONAL if one.status in _TOLD else one.status.kind].append(one)
    name = _name(report)
    chain = steps(report, name)
    return Page(
        name=name,
        verdict=answer.words,
        tone=TONES[answer.tone],
        picture=chain.picture if chain else None,
        questions=tuple(_questions(report)),
        policy=clean(report.policy.name, 100) if report.policy else None,
        rules=tuple(_rules(report)),
        advice=tuple(advice(report)),
        errors=tuple(clean(one.message) for one in report.errors),
        wrong=_notes(kinds[Kind.FAILURE], report),
        worth_knowing=_notes(kinds[Kind.INFORMATIONAL], report),
        checked=_notes(kinds[Kind.SUCCESS], report),
        more=sum(max(0, len(found) - _NOTES) for found in kinds.values()),
        chain=chain,
        unreliable=report.state is ValidationState.INVALID,
        bar=bar(report.coverage) if report.coverage and report.coverage.size else None,
        broken=any(one.status in _BINDINGS_BROKEN for one in report.findings),
        facts=tuple(_about(report)),
    )


def _name(report: VerificationReport) -> str:
    # The folder is the business of whoever made the page, not of whoever gets it.
    path = (report.asset.path or "").replace("\\", "/")
    return clean(PurePath(path).name or "(stream)", 200)


def _questions(report: VerificationReport) -> Iterator[Question]:
    if report.state is None:
        return
    yield _question("Integrity", "Is the file as it was signed?", verdict.integrity(report))
    if report.manifests:
        yield _question("Trust", "Do we know who signed it?", verdict.trust(report))
        yield _question("Time", "Is it known when?", verdict.time(report))
        yield _identity(report)


def _question(name: str, asked: str, answer: Answer) -> Question:
    return Question(name, asked, answer.words, TONES[answer.tone])


def _identity(report: VerificationReport) -> Question:
    asked = "Does a person or company stand by it?"
    answer = verdict.identity(report)
    if answer is None:
        return Question("Identity", asked, "nobody is named beside the signer", NEUTRAL)
    return _question("Identity", asked, answer)


def _rules(report: VerificationReport) -> Iterator[Rule]:
    rules = report.policy.rules if report.policy else ()
    for one in sorted(rules, key=lambda rule: rule.passed):
        tone = TONES[Tone.GOOD if one.passed else Tone.BAD]
        yield Rule(clean(one.rule, 60), clean(one.message), tone)


def _findings(report: VerificationReport) -> Iterator[Finding]:
    yield from report.findings
    for delta in report.deltas:
        yield from delta.findings


def _notes(found: list[Finding], report: VerificationReport) -> tuple[Note, ...]:
    return tuple(
        Note(
            one.status.code,
            one.status.sentence,
            clean(one.explanation),
            _place(one.url, report.active_manifest),
        )
        for one in found[:_NOTES]
    )


def _place(url: str | None, active: str | None) -> str:
    path = (url or "").removeprefix("self#jumbf=/c2pa/")
    if active and path.startswith(f"{active}/"):
        path = path[len(active) + 1 :]
    return clean(path)


def _about(report: VerificationReport) -> Iterator[Fact]:
    asset = report.asset
    yield Fact("File type", clean(asset.format or "not known"))
    if asset.size is not None:
        yield Fact("Size", f"{asset.size:,} bytes")
    yield Fact("Manifest store", report.location.value)
    if report.remote_url:
        yield Fact("It lies at", clean(report.remote_url))
    if report.trust:
        yield Fact("Trust judged by", clean(report.trust))
    if report.judged_at is not None:
        yield Fact("Judged as of", f"{report.judged_at:%Y-%m-%d %H:%M %Z}")
