"""Certificate files as people have them: PEM with anything between, or one certificate as DER."""

import binascii
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

from provenance.errors import CredentialError, MalformedError
from provenance.source import read_small
from provenance.trust.certificate import Certificate

__all__ = ["blocks", "certificates", "lines_of", "read_file"]

_MAX_BYTES = 16 << 20  # all public roots there are fit in one of these sixteen
_BEGIN, _END = "-----BEGIN ", "-----END "
_CERTIFICATE = {"-----BEGIN CERTIFICATE-----", "-----BEGIN X509 CERTIFICATE-----"}


def read_file(path: str | Path) -> bytes:
    """The bytes of a small file.

    Raises:
        CredentialError: it cannot be read, or is far larger than such files are.
    """
    return read_small(path, _MAX_BYTES, CredentialError)


def certificates(data: bytes, name: str) -> list[bytes]:
    """The DER of each certificate in a file, in order.

    Raises:
        CredentialError: there is none, or one is damaged; names the line.
    """
    if data[:1] == b"\x30" and b"-----" not in data:
        return [_checked(data, name, 1)]
    found = [der for _, der in blocks(lines_of(data), name) if der is not None]
    if not found:
        raise CredentialError(name, "holds no certificate")
    return found


def lines_of(data: bytes) -> list[str]:
    """A file's lines. PEM copied out of JSON has its line ends spelled out: they count too."""
    return data.decode("utf-8-sig", "replace").replace("\\n", "\n").splitlines()


def blocks(lines: list[str], name: str) -> Iterator[tuple[int, bytes | None]]:
    """Each certificate as DER with the number of its first line, and each line between as None.

    Raises:
        CredentialError: a block has no end, or is no certificate.
    """
    begun = 0
    body: list[str] = []
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if line.startswith(_BEGIN):
            if begun:
                break
            begun, body = number, []
        elif not begun:
            yield number, None
        elif line.startswith(_END):
            if lines[begun - 1].strip() in _CERTIFICATE:
                yield begun, _checked(_decoded(body, name, begun), name, begun)
            begun = 0
        else:
            body.append(line)
    if begun:
        raise CredentialError(name, f"line {begun}: this PEM block has no end")


def _decoded(body: list[str], name: str, number: int) -> bytes:
    try:
        return b64decode("".join(body), validate=True)
    except binascii.Error as error:
        raise CredentialError(name, f"line {number}: this PEM block is no base64") from error


def _checked(der: bytes, name: str, number: int) -> bytes:
    try:
        _ = Certificate(der).parts
    except MalformedError as error:
        raise CredentialError(name, f"line {number}: no certificate ({error.problem})") from error
    return der
