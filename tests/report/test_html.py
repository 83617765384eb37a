"""The page: all of it in one file, nothing asked of anybody, the verdict for eyes and ears."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

import provenance
from provenance.report.html import html
from provenance.report.thumbnails import Album, media_type
from provenance.spans import Span
from provenance.validate.policy_result import PolicyResult, RuleResult
from provenance.validate.results import (
    AssertionReport,
    Coverage,
    IngredientReport,
    VerificationReport,
)
from tests.report.browser import Browser, browser
from tests.report.chains import chain_of_three, hostile_file, signer_in
from tests.report.samples import ACTIVE, PARENT, REPORTS, manifest, report

JPEG = b"\xff\xd8\xff\xe0" + bytes(20)


class Outline(HTMLParser):
    """Which tags a page has, with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    signer = signer_in(folder / "keys")
    last = chain_of_three(folder, signer)
    data = bytearray(last.read_bytes())
    data[-30] ^= 1
    changed = folder / "changed.png"
    changed.write_bytes(data)
    return {"chain": last, "changed": changed, "hostile": hostile_file(folder)}


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as one:
        yield one


def test_the_title_and_the_status_are_the_verdict() -> None:
    shown = Outline(html(REPORTS["changed"]))
    assert "picture.png: INVALID" in shown.texts
    assert [one["role"] for one in shown.all("p") if "role" in one] == ["status"]


@pytest.mark.parametrize("one", REPORTS.values(), ids=REPORTS)
def test_every_report_makes_a_page_that_loads_nothing(one: VerificationReport) -> None:
    shown = Outline(html(one))
    assert not shown.all("script")
    for tag, attributes in shown.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            assert str(attributes.get(name) or "data:").startswith("data:"), (tag, name)
    (policy,) = (one["content"] for one in shown.all("meta") if "http-equiv" in one)
    assert str(policy).startswith("default-src 'none';")


def test_the_four_questions_are_answered_apart() -> None:
    shown = Outline(html(REPORTS["untrusted"])).texts
    for name in ("Integrity", "Trust", "Time", "Identity"):
        assert name in shown
    assert "whole: the file is as it was signed" in shown
    assert any(text.startswith("none: the certificate leads") for text in shown)


def test_an_unknown_signer_is_not_listed_as_something_wrong() -> None:
    assert "What is wrong" not in html(REPORTS["untrusted"])
    assert "What is wrong" in html(REPORTS["changed"])
    assert "Do not rely on what follows" in html(REPORTS["changed"])


def test_without_a_manifest_there_is_no_chain_but_advice() -> None:
    shown = html(REPORTS["nothing"])
    assert "What it says it was made of" not in shown
    assert "websites often strip it" in shown


def test_the_folder_of_a_file_is_not_told() -> None:
    one = report(asset=replace(REPORTS["untrusted"].asset, path="/home/ada/secret/picture.png"))
    assert "secret" not in html(one)


def test_the_bar_tells_what_is_covered_and_what_is_not() -> None:
    coverage = Coverage(1000, store=(Span(100, 200),), other=(Span(500, 3),))
    shown = html(report(coverage=coverage))
    assert 'aria-label="797 of 1,000 bytes are covered' in shown
    assert "not covered: 3 bytes" in shown
    assert "Whoever changes the bytes that are not covered is not found out." in shown
    for row in ("0 to 99", "100 to 299", "500 to 502", "503 to 999"):
        assert f"<td>{row}</td>" in shown


def test_an_asset_left_out_in_very_many_places_makes_a_short_page() -> None:
    other = tuple(Span(at, 1) for at in range(0, 200_000, 2))
    shown = html(report(coverage=Coverage(200_000, store=(), other=other)))
    assert len(shown) < 200_000
    assert "more spans" in shown


def picture(data: bytes) -> AssertionReport:
    return AssertionReport("c2pa.thumbnail.claim.x", {"size": 1}, created=True, picture=data)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (JPEG, "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n" + bytes(9), "image/png"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_only_real_pictures_are_shown(data: bytes, kind: str | None) -> None:
    assert media_type(data) == kind
    shown = html(report(manifests=(manifest(assertions=(picture(data),)),)))
    assert (f"data:{kind};base64," in shown) == (kind is not None)
    assert "data:image/svg" not in shown


def test_pictures_stop_before_a_page_grows_too_large() -> None:
    large = JPEG + bytes(5 << 20)
    labels = [f"urn:c2pa:{at}" for at in range(4)]
    album = Album(tuple(manifest(one, assertions=(picture(large),)) for one in labels))
    shown = [album.of_claim(manifest(one, assertions=(picture(large),))) for one in labels]
    assert [one is not None for one in shown] == [True, True, False, False]


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        ("self#jumbf=c2pa.assertions/c2pa.thumbnail.claim.x", True),
        (f"self#jumbf=/c2pa/{ACTIVE}/c2pa.assertions/c2pa.thumbnail.claim.x", True),
        (f"self#jumbf=/c2pa/{PARENT}/c2pa.assertions/c2pa.thumbnail.claim.x", False),
        ("https://example.org/c2pa.thumbnail.claim.x", False),
        ("", False),
        (None, False),
    ],
)
def test_an_ingredients_thumbnail_is_found_where_it_says(uri: str | None, found: bool) -> None:
    one = manifest(assertions=(picture(JPEG),))
    assert (Album((one,)).at(uri, one) is not None) is found


