"""What was found of manifests before, for the manifests that stand in many files of a run.

A manifest is known again when its bytes are the same, at the same place of the store: they are
compared, not a hash of them, so that no other byte can pass for them. Its findings are known again
when all that they were found by is the same: while a manifest is judged, a `Watched` context notes
what is asked of it, and whatever that was (other manifests, trust, the moment, redactions) must be
the same thing again.

Not for two threads at once. What is kept is bounded; the oldest goes first.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast

from provenance.jumbf import SuperBox
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.model.assertions import ingredient
from provenance.model.assertions.ingredient import Ingredient
from provenance.model.store import Manifest
from provenance.trust.judge import Judgement, judge
from provenance.trust.settings import TrustSettings
from provenance.validate.context import Context
from provenance.validate.reading import Contents, Reading, read_manifest
from provenance.validate.watched import Asked, Watched

__all__ = ["Memory"]

T = TypeVar("T")

_BYTES = 16 << 20  # of the stores whose manifests are kept
_MANIFESTS = 512
_WAYS = 4  # in which one manifest was judged, as it stood among others
_CHAINS = 512  # of certificates
_INGREDIENTS, _INGREDIENT = 256, 64 << 10  # assertions; bytes of one


class Memory:
    """What one run knows of manifests and of certificates.

    Args:
        limits: those of the run. By others nothing is known, nor learnt.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self._left = _BYTES
        self._held: OrderedDict[tuple[int, bytes], _Held] = OrderedDict()
        self._by_box: dict[int, _Held] = {}
        self._trust: TrustSettings | None = None
        self._judgements: OrderedDict[tuple[Any, ...], Judgement] = OrderedDict()
        self._contents = _Known()

    def recall(self, at: int, raw: bytes) -> tuple[SuperBox, int] | None:
        """See `provenance.jumbf.Shelf`."""
        held = self._held.get((at, raw))
        if held is None or held.box is None:
            return None
        self._held.move_to_end((at, raw))
        return held.box, held.boxes

    def keep(self, at: int, raw: bytes, box: SuperBox, boxes: int, size: int) -> None:
        """See `provenance.jumbf.Shelf`."""
        if size > _BYTES // 8:  # it would push out all others
            return
        held = self._held[at, raw] = _Held(box, boxes, size)
        self._by_box[id(box)] = held
        self._left -= size
        while self._left < 0 or len(self._held) > _MANIFESTS:
            _, oldest = self._held.popitem(last=False)
            del self._by_box[id(oldest.box)]
            self._left += oldest.size
            oldest.let_go()

    def read(self, manifest: Manifest, limits: Limits) -> Reading:
        """As `read_manifest`; a manifest that stood in an earlier file is not read again."""
        if limits is not self.limits and limits != self.limits:
            return read_manifest(manifest, limits)
        held = self._by_box.get(id(manifest.box))
        if held is None or manifest.content is not manifest.box:  # not kept, or compressed
            return read_manifest(manifest, limits, self._contents)
        if held.reading is None:
            held.reading = read_manifest(manifest, limits, self._contents)
        return held.reading

    def find(
        self, kind: str, reading: Reading, context: Context, find: Callable[[Reading, Context], T]
    ) -> T:
        """What `find` makes of a manifest in its context: known if all that it asks is the same.

        Args:
            kind: a name for what `find` does.
            reading: the manifest.
            context: what it stands in.
            find: its value is handed out again, so it must not be one that changes.
        """
        held = self._by_box.get(id(reading.manifest.box))
        if held is None or held.reading is not reading:
            return find(reading, context)
        for one in held.found:
            if one.kind == kind and one.needs.met(context, self._by_box):
                return cast("T", one.value)
        watched = Watched(context)
        value = find(reading, cast("Context", watched))
        needs = self._needs(watched.asked())
        if needs is not None:
            held.found.insert(0, _Found(kind, value, needs))
            del held.found[_WAYS * 2 :]
        return value

    def _needs(self, asked: Asked | None) -> "_Needs | None":
        """What must be the same again; None if that includes something that is not kept."""
        if asked is None:
            return None
        manifests: dict[str, _Held | None] = {}
        for label, manifest in asked.manifests.items():
            manifests[label] = self._by_box.get(id(manifest.box)) if manifest else None
            if manifest is not None and manifests[label] is None:
                return None
        readings: dict[str, _Held | None] = {}
        for label, reading in asked.readings.items():
            held = self._by_box.get(id(reading.manifest.box)) if reading else None
            if reading is not None and (held is None or held.reading is not reading):
                return None
            readings[label] = held
        return _Needs(asked.plain, manifests, readings, asked.tokens)

    def judge(
        self, chain: Sequence[bytes], trust: TrustSettings, at: datetime, limits: Limits
    ) -> Judgement:
        """As `provenance.trust.judge`; the same certificates at the same moment are judged once."""
        if trust is not self._trust:
            self._trust = trust
            self._judgements.clear()
        key = (at, *chain)
        found = self._judgements.get(key)
        if found is None:
            found = self._judgements[key] = judge(chain, trust, at, limits)
            if len(self._judgements) > _CHAINS:
                self._judgements.popitem(last=False)
        return found


