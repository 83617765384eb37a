"""A report as crJSON, the form that the conformance programme reads.

    {"@context": …, "jsonGenerator": …,
     "manifests": [{"label", "assertions", "claim.v2", "signature", "validationResults", …}, …]}

Bytes are written as "b64'…'", dates as text; an embedded file by its type, place and hash. Where
the form asks for what a manifest lacks it gets an empty text, never an invented one. A manifest
whose claim cannot be read has no place in the form: if it is the active one, `manifests` is empty,
so that no other is taken for it, and a field of ours tells about it.
Source: C2PA 2.4, crJSON.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from provenance.errors import MalformedError
from provenance.model.claim import Claim
from provenance.model.hashed_uri import HashedUri
from provenance.model.labels import OWN_NAMESPACE
from provenance.trust.certificate import Certificate
from provenance.validate.as_dict import plain
from provenance.validate.finding import Finding
from provenance.validate.results import (
    AssertionReport,
    ManifestReport,
    SignatureInfo,
    VerificationReport,
)
from provenance.validate.status import Kind
from provenance.version import NAME, SPEC_VERSION, VERSION

__all__ = ["crjson"]

_CONTEXT = {
    "@vocab": "https://c2pa.org/crjson",
    "extras": "https://c2pa.org/crjson/extras",
}
_ASSERTIONS = "c2pa.assertions"

# The parts of a name that the form has a key for.
_NAME_KEYS = {
    NameOID.COUNTRY_NAME: "C",
    NameOID.STATE_OR_PROVINCE_NAME: "ST",
    NameOID.LOCALITY_NAME: "L",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.COMMON_NAME: "CN",
    NameOID.EMAIL_ADDRESS: "E",
    NameOID.ORGANIZATION_IDENTIFIER: "2.5.4.97",
}
_NO_CERTIFICATE: dict[str, Any] = {"serialNumber": "", "issuer": {}, "subject": {}, "validity": {}}


def crjson(report: VerificationReport) -> dict[str, Any]:
    """The report as values for JSON. Without a manifest, `manifests` is empty."""
    readable = [one for one in report.manifests if one.claim is not None]
    active = report.manifests[0] if report.manifests else None
    unreadable = [one for one in report.manifests if one.claim is None]
    row: dict[str, Any] = {
        "@context": _CONTEXT,
        "manifests": [],
        "jsonGenerator": {"name": NAME, "version": VERSION},
    }
    if active is not None and active.claim is not None:
        row["manifests"] = [_manifest(one, report, active.label) for one in readable]
    if unreadable:
        row[f"{OWN_NAMESPACE}.unreadable"] = [
            {"label": one.label, "validationResults": _results(one.findings, report)}
            for one in unreadable
        ]
    if report.findings and not report.manifests:
        row[f"{OWN_NAMESPACE}.validationResults"] = _by_kind(report.findings)
    if report.errors:
        row[f"{OWN_NAMESPACE}.errors"] = [one.message for one in report.errors]
    return row


def _manifest(one: ManifestReport, report: VerificationReport, active: str) -> dict[str, Any]:
    if one.claim is None:
        raise ValueError("a manifest without a claim has no place in crJSON")
    name = "claim" if one.claim.version == 1 else "claim.v2"
    deltas = [
        {
            "ingredientAssertionURI": delta.ingredient,
            "validationDeltas": _by_kind(delta.findings),
        }
        for delta in report.deltas
        if (_manifest_of(delta.ingredient) or active) == one.label
    ]
    return {
        "label": one.label,
        "assertions": dict(_assertions(one, one.claim)),
        name: _claim_v1(one.claim) if one.claim.version == 1 else _claim_v2(one.claim),
        "signature": _signature(one.signature),
        "validationResults": _results(one.findings, report),
        **({"ingredientDeltas": deltas} if deltas else {}),
    }


def _manifest_of(uri: str) -> str | None:
    path = uri.removeprefix("self#jumbf=/c2pa/")
    return path.partition("/")[0] if path != uri else None


def _results(findings: Iterable[Finding], report: VerificationReport) -> dict[str, Any]:
    at = report.judged_at
    return {
        **_by_kind(findings),
        "specVersion": SPEC_VERSION,
        "validationTime": _date(at) if at else "",
    }


def _by_kind(findings: Iterable[Finding]) -> dict[str, list[dict[str, str]]]:
    rows: dict[str, list[dict[str, str]]] = {kind.value: [] for kind in Kind}
    for one in findings:
        status = {"code": one.status.code}
        if one.url:
            status["url"] = one.url
        status["explanation"] = one.explanation or one.status.sentence
        rows[one.status.kind.value].append(status)
    return rows


def _assertions(manifest: ManifestReport, claim: Claim) -> Iterator[tuple[str, Any]]:
    references = {one.url.rpartition("/")[2]: one for one in claim.assertions}
    used: set[str] = set()
    for one in manifest.assertions:
        label = one.label
        while label in used:  # the same label at two places
            label += "'"
        used.add(label)
        yield label, _content(one, references.get(one.label), manifest.label)


def _content(one: AssertionReport, reference: HashedUri | None, manifest: str) -> Any:
    value = one.value
    if isinstance(value, Mapping) and reference is not None and _is_file(value):
        return {
            "format": plain(value.get("format", "application/octet-stream")),
            "identifier": f"self#jumbf=/c2pa/{manifest}/{_ASSERTIONS}/{one.label}",
            "hash": plain(reference.hash),
        }
    return plain(value)


def _is_file(value: Mapping[Any, Any]) -> bool:
    """Is it what a report says of an embedded file, or of content that is not for us to read?"""
    return "size" in value and value.keys() <= {"format", "size", "text"}


def _claim_v2(claim: Claim) -> dict[str, Any]:
    return _present(
        {
            "instanceID": claim.instance_id or "",
            "claim_generator_info": _agent(claim.generator_info[0]),
            "signature": claim.signature,
            "created_assertions": [_reference(one) for one in claim.created],
            "gathered_assertions": [_reference(one) for one in claim.gathered],
            "redacted_assertions": list(claim.redacted),
            "dc:title": claim.title,
            "alg": claim.alg,
            "alg_soft": claim.alg_soft,
            "specVersion": claim.spec_version,
        }
    )


def _claim_v1(claim: Claim) -> dict[str, Any]:
    # The form wants at least one generator; old claims name it in `claim_generator` alone.
    agents = [_agent(one) for one in claim.generator_info]
    return _present(
        {
            "claim_generator": claim.generator or "",
            "claim_generator_info": agents or [{"name": claim.generator or ""}],
            "signature": claim.signature,
            "assertions": [_reference(one) for one in claim.created],
            "redacted_assertions": list(claim.redacted),
            "dc:format": claim.format or "",
            "instanceID": claim.instance_id or "",
            "dc:title": claim.title,
            "alg": claim.alg,
            "alg_soft": claim.alg_soft,
        }
    )


def _reference(one: HashedUri) -> dict[str, str]:
    row = {"url": one.url, "hash": plain(one.hash)}
    return row if one.alg is None else row | {"alg": one.alg}


def _agent(info: Mapping[str, Any]) -> dict[str, Any]:
    """A generator-info map; a field of another type than the form allows keeps its value aside."""
    row: dict[str, Any] = {"name": ""}
    for key, value in plain(info).items():
        fits = _is_reference(value) if key == "icon" else isinstance(value, str)
        known = key in ("name", "version", "icon", "operating_system")
        row[key if fits or not known else f"{OWN_NAMESPACE}.{key}"] = value
    return row


def _is_reference(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and {"url", "hash"} <= value.keys() <= {"url", "hash", "alg"}
        and all(isinstance(one, str) for one in value.values())
    )


def _signature(info: SignatureInfo | None) -> dict[str, Any]:
    if info is None:
        return {"algorithm": "", "certificateInfo": _NO_CERTIFICATE}
    leaf = info.certificates[0] if info.certificates else None
    row: dict[str, Any] = {
        "algorithm": info.alg or "",
        "certificateInfo": _certificate(leaf) if leaf else _NO_CERTIFICATE,
    }
    if info.time is not None:
        authority = info.time_certificate
        row["timeStampInfo"] = {
            "timestamp": _date(info.time),
            "certificateInfo": _certificate(authority) if authority else _NO_CERTIFICATE,
        }
    return row


def _certificate(der: bytes) -> dict[str, Any]:
    certificate = Certificate(der)
    try:
        return {
            "serialNumber": f"{certificate.serial_number:x}",
            "issuer": _name(certificate.parsed.issuer),
            "subject": _name(certificate.parsed.subject),
            "validity": {
                "notBefore": _date(certificate.not_before),
                "notAfter": _date(certificate.not_after),
            },
        }
    except (MalformedError, ValueError, UserWarning):  # names are read when asked for
        return _NO_CERTIFICATE


def _name(name: x509.Name) -> dict[str, str]:
    """The parts that the form has a key for; one that comes twice is joined."""
    row: dict[str, str] = {}
    for attribute in name:
        key = _NAME_KEYS.get(attribute.oid)
        if key is not None:
            text = str(attribute.value)
            row[key] = f"{row[key]}, {text}" if key in row else text
    return row


def _date(moment: datetime) -> str:
    return moment.isoformat()


def _present(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value is not None}
