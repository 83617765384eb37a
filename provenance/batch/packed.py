"""A report as it comes from another process: its bytes, and the verdict beside them.

A report is unpacked when more is asked of it than where it is from and what state it is in, so
that whoever looks for the few that are wrong pays for those. What is told of a manifest that stands
in many files is packed once.
"""

import io
import pickle
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from operator import attrgetter
from typing import Any, NamedTuple

from provenance.model.assertions import ingredient
from provenance.validate.results import (
    AssertionReport,
    AssetInfo,
    ValidationState,
    VerificationReport,
)
from provenance.validate.run import Examined

__all__ = ["Packed", "Packer", "pack", "unpack"]

_KNOWN = 512  # manifests and values


class Packed(VerificationReport):
    """A report that may not be unpacked yet; it is equal to the one that it holds."""

    _held: "Row | VerificationReport"

    def __init__(self, **values: Any) -> None:  # as `dataclasses.replace` makes one
        object.__setattr__(self, "_held", VerificationReport(**values))

    @property
    def asset(self) -> AssetInfo:
        """See `VerificationReport`."""
        held = self._held
        return held.asset if isinstance(held, VerificationReport) else held[1]

    @property
    def state(self) -> ValidationState | None:
        """See `VerificationReport`."""
        held = self._held
        return held.state if isinstance(held, VerificationReport) else held[2]

    def plain(self) -> VerificationReport:
        """The same report, unpacked."""
        held = self._held
        if not isinstance(held, VerificationReport):
            held = held[0].unpacked()
            object.__setattr__(self, "_held", held)
        return held

    def __eq__(self, other: object) -> bool:
        theirs = other.plain() if isinstance(other, Packed) else other
        return self.plain() == theirs

    def __hash__(self) -> int:
        return hash(self.plain())

    def __repr__(self) -> str:
        return repr(self.plain())

    def __reduce__(self) -> tuple[Any, ...]:
        held = self._held
        if isinstance(held, VerificationReport):
            return _itself, (held,)
        return unpack, (held,)


def _from_plain(name: str) -> property:
    return property(lambda one: getattr(one.plain(), name))


for _name in VerificationReport.__dataclass_fields__:
    if _name != "asset":
        setattr(Packed, _name, _from_plain(_name))


def _itself(report: VerificationReport) -> VerificationReport:
    return report


class _Parts(NamedTuple):
    """A report in pieces, each packed."""

    own: bytes  # the report, with the active manifest alone, and without the values below
    values: tuple[tuple[int, bytes], ...]  # of its assertions, by their place
    others: tuple[bytes, ...]  # the other manifests

    def unpacked(self) -> VerificationReport:
        """The report as it was."""
        report: VerificationReport = pickle.loads(self.own)  # noqa: S301  # of our own worker
        if not report.manifests:
            return report
        active = report.manifests[0]
        if self.values:
            assertions = list(active.assertions)
            for place, value in self.values:
                assertions[place] = replace(assertions[place], value=pickle.loads(value))  # noqa: S301
            active = replace(active, assertions=tuple(assertions))
        return replace(report, manifests=(active, *map(pickle.loads, self.others)))


Row = tuple[_Parts, AssetInfo, ValidationState | None]


class Packer:
    """Makes reports ready for the way to another process."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, tuple[object, bytes]] = OrderedDict()

    def __reduce__(self) -> tuple[type["Packer"], tuple[()]]:
        return Packer, ()  # what it knows is of use where it was learnt

    def __call__(self, examined: Examined) -> Row:
        """The parts of a report, the file it is of, and its state."""
        report = examined.report
        if not report.manifests:
            return _Parts(_packed(report), (), ()), report.asset, report.state
        active, *others = report.manifests
        values = []
        assertions = list(active.assertions)
        for place, one in enumerate(assertions):
            if one.label.startswith(ingredient.NAME):  # the same in all that was made of one thing
                values.append((place, self._once(one.value)))
                assertions[place] = AssertionReport(one.label, None, one.created, one.redacted)
        own = replace(report, manifests=(replace(active, assertions=tuple(assertions)),))
        parts = _Parts(_packed(own), tuple(values), tuple(map(self._once, others)))
        return parts, report.asset, report.state

    def _once(self, value: object) -> bytes:
        known = self._known.get(id(value))
        if known is None:
            # It is held, so that nothing else can get its id.
            known = self._known[id(value)] = value, _packed(value)
            if len(self._known) > _KNOWN:
                self._known.popitem(last=False)
        return known[1]


def pack(examined: Examined) -> Row:
    """One report for the way to another process."""
    return Packer()(examined)


def _packed(value: object) -> bytes:
    out = io.BytesIO()
    pickler = pickle.Pickler(out, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _REDUCERS
    pickler.dump(value)
    return out.getvalue()


class _Reducers(dict[type, Callable[[Any], tuple[Any, ...]]]):
    """By type, how a value is taken apart: faster than dataclasses and enums do it themselves."""

    def __missing__(self, kind: type) -> Callable[[Any], tuple[Any, ...]]:
        if issubclass(kind, Enum):
            self[kind] = lambda one: (kind, (one.value,))
            return self[kind]
        if not is_dataclass(kind) or "__slots__" not in kind.__dict__:
            raise KeyError(kind)  # it is asked how
        names = tuple(one.name for one in fields(kind))
        values = attrgetter(*names) if len(names) > 1 else lambda one: (getattr(one, names[0]),)

        def reduced(one: Any) -> tuple[Any, ...]:
            return _remade, (kind, values(one))

        self[kind] = reduced
        return reduced


_REDUCERS = _Reducers(
    {
        AssertionReport: AssertionReport.__reduce__,  # which copies a view
        datetime: lambda one: (datetime, one.__reduce__()[1]),
    }
)


def _remade(kind: type[Any], values: tuple[Any, ...]) -> Any:
    one: Any = object.__new__(kind)
    for name, value in zip(kind.__dataclass_fields__, values, strict=True):
        object.__setattr__(one, name, value)
    return one


def unpack(row: Row) -> Packed:
    """A report from another process; its verdict is at hand, the rest when asked for."""
    report: Packed = object.__new__(Packed)
    object.__setattr__(report, "_held", row)
    return report
