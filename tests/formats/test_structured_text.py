"""Structured text: where the comment goes in each language, and what is found in any."""

import json
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from provenance.formats import registry
from provenance.formats.base import Handler, Located
from provenance.limits import DEFAULT_LIMITS
from provenance.source import BufferSource
from tests.formats.samples import store_of, written

STORE = store_of(300)
URL = "https://example.com/store.c2pa"
BEGIN, END = "-----BEGIN C2PA MANIFEST-----", "-----END C2PA MANIFEST-----"
BLOCK = f"{BEGIN} data:application/c2pa;base64,{b64encode(STORE).decode()} {END}"
SOURCE = next(one for one in registry.handlers() if one.name == "Source text")


def handler_of(asset: bytes, name: str) -> Handler:
    return registry.find(BufferSource(asset, name), Path(name).suffix)


def signed(asset: bytes, name: str, store: bytes = STORE) -> bytes:
    plan = handler_of(asset, name).plan(BufferSource(asset, name), len(store), DEFAULT_LIMITS)
    return written(plan, asset, store)


def stripped(asset: bytes, name: str) -> bytes:
    plan = handler_of(asset, name).plan(BufferSource(asset, name), 0, DEFAULT_LIMITS)
    return written(plan, asset)


def located(asset: bytes, name: str = "a.py") -> Located:
    return handler_of(asset, name).locate(BufferSource(asset, name), DEFAULT_LIMITS)


@pytest.mark.parametrize(
    ("name", "asset", "wanted"),
    [
        ("a.py", "print(1)\n", f"# {BLOCK}\nprint(1)\n"),
        ("a.py", "print(1)\r\n", f"# {BLOCK}\r\nprint(1)\r\n"),
        ("a.PY", "print(1)", f"# {BLOCK}\nprint(1)"),
        ("a.py", "#!/usr/bin/python\nprint(1)\n", f"#!/usr/bin/python\nprint(1)\n\n# {BLOCK}\n"),
        ("a.py", "# -*- coding: utf-8 -*-\n1\n", f"# -*- coding: utf-8 -*-\n1\n\n# {BLOCK}\n"),
        (
            "a.py",
            "\n# vim: set fileencoding=utf-8 :\n",
            f"\n# vim: set fileencoding=utf-8 :\n\n# {BLOCK}\n",
        ),
        ("a.sh", "#!/bin/sh\r\nls", f"#!/bin/sh\r\nls\r\n# {BLOCK}\r\n"),
        ("a.py", "\ufeffprint(1)\n", f"\ufeffprint(1)\n\n# {BLOCK}\n"),
        ("a.c", "int a;\n", f"// {BLOCK}\nint a;\n"),
        ("a.js", "let a\n", f"/*! {BLOCK} */\nlet a\n"),
        ("a.css", '@charset "utf-8";\n', f'@charset "utf-8";\n\n/*! {BLOCK} */\n'),
        ("a.sql", "select 1\n", f"-- {BLOCK}\nselect 1\n"),
        ("a.ini", "[a]\n", f"; {BLOCK}\n[a]\n"),
        ("a.tex", "\\a\n", f"% {BLOCK}\n\\a\n"),
        ("a.rst", "A\n=\n", f".. {BLOCK}\nA\n=\n"),
        ("a.yaml", "%YAML 1.2\n---\na: 1\n", f"# {BLOCK}\n%YAML 1.2\n---\na: 1\n"),
        ("a.md", "# A\n", f"<!-- {BLOCK} -->\n# A\n"),
        ("a.md", "---\na: 1\n---\n# A\n", f"---\n# {BLOCK}\na: 1\n---\n# A\n"),
        ("a.md", "+++\r\na = 1\r\n+++\r\n", f"+++\r\n# {BLOCK}\r\na = 1\r\n+++\r\n"),
        ("a.md", "---\nno front matter\n", f"<!-- {BLOCK} -->\n---\nno front matter\n"),
        ("a.xml", "<a/>\n", f"<?c2pa {BLOCK} ?>\n<a/>\n"),
        (
            "a.xml",
            '<?xml version="1.0"?>\n<a/>',
            f'<?xml version="1.0"?>\n<a/>\n<?c2pa {BLOCK} ?>\n',
        ),
        ("a.vtt", "WEBVTT\n\n00:00\na\n", f"WEBVTT\n\nNOTE {BLOCK}\n\n00:00\na\n"),
        (
            "a.vtt",
            "WEBVTT a\r\nb: c\r\n\r\nd\r\n",
            f"WEBVTT a\r\nb: c\r\n\r\nNOTE {BLOCK}\r\n\r\nd\r\n",
        ),
        ("a.vtt", "WEBVTT\n", f"WEBVTT\n\nNOTE {BLOCK}\n"),
    ],
)
def test_a_comment_goes_where_the_language_lets_it(name: str, asset: str, wanted: str) -> None:
    whole = signed(asset.encode(), name)
    assert whole == wanted.encode()
    assert located(whole, name).store == STORE
    assert stripped(whole, name) == asset.encode()
    again = signed(whole, name, store_of(900))
    assert stripped(again, name) == asset.encode()


@pytest.mark.parametrize("name", ["a.py", "a.c", "a.css", "a.md", "a.xml", "a.ini", "a.tex"])
def test_the_language_need_not_be_known_to_read(name: str) -> None:
    whole = signed(b"<?xml?><a/>\n" if name == "a.xml" else b"words\n", name)
    for other in ("a.txt", "", "a.yaml"):
        assert located(whole, other).store == STORE


