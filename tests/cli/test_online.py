"""`provenance verify --online`, and algorithms that whoever verifies calls deprecated."""

import json
from pathlib import Path

import pytest

from provenance.fetch import Door
from tests.attacks.away import bound_to, pointing
from tests.attacks.forge import the_forge
from tests.cli.conftest import Call
from tests.web import Reply, site


@pytest.fixture
def near(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets --online speak to this machine, as no option does."""
    open_door = Door(plain=True, private=True, seconds=5)
    doors = (open_door, open_door)
    monkeypatch.setattr(
        "provenance.validate.run._doors", lambda online: doors if online else (None, None)
    )


def test_a_store_on_the_web_is_fetched_when_asked_for(
    call: Call, near: None, tmp_path: Path
) -> None:
    held: list[bytes] = []
    with site(lambda _: Reply(held[0])) as there:
        asset = pointing(the_forge(), there.url)
        held.append(bound_to(the_forge(), asset))
        (tmp_path / "a.png").write_bytes(asset)
        shut = call("verify", "a.png")
        assert shut.exit_code == 3
        assert "lie elsewhere, not fetched" in shut.stdout
        assert "--online" in shut.stdout
        assert there.asked == []
        result = call("verify", "a.png", "--online", "--format", "json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert (report["validation_state"], report["manifest_location"]) == ("Valid", "remote")


def test_a_store_on_the_web_that_is_gone_is_a_failure(
    call: Call, near: None, tmp_path: Path
) -> None:
    with site(lambda _: Reply(status=404)) as there:
        (tmp_path / "a.png").write_bytes(pointing(the_forge(), there.url))
        result = call("verify", "a.png", "--online")
    assert result.exit_code == 4
    assert "could not be fetched" in result.stdout
    assert "manifest.inaccessible" in result.stdout
    assert "answered 404" in result.stdout
    assert "Integrity not known" in " ".join(result.stdout.split())


def test_an_algorithm_is_deprecated_by_who_verifies(call: Call, signed: Path) -> None:
    result = call(
        "verify", "signed.png", "--deprecated-alg", "ES256", "--format", "json", "--online"
    )
    assert result.exit_code == 0
    notes = json.loads(result.stdout)["validation_results"]["activeManifest"]["informational"]
    assert {one["explanation"] for one in notes if one["code"] == "algorithm.deprecated"} == {
        "es256"
    }


def test_an_algorithm_that_nobody_knows_is_wrong_usage(call: Call, signed: Path) -> None:
    result = call("verify", "signed.png", "--deprecated-alg", "md5")
    assert result.exit_code == 2
    assert "C2PA has sha256" in result.stderr
