"""The six steps of signing: plan, write with placeholder, hash, sign once, patch, rename.

The input is read once, in blocks; writing and hashing are the same pass. Whatever fails on the
way, input and output stay as they were.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj, copymode
from typing import BinaryIO

from provenance.build.assemble import Assembly
from provenance.cose.signer import Signer
from provenance.cose.signing import protected_header, sign_claim, signature_length
from provenance.digests import Hasher, new_hasher
from provenance.errors import SigningError
from provenance.formats.base import Handler, Keep, New, Plan, Slot
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["Output", "embed", "pour", "replacing", "write_sidecar"]

Output = str | Path | BinaryIO
_IN_MEMORY = 8 << 20


def embed(
    assembly: Assembly,
    source: ByteSource,
    handler: Handler,
    signer: Signer,
    out: BinaryIO,
    limits: Limits,
) -> bytes:
    """Write the asset with its signed manifest store to a seekable stream.

    Returns:
        The store as written.

    Raises:
        SigningError: the signer failed, or its signature does not match its certificate.
    """
    protected = protected_header(signer)
    blank = bytes(signature_length(signer))
    length = len(assembly.store(protected, blank))
    plan = handler.plan(source, length, limits)
    slot = next((at, piece) for at, piece in plan.placed() if isinstance(piece, Slot))
    span = Span(slot[0], slot[1].length)
    hasher = new_hasher(assembly.draft.alg)
    pour(plan, source, out, hasher)
    store = _signed(assembly.bind(hasher.digest(), (span,)), signer)
    if len(store) != length:
        raise SigningError("manifest store", f"{len(store)} bytes, {length} were planned")
    end = out.tell()
    out.seek(span.start)
    out.write(slot[1].wrap(store))
    out.seek(end)
    return store


def write_sidecar(assembly: Assembly, source: ByteSource, signer: Signer, out: BinaryIO) -> bytes:
    """Write a signed manifest store alone; the asset is hashed as it is."""
    hasher = new_hasher(assembly.draft.alg)
    for block in source.blocks(Span(0, source.size)):
        hasher.update(block)
    store = _signed(assembly.bind(hasher.digest(), ()), signer)
    out.write(store)
    return store


def _signed(assembly: Assembly, signer: Signer) -> bytes:
    protected, signature = sign_claim(signer, assembly.claim)
    return assembly.store(protected, signature)


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
def replacing(output: Output, *, like: Path | None = None) -> Iterator[BinaryIO]:
    """A stream whose bytes become the output when, and only when, all went well.

    Args:
        output: a path, which is replaced in one step; or a stream, which is written at the end.
        like: a file whose permissions the new one takes over.

    Raises:
        OSError: the place cannot be written.
    """
    if not isinstance(output, (str, Path)):
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spooled:
            yield spooled  # type: ignore[misc]  # it is a binary stream in all but name
            spooled.seek(0)
            copyfileobj(spooled, output)
        return
    path = Path(output)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".tmp")
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
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current
