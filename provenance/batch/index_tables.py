"""The tables that an index is exported as, each with its columns: files, and what they tell of.

Of the others there are the rows that the chosen files have to do with, each once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from provenance.batch.columns import Column, Kind
from provenance.batch.index_query import Query
from provenance.batch.index_schema import DamagedError, named_errors
from provenance.batch.index_values import path_of, real, text, words
from provenance.batch.record import COLUMNS

__all__ = ["TABLES", "columns_of", "table"]

_T, _W, _N, _M = Kind.TEXT, Kind.WORDS, Kind.INTEGER, Kind.TIME


@dataclass(frozen=True, slots=True)
class _Table:
    columns: tuple[Column, ...]
    sql: str  # after WITH; {held} are the manifests of the files
    path: bool = False  # the first column is made of folder and name


def _columns(**kinds: Kind) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name, kind in kinds.items())


_TABLES = {
    "manifests": _Table(
        _columns(
            path=_T, place=_N, claim=_T, label=_T, kind=_T, validation_state=_T, title=_T,
            claim_generator=_T, software_agents=Kind.TEXTS, digital_source_types=_W,
            signed_at=_M, time=_M, cert_sha256=_T,
        ),
        "SELECT folders.path, files.name, h.place, t.claim, t.label, t.kind, h.state, t.title,"
        " t.generator, t.agents, t.source_types, t.signed_at,"
        " CASE WHEN t.attested THEN t.signed_at END, s.sha256"
        " FROM chosen JOIN files ON files.id = chosen.file_id"
        " JOIN folders ON folders.id = files.folder_id"
        " JOIN holds h ON h.file_id = chosen.file_id JOIN manifests t ON t.id = h.manifest_id"
        " LEFT JOIN signers s ON s.id = t.signer_id ORDER BY folders.path, files.name, h.place",
        path=True,
    ),
    "edges": _Table(
        _columns(
            claim=_T, label=_T, uri=_T, relationship=_T, role=_T, title=_T, format=_T,
            target=_T, target_claim=_T, digest=_T, types=_W,
        ),
        "SELECT t.claim, t.label, e.uri, e.relationship, e.role, e.title, e.format, e.target,"
        " e.target_claim, e.digest, e.types FROM held JOIN manifests t ON t.id = held.id"
        " JOIN edges e ON e.manifest_id = t.id ORDER BY t.claim, t.id, e.uri",
    ),
    "people": _Table(
        _columns(claim=_T, label=_T, name=_T, role=_T, evidence=_T),
        "SELECT t.claim, t.label, p.name, p.role, p.evidence FROM held"
        " JOIN manifests t ON t.id = held.id JOIN people p ON p.manifest_id = t.id"
        " ORDER BY t.claim, t.id, p.name, p.role, p.evidence",
    ),
    "signers": _Table(
        _columns(
            cert_sha256=_T, common_name=_T, issuer=_T, alg=_T, serial_number=_T,
            not_before=_M, not_after=_M,
        ),
        "SELECT sha256, common_name, issuer, alg, serial_number, not_before, not_after"
        " FROM signers WHERE id IN (SELECT t.signer_id FROM held JOIN manifests t"
        " ON t.id = held.id) ORDER BY sha256",
    ),
}  # fmt: skip  # a column a line would hide the statements
TABLES = ("files", *_TABLES)


def columns_of(name: str) -> tuple[Column, ...]:
    """The columns of a table."""
    return COLUMNS if name == "files" else _TABLES[name].columns


def table(query: Query, name: str, *, reports: bool = True) -> Iterator[tuple[Any, ...]]:
    """The rows of a table.

    Args:
        query: which files.
        name: one of TABLES.
        reports: of files, with the whole report; else the column is empty.

    Raises:
        IndexFileError: the index is damaged.
    """
    if name == "files":
        yield from query.records(reports=reports)
        return
    wanted = _TABLES[name]
    kinds = tuple(one.kind for one in wanted.columns)
    for row in query.chosen(wanted.sql):
        with named_errors(query.name, "cannot be read"):
            values = (path_of(*row[:2]), *row[2:]) if wanted.path else row
            yield tuple(map(_value, kinds, values))


def _value(kind: Kind, value: Any) -> Any:
    match kind:
        case Kind.TEXT:
            return text(value)
        case Kind.WORDS:
            return words(value)
        case Kind.TEXTS:
            return tuple((text(value) or "").splitlines())
        case Kind.TIME:
            return real(value)
        case Kind.INTEGER if value is None or isinstance(value, int):
            return value
        case _:
            raise DamagedError(f"{str(value)[:60]!r} where a {kind.value} should be")
