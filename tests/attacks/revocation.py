"""Forgeries of revocation: certificates that had been taken back, and words about that."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from provenance.cbor import encode
from provenance.cose.sign1 import encode_sign1, parse, sig_structure
from provenance.fetch import Door
from provenance.trust.settings import TrustSettings
from tests.attacks.expect import Expect, attack
from tests.attacks.forge import (
    Cose,
    Credential,
    Forge,
    Item,
    Recipe,
    cbor,
    created,
    hard_binding,
    the_forge,
)
from tests.attacks.stamps import STAMPING, Stamping, token
from tests.trust.forge import CA, LEAF_KEY, NOW, ROOT, ROOT_KEY, Form, eku
from tests.trust.ocsp import UNKNOWN, Word, leaf_with, revoked

CA_DER, ROOT_DER = CA.der(), ROOT.der()
LEAF = leaf_with("http://127.0.0.1:1/ocsp").der()
BARE = Form().der()  # its issuer names no responder
TSA_KEY = ec.generate_private_key(ec.SECP256R1())
TSA = Form(subject="tsa", key=TSA_KEY, ekus=eku(*STAMPING)).der()
TRUST = TrustSettings(anchors=(ROOT_DER,))
SOUND = Word(issuer=CA_DER)


def recipe(
    *responses: bytes | None,
    leaf: bytes = LEAF,
    at: datetime | None = NOW,
    rvals: Any = None,
    items: Sequence[Item] = (),
) -> Recipe:
    """A manifest with stapled responses, and a time stamp unless `at` is None."""
    headers: dict[str, Any] = {}
    if responses or rvals is not None:
        headers["rVals"] = {"ocspVals": list(responses)} if rvals is None else rvals
    authority = Credential(alg="es256", key=TSA_KEY, chain=(TSA, CA_DER))

    def finish(data: bytes) -> bytes:
        sign1 = parse(data)
        if at is not None:
            message = sig_structure(
                sign1.protected_raw, encode(sign1.signature), "CounterSignature"
            )
            made = token(Stamping(credential=authority, time=at), message)
            headers["sigTst2"] = {"tstTokens": [{"val": made}]}
        return encode_sign1(sign1.protected_raw, headers, sign1.signature, total_length=20_000)

    signer = Credential(alg="es256", key=LEAF_KEY, chain=(leaf, CA_DER))
    cose = Cose(credential=signer, after=finish)
    return Recipe(items=(created(), hard_binding(), *items), cose=cose)


def picture(*responses: bytes | None, **how: Any) -> bytes:
    return the_forge().png(recipe(*responses, **how))


def status(*responses: object, **how: Any) -> Item:
    """A certificate-status assertion."""
    return cbor("c2pa.certificate-status", {"ocspVals": list(responses)}, **how)


DAY = timedelta(days=1)
SKIPPED = {"signingCredential.ocsp.skipped"}
REVOKED = {"signingCredential.ocsp.revoked"}


def judged(asset: bytes, state: str, **more: Any) -> Expect:
    return Expect(asset=asset, trust=TRUST, at=NOW, state=state, **more)


@attack("C2PA 2.2 §15.9: nothing is wrong, and the issuer says so")
def honest_word(_: Forge) -> Expect:
    """A picture with a time stamp and a good word of that week."""
    return judged(picture(SOUND.about(LEAF)), "Trusted")


@attack("C2PA 2.2 §15.9.1: signed with a certificate that had been revoked")
def revoked_before(_: Forge) -> Expect:
    """The issuer took the certificate back the day before it signed."""
    word = revoked(NOW - DAY).but(issuer=CA_DER)
    return judged(picture(word.about(LEAF)), "Invalid", failures=REVOKED)


@attack("C2PA 2.2 §15.9.1: the same, told by a later manifest's assertion")
def revoked_by_assertion(_: Forge) -> Expect:
    """The word is not stapled, but stands in a certificate status."""
    word = revoked(NOW - DAY).but(issuer=CA_DER)
    asset = picture(items=(status(word.about(LEAF)),))
    return judged(asset, "Invalid", failures=REVOKED)


@attack("RFC 6960 §4.2.2.2: a good word by somebody else")
def word_of_a_stranger(_: Forge) -> Expect:
    """Another CA of the same name says that all is well."""
    key = ec.generate_private_key(ec.SECP256R1())
    word = Word(issuer=CA.but(key=key).der(), key=key)
    return judged(picture(word.about(LEAF)), "Trusted", notes=SKIPPED)


@attack("C2PA 2.2 §15.9.1: a good word from before the certificate was taken back")
def word_of_last_month(_: Forge) -> Expect:
    """It says nothing about the moment of signing."""
    word = SOUND.but(this_update=NOW - 30 * DAY, next_update=NOW - 23 * DAY)
    return judged(picture(word.about(LEAF)), "Trusted", notes=SKIPPED)


@attack("C2PA 2.3 §15.9: the issuer does not know the certificate")
def unknown_certificate(_: Forge) -> Expect:
    """A failure in 2.2, informational since."""
    word = SOUND.but(status=UNKNOWN)
    asset = picture(word.about(BARE), leaf=BARE)
    return judged(asset, "Trusted", notes={"signingCredential.ocsp.unknown"})


@attack("C2PA 2.2 §15.9: a CA of the chain had been revoked")
def revoked_authority(_: Forge) -> Expect:
    """Whom it vouched for is not trusted any more."""
    bad = revoked(NOW - DAY)
    word = Word(issuer=ROOT_DER, key=ROOT_KEY, status=bad.status, revoked_at=bad.revoked_at)
    asset = picture(SOUND.about(LEAF), word.about(CA_DER))
    return judged(asset, "Valid", failures={"signingCredential.untrusted"})


@attack("no clause: a responder's address that leads into the reader's own network")
def responder_at_home(_: Forge) -> Expect:
    """Even asked to ask, we do not speak to a neighbour because a certificate says so."""
    notes = {"signingCredential.ocsp.inaccessible"}
    return judged(picture(), "Trusted", notes=notes, online=Door(plain=True))
