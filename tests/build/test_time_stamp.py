"""Signing with a time-stamping authority, and what its word is worth later."""

import io
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import pytest

import provenance
from provenance.trust.devpki import DevPki
from provenance.validate.status import Status
from tests.trust.tsa import LocalAuthority
from tests.vectors.peer import Signed, picture, read

NOW = datetime.now(UTC)
MADE = {"title": "stamped", "digital_source_type": "digitalCapture", "thumbnail": False}


@lru_cache
def pki() -> DevPki:
    return DevPki.generate(("es256",), now=NOW)


def signer() -> provenance.LocalSigner:
    one = pki().credentials["es256"]
    return provenance.LocalSigner.from_pem(one.key_pem, one.chain_pem)


def trust() -> provenance.TrustSettings:
    return provenance.TrustSettings(anchors=(pki().root,))


def stamped(kind: str, authority: object | None = None) -> bytes:
    out = io.BytesIO()
    provenance.sign(
        picture(kind),
        out,
        MADE,
        signer=signer(),
        authority=authority or LocalAuthority(pki().tsa),  # type: ignore[arg-type]  # any of them
    )
    return out.getvalue()


def codes(report: provenance.VerificationReport) -> set[Status]:
    return {one.status for one in report.findings}


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_a_time_stamp_is_trusted_by_its_root(kind: str) -> None:
    report = provenance.verify(stamped(kind), trust=trust())
    assert report.state == "Trusted"
    assert {Status.TIME_STAMP_VALIDATED, Status.TIME_STAMP_TRUSTED} <= codes(report)
    signature = report.manifests[0].signature
    assert signature is not None
    assert signature.time is not None
    assert abs(signature.time - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_stamped_picture_outlives_its_certificate() -> None:
    later = NOW + timedelta(days=500)
    assert provenance.verify(stamped("png"), trust=trust(), at=later).state == "Trusted"
    plain = provenance.sign_bytes(picture("png"), MADE, signer=signer())
    assert provenance.verify(plain, trust=trust(), at=later).state == "Invalid"


def test_an_authority_nobody_trusts_does_not_count() -> None:
    stranger = DevPki.generate((), now=NOW)
    report = provenance.verify(stamped("png", LocalAuthority(stranger.tsa)), trust=trust())
    assert report.state == "Trusted"  # the signer's certificate still holds today
    assert Status.TIME_STAMP_UNTRUSTED in codes(report)
    assert Status.TIME_STAMP_TRUSTED not in codes(report)


def test_a_moment_before_the_certificate_makes_it_invalid() -> None:
    early = LocalAuthority(pki().tsa, at=NOW - timedelta(minutes=30))
    assert provenance.verify(stamped("png", early), trust=trust()).state == "Trusted"
    long_ago = LocalAuthority(pki().tsa, at=NOW - timedelta(days=2))
    report = provenance.verify(stamped("png", long_ago), trust=trust())
    assert Status.TIME_STAMP_OUTSIDE_VALIDITY in codes(report)


def test_a_refusal_leaves_nothing_signed() -> None:
    with pytest.raises(provenance.SigningError, match="refused"):
        stamped("png", LocalAuthority(pki().tsa, status="rejection"))


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_the_reference_accepts_our_time_stamp(kind: str) -> None:
    found = read(Signed(kind=kind, asset=stamped(kind), store=b""), anchors=pki().root_pem)
    assert found.state == "Trusted"
    told = found.report["validation_results"]["activeManifest"]["success"]
    assert {"timeStamp.validated", "timeStamp.trusted"} <= {one["code"] for one in told}
