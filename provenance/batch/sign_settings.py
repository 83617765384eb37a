"""All that a signed file depends on besides its input, as bytes: who signs, and what is said.

What a definition names, such as a model or a parent, counts with its size and time: a model that
has changed makes another file. The moment, and the version of this library, do not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from provenance.batch.plain import plain
from provenance.batch.sign_task import Who
from provenance.batch.walk import mark_of

__all__ = ["settings_of"]

_APART = ("verify_after", "trust")  # a trust list that is a day younger makes no other file


def settings_of(who: Who, told: object, how: Mapping[str, Any], *more: object) -> bytes:
    """One word for the settings of a run.

    Args:
        who: signs.
        told: what is said of each file, or of all.
        how: the arguments of `sign`; the trust among them does not count.
        more: whatever else does.
    """
    vouching = ((one.signer, one.roles) for one in who.identities)
    keys = ((who.signer, ()), *vouching)
    words = (
        [(one.alg, tuple(one.certificate_chain), roles) for one, roles in keys],
        getattr(who.authority, "url", type(who.authority).__name__),
        plain(told),
        [(str(path), mark_of(str(path))) for path in _paths(told)],
        plain({key: value for key, value in how.items() if key not in _APART}),
        plain(more),
    )
    return repr(words).encode("utf-8", "surrogateescape")


def _paths(value: Any) -> Iterator[Path]:
    match value:
        case Path():
            yield value
        case dict():
            for one in value.values():
                yield from _paths(one)
        case tuple() | list():
            for one in value:
                yield from _paths(one)
        case _ if is_dataclass(value) and not isinstance(value, type):
            for one in fields(value):
                yield from _paths(getattr(value, one.name))
