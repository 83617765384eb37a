"""Identity assertions are checked, answered for by themselves, and change no verdict."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509

from provenance.cbor import decode, encode
from provenance.digests import digest
from provenance.model.assertions.identity import Identity, encode_payload, signed_forms
from provenance.model.hashed_uri import HashedUri
from provenance.validate import identity as clause
from provenance.validate.identity_results import IdentityState
from provenance.validate.results import ValidationState
from provenance.validate.run import verify
from provenance.validate.status import Status
from tests.attacks.forge import NOW, Binding, Cose, Forge, Recipe, Row, cbor, local, raw
from tests.validate.identity_forge import (
    ACTIONS,
    HARD,
    TRUSTED,
    UNTRUSTED,
    Vouching,
    actor,
    codes,
    identity,
    judged,
    knowing,
    picture,
    wrong,
)

EMAIL = "1.3.6.1.5.5.7.3.4"
ORGANISATION_VALIDATED = "2.23.140.1.5.2.2"


@pytest.fixture(scope="module")
def forge() -> Forge:
    return Forge()


def test_an_actor_nobody_knows_is_untrusted_and_the_picture_still_trusted(forge: Forge) -> None:
    report = judged(forge, Vouching(cose=Cose(credential=actor(forge))))
    (one,) = report.manifests[0].identities
    assert codes(report) == UNTRUSTED
    assert one.state is IdentityState.UNTRUSTED
    assert report.state is ValidationState.TRUSTED


def test_an_actor_under_an_identity_anchor_is_trusted(forge: Forge) -> None:
    known = actor(forge, depth=1)
    vouching = Vouching(
        cose=Cose(credential=known), payload=lambda row: row.update(role=["cawg.creator"])
    )
    report = judged(forge, vouching, trust=knowing(forge, known))
    (one,) = report.manifests[0].identities
    assert codes(report) == TRUSTED
    assert one.state is IdentityState.TRUSTED
    assert one.roles == ("cawg.creator",)
    assert one.referenced == (local("c2pa.hash.data"), local("c2pa.actions.v2"))
    assert one.actor is not None
    assert one.actor.name


def test_an_anchor_for_claim_signers_says_nothing_of_actors(forge: Forge) -> None:
    report = judged(forge, Vouching(cose=Cose(credential=forge.credential)))
    assert "cawg.x509.credential.untrusted" in codes(report)
    assert Status.SIGNING_CREDENTIAL_TRUSTED in {one.status for one in report.findings}


def test_an_actor_on_the_allowed_list_is_trusted_whatever_the_certificate_is_for(
    forge: Forge,
) -> None:
    allowed = frozenset((digest(forge.credential.chain[0], "sha256"),))
    trust = replace(forge.trust, identity_allowed=allowed)
    assert codes(judged(forge, Vouching(), trust=trust)) == TRUSTED


def policies(*oids: str) -> Callable[[x509.CertificateBuilder], x509.CertificateBuilder]:
    held = [x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in oids]
    return lambda builder: builder.add_extension(x509.CertificatePolicies(held), critical=False)


@pytest.mark.parametrize(
    ("how", "trusted"),
    [
        ({"ekus": (EMAIL,)}, False),
        ({"ekus": (EMAIL,), "edit": policies("1.2.3.4")}, False),
        ({"ekus": (EMAIL,), "edit": policies(ORGANISATION_VALIDATED)}, True),
        ({"ekus": ("1.3.6.1.4.1.62558.2.1",)}, False),
    ],
    ids=["e-mail", "other policy", "validated organisation", "claim signing"],
)
def test_an_address_alone_is_no_identity(
    forge: Forge, how: dict[str, Any], trusted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "provenance.validate.identity_x509._INTERIM_ENDS", NOW + timedelta(days=300)
    )
    held = forge.credential_with(**how)
    report = judged(forge, Vouching(cose=Cose(credential=held)), trust=knowing(forge, held))
    assert ("cawg.identity.trusted" in codes(report)) is trusted


def test_certificates_for_email_stop_counting_in_april_2027(forge: Forge) -> None:
    start, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
    edit = policies(ORGANISATION_VALIDATED)
    held = forge.credential_with(edit, ekus=(EMAIL,), start=start, end=end)
    data = picture(forge, Vouching(cose=Cose(credential=held)))
    trust = knowing(forge, held)
    late = verify(data, trust=trust, at=datetime(2027, 4, 1, tzinfo=UTC))
    assert "cawg.x509.credential.untrusted" in codes(late)


def listed_twice(row: Row) -> None:
    row["referenced_assertions"] *= 2


def another_hash(row: Row) -> None:
    row["referenced_assertions"][1]["hash"] = bytes(32)


def another_alg(row: Row) -> None:
    row["referenced_assertions"][0]["alg"] = "sha512"


def itself(row: Row) -> None:
    row["referenced_assertions"].append({"url": local("cawg.identity"), "hash": bytes(32)})


def role_afterwards(row: Row) -> None:
    row["role"] = ["cawg.publisher"]


def foreign_binding(row: Row) -> None:
    one = {"url": "self#jumbf=/c2pa/urn:c2pa:other/c2pa.assertions/c2pa.hash.data"}
    row["referenced_assertions"][0] = one | {"hash": bytes(32)}


def second_binding(row: Row) -> None:
    one = {"url": "self#jumbf=/c2pa/urn:c2pa:other/c2pa.assertions/c2pa.hash.data"}
    row["referenced_assertions"].append(one | {"hash": bytes(32)})


def no_list(row: Row) -> None:
    del row["signer_payload"]["referenced_assertions"]


def over(forge: Forge) -> Cose:
    return Cose(credential=actor(forge, start=NOW - timedelta(days=9), end=NOW - timedelta(days=1)))


MISMATCH = "cawg.identity.assertion.mismatch"
INCORRECT = "cawg.identity.hard_binding_incorrect"
FORGED: dict[str, tuple[Callable[[Forge], Vouching], set[str]]] = {
    "duplicate": (
        lambda _: Vouching(payload=listed_twice),
        {"cawg.identity.assertion.duplicate"},
    ),
    "another hash": (lambda _: Vouching(payload=another_hash), {MISMATCH}),
    "another algorithm": (lambda _: Vouching(payload=another_alg), {MISMATCH}),
    "itself": (lambda _: Vouching(payload=itself), {MISMATCH}),
    "unlisted assertion": (lambda _: Vouching(items=(HARD, cbor("x.y", {}))), {MISMATCH}),
    "no hard binding": (
        lambda _: Vouching(items=(ACTIONS,)),
        {"cawg.identity.hard_binding_missing"},
    ),
    "binding of another": (lambda _: Vouching(payload=foreign_binding), {MISMATCH, INCORRECT}),
    "a second binding": (lambda _: Vouching(payload=second_binding), {MISMATCH, INCORRECT}),
    "padding": (
        lambda _: Vouching(outer=lambda row: row.update(pad1=b"\0\1")),
        {"cawg.identity.pad.invalid"},
    ),
    "second padding": (
        lambda _: Vouching(outer=lambda row: row.update(pad2=b"\1")),
        {"cawg.identity.pad.invalid"},
    ),
    "no padding": (
        lambda _: Vouching(outer=lambda row: row.pop("pad1")),
        {"cawg.identity.cbor.invalid"},
    ),
    "no list": (lambda _: Vouching(outer=no_list), {"cawg.identity.cbor.invalid"}),
    "roles that are no text": (
        lambda _: Vouching(payload=lambda row: row.update(role=[1])),
        {"cawg.identity.cbor.invalid"},
    ),
    "a role added later": (
        lambda _: Vouching(stored=role_afterwards),
        {"cawg.x509.signature.mismatch"},
    ),
    "another kind": (
        lambda _: Vouching(sig_type="org.example.seal"),
        {"cawg.identity.sig_type.unknown"},
    ),
    "no signature": (
        lambda _: Vouching(outer=lambda row: row.update(signature=b"no")),
        {"cawg.x509.signature.mismatch"},
    ),
    "payload inside": (
        lambda _: Vouching(cose=Cose(payload=b"x")),
        {"cawg.x509.signature.mismatch"},
    ),
    "algorithm": (
        lambda _: Vouching(cose=Cose(protected=lambda row: row.update({1: -999}))),
        {"cawg.x509.algorithm.unsupported"},
    ),
    "no certificate": (
        lambda _: Vouching(cose=Cose(protected=lambda row: row.pop(33))),
        {"cawg.x509.credential.invalid"},
    ),
    "a CA as actor": (
        lambda forge: Vouching(cose=Cose(credential=actor(forge, ca=True))),
        {"cawg.x509.credential.invalid"},
    ),
    "expired": (
        lambda forge: Vouching(cose=over(forge)),
        {"cawg.x509.signature.outside_validity"},
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_identity_is_found_out_and_only_that(forge: Forge, name: str) -> None:
    make, expected = FORGED[name]
    report = judged(forge, make(forge))
    (one,) = report.manifests[0].identities
    assert wrong(codes(report)) - {"cawg.x509.credential.untrusted"} == expected
    known = {"cawg.identity.sig_type.unknown"}
    assert one.state is (IdentityState.UNCHECKED if expected == known else IdentityState.INVALID)
    assert not {"cawg.identity.well-formed", "cawg.identity.trusted"} & codes(report)
    assert report.state is ValidationState.TRUSTED


def test_an_identity_is_worth_nothing_in_a_manifest_that_does_not_verify(forge: Forge) -> None:
    known = actor(forge)
    data = bytearray(picture(forge, Vouching(cose=Cose(credential=known))))
    data[-20] ^= 1
    report = verify(bytes(data), trust=knowing(forge, known))
    manifest = report.manifests[0]
    (one,) = manifest.identities
    assert report.state is ValidationState.INVALID
    assert codes(report) == TRUSTED
    assert manifest.identity_state(one) is IdentityState.INVALID


def test_each_actor_gets_an_answer(forge: Forge) -> None:
    known, unknown = actor(forge), actor(forge)
    both = (
        Vouching(cose=Cose(credential=known)),
        Vouching(cose=Cose(credential=unknown), label="cawg.identity__1"),
    )
    report = judged(forge, *both, trust=knowing(forge, known))
    states = [one.state for one in report.manifests[0].identities]
    assert states == [IdentityState.TRUSTED, IdentityState.UNTRUSTED]


def test_an_actor_may_vouch_for_another_actor(forge: Forge) -> None:
    first = identity(forge, Vouching(cose=Cose(credential=actor(forge))))
    second = Vouching(items=(HARD, first), label="cawg.identity__1")
    items = [ACTIONS, HARD, first, identity(forge, second)]
    report = verify(forge.png(Recipe(items=items)), trust=forge.trust)
    assert wrong(codes(report)) == {"cawg.x509.credential.untrusted"}


def test_more_identities_than_anybody_needs_are_left_out_and_said_so(
    forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clause, "_LOOKED_AT", 1)
    both = (Vouching(), Vouching(label="cawg.identity__1"))
    report = judged(forge, *both)
    last = report.manifests[0].identities[-1]
    assert {one.status for one in last.findings} == {Status.IDENTITY_NOT_CHECKED}
    assert last.state is IdentityState.UNCHECKED
    assert report.state is ValidationState.TRUSTED


def test_a_payload_stored_in_another_order_is_verified_as_it_is_stored(forge: Forge) -> None:
    """c2pa-rs signs its own order, and we write that; the specification wants the other."""
    ref = HashedUri(local("c2pa.hash.data"), bytes(32))
    payload = encode_payload((ref,), "cawg.x509.cose", ("cawg.creator",))
    row = {"signature": b"", "pad1": b""}
    head = encode(row)
    content = bytes((head[0] + 1,)) + head[1:] + encode("signer_payload") + payload
    read = Identity.read(decode(content))
    stored, rebuilt = signed_forms(read, memoryview(content))
    assert stored == payload
    assert rebuilt == encode(decode(payload)) != payload


def test_an_assertion_taken_over_to_another_picture_does_not_hold(forge: Forge) -> None:
    vouched = identity(forge, Vouching(cose=Cose(credential=actor(forge))))
    taken = vouched.box(Binding(digest=bytes(range(32))))
    items = [ACTIONS, HARD, raw("cawg.identity", taken, created=False)]
    report = verify(forge.png(Recipe(items=items)), trust=forge.trust)
    assert "cawg.identity.assertion.mismatch" in codes(report)
    assert report.manifests[0].identities[0].state is IdentityState.INVALID
