"""`env:NAME`: a key in an environment variable, as continuous integration hands it over.

PEM, or the base64 of any form that a key file has, PKCS#12 too. The certificates may stand in the
same variable, or in another that is named as the chain: `env:CHAIN`.
"""

from provenance.cose.signer import Signer
from provenance.keys.base import KeyRequest, Scheme
from provenance.keys.chains import chain_file, from_environment, shown_variable
from provenance.keys.held import from_bytes

__all__ = ["SCHEME"]


def _open(request: KeyRequest) -> Signer:
    key, chain = from_environment(request.rest), chain_file(request.chain)
    return from_bytes(key, chain, request.shown, str(request.chain), request.alg, request.secret)


SCHEME = Scheme(name="env", form="env:NAME", open=_open, shown=shown_variable)
