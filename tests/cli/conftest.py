"""What the tests of the command line share: keys, pictures, and a way to call a verb."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from provenance.cli import main
from provenance.trust.devpki import create

Call = Callable[..., Result]


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A development PKI with one curve."""
    folder = tmp_path_factory.mktemp("keys")
    create(folder, now=datetime.now(UTC), algs=("es256",))
    return folder


@pytest.fixture(scope="session")
def key(keys: Path) -> list[str]:
    """The options that name the key."""
    return ["--key", str(keys / "es256.key.pem"), "--chain", str(keys / "es256.chain.pem")]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call the command in an empty folder; a traceback fails the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)

    def called(*args: str, stdin: bytes | str | None = None) -> Result:
        result = CliRunner().invoke(main, args, input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return called


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A plain picture in the folder."""
    path = tmp_path / "picture.png"
    Image.effect_noise((64, 48), 60).convert("RGB").save(path)
    return path


@pytest.fixture
def signed(call: Call, picture: Path, key: list[str]) -> Path:
    """The same, signed as made by a generator."""
    result = call("sign", "picture.png", "-o", "signed.png", "--generator", "Painter@1", *key)
    assert result.exit_code == 0, result.output
    return picture.with_name("signed.png")


@pytest.fixture
def changed(signed: Path) -> Path:
    """The signed one with a byte of its pixels changed."""
    data = bytearray(signed.read_bytes())
    data[-20] ^= 1
    path = signed.with_name("changed.png")
    path.write_bytes(data)
    return path
