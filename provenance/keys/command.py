"""`cmd:PROGRAM ARGUMENT…`: a program that signs.

It gets the bytes to be signed (not their hash) on standard input, and writes the signature to
standard output: ECDSA as DER or as r and s side by side, RSA as PSS with a salt as long as the
hash. The variable `PROVENANCE_SIGN_ALG` tells it which algorithm, such as `es256`. No shell reads
the line; quotes keep words together as they do in one.
"""

import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field

from provenance.cose.algorithms import Algorithm
from provenance.cose.signer import Signer
from provenance.errors import CredentialError, SigningError
from provenance.keys.base import KeyRequest, Scheme
from provenance.keys.remote import remote
from provenance.keys.words import spoken

__all__ = ["SCHEME"]

_SECONDS = 60.0
_MOST = 64 << 10  # bytes of a signature, by far
_VARIABLE = "PROVENANCE_SIGN_ALG"


@dataclass(frozen=True, slots=True)
class _Program:
    shown: str
    words: tuple[str, ...] = field(repr=False)
    seconds: float = _SECONDS

    def __call__(self, alg: Algorithm, data: bytes) -> bytes:
        try:
            process = subprocess.Popen(
                self.words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, _VARIABLE: alg.name},
            )
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise SigningError(self.shown, f"cannot be started ({reason})") from None
        try:
            out, told = process.communicate(data, self.seconds)
        except subprocess.TimeoutExpired:
            raise SigningError(self.shown, f"no signature in {self.seconds:g} seconds") from None
        finally:
            _end(process)
        if process.returncode:
            how = f"exit code {process.returncode}"
            said = spoken(told)
            raise SigningError(self.shown, f"{how}: {said}" if said else how)
        if len(out) > _MOST:
            raise SigningError(self.shown, f"wrote {len(out)} bytes, which is no signature")
        return out


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Stop a program that has not ended; what it started itself may hold the pipes open."""
    if process.poll() is None:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                continue


def _open(request: KeyRequest) -> Signer:
    words = _words(request.rest)
    if not words:
        raise CredentialError(request.shown, "names no program, or a quote is left open")
    if shutil.which(words[0]) is None:
        raise CredentialError(request.shown, "there is no such program")
    return remote(request, _Program(request.shown, tuple(words)))


def _words(rest: str) -> list[str]:
    try:
        return shlex.split(rest, posix=os.name == "posix")
    except ValueError:
        return []


def _shown(rest: str) -> str:
    # The program alone: an argument may be a password.
    words = _words(rest)
    return words[0] + (" …" if len(words) > 1 else "") if words else "…"


SCHEME = Scheme(name="cmd", form="cmd:PROGRAM ARGUMENT…", open=_open, shown=_shown)
