"""An index over files: every report, and what it tells, kept in SQLite.

    batches of a walk ─▶ what is unchanged is counted, the rest looked at ─▶ rows, in transactions

A file is unchanged when size, time, inode and the same of its sidecar are; when trust, policy and
the version of this library are; and while no certificate has begun or ended. A run that is killed
leaves what it had committed, and the next goes on from there. What has gone from a folder that was
walked to its end goes from the index too.
"""

import os
import sqlite3
import time
from array import array
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Any, Self, TypeVar

from provenance.batch import index_values as values
from provenance.batch.index_rows import FOREVER, Indexed, Outcome, Row, expiry
from provenance.batch.index_schema import named_errors, open_index
from provenance.batch.index_write import Known, Writer, stored
from provenance.batch.look import Answer, Facts, Look, Terms
from provenance.batch.many import run
from provenance.batch.plain import plain
from provenance.batch.task import Engine
from provenance.batch.walk import Batch, Named, mark_of
from provenance.errors import MalformedError
from provenance.remote.address import RemoteFile, absolute, is_address, split
from provenance.report.headline import Answer as Verdict
from provenance.report.style import Tone
from provenance.source import open_source
from provenance.spans import Span
from provenance.validate.states import ErrorKind, ValidationState
from provenance.version import VERSION

__all__ = ["Entry", "Index", "Update", "terms_digest"]

T = TypeVar("T")

_TONES = {tone.name: tone for tone in Tone}
_TOGETHER = 500  # files of a transaction
_OFTEN = 1.0  # seconds after which one ends


