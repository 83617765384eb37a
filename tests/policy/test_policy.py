"""A policy says what a file must satisfy; each rule that does not hold is told."""

import pickle
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import provenance
from provenance import schemas
from provenance.model.store import ManifestKind
from provenance.policy import Policy, PolicyError, SignerRule
from provenance.validate.finding import Finding
from provenance.validate.policy_result import PolicyResult
from provenance.validate.results import (
    AssertionReport,
    AssetInfo,
    IngredientReport,
    Location,
    ManifestReport,
    SignatureInfo,
    ValidationState,
    VerificationReport,
)
from provenance.validate.status import Status

NOW = datetime(2026, 6, 1, tzinfo=UTC)
IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
CERTIFICATE = b"a certificate"
SHA256 = "9e6db3f9fe4bbe38de48dd8af8bf6bc09e9f9f6bc4a7b5ff1f8c0d3b7d4f1d9e"
GOOD = (Status.CLAIM_SIGNATURE_VALIDATED, Status.CLAIM_SIGNATURE_INSIDE_VALIDITY)
TRUSTED = (*GOOD, Status.SIGNING_CREDENTIAL_TRUSTED)
UNTRUSTED = (*GOOD, Status.SIGNING_CREDENTIAL_UNTRUSTED)
SIGNER = SignatureInfo(
    alg="es256",
    issuer="Example News",
    common_name="Desk",
    serial_number="1",
    time=NOW - timedelta(days=10),
    certificates=(CERTIFICATE, b"its issuer"),
)


def manifest(
    *assertions: AssertionReport,
    label: str = "urn:c2pa:active",
    codes: tuple[Status, ...] = TRUSTED,
    **more: Any,
) -> ManifestReport:
    held: dict[str, Any] = {
        "label": label,
        "kind": ManifestKind.STANDARD,
        "claim": None,
        "signature": SIGNER,
        "assertions": assertions,
        "ingredients": (),
        "findings": tuple(Finding(one) for one in codes),
    }
    return ManifestReport(**(held | more))


def report(*manifests: ManifestReport) -> VerificationReport:
    return VerificationReport(
        asset=AssetInfo("a.jpg", "image/jpeg", 1),
        location=Location.EMBEDDED,
        findings=manifests[0].findings,
        manifests=manifests,
        judged_at=NOW,
    )


def assertion(label: str, value: Any, **more: Any) -> AssertionReport:
    return AssertionReport(label, value, True, **more)


def actions(*rows: dict[str, Any], label: str = "c2pa.actions.v2", **more: Any) -> AssertionReport:
    return assertion(label, {"actions": list(rows)}, **more)


CAPTURED = actions({"action": "c2pa.created", "digitalSourceType": f"{IPTC}digitalCapture"})
GENERATED = actions(
    {"action": "c2pa.created", "digitalSourceType": f"{IPTC}trainedAlgorithmicMedia"}
)
DISCLOSURE = assertion("c2pa.ai-disclosure", {"modelType": "c2pa.types.model.diffusion"})


def failing(policy: dict[str, Any], of: VerificationReport) -> list[str]:
    """The rules that do not hold."""
    return [one.rule for one in Policy.from_dict(policy).check(of).failed]


SOUND = report(manifest(CAPTURED))


def test_a_policy_that_asks_nothing_asks_that_a_file_be_valid() -> None:
    assert failing({}, SOUND) == []
    assert failing({}, report(manifest(codes=UNTRUSTED))) == []
    assert failing({}, report(manifest(codes=(Status.CLAIM_SIGNATURE_MISMATCH,)))) == ["states"]


def test_where_there_is_no_manifest_that_says_it_all() -> None:
    none = VerificationReport(asset=AssetInfo("a.jpg", None, 1), location=Location.NONE)
    result = Policy.from_dict({"trust": "required", "time_stamp": "required"}).check(none)
    assert [(one.rule, one.message) for one in result.rules] == [("states", "there is no manifest")]
    assert not result.passed


def test_allowed_states() -> None:
    valid = report(manifest(codes=UNTRUSTED))
    assert failing({"states": ["Trusted"]}, valid) == ["states"]
    assert failing({"states": ["Trusted"]}, SOUND) == []


def test_trust_is_required() -> None:
    assert failing({"trust": "required"}, SOUND) == []
    valid = report(manifest(codes=UNTRUSTED))
    assert failing({"trust": "required"}, valid) == ["trust"]
    assert failing({"trust": "any"}, valid) == []


