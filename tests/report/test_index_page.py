"""The page of an index from finished values: compact, escaped, its pictures made anew."""

import io
import json
from collections.abc import Iterator

import pytest
from PIL import Image, PngImagePlugin

from provenance.report.escape import clean
from provenance.report.index_columns import TableOutcome, TableRow, embedded
from provenance.report.index_details import MOST, FileDetails, ManifestDetails, Part, packed
from provenance.report.index_html import Head, write
from provenance.report.index_thumbnails import EDGE, Sheet, small_picture
from provenance.report.steps import Fact
from tests.batch.index_samples import HOSTILE
from tests.report.pages import Taken

GOOD = TableOutcome(state="trusted", words="valid, signer trusted", tone="good", signer="News, CA")


def row(name: str = "a.png", **more: object) -> TableRow:
    return TableRow(folder="", name=name, outcome=GOOD, **more)  # type: ignore[arg-type]


def page(*rows: TableRow, head: Head | None = None, details: tuple[str, ...] = ()) -> str:
    out = io.BytesIO()
    with Sheet() as sheet:
        counts = {"trusted": len(rows)}
        write(out, head or Head("files", len(rows), counts, ()), [list(rows)], sheet, details)
    return out.getvalue().decode()


def manifest(**more: object) -> ManifestDetails:
    usual: dict[str, object] = {
        "label": "urn:c2pa:1",
        "kind": "standard",
        "title": None,
        "generator": None,
        "sources": "",
        "signer": None,
        "signed_at": None,
        "attested": False,
        "parts": (),
        "people": (),
    }
    return ManifestDetails(**{**usual, **more})  # type: ignore[arg-type]


def coloured(mode: str, kind: str, size: tuple[int, int] = (300, 200), **more: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 130).save(out, kind, **more)
    return out.getvalue()


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_leaves_its_place(text: str) -> None:
    outcome = TableOutcome(
        state="invalid", words="INVALID", tone="bad", signer=text, format=text, failed=(text,)
    )
    one = TableRow(
        folder=text,
        name=text,
        outcome=outcome,
        title=f"T{text}",
        generator=text,
        models=(text,),
        contributors=(text,),
        sources=(text,),
        agents=(text,),
    )
    plain = Taken(page(row(), head=Head("files", 1, {"invalid": 1}, (Fact("Files", "1"),), "1")))
    shown = Taken(
        page(one, head=Head(text, 1, {"invalid": 1}, (Fact("Files", clean(text)),), clean(text)))
    )
    assert [tag for tag, _ in shown.tags] == [tag for tag, _ in plain.tags]
    assert [attributes for attributes, _ in shown.scripts] == [
        attributes for attributes, _ in plain.scripts
    ]
    (found,) = shown.rows
    assert found["name"] == clean(text) == found["folder"]
    of_row = ("generator", "model", "contributor", "source", "agent")
    for name in ("signer", "format", "failed", *of_row):
        assert found[name] == [clean(text)], name


@pytest.mark.parametrize("text", HOSTILE)
def test_json_in_a_script_element_has_no_markup_and_no_odd_line_ends(text: str) -> None:
    shown = str(embedded([text]))
    assert not set("<>&'\u2028\u2029") & set(shown)
    assert shown.isascii()
    assert json.loads(shown) == [text]


def test_the_policy_lets_in_one_style_and_one_script_and_data_images() -> None:
    shown = Taken(page(row()))
    assert shown.policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in shown.policy
    assert "http" not in shown.policy
    (script,) = (text for one, text in shown.scripts if not one)
    assert "innerHTML" not in script
    assert "insertAdjacentHTML" not in script
    assert not [one for tag, one in shown.tags for name in one if name.startswith("on") and tag]
    assert not [one for _, one in shown.tags if "style" in one or "src" in one]


def test_what_rows_share_stands_once() -> None:
    rows = [row(f"{number}.png", models=("m", "n")) for number in range(5_000)]
    text = page(*rows)
    assert text.count("News, CA") == 1
    assert len(text) < len(page()) + 60 * len(rows)
    assert [one["name"] for one in Taken(text).rows] == [one.name for one in rows]
    assert {tuple(one["model"]) for one in Taken(text).rows} == {("m", "n")}


