"""An index that is asked: every filter finds what a loop over all reports finds."""

import fnmatch
import json
import os
import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.batch.columns import csv_lines
from provenance.batch.examining import look_at
from provenance.batch.index import Index
from provenance.batch.index_catalogue import IndexCatalogue
from provenance.batch.index_made import made_of
from provenance.batch.index_query import Query
from provenance.batch.index_schema import IndexFileError
from provenance.batch.index_select import Filters
from provenance.batch.index_stats import stats_of
from provenance.batch.index_tables import TABLES, columns_of, table
from provenance.batch.look import Terms
from provenance.batch.record import record_of
from provenance.batch.walk import spread
from provenance.chain.graph import Graph
from provenance.chain.trace import trace
from provenance.validate.results import ManifestReport, VerificationReport
from provenance.validate.run import Examined
from tests.batch.gallery import gallery
from tests.batch.test_index import update
from tests.chain.studio import the_studio

NOW = datetime.now(UTC)
MODELS = ("model", "adapter", "merge")


@dataclass(frozen=True)
class File:
    """A file, and what a loop over reports and lineages knows of it."""

    examined: Examined
    graph: Graph | None
    people: frozenset[str]
    models: frozenset[str]

    @property
    def report(self) -> VerificationReport:
        return self.examined.report

    @property
    def active(self) -> ManifestReport | None:
        return self.report.manifests[0] if self.report.manifests else None


@dataclass(frozen=True)
class World:
    """A folder, an index over it, and all that is known of its files otherwise."""

    folder: Path
    place: Path
    files: dict[str, File]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("World(…)")  # or Hypothesis writes all of it out

    def ask(self, **filters: Any) -> set[str]:
        with Index.open(self.place, reading=True) as index:
            return set(Query(index, Filters(**filters)).paths())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = gallery(tmp_path_factory.mktemp("query") / "all")
    place = folder.with_name("i.db")
    trust = the_studio().trust
    update(place, folder, rehash=True, trust=trust, at=NOW)
    terms = Terms(trust=trust, at=NOW)
    every = [look_at(one, terms) for one in spread([str(folder)])]
    examined = {one.report.asset.path or "": one for one in every if one.report.asset.format}
    del examined[str(folder / "notes.txt")]
    named: dict[str, set[str]] = {}  # by label of manifest
    for one in examined.values():
        for manifest in one.report.manifests:
            named.setdefault(manifest.label, set()).update(_people(manifest))
    files = {}
    for path, one in examined.items():
        graph = trace(path, trust=trust, at=NOW, resolve=[folder]) if one.report.manifests else None
        works = graph.works.values() if graph else ()
        labels = {one.manifest for one in works if one.manifest}
        labels |= {manifest.label for manifest in one.report.manifests[:1]}
        files[path] = File(
            one,
            graph,
            frozenset(name for label in labels for name in named.get(label, ())),
            frozenset(
                one.title or ""
                for one in works
                if graph and one.kind in MODELS and one.id != graph.root
            ),
        )
    return World(folder, place, files)


def _people(manifest: ManifestReport) -> set[str]:
    found = set()
    if manifest.signature:
        found |= {manifest.signature.common_name or "", manifest.signature.issuer or ""}
    for one in manifest.assertions:
        if one.label == "cawg.metadata":
            value = one.value["dc:creator"]
            found |= {value} if isinstance(value, str) else set(value)
    return found - {""}


def _like(pattern: str, *names: str | None) -> bool:
    folded = pattern.casefold()
    if any(char in pattern for char in "*?["):
        return any(fnmatch.fnmatchcase((one or "").casefold(), folded) for one in names if one)
    return any(folded in one.casefold() for one in names if one)


def _codes(report: VerificationReport) -> set[str]:
    nested = (found for delta in report.deltas for found in delta.findings)
    return {one.status.code for one in (*report.findings, *nested)}


def _agents(active: ManifestReport) -> set[str]:
    found = {active.claim.generator_name} if active.claim else set()
    for one in active.assertions:
        if one.label.startswith("c2pa.actions"):
            for action in one.value["actions"]:
                agent = action.get("softwareAgent")
                found |= {f"{agent['name']} {agent['version']}"} if agent else set()
    return found


def _state(report: VerificationReport) -> str:
    if report.state is not None:
        return report.state.value.lower()
    return "unread" if report.errors else "none"


