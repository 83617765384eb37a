"""A report as it comes from another process: its bytes, and the verdict beside them.

A report is unpacked when more is asked of it than where it is from and what state it is in, so
that whoever looks for the few that are wrong pays for those.
"""

import pickle
from typing import Any

from provenance.validate.results import ValidationState, VerificationReport
from provenance.validate.run import Examined

__all__ = ["Packed", "pack", "unpack"]

_FIELDS = tuple(VerificationReport.__dataclass_fields__)


class Packed(VerificationReport):
    """A report that may not be unpacked yet; it is equal to the one that it holds."""

    __slots__ = ("_bytes", "_state")

    def __getattr__(self, name: str) -> Any:
        # Asked only for what is not there: a field, before the report is unpacked.
        if name not in _FIELDS:
            raise AttributeError(name)
        report: VerificationReport = pickle.loads(self._bytes)  # noqa: S301  # of our own worker
        for one in _FIELDS:
            object.__setattr__(self, one, getattr(report, one))
        object.__setattr__(self, "_bytes", b"")
        return getattr(self, name)

    @property
    def state(self) -> ValidationState | None:
        """See `VerificationReport`."""
        return self._state  # type: ignore[no-any-return]  # see `unpack`

    def plain(self) -> VerificationReport:
        """The same report, unpacked."""
        return VerificationReport(**{name: getattr(self, name) for name in _FIELDS})

    def __eq__(self, other: object) -> bool:
        theirs = other.plain() if isinstance(other, Packed) else other
        return self.plain() == theirs

    def __hash__(self) -> int:
        return hash(self.plain())

    def __repr__(self) -> str:
        return repr(self.plain())

    def __reduce__(self) -> tuple[Any, ...]:
        if self._bytes:
            return unpack, ((self._bytes, self.asset, self._state),)
        return _itself, (self.plain(),)


def _itself(report: VerificationReport) -> VerificationReport:
    return report


Row = tuple[bytes, Any, ValidationState | None]


def pack(examined: Examined) -> Row:
    """A report for the way to another process."""
    report = examined.report
    return pickle.dumps(report, pickle.HIGHEST_PROTOCOL), report.asset, report.state


def unpack(row: Row) -> Packed:
    """A report from another process; its verdict is at hand, the rest when asked for."""
    report: Packed = object.__new__(Packed)
    for name, value in zip(("_bytes", "asset", "_state"), row, strict=True):
        object.__setattr__(report, name, value)
    return report
