"""The six steps of signing: plan, write with placeholder, hash, sign once, patch, rename.

The input is read once, in blocks; writing and hashing are the same pass. Whatever fails on the
way, input and output stay as they were.
"""

import io
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj, copymode
from typing import BinaryIO

from provenance.bindings.base import Binding
from provenance.build.assemble import Assembly, Sealed, assemble
from provenance.build.draft import Draft
from provenance.build.identity import IdentitySigner
from provenance.cbor import CborValue, encode
from provenance.cose.sign1 import sig_structure
from provenance.cose.signer import Signer
from provenance.cose.signing import protected_header, sign_claim, signature_length
from provenance.errors import SigningError
from provenance.formats.base import Handler, Keep, New, Plan, Slot
from provenance.formats.planned import PlannedSource, PouringSource
from provenance.limits import Limits
from provenance.source import READS_AT_OFFSETS, ByteSource, HeldSource
from provenance.spans import Span
from provenance.trust.tsa import Authority, request_token

__all__ = ["Output", "Work", "Written", "pour", "pour_with", "replacing", "seal"]

Output = str | Path | BinaryIO
_IN_MEMORY = 8 << 20
_TRIES = 4
_LARGE = 8 << 20  # bytes; what is less is hashed while it is written
_FOR_PADDING = 16  # bytes; padding has a least size
_FOR_TIME_STAMP = 16 << 10  # bytes; tokens with their certificates take 2 to 8 KiB


@dataclass(frozen=True, slots=True)
class Work:
    """A draft, what it is about, and who answers for it."""

    draft: Draft
    source: ByteSource
    handler: Handler
    signer: Signer
    limits: Limits
    authority: Authority | None = None  # who attests the time of signing, if anybody
    actors: tuple[IdentitySigner, ...] = ()  # who vouches for the manifest

    def embed(self, bindings: Sequence[Binding], out: BinaryIO) -> "Written":
        """Write the asset with its signed manifest store to a seekable stream.

        Args:
            bindings: how the two will hold together, the hard binding first.
            out: where to.

        Raises:
            SigningError: the signer failed, or its signature does not match its certificate.
        """
        layout = self._lay_out(bindings, sidecar=False)
        held = _hold(out, layout.output.size)
        if held is None:
            pouring = PouringSource(layout.output, out)
            bound = layout.bound(pouring)
            pouring.finish()
        else:
            layout.output.copy_to(out)
            bound = layout.bound(held)
        store = self._signed(layout, bound)
        if len(store) != layout.length:
            raise SigningError("manifest store", f"{len(store)} bytes, {layout.length} planned")
        _patch(layout.plan, store, out)
        return Written(store, held)

    def write_sidecar(self, bindings: Sequence[Binding], out: BinaryIO, *, compress: bool) -> bytes:
        """Write a signed manifest store alone; the asset is hashed as it is."""
        layout = self._lay_out(bindings, sidecar=True)
        store = self._signed(layout, layout.bound(layout.output), compress=compress)
        out.write(store)
        return store

    def _lay_out(self, bindings: Sequence[Binding], *, sidecar: bool) -> "_Layout":
        """Let the sizes of store and output settle: each depends on the other."""
        for _ in range(_TRIES):
            assembly = assemble(self.draft, bindings, self.actors)
            blank = assembly.store(self._placeholder())
            if sidecar:
                plan = Plan((Keep(Span(0, self.source.size)),))
            else:
                plan = self.handler.plan(self.source, len(blank), self.limits)
            output = PlannedSource(plan, self.source, blank)
            fitted = tuple(one.fitted(output, plan) for one in bindings)
            if all(new is old for new, old in zip(fitted, bindings, strict=True)):
                return _Layout(assembly, fitted, plan, output, len(blank))
            bindings = fitted
        raise SigningError("manifest store", "its size and that of the asset do not settle")

    def _placeholder(self) -> Sealed:
        reserve = _reserve(self.signer, self.authority)
        blank = bytes(signature_length(self.signer))
        return Sealed(protected_header(self.signer), blank, reserve=reserve)

    def _signed(
        self, layout: "_Layout", bound: Sequence[dict[str, CborValue]], *, compress: bool = False
    ) -> bytes:
        assembly = layout.assembly.bind(bound)
        sealed = seal(self.signer, assembly.claim, self.authority)
        return assembly.store(sealed, compressed=compress)


@dataclass(frozen=True, slots=True)
class Written:
    """The store that was written, and the file it went into, if that is a large one."""

    store: bytes
    held: HeldSource | None


@dataclass(frozen=True, slots=True)
class _Layout:
    """Sizes that fit each other."""

    assembly: Assembly
    bindings: tuple[Binding, ...]
    plan: Plan
    output: PlannedSource
    length: int  # of the store, in bytes

    def bound(self, output: ByteSource) -> list[dict[str, CborValue]]:
        """The bindings' true contents."""
        return [one.bound(output, self.plan) for one in self.bindings]


def _hold(out: BinaryIO, size: int) -> HeldSource | None:
    """A large file that is being written, as a source; None for what is small, or no file."""
    if size < _LARGE or not READS_AT_OFFSETS:
        return None
    try:
        return HeldSource(out.fileno(), size, str(getattr(out, "name", "<output>")))
    except OSError:  # a stream in memory
        return None


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


def pour(plan: Plan, source: ByteSource, out: BinaryIO) -> None:
    """Write the pieces of a plan; a slot is left as zeros."""
    for piece in plan.pieces:
        match piece:
            case Keep(span):
                for block in source.blocks(span):
                    out.write(block)
            case New(data):
                out.write(data)
            case Slot(length):
                out.write(bytes(length))


@contextmanager
def replacing(
    output: Output, *, like: Path | None = None, expected: int = _IN_MEMORY
) -> Iterator[BinaryIO]:
    """A stream whose bytes become the output when, and only when, all went well.

    Args:
        output: a path, which is replaced in one step; or a stream, a pipe or a device, which is
            written at the end.
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
    if path.exists() and not path.is_file() and not path.is_dir():
        # A pipe or a device is written to; a file in its place would be there for all to miss it.
        try:
            with open(path, "wb") as special, replacing(special, expected=expected) as stream:
                yield stream
        except OSError as error:
            if error.errno is not None and error.filename is None:
                raise OSError(error.errno, error.strerror, str(path)) from error
            raise
        return
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
            # Waiting for the disk, which takes as long as all the rest of a film, is for what
            # would otherwise be lost: the input, where it is this that is replaced.
            if like is not None or os.fstat(stream.fileno()).st_size < _LARGE:
                os.fsync(stream.fileno())
        if like is not None and like.exists():
            copymode(like, name)
        else:
            os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except OSError as error:  # a full disk does not say of itself where it was full
        if error.errno is not None and error.filename in (None, name):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    finally:  # it is gone already, unless something went wrong
        Path(name).unlink(missing_ok=True)


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current
