"""Installed trust lists: whole or not at all, with where they came from, and the list before."""

import json
import os
import pickle
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provenance.cbor import encode
from provenance.cose.sign1 import encode_sign1, parse, sig_structure
from provenance.errors import CredentialError
from provenance.trust import installed as store
from provenance.trust.installed import InstalledList, data_folder, install, installed, remove
from provenance.trust.lists import ListKind, Window
from provenance.trust.settings import EKU_PRESETS, TrustSettings
from provenance.validate.run import verify
from tests.attacks.forge import Cose, Recipe, actions, hard_binding, the_forge
from tests.attacks.stamps import OLD, THEN, Stamping, authority, expired, token
from tests.trust.forge import CA, NOW, ROOT
from tests.trust.lists import TRUSTED, as_bytes, pem_of, published, service

ROOT_DER, CA_DER, MINE = ROOT.der(), CA.der(), ROOT.but(subject="mine").der()
SINCE = "2026-01-01T00:00:00Z"
SIGNERS = as_bytes(published(service(ROOT_DER, (TRUSTED, SINCE))))
STAMPERS = as_bytes(published(service(CA_DER, (TRUSTED, SINCE)), title="C2PA TSA Trust List"))
WINDOW = Window(datetime(2026, 1, 1, tzinfo=UTC), None)


def put(data: bytes, folder: Path, *, now: datetime = NOW) -> InstalledList:
    return install(data, source="https://example.com/list", now=now, folder=folder)


def files(folder: Path) -> set[str]:
    return {path.name for path in (folder / "trust").iterdir()}


def test_a_list_is_kept_with_source_date_and_digest(tmp_path: Path) -> None:
    made = put(SIGNERS, tmp_path / "new" / "folder")
    (found,) = installed(tmp_path / "new" / "folder")
    assert found == made
    assert (found.kind, found.source, found.at) == (
        ListKind.C2PA,
        "https://example.com/list",
        NOW,
    )
    assert found.content.anchors == (ROOT_DER,)
    kept = tmp_path / "new" / "folder" / "trust" / f"{found.sha256}.list"
    assert kept.read_bytes() == SIGNERS


def test_nothing_is_installed_in_the_beginning(tmp_path: Path) -> None:
    assert installed(tmp_path) == ()
    assert TrustSettings.installed(tmp_path) == TrustSettings()


def test_the_list_before_is_kept_and_those_before_it_are_not(tmp_path: Path) -> None:
    first, second, third = (pem_of((one,)) for one in (ROOT_DER, CA_DER, MINE))
    old = [put(one, tmp_path) for one in (first, second, third)]
    (now,) = installed(tmp_path)
    (before,) = store.former(tmp_path)
    assert (now.sha256, before.sha256) == (old[2].sha256, old[1].sha256)
    assert len(files(tmp_path)) == 4


def test_the_same_list_again_does_not_push_out_the_one_before(tmp_path: Path) -> None:
    first = put(pem_of((ROOT_DER,)), tmp_path)
    put(pem_of((CA_DER,)), tmp_path)
    again = put(pem_of((CA_DER,)), tmp_path, now=NOW + timedelta(days=1))
    assert installed(tmp_path) == (again,)
    assert [one.sha256 for one in store.former(tmp_path)] == [first.sha256]


def test_what_is_no_list_changes_nothing(tmp_path: Path) -> None:
    put(SIGNERS, tmp_path)
    before = files(tmp_path)
    with pytest.raises(CredentialError, match=r"https://example\.com/list"):
        put(b"<html>not found</html>", tmp_path)
    assert files(tmp_path) == before
    assert len(installed(tmp_path)) == 1


def test_a_write_that_fails_leaves_the_old_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = put(SIGNERS, tmp_path)
    move = os.replace
    calls: list[Path] = []

    def failing(source: str, target: Path) -> None:
        calls.append(target)
        if Path(target).name == "c2pa.json":
            raise OSError(28, "No space left on device")
        move(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(OSError, match="No space"):
        put(pem_of((CA_DER,)), tmp_path)
    assert calls
    assert installed(tmp_path) == (old,)
    assert not any(name.startswith(".new") for name in files(tmp_path))


def test_a_list_that_was_changed_is_not_used(tmp_path: Path) -> None:
    made = put(SIGNERS, tmp_path)
    (tmp_path / "trust" / f"{made.sha256}.list").write_bytes(pem_of((CA_DER,)))
    with pytest.raises(CredentialError, match="is damaged: `provenance trust update`"):
        installed(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "other"},
        {"sha256": "../../etc/passwd"},
        {"sha256": 5},
        {"installed": "2026-01-01"},
        {"installed": None},
    ],
)
def test_a_card_that_says_nonsense_is_not_used(tmp_path: Path, change: dict[str, object]) -> None:
    put(SIGNERS, tmp_path)
    card = tmp_path / "trust" / "c2pa.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | change))
    with pytest.raises(CredentialError, match="is damaged"):
        installed(tmp_path)
    put(SIGNERS, tmp_path)
    assert len(installed(tmp_path)) == 1


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 10_000])
def test_a_card_that_is_no_json_is_not_used(tmp_path: Path, text: str) -> None:
    put(SIGNERS, tmp_path)
    (tmp_path / "trust" / "c2pa.json").write_text(text)
    with pytest.raises(CredentialError, match="is damaged"):
        installed(tmp_path)


