"""HTML: a script or a link in the head, among all that a page may hold."""

import time
from base64 import b64encode

import pytest

from provenance.errors import LimitError
from provenance.formats.base import Located
from provenance.formats.html import HANDLER
from provenance.formats.text import HANDLERS
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource
from tests.formats.samples import store_of, written

STORE = store_of(300)
TEXT = b64encode(STORE)
SCRIPT = b'<script type="application/c2pa">' + TEXT + b"</script>"
URL = "https://example.com/store.c2pa"
LINK = f'<link rel="c2pa-manifest" href="{URL}">'.encode()


def page(head: bytes = b"<title>a</title>", body: bytes = b"<p>b") -> bytes:
    return b"<!DOCTYPE html>\n<html>\n<head>" + head + b"</head><body>" + body + b"</body></html>\n"


def located(asset: bytes, limits: Limits = DEFAULT_LIMITS) -> Located:
    return HANDLER.locate(BufferSource(asset), limits)


def signed(asset: bytes, store: bytes = STORE) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), len(store), DEFAULT_LIMITS), asset, store)


def stripped(asset: bytes) -> bytes:
    return written(HANDLER.plan(BufferSource(asset), 0, DEFAULT_LIMITS), asset)


def test_the_script_goes_to_the_end_of_the_head() -> None:
    assert signed(page()) == page(b"<title>a</title>" + SCRIPT)


@pytest.mark.parametrize(
    ("asset", "before"),
    [
        (b"<!DOCTYPE html><p>hello", b"<!DOCTYPE html>"),
        (b"\xef\xbb\xbf<html lang=en><body>a", b"\xef\xbb\xbf<html lang=en>"),
        (b"<!-- a --><HTML><HEAD><meta charset=utf-8><p>a", b"<!-- a --><HTML><HEAD>"),
        (b"<!doctype html><title>a</title><body>b", b"<!doctype html>"),
        (b"<body>a</body>", b""),
    ],
)
def test_a_page_without_an_end_of_its_head_has_a_place_too(asset: bytes, before: bytes) -> None:
    assert HANDLER.sniff(asset)
    assert signed(asset) == before + SCRIPT + asset[len(before) :]
    assert located(signed(asset)).store == STORE
    assert stripped(signed(asset)) == asset


@pytest.mark.parametrize(
    "script",
    [
        SCRIPT,
        b"<SCRIPT TYPE='Application/C2PA'>\n  " + TEXT + b"\n</SCRIPT >",
        b'<script\n id=a data-x="</head>"\ntype=application/c2pa\n>' + TEXT + b"</script\n>",
        b'<script type="application/c2pa; a=b" type="text/x">' + TEXT + b"</script>",
    ],
)
def test_a_script_is_found_however_it_is_spelled(script: bytes) -> None:
    asset = page(b"<meta charset='utf-8'>" + script + b"<title>b</title>")
    found = located(asset)
    assert found.store == STORE
    assert [asset[one.start : one.end] for one in found.carriers] == [script]


@pytest.mark.parametrize(
    "head",
    [
        b"<!-- " + SCRIPT + b" -->",
        b"<title>" + SCRIPT[:-9] + b"</title>",
        b"<style>/* " + SCRIPT + b" */</style>",
        b"<noscript>" + LINK + b"</noscript>",
        b"<template>" + LINK + b"</template>",
        b"<script>const a = '" + LINK + b"'</script>",
        b'<script type="application/json">{}</script><link rel="stylesheet" href="a">',
        b"<script type='application/c2pa-not'>" + TEXT + b"</script>",
    ],
)
def test_what_only_looks_like_a_store_is_none(head: bytes) -> None:
    assert located(page(head)) == Located()


def test_a_script_in_the_body_is_content() -> None:
    assert located(page(body=SCRIPT)) == Located()
    assert located(b"<!DOCTYPE html><title>a</title>text" + SCRIPT) == Located()


@pytest.mark.parametrize(
    "link",
    [
        LINK,
        f"<LINK HREF='{URL}' REL='Preload C2PA-Manifest' type='application/c2pa'/>".encode(),
        f"<link href={URL} rel=c2pa-manifest>".encode(),
    ],
)
def test_a_link_names_a_remote_store(link: bytes) -> None:
    asset = page(link)
    assert located(asset) == Located(remote_url=URL)
    assert stripped(asset) == asset  # there is nothing in it to take out
    assert signed(asset) == page(SCRIPT)


def test_characters_in_a_link_may_be_escaped() -> None:
    link = b'<link rel="c2pa-manifest" href=" https://example.com/?a=1&amp;b=2 ">'
    assert located(page(link)).remote_url == "https://example.com/?a=1&b=2"


@pytest.mark.parametrize("head", [SCRIPT + SCRIPT, SCRIPT + LINK, LINK + LINK])
def test_several_elements_count_as_none(head: bytes) -> None:
    found = located(page(head))
    assert (found.store, found.remote_url, found.count) == (None, None, 2)
    assert [note.kind for note in found.notes] == ["several elements"]
    assert signed(page(head)) == page(SCRIPT)


def test_what_is_no_base64_is_noted() -> None:
    found = located(page(b'<script type="application/c2pa">{}</script>'))
    assert (found.store, [note.kind for note in found.notes]) == (None, ["unreadable text"])


def test_signing_again_keeps_the_place() -> None:
    asset = page(SCRIPT + b"<title>a</title>")
    again = signed(asset, store_of(900))
    assert again.startswith(asset[: asset.index(SCRIPT)] + b"<script type=")
    assert stripped(again) == page()


def test_a_page_may_hold_signed_text() -> None:
    text = HANDLERS[0]
    plain = b"words"
    whole = written(text.plan(BufferSource(plain), 300, DEFAULT_LIMITS), plain, STORE)
    assert located(page(body=whole)).store == STORE


def test_xhtml_has_empty_elements() -> None:
    asset = b'<?xml version="1.0"?><html><head><title/>' + SCRIPT + b"</head></html>"
    assert HANDLER.sniff(asset)
    assert located(asset).store == STORE


@pytest.mark.parametrize(
    "text", [b"<svg/>", b"html", b"<p>a</p>", b"<!-- <html> -->", b"<htmlx>", b"<?xml?><a><html/>"]
)
def test_what_only_mentions_html_is_none(text: bytes) -> None:
    assert not HANDLER.sniff(text)


@pytest.mark.parametrize(
    "asset",
    [
        page(b"<title>" * 200_000),
        page(b"<!--" * 200_000),
        page(b'<meta a="' * 200_000),
        page(b"<meta " + b"a='" * 500_000),
        page(b"<link rel=" + b"a " * 2_000_000 + b">"),
        page(b"<meta>" * 150_000),
        b"<!---->" * 580,
        b"<!DOCTYPE a>" * 340,
    ],
)
def test_a_hostile_page_takes_little_time(asset: bytes) -> None:
    began = time.process_time()
    HANDLER.sniff(asset[:4096])
    assert time.process_time() - began < 0.2
    located(asset)
    assert time.process_time() - began < 2


def test_a_head_without_end_is_not_read_to_the_last() -> None:
    asset = page(b"<title>" + b"a" * (40 << 20) + b"</title>")
    with pytest.raises(LimitError, match="its head has more than"):
        located(asset)
    with pytest.raises(LimitError, match="more than 5 tags"):
        located(page(b"<meta>" * 9), Limits(container_items=5))
