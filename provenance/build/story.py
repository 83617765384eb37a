"""How an asset came to be, as actions: the first-action rule, kept without the user knowing it.

    nothing before, made by software       c2pa.created, with a digital source type
    a parent, or a file of unknown past    c2pa.opened, with the parent as its one ingredient
    … and a generator worked on it         then c2pa.edited by that generator
    … and something else was done to it    what went in stands under the first thing that was done
    components                             c2pa.placed, each

Source: C2PA 2.2 §18.14.4; conformance programme v0.2.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from provenance.build.definition import ActionDefinition, Agent, ManifestDefinition
from provenance.build.sources import COMPOSITE_GENERATED, GENERATED, source_type_uri
from provenance.errors import DefinitionError
from provenance.model.assertions.actions import (
    CREATED,
    INCEPTIONS,
    OPENED,
    PLACED,
    Action,
    Actions,
)
from provenance.model.hashed_uri import HashedUri

__all__ = ["EDITED", "NOT_MEDIA", "begins_here", "is_generated", "tell"]

EDITED = "c2pa.edited"
NOT_MEDIA = ("model", "adapter", "merge", "dataset")


def is_generated(definition: ManifestDefinition) -> bool:
    """Did a model make it? A generator alone may be a camera, where the source type says so."""
    if definition.kind in NOT_MEDIA:
        return False
    if definition.models or definition.prompt:
        return True
    source = definition.digital_source_type
    return definition.generator is not None and (
        source is None or source_type_uri(source) in (GENERATED, COMPOSITE_GENERATED)
    )


def begins_here(definition: ManifestDefinition) -> bool:
    """Was the asset created, rather than opened? Only who says how knows that it was."""
    if definition.parent is not None:
        return False
    stated = [one.action for one in definition.actions if one.action in INCEPTIONS]
    if stated:
        return stated[0] == CREATED
    return bool(definition.generator or definition.digital_source_type or is_generated(definition))


def tell(
    definition: ManifestDefinition,
    *,
    parent: HashedUri | None,
    inputs: Sequence[HashedUri],
    components: Sequence[HashedUri],
) -> Actions:
    """The actions assertion.

    Args:
        definition: what the user said.
        parent: reference to the parentOf ingredient; None when the asset was created.
        inputs: references to models, prompt and sources.
        components: references to what was placed in it.

    Raises:
        DefinitionError: actions that contradict the rest, or that no validator would accept.
    """
    stated = list(definition.actions)
    first = _take_inception(stated, parent)
    actions = [_inception(definition, first, parent, inputs)]
    if parent is not None and (definition.generator or is_generated(definition)):
        actions.append(_edit(definition, inputs))
    others = [_stated(one, definition) for one in stated]
    if parent is not None and len(actions) == 1 and inputs and others:
        # What went in went into something: of all that was done, the first is the nearest.
        others[0] = replace(others[0], ingredients=tuple(inputs))
    actions += [Action(action=PLACED, ingredients=(one,)) for one in components]
    actions += others
    return Actions(actions=tuple(actions), all_included=definition.all_actions_included)


def _take_inception(
    stated: list[ActionDefinition], parent: HashedUri | None
) -> ActionDefinition | None:
    places = [index for index, one in enumerate(stated) if one.action in INCEPTIONS]
    if not places:
        return None
    if places != [0]:
        raise DefinitionError(
            f"manifest definition.actions[{places[-1]}]",
            f"{stated[places[-1]].action} must be the first action, and the only one of its kind",
        )
    wanted = CREATED if parent is None else OPENED
    if stated[0].action != wanted:
        why = "there is no parent" if parent is None else "the asset has a parent"
        raise DefinitionError("manifest definition.actions[0]", f"must be {wanted}, because {why}")
    return stated.pop(0)


def _inception(
    definition: ManifestDefinition,
    stated: ActionDefinition | None,
    parent: HashedUri | None,
    inputs: Sequence[HashedUri],
) -> Action:
    given = stated or ActionDefinition(action=CREATED if parent is None else OPENED)
    if parent is not None:
        return _built(given, None, source=None, ingredients=(parent,))
    source = given.digital_source_type or definition.digital_source_type
    if source is None:
        source = COMPOSITE_GENERATED if definition.components else GENERATED
        if not is_generated(definition):
            raise DefinitionError(
                "manifest definition.actions[0]", "c2pa.created needs a digital_source_type"
            )
    return _built(
        given, definition.generator, source=source_type_uri(source), ingredients=tuple(inputs)
    )


def _edit(definition: ManifestDefinition, inputs: Sequence[HashedUri]) -> Action:
    source = definition.digital_source_type or COMPOSITE_GENERATED
    return _built(
        ActionDefinition(action=EDITED),
        definition.generator,
        source=source_type_uri(source),
        ingredients=tuple(inputs),
    )


# What these do to an asset says nothing about its source (conformance programme v0.2).
_SOURCELESS = frozenset(
    f"c2pa.{name}"
    for name in (
        *("converted", "edited.metadata", "enhanced", "opened", "placed", "published"),
        *("redacted", "repackaged", "resized.proportional", "transcoded", "watermarked"),
        *("watermarked.bound", "watermarked.unbound"),
    )
)
_NEEDS_INGREDIENTS = frozenset((PLACED, "c2pa.removed"))


def _stated(given: ActionDefinition, definition: ManifestDefinition) -> Action:
    if given.action in _NEEDS_INGREDIENTS and "ingredients" not in given.parameters:
        raise DefinitionError(
            "manifest definition.actions",
            f"{given.action} needs ingredients; name the files under 'components' instead",
        )
    if given.action == "c2pa.redacted":
        raise DefinitionError(
            "manifest definition.actions", "c2pa.redacted stands only where something is redacted"
        )
    source = given.digital_source_type
    if source is None and given.action not in _SOURCELESS and is_generated(definition):
        source = definition.digital_source_type
    return _built(given, None, source=source and source_type_uri(source), ingredients=None)


def _built(
    given: ActionDefinition,
    agent: Agent | None,
    *,
    source: str | None,
    ingredients: tuple[HashedUri, ...] | None,
) -> Action:
    software: Any = given.software_agent or agent
    return Action(
        action=given.action,
        software_agent=software.to_dict() if software else None,
        description=given.description,
        digital_source_type=source,
        when=given.when,
        reason=given.reason,
        ingredients=ingredients or None,
        parameters=dict(given.parameters),
    )
