"""The shelf: assertions of a manifest in the making, each boxed, labelled, salted and hashed."""

import json
import os
from collections import Counter
from dataclasses import dataclass
from typing import Any

from provenance.boxes import read_header
from provenance.cbor import CborValue
from provenance.digests import HashAlg
from provenance.jumbf import writer
from provenance.model.hashed_uri import HashedUri
from provenance.model.labels import ASSERTIONS, numbered

__all__ = ["Shelf", "Shelved", "hashed_part"]

_SALT = 16  # bytes; a redacted assertion must not be guessed from its hash (§8.4.2.3)


@dataclass(frozen=True, slots=True)
class Shelved:
    """A finished assertion box and how the claim refers to it."""

    label: str
    box: bytes
    ref: HashedUri
    created: bool


def hashed_part(box: bytes) -> memoryview:
    """What a hashed URI to a superbox covers."""
    return memoryview(box)[read_header(box, 0, len(box)).body :]


class Shelf:
    """Takes assertions in the order of the manifest, and gives each its reference."""

    def __init__(self, alg: HashAlg) -> None:
        self.alg = alg
        self.items: list[Shelved] = []
        self._counts: Counter[str] = Counter()

    def next_label(self, label: str) -> str:
        """The label that the next of its kind will get."""
        return numbered(label, self._counts[label])

    def _put(self, label: str, box: bytes, created: bool) -> HashedUri:
        self._counts[label] += 1
        name = numbered(label, self._counts[label] - 1)
        url = f"self#jumbf={ASSERTIONS}/{name}"
        ref = HashedUri.of(url, hashed_part(box), self.alg)
        self.items.append(Shelved(name, box, ref, created))
        return ref

    def cbor(self, label: str, value: CborValue, *, created: bool = True) -> HashedUri:
        """Add an assertion with CBOR content."""
        box = writer.cbor_box(self.next_label(label), value, salt=os.urandom(_SALT))
        return self._put(label, box, created)

    def json(self, label: str, value: Any, *, created: bool = True) -> HashedUri:
        """Add an assertion with JSON content."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        box = writer.json_box(self.next_label(label), text, salt=os.urandom(_SALT))
        return self._put(label, box, created)

    def file(self, label: str, media_type: str, data: bytes) -> HashedUri:
        """Add an assertion that is a file: a thumbnail, a prompt."""
        box = writer.embedded_file(self.next_label(label), media_type, data, salt=os.urandom(_SALT))
        return self._put(label, box, True)
