"""The owner of a work agrees to what one child says it owes: the other half of an edge.

It is said in an update manifest of the owner's own file, so the child stays as it is. Whoever
traces the child with that file at hand finds the edge countersigned.
"""

from datetime import UTC, datetime
from pathlib import Path

from provenance.build.definition import AssertionDefinition, ManifestDefinition
from provenance.build.sign import SignReceipt
from provenance.build.update import update
from provenance.chain.account import claim_id
from provenance.chain.graph import Edge, Graph
from provenance.chain.trace import trace
from provenance.cose.signer import Signer
from provenance.errors import DefinitionError
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.model.assertions.contribution import ACCEPTANCE, Acceptance
from provenance.trust.tsa import Authority
from provenance.validate.run import examine

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
        output: where the parent with the acceptance goes; None with `in_place`.
        signer: the parent's owner, with the key that signed it.
        rate_ppm: what is agreed to; the child's own word when absent.
        not_after: until when, RFC 3339.
        in_place: replace the parent's file, or its sidecar.
        authority: who attests the time, if anybody.
        limits: how much untrusted input to read.

    Raises:
        DefinitionError: the child does not say that it owes anything to the parent, or another
            rate.
        SigningError, MalformedError, OSError: as `update`.
    """
    store = examine(parent, limits=limits).store
    if store is None or store.active is None:
        raise DefinitionError(_WHAT, f"{parent} has no manifest that could be agreed to")
    ours = {claim_id(one) for one in store.manifests}
    edge = _edge(trace(child, limits=limits), ours, parent, child)
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


def _edge(graph: Graph, ours: set[str], parent: str | Path, child: str | Path) -> Edge:
    for edge in graph.parents[graph.root]:
        if edge.parent in ours:
            return edge
    raise DefinitionError(_WHAT, f"{child} does not say that it was made of {parent}")
