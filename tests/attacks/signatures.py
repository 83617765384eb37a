"""Forgeries of the claim signature and of the credential behind it."""

from dataclasses import replace
from datetime import timedelta

from cryptography import x509

from provenance.cbor import encode
from provenance.jumbf import uuids
from provenance.jumbf.writer import superbox
from provenance.trust.settings import TrustSettings
from tests.attacks.expect import Expect, attack
from tests.attacks.forge import (
    NOW,
    Cose,
    Credential,
    Forge,
    Recipe,
    anchored,
    hard_binding,
    ingredient,
    opened,
)


def signed(cose: Cose) -> Recipe:
    return Recipe(cose=cose)


def by(forge: Forge, credential: Credential) -> bytes:
    return forge.png(signed(Cose(credential=credential)))


@attack("C2PA 2.2 §15.7: the claim was changed")
def claim_flipped(forge: Forge) -> Expect:
    """One bit of the claim, after it was signed."""
    recipe = Recipe(claim_after=lambda data: data.replace(b"xmp:iid:forged", b"xmp:iid:forgee"))
    return Expect(asset=forge.png(recipe), failures={"claimSignature.mismatch"})


@attack("C2PA 2.2 §15.7: the signature was changed")
def signature_flipped(forge: Forge) -> Expect:
    """One bit of the signature."""
    cose = Cose(signature=lambda value: value[:-1] + bytes((value[-1] ^ 1,)))
    return Expect(asset=forge.png(signed(cose)), failures={"claimSignature.mismatch"})


@attack("C2PA 2.2 §13.2: an empty signature")
def signature_empty(forge: Forge) -> Expect:
    """No bytes at all."""
    cose = Cose(signature=lambda _: b"")
    return Expect(asset=forge.png(signed(cose)), failures={"claimSignature.mismatch"})


@attack("C2PA 2.2 §13.2: a signature of zeros")
def signature_zero(forge: Forge) -> Expect:
    """Both r and s are zero, which a careless verifier takes for any message."""
    cose = Cose(signature=lambda value: bytes(len(value)))
    return Expect(asset=forge.png(signed(cose)), failures={"claimSignature.mismatch"})


@attack("C2PA 2.2 §13.2.1: a signature in DER")
def signature_in_der(forge: Forge) -> Expect:
    """ECDSA as OpenSSL writes it, where COSE wants r and s side by side."""
    der = bytes.fromhex("3006020101020101")
    cose = Cose(signature=lambda _: der)
    return Expect(asset=forge.png(signed(cose)), failures={"claimSignature.mismatch"})


@attack("C2PA 2.2 §13.2: a payload inside")
def payload_attached(forge: Forge) -> Expect:
    """The envelope brings a payload of its own, and a careless verifier checks that one."""
    other = encode({"claim": "another"})
    cose = Cose(payload=other, signs=lambda _: other)
    return Expect(asset=forge.png(signed(cose)), failures={"claimSignature.mismatch"})


@attack("C2PA 2.2 §13.2: an empty payload inside")
def payload_empty(forge: Forge) -> Expect:
    """An empty byte string is not nil; the signature over the claim is right."""
    cose = Cose(payload=b"")
    return Expect(asset=forge.png(signed(cose)), failures={"claimSignature.mismatch"})


@attack("C2PA 2.2 §15.7: signed with another key")
def signed_with_another_key(forge: Forge) -> Expect:
    """Somebody else's certificate over one's own signature."""
    mine = forge.credential_with()
    stolen = replace(mine, chain=forge.credential.chain)
    return Expect(asset=by(forge, stolen), failures={"claimSignature.mismatch"})


@attack("C2PA 2.2 §15.7: another algorithm in the header")
def header_names_another_algorithm(forge: Forge) -> Expect:
    """Signed with ES256; the header says Ed25519."""
    cose = Cose(protected=lambda headers: headers.update({1: -8}))
    return Expect(asset=forge.png(signed(cose)), failures={"claimSignature.mismatch"})


