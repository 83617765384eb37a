"""Terms as Story's Programmable IP License has them: 17 fields, and what must hold among them.

    no commercial use     no attribution, checker, share, ceiling or royalty policy
    commercial use        a royalty policy, and the token that it is paid in
    no derivatives        no attribution, approval, reciprocity or ceiling for them

Source: Story's PIL terms, and its list of deployed contracts (the same on mainnet and Aeneid).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.model.assertions.rights import Rights

__all__ = ["LAP", "LRP", "NOBODY", "WIP", "PilTerms", "breaches", "terms_of", "what_is_lost"]

NOBODY = "0x" + "0" * 40  # the zero address
LAP = "0xBe54FB168b3c982b7AaE60dB6CF75Bd8447b390E"
LRP = "0x9156e603C949481883B1d3355c6f1132D191fC41"
WIP = "0x1514000000000000000000000000000000000000"
_SHARE_OF_PPM = 100  # 100 000 000 is 100 %


@dataclass(frozen=True, slots=True, kw_only=True)
class PilTerms:
    """The terms, under Story's own names for them."""

    transferable: bool
    royaltyPolicy: str = NOBODY
    defaultMintingFee: int = 0
    expiration: int = 0
    commercialUse: bool = False
    commercialAttribution: bool = False
    commercializerChecker: str = NOBODY
    commercializerCheckerData: str = "0x"
    commercialRevShare: int = 0
    commercialRevCeiling: int = 0
    derivativesAllowed: bool = False
    derivativesAttribution: bool = False
    derivativesApproval: bool = False
    derivativesReciprocal: bool = False
    derivativeRevCeiling: int = 0
    currency: str = NOBODY
    uri: str = ""

    def to_dict(self) -> dict[str, bool | int | str]:
        """As JSON, the fields in Story's order."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def terms_of(rights: Rights, *, royalty_policy: str = LRP, currency: str = WIP) -> PilTerms:
    """Terms of ours as terms of Story's; `what_is_lost` says what does not fit in."""
    use, remix = rights.commercial.use, rights.derivatives
    allowed = remix.allowed
    return PilTerms(
        transferable=rights.transferable,
        royaltyPolicy=royalty_policy if use else NOBODY,
        commercialUse=use,
        commercialAttribution=use and rights.commercial.attribution,
        commercialRevShare=rights.commercial.share_ppm * _SHARE_OF_PPM if use else 0,
        derivativesAllowed=allowed,
        derivativesAttribution=allowed and remix.attribution,
        derivativesApproval=allowed and remix.approval,
        derivativesReciprocal=allowed and remix.reciprocal,
        currency=currency if use else NOBODY,
        uri=rights.uri or "",
    )


def breaches(terms: PilTerms) -> Iterator[str]:
    """What Story's contracts would refuse, a sentence each."""
    commercial = {
        "attribution": terms.commercialAttribution,
        "a checker": terms.commercializerChecker != NOBODY
        or terms.commercializerCheckerData != "0x",
        "a share": terms.commercialRevShare,
        "a ceiling": terms.commercialRevCeiling,
        "a royalty policy": terms.royaltyPolicy != NOBODY,
    }
    derivative = {
        "attribution": terms.derivativesAttribution,
        "approval": terms.derivativesApproval,
        "reciprocity": terms.derivativesReciprocal,
        "a ceiling": terms.derivativeRevCeiling,
    }
    if not terms.commercialUse:
        yield from (f"no commercial use, but {name}" for name, has in commercial.items() if has)
    elif terms.royaltyPolicy == NOBODY:
        yield "commercial use without a royalty policy"
    if not terms.derivativesAllowed:
        yield from (f"no derivatives, but {name}" for name, has in derivative.items() if has)
    if terms.royaltyPolicy != NOBODY and terms.currency == NOBODY:
        yield "a royalty policy without a token that it is paid in"
    if terms.defaultMintingFee and terms.royaltyPolicy == NOBODY:
        yield "a minting fee without a royalty policy"
    if not 0 <= terms.commercialRevShare <= 100_000_000:
        yield "a share beyond 100 %"


def what_is_lost(rights: Rights) -> Iterator[str]:
    """What Story's terms have no room for, a sentence each."""
    if rights.template == "cc":
        yield f"{rights.spdx or 'the licence'} becomes terms of Story's own licence, PIL"
    if rights.fee is not None:
        yield f"the fee in {rights.fee.currency[:20]} is left out: Story's is in a token"
    if rights.not_after is not None:
        yield "notAfter is left out: Story counts from the minting of a licence"
    if rights.commercial.ceiling is not None or rights.derivatives.ceiling is not None:
        yield "ceilings are left out: Story's are in a token"
    if rights.commercial.share_ppm and not rights.commercial.use:
        yield "a share of commercial use is left out: there is no such use"
    ours = (rights.derivatives.attribution, rights.derivatives.approval)
    if not rights.derivatives.allowed and (any(ours) or rights.derivatives.reciprocal):
        yield "conditions of derivatives are left out: there are none"
    if rights.territory:
        yield "territory is for off-chain terms, which `uri` may hold"
    if rights.channels:
        yield "channels are for off-chain terms, which `uri` may hold"
    yield "uses by AI are for off-chain terms, which `uri` may hold; `robotTerms` has training"
    if rights.ai.share_ppm not in (0, rights.commercial.share_ppm):
        yield "the share that a model owes is left out"
