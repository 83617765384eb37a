"""What the page of a lineage shows: a card for each work, people, shares, findings; no markup yet.

Text from files goes through `clean`; what markup means is the template's care. Everything is
bounded, and says so where it ends. Names of elements are numbers of our own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from provenance.chain.graph import Edge, EdgeStatus, Party, Work
from provenance.report.escape import clean
from provenance.report.lineage_advice import ADVICE
from provenance.report.lineage_chart import Chart, chart
from provenance.report.lineage_groups import Picture, drawn, group_name
from provenance.report.lineage_view import Change, Found, View
from provenance.report.lineage_words import (
    EVIDENCE,
    RELATIONS,
    STATUS,
    STATUS_SENTENCES,
    kind_of,
    name_of,
    owed,
    role,
    state_of,
    summary,
    terms,
    verdict,
)
from provenance.report.steps import NEUTRAL, TONES, Fact
from provenance.report.style import Tone
from provenance.rights.codes import Kind
from provenance.rights.numbers import in_percent
from provenance.rights.shares import Unclaimed
from provenance.rights.statement import CANNOT_SHOW

__all__ = ["Card", "Owner", "Page", "Person", "Place", "Ref", "Remark", "page"]

_CARDS = 2000
_REFS = 200  # of one kind, on one card
_PEOPLE = 500
_LINKS = 8  # works of one contributor
_PLACES = 20  # of one code
_ROWS = 30
_KINDS = {Kind.FAILURE: Tone.BAD, Kind.WARNING: Tone.WARN, Kind.NOTE: Tone.STRONG}


@dataclass(frozen=True, slots=True)
class Ref:
    """A work that another is made of or used in; without a card there is nothing to go to."""

    card: str | None
    name: str
    words: str = ""
    tone: str = NEUTRAL
    status: str = ""
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody with a part in a work."""

    name: str
    words: str  # role, evidence, part


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A work, or a group of works."""

    id: str
    kind: str
    title: str
    words: str = ""
    tone: str = NEUTRAL
    money: str = ""
    facts: tuple[Fact, ...] = ()
    owners: tuple[Owner, ...] = ()
    terms: tuple[Fact, ...] = ()
    made_of: tuple[Ref, ...] = ()
    used_in: tuple[Ref, ...] = ()
    members: tuple[Ref, ...] = ()
    found: tuple[str, ...] = ()
    more: int = 0  # refs that are not shown


@dataclass(frozen=True, slots=True)
class Person:
    """A contributor."""

    name: str
    evidence: str
    tone: str
    roles: str
    works: tuple[Ref, ...]
    more: int  # works that are not shown
    terms: str
    amount: str
    part: str
    payee: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was found."""

    works: tuple[Ref, ...]
    seen: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A code that was found, in words."""

    code: str
    tone: str
    sentence: str
    advice: str
    places: tuple[Place, ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that the template prints."""

    name: str
    verdict: str
    tone: str
    summary: str
    unreliable: bool
    chart: Chart
    cards: tuple[Card, ...]
    more_cards: int
    people: tuple[Person, ...]
    more_people: int
    amount: str | None  # what was split
    policy: str
    problem: str | None
    unclaimed: tuple[tuple[Ref, str, str], ...]
    changes: tuple[Change, ...]
    remarks: tuple[Remark, ...]
    cannot_show: str
    facts: tuple[Fact, ...]


def page(view: View) -> Page:
    """Everything there is to show of a lineage."""
    return _Maker(view, drawn(view)).page()


