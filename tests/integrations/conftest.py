"""A profile as a user has one: a file that names a key, and nothing else knows of it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenance.trust.devpki import create


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("secret-keys")
    create(folder, now=datetime.now(UTC), algs=("es256",))
    return folder


@pytest.fixture
def studio(key_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The profile `studio`; what else lies in the user's folders lies in the test's."""
    monkeypatch.setenv("PROVENANCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PROVENANCE_DATA", str(tmp_path / "data"))
    path = tmp_path / "config.toml"
    path.write_text(
        f'[profile.studio]\nkey = "{key_folder / "es256.key.pem"}"\n'
        f'chain = "{key_folder / "es256.chain.pem"}"\ncreators = ["Studio Ada"]\n',
        "utf-8",
    )
    monkeypatch.setenv("PROVENANCE_CONFIG", str(path))
    return path
