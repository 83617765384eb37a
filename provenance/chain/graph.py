"""The graph of an asset's making: works, parties, edges from each work to what it was made of.

    picture ──generatedBy──▶ model ──trainedOn──▶ dataset ──composed──▶ photo
       │                                             │                   │
     Ada (signer)                               Curator (declared)   Bo (identity)

All of it comes from manifests that were validated; what is only hinted at is marked `imported`.
Values are frozen, and say nothing of where they will be shown. Source: contributors' data model,
docs/lineage.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from provenance.model.assertions.rights import Rights

__all__ = [
    "MILLION",
    "Edge",
    "EdgeStatus",
    "Evidence",
    "Graph",
    "LineageFinding",
    "Ownership",
    "Party",
    "Relation",
    "Work",
    "WorkKind",
]

MILLION = 1_000_000  # parts: rates are in ppm


class WorkKind(StrEnum):
    """What a work is."""

    IMAGE = "image"
    PHOTO = "photo"
    VIDEO = "video"
    AUDIO = "audio"
    TEXT = "text"
    MODEL = "model"
    ADAPTER = "adapter"
    MERGE = "merge"
    DATASET = "dataset"
    PROMPT = "prompt"
    OTHER = "other"


class Relation(StrEnum):
    """What a work is to the one that it was made of."""

    EDITED = "edited"
    COMPOSED = "composed"
    GENERATED_BY = "generatedBy"
    TRAINED_ON = "trainedOn"
    FINETUNED_FROM = "finetunedFrom"
    MERGED_FROM = "mergedFrom"
    ADAPTER_OF = "adapterOf"
    PROMPTED_BY = "promptedBy"


class EdgeStatus(StrEnum):
    """How surely an edge is known: the first three in rising order; the rest say what is amiss."""

    IMPORTED = "imported"  # an unsigned hint
    DECLARED = "declared"  # signed by the child's signer
    COUNTERSIGNED = "countersigned"  # and by the parent's owner
    REDACTED = "redacted"
    REVOKED = "revoked"
    DISPUTED = "disputed"
    BROKEN = "broken"  # the parent's manifest does not validate, or the edge leads nowhere

    @property
    def counts(self) -> bool:
        """May what is owed along such an edge be paid to the parent's owners?"""
        return self in (EdgeStatus.DECLARED, EdgeStatus.COUNTERSIGNED)


class Evidence(StrEnum):
    """How we know of a party, the surest first."""

    IDENTITY = "identity"  # a verified CAWG identity
    SIGNER = "signer"  # signed the claim
    DECLARED = "declared"  # named by whoever signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody with a part in a work.

    `id` is `key:sha256:…` (thumbprint of a certificate), `did:…`, `id:…` (an aggregated identity),
    or `name:<work>:…` for one who is only named: two of the same name need not be one person.
    """

    id: str
    name: str
    roles: tuple[str, ...] = ()  # cawg.creator …, sorted
    evidence: Evidence
    payee: str | None = None
    aliases: tuple[str, ...] = ()  # other keys that the party says are theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Something that was made.

    `id` is `claim:sha256:…`, over the claim signature's bytes, where it is signed; else
    `asset:sha256:…`; or `hint:…` for what is known by name alone.
    """

    id: str
    kind: WorkKind
    title: str | None = None
    asset_sha256: str | None = None  # hex; None: not known
    manifest: str | None = None  # its label
    validation_state: str | None = None  # None: no manifest
    signer: str | None = None  # a party's id
    location: str | None = None  # a path, or where in which store it was found
    rights: Rights | None = None
    rights_sha256: str | None = None  # hex, of the content of its assertion: what a licence names
    terms: Mapping[str, str] = field(default_factory=dict)  # training-mining: use by name
    notices: Mapping[str, str] = field(default_factory=dict)  # `dc:rights`, `cc:license` …
    complete: str = "unknown"  # complete, partial, unknown: of its list of contributors
    redacted: tuple[str, ...] = ()  # labels of assertions that were taken out of its manifest
    signed_at: str | None = None  # RFC 3339, of a validated time stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A work and one that it was made of.

    Args:
        child: the work's id.
        parent: the id of what it was made of.
        relation: what kind of making.
        status: how surely it is known.
        rate_ppm: what the child owes the parent of its flow; None: nothing was said.
        units: of the parent dataset's licensed units, for the flow through it.
        licence: the hash of the terms that were agreed to, `sha256:…`.
        evidence: the URI of the ingredient assertion, or where the hint stands.
    """

    child: str
    parent: str
    relation: Relation
    status: EdgeStatus
    rate_ppm: int | None = None
    units: int | None = None
    licence: str | None = None
    evidence: str | None = None
    not_after: str | None = None  # of an acceptance or licence, RFC 3339


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """A party's part in a work; weights count against each other, within the work."""

    work: str
    party: str
    weight: int = 1
    role: str = "cawg.creator"
    evidence: Evidence = Evidence.DECLARED  # of this part; the party may be known better elsewhere


@dataclass(frozen=True, slots=True)
class LineageFinding:
    """Something about the graph that a person should know. Codes: `rights.codes`."""

    code: str
    work: str  # id
    explanation: str = ""
    other: str | None = None  # the id of another work, or a party, that it is about


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Everything behind one asset. Order is that of discovery, breadth first from the root."""

    root: str
    works: Mapping[str, Work]
    parties: Mapping[str, Party]
    edges: tuple[Edge, ...]
    ownerships: tuple[Ownership, ...]
    findings: tuple[LineageFinding, ...] = ()

    @cached_property
    def parents(self) -> Mapping[str, tuple[Edge, ...]]:
        """The edges out of each work, towards what it was made of."""
        found: dict[str, list[Edge]] = {key: [] for key in self.works}
        for edge in self.edges:
            found[edge.child].append(edge)
        return {key: tuple(edges) for key, edges in found.items()}

    @cached_property
    def owners(self) -> Mapping[str, tuple[Ownership, ...]]:
        """Who owns each work."""
        found: dict[str, list[Ownership]] = {key: [] for key in self.works}
        for one in self.ownerships:
            found[one.work].append(one)
        return {key: tuple(owners) for key, owners in found.items()}
