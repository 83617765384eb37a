"""How `verify` prints: a report becomes text where it was made, and the main process passes it on.

Forms whose beginning depends on all reports (JUnit, SARIF) get the reports themselves.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provenance.cli.common import Exit, put
from provenance.report.style import Style
from provenance.validate.states import ErrorKind, ValidationState

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.batch.record import FileRecord
    from provenance.report.junit import Outcome
    from provenance.validate.results import VerificationReport
    from provenance.validate.run import Examined

__all__ = ["Showing", "Told", "exit_code", "exit_of"]

_WHOLE = ("junit", "sarif")
# That a file is damaged, or wears its reader out, is something found, and no failure to look.
_OF_THE_FILE = (ErrorKind.MALFORMED, ErrorKind.LIMIT)


@dataclass(frozen=True, slots=True)
class Told:
    """What a file is worth, and what is printed of it."""

    exit: int
    text: str
    report: Any = None  # packed, for the forms that need it
    known: bool = False  # from an index
    row: "FileRecord | None" = None  # for a table


@dataclass(frozen=True, slots=True)
class Showing:
    """A form, and how much of it. Made from a report it is a `Told`, in whatever process."""

    form: str
    fail_on: tuple[str, ...]
    style: Style
    brief: bool = False
    walked: bool = False  # files of a folder: a line each
    verbose: bool = False
    rows_at: "datetime | None" = None  # the moment of the run, if rows of a table are wanted

    def __call__(self, examined: "Examined") -> Told:
        """See `Look`."""
        code = int(exit_code(examined.report, self.fail_on))
        row = None
        if self.rows_at is not None:
            from provenance.batch.record import record_of

            row = record_of(examined, self.rows_at)
        if self.form in _WHOLE:
            from provenance.batch.packed import pack

            return Told(code, "", pack(examined), row=row)
        return Told(code, self.text(examined.report), row=row)

    def text(self, report: "VerificationReport") -> str:
        """What one file prints."""
        match self.form:
            case "text":
                return self._words(report)
            case "html":
                from provenance.report.html import html

                return html(report)
            case "csv":
                from provenance.report import csv

                return csv.row(report)
            case "crjson":
                from provenance.report import json
                from provenance.report.crjson import crjson

                return json.dumps(crjson(report))
            case "ndjson":
                from provenance.report import json

                return json.ndjson(report.to_dict())
            case _:
                from provenance.report import json

                return json.dumps(report.to_dict())

    def _words(self, report: "VerificationReport") -> str:
        from provenance.report import text

        if self.brief:
            return text.verdict_line(report, self.style, whole=True)
        if self.walked and not self.verbose:
            return text.few_lines(report, self.style)
        return text.text(report, style=self.style, verbose=self.verbose)

    def put_one(self, told: Told) -> None:
        """Print what is all there is."""
        if self.form in _WHOLE or self.form == "csv":
            self.put_all((told,))
        else:
            put(told.text, end="" if self.form == "html" else "\n")

    def put_all(self, rows: Iterable[Told]) -> None:
        """Print one after the other, as they come."""
        if self.form in _WHOLE:
            self._put_whole(rows)
        elif self.form in ("json", "crjson"):
            lead = "[\n"
            for told in rows:
                put(lead + told.text, end="")
                lead = ",\n"
            put("[]" if lead == "[\n" else "\n]")
        elif self.form == "csv":
            from provenance.report import csv

            put(csv.header(), end="")
            for told in rows:
                put(told.text, end="")
        else:
            apart = self.form == "text" and not self.brief and (self.verbose or not self.walked)
            between = ""
            for told in rows:
                if told.text:  # what an index knows and is good is only counted
                    put(between + told.text)
                    between = "\n" if apart else ""

    def _put_whole(self, rows: Iterable[Told]) -> None:
        from provenance.batch.packed import unpack

        reports: Iterator[VerificationReport] = (unpack(told.report) for told in rows)
        if self.form == "sarif":
            from provenance.report.sarif import sarif_pieces

            pieces = sarif_pieces(reports)
        else:
            from provenance.report.junit import junit_pieces

            pieces = junit_pieces(reports, self._outcome)
        for piece in pieces:
            put(piece, end="")

    def _outcome(self, report: "VerificationReport") -> "Outcome":
        from provenance.report.junit import Outcome

        code = exit_code(report, self.fail_on)
        if code is Exit.GOOD:
            return Outcome.PASSED
        return Outcome.ERROR if code is Exit.FAILED else Outcome.FAILURE


def exit_code(report: "VerificationReport", fail_on: tuple[str, ...] = ()) -> Exit:
    """What one report is worth under the policy in force.

    Args:
        report: of one file.
        fail_on: invalid always counts; missing unless only "invalid" is named; untrusted if named.
    """
    policy = 0
    if report.policy is not None:
        refused = 3 if report.policy.only_trust_failed else 2
        policy = 1 if report.policy.passed else refused
    error = report.errors[0].kind if report.errors else None
    return exit_of(report.state, error, policy, fail_on)


def exit_of(
    state: str | None, error: ErrorKind | None, policy: int, fail_on: tuple[str, ...]
) -> Exit:
    """The same, of what an index knows.

    Args:
        state: of the report.
        error: what could not be read, if anything could not.
        policy: 0 none, 1 passed, 2 failed, 3 failed by trust alone.
        fail_on: see `exit_code`.
    """
    if state is None:
        if error is not None:
            return Exit.INVALID if error in _OF_THE_FILE else Exit.FAILED
        return Exit.GOOD if set(fail_on) == {"invalid"} else Exit.NO_MANIFEST
    if state == ValidationState.INVALID:
        return Exit.INVALID
    # That nobody vouches for the signer is told apart from all else a policy asks for.
    if state == ValidationState.VALID and policy != 2 and ("untrusted" in fail_on or policy == 3):
        return Exit.UNTRUSTED
    return Exit.INVALID if policy in (2, 3) else Exit.GOOD
