"""Which scheme a reference is of. A new scheme is one new file with a `SCHEME`, and a line here.

studio.key.pem                     a path; also whatever no scheme of ours begins
env:NAME                           PEM or base64 in an environment variable
keyring:SERVICE/USER               the operating system's keyring
pkcs11:token=…;object=…            a token (RFC 7512)
cmd:PROGRAM ARGUMENT…              a program that signs
https://…                          a service that signs
awskms: gcpkms: azurekv:           key services
"""

import re
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path

from provenance.cose.signer import LocalSigner, Signer
from provenance.errors import CredentialError
from provenance.keys.base import KeyRequest, Scheme, Secret
from provenance.keys.chains import chain_file

__all__ = ["is_path", "open_signer", "schemes", "shown"]

_FILES = {
    "env": "env",
    "keyring": "keyring",
    "pkcs11": "pkcs11",
    "cmd": "command",
    "https": "http",
    "http": "http",
    "awskms": "aws",
    "gcpkms": "gcp",
    "azurekv": "azure",
}
_WRITTEN = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(.*)", re.DOTALL)
_LONGEST = 2048  # characters of a reference
_BARE_KEY = re.compile(r"[A-Za-z0-9+/=_-]{43,}")  # 32 bytes and more as base64, or hex
_WHAT = "key reference"


def schemes() -> tuple[Scheme, ...]:
    """All of them, `http` left out: it is for this machine only."""
    return tuple(_scheme(name) for name in _FILES if name != "http")


def open_signer(
    reference: str | Path,
    chain: str | Path | None = None,
    *,
    alg: str | None = None,
    secret: Secret | bytes | None = None,
) -> Signer:
    """A signer for the key that a reference names.

    Args:
        reference: see above; a `Path` is a path whatever it looks like.
        chain: the certificates: a path, or `env:NAME`; None when they lie with the key.
        alg: for an RSA key that should sign with another hash than it tells.
        secret: passphrase of a file, PIN of a token, token of a service.

    Raises:
        CredentialError: there is no such key, it cannot be used, or an extra is missing.
    """
    held = secret if isinstance(secret, Secret) else Secret(secret)
    named = None if isinstance(reference, Path) else _split(reference)
    if named is None:
        return _from_file(reference, chain, alg, held)
    scheme, rest = named
    request = KeyRequest(rest=rest, shown=shown(reference), chain=chain, alg=alg, secret=held)
    return scheme.open(request)


def shown(reference: str | Path) -> str:
    """A reference as a message may show it: without what would let others sign.

    Raises nothing: what is no reference is not shown at all.
    """
    try:
        named = None if isinstance(reference, Path) else _split(reference)
    except CredentialError:
        return "(no reference)"
    if named is None:
        return str(reference)
    scheme, rest = named
    return f"{str(reference).partition(':')[0].lower()}:{scheme.shown(rest)}"


def is_path(reference: str | Path) -> bool:
    """Is it a path, and of no scheme? What is no reference at all is none either."""
    try:
        return _split(reference) is None
    except CredentialError:
        return False


def _scheme(name: str) -> Scheme:
    found: Scheme = import_module(f"provenance.keys.{_FILES[name]}").SCHEME
    return found


def _split(reference: str | Path) -> tuple[Scheme, str] | None:
    """Scheme and rest; None for a path.

    Raises:
        CredentialError: neither, or a key where only its place belongs.
    """
    text = str(reference)
    if "-----BEGIN" in text or "\n" in text or len(text) > _LONGEST:
        raise CredentialError(
            _WHAT, "this is no reference, it may be a key itself; name a file or env:VARIABLE"
        )
    written = _WRITTEN.fullmatch(text)
    if written is None:
        if _BARE_KEY.fullmatch(text) and not Path(text).exists():
            raise CredentialError(_WHAT, "no such file; a key itself is not given by hand")
        return None
    name = written[1].lower()
    if name in _FILES:
        scheme = _scheme(name)
        return scheme, written[2]
    if Path(text).exists() or len(written[1]) == 1:
        return None
    near = get_close_matches(name, _FILES, n=1)
    hint = f"did you mean {near[0] + ':'!r}?" if near else f"known: {', '.join(_FILES)}, or a path"
    raise CredentialError(_WHAT, f"unknown scheme {name[:40] + ':'!r}; {hint}")


def _from_file(
    path: str | Path, chain: str | Path | None, alg: str | None, secret: Secret
) -> LocalSigner:
    """A signer with the key in a file; a passphrase is asked for only if it is needed."""
    from provenance.cose.keyfiles import read_file
    from provenance.keys.held import from_bytes

    return from_bytes(read_file(path), chain_file(chain), str(path), str(chain), alg, secret)
