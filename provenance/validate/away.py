"""What lies elsewhere: is it there, and is it what was signed?

On the web only where somebody opened the door, and only for a claim that holds so far. Beside the
asset without asking, but nowhere above or outside its folder. Who does not answer is told, and
takes nothing from the claim; an answer that is another than what was signed does.
Source: C2PA 2.4 §15.10.4; 2.5 §14.10.4.2.3, §14.10.5.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from provenance.digests import digest, digest_outside, is_allowed
from provenance.errors import LimitError, MalformedError, UnsupportedFormatError
from provenance.formats import registry
from provenance.jumbf import SuperBox, parse, uuids
from provenance.model.assertions.away import EXTERNAL, LINKED, Resource
from provenance.model.assertions.content import decode_content
from provenance.source import ByteSource, open_source
from provenance.validate.context import Context
from provenance.validate.elsewhere import sound_resources
from provenance.validate.finding import Finding
from provenance.validate.reading import Listed
from provenance.validate.results import ValidationState, state_of
from provenance.validate.status import Status
from provenance.validate.version import SpecVersion

if TYPE_CHECKING:
    from provenance.fetch import Door

__all__ = ["look_elsewhere"]

_MOST_FETCHED = 16  # resources of a chain; each may take as long as the door allows
_MOST_BESIDE = 256  # files of a chain
_MOST_BYTES = 256 << 20  # of a file beside the asset


@dataclass(frozen=True, slots=True)
class _Place:
    """Something elsewhere, and the box that names it."""

    listed: Listed
    one: Resource

    def says(self, status: Status, why: str = "") -> Finding:
        """A finding about it, with its address."""
        return Finding(status, self.listed.url, f"{self.one.url[:200]}{': ' * bool(why)}{why}")

    def passed_over(self, why: str = "") -> Finding:
        """That it was not looked at."""
        linked = self.one.kind == LINKED
        code = Status.LINKED_RESOURCE_INTEGRITY_SKIPPED if linked else Status.EXTERNAL_NOT_FETCHED
        return self.says(code, why)


def look_elsewhere(
    context: Context,
    findings: Mapping[str, Sequence[Finding]],
    versions: Mapping[str, SpecVersion | None],
) -> dict[str, tuple[Finding, ...]]:
    """Look for what the manifests of a chain say to be elsewhere.

    Args:
        context: with the door to the web, if it is open, and the folder of the asset, if any.
        findings: all that was found so far, by manifest label.
        versions: of the standard that each manifest follows.

    Returns:
        By manifest label; nothing for a manifest that names nothing elsewhere.
    """
    found: dict[str, tuple[Finding, ...]] = {}
    fetched = beside = 0
    for label, reading in context.readings.items():
        told: list[Finding] = []
        for listed, one in sound_resources(reading, versions.get(label)):
            place = _Place(listed, one)
            if state_of(findings[label]) is ValidationState.INVALID:
                told.append(place.passed_over("the claim does not hold"))
            elif one.beside:
                beside += 1
                told.append(_beside(place, context, beside))
            elif context.far is None:
                told.append(place.passed_over())
            elif one.hash is None and one.label is None:
                told.append(place.passed_over("no hash was signed to hold it to"))
            elif fetched == _MOST_FETCHED:
                told.append(place.passed_over(f"{_MOST_FETCHED} others of this file were fetched"))
            else:
                fetched += 1
                told += _fetched(place, context, context.far)
        if told:
            found[label] = tuple(told)
    return found


def _fetched(place: _Place, context: Context, door: "Door") -> Iterator[Finding]:
    from provenance.fetch import FetchError  # loads what speaks to the network: only when asked

    one = place.one
    linked = one.kind == LINKED
    try:
        answer = door.retrieve(one.url, accept=one.format or "*/*")
    except FetchError as error:
        yield place.says(
            Status.LINKED_RESOURCE_INTEGRITY_INACCESSIBLE
            if linked
            else Status.ASSERTION_INACCESSIBLE,
            error.problem,
        )
        return
    if linked:
        yield _linked(place, len(answer.data), {answer.media_type}, _digest(answer.data, one))
        return
    yield place.says(Status.ASSERTION_ACCESSIBLE)
    if one.size is not None and len(answer.data) != one.size:
        told = f"{len(answer.data)} bytes, {one.size} were signed"
        yield place.says(Status.ASSERTION_HASHED_URI_MISMATCH, told)
    elif one.format is not None and answer.media_type != one.format.lower():
        told = f"it comes as {answer.media_type[:80]!r}, not as {one.format[:80]!r}"
        yield place.says(Status.ASSERTION_HASHED_URI_MISMATCH, told)
    else:
        yield from _content(place, answer.data, context)


def _content(place: _Place, data: bytes, context: Context) -> Iterator[Finding]:
    """Is it what was signed, and the assertion that it stands for?"""
    one = place.one
    box, problem = _box(data, context) if one.label is not None else (None, "")
    if one.hash is not None:
        if not is_allowed(one.alg):
            yield place.says(Status.ALGORITHM_UNSUPPORTED, f"hash algorithm {one.alg!r:.40}")
            return
        # An assertion is hashed as in the store, without its header (2.2 §8.4.2.3); what is none
        # exactly as it lies there.
        forms = [data] if box is None else [bytes(box.hashed), data]
        if not any(compare_digest(digest(form, one.alg), one.hash) for form in forms):
            away = one.kind == EXTERNAL
            code = Status.EXTERNAL_REFERENCE_HASH_MISMATCH
            yield place.says(
                code if away else Status.ASSERTION_HASHED_URI_MISMATCH, f"{one.alg} differs"
            )
            return
        yield place.says(Status.ASSERTION_HASHED_URI_MATCH)
    if one.label is None:
        return
    if box is None or box.label != one.label:
        told = problem if box is None else f"it is labelled {box.label!r:.120}"
        code = Status.CLOUD_DATA_LABEL_MISMATCH
        code = Status.EXTERNAL_REFERENCE_LABEL_MISMATCH if one.kind == EXTERNAL else code
        yield place.says(code, told)
        return
    try:
        decode_content(box, context.limits)
    except MalformedError as error:
        json = box.uuid == uuids.JSON
        code = Status.ASSERTION_JSON_INVALID if json else Status.ASSERTION_CBOR_INVALID
        yield place.says(code, error.problem)


def _box(data: bytes, context: Context) -> tuple[SuperBox | None, str]:
    try:
        return parse(data, context.limits), ""
    except (MalformedError, LimitError) as error:
        return None, f"no JUMBF: {error}"


def _digest(data: bytes, one: Resource) -> bytes:
    return digest(data, one.alg) if is_allowed(one.alg) else b""


def _linked(place: _Place, size: int, formats: set[str], hashed: bytes) -> Finding:
    """Exactly one code for a resource: the first thing that differs, or that nothing does."""
    one = place.one
    known = {form for form in formats if form}
    if one.size is not None and size != one.size:
        told = f"{size} bytes, {one.size} were signed"
        return place.says(Status.LINKED_RESOURCE_INTEGRITY_SIZE_MISMATCH, told)
    if one.format is not None and known and one.format.lower() not in known:
        told = f"it is {', '.join(sorted(known))[:120]}, not {one.format[:80]}"
        return place.says(Status.LINKED_RESOURCE_INTEGRITY_FORMAT_MISMATCH, told)
    if not compare_digest(hashed, one.hash or b""):
        return place.says(Status.LINKED_RESOURCE_INTEGRITY_HASH_MISMATCH, f"{one.alg} differs")
    return place.says(Status.LINKED_RESOURCE_INTEGRITY_MATCH)


def _beside(place: _Place, context: Context, number: int) -> Finding:
    """A file from the asset's folder down. What leads out of it is not opened."""
    if context.folder is None:
        return place.passed_over("the asset has no folder")
    if number > _MOST_BESIDE:
        return place.passed_over(f"{_MOST_BESIDE} others of this file were looked at")
    path = _inside(context.folder, place.one.url)
    if path is None:
        return place.says(Status.LINKED_RESOURCE_INTEGRITY_INACCESSIBLE, "no file of this folder")
    try:
        with open_source(path) as source:
            if source.size > _MOST_BYTES:
                return place.passed_over(f"{source.size} bytes, of which we read {_MOST_BYTES}")
            alg = place.one.alg
            hashed = digest_outside(source, (), alg) if is_allowed(alg) else b""
            return _linked(place, source.size, _formats(source, path), hashed)
    except (OSError, MalformedError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        return place.says(Status.LINKED_RESOURCE_INTEGRITY_INACCESSIBLE, (why or "").lower())


def _inside(folder: Path, uri: str) -> Path | None:
    """The file that a relative URI names, if it is one, and lies in the folder or below."""
    name = unquote(uri.partition("#")[0].partition("?")[0])
    if not name or "\0" in name or "\\" in name or ":" in name or name.startswith("/"):
        return None
    try:
        base = folder.resolve()
        path = (base / name).resolve()  # where a link leads to counts
        return path if path.is_relative_to(base) and path.is_file() else None
    except (OSError, RuntimeError, ValueError):  # a name too long, links in a circle
        return None


def _formats(source: ByteSource, path: Path) -> set[str]:
    """The media types that a file may be said to have, as far as we can tell."""
    guessed = guess_type(path.name)[0]
    try:
        known = set(registry.find(source, path.suffix.lower()).media_types)
    except UnsupportedFormatError:
        known = set()
    return known | {guessed or ""}