def test_trust_alone_is_told_apart() -> None:
    valid = report(manifest(codes=UNTRUSTED, signature=replace(SIGNER, time=None)))
    trust = Policy.from_dict({"trust": "required"}).check(valid)
    both = Policy.from_dict({"trust": "required", "time_stamp": "required"}).check(valid)
    states = Policy.from_dict({"states": ["Trusted"]}).check(valid)
    assert (trust.only_trust_failed, both.only_trust_failed) == (True, False)
    assert states.only_trust_failed
    assert not Policy.from_dict({}).check(valid).only_trust_failed


def test_a_time_stamp_is_required() -> None:
    assert failing({"time_stamp": "required"}, SOUND) == []
    bare = report(manifest(signature=replace(SIGNER, time=None)))
    assert failing({"time_stamp": "required"}, bare) == ["time_stamp"]
    assert failing({"time_stamp": "required"}, report(manifest(signature=None))) == ["time_stamp"]


@pytest.mark.parametrize(("most", "rules"), [(10, []), (9.9, ["max_age_days"]), (100000, [])])
def test_a_signature_can_be_too_old(most: float, rules: list[str]) -> None:
    assert failing({"max_age_days": most}, SOUND) == rules


def test_how_old_a_signature_without_time_stamp_is_nobody_knows() -> None:
    bare = report(manifest(signature=replace(SIGNER, time=None)))
    assert failing({"max_age_days": 100}, bare) == ["max_age_days"]


def allow(**row: str) -> dict[str, Any]:
    return {"signers": {"allow": [{"common_name": "Nobody"}, row]}}


def deny(**row: str) -> dict[str, Any]:
    return {"signers": {"deny": [{"common_name": "Nobody"}, row]}}


def fingerprint() -> str:
    from hashlib import sha256

    return sha256(CERTIFICATE).hexdigest()


def test_only_these_may_sign() -> None:
    assert failing(allow(organization="Example News"), SOUND) == []
    assert failing(allow(common_name="Desk", organization="Example News"), SOUND) == []
    assert failing(allow(common_name="Desk", organization="Other"), SOUND) == ["signers.allow"]
    assert failing(allow(organization="example news"), SOUND) == ["signers.allow"]
    assert failing(allow(sha256=fingerprint()), SOUND) == []
    assert failing(allow(sha256=SHA256), SOUND) == ["signers.allow"]
    nobody = report(manifest(signature=None))
    assert failing(allow(organization="Example News"), nobody) == ["signers.allow"]


def test_a_name_that_nobody_vouches_for_lets_nobody_in() -> None:
    forged = report(manifest(codes=UNTRUSTED))
    assert failing(allow(organization="Example News"), forged) == ["signers.allow"]
    assert failing(allow(sha256=fingerprint()), forged) == []


@pytest.mark.parametrize(
    "codes",
    [
        (Status.SIGNING_CREDENTIAL_TRUSTED, Status.CLAIM_SIGNATURE_MISMATCH),
        (*TRUSTED, Status.SIGNING_CREDENTIAL_INVALID),
        (*TRUSTED, Status.SIGNING_CREDENTIAL_OCSP_REVOKED),
    ],
)
def test_a_signature_that_does_not_hold_lets_nobody_in(codes: tuple[Status, ...]) -> None:
    broken = report(manifest(codes=codes))
    for row in ({"organization": "Example News"}, {"sha256": fingerprint()}):
        assert "signers.allow" in failing(allow(**row), broken)


def test_these_may_have_signed_nothing_in_the_chain() -> None:
    other = replace(SIGNER, issuer="Mill", certificates=())
    below = manifest(label="urn:c2pa:below", signature=other, codes=UNTRUSTED)
    chain = report(manifest(), below)
    assert failing(deny(organization="Mill"), chain) == ["signers.deny"]
    assert failing(deny(sha256=fingerprint()), chain) == ["signers.deny"]
    assert failing(deny(organization="Mil"), chain) == []


def test_a_model_must_be_disclosed_wherever_it_was_used() -> None:
    rule = {"ai_disclosure": "required"}
    assert failing(rule, SOUND) == []
    assert failing(rule, report(manifest(GENERATED))) == ["ai_disclosure"]
    assert failing(rule, report(manifest(GENERATED, DISCLOSURE))) == []
    below = manifest(GENERATED, label="urn:c2pa:below")
    assert failing(rule, report(manifest(CAPTURED, DISCLOSURE), below)) == ["ai_disclosure"]
    assert failing({"ai_disclosure": "any"}, report(manifest(GENERATED))) == []


