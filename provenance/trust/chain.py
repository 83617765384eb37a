"""A path from a signing certificate to an anchor: RFC 5280 §6, with bounded work.

    leaf  ←signed by─  intermediates of the COSE header  ←signed by─  anchor

An anchor may be a root, an intermediate, or the very issuer of the leaf. Names are the same when
their bytes are. Certificate policies are not processed, as C2PA has none that a validator checks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from provenance.errors import MalformedError
from provenance.trust.certificate import Certificate
from provenance.trust.names import forbidden_name
from provenance.trust.profile import UNDERSTOOD, check_certificate

__all__ = ["NoPath", "Path", "build_path", "index_by_subject", "within_validity"]

_MAX_SIGNATURES = 100  # verified per path; a sound one needs as many as it has certificates

AnchorIndex = Mapping[bytes, Sequence[Certificate]]


@dataclass(frozen=True, slots=True)
class Path:
    """Certificates from the leaf to the anchor, both included."""

    certificates: tuple[Certificate, ...]

    @property
    def anchor(self) -> Certificate:
        """Where trust comes from."""
        return self.certificates[-1]


@dataclass(frozen=True, slots=True)
class NoPath:
    """Why there is none: of all dead ends, the one that came furthest."""

    reason: str


def index_by_subject(certificates: Iterable[Certificate]) -> dict[bytes, list[Certificate]]:
    """Certificates by their subject's bytes; one that cannot be read is left out."""
    index: dict[bytes, list[Certificate]] = {}
    for one in certificates:
        try:
            index.setdefault(one.subject, []).append(one)
        except MalformedError:
            continue
    return index


def within_validity(chain: Iterable[Certificate], at: datetime) -> bool:
    """Are all of these certificates valid at a moment (with its zone)?"""
    try:
        return all(one.valid_at(at) for one in chain)
    except MalformedError:
        return False


def build_path(
    leaf: Certificate,
    intermediates: Sequence[Certificate],
    anchors: AnchorIndex,
    at: datetime | None,
) -> Path | NoPath:
    """Find a path from the leaf to an anchor.

    Args:
        leaf: the signing certificate. Its own validity is no part of the question: see
            `within_validity`.
        intermediates: what came along, in any order.
        anchors: by subject, see `index_by_subject`.
        at: the moment at which issuers and anchor must be valid; None for any moment.

    Source: RFC 5280 §6.1; C2PA 2.2 §14.4.
    """
    search = _Search(intermediates, anchors, at)
    try:
        if leaf.is_ca:
            return NoPath("the signing certificate is a CA certificate")
        if why := _not_understood(leaf):
            return NoPath(why)
        found = search.upward((leaf,))
    except MalformedError as error:
        return NoPath(f"the signing certificate {error.problem}")
    if found is not None:
        return Path(found)
    return NoPath(search.furthest)


class _Search:
    """One search, depth first; it counts the signatures it verifies."""

    def __init__(
        self, intermediates: Sequence[Certificate], anchors: AnchorIndex, at: datetime | None
    ) -> None:
        self._anchors = anchors
        self._known = index_by_subject(intermediates)
        self._at = at
        self._left = _MAX_SIGNATURES
        self._depth = -1
        self.furthest = ""

    def upward(self, path: tuple[Certificate, ...]) -> tuple[Certificate, ...] | None:
        """The path continued to an anchor; None at a dead end."""
        below = path[-1]
        for issuer, is_anchor in self._candidates(below):
            if issuer in path:
                continue
            why = self._objection(path, issuer, is_anchor=is_anchor)
            if why is not None:
                self._dead_end(len(path), why)
                continue
            found = (*path, issuer)
            if is_anchor:
                return found
            if (whole := self.upward(found)) is not None:
                return whole
        self._dead_end(len(path) - 1, f"no anchor issued {_short(below)}, nor its issuers")
        return None

    def _candidates(self, below: Certificate) -> Iterator[tuple[Certificate, bool]]:
        """Who may have issued a certificate, anchors first, the right key identifier first."""
        wanted = _authority_key(below)
        for index, is_anchor in ((self._anchors, True), (self._known, False)):
            named = index.get(below.issuer, ())
            if wanted is None or len(named) < 2:
                yield from ((one, is_anchor) for one in named)
            else:
                for one in sorted(named, key=lambda one: one.subject_key != wanted):
                    yield one, is_anchor

    def _objection(
        self, path: tuple[Certificate, ...], issuer: Certificate, *, is_anchor: bool
    ) -> str | None:
        """Why this certificate cannot continue the path; the signature is looked at last."""
        try:
            why = _may_issue(path, issuer, is_anchor=is_anchor)
            if why is None and self._at is not None and not issuer.valid_at(self._at):
                why = f"{_short(issuer)} is outside its validity"
        except MalformedError as error:
            return f"an issuer {error.problem}"
        if why is not None:
            return why
        if not self._left:
            return "too many certificates of one name to try"
        self._left -= 1
        if not path[-1].signed_by(issuer):
            return f"{_short(issuer)} did not sign {_short(path[-1])}"
        return None

    def _dead_end(self, depth: int, why: str) -> None:
        if depth > self._depth:
            self._depth = depth
            self.furthest = why


def _may_issue(
    path: tuple[Certificate, ...], issuer: Certificate, *, is_anchor: bool
) -> str | None:
    """Why this certificate may not stand above the path, or None (RFC 5280 §6.1.4)."""
    if why := _not_understood(issuer):
        return why
    if not is_anchor:  # of an anchor only name and key count, not how it was signed itself
        for _, sentence in check_certificate(issuer, leaf=False, private_store=True):
            return f"{_short(issuer)} cannot be relied on: {sentence}"
    basic = issuer.extension(x509.BasicConstraints)
    # A root of version 1 has no extensions; that it is an anchor says what they would.
    old_root = is_anchor and basic is None and issuer.parsed.version is x509.Version.v1
    if not old_root and (basic is None or not basic.ca):
        return f"{_short(issuer)} is no CA"
    usage = issuer.extension(x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        return f"{_short(issuer)} may not sign certificates (KeyUsage lacks keyCertSign)"
    if basic is not None and basic.path_length is not None:
        between = sum(not one.self_issued for one in path[1:])
        if between > basic.path_length:
            return f"{_short(issuer)} allows a path of {basic.path_length}, here it is {between}"
    constraints = issuer.extension(x509.NameConstraints)
    if constraints is not None:
        for at, one in enumerate(path):
            if at and one.self_issued:
                continue
            if name := forbidden_name(constraints, one):
                return f"{_short(issuer)} may not vouch for the name {name}"
    return None


def _not_understood(certificate: Certificate) -> str | None:
    for oid, one in certificate.extensions.items():
        if one.critical and oid not in UNDERSTOOD:
            return f"{_short(certificate)} has an unknown critical extension, {oid}"
    return None


def _authority_key(certificate: Certificate) -> bytes | None:
    held = certificate.extension(x509.AuthorityKeyIdentifier)
    return held.key_identifier if held is not None else None


def _short(certificate: Certificate) -> str:
    try:
        return repr(certificate.common_name or certificate.organization or certificate.name)[:80]
    except MalformedError:
        return "a certificate"
