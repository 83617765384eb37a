"""A development PKI: a root, an intermediate, and a signing credential for each algorithm.

For trying things out: whoever trusts the root trusts whoever has read the folder. RSA keys are
written as id-RSASSA-PSS with their hash (RFC 4055), in the key file and in the certificate, so
that the key tells whether it signs ps256, ps384 or ps512.
"""

import errno
import os
from base64 import encodebytes
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from provenance.trust import der
from provenance.trust.certificate import Certificate
from provenance.trust.profile import (
    C2PA_CLAIM_SIGNING,
    DEFAULT_EKUS,
    EMAIL_PROTECTION,
    TIME_STAMPING,
)

__all__ = ["ALGS", "PKCS12_PASSPHRASE", "DevCredential", "DevPki", "create"]

ALGS = ("es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519")
PKCS12_PASSPHRASE = b"development"

_DAYS_ROOT, _DAYS_INTERMEDIATE, _DAYS_LEAF = 3650, 1827, 366
_EARLIER = timedelta(hours=1)  # clocks differ
_RSA_BITS = 2048
_CURVES: dict[str, ec.EllipticCurve] = {
    "es256": ec.SECP256R1(),
    "es384": ec.SECP384R1(),
    "es512": ec.SECP521R1(),
}
# For each hash the last byte of its OID below 2.16.840.1.101.3.4.2, and its size in bytes.
_PSS_HASHES = {"ps256": (1, 32), "ps384": (2, 48), "ps512": (3, 64)}

_NULL = 0x05

_Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class DevCredential:
    """A private key and the certificates for it. Its representation does not show the key."""

    alg: str
    key: _Key = field(repr=False)
    chain: tuple[bytes, ...] = field(repr=False)  # DER, leaf first, the root left out

    @property
    def key_pem(self) -> bytes:
        """The key as PKCS#8, not encrypted."""
        encoded = self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        if self.alg in _PSS_HASHES:
            version, _, private = der.split(der.element(encoded).content)[:3]
            encoded = der.wrap(der.SEQUENCE, version.whole, _pss(self.alg), private.whole)
        return _pem("PRIVATE KEY", encoded)

    @property
    def chain_pem(self) -> bytes:
        """The chain, leaf first."""
        return b"".join(_pem("CERTIFICATE", one) for one in self.chain)

    @property
    def pkcs12(self) -> bytes:
        """Key and chain in one file, encrypted with `PKCS12_PASSPHRASE`."""
        leaf, *above = (x509.load_der_x509_certificate(one) for one in self.chain)
        return pkcs12.serialize_key_and_certificates(
            self.alg.encode(), self.key, leaf, above, BestAvailableEncryption(PKCS12_PASSPHRASE)
        )


@dataclass(frozen=True, slots=True)
class DevPki:
    """The whole of it, in memory."""

    root: bytes = field(repr=False)  # DER
    intermediate: bytes = field(repr=False)  # DER
    credentials: Mapping[str, DevCredential]
    tsa: DevCredential  # of a time-stamping authority

    @classmethod
    def generate(cls, algs: Iterable[str] = ALGS, *, now: datetime) -> Self:
        """Make new keys and certificates.

        Args:
            algs: which credentials to make.
            now: from when they are valid, less an hour; with its zone.
        """
        wanted = tuple(algs)
        # RSA keys take long, and the library that makes them does not hold the interpreter up.
        with ThreadPoolExecutor() as pool:
            keys = dict(zip(wanted, pool.map(_new_key, wanted), strict=True))
        root_key, ca_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        root_name = _name("Development Root CA")
        root = _issue(
            _builder(root_name, root_name, root_key, root_key, now, _DAYS_ROOT, path_length=1),
            root_key,
        )
        ca_name = _name("Development Intermediate CA")
        ca = _issue(
            _builder(ca_name, root_name, ca_key, root_key, now, _DAYS_INTERMEDIATE, path_length=0),
            root_key,
        )
        credentials = {}
        for alg, key in keys.items():
            builder = _builder(_name(f"Development {alg}"), ca_name, key, ca_key, now, _DAYS_LEAF)
            leaf = _issue(builder, ca_key)
            if alg in _PSS_HASHES:
                leaf = _bind_to_pss(leaf, alg, ca_key)
            credentials[alg] = DevCredential(alg, key, (leaf, ca))
        tsa_key = ec.generate_private_key(ec.SECP256R1())
        stamper = _builder(
            *(_name("Development TSA"), ca_name, tsa_key, ca_key, now, _DAYS_LEAF), tsa=True
        )
        tsa = DevCredential("es256", tsa_key, (_issue(stamper, ca_key), ca))
        return cls(root, ca, credentials, tsa)

    @property
    def root_pem(self) -> bytes:
        """The anchor."""
        return _pem("CERTIFICATE", self.root)

    def files(self) -> Iterator[tuple[str, bytes, bool]]:
        """Name, content, and whether it is secret, of each file of the folder."""
        yield "root.pem", self.root_pem, False
        yield "intermediate.pem", _pem("CERTIFICATE", self.intermediate), False
        ekus = "\n".join(sorted(DEFAULT_EKUS))
        yield "trust.cfg", f"// accepted extended key usages\n{ekus}\n".encode(), False
        for alg, one in self.credentials.items():
            yield f"{alg}.key.pem", one.key_pem, True
            yield f"{alg}.chain.pem", one.chain_pem, False
            yield f"{alg}.p12", one.pkcs12, True
        yield "tsa.key.pem", self.tsa.key_pem, True
        yield "tsa.chain.pem", self.tsa.chain_pem, False


