"""What one manifest tells of its work: facts, ready to be joined, with the boxes left behind.

    Examined ──read_accounts──▶ Account, Account, …       one a manifest, the active one first

Nothing that a manifest says counts unless it validates: a broken one keeps its name, its place and
its ingredients, so that the break can be shown, and loses its terms, its people and its rates.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from provenance.chain.credits import Person, creators_of, people_of, signer_of
from provenance.chain.links import Link, links_of
from provenance.chain.prints import binding_of
from provenance.chain.stated import NOTHING, Stated, read_stated
from provenance.errors import MalformedError
from provenance.jumbf import JumbfUri
from provenance.model import labels
from provenance.model.assertions import actions, asset_type
from provenance.model.assertions.asset_type import AssetTypes
from provenance.model.assertions.content import is_redacted
from provenance.model.store import Manifest, ManifestKind
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.reading import Reading
from provenance.validate.results import ManifestReport, ValidationState, state_of
from provenance.validate.run import Examined
from provenance.validate.status import Status

__all__ = ["Account", "claim_id", "read_accounts"]

# That the manifest of an ingredient is not there takes nothing from what this one says.
_ELSEWHERE = frozenset((Status.INGREDIENT_MANIFEST_MISSING,))
_BINDINGS = ("dataHash", "bmffHash", "boxesHash", "collectionHash", "multiAssetHash", "segmentHash")
_BINDING_CODES = tuple(f"assertion.{name}." for name in _BINDINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A manifest's account of a work, as one store has it.

    Args:
        claim: the work's id by this manifest alone; see `claim_id`.
        updates: of an update manifest, the id of what it updates; it is no work of its own.
        broken: it does not validate; `why` has the codes.
        bound: it speaks for a file that was looked at, and that its hard binding was checked with.
        fingerprint: what its hard binding comes to, the same for the same content.
        content_digest: `sha256:…` of all content but the store, if the binding has it in one piece.
        place: the file, and where in it.
    """

    claim: str
    label: str
    updates: str | None
    state: str
    broken: bool
    revoked: bool
    why: tuple[str, ...]
    bound: bool = False
    signer: Person | None = None
    title: str | None = None
    format: str | None = None
    types: tuple[str, ...] = ()
    source_types: tuple[str, ...] = ()
    fingerprint: str | None = None
    content_digest: str | None = None
    asset_sha256: str | None = None
    stated: Stated = NOTHING
    people: tuple[Person, ...] = ()
    creators: tuple[str, ...] = ()
    redacted: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    signed_at: str | None = None
    place: str | None = None
    notes: tuple[tuple[str, str], ...] = ()  # codes, each with what was seen

    def spoiled(self, why: tuple[str, ...]) -> "Account":
        """The same, of a file that does not validate: what it says does not count."""
        return replace(
            self,
            state=ValidationState.INVALID,
            broken=True,
            why=why,
            signer=None,
            stated=replace(NOTHING, notes=self.stated.notes),
            people=(),
            creators=(),
        )

    def updated(self, updates: Sequence["Account"]) -> "Account":
        """The same with the terms that its own signer has set since; the newest go first."""
        for one in updates:
            same = self.signer and one.signer and self.signer.id == one.signer.id is not None
            if same and one.stated.rights is not None:
                uses = {**self.stated.uses, **one.stated.uses}
                terms, hash_ = one.stated.rights, one.stated.rights_sha256
                stated = replace(self.stated, rights=terms, rights_sha256=hash_, uses=uses)
                return replace(self, stated=stated)
        return self


def claim_id(manifest: Manifest) -> str:
    """The id of a signed work: by the COSE_Sign1 of its claim signature.

    One without a signature goes by its label; it cannot validate.
    """
    box = manifest.find((labels.SIGNATURE,))
    content = box.first(b"cbor") if box is not None else None
    if content is None:
        return f"hint:unsigned:{manifest.label}"
    return f"claim:sha256:{sha256(content.payload).hexdigest()}"


def read_accounts(
    examined: Examined, place: str | None = None, *, alone: bool = False
) -> tuple[Account, ...]:
    """The accounts of all manifests of a chain, the active one first.

    Args:
        examined: a file that was verified.
        place: what to call it.
        alone: it is a manifest store without its asset, whose hard binding says nothing.
    """
    context = examined.context
    if context is None:
        return ()
    ids = {label: claim_id(one.manifest) for label, one in context.readings.items()}
    redacted = _redacted(context)
    found = tuple(
        _read(report, context, ids, redacted, place, active=not number, alone=alone)
        for number, report in enumerate(examined.report.manifests)
    )
    flaws = {one.label: one.why or ("unsigned",) for one in found if one.broken}
    return tuple(replace(one, links=_flawed(one.links, flaws)) for one in found) if flaws else found


