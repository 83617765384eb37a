"""`https://…`: a service that signs.

    POST the address         Content-Type: application/octet-stream
                             Authorization: Bearer TOKEN, if there is one
                             the bytes to be signed, not their hash
    200                      application/octet-stream: the signature; or
                             application/json: {"signature": "its base64"}

ECDSA may come as DER or as r and s side by side. Any other answer is a failure; redirects are not
followed. Which key and algorithm is for the address to say. `http://` is for this machine only.
"""

from dataclasses import dataclass, field

from provenance.cose.algorithms import Algorithm
from provenance.cose.signer import Signer
from provenance.errors import CredentialError
from provenance.keys import doors
from provenance.keys.base import KeyRequest, Scheme
from provenance.keys.remote import remote

__all__ = ["SCHEME"]


@dataclass(frozen=True, slots=True)
class _Service:
    shown: str
    url: str = field(repr=False)
    token: str | None = field(repr=False)

    def __call__(self, _alg: Algorithm, data: bytes) -> bytes:
        answer = doors.ask(
            self.url,
            data,
            self.shown,
            content_type="application/octet-stream",
            bearer=self.token,
        )
        if answer.media_type != "application/json":
            return answer.data
        return doors.base64_of(doors.json_of(answer, self.shown), "signature", self.shown)


def _open(request: KeyRequest) -> Signer:
    # The scheme's two spellings share this file; the request's words tell which it was.
    url = f"{request.shown.partition(':')[0]}:{request.rest}"
    doors.address(url, request.shown)
    return remote(request, _Service(request.shown, url, _token(request)))


def _token(request: KeyRequest) -> str | None:
    value = request.secret.value  # nobody is asked: a service may need none
    if value is None:
        return None
    text = value.decode("ascii", "replace").strip()
    if not text or not all("!" <= one <= "~" for one in text):
        raise CredentialError(request.shown, "the token holds characters that no token may")
    return text


def _shown(rest: str) -> str:
    """Without name, password, query and fragment."""
    host, slash, path = rest.removeprefix("//").partition("?")[0].partition("#")[0].partition("/")
    return f"//{host.rpartition('@')[2]}{slash}{path}"


SCHEME = Scheme(name="https", form="https://HOST/PATH", open=_open, shown=_shown)