class _Known(Contents):
    """Ingredient assertions, which are the same in all that was made of one thing."""

    def __init__(self) -> None:
        self._values: OrderedDict[tuple[bytes, bytes], Any] = OrderedDict()
        self._typed: dict[int, dict[int, Ingredient]] = {}  # by id of a value above, and version

    def value(self, box: SuperBox, limits: Limits) -> Any:
        """See `Contents`. What cannot be decoded is not kept: why tells of its place."""
        if box.label is None or not box.label.startswith(ingredient.NAME) or not box.children:
            return super().value(box, limits)
        # What stands before the content, such as a salt, has no part in its value.
        content = bytes(box.raw[box.children[0].offset - box.offset :])
        key = box.uuid, content
        if key in self._values:
            return self._values[key]
        value = super().value(box, limits)
        if len(content) <= _INGREDIENT:
            self._values[key] = value
            self._typed[id(value)] = {}
            if len(self._values) > _INGREDIENTS:
                _, oldest = self._values.popitem(last=False)
                self._typed.pop(id(oldest), None)
        return value

    def ingredient(self, value: Any, version: int) -> Ingredient:
        """See `Contents`."""
        known = self._typed.get(id(value))
        if known is None:
            return super().ingredient(value, version)
        if version not in known:
            known[version] = super().ingredient(value, version)
        return known[version]


@dataclass(slots=True, eq=False)
class _Held:
    """A manifest that may come again."""

    box: SuperBox | None  # None: let go of
    boxes: int  # in it
    size: int  # bytes of the store whose memory it holds
    reading: Reading | None = None
    found: "list[_Found]" = field(default_factory=list)

    def let_go(self) -> None:
        """Others may remember that it was needed; nothing else of it shall stay."""
        self.box = self.reading = None
        self.found.clear()


@dataclass(frozen=True, slots=True, eq=False)
class _Needs:
    """What something was found by."""

    plain: Mapping[str, Any]
    manifests: Mapping[str, _Held | None]
    readings: Mapping[str, _Held | None]
    tokens: Mapping[str, Any]

    def met(self, context: Context, held: Mapping[int, _Held]) -> bool:
        """Is all of it the same in this context?"""
        for name, value in self.plain.items():
            now = getattr(context, name)
            if now is not value and now != value:
                return False
        for label, one in self.manifests.items():
            manifest = context.store.manifest(label)
            if (manifest and held.get(id(manifest.box), manifest)) is not one:
                return False
        for label, one in self.readings.items():
            reading = context.readings.get(label)
            if one is None or reading is None:
                if one is not None or reading is not None:
                    return False
            elif one.reading is not reading:
                return False
        return all(context.tokens.get(label) == one for label, one in self.tokens.items())


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    kind: str
    value: Any
    needs: _Needs