def _flawed(links: tuple[Link, ...], flaws: Mapping[str, tuple[str, ...]]) -> tuple[Link, ...]:
    """The links, those that lead to a manifest that does not validate marked so."""
    return tuple(
        replace(one, flaws=(*one.flaws, *flaws.get(one.manifest or "", ()))) for one in links
    )


def _redacted(context: Context) -> Mapping[str, tuple[str, ...]]:
    """The labels of assertions that are gone, by manifest."""
    found: dict[str, list[str]] = {}
    for url in sorted(context.redacted):
        try:
            path = JumbfUri.parse(url).labels
        except MalformedError:
            continue
        reading = context.readings.get(path[0]) if path else None
        box = reading.manifest.find(path[1:]) if reading and len(path) > 1 else None
        if reading is not None and (box is None or is_redacted(box)):
            found.setdefault(path[0], []).append(path[-1])
    return {label: tuple(gone) for label, gone in found.items()}


def _read(
    report: ManifestReport,
    context: Context,
    ids: Mapping[str, str],
    redacted: Mapping[str, tuple[str, ...]],
    place: str | None,
    *,
    active: bool,
    alone: bool,
) -> Account:
    reading = context.readings[report.label]
    failures = tuple(_failures(report.findings, alone=alone))
    state = state_of(one for one in report.findings if _counts(one, alone=alone))
    broken = state is ValidationState.INVALID
    account = Account(
        claim=ids[report.label],
        label=report.label,
        updates=None,
        state=report.state,
        broken=broken,
        revoked=Status.SIGNING_CREDENTIAL_OCSP_REVOKED.code in failures,
        why=failures,
        bound=active and not alone,
        title=reading.claim.title if reading.claim else None,
        redacted=redacted.get(report.label, ()),
        place=place if active else _inside(place, report.label),
    )
    if reading.claim is None:
        return account
    stated = read_stated(reading, context, sound=not broken)
    links, unmatched = links_of(reading, context, ids, stated.contribution)
    updates = None
    if reading.manifest.kind is ManifestKind.UPDATE:
        updates = next((one.claim for one in links if one.relationship == "parentOf"), None)
    account = replace(
        account,
        updates=updates,
        links=links,
        types=tuple(_types(reading)),
        source_types=tuple(_source_types(reading)),
        format=reading.claim.format,
        notes=(*stated.notes, *unmatched),
        **binding_of(reading),
    )
    if broken:
        return account
    return replace(
        account,
        signer=signer_of(report, reading),
        stated=stated,
        people=people_of(report, reading, context),
        creators=creators_of(reading),
        signed_at=_signed_at(report),
    )


def _inside(place: str | None, label: str) -> str:
    return f"{place}#{label}" if place else label


def _counts(finding: Finding, *, alone: bool) -> bool:
    if finding.status in _ELSEWHERE:
        return False
    return not (alone and finding.failed and finding.status.code.startswith(_BINDING_CODES))


def _failures(findings: tuple[Finding, ...], *, alone: bool) -> Iterator[str]:
    codes = (
        one.status.code
        for one in findings
        if one.failed
        and not one.status.about_identity
        and one.status is not Status.SIGNING_CREDENTIAL_UNTRUSTED
        and _counts(one, alone=alone)
    )
    yield from dict.fromkeys(codes)


def _types(reading: Reading) -> Iterator[str]:
    """What the asset says it is: `c2pa.asset-type`, in either version."""
    for listed in reading.named(asset_type.LABEL.removesuffix(".v2")):
        if listed.box is None or listed.problem is not None:
            continue
        try:
            yield from (one.type for one in AssetTypes.read(listed.value).types)
        except MalformedError:
            continue


def _source_types(reading: Reading) -> Iterator[str]:
    """The last part of each digital source type of the actions that made the asset."""
    for typed in reading.actions:
        for one in typed.content.actions if typed.content else ():
            if one.action == actions.CREATED and one.digital_source_type:
                yield one.digital_source_type.rpartition("/")[2]


def _signed_at(report: ManifestReport) -> str | None:
    time = report.signature.time if report.signature else None
    return time.isoformat() if time else None
