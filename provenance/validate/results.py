"""The verification report: a finished, frozen, picklable value.

States are computed from findings, never set. Source: C2PA 2.2 §14.3, §18.15.9.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from provenance.model.claim import Claim
from provenance.model.store import ManifestKind
from provenance.spans import Span, complement, merge
from provenance.validate.finding import Finding
from provenance.validate.identity_results import IdentityReport, IdentityState
from provenance.validate.policy_result import PolicyResult
from provenance.validate.states import ErrorKind, Location, ValidationState
from provenance.validate.status import Kind, Status

__all__ = ["AssertionReport", "AssetInfo", "Coverage", "Delta", "ErrorKind", "IngredientReport"]
__all__ += ["REJECTS_NOTHING", "Location"]
__all__ += ["ManifestReport", "ReadError", "SignatureInfo", "ValidationState", "VerificationReport"]


@dataclass(frozen=True, slots=True)
class ReadError:
    """Something that could not be read, in one sentence; `offset` is in bytes."""

    kind: ErrorKind
    message: str
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class AssetInfo:
    """The asset that was looked at."""

    path: str | None
    format: str | None  # a media type
    size: int | None  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureInfo:
    """Who signed a claim, as the certificate says, and when, as far as it is known."""

    alg: str | None
    issuer: str | None  # organisation of the subject, as c2patool shows it
    common_name: str | None
    serial_number: str | None  # decimal
    not_before: datetime | None = None
    not_after: datetime | None = None
    time: datetime | None = None  # of a validated time stamp
    certificates: tuple[bytes, ...] = ()  # DER, leaf first
    time_certificate: bytes | None = None  # DER, of the authority whose time stamp was validated


@dataclass(frozen=True, slots=True)
class AssertionReport:
    """An assertion as stored: `value` is decoded CBOR or JSON, or the media type of a file.

    `picture` is a view of a thumbnail's bytes in the store, unjudged; pickling makes a copy.
    """

    label: str
    value: Any
    created: bool  # by the signer, not gathered
    redacted: bool = False
    picture: memoryview | bytes | None = field(default=None, repr=False, compare=False)

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        # A view cannot cross processes.
        picture = None if self.picture is None else bytes(self.picture)
        return type(self), (self.label, self.value, self.created, self.redacted, picture)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngredientReport:
    """What a manifest says of one ingredient; `manifest` is the label of its own, if it has one."""

    uri: str
    relationship: str
    title: str | None
    format: str | None
    manifest: str | None
    types: tuple[str, ...] = ()
    digest: str | None = None  # "sha256:…" of a file described from outside
    thumbnail: str | None = None  # URI of the assertion that holds it, as the ingredient says


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestReport:
    """One manifest of the chain, with what was found about itself."""

    label: str
    kind: ManifestKind
    claim: Claim | None
    signature: SignatureInfo | None
    assertions: tuple[AssertionReport, ...]
    ingredients: tuple[IngredientReport, ...]
    findings: tuple[Finding, ...]
    recorded: tuple[str, ...] = ()  # failure codes that an ingredient assertion admits already
    identities: tuple[IdentityReport, ...] = ()

    @property
    def state(self) -> ValidationState:
        """The state of this manifest alone. An ingredient's hard binding cannot be checked."""
        return state_of(self.findings)

    def identity_state(self, identity: IdentityReport) -> IdentityState:
        """What one of its identities is worth: nothing, where the manifest does not verify.

        Source: CAWG identity 1.3, which asks for a manifest that is at least well-formed.
        """
        if self.state is ValidationState.INVALID:
            return IdentityState.INVALID
        return identity.state


@dataclass(frozen=True, slots=True)
class Delta:
    """What was found about an ingredient and its assertion did not record (§18.15.12.4.3)."""

    ingredient: str  # URI of the ingredient assertion
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which bytes of the asset the hard binding speaks for (§9.2). Spans ascend."""

    size: int  # of the asset
    store: tuple[Span, ...]  # left out: the manifest store lies there
    other: tuple[Span, ...]  # left out besides; whoever changes these is not found out

    @property
    def covered(self) -> tuple[Span, ...]:
        """All the rest: what goes into the hash."""
        return tuple(complement(merge((*self.store, *self.other)), self.size))


@dataclass(frozen=True, kw_only=True)
class VerificationReport:
    """All that is known of an asset after looking at it.

    `findings` are about the active manifest; `manifests` has the active one first.
    """

    asset: AssetInfo
    location: Location
    findings: tuple[Finding, ...] = ()
    deltas: tuple[Delta, ...] = ()
    manifests: tuple[ManifestReport, ...] = ()
    errors: tuple[ReadError, ...] = ()
    remote_url: str | None = None
    trust: str = ""  # which anchors were in force, in words
    policy: PolicyResult | None = None  # None: no policy was applied
    judged_at: datetime | None = None  # the moment that stood for now
    coverage: Coverage | None = None  # None: no hard binding that names its bytes

    @property
    def active_manifest(self) -> str | None:
        """The label of the active manifest."""
        return self.manifests[0].label if self.manifests else None

    @cached_property
    def state(self) -> ValidationState | None:
        """The verdict over the whole chain; None when there is no manifest."""
        if self.location is Location.NONE:
            return None
        if self.location is Location.REMOTE and not (self.findings or self.errors):
            return None  # it was not fetched
        if self.errors:
            return ValidationState.INVALID
        nested = [finding for delta in self.deltas for finding in delta.findings]
        return state_of(self.findings, nested)

    @property
    def ok(self) -> bool:
        """Is there a manifest, and is it valid?"""
        return self.state in (ValidationState.VALID, ValidationState.TRUSTED)

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `schemas/verification-report.schema.json`, as Python values."""
        from provenance.validate.as_dict import report_dict

        return report_dict(self)


_NEEDED = (Status.CLAIM_SIGNATURE_VALIDATED, Status.CLAIM_SIGNATURE_INSIDE_VALIDITY)
# Failures that reject no claim: that nobody answers where something lies says nothing of the
# claim (C2PA 2.4 §15.10.4.1).
REJECTS_NOTHING = frozenset((Status.ASSERTION_INACCESSIBLE,))


def state_of(findings: Iterable[Finding], nested: Iterable[Finding] = ()) -> ValidationState:
    """The state that findings amount to.

    Trust is apart from integrity: an untrusted signer leaves a manifest valid. What is said of
    the actors whom identity assertions name is apart from both.
    """
    present = {one.status for one in findings}
    failures = {
        status
        for status in present.union(one.status for one in nested)
        if status.kind is Kind.FAILURE
        and not status.about_identity
        and status not in REJECTS_NOTHING
    }
    if not failures <= {Status.SIGNING_CREDENTIAL_UNTRUSTED}:
        return ValidationState.INVALID
    if not present.issuperset(_NEEDED):
        return ValidationState.INVALID
    if failures or Status.SIGNING_CREDENTIAL_TRUSTED not in present:
        return ValidationState.VALID
    return ValidationState.TRUSTED
