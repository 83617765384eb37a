"""What the terms of works say to each other along a chain: findings, and no legal advice.

A finding stands at the work that does something (`work`), and names the one whose terms it is
about (`other`). The graph is read and nothing else: no clock but `at`, no network. Looked at are
edges that somebody signed for; an unsigned hint breaks no terms, and a manifest that does not
validate sets none. Where the owner of the parent has countersigned, what their terms forbid is
agreed to for this one edge.

Source: contributors' "Compatibility", docs/rights.md.
"""

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction

from provenance.chain.graph import (
    MILLION,
    Edge,
    Evidence,
    Graph,
    LineageFinding,
    Relation,
    Work,
    WorkKind,
)
from provenance.model.assertions import rights as rights_assertion
from provenance.model.assertions import training_mining
from provenance.model.assertions.rights import Rights
from provenance.model.labels import AssertionLabel
from provenance.rights import codes
from provenance.rights.consent import disagreements, of_training
from provenance.rights.look import AMONG_MODELS, SIGNED, Look, has_expired, name_of, told
from provenance.rights.numbers import in_percent
from provenance.rights.rates import licence_share, rates, shells

__all__ = ["findings"]

_ADAPTED = frozenset((Relation.EDITED, Relation.COMPOSED, *AMONG_MODELS))
_TERMS = frozenset((rights_assertion.LABEL, *training_mining.NAMES))


def findings(graph: Graph, at: datetime) -> tuple[LineageFinding, ...]:
    """All that is to be said of terms, consent and rates in a graph.

    Args:
        graph: the order of its works and edges is that of the findings.
        at: the moment at which terms must hold; with zone.
    """
    look = Look(graph, at)
    found = [
        *(one for edge in look.signed for one in _of_edge(edge, look)),
        *(one for edge in graph.edges for one in _unsure(edge)),
        *(one for work in graph.works.values() for one in _of_work(work, look)),
        *of_training(look),
    ]
    return tuple(dict.fromkeys(found))


def _of_edge(edge: Edge, look: Look) -> Iterator[LineageFinding]:
    child, parent = look.graph.works[edge.child], look.graph.works[edge.parent]
    if edge.not_after is not None and has_expired(edge.not_after, look.at):
        yield told(codes.EXPIRED, edge, f"what was agreed held until {edge.not_after[:40]}")
    if gone := [one for one in parent.redacted if _name(one) in _TERMS]:
        yield told(codes.REDACTED, edge, f"taken out: {', '.join(sorted(gone))[:200]}")
    if _differs(edge, parent):
        yield told(codes.LICENCE_DIFFERS, edge, f"agreed to {edge.licence}"[:100])
    terms = parent.rights
    if terms is None or look.own(edge):
        return
    if terms.not_after is not None and has_expired(terms.not_after, look.at):
        yield told(codes.EXPIRED, edge, f"the terms held until {terms.not_after[:40]}")
    if _adapts(edge, child):
        yield from _of_derivative(edge, child, terms, look)
    if _needs_credit(edge, child, terms) and not _credits(child, parent, terms, look):
        yield told(codes.ATTRIBUTION_MISSING, edge, f"to be credited: {terms.licensor[:80]}")


def _differs(edge: Edge, parent: Work) -> bool:
    alg, _, agreed = (edge.licence or "").partition(":")
    return alg == "sha256" and parent.rights_sha256 not in (None, agreed)


def _of_derivative(edge: Edge, child: Work, terms: Rights, look: Look) -> Iterator[LineageFinding]:
    agreed = look.agreed(edge)
    if not terms.derivatives.allowed:
        if not agreed:
            yield told(codes.DERIVATIVES_FORBIDDEN, edge, name_of(terms))
    elif terms.derivatives.approval and not agreed:
        yield told(codes.APPROVAL_MISSING, edge, name_of(terms))
    if terms.derivatives.allowed and terms.derivatives.reciprocal:
        if child.rights is None:
            yield told(codes.SHARE_ALIKE_NOT_CARRIED, edge, f"{name_of(terms)}; it has no terms")
        elif not _same_terms(child.rights, terms):
            seen = f"{name_of(terms)}; it has {name_of(child.rights)}"
            yield told(codes.SHARE_ALIKE_NOT_CARRIED, edge, seen)


