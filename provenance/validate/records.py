"""What earlier validators wrote down in ingredient assertions, and where their word counts.

An ingredient assertion may say which flaws of the ingredient its maker saw; those are not reported
again. Its word counts for what lies below it, on every way that leads there, and only where
somebody answers for it: it is as it was signed, and so is the way to it. Otherwise whoever adds a
component could excuse the flaws of all the rest. Source: C2PA 2.2 §15.11.3, §18.15.12.4.3.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from provenance.validate.finding import Finding

__all__ = ["Records", "Way"]

_Key = tuple[str, str | None]
_MOST_LOOKUPS = 1_000_000  # beyond, nothing counts as known: a chain made to be slow


@dataclass(frozen=True, slots=True)
class Way:
    """An ingredient assertion, as a way from one manifest to another."""

    source: str  # label of the manifest that holds the assertion
    target: str  # label of the ingredient's manifest
    intact: bool  # the assertion is as its claim says
    flaws: tuple[_Key, ...]  # failures of the reference itself
    recorded: frozenset[_Key]


class Records:
    """All ways of a chain, to ask what is on record about a manifest."""

    def __init__(self, active: str, ways: Iterable[Way]) -> None:
        self._active = active
        self._to: dict[str, list[Way]] = {}
        self._ever: set[_Key] = set()  # on record anywhere
        for way in ways:
            self._to.setdefault(way.target, []).append(way)
            self._ever |= way.recorded
        self._answered: dict[str, bool] = {active: True}
        self._left = _MOST_LOOKUPS

    def news(self, findings: Iterable[Finding], label: str) -> tuple[Finding, ...]:
        """The findings about a manifest that are not on record."""
        if label == self._active or not self._is_answered(label):
            return tuple(findings)
        # On record on every way, whatever lies before: so nearly all of it is.
        always = frozenset.intersection(*(way.recorded for way in self._to[label]))
        return tuple(
            one for one in findings if one.key not in always and not self.knows(label, one.key)
        )

    def knows(self, label: str, key: _Key) -> bool:
        """Is this on record for a manifest, whichever way one comes to it?"""
        if key not in self._ever or label == self._active or not self._is_answered(label):
            return False  # what nobody wrote down need not be looked for on every way
        ways = self._to.get(label, ())
        self._left -= len(ways)
        if self._left < 0:
            return False
        return all(key in way.recorded or self.knows(way.source, key) for way in ways)

    def _is_answered(self, label: str) -> bool:
        """Does somebody answer for every way that leads to this manifest?"""
        known = self._answered.get(label)
        if known is None:
            self._answered[label] = False  # on a cycle nobody answers
            ways = self._to.get(label, ())
            known = bool(ways) and all(self._stands(way) for way in ways)
            self._answered[label] = known
        return known

    def _stands(self, way: Way) -> bool:
        if not way.intact or not self._is_answered(way.source):
            return False
        return all(self.knows(way.source, key) for key in way.flaws)
