"""`keyring:SERVICE/USER`: a key in the operating system's keyring.

What is kept there is PEM, or base64 of any form that a key file has; the certificates may stand
behind a PEM key. The library `keyring` speaks to the Keychain of macOS, the Credential Locker of
Windows, the Secret Service and KWallet.
"""

from provenance.cose.signer import Signer
from provenance.errors import CredentialError
from provenance.keys.base import KeyRequest, Scheme, imported
from provenance.keys.chains import chain_file, decoded
from provenance.keys.held import from_bytes

__all__ = ["SCHEME"]

_FORM = "keyring:SERVICE/USER"


def _open(request: KeyRequest) -> Signer:
    service, slash, user = request.rest.rpartition("/")
    if not (slash and service and user):
        raise CredentialError(request.shown, f"is not of the form {_FORM}")
    keyring = imported("keyring", extra="keyring", who=request.shown)
    errors = imported("keyring.errors", extra="keyring", who=request.shown)
    try:
        value = keyring.get_password(service, user)
    except errors.NoKeyringError:
        raise CredentialError(request.shown, "this machine has no keyring that we know") from None
    except errors.KeyringError as error:
        told = f"the keyring refused ({type(error).__name__})"
        raise CredentialError(request.shown, told) from None
    if not value:
        raise CredentialError(request.shown, "there is nothing of that name in the keyring")
    key = decoded(value, request.shown)
    chain = chain_file(request.chain)
    return from_bytes(key, chain, request.shown, str(request.chain), request.alg, request.secret)


def _shown(rest: str) -> str:
    return rest


SCHEME = Scheme(name="keyring", form=_FORM, open=_open, shown=_shown, extra="keyring")