def test_python_still_runs(tmp_path: Path) -> None:
    script = tmp_path / "a.py"
    script.write_bytes(signed(b'"""Words."""\nprint(__doc__)\n', "a.py"))
    ran = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "Words."


def test_xml_stays_well_formed() -> None:
    from xml.etree import ElementTree

    for text in (b"<a>b</a>", b'<?xml version="1.0"?>\n<a>b</a>\n'):
        root = ElementTree.fromstring(signed(text, "a.xml"))  # noqa: S314  # of our own making
        assert root.text == "b"


@pytest.mark.parametrize(
    "block",
    [
        f"# {BLOCK}",
        f"  //  {BLOCK}  ",
        f"/* {BLOCK} */",
        f"(* {BLOCK} *)",
        f"{{- {BLOCK} -}}",
        f"{{# {BLOCK} #}}",
        f"{{{{!-- {BLOCK} --}}}}",
        f"<!-- {BLOCK} -->",
        f"REM {BLOCK}",
        f"' {BLOCK}",
        BLOCK,
        BLOCK.replace(" data", "\tdata").replace("base64", "BASE64"),
        BLOCK.replace(f" {END}", END),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_block_is_found_in_any_comment(block: str, ends: str) -> None:
    for before, after in (("", "a"), ("a" + ends, ""), (f"a{ends}", f"b{ends}")):
        text = f"{before}{block}{ends if after else ''}{after}".encode()
        found = located(text)
        assert found.store == STORE
        (span,) = found.carriers
        kept = text[: span.start] + text[span.end :]
        assert kept == (before.rstrip() if not after else before + after).encode()
        assert found.core is not None
        assert text[found.core[0].start :].startswith(b"data:")


@pytest.mark.parametrize("prefix", ["", "# "])
def test_three_lines_in_front_matter_are_one_block(prefix: str) -> None:
    inside = BLOCK.replace(f"{BEGIN} ", "").replace(f" {END}", "")
    lines = "".join(f"{prefix}{one}\n" for one in (BEGIN, inside, END))
    text = f"---\n{lines}title: a\n---\nb\n"
    found = located(text.encode(), "a.md")
    assert found.store == STORE
    assert stripped(text.encode(), "a.md") == b"---\ntitle: a\n---\nb\n"
    again = signed(text.encode(), "a.md", store_of(900))
    assert located(again, "a.md").store == store_of(900)
    assert again.startswith(f"---\n{prefix}{BEGIN}\n{prefix}data:".encode())


def test_a_reference_to_elsewhere_is_told_and_stays() -> None:
    text = f"# {BEGIN} {URL} {END}\na = 1\n".encode()
    assert located(text) == Located(remote_url=URL)
    assert stripped(text, "a.py") == text
    assert signed(text, "a.py") == f"# {BLOCK}\na = 1\n".encode()


@pytest.mark.parametrize(
    ("between", "kind"),
    [
        ("", "empty reference"),
        ("  \t ", "empty reference"),
        (" not a url ", "malformed reference"),
        (" example.com/a.c2pa ", "malformed reference"),
        (" data:application/c2pa;base64,%%% ", "malformed reference"),
        (" data:application/c2pa,AAAA ", "malformed reference"),
        (" data:text/plain;base64,AAAA ", "malformed reference"),
        (" https://example.com/ü ", "malformed reference"),
        (" ftp://example.com/a.c2pa ", "no way to reference"),
        ("\nhttps://example.com/\nmore\n", "malformed reference"),
        (" https://example.com/\n", "malformed reference"),
    ],
)
def test_a_block_without_a_store_is_noted(between: str, kind: str) -> None:
    found = located(f"# {BEGIN}{between}{END}\na\n".encode())
    assert (found.store, found.remote_url, found.count) == (None, None, 1)
    assert [note.kind for note in found.notes] == [kind]


@pytest.mark.parametrize("line", [f"# {BEGIN} {URL}", f"# {END}"])
def test_a_lone_delimiter_is_noted(line: str) -> None:
    found = located(f"a\n{line}\nb\n".encode())
    assert [note.kind for note in found.notes] == ["lone delimiter"]


def test_several_blocks_are_none() -> None:
    found = located(f"# {BLOCK}\n# {BLOCK}\na\n".encode())
    assert (found.store, found.count) == (None, 2)
    assert [note.kind for note in found.notes] == ["several references"]
    assert signed(f"# {BLOCK}\na\n# {BLOCK}\n".encode(), "a.py") == f"# {BLOCK}\na".encode()


@pytest.mark.parametrize(
    "text",
    [
        f"A block begins with {BEGIN} and ends with {END}.\n",
        f"`{BEGIN}`\n",
        f'MARK = b"{BEGIN}"\n',
        f"| # | Python | # {BLOCK} |\n",
        f"{BLOCK} and so on\n".replace("# ", "see "),
    ],
)
def test_text_that_speaks_of_blocks_has_none(text: str) -> None:
    found = located(text.encode(), "a.md")
    assert found.store is None
    assert found.notes == () or f"{BLOCK} and" in text


def test_a_source_without_a_name_is_taken_for_a_script() -> None:
    plan = SOURCE.plan(BufferSource(b"a = 1\n"), len(STORE), DEFAULT_LIMITS)
    assert written(plan, b"a = 1\n", STORE) == f"# {BLOCK}\na = 1\n".encode()


def test_json_is_not_structured_text() -> None:
    assert handler_of(json.dumps({"a": 1}).encode(), "a.json").can_embed is False