def create(out: Path, *, now: datetime, algs: Iterable[str] = ALGS) -> DevPki:
    """Write a new development PKI into a folder.

    `root.pem` is the anchor, `trust.cfg` the list of accepted usages; for each algorithm there are
    `ALG.key.pem`, `ALG.chain.pem` and `ALG.p12` (its passphrase is `PKCS12_PASSPHRASE`); `tsa.*`
    is of a time-stamping authority. Files with private keys are for their owner only.

    Raises:
        FileExistsError: one of the files is there already; nothing was written.
        OSError: the folder cannot be written to.
    """
    wanted = tuple(algs)
    names = ["root.pem", "intermediate.pem", "trust.cfg", "tsa.key.pem", "tsa.chain.pem"]
    names += [f"{alg}.{kind}" for alg in wanted for kind in ("key.pem", "chain.pem", "p12")]
    for name in names:
        if (out / name).exists():
            raise FileExistsError(
                errno.EEXIST, "is there already, and keys are not overwritten", out / name
            )
    pki = DevPki.generate(wanted, now=now)
    out.mkdir(parents=True, exist_ok=True)
    for name, content, secret in pki.files():
        mode = 0o600 if secret else 0o644
        handle = os.open(out / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with open(handle, "wb") as stream:
            stream.write(content)
    return pki


def _new_key(alg: str) -> _Key:
    if alg in _CURVES:
        return ec.generate_private_key(_CURVES[alg])
    if alg in _PSS_HASHES:
        return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    if alg == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    raise ValueError(f"{alg!r} is none of {', '.join(ALGS)}")


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Development only"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "FOR TESTING ONLY"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: _Key,
    issuer_key: _Key,
    now: datetime,
    days: int,
    *,
    path_length: int | None = None,
    tsa: bool = False,
) -> x509.CertificateBuilder:
    """A certificate to be; a CA when it has a path length, else a claim signer's or a TSA's."""
    is_ca = path_length is not None
    start = now.replace(microsecond=0) - _EARLIER
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=path_length), critical=True)
        .add_extension(_key_usage(is_ca=is_ca), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if is_ca:
        return builder
    oids = (TIME_STAMPING,) if tsa else (C2PA_CLAIM_SIGNING, EMAIL_PROTECTION)
    usages = [x509.ObjectIdentifier(oid) for oid in oids]
    return builder.add_extension(x509.ExtendedKeyUsage(usages), critical=tsa)


def _key_usage(*, is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )


def _issue(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> bytes:
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def _bind_to_pss(certificate: bytes, alg: str, issuer_key: ec.EllipticCurvePrivateKey) -> bytes:
    """The same certificate with its public key marked id-RSASSA-PSS, signed again."""
    tbs, algorithm, _ = der.split(der.element(certificate).content)
    plain = Certificate(certificate).parts.public_key
    bits = der.split(der.element(plain).content)[1].whole
    marked = der.wrap(der.SEQUENCE, _pss(alg), bits)
    new = der.wrap(der.SEQUENCE, tbs.content.replace(plain, marked, 1))
    signature = issuer_key.sign(new, ec.ECDSA(hashes.SHA256()))
    return der.wrap(der.SEQUENCE, new, algorithm.whole, der.wrap(der.BIT_STRING, b"\0", signature))


def _pss(alg: str) -> bytes:
    """The algorithm identifier id-RSASSA-PSS with hash, MGF1 and salt length (RFC 4055 §3.1)."""
    which, size = _PSS_HASHES[alg]
    sha2 = der.wrap(der.OID, bytes.fromhex("6086480165030402"), bytes((which,)))
    hashed = der.wrap(der.SEQUENCE, sha2, der.wrap(_NULL))
    mgf1 = der.wrap(der.OID, bytes.fromhex("2a864886f70d010108"))
    return der.wrap(
        der.SEQUENCE,
        der.wrap(der.OID, bytes.fromhex("2a864886f70d01010a")),
        der.wrap(
            der.SEQUENCE,
            der.wrap(0xA0, hashed),
            der.wrap(0xA1, der.wrap(der.SEQUENCE, mgf1, hashed)),
            der.wrap(0xA2, der.wrap(der.INTEGER, bytes((size,)))),
        ),
    )


def _pem(label: str, data: bytes) -> bytes:
    body = b"".join(encodebytes(data[at : at + 48]) for at in range(0, len(data), 48))
    return b"-----BEGIN %b-----\n%b-----END %b-----\n" % (label.encode(), body, label.encode())