def test_lists_are_taken_away_with_all_that_belongs_to_them(tmp_path: Path) -> None:
    put(SIGNERS, tmp_path)
    put(STAMPERS, tmp_path)
    put(pem_of((CA_DER,)), tmp_path)
    assert remove((ListKind.C2PA,), tmp_path) == ("C2PA trust list",)
    assert [one.kind for one in installed(tmp_path)] == [ListKind.TSA]
    assert remove(folder=tmp_path) == ("C2PA TSA trust list",)
    assert files(tmp_path) == set()
    assert remove(folder=tmp_path) == ()


def test_the_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PROVENANCE_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    monkeypatch.delenv("PROVENANCE_DATA")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(sys, "platform", "linux")
    assert data_folder() == tmp_path / "xdg" / "provenance"
    monkeypatch.delenv("XDG_DATA_HOME")
    assert data_folder() == Path.home() / ".local" / "share" / "provenance"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert data_folder().parts[-3:] == ("Library", "Application Support", "provenance")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert data_folder() == tmp_path / "local" / "provenance"


def test_settings_of_the_installed_lists(tmp_path: Path) -> None:
    put(SIGNERS, tmp_path)
    put(STAMPERS, tmp_path)
    found = TrustSettings.installed(tmp_path)
    assert (found.anchors, found.tsa_anchors) == ((ROOT_DER,), (CA_DER,))
    assert found.windows == ((ROOT_DER, WINDOW), (CA_DER, WINDOW))
    assert found.tsa_published
    assert pickle.loads(pickle.dumps(found)) == found


def test_what_the_user_names_stands_beside_the_lists(tmp_path: Path) -> None:
    put(SIGNERS, tmp_path)
    put(STAMPERS, tmp_path)
    lists = TrustSettings.installed(tmp_path)
    both = TrustSettings(anchors=(MINE, ROOT_DER)).beside(lists)
    assert both.anchors == (MINE, ROOT_DER)
    # As without any list, the user's anchors serve for time stamps too.
    assert both.tsa_anchors == (MINE, ROOT_DER, CA_DER)
    assert both.windows == ((CA_DER, WINDOW),)  # what is named counts always
    assert both.tsa_published
    own = TrustSettings(tsa_anchors=(MINE,)).beside(lists)
    assert own.tsa_anchors == (MINE, CA_DER)
    assert not own.tsa_published


def test_old_claims_are_stamped_by_whom_they_were_stamped() -> None:
    """Version 1 claims are older than the published list of authorities."""
    forge = the_forge()
    stamping = Stamping(credential=authority(forge, start=OLD), time=THEN)
    signer = expired(forge)
    recipe = Recipe(
        version=1,
        claim_label="c2pa.claim",
        items=(actions("c2pa.created", label="c2pa.actions"), hard_binding()),
        cose=steady(stamping, Cose(credential=signer)),
    )
    asset = forge.png(recipe)
    trust = TrustSettings(anchors=signer.chain[-1:], tsa_anchors=(CA_DER,))
    assert verify(asset, trust=trust).state == "Invalid"
    assert verify(asset, trust=replace(trust, tsa_published=True)).state == "Trusted"


def steady(how: Stamping, cose: Cose) -> Cose:
    """A time stamp over the signature, in a header that is always of one length."""

    def put(data: bytes) -> bytes:
        sign1 = parse(data)
        message = sig_structure(sign1.protected_raw, encode(sign1.signature), "CounterSignature")
        headers = {"sigTst2": {"tstTokens": [{"val": token(how, message)}]}}
        return encode_sign1(sign1.protected_raw, headers, sign1.signature, total_length=9000)

    return replace(cose, after=put)


def test_without_a_list_of_authorities_the_anchors_go_on_serving(tmp_path: Path) -> None:
    put(SIGNERS, tmp_path)
    both = TrustSettings(anchors=(MINE,)).beside(TrustSettings.installed(tmp_path))
    assert both.tsa_anchors == ()
    assert set(both.tsa_by_subject) == set(both.by_subject)


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (timedelta(), "today"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=40), "40 days ago"),
        (timedelta(days=-40), "on 2026-06-01"),
    ],
)
def test_how_old_a_list_is(tmp_path: Path, later: timedelta, words: str) -> None:
    assert put(SIGNERS, tmp_path).age(NOW + later) == words


def test_the_words_for_a_report_name_list_and_age(tmp_path: Path) -> None:
    put(SIGNERS, tmp_path)
    put(STAMPERS, tmp_path)
    found = TrustSettings.installed(tmp_path)
    assert found.words(NOW + timedelta(days=3)) == (
        "1 trust anchor, C2PA trust list and C2PA TSA trust list installed 3 days ago"
    )
    assert found.words(NOW + timedelta(days=600)).endswith("600 days ago, out of date")
    assert TrustSettings(anchors=(MINE,)).words(NOW) == "1 trust anchor"
    assert TrustSettings().words(NOW) == "no trust anchors"


@pytest.mark.parametrize("name", EKU_PRESETS)
def test_usages_can_be_named(name: str) -> None:
    assert TrustSettings.load(eku_config=name).ekus == EKU_PRESETS[name]


def test_usages_of_another_name_are_a_file(tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match="cannot be read"):
        TrustSettings.load(eku_config=str(tmp_path / "c2pa"))
