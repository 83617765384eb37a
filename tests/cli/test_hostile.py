"""A file whose every word is an attack on whoever reads it: shown as text, wherever it is shown."""

from pathlib import Path

import pytest

from tests.attacks.away import pointing
from tests.attacks.forge import Recipe, cbor, created, hard_binding, json, the_forge
from tests.cli.conftest import Call

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>"
EVIL = f"\x1b]0;owned\x07\x1b[2J\u202egnp\r\n\x9b31m{MARKUP}"


@pytest.fixture
def hostile(tmp_path: Path) -> str:
    """Title, generator, author, label, version and field names are hostile; a check fails too."""
    author = json("stds.schema-org.CreativeWork", _author())
    items = [
        *(created(), author, cbor(f"org.example.{EVIL}", {EVIL: EVIL})),
        hard_binding(lambda row: row.update(hash=bytes(32))),
    ]

    def claim(row: dict[object, object]) -> None:
        row["dc:title"] = EVIL
        row["claim_generator_info"] = {"name": EVIL, "version": EVIL, "specVersion": "2.3.0"}

    path = tmp_path / "evil.png"
    path.write_bytes(the_forge().png(Recipe(items=items, claim=claim)))
    return path.name


def _author() -> bytes:
    import json as text

    row = {"@context": "https://schema.org", "author": [{"@type": "Person", "name": EVIL}]}
    return text.dumps(row).encode()


@pytest.mark.parametrize(
    "words",
    [
        ("verify",),
        ("verify", "-v"),
        ("verify", "-q"),
        ("verify", "--format", "junit"),
        ("inspect",),
        ("inspect", "--format", "detailed"),
    ],
    ids=" ".join,
)
def test_a_terminal_sees_text(call: Call, hostile: str, words: tuple[str, ...]) -> None:
    result = call(*words, hostile)
    held = result.stdout + result.stderr
    assert not set(held) & set("\x1b\x07\u202e\x9b\r")
    assert result.exit_code in (0, 4)


def test_a_page_sees_text(call: Call, hostile: str) -> None:
    page = call("verify", hostile, "--format", "html").stdout
    assert not set(page) & set("\x1b\x07\u202e\x9b\r")
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_an_address_in_a_file_is_text_too(call: Call, tmp_path: Path) -> None:
    url = "https://example.com/\u202e&lt;script&gt;" + "a" * 300
    (tmp_path / "a.png").write_bytes(pointing(the_forge(), url))
    result = call("verify", "a.png")
    assert result.exit_code == 3
    assert "\u202e" not in result.stdout
    assert "<script" not in call("verify", "a.png", "--format", "html").stdout
