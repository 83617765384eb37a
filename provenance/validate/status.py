"""Status codes: what a check found, in the standard's word, with its kind on the same row.

All codes of C2PA 2.2 to 2.5 stand here; the section is that of the oldest of these versions that
has the code. Our own codes, for what the standard has none, begin with our namespace. The sentence
for a person lies in `sentences.py`, so that a check does not pay for it.

Source: C2PA 2.2 §15.2.2, and the same tables of 2.3, 2.4 and 2.5.
"""

from enum import Enum

__all__ = ["Kind", "Status"]


class Kind(Enum):
    """What a code means for the verdict; the value is the key in a validation-results map."""

    SUCCESS = "success"
    INFORMATIONAL = "informational"
    FAILURE = "failure"


_OK, _NOTE, _BAD = Kind.SUCCESS, Kind.INFORMATIONAL, Kind.FAILURE
_OWN = "provenance, in no version of C2PA"
_CAWG = "CAWG identity 1.3"
_CAWG_OLD = "CAWG identity 1.1, not in 1.3"
_CAWG_X509 = "CAWG identity 1.3 §8.2"
_CAWG_ICA = "CAWG identity 1.3, claims aggregation"
_IDENTITY = ("cawg.", "org.provenance-c2pa.identity.")


class Status(Enum):
    """A status code, its kind, and the section that says when it is given."""

    code: str
    kind: Kind
    section: str
    about_identity: bool  # says something of a named actor, and nothing of the asset

    # Each is one object, and they lie in many sets: there is a faster hash than that of the name.
    __hash__ = object.__hash__

    def __new__(cls, code: str, kind: Kind, section: str) -> "Status":
        """Make a row; the code alone is its value."""
        row = object.__new__(cls)
        row._value_ = code
        row.code, row.kind, row.section = code, kind, section
        row.about_identity = code.startswith(_IDENTITY)
        return row

    @property
    def sentence(self) -> str:
        """What the code says, for a person who has not read the standard."""
        from provenance.validate.sentences import SENTENCES

        return SENTENCES[self.code]

    @classmethod
    def of(cls, code: str) -> "Status | None":
        """The row of a code; None for one that no version has."""
        return _BY_CODE.get(code)

    # What holds
    ASSERTION_ACCESSIBLE = "assertion.accessible", _OK, "2.2 §15.10.3"
    ALTERNATIVE_CONTENT_REPRESENTATION_MATCH = (
        "assertion.alternativeContentRepresentation.match",
        _OK,
        "2.3 §15.10.3",
    )
    BMFF_HASH_MATCH = "assertion.bmffHash.match", _OK, "2.2 §18.6"
    BOXES_HASH_MATCH = "assertion.boxesHash.match", _OK, "2.2 §18.7"
    COLLECTION_HASH_MATCH = "assertion.collectionHash.match", _OK, "2.2 §15.12.5"
    DATA_HASH_MATCH = "assertion.dataHash.match", _OK, "2.2 §15.12.1"
    ASSERTION_HASHED_URI_MATCH = "assertion.hashedURI.match", _OK, "2.2 §15.10.3"
    LINKED_RESOURCE_INTEGRITY_MATCH = "assertion.linkedResourceIntegrity.match", _OK, "2.5 §14.10.3"
    MULTI_ASSET_HASH_MATCH = "assertion.multiAssetHash.match", _OK, "2.2 §18.9"
    SEGMENT_HASH_MATCH = "assertion.segmentHash.match", _OK, "2.5 §16.3"
    CLAIM_SIGNATURE_INSIDE_VALIDITY = "claimSignature.insideValidity", _OK, "2.2 §15.7"
    CLAIM_SIGNATURE_VALIDATED = "claimSignature.validated", _OK, "2.2 §15.7"
    INGREDIENT_CLAIM_SIGNATURE_VALIDATED = (
        "ingredient.claimSignature.validated",
        _OK,
        "2.2 §15.11.3",
    )
    INGREDIENT_MANIFEST_VALIDATED = "ingredient.manifest.validated", _OK, "2.2 §15.11.3"
    SIGNING_CREDENTIAL_OCSP_NOT_REVOKED = "signingCredential.ocsp.notRevoked", _OK, "2.2 §15.9"
    SIGNING_CREDENTIAL_TRUSTED = "signingCredential.trusted", _OK, "2.2 §14.4"
    TIME_STAMP_TRUSTED = "timeStamp.trusted", _OK, "2.2 §15.8"
    TIME_STAMP_VALIDATED = "timeStamp.validated", _OK, "2.2 §15.8"

    # What is good to know
    ALGORITHM_DEPRECATED = "algorithm.deprecated", _NOTE, "2.2 §13.1"
    ACTION_INGREDIENT_LOCATION_MISMATCH = (
        "assertion.action.ingredientLocationMismatch",
        _NOTE,
        "2.5 §14.10.3",
    )
    DATA_HASH_ADDITIONAL_EXCLUSIONS_PRESENT = (
        "assertion.dataHash.additionalExclusionsPresent",
        _NOTE,
        "2.3 §15.12.1",
    )
    BMFF_HASH_ADDITIONAL_EXCLUSIONS_PRESENT = (
        "assertion.bmffHash.additionalExclusionsPresent",
        _NOTE,
        "2.3 §18.6",
    )
    BOXES_HASH_ADDITIONAL_EXCLUSIONS_PRESENT = (
        "assertion.boxesHash.additionalExclusionsPresent",
        _NOTE,
        "2.3 §18.7",
    )
    LINKED_RESOURCE_INTEGRITY_FORMAT_MISMATCH = (
        "assertion.linkedResourceIntegrity.formatMismatch",
        _NOTE,
        "2.5 §14.10.3",
    )
    LINKED_RESOURCE_INTEGRITY_HASH_MISMATCH = (
        "assertion.linkedResourceIntegrity.hashMismatch",
        _NOTE,
        "2.5 §14.10.3",
    )
    LINKED_RESOURCE_INTEGRITY_INACCESSIBLE = (
        "assertion.linkedResourceIntegrity.inaccessible",
        _NOTE,
        "2.5 §14.10.3",
    )
    LINKED_RESOURCE_INTEGRITY_SIZE_MISMATCH = (
        "assertion.linkedResourceIntegrity.sizeMismatch",
        _NOTE,
        "2.5 §14.10.3",
    )
    LINKED_RESOURCE_INTEGRITY_SKIPPED = (
        "assertion.linkedResourceIntegrity.skipped",
        _NOTE,
        "2.5 §14.10.3",
    )
    ASSERTION_REDACTED = "assertion.redacted", _NOTE, "2.5 §14.10.3"
    INGREDIENT_UNKNOWN_PROVENANCE = "ingredient.unknownProvenance", _NOTE, "2.2 §15.11"
    SIGNING_CREDENTIAL_OCSP_INACCESSIBLE = "signingCredential.ocsp.inaccessible", _NOTE, "2.2 §15.9"
    SIGNING_CREDENTIAL_OCSP_SKIPPED = "signingCredential.ocsp.skipped", _NOTE, "2.2 §15.9"
    SIGNING_CREDENTIAL_OCSP_UNKNOWN = "signingCredential.ocsp.unknown", _NOTE, "2.3 §15.9"
    TIME_OF_SIGNING_INSIDE_VALIDITY = "timeOfSigning.insideValidity", _NOTE, "2.2 §15.7"
    TIME_OF_SIGNING_OUTSIDE_VALIDITY = "timeOfSigning.outsideValidity", _NOTE, "2.2 §15.7"
    TIME_STAMP_CREDENTIAL_INVALID = "timeStamp.credentialInvalid", _NOTE, "2.3 §15.8"
    TIME_STAMP_MALFORMED = "timeStamp.malformed", _NOTE, "2.2 §15.8"
    TIME_STAMP_MISMATCH = "timeStamp.mismatch", _NOTE, "2.2 §15.8"
    TIME_STAMP_OUTSIDE_VALIDITY = "timeStamp.outsideValidity", _NOTE, "2.2 §15.8"
    TIME_STAMP_UNTRUSTED = "timeStamp.untrusted", _NOTE, "2.2 §15.8"

    # What is wrong
    ALGORITHM_UNSUPPORTED = "algorithm.unsupported", _BAD, "2.2 §13"
    ACTION_INGREDIENT_MISMATCH = "assertion.action.ingredientMismatch", _BAD, "2.2 §15.10.3"
    ACTION_MALFORMED = "assertion.action.malformed", _BAD, "2.2 §15.10.3"
    ACTION_REDACTED = "assertion.action.redacted", _BAD, "2.2 §15.10.3"
    ACTION_REDACTION_MISMATCH = "assertion.action.redactionMismatch", _BAD, "2.2 §15.10.3"
    ACTION_SOFT_BINDING_MISSING = "assertion.action.softBindingMissing", _BAD, "2.3 §15.10.3"
    ALTERNATIVE_CONTENT_REPRESENTATION_HASH_MISMATCH = (
        "assertion.alternativeContentRepresentation.hashMismatch",
        _BAD,
        "2.3 §15.10.3",
    )
    ALTERNATIVE_CONTENT_REPRESENTATION_MALFORMED = (
        "assertion.alternativeContentRepresentation.malformed",
        _BAD,
        "2.3 §15.10.3",
    )
    ALTERNATIVE_CONTENT_REPRESENTATION_MISSING = (
        "assertion.alternativeContentRepresentation.missing",
        _BAD,
        "2.3 §15.10.3",
    )
    BMFF_HASH_MALFORMED = "assertion.bmffHash.malformed", _BAD, "2.2 §18.6"
    BMFF_HASH_MISMATCH = "assertion.bmffHash.mismatch", _BAD, "2.2 §18.6"
    BOXES_HASH_MALFORMED = "assertion.boxesHash.malformed", _BAD, "2.2 §18.7"
    BOXES_HASH_MISMATCH = "assertion.boxesHash.mismatch", _BAD, "2.2 §18.7"
    BOXES_HASH_UNKNOWN_BOX = "assertion.boxesHash.unknownBox", _BAD, "2.2 §18.7"
    ASSERTION_CBOR_INVALID = "assertion.cbor.invalid", _BAD, "2.2 §15.10.3"
    ASSERTION_JSON_INVALID = "assertion.json.invalid", _BAD, "2.2 §15.10.3"
    CLOUD_DATA_ACTIONS = "assertion.cloud-data.actions", _BAD, "2.2 §15.10.3"
    CLOUD_DATA_HARD_BINDING = "assertion.cloud-data.hardBinding", _BAD, "2.2 §15.10.3"
    CLOUD_DATA_MALFORMED = "assertion.cloud-data.malformed", _BAD, "2.2 §15.10.3"
    CLOUD_DATA_LABEL_MISMATCH = "assertion.cloud-data.labelMismatch", _BAD, "2.3 §15.10.3"
    COLLECTION_HASH_INCORRECT_FILE_COUNT = (
        "assertion.collectionHash.incorrectFileCount",
        _BAD,
        "2.2 §15.12.5",
    )
    COLLECTION_HASH_INVALID_URI = "assertion.collectionHash.invalidURI", _BAD, "2.2 §15.12.5"
    COLLECTION_HASH_MALFORMED = "assertion.collectionHash.malformed", _BAD, "2.2 §15.12.5"
    COLLECTION_HASH_MISMATCH = "assertion.collectionHash.mismatch", _BAD, "2.2 §15.12.5"
    DATA_HASH_MALFORMED = "assertion.dataHash.malformed", _BAD, "2.2 §15.12.1"
    DATA_HASH_MISMATCH = "assertion.dataHash.mismatch", _BAD, "2.2 §15.12.1"
    DATA_HASH_REDACTED = "assertion.dataHash.redacted", _BAD, "2.2 §15.10.3"
    HARD_BINDING_REDACTED = "assertion.hardBinding.redacted", _BAD, "2.3 §15.10.3"
    EXTERNAL_REFERENCE_ACTIONS = "assertion.external-reference.actions", _BAD, "2.3 §15.10.3"
    EXTERNAL_REFERENCE_CREATED = "assertion.external-reference.created", _BAD, "2.3 §15.10.3"
    EXTERNAL_REFERENCE_HARD_BINDING = (
        "assertion.external-reference.hardBinding",
        _BAD,
        "2.3 §15.10.3",
    )
    EXTERNAL_REFERENCE_HASH_MISMATCH = (
        "assertion.external-reference.hashMismatch",
        _BAD,
        "2.4 §15.10.3",
    )
    EXTERNAL_REFERENCE_LABEL_MISMATCH = (
        "assertion.external-reference.labelMismatch",
        _BAD,
        "2.4 §15.10.3",
    )
    EXTERNAL_REFERENCE_MALFORMED = "assertion.external-reference.malformed", _BAD, "2.3 §15.10.3"
    ASSERTION_HASHED_URI_MISMATCH = "assertion.hashedURI.mismatch", _BAD, "2.2 §15.10.3"
    ASSERTION_INACCESSIBLE = "assertion.inaccessible", _BAD, "2.2 §15.10.3"
    ASSERTION_INGREDIENT_MALFORMED = "assertion.ingredient.malformed", _BAD, "2.2 §15.11"
    LINKED_RESOURCE_INTEGRITY_INVALID_URI = (
        "assertion.linkedResourceIntegrity.invalidURI",
        _BAD,
        "2.5 §14.10.3",
    )
    LINKED_RESOURCE_INTEGRITY_MALFORMED = (
        "assertion.linkedResourceIntegrity.malformed",
        _BAD,
        "2.5 §14.10.3",
    )
    LINKED_RESOURCE_INTEGRITY_NOT_CREATED = (
        "assertion.linkedResourceIntegrity.notCreated",
        _BAD,
        "2.5 §14.10.3",
    )
    METADATA_DISALLOWED = "assertion.metadata.disallowed", _BAD, "2.2 §15.10.3"
    METADATA_MALFORMED = "assertion.metadata.malformed", _BAD, "2.5 §14.10.3"
    ASSERTION_MISSING = "assertion.missing", _BAD, "2.2 §15.10.3"
    MULTI_ASSET_HASH_MALFORMED = "assertion.multiAssetHash.malformed", _BAD, "2.2 §18.9"
    MULTI_ASSET_HASH_MISMATCH = "assertion.multiAssetHash.mismatch", _BAD, "2.2 §18.9"
    MULTI_ASSET_HASH_MISSING_PART = "assertion.multiAssetHash.missingPart", _BAD, "2.2 §18.9"
    ASSERTION_MULTIPLE_HARD_BINDINGS = "assertion.multipleHardBindings", _BAD, "2.2 §15.10.1"
    ASSERTION_NOT_REDACTED = "assertion.notRedacted", _BAD, "2.2 §15.11.3"
    ASSERTION_OUTSIDE_MANIFEST = "assertion.outsideManifest", _BAD, "2.2 §15.10.3"
    SEGMENT_HASH_MALFORMED = "assertion.segmentHash.malformed", _BAD, "2.5 §16.3"
    SEGMENT_HASH_MISMATCH = "assertion.segmentHash.mismatch", _BAD, "2.5 §16.3"
    SEGMENT_HASH_PARTIAL_COVERAGE = "assertion.segmentHash.partialCoverage", _BAD, "2.5 §16.3"
    SEGMENT_HASH_PREDECESSOR_MISMATCH = (
        "assertion.segmentHash.predecessorMismatch",
        _BAD,
        "2.5 §16.3",
    )
    ASSERTION_SELF_REDACTED = "assertion.selfRedacted", _BAD, "2.2 §15.10.3"
    ASSERTION_TIMESTAMP_MALFORMED = "assertion.timestamp.malformed", _BAD, "2.2 §15.10.3"
    ASSERTION_UNDECLARED = "assertion.undeclared", _BAD, "2.2 §15.10.3"
    CLAIM_ACTIONS_MISSING = "claim.actions.missing", _BAD, "2.5 §14.10.1"
    CLAIM_CBOR_INVALID = "claim.cbor.invalid", _BAD, "2.2 §15.6"
    CLAIM_HARD_BINDINGS_MISSING = "claim.hardBindings.missing", _BAD, "2.2 §15.10.1"
    CLAIM_MALFORMED = "claim.malformed", _BAD, "2.2 §15.6"
    CLAIM_MISSING = "claim.missing", _BAD, "2.2 §15.6"
    CLAIM_MULTIPLE = "claim.multiple", _BAD, "2.2 §15.6"
    CLAIM_SIGNATURE_MISMATCH = "claimSignature.mismatch", _BAD, "2.2 §15.7"
    CLAIM_SIGNATURE_MISSING = "claimSignature.missing", _BAD, "2.2 §15.7"
    CLAIM_SIGNATURE_OUTSIDE_VALIDITY = "claimSignature.outsideValidity", _BAD, "2.2 §15.7"
    GENERAL_ERROR = "general.error", _BAD, "2.2 §15"
    HASHED_URI_MISMATCH = "hashedURI.mismatch", _BAD, "2.2 §15.10.3"
    HASHED_URI_MISSING = "hashedURI.missing", _BAD, "2.2 §15.10.3"
    INGREDIENT_CLAIM_SIGNATURE_MISMATCH = "ingredient.claimSignature.mismatch", _BAD, "2.2 §15.11.3"
    INGREDIENT_CLAIM_SIGNATURE_MISSING = "ingredient.claimSignature.missing", _BAD, "2.2 §15.11.3"
    INGREDIENT_MANIFEST_MISMATCH = "ingredient.manifest.mismatch", _BAD, "2.2 §15.11.3"
    INGREDIENT_MANIFEST_MISSING = "ingredient.manifest.missing", _BAD, "2.2 §15.11.3"
    LIVEVIDEO_ASSERTION_INVALID = "livevideo.assertion.invalid", _BAD, "2.3 §19"
    LIVEVIDEO_CONTINUITY_METHOD_INVALID = "livevideo.continuityMethod.invalid", _BAD, "2.3 §19"
    LIVEVIDEO_SESSIONKEY_INVALID = "livevideo.sessionkey.invalid", _BAD, "2.3 §19"
    LIVEVIDEO_INIT_INVALID = "livevideo.init.invalid", _BAD, "2.3 §19"
    LIVEVIDEO_MANIFEST_INVALID = "livevideo.manifest.invalid", _BAD, "2.3 §19"
    LIVEVIDEO_SEGMENT_INVALID = "livevideo.segment.invalid", _BAD, "2.3 §19"
    MANIFEST_APPEND_ONLY_TEXT_NO_SENTINEL = "manifest.appendOnlyText.noSentinel", _BAD, "2.5 §14.5"
    MANIFEST_COMPRESSED_INVALID = "manifest.compressed.invalid", _BAD, "2.2 §11.1"
    MANIFEST_HTML_MULTIPLE_MANIFESTS = "manifest.html.multipleManifests", _BAD, "2.4 §A.7"
    MANIFEST_INACCESSIBLE = "manifest.inaccessible", _BAD, "2.2 §15.5"
    MANIFEST_INACCESSIBLE_ENCRYPTED = "manifest.inaccessible.encrypted", _BAD, "2.5 §14.5"
    MANIFEST_INACCESSIBLE_MALFORMED = "manifest.inaccessible.malformed", _BAD, "2.5 §14.5"
    MANIFEST_MULTIPLE_PARENTS = "manifest.multipleParents", _BAD, "2.2 §15.10.1"
    MANIFEST_STRUCTURED_TEXT_EMPTY_REFERENCE = (
        "manifest.structuredText.emptyReference",
        _BAD,
        "2.4 §A.9",
    )
    MANIFEST_STRUCTURED_TEXT_MALFORMED_REFERENCE = (
        "manifest.structuredText.malformedReference",
        _BAD,
        "2.4 §A.9",
    )
    MANIFEST_STRUCTURED_TEXT_MULTIPLE_REFERENCES = (
        "manifest.structuredText.multipleReferences",
        _BAD,
        "2.4 §A.9",
    )
    MANIFEST_STRUCTURED_TEXT_NO_MANIFEST = "manifest.structuredText.noManifest", _BAD, "2.4 §A.9"
    MANIFEST_STRUCTURED_TEXT_NO_RESOLUTION_PATH = (
        "manifest.structuredText.noResolutionPath",
        _BAD,
        "2.4 §A.9",
    )
    MANIFEST_TEXT_CORRUPTED_WRAPPER = "manifest.text.corruptedWrapper", _BAD, "2.3 §A.7"
    MANIFEST_TEXT_MULTIPLE_WRAPPERS = "manifest.text.multipleWrappers", _BAD, "2.3 §A.7"
    MANIFEST_TIMESTAMP_INVALID = "manifest.timestamp.invalid", _BAD, "2.1 §15.10.1.4"
    MANIFEST_TIMESTAMP_WRONG_PARENTS = (
        "manifest.timestamp.wrongParents",
        _BAD,
        "2.1 §15.10.1.4",
    )
    MANIFEST_UPDATE_INVALID = "manifest.update.invalid", _BAD, "2.2 §15.10.1"
    MANIFEST_UPDATE_WRONG_PARENTS = "manifest.update.wrongParents", _BAD, "2.2 §15.10.1"
    SIGNING_CREDENTIAL_INVALID = "signingCredential.invalid", _BAD, "2.2 §14.5.1"
    SIGNING_CREDENTIAL_OCSP_REVOKED = "signingCredential.ocsp.revoked", _BAD, "2.2 §15.9"
    SIGNING_CREDENTIAL_UNTRUSTED = "signingCredential.untrusted", _BAD, "2.2 §14.4"

    # Identities (CAWG): about the actor whom an assertion names, never about the asset
    CAWG_IDENTITY_TRUSTED = "cawg.identity.trusted", _OK, _CAWG
    CAWG_IDENTITY_WELL_FORMED = "cawg.identity.well-formed", _OK, _CAWG
    CAWG_X509_CREDENTIAL_TRUSTED = "cawg.x509.credential.trusted", _OK, _CAWG_X509
    CAWG_X509_SIGNATURE_VALIDATED = "cawg.x509.signature.validated", _OK, _CAWG_X509
    CAWG_X509_SIGNATURE_INSIDE_VALIDITY = "cawg.x509.signature.inside_validity", _OK, _CAWG_X509
    CAWG_X509_TIME_STAMP_TRUSTED = "cawg.x509.time_stamp.trusted", _OK, _CAWG_X509
    CAWG_X509_TIME_STAMP_VALIDATED = "cawg.x509.time_stamp.validated", _OK, _CAWG_X509
    CAWG_X509_OCSP_NOT_REVOKED = "cawg.x509.ocsp.not_revoked", _OK, _CAWG_X509
    CAWG_ICA_TIME_STAMP_VALIDATED = "cawg.ica.time_stamp.validated", _OK, _CAWG_ICA
    CAWG_ICA_CREDENTIAL_NOT_REVOKED = "cawg.ica.credential.not_revoked", _OK, _CAWG_ICA
    CAWG_ICA_CREDENTIAL_VALID = "cawg.ica.credential_valid", _OK, _CAWG_ICA
    CAWG_X509_TIME_STAMP_MALFORMED = "cawg.x509.time_stamp.malformed", _NOTE, _CAWG_X509
    CAWG_X509_TIME_STAMP_MISMATCH = "cawg.x509.time_stamp.mismatch", _NOTE, _CAWG_X509
    CAWG_X509_TIME_STAMP_UNTRUSTED = "cawg.x509.time_stamp.untrusted", _NOTE, _CAWG_X509
    CAWG_X509_TIME_STAMP_OUTSIDE_VALIDITY = (
        "cawg.x509.time_stamp.outside_validity",
        _NOTE,
        _CAWG_X509,
    )
    CAWG_X509_TIME_STAMP_CREDENTIAL_INVALID = (
        "cawg.x509.time_stamp.credential_invalid",
        _NOTE,
        _CAWG_X509,
    )
    CAWG_X509_TIME_OF_SIGNING_INSIDE_VALIDITY = (
        "cawg.x509.time_of_signing.inside_validity",
        _NOTE,
        _CAWG_X509,
    )
    CAWG_X509_TIME_OF_SIGNING_OUTSIDE_VALIDITY = (
        "cawg.x509.time_of_signing.outside_validity",
        _NOTE,
        _CAWG_X509,
    )
    CAWG_X509_OCSP_SKIPPED = "cawg.x509.ocsp.skipped", _NOTE, _CAWG_X509
    CAWG_X509_OCSP_INACCESSIBLE = "cawg.x509.ocsp.inaccessible", _NOTE, _CAWG_X509
    CAWG_X509_OCSP_UNKNOWN = "cawg.x509.ocsp.unknown", _NOTE, _CAWG_X509
    # The specification calls it a failure, the reference implementation does not; it is the
    # answer to a question of trust, and nothing is wrong with the credential.
    CAWG_ICA_UNTRUSTED_ISSUER = "cawg.ica.untrusted_issuer", _NOTE, _CAWG_ICA
    CAWG_IDENTITY_CBOR_INVALID = "cawg.identity.cbor.invalid", _BAD, _CAWG
    CAWG_IDENTITY_ASSERTION_MISMATCH = "cawg.identity.assertion.mismatch", _BAD, _CAWG
    CAWG_IDENTITY_ASSERTION_DUPLICATE = "cawg.identity.assertion.duplicate", _BAD, _CAWG
    CAWG_IDENTITY_HARD_BINDING_MISSING = "cawg.identity.hard_binding_missing", _BAD, _CAWG
    CAWG_IDENTITY_HARD_BINDING_INCORRECT = "cawg.identity.hard_binding_incorrect", _BAD, _CAWG
    CAWG_IDENTITY_SIG_TYPE_UNKNOWN = "cawg.identity.sig_type.unknown", _BAD, _CAWG
    CAWG_IDENTITY_PAD_INVALID = "cawg.identity.pad.invalid", _BAD, _CAWG
    CAWG_IDENTITY_CREDENTIAL_REVOKED = "cawg.identity.credential_revoked", _BAD, _CAWG
    CAWG_IDENTITY_NETWORK_TRAFFIC_BLOCKED = "cawg.identity.network_traffic_blocked", _BAD, _CAWG
    CAWG_IDENTITY_EXPECTED_PARTIAL_CLAIM_MISMATCH = (
        "cawg.identity.expected_partial_claim.mismatch",
        _BAD,
        _CAWG_OLD,
    )
    CAWG_IDENTITY_EXPECTED_CLAIM_GENERATOR_MISMATCH = (
        "cawg.identity.expected_claim_generator.mismatch",
        _BAD,
        _CAWG_OLD,
    )
    CAWG_IDENTITY_UNEXPECTED_COUNTERSIGNER = (
        "cawg.identity.unexpected_countersigner",
        _BAD,
        _CAWG_OLD,
    )
    CAWG_IDENTITY_EXPECTED_COUNTERSIGNER_MISMATCH = (
        "cawg.identity.expected_countersigner.mismatch",
        _BAD,
        _CAWG_OLD,
    )
    CAWG_IDENTITY_EXPECTED_COUNTERSIGNER_MISSING = (
        "cawg.identity.expected_countersigner.missing",
        _BAD,
        _CAWG_OLD,
    )
    CAWG_X509_ALGORITHM_UNSUPPORTED = "cawg.x509.algorithm.unsupported", _BAD, _CAWG_X509
    CAWG_X509_CREDENTIAL_INVALID = "cawg.x509.credential.invalid", _BAD, _CAWG_X509
    CAWG_X509_CREDENTIAL_UNTRUSTED = "cawg.x509.credential.untrusted", _BAD, _CAWG_X509
    CAWG_X509_SIGNATURE_MISMATCH = "cawg.x509.signature.mismatch", _BAD, _CAWG_X509
    CAWG_X509_SIGNATURE_OUTSIDE_VALIDITY = "cawg.x509.signature.outside_validity", _BAD, _CAWG_X509
    CAWG_ICA_INVALID_COSE_SIGN1 = "cawg.ica.invalid_cose_sign1", _BAD, _CAWG_ICA
    CAWG_ICA_INVALID_ALG = "cawg.ica.invalid_alg", _BAD, _CAWG_ICA
    CAWG_ICA_INVALID_CONTENT_TYPE = "cawg.ica.invalid_content_type", _BAD, _CAWG_ICA
    CAWG_ICA_INVALID_VERIFIABLE_CREDENTIAL = (
        "cawg.ica.invalid_verifiable_credential",
        _BAD,
        _CAWG_ICA,
    )
    CAWG_ICA_INVALID_ISSUER = "cawg.ica.invalid_issuer", _BAD, _CAWG_ICA
    CAWG_ICA_DID_UNSUPPORTED_METHOD = "cawg.ica.did_unsupported_method", _BAD, _CAWG_ICA
    CAWG_ICA_DID_UNAVAILABLE = "cawg.ica.did_unavailable", _BAD, _CAWG_ICA
    CAWG_ICA_INVALID_DID_DOCUMENT = "cawg.ica.invalid_did_document", _BAD, _CAWG_ICA
    CAWG_ICA_SIGNATURE_MISMATCH = "cawg.ica.signature_mismatch", _BAD, _CAWG_ICA
    CAWG_ICA_TIME_STAMP_INVALID = "cawg.ica.time_stamp.invalid", _BAD, _CAWG_ICA
    CAWG_ICA_VALID_FROM_MISSING = "cawg.ica.valid_from.missing", _BAD, _CAWG_ICA
    CAWG_ICA_VALID_FROM_INVALID = "cawg.ica.valid_from.invalid", _BAD, _CAWG_ICA
    CAWG_ICA_VALID_UNTIL_INVALID = "cawg.ica.valid_until.invalid", _BAD, _CAWG_ICA
    CAWG_ICA_REVOCATION_UNSUPPORTED = "cawg.ica.revocation.unsupported", _BAD, _CAWG_ICA
    CAWG_ICA_REVOCATION_UNAVAILABLE = "cawg.ica.revocation.unavailable", _BAD, _CAWG_ICA
    CAWG_ICA_CREDENTIAL_REVOKED = "cawg.ica.credential.revoked", _BAD, _CAWG_ICA
    CAWG_ICA_SIGNER_PAYLOAD_MISMATCH = "cawg.ica.signer_payload.mismatch", _BAD, _CAWG_ICA
    CAWG_ICA_VERIFIED_IDENTITIES_MISSING = "cawg.ica.verified_identities.missing", _BAD, _CAWG_ICA
    CAWG_ICA_VERIFIED_IDENTITIES_INVALID = "cawg.ica.verified_identities.invalid", _BAD, _CAWG_ICA

    # Our own, for what the standard has no code
    EXTERNAL_NOT_FETCHED = "org.provenance-c2pa.external.notFetched", _NOTE, _OWN
    COLLECTION_HASH_NOT_COVERED = "org.provenance-c2pa.collectionHash.notCovered", _NOTE, _OWN
    IDENTITY_NOT_CHECKED = "org.provenance-c2pa.identity.notChecked", _BAD, _OWN
    HARD_BINDING_NOT_CHECKED = "org.provenance-c2pa.hardBinding.notChecked", _BAD, _OWN


_BY_CODE = {row.code: row for row in Status}