def fits(world: World, path: str, wanted: Filters) -> bool:
    """Does a file meet all filters, as its own report has it?"""
    one = world.files[path]
    report, active = one.report, one.active
    signature = active.signature if active else None
    title = active.claim.title if active and active.claim else None
    signer = (signature.common_name, signature.issuer) if signature else ()

    def each(patterns: tuple[str, ...], *names: str | None) -> bool:
        return not patterns or any(_like(two, *names) for two in patterns)

    works = set(one.graph.works) - {one.graph.root} if one.graph else set()
    return (
        each(wanted.signer, *signer)
        and each(wanted.generator, *(_agents(active) if active else ()))
        and each(wanted.title, title)
        and each(wanted.media_type, report.asset.format)
        and each(wanted.model, *one.models)
        and each(wanted.contributor, *one.people)
        and (not wanted.state or _state(report) in wanted.state)
        and (not wanted.code or not _codes(report).isdisjoint(wanted.code))
        and (not wanted.under or any(f"{path}/".startswith(f"{two}/") for two in wanted.under))
        and all(bool(works & set(two.claims)) for two in wanted.made_from)
    )


def several(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    """Nothing, mostly; else one or two of these."""
    some = st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(tuple)
    return st.one_of(st.just(()), st.just(()), some)


FILTERS = st.builds(
    Filters,
    signer=several("development", "*es256", "nobody", "DEVELOPMENT ES256"),
    generator=several("painter", "Painter ?", "*", "none of these"),
    title=several("made", "by *", "BY ÉMILE", "e"),
    media_type=several("png", "image/*", "application/c2pa", "application/*"),
    model=several("base", "LORA", "émile", "b*l", "nothing"),
    contributor=several("the lab", "ada ñ", "zoë", "z*", "Development"),
    state=several("trusted", "valid", "invalid", "none", "unread"),
    code=several("assertion.dataHash.mismatch", "claimSignature.validated", "general.error"),
)


@settings(max_examples=150, deadline=None)
@given(wanted=FILTERS, inner=st.booleans())
def test_what_is_found_is_what_a_loop_over_reports_finds(
    world: World, wanted: Filters, inner: bool
) -> None:
    if inner:
        wanted = replace(wanted, under=(str(world.folder / "inner"), str(world.folder / "models")))
    with Index.open(world.place, reading=True) as index:
        query = Query(index, wanted)
        found = list(query.paths())
        assert query.count() == len(found)
        assert [one.path for one in query.records(reports=False)] == found
        assert stats_of(index, wanted).files == len(found)
    assert set(found) == {path for path in world.files if fits(world, path, wanted)}
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"model": ("base xl",)}, {"made.png", "copy.png", "far.png", "by-hash.png", "lora.c2pa"}),
        ({"contributor": ("the lab",)}, {"made.png", "far.png", "by-hash.png", "base.c2pa"}),
        ({"contributor": ("zoë",)}, {"signed.png", "of-bare.png"}),
        ({"generator": ("painter 2",)}, {"made.png", "copy.png"}),
        ({"state": ("none",)}, {"plain.png"}),
    ],
)
def test_these_are_found(world: World, filters: dict[str, Any], names: set[str]) -> None:
    """So that the loop, too, is known to find something."""
    assert names <= {os.path.basename(path) for path in world.ask(**filters)}


@pytest.mark.parametrize(
    "name", ["models/base.c2pa", "models/lora.c2pa", "photo.png", "signed.png"]
)
def test_what_was_made_of_a_file(world: World, name: str) -> None:
    made = made_of(str(world.folder / name))
    graph = world.files[str(world.folder / name)].graph
    assert graph is not None
    work = graph.root
    assert work in made.claims
    found = world.ask(made_from=(made,))
    wanted = {
        path
        for path, one in world.files.items()
        if one.graph and work in one.graph.works and one.graph.root != work
    }
    assert found == wanted
    assert found
    assert world.ask(made_from=(made_of(work),)) == wanted


def test_what_was_made_of_an_unsigned_file(world: World) -> None:
    found = world.ask(made_from=(made_of(str(world.folder / "plain.png")),))
    assert {os.path.basename(one) for one in found} == {"of-plain.png"}


