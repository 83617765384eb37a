"""A verification report for people: verdict, the questions behind it, the chain, what to do.

    picture.jpg: valid, signer not trusted

      Integrity  whole: the file is as it was signed
      Trust      none: the certificate leads to no trust anchor in force
      Time       not attested: there is no time stamp

Text from files is escaped, no line is longer than 80 columns.
"""

from collections.abc import Iterator

from provenance.report import verdict
from provenance.report.advice import advice
from provenance.report.chain import chain_lines
from provenance.report.escape import clean, wrap
from provenance.report.headline import Answer, headline
from provenance.report.style import PLAIN, Style, Tone
from provenance.validate.finding import Finding
from provenance.validate.policy_result import PolicyResult
from provenance.validate.results import ValidationState, VerificationReport
from provenance.validate.status import Kind, Status

__all__ = ["details", "few_lines", "text", "verdict_line"]

_FINDINGS = 50  # shown at most, of any kind
_TOLD = (Status.SIGNING_CREDENTIAL_UNTRUSTED, Status.CAWG_X509_CREDENTIAL_UNTRUSTED)


def verdict_line(report: VerificationReport, style: Style = PLAIN, *, whole: bool = False) -> str:
    """The verdict on one line.

    Args:
        report: of a file.
        style: colours.
        whole: of several files, where the line says which it is: all of the path.
    """
    answer = verdict.of_report(report)
    return headline(report.asset.path, answer, style, whole=whole)


def few_lines(report: VerificationReport, style: Style = PLAIN) -> str:
    """The verdict, and of what is wrong the codes and errors; nothing else."""
    return "\n".join((verdict_line(report, style, whole=True), *details(report)))


def details(report: VerificationReport) -> list[str]:
    """Of what is wrong, the lines below the verdict: codes and errors."""
    lines: list[str] = []
    for error in report.errors:
        lines += wrap(clean(error.message), "    ")
    if report.state is ValidationState.INVALID:
        codes = dict.fromkeys(one.status.code for one in verdict.failures(report))
        lines += (f"    {code}" for code in codes)
    if report.policy is not None and not report.policy.passed:
        for rule in report.policy.failed:
            lines += wrap(clean(rule.message), "    ")
    return lines


def text(report: VerificationReport, *, style: Style = PLAIN, verbose: bool = False) -> str:
    """The whole report, without a line break at its end.

    Args:
        report: any report.
        style: with or without colour.
        verbose: show what holds as well, not only what is wrong.
    """
    return "\n".join(_lines(report, style, verbose))


def _lines(report: VerificationReport, style: Style, verbose: bool) -> Iterator[str]:
    yield verdict_line(report, style)
    for error in report.errors:
        yield from wrap(clean(error.message), "  ")
    if report.state is not None:
        yield ""
        yield from _answer("Integrity", verdict.integrity(report), style)
        if report.manifests:
            yield from _answer("Trust", verdict.trust(report), style)
            yield from _answer("Time", verdict.time(report), style)
            who = verdict.identity(report)
            if who is not None:
                yield from _answer("Identity", who, style)
    if report.policy is not None:
        if report.state is None:
            yield ""
        yield from _policy(report.policy, style, verbose)
    if report.manifests:
        yield ""
        if report.state is ValidationState.INVALID:
            yield from wrap("Do not rely on what follows: it does not verify.", "  ")
        yield from ("  " + line for line in chain_lines(report, style))
    yield from _findings(report, style, verbose)
    tips = tuple(advice(report))
    if tips:
        yield ""
        for tip in tips:
            yield from wrap(tip, "  > ")


def _answer(name: str, answer: Answer, style: Style) -> Iterator[str]:
    first, *rest = wrap(answer.words, f"  {name:<11}")
    yield first[:13] + style.paint(first[13:], answer.tone)
    yield from rest


def _policy(result: PolicyResult, style: Style, verbose: bool) -> Iterator[str]:
    """What a policy asks for, rule by rule where it does not hold."""
    failed, name = len(result.failed), clean(result.name, 60)
    words = f"{name}: {failed} of {len(result.rules)} rules do not hold"
    answer = Answer(words, Tone.BAD) if failed else Answer(f"{name}: all rules hold", Tone.GOOD)
    yield from _answer("Policy", answer, style)
    for one in result.rules if verbose else result.failed:
        tone = Tone.GOOD if one.passed else Tone.BAD
        first, *rest = wrap(f"{one.rule}: {clean(one.message, 300)}", " " * 13)
        yield first[:13] + style.paint(first[13:], tone)
        yield from rest


def _findings(report: VerificationReport, style: Style, verbose: bool) -> Iterator[str]:
    nested = tuple(finding for delta in report.deltas for finding in delta.findings)
    groups = (
        ("Wrong", Kind.FAILURE, Tone.BAD),
        ("Good to know", Kind.INFORMATIONAL, Tone.WARN),
        ("Checked", Kind.SUCCESS, Tone.GOOD),
    )
    for title, kind, tone in groups if verbose else groups[:1]:
        found = [one for one in (*report.findings, *nested) if one.status.kind is kind]
        if not verbose:  # the lines above say what there is to say of trust
            found = [one for one in found if one.status not in _TOLD]
        if found:
            yield ""
            yield f"  {title}"
        for one in found[:_FINDINGS]:
            yield from _finding(one, tone, style, report.active_manifest)
        if len(found) > _FINDINGS:
            yield f"    … and {len(found) - _FINDINGS} more; --format json has them all"


def _finding(one: Finding, tone: Tone, style: Style, active: str | None) -> Iterator[str]:
    yield f"    {style.paint(one.status.code, tone)}"
    yield from wrap(one.status.sentence, "      ")
    if one.explanation:
        yield from wrap(f"Seen: {clean(one.explanation)}", "      ")
    if one.url:
        yield from wrap(f"At: {_place(one.url, active)}", "      ")


def _place(url: str, active: str | None) -> str:
    """Where a box is, shorter than its URI: one in the active manifest needs no manifest label."""
    path = url.removeprefix("self#jumbf=/c2pa/")
    if active and path.startswith(f"{active}/"):
        path = path[len(active) + 1 :]
    return clean(path)
