"""Labels: their parts, the grammar of a manifest's URN, and new labels on a conflict."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.model.labels import (
    AssertionLabel,
    is_manifest_urn,
    new_manifest_urn,
    numbered,
    relabelled,
)

UUID = "F095F30E-6CD5-4BF7-8C44-CE8420CA9FB7"

VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_categories=["Cc"]).filter(
    lambda one: not 0x7F <= ord(one) < 0x80 and one != ":"
)


@pytest.mark.parametrize(
    ("label", "name", "version", "instance"),
    [
        ("c2pa.actions", "c2pa.actions", 1, 0),
        ("c2pa.actions.v2", "c2pa.actions", 2, 0),
        ("c2pa.ingredient.v3__1", "c2pa.ingredient", 3, 1),
        ("c2pa.ingredient__12", "c2pa.ingredient", 1, 12),
        ("c2pa.hash.bmff.v3", "c2pa.hash.bmff", 3, 0),
        ("stds.exif", "stds.exif", 1, 0),
        ("org.example.very", "org.example.very", 1, 0),
        ("a.v2.b", "a.v2.b", 1, 0),
        ("a__b", "a__b", 1, 0),
        ("", "", 1, 0),
        ("c2pa.actions__1\n", "c2pa.actions__1\n", 1, 0),
        ("c2pa.actions__\u0663", "c2pa.actions__\u0663", 1, 0),
        ("c2pa.actions.v" + "9" * 40, "c2pa.actions.v" + "9" * 40, 1, 0),
    ],
)
def test_a_label_is_taken_apart(label: str, name: str, version: int, instance: int) -> None:
    assert AssertionLabel.parse(label) == AssertionLabel(name, version, instance)


@given(st.text(max_size=300))
def test_any_text_is_a_label(label: str) -> None:
    found = AssertionLabel.parse(label)
    assert label.startswith(found.name)
    assert found.version >= 0
    assert found.instance >= 0


@given(st.integers(0, 10_000))
def test_a_number_given_is_a_number_read(instance: int) -> None:
    label = numbered("c2pa.ingredient.v3", instance)
    assert AssertionLabel.parse(label) == AssertionLabel("c2pa.ingredient", 3, instance)


@given(st.text(VISIBLE, max_size=32), st.integers(1, 999), st.integers(1, 99))
def test_the_grammar_is_accepted(generator: str, version: int, reason: int) -> None:
    assert is_manifest_urn(f"urn:c2pa:{UUID}")
    assert is_manifest_urn(f"urn:c2pa:{UUID.lower()}:{generator}")
    assert is_manifest_urn(f"urn:c2pa:{UUID}:{generator}:{version}_{reason}")


@pytest.mark.parametrize(
    "label",
    [
        *("", "urn:c2pa:", f"urn:uuid:{UUID}", f"URN:C2PA:{UUID}", f"urn:c2pa:{UUID[:-1]}"),
        *(f"urn:c2pa:{UUID}0", f"urn:c2pa:{UUID} ", f"urn:c2pa:{UUID}\n", f"x urn:c2pa:{UUID}"),
        *(f"urn:c2pa:{UUID}:a b", f"urn:c2pa:{UUID}:" + "a" * 33, f"urn:c2pa:{UUID}:a\n"),
        *(f"urn:c2pa:{UUID}:acme:1", f"urn:c2pa:{UUID}:acme:1_", f"urn:c2pa:{UUID}:acme:_1"),
        *(f"urn:c2pa:{UUID}:acme:\u0661_\u0661", f"urn:c2pa:{UUID}:\u0436"),
        f"urn:c2pa:{UUID.replace('-', '')}",
    ],
)
def test_what_is_not_in_the_grammar_is_not_accepted(label: str) -> None:
    assert not is_manifest_urn(label)


def test_a_new_label_follows_the_grammar_and_is_new() -> None:
    made = {new_manifest_urn() for _ in range(100)}
    assert len(made) == 100
    assert all(map(is_manifest_urn, made))


@pytest.mark.parametrize(
    ("label", "new"),
    [
        (f"urn:c2pa:{UUID}", f"urn:c2pa:{UUID}::2_1"),
        (f"urn:c2pa:{UUID}:acme", f"urn:c2pa:{UUID}:acme:2_1"),
        (f"urn:c2pa:{UUID}:acme:2_1", f"urn:c2pa:{UUID}:acme:2_1"),
    ],
)
def test_a_conflict_gives_a_version_and_the_reason(label: str, new: str) -> None:
    assert relabelled(label, 2) == new
    assert is_manifest_urn(new)


def test_an_old_label_gets_one_of_today_and_always_the_same() -> None:
    new = relabelled(f"acme:urn:uuid:{UUID}", 2)
    assert is_manifest_urn(new)
    assert new == relabelled(f"acme:urn:uuid:{UUID}", 2)
    assert new != relabelled(f"other:urn:uuid:{UUID}", 2)
