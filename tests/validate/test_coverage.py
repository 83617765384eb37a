"""docs/coverage.md lists the status codes that nothing gives, and no other."""

import ast
import re
from pathlib import Path

import provenance
from provenance.validate.status import Status

HERE = Path(provenance.__file__).parent / "validate"
PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"
NOT_CHECKS = ("status.py", "sentences.py")


def given() -> set[str]:
    """The codes that some check names."""
    return {
        Status[node.attr].code
        for path in HERE.glob("*.py")
        if path.name not in NOT_CHECKS
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Status"
        and node.attr in Status.__members__
    }


def listed() -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)


def test_the_page_lists_what_is_not_given() -> None:
    assert set(listed()) == {one.code for one in Status} - given()


def test_each_is_listed_once_and_in_order() -> None:
    assert listed() == sorted(set(listed()))


def test_the_page_counts_right() -> None:
    text = PAGE.read_text("utf-8")
    assert f"Of the {len(Status)} codes" in text
    assert re.search(rf"^{len(given())}; each", text, re.MULTILINE)
