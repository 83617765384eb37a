"""Had the signer's certificate been revoked when it signed?

First what the manifests bring along: responses in the signature, then those in certificate-status
assertions anywhere in the store. Only if these settle nothing, and only if the caller opened the
door, the issuer's responder is asked: it learns from that which certificate is being looked at.
Source: C2PA 2.2 §15.9; RFC 6960.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from provenance.cose.sign1 import Sign1
from provenance.errors import MalformedError
from provenance.trust.certificate import Certificate
from provenance.trust.judge import Judgement
from provenance.validate.assertions import is_intact
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.reading import Reading
from provenance.validate.status import Status

if TYPE_CHECKING:
    from provenance.fetch import Door
    from provenance.trust.ocsp import Answer, Response

__all__ = ["NOT_ASKED", "Revocation", "check_revocation", "statuses_in"]

_LABEL = "c2pa.certificate-status"
_MAX_RESPONSES = 256  # in the assertions of a store
_MAX_EACH = 8  # for one signature: stapled, and in assertions
_MAX_ASKED = 2  # responders of one certificate

_NOT_REVOKED = Status.SIGNING_CREDENTIAL_OCSP_NOT_REVOKED
_REVOKED = Status.SIGNING_CREDENTIAL_OCSP_REVOKED
_UNKNOWN = Status.SIGNING_CREDENTIAL_OCSP_UNKNOWN
_SKIPPED = Status.SIGNING_CREDENTIAL_OCSP_SKIPPED
_INACCESSIBLE = Status.SIGNING_CREDENTIAL_OCSP_INACCESSIBLE


@dataclass(frozen=True, slots=True)
class Revocation:
    """What is known of a signer's certificate, and whether a CA above it has been revoked."""

    findings: tuple[Finding, ...] = ()
    issuer: str = ""  # the revoked CA, in words


NOT_ASKED = Revocation()


def statuses_in(readings: Mapping[str, Reading]) -> tuple["Response", ...]:
    """The OCSP responses that certificate-status assertions hold, whomever they are about.

    Only assertions that hash to what their claim says count.
    """
    held = [
        one
        for reading in readings.values()
        for listed in reading.named(_LABEL)
        if isinstance(listed.value, dict) and is_intact(listed, reading)
        for one in _list(listed.value.get("ocspVals"))
        if isinstance(one, bytes)
    ]
    return tuple(_readable(islice(dict.fromkeys(held), _MAX_RESPONSES))) if held else ()


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def check_revocation(
    sign1: Sign1, judgement: Judgement, attested: datetime | None, url: str, context: Context
) -> Revocation:
    """Settle it by what is at hand, or by asking, or say that it was not asked (§15.9).

    Args:
        sign1: the signature, with what is stapled to it.
        judgement: of its certificates.
        attested: the moment of a trusted time stamp.
        url: of the signature's box.
        context: with the door to the network, if it is open.
    """
    if "rVals" not in sign1.unprotected and not context.statuses:
        return _unsettled(judgement, attested, url, context, "")
    from provenance.trust.ocsp import issuers_of

    responses = tuple(_read(sign1, judgement, context))
    known = (*judgement.chain[1:], *_anchors_above(judgement, context))
    leaf = judgement.leaf
    issuers = issuers_of(leaf, known)
    said: dict[Status, str] = {}
    for response, where in responses:
        answer = response.answer(leaf, issuers)
        if answer is not None and (status := _held(answer, attested, context.at)) is not None:
            said.setdefault(status, f"{_words(answer)}; {where}")
    revoked = _revoked_issuer(judgement, responses, known, attested or context.at, context.at)
    if not judgement.trusted:  # a stranger's good word settles nothing
        said.pop(_NOT_REVOKED, None)
    for status in (_NOT_REVOKED, _REVOKED):
        if status in said:
            return Revocation((Finding(status, url, said[status]),), revoked)
    rest = _unsettled(judgement, attested, url, context, said.get(_UNKNOWN, ""))
    if not rest.findings and _UNKNOWN in said:
        return Revocation((Finding(_UNKNOWN, url, said[_UNKNOWN]),), revoked)
    return Revocation(rest.findings, revoked)


def _read(sign1: Sign1, judgement: Judgement, context: Context) -> Iterator[tuple["Response", str]]:
    """The responses about these certificates, those in the signature first."""
    try:
        stapled = sign1.ocsp_values[:_MAX_EACH]
    except MalformedError:
        stapled = ()
    yield from ((one, "in the signature") for one in _readable(stapled))
    if context.statuses:
        serials = set(_serials(judgement))
        about = (one for one in context.statuses if not serials.isdisjoint(one.serials))
        yield from ((one, "in a certificate status") for one in islice(about, _MAX_EACH))