def test_an_empty_index_has_a_page() -> None:
    shown = Taken(page())
    assert shown.rows == []
    assert shown.json("shared")["count"] == 0


def test_the_page_is_written_as_the_rows_come() -> None:
    out = io.BytesIO()
    sizes = []

    def blocks() -> Iterator[list[TableRow]]:
        for number in range(3):
            sizes.append(out.tell())
            yield [row(f"{number}-{one}.png") for one in range(100)]

    with Sheet() as sheet:
        write(out, Head("files", 300, {"trusted": 300}, ()), blocks(), sheet, ())
    assert sizes == sorted(set(sizes))


def test_details_are_bounded_and_tell_how_much_more_there_is() -> None:
    parts = tuple(Part("component", f"p{number}", None, None) for number in range(MOST + 3))
    people = tuple((f"n{number}", "creator", "declared") for number in range(MOST + 5))
    held = {7: manifest(parts=parts, people=people, title=HOSTILE[0] * 100)}
    text = packed([FileDetails("one\n\ntwo", ((7, "Valid"),), 4)], held)
    assert text.replace("+", "").replace("/", "").replace("=", "").isalnum()
    found = Taken(page(row(), details=(text,))).details()
    (one,) = found["manifests"]
    assert (len(one["parts"]), one["moreParts"]) == (MOST, 3)
    assert (len(one["people"]), one["morePeople"]) == (MOST, 5)
    assert one["title"].endswith("…")
    assert found["files"] == [[["one", "two"], [[0, "Valid"]], 4]]


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        *(("RGB", "JPEG"), ("CMYK", "JPEG"), ("L", "PNG"), ("RGBA", "PNG"), ("P", "GIF")),
        *(("RGB", "WEBP"), ("RGB", "TIFF"), ("1", "PNG"), ("I;16", "PNG")),
    ],
)
def test_a_picture_becomes_a_small_webp(mode: str, kind: str) -> None:
    small = small_picture(coloured(mode, kind))
    assert small is not None
    with Image.open(io.BytesIO(small)) as opened:
        assert (opened.format, opened.size) == ("WEBP", (EDGE, 43))


def test_nothing_of_a_picture_comes_along_but_its_pixels() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "SECRET-TEXT")
    texts.add_itxt("XML:com.adobe.xmp", "SECRET-XMP")
    exif = Image.Exif()
    exif[0x010E] = "SECRET-EXIF"
    for data in (
        coloured("RGB", "PNG", pnginfo=texts, icc_profile=b"SECRET-ICC", exif=exif),
        coloured("RGB", "JPEG", icc_profile=b"SECRET-ICC", exif=exif, comment=b"SECRET-COMMENT"),
        coloured("RGB", "WEBP", icc_profile=b"SECRET-ICC", exif=exif, xmp=b"SECRET-XMP"),
    ):
        assert b"SECRET" in data
        small = small_picture(data + b"<script>SECRET</script>")
        assert small is not None
        assert b"SECRET" not in small


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
        b"\xff\xd8\xff\xe0" + bytes(40),
        b"\x89PNG\r\n\x1a\n" + bytes(40),
        coloured("RGB", "PNG")[:60],
        coloured("1", "PNG", (9_000, 9_000)),  # 81 megapixels in a few kilobytes
        coloured("RGB", "BMP"),
    ],
    ids=["empty", "svg", "eps", "jpeg", "png", "cut", "large", "bmp"],
)
def test_what_is_no_picture_or_too_much_gives_none(data: bytes) -> None:
    assert small_picture(data) is None


def test_pictures_that_are_alike_stand_once() -> None:
    with Sheet() as sheet:
        assert [sheet.add(one) for one in (b"a", b"b", b"a", b"c")] == [0, 1, 0, 2]
        assert list(sheet.groups(2)) == [["YQ==", "Yg=="], ["Yw=="]]
        assert len(sheet) == 3
