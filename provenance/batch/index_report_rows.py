"""The rows of an index as the page wants them: some at a time, in the order of their paths."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any

from provenance.batch import index_values as values
from provenance.batch.index import Index
from provenance.batch.index_pictures import Subject
from provenance.batch.index_query import Query
from provenance.batch.index_select import Filters
from provenance.batch.walk import Mark
from provenance.report.index_columns import BLOCK, NO_PICTURE, TableOutcome, TableRow, rank
from provenance.report.index_details import (
    DETAILS,
    MOST,
    FileDetails,
    ManifestDetails,
    Part,
    packed,
)
from provenance.report.steps import NEUTRAL, TONES
from provenance.report.style import Tone

__all__ = ["Reading"]

_NAMES = 200  # models, and people, that a file is found by
_POLICIES = {1: "all its rules hold", 2: "refused by it", 3: "refused by it, for trust alone"}
_STATES = {"Invalid": "invalid", "Valid": "valid", "Trusted": "trusted"}
_TONES = {tone.name: tone for tone in Tone}
_FILES = "FROM files JOIN outcomes ON outcomes.id = outcome_id"
_FOLDERS = " JOIN folders ON folders.id = folder_id"
_BY_PATH = "ORDER BY folders.path, files.name"


class Reading:
    """What an index holds, all of one moment: to be used within one transaction.

    Args:
        index: that is open.
        filters: of which files; all unless said.

    Raises:
        IndexFileError: the index is damaged.
    """

    def __init__(self, index: Index, filters: Filters | None = None) -> None:
        self._db = index.connection
        self.filters = filters or Filters()
        self._where = " WHERE interesting"
        if self.part:  # found once, for all that is asked about them
            Query(index, self.filters).store("chosen", "files.id AS file_id")
            self._where += " AND files.id IN (SELECT file_id FROM chosen)"
        self.pictures: dict[int, int] = {}  # of files, by row
        self.files = 0

    @property
    def part(self) -> bool:
        """Some files were asked for, and not all."""
        return self.filters != Filters()

    def _from(self, joins: str = _FOLDERS) -> str:
        """The files that are told of, as SQL."""
        return f"{_FILES}{joins}{self._where}"

    @cached_property
    def outcomes(self) -> dict[int, TableOutcome]:
        """What came of files, by the number of it."""
        columns = "id, state, location, format, error, signer, failed, codes, policy, words, tone"
        rows = self._db.execute(f"SELECT {columns} FROM outcomes WHERE interesting")  # noqa: S608
        return {number: _outcome(*row) for number, *row in rows}

    @cached_property
    def counts(self) -> Counter[int]:
        """How many files came out how."""
        return Counter(dict(self.all(f"SELECT outcome_id, count(*) {self._from('')} GROUP BY 1")))

    @cached_property
    def root(self) -> str:
        """The folder that all files lie in."""
        common: str | None = None
        for (path,) in self._db.execute(f"SELECT DISTINCT folders.path {self._from()}"):
            folder = values.path_of(path, "")[:-1] or os.sep
            try:
                common = folder if common is None else os.path.commonpath((common, folder))
            except ValueError:  # on several drives
                return ""
        return common or ""

    @property
    def extent(self) -> tuple[int, Any, Any, int]:
        """How many folders they lie in, when the first and last was checked, and all bytes."""
        ((folders, first, last, size),) = self.all(
            "SELECT count(DISTINCT folder_id), min(checked_at), max(checked_at), sum(size)"
            f" {self._from('')}"
        )
        return folders, first, last, size or 0

    @property
    def terms(self) -> list[tuple[str, int]]:
        """By what so many of them were judged, the most frequent first."""
        joins = " JOIN terms ON terms.id = terms_id"
        sql = f"SELECT terms.words, count(*) {self._from(joins)} GROUP BY 1 ORDER BY 2 DESC"
        return [(values.text(words) or "", count) for words, count in self.all(sql)]

    def count(self, *, interesting: bool) -> int:
        """How many files there are in all; or were passed over."""
        which = "interesting" if interesting else "NOT interesting"
        ((found,),) = self.all(f"SELECT count(*) {_FILES} WHERE {which}")
        return values.integer(found)

    def all(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a question with a few."""
        return self._db.execute(sql).fetchall()

    def subjects(self, most: int) -> Iterator[Subject]:
        """The files that are to have a thumbnail: those to look at first, in order."""
        order: dict[int, list[int]] = defaultdict(list)
        for number, one in self.outcomes.items():
            order[rank(one.state, one.refused)].append(number)
        cases = " ".join(
            f"WHEN {number} THEN {place}" for place in order for number in order[place]
        )
        if not cases:
            return
        rows = self._db.execute(
            "SELECT files.id, folders.path, name, size, mtime_ns, inode, beside, outcome_id,"
            f" CASE outcome_id {cases} END AS place"
            f" {self._from()} ORDER BY place, folders.path, name LIMIT ?",
            (most,),
        )
        for number, folder, name, *mark, outcome, _ in rows:
            one, path = self.outcomes[outcome], values.path_of(folder, name)
            holds = one.state in ("valid", "trusted")
            yield Subject(number, path, Mark(*mark), holds, one.format)

    def blocks(self) -> Iterator[list[TableRow]]:
        """All rows."""
        cursor = self._db.execute(
            "SELECT files.id, folders.path, files.name, outcome_id, checked_at, size,"
            " title, generator, signed_at, attested, source_types, agents"
            f" {self._from(_FOLDERS + _ACTIVE)} {_BY_PATH}"
        )
        while found := cursor.fetchmany(BLOCK):
            numbers = [row[0] for row in found]
            models = self._named(_MODELS, numbers)
            people = self._named(_PEOPLE, numbers)
            self.files += len(found)
            yield [self._row(row, models, people) for row in found]

    def _row(
        self,
        row: tuple[Any, ...],
        models: dict[int, list[str]],
        people: dict[int, list[str]],
    ) -> TableRow:
        number, folder, name, outcome, checked, size, title, generator, *more = row
        signed, attested, made, agents = more
        folder, _, name = values.path_of(folder, name).rpartition(os.sep)
        return TableRow(
            folder=self.below(folder or os.sep),
            name=name,
            outcome=self.outcomes[outcome],
            title=values.text(title),
            generator=values.text(generator) or None,
            models=tuple(models.get(number, ())),
            contributors=tuple(people.get(number, ())),
            sources=values.words(made),
            agents=tuple((values.text(agents) or "").splitlines()),
            signed_at=values.real(signed),
            attested=bool(attested),
            checked_at=values.real(checked) or 0.0,
            size=values.integer(size),
            picture=self.pictures.get(number, NO_PICTURE),
        )

    def below(self, folder: str) -> str:
        """A folder as seen from the one that all files lie in: where that is, is nobody's concern.

        It is told in full where there is no such folder but that of the whole system.
        """
        root = self.root
        if not root or os.path.dirname(root) == root:
            return folder
        return "" if folder == root else os.path.relpath(folder, root)

    def _named(self, sql: str, numbers: list[int]) -> dict[int, list[str]]:
        found: dict[int, list[str]] = defaultdict(list)
        for number, name in self._of(sql, numbers):
            if len(found[number]) < _NAMES:
                found[number].append(values.text(name) or "")
        return found

    def _of(self, sql: str, numbers: Iterable[int]) -> Iterator[tuple[Any, ...]]:
        """Rows about some files or manifests, whose numbers stand where the sentence has `?`."""
        wanted = list(numbers)
        return self._db.execute(sql.replace("?", ",".join("?" * len(wanted))), wanted)

    def details(self) -> Iterator[str]:
        """The details of all files, in the order of `blocks`."""
        cursor = self._db.execute(f"SELECT files.id, {_LINES} {self._from()} {_BY_PATH}")
        while found := cursor.fetchmany(DETAILS):
            numbers = [number for number, _ in found]
            held: dict[int, list[tuple[int, str]]] = defaultdict(list)
            for number, manifest, state in self._of(_HOLDS, numbers):
                held[number].append((manifest, values.text(state) or ""))
            counts = dict(self._of(_HOW_MANY, numbers))
            wanted = {manifest: None for one in held.values() for manifest, _ in one}
            files = (
                FileDetails(
                    values.text(lines) or "",
                    tuple(held[number]),
                    counts.get(number, 0) - len(held[number]),
                )
                for number, lines in found
            )
            yield packed(files, self._manifests(wanted))

    def _manifests(self, wanted: Iterable[int]) -> dict[int, ManifestDetails]:
        numbers = iter(wanted)
        found: dict[int, ManifestDetails] = {}
        while some := list(islice(numbers, DETAILS)):
            parts: dict[int, list[Part]] = defaultdict(list)
            people: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
            for manifest, *edge in self._of(_EDGES, some):
                parts[manifest].append(
                    Part(values.text(edge[0]) or "", *map(values.text, edge[1:]))
                )
            for manifest, *person in self._of(_PERSONS, some):
                name, role, evidence = (values.text(one) or "" for one in person)
                people[manifest].append((name, role, evidence))
            for number, signed, attested, *row in self._of(_MANIFESTS, some):
                common_name, issuer, label, kind, title, generator, sources = map(values.text, row)
                found[number] = ManifestDetails(
                    label=label or "",
                    kind=kind or "",
                    title=title,
                    generator=generator or None,
                    sources=sources or "",
                    signer=", ".join(filter(None, dict.fromkeys((common_name, issuer)))) or None,
                    signed_at=values.real(signed),
                    attested=bool(attested),
                    parts=tuple(parts[number]),
                    people=tuple(people[number]),
                )
        return found


