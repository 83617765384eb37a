"""A context that notes what is asked of it, so that one knows what an answer depends on.

What does not name a thing that can be compared later (the asset, the store as a whole) makes the
answer one for this asset only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from provenance.jumbf import JumbfUri, SuperBox
from provenance.model.store import Manifest, ManifestStore
from provenance.validate.context import Context

__all__ = ["Asked", "Watched"]

V = TypeVar("V")

# The same for every asset of a run, or compared by value.
_PLAIN = frozenset(
    (
        *("trust", "at", "limits", "door", "far", "memory"),
        *("redacted", "redacted_manifests", "statuses"),
    )
)


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What was asked of a context, and what it said."""

    plain: Mapping[str, Any]
    manifests: Mapping[str, Manifest | None]  # by label
    readings: Mapping[str, Any]  # by label
    tokens: Mapping[str, Any]  # by label


class Watched:
    """A context that is looked at; hand it on as a `Context`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._plain: dict[str, Any] = {}
        self._whole = False
        self._store = _Store(context.store)
        self._readings = _Labelled(context.readings)
        self._tokens = _Labelled(context.tokens)

    def __getattr__(self, name: str) -> Any:
        # Asked only for what is not there: a field of the context.
        value = getattr(self._context, name)
        if name == "store":
            return self._store
        if name == "readings":
            return self._readings
        if name == "tokens":
            return self._tokens
        if name in _PLAIN:
            self._plain[name] = value
        else:
            self._whole = True
        return value

    def asked(self) -> Asked | None:
        """What the answer depends on; None: on this very asset."""
        if self._whole or self._store.whole or self._readings.whole or self._tokens.whole:
            return None
        return Asked(self._plain, self._store.asked, self._readings.asked, self._tokens.asked)


class _Store:
    """A manifest store of which single manifests are asked for."""

    def __init__(self, store: ManifestStore) -> None:
        self._store_ = store
        self.asked: dict[str, Manifest | None] = {}
        self.whole = False

    def manifest(self, label: str) -> Manifest | None:
        """See `ManifestStore`."""
        found = self.asked[label] = self._store_.manifest(label)
        return found

    def resolve(self, uri: JumbfUri, within: Manifest) -> SuperBox | None:
        """See `ManifestStore`, whose own way this goes: by `manifest`."""
        return ManifestStore.resolve(cast("ManifestStore", self), uri, within)

    def __getattr__(self, name: str) -> Any:
        self.whole = True
        return getattr(self._store_, name)


class _Labelled(Mapping[str, V], Generic[V]):
    """Values by manifest label, of which single ones are asked for."""

    def __init__(self, values: Mapping[str, V]) -> None:
        self._values = values
        self.asked: dict[str, V | None] = {}
        self.whole = False

    def __getitem__(self, label: str) -> V:
        self.asked[label] = self._values.get(label)
        return self._values[label]

    def __iter__(self) -> Iterator[str]:
        self.whole = True
        return iter(self._values)

    def __len__(self) -> int:
        self.whole = True
        return len(self._values)
