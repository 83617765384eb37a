"""All accounts at hand, by claim: the same claim signature is the same work, wherever it lies.

A manifest may be met several times: in the store of each remix, and in its own file. The best of
them counts: one that validates before one that does not, one that was checked against its asset
before one without, the one that lost least to redaction. A copy that was tampered with takes
nothing from the work whose signature it shows.
"""

from collections.abc import Iterable, Iterator

from provenance.chain.account import Account

__all__ = ["Pool"]

_MOST_UPDATES = 1_000  # on top of each other


class Pool:
    """Accounts, the best for each claim."""

    def __init__(self) -> None:
        self._best: dict[str, Account] = {}
        self._redacted: dict[str, set[str]] = {}
        self._pinned: set[str] = set()

    def add(self, accounts: Iterable[Account]) -> None:
        """Take in what a store holds."""
        for one in accounts:
            before = self._best.get(one.claim)
            better = before is None or _worth(one) > _worth(before)
            if better and one.claim not in self._pinned:
                self._best[one.claim] = one
            self._redacted.setdefault(one.claim, set()).update(one.redacted)

    def pin(self, account: Account) -> None:
        """Let this account stand, whatever better one is met: the asset asked about is this."""
        self._best[account.claim] = account
        self._pinned.add(account.claim)

    def claims(self) -> tuple[str, ...]:
        """All that there are accounts of."""
        return tuple(self._best)

    def best(self, claim: str) -> Account | None:
        """The best account of a claim."""
        return self._best.get(claim)

    def redacted(self, claim: str) -> tuple[str, ...]:
        """The labels of what was taken out of it anywhere."""
        return tuple(sorted(self._redacted.get(claim, ())))

    def base(self, claim: str) -> tuple[str, tuple[Account, ...]]:
        """What an update manifest updates, through all of them, and the updates on the way."""
        passed: list[Account] = []
        for _ in range(_MOST_UPDATES):
            account = self._best.get(claim)
            if account is None or account.updates is None:
                break
            passed.append(account)
            claim = account.updates
        return claim, tuple(passed)

    def __iter__(self) -> Iterator[Account]:
        return iter(self._best.values())


def _worth(one: Account) -> tuple[bool, bool, int]:
    return not one.broken, one.bound, -len(one.redacted)
