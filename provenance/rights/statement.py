"""A signed statement of a split: what was owed to whom, of what, by which chain.

    OUT.json   the statement: sorted keys, no blanks, one line
    OUT.csv    its shares, for a spreadsheet; the statement holds its hash
    OUT.cose   COSE_Sign1, detached: over the very bytes of OUT.json

The signature says who worked the split out, not that anyone was paid, nor that the chain is
complete. Whoever has the same files can trace them and see that the same comes out: the statement
holds the hash of all that went into it.

Source: docs/lineage.md; RFC 9052.
"""

import csv
import io
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from hashlib import sha256
from typing import Any

from provenance.cbor import CborValue, encode
from provenance.chain.credits import key_id
from provenance.chain.graph import Graph
from provenance.cose import algorithms
from provenance.cose.sign1 import Sign1, encode_sign1, parse, sig_structure
from provenance.cose.signer import Signer
from provenance.cose.signing import sign_claim
from provenance.errors import MalformedError, ProvenanceError
from provenance.rights.lineage import Lineage, minor_units
from provenance.rights.numbers import money
from provenance.rights.shares import Split, split
from provenance.trust.certificate import Certificate
from provenance.trust.judge import judge
from provenance.trust.settings import TrustSettings

__all__ = ["CANNOT_SHOW", "SCHEMA", "Statement", "StatementReport", "chain_hash"]
__all__ += ["make_statement", "verify_statement"]

