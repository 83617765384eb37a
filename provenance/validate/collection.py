"""Are the files of a collection those that were signed? (C2PA 2.2 §15.12.5)"""

from collections.abc import Iterable, Iterator
from hmac import compare_digest
from itertools import islice

from provenance.bindings.collection import Found, Rows, digest_spans, look_at
from provenance.digests import HashAlg, is_allowed
from provenance.errors import LimitError, MalformedError
from provenance.formats.base import Member, Members
from provenance.model.assertions.collection_hash import (
    CollectionHash,
    CollectionRow,
    leads_astray,
)
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.reading import Listed
from provenance.validate.status import Status

__all__ = ["check_collection_hash"]

_NAMED = 100  # files, of each kind; the rest are counted


def check_collection_hash(
    listed: Listed, claim_alg: str | None, context: Context
) -> Iterator[Finding]:
    """Each listed file against its hash, then the directory of a ZIP, then what is not listed."""
    url = listed.url
    try:
        hard = CollectionHash.read(listed.value)
    except MalformedError as error:
        yield Finding(Status.COLLECTION_HASH_MALFORMED, url, error.problem)
        return
    alg = hard.alg or claim_alg
    if alg is None:
        yield Finding(Status.COLLECTION_HASH_MALFORMED, url, "has no alg")
        return
    if not is_allowed(alg):
        yield Finding(Status.ALGORITHM_UNSUPPORTED, url, f"hash algorithm {alg!r}")
        return
    astray = next((row.uri for row in hard.rows if leads_astray(row.uri)), None)
    if astray is not None:
        yield Finding(Status.COLLECTION_HASH_INVALID_URI, url, f"{astray[:80]!r}")
        return
    twice = _twice(hard.rows)
    if twice is not None:
        yield Finding(Status.COLLECTION_HASH_MALFORMED, url, f"{twice[:80]!r} is listed twice")
        return
    try:
        yield from _check(hard, alg, url, context)
    except (MalformedError, LimitError) as error:
        yield Finding(Status.COLLECTION_HASH_MISMATCH, url, str(error))


def _twice(rows: Iterable[CollectionRow]) -> str | None:
    seen: set[str] = set()
    for row in rows:
        if row.uri in seen:
            return row.uri
        seen.add(row.uri)
    return None


def _check(hard: CollectionHash, alg: HashAlg, url: str, context: Context) -> Iterator[Finding]:
    members = context.handler.members(context.asset, context.limits)
    if members is None:
        name = context.handler.name
        yield Finding(Status.COLLECTION_HASH_MALFORMED, url, f"{name} is no collection of files")
        return
    if members.directory and hard.directory is None:
        yield Finding(Status.COLLECTION_HASH_MALFORMED, url, "no hash of the ZIP's directory")
        return
    sorted_out = _Sorted(hard, members)
    wrong = _changed(look_at(sorted_out.listed(), context.asset, alg), sorted_out)
    failed = False
    for status, told in (
        (Status.COLLECTION_HASH_MISMATCH, wrong),
        (Status.COLLECTION_HASH_MISMATCH, _directory(members, hard, alg, context)),
        (Status.COLLECTION_HASH_INCORRECT_FILE_COUNT, sorted_out.missing()),
    ):
        for finding in _some(status, url, told):
            failed = True
            yield finding
    yield from _some(Status.COLLECTION_HASH_NOT_COVERED, url, sorted_out.loose())
    if not failed:
        yield Finding(Status.COLLECTION_HASH_MATCH, url)


class _Sorted:
    """Files told from each other while they go by once: listed, unlisted; and rows without one."""

    def __init__(self, hard: CollectionHash, members: Members) -> None:
        self._hard = hard
        self._rows = Rows(hard.rows, members)
        self._members = members
        self._met: dict[str, Member] = {}  # by the URI of the row
        self._unlisted: list[str] = []
        self._unlisted_count = 0
        self.again: list[str] = []

    def listed(self) -> Iterator[tuple[Member, bytes]]:
        for member in self._members.files:
            row = self._rows.of(member)
            if row is None:
                self._note(member)
            elif row.uri in self._met:
                self.again.append(f"there are two files called {row.uri[:80]!r}")
            elif member.left_out is None:
                self._met[row.uri] = member
                yield member, row.hash
            else:
                self._note(member)

    def row(self, member: Member) -> CollectionRow | None:
        return self._rows.of(member)

    def _note(self, member: Member) -> None:
        if member.is_folder or (member.left_out is None and member.uri.endswith(".c2pa")):
            return  # nothing of it could change unseen; or it is a manifest
        self._unlisted_count += 1
        if len(self._unlisted) < _NAMED:
            why = member.left_out or "not in the list that was signed"
            self._unlisted.append(f"{member.uri[:80]!r} is {why}")

    def missing(self) -> Iterator[str]:
        for row in self._hard.rows:
            if row.uri not in self._met:
                yield f"{row.uri[:80]!r} is not there"

    def loose(self) -> Iterator[str]:
        yield from self._unlisted
        if self._unlisted_count > len(self._unlisted):
            yield f"{self._unlisted_count - len(self._unlisted)} more files are not in the list"
        if self._members.loose:
            yield f"{self._members.loose} bytes of the archive lie in no entry"


def _changed(found: Iterable[Found], sorted_out: _Sorted) -> Iterator[str]:
    for one in found:
        row = sorted_out.row(one.member)
        if row is None:
            continue
        if one.error is not None:
            reason = (one.error.strerror or type(one.error).__name__).lower()
            yield f"{row.uri[:80]!r} cannot be read ({reason})"
        elif one.digest is None or not compare_digest(one.digest, row.hash):
            yield f"{row.uri[:80]!r} differs: {one.size} bytes{_once(row, one.size)}"
    yield from sorted_out.again


def _once(row: CollectionRow, size: int) -> str:
    return f", {row.size} when it was signed" if row.size not in (None, size) else ""


def _directory(
    members: Members, hard: CollectionHash, alg: HashAlg, context: Context
) -> Iterator[str]:
    if not members.directory:
        return
    for spans in members.directory:
        found = digest_spans(context.asset, spans, alg)
        if compare_digest(found, hard.directory or b""):
            return
    yield "the central directory differs: entries came, went or changed their place or name"


def _some(status: Status, url: str, told: Iterator[str]) -> Iterator[Finding]:
    """A finding for each of the first, and one for the rest."""
    for text in islice(told, _NAMED):
        yield Finding(status, url, text)
    more = sum(1 for _ in told)
    if more:
        yield Finding(status, url, f"and {more} more")
