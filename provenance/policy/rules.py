"""The rules of a policy, one function each: a report in, whether it holds and why out.

Only what was signed and holds counts in a signer's favour; what speaks against a file counts
wherever it stands.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from provenance.digests import digest
from provenance.policy.policy import Policy, SignerRule
from provenance.validate.policy_result import RuleResult
from provenance.validate.results import (
    ManifestReport,
    ValidationState,
    VerificationReport,
)
from provenance.validate.status import Status

__all__ = ["results"]

_Said = tuple[bool, str]
_ACTIONS = "c2pa.actions"
_INGREDIENT = "c2pa.ingredient"
_DISCLOSURE = "c2pa.ai-disclosure"
_GENERATED = frozenset(
    (
        *("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"),
        "trainedAlgorithmicData",
    )
)
_OF_WORKS = frozenset(("parentOf", "componentOf"))


def results(policy: Policy, report: VerificationReport) -> Iterator[RuleResult]:
    """Each rule that the policy has, applied; where there is no manifest that says it all."""
    yield RuleResult("states", *_states(policy, report))
    if not report.manifests:
        return
    asked: tuple[tuple[str, object, Callable[[Policy, VerificationReport], _Said]], ...] = (
        ("trust", policy.trust, _trust),
        ("time_stamp", policy.time_stamp, _time_stamp),
        ("max_age_days", policy.max_age_days, _max_age),
        ("signers.allow", policy.allowed_signers, _allowed),
        ("signers.deny", policy.denied_signers, _denied),
        ("ai_disclosure", policy.ai_disclosure, _disclosure),
        ("ingredients", policy.ingredients != "any", _ingredients),
        ("forbidden_actions", policy.forbidden_actions, _actions),
        ("digital_source_types.required", policy.required_source_types, _required_types),
        ("digital_source_types.forbidden", policy.forbidden_source_types, _forbidden_types),
    )
    for name, wanted, rule in asked:
        if wanted:
            yield RuleResult(name, *rule(policy, report))


def _states(policy: Policy, report: VerificationReport) -> _Said:
    # Whether the signer is trusted is a rule of its own, so that only that one fails then.
    state = report.state
    if state is None:
        return False, "there is no manifest"
    if state in policy.states:
        return True, f"the state is {state}"
    return False, f"the state is {state}, not {' or '.join(policy.states)}"


def _trust(_: Policy, report: VerificationReport) -> _Said:
    if report.state is ValidationState.TRUSTED:
        return True, "the signer leads to a trust anchor"
    if _is_trusted(report.manifests[0]):
        return False, "the signer leads to a trust anchor, but not everything else holds"
    return False, "the signer leads to no trust anchor"


def _is_trusted(manifest: ManifestReport) -> bool:
    present = {one.status for one in manifest.findings}
    return Status.SIGNING_CREDENTIAL_TRUSTED in present and _is_signed(manifest)


def _is_signed(manifest: ManifestReport) -> bool:
    """Is the signature of whom the certificate names, and might they sign?"""
    present = {one.status for one in manifest.findings}
    return (
        Status.CLAIM_SIGNATURE_VALIDATED in present
        and Status.SIGNING_CREDENTIAL_INVALID not in present
        and Status.SIGNING_CREDENTIAL_OCSP_REVOKED not in present
    )


def _time_stamp(_: Policy, report: VerificationReport) -> _Said:
    moment = _signed_at(report)
    if moment is None:
        return False, "no trusted time stamp says when it was signed"
    return True, f"signed by {moment:%Y-%m-%d %H:%M UTC}"


def _signed_at(report: VerificationReport) -> datetime | None:
    signature = report.manifests[0].signature
    return signature.time if signature else None


def _max_age(policy: Policy, report: VerificationReport) -> _Said:
    moment = _signed_at(report)
    if moment is None:
        return False, "how old the signature is, is not known: it has no trusted time stamp"
    age = (report.judged_at or datetime.now(UTC)) - moment
    most = policy.max_age_days or 0
    words = f"signed {max(age.days, 0)} days ago"
    if age <= timedelta(days=most):
        return True, words
    return False, f"{words}, {most:g} are the most"


def _allowed(policy: Policy, report: VerificationReport) -> _Said:
    active = report.manifests[0]
    name = _signer(active)
    fitting = [one for one in policy.allowed_signers if _fits(one, active)]
    if not fitting:
        return False, f"{name} is not among those who may sign"
    if not _is_signed(active):
        return False, f"{name}: the signature does not hold"
    # A fingerprint is one certificate; a name is whatever its maker wrote, if nobody vouches.
    if _is_trusted(active) or any(one.sha256 is not None for one in fitting):
        return True, f"{name} may sign"
    return False, f"{name}: nobody vouches that this is who it says"


def _denied(policy: Policy, report: VerificationReport) -> _Said:
    for manifest in report.manifests:
        if any(_fits(one, manifest) for one in policy.denied_signers):
            return False, f"{_signer(manifest)} signed {_place(manifest, report)}"
    return True, "no signer of the chain is refused"


def _fits(rule: SignerRule, manifest: ManifestReport) -> bool:
    info = manifest.signature
    if info is None:
        return False
    found = digest(info.certificates[0], "sha256").hex() if info.certificates else None
    pairs = (
        (rule.common_name, info.common_name),
        (rule.organization, info.issuer),
        (rule.sha256, found),
    )
    return all(wanted is None or wanted == held for wanted, held in pairs)


def _signer(manifest: ManifestReport) -> str:
    info = manifest.signature
    names = (info.common_name, info.issuer) if info else ()
    return ", ".join(dict.fromkeys(one for one in names if one)) or "a signer without a name"


def _place(manifest: ManifestReport, report: VerificationReport) -> str:
    return "the active manifest" if manifest is report.manifests[0] else manifest.label


def _disclosure(_: Policy, report: VerificationReport) -> _Said:
    generated = False
    for manifest in report.manifests:
        if not _GENERATED.isdisjoint(map(_code, _source_types(manifest))):
            generated = True
            if not _discloses(manifest):
                return (
                    False,
                    f"{_place(manifest, report)} says a model was used, and discloses none",
                )
    if generated:
        return True, "every manifest that a model had a part in discloses it"
    return True, "no manifest says that a model was used"


def _discloses(manifest: ManifestReport) -> bool:
    return any(
        one.label.partition("__")[0] == _DISCLOSURE
        and not one.redacted
        and isinstance(one.value, dict)
        and isinstance(one.value.get("modelType"), str)
        for one in manifest.assertions
    )


def _ingredients(policy: Policy, report: VerificationReport) -> _Said:
    held = {one.label: one for one in report.manifests}
    seen = 0
    for manifest in report.manifests:
        if manifest.recorded:
            return False, f"an ingredient was broken when it was added: {manifest.recorded[0]}"
        for one in manifest.ingredients:
            name = one.title or one.uri
            if one.manifest is None:
                if policy.ingredients == "complete" and one.relationship in _OF_WORKS:
                    return False, f"{name}: has no manifest"
                continue
            seen += 1
            below = held.get(one.manifest)
            if below is None:
                return False, f"{name}: its manifest is missing"
            if below.state is ValidationState.INVALID:
                return False, f"{name}: its manifest is invalid"
    return True, f"{seen} ingredients with a manifest, all of them valid"


def _actions(policy: Policy, report: VerificationReport) -> _Said:
    for manifest in report.manifests:
        for row in _rows(manifest):
            if row.get("action") in policy.forbidden_actions:
                return False, f"{_place(manifest, report)} names {row['action']}"
    return True, "no manifest of the chain names a forbidden action"


def _required_types(policy: Policy, report: VerificationReport) -> _Said:
    for manifest in report.manifests:
        for one in _source_types(manifest):
            if _is_among(one, policy.required_source_types):
                return True, f"{_place(manifest, report)} names {_code(one)}"
    return False, f"no manifest names {' or '.join(policy.required_source_types)}"


def _forbidden_types(policy: Policy, report: VerificationReport) -> _Said:
    for manifest in report.manifests:
        for one in _source_types(manifest):
            if _is_among(one, policy.forbidden_source_types):
                return False, f"{_place(manifest, report)} names {_code(one)}"
    return True, "no manifest of the chain names a forbidden one"


def _is_among(found: str, wanted: Iterable[str]) -> bool:
    return any(found == one or _code(found) == one for one in wanted)


def _code(uri: str) -> str:
    """The IPTC code at the end of a digital source type's URI."""
    return uri.rpartition("/")[2]


def _source_types(manifest: ManifestReport) -> Iterator[str]:
    for row in _rows(manifest):
        found = row.get("digitalSourceType")
        if isinstance(found, str):
            yield found
    for one in manifest.assertions:
        if one.label.startswith(_INGREDIENT) and isinstance(one.value, dict):
            found = one.value.get("digitalSourceType")
            if isinstance(found, str) and not one.redacted:
                yield found


def _rows(manifest: ManifestReport) -> Iterator[dict[str, Any]]:
    """The actions, with what is common to all of an action's kind; those redacted are gone."""
    for one in manifest.assertions:
        if one.label.startswith(_ACTIONS) and not one.redacted and isinstance(one.value, dict):
            for key in ("actions", "templates"):
                rows = one.value.get(key)
                if isinstance(rows, list):
                    yield from (row for row in rows if isinstance(row, dict))
