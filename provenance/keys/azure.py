"""`azurekv:VAULT/KEY/VERSION`: Key Vault of Azure.

A vault of another cloud, or a managed HSM, is named by its address:
`azurekv:https://HOST/keys/KEY/VERSION`. Credentials are found as `DefaultAzureCredential` finds
them. The service gets the hash alone. A certificate is for one version of a key, which must
therefore be named. Key Vault has no Ed25519.
"""

import json
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from provenance.cose.algorithms import Algorithm
from provenance.cose.signer import Signer
from provenance.digests import digest
from provenance.errors import CredentialError, SigningError
from provenance.keys import doors
from provenance.keys.base import KeyRequest, Scheme, imported
from provenance.keys.remote import remote

__all__ = ["SCHEME"]

_FORM = "azurekv:VAULT/KEY/VERSION"
_PART = r"[A-Za-z0-9-]{1,127}"
_SHORT = re.compile(rf"({_PART})/({_PART})/({_PART})")
_WHOLE = re.compile(rf"https?://[^/?#]+/keys/{_PART}/{_PART}")
_API = "7.4"
# To these, and to an emulator on this machine, a token of Azure's may go.
_CLOUDS = tuple(
    f"{service}.{cloud}"
    for service in ("vault", "managedhsm")
    for cloud in ("azure.net", "azure.cn", "usgovcloudapi.net")
)
_NAMES = {"es256": "ES256", "es384": "ES384", "es512": "ES512"}
_NAMES |= {"ps256": "PS256", "ps384": "PS384", "ps512": "PS512"}


@dataclass(frozen=True, slots=True)
class _Vault:
    shown: str
    url: str
    scope: str
    credentials: Any = field(repr=False)

    def __call__(self, alg: Algorithm, data: bytes) -> bytes:
        value = urlsafe_b64encode(digest(data, alg.hash)).rstrip(b"=").decode()
        answer = doors.ask(
            self.url,
            json.dumps({"alg": _NAMES[alg.name], "value": value}).encode(),
            self.shown,
            content_type="application/json",
            bearer=self._token(),
        )
        row = doors.json_of(answer, self.shown)
        return doors.base64_of(row, "value", self.shown, url_safe=True)

    def _token(self) -> str:
        errors = imported("azure.core.exceptions", extra="azure", who=self.shown)
        try:
            token: str = self.credentials.get_token(self.scope).token
        except errors.AzureError as error:
            told = f"no access token ({type(error).__name__})"
            raise SigningError(self.shown, told) from None
        return token


def _open(request: KeyRequest) -> Signer:
    short = _SHORT.fullmatch(request.rest)
    if short is None and not _WHOLE.fullmatch(request.rest):
        raise CredentialError(request.shown, f"is not of the form {_FORM}")
    whole = f"https://{short[1]}.{_CLOUDS[0]}/keys/{short[2]}/{short[3]}" if short else request.rest
    identity = imported("azure.identity", extra="azure", who=request.shown)
    credentials = identity.DefaultAzureCredential()
    url = f"{whole}/sign?api-version={_API}"
    made = remote(request, _Vault(request.shown, url, _scope(whole, request), credentials))
    if made.alg not in _NAMES:
        raise CredentialError(request.shown, f"Key Vault does not sign {made.alg}")
    return made


def _scope(url: str, request: KeyRequest) -> str:
    """For what a token is asked: the vaults of one cloud."""
    doors.address(url, request.shown)
    host = urlsplit(url).hostname or ""
    for cloud in _CLOUDS:
        if host.endswith(f".{cloud}"):
            return f"https://{cloud}/.default"
    if doors.is_here(urlsplit(url)):
        return f"https://{_CLOUDS[0]}/.default"
    raise CredentialError(request.shown, f"is no vault of Azure's, such as NAME.{_CLOUDS[0]}")


def _shown(rest: str) -> str:
    return rest.partition("?")[0]


SCHEME = Scheme(name="azurekv", form=_FORM, open=_open, shown=_shown, extra="azure")