def _readable(held: Iterable[bytes]) -> Iterator["Response"]:
    from provenance.trust.ocsp import read_response

    for one in held:
        try:
            yield read_response(one)
        except MalformedError:
            continue


def _serials(judgement: Judgement) -> Iterator[int]:
    for one in judgement.chain:
        try:
            yield one.serial_number
        except MalformedError:
            continue


def _anchors_above(judgement: Judgement, context: Context) -> Iterator[Certificate]:
    for one in judgement.chain:
        try:
            yield from context.trust.by_subject.get(one.issuer, ())
        except MalformedError:
            continue


def _held(answer: "Answer", attested: datetime | None, now: datetime) -> Status | None:
    """What a response that came along establishes about the moment of signing (§15.9.1).

    Without a time stamp the moment is not known: then nothing shows that a certificate was still
    good, but one that has been revoked is no good.
    """
    moment = attested or now
    if now < answer.this_update:
        return None
    speaks = moment < answer.this_update or answer.covers(moment)
    if answer.word.value == "unknown":
        return _UNKNOWN if speaks else None
    if answer.revoked_at is not None and answer.revoked_at <= moment:
        # What was revoked stays so; only what is on hold may be let go again later.
        return _REVOKED if speaks or not answer.on_hold else None
    return _NOT_REVOKED if speaks and attested is not None else None


def _asked(answer: "Answer", moment: datetime) -> Status | None:
    """What a responder's answer establishes about a moment (§15.9.2); None if it is out of date."""
    if answer.word.value == "unknown":
        return _UNKNOWN
    if answer.revoked_at is not None and answer.revoked_at <= moment:
        return _REVOKED
    return _NOT_REVOKED if moment <= answer.until else None


def _revoked_issuer(
    judgement: Judgement,
    responses: Iterable[tuple["Response", str]],
    known: tuple[Certificate, ...],
    moment: datetime,
    now: datetime,
) -> str:
    """A CA of the chain that had been revoked by then, in words; else nothing."""
    from provenance.trust.ocsp import issuers_of

    for one in judgement.chain[1:]:
        for response, where in responses:
            try:
                if one.serial_number not in response.serials:
                    continue
            except MalformedError:
                break
            answer = response.answer(one, issuers_of(one, known))
            if answer is not None and _held(answer, moment, now) is _REVOKED:
                return f"{one.name[:120]} had been revoked: {_words(answer)}; {where}"
    return ""


def _unsettled(
    judgement: Judgement, attested: datetime | None, url: str, context: Context, why: str
) -> Revocation:
    """Nothing that came along settles it: ask, or say that nobody was asked."""
    addresses = _responders(judgement.leaf)
    if not addresses:
        return NOT_ASKED  # a certificate that cannot be revoked counts as not revoked
    if context.door is None:
        return Revocation((Finding(_SKIPPED, url, why),))
    found = _ask(judgement, addresses, attested or context.at, context, context.door)
    return Revocation((Finding(found[0], url, found[1]),))


def _ask(
    judgement: Judgement,
    addresses: tuple[str, ...],
    moment: datetime,
    context: Context,
    door: "Door",
) -> tuple[Status, str]:
    from provenance.fetch import FetchError  # loads what speaks to the network: only when asked
    from provenance.trust.ocsp import issuers_of, read_response, request

    leaf = judgement.leaf
    issuers = issuers_of(leaf, (*judgement.chain[1:], *_anchors_above(judgement, context)))
    if not issuers:
        return _INACCESSIBLE, "the certificate of its issuer is not at hand"
    why = ""
    for address in addresses[:_MAX_ASKED]:
        try:
            data = door.post(
                address,
                request(leaf, issuers[0]),
                content_type="application/ocsp-request",
                accept="application/ocsp-response",
            )
            answer = read_response(data).answer(leaf, issuers)
        except (FetchError, MalformedError) as error:
            why = str(error)
            continue
        status = _asked(answer, moment) if answer is not None else None
        if answer is not None and status is not None:
            return status, f"{_words(answer)}; asked {address[:120]}"
        why = f"{address[:120]}: " + (
            "the answer is out of date" if answer else "the answer is not from the issuer"
        )
    return _INACCESSIBLE, why


def _words(answer: "Answer") -> str:
    if answer.revoked_at is not None:
        return f"revoked on {answer.revoked_at:%Y-%m-%d %H:%M UTC}"
    return f"{answer.word.value} as of {answer.this_update:%Y-%m-%d %H:%M UTC}"


@lru_cache(maxsize=512)
def _responders(certificate: Certificate) -> tuple[str, ...]:
    """The addresses at which its issuer answers (AuthorityInfoAccess), if it names any."""
    try:
        held = certificate.extension(x509.AuthorityInformationAccess)
    except MalformedError:
        return ()
    return tuple(
        one.access_location.value
        for one in held or ()
        if one.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(one.access_location, x509.UniformResourceIdentifier)
    )
