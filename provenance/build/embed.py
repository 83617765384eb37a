"""The six steps of signing: plan, write with placeholder, hash, sign once, patch, rename.

The input is read once, in blocks; writing and hashing are the same pass. Whatever fails on the
way, input and output stay as they were.
"""

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj, copymode
from typing import BinaryIO

from provenance.build.assemble import Assembly, Sealed
from provenance.cbor import CborValue, encode
from provenance.cose.sign1 import sig_structure
from provenance.cose.signer import Signer
from provenance.cose.signing import protected_header, sign_claim, signature_length
from provenance.digests import Hasher, new_hasher
from provenance.errors import SigningError
from provenance.formats.base import Handler, Keep, New, Plan, Slot
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span
from provenance.trust.tsa import Authority, request_token

__all__ = ["Output", "embed", "pour", "pour_with", "replacing", "seal", "write_sidecar"]

Output = str | Path | BinaryIO
_IN_MEMORY = 8 << 20
_FOR_PADDING = 16  # bytes; padding has a least size
_FOR_TIME_STAMP = 16 << 10  # bytes; tokens with their certificates take 2 to 8 KiB


def embed(
    assembly: Assembly,
    source: ByteSource,
    handler: Handler,
    signer: Signer,
    out: BinaryIO,
    limits: Limits,
    authority: Authority | None = None,
) -> bytes:
    """Write the asset with its signed manifest store to a seekable stream.

    Args:
        assembly: what is to be signed.
        source: the asset.
        handler: of its container.
        signer: who signs.
        out: where to.
        limits: how much untrusted input to read.
        authority: who attests the time of signing, if anybody.

    Returns:
        The store as written.

    Raises:
        SigningError: the signer failed, or its signature does not match its certificate.
    """
    protected = protected_header(signer)
    blank = bytes(signature_length(signer))
    length = len(assembly.store(Sealed(protected, blank, reserve=_reserve(signer, authority))))
    plan = handler.plan(source, length, limits)
    span = plan.slot_span or Span(0, 0)
    hasher = new_hasher(assembly.draft.alg)
    pour(plan, source, out, hasher)
    store = _signed(assembly.bind(hasher.digest(), (span,)), signer, authority)
    if len(store) != length:
        raise SigningError("manifest store", f"{len(store)} bytes, {length} were planned")
    _patch(plan, store, out)
    return store


def pour_with(plan: Plan, source: ByteSource, store: bytes, out: BinaryIO) -> None:
    """Write the pieces of a plan with a finished store in the slot."""
    pour(plan, source, out)
    _patch(plan, store, out)


def _patch(plan: Plan, store: bytes, out: BinaryIO) -> None:
    end = out.tell()
    for at, piece in plan.placed():
        if isinstance(piece, Slot):
            out.seek(at)
            out.write(piece.wrap(store))
    out.seek(end)


def write_sidecar(
    assembly: Assembly,
    source: ByteSource,
    signer: Signer,
    out: BinaryIO,
    authority: Authority | None = None,
) -> bytes:
    """Write a signed manifest store alone; the asset is hashed as it is."""
    hasher = new_hasher(assembly.draft.alg)
    for block in source.blocks(Span(0, source.size)):
        hasher.update(block)
    store = _signed(assembly.bind(hasher.digest(), ()), signer, authority)
    out.write(store)
    return store


def _signed(assembly: Assembly, signer: Signer, authority: Authority | None) -> bytes:
    return assembly.store(seal(signer, assembly.claim, authority))


def seal(signer: Signer, claim: bytes, authority: Authority | None) -> Sealed:
    """Sign an encoded claim, and have the signature time-stamped if there is an authority.

    OCSP responses that the signer brings along are stapled to it (§14.5.2).
    """
    protected, signature = sign_claim(signer, claim)
    headers = _stapled(signer)
    if authority is not None:
        # The stamp is over the encoded signature (§10.3.2.5.2), so it comes last.
        message = sig_structure(protected, encode(signature), "CounterSignature")
        headers["sigTst2"] = {"tstTokens": [{"val": request_token(authority, message)}]}
    return Sealed(protected, signature, headers, _reserve(signer, authority))


def _stapled(signer: Signer) -> dict[str, CborValue]:
    """The header for the OCSP responses of a signer that has any; most have none."""
    responses: list[CborValue] = list(getattr(signer, "ocsp_responses", ()))
    return {"rVals": {"ocspVals": responses}} if responses else {}


def _reserve(signer: Signer, authority: Authority | None) -> int:
    """Bytes to keep for what is not protected; 0 for nothing."""
    stapled = _stapled(signer)
    room = len(encode(stapled)) + _FOR_PADDING if stapled else 0
    return room + (0 if authority is None else _FOR_TIME_STAMP)


def pour(plan: Plan, source: ByteSource, out: BinaryIO, hasher: Hasher | None = None) -> None:
    """Write the pieces of a plan; a slot is left as zeros, and out of the hash."""
    for piece in plan.pieces:
        match piece:
            case Keep(span):
                for block in source.blocks(span):
                    out.write(block)
                    if hasher is not None:
                        hasher.update(block)
            case New(data):
                out.write(data)
                if hasher is not None:
                    hasher.update(data)
            case Slot(length):
                out.write(bytes(length))


@contextmanager
def replacing(
    output: Output, *, like: Path | None = None, expected: int = _IN_MEMORY
) -> Iterator[BinaryIO]:
    """A stream whose bytes become the output when, and only when, all went well.

    Args:
        output: a path, which is replaced in one step; or a stream, which is written at the end.
        like: a file whose permissions the new one takes over.
        expected: bytes that will be written, roughly; little is kept in memory meanwhile.

    Raises:
        OSError: the place cannot be written.
    """
    if not isinstance(output, (str, Path)):
        with io.BytesIO() if expected < _IN_MEMORY else tempfile.TemporaryFile() as kept:
            yield kept
            kept.seek(0)
            copyfileobj(kept, output)
        return
    path = Path(output)
    try:
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".tmp"
        )
    except OSError as error:  # the name that failed means nothing to the caller
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        with open(handle, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if like is not None and like.exists():
            copymode(like, name)
        else:
            os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    finally:  # it is gone already, unless something went wrong
        Path(name).unlink(missing_ok=True)


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current
