"""Why is a certificate refused? Every broken rule of a file, and how to mend it.

Source: C2PA 2.2 §14.5.1.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509

from provenance.errors import CredentialError, MalformedError
from provenance.trust import pem
from provenance.trust.certificate import Certificate
from provenance.trust.profile import DEFAULT_EKUS, RULES, check_profile

__all__ = ["Advice", "Gravity", "examine"]

_SOON = timedelta(days=30)


class Gravity(StrEnum):
    """How bad it is."""

    BROKEN = "broken"  # validators refuse it
    DOUBTFUL = "doubtful"  # some do, or soon will
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to say of one certificate."""

    gravity: Gravity
    index: int  # 0 is the leaf
    subject: str  # whom the certificate is about
    rule: str
    sentence: str
    mend: str = ""


def examine(path: str | Path, *, now: datetime, ekus: Set[str] = DEFAULT_EKUS) -> list[Advice]:
    """Look at a file of certificates, leaf first, as it would be used for signing.

    Args:
        path: PEM, or one certificate as DER.
        now: with its zone.
        ekus: accepted extended key usages.

    Returns:
        What is wrong or doubtful, by certificate; if a certificate is neither, that.

    Raises:
        CredentialError: the file cannot be read or holds no certificate.
    """
    data = pem.read_file(path)
    if b"PRIVATE KEY-----" in data and b"BEGIN CERTIFICATE" not in data:
        raise CredentialError(str(path), "holds a private key; give the certificate file")
    chain = [Certificate(one) for one in pem.certificates(data, str(path))]
    said = [
        _advice(chain, breach.index, Gravity.BROKEN, breach.rule, breach.sentence)
        for breach in check_profile(chain, ekus=ekus)
    ]
    for index, one in enumerate(chain):
        try:
            said += (
                _advice(chain, index, gravity, rule, sentence, mend)
                for gravity, rule, sentence, mend in _beyond_the_profile(chain, index, now)
            )
        except MalformedError:
            continue  # said above
        if not any(advice.index == index for advice in said):
            sentence = f"keeps every rule; valid until {one.not_after:%Y-%m-%d}"
            said.append(_advice(chain, index, Gravity.FINE, "all-rules", sentence, ""))
    return sorted(said, key=lambda advice: advice.index)


def _advice(
    chain: Sequence[Certificate],
    index: int,
    gravity: Gravity,
    rule: str,
    sentence: str,
    mend: str | None = None,
) -> Advice:
    how = RULES[rule] if mend is None else mend
    return Advice(gravity, index, chain[index].name, rule, sentence, how)


_Said = Iterator[tuple[Gravity, str, str, str]]  # gravity, rule, sentence, how to mend


def _beyond_the_profile(chain: Sequence[Certificate], index: int, now: datetime) -> _Said:
    one = chain[index]
    yield from _dates(one, now)
    if index == 0:
        yield from _leaf_habits(one, alone=len(chain) == 1)
    elif not chain[index - 1].signed_by(one):
        yield (
            Gravity.BROKEN,
            "order",
            "it did not sign the certificate before it",
            "put the leaf first, and after each certificate its issuer",
        )
    elif one.self_issued:
        yield (
            Gravity.DOUBTFUL,
            "root-included",
            "it is a root, which a signature need not carry",
            "leave it out of the file",
        )


def _dates(one: Certificate, now: datetime) -> _Said:
    if one.not_after < now:
        what = f"it expired on {one.not_after:%Y-%m-%d}"
        yield Gravity.BROKEN, "expired", what, "have it renewed"
    elif one.not_before > now:
        what = f"it is not valid before {one.not_before:%Y-%m-%d %H:%M} UTC"
        yield Gravity.BROKEN, "not-yet-valid", what, "wait, or set the clock right"
    elif one.not_after < now + _SOON:
        what = f"it expires on {one.not_after:%Y-%m-%d}"
        yield Gravity.DOUBTFUL, "expires-soon", what, "have it renewed"


def _leaf_habits(one: Certificate, *, alone: bool) -> _Said:
    """What the standard allows, and some validators do not, or do not yet."""
    if not one.organization:
        yield (
            Gravity.DOUBTFUL,
            "organization",
            "its subject has no O (organization), and c2pa-rs refuses that",
            "have it issued with an organization",
        )
    usage = one.extensions.get("2.5.29.15")
    if usage is not None and not usage.critical:
        yield (
            Gravity.DOUBTFUL,
            "key-usage-critical",
            "its KeyUsage is not critical, as it should be",
            "have it issued with a critical KeyUsage",
        )
    if one.self_issued:
        yield (
            Gravity.DOUBTFUL,
            "self-signed",
            "it is self-signed: nobody vouches for it",
            "have it issued by a CA that validators trust",
        )
    elif alone:
        yield (
            Gravity.DOUBTFUL,
            "chain",
            f"its issuer is not in the file ({_issuer(one)})",
            "add the certificates of all intermediate CAs after it",
        )


def _issuer(one: Certificate) -> str:
    try:
        return x509.Name.rfc4514_string(one.parsed.issuer)[:80]
    except ValueError:
        return "unreadable"
