"""Statements of a split: writing them beside a trace, and checking them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from provenance.cli.common import Exit, put, say
from provenance.cose.signer import Signer
from provenance.errors import MalformedError
from provenance.report.escape import clean, wrap
from provenance.rights.lineage import Lineage
from provenance.rights.shares import Split
from provenance.rights.statement import make_statement, verify_statement
from provenance.source import read_small
from provenance.trust.settings import TrustSettings

__all__ = ["Stating", "check_statement", "files_of", "write_statement"]

_LONGEST = 64 << 20
_SIGNATURE = 1 << 20


@dataclass(frozen=True, slots=True)
class Stating:
    """What to state, and who answers for it."""

    place: str
    currency: str | None
    signer: Signer | None


def files_of(place: str) -> tuple[Path, Path, Path]:
    """Where statement, table and signature lie."""
    path = Path(place)
    return path.with_suffix(".json"), path.with_suffix(".csv"), path.with_suffix(".cose")


def write_statement(lineage: Lineage, split: Split, stating: Stating, *, quiet: bool) -> None:
    """Write OUT.json, OUT.csv and, with a signer, OUT.cose.

    Raises:
        OSError: a file cannot be written.
        ProvenanceError: the signer cannot be used, or failed.
    """
    from provenance.build.embed import replacing

    made = make_statement(
        lineage,
        split,
        issued_at=datetime.now(UTC),
        currency=stating.currency,
        signer=stating.signer,
    )
    files = files_of(stating.place)
    for path, data in zip(files, (made.json, made.csv, made.cose), strict=True):
        if data is not None:
            with replacing(path) as stream:
                stream.write(data)
    if not quiet:
        signed = "signed" if made.cose is not None else "not signed: --key signs it"
        say(f"provenance: stated in {files[0]}, {signed}")


def check_statement(
    place: str, lineage: Lineage, trust: TrustSettings, at: datetime | None, *, required: bool
) -> Exit:
    """Say whether a statement holds for a chain that was traced again.

    Args:
        place: of OUT.json; the other files lie beside it.
        lineage: the chain.
        trust: whom to trust.
        at: when the signer's certificate must be valid; None: now.
        required: must the signer be trusted?

    Raises:
        MalformedError: the statement or its signature cannot be read.
    """
    path, table, signature = files_of(place)
    found = verify_statement(
        read_small(path, _LONGEST, MalformedError),
        read_small(signature, _SIGNATURE, MalformedError),
        csv=read_small(table, _LONGEST, MalformedError) if table.exists() else None,
        graph=lineage.graph,
        trust=trust if trust.anchors or trust.allowed else None,
        at=at,
    )
    holds = found.signed and False not in (found.same, found.csv)
    told = {None: "not checked", True: "yes", False: "NO"}
    put(f"{clean(str(path))}: {'holds' if holds else 'DOES NOT HOLD'}")
    put(f"  signature      {'valid' if found.signed else 'NOT VALID'}")
    put(f"  signer         {clean(found.signer or 'not known', 100)}")
    put(f"  trusted        {told[found.trusted]}")
    put(f"  same chain     {told[found.same]}")
    put(f"  its own table  {told[found.csv]}")
    for why in found.why:
        put("\n".join(wrap(clean(why), "  > ")))
    if holds and required and not found.trusted:
        return Exit.UNTRUSTED
    return Exit.GOOD if holds else Exit.INVALID
