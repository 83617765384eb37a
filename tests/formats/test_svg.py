"""SVG: Base64 in an element, and an XML parser that must not be led astray."""

import time
import tracemalloc
from base64 import b64encode
from xml.etree import ElementTree

import pytest

from provenance.errors import LimitError, MalformedError
from provenance.formats.base import Located
from provenance.formats.svg import HANDLER
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource
from tests.formats.samples import store_of, written

SVG = "http://www.w3.org/2000/svg"
START = '<c2pa:manifest xmlns:c2pa="http://c2pa.org/manifest">'
URL = "https://example.com/store.c2pa"
STORE = store_of(300)
TEXT = b64encode(STORE).decode()


def svg(inside: str = "<rect/>", *, more: str = "", prolog: str = "") -> bytes:
    return f'{prolog}<svg xmlns="{SVG}"{more}>{inside}</svg>\n'.encode()


def located(asset: bytes, limits: Limits = DEFAULT_LIMITS) -> Located:
    return HANDLER.locate(BufferSource(asset), limits)


def signed(asset: bytes, store: bytes = STORE) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), len(store), DEFAULT_LIMITS), asset, store)


def parsed(asset: bytes) -> ElementTree.Element:
    """As other software sees it."""
    return ElementTree.fromstring(asset)  # noqa: S314  # of our own making


def stripped(asset: bytes) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), 0, DEFAULT_LIMITS), asset)


@pytest.mark.parametrize(
    "asset",
    [
        svg(),
        svg("<metadata></metadata><rect/>"),
        svg("<metadata/><rect/>"),
        svg("<metadata>\n <a/>\n</metadata><rect/><metadata>b</metadata>"),
        svg('<g data-a="a > b"><title>&lt;</title></g>', more=" id='>'"),
        svg(prolog="\ufeff<?xml version='1.0'?>\n<!-- <svg> -->\n"),
        svg(prolog="<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'svg11.dtd'>"),
        svg(prolog='<!DOCTYPE svg [<!ENTITY ns "http://ns.adobe.com/">]>', more=' a="&ns;"'),
        svg(f"<metadata>{START}{TEXT}</c2pa:manifest></metadata>", prolog="<?pi?>"),
        svg("<title>ü</title>").decode().encode("utf-16"),
        svg("<title>ü</title>").decode().encode("utf-16-be"),
        f'<s:svg xmlns:s="{SVG}"><s:rect/></s:svg>'.encode(),
    ],
)
def test_a_store_is_spliced_in_and_taken_out(asset: bytes) -> None:
    assert HANDLER.sniff(asset)
    bare = stripped(asset)
    whole = signed(bare)
    assert located(whole).store == STORE
    assert located(bare) == Located()
    assert stripped(whole) == bare
    at = next(at for at, byte in enumerate(whole) if bare[at : at + 1] != bytes((byte,)))
    assert whole.endswith(bare[at:])  # nothing else of the file has changed
    parsed(whole)


def test_the_element_is_that_of_the_standard() -> None:
    root = parsed(signed(svg()))
    (found,) = root.findall(f"{{{SVG}}}metadata/{{http://c2pa.org/manifest}}manifest")
    assert found.text == TEXT


def test_the_prefix_is_anybodys_choice() -> None:
    inside = f'<metadata xmlns:x="http://c2pa.org/manifest"><x:manifest>{TEXT}</x:manifest>'
    assert located(svg(f"{inside}</metadata>")).store == STORE
    other = '<metadata xmlns:c2pa="http://example.com/"><c2pa:manifest>AAAA</c2pa:manifest>'
    assert located(svg(f"{other}</metadata>")) == Located()


def test_white_space_around_the_text_is_no_part_of_it() -> None:
    folded = "\n\t".join(TEXT[at : at + 76] for at in range(0, len(TEXT), 76))
    found = located(svg(f"<metadata>{START}\n {folded}\n</c2pa:manifest></metadata>"))
    assert found.store == STORE


def test_a_store_elsewhere_in_the_drawing_is_not_one() -> None:
    element = f"{START}{TEXT}</c2pa:manifest>"
    for inside in (element, f"<g><metadata>{element}</metadata></g>", f"<!-- {element} -->"):
        assert located(svg(inside)) == Located()


def test_signing_again_keeps_the_element() -> None:
    whole = signed(signed(svg()), store_of(900))
    assert located(whole).store == store_of(900)
    assert whole.count(b"manifest>") == 2
    assert stripped(whole) == svg()


