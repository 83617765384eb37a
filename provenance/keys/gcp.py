"""`gcpkms:projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/V`: Cloud KMS of Google.

Credentials are found as Google's tools find them (application default credentials). The service
gets the hash alone, but for Ed25519. A version of a key has one algorithm, which the certificate
must fit: `EC_SIGN_P256_SHA256`, `RSA_SIGN_PSS_2048_SHA256` … There is none for P-521.
"""

import json
import os
import re
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

from provenance.cose.algorithms import Algorithm
from provenance.cose.signer import Signer
from provenance.digests import digest
from provenance.errors import CredentialError, SigningError
from provenance.keys import doors
from provenance.keys.base import KeyRequest, Scheme, imported
from provenance.keys.remote import remote

__all__ = ["SCHEME"]

_FORM = "gcpkms:projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/V"
_PARTS = ("projects", "locations", "keyRings", "cryptoKeys", "cryptoKeyVersions")
_NAME = re.compile("/".join(f"{part}/[A-Za-z0-9_.:-]+" for part in _PARTS))
_SCOPE = "https://www.googleapis.com/auth/cloudkms"
_ENDPOINT = "https://cloudkms.googleapis.com/"
_ELSEWHERE = "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS"  # as Google's own command line has it


@dataclass(frozen=True, slots=True)
class _Kms:
    shown: str
    url: str
    credentials: Any = field(repr=False)

    def __call__(self, alg: Algorithm, data: bytes) -> bytes:
        row: dict[str, Any]
        if alg.family == "eddsa":
            row = {"data": b64encode(data).decode()}
        else:
            row = {"digest": {alg.hash: b64encode(digest(data, alg.hash)).decode()}}
        answer = doors.ask(
            self.url,
            json.dumps(row).encode(),
            self.shown,
            content_type="application/json",
            bearer=self._token(),
        )
        return doors.base64_of(doors.json_of(answer, self.shown), "signature", self.shown)

    def _token(self) -> str:
        errors = imported("google.auth.exceptions", extra="gcp", who=self.shown)
        if not self.credentials.valid:
            transport = imported("google.auth.transport.requests", extra="gcp", who=self.shown)
            try:
                self.credentials.refresh(transport.Request())
            except errors.GoogleAuthError as error:
                told = f"no access token ({type(error).__name__})"
                raise SigningError(self.shown, told) from None
        token: str = self.credentials.token
        return token


def _open(request: KeyRequest) -> Signer:
    if not _NAME.fullmatch(request.rest):
        raise CredentialError(request.shown, f"is not of the form {_FORM}")
    google = imported("google.auth", extra="gcp", who=request.shown)
    errors = imported("google.auth.exceptions", extra="gcp", who=request.shown)
    try:
        credentials, _ = google.default(scopes=[_SCOPE])
    except errors.GoogleAuthError as error:
        told = f"no credentials of Google's were found ({type(error).__name__})"
        raise CredentialError(request.shown, told) from None
    base = os.environ.get(_ELSEWHERE) or _ENDPOINT
    doors.address(base, _ELSEWHERE)
    url = f"{base.rstrip('/')}/v1/{request.rest}:asymmetricSign"
    return remote(request, _Kms(request.shown, url, credentials))


def _shown(rest: str) -> str:
    return rest


SCHEME = Scheme(name="gcpkms", form=_FORM, open=_open, shown=_shown, extra="gcp")