def test_when_it_was_signed(world: World) -> None:
    with Index.open(world.place, reading=True) as index:
        records = list(Query(index).records(reports=False))
    times = {one.path: one.signed_at for one in records if one.signed_at is not None}
    for path, at in times.items():
        moment = datetime.fromtimestamp(at, UTC)
        day = timedelta(days=1)
        assert path in world.ask(since=moment, until=moment)
        assert path not in world.ask(since=moment + day)
        assert path not in world.ask(until=moment - day)
    assert world.ask(since=datetime(1970, 1, 1, tzinfo=UTC)) == set(times)
    assert datetime(2024, 3, 5, 6, 7, 8, tzinfo=UTC).timestamp() in times.values()


def test_a_record_is_that_of_the_report(world: World) -> None:
    with Index.open(world.place, reading=True) as index:
        records = {one.path: one for one in Query(index).records()}
    assert set(records) == set(world.files)
    for path, one in world.files.items():
        made, held = record_of(one.examined, NOW), records[path]
        assert held._replace(report=None, checked_at=None) == made._replace(
            report=None, checked_at=None
        )
        assert made.checked_at == pytest.approx(NOW.timestamp())
        assert held.checked_at == pytest.approx(NOW.timestamp())
        assert json.loads(held.report or "") == json.loads(made.report or "")


def test_numbers_are_those_of_the_reports(world: World) -> None:
    with Index.open(world.place, reading=True) as index:
        stats = stats_of(index, top=1000)
    reports = [one.report for one in world.files.values()]
    assert stats.files == len(reports)
    assert stats.passed_over == 1
    assert stats.folders == len({os.path.dirname(one) for one in world.files})
    assert stats.states == Counter(map(_state, reports))
    assert dict(stats.formats.rows) == Counter(one.asset.format for one in reports)
    assert dict(stats.codes.rows) == Counter(code for one in reports for code in _codes(one))
    assert stats.bytes == sum(one.asset.size or 0 for one in reports)
    held = [{name for manifest in one.manifests for name in _people(manifest)} for one in reports]
    assert dict(stats.contributors.rows) == Counter(name for names in held for name in names)
    titles = [
        {
            edge.title
            for manifest in one.manifests
            for edge in manifest.ingredients
            if any(kind.startswith("c2pa.types.model") for kind in edge.types)
        }
        for one in reports
    ]
    assert dict(stats.models.rows) == Counter(title for some in titles for title in some)
    assert stats.models.rows
    claims = {manifest.label for one in reports for manifest in one.manifests}
    assert stats.manifests >= len(claims) > 5
    with Index.open(world.place, reading=True) as index:
        some = stats_of(index, Filters(under=(str(world.folder / "inner"),)), top=1000)
    inside = [one for path, one in world.files.items() if "/inner/" in path]
    assert some.files == len(inside)
    assert dict(some.contributors.rows) == Counter(
        name
        for one in inside
        for name in {name for two in one.report.manifests for name in _people(two)}
    )


@pytest.mark.parametrize("name", TABLES)
def test_tables_tell_of_the_files_that_were_chosen(world: World, name: str) -> None:
    with Index.open(world.place, reading=True) as index:
        rows = list(table(Query(index), name))
        none = list(table(Query(index, Filters(title=("no such",))), name))
    assert none == []
    assert {len(row) for row in rows} == {len(columns_of(name))}
    reports = [one.report for one in world.files.values()]
    manifests = [two for one in reports for two in one.manifests]
    labels = {one.label for one in manifests}
    match name:
        case "files":
            assert {row[0] for row in rows} == set(world.files)
        case "manifests":
            assert Counter(row[3] for row in rows) == Counter(one.label for one in manifests)
        case "edges":
            assert {row[1] for row in rows} == {one.label for one in manifests if one.ingredients}
        case "people":
            assert {(row[1], row[2]) for row in rows} == {
                (one.label, two) for one in manifests for two in _people(one)
            }
        case _:
            signed = {one.signature.serial_number for one in manifests if one.signature}
            assert {row[4] for row in rows} == signed
    assert labels


