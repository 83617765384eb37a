"""A manifest read once: its claim and its assertions decoded, problems kept as findings.

Checks look at readings; none of them decodes anything again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Generic, TypeVar

from provenance.cbor import decode
from provenance.errors import MalformedError
from provenance.jumbf import JumbfUri, SuperBox
from provenance.limits import Limits
from provenance.model import labels
from provenance.model.assertions import actions, ingredient
from provenance.model.assertions.actions import Actions
from provenance.model.assertions.content import decode_content
from provenance.model.assertions.ingredient import Ingredient
from provenance.model.claim import Claim
from provenance.model.hashed_uri import HashedUri
from provenance.model.labels import AssertionLabel
from provenance.model.store import CLAIM_LABELS, Manifest
from provenance.validate.finding import Finding
from provenance.validate.status import Status

__all__ = ["Contents", "Listed", "Reading", "Typed", "read_manifest"]

T = TypeVar("T")


class Contents:
    """What assertions' boxes hold, decoded; one for many files may know some of it."""

    def value(self, box: SuperBox, limits: Limits) -> Any:
        """See `decode_content`."""
        return decode_content(box, limits)

    def ingredient(self, value: Any, version: int) -> Ingredient:
        """See `Ingredient.read`."""
        return Ingredient.read(value, version)


_CONTENTS = Contents()


@dataclass(frozen=True, slots=True)
class Listed:
    """An assertion that a claim lists, and what is found at its place."""

    ref: HashedUri
    created: bool
    uri: JumbfUri | None  # absolute; None: the URL is no URI
    box: SuperBox | None  # None: nothing there
    label: AssertionLabel
    value: Any = None
    problem: MalformedError | None = None  # why there is no value
    url: str = field(init=False)  # for a finding: the absolute URI, or what stands there instead

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", self.uri.text if self.uri else self.ref.url)


@dataclass(frozen=True, slots=True)
class Typed(Generic[T]):
    """A listed assertion with its typed content, or why it has none."""

    listed: Listed
    content: T | None
    problem: MalformedError | None = None


@dataclass(frozen=True)
class Reading:
    """A manifest with its claim and the assertions that the claim lists."""

    manifest: Manifest
    claim: Claim | None
    claim_bytes: memoryview
    claim_url: str
    assertions: tuple[Listed, ...]
    problems: tuple[Finding, ...]
    contents: Contents = field(default=_CONTENTS, repr=False, compare=False)

    def named(self, name: str) -> Iterator[Listed]:
        """Listed assertions of a name, whatever version and instance."""
        return (one for one in self.assertions if one.label.name == name)

    @cached_property
    def ingredients(self) -> tuple[Typed[Ingredient], ...]:
        """The ingredient assertions, typed."""
        return tuple(
            _typed(one, partial(self.contents.ingredient, version=one.label.version))
            for one in self.named(ingredient.NAME)
        )

    @cached_property
    def ingredients_by_uri(self) -> dict[JumbfUri, Ingredient]:
        """The ingredients that could be read, by the URI of their assertion."""
        pairs = ((one.listed.uri, one.content) for one in self.ingredients)
        return {uri: content for uri, content in pairs if uri and content}

    @cached_property
    def sides(self) -> dict[str, bool]:
        """Is an assertion created (or only gathered), by its label?"""
        return {one.uri.labels[-1]: one.created for one in self.assertions if one.uri and one.box}

    @cached_property
    def refs_by_uri(self) -> dict[JumbfUri, HashedUri]:
        """What the claim lists, by absolute URI."""
        return {one.uri: one.ref for one in self.assertions if one.uri}

    @cached_property
    def redacts(self) -> frozenset[str]:
        """What the claim redacts, as absolute URIs, however it spells them."""
        return frozenset(map(self._absolute, self.claim.redacted if self.claim else ()))

    def _absolute(self, url: str) -> str:
        try:
            return JumbfUri.parse(url).within(self.manifest.label).text
        except MalformedError:
            return url

    @cached_property
    def actions(self) -> tuple[Typed[Actions], ...]:
        """The actions assertions, typed, in the claim's order."""
        return tuple(_typed(one, Actions.read) for one in self.named(actions.NAME))


def _typed(listed: Listed, read: Callable[[Any], T]) -> Typed[T]:
    if listed.box is None or listed.problem is not None:
        return Typed(listed, None, listed.problem)
    try:
        return Typed(listed, read(listed.value))
    except MalformedError as error:
        return Typed(listed, None, error)


def read_manifest(manifest: Manifest, limits: Limits, contents: Contents = _CONTENTS) -> Reading:
    """Decode a manifest's claim and assertions (C2PA 2.2 §15.6)."""
    found: list[Finding] = []
    boxes = manifest.claim_boxes
    url = manifest.uri(boxes[0].label or labels.CLAIM_V2) if boxes else manifest.uri()
    if not boxes:
        found.append(Finding(Status.CLAIM_MISSING, url, "the manifest has no claim box"))
    elif len(boxes) > 1:
        found.append(Finding(Status.CLAIM_MULTIPLE, url, f"{len(boxes)} claim boxes"))
    claim, data = None, memoryview(b"")
    if len(boxes) == 1:
        content = boxes[0].first(b"cbor")
        data = content.payload if content else data
        try:
            claim = _claim(boxes[0], data, limits, url, found)
        except MalformedError as error:
            found.append(Finding(Status.CLAIM_MALFORMED, url, error.problem))
    listed = tuple(_listed(claim, manifest, limits, contents)) if claim else ()
    return Reading(manifest, claim, data, url, listed, tuple(found), contents)


def _claim(
    box: SuperBox, data: memoryview, limits: Limits, url: str, found: list[Finding]
) -> Claim | None:
    version = CLAIM_LABELS.get(box.label or "")
    if version is None:
        raise MalformedError("claim", f"labelled {box.label!r}")
    try:
        value = decode(data, limits)
    except MalformedError as error:
        found.append(Finding(Status.CLAIM_CBOR_INVALID, url, error.problem))
        return None
    return Claim.read(value, version)


def _listed(
    claim: Claim, manifest: Manifest, limits: Limits, contents: Contents
) -> Iterator[Listed]:
    """What the claim lists; one assertion that is listed often is decoded once."""
    created = len(claim.created)
    places = {ref: place for place, ref in reversed(tuple(enumerate(claim.assertions)))}
    known: dict[str, Listed] = {}
    for ref, place in reversed(places.items()):
        found = known.get(ref.url)
        if found is None:
            known[ref.url] = found = _look_up(ref, place < created, manifest, limits, contents)
        yield found if found.ref is ref else replace(found, ref=ref, created=place < created)


def _look_up(
    ref: HashedUri, created: bool, manifest: Manifest, limits: Limits, contents: Contents
) -> Listed:
    try:
        named = JumbfUri.parse(ref.url)
    except MalformedError as error:
        return Listed(ref, created, None, None, AssertionLabel.parse(""), problem=error)
    path = manifest.own(named)
    uri = named if path is None else JumbfUri((manifest.label, *path), absolute=True)
    label = AssertionLabel.parse(uri.labels[-1] if uri.labels else "")
    # What lies in another manifest is none of this claim's, and not looked at.
    box = None if path is None else manifest.find(path)
    if box is None:
        return Listed(ref, created, uri, None, label)
    try:
        return Listed(ref, created, uri, box, label, contents.value(box, limits))
    except MalformedError as error:
        return Listed(ref, created, uri, box, label, problem=error)