class Index:
    """An index that is open. Not for two threads at once; several processes take turns."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self.connection = connection
        self.name = name

    @classmethod
    def open(cls, path: str | Path, *, create: bool = False, reading: bool = False) -> Self:
        """Open an index, to write into it unless it is said that it is for reading.

        Raises:
            IndexFileError: there is none, or it is no index that we know.
        """
        return cls(open_index(path, create=create, reading=reading), str(path))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of it."""
        self.connection.close()

    def outcome(self, number: int) -> tuple[Facts, int]:
        """What files of an outcome have in common, and what a policy said (see the schema)."""
        sql = "SELECT state, failed, signer, error, interesting, policy FROM outcomes WHERE id = ?"
        row = self._one(sql, number)
        with named_errors(self.name, "cannot be read"):
            state, failed, signer, error, interesting, policy = row or (None,) * 6
            facts = Facts(
                path="",
                state=values.member(ValidationState, state),
                failed=values.words(failed),
                signer=values.text(signer),
                error=values.member(ErrorKind, error),
                interesting=bool(interesting),
            )
            return facts, values.integer(policy)

    def entry(self, number: int) -> "Entry | None":
        """What is known of a file, by its row; None if it has gone meanwhile, or has no report."""
        row = self._one(
            "SELECT outcome_id, path, name, body, details, words, tone FROM files"
            " JOIN folders ON folders.id = folder_id JOIN reports ON file_id = files.id"
            " JOIN outcomes ON outcomes.id = outcome_id WHERE files.id = ?",
            number,
        )
        if row is None:
            return None
        outcome, folder, name, body, details, words, tone = row
        with named_errors(self.name, "cannot be read"):
            return Entry(
                self.name,
                values.integer(outcome),
                values.path_of(folder, name),
                body,
                values.text(details) or "",
                Verdict(values.text(words) or "", values.chosen(_TONES, tone)),
            )

    def _one(self, sql: str, number: int) -> Any:
        with named_errors(self.name, "cannot be read"):
            return self.connection.execute(sql, (number,)).fetchone()


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as an index has it."""

    index: str  # its name
    outcome: int  # see `Index.outcome`
    path: str  # absolute
    body: bytes  # its report, packed
    details: str  # lines below the verdict
    answer: Verdict

    def report(self) -> dict[str, Any]:
        """The report as JSON values, with the path that leads to the file from here.

        Raises:
            IndexFileError: it cannot be read.
        """
        with named_errors(self.index, "cannot be read"):
            found = values.report_of(self.body)
        asset = found["asset"]
        said = asset.get("path")
        if not isinstance(said, str) or absolute(said) != self.path:
            asset["path"] = self.path  # it was said from another folder
        return found


@dataclass
class Update(Iterator[Answer[T]]):
    """A run over files: the answers for those that had to be looked at.

    Once it has ended, `known` has the row ids of the others, `came_out` how each of them came out,
    and `outcomes` how many did so; `Index.outcome` tells what a number means.

    Args:
        index: where to keep it.
        batches: the files, by folder.
        look: by what to judge, and what else to make of each report.
        fixed: the moment to judge by was given, and is no passing one.
        rehash: read what seems unchanged, and compare its content.
        roots: the folders that are walked.
        jobs: see `verify_many`.
        engine: see `verify_many`.
        stop: ends the run early, with what is known so far.
    """

    index: Index
    batches: Iterable[Batch]
    look: Look[T]
    fixed: bool = False
    rehash: bool = False
    roots: tuple[str, ...] = ()
    jobs: int | None = None
    engine: Engine | None = None
    stop: Event | None = None
    known: "array[int]" = field(default_factory=lambda: array("q"))
    came_out: "array[int]" = field(default_factory=lambda: array("q"))
    outcomes: Counter[int] = field(default_factory=Counter)
    _answers: Generator[Answer[T]] | None = None

    def __next__(self) -> Answer[T]:
        """The next answer, not in the order of the files.

        Raises:
            IndexFileError: the index cannot be written.
        """
        if self._answers is None:
            self._answers = self._run()
        with named_errors(self.index.name, "cannot be written"):
            return next(self._answers)

    def close(self) -> None:
        """End it early; what was found by then is kept."""
        if self._answers is not None:
            self._answers.close()

    def _run(self) -> Generator[Answer[T]]:
        terms = self.look.terms
        self._digest = terms_digest(terms, fixed=self.fixed)
        self._until = min((end for end in _ends(terms)), default=FOREVER)
        self._writer = Writer(self.index.connection, self._digest, _told(terms), terms.at)
        self._visited: set[int] = set()
        self._read: dict[str, Known] = {}  # what is known of those whose content is compared
        self._at = terms.at.timestamp()
        task = _Remember(Look(terms, Indexed(self.look.then, always=bool(terms.online))))
        flushed = time.monotonic()
        work: Any = task  # a look with more in its answers
        answers: Iterator[Any] = run(
            work,
            self._changed(),
            jobs=self.jobs,
            engine=self.engine,
            stop=self.stop,
        )
        try:
            for named, row, answer in answers:  # see `_Remember`
                known = self._read.pop(named.path, None)
                if row is None:
                    self._writer.touch(named)
                    if known is not None:
                        self._count(known)
                else:
                    self._writer.put(named, row, min(row.until, self._until))
                    yield answer
                now = time.monotonic()
                if self._writer.waiting >= _TOGETHER or now - flushed > _OFTEN:
                    self._writer.flush()
                    flushed = now
            self._writer.flush()
            if self.stop is None or not self.stop.is_set():
                for root in self.roots:
                    self._writer.forget_folders(absolute(root), self._visited)
                self._writer.sweep()
        finally:
            self._writer.flush()

    def _changed(self) -> Iterator[Named]:
        """The files that must be looked at; the others are counted on the way."""
        for batch in self.batches:
            by_folder: dict[str, list[Named]] = {}
            if batch.whole:
                by_folder[absolute(batch.folder)] = list(batch.files)
            else:
                for one in batch.files:
                    folder, _ = split(absolute(one.path))
                    by_folder.setdefault(folder, []).append(one)
            for folder, named in by_folder.items():
                yield from self._changed_in(folder, named, whole=batch.whole)

    def _changed_in(self, folder: str, files: list[Named], *, whole: bool) -> Iterator[Named]:
        held = self._writer.rows_of(folder, whole or len(files) > 1, files)
        folder_id: int | None = None
        rows: dict[str | bytes, Known] = {}
        if held is not None:
            folder_id, rows = held
            self._visited.add(folder_id)
        names = set()
        terms, at = self._writer.terms, self._at
        for one in files:
            path = one.path if whole else absolute(one.path)
            name = stored(split(path)[1] if one.away else path[path.rfind(os.sep) + 1 :])
            names.add(name)
            mark = one.mark if one.mark is not None else mark_of(one.path)
            row = rows.get(name)
            if row is None or mark is None or row[8] != terms or row[9] <= at:
                yield one._replace(mark=mark, sha256=b"" if self.rehash else None)
            elif self.rehash:
                self._read[one.path] = row
                yield one._replace(mark=mark, sha256=row[5] or b"")
            elif row[1:5] != mark:
                yield one._replace(mark=mark)
            else:
                self._count(row)
        if whole and folder_id is not None:
            gone = [row[7] for name, row in rows.items() if name not in names]
            self._writer.forget(gone)

    def _count(self, row: Known) -> None:
        outcome = values.integer(row[6])
        self.known.append(row[7])
        self.came_out.append(outcome)
        self.outcomes[outcome] += 1


@dataclass(frozen=True, slots=True)
class _Remember:
    """A look whose answers tell which file they are of.

    With the SHA-256 of a file given, it is read first; the answer has no row when it is the same.
    """

    look: Look[Any]

    def start(self) -> Any:
        """See `Task`."""
        work = self.look.start()

        def remembering(named: Named) -> tuple[Named, Row | None, Answer[Any]]:
            content = None
            if named.sha256 is not None:
                content = _content(named.path)
                if content is not None and content[0] == named.sha256:
                    return named, None, Answer(Facts(named.path), None)
            return _with_row(named, work(named), content)

        return remembering

    def lost(self, item: Named, loss: Any) -> tuple[Named, Row | None, Answer[Any]]:
        """See `Task`."""
        return _with_row(item, self.look.lost(item, loss), None)


def _with_row(
    named: Named, answer: Answer[Any], content: tuple[bytes, bytes] | None
) -> tuple[Named, Row | None, Answer[Any]]:
    facts = answer.facts
    digest = content[0] if content else None
    if answer.value is None:
        return named, _passed_over(facts, digest), answer
    row, value = answer.value
    hashes = (*row.hashes, ("file", f"sha256:{content[1].hex()}")) if content else row.hashes
    return named, row._replace(sha256=digest, hashes=hashes), Answer(facts, value)


def _passed_over(facts: Facts, digest: bytes | None) -> Row:
    outcome = Outcome(
        state=None,
        location="none",
        format=None,
        error=facts.error.value if facts.error else None,
        signer=None,
        failed="",
        codes="",
        policy=0,
        words="passed over",
        tone="FAINT",
        interesting=False,
    )
    return Row(outcome, None, "", (), (), FOREVER, sha256=digest)


def _content(path: str) -> tuple[bytes, bytes] | None:
    """The SHA-256 of a file with its sidecar, and of it alone; None for what is no file."""
    hasher, alone = sha256(), b""
    try:
        beside = _beside(path)
        if os.path.isdir(path):
            return None
        for one in (path, *((beside,) if beside else ())):
            with open_source(one) as source:
                for block in source.blocks(Span(0, source.size)):
                    hasher.update(block)
            alone = alone or hasher.digest()
            hasher.update(b"\0")
    except (OSError, MalformedError):  # the latter: it shrank
        return None
    return hasher.digest(), alone


def _beside(path: str) -> str | Path | None:
    if is_address(path):
        from provenance.remote.source import beside

        return beside(RemoteFile(path))
    from provenance.formats import sidecar

    return sidecar.paired(Path(path))


def terms_digest(terms: Terms, *, fixed: bool) -> str:
    """What a verdict depends on besides the file, as one word."""
    words = (
        VERSION,
        plain(terms.trust),
        terms.at.isoformat() if fixed else None,
        plain(terms.limits),
        bool(terms.online),
        plain(terms.policy),
    )
    return sha256(repr(words).encode()).hexdigest()


def _told(terms: Terms) -> str:
    policy = f", policy {terms.policy.name}" if terms.policy else ""
    return f"{VERSION}; {terms.trust.words(terms.at)}{policy}"


def _ends(terms: Terms) -> Iterator[float]:
    """When an anchor begins or ends, from now on."""
    trust, now = terms.trust, terms.at.timestamp()
    for der in (*trust.anchors, *trust.tsa_anchors, *trust.identity_anchors):
        yield from (end for end in expiry(der) if end > now)