def test_a_chain_that_branches_without_end_makes_a_short_page() -> None:
    many = tuple(
        IngredientReport(uri="u", relationship="componentOf", title="x", format=None, manifest=None)
        for _ in range(10_000)
    )
    shown = html(report(manifests=(manifest(ingredients=many),)))
    assert shown.count("<article") < 300
    assert "9800 more, not shown here" in shown


def test_a_chain_that_runs_in_a_circle_ends() -> None:
    back = IngredientReport(
        uri="u", relationship="parentOf", title="again", format=None, manifest=ACTIVE
    )
    assert "shown above" in html(report(manifests=(manifest(ingredients=(back,)),)))


def test_hostile_words_are_text(files: dict[str, Path]) -> None:
    shown = html(provenance.verify(files["hostile"]))
    assert not set(shown) & set("\x1b\x07\u202e")
    outline = Outline(shown)
    assert not outline.all("script")
    assert not outline.all("img")
    assert not any("onclick" in one for one in outline.all("b"))
    assert "&lt;script&gt;alert(2)" in shown
    assert "{{7*7}}" in shown
    assert r"\x1b[31m\u{202e}gnp\x07" in shown
    for word in ("creators", "action", "made with"):
        assert f"<dt>{word}</dt><dd><bdi>&lt;img" in shown


def test_the_chain_has_a_verdict_for_each_manifest(files: dict[str, Path]) -> None:
    shown = html(provenance.verify(files["chain"]))
    chain = shown[shown.index('id="chain"') : shown.index('id="bytes"')]
    assert re.findall(r"<h3><bdi>(.*?)</bdi>", chain) == [
        *("Published", "Edited", "Sketch"),
        *("Base model", "part.png"),
    ]
    assert chain.count("<span>valid, signer not trusted</span>") == 3
    assert chain.count("data:image/jpeg;base64,") == 4
    assert "disclosed: a teal field, flat light" in chain


@pytest.mark.parametrize(("width", "dark"), [(360, False), (360, True), (1200, False)])
@pytest.mark.parametrize("name", ["chain", "changed", "hostile"])
def test_a_browser_opens_it_without_a_complaint_or_a_request(
    chromium: Browser,
    files: dict[str, Path],
    tmp_path: Path,
    name: str,
    width: int,
    dark: bool,
) -> None:
    page = tmp_path / "page.html"
    page.write_text(html(provenance.verify(files[name])), "utf-8")
    seen = chromium.open(page, width=width, dark=dark)
    assert seen.complaints == ()
    assert [one for one in seen.requests if not one.startswith("data:")] == [page.as_uri()]
    assert seen.overflow == 0, "no scrolling sideways"
    red, green, blue = map(int, re.findall(r"\d+", seen.background)[:3])
    assert (red + green + blue < 3 * 64) is dark


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("chain", "valid, signer not checked against any trust list"),
        ("changed", "INVALID"),
    ],
)
def test_the_verdict_is_in_the_accessibility_tree(
    chromium: Browser, files: dict[str, Path], tmp_path: Path, name: str, words: str
) -> None:
    page = tmp_path / "page.html"
    page.write_text(html(provenance.verify(files[name])), "utf-8")
    tree = chromium.open(page).tree
    assert [text for role, text in tree if role == "status"] == [words]
    headings = [text for role, text in tree if role == "heading"]
    assert headings[:2] == [files[name].name, "Four questions"]
    images = [text for role, text in tree if role == "image"]
    assert all(images)
    assert any("bytes are covered" in text for text in images)


def test_a_browser_shows_hostile_words_as_text(
    chromium: Browser, files: dict[str, Path], tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    page.write_text(html(provenance.verify(files["hostile"])), "utf-8")
    assert "<script>alert(2)</script>" in chromium.open(page).text


def test_the_browser_would_tell_of_a_script_or_a_request(
    chromium: Browser, files: dict[str, Path], tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    bad = "<script>console.log(1)</script><img src='https://example.invalid/x.png'>"
    page.write_text(html(provenance.verify(files["chain"])).replace("<main>", bad), "utf-8")
    seen = chromium.open(page)
    assert any("script" in one for one in seen.complaints)
    assert any("example.invalid" in one for one in (*seen.requests, *seen.complaints))


def test_a_policys_rules_are_listed_the_broken_ones_first() -> None:
    rules = (
        RuleResult("trust", True, "it is trusted"),
        RuleResult("age", False, "it is <too> old"),
    )
    shown = html(report(policy=PolicyResult("our <policy>", rules)))
    assert "What was asked for: <bdi>our &lt;policy&gt;</bdi>" in shown
    assert shown.index("it is &lt;too&gt; old") < shown.index("it is trusted")
    assert "What was asked for" not in html(report())