def test_what_led_to_a_file_is_told_with_its_evidence(world: World) -> None:
    with Index.open(world.place, reading=True) as index:
        wanted = Filters(contributor=("lab", "ada ñ"), model=("base*",))
        hits = {os.path.basename(one.record.path): one for one in Query(index, wanted).hits()}
    made = hits["made.png"]
    assert made.models == ("Base XL",)
    assert [tuple(one) for one in made.contributors] == [
        ("Ada Ñ", "creator", "declared"),
        ("The Lab", "creator", "declared"),
    ]
    assert [one.name for one in hits["far.png"].contributors] == ["The Lab"]


def test_paths_come_in_order_and_no_more_than_asked_for(world: World) -> None:
    with Index.open(world.place, reading=True) as index:
        every = list(Query(index).paths())
        assert list(Query(index).paths(limit=3)) == every[:3]
    keys = [(os.path.dirname(one), os.path.basename(one)) for one in every]
    plain = [one for one in keys if one[0].isascii()]
    assert plain == sorted(plain)
    assert len(plain) == len(keys) - (1 if os.fsdecode(b"\xff") in "".join(every) else 0)


def test_a_run_may_write_while_somebody_reads(world: World, tmp_path: Path) -> None:
    place, folder = tmp_path / "i.db", gallery(tmp_path / "all")
    update(place, folder, trust=the_studio().trust)
    with Index.open(place, reading=True) as index:
        query = Query(index)
        rows = query.records()
        first = next(rows)
        (folder / "made.png").unlink()
        update(place, folder, trust=the_studio().trust)
        assert len([first, *rows]) == len(world.files)
        assert query.count() == len(world.files) - 1


@pytest.mark.parametrize("value", ["x'ff00'", "7", "1e400", "'a' || char(0)", "NULL"])
def test_any_value_in_any_column_is_an_answer_or_damage(
    world: World, tmp_path: Path, value: str
) -> None:
    """Whoever made the index: what stands in it is told, or refused."""
    place, refused = tmp_path / "i.db", 0
    with closing(sqlite3.connect(world.place)) as source, closing(sqlite3.connect(place)) as db:
        source.backup(db)
        tables = ("folders", "outcomes", "files", "reports", "signers", "manifests", "holds")
        for name in (*tables, "edges", "people", "terms", "hashes"):
            for _, column, *_ in source.execute(f"PRAGMA table_info({name})").fetchall():
                source.backup(db)
                with suppress(sqlite3.IntegrityError):  # SQLite itself refuses
                    db.execute(f"UPDATE OR FAIL {name} SET {column} = {value}")  # noqa: S608
                db.commit()
                refused += _ask_all(place, world.folder)
    assert refused > 5 or value == "NULL"


def _ask_all(place: Path, folder: Path) -> bool:
    wanted = Filters(model=("*",), contributor=("*",), under=(str(folder),))
    with Index.open(place, reading=True) as index:
        catalogue = IndexCatalogue(index)
        asked: tuple[Callable[[], object], ...] = (
            lambda: list(Query(index).records()),
            lambda: list(Query(index).reports()),
            lambda: list(Query(index, wanted).hits()),
            lambda: stats_of(index).to_dict(),
            lambda: [
                list(csv_lines(columns_of(name), table(Query(index), name))) for name in TABLES
            ],
            lambda: trace(folder / "by-hash.png", catalogue=catalogue),
        )
        refused = False
        for one in asked:
            try:
                one()
            except IndexFileError:
                refused = True
    return refused


@pytest.mark.slow
def test_a_hundred_thousand_rows_are_asked_in_little_memory(tmp_path: Path) -> None:
    """Memory is compared with that of a small index; time with that of reading every row once."""
    import time
    import tracemalloc

    from tests.batch.many_rows import fill_index

    peaks, times = {}, {}
    for count in (1_000, 100_000):
        place = tmp_path / f"{count}.db"
        fill_index(place, count)
        with Index.open(place, reading=True) as index:
            began = time.perf_counter()
            index.connection.execute("SELECT sum(length(body)) FROM reports").fetchone()
            once = time.perf_counter() - began
            tracemalloc.start()
            began = time.perf_counter()
            chance = random.Random(3)
            wanted = Filters(contributor=(f"artist {chance.randrange(50)}",))
            assert sum(1 for _ in Query(index, wanted).paths())
            assert sum(1 for _ in Query(index).paths()) == count
            times[count] = (time.perf_counter() - began) / max(once, 0.05)
            peaks[count] = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    assert peaks[100_000] < 3 * peaks[1_000] + (4 << 20)
    assert times[100_000] < 200
