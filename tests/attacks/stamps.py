"""Forgeries of time: a small time-stamping authority that says whatever it is asked to.

Where a stamp is no use it counts as absent: the picture is judged as of now, and why is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from provenance.cbor import encode
from provenance.cose.sign1 import encode_sign1, sig_structure
from provenance.cose.sign1 import parse as parse_sign1
from provenance.trust.settings import TrustSettings
from tests.attacks.expect import Expect, attack
from tests.attacks.forge import (
    NOW,
    Cose,
    Credential,
    Forge,
    Recipe,
    cbor,
    digest,
    hard_binding,
    ingredient,
    opened,
)

STAMPING = ("1.3.6.1.5.5.7.3.8",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamping:
    """How a stamp is made, and how it is not."""

    credential: Credential
    time: datetime
    imprint_alg: str = "sha256"
    about: bytes | None = None  # something else than it is asked about
    certificates: bool = True
    broken: bool = False  # its signature


def token(how: Stamping, message: bytes) -> bytes:
    """A TimeStampToken over a message."""
    about = message if how.about is None else how.about
    info = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": "1.2.3.4",
            "message_imprint": {
                "hash_algorithm": {"algorithm": how.imprint_alg},
                "hashed_message": digest(about, how.imprint_alg),
            },
            "serial_number": 1,
            "gen_time": how.time.replace(microsecond=0),
        }
    )
    encoded = info.dump()
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["tst_info"]},
            {"type": "message_digest", "values": [digest(encoded)]},
        ]
    )
    key = how.credential.key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    signature = key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256()))
    if how.broken:
        signature = key.sign(b"something else", ec.ECDSA(hashes.SHA256()))
    leaf = asn1_x509.Certificate.load(how.credential.chain[0])
    held = [
        {"name": "certificate", "value": asn1_x509.Certificate.load(one)}
        for one in how.credential.chain
    ]
    signer = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            name="issuer_and_serial_number",
            value={"issuer": leaf.issuer, "serial_number": leaf.serial_number},
        ),
        "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
        "signed_attrs": attributes,
        "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        "signature": signature,
    }
    signed = {
        "version": "v3",
        "digest_algorithms": [algos.DigestAlgorithm({"algorithm": "sha256"})],
        "encap_content_info": {
            "content_type": "tst_info",
            "content": core.ParsableOctetString(encoded),
        },
        "signer_infos": [signer],
    }
    if how.certificates:
        signed["certificates"] = [cms.CertificateChoices(**one) for one in held]
    content = cms.SignedData(signed)
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": content}).dump())


def stamped(how: Stamping, cose: Cose) -> Cose:
    """A signature with a time stamp of version 2 over it: of its signature, in CBOR."""

    def put(data: bytes) -> bytes:
        sign1 = parse_sign1(data)
        message = sig_structure(sign1.protected_raw, encode(sign1.signature), "CounterSignature")
        headers = {"sigTst2": {"tstTokens": [{"val": token(how, message)}]}}
        return encode_sign1(sign1.protected_raw, headers, sign1.signature)

    return replace(cose, after=put)


def authority(forge: Forge, ekus: Sequence[str] = STAMPING, *, start: datetime) -> Credential:
    """A time-stamping authority."""
    return forge.credential_with(ekus=ekus, start=start)


def believing(*credentials: Credential) -> TrustSettings:
    """Trust in the roots of a signer and of an authority."""
    return TrustSettings(anchors=tuple(one.chain[-1] for one in credentials))


def expired(forge: Forge) -> Credential:
    """A signer whose certificate is over, and was good a month ago."""
    return forge.credential_with(start=NOW - timedelta(days=60), end=NOW - timedelta(days=1))


THEN = NOW - timedelta(days=30)
OLD = NOW - timedelta(days=90)


def past(forge: Forge, tsa: Credential, trust: TrustSettings | None = None, **how: Any) -> Any:
    """A picture signed a month ago, by a signer whose certificate is over, with a stamp."""
    signer = expired(forge)
    stamping = Stamping(**{"credential": tsa, "time": THEN, **how})
    asset = padded(forge, stamping, Cose(credential=signer))
    return asset, trust or believing(signer, tsa)


def padded(forge: Forge, how: Stamping, cose: Cose) -> bytes:
    """ECDSA in DER differs in length: sign until the two passes agree."""
    for _ in range(200):
        try:
            return forge.png(Recipe(cose=stamped(how, cose)))
        except AssertionError:
            continue
    raise AssertionError("no two signatures of one length in 200 tries")


@attack("C2PA 2.2 §15.8: nothing is wrong, with a time stamp")
def honest_stamp(forge: Forge) -> Expect:
    """The signer's certificate is over; that it was good then is attested."""
    asset, trust = past(forge, authority(forge, start=OLD))
    return Expect(asset=asset, trust=trust, state="Trusted")


OUTSIDE = {"claimSignature.outsideValidity"}


