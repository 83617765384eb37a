"""How each file of many is signed: what an engine runs, and what comes of one file.

    Job ─▶ what stands at its place? ─▶ sign, into a staging folder ─▶ rename ─▶ SignOutcome

Each process opens the key for itself, by its reference: a key in a token, or in a service, cannot
be handed on, and one in a file need not be.
"""

import errno
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from provenance.batch.task import Loss
from provenance.build.candidates import passed_over, salts_beside, signed_by
from provenance.build.definition import ManifestDefinition
from provenance.build.sign import SignReceipt, sign
from provenance.errors import (
    CredentialError,
    DefinitionError,
    LimitError,
    MalformedError,
    ProvenanceError,
    UnsupportedFormatError,
    os_sentence,
)
from provenance.validate.results import ValidationState

if TYPE_CHECKING:
    from provenance.build.identity import IdentitySigner
    from provenance.cose.signer import Signer
    from provenance.profiles import Profile
    from provenance.trust.tsa import Authority

__all__ = ["ByProfile", "Credentials", "Done", "Held", "Job", "SignFiles", "SignOutcome"]
__all__ += ["SignStatus", "Stamp", "Told", "Who", "stamp_of"]

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)  # then no other file can be written either
_KINDS: dict[type[ProvenanceError], str] = {
    MalformedError: "malformed",
    LimitError: "limit",
    UnsupportedFormatError: "unsupported-format",
    DefinitionError: "definition",
    CredentialError: "credential",
}


class SignStatus(StrEnum):
    """What became of a file."""

    SIGNED = "signed"
    UNCHANGED = "unchanged"  # signed by an earlier run, as it would be now
    PASSED_OVER = "passed-over"  # found in a folder, and of no format that would be signed
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOutcome:
    """A file, and what became of it."""

    path: str
    status: SignStatus
    output: Path | None = None
    sidecar: Path | None = None
    salts: Path | None = None
    manifest: str | None = None  # its label
    state: ValidationState | None = None  # None: not looked at once more
    message: str | None = None  # why it was not signed, or what is to be said of it
    kind: str | None = None  # of what went wrong, in a word
    size: int = 0  # bytes of the input
    fatal: bool = False  # no other file can be signed either

    def to_dict(self) -> dict[str, Any]:
        """For JSON: a receipt, and what became of the file."""
        return {
            "schema": "provenance/sign-receipt/1",
            "path": self.path,
            "status": self.status.value,
            "manifest": self.manifest,
            "output": str(self.output) if self.output else None,
            "sidecar": str(self.sidecar) if self.sidecar else None,
            "salts": str(self.salts) if self.salts else None,
            "validation_state": self.state,
            "message": self.message,
            "error": self.kind,
        }


class Stamp(NamedTuple):
    """By what one sees that an output is as it was written."""

    size: int
    mtime_ns: int


def stamp_of(path: str | Path) -> Stamp | None:
    """That of a file; None where there is nothing at all.

    Raises:
        OSError: something is there that cannot be looked at.
    """
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Stamp(found.st_size, found.st_mtime_ns)


class Told(NamedTuple):
    """What the manifest of a file shall say, and what is to be said about that."""

    definition: ManifestDefinition
    note: str | None = None


class Who(NamedTuple):
    """Who signs."""

    signer: "Signer"
    identities: "tuple[IdentitySigner, ...]" = ()
    authority: "Authority | None" = None


class Credentials(Protocol):
    """What opens keys, in whatever process."""

    def open(self) -> Who:
        """Open them.

        Raises:
            ProvenanceError: they cannot be used.
        """
        ...


@dataclass(frozen=True, slots=True)
class ByProfile:
    """The keys that a profile names; answers to what was asked for them at a terminal go along.

    They are handed to workers over a pipe, and nowhere else.
    """

    profile: "Profile"
    answers: Mapping[str, bytes | None] = field(default_factory=dict, repr=False)

    def open(self) -> Who:
        """See `Credentials`."""
        return self.asking(self.answers.get)

    def asking(self, ask: Callable[[str], bytes | None]) -> Who:
        """Open them, with somebody to ask."""
        one = self.profile
        return Who(one.signer(ask), one.identities(ask), one.authority())


