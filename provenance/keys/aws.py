"""`awskms:KEY`: the key management service of AWS. KEY is an id, an alias, or an ARN.

Credentials and region are found as every tool of AWS finds them; the region of an ARN goes first.
The service gets the hash alone, but for Ed25519, where it must have the bytes: 4096 at the most.
"""

from dataclasses import dataclass, field
from typing import Any

from provenance.cose.algorithms import Algorithm
from provenance.cose.signer import Signer
from provenance.digests import digest
from provenance.errors import CredentialError, SigningError
from provenance.keys.base import KeyRequest, Scheme, imported
from provenance.keys.remote import remote

__all__ = ["SCHEME"]

_NAMES = {"ecdsa": "ECDSA_SHA_", "rsa-pss": "RSASSA_PSS_SHA_"}
_MOST_RAW = 4096  # bytes
_REGION_AT = 3  # arn:aws:kms:REGION:…


@dataclass(frozen=True, slots=True)
class _Kms:
    shown: str
    key: str
    client: Any = field(repr=False)
    errors: tuple[type[Exception], type[Exception]] = field(repr=False)

    def __call__(self, alg: Algorithm, data: bytes) -> bytes:
        failed, unsent = self.errors
        try:
            answer = self.client.sign(KeyId=self.key, **self._message(alg, data))
        except failed as error:
            code = getattr(error, "response", {}).get("Error", {}).get("Code", "no code")
            raise SigningError(self.shown, f"the service refused ({code})") from None
        except unsent as error:
            told = f"the service was not asked ({type(error).__name__})"
            raise SigningError(self.shown, told) from None
        signature: bytes = answer["Signature"]
        return signature

    def _message(self, alg: Algorithm, data: bytes) -> dict[str, Any]:
        if alg.family == "eddsa":
            if len(data) > _MOST_RAW:
                raise SigningError(
                    self.shown, f"signs {_MOST_RAW} bytes with Ed25519, the claim has {len(data)}"
                )
            return {"Message": data, "MessageType": "RAW", "SigningAlgorithm": "ED25519_SHA_512"}
        return {
            "Message": digest(data, alg.hash),
            "MessageType": "DIGEST",
            "SigningAlgorithm": _NAMES[alg.family] + alg.hash.removeprefix("sha"),
        }


def _open(request: KeyRequest) -> Signer:
    if not request.rest:
        raise CredentialError(request.shown, "names no key")
    boto3 = imported("boto3", extra="aws", who=request.shown)
    errors = imported("botocore.exceptions", extra="aws", who=request.shown)
    parts = request.rest.split(":")
    region = parts[_REGION_AT] if parts[0] == "arn" and len(parts) > _REGION_AT else None
    try:
        client = boto3.client("kms", region_name=region or None)
    except errors.BotoCoreError as error:
        told = f"the service cannot be asked ({type(error).__name__})"
        raise CredentialError(request.shown, told) from None
    kinds = (errors.ClientError, errors.BotoCoreError)
    return remote(request, _Kms(request.shown, request.rest, client, kinds))


def _shown(rest: str) -> str:
    return rest


SCHEME = Scheme(name="awskms", form="awskms:KEY", open=_open, shown=_shown, extra="aws")
