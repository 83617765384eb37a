"""The page of ten thousand files in a browser: quick, and each filter shows what SQL finds."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from provenance.batch.index import Index
from provenance.batch.index_report import write_page
from provenance.batch.index_write import named_as
from provenance.report.escape import clean
from tests.batch.index_samples import GENERATORS, HOSTILE, MODELS, PEOPLE, SIGNERS, grown
from tests.report.browser import Browser, Tab, browser

COUNT = 10_000
USABLE = 3_000  # milliseconds; a quarter of it is what it takes on two slow cores
FILES = (
    "FROM files JOIN outcomes ON outcomes.id = outcome_id JOIN folders ON folders.id = folder_id"
    " LEFT JOIN holds h ON h.file_id = files.id AND h.place = 0"
    " LEFT JOIN manifests m ON m.id = h.manifest_id WHERE interesting AND "
)
IN_CHAIN = "files.id IN (SELECT file_id FROM holds JOIN {0} USING (manifest_id) WHERE {1})"
FILM = IN_CHAIN.format("edges", "title LIKE '%film%'")
MARCH = 1_709_251_200  # 2024-03-01
# What is asked for in the address, and the same for SQL.
FILTERS = {
    **{
        f"state={name}": sql
        for name, sql in (
            ("trusted", "outcomes.state = 'Trusted'"),
            ("valid", "outcomes.state = 'Valid'"),
            ("invalid", "outcomes.state = 'Invalid'"),
            ("none", "outcomes.state IS NULL AND error IS NULL"),
            ("unread", "outcomes.state IS NULL AND error IS NOT NULL"),
        )
    },
    f"signer={SIGNERS[1]}, Example CA": f"signer = '{SIGNERS[1]}, Example CA'",
    f"generator={GENERATORS[0]}": f"m.generator = '{GENERATORS[0]}'",
    f"model={MODELS[2]}": IN_CHAIN.format("edges", f"role = 'model' AND title = '{MODELS[2]}'"),
    f"contributor={PEOPLE[6]}": IN_CHAIN.format("people", f"name = '{PEOPLE[6]}'"),
    "agent=Brush 2": "m.agents LIKE 'Brush 2%'",
    "agent=Resize 1&format=image/png": "m.agents LIKE '%Resize 1' AND format = 'image/png'",
    "format=image/png": "format = 'image/png'",
    "source=humanEdits": "m.source_types = 'humanEdits'",
    "failed=claimSignature.mismatch": "failed LIKE '% claimSignature.mismatch'",
    "code=signingCredential.trusted": "' ' || codes || ' ' LIKE '% signingCredential.trusted %'",
    "from=2024-03-01": f"signed_at >= {MARCH}",
    "to=2024-02-29": f"signed_at < {MARCH}",
    "from=2024-02-29&to=2024-02-29": f"signed_at BETWEEN {MARCH} - 86400 AND {MARCH} - 1",
    "state=trusted&state=valid&q=IMG_0001": (
        "outcomes.state IN ('Trusted', 'Valid') AND name LIKE '%img_0001%'"
    ),
    f"q=blau+film+set02&generator={GENERATORS[1]}": (
        f"m.generator = '{GENERATORS[1]}' AND signer LIKE '%blau%' AND path LIKE '%set02'"
        f" AND {FILM}"
    ),
    "signer=nobody": "0",
}
ALL = """(() => {
  const found = [], next = document.getElementById("next");
  document.querySelector("main").hidden = true; // what nobody sees needs no layout
  for (;;) {
    for (const row of document.querySelectorAll("tr.row")) {
      const text = (what) => row.querySelector(what)?.textContent ?? "";
      found.push([text(".folder"), text("button bdi")]);
    }
    if (document.getElementById("pager").hidden || next.disabled) break;
    next.click();
  }
  document.querySelector("main").hidden = false;
  return found;
})()"""
HEADING = "document.getElementById('filestitle').textContent"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grown")
    grown(folder / "index.db", folder / "files", COUNT, real=len(HOSTILE) + 300)
    return folder / "index.db"


@pytest.fixture(scope="module")
def page(index: Path) -> Path:
    path = index.with_name("page.html")
    with Index.open(index) as held, path.open("wb") as stream:
        made = write_page(held, stream, thumbnails=COUNT)
    assert made.pictures > 100
    return path


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as one:
        yield one


@contextmanager
def opened(chromium: Browser, page: Path, fragment: str = "", **how: Any) -> Iterator[Tab]:
    with chromium.visit(page, **how) as tab:
        if fragment:
            tab.value(f"location.hash = {json.dumps(fragment)}")
            filtered = "" if fragment.startswith("sort=") else f" && {HEADING}.includes(' of ')"
            wait(tab, f"location.hash.length > 1{filtered}")
        yield tab
        seen = tab.seen()
        assert seen.complaints == ()
        asked = {one.partition("#")[0] for one in seen.requests if not one.startswith("data:")}
        assert asked == {page.as_uri()}


def wait(tab: Tab, expression: str) -> None:
    end = time.monotonic() + 20
    while not tab.value(expression):
        assert time.monotonic() < end, expression
        time.sleep(0.02)


def by_sql(index: Path, condition: str) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(index)) as connection:
        rows = connection.execute(f"SELECT path, name {FILES} {condition}").fetchall()
    return sorted((named_as(path).rpartition("/")[2], clean(named_as(name))) for path, name in rows)


def test_ten_thousand_rows_are_usable_in_under_three_seconds(chromium: Browser, page: Path) -> None:
    """From the start of loading to the table after a click on a filter, laid out."""
    with opened(chromium, page) as tab:
        loaded = tab.value("performance.getEntriesByType('navigation')[0].loadEventEnd")
        filtered = tab.value(
            """(() => {
              const start = performance.now();
              document.querySelector("[data-facet=generator] button.pick").click();
              document.getElementById("rows").getBoundingClientRect();
              return performance.now() - start;
            })()"""
        )
        assert tab.value(HEADING).endswith(f" of {COUNT:,} files")
        assert tab.value("document.querySelectorAll('tr.row').length") == 100
    assert 0 < loaded + filtered < USABLE


def test_a_filter_shows_exactly_what_sql_finds(chromium: Browser, index: Path, page: Path) -> None:
    with opened(chromium, page) as tab:
        for fragment, condition in FILTERS.items():
            wanted = by_sql(index, condition)
            assert (len(wanted) > 0) == (fragment != "signer=nobody"), fragment
            heading = f"{len(wanted):,} of {COUNT:,} files"
            tab.value(f"{HEADING} = ''; location.hash = {json.dumps(fragment)}")
            wait(tab, f"{HEADING} === {json.dumps(heading)}")
            assert sorted(map(tuple, tab.value(ALL))) == wanted, fragment


def test_a_bar_has_the_number_of_rows_that_it_filters(chromium: Browser, page: Path) -> None:
    """With another filter in force, whose own bars still tell what else there is."""
    with opened(chromium, page, "state=trusted&state=invalid") as tab:
        for name in ("signer", "generator", "agent", "model", "format", "source", "failed"):
            bar = f"document.querySelector('[data-facet={name}] button.pick')"
            count = tab.value(f"{bar}.querySelector('.count').textContent")
            tab.value(f"{bar}.click()")
            assert tab.value(HEADING) == f"{count} of {COUNT:,} files", name
            assert tab.value(f"{bar}.getAttribute('aria-pressed')") == "true"
            tab.value(f"{bar}.click()")
        total = tab.value(HEADING).partition(" ")[0]
        numbers = tab.value(
            "[...document.querySelectorAll('button.tile[aria-pressed=true] .number')]"
            ".map((one) => Number(one.textContent.replaceAll(',', '')))"
        )
        assert f"{sum(numbers):,}" == total
        tab.value("document.querySelectorAll('#bars button')[3].click()")
        words = tab.value("document.querySelector('#bars [aria-pressed=true]').title")
        assert tab.value(HEADING).partition(" ")[0] == words.split()[1]


def test_words_in_the_search_field_filter_at_once_and_stand_in_the_address(
    chromium: Browser, page: Path
) -> None:
    with opened(chromium, page) as tab:
        tab.click("#search")
        chromium.call("Input.insertText", tab.session, text="IMG_00012 ana")
        wait(tab, f"{HEADING}.includes(' of ')")
        wait(tab, "location.hash === '#q=IMG_00012+ana'")
        found = tab.value(ALL)
        assert found
        assert all(name.startswith("IMG_00012") for _, name in found)
        heading = tab.value(HEADING)
        tab.reload()
        assert tab.value(HEADING) == heading
        tab.click("#chips button")
        wait(tab, f"{HEADING} === {json.dumps(f'{COUNT:,} files')}")
        wait(tab, "location.hash === ''")


def test_heads_sort_both_ways(chromium: Browser, page: Path) -> None:
    with opened(chromium, page, "q=IMG_00") as tab:
        for key in ("file", "verdict", "signer", "generator", "signed", "failed"):
            head, seen = f"document.querySelector('th.is-{key} button')", []
            for _ in range(2):
                tab.value(f"{head}.click()")
                texts = "map((one) => one.textContent.replace(' not attested', ''))"
                seen.append(tab.value(f"[...document.querySelectorAll('.row .is-{key}')].{texts}"))
                assert tab.value(f"{head}.parentElement.hasAttribute('aria-sort')"), key
            if key in ("signer", "generator", "signed"):
                rising = tab.value(f"{head}.parentElement.getAttribute('aria-sort')") != "ascending"
                assert seen[0] == sorted(seen[0], reverse=not rising), key
                assert seen[1] == sorted(seen[1], reverse=rising), key
            assert seen[0] != seen[1], key


def test_a_row_opens_and_tells_of_manifests_ingredients_and_people(
    chromium: Browser, page: Path
) -> None:
    with opened(chromium, page, "q=IMG_000102") as tab:
        tab.click("tr.row button.name")
        wait(tab, "document.querySelector('.detail .manifest') !== null")
        text = tab.value("document.querySelector('.detail').innerText")
        for words in ("Picture no. 102", MODELS[102 % 4], PEOPLE[102 % 7], "image/", "Signed by"):
            assert words in text
        tab.click("tr.row button.name")
        assert tab.value("document.querySelector('.detail')") is None


def test_hostile_names_are_texts_in_rows_details_and_bars(chromium: Browser, page: Path) -> None:
    with opened(chromium, page, "q=<") as tab:
        assert tab.value("document.title").endswith(": Content Credentials")
        names = {name for _, name in tab.value(ALL)}
        assert {clean(one.replace("/", "-")) for one in HOSTILE[:3]} <= names
        assert tab.value("document.querySelectorAll('#rows script, #rows img[src=x]').length") == 0


def test_thumbnails_are_shown(chromium: Browser, page: Path) -> None:
    with opened(chromium, page, "sort=file") as tab:
        wait(tab, "[...document.images].some((one) => one.naturalWidth > 1)")
        assert tab.value(
            "[...document.images].every((one) => one.src.startsWith('data:image/webp'))"
        )


def test_keys_reach_a_bar_and_stay_on_it(chromium: Browser, page: Path) -> None:
    with opened(chromium, page) as tab:
        tab.value("document.querySelector('[data-facet=signer] button.pick').focus()")
        words = tab.value("document.activeElement.value")
        tab.press("Enter")
        assert tab.value("document.activeElement.value") == words
        assert tab.value("document.activeElement.getAttribute('aria-pressed')") == "true"
        tab.press("Enter")
        assert tab.value(HEADING) == f"{COUNT:,} files"


@pytest.mark.parametrize("width", [1200, 390])
@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_the_screen_and_can_be_read_aloud(
    chromium: Browser, page: Path, width: int, dark: bool
) -> None:
    with opened(chromium, page, width=width, dark=dark) as tab:
        seen = tab.seen()
        assert seen.overflow == 0
        roles = {role for role, _ in seen.tree}
        assert {"main", "table", "searchbox", "status", "navigation"} <= roles
        assert [name for role, name in seen.tree if role == "button" and not name.strip()] == []
        fields = ("searchbox", "combobox", "spinbutton", "Date")
        assert [name for role, name in seen.tree if role in fields and not name] == []
        light = int(seen.background.split("(")[1].split(",")[0]) > 128
        assert light != dark


def test_printing_takes_more_than_a_screenful(chromium: Browser, page: Path) -> None:
    with opened(chromium, page, f"signer={SIGNERS[0]}, Example CA") as tab:
        count: Callable[[], int] = lambda: tab.value("document.querySelectorAll('tr.row').length")  # noqa: E731
        tab.value("window.dispatchEvent(new Event('beforeprint'))")
        assert count() == 500
        assert "first 500" in tab.value("document.getElementById('printed').textContent")
        tab.value("window.dispatchEvent(new Event('afterprint'))")
        assert count() == 100
