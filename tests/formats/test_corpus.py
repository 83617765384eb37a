"""Files from the field: stores are found where a reference implementation finds them."""

import json
from pathlib import Path
from typing import Any

import pytest

from provenance.errors import MalformedError
from provenance.formats import registry
from provenance.formats.base import Located
from provenance.limits import DEFAULT_LIMITS
from provenance.source import open_source

KINDS = {"jpeg": "JPEG", "png": "PNG", "c2pa": "C2PA manifest store", "pdf": "PDF"}

# The reference reports no manifest in a file that is broken before any store could come.
BROKEN = {"png/sindresorhus-file-type_fixture-fixture-corrupt.png"}


def place(found: Located) -> str:
    if found.store is not None:
        return "embedded" if found.carriers else "standalone"
    return "remote-url" if found.remote_url else "none"


@pytest.fixture(scope="session")
def entries(shared: Path) -> list[dict[str, Any]]:
    index = json.loads((shared / "corpus" / "expected.json").read_text())
    return [entry for entry in index["files"] if entry["format"] in KINDS]


@pytest.mark.parametrize("kind", KINDS)
def test_stores_are_found_where_the_reference_finds_them(
    kind: str, entries: list[dict[str, Any]], shared: Path
) -> None:
    wrong, seen = [], 0
    for entry in entries:
        if entry["format"] != kind or entry["manifest"].startswith("present-"):
            continue
        path = shared / "corpus" / entry["file"]
        with open_source(path) as source:
            handler = registry.find(source, path.suffix)
            assert handler.name == KINDS[kind]
            try:
                found = handler.locate(source, DEFAULT_LIMITS)
            except MalformedError as error:
                if entry["file"] not in BROKEN:
                    wrong.append(f"{entry['file']}: {error}")
                continue
        seen += 1
        if (place(found), found.remote_url) != (entry["manifest"], entry["remote_url"]):
            wrong.append(f"{entry['file']}: {place(found)}, not {entry['manifest']}")
    assert not wrong, "\n".join(wrong)
    assert seen > 5