def _outcome(*row: Any) -> TableOutcome:
    state, location, format_, error, signer, failed, codes, policy, words, tone = row
    known = None if state is None else values.chosen(_STATES, state)
    kind = values.chosen(_TONES, tone)
    # That most files have no manifest is how things are, and no warning.
    plain = (state, error, location, kind) == (None, None, "none", Tone.WARN)
    policy = values.integer(policy)
    return TableOutcome(
        state=known or ("none" if error is None else "unread"),
        words=values.text(words) or "",
        tone=NEUTRAL if plain else TONES.get(kind, NEUTRAL),
        signer=values.text(signer),
        format=values.text(format_),
        policy=_POLICIES.get(policy),
        refused=policy > 1,
        failed=values.words(failed),
        codes=values.words(codes),
    )


_LINES = "(SELECT details FROM reports WHERE file_id = files.id)"
_ACTIVE = (
    " LEFT JOIN holds ON holds.file_id = files.id AND place = 0"
    " LEFT JOIN manifests ON manifests.id = manifest_id"
)
_MODELS = (
    "SELECT DISTINCT file_id, coalesce(edges.title, edges.digest) AS name FROM holds"
    " JOIN edges USING (manifest_id) WHERE role = 'model' AND name IS NOT NULL AND file_id IN (?)"
    " ORDER BY file_id, name"
)
# Who signed is told of each manifest; people are who made or vouch for it.
_PEOPLE = (
    "SELECT DISTINCT file_id, name FROM holds JOIN people USING (manifest_id)"
    " WHERE evidence <> 'signer' AND file_id IN (?) ORDER BY file_id, name"
)
_HOLDS = (
    "SELECT file_id, manifests.id, state FROM holds"  # noqa: S608  # our own number
    " JOIN manifests ON manifests.id = manifest_id"
    f" WHERE place < {MOST} AND file_id IN (?) ORDER BY file_id, place"
)
_HOW_MANY = (
    "SELECT file_id, count(*) FROM holds JOIN manifests ON manifests.id = manifest_id"
    " WHERE file_id IN (?) GROUP BY file_id"
)
_MANIFESTS = (
    "SELECT manifests.id, signed_at, attested, common_name, issuer, label, kind, title, generator,"
    " source_types FROM manifests LEFT JOIN signers ON signers.id = signer_id"
    " WHERE manifests.id IN (?)"
)
_EDGES = (
    "SELECT manifest_id, role, title, format, digest FROM edges"
    " WHERE manifest_id IN (?) ORDER BY manifest_id, uri"
)
_PERSONS = (
    "SELECT manifest_id, name, role, evidence FROM people"
    " WHERE manifest_id IN (?) AND evidence <> 'signer' ORDER BY manifest_id, name"
)