class _Maker:
    """Makes the page: which works have a card is worked out once."""

    def __init__(self, view: View, picture: Picture) -> None:
        self._view = view
        self._picture = picture
        seen = {node.works[0] for node in picture.nodes if not node.is_group}
        self._cards = {
            id_: f"w{at}" for id_, at in view.number.items() if at <= _CARDS or id_ in seen
        }
        self._nodes = tuple(
            self._cards[node.works[0]] if not node.is_group else f"g{at}"
            for at, node in enumerate(picture.nodes)
        )
        self._found: dict[str, list[str]] = {}
        for one in view.found:
            for where in one.where:
                self._found.setdefault(where.work, []).append(one.row.sentence)

    def page(self) -> Page:
        view = self._view
        answer, people = verdict(view.lineage), self._people()
        split = view.split
        return Page(
            name=name_of(view.lineage.root),
            verdict=answer.words,
            tone=TONES[answer.tone],
            summary=summary(view.lineage),
            unreliable=answer.tone is Tone.BAD,
            chart=chart(view, self._picture, self._nodes),
            cards=(*map(self._card, self._cards), *self._groups()),
            more_cards=len(view.number) - len(self._cards),
            people=tuple(self._person(one) for one in people[:_PEOPLE]),
            more_people=max(0, len(people) - _PEOPLE),
            amount=view.money(split.amount) if split else None,
            policy=clean(split.policy, 40) if split else "",
            problem=clean(view.problem) if view.problem else None,
            unclaimed=tuple(map(self._unclaimed, split.unclaimed[:_PEOPLE])) if split else (),
            changes=view.changes[:_PEOPLE],
            remarks=tuple(map(self._remark, view.found)),
            cannot_show=CANNOT_SHOW,
            facts=tuple(self._about()),
        )

    def _people(self) -> tuple[Party, ...]:
        """Who is owed most goes first; without a split, who is surely known."""
        shares = self._view.shares
        people = self._view.lineage.contributors()
        parts = {id_: share.fraction for id_, share in shares.items()}
        return tuple(sorted(people, key=lambda one: -parts.get(one.id, Fraction())))

    def _groups(self) -> Iterator[Card]:
        for id_, node in zip(self._nodes, self._picture.nodes, strict=True):
            if node.is_group:
                yield Card(
                    id=id_,
                    kind="group",
                    title=group_name(self._view, node),
                    members=tuple(map(self._ref, node.works[:_REFS])),
                    more=max(0, len(node.works) - _REFS),
                )

    def _ref(self, id_: str) -> Ref:
        return Ref(self._cards.get(id_), self._view.work_name(id_))

    def _card(self, id_: str) -> Card:
        view, work = self._view, self._view.graph.works[id_]
        state = state_of(work)
        made, used = tuple(view.made_of(id_)), view.used_in.get(id_, ())
        return Card(
            id=self._cards[id_],
            kind=kind_of(work),
            title=name_of(work),
            words=state.words,
            tone=TONES.get(state.tone, NEUTRAL),
            money=self._reaches(id_),
            facts=tuple(self._facts(work)),
            owners=tuple(self._owners(id_)),
            terms=tuple(Fact(*row) for row in terms(work)),
            made_of=tuple(self._edge(edge, rate) for edge, rate in made[:_REFS]),
            used_in=tuple(self._user(edge) for edge in used[:_REFS]),
            found=tuple(dict.fromkeys(self._found.get(id_, ())))[:_ROWS],
            more=max(0, len(made) - _REFS) + max(0, len(used) - _REFS),
        )

    def _reaches(self, id_: str) -> str:
        split, part = self._view.split, self._view.flows.get(id_)
        if split is None or part is None or split.policy != "flow/1":
            return ""
        units = split.amount * part
        told = self._view.money(units.numerator // units.denominator)
        return f"{told} of {self._view.money(split.amount)} reaches it, {in_percent(part)}"

    def _facts(self, work: Work) -> Iterator[Fact]:
        signer = self._view.signer(work)
        if signer:
            evidence = self._view.graph.parties.get(work.signer or "")
            known = f" ({EVIDENCE[evidence.evidence]})" if evidence else ""
            yield Fact("signed by", signer + known)
        if work.signed_at:
            yield Fact("signed at", clean(work.signed_at, 40))
        if work.complete != "unknown":
            yield Fact("its list of contributors", clean(work.complete, 40))
        for label in work.redacted[:_ROWS]:
            yield Fact("taken out", clean(label, 120))
        if work.manifest:
            yield Fact("manifest", clean(work.manifest, 120))
        if work.asset_sha256:
            yield Fact("SHA-256", clean(work.asset_sha256, 64))
        yield Fact("id", clean(work.id, 120))

    def _owners(self, id_: str) -> Iterator[Owner]:
        parts = self._view.graph.owners.get(id_, ())
        total = sum(one.weight for one in parts)
        for one in parts[:_REFS]:
            told = [role(one.role), EVIDENCE[one.evidence]]
            if total and len(parts) > 1:
                told.append(in_percent(Fraction(one.weight, total)))
            yield Owner(self._view.party_name(one.party), ", ".join(told))

    def _edge(self, edge: Edge, rate: Fraction) -> Ref:
        status, told = STATUS[edge.status], owed(edge, rate)
        words = RELATIONS[edge.relation] + (f", {told} owed" if told else "")
        told_more = edge.status is not EdgeStatus.DECLARED
        facts = [Fact("known how", STATUS_SENTENCES[edge.status])] if told_more else []
        if edge.units:
            facts.append(Fact("units", str(edge.units)))
        if edge.licence:
            facts.append(Fact("terms agreed to", clean(edge.licence, 100)))
        if edge.not_after:
            facts.append(Fact("until", clean(edge.not_after, 40)))
        if edge.evidence:
            facts.append(Fact("stated in", clean(edge.evidence, 200)))
        return Ref(
            self._cards.get(edge.parent),
            self._view.work_name(edge.parent),
            words,
            TONES.get(status.tone, NEUTRAL),
            status.words,
            tuple(facts),
        )

    def _user(self, edge: Edge) -> Ref:
        name = self._view.work_name(edge.child)
        return Ref(self._cards.get(edge.child), name, f"{RELATIONS[edge.relation]} it")

    def _person(self, party: Party) -> Person:
        view, share = self._view, self._view.shares.get(party.id)
        works = tuple(dict.fromkeys(part.work for part in view.parts.get(party.id, ())))
        roles = dict.fromkeys((*party.roles, *(part.role for part in view.parts[party.id])))
        held = view.terms_of(party)
        shown = "; ".join(held[:_LINKS]) + ("; …" if len(held) > _LINKS else "")
        return Person(
            name=view.party_name(party.id),
            evidence=EVIDENCE[party.evidence],
            tone=("good", NEUTRAL, "warn")[tuple(EVIDENCE).index(party.evidence)],
            roles=", ".join(role(one) for one in tuple(roles)[:_LINKS]),
            works=tuple(map(self._ref, works[:_LINKS])),
            more=max(0, len(works) - _LINKS),
            terms=shown,
            amount=view.money(share.amount if share else 0) if view.split else "",
            part=in_percent(share.fraction if share else Fraction()) if view.split else "",
            payee=clean(party.payee, 100) if party.payee else "",
        )

    def _unclaimed(self, one: Unclaimed) -> tuple[Ref, str, str]:
        return self._ref(one.work), self._view.money(one.amount), in_percent(one.fraction)

    def _remark(self, one: Found) -> Remark:
        places = tuple(
            Place(tuple(self._about_works((where.work, where.other))), clean(where.explanation))
            for where in one.where[:_PLACES]
        )
        return Remark(
            code=one.row.code,
            tone=TONES.get(_KINDS[one.row.kind], NEUTRAL),
            sentence=one.row.sentence,
            advice=ADVICE.get(one.row.code, ""),
            places=places,
            more=max(0, len(one.where) - _PLACES),
        )

    def _about_works(self, ids: Iterable[str | None]) -> Iterator[Ref]:
        yield from (self._ref(one) for one in ids if one)

    def _about(self) -> Iterator[Fact]:
        yield Fact("Terms judged as of", f"{self._view.lineage.at:%Y-%m-%d %H:%M %Z}")
        yield Fact("Works", f"{len(self._view.lineage.works):,}")
        yield Fact("Edges", f"{len(self._view.lineage.edges):,}")
        if self._view.split is not None:
            yield Fact("Policy of the split", clean(self._view.split.policy, 40))
