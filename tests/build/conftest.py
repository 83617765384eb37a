"""What the tests of building share."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenance.trust.devpki import create
from tests.build.desk import Desk


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a development PKI: a key for each of several people."""
    folder = tmp_path_factory.mktemp("people")
    create(folder, now=datetime.now(UTC))
    return folder


@pytest.fixture
def desk(tmp_path: Path, people: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "keys").symlink_to(people)
    return Desk(tmp_path)
