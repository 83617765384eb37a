"""The certificate profile: what C2PA asks of a signing certificate, rule by rule.

Each broken rule is a `ProfileBreach`; none is an exception. Expiry and trust are other questions,
see `provenance.trust.chain`. Source: C2PA 2.2 §14.5.1.1; the names of rules are ours.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from provenance.errors import MalformedError
from provenance.trust import der
from provenance.trust.certificate import Certificate

__all__ = [
    "C2PA_CLAIM_SIGNING",
    "DEFAULT_EKUS",
    "DOCUMENT_SIGNING",
    "EMAIL_PROTECTION",
    "OCSP_SIGNING",
    "RULES",
    "TIME_STAMPING",
    "UNDERSTOOD",
    "ProfileBreach",
    "check_certificate",
    "check_profile",
]

C2PA_CLAIM_SIGNING = "1.3.6.1.4.1.62558.2.1"
EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4"
DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36"
TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"
DEFAULT_EKUS = frozenset({C2PA_CLAIM_SIGNING, EMAIL_PROTECTION, DOCUMENT_SIGNING})
_ANY_EKU = "2.5.29.37.0"

# How to mend each rule, for whoever asks a CA for a better certificate.
RULES = {
    "unreadable": "export the certificate again as DER or PEM, or have it issued again",
    "version": "have it issued as X.509 version 3",
    "signature-algorithm": "have it issued with ECDSA, RSA or RSA-PSS over SHA-256, SHA-384 or "
    "SHA-512, or with Ed25519",
    "pss-parameters": "have it issued with PSS parameters that name SHA-256, SHA-384 or SHA-512 "
    "both for the hash and for MGF1",
    "key-type": "use an ECDSA, RSA or Ed25519 key",
    "ec-curve": "use a key on P-256, P-384 or P-521",
    "rsa-size": "use an RSA key of 2048 bits or more",
    "unique-id": "have it issued without issuerUniqueID and subjectUniqueID",
    "leaf-is-ca": "sign with an end-entity certificate, with cA false or no BasicConstraints",
    "issuer-is-no-ca": "put only CA certificates (BasicConstraints with cA true) above the first",
    "authority-key-identifier": "have it issued with an AuthorityKeyIdentifier",
    "subject-key-identifier": "have the CA certificate issued with a SubjectKeyIdentifier",
    "key-usage": "have it issued with a KeyUsage extension",
    "digital-signature": "have it issued with digitalSignature in its KeyUsage",
    "key-cert-sign": "have it issued without keyCertSign, which only a CA may have",
    "extended-key-usage": "have it issued with an ExtendedKeyUsage for signing claims "
    f"({C2PA_CLAIM_SIGNING})",
    "any-extended-key-usage": "have it issued without anyExtendedKeyUsage",
    "sole-extended-key-usage": "have it issued with timeStamping or OCSPSigning alone, or without",
    "accepted-extended-key-usage": "have it issued with an accepted usage, or add its usage to "
    "the list of accepted ones",
    "critical-extension": "have it issued without that extension, or with it not critical",
}

_RSASSA_PSS = "1.2.840.113549.1.1.10"
_SIGNATURE_ALGORITHMS = frozenset(
    {
        "1.2.840.10045.4.3.2",  # ecdsa-with-SHA256, 384, 512
        "1.2.840.10045.4.3.3",
        "1.2.840.10045.4.3.4",
        "1.2.840.113549.1.1.11",  # sha256, 384, 512WithRSAEncryption
        "1.2.840.113549.1.1.12",
        "1.2.840.113549.1.1.13",
        _RSASSA_PSS,
        "1.3.101.112",  # Ed25519
    }
)
_SHA2 = frozenset(bytes.fromhex("060960864801650304020" + which) for which in "123")
_MGF1 = bytes.fromhex("06092a864886f70d010108")
_CURVES = frozenset({"secp256r1", "secp384r1", "secp521r1"})
_EC_KEY = "1.2.840.10045.2.1"

# Extensions that may be critical: those that we, or the reference implementation, know.
UNDERSTOOD = frozenset(
    {
        "2.5.29.14",  # SubjectKeyIdentifier
        "2.5.29.15",  # KeyUsage
        "2.5.29.17",  # SubjectAlternativeName
        "2.5.29.19",  # BasicConstraints
        "2.5.29.30",  # NameConstraints
        "2.5.29.31",  # CRLDistributionPoints
        "2.5.29.32",  # CertificatePolicies
        "2.5.29.33",  # PolicyMappings
        "2.5.29.35",  # AuthorityKeyIdentifier
        "2.5.29.36",  # PolicyConstraints
        "2.5.29.37",  # ExtendedKeyUsage
        "2.5.29.54",  # InhibitAnyPolicy
        "1.3.6.1.5.5.7.1.1",  # AuthorityInfoAccess
        "2.16.840.1.113730.1.1",  # Netscape certificate type
    }
)


@dataclass(frozen=True, slots=True)
class ProfileBreach:
    """A rule that a certificate breaks."""

    rule: str  # a key of `RULES`
    index: int  # which certificate of the chain: 0 is the leaf
    sentence: str

    @property
    def mend(self) -> str:
        """What would put it right."""
        return RULES[self.rule]


_Said = Iterator[tuple[str, str]]  # rule and sentence


def check_profile(
    chain: Sequence[Certificate],
    *,
    ekus: Set[str] = DEFAULT_EKUS,
    private_store: bool = False,
) -> Iterator[ProfileBreach]:
    """Which rules do the certificates of a chain break? (C2PA 2.2 §14.5.1.1)

    Args:
        chain: leaf first.
        ekus: accepted extended key usages as dotted OIDs; the leaf needs one of them.
        private_store: the user trusts the leaf itself, so only algorithms and keys count.
    """
    usages = frozenset(ekus)
    for index, certificate in enumerate(chain):
        for rule, sentence in _remembered(certificate, usages, index == 0, private_store):
            yield ProfileBreach(rule, index, sentence)


@lru_cache(maxsize=512)  # a pure function of the certificate's bytes and of the settings
def _remembered(
    certificate: Certificate, ekus: frozenset[str], leaf: bool, private_store: bool
) -> tuple[tuple[str, str], ...]:
    return tuple(check_certificate(certificate, ekus=ekus, leaf=leaf, private_store=private_store))


def check_certificate(
    certificate: Certificate,
    *,
    ekus: Set[str] = DEFAULT_EKUS,
    leaf: bool = True,
    private_store: bool = False,
) -> Iterator[tuple[str, str]]:
    """Which rules does one certificate break? Yields rule and sentence."""
    try:
        yield from _algorithm(certificate)
        yield from _key(certificate)
        if private_store:
            return
        if certificate.parsed.version is not x509.Version.v3:
            yield "version", "it is not X.509 version 3"
            return  # what follows lives in extensions, which came with version 3
        yield from _form(certificate)
        yield from _identifiers(certificate)
        yield from _purpose_of_leaf(certificate, ekus) if leaf else _purpose_of_ca(certificate)
    except MalformedError as error:
        yield "unreadable", error.problem


def _algorithm(certificate: Certificate) -> _Said:
    """Rules 1 and 2: how the certificate itself is signed."""
    parts = certificate.parts
    oid = certificate.parsed.signature_algorithm_oid.dotted_string
    if oid not in _SIGNATURE_ALGORITHMS:
        yield "signature-algorithm", f"it is signed with {oid}, which C2PA does not allow"
    elif parts.inner_algorithm != parts.outer_algorithm:
        yield "signature-algorithm", "it names two different signature algorithms"
    elif oid == _RSASSA_PSS and (problem := _pss_problem(parts.outer_algorithm)):
        yield "pss-parameters", problem


def _pss_problem(identifier: bytes) -> str | None:
    """What is wrong with the parameters of an id-RSASSA-PSS algorithm identifier?

    Defaults do not count: RFC 4055 lets parameters out that mean SHA-1.
    """
    fields = der.split(der.element(identifier).content)
    if len(fields) != 2 or fields[1].tag != der.SEQUENCE:
        return "it is signed with RSA-PSS without parameters"
    given = {one.tag: der.element(one.content).content for one in der.split(fields[1].content)}
    if 0xA0 not in given or 0xA1 not in given:
        return "its PSS parameters leave out the hash or the mask generation, which means SHA-1"
    hash_oid = der.element(given[0xA0]).whole
    if hash_oid not in _SHA2:
        return "its PSS parameters name a hash other than SHA-256, SHA-384 or SHA-512"
    mask = der.split(given[0xA1])
    if len(mask) != 2 or mask[0].whole != _MGF1:
        return "its PSS parameters name a mask generation other than MGF1"
    if der.element(mask[1].content).whole != hash_oid:
        return "its PSS parameters name one hash, and another for MGF1"
    return None


def _key(certificate: Certificate) -> _Said:
    """Rules 3 and 4: the certified key."""
    try:
        key = certificate.public_key
    except MalformedError as error:
        if certificate.parsed.public_key_algorithm_oid.dotted_string == _EC_KEY:
            yield "ec-curve", "its elliptic curve is not a named curve that C2PA allows"
        else:
            yield "key-type", error.problem
        return
    match key:
        case ec.EllipticCurvePublicKey():
            if key.curve.name not in _CURVES:
                yield "ec-curve", f"its key is on the curve {key.curve.name}"
        case rsa.RSAPublicKey():
            if key.key_size < 2048:
                yield "rsa-size", f"its RSA key has {key.key_size} bits, 2048 are the least"
        case ed25519.Ed25519PublicKey():
            pass
        case _:
            yield "key-type", "its key is neither ECDSA, RSA nor Ed25519"


def _form(certificate: Certificate) -> _Said:
    """Rule 6, and extensions that nobody here understands."""
    if certificate.parts.unique_ids:
        yield "unique-id", "it has an issuerUniqueID or a subjectUniqueID"
    for oid, one in certificate.extensions.items():
        if one.critical and oid not in UNDERSTOOD:
            yield "critical-extension", f"its extension {oid} is critical and not known to us"


def _identifiers(certificate: Certificate) -> _Said:
    """Rules 8 and 9: key identifiers."""
    held = certificate.extensions
    if "2.5.29.35" not in held and not certificate.self_issued:
        yield "authority-key-identifier", "it has no AuthorityKeyIdentifier"
    if "2.5.29.14" not in held and certificate.is_ca:
        yield "subject-key-identifier", "it is a CA without a SubjectKeyIdentifier"


def _purpose_of_ca(certificate: Certificate) -> _Said:
    """Rules 7 and 10 for what stands above the leaf; its extended key usages do not count."""
    if not certificate.is_ca:
        yield "issuer-is-no-ca", "it stands above the leaf and is no CA"
    if certificate.extension(x509.KeyUsage) is None:
        yield "key-usage", "it has no KeyUsage"


def _purpose_of_leaf(certificate: Certificate, ekus: Set[str]) -> _Said:
    """Rules 7, 10, 11, 12 and 13 for the leaf."""
    if certificate.is_ca:
        yield "leaf-is-ca", "it is a CA certificate, and those do not sign claims"
    usage = certificate.extension(x509.KeyUsage)
    if usage is None:
        yield "key-usage", "it has no KeyUsage"
    else:
        if not usage.digital_signature:
            yield "digital-signature", "its KeyUsage lacks digitalSignature"
        if usage.key_cert_sign and not certificate.is_ca:
            yield "key-cert-sign", "its KeyUsage has keyCertSign, and it is no CA"
    yield from _extended_usage(certificate.ekus, ekus)


def _extended_usage(held: tuple[str, ...] | None, accepted: Set[str]) -> _Said:
    if not held:
        yield "extended-key-usage", "it has no ExtendedKeyUsage"
        return
    if _ANY_EKU in held:
        yield "any-extended-key-usage", "its ExtendedKeyUsage has anyExtendedKeyUsage"
        return
    if len(held) > 1 and not {TIME_STAMPING, OCSP_SIGNING}.isdisjoint(held):
        yield (
            "sole-extended-key-usage",
            "its ExtendedKeyUsage has timeStamping or OCSPSigning beside another",
        )
        return
    if accepted.isdisjoint(held):
        yield (
            "accepted-extended-key-usage",
            f"none of its extended key usages is accepted: {', '.join(held)}",
        )