@attack("C2PA 2.2 §13.2: an algorithm that is not allowed")
def header_names_a_forbidden_algorithm(forge: Forge) -> Expect:
    """RS1, RSA with SHA-1."""
    cose = Cose(protected=lambda headers: headers.update({1: -65535}))
    return Expect(asset=forge.png(signed(cose)), failures={"algorithm.unsupported"})


@attack("C2PA 2.2 §13.2: no algorithm")
def header_names_no_algorithm(forge: Forge) -> Expect:
    """The header that says how to verify is absent."""
    cose = Cose(protected=lambda headers: headers.pop(1))
    return Expect(asset=forge.png(signed(cose)), failures={"algorithm.unsupported"})


@attack("RFC 9052 §3.1: an algorithm that is not protected")
def algorithm_unprotected(forge: Forge) -> Expect:
    """In the unprotected header anyone can change it."""
    cose = Cose(protected=lambda headers: headers.pop(1), unprotected={1: -7})
    return Expect(asset=forge.png(signed(cose)), failures={"algorithm.unsupported"})


@attack("C2PA 2.2 §15.7: no signature box")
def signature_box_missing(forge: Forge) -> Expect:
    """A claim that nobody signed."""
    recipe = Recipe(boxes=lambda parts: parts[:2])
    return Expect(asset=forge.png(recipe), failures={"claimSignature.missing"})


@attack("C2PA 2.2 §15.7.1: the signature of another manifest")
def signature_in_another_manifest(forge: Forge) -> Expect:
    """The claim points at its parent's signature."""
    parent = forge.build(Recipe())

    def borrow(claim: dict[str, object]) -> None:
        claim["signature"] = f"{parent.uri}/c2pa.signature"

    recipe = Recipe(items=[opened(), hard_binding(), ingredient(parent)], claim=borrow)
    return Expect(asset=forge.png(recipe, parent), failures={"claimSignature.missing"})


@attack("C2PA 2.2 §15.7.1: a signature on the web")
def signature_on_the_web(forge: Forge) -> Expect:
    """The claim points at a URL."""
    recipe = Recipe(claim=lambda claim: claim.update(signature="https://example.com/sig"))
    return Expect(asset=forge.png(recipe), failures={"claimSignature.missing"})


@attack("C2PA 2.2 §11.1.4.5: two signature boxes")
def two_signature_boxes(forge: Forge) -> Expect:
    """Which of the two is the claim's?"""
    recipe = Recipe(boxes=lambda parts: [*parts, parts[2]])
    return Expect(asset=forge.png(recipe), failures={"claimSignature.missing"})


@attack("RFC 9052 §4.2: a COSE_Sign1 without its tag")
def cose_tag_wrong(forge: Forge) -> Expect:
    """Tagged as a COSE_Sign, which is something else."""
    return Expect(asset=forge.png(signed(Cose(tag=98))), failures={"claimSignature.mismatch"})


@attack("RFC 9052 §4.2: a signature box with rubbish in it")
def cose_is_rubbish(forge: Forge) -> Expect:
    """No CBOR at all."""
    cose = Cose(after=lambda data: b"\xff" * len(data))
    return Expect(asset=forge.png(signed(cose)), failures={"claimSignature.mismatch"})


@attack("RFC 9052 §4.2: three parts instead of four")
def cose_of_three(forge: Forge) -> Expect:
    """The signature itself is left out."""
    cose = Cose(after=lambda _: encode([b"", {}, None]))
    return Expect(asset=forge.png(signed(cose)), failures={"claimSignature.mismatch"})


@attack("C2PA 2.2 §14.5: no certificates")
def chain_missing(forge: Forge) -> Expect:
    """A signature by nobody."""
    cose = Cose(protected=lambda headers: headers.pop(33))
    return Expect(asset=forge.png(signed(cose)), failures={"signingCredential.invalid"})


@attack("C2PA 2.2 §14.5: an empty chain")
def chain_empty(forge: Forge) -> Expect:
    """A list of no certificates."""
    cose = Cose(protected=lambda headers: headers.update({33: []}))
    return Expect(asset=forge.png(signed(cose)), failures={"signingCredential.invalid"})


