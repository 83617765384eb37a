"""The corpus in ../shared (skipped if absent): what the reference says, or why we say otherwise."""

import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import provenance
from provenance.formats import registry
from tests.corpus.conftest import CORPUS, entries
from tests.corpus.differences import Difference, differences, read_table

JUDGED_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)  # when the expectations were made
SECONDS = 2.0

BUILT = {media for handler in registry.handlers() for media in handler.media_types}
ENTRIES = entries()
COMPARED = tuple(
    entry for entry in ENTRIES if entry["mime"] in BUILT and entry["validation_state"] is not None
)
RAISED = tuple(
    entry
    for entry in ENTRIES
    if entry["mime"] in BUILT and entry["class"] in ("malformed", "legacy") and entry["error"]
)
EACH = [pytest.param(entry, id=entry["file"]) for entry in ENTRIES]
needs_corpus = pytest.mark.skipif(not ENTRIES, reason="needs ../shared/corpus")


@needs_corpus
def test_the_corpus_holds_files_to_compare() -> None:
    formats = Counter(entry["format"] for entry in COMPARED)
    assert formats["jpeg"] >= 100
    assert formats["png"] >= 15


@needs_corpus
def test_differences_from_the_reference_are_those_we_list(
    corpus: Path, primary: provenance.TrustSettings
) -> None:
    found: list[Difference] = []
    for entry in COMPARED:
        report = provenance.verify(corpus / entry["file"], trust=primary, at=JUDGED_AT)
        found += differences(entry, report.to_dict())
    rows = read_table()
    unlisted = [str(one) for one in found if not any(row.explains(one) for row in rows)]
    assert not unlisted, "not in docs/differences.md:\n" + "\n".join(unlisted)
    idle = [row for row in rows if not any(row.explains(one) for one in found)]
    assert not idle, f"rows of docs/differences.md that are no longer needed: {idle}"
    assert all("§" in row.clause for row in rows), "each difference names its clause"


@needs_corpus
def test_what_the_reference_cannot_read_is_never_good(
    corpus: Path, primary: provenance.TrustSettings
) -> None:
    for entry in RAISED:
        report = provenance.verify(corpus / entry["file"], trust=primary, at=JUDGED_AT)
        assert not report.ok, entry["file"]


@needs_corpus
@pytest.mark.parametrize("entry", EACH or [{}])
def test_every_file_gets_a_report_in_time(
    entry: dict[str, Any], primary: provenance.TrustSettings
) -> None:
    started = time.process_time()
    report = provenance.verify(CORPUS / entry["file"], trust=primary, at=JUDGED_AT)
    spent = time.process_time() - started
    assert spent < SECONDS
    row = report.to_dict()
    assert row["asset"]["size"] == entry["size"]
    if row["validation_state"] is None:
        unmarked = entry["manifest"] in ("none", "remote-url") or entry["mime"] not in BUILT
        drafts = entry["class"] == "legacy"  # stores of drafts before 1.0 need not be known
        assert row["errors"] or unmarked or drafts, "a manifest was there, and not a word of it"
