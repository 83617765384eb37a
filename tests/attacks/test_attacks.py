"""Every forgery is seen for what it is, in time; and every code we can give has a forgery."""

import ast
import time
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import provenance
from provenance.validate.results import VerificationReport
from provenance.validate.status import Kind, Status
from tests.attacks import (  # noqa: F401  # each puts its forgeries on the list
    assertions,
    away,
    bindings,
    bmff,
    bombs,
    boxes,
    claims,
    collections,
    elsewhere,
    ingredients,
    live,
    old,
    parts,
    redactions,
    revocation,
    signatures,
    stamps,
    structure,
    texts,
    updates,
)
from tests.attacks.expect import ATTACKS, Attack, Expect
from tests.attacks.forge import the_forge

VALIDATE = Path(provenance.__file__).parent / "validate"
NOT_CHECKS = ("status.py", "sentences.py", "results.py")


@lru_cache
def expected(attack: Attack) -> Expect:
    return attack.make(the_forge())


def verified(one: Expect) -> VerificationReport:
    if not one.beside:
        return looked_at(one, one.asset)
    with TemporaryDirectory() as folder:
        asset = Path(folder, "site", "picture.png")
        asset.parent.mkdir()
        asset.write_bytes(one.asset)
        for name, data in one.beside.items():
            (asset.parent / name).write_bytes(data)
        return looked_at(one, asset)


def looked_at(one: Expect, asset: bytes | Path) -> VerificationReport:
    return provenance.verify(
        asset,
        manifest=one.manifest,
        trust=one.trust or the_forge().trust,
        at=one.at,
        online=one.online,
        limits=one.limits,
        fragments=one.fragments,
    )


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_a_forgery_is_seen_for_what_it_is(attack: Attack) -> None:
    wanted = expected(attack)
    start = time.process_time()
    report = verified(wanted)
    took = time.process_time() - start
    nested = [one for delta in report.deltas for one in delta.findings]
    found = [*report.findings, *nested]
    told = [f"{one.status.code} {one.url} {one.explanation}" for one in found]
    told += [f"{one.kind} {one.message}" for one in report.errors]
    about = "\n".join((attack.clause, attack.make.__doc__ or "", *told))
    assert {one.status.code for one in report.findings if one.failed} == wanted.failures, about
    assert {one.status.code for one in nested if one.failed} == wanted.deltas, about
    notes = {one.status.code for one in found if not one.failed}
    assert notes >= wanted.notes, about
    assert [one.kind for one in report.errors] == ([wanted.error] if wanted.error else []), about
    assert report.state == wanted.state, about
    assert took < wanted.seconds, f"{took:.1f} s of processor time"
    assert report.to_dict()["validation_state"] == wanted.state


def emitted() -> set[Status]:
    """The codes that stand in the checks, success aside."""
    names = set()
    for path in VALIDATE.glob("*.py"):
        if path.name not in NOT_CHECKS:
            for node in ast.walk(ast.parse(path.read_bytes())):
                match node:
                    case ast.Attribute(value=ast.Name(id="Status"), attr=name) if name.isupper():
                        names.add(name)
    rows = map(Status.__getitem__, names)
    # Identities have forgeries of their own: see tests/validate/test_identity_codes.py.
    return {row for row in rows if row.kind is not Kind.SUCCESS and not row.about_identity}


def good_codes() -> set[str]:
    """The success codes, but those about identities."""
    rows = (row for row in Status if row.kind is Kind.SUCCESS and not row.about_identity)
    return {row.code for row in rows}


def test_every_code_for_what_holds_is_given_where_nothing_is_wrong() -> None:
    given: set[str] = set()
    for one in ATTACKS:
        wanted = expected(one) if one.make.__module__ != bombs.__name__ else None
        if wanted is not None and wanted.state in ("Valid", "Trusted"):
            report = verified(wanted)
            nested = (found for delta in report.deltas for found in delta.findings)
            given |= {found.status.code for found in (*report.findings, *nested)}
    assert good_codes() - given == set()


def test_the_checks_give_codes() -> None:
    assert len(emitted()) > 30


def test_every_code_we_can_give_has_a_forgery() -> None:
    shown = {
        code
        for one in ATTACKS
        if one.make.__module__ != bombs.__name__  # they take time, and show no code of their own
        for code in expected(one).codes
    }
    assert {one.code for one in emitted()} <= shown
