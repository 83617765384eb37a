"""An index as a catalogue of files, for `trace`: it names paths, which are then read again.

Files at an address are left out, for a trace fetches nothing.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from provenance.batch.index import Index
from provenance.batch.index_schema import named_errors
from provenance.batch.index_values import path_of, text
from provenance.remote.address import is_address

__all__ = ["IndexCatalogue"]

_PATHS = "SELECT folders.path, files.name FROM"
_AND_FILES = "JOIN files ON files.id = {0}.file_id JOIN folders ON folders.id = files.folder_id"
_HELD = f"JOIN holds h ON h.manifest_id = {{0}}.id {_AND_FILES.format('h')}"
_ONE_HOLDER = (  # a manifest is best read where it is valid, and the file's own
    f"{_PATHS} (SELECT ? AS id) t {_HELD.format('t')} ORDER BY h.state = 'Invalid', h.place LIMIT 1"
)
_MOST = 64  # files for one question


class IndexCatalogue:
    """See `provenance.chain.catalogue.Catalogue`."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def by_claim(self, claim: str) -> Iterator[Path]:
        """Files whose own work this is: by their active manifest, or by what that updates."""
        yield from self._paths(
            "WITH RECURSIVE work (id) AS (SELECT id FROM manifests WHERE claim = :claim"
            " UNION SELECT u.id FROM work JOIN manifests w ON w.id = work.id"
            " JOIN edges e ON e.target_claim = w.claim AND e.relationship = 'parentOf'"
            " JOIN manifests u ON u.id = e.manifest_id AND u.kind = 'update')"
            f" {_PATHS} work {_HELD.format('work')} AND h.place = 0",
            {"claim": claim},
        )

    def by_reference(self, label: str, hash_: bytes | None) -> Iterator[Path]:
        """Files that hold a manifest of that label; one of each, that with the hash first."""
        sql = "SELECT id FROM manifests WHERE label = ? ORDER BY box = ? DESC, signature = ? DESC"
        for (number,) in self._rows(sql, (label, hash_, hash_)):
            yield from self._paths(
                _ONE_HOLDER,
                (number,),
            )

    def by_digest(self, digest: str) -> Iterator[Path]:
        """Files with that digest, where they were read whole; or over content with it."""
        yield from self._paths(
            f"{_PATHS} (SELECT DISTINCT file_id FROM hashes WHERE value = ?) s"
            f" {_AND_FILES.format('s')}",
            (digest,),
        )

    def by_name(self, name: str) -> Iterator[Path]:
        """Files of that name."""
        sql = f"{_PATHS} files JOIN folders ON folders.id = files.folder_id WHERE files.name = ?"
        yield from self._paths(sql, (name,))

    def by_fingerprint(self, fingerprint: str) -> Iterator[Path]:
        """Files over the same content, one of each claim."""
        yield from self._paths(
            f"{_PATHS} (SELECT min(s.file_id) AS file_id FROM hashes s JOIN holds h"
            " ON h.file_id = s.file_id AND h.place = 0 WHERE s.kind = 'fingerprint'"
            f" AND s.value = ? GROUP BY h.manifest_id) s {_AND_FILES.format('s')}",
            (fingerprint,),
        )

    def accepting(self, claims: Iterable[str]) -> Iterator[Path]:
        """Files with an acceptance between two of these works."""
        known = frozenset(claims)
        sql = "SELECT manifest_id, parent FROM acceptances WHERE child = ?"
        for child in sorted(known):
            for number, parent in self._rows(sql, (child,)):
                if text(parent) in known:
                    yield from self._paths(
                        _ONE_HOLDER,
                        (number,),
                    )

    def _paths(self, sql: str, values: Any) -> Iterator[Path]:
        for folder, name in self._rows(sql if "LIMIT" in sql else f"{sql} LIMIT {_MOST}", values):
            with named_errors(self._index.name, "cannot be read"):
                path = path_of(folder, name)
            if not is_address(path):  # nothing is fetched
                yield Path(path)

    def _rows(self, sql: str, values: Any) -> Iterator[tuple[Any, ...]]:
        with named_errors(self._index.name, "cannot be read"):
            cursor = self._index.connection.execute(sql, values)
        while True:
            with named_errors(self._index.name, "cannot be read"):
                row = cursor.fetchone()
            if row is None:
                return
            yield row
