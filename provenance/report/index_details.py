"""What the page of an index shows of a file when asked: verdict, manifests, what went in, people.

Many files' details are one JSON text, compressed; the browser takes one apart when somebody opens
a row of it. Everything is bounded, and says how much more there is.
"""

import json
import zlib
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from provenance.report.escape import clean

__all__ = ["DETAILS", "MOST", "FileDetails", "ManifestDetails", "Part", "packed"]

DETAILS = 500  # files of one text
MOST = 30  # manifests of a file, ingredients of a manifest, people of one
_TEXT = 200  # characters
_LINES = 40


@dataclass(frozen=True, slots=True)
class Part:
    """An ingredient."""

    role: str
    title: str | None
    format: str | None
    digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestDetails:
    """A manifest, wherever it stands. The lists may be longer than `MOST`."""

    label: str
    kind: str
    title: str | None
    generator: str | None
    sources: str
    signer: str | None
    signed_at: float | None
    attested: bool
    parts: tuple[Part, ...]
    people: tuple[tuple[str, str, str], ...]  # name, role, evidence

    def to_dict(self) -> dict[str, Any]:
        """As the page reads it."""
        return {
            "label": clean(self.label, _TEXT),
            "kind": clean(self.kind, _TEXT),
            "title": _text(self.title),
            "generator": _text(self.generator),
            "sources": clean(self.sources, _TEXT),
            "signer": _text(self.signer),
            "signed": None if self.signed_at is None else int(self.signed_at),
            "attested": self.attested,
            "parts": [
                [clean(one.role, _TEXT), _text(one.title), _text(one.format), _text(one.digest)]
                for one in self.parts[:MOST]
            ],
            "moreParts": max(0, len(self.parts) - MOST),
            "people": [[clean(text, _TEXT) for text in one] for one in self.people[:MOST]],
            "morePeople": max(0, len(self.people) - MOST),
        }


@dataclass(frozen=True, slots=True)
class FileDetails:
    """A file: the lines below its verdict, its manifests by number with their state here."""

    lines: str
    manifests: tuple[tuple[int, str], ...]
    more: int  # manifests that are not told


def packed(files: Iterable[FileDetails], manifests: Mapping[int, ManifestDetails]) -> str:
    """Details as a text: Base64 of zlib of JSON."""
    places = {number: place for place, number in enumerate(manifests)}
    value = {
        "manifests": [one.to_dict() for one in manifests.values()],
        "files": [
            [
                [clean(line) for line in one.lines.split("\n")[:_LINES] if line],
                [[places[number], clean(state, _TEXT)] for number, state in one.manifests],
                one.more,
            ]
            for one in files
        ],
    }
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return b64encode(zlib.compress(data, 9)).decode()


def _text(value: str | None) -> str | None:
    return None if value is None else clean(value, _TEXT)
