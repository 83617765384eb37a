"""How each file of many is looked at: by the same terms, and what becomes of its report.

    Named ─▶ examine ─▶ policy ─▶ Answer: the few facts that a table needs, and what `then` makes

`then` runs where the file was read, so that only what is wanted crosses to another process. Who
only hands the work out does not load what does it: see `examining`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from provenance.batch.task import Loss
from provenance.batch.walk import Named
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.trust.settings import TrustSettings
from provenance.validate.states import ErrorKind, ValidationState

if TYPE_CHECKING:
    from provenance.fetch import Door
    from provenance.policy import Policy
    from provenance.validate.run import Examined

__all__ = ["Answer", "Facts", "Look", "Terms"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By what every file is judged."""

    trust: TrustSettings
    at: datetime  # one moment for all: a run judges alike, however long it takes
    limits: Limits = DEFAULT_LIMITS
    online: "bool | Door" = False
    policy: "Policy | None" = None
    manifest: str | None = None  # of a single file
    fragments: tuple[str, ...] = ()  # of a single file


@dataclass(frozen=True, slots=True)
class Facts:
    """What a table at the end, or an exit code, needs of a report."""

    path: str
    state: ValidationState | None = None
    failed: tuple[str, ...] = ()  # codes, each once
    signer: str | None = None
    error: ErrorKind | None = None  # the first
    size: int = 0  # bytes
    interesting: bool = True  # False: found in a folder, and of no format that we look into


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What came of one file; no `value` for one that is passed over."""

    facts: Facts
    value: T | None


@dataclass(frozen=True, slots=True)
class Look(Generic[T]):
    """The task for an engine: see `provenance.batch.task`.

    Args:
        terms: by what to judge.
        then: what to make of each report; it travels to other processes.
    """

    terms: Terms
    then: "Callable[[Examined], T]"

    def start(self) -> Callable[[Named], Answer[T]]:
        """See `Task`."""
        from provenance.batch.examining import look_at
        from provenance.validate.memory import Memory

        memory = Memory(self.terms.limits)
        return lambda named: self._answer(named, look_at(named, self.terms, memory))

    def lost(self, item: Named, loss: Loss) -> Answer[T]:
        """See `Task`."""
        from provenance.batch.examining import unread
        from provenance.validate.run import Examined

        kind = ErrorKind.LIMIT if loss.memory else ErrorKind.IO
        return self._answer(item, Examined(unread(item, kind, loss.why), None))

    def _answer(self, named: Named, examined: "Examined") -> Answer[T]:
        from provenance.batch.examining import facts_of, of_no_interest

        report = examined.report
        facts = facts_of(report, interesting=not (named.found and of_no_interest(report)))
        return Answer(facts, self.then(examined) if facts.interesting else None)
