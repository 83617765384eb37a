"""Labels: what boxes are called. `c2pa.ingredient.v3__1` is the second of version 3.

Source: C2PA 2.2 §6.2, §8.2; `c2pa_urn.abnf`.
"""

import re
import uuid
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["ASSERTIONS", "CLAIM_V1", "CLAIM_V2", "OWN_NAMESPACE", "SIGNATURE", "AssertionLabel"]
__all__ += ["is_manifest_urn", "is_relabelled", "new_manifest_urn", "numbered", "relabelled"]

OWN_NAMESPACE = "org.provenance-c2pa"

ASSERTIONS = "c2pa.assertions"
CLAIM_V1 = "c2pa.claim"
CLAIM_V2 = "c2pa.claim.v2"
SIGNATURE = "c2pa.signature"

_USUAL = 200  # characters: what is longer is not worth remembering
_INSTANCE = re.compile(r"__([0-9]{1,9})\Z")
_VERSION = re.compile(r"\.v([0-9]{1,9})\Z")
_URN = re.compile(
    r"urn:c2pa:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
    r"(?::[\x21-\x39\x3b-\x7e\x80-\xff]{0,32}(?::[0-9]+_[0-9]+)?)?"
)


@dataclass(frozen=True, slots=True)
class AssertionLabel:
    """A label in its parts: name without version, version (1 when unsaid), instance (0 first)."""

    name: str
    version: int
    instance: int

    @classmethod
    def parse(cls, label: str) -> "AssertionLabel":
        """Take a label apart; any text is one."""
        return _remembered(label) if len(label) <= _USUAL else _parse(label)


def _parse(label: str) -> AssertionLabel:
    instance = version = None
    if "__" in label and (instance := _INSTANCE.search(label)):
        label = label[: instance.start()]
    if ".v" in label and (version := _VERSION.search(label)):
        label = label[: version.start()]
    return AssertionLabel(
        label, int(version[1]) if version else 1, int(instance[1]) if instance else 0
    )


_remembered = lru_cache(maxsize=1024)(_parse)  # the same few labels stand in every file


def numbered(label: str, instance: int) -> str:
    """The label of the n-th of its kind, counted from 0."""
    return label if instance == 0 else f"{label}__{instance}"


def is_manifest_urn(label: str) -> bool:
    """Does a manifest's label follow the ABNF? Older manifests have `urn:uuid:` or a vendor's."""
    return _URN.fullmatch(label) is not None


def new_manifest_urn() -> str:
    """A label for a new manifest."""
    return f"urn:c2pa:{uuid.uuid4()}"


def is_relabelled(label: str, before: str) -> bool:
    """Did a manifest of this label have that one before a conflict? See `relabelled`."""
    version = label.rpartition(":")[2].removesuffix("_1")
    return version.isdecimal() and relabelled(before, int(version)) == label


def relabelled(label: str, version: int) -> str:
    """The label for a manifest whose own is taken by another (§8.2.2, reason 1: conflict)."""
    parts = label.split(":")
    if label.startswith("urn:c2pa:"):
        generator = parts[3] if len(parts) > 3 else ""
        return f"urn:c2pa:{parts[2]}:{generator}:{version}_1"
    return f"urn:c2pa:{uuid.uuid5(uuid.NAMESPACE_URL, label)}::{version}_1"
