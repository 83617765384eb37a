"""Reports made by hand: what a verification could have found."""

from datetime import UTC, datetime
from typing import Any

from provenance.cbor import Tag
from provenance.model.claim import Claim
from provenance.model.hashed_uri import HashedUri
from provenance.model.store import ManifestKind
from provenance.validate.finding import Finding
from provenance.validate.results import (
    AssertionReport,
    AssetInfo,
    Delta,
    ErrorKind,
    IngredientReport,
    Location,
    ManifestReport,
    ReadError,
    SignatureInfo,
    VerificationReport,
)
from provenance.validate.status import Status

ACTIVE = "urn:c2pa:11111111-1111-1111-1111-111111111111"
PARENT = "urn:c2pa:22222222-2222-2222-2222-222222222222"
CREATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

GOOD = tuple(
    Finding(status, f"self#jumbf=/c2pa/{ACTIVE}/c2pa.signature")
    for status in (
        Status.CLAIM_SIGNATURE_VALIDATED,
        Status.CLAIM_SIGNATURE_INSIDE_VALIDITY,
        Status.DATA_HASH_MATCH,
    )
)
TRUSTED = Finding(Status.SIGNING_CREDENTIAL_TRUSTED, "self#jumbf=/c2pa/x/c2pa.signature")
UNTRUSTED = Finding(Status.SIGNING_CREDENTIAL_UNTRUSTED, "self#jumbf=/c2pa/x/c2pa.signature")
CHANGED = Finding(Status.DATA_HASH_MISMATCH, f"self#jumbf=/c2pa/{ACTIVE}/c2pa.assertions/c2pa.x")


def signature(**changes: Any) -> SignatureInfo:
    given: dict[str, Any] = {
        "alg": "es256",
        "issuer": "A studio",
        "common_name": "Ada Example",
        "serial_number": "12345678901234567890123456789",
        "not_before": datetime(2025, 1, 1, tzinfo=UTC),
        "not_after": datetime(2026, 1, 1, tzinfo=UTC),
        "certificates": (b"leaf", b"issuer"),
    }
    return SignatureInfo(**(given | changes))


def claim(**changes: Any) -> Claim:
    given: dict[str, Any] = {
        "version": 2,
        "instance_id": "xmp:iid:1",
        "signature": "self#jumbf=c2pa.signature",
        "created": (HashedUri("self#jumbf=c2pa.assertions/c2pa.actions.v2", b"\0" * 32),),
        "generator_info": ({"name": "Painter", "version": "1.2"},),
        "title": "A teal field",
    }
    return Claim(**(given | changes))


ACTIONS = AssertionReport(
    "c2pa.actions.v2",
    {
        "actions": [
            {
                "action": "c2pa.created",
                "when": Tag(0, "2025-05-01T10:00:00Z"),
                "digitalSourceType": CREATED,
                "softwareAgent": {"name": "ComfyUI", "version": "0.3"},
            }
        ]
    },
    created=True,
)
INGREDIENTS = (
    IngredientReport(
        uri=f"self#jumbf=/c2pa/{ACTIVE}/c2pa.assertions/c2pa.ingredient.v3",
        relationship="parentOf",
        title="base.png",
        format="image/png",
        manifest=PARENT,
    ),
    IngredientReport(
        uri=f"self#jumbf=/c2pa/{ACTIVE}/c2pa.assertions/c2pa.ingredient.v3__1",
        relationship="inputTo",
        title="model.safetensors",
        format=None,
        manifest=None,
        types=("c2pa.types.model.pytorch",),
        digest="sha256:" + "ab" * 32,
    ),
    IngredientReport(
        uri=f"self#jumbf=/c2pa/{ACTIVE}/c2pa.assertions/c2pa.ingredient.v3__2",
        relationship="inputTo",
        title="prompt",
        format="text/plain",
        manifest=None,
        types=("c2pa.types.generator.prompt",),
    ),
)


def manifest(label: str = ACTIVE, **changes: Any) -> ManifestReport:
    given: dict[str, Any] = {
        "label": label,
        "kind": ManifestKind.STANDARD,
        "claim": claim(),
        "signature": signature(),
        "assertions": (ACTIONS,),
        "ingredients": (),
        "findings": (*GOOD, UNTRUSTED),
    }
    return ManifestReport(**(given | changes))


def report(**changes: Any) -> VerificationReport:
    findings = changes.get("findings", (*GOOD, UNTRUSTED))
    parent = manifest(PARENT, claim=claim(title=None))
    given: dict[str, Any] = {
        "asset": AssetInfo("folder/picture.png", "image/png", 1234),
        "location": Location.EMBEDDED,
        "findings": findings,
        "manifests": (manifest(findings=findings, ingredients=INGREDIENTS), parent),
        "trust": "1 trust anchors",
    }
    return VerificationReport(**(given | changes))


def without_manifest(location: Location = Location.NONE, **changes: Any) -> VerificationReport:
    return VerificationReport(
        asset=AssetInfo("plain.png", "image/png", 10), location=location, **changes
    )


MALFORMED = ReadError(ErrorKind.MALFORMED, "caBX chunk at byte 33: 9 bytes, 4 left", 33)

REPORTS = {
    "untrusted": report(),
    "trusted": report(findings=(*GOOD, TRUSTED)),
    "no anchors": report(trust="no trust anchors"),
    "changed": report(findings=(*GOOD[:2], CHANGED, UNTRUSTED)),
    "expired": report(
        findings=(GOOD[0], GOOD[2], Finding(Status.CLAIM_SIGNATURE_OUTSIDE_VALIDITY))
    ),
    "delta": report(
        deltas=(Delta("self#jumbf=x", (Finding(Status.INGREDIENT_MANIFEST_MISMATCH, "y"),)),)
    ),
    "damaged": without_manifest(Location.EMBEDDED, errors=(MALFORMED,)),
    "unreadable": without_manifest(errors=(ReadError(ErrorKind.IO, "plain.png: gone"),)),
    "nothing": without_manifest(),
    "remote": without_manifest(Location.REMOTE, remote_url="https://example.org/x.c2pa"),
}
