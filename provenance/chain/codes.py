"""Codes of what is found while a chain is followed. What is found about terms has its own."""

from provenance.model.labels import OWN_NAMESPACE

__all__ = [
    "ACCEPTANCE_EXPIRED",
    "ACCEPTANCE_NOT_BY_OWNER",
    "CONTRIBUTION_BROKEN",
    "CONTRIBUTION_REDACTED",
    "CONTRIBUTION_UNMATCHED",
    "CORROBORATED",
    "CORROBORATION_FAILED",
    "CYCLE",
    "DEPTH_LIMIT",
    "DISPUTED",
    "FILE_LIMIT",
    "HASH_MISMATCH",
    "INDEX_OUTDATED",
    "INGREDIENT_BROKEN",
    "INGREDIENT_MISSING",
    "INGREDIENT_REDACTED",
    "INGREDIENT_REVOKED",
    "NODE_LIMIT",
    "RIGHTS_BROKEN",
    "RIGHTS_REDACTED",
    "ROOT_BROKEN",
    "SENTENCES",
    "SIGNATURE_COPIED",
    "UNSIGNED_HINT",
]

_LINEAGE = f"{OWN_NAMESPACE}.lineage"

ACCEPTANCE_EXPIRED = f"{_LINEAGE}.acceptanceExpired"
ACCEPTANCE_NOT_BY_OWNER = f"{_LINEAGE}.acceptanceNotByOwner"
CONTRIBUTION_BROKEN = f"{_LINEAGE}.contributionBroken"
CONTRIBUTION_REDACTED = f"{_LINEAGE}.contributionRedacted"
CONTRIBUTION_UNMATCHED = f"{_LINEAGE}.contributionUnmatched"
CORROBORATED = f"{_LINEAGE}.corroborated"
CORROBORATION_FAILED = f"{_LINEAGE}.corroborationFailed"
CYCLE = f"{_LINEAGE}.cycle"
DEPTH_LIMIT = f"{_LINEAGE}.depthLimit"
DISPUTED = f"{_LINEAGE}.disputed"
FILE_LIMIT = f"{_LINEAGE}.fileLimit"
HASH_MISMATCH = f"{_LINEAGE}.hashMismatch"
INDEX_OUTDATED = f"{_LINEAGE}.indexOutdated"
INGREDIENT_BROKEN = f"{_LINEAGE}.ingredientBroken"
INGREDIENT_MISSING = f"{_LINEAGE}.ingredientMissing"
INGREDIENT_REDACTED = f"{_LINEAGE}.ingredientRedacted"
INGREDIENT_REVOKED = f"{_LINEAGE}.ingredientRevoked"
NODE_LIMIT = f"{_LINEAGE}.nodeLimit"
RIGHTS_BROKEN = f"{_LINEAGE}.rightsBroken"
RIGHTS_REDACTED = f"{_LINEAGE}.rightsRedacted"
ROOT_BROKEN = f"{_LINEAGE}.rootBroken"
SIGNATURE_COPIED = f"{_LINEAGE}.signatureCopied"
UNSIGNED_HINT = f"{_LINEAGE}.unsignedHint"

SENTENCES = {
    ACCEPTANCE_EXPIRED: "An acceptance of an edge has expired, and does not count.",
    ACCEPTANCE_NOT_BY_OWNER: "An acceptance was not signed by whom the work belongs to.",
    CONTRIBUTION_BROKEN: "What a work says of its contributors and of what it owes was changed "
    "after signing, or cannot be read.",
    CONTRIBUTION_REDACTED: "A later signer took out what a work said of its contributors.",
    CONTRIBUTION_UNMATCHED: "A work says what it owes for an ingredient that it does not have "
    "in this form; the rate does not count.",
    CORROBORATED: "A model signature confirms the hash of a file.",
    CORROBORATION_FAILED: "A model signature does not verify, or names another hash for a file.",
    CYCLE: "A work would be made of itself; the edge that closes the circle was refused.",
    DEPTH_LIMIT: "The chain goes on behind this work, deeper than was followed.",
    DISPUTED: "Two signers contradict each other about this edge; nothing is paid along it.",
    FILE_LIMIT: "Not all files that were given could be looked through.",
    HASH_MISMATCH: "A file is not the one that was signed, or that was used.",
    INDEX_OUTDATED: "A file is not what the index says of it, and was left out.",
    INGREDIENT_BROKEN: "The manifest of an ingredient does not validate; nothing that it says "
    "counts.",
    INGREDIENT_MISSING: "An ingredient has no manifest that could be found: nobody is known to "
    "be behind it.",
    INGREDIENT_REDACTED: "A later signer took out what this work was made of.",
    INGREDIENT_REVOKED: "The certificate of an ingredient's signer was revoked.",
    NODE_LIMIT: "There are more works behind this one than were followed.",
    RIGHTS_BROKEN: "The terms of a work cannot be read.",
    RIGHTS_REDACTED: "A later signer took out the terms of a work.",
    ROOT_BROKEN: "The manifest of the asset itself does not validate; nothing that it says counts.",
    SIGNATURE_COPIED: "Two signers claim the same content, and neither names the other.",
    UNSIGNED_HINT: "A file says what it was made of; nobody signed that.",
}