@attack("C2PA 2.2 §14.5: certificates that are none")
def chain_of_rubbish(forge: Forge) -> Expect:
    """Byte strings that are no DER."""
    cose = Cose(protected=lambda headers: headers.update({33: [b"certificate"]}))
    failures = {
        *("signingCredential.invalid", "signingCredential.untrusted"),
        *("claimSignature.mismatch", "claimSignature.outsideValidity"),
    }
    return Expect(asset=forge.png(signed(cose)), failures=failures)


@attack("C2PA 2.2 §14.5: a chain of a thousand certificates")
def chain_too_long(forge: Forge) -> Expect:
    """Each would have to be read and tried."""
    many = [*forge.credential.chain, *[forge.root] * 1000]
    cose = Cose(protected=lambda headers: headers.update({33: many}))
    return Expect(asset=forge.png(signed(cose)), failures={"claimSignature.mismatch"})


@attack("RFC 9360 §2: a chain in both headers")
def chain_twice(forge: Forge) -> Expect:
    """A protected chain, and another that is not."""
    cose = Cose(unprotected={33: list(forge.other.chain)})
    return Expect(asset=forge.png(signed(cose)), failures={"signingCredential.invalid"})


@attack("C2PA 2.2 §14.4: an issuer that is left out")
def chain_without_intermediate(forge: Forge) -> Expect:
    """The path to the anchor has a hole."""
    alone = replace(forge.credential, chain=forge.credential.chain[:1])
    return Expect(asset=by(forge, alone), state="Valid", failures={"signingCredential.untrusted"})


@attack("C2PA 2.2 §14.4: a root that nobody trusts")
def signed_under_an_own_root(forge: Forge) -> Expect:
    """A whole PKI of one's own: sound, and unknown."""
    own = forge.credential_with(depth=1)
    return Expect(asset=by(forge, own), state="Valid", failures={"signingCredential.untrusted"})


@attack("C2PA 2.2 §14.4: a root of the same name")
def root_of_the_same_name(forge: Forge) -> Expect:
    """The forger's root is called as the trusted one is."""
    trusted, forged = forge.credential_with(), forge.credential_with()
    return Expect(
        asset=by(forge, forged),
        trust=anchored(trusted),
        state="Valid",
        failures={"signingCredential.untrusted"},
    )


@attack("C2PA 2.2 §14.4: nobody is trusted")
def trust_without_anchors(forge: Forge) -> Expect:
    """Without anchors an honest picture is valid, and no more."""
    return Expect(
        asset=forge.png(Recipe()),
        trust=TrustSettings(),
        state="Valid",
        failures={"signingCredential.untrusted"},
    )


@attack("C2PA 2.2 §15.7: a certificate that has expired")
def leaf_expired(forge: Forge) -> Expect:
    """Looked at two months from now, when the signing certificate is over."""
    own = forge.credential_with()
    return Expect(
        asset=by(forge, own),
        trust=anchored(own),
        at=NOW + timedelta(days=60),
        failures={"claimSignature.outsideValidity"},
    )


@attack("C2PA 2.2 §15.7: a certificate that is not valid yet")
def leaf_not_valid_yet(forge: Forge) -> Expect:
    """Looked at a day before the signing certificate begins."""
    own = forge.credential_with()
    return Expect(
        asset=by(forge, own),
        trust=anchored(own),
        at=NOW - timedelta(days=1),
        failures={"claimSignature.outsideValidity"},
    )


def profile(forge: Forge, own: Credential, *more: str) -> Expect:
    return Expect(
        asset=by(forge, own),
        trust=anchored(own),
        failures={"signingCredential.invalid", *more},
    )


@attack("C2PA 2.2 §14.5.1.1: a CA signs claims")
def leaf_that_is_a_ca(forge: Forge) -> Expect:
    """A CA's certificate as signer."""
    own = forge.credential_with(ca=True, usage={"key_cert_sign": True})
    return profile(forge, own, "signingCredential.untrusted")


@attack("C2PA 2.2 §14.5.1.1: a server's certificate")
def leaf_of_a_web_server(forge: Forge) -> Expect:
    """Any web server's certificate is trusted by somebody, and for something else."""
    return profile(forge, forge.credential_with(ekus=["1.3.6.1.5.5.7.3.1"]))


