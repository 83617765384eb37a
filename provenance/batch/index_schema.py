"""The tables of an index, and how one is opened.

    folders ─< files >─ outcomes ─< outcome_codes      what was found of each file, told apart once
                │ └─ reports                           the whole report: JSON, compressed
                └─< holds >─ manifests ─< edges, people, acceptances      one in many files, once
                                  └─ signers
    terms       what a verdict depends on besides the file: trust, policy, version

SQLite in WAL mode: readers see the state before a transaction or after it, and what was committed
stands when the process is killed. Times are seconds since 1970, UTC.

An index may come from anybody: it must have our tables, as they are here, and nothing besides.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from provenance.errors import ProvenanceError
from provenance.version import NAME

__all__ = ["DamagedError", "IndexFileError", "named_errors", "open_index"]

_VERSION = 2
_APPLICATION = 0x43325041  # "C2PA"
_WAIT = 60  # seconds, for another process that writes

_TABLES = """
CREATE TABLE terms (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, words TEXT NOT NULL);
CREATE TABLE folders (id INTEGER PRIMARY KEY, path NOT NULL UNIQUE);
CREATE TABLE outcomes (
    id INTEGER PRIMARY KEY,
    state TEXT, location TEXT NOT NULL, format TEXT, error TEXT, signer TEXT,
    failed TEXT NOT NULL, codes TEXT NOT NULL,
    policy INTEGER NOT NULL,      -- 0 none, 1 passed, 2 failed, 3 failed by trust alone
    words TEXT NOT NULL, tone TEXT NOT NULL, interesting INTEGER NOT NULL,
    digest BLOB NOT NULL UNIQUE   -- of all that stands before
);
CREATE TABLE outcome_codes (
    code TEXT NOT NULL, outcome_id INTEGER NOT NULL REFERENCES outcomes (id),
    PRIMARY KEY (code, outcome_id)
) WITHOUT ROWID;
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    folder_id INTEGER NOT NULL REFERENCES folders (id),
    name NOT NULL,                -- TEXT; BLOB where the name is no Unicode
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL, beside TEXT NOT NULL,
    sha256 BLOB,                  -- of file and sidecar; NULL: never read whole
    terms_id INTEGER NOT NULL REFERENCES terms (id),
    until REAL NOT NULL,          -- from then on the verdict may be another
    outcome_id INTEGER NOT NULL REFERENCES outcomes (id),
    checked_at REAL NOT NULL,
    UNIQUE (folder_id, name)
);
CREATE INDEX files_outcome ON files (outcome_id);
CREATE INDEX files_name ON files (name);
CREATE TABLE reports (
    file_id INTEGER PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
    body BLOB NOT NULL, details TEXT NOT NULL,
    size INTEGER, errors TEXT NOT NULL   -- of the asset; what could not be read, a line each
);
CREATE TABLE signers (
    id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE,
    common_name TEXT, issuer TEXT, alg TEXT, serial_number TEXT, not_before REAL, not_after REAL
);
CREATE TABLE manifests (
    id INTEGER PRIMARY KEY,
    claim TEXT NOT NULL,          -- claim:sha256:… of the claim signature
    box BLOB NOT NULL,            -- SHA-256 of the manifest, as an ingredient refers to it
    label TEXT NOT NULL, kind TEXT NOT NULL, title TEXT, generator TEXT, source_types TEXT,
    signer_id INTEGER REFERENCES signers (id), signed_at REAL, attested INTEGER NOT NULL,
    signature BLOB,               -- SHA-256 of its claim signature, likewise
    agents TEXT NOT NULL,         -- the software of its actions, a line each
    UNIQUE (claim, box)
);
CREATE INDEX manifests_box ON manifests (box);
CREATE INDEX manifests_signature ON manifests (signature);
CREATE INDEX manifests_label ON manifests (label);
CREATE INDEX manifests_signer ON manifests (signer_id);
CREATE INDEX manifests_generator ON manifests (generator);
CREATE INDEX manifests_signed ON manifests (signed_at);
CREATE INDEX manifests_title ON manifests (title) WHERE title IS NOT NULL;
CREATE TABLE holds (
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,       -- 0: the active manifest
    manifest_id INTEGER NOT NULL REFERENCES manifests (id), state TEXT,
    PRIMARY KEY (file_id, place)
) WITHOUT ROWID;
CREATE INDEX holds_manifest ON holds (manifest_id, place);
CREATE TABLE edges (
    manifest_id INTEGER NOT NULL REFERENCES manifests (id) ON DELETE CASCADE,
    uri TEXT NOT NULL,
    relationship TEXT NOT NULL, role TEXT NOT NULL, title TEXT, format TEXT,
    target TEXT, target_claim TEXT, digest TEXT, types TEXT NOT NULL,
    reference BLOB, signature BLOB,  -- SHA-256 of a manifest that is not there, and what signs it
    PRIMARY KEY (manifest_id, uri)
) WITHOUT ROWID;
CREATE INDEX edges_title ON edges (title);
CREATE INDEX edges_claim ON edges (target_claim) WHERE target_claim IS NOT NULL;
CREATE INDEX edges_reference ON edges (reference) WHERE reference IS NOT NULL;
CREATE INDEX edges_signature ON edges (signature) WHERE signature IS NOT NULL;
CREATE INDEX edges_digest ON edges (digest) WHERE digest IS NOT NULL;
CREATE TABLE people (
    manifest_id INTEGER NOT NULL REFERENCES manifests (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    role TEXT NOT NULL, evidence TEXT NOT NULL,
    PRIMARY KEY (manifest_id, name, role, evidence)
) WITHOUT ROWID;
CREATE INDEX people_name ON people (name);
CREATE TABLE acceptances (
    manifest_id INTEGER NOT NULL REFERENCES manifests (id) ON DELETE CASCADE,
    child TEXT NOT NULL,          -- claims: whoever signed agrees to what the child owes the parent
    parent TEXT NOT NULL,
    PRIMARY KEY (manifest_id, child, parent)
) WITHOUT ROWID;
CREATE INDEX acceptances_child ON acceptances (child, parent);
CREATE TABLE hashes (
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,           -- fingerprint, content: of what the hard binding covers; file
    value TEXT NOT NULL,
    PRIMARY KEY (file_id, kind, value)
) WITHOUT ROWID;
CREATE INDEX hashes_value ON hashes (value);
"""


class IndexFileError(ProvenanceError):
    """A file is no index of ours, or one of another version."""


class DamagedError(Exception):
    """What stands in an index is not what we would have written."""


@contextmanager
def named_errors(path: str, what: str) -> Iterator[None]:
    """Say of which index it is that SQLite complains: a full disk, a lock, a damaged page.

    Raises:
        IndexFileError: instead.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise IndexFileError(path, f"{what} ({error})") from error
    except UnicodeDecodeError as error:  # of the words of SQLite's own complaint
        raise IndexFileError(path, f"{what} (it is damaged)") from error
    except DamagedError as error:
        raise IndexFileError(path, f"is damaged ({error})") from error


def open_index(
    path: str | Path, *, create: bool = False, reading: bool = False
) -> sqlite3.Connection:
    """Open an index.

    Args:
        path: of it.
        create: make one where there is none.
        reading: nothing is written, and others may write meanwhile.

    Raises:
        IndexFileError: it is not there, is no index, or one of a version that we do not know.
        OSError: the place cannot be written.
    """
    place = Path(path)
    if not create and not place.is_file():
        there = place.exists() and str(path)
        raise IndexFileError(str(path), "is no file, and no index" if there else "no such index")
    if reading:
        try:
            return _opened(place, str(path), "?mode=ro")
        except IndexFileError as error:
            # SQLite wants to make two files beside it. Where it may not, nobody writes either.
            if not _is_kept_out(error.__cause__) or _log_of(place):
                raise
            return _opened(place, str(path), "?mode=ro&immutable=1")
    return _opened(place, str(path), "?mode=rwc" if create else "?mode=rw", create=create)


def _is_kept_out(error: BaseException | None) -> bool:
    kinds = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in kinds


def _log_of(place: Path) -> int:
    """Bytes of what is written and not yet part of the file."""
    try:
        return place.with_name(f"{place.name}-wal").stat().st_size
    except FileNotFoundError:
        return 0


def _opened(place: Path, name: str, mode: str, *, create: bool = False) -> sqlite3.Connection:
    with named_errors(name, "cannot be opened"):
        uri = f"{place.absolute().as_uri()}{mode}"
        connection = sqlite3.connect(uri, uri=True, timeout=_WAIT, isolation_level=None)
    try:
        with named_errors(name, f"is no index of {NAME}, or cannot be used"):
            _prepare(connection, name, create=create, writing="mode=ro" not in mode)
    except IndexFileError:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, name: str, *, create: bool, writing: bool) -> None:
    connection.execute("PRAGMA trusted_schema = OFF")
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != _APPLICATION:
        raise IndexFileError(name, f"is a database, and no index of {NAME}")
    if tables and version != _VERSION:
        told = f"is of version {version}, known here is {_VERSION}"
        raise IndexFileError(name, f"{told}; delete it, and verify the files once more")
    if tables and _schema(connection) != _known():
        raise IndexFileError(name, f"has other tables than an index of {NAME}")
    if not tables and not create:
        raise IndexFileError(name, "is empty, and no index")
    if not writing:
        return
    connection.execute("PRAGMA foreign_keys = ON")
    if not tables:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    if tables:
        return
    # All or nothing: a process killed meanwhile leaves an empty file.
    connection.execute("BEGIN IMMEDIATE")
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if not tables:  # else another process was quicker
        _make(connection)
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {_VERSION}")
    connection.execute("COMMIT")


def _make(connection: sqlite3.Connection) -> None:
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            connection.execute(statement)


def _schema(connection: sqlite3.Connection) -> frozenset[tuple[str, ...]]:
    """All there is in it, but what SQLite has for itself."""
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")
    return frozenset(row for row in rows if not str(row[1]).startswith("sqlite_"))


@lru_cache(maxsize=1)
def _known() -> frozenset[tuple[str, ...]]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        _make(connection)
        return _schema(connection)
    finally:
        connection.close()