@dataclass(frozen=True, slots=True)
class Held:
    """Keys that are open already, in this process."""

    who: Who

    def open(self) -> Who:
        """See `Credentials`."""
        return self.who


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A file to sign, and what is known of its place."""

    path: str
    target: Path | None  # None: in place, or beside it
    found: bool = False  # in a folder, not named by the user
    name: str = ""  # of the target, as a journal has it
    staged: Path | None = None  # where to write it meanwhile; None: `sign` sees to it
    known: str | None = None  # label of what an earlier run wrote there
    begun: bool = False  # an earlier run was about to write there when it ended
    current: bool = False  # what that run would write is what is wanted now
    stands: bool = False  # something is there, and is not known to be what was written
    overwrite: bool = False  # whatever that is
    size: int = 0  # bytes

    def outcome(self, status: SignStatus, **more: Any) -> SignOutcome:
        """What became of it; the rest by name, as `SignOutcome` has it."""
        return SignOutcome(path=self.path, status=status, size=self.size, **more)

    def failed(self, message: str, kind: str, *, fatal: bool = False) -> SignOutcome:
        """It was not signed."""
        return self.outcome(SignStatus.FAILED, message=message, kind=kind, fatal=fatal)


class Done(NamedTuple):
    """The answer to an item: what is told, and what a journal keeps."""

    outcome: SignOutcome
    stamp: Stamp | None = None  # of the output
    lost: bool = False  # nobody knows how far it came


@dataclass(frozen=True, slots=True, kw_only=True)
class SignFiles:
    """The task for an engine: see `provenance.batch.task`.

    An item is a `Job`, or an outcome that is known already and passes through.
    """

    credentials: Credentials
    told: Callable[[str], Told]  # travels to other processes
    how: Mapping[str, Any] = field(default_factory=dict)  # for `sign`
    texts: bool = False  # are texts signed that were found?

    def start(self) -> Callable[[Job | SignOutcome], Done]:
        """See `Task`."""
        try:
            who = self.credentials.open()
        except (ProvenanceError, OSError) as error:
            return _refusing(_sentence(error))
        return _Signer(self, who).answer

    def lost(self, item: Job | SignOutcome, loss: Loss) -> Done:
        """See `Task`."""
        if isinstance(item, SignOutcome):
            return Done(item)
        why = loss.why.replace("that read it", "that signed it")
        kind = "limit" if loss.memory else "io"
        return Done(item.failed(f"{item.path}: {why}", kind), lost=True)


def _refusing(why: str) -> Callable[[Job | SignOutcome], Done]:
    def refuse(item: Job | SignOutcome) -> Done:
        if isinstance(item, SignOutcome):
            return Done(item)
        return Done(item.failed(why, "credential", fatal=True))

    return refuse


@dataclass(frozen=True, slots=True)
class _Signer:
    """A worker with its keys."""

    task: SignFiles
    who: Who

    def answer(self, item: Job | SignOutcome) -> Done:
        if isinstance(item, SignOutcome):
            return Done(item)
        try:
            return self._deal_with(item)
        except ProvenanceError as error:
            return Done(item.failed(_about(item, error), _kind(error)))
        except OSError as error:
            full = error.errno in _FULL
            return Done(item.failed(_sentence(_placed(error, item)), "io", fatal=full))

    def _deal_with(self, job: Job) -> Done:
        if job.found:
            beside = bool(self.task.how.get("sidecar"))
            reason = passed_over(Path(job.path), texts=self.task.texts, sidecar=beside)
            if reason is not None:
                return Done(job.outcome(SignStatus.PASSED_OVER, message=reason))
        if job.stands:
            kept = self._kept(job)
            if kept is not None:
                return kept
        return self._signed(job)

    def _kept(self, job: Job) -> Done | None:
        """What stands there, if it stays; None if it is written anew."""
        place = job.target
        if place is None:
            return None
        if not (place.is_file() or place.is_symlink()):
            return Done(job.failed(f"{place}: is there already, and no file", "exists"))
        if place.exists() and place.samefile(job.path):
            return Done(job.failed(f"{place}: is the input itself, or leads to it", "exists"))
        report = None
        if job.begun or job.known is not None:
            sidecar = bool(self.task.how.get("sidecar"))
            asset, store = (Path(job.path), place) if sidecar else (place, None)
            report = signed_by(asset, self.who.signer, manifest=store)
        if report is not None and report.ok:
            label = report.active_manifest
            if job.begun and label != job.known:
                # The run that was to write it came so far, and no further: its last word was lost.
                return self._found(job, place, label, report.state) if job.current else None
            if label == job.known:
                if job.current and not job.begun:
                    return self._found(job, place, label, report.state)
                return None
        if job.overwrite:
            return None
        was = "was changed since it was signed" if job.known else "is there already"
        return Done(job.failed(f"{place}: {was}", "exists"))

    def _found(
        self, job: Job, place: Path, label: str | None, state: ValidationState | None
    ) -> Done:
        sidecar = bool(self.task.how.get("sidecar"))
        places = {"sidecar" if sidecar else "output": place}
        outcome = job.outcome(SignStatus.UNCHANGED, manifest=label, state=state, **places)
        return Done(outcome, stamp_of(place))

    def _signed(self, job: Job) -> Done:
        definition, note = self.task.told(job.path)
        who = {"identities": self.who.identities, "authority": self.who.authority}
        call: dict[str, Any] = {"signer": self.who.signer, **who, **self.task.how}
        if job.staged is None or job.target is None:
            receipt = sign(job.path, job.target, definition, **call)
            return Done(_outcome(job, receipt, note))
        job.target.parent.mkdir(parents=True, exist_ok=True)
        salts = job.staged.with_name(f"{job.staged.name}.salts.json")
        receipt = sign(job.path, job.staged, definition, salts=salts, **call)
        kept = None
        if receipt.salts is not None:
            kept = salts_beside(job.target)
            _move(receipt.salts, kept)  # first: without them the prompt could never be proved
        stamp = stamp_of(job.staged)
        _move(job.staged, job.target)
        return Done(_outcome(job, receipt, note, salts=kept), stamp)


def _move(staged: Path, place: Path) -> None:
    try:
        os.replace(staged, place)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(place)) from error


def _outcome(
    job: Job, receipt: SignReceipt, note: str | None, *, salts: Path | None = None
) -> SignOutcome:
    # What is staged is at its place by now.
    output, sidecar = receipt.output, receipt.sidecar
    if job.staged is not None:
        output = job.target if output is not None else None
        sidecar = job.target if sidecar is not None else None
    made: SignOutcome = job.outcome(
        SignStatus.SIGNED,
        output=output,
        sidecar=sidecar,
        salts=salts or receipt.salts,
        manifest=receipt.manifest,
        state=receipt.report.state if receipt.report else None,
        message=note,
    )
    return made


def _kind(error: ProvenanceError) -> str:
    return next((word for kind, word in _KINDS.items() if isinstance(error, kind)), "signing")


def _about(job: Job, error: ProvenanceError) -> str:
    """What is wrong, and with which file: most errors tell of a part of it only."""
    told = str(error)
    return told if told.startswith(job.path) else f"{job.path}: {told}"


def _placed(error: OSError, job: Job) -> OSError:
    """The same, of the place that a file was on its way to."""
    name = None if error.filename is None else os.fsdecode(error.filename)
    if job.staged is None or name is None or not name.startswith(str(job.staged)):
        return error
    return OSError(error.errno, error.strerror, str(job.target))


def _sentence(error: ProvenanceError | OSError) -> str:
    return os_sentence(error) if isinstance(error, OSError) else str(error)