def _adapts(edge: Edge, child: Work) -> bool:
    """Is the child an adaptation? A collection of unchanged works is none."""
    if edge.relation is Relation.COMPOSED and child.kind is WorkKind.DATASET:
        return False
    return edge.relation in _ADAPTED


def _same_terms(one: Rights, other: Rights) -> bool:
    if one.spdx is not None and one.spdx == other.spdx:
        return True
    return _terms_alone(one) == _terms_alone(other)


def _terms_alone(terms: Rights) -> tuple[object, ...]:
    said = (terms.template, terms.spdx, terms.flavour, terms.territory, terms.channels)
    return (*said, terms.commercial, terms.derivatives, terms.ai)


def _needs_credit(edge: Edge, child: Work, terms: Rights) -> bool:
    if edge.relation not in _ADAPTED:
        return False
    commercial = child.rights is not None and child.rights.commercial.use
    return terms.derivatives.attribution or (terms.commercial.attribution and commercial)


def _credits(child: Work, parent: Work, terms: Rights, look: Look) -> bool:
    """Does the child name one of those behind the parent, or do they share somebody?"""
    named = {*look.owners(child), *([child.signer] if child.signer else ())}
    owners = look.owners(parent)
    # The name in a certificate may be that of a service, which many share.
    parties = look.graph.parties
    known = {
        look.name(one)
        for one in owners
        if one in parties and parties[one].evidence is not Evidence.SIGNER
    }
    wanted = {*known, terms.licensor.casefold().strip()} - {""}
    return bool(named & owners or {look.name(one) for one in named} & wanted)


def _unsure(edge: Edge) -> Iterator[LineageFinding]:
    if edge.rate_ppm and not edge.status.counts:
        seen = f"{edge.status.value}: {_percent(edge.rate_ppm)} is held back"
        yield told(codes.UNVERIFIED, edge, seen)


def _of_work(work: Work, look: Look) -> Iterator[LineageFinding]:
    yield from disagreements(work)
    yield from _of_commerce(work, look)
    edges = look.graph.parents.get(work.id, ())
    owed = rates(edges, look.graph, look.same)
    if sum(owed) > 1:
        seen = f"it owes {in_percent(sum(owed, Fraction()))} in all"
        yield LineageFinding(codes.RATES_OVER_100, work.id, seen)
    for edge in edges:
        if edge.status in SIGNED and edge.parent in look.graph.works and not look.agreed(edge):
            yield from _below_licence(edge, look)
    for group in shells(edges, look.same):
        paid = [edges[at] for at in group if owed[at]]
        if len({edge.parent for edge in paid}) > 1:
            seen = f"owed for {len(paid)} times, also as {paid[1].parent[:80]}"
            yield told(codes.SHELL, paid[0], seen)


def _below_licence(edge: Edge, look: Look) -> Iterator[LineageFinding]:
    if edge.rate_ppm is None and edge.licence is not None:
        return  # the terms were agreed to, and their share with them
    least = licence_share(edge, look.graph)
    if (edge.rate_ppm or 0) < least:
        said = "nothing" if edge.rate_ppm is None else _percent(edge.rate_ppm)
        seen = f"{said} declared, {_percent(least)} asked for"
        yield told(codes.RATE_BELOW_LICENCE, edge, seen)


def _of_commerce(work: Work, look: Look) -> Iterator[LineageFinding]:
    """A commercial work, and what is not for commerce behind it, through works without terms."""
    if work.rights is None or not work.rights.commercial.use:
        return
    for edge in look.out.get(work.id, ()):
        closed = look.graph.works[edge.parent]
        if look.agreed(edge):
            continue
        if closed.rights is None:
            closed = look.graph.works[look.closed.get(edge.parent, edge.parent)]
        if closed.rights is not None and not closed.rights.commercial.use:
            seen = name_of(closed.rights)
            yield LineageFinding(codes.COMMERCIAL_FORBIDDEN, work.id, seen, closed.id)


def _name(label: str) -> str:
    return AssertionLabel.parse(label.rpartition("/")[2]).name


def _percent(ppm: int) -> str:
    return in_percent(Fraction(ppm, MILLION))
