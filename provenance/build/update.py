"""Update manifests: what is said of an asset after it was signed, without touching its content.

    redact      takes assertions out of earlier manifests
    timestamp   has the active manifest's signature attested
    update      adds statements

The asset's hard binding stays that of the manifest below: nothing is hashed again, and only the
manifest store grows. Where the store lies beside the asset, it is that file that is written; and
any store may be written to one, `-o OUT.c2pa`. Source: C2PA 2.2 §11.2.3.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from provenance.build import ingredients
from provenance.build.assemble import Sealed, manifest_box, store_box
from provenance.build.definition import ManifestDefinition
from provenance.build.draft import new_claim
from provenance.build.embed import Output, pour_with, replacing, seal
from provenance.build.identity import name_of
from provenance.build.merge import Merged
from provenance.build.redaction import find_targets, reason_of, without
from provenance.build.shelf import Shelf, hashed_part
from provenance.build.sign import Definition, SignReceipt, read_definition, target_of, verified
from provenance.build.statements import state
from provenance.cbor import encode
from provenance.cose.sign1 import parse as parse_sign1
from provenance.cose.signer import Signer
from provenance.errors import DefinitionError, MalformedError, SigningError
from provenance.formats import registry
from provenance.formats.sidecar import paired
from provenance.jumbf import JumbfUri, parse, uuids
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.model import labels
from provenance.model.assertions import actions as actions_assertion
from provenance.model.assertions import ingredient as ingredient_assertion
from provenance.model.assertions.actions import Action, Actions
from provenance.model.assertions.ingredient import Ingredient, Relationship
from provenance.model.hashed_uri import HashedUri
from provenance.model.store import ManifestStore
from provenance.source import Asset, open_source
from provenance.trust.settings import TrustSettings
from provenance.trust.tsa import Authority, request_token
from provenance.validate.results import Location, VerificationReport
from provenance.validate.run import examine
from provenance.validate.walk import walk

__all__ = ["redact", "timestamp", "update"]

_TIME_STAMP = "c2pa.time-stamp"
_STORE = ".c2pa"
# Bytes of padding that make an odd store even, or an even one odd: a RIFF follows an odd one by a
# byte that the hash below may cover, so it has to come out as the old one did.
_ODD = 17
_ABOUT_CONTENT = (
    *("generator", "models", "prompt", "sources", "parent", "components"),
    *("kind", "bases", "datasets", "owes", "authors", "contributors", "completeness"),
)
_ALLOWED = frozenset(("c2pa.edited.metadata", "c2pa.published"))


@dataclass(frozen=True, slots=True)
class _Changed:
    """The manifests as they will be in the new store."""

    manifests: tuple[Merged, ...]
    redacted: tuple[str, ...] = ()  # URIs of what was taken out of them


@dataclass(frozen=True, slots=True)
class _Below:
    """What an update manifest stands upon."""

    store: ManifestStore
    report: VerificationReport
    changed: _Changed


def redact(
    asset: Asset,
    output: Output | None,
    wanted: Iterable[str],
    *,
    reason: str,
    signer: Signer,
    in_place: bool = False,
    authority: Authority | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> SignReceipt:
    """Take assertions out of an asset's manifests, and say so in an update manifest.

    Args:
        asset: a signed asset.
        output: where the result goes.
        wanted: labels of assertions, or their URIs.
        reason: `pii`, `invalid-data`, `trade-secret`, `government-confidential`, or a reason in
            somebody's namespace.
        signer: who answers for it.
        in_place: replace the asset itself.
        authority: who attests the time of signing, if anybody.
        limits: how much untrusted input to read.

    Raises:
        DefinitionError: no such assertion, or one that cannot be redacted.
        SigningError, MalformedError, OSError: as `sign`.
    """
    why = reason_of(reason)

    def change(store: ManifestStore) -> _Changed:
        active = store.active
        readings = walk(store, active, limits).readings if active else {}
        targets = find_targets(wanted, readings)
        return _Changed(without(store, targets, readings), targets)

    def say(shelf: Shelf, below: _Below) -> None:
        told = tuple(
            Action(action="c2pa.redacted", reason=why, parameters={"redacted": one})
            for one in below.changed.redacted
        )
        shelf.cbor(actions_assertion.LABEL, Actions(actions=told, all_included=True).to_cbor())

    return _append(
        asset,
        output,
        change,
        say,
        signer=signer,
        in_place=in_place,
        authority=authority,
        limits=limits,
    )


def timestamp(
    asset: Asset,
    output: Output | None,
    *,
    authority: Authority,
    signer: Signer,
    in_place: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> SignReceipt:
    """Have the signature of an asset's active manifest time-stamped, later than it was made.

    The token is over the bare signature bytes, as c2pa-rs makes and reads it; the standard leaves
    open whether it means those or a countersignature, and we read either.

    Raises:
        SigningError: the authority failed, or the asset cannot be extended.
        MalformedError, OSError: as `sign`.

    Source: C2PA 2.2 §18.17.3.
    """

    def say(shelf: Shelf, below: _Below) -> None:
        active = below.store.active
        box = active.find((labels.SIGNATURE,)) if active else None
        content = box.first(b"cbor") if box else None
        if active is None or content is None:
            raise MalformedError("claim signature", "is not there")
        token = request_token(authority, parse_sign1(content.payload, limits).signature)
        shelf.cbor(_TIME_STAMP, {active.label: token})

    return _append(
        asset,
        output,
        _as_is,
        say,
        signer=signer,
        in_place=in_place,
        authority=authority,
        limits=limits,
    )


def update(
    asset: Asset,
    output: Output | None,
    definition: Definition,
    *,
    signer: Signer,
    in_place: bool = False,
    authority: Authority | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> SignReceipt:
    """Add statements to a signed asset: creators, permissions, metadata, any other assertion.

    Args:
        asset: a signed asset.
        output: where the result goes.
        definition: what to say. What would change the content, or needs ingredients, is refused.
        signer: who says it.
        in_place: replace the asset itself.
        authority: who attests the time of signing, if anybody.
        limits: how much untrusted input to read.

    Raises:
        DefinitionError: something that an update manifest cannot hold.
        SigningError, MalformedError, OSError: as `sign`.
    """
    described = read_definition(definition)
    _check_statements(described)

    def say(shelf: Shelf, below: _Below) -> None:
        del below
        told = tuple(
            Action(action=one.action, description=one.description, when=one.when)
            for one in described.actions
        ) or (Action(action="c2pa.edited.metadata"),)
        shelf.cbor(actions_assertion.LABEL, Actions(actions=told, all_included=True).to_cbor())
        state(shelf, described, name_of(signer))

    return _append(
        asset,
        output,
        _as_is,
        say,
        signer=signer,
        in_place=in_place,
        authority=authority,
        limits=limits,
        described=described,
    )


def _check_statements(definition: ManifestDefinition) -> None:
    for name in _ABOUT_CONTENT:
        if getattr(definition, name):
            raise DefinitionError(
                f"manifest definition.{name}", "is for signing; an update leaves the content alone"
            )
    for one in definition.actions:
        if one.action not in _ALLOWED:
            raise DefinitionError(
                "manifest definition.actions",
                f"{one.action} cannot stand in an update; {' and '.join(sorted(_ALLOWED))} can",
            )


def _as_is(store: ManifestStore) -> _Changed:
    return _Changed(tuple(Merged(one.label, bytes(one.box.raw)) for one in store.manifests))


def _append(
    asset: Asset,
    output: Output | None,
    change: Callable[[ManifestStore], _Changed],
    say: Callable[[Shelf, _Below], None],
    *,
    signer: Signer,
    in_place: bool,
    authority: Authority | None,
    limits: Limits,
    described: ManifestDefinition | None = None,
) -> SignReceipt:
    """Write the asset with one more manifest: its store, an update on top."""
    examined = examine(asset, at=datetime.now(UTC), limits=limits, trust=TrustSettings())
    if examined.store is None:
        told = examined.report.errors[0].message if examined.report.errors else "it has none"
        raise SigningError("manifest store", f"an update needs one to stand upon; {told}")
    beside = examined.report.location is Location.SIDECAR
    alone = beside or _is_store(output, asset)
    place = _place(asset, output, alone=alone, in_place=in_place)
    below = _Below(examined.store, examined.report, change(examined.store))
    shelf = Shelf("sha256")
    shelf.cbor(ingredient_assertion.LABEL, _parent(below).to_cbor())
    say(shelf, below)
    label = labels.new_manifest_urn()
    claim = replace(
        new_claim(described or ManifestDefinition(), label, shelf.alg),
        created=tuple(one.ref for one in shelf.items if one.created),
        gathered=tuple(one.ref for one in shelf.items if not one.created),
        redacted=below.changed.redacted,
    )
    encoded = encode(claim.to_cbor())
    boxes = [one.box for one in shelf.items]
    sealed = seal(signer, encoded, authority)

    def stored(sealed: Sealed) -> bytes:
        newest = manifest_box(uuids.UPDATE_MANIFEST, label, boxes, encoded, sealed)
        return store_box((*(one.box for one in below.changed.manifests), newest))

    store = stored(sealed)
    like = Path(place) if in_place and isinstance(place, (str, Path)) else None
    if alone:
        report = verified(asset, limits, manifest=store)
        with replacing(place, like=like) as out:
            out.write(store)
        written = Path(place) if isinstance(place, (str, Path)) else None
        return SignReceipt(manifest=label, sidecar=written, report=report)
    with open_source(asset) as source, replacing(place, like=like) as out:
        suffix = Path(asset).suffix if isinstance(asset, (str, Path)) else ""
        handler = registry.find(source, suffix)
        before = handler.locate(source, limits)
        if (len(store) - len(before.store or b"")) % 2:
            store = stored(replace(sealed, reserve=sealed.reserve + _ODD))
        try:
            plan = handler.plan_update(source, store, limits)
        except MalformedError as error:
            raise SigningError("an update", str(error)) from error
        pour_with(plan, source, store, out)
        out.flush()
        report = _verified(out, below, limits)
    written = Path(place) if isinstance(place, (str, Path)) else None
    return SignReceipt(manifest=label, output=written, report=report)


def _is_store(output: Output | None, asset: Asset) -> bool:
    """Is it the manifest store alone that is asked for, of an asset that is none itself?"""
    suffixes = [
        Path(one).suffix.lower() if isinstance(one, (str, Path)) else "" for one in (output, asset)
    ]
    return suffixes[0] == _STORE and suffixes[1] != _STORE


def _place(asset: Asset, output: Output | None, *, alone: bool, in_place: bool) -> Output:
    """Where the result goes.

    Raises:
        SigningError: no place, the asset's own, or no name for a manifest store.
    """
    place = target_of(asset, output, sidecar=alone, in_place=in_place)
    held = paired(Path(asset)) if alone and isinstance(asset, (str, Path)) else None
    if held is not None and in_place:
        return held
    if held is not None and isinstance(place, (str, Path)) and _same(held, Path(place)):
        raise SigningError(str(place), "is the asset's sidecar; say in_place to replace it")
    if alone and isinstance(place, (str, Path)) and Path(place).suffix.lower() != _STORE:
        raise SigningError(
            str(place), "cannot take the manifest store, which lies beside the file: name OUT.c2pa"
        )
    return place


def _same(a: Path, b: Path) -> bool:
    return b.exists() and a.samefile(b)


def _verified(out: BinaryIO, below: _Below, limits: Limits) -> VerificationReport:
    """Read the result once more; some containers cannot hold a longer store and stay bound."""
    try:
        return verified(out, limits)
    except SigningError as error:
        if not below.report.ok:
            raise
        told = f"would change what the hard binding covers ({error.problem}); sign anew instead"
        raise SigningError("an update", told) from error


def _parent(below: _Below) -> Ingredient:
    active = below.store.active
    kept = next(
        (one for one in below.changed.manifests if active and one.label == active.label), None
    )
    if kept is None:
        raise MalformedError("manifest store", "holds no manifest")
    signature = parse(kept.box).only(labels.SIGNATURE)
    if signature is None:
        raise MalformedError("claim signature", "is not there")
    at = JumbfUri((kept.label,), absolute=True)
    beside = JumbfUri((kept.label, labels.SIGNATURE), absolute=True)
    return Ingredient(
        version=3,
        relationship=Relationship.PARENT_OF,
        active_manifest=HashedUri.of(at.text, hashed_part(kept.box), "sha256"),
        claim_signature=HashedUri.of(beside.text, signature.hashed, "sha256"),
        results=ingredients.record(below.report),
    )
