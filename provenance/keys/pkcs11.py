"""`pkcs11:…`: a key in a token, such as a hardware security module or a smart card.

The module, a library of the token's maker, is named by `module-path` in the URI or by the variable
`PROVENANCE_PKCS11_MODULE`. The PIN is the secret beside the reference, what `pin-source` points
at, or is asked for. Certificates are read from the token when no chain is named: the one with the
key's id, and whatever above it lies there. The hash is made here, and signed there.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, TypeVar

from cryptography import x509

from provenance.cose.algorithms import Algorithm
from provenance.cose.signer import Signer
from provenance.digests import digest
from provenance.errors import CredentialError, ProvenanceError, SigningError
from provenance.keys.base import KeyRequest, Scheme, Secret, imported
from provenance.keys.chains import Credential, credential, of_chain
from provenance.keys.pkcs11_uri import Pkcs11Uri
from provenance.keys.remote import remote
from provenance.source import read_small

__all__ = ["SCHEME"]

_MODULE = "PROVENANCE_PKCS11_MODULE"
_PIN_BYTES = 4096
_EXTRA = "pkcs11"
_T = TypeVar("_T")
# What it asks for, and what one may do about it; others are named by their kind alone.
_WORDS = {
    "PinIncorrect": "the PIN is wrong",
    "PinLenRange": "the PIN is wrong: too short or too long",
    "PinLocked": "the PIN is locked after too many wrong ones",
    "PinExpired": "the PIN has expired",
    "UserPinNotInitialized": "the token has no PIN of a user yet",
    "UserNotLoggedIn": "the token wants a PIN",
    "TokenNotPresent": "the token is not there",
    "MechanismInvalid": "the token does not know this algorithm",
}


@dataclass(slots=True)
class _Token:
    """A token with a session, opened when it is needed and once in each process."""

    uri: Pkcs11Uri
    shown: str
    module: str
    pin: bytes | None = field(repr=False)
    _lock: Any = field(default_factory=Lock, repr=False)
    _opened: tuple[int, Any, Any] | None = field(default=None, repr=False)  # pid, session, key

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.uri, self.shown, self.module, self.pin)

    def __call__(self, alg: Algorithm, data: bytes) -> bytes:
        """A signature over the data; sessions are not for two threads at once."""
        with self._lock:
            return self._guarded(partial(self._sign, alg, data), SigningError)

    def certificates(self) -> list[x509.Certificate]:
        """Those that lie in the token, that of the key first."""
        with self._lock:
            return self._guarded(self._certificates, CredentialError)

    def _guarded(self, work: Callable[[], _T], kind: type[ProvenanceError]) -> _T:
        errors = imported("pkcs11.exceptions", extra=_EXTRA, who=self.shown)
        try:
            return work()
        except errors.PKCS11Error as error:
            self._opened = None  # a token that was pulled out may come back
            name = type(error).__name__
            raise kind(self.shown, _WORDS.get(name, f"the token failed ({name})")) from None

    def _sign(self, alg: Algorithm, data: bytes) -> bytes:
        pkcs11 = imported("pkcs11", extra=_EXTRA, who=self.shown)
        _, key = self._session(pkcs11)
        mechanism = pkcs11.Mechanism
        extra: dict[str, Any] = {}
        if _wants_pin_each_time(pkcs11, key):
            extra["pin"] = self.pin
        wanted, given = mechanism.EDDSA, data
        if alg.family != "eddsa":
            wanted, given = mechanism.ECDSA, digest(data, alg.hash)
        if alg.family == "rsa-pss":
            bits = alg.hash.removeprefix("sha")
            hash_, mask = getattr(mechanism, f"SHA{bits}"), getattr(pkcs11.MGF, f"SHA{bits}")
            wanted = mechanism.RSA_PKCS_PSS
            extra["mechanism_param"] = (hash_, mask, len(given))
        signature: bytes = key.sign(given, mechanism=wanted, **extra)
        return signature

    def _certificates(self) -> list[x509.Certificate]:
        pkcs11 = imported("pkcs11", extra=_EXTRA, who=self.shown)
        session, key = self._session(pkcs11)
        attribute = pkcs11.Attribute
        own: list[x509.Certificate] = []
        others: list[x509.Certificate] = []
        for one in session.get_objects({attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE}):
            try:
                read = x509.load_der_x509_certificate(one[attribute.VALUE])
            except ValueError:
                continue
            (own if one[attribute.ID] == key[attribute.ID] else others).append(read)
        return own + others if own else []

    def _session(self, pkcs11: Any) -> tuple[Any, Any]:
        """Session and key."""
        if self._opened is None or self._opened[0] != os.getpid():
            library = self._library(pkcs11)
            if self._opened is not None:
                library.reinitialize()  # we were forked, and the module knows nothing of it
            session = self._login(pkcs11, self._slot(library))
            self._opened = (os.getpid(), session, self._key(pkcs11, session))
        return self._opened[1], self._opened[2]

    def _library(self, pkcs11: Any) -> Any:
        try:
            return pkcs11.lib(self.module)
        except (RuntimeError, OSError, pkcs11.PKCS11Error):
            told = f"the module {self.module} cannot be loaded"
            raise CredentialError(self.shown, told) from None

    def _slot(self, library: Any) -> Any:
        uri = self.uri
        wanted = {"label": uri.token, "manufacturer_id": uri.manufacturer, "model": uri.model}
        found = [
            token
            for slot in library.get_slots(token_present=True)
            if uri.slot_id in (None, slot.slot_id)
            for token in (slot.get_token(),)
            if all(value in (None, _plain(getattr(token, key))) for key, value in wanted.items())
            and uri.serial in (None, _plain(token.serial))
        ]
        if len(found) != 1:
            told = "no such token" if not found else f"fits {len(found)} tokens; name one"
            raise CredentialError(self.shown, told)
        return found[0]

    def _login(self, pkcs11: Any, token: Any) -> Any:
        if self.pin is None:
            return token.open()
        try:
            return token.open(user_pin=self.pin.decode("utf-8", "replace"))
        except pkcs11.exceptions.UserAlreadyLoggedIn:
            return token.open()  # another signer of this process opened the same token

    def _key(self, pkcs11: Any, session: Any) -> Any:
        attribute = pkcs11.Attribute
        wanted: dict[Any, Any] = {attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY}
        if self.uri.object is not None:
            wanted[attribute.LABEL] = self.uri.object
        if self.uri.id is not None:
            wanted[attribute.ID] = self.uri.id
        found = list(session.get_objects(wanted))
        if len(found) != 1:
            hint = "" if self.pin is not None else ", or it is hidden without a PIN"
            told = f"fits {len(found)} keys; name one by object or id"
            raise CredentialError(self.shown, told if found else f"no such key{hint}")
        return found[0]


def _wants_pin_each_time(pkcs11: Any, key: Any) -> bool:
    try:
        return bool(key[pkcs11.Attribute.ALWAYS_AUTHENTICATE])
    except (pkcs11.exceptions.AttributeTypeInvalid, NotImplementedError):
        return False  # a token that does not know the attribute, or a binding that cannot read it


def _plain(value: str | bytes) -> str:
    """A field of a token, which the standard fills up with blanks."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return text.rstrip(" \0")


