"""What to do about what was found in a lineage: a sentence for each code that asks for one."""

from collections.abc import Mapping

from provenance.chain import codes as chain
from provenance.rights import codes

__all__ = ["ADVICE"]

_OWNER = "Ask whoever owns that work for a licence, or leave it out."
_SIGNER = "Ask whoever signed the work for the original, and trace that."
_MORE = "Get the file, and say where it lies: --resolve FOLDER."
_TRAINING = "Do not use the model without the owner's licence, or use one that was trained without."

ADVICE: Mapping[str, str] = {
    chain.ACCEPTANCE_EXPIRED: "Ask the owner to agree again; until then the rate is only declared.",
    chain.ACCEPTANCE_NOT_BY_OWNER: "Ask the owner to sign an acceptance with the key of the work.",
    chain.CONTRIBUTION_BROKEN: f"Rely on no weight or rate of that work. {_SIGNER}",
    chain.CONTRIBUTION_REDACTED: _SIGNER,
    chain.CONTRIBUTION_UNMATCHED: "Whoever signed the work has to state the rate for the very "
    "ingredient that it has.",
    chain.CORROBORATION_FAILED: "Do not use the file: it is not the one that was signed for.",
    chain.CYCLE: "One of the two manifests is wrong about what came first: ask their signers.",
    chain.DEPTH_LIMIT: "Trace the work at the end by itself.",
    chain.DISPUTED: "The two must agree: each says something else of the same edge.",
    chain.FILE_LIMIT: "Name smaller folders with --resolve.",
    chain.HASH_MISMATCH: _SIGNER,
    chain.INDEX_OUTDATED: "Bring the index up to date: `provenance verify FOLDER --index FILE`.",
    chain.INGREDIENT_BROKEN: _SIGNER,
    chain.INGREDIENT_MISSING: _MORE,
    chain.INGREDIENT_REDACTED: _SIGNER,
    chain.INGREDIENT_REVOKED: "Take what that signer says for nobody's word until it is signed "
    "anew.",
    chain.NODE_LIMIT: "Trace the works behind it by themselves.",
    chain.RIGHTS_BROKEN: "Treat the work as if all rights were reserved.",
    chain.RIGHTS_REDACTED: "Treat the work as if all rights were reserved, and ask its owner.",
    chain.ROOT_BROKEN: "Get the original from where it came from: `provenance verify` says what is "
    "wrong.",
    chain.SIGNATURE_COPIED: "Find out who was first, by a time stamp or by asking them; one "
    "signed another's work.",
    chain.UNSIGNED_HINT: "Sign the file with its ingredients: the hint becomes a statement.",
    codes.AI_TERMS_DISAGREE: "Whoever set the terms should sign again and say one thing.",
    codes.APPROVAL_MISSING: "Ask the owner for an acceptance.",
    codes.ATTRIBUTION_MISSING: "Name the owner as the terms ask: sign again with --creator or in "
    "the contribution.",
    codes.COMMERCIAL_FORBIDDEN: _OWNER,
    codes.DERIVATIVES_FORBIDDEN: _OWNER,
    codes.EXPIRED: "Ask the owner to renew the licence; --at TIME judges by another moment.",
    codes.GENERATIVE_CONSTRAINED: "Read the conditions, and keep to them.",
    codes.GENERATIVE_NOT_ALLOWED: _TRAINING,
    codes.INFERENCE_NOT_ALLOWED: _OWNER,
    codes.LICENCE_DIFFERS: "Compare the two: the terms may have changed after they were agreed to.",
    codes.RATES_OVER_100: "Nothing can be split along it until whoever signed the work mends the "
    "rates.",
    codes.RATE_BELOW_LICENCE: "The share of the terms is what counts, unless the owner agreed to "
    "less.",
    codes.REDACTED: "Treat the work as if all rights were reserved, and ask its owner.",
    codes.SHARE_ALIKE_NOT_CARRIED: "Offer the work under the same terms, or ask the owner for "
    "others.",
    codes.SHELL: "Find out whether the signatures are of one owner.",
    codes.TRAINING_CONSTRAINED: "Read the conditions, and keep to them.",
    codes.TRAINING_NOT_ALLOWED: _TRAINING,
    codes.UNVERIFIED: "It is paid once the edge is declared by a signer and not disputed.",
}
