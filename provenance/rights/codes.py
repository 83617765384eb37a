"""Codes of what is found about a chain, its terms and its shares: each with a kind and a sentence.

    org.provenance-c2pa.lineage.*   of the chain itself; given by `provenance.chain`
    org.provenance-c2pa.rights.*    of terms and consent; given by `rights.compatibility`
    org.provenance-c2pa.shares.*    of what is owed; given there too

None changes the verdict on a file: that is validation's, and knows nothing of terms.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from provenance.chain import codes as chain_codes
from provenance.model.labels import OWN_NAMESPACE

__all__ = [
    "AI_TERMS_DISAGREE",
    "APPROVAL_MISSING",
    "ATTRIBUTION_MISSING",
    "CODES",
    "COMMERCIAL_FORBIDDEN",
    "DERIVATIVES_FORBIDDEN",
    "EXPIRED",
    "GENERATIVE_CONSTRAINED",
    "GENERATIVE_NOT_ALLOWED",
    "INFERENCE_NOT_ALLOWED",
    "LICENCE_DIFFERS",
    "RATES_OVER_100",
    "RATE_BELOW_LICENCE",
    "REDACTED",
    "SHARE_ALIKE_NOT_CARRIED",
    "SHELL",
    "TRAINING_CONSTRAINED",
    "TRAINING_NOT_ALLOWED",
    "UNVERIFIED",
    "Code",
    "Kind",
    "find",
    "similar",
]


class Kind(StrEnum):
    """What a code means for whoever wants to use the work."""

    FAILURE = "failure"  # terms are broken, or the chain is
    WARNING = "warning"  # a person must look
    NOTE = "note"  # good to know


@dataclass(frozen=True, slots=True)
class Code:
    """A code, what it means, and one plain sentence."""

    code: str
    kind: Kind
    sentence: str

    @property
    def section(self) -> str:
        """Where more is said of it."""
        return "docs/lineage.md" if ".lineage." in self.code else "docs/rights.md"


_RIGHTS = f"{OWN_NAMESPACE}.rights"
_SHARES = f"{OWN_NAMESPACE}.shares"

AI_TERMS_DISAGREE = f"{_RIGHTS}.aiTermsDisagree"
APPROVAL_MISSING = f"{_RIGHTS}.approvalMissing"
ATTRIBUTION_MISSING = f"{_RIGHTS}.attributionMissing"
COMMERCIAL_FORBIDDEN = f"{_RIGHTS}.commercialForbidden"
DERIVATIVES_FORBIDDEN = f"{_RIGHTS}.derivativesForbidden"
EXPIRED = f"{_RIGHTS}.expired"
GENERATIVE_CONSTRAINED = f"{_RIGHTS}.generativeConstrained"
GENERATIVE_NOT_ALLOWED = f"{_RIGHTS}.generativeNotAllowed"
INFERENCE_NOT_ALLOWED = f"{_RIGHTS}.inferenceNotAllowed"
LICENCE_DIFFERS = f"{_RIGHTS}.licenceDiffers"
RATES_OVER_100 = f"{_RIGHTS}.ratesOver100"
RATE_BELOW_LICENCE = f"{_RIGHTS}.rateBelowLicence"
REDACTED = f"{_RIGHTS}.redacted"
SHARE_ALIKE_NOT_CARRIED = f"{_RIGHTS}.shareAlikeNotCarried"
TRAINING_CONSTRAINED = f"{_RIGHTS}.trainingConstrained"
TRAINING_NOT_ALLOWED = f"{_RIGHTS}.trainingNotAllowed"
SHELL = f"{_SHARES}.shell"
UNVERIFIED = f"{_SHARES}.unverified"

_BAD, _WARN, _NOTE = Kind.FAILURE, Kind.WARNING, Kind.NOTE

_OWN = (
    Code(
        AI_TERMS_DISAGREE,
        _WARN,
        "A work's terms say one thing about AI, and its training and data mining assertion "
        "another; the stricter counts.",
    ),
    Code(
        APPROVAL_MISSING,
        _WARN,
        "A work may be built upon only with its owner's approval, and the owner has not "
        "countersigned.",
    ),
    Code(
        ATTRIBUTION_MISSING,
        _WARN,
        "A work must be credited, and what was made of it names nobody behind it.",
    ),
    Code(
        COMMERCIAL_FORBIDDEN,
        _BAD,
        "A work is offered for commercial use, and something it was made of is not.",
    ),
    Code(
        DERIVATIVES_FORBIDDEN,
        _BAD,
        "A work was made of another whose terms allow no derivatives.",
    ),
    Code(EXPIRED, _BAD, "The terms that a work was used under have expired."),
    Code(
        GENERATIVE_CONSTRAINED,
        _WARN,
        "A generative model was trained on a work that allows it under conditions only.",
    ),
    Code(
        GENERATIVE_NOT_ALLOWED,
        _BAD,
        "A generative model was trained on a work that does not allow it.",
    ),
    Code(
        INFERENCE_NOT_ALLOWED,
        _BAD,
        "A work was given to an AI model as input, and does not allow it.",
    ),
    Code(
        LICENCE_DIFFERS,
        _WARN,
        "The terms that were agreed to are not those that the work has in its manifest.",
    ),
    Code(RATES_OVER_100, _BAD, "A work owes more than all of what it is paid."),
    Code(
        RATE_BELOW_LICENCE,
        _WARN,
        "A work owes less to what it was made of than the terms of that ask for.",
    ),
    Code(
        REDACTED,
        _WARN,
        "A work was used under terms that a later signer took out: what they allowed is not known.",
    ),
    Code(
        SHARE_ALIKE_NOT_CARRIED,
        _BAD,
        "A work must be passed on under the same terms, and what was made of it has others, "
        "or none.",
    ),
    Code(
        TRAINING_CONSTRAINED,
        _WARN,
        "A model was trained on a work that allows it under conditions only.",
    ),
    Code(TRAINING_NOT_ALLOWED, _BAD, "A model was trained on a work that does not allow it."),
    Code(
        SHELL,
        _WARN,
        "One content is owed for more than once, under several signatures; its licence's share "
        "counts once.",
    ),
    Code(
        UNVERIFIED,
        _NOTE,
        "What is owed along this edge is held back as unclaimed, because the edge is not sure.",
    ),
)

_OF_CHAIN = {
    _BAD: (
        *("contributionBroken", "corroborationFailed", "cycle", "disputed", "hashMismatch"),
        *("ingredientBroken", "ingredientRevoked", "rightsBroken", "rootBroken"),
        "signatureCopied",
    ),
    _NOTE: ("corroborated", "indexOutdated", "ingredientMissing", "unsignedHint"),
}  # the others are warnings


def _chain() -> tuple[Code, ...]:
    kinds = {name: kind for kind, names in _OF_CHAIN.items() for name in names}
    return tuple(
        Code(code, kinds.get(code.rpartition(".")[2], _WARN), sentence)
        for code, sentence in chain_codes.SENTENCES.items()
    )


CODES: Mapping[str, Code] = {row.code: row for row in (*_chain(), *_OWN)}
_FOLDED = {code.lower(): row for code, row in CODES.items()}


def find(code: str) -> Code | None:
    """The row of a code; upper and lower case are one, and our namespace may be left out."""
    wanted = code.lower()
    return _FOLDED.get(wanted) or _FOLDED.get(f"{OWN_NAMESPACE}.{wanted}")


def similar(code: str) -> tuple[str, ...]:
    """Codes that may have been meant."""
    from difflib import get_close_matches

    wanted = code.lower()[:200]
    short = {row.code.rpartition(".")[2].lower(): row.code for row in CODES.values()}
    names = {**short, **{folded: row.code for folded, row in _FOLDED.items()}}
    near = get_close_matches(wanted.rpartition(".")[2] or wanted, names, n=3, cutoff=0.7)
    return tuple(dict.fromkeys(names[one] for one in near))
