"""The claim: what the signer signed. Version 2 is written, versions 1 and 2 are read.

Source: C2PA 2.2 §10.2.
"""

from dataclasses import dataclass
from itertools import chain
from typing import Any, Self

from provenance.cbor import CborValue
from provenance.errors import MalformedError
from provenance.model.fields import Fields
from provenance.model.hashed_uri import HashedUri

__all__ = ["Claim"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim as signed. A v1 claim's `assertions` stand in `created`."""

    version: int
    instance_id: str | None
    signature: str
    created: tuple[HashedUri, ...]
    gathered: tuple[HashedUri, ...] = ()
    redacted: tuple[str, ...] = ()
    generator: str | None = None  # v1: a User-Agent text
    generator_info: tuple[dict[str, Any], ...] = ()
    title: str | None = None
    format: str | None = None  # v1
    alg: str | None = None
    alg_soft: str | None = None
    spec_version: str | None = None

    @property
    def assertions(self) -> tuple[HashedUri, ...]:
        """All assertions: created, then gathered."""
        return self.created + self.gathered

    @property
    def generator_name(self) -> str:
        """What made the claim, as one text."""
        if self.generator_info:
            info = self.generator_info[0]
            parts = (str(info.get("name") or ""), str(info.get("version") or ""))
            return " ".join(part for part in parts if part)
        return self.generator or ""

    @classmethod
    def read(cls, value: CborValue, version: int) -> Self:
        """Read a decoded claim.

        Raises:
            MalformedError: a required field is absent, or one is of another type.
        """
        return (
            cls._read_v2(Fields(value, "claim"))
            if version > 1
            else cls._read_v1(Fields(value, "claim"))
        )

    @classmethod
    def _read_v2(cls, fields: Fields) -> Self:
        info = Fields(fields.map.get("claim_generator_info"), "claim_generator_info")
        info.need_text("name")
        return cls(
            version=2,
            instance_id=fields.need_text("instanceID"),
            signature=fields.need_text("signature"),
            created=fields.some("created_assertions", HashedUri.read),
            gathered=fields.each("gathered_assertions", HashedUri.read),
            redacted=fields.each("redacted_assertions", _text),
            generator_info=(info.map,),
            title=fields.text("dc:title"),
            alg=fields.text("alg"),
            alg_soft=fields.text("alg_soft"),
            spec_version=fields.text("specVersion"),
        )

    @classmethod
    def _read_v1(cls, fields: Fields) -> Self:
        infos = fields.map.get("claim_generator_info")
        rows = infos if isinstance(infos, list) else [infos]
        return cls(
            version=1,
            instance_id=fields.text("instanceID"),
            signature=fields.need_text("signature"),
            created=fields.some("assertions", HashedUri.read),
            redacted=fields.each("redacted_assertions", _text),
            generator=fields.need_text("claim_generator"),
            generator_info=tuple(row for row in rows if isinstance(row, dict)),
            title=fields.text("dc:title"),
            format=fields.text("dc:format"),
            alg=fields.text("alg"),
            alg_soft=fields.text("alg_soft"),
        )

    def to_cbor(self) -> dict[str, CborValue]:
        """As a v2 claim map for `cbor.encode`."""
        row: dict[str, CborValue] = {
            "instanceID": self.instance_id,
            "claim_generator_info": self.generator_info[0],
            "signature": self.signature,
            "created_assertions": [item.to_cbor() for item in self.created],
        }
        lists = (
            ("gathered_assertions", [item.to_cbor() for item in self.gathered]),
            ("redacted_assertions", list(self.redacted)),
        )
        texts = (("dc:title", self.title), ("alg", self.alg), ("alg_soft", self.alg_soft))
        return row | {key: value for key, value in chain(lists, texts) if value}


def _text(value: CborValue) -> str:
    if not isinstance(value, str):
        raise MalformedError("claim", "redacted_assertions holds something that is no text")
    return value
