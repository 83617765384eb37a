"""Options that several verbs take together, and get as one value."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

__all__ = ["grouped"]

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def grouped(name: str, kind: type[Any], options: Sequence[Decorator]) -> Decorator:
    """A decorator that adds the options to a verb, which gets one argument for them.

    Args:
        name: the argument's.
        kind: a dataclass; its fields are named as the options' parameters.
        options: in the order of the help page.
    """
    names = tuple(one.name for one in fields(kind))

    def add(verb: Callable[..., Any]) -> Callable[..., Any]:
        def called(**given: Any) -> Any:
            mine = kind(**{one: given.pop(one) for one in names})
            return verb(**{name: mine}, **given)

        called.__name__, called.__doc__ = verb.__name__, verb.__doc__
        called.__dict__.update(verb.__dict__)
        for option in reversed(options):
            called = option(called)
        return called

    return add
