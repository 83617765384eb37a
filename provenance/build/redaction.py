"""Taking assertions out of manifests that others signed, as the standard allows.

The claim stays as it was and goes on listing what is gone; whoever redacts says so in a claim of
their own. Actions and hard bindings cannot be redacted. Source: C2PA 2.2 §6.8, §18.15.12.2.
"""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from provenance.boxes import box
from provenance.build.merge import Merged
from provenance.errors import DefinitionError
from provenance.jumbf import Box, SuperBox, uuids
from provenance.model import labels
from provenance.model.labels import AssertionLabel
from provenance.model.store import Manifest, ManifestStore
from provenance.validate.reading import Reading
from provenance.validate.walk import target_label

__all__ = ["REASONS", "find_targets", "reason_of", "without"]

_KEPT = ("c2pa.actions", "c2pa.hash.")
REASONS = {
    "pii": "c2pa.PII.present",
    "invalid-data": "c2pa.invalid.data",
    "trade-secret": "c2pa.trade-secret.present",
    "government-confidential": "c2pa.government.confidential",
}


def reason_of(text: str) -> str:
    """The reason that a short word, or the reason itself, stands for.

    Raises:
        DefinitionError: no word of ours, and not in anybody's namespace.
    """
    found = REASONS.get(text.lower(), text)
    if found not in REASONS.values() and "." not in found:
        near = get_close_matches(text.lower(), REASONS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(REASONS)}"
        raise DefinitionError("reason", f"{text[:60]!r} is none; {hint}")
    return found


def find_targets(wanted: Iterable[str], readings: Mapping[str, Reading]) -> tuple[str, ...]:
    """The assertions that some labels mean, as absolute URIs.

    Args:
        wanted: labels (`cawg.metadata`), or URIs as a report shows them. A label means every
            assertion of that name in the chain, whatever its version and instance.
        readings: the manifests of the chain.

    Raises:
        DefinitionError: nothing of that label, or something that cannot be redacted.
    """
    here = {
        one.url: one.label
        for reading in readings.values()
        for one in reading.assertions
        if one.box is not None
    }
    found: dict[str, None] = {}
    for text in wanted:
        name = AssertionLabel.parse(text).name
        means = [url for url, label in here.items() if text in (url, _last(url), label.name)]
        means = means or [url for url, label in here.items() if label.name == name]
        if not means:
            near = get_close_matches(text, {one.name for one in here.values()}, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise DefinitionError("label", f"no manifest here has {text[:80]!r}{hint}")
        for url in means:
            if here[url].name.startswith(_KEPT):
                raise DefinitionError("label", f"{here[url].name} cannot be redacted (§6.8)")
            found[url] = None
    return tuple(found)


def _last(url: str) -> str:
    return url.rpartition("/")[2]


def without(
    store: ManifestStore, targets: Iterable[str], readings: Mapping[str, Reading]
) -> tuple[Merged, ...]:
    """The manifests of a store with some assertions taken out.

    A manifest that only a redacted ingredient led to goes as well.
    """
    gone = set(targets)
    kept = _reachable(store, gone, readings)
    reached = set(readings)
    return tuple(
        Merged(one.label, _cut(one, gone))
        for one in store.manifests
        if one.label in kept or one.label not in reached
    )


def _reachable(store: ManifestStore, gone: set[str], readings: Mapping[str, Reading]) -> set[str]:
    active = store.active
    waiting = [active.label] if active else []
    found: set[str] = set()
    while waiting:
        label = waiting.pop()
        if label in found or label not in readings:
            continue
        found.add(label)
        waiting += _below(readings[label], gone)
    return found


def _below(reading: Reading, gone: set[str]) -> Iterator[str]:
    for typed in reading.ingredients:
        reference = typed.content.active_manifest if typed.content else None
        label = target_label(reference.url) if reference else None
        if label is not None and typed.listed.url not in gone:
            yield label


def _cut(manifest: Manifest, gone: set[str]) -> bytes:
    raw = bytes(manifest.box.raw)
    here = {url for url in gone if target_label(url) == manifest.label}
    if not here:
        return raw
    parts = [_without_assertions(one, manifest, here) for one in manifest.box.children]
    first = raw[manifest.box.header : manifest.box.children[0].offset - manifest.box.offset]
    return box(b"jumb", first + b"".join(parts))


def _without_assertions(child: Box | SuperBox, manifest: Manifest, here: set[str]) -> bytes:
    raw = bytes(child.raw)
    if not isinstance(child, SuperBox) or child.uuid != uuids.ASSERTION_STORE:
        return raw
    start = child.children[0].offset - child.offset if child.children else len(raw)
    kept = [
        bytes(one.raw)
        for one in child.children
        if not isinstance(one, SuperBox)
        or manifest.uri(labels.ASSERTIONS, one.label or "") not in here
    ]
    return box(b"jumb", raw[child.header : start] + b"".join(kept))
