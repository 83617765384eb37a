"""A verification report as JSON values; `schemas/verification-report.schema.json` gives the form.

Keys follow the specification and c2patool where they have a word. What JSON has no form for is
written as crJSON does: bytes as "b64'…'", dates as text, other tagged values without their tag.
Nothing is left out without saying so: what nests too deep is replaced by a sentence.
"""

import math
from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from provenance.cbor import UNDEFINED, Simple, Tag
from provenance.digests import digest
from provenance.model.claim import Claim
from provenance.validate.finding import Finding
from provenance.validate.identity_results import Actor, IdentityReport, VerifiedIdentity
from provenance.validate.results import (
    AssertionReport,
    IngredientReport,
    ManifestReport,
    SignatureInfo,
    VerificationReport,
)
from provenance.validate.status import Kind

__all__ = ["SCHEMA", "plain", "report_dict"]

SCHEMA = "provenance/verification-report/1"

_DEPTH = 128  # CBOR is bounded below this; JSON in a file is not


def report_dict(report: VerificationReport) -> dict[str, Any]:
    """The whole report. Absent things are left out, or null where a reader asks for them."""
    return {
        "schema": SCHEMA,
        "asset": {
            "path": report.asset.path,
            "format": report.asset.format,
            "size": report.asset.size,
        },
        "manifest_location": report.location.value,
        **_present({"remote_url": report.remote_url}),
        "validation_state": report.state.value if report.state else None,
        "active_manifest": report.active_manifest,
        "manifests": [_manifest(one) for one in report.manifests],
        "validation_results": {
            "activeManifest": _by_kind(report.findings),
            "ingredientDeltas": [
                {
                    "ingredientAssertionURI": delta.ingredient,
                    "validationDeltas": _by_kind(delta.findings),
                }
                for delta in report.deltas
            ],
        },
        "trust": report.trust or None,
        "time": _time(report),
        "identity": _identities(report),
        **({"policy": report.policy.to_dict()} if report.policy else {}),
        "errors": [
            _present({"kind": one.kind.value, "message": one.message, "offset": one.offset})
            for one in report.errors
        ],
    }


def _manifest(one: ManifestReport) -> dict[str, Any]:
    return {
        "label": one.label,
        "kind": one.kind.value,
        **(_claim(one.claim) if one.claim else {}),
        "validation_state": one.state.value,
        "signature_info": _signature(one.signature) if one.signature else None,
        "assertions": [_assertion(assertion) for assertion in one.assertions],
        "ingredients": [_ingredient(ingredient) for ingredient in one.ingredients],
        "status": _by_kind(one.findings),
        **({"recorded_failures": list(one.recorded)} if one.recorded else {}),
    }


def _claim(claim: Claim) -> dict[str, Any]:
    return _present(
        {
            "claim_version": claim.version,
            "claim_generator": claim.generator,
            "claim_generator_info": [plain(info) for info in claim.generator_info] or None,
            "title": claim.title,
            "format": claim.format,
            "instance_id": claim.instance_id,
            "alg": claim.alg,
            "alg_soft": claim.alg_soft,
            "spec_version": claim.spec_version,
            "redacted_assertions": list(claim.redacted) or None,
        }
    )


def _signature(info: SignatureInfo) -> dict[str, Any]:
    """As c2patool, with the SHA-256 of each certificate, leaf first, in place of the chain."""
    named = {
        "alg": info.alg.capitalize() if info.alg else None,
        "issuer": info.issuer,
        "common_name": info.common_name,
        "cert_serial_number": info.serial_number,
        "time": _iso(info.time),
        "not_before": _iso(info.not_before),
        "not_after": _iso(info.not_after),
        "cert_sha256": [digest(der, "sha256").hex() for der in info.certificates] or None,
    }
    return _present(named)


def _assertion(one: AssertionReport) -> dict[str, Any]:
    row: dict[str, Any] = {"label": one.label, "data": plain(one.value), "created": one.created}
    return row | ({"redacted": True} if one.redacted else {})


def _ingredient(one: IngredientReport) -> dict[str, Any]:
    return _present(
        {
            "title": one.title,
            "format": one.format,
            "relationship": one.relationship,
            "active_manifest": one.manifest,
            "uri": one.uri,
            "types": list(one.types) or None,
            "digest": one.digest,
        }
    )


def _by_kind(findings: Iterable[Finding]) -> dict[str, list[dict[str, str]]]:
    rows: dict[str, list[dict[str, str]]] = {kind.value: [] for kind in Kind}
    for one in findings:
        status = {
            "code": one.status.code,
            "url": one.url,
            "explanation": one.explanation or one.status.sentence,
        }
        rows[one.status.kind.value].append(_present(status))
    return rows


def _time(report: VerificationReport) -> dict[str, Any] | None:
    """What is known of when the active claim was signed: by a time stamp, or not at all."""
    if not report.manifests:
        return None
    signature = report.manifests[0].signature
    codes = [one.status.code for one in report.findings if ".timeStamp." in f".{one.status.code}"]
    return {"attested": _iso(signature.time) if signature else None, "codes": codes}


def _identities(report: VerificationReport) -> list[dict[str, Any]] | None:
    """Who vouches for which manifest, as identity assertions name them; None: nobody does."""
    rows = [
        _identity(one, manifest) for manifest in report.manifests for one in manifest.identities
    ]
    return rows or None


def _identity(one: IdentityReport, manifest: ManifestReport) -> dict[str, Any]:
    return _present(
        {
            "manifest": manifest.label,
            "uri": one.uri,
            "sig_type": one.sig_type,
            "state": manifest.identity_state(one).value,
            "actor": _actor(one.actor) if one.actor else None,
            "roles": list(one.roles),
            "referenced": list(one.referenced),
            "time": _iso(one.time),
            "codes": list(dict.fromkeys(finding.status.code for finding in one.findings)),
        }
    )


def _actor(actor: Actor) -> dict[str, Any]:
    verified = [
        _present({name: getattr(one, name) for name in VerifiedIdentity.__dataclass_fields__})
        for one in actor.identities
    ]
    return _present(
        {
            "name": actor.name,
            "organization": actor.organization,
            "issuer": actor.issuer,
            "verified_identities": verified or None,
        }
    )


def _present(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value is not None}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def plain(value: Any, depth: int = 0) -> Any:
    """A decoded CBOR or JSON value as JSON can hold it."""
    if depth > _DEPTH:
        return f"(nested more than {_DEPTH} deep)"
    match value:
        case None | bool() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case int():
            return int(value)
        case bytes() | bytearray() | memoryview():
            return f"b64'{b64encode(value).decode()}'"
        case Tag():
            return plain(value.value, depth + 1)
        case Simple():
            return f"simple({value.value})"
        case _ if value is UNDEFINED:
            return None
        case Mapping():
            return _plain_map(value, depth)
        case list() | tuple():
            return [plain(item, depth + 1) for item in value]
        case datetime():
            return value.isoformat()
        case _:
            return str(value)


def _plain_map(value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for key, item in value.items():
        name = key if isinstance(key, str) else str(plain(key, depth + 1))
        while name in rows:  # 1 and "1" are two keys in CBOR
            name += "'"
        rows[name] = plain(item, depth + 1)
    return rows
