"""A graph while it grows: works, edges and findings in the order in which they are come upon."""

from provenance.chain import codes
from provenance.chain.graph import Edge, LineageFinding, Work

__all__ = ["Growing"]


class Growing:
    """What was found so far, and how much more may be.

    Args:
        most: works.
    """

    def __init__(self, most: int) -> None:
        self.works: dict[str, Work] = {}
        self.edges: list[Edge] = []
        self.findings: list[LineageFinding] = []
        self.depths: dict[str, int] = {}
        self._most = most
        self._full = False
        self._linked: set[tuple[str, str]] = set()
        self._hashed: dict[str, str] = {}

    def note(self, code: str, work: str, told: str = "", other: str | None = None) -> None:
        """Something that a person should know."""
        self.findings.append(LineageFinding(code, work, told, other))

    def is_full(self, work: str) -> bool:
        """Is there no room for one more work? Says so, once."""
        if len(self.works) < self._most:
            return False
        if not self._full:
            self._full = True
            self.note(codes.NODE_LIMIT, next(iter(self.works)), work)
        return True

    def put(self, work: Work, depth: int | None = None) -> None:
        """Take in a work, or more that is known of it.

        Args:
            work: with its id.
            depth: how far from the root; the first one stays.
        """
        self.works[work.id] = work
        if depth is not None:
            self.depths.setdefault(work.id, depth)
        if work.asset_sha256:
            self._hashed.setdefault(work.asset_sha256, work.id)

    def link(self, edge: Edge) -> None:
        """Take in an edge."""
        self.edges.append(edge)
        self._linked.add((edge.child, edge.parent))

    def is_linked(self, child: str, parent: str) -> bool:
        """Is there an edge from one work to another?"""
        return (child, parent) in self._linked

    def with_file(self, sha256: str) -> str | None:
        """The work whose file has this SHA-256."""
        return self._hashed.get(sha256)
