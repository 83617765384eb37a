"""Published trust lists: what they say, and that half a list is none."""

import pickle
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from provenance.errors import CredentialError
from provenance.trust.chain import NoPath, build_path, index_by_subject
from provenance.trust.lists import Anchor, ListKind, Window, read_list
from provenance.trust.profile import TIME_STAMPING
from provenance.trust.settings import TrustSettings
from tests.trust.forge import CA, LEAF, ROOT, eku
from tests.trust.lists import TRUSTED, UNTRUSTED, as_bytes, pem_of, published, service

ROOT_DER, CA_DER, LEAF_DER = ROOT.der(), CA.der(), LEAF.der()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def windows(*statuses: tuple[str, str]) -> tuple[Window, ...]:
    found = read_list(as_bytes(published(service(ROOT_DER, *statuses))), "list")
    return tuple(window for _, window in found.windows)


def test_a_json_list_says_who_and_since_when() -> None:
    found = read_list(as_bytes(published(service(ROOT_DER, (TRUSTED, "2026-01-01T00:00:00Z")))), "")
    assert found.kind is ListKind.C2PA
    assert found.anchors == (ROOT_DER,)
    assert found.windows == ((ROOT_DER, Window(moment("2026-01-01"), None)),)
    assert (found.sequence, found.issued) == (7, moment("2026-05-01"))
    assert found.next_update == moment("2027-05-01")


def test_what_was_trusted_once_was_so_until_it_was_not() -> None:
    assert windows((UNTRUSTED, "2026-03-01"), (TRUSTED, "2026-01-01")) == (
        Window(moment("2026-01-01"), moment("2026-03-01")),
    )


def test_trust_can_come_back() -> None:
    assert windows((TRUSTED, "2026-05-01"), (UNTRUSTED, "2026-03-01"), (TRUSTED, "2026-01-01")) == (
        Window(moment("2026-01-01"), moment("2026-03-01")),
        Window(moment("2026-05-01"), None),
    )


def test_a_status_that_is_not_known_is_no_trust() -> None:
    with pytest.raises(CredentialError, match="no trusted certificate"):
        windows(("withdrawn", "2026-03-01"))


def test_a_pem_list_has_no_windows() -> None:
    found = read_list(pem_of((ROOT_DER, CA_DER, ROOT_DER)), "list.pem")
    assert (found.kind, found.anchors, found.windows) == (
        ListKind.C2PA,
        (ROOT_DER, CA_DER),
        (),
    )


def test_a_list_tells_whom_it_is_about() -> None:
    stamping = CA.but(ekus=eku(TIME_STAMPING)).der()
    row = published(service(ROOT_DER, (TRUSTED, "2026-01-01")), title="C2PA TSA Trust List")
    assert read_list(as_bytes(row), "list").kind is ListKind.TSA
    assert read_list(pem_of((stamping,)), "list.pem").kind is ListKind.TSA
    assert read_list(pem_of((ROOT_DER,)), "/x/C2PA-TSA-TRUST-LIST.pem").kind is ListKind.TSA
    assert read_list(pem_of((ROOT_DER,)), "/tsa/list.pem").kind is ListKind.C2PA
    assert read_list(pem_of((stamping,)), "list.pem", ListKind.C2PA).kind is ListKind.C2PA


WHOLE = published(
    service(ROOT_DER, (TRUSTED, "2026-01-01")),
    service(CA_DER, (UNTRUSTED, "2026-03-01"), (TRUSTED, "2026-01-01")),
)


def spoilt(path: str, value: Any) -> bytes:
    """The whole list with one value changed; Ellipsis takes it out."""
    row = deepcopy(WHOLE)
    at: Any = row
    *steps, last = (int(one) if one.isdigit() else one for one in path.split("/"))
    for step in steps:
        at = at[step]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return as_bytes(row)


