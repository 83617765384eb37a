"""JUMBF URIs: how one box of a manifest store names another.

    self#jumbf=/c2pa/urn:c2pa:F095…/c2pa.assertions/c2pa.actions.v2   from the store
    self#jumbf=c2pa.assertions/c2pa.actions.v2                        from this manifest

Old files spell the first without its slash. A URI only names; whether the box is there is for the
tree to say. Source: C2PA 2.2 §8.4.1; ISO 19566-5:2023, C.2.
"""

from dataclasses import dataclass
from functools import lru_cache

from provenance.errors import MalformedError

__all__ = ["JumbfUri"]

_PREFIX = "self#jumbf="
_USUAL = 200  # characters: what is longer is not worth remembering


@dataclass(frozen=True, slots=True)
class JumbfUri:
    """The labels on the way to a box, outermost first, without the store's own."""

    labels: tuple[str, ...]
    absolute: bool  # from the store: the first label is a manifest's

    @classmethod
    def parse(cls, text: str) -> "JumbfUri":
        """Read a URI as a claim or an assertion spells it.

        Raises:
            MalformedError: another scheme, an empty label, or "..".
        """
        return _remembered(text) if len(text) <= _USUAL else _parse(text)

    @property
    def text(self) -> str:
        """As a claim spells it."""
        if self.absolute:
            return f"{_PREFIX}/c2pa/{'/'.join(self.labels)}"
        return _PREFIX + "/".join(self.labels)

    def __str__(self) -> str:
        return self.text

    def within(self, manifest: str) -> "JumbfUri":
        """The same place as an absolute URI, seen from a manifest."""
        return self if self.absolute else JumbfUri((manifest, *self.labels), absolute=True)


def _parse(text: str) -> JumbfUri:
    if not text.startswith(_PREFIX):
        raise MalformedError("JUMBF URI", f"{text[:60]!r} does not start with {_PREFIX}")
    labels = tuple(text[len(_PREFIX) :].removeprefix("/").split("/"))
    if not all(labels) or ".." in labels:
        raise MalformedError("JUMBF URI", f"{text[:60]!r} has an empty label or '..'")
    if labels[0] == "c2pa":
        return JumbfUri(labels[1:], absolute=True)
    return JumbfUri(labels, absolute=False)


_remembered = lru_cache(maxsize=1024)(_parse)  # the same few labels stand in every file