SCHEMA = "provenance/split-statement/1"
CANNOT_SHOW = (
    "Manifests show who signed, which hashed inputs were used, which terms were set and which "
    "weights declared. They cannot show that nothing was left out, that an input caused an "
    "output, or that anyone was paid."
)
_WHAT = "split statement"
_LONGEST = 1 << 26  # bytes of a statement that is read
_PRINTED = 10**40  # exact fractions beyond this are left to whoever works the split out again
_MOST_DECIMALS = 18
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = ("kind", "id", "name", "payee", "amount", "ppm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The files, ready to be written; `cose` is None for a statement that nobody signed."""

    json: bytes = field(repr=False)
    csv: bytes = field(repr=False)
    cose: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementReport:
    """What was found out about a statement.

    Args:
        signed: the signature is over these bytes, by the key of the certificate that it names.
        signer: the id of that key, as of a party; None where nothing can be read.
        trusted: somebody whom the user trusts vouches for the signer; None: nobody was asked.
        same: the chain at hand gives the same split; None: there was none to compare.
        csv: the table is the one that the statement is about; None: there was none.
        why: a sentence for whatever is not as it should be.
        content: the statement; None where it cannot be read.
    """

    signed: bool
    signer: str | None = None
    trusted: bool | None = None
    same: bool | None = None
    csv: bool | None = None
    why: tuple[str, ...] = ()
    content: dict[str, Any] | None = None

    @property
    def holds(self) -> bool:
        """Nothing that was looked at is wrong."""
        return self.signed and False not in (self.trusted, self.same, self.csv)


def make_statement(
    lineage: Lineage,
    found: Split,
    *,
    issued_at: datetime,
    currency: str | None = None,
    signer: Signer | None = None,
) -> Statement:
    """State a split.

    Args:
        lineage: what the split is of.
        found: the split, by `lineage.split`.
        issued_at: with zone.
        currency: ISO 4217, if it is to be named.
        signer: who answers for it; any key and certificate that signs claims.

    Raises:
        CredentialError: the signer's algorithm or certificates cannot be used.
        SigningError: the signer failed.
    """
    table = _table(lineage, found)
    root = lineage.root
    row: dict[str, Any] = {
        "schema": SCHEMA,
        "issued_at": issued_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "terms_at": lineage.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "root": {"id": root.id, "title": root.title, "asset_sha256": root.asset_sha256},
        "chain_sha256": chain_hash(lineage.graph),
        "policy": found.policy,
        "amount": money(found.amount, found.decimals),
        "decimals": found.decimals,
        "currency": currency,
        "shares": _shares(lineage, found),
        "unclaimed": _unclaimed(found),
        "without_unverified": None,
        "findings": sorted({one.code for one in lineage.findings}),
        "csv_sha256": sha256(table).hexdigest(),
        "cannot_show": CANNOT_SHOW,
    }
    if found.without_unverified is not None:
        other = found.without_unverified
        row["without_unverified"] = {
            "shares": _shares(lineage, other),
            "unclaimed": _unclaimed(other),
        }
    data = _canonical(row)
    if signer is None:
        return Statement(json=data, csv=table)
    protected, signature = sign_claim(signer, data)
    return Statement(json=data, csv=table, cose=encode_sign1(protected, {}, signature))


def verify_statement(
    data: bytes,
    cose: bytes,
    *,
    csv: bytes | None = None,
    graph: Graph | None = None,
    trust: TrustSettings | None = None,
    at: datetime | None = None,
) -> StatementReport:
    """Check a statement.

    Args:
        data: the bytes of OUT.json, as they are.
        cose: the bytes of OUT.cose.
        csv: those of OUT.csv.
        graph: the chain, traced again, to see whether the same comes out.
        trust: whom to trust as its signer; the same settings as for claims.
        at: when its certificate must be valid; None: now.
    """
    why: list[str] = []
    content = _read(data, why)
    try:
        sign1 = parse(cose)
        signed = _verifies(sign1, data, why)
        chain = sign1.certificate_chain
        trusted = None
        if trust is not None:
            judged = judge(chain, trust, at or datetime.now(UTC))
            trusted = judged.trusted and judged.inside_validity and not judged.breaches
            if not trusted:
                why.append(judged.why)
        signer = key_id(chain[0])
    except ProvenanceError as error:
        why.append(str(error))
        return StatementReport(signed=False, why=tuple(why), content=content)
    return StatementReport(
        signed=signed and content is not None,
        signer=signer,
        trusted=trusted,
        same=_same(content, graph, why) if graph is not None else None,
        csv=_is_its_table(content, csv, why) if csv is not None else None,
        why=tuple(why),
        content=content,
    )


def chain_hash(graph: Graph) -> str:
    """SHA-256, in hex, over all that a split depends on, in an order of its own."""
    works: list[CborValue] = [
        [one.id, one.kind.value, one.asset_sha256, one.rights.to_cbor() if one.rights else None]
        for one in graph.works.values()
    ]
    edges: list[CborValue] = [
        [
            *(one.child, one.parent, one.relation.value, one.status.value),
            *(one.rate_ppm, one.units, one.licence),
        ]
        for one in graph.edges
    ]
    owners: list[CborValue] = [[one.work, one.party, one.weight] for one in graph.ownerships]
    rows = [sorted(map(encode, part)) for part in (works, edges, owners)]
    return sha256(encode([graph.root, *rows])).hexdigest()


def _shares(lineage: Lineage, found: Split) -> list[dict[str, Any]]:
    parties = lineage.graph.parties
    return [
        {
            "party": one.party,
            "name": one.name,
            "payee": parties[one.party].payee if one.party in parties else None,
            "evidence": parties[one.party].evidence.value if one.party in parties else None,
            "amount": money(one.amount, found.decimals),
            "ppm": one.ppm,
            "fraction": _exact(one.fraction),
        }
        for one in found.shares
    ]


def _unclaimed(found: Split) -> list[dict[str, Any]]:
    return [
        {
            "work": one.work,
            "amount": money(one.amount, found.decimals),
            "ppm": one.ppm,
            "fraction": _exact(one.fraction),
        }
        for one in found.unclaimed
    ]


def _exact(part: Fraction) -> str | None:
    return str(part) if part.denominator < _PRINTED else None


def _table(lineage: Lineage, found: Split) -> bytes:
    """As RFC 4180. A text that a spreadsheet would run as a formula gets an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for share in _shares(lineage, found):
        row = (share["party"], share["name"], share["payee"] or "")
        writer.writerow(("share", *map(_cell, row), share["amount"], share["ppm"]))
    for held in _unclaimed(found):
        writer.writerow(("unclaimed", _cell(held["work"]), "", "", held["amount"], held["ppm"]))
    return out.getvalue().encode("utf-8", "surrogatepass")


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _canonical(row: dict[str, Any]) -> bytes:
    text = json.dumps(row, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return f"{text}\n".encode("ascii")


def _read(data: bytes, why: list[str]) -> dict[str, Any] | None:
    if len(data) > _LONGEST:
        why.append("the statement is longer than any is")
        return None
    try:
        row = json.loads(data)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict) or row.get("schema") != SCHEMA:
        why.append(f"not a statement of schema {SCHEMA}")
        return None
    return row


def _verifies(sign1: Sign1, data: bytes, why: list[str]) -> bool:
    alg = algorithms.by_cose_id(sign1.algorithm_id)
    if alg is None:
        why.append(f"signature algorithm {str(sign1.algorithm_id)[:40]} is not known")
        return False
    if sign1.payload is not None:
        why.append("the signature has a payload of its own")
        return False
    key = Certificate(sign1.certificate_chain[0]).public_key
    if algorithms.verify(alg, key, sign1.signature, sig_structure(sign1.protected_raw, data)):
        return True
    why.append("the statement was changed after signing, or signed by another key")
    return False


def _same(content: dict[str, Any] | None, graph: Graph, why: list[str]) -> bool:
    if content is None:
        return False
    if not _equal(content.get("chain_sha256"), chain_hash(graph)):
        why.append("the chain at hand is another than the one that was split")
        return False
    try:
        again = _again(content, graph)
    except ProvenanceError as error:
        why.append(str(error))
        return False
    kept = ("policy", "amount", "shares", "unclaimed", "without_unverified")
    stated = {key: content.get(key) for key in kept}
    if stated == {key: again[key] for key in kept}:
        return True
    why.append("the chain at hand gives another split")
    return False


def _again(content: dict[str, Any], graph: Graph) -> dict[str, Any]:
    match content:
        case {"decimals": int(decimals), "amount": str(amount), "policy": str(policy)}:
            pass
        case _:
            raise MalformedError(_WHAT, "has no amount, decimals or policy")
    if not 0 <= decimals <= _MOST_DECIMALS:
        raise MalformedError(_WHAT, f"decimals from 0 to {_MOST_DECIMALS} are possible")
    found = split(graph, minor_units(amount, decimals), policy, decimals=decimals)
    now = datetime.now(UTC)
    made = make_statement(Lineage(graph=graph, at=now, findings=()), found, issued_at=now)
    row: dict[str, Any] = json.loads(made.json)
    return row


def _is_its_table(content: dict[str, Any] | None, table: bytes, why: list[str]) -> bool:
    if content is not None and _equal(content.get("csv_sha256"), sha256(table).hexdigest()):
        return True
    why.append("the table is not the one that was stated")
    return False


def _equal(stated: Any, found: str) -> bool:
    return isinstance(stated, str) and stated == found