def _open(request: KeyRequest) -> Signer:
    imported("pkcs11", extra=_EXTRA, who=request.shown)
    uri = Pkcs11Uri.parse(request.rest)
    module = uri.module_path or os.environ.get(_MODULE)
    if not module:
        raise CredentialError(request.shown, f"names no module: module-path in it, or {_MODULE}")
    token = _Token(uri, request.shown, module, _pin(uri, request))
    return remote(request, token, _credential(token, request))


def _credential(token: _Token, request: KeyRequest) -> Credential:
    if request.chain is not None:
        return credential(request)
    found = token.certificates()
    if not found:
        raise CredentialError(
            request.shown, "the token holds no certificate for the key; name the chain"
        )
    return of_chain(found, request, name=request.shown)


def _pin(uri: Pkcs11Uri, request: KeyRequest) -> bytes | None:
    if request.secret.value is None and uri.pin_source is not None:
        return read_small(uri.pin_source, _PIN_BYTES, CredentialError).rstrip(b"\r\n")
    secret: Secret = request.secret
    return secret.reveal(f"PIN of {uri.token or 'the token'}")


def _shown(rest: str) -> str:
    # The query may hold a PIN, which is refused; but not before it could be shown.
    return rest.partition("?")[0]


SCHEME = Scheme(
    name="pkcs11",
    form="pkcs11:token=NAME;object=LABEL",
    open=_open,
    shown=_shown,
    extra=_EXTRA,
)
