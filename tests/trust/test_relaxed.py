"""Certificates whose names break the rules of their string type, as some in use do."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from provenance.trust import der
from provenance.trust.certificate import Certificate

NOW = datetime.now(UTC)
KEY = ec.generate_private_key(ec.SECP256R1())


def issued(common: str) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common, _ASN1Type.UTF8String)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer")]))
        .public_key(KEY.public_key())
        .serial_number(7)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
    )
    return made.sign(KEY, hashes.SHA256()).public_bytes(Encoding.DER)


def odd(common: str = "A_B*C") -> bytes:
    """The same with the name called a PrintableString, signed as it then is."""
    whole = issued(common)
    tbs, algorithm, _ = der.split(der.element(whole).content)
    text = common.encode()
    before, after = (bytes((tag, len(text))) + text for tag in (0x0C, 0x13))
    new = tbs.whole.replace(before, after)
    assert new != tbs.whole
    signature = KEY.sign(new, ec.ECDSA(hashes.SHA256()))
    return der.wrap(der.SEQUENCE, new, algorithm.whole, der.wrap(der.BIT_STRING, b"\0", signature))


def root() -> Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
    )
    return Certificate(made.sign(KEY, hashes.SHA256()).public_bytes(Encoding.DER))


def test_a_name_with_an_underscore_is_read() -> None:
    assert Certificate(odd()).common_name == "A_B*C"


def test_its_signature_is_over_the_bytes_as_they_are() -> None:
    assert Certificate(odd()).signed_by(root())
    assert Certificate(issued("plain")).signed_by(root())


def test_one_changed_byte_breaks_it_all_the_same() -> None:
    data = bytearray(odd())
    at = data.index(b"A_B*C")
    data[at] = ord("X")
    assert not Certificate(bytes(data)).signed_by(root())