_SERVICE = "LoTE/TrustedEntitiesList/1/TrustedEntityServices/0"
_NOW = f"{_SERVICE}/ServiceInformation"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("LoTE", ...),
        ("LoTE", []),
        ("LoTE/ListAndSchemeInformation", ...),
        ("LoTE/ListAndSchemeInformation/NextUpdate", "soon"),
        ("LoTE/ListAndSchemeInformation/ListIssueDateTime", 5),
        ("LoTE/TrustedEntitiesList", ...),
        ("LoTE/TrustedEntitiesList", {}),
        ("LoTE/TrustedEntitiesList/1", "x"),
        ("LoTE/TrustedEntitiesList/1/TrustedEntityServices", None),
        (_NOW, ...),
        (f"{_NOW}/StatusStartingTime", ...),
        (f"{_NOW}/StatusStartingTime", "yesterday"),
        (f"{_NOW}/ServiceDigitalIdentity", ...),
        (f"{_NOW}/ServiceDigitalIdentity/X509Certificates", {}),
        (f"{_NOW}/ServiceDigitalIdentity/X509Certificates/0", 3),
        (f"{_NOW}/ServiceDigitalIdentity/X509Certificates/0/val", "!!"),
        (f"{_NOW}/ServiceDigitalIdentity/X509Certificates/0/val", "AAAA"),
        (f"{_NOW}/ServiceDigitalIdentity/X509Certificates/0/val", 7),
        (f"{_SERVICE}/ServiceHistory", "none"),
        (f"{_SERVICE}/ServiceHistory/0", []),
        (f"{_SERVICE}/ServiceHistory/0/StatusStartingTime", ...),
    ],
)
def test_a_list_with_one_entry_that_cannot_be_read_is_refused(path: str, value: Any) -> None:
    read_list(as_bytes(WHOLE), "the list")
    with pytest.raises(CredentialError, match=r"^the list: "):
        read_list(spoilt(path, value), "the list")


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b"[]", b"null", b"<html>", b'{"a":' * 10_000])
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(CredentialError):
        read_list(data, "the list")


def test_an_anchor_counts_inside_its_window_alone() -> None:
    anchor = Anchor(ROOT_DER, (Window(moment("2026-05-15"), moment("2026-06-15")),))
    anchors = index_by_subject((anchor,))

    def found(day: str) -> bool:
        path = build_path(LEAF.certificate(), (CA.certificate(),), anchors, moment(day))
        return not isinstance(path, NoPath)

    assert [found(day) for day in ("2026-05-14", "2026-05-15", "2026-06-14", "2026-06-15")] == [
        *(False, True, True, False)
    ]
    assert pickle.loads(pickle.dumps(anchor)) == anchor


def test_a_window_does_not_make_an_expired_anchor_good() -> None:
    assert not Anchor(ROOT_DER, (Window(),)).valid_at(moment("2036-01-01"))


def test_settings_honour_windows_for_signers_and_for_time_stamps() -> None:
    window = Window(moment("2026-05-15"), moment("2026-06-15"))
    settings = TrustSettings(
        anchors=(ROOT_DER,), tsa_anchors=(CA_DER,), windows=((CA_DER, window),)
    )
    (plain,) = settings.by_subject[ROOT.certificate().subject]
    (bound,) = settings.tsa_by_subject[CA.certificate().subject]
    assert type(plain) is not Anchor
    assert isinstance(bound, Anchor)
    assert bound.windows == (window,)
    assert pickle.loads(pickle.dumps(settings)) == settings


@pytest.mark.parametrize(
    ("name", "kind"),
    [("C2PA-TRUST-LIST.pem", ListKind.C2PA), ("C2PA-TSA-TRUST-LIST.pem", ListKind.TSA)],
)
def test_the_published_lists_are_read(shared: Path, name: str, kind: ListKind) -> None:
    data = (shared / "corpus" / "trust" / "sources" / name).read_bytes()
    found = read_list(data, "a list")  # told by its certificates, not by its name
    assert len(found.anchors) > 10
    assert read_list(data, name).kind is kind
