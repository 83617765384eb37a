"""A certificate, parsed once: what `cryptography` reads, and the few bytes it does not show.

Everything is read when first asked for. Whatever the bytes, only `MalformedError` comes out.
Source: RFC 5280 §4.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Self, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from provenance.digests import digest
from provenance.errors import LimitError, MalformedError
from provenance.limits import Limits
from provenance.trust import der
from provenance.trust.der import Element
from provenance.trust.relaxed import is_signed_by, with_readable_names

__all__ = ["Certificate", "parse_chain"]

_WHAT = "certificate"
_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    UserWarning,  # where warnings are errors: odd forms that `cryptography` will refuse one day
)
_Ext = TypeVar("_Ext", bound=x509.ExtensionType)


@dataclass(frozen=True)
class Certificate:
    """One certificate. Equal when the bytes are; pickled as bytes."""

    der: bytes

    def __reduce__(self) -> tuple[type[Self], tuple[bytes]]:
        # What was read so far holds objects that cannot cross processes.
        return type(self), (self.der,)

    @cached_property
    def parsed(self) -> x509.Certificate:
        """The certificate as `cryptography` reads it.

        Raises:
            MalformedError: not a certificate.
        """
        try:
            return x509.load_der_x509_certificate(self.der)
        except _UNREADABLE as error:
            readable = self._with_readable_names()
            if readable is None:
                raise _malformed("cannot be read", error) from error
        try:
            return x509.load_der_x509_certificate(readable)
        except _UNREADABLE as error:
            raise _malformed("cannot be read", error) from error

    def _with_readable_names(self) -> bytes | None:
        try:
            return with_readable_names(self.der, self.issuer, self.subject)
        except MalformedError:
            return None

    @cached_property
    def extensions(self) -> dict[str, x509.Extension[x509.ExtensionType]]:
        """The extensions by dotted OID.

        Raises:
            MalformedError: one of them cannot be read, or comes twice.
        """
        try:
            return {one.oid.dotted_string: one for one in self.parsed.extensions}
        except _UNREADABLE as error:
            raise _malformed("its extensions cannot be read", error) from error

    def extension(self, kind: type[_Ext]) -> _Ext | None:
        """The value of an extension; None when there is none."""
        found = self.extensions.get(kind.oid.dotted_string)
        return found.value if found is not None and isinstance(found.value, kind) else None

    @cached_property
    def public_key(self) -> CertificatePublicKeyTypes:
        """The key of whom the certificate is about.

        Raises:
            MalformedError: of a kind we cannot read, or damaged.
        """
        try:
            return self.parsed.public_key()
        except _UNREADABLE as error:
            raise _malformed("its public key cannot be read", error) from error

    @cached_property
    def parts(self) -> "Parts":
        """The places `cryptography` does not show.

        Raises:
            MalformedError: not built as a certificate is.
        """
        return _parts(self.der)

    @property
    def subject(self) -> bytes:
        """Whom it is about: the name as DER. Names are the same when their bytes are."""
        return self.parts.subject

    @property
    def issuer(self) -> bytes:
        """Who issued it: the name as DER."""
        return self.parts.issuer

    @cached_property
    def subject_name(self) -> x509.Name:
        """The subject, taken apart.

        Raises:
            MalformedError: it cannot be read.
        """
        try:
            return self.parsed.subject
        except _UNREADABLE as error:
            raise _malformed("its subject cannot be read", error) from error

    @property
    def issuer_and_serial(self) -> bytes:
        """What CMS names a certificate by (RFC 5652 §10.2.4): both as DER, side by side."""
        return self.parts.issuer + self.parts.serial

    @property
    def subject_key(self) -> bytes | None:
        """The SubjectKeyIdentifier; None without one that can be read."""
        try:
            held = self.extension(x509.SubjectKeyIdentifier)
        except MalformedError:
            return None
        return held.digest if held is not None else None

    @property
    def self_issued(self) -> bool:
        """Do subject and issuer have one name?"""
        return self.parts.subject == self.parts.issuer

    @cached_property
    def not_before(self) -> datetime:
        """First moment of validity, UTC."""
        return self.parsed.not_valid_before_utc

    @cached_property
    def not_after(self) -> datetime:
        """Last moment of validity, UTC."""
        return self.parsed.not_valid_after_utc

    def valid_at(self, at: datetime) -> bool:
        """Is a moment (with its zone) inside the validity?"""
        return self.not_before <= at <= self.not_after

    @cached_property
    def is_ca(self) -> bool:
        """Does it say that it is a certification authority?"""
        basic = self.extension(x509.BasicConstraints)
        return basic is not None and basic.ca

    @cached_property
    def ekus(self) -> tuple[str, ...] | None:
        """Extended key usages as dotted OIDs; None without the extension."""
        found = self.extension(x509.ExtendedKeyUsage)
        return None if found is None else tuple(usage.dotted_string for usage in found)

    @cached_property
    def sha256(self) -> bytes:
        """The digest of its DER, by which an allowed list names it."""
        return digest(self.der, "sha256")

    @cached_property
    def name(self) -> str:
        """Whom it is about, for people: the subject as RFC 4514 writes it."""
        try:
            return self.subject_name.rfc4514_string() or "(no subject)"
        except (*_UNREADABLE, MalformedError):
            return "(unreadable)"

    @cached_property
    def organization(self) -> str | None:
        """The subject's last O attribute."""
        return self._attribute(NameOID.ORGANIZATION_NAME)

    @cached_property
    def common_name(self) -> str | None:
        """The subject's last CN attribute."""
        return self._attribute(NameOID.COMMON_NAME)

    @property
    def serial_number(self) -> int:
        """The issuer's number for it."""
        return self.parsed.serial_number

    def _attribute(self, oid: x509.ObjectIdentifier) -> str | None:
        found = self.subject_name.get_attributes_for_oid(oid)
        return str(found[-1].value) if found else None

    def signed_by(self, issuer: Self) -> bool:
        """Does the signature verify with the key of this issuer, whose name it must carry?"""
        return _signed_by(self, issuer)


