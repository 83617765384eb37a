"""The tables of an index, and how one is opened.

    folders ─< files >─ outcomes ─< outcome_codes      what was found of each file, told apart once
                │ └─ reports                           the whole report: JSON, compressed
                └─< holds >─ manifests ─< edges, people      a manifest that stands in many, once
                                  └─ signers
    terms       what a verdict depends on besides the file: trust, policy, version

SQLite in WAL mode: readers see the state before a transaction or after it, and what was committed
stands when the process is killed. Times are seconds since 1970, UTC.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provenance.errors import ProvenanceError
from provenance.version import NAME

__all__ = ["IndexFileError", "named_errors", "open_index"]

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
    box BLOB NOT NULL,            -- SHA-256 of the manifest as stored
    label TEXT NOT NULL, kind TEXT NOT NULL, title TEXT, generator TEXT, source_types TEXT,
    signer_id INTEGER REFERENCES signers (id), signed_at REAL, attested INTEGER NOT NULL,
    UNIQUE (claim, box)
);
CREATE INDEX manifests_label ON manifests (label);
CREATE INDEX manifests_signer ON manifests (signer_id);
CREATE INDEX manifests_generator ON manifests (generator);
CREATE TABLE holds (
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,       -- 0: the active manifest
    manifest_id INTEGER NOT NULL REFERENCES manifests (id), state TEXT,
    PRIMARY KEY (file_id, place)
) WITHOUT ROWID;
CREATE INDEX holds_manifest ON holds (manifest_id);
CREATE TABLE edges (
    manifest_id INTEGER NOT NULL REFERENCES manifests (id) ON DELETE CASCADE,
    uri TEXT NOT NULL,
    relationship TEXT NOT NULL, role TEXT NOT NULL, title TEXT, format TEXT,
    target TEXT, target_claim TEXT, digest TEXT, types TEXT NOT NULL,
    PRIMARY KEY (manifest_id, uri)
) WITHOUT ROWID;
CREATE INDEX edges_title ON edges (title);
CREATE TABLE people (
    manifest_id INTEGER NOT NULL REFERENCES manifests (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    role TEXT NOT NULL, evidence TEXT NOT NULL,
    PRIMARY KEY (manifest_id, name, role, evidence)
) WITHOUT ROWID;
CREATE INDEX people_name ON people (name);
CREATE TABLE hashes (
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,           -- fingerprint, content: of what the hard binding covers
    value TEXT NOT NULL,
    PRIMARY KEY (file_id, kind, value)
) WITHOUT ROWID;
CREATE INDEX hashes_value ON hashes (value);
"""


class IndexFileError(ProvenanceError):
    """A file is no index of ours, or one of another version."""


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


def open_index(path: str | Path, *, create: bool = False) -> sqlite3.Connection:
    """Open an index; `create` makes one where there is none.

    Raises:
        IndexFileError: it is not there, is no index, or one of a version that we do not know.
        OSError: the place cannot be written.
    """
    place = Path(path)
    if not create and not place.is_file():
        raise IndexFileError(str(path), "no such index")
    with named_errors(str(path), "cannot be opened"):
        connection = sqlite3.connect(place, timeout=_WAIT, isolation_level=None)
    try:
        with named_errors(str(path), f"is no index of {NAME}, or cannot be used"):
            _prepare(connection, str(path), create=create)
    except IndexFileError:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, name: str, *, create: bool) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != _APPLICATION:
        raise IndexFileError(name, f"is a database, and no index of {NAME}")
    if tables and version != _VERSION:
        raise IndexFileError(name, f"is of version {version}, known here is {_VERSION}")
    if not tables and not create:
        raise IndexFileError(name, "is empty, and no index")
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
        for statement in _TABLES.split(";\n"):
            if statement.strip():
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {_VERSION}")
    connection.execute("COMMIT")