@pytest.mark.parametrize(
    "said",
    [
        assertion("c2pa.ai-disclosure", {"modelType": "x"}, redacted=True),
        assertion("c2pa.ai-disclosure", {}),
        assertion("c2pa.ai-disclosure", {"modelType": 5}),
        assertion("c2pa.ai-disclosure", None),
        assertion("c2pa.ai-disclosure-not", {"modelType": "x"}),
    ],
)
def test_half_a_disclosure_is_none(said: AssertionReport) -> None:
    assert failing({"ai_disclosure": "required"}, report(manifest(GENERATED, said))) == [
        "ai_disclosure"
    ]


def ingredient(of: str | None = None, relationship: str = "parentOf") -> IngredientReport:
    return IngredientReport(
        uri="self#jumbf=x", relationship=relationship, title="p", format=None, manifest=of
    )


BELOW = manifest(CAPTURED, label="urn:c2pa:below", codes=UNTRUSTED)


@pytest.mark.parametrize(
    ("manifests", "validated", "complete"),
    [
        ((manifest(ingredients=(ingredient("urn:c2pa:below"),)), BELOW), True, True),
        ((manifest(ingredients=(ingredient("urn:c2pa:below"),)),), False, False),
        ((manifest(ingredients=(ingredient(),)),), True, False),
        ((manifest(ingredients=(ingredient(None, "inputTo"),)),), True, True),
        (
            (
                manifest(ingredients=(ingredient("urn:c2pa:below"),)),
                replace(BELOW, findings=(Finding(Status.CLAIM_SIGNATURE_MISMATCH),)),
            ),
            False,
            False,
        ),
        (
            (
                manifest(
                    ingredients=(ingredient("urn:c2pa:below"),),
                    recorded=("assertion.dataHash.mismatch",),
                ),
                BELOW,
            ),
            False,
            False,
        ),
        (
            (
                manifest(ingredients=(ingredient("urn:c2pa:below"),)),
                replace(BELOW, ingredients=(ingredient("urn:c2pa:deeper"),)),
            ),
            False,
            False,
        ),
    ],
    ids=["sound", "missing", "bare", "input", "broken", "recorded", "deeper"],
)
def test_ingredients(
    manifests: tuple[ManifestReport, ...], validated: bool, complete: bool
) -> None:
    chain = report(*manifests)
    assert (failing({"ingredients": "validated"}, chain) == []) is validated
    assert (failing({"ingredients": "complete"}, chain) == []) is complete
    assert failing({"ingredients": "any"}, chain) == []


def test_actions_can_be_forbidden_in_the_whole_chain() -> None:
    rule = {"forbidden_actions": ["c2pa.edited"]}
    edited = actions({"action": "c2pa.edited"}, label="c2pa.actions__2")
    assert failing(rule, report(manifest(CAPTURED), BELOW)) == []
    assert failing(rule, report(manifest(CAPTURED, edited))) == ["forbidden_actions"]
    below = manifest(edited, label="urn:c2pa:below")
    assert failing(rule, report(manifest(CAPTURED), below)) == ["forbidden_actions"]


def test_source_types_can_be_required_and_forbidden() -> None:
    chain = report(manifest(GENERATED), BELOW)
    for named in ("digitalCapture", f"{IPTC}digitalCapture"):
        types = {"digital_source_types": {"required": ["print", named]}}
        assert failing(types, chain) == []
        assert failing(types, report(manifest(GENERATED))) == ["digital_source_types.required"]
        types = {"digital_source_types": {"forbidden": ["print", named]}}
        assert failing(types, chain) == ["digital_source_types.forbidden"]
        assert failing(types, report(manifest(GENERATED))) == []


def test_an_ingredient_can_name_a_source_type_too() -> None:
    of = assertion("c2pa.ingredient.v3__1", {"digitalSourceType": f"{IPTC}print"})
    types = {"digital_source_types": {"forbidden": ["print"]}}
    assert failing(types, report(manifest(CAPTURED, of))) == ["digital_source_types.forbidden"]


@pytest.mark.parametrize("value", [None, 5, [], {"actions": 5}, {"actions": [5, {}, {"a": 1}]}])
def test_actions_that_are_none_are_passed_over(value: Any) -> None:
    strange = report(manifest(assertion("c2pa.actions.v2", value)))
    rules = {
        "forbidden_actions": ["c2pa.edited"],
        "ai_disclosure": "required",
        "digital_source_types": {"forbidden": ["print"]},
    }
    assert failing(rules, strange) == []


def load(tmp_path: Path, text: str) -> Policy:
    path = tmp_path / "desk.toml"
    path.write_text(text)
    return Policy.load(path)


EVERYTHING = """
name = "The desk"
states = ["Trusted"]
trust = "required"
time_stamp = "required"
max_age_days = 365
ai_disclosure = "required"
ingredients = "complete"
forbidden_actions = ["c2pa.edited"]

[[signers.allow]]
organization = "Example News"
sha256 = "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:\
AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99"

[[signers.deny]]
common_name = "Mill"

[digital_source_types]
required = ["digitalCapture"]
forbidden = ["trainedAlgorithmicMedia"]
"""


