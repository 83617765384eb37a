"""Published trust lists made at test time."""

import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]
Status = tuple[str, str]  # trusted or untrusted, and since when

TRUSTED, UNTRUSTED = "trusted", "untrusted"


def information(der: bytes, status: Status) -> Row:
    word, since = status
    return {
        "ServiceName": [{"lang": "en", "value": "a service"}],
        "ServiceDigitalIdentity": {"X509Certificates": [{"val": b64encode(der).decode()}]},
        "ServiceStatus": f"http://c2pa.org/conformance/trust-list/{word}",
        "StatusStartingTime": since,
    }


def service(der: bytes, now: Status, *past: Status) -> Row:
    """A service with its status, and what it was before, newest first."""
    row: Row = {"ServiceInformation": information(der, now)}
    if past:
        row["ServiceHistory"] = [information(der, one) for one in past]
    return row


def published(*services: Row, title: str = "C2PA Trust List", **scheme: Any) -> Row:
    """A list in the form of ETSI TS 119 602."""
    return {
        "LoTE": {
            "ListAndSchemeInformation": {
                "LoTEVersionIdentifier": 1,
                "LoTESequenceNumber": 7,
                "SchemeName": [{"lang": "en", "value": title}],
                "ListIssueDateTime": "2026-05-01T00:00:00Z",
                "NextUpdate": "2027-05-01T00:00:00Z",
                **scheme,
            },
            "TrustedEntitiesList": [
                {"TrustedEntityInformation": {}, "TrustedEntityServices": [one]} for one in services
            ],
        }
    }


def as_bytes(row: Row) -> bytes:
    return json.dumps(row, indent=1).encode()


def pem_of(ders: Sequence[bytes]) -> bytes:
    body = (b64encode(one) for one in ders)
    return b"".join(
        b"a line between\n-----BEGIN CERTIFICATE-----\n%b\n-----END CERTIFICATE-----\n" % one
        for one in body
    )
