"""An actor's certificate may have been revoked: what comes along tells, in codes of its own."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from provenance.cbor import encode
from provenance.cose.sign1 import encode_sign1, parse
from provenance.fetch import Door
from provenance.validate.identity_results import IdentityState
from provenance.validate.results import ValidationState, VerificationReport
from provenance.validate.run import verify
from tests.attacks.forge import NOW, Cose, Credential, Forge
from tests.attacks.stamps import STAMPING, Stamping, stamped
from tests.trust.forge import CA, LEAF, LEAF_KEY, Form, eku
from tests.trust.ocsp import REVOKED, UNKNOWN, Word
from tests.validate.identity_forge import (
    DOCUMENTS,
    Vouching,
    codes,
    judged,
    knowing,
    picture,
)

SPAN = {"not_before": NOW - timedelta(days=90), "not_after": NOW + timedelta(days=90)}
ISSUER = CA.but(**SPAN).der()
RESPONDER = x509.AuthorityInformationAccess(
    [
        x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP,
            x509.UniformResourceIdentifier("http://ocsp.example/"),
        )
    ]
)
ACTOR: Form = LEAF.but(ekus=eku(DOCUMENTS), more=((RESPONDER, False),), **SPAN)
CERTIFICATE = ACTOR.der()
KNOWN = Credential(alg="es256", key=LEAF_KEY, chain=(CERTIFICATE, ISSUER))
NO_RESPONDER = Credential(alg="es256", key=LEAF_KEY, chain=(ACTOR.but(more=()).der(), ISSUER))
FRESH = {"this_update": NOW - timedelta(hours=2), "next_update": NOW + timedelta(days=5)}


@pytest.fixture(scope="module")
def forge() -> Forge:
    return Forge()


def stapled(cose: Cose, **word: Any) -> Cose:
    assert cose.credential is not None
    response = Word(issuer=ISSUER, **(FRESH | word)).about(cose.credential.chain[0])

    def put(data: bytes) -> bytes:
        read = parse(cose.after(data))
        held = {**read.unprotected, "rVals": {"ocspVals": [response]}}
        return encode_sign1(read.protected_raw, held, read.signature)

    return replace(cose, after=put)


def report_of(forge: Forge, cose: Cose, *tsa: Credential) -> VerificationReport:
    stampers = tuple(one.chain[-1] for one in tsa)
    trust = replace(knowing(forge, KNOWN), tsa_anchors=stampers)
    return judged(forge, Vouching(cose=cose), trust=trust)


def test_a_revoked_actor_does_not_count_and_the_picture_still_does(forge: Forge) -> None:
    word = {"status": REVOKED, "revoked_at": NOW - timedelta(days=1)}
    report = report_of(forge, stapled(Cose(credential=KNOWN), **word))
    assert "cawg.identity.credential_revoked" in codes(report)
    assert report.manifests[0].identities[0].state is IdentityState.INVALID
    assert report.state is ValidationState.TRUSTED


def test_an_actor_who_was_not_revoked_when_they_signed_is_trusted(forge: Forge) -> None:
    tsa = forge.credential_with(ekus=STAMPING, start=NOW - timedelta(days=90))
    how = Stamping(credential=tsa, time=NOW - timedelta(hours=1))
    found = codes(report_of(forge, stapled(stamped(how, Cose(credential=KNOWN))), tsa))
    assert {"cawg.x509.ocsp.not_revoked", "cawg.identity.trusted"} <= found


def test_a_responder_that_does_not_know_the_actor_says_so(forge: Forge) -> None:
    found = codes(report_of(forge, stapled(Cose(credential=NO_RESPONDER), status=UNKNOWN)))
    assert "cawg.x509.ocsp.unknown" in found


def test_nobody_is_asked_and_that_is_told(forge: Forge) -> None:
    found = codes(report_of(forge, Cose(credential=KNOWN)))
    assert "cawg.x509.ocsp.skipped" in found
    assert "cawg.identity.trusted" in found


def test_a_responder_that_cannot_be_reached_leaves_it_open(forge: Forge) -> None:
    data = picture(forge, Vouching(cose=Cose(credential=KNOWN)))
    door = Door()  # which is shut to plain http, the only address there is
    report = verify(data, trust=knowing(forge, KNOWN), online=door)
    assert "cawg.x509.ocsp.inaccessible" in codes(report)


def test_a_response_about_nothing_is_passed_over(forge: Forge) -> None:
    cose = Cose(credential=KNOWN, unprotected={"rVals": {"ocspVals": [encode(1)]}})
    assert "cawg.x509.ocsp.skipped" in codes(report_of(forge, cose))