@attack("C2PA 2.2 §15.8: a time stamp of something else")
def stamp_of_something_else(forge: Forge) -> Expect:
    """A good stamp, taken from another picture."""
    asset, trust = past(forge, authority(forge, start=OLD), about=b"another picture")
    return Expect(asset=asset, trust=trust, failures=OUTSIDE, notes={"timeStamp.mismatch"})


@attack("C2PA 2.2 §15.8: a time stamp with another's signature")
def stamp_whose_signature_is_wrong(forge: Forge) -> Expect:
    """The authority signed, but not this."""
    asset, trust = past(forge, authority(forge, start=OLD), broken=True)
    return Expect(asset=asset, trust=trust, failures=OUTSIDE, notes={"timeStamp.mismatch"})


@attack("C2PA 2.2 §15.8: a time stamp of one's own")
def stamp_by_an_unknown_authority(forge: Forge) -> Expect:
    """Anybody can run an authority, and say that it was yesterday."""
    tsa, signer = authority(forge, start=OLD), expired(forge)
    asset = padded(forge, Stamping(credential=tsa, time=THEN), Cose(credential=signer))
    return Expect(
        asset=asset, trust=believing(signer), failures=OUTSIDE, notes={"timeStamp.untrusted"}
    )


@attack("C2PA 2.2 §15.8: a time stamp without its certificate")
def stamp_without_certificate(forge: Forge) -> Expect:
    """Who stamped it cannot be known."""
    asset, trust = past(forge, authority(forge, start=OLD), certificates=False)
    return Expect(asset=asset, trust=trust, failures=OUTSIDE, notes={"timeStamp.untrusted"})


@attack("C2PA 2.2 §15.8: a time stamp by SHA-1")
def stamp_by_sha1(forge: Forge) -> Expect:
    """A collision stands for any picture."""
    asset, trust = past(forge, authority(forge, start=OLD), imprint_alg="sha1")
    return Expect(asset=asset, trust=trust, failures=OUTSIDE, notes={"timeStamp.untrusted"})


@attack("C2PA 2.2 §15.8: a time stamp by a claim signer")
def stamp_by_a_claim_signer(forge: Forge) -> Expect:
    """The signer's own certificate as the authority's."""
    asset, trust = past(forge, authority(forge, ekus=["1.3.6.1.4.1.62558.2.1"], start=OLD))
    return Expect(asset=asset, trust=trust, failures=OUTSIDE, notes={"timeStamp.credentialInvalid"})


@attack("C2PA 2.2 §15.8: a time stamp from before the authority")
def stamp_before_the_authority(forge: Forge) -> Expect:
    """It says a moment at which its own certificate was not valid."""
    tsa = authority(forge, start=NOW - timedelta(days=2))
    asset, trust = past(forge, tsa)
    return Expect(asset=asset, trust=trust, failures=OUTSIDE, notes={"timeStamp.outsideValidity"})


@attack("C2PA 2.2 §15.8: a time stamp from before the signer")
def stamp_before_the_signer(forge: Forge) -> Expect:
    """A good stamp, of a moment when the signer's certificate did not exist."""
    asset, trust = past(forge, authority(forge, start=OLD), time=NOW - timedelta(days=70))
    return Expect(asset=asset, trust=trust, failures=OUTSIDE)


@attack("C2PA 2.2 §15.8: two tokens where one belongs")
def two_stamps_in_one_header(forge: Forge) -> Expect:
    """Which of them counts?"""
    two = {"sigTst2": {"tstTokens": [{"val": b"a"}, {"val": b"b"}]}}
    return Expect(
        asset=forge.png(Recipe(cose=Cose(unprotected=two))),
        state="Trusted",
        notes={"timeStamp.malformed"},
    )


@attack("C2PA 2.2 §18.17: a time-stamp assertion of rubbish")
def stamp_assertion_of_rubbish(forge: Forge) -> Expect:
    """A child brings time stamps for its parent that are none."""
    parent = forge.build(Recipe())
    note = cbor("c2pa.time-stamp", {parent.label: b"yesterday"})
    recipe = Recipe(items=[opened(), hard_binding(), ingredient(parent), note])
    return Expect(asset=forge.png(recipe, parent), state="Trusted", notes={"timeStamp.malformed"})


@attack("C2PA 2.2 §18.17: a thousand time stamps for one manifest")
def stamps_without_number(forge: Forge) -> Expect:
    """Each would have to be read and verified."""
    parent = forge.build(Recipe())
    how = Stamping(credential=authority(forge, start=OLD), time=THEN)
    one = token(how, b"something else")
    notes = [
        cbor("c2pa.time-stamp" if not n else f"c2pa.time-stamp__{n}", {parent.label: one})
        for n in range(2000)
    ]
    recipe = Recipe(items=[opened(), hard_binding(), ingredient(parent), *notes])
    return Expect(asset=forge.png(recipe, parent), state="Trusted", notes={"timeStamp.mismatch"})
