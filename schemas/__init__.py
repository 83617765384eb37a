"""JSON Schema (draft 2020-12) of all that goes in and out as JSON."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["load"]


@cache
def load(name: str) -> dict[str, Any]:
    """A schema by its file name, parsed. One copy serves all: do not change it.

    Raises:
        FileNotFoundError: there is none of that name.
    """
    schema: dict[str, Any] = json.loads(files(__name__).joinpath(name).read_bytes())
    return schema
