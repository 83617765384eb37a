"""The collection hash: a digest for each file of a folder, each entry of an archive.

Files on disk are hashed on all cores; the entries of one archive one after the other, since they
are read as they are written. Source: C2PA 2.2 §18.8, §A.6.2; 2.4 §A.6.2.2 for the directory.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Self
from urllib.parse import unquote

from provenance.cbor import CborValue
from provenance.digests import HashAlg, digest, new_hasher
from provenance.errors import DefinitionError, MalformedError
from provenance.formats.base import Handler, Member, Members, Plan
from provenance.limits import Limits
from provenance.model.assertions.collection_hash import LABEL, CollectionHash, CollectionRow
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["CollectionBinding", "Found", "Rows", "digest_spans", "look_at"]

_AT_ONCE = 1024  # files handed to the threads; what is done is kept until its turn
_IN_A_ROW = 16  # of them, done by one thread: handing over costs as much as a small file


@dataclass(frozen=True, slots=True)
class CollectionBinding:
    """A collection hash in the making; see `bindings.base`."""

    alg: HashAlg
    handler: Handler
    limits: Limits
    listed: tuple[tuple[str, int], ...] = ()  # URI and size
    with_directory: bool = False

    @property
    def label(self) -> str:
        """See `Binding`."""
        return LABEL

    def blank(self) -> dict[str, CborValue]:
        """See `Binding`."""
        empty = digest(b"", self.alg)
        rows = tuple(CollectionRow(uri, empty, size) for uri, size in self.listed)
        return self._to_cbor(rows, empty if self.with_directory else None)

    def fitted(self, output: ByteSource, plan: Plan) -> Self:
        """See `Binding`.

        Raises:
            DefinitionError: not a collection, or one without files.
            MalformedError: two files that are called the same.
        """
        del plan
        members = self._members(output)
        listed = tuple((one.uri, one.size) for one in _files(members))
        if not listed:
            raise DefinitionError("binding", f"{output.name} holds no file to sign")
        if len(dict(listed)) != len(listed):
            twice = Counter(uri for uri, _ in listed).most_common(1)[0][0]
            raise MalformedError(self.handler.name, f"two files are called {twice[:80]!r}")
        fresh = replace(self, listed=listed, with_directory=bool(members.directory))
        return self if fresh == self else fresh

    def bound(self, output: ByteSource, plan: Plan) -> dict[str, CborValue]:
        """See `Binding`.

        Raises:
            OSError: a file cannot be read.
        """
        del plan
        members = self._members(output)
        wanted = ((one, None) for one in _files(members))
        rows = []
        for found in look_at(wanted, output, self.alg):
            if found.error is not None:
                raise found.error
            if found.size != found.member.size or found.digest is None:
                raise MalformedError(found.member.uri[:80], "changed while it was read")
            rows.append(CollectionRow(found.member.uri, found.digest, found.size))
        if tuple((row.uri, row.size) for row in rows) != self.listed:
            raise MalformedError(output.name, "files came or went while they were read")
        directory = members.directory
        told = digest_spans(output, directory[0], self.alg) if directory else None
        return self._to_cbor(tuple(rows), told)

    def _members(self, output: ByteSource) -> Members:
        members = self.handler.members(output, self.limits)
        if members is None:
            raise DefinitionError("binding", f"{self.handler.name} is no collection of files")
        return members

    def _to_cbor(
        self, rows: tuple[CollectionRow, ...], directory: bytes | None
    ) -> dict[str, CborValue]:
        return CollectionHash(rows=rows, alg=self.alg, directory=directory).to_cbor()


def _files(members: Members) -> Iterator[Member]:
    return (one for one in members.files if one.left_out is None and not one.is_folder)


class Rows:
    """The rows of a signed collection, to be asked by the names of files.

    Args:
        rows: no URI twice.
        members: the files.
    """

    def __init__(self, rows: Sequence[CollectionRow], members: Members) -> None:
        plain = {row.uri: row for row in rows}
        if members.folder is not None and all(
            uri.startswith(members.folder + "/") for uri in plain
        ):
            # They count from where a manifest beside the folder lies (§18.8.3).
            plain = {uri.removeprefix(members.folder + "/"): row for uri, row in plain.items()}
        decoded = {unquote(uri): row for uri, row in plain.items()}
        # Of two that say the same the one that says it plainly is right: some encode nothing.
        decoded |= {uri: row for uri, row in plain.items() if unquote(uri) == uri}
        self._ways: tuple[Mapping[str, CollectionRow], ...] = (decoded, plain)

    def of(self, member: Member) -> CollectionRow | None:
        """The row that speaks of a file, if any does."""
        for name in member.names:
            for way in self._ways:
                if name in way:
                    return way[name]
        return None


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a collection, and what it hashes to; or why it could not be read."""

    member: Member
    digest: bytes | None = None
    size: int = 0
    error: OSError | None = None


def look_at(
    wanted: Iterable[tuple[Member, bytes | None]], asset: ByteSource, alg: HashAlg
) -> Iterator[Found]:
    """Hash files of a collection, in order.

    Args:
        wanted: each with the digest it should have: an entry that differs is hashed once more in
            the way some writers do.
        asset: what entries of an archive are spans of.
        alg: a name on the allow-list.

    Raises:
        MalformedError: an archive shrank while being read.
    """
    rows = iter(wanted)
    pool: ThreadPoolExecutor | None = None
    try:
        while some := tuple(islice(rows, _AT_ONCE)):
            if len(some) == 1 or any(member.path is None for member, _ in some):
                yield from (_look(member, hope, asset, alg) for member, hope in some)
                continue
            pool = pool or ThreadPoolExecutor(os.cpu_count())
            parts = (some[at : at + _IN_A_ROW] for at in range(0, len(some), _IN_A_ROW))
            for done in pool.map(partial(_look_at_some, asset=asset, alg=alg), parts):
                yield from done
    finally:
        if pool is not None:
            pool.shutdown(cancel_futures=True)


def _look_at_some(
    some: Iterable[tuple[Member, bytes | None]], asset: ByteSource, alg: HashAlg
) -> list[Found]:
    return [_look(member, hope, asset, alg) for member, hope in some]


def _look(member: Member, hope: bytes | None, asset: ByteSource, alg: HashAlg) -> Found:
    if member.path is not None:
        return _hash_file(member, member.path, alg)
    span = member.span or Span(0, 0)
    found = digest_spans(asset, (span,), alg)
    if hope not in (None, found) and member.shorter is not None:
        shorter = digest_spans(asset, (member.shorter,), alg)
        found = shorter if shorter == hope else found
    return Found(member, found, span.length)


def _hash_file(member: Member, path: Path, alg: HashAlg) -> Found:
    try:
        # What was a file when it was listed may be a link by now.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | _BINARY)
        with open(handle, "rb", buffering=0) as stream:
            found = hashlib.file_digest(stream, partial(hashlib.new, alg))
            return Found(member, found.digest(), stream.tell())
    except OSError as error:
        return Found(member, error=error)


_BINARY: int = getattr(os, "O_BINARY", 0)


def digest_spans(source: ByteSource, spans: Sequence[Span], alg: HashAlg) -> bytes:
    """The digest of some spans, one after the other."""
    hasher = new_hasher(alg)
    for span in spans:
        for block in source.blocks(span):
            hasher.update(block)
    return hasher.digest()
