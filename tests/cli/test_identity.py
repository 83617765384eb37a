"""`sign --identity-key`: an actor vouches for what is signed, and `verify` tells who."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenance.trust.devpki import create
from tests.cli.conftest import Call


@pytest.fixture
def actor(tmp_path: Path) -> list[str]:
    """The options that name an actor of another PKI."""
    folder = tmp_path / "actor"
    folder.mkdir()
    create(folder, now=datetime.now(UTC), algs=("ed25519",))
    chain = folder / "ed25519.chain.pem"
    return ["--identity-key", str(folder / "ed25519.key.pem"), "--identity-chain", str(chain)]


def signed_by(call: Call, key: list[str], actor: list[str], *more: str) -> dict[str, object]:
    made = ("--generator", "Painter@1", *key, *actor, *more)
    result = call("sign", "picture.png", "-o", "out.png", *made)
    assert result.exit_code == 0, result.output
    row: dict[str, object] = json.loads(call("verify", "out.png", "--format", "json").stdout)
    return row


@pytest.mark.usefixtures("picture")
def test_an_actor_is_named_with_their_roles(call: Call, key: list[str], actor: list[str]) -> None:
    row = signed_by(call, key, actor, "--role", "creator", "--role", "org.example.curator")
    assert isinstance(row["identity"], list)
    (one,) = row["identity"]
    assert one["state"] == "untrusted"
    assert one["roles"] == ["cawg.creator", "org.example.curator"]
    assert one["actor"]["name"] == "Development ed25519"
    assert row["validation_state"] == "Valid"


@pytest.mark.usefixtures("picture")
def test_an_actor_on_the_allowed_list_is_trusted(
    call: Call, key: list[str], actor: list[str]
) -> None:
    signed_by(call, key, actor)
    told = call("verify", "out.png", "--identity-allowed", actor[-1])
    assert told.exit_code == 0
    assert "vouches for it, as someone you trust" in " ".join(told.stdout.split())


@pytest.mark.usefixtures("signed")
def test_an_issuer_must_be_a_did_and_its_document_a_document(call: Call) -> None:
    result = call("verify", "signed.png", "--identity-issuer", "issuer.example")
    assert result.exit_code == 1
    assert "is no DID" in result.stderr
    Path("did.json").write_text("[]")
    result = call("verify", "signed.png", "--identity-document", "did.json")
    assert result.exit_code == 1
    assert "did.json" in result.stderr


@pytest.mark.usefixtures("picture")
@pytest.mark.parametrize("options", [["--role", "creator"], ["--identity-chain", "x.pem"]])
def test_a_role_without_an_actor_is_a_usage_error(
    options: list[str], call: Call, key: list[str]
) -> None:
    result = call("sign", "picture.png", "-o", "out.png", "--generator", "G", *key, *options)
    assert result.exit_code == 2
    assert "--identity-key" in result.stderr
    assert not Path("out.png").exists()


@pytest.mark.usefixtures("picture")
def test_an_actor_without_a_key_file_is_one_sentence(call: Call, key: list[str]) -> None:
    none = ["--identity-key", "no.pem"]
    result = call("sign", "picture.png", "-o", "out.png", "--generator", "G", *key, *none)
    assert result.exit_code == 1
    assert "no.pem" in result.stderr
