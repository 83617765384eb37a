"""`c2pa.actions.v2`: what was done to the asset, in order. Version 1 is read too.

Source: C2PA 2.2 §18.14.
"""

from dataclasses import dataclass, field
from typing import Any, Self

from provenance.cbor import CborValue
from provenance.errors import MalformedError
from provenance.model.fields import Fields, tag0
from provenance.model.hashed_uri import HashedUri

__all__ = ["CREATED", "INCEPTIONS", "LABEL", "NAME", "OPENED", "PLACED", "Action", "Actions"]

NAME = "c2pa.actions"
LABEL = "c2pa.actions.v2"

CREATED = "c2pa.created"
OPENED = "c2pa.opened"
PLACED = "c2pa.placed"
INCEPTIONS = frozenset((CREATED, OPENED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action. `parameters` holds what is not `ingredients`, as signed."""

    action: str
    software_agent: dict[str, Any] | str | None = None
    description: str | None = None
    digital_source_type: str | None = None
    when: str | None = None  # RFC 3339
    reason: str | None = None
    ingredients: tuple[HashedUri, ...] | None = None  # None: not given
    parameters: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read one action of either version.

        Raises:
            MalformedError: no `action`, or a field of another type.
        """
        fields = Fields(value, "action")
        parameters = fields.map.get("parameters")
        rest = dict(Fields(parameters, "action parameters").map) if parameters is not None else {}
        agent = fields.map.get("softwareAgent")
        if agent is not None and not isinstance(agent, (str, dict)):
            raise MalformedError("action", "softwareAgent is neither text nor a map")
        return cls(
            action=fields.need_text("action"),
            software_agent=agent,
            description=fields.text("description"),
            digital_source_type=fields.text("digitalSourceType"),
            when=fields.date("when"),
            reason=fields.text("reason"),
            ingredients=_ingredients(rest),
            parameters=rest,
        )

    def to_cbor(self) -> dict[str, CborValue]:
        """As an action of version 2."""
        parameters = dict(self.parameters)
        if self.ingredients is not None:
            parameters["ingredients"] = [item.to_cbor() for item in self.ingredients]
        row: dict[str, CborValue] = {
            "action": self.action,
            "softwareAgent": self.software_agent,
            "description": self.description,
            "digitalSourceType": self.digital_source_type,
            "when": None if self.when is None else tag0(self.when),
            "reason": self.reason,
            "parameters": parameters or None,
        }
        return {key: item for key, item in row.items() if item is not None}


def _ingredients(parameters: dict[str, Any]) -> tuple[HashedUri, ...] | None:
    # Version 1 names one as `ingredient`; version 2 lists them. Taken out of the rest.
    single, several = parameters.pop("ingredient", None), parameters.pop("ingredients", None)
    if several is None and single is None:
        return None
    rows = several if several is not None else [single]
    if not isinstance(rows, list):
        raise MalformedError("action parameters", "ingredients is not a list")
    return tuple(HashedUri.read(row) for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actions:
    """An actions assertion."""

    actions: tuple[Action, ...]
    templates: tuple[dict[str, Any], ...] = ()
    software_agents: tuple[dict[str, Any], ...] = ()
    all_included: bool | None = None

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read the assertion in version 1 or 2.

        Raises:
            MalformedError: no actions, or a field of another type.
        """
        fields = Fields(value, "c2pa.actions")
        return cls(
            actions=fields.some("actions", Action.read),
            templates=fields.each("templates", _map),
            software_agents=fields.each("softwareAgents", _map),
            all_included=fields.boolean("allActionsIncluded"),
        )

    def to_cbor(self) -> dict[str, CborValue]:
        """As version 2, for `cbor.encode`."""
        row: dict[str, CborValue] = {"actions": [action.to_cbor() for action in self.actions]}
        if self.templates:
            row["templates"] = list(self.templates)
        if self.software_agents:
            row["softwareAgents"] = list(self.software_agents)
        if self.all_included is not None:
            row["allActionsIncluded"] = self.all_included
        return row


def _map(value: CborValue) -> dict[str, Any]:
    return Fields(value, "c2pa.actions").map
