"""`org.provenance-c2pa.rights`: the terms that a licensor sets for a work.

    {v: 1, licensor, template, uri?, spdx?, flavour?,
     commercial: {use, attribution, sharePpm, ceiling?},
     derivatives: {allowed, attribution, approval, reciprocal, ceiling?},
     ai: {train, generative, inference, style, sharePpm},
     fee?: {amount, currency}, transferable, notAfter?, territory: […], channels: […]}

Amounts are in minor units, shares in parts of a million; there are no floats.
"""

from dataclasses import dataclass
from typing import Self

from provenance.cbor import CborValue
from provenance.errors import MalformedError
from provenance.model.fields import Fields
from provenance.model.labels import OWN_NAMESPACE

__all__ = ["LABEL", "TEMPLATES", "USES", "AiTerms", "Commercial", "Derivatives", "Fee", "Rights"]

LABEL = f"{OWN_NAMESPACE}.rights"
TEMPLATES = ("custom", "pil", "cc", "rsl")
USES = ("allowed", "notAllowed", "constrained")
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Commercial:
    """Commercial use: whether, and what share of it is owed."""

    use: bool = False
    attribution: bool = False
    share_ppm: int = 0
    ceiling: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivatives:
    """Works made of this one: whether, and under what terms."""

    allowed: bool = False
    attribution: bool = False
    approval: bool = False
    reciprocal: bool = False  # share-alike
    ceiling: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AiTerms:
    """Use by AI: each `allowed`, `notAllowed` or `constrained`; `share_ppm` is owed by a model."""

    train: str = "notAllowed"
    generative: str = "notAllowed"
    inference: str = "notAllowed"
    style: str = "notAllowed"
    share_ppm: int = 0


@dataclass(frozen=True, slots=True)
class Fee:
    """A one-time price, in minor units of a currency (ISO 4217)."""

    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """The assertion."""

    licensor: str
    template: str = "custom"
    uri: str | None = None
    spdx: str | None = None
    flavour: str | None = None
    commercial: Commercial = Commercial()
    derivatives: Derivatives = Derivatives()
    ai: AiTerms = AiTerms()
    fee: Fee | None = None
    transferable: bool = True
    not_after: str | None = None  # RFC 3339
    territory: tuple[str, ...] = ()  # empty: everywhere
    channels: tuple[str, ...] = ()  # empty: all

    @classmethod
    def read(cls, value: CborValue) -> Self:
        """Read the assertion.

        Raises:
            MalformedError: another version, a field of another type, a share out of range.
        """
        fields = Fields(value, LABEL)
        if fields.need_integer("v") != 1:
            raise MalformedError(LABEL, f"version {fields.need_integer('v')}, 1 is known")
        template = fields.need_text("template")
        if template not in TEMPLATES:
            raise MalformedError(LABEL, f"template {template[:40]!r}, not one of {TEMPLATES}")
        return cls(
            licensor=fields.need_text("licensor"),
            template=template,
            uri=fields.text("uri"),
            spdx=fields.text("spdx"),
            flavour=fields.text("flavour"),
            commercial=_commercial(Fields(fields.map.get("commercial"), f"{LABEL}.commercial")),
            derivatives=_derivatives(Fields(fields.map.get("derivatives"), f"{LABEL}.derivatives")),
            ai=_ai(Fields(fields.map.get("ai"), f"{LABEL}.ai")),
            fee=fields.one("fee", _fee),
            transferable=fields.boolean("transferable") is not False,
            not_after=fields.text("notAfter"),
            territory=fields.each("territory", _text),
            channels=fields.each("channels", _text),
        )

    def to_cbor(self) -> dict[str, CborValue]:
        """As a map for `cbor.encode`, which is JSON too."""
        row: dict[str, CborValue] = {
            "v": 1,
            "licensor": self.licensor,
            "template": self.template,
            "commercial": {
                "use": self.commercial.use,
                "attribution": self.commercial.attribution,
                "sharePpm": self.commercial.share_ppm,
                **_ceiling(self.commercial.ceiling),
            },
            "derivatives": {
                "allowed": self.derivatives.allowed,
                "attribution": self.derivatives.attribution,
                "approval": self.derivatives.approval,
                "reciprocal": self.derivatives.reciprocal,
                **_ceiling(self.derivatives.ceiling),
            },
            "ai": {
                "train": self.ai.train,
                "generative": self.ai.generative,
                "inference": self.ai.inference,
                "style": self.ai.style,
                "sharePpm": self.ai.share_ppm,
            },
            "transferable": self.transferable,
            "territory": list(self.territory),
            "channels": list(self.channels),
        }
        optional = {
            "uri": self.uri,
            "spdx": self.spdx,
            "flavour": self.flavour,
            "notAfter": self.not_after,
            "fee": {"amount": self.fee.amount, "currency": self.fee.currency} if self.fee else None,
        }
        return row | {key: one for key, one in optional.items() if one is not None}


def _ceiling(value: int | None) -> dict[str, CborValue]:
    return {} if value is None else {"ceiling": value}


def _commercial(fields: Fields) -> Commercial:
    return Commercial(
        use=bool(fields.boolean("use")),
        attribution=bool(fields.boolean("attribution")),
        share_ppm=_ppm(fields),
        ceiling=fields.integer("ceiling"),
    )


def _derivatives(fields: Fields) -> Derivatives:
    return Derivatives(
        allowed=bool(fields.boolean("allowed")),
        attribution=bool(fields.boolean("attribution")),
        approval=bool(fields.boolean("approval")),
        reciprocal=bool(fields.boolean("reciprocal")),
        ceiling=fields.integer("ceiling"),
    )


def _ai(fields: Fields) -> AiTerms:
    return AiTerms(
        train=_use(fields, "train"),
        generative=_use(fields, "generative"),
        inference=_use(fields, "inference"),
        style=_use(fields, "style"),
        share_ppm=_ppm(fields),
    )


def _use(fields: Fields, key: str) -> str:
    use = fields.need_text(key)
    if use not in USES:
        raise MalformedError(f"{LABEL}.ai", f"{key} is {use[:40]!r}, not one of {', '.join(USES)}")
    return use


def _ppm(fields: Fields) -> int:
    share = fields.integer("sharePpm") or 0
    if not 0 <= share <= _MILLION:
        raise MalformedError(LABEL, f"sharePpm is {share}, from 0 to {_MILLION} is possible")
    return share


def _fee(value: CborValue) -> Fee:
    fields = Fields(value, f"{LABEL}.fee")
    return Fee(fields.need_integer("amount"), fields.need_text("currency"))


def _text(value: CborValue) -> str:
    if not isinstance(value, str):
        raise MalformedError(LABEL, "a list of texts holds something else")
    return value
