"""What a validator must say of a forgery, and the list of all forgeries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.trust.settings import TrustSettings
from tests.attacks.forge import Forge

if TYPE_CHECKING:
    from provenance.fetch import Door

__all__ = ["ATTACKS", "Attack", "Expect", "attack", "beyond_limits", "unreadable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """A forged asset and the right answer to it.

    `failures` and `deltas` are all the failure codes there may be, about the active manifest and
    about its ingredients; `notes` are other codes that must be somewhere. A trusted signer goes
    without saying.
    """

    asset: bytes = field(repr=False)
    state: str | None = "Invalid"
    failures: frozenset[str] | set[str] = frozenset()
    deltas: frozenset[str] | set[str] = frozenset()
    notes: frozenset[str] | set[str] = frozenset()
    error: str | None = None  # the kind of a read error
    manifest: bytes | None = field(default=None, repr=False)  # a sidecar
    fragments: Sequence[bytes] = field(default=(), repr=False)  # media segments, in order
    beside: Mapping[str, bytes] = field(default_factory=dict)  # files of its folder
    trust: TrustSettings | None = None  # None: the forge's root
    at: datetime | None = None
    online: "bool | Door" = False
    limits: Limits = DEFAULT_LIMITS
    seconds: float = 2.0

    @property
    def codes(self) -> frozenset[str]:
        """Every code that is expected."""
        return frozenset((*self.failures, *self.deltas, *self.notes))


def unreadable(asset: bytes) -> Expect:
    """There is a manifest store, and nobody can make sense of it."""
    code = "manifest.inaccessible.malformed"
    return Expect(asset=asset, error="malformed", failures={code})


def beyond_limits(asset: bytes, *, seconds: float = 2.0) -> Expect:
    """There is more than we read, for which the standard has no code but the general one."""
    return Expect(asset=asset, error="limit", failures={"general.error"}, seconds=seconds)


Forger = Callable[[Forge], Expect]


@dataclass(frozen=True, slots=True)
class Attack:
    """A forgery: the clause it breaks, and the function that makes it."""

    clause: str
    make: Forger

    def __str__(self) -> str:
        return self.make.__name__


ATTACKS: list[Attack] = []


def attack(clause: str) -> Callable[[Forger], Forger]:
    """Put a forgery on the list. Its docstring says what is wrong."""

    def register(make: Forger) -> Forger:
        assert make.__doc__, f"{make.__name__} does not say what is wrong"
        assert make.__name__ not in {one.make.__name__ for one in ATTACKS}
        ATTACKS.append(Attack(clause, make))
        return make

    return register
