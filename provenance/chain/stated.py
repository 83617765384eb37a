"""What a manifest states of terms and contributions, as far as it validates and can be read."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar

from provenance.chain import codes
from provenance.errors import MalformedError
from provenance.model.assertions import contribution, rights, training_mining
from provenance.model.assertions.content import is_redacted
from provenance.model.assertions.contribution import Acceptance, Contribution
from provenance.model.assertions.rights import Rights
from provenance.model.assertions.training_mining import TrainingMining
from provenance.validate.assertions import is_intact
from provenance.validate.context import Context
from provenance.validate.reading import Listed, Reading

__all__ = ["NOTHING", "Accepted", "Stated", "is_gone", "read_stated"]

T = TypeVar("T")

_METADATA = ("cawg.metadata", "stds.iptc", "stds.iptc.photo-metadata")
_NOTICES = (
    *("dc:rights", "xmpRights:UsageTerms", "xmpRights:WebStatement", "xmpRights:Owner"),
    *("cc:license", "cc:attributionName", "cc:attributionURL", "plus:DataMining"),
    *("plus:LicensorURL", "plus:CopyrightOwnerName"),
)
_MOST_ACCEPTED = 10_000


@dataclass(frozen=True, slots=True)
class Accepted:
    """An acceptance, and the URL of its assertion, which an identity may vouch for."""

    url: str
    content: Acceptance
    created: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What counts of it; `notes` say what does not."""

    rights: Rights | None = None
    rights_sha256: str | None = None
    contribution: Contribution | None = None
    acceptances: tuple[Accepted, ...] = ()
    uses: Mapping[str, str] = field(default_factory=dict)
    notices: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[tuple[str, str], ...] = ()


NOTHING = Stated()


def read_stated(reading: Reading, context: Context, *, sound: bool) -> Stated:
    """Read them; of a manifest that does not validate, only what is wrong with them."""
    notes = [*_tampered(reading, context)]
    if not sound:
        return Stated(notes=tuple(notes))
    terms = _first(reading, rights.LABEL, context)
    held = _read(terms, Rights.read, codes.RIGHTS_BROKEN, notes)
    shares = _first(reading, contribution.CONTRIBUTION, context)
    if shares is not None and not shares.created:
        notes.append((codes.CONTRIBUTION_BROKEN, "it is only gathered: not the signer's own word"))
        shares = None
    return Stated(
        rights=held,
        rights_sha256=_content_hash(terms) if held and terms else None,
        contribution=_read(shares, Contribution.read, codes.CONTRIBUTION_BROKEN, notes),
        acceptances=tuple(_acceptances(reading, context)),
        uses=_uses(reading, context),
        notices=_notices(reading, context),
        notes=tuple(notes),
    )


def is_gone(listed: Listed, context: Context) -> bool:
    """Was it redacted?"""
    return listed.url in context.redacted and (listed.box is None or is_redacted(listed.box))


def _there(reading: Reading, names: tuple[str, ...], context: Context) -> Iterator[Listed]:
    seen: set[str] = set()
    for listed in reading.assertions:
        if listed.label.name in names and listed.url not in seen:
            seen.add(listed.url)
            if listed.box is not None and not is_gone(listed, context):
                yield listed


def _first(reading: Reading, name: str, context: Context) -> Listed | None:
    return next(_there(reading, (name,), context), None)


def _tampered(reading: Reading, context: Context) -> Iterator[tuple[str, str]]:
    pairs = (
        (contribution.CONTRIBUTION, codes.CONTRIBUTION_BROKEN),
        (rights.LABEL, codes.RIGHTS_BROKEN),
    )
    for name, code in pairs:
        for listed in _there(reading, (name,), context):
            if not is_intact(listed, reading):
                yield code, f"{listed.url} was changed after signing"


def _read(
    listed: Listed | None,
    read: Callable[[Any], T],
    code: str,
    notes: list[tuple[str, str]],
) -> T | None:
    if listed is None:
        return None
    try:
        if listed.problem is not None:
            raise listed.problem
        return read(listed.value)
    except MalformedError as error:
        notes.append((code, str(error)))
        return None


def _content_hash(listed: Listed) -> str | None:
    content = next(listed.box.content, None) if listed.box else None
    return sha256(content.payload).hexdigest() if content else None


def _acceptances(reading: Reading, context: Context) -> Iterator[Accepted]:
    found = _there(reading, (contribution.ACCEPTANCE,), context)
    for _, listed in zip(range(_MOST_ACCEPTED), found, strict=False):
        try:
            yield Accepted(listed.url, Acceptance.read(listed.value), listed.created)
        except MalformedError:
            continue


def _uses(reading: Reading, context: Context) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for listed in _there(reading, tuple(training_mining.NAMES), context):
        try:
            rows = TrainingMining.read(listed.value).entries
        except MalformedError:
            continue
        for name, one in rows.items():
            # Constrained by what nobody says counts as not allowed.
            bare = one.use == "constrained" and not one.constraint
            found.setdefault(name, "notAllowed" if bare else one.use)
    return found


def _notices(reading: Reading, context: Context) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for listed in _there(reading, _METADATA, context):
        if isinstance(listed.value, dict):
            for key in _NOTICES:
                text = _plain(listed.value.get(key))
                if text:
                    found.setdefault(key, text)
    return found


def _plain(value: Any) -> str | None:
    """A text, whatever JSON-LD wraps it in."""
    match value:
        case str():
            return value[:2000]
        case {"@value": str(text)} | {"@id": str(text)} | {"x-default": str(text)}:
            return text[:2000]
        case [first, *_]:
            return _plain(first) if not isinstance(first, list) else None
        case bool() | int():
            return json.dumps(value)
    return None
