"""Do the boxes that assertions refer to hash to what they say? Thumbnails, icons, data.

Source: C2PA 2.2 §15.10.3.1, §8.4.2.3.
"""

from collections.abc import Iterator
from typing import Any

from provenance.errors import MalformedError
from provenance.jumbf import JumbfUri
from provenance.model.assertions.actions import Actions
from provenance.model.hashed_uri import HashedUri
from provenance.validate.assertions import same_hash
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.reading import Reading, Typed
from provenance.validate.status import Status

__all__ = ["check_references"]

_CODES = (Status.ASSERTION_HASHED_URI_MATCH, Status.HASHED_URI_MISMATCH)


def check_references(reading: Reading, context: Context) -> Iterator[Finding]:
    """Each reference once, however many assertions make it; what holds is not said again."""
    if reading.claim is None:
        return
    seen: set[HashedUri] = set()
    for url, value in _references(reading):
        try:
            ref = HashedUri.read(value) if not isinstance(value, HashedUri) else value
        except MalformedError as error:
            yield Finding(Status.HASHED_URI_MISSING, url, error.problem)
            continue
        if ref in seen or not ref.url.startswith("self#"):
            continue
        seen.add(ref)
        yield from _check(ref, url, reading, context)
    for assertion in reading.actions:
        yield from _check_related(assertion, reading)


def _check(ref: HashedUri, url: str, reading: Reading, context: Context) -> Iterator[Finding]:
    try:
        uri = JumbfUri.parse(ref.url)
    except MalformedError as error:
        yield Finding(Status.HASHED_URI_MISSING, url, error.problem)
        return
    path = reading.manifest.own(uri)
    box = context.store.resolve(uri, reading.manifest)
    if path is not None:
        box = reading.manifest.find(path)
    if uri.within(reading.manifest.label).text in context.redacted:
        yield Finding(Status.ASSERTION_REDACTED, url, f"{ref.url[:120]} was redacted")
    elif box is None:
        yield Finding(Status.HASHED_URI_MISSING, url, f"{ref.url[:120]} is not there")
    elif not _is_listed(ref, path, reading):
        alg = reading.claim.alg if reading.claim else None
        found = same_hash(ref, box.hashed, alg, url, _CODES)
        if found.failed:
            yield found


def _is_listed(ref: HashedUri, path: tuple[str, ...] | None, reading: Reading) -> bool:
    """Does the claim itself say the same of that box? Then it has been hashed for it."""
    if path is None:
        return False
    named = reading.refs_by_uri.get(JumbfUri((reading.manifest.label, *path), absolute=True))
    return named is not None and (named.hash, named.alg) == (ref.hash, ref.alg)


def _references(reading: Reading) -> Iterator[tuple[str, Any]]:
    """Every hashed URI in a standard assertion, but those of ingredients' manifests."""
    for info in reading.claim.generator_info if reading.claim else ():
        if "icon" in info:
            yield reading.claim_url, info["icon"]
    for typed in reading.ingredients:
        content = typed.content
        if content is not None:
            for one in (content.thumbnail, content.data):
                if isinstance(one, HashedUri):
                    yield typed.listed.url, one
    for assertion in reading.actions:
        if assertion.content is not None:
            yield from ((assertion.listed.url, icon) for icon in _icons(assertion.content))


def _icons(actions: Actions) -> Iterator[Any]:
    agents = [one.software_agent for one in actions.actions]
    for row in (*agents, *actions.software_agents, *actions.templates):
        if isinstance(row, dict) and "icon" in row:
            yield row["icon"]


def _check_related(assertion: Typed[Actions], reading: Reading) -> Iterator[Finding]:
    """`relatedAssertions` of an action: of this manifest, neither ingredients nor actions (2.4)."""
    for action in assertion.content.actions if assertion.content else ():
        if "relatedAssertions" not in action.parameters:
            continue
        rows = action.parameters["relatedAssertions"]
        problem = _related_problem(rows, reading)
        if problem is not None:
            yield Finding(Status.ACTION_MALFORMED, assertion.listed.url, problem)


def _related_problem(rows: Any, reading: Reading) -> str | None:
    if not isinstance(rows, list) or not rows:
        return "relatedAssertions lists nothing"
    listed = {one.uri: one.label.name for one in reading.assertions if one.uri and one.box}
    for row in rows:
        try:
            uri = JumbfUri.parse(HashedUri.read(row).url).within(reading.manifest.label)
        except MalformedError as error:
            return f"relatedAssertions: {error.problem}"
        name = listed.get(uri)
        if name is None:
            return f"relatedAssertions names {uri.text[:120]}, which is not here"
        if name in ("c2pa.actions", "c2pa.ingredient"):
            return f"relatedAssertions names {name}"
    return None