@dataclass(frozen=True, slots=True)
class Parts:
    """Places in a certificate, each the DER of its value."""

    inner_algorithm: bytes  # inside what is signed
    outer_algorithm: bytes  # beside it
    issuer: bytes
    subject: bytes
    public_key: bytes
    serial: bytes
    unique_ids: int  # how many of issuerUniqueID and subjectUniqueID there are


def parse_chain(chain: Sequence[bytes], limits: Limits) -> tuple[Certificate, ...]:
    """Wrap a chain as a COSE header holds it.

    Raises:
        LimitError: more certificates than we are willing to look at.
    """
    if len(chain) > limits.certificates:
        raise LimitError(
            "certificate chain", f"{len(chain)} certificates, {limits.certificates} allowed"
        )
    return tuple(_known(one) for one in chain)


@lru_cache(maxsize=512)  # keyed by all bytes of both
def _signed_by(certificate: Certificate, issuer: Certificate) -> bool:
    try:
        if certificate.parsed.public_bytes(Encoding.DER) != certificate.der:
            return is_signed_by(certificate.der, certificate.parsed, issuer.parsed)
        certificate.parsed.verify_directly_issued_by(issuer.parsed)
    except (*_UNREADABLE, InvalidSignature, MalformedError):
        return False
    return True


@lru_cache(maxsize=512)
def _known(data: bytes) -> Certificate:
    """A certificate that may have been read before: the same few stand in very many files.

    The key is all of its bytes, so what is remembered is never of another certificate.
    """
    return Certificate(data)


def _malformed(problem: str, error: Exception) -> MalformedError:
    reason = str(error).splitlines()
    return MalformedError(
        _WHAT, f"{problem} ({reason[0][:120] if reason else type(error).__name__})"
    )


def _parts(data: bytes) -> Parts:
    """Walk a certificate: SEQUENCE { tbs SEQUENCE { … }, algorithm, signature }."""
    outer = der.split(der.element(data).content)
    if len(outer) != 3 or outer[0].tag != der.SEQUENCE:
        raise MalformedError(_WHAT, "not a sequence of three")
    fields = der.split(outer[0].content)
    if fields and fields[0].tag == 0xA0:  # version, which defaults to 1
        del fields[0]
    match fields:
        case [serial, inner, issuer, _, subject, key, *rest]:
            return Parts(
                inner_algorithm=inner.whole,
                outer_algorithm=outer[1].whole,
                issuer=issuer.whole,
                subject=subject.whole,
                public_key=key.whole,
                serial=serial.whole,
                unique_ids=_count(rest),
            )
    raise MalformedError(_WHAT, "fields are missing")


def _count(rest: list[Element]) -> int:
    return sum(one.tag in {0x81, 0x82, 0xA1, 0xA2} for one in rest)
