"""Works as Story registers them: IP asset metadata, NFT metadata and PIL terms, as files.

Nothing is sent. What Story has no room for, and what only its user can know (addresses on the web
and on chain), is a warning at the work. Only edges that are sure become relationships; ids of
parents are ours until they have been registered.

Source: Story's IPA metadata standard and PIL terms; contributors' "Story facts".
"""

import json
import mimetypes
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from provenance.chain.graph import MILLION, Edge, Graph, Relation, Work, WorkKind
from provenance.rights.allot import allot
from provenance.rights.consent import consent
from provenance.rights.numbers import in_percent
from provenance.rights.pil import LRP, WIP, PilTerms, breaches, terms_of, what_is_lost

__all__ = ["RELATIONSHIPS", "StoryExport", "StoryWork", "export"]

RELATIONSHIPS: Mapping[Relation, str] = {
    Relation.GENERATED_BY: "GENERATED_FROM",
    Relation.TRAINED_ON: "TRAINED_ON",
    Relation.FINETUNED_FROM: "FINETUNED_FROM",
    Relation.ADAPTER_OF: "FINETUNED_FROM",
    Relation.MERGED_FROM: "COMBINES",
    Relation.EDITED: "MODIFIES",
    Relation.COMPOSED: "COMBINES",
    Relation.PROMPTED_BY: "BASED_ON",
}
MOST_PARENTS = 16
MOST_ANCESTORS = 1024
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_PICTURES = frozenset((WorkKind.IMAGE, WorkKind.PHOTO))
_MEDIA = frozenset(
    (
        *("image/jpeg", "image/png", "image/apng", "image/avif", "image/gif", "image/svg+xml"),
        *("image/webp", "audio/wav", "audio/mpeg", "audio/flac", "audio/aac", "audio/ogg"),
        *("audio/mp4", "audio/x-aiff", "audio/x-ms-wma", "audio/opus"),
        *("video/mp4", "video/webm", "video/quicktime"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryWork:
    """One work: what to register, and what did not fit."""

    work: str  # id
    ip_metadata: Mapping[str, Any] = field(default_factory=dict)
    nft_metadata: Mapping[str, Any] = field(default_factory=dict)
    terms: PilTerms | None = None
    inherited: bool = False  # the terms are its parents'
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryExport:
    """All works of a graph, the root first."""

    works: tuple[StoryWork, ...]

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Names and contents of files, names of our own making; `index.json` comes last."""
        index: list[dict[str, Any]] = []
        for at, one in enumerate(self.works):
            name = f"{at:05d}"
            row: dict[str, Any] = {
                "work": one.work,
                "ip": f"{name}.ip.json",
                "nft": f"{name}.nft.json",
                "terms": f"{name}.terms.json" if one.terms else None,
                "inherited": one.inherited,
                "warnings": list(one.warnings),
            }
            yield row["ip"], _json(one.ip_metadata)
            yield row["nft"], _json(one.nft_metadata)
            if one.terms is not None:
                yield row["terms"], _json(one.terms.to_dict())
            index.append(row)
        yield "index.json", _json(index)


def export(
    graph: Graph,
    *,
    addresses: Mapping[str, str] | None = None,
    royalty_policy: str = LRP,
    currency: str = WIP,
) -> StoryExport:
    """Make what Story's registration asks for, work by work.

    Args:
        graph: of which every work that is more than a hint is exported.
        addresses: where works can be found on the web, by id.
        royalty_policy: address of the contract, relative (`pil.LRP`) or absolute (`pil.LAP`).
        currency: address of the token that royalties are paid in.
    """
    own = {
        key: terms_of(work.rights, royalty_policy=royalty_policy, currency=currency)
        for key, work in graph.works.items()
        if work.rights is not None
    }
    held = _held(graph, own)
    known = addresses or {}
    return StoryExport(
        works=tuple(
            _work(work, graph, own.get(work.id), held, known.get(work.id))
            for work in graph.works.values()
            if not work.id.startswith("hint:")
        )
    )


def _work(
    work: Work,
    graph: Graph,
    own: PilTerms | None,
    held: Mapping[str, PilTerms],
    address: str | None,
) -> StoryWork:
    warnings: list[str] = []
    sure = _sure(work, graph, warnings)
    creators = _creators(work, graph, warnings)
    terms, inherited = _terms(own, sure, held, warnings)
    if work.rights is not None:
        warnings += what_is_lost(work.rights)
    _check_rates(sure, held, warnings)
    _check_ancestors(work, graph, warnings)
    title = work.title or work.id
    ip: dict[str, Any] = {"title": title, "ipType": work.kind.value}
    if work.signed_at is not None:
        ip["createdAt"] = work.signed_at
    else:
        warnings.append("createdAt is left out: no time stamp says when it was signed")
    ip["creators"] = creators
    ip |= _media(work, address, warnings)
    ip["relationships"] = [
        {"parentIpId": edge.parent, "type": RELATIONSHIPS[edge.relation]} for edge in sure
    ]
    if sure:
        warnings.append("parentIpId is our id of the parent: put its address there once it has one")
    if (said := consent(work, "train")) is not None:
        ip["robotTerms"] = {"userAgent": "*", "allow": "/" if said == "allowed" else ""}
    return StoryWork(
        work=work.id,
        ip_metadata=ip,
        nft_metadata=_nft(work, title, ip),
        terms=terms,
        inherited=inherited,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _sure(work: Work, graph: Graph, warnings: list[str]) -> tuple[Edge, ...]:
    """The edges that can be registered: sure, one for each parent, and to something signed."""
    found: dict[str, Edge] = {}
    for edge in graph.parents.get(work.id, ()):
        if not edge.status.counts:
            warnings.append(f"{edge.parent[:80]} is left out: the edge is {edge.status.value}")
        elif edge.parent.startswith("hint:"):
            warnings.append(f"{edge.parent[:80]} is left out: it is known by name alone")
        elif edge.parent in found:
            warnings.append(f"{edge.parent[:80]} was used more than once, and is named once")
        else:
            found[edge.parent] = edge
    if len(found) > MOST_PARENTS:
        warnings.append(f"{len(found)} parents, and Story takes at most {MOST_PARENTS}")
    return tuple(found.values())


def _creators(work: Work, graph: Graph, warnings: list[str]) -> list[dict[str, Any]]:
    owners = graph.owners.get(work.id, ())
    total = sum(one.weight for one in owners)
    if not total:
        warnings.append("creators are left out: nobody is known")
        return []
    parts: dict[str, Fraction] = {}
    roles: dict[str, str] = {}
    for one in owners:
        parts[one.party] = parts.get(one.party, Fraction()) + Fraction(one.weight, total)
        roles.setdefault(one.party, one.role)
    percents = allot(parts, 100)
    if any(percents[key] != 100 * part for key, part in parts.items()):
        warnings.append("weights are rounded to whole percents")
    rows: list[dict[str, Any]] = []
    for key, percent in percents.items():
        party = graph.parties.get(key)
        name = party.name if party is not None else key
        row: dict[str, Any] = {"name": name, "contributionPercent": percent, "role": roles[key]}
        payee = party.payee if party is not None else None
        if payee is not None and _ADDRESS.fullmatch(payee):
            row["address"] = payee
        else:
            warnings.append(f"{name[:60]} has no address on chain: put it into creators")
        rows.append(row)
    return rows


def _held(graph: Graph, own: Mapping[str, PilTerms]) -> Mapping[str, PilTerms]:
    """The terms of each work, inherited ones before its own; parents come first."""
    made_of: dict[str, list[str]] = {}
    left: Counter[str] = Counter()
    for edge in graph.edges:
        if edge.status.counts:
            made_of.setdefault(edge.parent, []).append(edge.child)
            left[edge.child] += 1
    held: dict[str, PilTerms] = {}
    ready = deque(key for key in graph.works if not left[key])
    while ready:  # works in a circle are never ready, and keep what is theirs
        work = ready.popleft()
        edges = (edge for edge in graph.parents.get(work, ()) if edge.status.counts)
        terms, _ = _terms(own.get(work), edges, held, [])
        if terms is not None:
            held[work] = terms
        for child in made_of.get(work, ()):
            left[child] -= 1
            if not left[child]:
                ready.append(child)
    return {**own, **held}


def _terms(
    own: PilTerms | None,
    sure: Iterable[Edge],
    held: Mapping[str, PilTerms],
    warnings: list[str],
) -> tuple[PilTerms | None, bool]:
    """Its own terms, or what it inherits: a derivative has its parents' terms and no others."""
    if own is not None:
        warnings += breaches(own)
    above = [held[edge.parent] for edge in sure if edge.parent in held]
    if not above:
        return own, False
    if any(not one.derivativesAllowed for one in above):
        warnings.append("a parent allows no derivatives: Story refuses to register one")
    if len({one.commercialUse for one in above}) > 1:
        warnings.append("parents do not agree on commercial use: Story refuses to register it")
    if len(set(above)) > 1:
        if any(one.derivativesReciprocal for one in above):
            warnings.append("parents with share-alike terms must have the very same terms")
        warnings.append("parents have mixed terms: which of them it inherits is not said here")
        return own, False
    if own is not None and own != above[0]:
        warnings.append("its own terms are left out: a derivative inherits its parents' terms")
    return above[0], True


def _check_rates(sure: Iterable[Edge], held: Mapping[str, PilTerms], warnings: list[str]) -> None:
    for edge in sure:
        share = held[edge.parent].commercialRevShare // 100 if edge.parent in held else 0
        owed = edge.rate_ppm or 0
        if owed != share:
            rates = [in_percent(Fraction(one, MILLION)) for one in (owed, share)]
            told = f"{rates[0]} is owed to {edge.parent[:80]}, and on Story its terms' {rates[1]}"
            warnings.append(told)


def _check_ancestors(work: Work, graph: Graph, warnings: list[str]) -> None:
    if len(graph.works) <= MOST_ANCESTORS:
        return
    seen, waiting = {work.id}, [work.id]
    while waiting and len(seen) <= MOST_ANCESTORS + 1:
        for edge in graph.parents.get(waiting.pop(), ()):
            if edge.status.counts and edge.parent not in seen:
                seen.add(edge.parent)
                waiting.append(edge.parent)
    if len(seen) > MOST_ANCESTORS + 1:
        warnings.append(f"more than {MOST_ANCESTORS} ancestors, and Story takes no more")


def _media(work: Work, address: str | None, warnings: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    digest = f"0x{work.asset_sha256}" if work.asset_sha256 else None
    for name in ("image", "media") if work.kind in _PICTURES else ("media",):
        place = "image" if name == "image" else "mediaUrl"
        if address is not None:
            found[place] = address
        else:
            warnings.append(f"{place} is left out: no address on the web is known")
        if digest is not None:
            found[f"{name}Hash"] = digest
        else:
            warnings.append(f"{name}Hash is left out: the hash of the file is not known")
    if work.kind not in _PICTURES:
        warnings.append("image is left out: it is no picture; give it a cover")
    path = (work.location or "").partition("#")[0]
    media_type = mimetypes.guess_type(path, strict=False)[0] if path else None
    if media_type in _MEDIA:
        found["mediaType"] = media_type
    else:
        warnings.append("mediaType is left out: none of those that Story takes is known")
    return found


def _nft(work: Work, title: str, ip: Mapping[str, Any]) -> dict[str, Any]:
    """ERC-721 metadata."""
    row: dict[str, Any] = {"name": title, "description": f"{work.kind.value}, {work.id}"}
    if "image" in ip:
        row["image"] = ip["image"]
    row["attributes"] = [
        {"trait_type": "Kind", "value": work.kind.value},
        {"trait_type": "C2PA manifest", "value": work.manifest or ""},
        {"trait_type": "Validation state", "value": work.validation_state or ""},
    ]
    return row


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=True) + "\n").encode("ascii")
