"""The owner of a work agrees to what one child says it owes: the other half of an edge.

It is said in an update manifest of the owner's own file, so the child stays as it is. Whoever
traces the child with that file at hand finds the edge countersigned.
"""

from datetime import UTC, datetime
from pathlib import Path

from provenance.build.definition import AssertionDefinition, ManifestDefinition
from provenance.build.sign import SignReceipt
from provenance.build.update import update
from provenance.chain.credits import key_id
from provenance.chain.graph import Edge, Graph
from provenance.chain.trace import trace
from provenance.cose.signer import Signer
from provenance.errors import DefinitionError
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.model.assertions.contribution import ACCEPTANCE, Acceptance
from provenance.trust.tsa import Authority

__all__ = ["accept"]

_WHAT = "acceptance"


def accept(
    parent: str | Path,
    child: str | Path,
    output: str | Path | None,
    *,
    signer: Signer,
    rate_ppm: int | None = None,
    not_after: str | None = None,
    in_place: bool = False,
    authority: Authority | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> SignReceipt:
    """Agree to what a child owes to one's work.

    Args:
        parent: one's own signed file; where its manifest lies beside it, that one is written.
        child: the file that was made of it.
        output: where the parent with the acceptance goes, or with the suffix `.c2pa` its manifest
            store alone; None with `in_place`.
        signer: the parent's owner, with the key that signed it.
        rate_ppm: what is agreed to; the child's own word when absent.
        not_after: until when, RFC 3339.
        in_place: replace the parent's file, or its sidecar.
        authority: who attests the time, if anybody.
        limits: how much untrusted input to read.

    Raises:
        DefinitionError: the child does not say that it was made of the parent, or says another
            rate; or the key is not that of an owner.
        SigningError, MalformedError, OSError: as `update`.
    """
    if not_after is not None and not _is_moment(not_after):
        raise DefinitionError(_WHAT, f"{not_after[:40]!r} is no time, such as 2027-01-01T00:00:00Z")
    ours = trace(parent, limits=limits)
    if ours.works[ours.root].manifest is None:
        raise DefinitionError(_WHAT, f"{parent} has no manifest that could be agreed to")
    edge = _edge(trace(child, limits=limits), ours.root, parent, child)
    _check_owner(ours, signer)
    if rate_ppm is not None and rate_ppm != (edge.rate_ppm or 0):
        said = (edge.rate_ppm or 0) / 10_000
        raise DefinitionError(_WHAT, f"{child} says {said:g} %, not {rate_ppm / 10_000:g} %")
    told = Acceptance(
        child=edge.child,
        parent=edge.parent,
        licence=bytes.fromhex(edge.licence.partition(":")[2]) if edge.licence else None,
        rate_ppm=edge.rate_ppm or 0,
        issued_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        not_after=not_after,
    )
    definition = ManifestDefinition(
        assertions=(AssertionDefinition(label=ACCEPTANCE, data=told.to_cbor()),)
    )
    return update(
        parent,
        output,
        definition,
        signer=signer,
        in_place=in_place,
        authority=authority,
        limits=limits,
    )


def _edge(graph: Graph, ours: str, parent: str | Path, child: str | Path) -> Edge:
    for edge in graph.parents[graph.root]:
        if edge.parent == ours:
            return edge
    raise DefinitionError(_WHAT, f"{child} does not say that it was made of {parent}")


def _check_owner(ours: Graph, signer: Signer) -> None:
    """Whoever reads it will ask: is it the key of somebody who owns the work?"""
    work = ours.works[ours.root]
    chain = signer.certificate_chain
    key = key_id(bytes(chain[0])) if chain else None
    owners = {one.party for one in ours.owners[ours.root] if one.weight}
    own = work.signer if work.signer and all(one.startswith("name:") for one in owners) else None
    known = {own} if own else owners
    known |= {alias for one in known if one in ours.parties for alias in ours.parties[one].aliases}
    if key not in known:
        names = ", ".join(ours.parties[one].name for one in sorted(known) if one in ours.parties)
        raise DefinitionError(
            _WHAT, f"is for the work's owner to sign, {names or 'whom nobody knows'}: another key"
        )


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
