"""`provenance trust`, and what `verify` makes of the lists it installs."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provenance.fetch import Door
from provenance.trust.installed import ADDRESSES, install, installed
from tests.cli.conftest import Call
from tests.trust.forge import ROOT
from tests.trust.lists import TRUSTED, as_bytes, pem_of, published, service
from tests.web import Asked, Reply, site

ROOT_DER = ROOT.der()
LIST = as_bytes(published(service(ROOT_DER, (TRUSTED, "2026-01-01"))))
TSA_LIST = as_bytes(
    published(service(ROOT_DER, (TRUSTED, "2026-01-01")), title="C2PA TSA Trust List")
)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder."""
    folder = tmp_path / "data"
    monkeypatch.setenv("PROVENANCE_DATA", str(folder))
    return folder


def test_a_list_is_installed_from_a_file(call: Call, tmp_path: Path) -> None:
    (tmp_path / "list.json").write_bytes(LIST)
    result = call("trust", "update", "--from", "list.json")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "installed: C2PA trust list, 1 anchors, from" in result.stderr
    (one,) = installed()
    assert one.source == str(tmp_path / "list.json")


def test_a_list_that_does_not_tell_can_be_told(call: Call, tmp_path: Path) -> None:
    (tmp_path / "list.pem").write_bytes(pem_of((ROOT_DER,)))
    assert call("trust", "update", "-q", "--from", "tsa=list.pem").stderr == ""
    assert [one.kind.value for one in installed()] == ["tsa"]


def test_what_changed_is_told(call: Call, tmp_path: Path) -> None:
    other = ROOT.but(subject="another").der()
    (tmp_path / "list.json").write_bytes(LIST)
    call("trust", "update", "--from", "list.json")
    assert "the same as before" in call("trust", "update", "--from", "list.json").stderr
    older = published(service(other, (TRUSTED, "2026-01-01")), LoTESequenceNumber=6)
    (tmp_path / "older.json").write_bytes(as_bytes(older))
    said = call("trust", "update", "--from", "older.json").stderr
    assert "1 anchors are new, 1 are gone" in said
    assert "older than the one before" in said


def test_the_published_lists_are_fetched_from_their_addresses(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def get(_: Door, url: str) -> bytes:
        asked.append(url)
        return TSA_LIST if "TSA" in url else LIST

    monkeypatch.setattr(Door, "get", get)
    assert call("trust", "update").exit_code == 0
    assert asked == list(ADDRESSES.values())
    assert all(url.startswith("https://") for url in asked)
    assert [one.source for one in installed()] == asked


def test_another_address_must_be_a_safe_one(call: Call) -> None:
    with site(lambda _: Reply(LIST)) as there:
        result = call("trust", "update", "--url", there.url)
    assert result.exit_code == 1
    assert "is not https" in result.stderr
    assert there.asked == []


def test_a_list_that_cannot_be_fetched_changes_nothing(
    call: Call, monkeypatch: pytest.MonkeyPatch, data: Path
) -> None:
    install(LIST, source="before", now=datetime.now(UTC))

    def reply(_: Asked) -> Reply:
        return Reply(b"<html>sign in to this network</html>")

    with site(reply) as there:
        door = Door(plain=True, private=True)
        monkeypatch.setattr("provenance.fetch.Door", lambda **_: door)
        result = call("trust", "update", "--url", f"{there.url}/list.json")
    assert result.exit_code == 1
    assert "holds no certificate" in result.stderr
    assert [one.source for one in installed(data)] == ["before"]


@pytest.mark.parametrize(("name", "why"), [("none.pem", "no such file"), ("x.pem", "no certif")])
def test_a_file_that_is_no_list_is_refused(call: Call, tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "x.pem").write_text("nothing")
    result = call("trust", "update", "--from", name)
    assert result.exit_code == 1
    assert why in result.stderr


def test_show_says_what_is_installed(call: Call) -> None:
    empty = call("trust", "show")
    assert (empty.exit_code, empty.stdout) == (3, "No trust list is installed.\n")
    then = datetime.now(UTC) - timedelta(days=5)
    install(pem_of((ROOT_DER,)), source="first", now=then - timedelta(days=1))
    made = install(LIST, source="https://example.com/\x1b[31mlist", now=then)
    shown = call("trust", "show").stdout
    for words in ("C2PA trust list", "anchors    1", "2026-05-01", "5 days ago", made.sha256):
        assert words in shown
    assert "before" in shown
    assert "\x1b" not in shown


def test_show_as_json(call: Call) -> None:
    made = install(LIST, source="here", now=datetime.now(UTC))
    (row,) = json.loads(call("trust", "show", "--format", "json").stdout)["lists"]
    assert (row["kind"], row["anchors"], row["sha256"]) == ("c2pa", 1, made.sha256)
    assert row["next_update"] == "2027-05-01T00:00:00+00:00"
    assert row["before"] is None


def test_remove_takes_away_what_is_named(call: Call) -> None:
    install(LIST, source="a", now=datetime.now(UTC))
    install(TSA_LIST, source="b", now=datetime.now(UTC))
    assert "removed: C2PA trust list\n" in call("trust", "remove", "c2pa").stderr
    assert [one.source for one in installed()] == ["b"]
    assert "removed: C2PA TSA trust list" in call("trust", "remove").stderr
    assert "There was none." in call("trust", "remove").stderr
    assert call("trust", "remove", "other").exit_code == 2


def test_verify_uses_the_installed_list_and_says_so(call: Call, keys: Path, signed: Path) -> None:
    install((keys / "root.pem").read_bytes(), source="here", now=datetime.now(UTC))
    text = call("verify", str(signed)).stdout
    assert "valid, signer trusted" in text
    assert "C2PA trust list installed today" in " ".join(text.split())
    report = json.loads(call("verify", str(signed), "--format", "json").stdout)
    assert report["trust"] == "1 trust anchor, C2PA trust list installed today"
    without = call("verify", str(signed), "--no-installed-trust", "--fail-on", "untrusted")
    assert without.exit_code == 5


def test_without_a_list_verify_says_what_one_would_settle(call: Call, signed: Path) -> None:
    text = " ".join(call("verify", str(signed)).stdout.split())
    assert "provenance trust update" in text


def test_a_damaged_list_is_an_error_and_not_an_absent_one(
    call: Call, data: Path, signed: Path
) -> None:
    install(LIST, source="here", now=datetime.now(UTC))
    next((data / "trust").glob("*.list")).write_bytes(b"")
    result = call("verify", str(signed))
    assert result.exit_code == 1
    assert "is damaged: `provenance trust update` mends it" in result.stderr
    assert call("verify", str(signed), "--no-installed-trust").exit_code == 0


def test_verify_asks_nobody_unless_told(call: Call, signed: Path) -> None:
    # The certificates of the tests name no responder, so nothing is asked either way.
    for options in ((), ("--online",)):
        result = call("verify", str(signed), *options, "--format", "json")
        assert result.exit_code == 0
        assert "ocsp" not in result.stdout
