"""What every scheme of key references shares: the request, the answer, and what may be shown.

No message, no representation and no log holds a secret: a passphrase, a PIN, a token, a key. What
a library of others says may hold one, so its words are never handed on, only the kind of its error.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from provenance.cose.signer import Signer
from provenance.errors import CredentialError

__all__ = ["KeyRequest", "Scheme", "Secret", "imported"]


@dataclass(frozen=True, slots=True)
class Secret:
    """A passphrase, a PIN or a token: known already, or to be asked for when it is needed."""

    value: bytes | None = field(default=None, repr=False)
    ask: Callable[[str], bytes | None] | None = field(default=None, repr=False, compare=False)

    def reveal(self, question: str) -> bytes | None:
        """The secret.

        Args:
            question: what somebody at a terminal is asked, such as `PIN of studio`.

        Returns:
            None when there is none, and nobody to ask.
        """
        if self.value is not None or self.ask is None:
            return self.value
        return self.ask(question)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRequest:
    """A reference without its scheme, and what was said beside it."""

    rest: str = field(repr=False)  # may hold what should not be shown, if somebody put it there
    shown: str  # the whole reference, fit for a message
    chain: str | Path | None = None  # a path, or `env:NAME`
    alg: str | None = None  # for an RSA key
    secret: Secret = Secret()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One kind of place where a key may lie."""

    name: str  # without the colon
    form: str  # of a reference, for a message: pkcs11:token=…;object=…
    open: Callable[[KeyRequest], Signer]
    shown: Callable[[str], str]  # what of the rest may be shown
    extra: str | None = None  # of this project, that brings the libraries


def imported(module: str, *, extra: str, who: str) -> Any:
    """A library that an extra brings.

    Raises:
        CredentialError: it is not installed; names the extra.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise CredentialError(
            who, f'needs the extra {extra!r}: pip install "provenance-c2pa[{extra}]"'
        ) from error