def test_a_file_can_say_all_of_it(tmp_path: Path) -> None:
    policy = load(tmp_path, EVERYTHING)
    assert policy == Policy(
        name="The desk",
        states=(ValidationState.TRUSTED,),
        trust=True,
        time_stamp=True,
        max_age_days=365,
        ai_disclosure=True,
        ingredients="complete",
        forbidden_actions=("c2pa.edited",),
        allowed_signers=(
            SignerRule(organization="Example News", sha256="aabbccddeeff00112233445566778899" * 2),
        ),
        denied_signers=(SignerRule(common_name="Mill"),),
        required_source_types=("digitalCapture",),
        forbidden_source_types=("trainedAlgorithmicMedia",),
    )
    assert len(policy.check(SOUND).rules) == 11
    assert pickle.loads(pickle.dumps(policy)) == policy


def test_a_policy_is_called_after_its_file(tmp_path: Path) -> None:
    assert load(tmp_path, "").name == "desk"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('trsut = "required"', "unknown key 'trsut'; did you mean 'trust'"),
        ("zzz = 1", "unknown key 'zzz'; known: name, states, trust"),
        ("trust = true", "trust: True is not one of"),
        ('trust = "requird"', "trust: 'requird'; did you mean 'required'"),
        ('trust = "xyz"', "trust: 'xyz'; known: required, any"),
        ('states = ["Invalid"]', r"states\[0\]: 'Invalid'; did you mean 'Valid'"),
        ("states = []", "states: "),
        ('states = "Valid"', "states: 'Valid' is not of type 'array'"),
        ('max_age_days = "30"', "max_age_days: '30' is not of type 'number'"),
        ("max_age_days = true", "max_age_days: True is not of type 'number'"),
        ("max_age_days = 0", "max_age_days: 0 is less than or equal to"),
        ("max_age_days = inf", "max_age_days: inf is greater than"),
        ("max_age_days = nan", "max_age_days: not a number of days"),
        ("forbidden_actions = [5]", r"forbidden_actions\[0\]: 5 is not of type 'string'"),
        ("name = 2026-01-01", "name: "),
        ("[signers]", "signers: "),
        ("[signers]\nallowed = []", "signers: unknown key 'allowed'; did you mean 'allow'"),
        ("[[signers.allow]]", r"signers.allow\[0\]: "),
        ("[[signers.allow]]\nCN = 'x'", r"signers.allow\[0\]: unknown key 'CN'"),
        ("[[signers.allow]]\nsha256 = 'abc'", r"signers.allow\[0\].sha256: "),
        ("trust = ", "is no TOML: "),
        ("trust = 'any'\ntrust = 'required'", "is no TOML: "),
    ],
)
def test_what_is_not_known_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(PolicyError, match=rf"desk\.toml: {why}"):
        load(tmp_path, text)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no such file"):
        Policy.load(tmp_path / "none.toml")
    with pytest.raises(PolicyError, match="cannot be read"):
        Policy.load(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b'name = "\xe9"')
    with pytest.raises(PolicyError, match="not UTF-8 at byte 8"):
        Policy.load(tmp_path / "latin.toml")
    (tmp_path / "long.toml").write_bytes(b"#" * (1 << 21))
    with pytest.raises(PolicyError, match="more than"):
        Policy.load(tmp_path / "long.toml")


def test_the_example_in_the_documentation_is_one() -> None:
    text = (Path(__file__).parents[2] / "docs" / "policy.md").read_text("utf-8")
    example = text.partition("```toml\n")[2].partition("```")[0]
    policy = Policy.from_dict(tomllib.loads(example))
    assert policy.name == "Picture desk"
    assert set(tomllib.loads(example)) == set(schemas.load("policy.schema.json")["properties"]) - {
        "states"
    }


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schemas.load("policy.schema.json"))


def test_a_result_goes_with_its_report() -> None:
    result = Policy.from_dict({"name": "desk", "trust": "required"}).check(SOUND)
    told = replace(SOUND, policy=result).to_dict()["policy"]
    assert told == {
        "name": "desk",
        "passed": True,
        "rules": [
            {"rule": "states", "passed": True, "message": "the state is Trusted"},
            {"rule": "trust", "passed": True, "message": "the signer leads to a trust anchor"},
        ],
    }
    assert "policy" not in SOUND.to_dict()


def test_the_names_are_public() -> None:
    assert provenance.Policy is Policy
    assert provenance.PolicyError is PolicyError
    assert provenance.PolicyResult is PolicyResult