@attack("C2PA 2.2 §14.5.1.1: no extended key usage")
def leaf_without_purpose(forge: Forge) -> Expect:
    """It does not say what it is for."""
    return profile(forge, forge.credential_with(ekus=[]))


@attack("C2PA 2.2 §14.5.1.1: any extended key usage")
def leaf_for_any_purpose(forge: Forge) -> Expect:
    """It says that it is for everything."""
    any_usage = forge.credential_with(ekus=["1.3.6.1.4.1.62558.2.1", "2.5.29.37.0"])
    return profile(forge, any_usage)


@attack("C2PA 2.2 §14.5.1.1: time stamping beside claim signing")
def leaf_that_stamps_time(forge: Forge) -> Expect:
    """Whoever signs claims must not date them too."""
    both = forge.credential_with(ekus=["1.3.6.1.4.1.62558.2.1", "1.3.6.1.5.5.7.3.8"])
    return profile(forge, both)


@attack("C2PA 2.2 §14.5.1.1: no digitalSignature")
def leaf_that_may_not_sign(forge: Forge) -> Expect:
    """Its key is for encipherment."""
    usage = {"digital_signature": False, "key_encipherment": True}
    return profile(forge, forge.credential_with(usage=usage))


@attack("RFC 5280 §4.2: an unknown critical extension")
def leaf_with_an_unknown_critical_extension(forge: Forge) -> Expect:
    """It says that who does not understand it must refuse; nobody does."""
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.62558.99"), b"\x05\x00")
    own = forge.credential_with(lambda one: one.add_extension(unknown, critical=True))
    return profile(forge, own, "signingCredential.untrusted")


@attack("C2PA 2.2 §15.8: a time stamp that is none")
def time_stamp_of_rubbish(forge: Forge) -> Expect:
    """It proves nothing; the picture holds without it."""
    stamp = {"sigTst2": {"tstTokens": [{"val": b"yesterday"}]}}
    return Expect(
        asset=forge.png(signed(Cose(unprotected=stamp))),
        state="Trusted",
        notes={"timeStamp.malformed"},
    )


@attack("C2PA 2.2 §15.7.1: an assertion as signature")
def signature_among_the_assertions(forge: Forge) -> Expect:
    """A good signature, but in a box that is no signature box."""

    def elsewhere(claim: dict[str, object]) -> None:
        claim["signature"] = "self#jumbf=org.example.signature"

    def moved(parts: list[bytes]) -> list[bytes]:
        content = parts[2][parts[2].index(b"cbor") - 4 :]
        return [*parts[:2], superbox(uuids.CBOR, "org.example.signature", (content,))]

    recipe = Recipe(claim=elsewhere, boxes=moved)
    return Expect(asset=forge.png(recipe), failures={"claimSignature.missing"})


def claiming(seconds: object) -> Recipe:
    """A signature whose signer says when it was made."""
    return Recipe(cose=Cose(protected=lambda headers: headers.update(iat=seconds)))


@attack("C2PA 2.2 §15.8: a claimed time of signing")
def claimed_time_inside(forge: Forge) -> Expect:
    """Within the certificate's validity: said, and worth no more than the signer's word."""
    note = {"timeOfSigning.insideValidity"}
    asset = forge.png(claiming(int(NOW.timestamp())))
    return Expect(asset=asset, state="Trusted", notes=note)


@attack("C2PA 2.2 §15.8: a claimed time before the certificate")
def claimed_time_outside(forge: Forge) -> Expect:
    """The signer says it signed in 1970."""
    note = {"timeOfSigning.outsideValidity"}
    return Expect(asset=forge.png(claiming(0)), state="Trusted", notes=note)


@attack("C2PA 2.2 §15.8: a claimed time that is none")
def claimed_time_beyond_the_calendar(forge: Forge) -> Expect:
    """A number no calendar reaches."""
    note = {"timeOfSigning.outsideValidity"}
    return Expect(asset=forge.png(claiming(1 << 62)), state="Trusted", notes=note)
