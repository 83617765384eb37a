"""The rows of an index, as they come from the workers: all that is kept of a file."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from provenance.errors import MalformedError

if TYPE_CHECKING:
    from provenance.validate.run import Examined

__all__ = ["FOREVER", "Edge", "Indexed", "ManifestRow", "Outcome", "Row", "SignerRow", "expiry"]

T = TypeVar("T")

FOREVER = 1e18  # seconds


class Outcome(NamedTuple):
    """What came of a file, as very many others."""

    state: str | None
    location: str
    format: str | None
    error: str | None
    signer: str | None
    failed: str  # codes, a blank between two: those of a table at the end
    codes: str
    policy: int  # see the schema
    words: str
    tone: str
    interesting: bool


class SignerRow(NamedTuple):
    """A signing certificate."""

    sha256: str
    common_name: str | None
    issuer: str | None
    alg: str | None
    serial_number: str | None
    not_before: float | None
    not_after: float | None


class Edge(NamedTuple):
    """An ingredient assertion."""

    uri: str
    relationship: str
    role: str  # parent, component, model, prompt …
    title: str | None
    format: str | None
    target: str | None  # label of its manifest
    target_claim: str | None
    digest: str | None
    types: str
    reference: bytes | None = None  # SHA-256 of a manifest that the store does not hold
    signature: bytes | None = None  # and of its claim signature


class ManifestRow(NamedTuple):
    """A manifest, and its state in this file."""

    claim: str
    box: bytes
    label: str
    kind: str
    title: str | None
    generator: str | None
    source_types: str
    signed_at: float | None
    attested: bool
    signature: bytes | None
    agents: str  # what did its actions, a line each
    signer: SignerRow | None
    edges: tuple[Edge, ...]
    people: tuple[tuple[str, str, str], ...]  # name, role, evidence
    acceptances: tuple[tuple[str, str], ...]  # claims: of a child and of its parent
    state: str


class Row(NamedTuple):
    """All that an index keeps of a file."""

    outcome: Outcome
    body: bytes | None  # the report
    details: str  # lines below the verdict
    manifests: tuple[ManifestRow, ...]
    hashes: tuple[tuple[str, str], ...]  # kind, value
    until: float
    size: int | None = None  # bytes of the asset, as the report has it
    errors: str = ""  # what could not be read, a line each
    sha256: bytes | None = None


@dataclass(frozen=True, slots=True)
class Indexed(Generic[T]):
    """What a look is made into: the row, and whatever else is wanted of the report."""

    then: "Callable[[Examined], T]"
    always: bool = False  # False: the same verdict stands until a certificate ends

    def __call__(self, examined: "Examined") -> tuple[Row, T]:
        """See `Look`."""
        from provenance.batch.index_make import row_of  # in the process that verifies

        return row_of(examined, settled=not self.always), self.then(examined)


@lru_cache(maxsize=4096)
def expiry(der: bytes) -> tuple[float, ...]:
    """The moments at which a certificate begins or ceases to be valid; none if unreadable."""
    from provenance.trust.certificate import Certificate

    try:
        one = Certificate(der)
        return one.not_before.timestamp(), one.not_after.timestamp()
    except MalformedError:
        return ()