def test_two_stores_are_none_and_both_go() -> None:
    element = f"<metadata>{START}{TEXT}</c2pa:manifest></metadata>"
    asset = svg(element + element)
    assert (located(asset).store, located(asset).count) == (None, 2)
    assert located(signed(asset)).count == 1


def test_what_is_no_base64_is_noted() -> None:
    found = located(svg(f"<metadata>{START}&#37;%</c2pa:manifest></metadata>"))
    assert (found.store, found.count) == (None, 1)
    assert [note.kind for note in found.notes] == ["unreadable text"]
    empty = located(svg(f"<metadata>{START[:-1]}/></metadata>"))
    assert (empty.store, empty.count) == (b"", 1)


def test_damage_behind_a_store_does_not_hide_it() -> None:
    assert located(signed(svg())[:-12]).store == STORE
    with pytest.raises(MalformedError, match="XML"):
        located(svg()[:-12])


@pytest.mark.parametrize("name", ["x:xmpmeta", "rdf:RDF"])
def test_xmp_names_a_remote_store(name: str) -> None:
    packet = f'<{name}><rdf:Description dcterms:provenance="{URL}"/></{name}>'
    declared = (
        ' xmlns:x="adobe:ns:meta/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    )
    asset = svg(f"<metadata>{packet}</metadata>", more=declared)
    assert located(asset) == Located(remote_url=URL)
    assert located(asset.decode().encode("utf-16")) == Located(remote_url=URL)
    assert located(signed(asset)).remote_url is None
    assert stripped(signed(asset)) == asset


@pytest.mark.parametrize(
    "prolog",
    [
        "<!DOCTYPE svg [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>",
        f"<!DOCTYPE svg [<!ENTITY a '{'a' * 1000}'>]>",
        "<!DOCTYPE svg [<!ENTITY % a '<!ENTITY b \"c\">'>%a;]>",
        f"<!DOCTYPE svg [{''.join(map('<!ENTITY a{0} {0!r}>'.format, map(str, range(999))))}]>",
    ],
)
def test_entities_that_could_grow_are_refused(prolog: str) -> None:
    asset = svg(prolog=prolog)
    for look in (located, signed):
        with pytest.raises(MalformedError, match="could grow"):
            look(asset)


def test_entities_that_lie_elsewhere_stay_there() -> None:
    prolog = "<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
    assert located(svg("<title>&a;</title>", prolog=prolog)) == Located()


def measured(asset: bytes) -> tuple[float, int, Exception | None]:
    error = None
    tracemalloc.start()
    began = time.process_time()
    try:
        located(asset)
    except (MalformedError, LimitError) as caught:
        error = caught
    took = time.process_time() - began
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return took, peak, error


@pytest.mark.parametrize(
    "asset",
    [
        svg("<g>" * 100_000),
        svg("&a;" * 500_000, prolog=f"<!DOCTYPE svg [<!ENTITY a '{'a' * 128}'>]>"),
        svg(f'<g b="{"&a;" * 2_000_000}"/>', prolog=f"<!DOCTYPE svg [<!ENTITY a '{'a' * 99}'>]>"),
        svg("<!---->" * 500)[:-7],
        svg(f'<image href="{"A" * (20 << 20)}"/>'),
        b"<!---->" * 500 + b"<!DOCTYPE " + b"''" * 500,
    ],
    ids=["depth", "entities in text", "entities in a value", "comments", "a long value", "prolog"],
)
def test_a_bomb_takes_little_time_and_memory(asset: bytes) -> None:
    began = time.process_time()
    HANDLER.sniff(asset[:4096])
    assert time.process_time() - began < 0.5
    took, peak, _ = measured(asset)
    assert took < 4  # with tracemalloc; about a third without
    assert peak < 200 << 20


def test_nesting_a_thousand_deep_is_read() -> None:
    inside = "<g>" * 1000 + "</g>" * 1000
    assert located(signed(svg(inside))).store == STORE


def test_an_encoding_nobody_knows_is_malformed() -> None:
    with pytest.raises(MalformedError, match="encoding"):
        located(svg(prolog="<?xml version='1.0' encoding='nonsense'?>"))


def test_what_only_mentions_svg_is_none() -> None:
    for text in (b"<html><svg/></html>", b"<!-- <svg> -->", b"svg", b"<svgx>", b"<a><svg></a>"):
        assert not HANDLER.sniff(text)


def test_a_root_without_room_is_refused() -> None:
    with pytest.raises(MalformedError, match="empty tag"):
        signed(f'<svg xmlns="{SVG}"/>'.encode())
