"""Signing with the issuer's word stapled on: that the certificate has not been revoked."""

import io
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

import provenance
from provenance.trust.devpki import DevCredential
from provenance.trust.profile import OCSP_SIGNING, TIME_STAMPING
from provenance.validate.status import Status
from tests.trust.forge import CA, CA_KEY, LEAF, LEAF_KEY, ROOT, Form, eku
from tests.trust.ocsp import Word, responder_address, revoked
from tests.trust.tsa import LocalAuthority
from tests.vectors.peer import Signed, picture, read

NOW = datetime.now(UTC).replace(microsecond=0)
MADE = {"title": "stapled", "digital_source_type": "digitalCapture", "thumbnail": False}


def issued(form: Form) -> bytes:
    return form.but(not_before=NOW - timedelta(days=9), not_after=NOW + timedelta(days=90)).der()


@lru_cache
def chain() -> tuple[bytes, bytes, bytes, bytes]:
    """Leaf, CA, root, and an authority that stamps time."""
    address = responder_address("http://ocsp.example.com/")
    return (
        issued(LEAF.but(more=((address, False),))),
        issued(CA),
        issued(ROOT),
        issued(Form(subject="tsa", ekus=eku(TIME_STAMPING))),
    )


def word() -> Word:
    """Good, as of an hour ago, said by whom the issuer gave the right."""
    delegate = issued(Form(subject="responder", key=CA_KEY, ekus=eku(OCSP_SIGNING)))
    return Word(
        issuer=chain()[1],
        this_update=NOW - timedelta(hours=1),
        next_update=NOW + timedelta(days=7),
        responder=delegate,
        certificates=(delegate,),
    )


def signer(*responses: bytes) -> provenance.LocalSigner:
    leaf, authority, _, _ = chain()
    return provenance.LocalSigner("es256", (leaf, authority), LEAF_KEY).stapling(*responses)


def signed(kind: str, who: provenance.Signer, *, stamped: bool = True) -> bytes:
    _, authority, _, tsa = chain()
    stamps = LocalAuthority(DevCredential("es256", LEAF_KEY, (tsa, authority)))
    out = io.BytesIO()
    provenance.sign(picture(kind), out, MADE, signer=who, authority=stamps if stamped else None)
    return out.getvalue()


def told(data: bytes) -> provenance.VerificationReport:
    return provenance.verify(data, trust=provenance.TrustSettings(anchors=(chain()[2],)))


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_what_is_stapled_settles_it(kind: str) -> None:
    report = told(signed(kind, signer(word().about(chain()[0]))))
    assert report.state == "Trusted"
    assert Status.SIGNING_CREDENTIAL_OCSP_NOT_REVOKED in {one.status for one in report.findings}


def test_any_signer_may_bring_them_along() -> None:
    local = signer()
    called = provenance.CallbackSigner(
        "es256", local.certificate_chain, local.sign, (word().about(chain()[0]),)
    )
    for stamped in (True, False):
        report = told(signed("png", called, stamped=stamped))
        codes = {one.status for one in report.findings}
        # Without a time stamp nobody knows that it was good when it signed.
        assert (Status.SIGNING_CREDENTIAL_OCSP_NOT_REVOKED in codes) is stamped
        assert (Status.SIGNING_CREDENTIAL_OCSP_SKIPPED in codes) is not stamped


def test_nothing_is_signed_with_a_certificate_that_is_known_to_be_revoked() -> None:
    bad = revoked(NOW - timedelta(days=1))
    said = word().but(status=bad.status, revoked_at=bad.revoked_at)
    with pytest.raises(provenance.SigningError, match=r"signingCredential\.ocsp\.revoked"):
        signed("png", signer(said.about(chain()[0])))


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_the_reference_reads_what_is_stapled(kind: str) -> None:
    data = signed(kind, signer(word().about(chain()[0])))
    root = x509.load_der_x509_certificate(chain()[2]).public_bytes(Encoding.PEM)
    verdict = read(Signed(kind=kind, asset=data, store=b""), anchors=root)
    assert verdict.state == "Trusted"
    codes = {
        one["code"] for one in verdict.report["validation_results"]["activeManifest"]["success"]
    }
    assert "signingCredential.ocsp.notRevoked" in codes
