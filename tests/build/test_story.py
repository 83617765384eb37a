"""The first-action rule, as a table: what a user says, and how the story begins."""

from typing import Any

import pytest

from provenance.build.definition import ManifestDefinition
from provenance.build.story import begins_here, tell
from provenance.errors import DefinitionError
from provenance.model.assertions.actions import Actions
from provenance.model.hashed_uri import HashedUri

PARENT = HashedUri("self#jumbf=c2pa.assertions/c2pa.ingredient.v3", b"\1")
INPUT = HashedUri("self#jumbf=c2pa.assertions/c2pa.ingredient.v3__1", b"\2")
PART = HashedUri("self#jumbf=c2pa.assertions/c2pa.ingredient.v3__2", b"\3")


def told(
    row: dict[str, Any],
    *,
    parent: bool = False,
    inputs: tuple[HashedUri, ...] = (),
    parts: tuple[HashedUri, ...] = (),
) -> Actions:
    definition = ManifestDefinition.from_dict(row)
    return tell(definition, parent=PARENT if parent else None, inputs=inputs, components=parts)


GENERATOR: dict[str, Any] = {"generator": {"name": "Painter"}}


@pytest.mark.parametrize(
    ("row", "parent", "actions", "source"),
    [
        (GENERATOR, False, ["c2pa.created"], "trainedAlgorithmicMedia"),
        ({"prompt": "x"}, False, ["c2pa.created"], "trainedAlgorithmicMedia"),
        ({"models": [{"name": "x"}]}, False, ["c2pa.created"], "trainedAlgorithmicMedia"),
        ({"digital_source_type": "digitalCapture"}, False, ["c2pa.created"], "digitalCapture"),
        ({"digital_source_type": "DIGITALART"}, False, ["c2pa.created"], "digitalArt"),
        (GENERATOR | {"digital_source_type": "composite"}, False, ["c2pa.created"], "composite"),
        ({}, True, ["c2pa.opened"], None),
        ({"title": "x"}, True, ["c2pa.opened"], None),
        ({"actions": [{"action": "c2pa.cropped"}]}, True, ["c2pa.opened", "c2pa.cropped"], None),
        ({"actions": [{"action": "c2pa.opened"}]}, True, ["c2pa.opened"], None),
        (
            {"actions": [{"action": "c2pa.created", "digital_source_type": "print"}]},
            False,
            ["c2pa.created"],
            "print",
        ),
    ],
)
def test_how_a_story_begins(
    row: dict[str, Any], parent: bool, actions: list[str], source: str | None
) -> None:
    found = told(row, parent=parent).actions
    assert [one.action for one in found] == actions
    first = found[0]
    if source is None:
        assert first.digital_source_type is None
    else:
        assert first.digital_source_type is not None
        assert first.digital_source_type.endswith(f"/{source}")
    assert (first.ingredients == (PARENT,)) is parent


def test_a_generator_that_worked_on_a_parent_is_an_edit() -> None:
    found = told(GENERATOR, parent=True, inputs=(INPUT,)).actions
    assert [one.action for one in found] == ["c2pa.opened", "c2pa.edited"]
    assert found[0].ingredients == (PARENT,)
    assert found[0].software_agent is None
    assert found[1].ingredients == (INPUT,)
    assert found[1].software_agent == {"name": "Painter"}
    assert found[1].digital_source_type is not None
    assert found[1].digital_source_type.endswith("/compositeWithTrainedAlgorithmicMedia")


def test_components_are_placed_each_on_its_own() -> None:
    found = told(
        GENERATOR | {"components": ["a", "b"]}, inputs=(INPUT,), parts=(PART, PART)
    ).actions
    assert [one.action for one in found] == ["c2pa.created", "c2pa.placed", "c2pa.placed"]
    assert found[0].ingredients == (INPUT,)
    assert found[0].digital_source_type is not None
    assert found[0].digital_source_type.endswith("/compositeWithTrainedAlgorithmicMedia")
    assert [one.ingredients for one in found[1:]] == [(PART,), (PART,)]


@pytest.mark.parametrize(
    ("row", "parent", "message"),
    [
        ({"actions": [{"action": "c2pa.edited"}, {"action": "c2pa.created"}]}, False, "first"),
        ({"actions": [{"action": "c2pa.created"}] * 2}, False, "only one"),
        ({"actions": [{"action": "c2pa.opened"}]}, False, "there is no parent"),
        ({"actions": [{"action": "c2pa.created"}]}, True, "has a parent"),
        ({"actions": [{"action": "c2pa.created"}]}, False, "digital_source_type"),
        ({}, False, "digital_source_type"),
        (GENERATOR | {"actions": [{"action": "c2pa.placed"}]}, False, "components"),
        (GENERATOR | {"actions": [{"action": "c2pa.removed"}]}, False, "ingredients"),
        (GENERATOR | {"actions": [{"action": "c2pa.redacted"}]}, False, "redacted"),
        (GENERATOR | {"digital_source_type": "nothing"}, False, "no code"),
    ],
)
def test_a_story_that_contradicts_itself_is_refused(
    row: dict[str, Any], parent: bool, message: str
) -> None:
    with pytest.raises(DefinitionError, match=message):
        told(row, parent=parent)


@pytest.mark.parametrize(
    ("row", "answer"),
    [
        ({}, False),
        ({"title": "x"}, False),
        (GENERATOR, True),
        ({"prompt": "x"}, True),
        ({"digital_source_type": "digitalArt"}, True),
        (GENERATOR | {"parent": "a.png"}, False),
        ({"actions": [{"action": "c2pa.created"}]}, True),
        (GENERATOR | {"actions": [{"action": "c2pa.opened"}]}, False),
        ({"actions": [{"action": "c2pa.cropped"}]}, False),
    ],
)
def test_whether_an_asset_begins_here(row: dict[str, Any], answer: bool) -> None:
    assert begins_here(ManifestDefinition.from_dict(row)) is answer


def test_a_sourceless_action_says_nothing_about_the_source() -> None:
    row = GENERATOR | {"actions": [{"action": "c2pa.converted"}, {"action": "c2pa.drawing"}]}
    row |= {"digital_source_type": "compositeWithTrainedAlgorithmicMedia"}
    converted, drawing = told(row).actions[1:]
    assert converted.digital_source_type is None
    assert drawing.digital_source_type is not None
