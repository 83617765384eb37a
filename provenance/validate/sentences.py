"""Each status code in a plain sentence, for a person who has not read the standard."""

from collections.abc import Mapping
from dataclasses import dataclass

from provenance.validate.status import Status

__all__ = ["SENTENCES", "Explanation", "explain"]

SENTENCES: Mapping[str, str] = {
    # What holds
    "assertion.accessible": "The data of an assertion that lies elsewhere could be fetched.",
    "assertion.alternativeContentRepresentation.match": (
        "The other version of the content that the manifest speaks of is the one it meant."
    ),
    "assertion.bmffHash.match": (
        "The video or picture is the one that was signed: its BMFF hash matches."
    ),
    "assertion.boxesHash.match": (
        "The file is the one that was signed: the hashes of its parts match."
    ),
    "assertion.collectionHash.match": "The files of the collection are those that were signed.",
    "assertion.dataHash.match": (
        "The file is the one that was signed: the hash of its bytes matches."
    ),
    "assertion.hashedURI.match": "An assertion is the one that the claim lists.",
    "assertion.linkedResourceIntegrity.match": (
        "A linked resource is the one that the manifest meant."
    ),
    "assertion.multiAssetHash.match": (
        "Each part of a file made of several is the one that was signed."
    ),
    "assertion.segmentHash.match": "The segments of the stream are those that were signed.",
    "claimSignature.insideValidity": "The certificate was valid when the claim was signed.",
    "claimSignature.validated": (
        "The signature fits the claim and the certificate: the claim has not changed."
    ),
    "ingredient.claimSignature.validated": (
        "The claim signature of an ingredient is the one that was recorded."
    ),
    "ingredient.manifest.validated": "The manifest of an ingredient is the one that was recorded.",
    "signingCredential.ocsp.notRevoked": "The certificate had not been revoked when it signed.",
    "signingCredential.trusted": "The signer's certificate leads to a trust anchor in force.",
    "timeStamp.trusted": "The authority that made the time stamp is trusted.",
    "timeStamp.validated": "The time stamp fits the signature: it existed at that time.",
    # What is good to know
    "algorithm.deprecated": "An algorithm is used that is going out of use.",
    "assertion.action.ingredientLocationMismatch": (
        "An action is listed as created by the signer and its ingredient as gathered, or the "
        "other way round."
    ),
    "assertion.dataHash.additionalExclusionsPresent": (
        "More than the manifest store is left out of the hash: changes there would go unseen."
    ),
    "assertion.bmffHash.additionalExclusionsPresent": (
        "More boxes than the usual are left out of the hash: changes there would go unseen."
    ),
    "assertion.boxesHash.additionalExclusionsPresent": (
        "Parts of the file are left out of the hash: changes there would go unseen."
    ),
    "assertion.linkedResourceIntegrity.formatMismatch": (
        "A linked resource is of another media type than the manifest says."
    ),
    "assertion.linkedResourceIntegrity.hashMismatch": (
        "A linked resource has changed since it was signed."
    ),
    "assertion.linkedResourceIntegrity.inaccessible": "A linked resource could not be fetched.",
    "assertion.linkedResourceIntegrity.sizeMismatch": (
        "A linked resource is of another size than the manifest says."
    ),
    "assertion.linkedResourceIntegrity.skipped": (
        "A linked resource was not looked at, and so not checked."
    ),
    "assertion.redacted": (
        "A reference leads to an assertion that was taken out later, as the claim admits."
    ),
    "ingredient.unknownProvenance": (
        "An ingredient has no manifest: where it comes from is not known."
    ),
    "signingCredential.ocsp.inaccessible": (
        "Whether the certificate was revoked could not be asked: no answer."
    ),
    "signingCredential.ocsp.skipped": "Whether the certificate was revoked was not asked.",
    "signingCredential.ocsp.unknown": (
        "Who should know does not know whether the certificate was revoked. (A failure in C2PA "
        "2.2; informational since 2.3.)"
    ),
    "timeOfSigning.insideValidity": (
        "The time of signing that the signer states lies within the certificate's validity."
    ),
    "timeOfSigning.outsideValidity": (
        "The time of signing that the signer states lies outside the certificate's validity."
    ),
    "timeStamp.credentialInvalid": "The certificate of the time stamp is not fit for time stamps.",
    "timeStamp.malformed": "The time stamp cannot be read, and does not count.",
    "timeStamp.mismatch": "The time stamp was made for something else, and does not count.",
    "timeStamp.outsideValidity": (
        "The time stamp was made outside the validity of its own certificate, and does not count."
    ),
    "timeStamp.untrusted": (
        "The authority that made the time stamp is not trusted: the time does not count."
    ),
    # What is wrong
    "algorithm.unsupported": (
        "An algorithm is missing, unknown or not allowed: what it protects cannot be checked."
    ),
    "assertion.action.ingredientMismatch": (
        "An action lacks the ingredient it needs, or names one of the wrong kind."
    ),
    "assertion.action.malformed": (
        'The list of actions breaks a rule, such as that the first one is "created" or "opened".'
    ),
    "assertion.action.redacted": "The list of actions was taken out, which is not allowed.",
    "assertion.action.redactionMismatch": (
        "An action says that something was taken out, and does not say properly what."
    ),
    "assertion.action.softBindingMissing": (
        "An action speaks of a watermark, and the manifest has no soft binding for it."
    ),
    "assertion.alternativeContentRepresentation.hashMismatch": (
        "The other version of the content has changed since it was signed."
    ),
    "assertion.alternativeContentRepresentation.malformed": (
        "The assertion about another version of the content breaks a rule."
    ),
    "assertion.alternativeContentRepresentation.missing": (
        "The other version of the content was not found."
    ),
    "assertion.bmffHash.malformed": "The BMFF hash breaks a rule, and cannot be checked.",
    "assertion.bmffHash.mismatch": (
        "The file has changed since it was signed: its BMFF hash differs."
    ),
    "assertion.boxesHash.malformed": (
        "The list of hashed parts breaks a rule, and cannot be checked."
    ),
    "assertion.boxesHash.mismatch": (
        "The file has changed since it was signed: a part differs or stands elsewhere."
    ),
    "assertion.boxesHash.unknownBox": "The file has a part that was not there when it was signed.",
    "assertion.cbor.invalid": "An assertion is no valid CBOR.",
    "assertion.json.invalid": "An assertion is no valid JSON.",
    "assertion.cloud-data.actions": (
        "The actions of an update manifest lie elsewhere, which is not allowed."
    ),
    "assertion.cloud-data.hardBinding": "A hard binding lies elsewhere, which is not allowed.",
    "assertion.cloud-data.malformed": (
        "The pointer to an assertion that lies elsewhere breaks a rule."
    ),
    "assertion.cloud-data.labelMismatch": (
        "The assertion fetched from elsewhere is another one than announced."
    ),
    "assertion.collectionHash.incorrectFileCount": "A file of the collection is missing.",
    "assertion.collectionHash.invalidURI": (
        'The collection names a file in a way that is not allowed, such as with "..".'
    ),
    "assertion.collectionHash.malformed": (
        "The list of the collection's files breaks a rule, and cannot be checked."
    ),
    "assertion.collectionHash.mismatch": (
        "A file of the collection has changed since it was signed."
    ),
    "assertion.dataHash.malformed": "The data hash breaks a rule, and cannot be checked.",
    "assertion.dataHash.mismatch": (
        "The file has changed since it was signed: the hash of its bytes differs."
    ),
    "assertion.dataHash.redacted": (
        "The hash that ties the manifest to the file was taken out. (Since C2PA 2.3: "
        "assertion.hardBinding.redacted.)"
    ),
    "assertion.hardBinding.redacted": (
        "The hash that ties the manifest to the file was taken out, which is not allowed."
    ),
    "assertion.external-reference.actions": (
        "The actions of an update manifest lie elsewhere, which is not allowed. (Only in C2PA 2.3.)"
    ),
    "assertion.external-reference.created": (
        "A reference to data elsewhere is listed as created by the signer, which is not allowed."
    ),
    "assertion.external-reference.hardBinding": (
        "A hard binding lies elsewhere, which is not allowed. (Only in C2PA 2.3.)"
    ),
    "assertion.external-reference.hashMismatch": (
        "The data fetched from elsewhere has changed since it was signed."
    ),
    "assertion.external-reference.labelMismatch": (
        "The assertion fetched from elsewhere is another one than announced."
    ),
    "assertion.external-reference.malformed": "The reference to data elsewhere breaks a rule.",
    "assertion.hashedURI.mismatch": "An assertion has changed since it was signed.",
    "assertion.inaccessible": "The data of an assertion that lies elsewhere could not be fetched.",
    "assertion.ingredient.malformed": "What the manifest says of an ingredient breaks a rule.",
    "assertion.linkedResourceIntegrity.invalidURI": (
        'A linked resource is named in a way that is not allowed, such as with "..".'
    ),
    "assertion.linkedResourceIntegrity.malformed": "The list of linked resources breaks a rule.",
    "assertion.linkedResourceIntegrity.notCreated": (
        "The list of linked resources is not listed as created by the signer, as it must be."
    ),
    "assertion.metadata.disallowed": (
        "The metadata has a field that is not allowed there. (Only in C2PA 2.2 and 2.3.)"
    ),
    "assertion.metadata.malformed": "The metadata of an assertion breaks a rule.",
    "assertion.missing": "An assertion that the claim lists is not there.",
    "assertion.multiAssetHash.malformed": (
        "The list of a file's parts breaks a rule, and cannot be checked."
    ),
    "assertion.multiAssetHash.mismatch": "A part of the file has changed since it was signed.",
    "assertion.multiAssetHash.missingPart": "A part of the file is missing.",
    "assertion.multipleHardBindings": (
        "The manifest ties itself to the file in more than one way: which one counts is not known."
    ),
    "assertion.notRedacted": "An assertion is said to be taken out, and is still there.",
    "assertion.outsideManifest": "The claim lists an assertion of another manifest.",
    "assertion.segmentHash.malformed": (
        "The hash of a segment breaks a rule, and cannot be checked."
    ),
    "assertion.segmentHash.mismatch": "A segment has changed since it was signed.",
    "assertion.segmentHash.partialCoverage": (
        "The hashes of the segments do not cover the whole file."
    ),
    "assertion.segmentHash.predecessorMismatch": (
        "A segment does not follow the one it was signed after."
    ),
    "assertion.selfRedacted": "A manifest takes out an assertion of its own, which is not allowed.",
    "assertion.timestamp.malformed": "The assertion with time stamps breaks a rule.",
    "assertion.undeclared": "There is an assertion that the claim does not list: someone added it.",
    "claim.actions.missing": "The manifest does not say what was done to the file, as it must.",
    "claim.cbor.invalid": "The claim is no valid CBOR.",
    "claim.hardBindings.missing": (
        "Nothing ties the manifest to the file: it could belong to any other."
    ),
    "claim.malformed": "The claim lacks something it must have.",
    "claim.missing": "A manifest has no claim.",
    "claim.multiple": "A manifest has more than one claim: which one counts is not known.",
    "claimSignature.mismatch": (
        "The signature does not fit the claim: the claim has changed, or another key signed."
    ),
    "claimSignature.missing": "The claim is not signed.",
    "claimSignature.outsideValidity": (
        "The certificate was not valid, or no longer, when the claim was signed."
    ),
    "general.error": "Something is wrong that no other code describes, such as too much to read.",
    "hashedURI.mismatch": "Something that an assertion refers to has changed since it was signed.",
    "hashedURI.missing": "Something that an assertion refers to is not there.",
    "ingredient.claimSignature.mismatch": (
        "The claim signature of an ingredient is another one than recorded."
    ),
    "ingredient.claimSignature.missing": (
        "The claim signature of an ingredient is not there, or was not recorded."
    ),
    "ingredient.manifest.mismatch": (
        "The manifest of an ingredient has changed since it was recorded."
    ),
    "ingredient.manifest.missing": "The manifest of an ingredient is not there.",
    "livevideo.assertion.invalid": "What a live video's segment says of itself breaks a rule.",
    "livevideo.continuityMethod.invalid": (
        "A live video's segment does not say how it follows the one before, or in a way not known."
    ),
    "livevideo.sessionkey.invalid": (
        "A key for signing live video is not properly bound to the signer."
    ),
    "livevideo.init.invalid": (
        "The initialisation segment of a live video holds media, which nothing vouches for."
    ),
    "livevideo.manifest.invalid": "The manifest of a live video's segment is not valid.",
    "livevideo.segment.invalid": (
        "A segment of a live video was changed, signed by nobody, or is not the one that follows."
    ),
    "manifest.appendOnlyText.noSentinel": "A growing text lacks the line that marks its manifest.",
    "manifest.compressed.invalid": "A compressed manifest cannot be unpacked.",
    "manifest.html.multipleManifests": (
        "The page has more than one manifest: which one counts is not known. (Only in C2PA 2.4.)"
    ),
    "manifest.inaccessible": "The manifest lies elsewhere, and could not be fetched.",
    "manifest.inaccessible.encrypted": "The manifest is encrypted and cannot be read.",
    "manifest.inaccessible.malformed": "The manifest store is damaged and cannot be read.",
    "manifest.multipleParents": "The manifest names more than one parent.",
    "manifest.structuredText.emptyReference": (
        "The text's reference to its manifest is empty. (Only in C2PA 2.4.)"
    ),
    "manifest.structuredText.malformedReference": (
        "The text's reference to its manifest cannot be read. (Only in C2PA 2.4.)"
    ),
    "manifest.structuredText.multipleReferences": (
        "The text refers to more than one manifest: which one counts is not known. (Only in "
        "C2PA 2.4.)"
    ),
    "manifest.structuredText.noManifest": (
        "What the text refers to as its manifest is none. (Only in C2PA 2.4.)"
    ),
    "manifest.structuredText.noResolutionPath": (
        "There is no way to find the manifest that the text refers to. (Only in C2PA 2.4.)"
    ),
    "manifest.text.corruptedWrapper": (
        "The manifest hidden in the text is damaged. (Only in C2PA 2.3 and 2.4.)"
    ),
    "manifest.text.multipleWrappers": (
        "The text holds more than one manifest: which one counts is not known. (Only in C2PA "
        "2.3 and 2.4.)"
    ),
    "manifest.timestamp.invalid": (
        "A manifest that only adds a time stamp holds more than that. (Such are of C2PA 2.1.)"
    ),
    "manifest.timestamp.wrongParents": (
        "A manifest that only adds a time stamp does not name exactly one parent. (Such are of "
        "C2PA 2.1.)"
    ),
    "manifest.update.invalid": (
        "An update manifest holds something that only a standard manifest may."
    ),
    "manifest.update.wrongParents": "An update manifest does not name exactly one parent.",
    "signingCredential.invalid": "The certificate is not fit for signing claims.",
    "signingCredential.ocsp.revoked": "The certificate had been revoked when it signed.",
    "signingCredential.untrusted": (
        "The signer's certificate leads to no trust anchor in force: the file may be whole, but"
        " who signed it is not vouched for."
    ),
    # Our own, for what the standard has no code
    "cawg.identity.trusted": "The identity holds, and someone you trust vouches for it.",
    "cawg.identity.well-formed": "The identity holds together; nobody you trust vouches for it.",
    "cawg.x509.credential.trusted": (
        "The actor's certificate was issued under an identity anchor you trust."
    ),
    "cawg.x509.signature.validated": "The actor's signature fits what they signed.",
    "cawg.x509.signature.inside_validity": (
        "The actor's certificate was valid at the time that counts."
    ),
    "cawg.x509.time_stamp.trusted": "The authority that stamped the actor's signature is trusted.",
    "cawg.x509.time_stamp.validated": "The time stamp of the actor's signature fits it.",
    "cawg.x509.ocsp.not_revoked": "The actor's certificate had not been revoked.",
    "cawg.ica.time_stamp.validated": "The time stamp of the identity credential fits it.",
    "cawg.ica.credential.not_revoked": "The identity credential has not been revoked.",
    "cawg.ica.credential_valid": "The identity credential holds, and its issuer is trusted.",
    "cawg.x509.time_stamp.malformed": (
        "The time stamp of the actor's signature cannot be read, and does not count."
    ),
    "cawg.x509.time_stamp.mismatch": (
        "The time stamp belongs to another signature than the actor's, and does not count."
    ),
    "cawg.x509.time_stamp.untrusted": (
        "The authority that stamped the actor's signature is not trusted."
    ),
    "cawg.x509.time_stamp.outside_validity": (
        "The authority that stamped the actor's signature had no valid certificate then."
    ),
    "cawg.x509.time_stamp.credential_invalid": (
        "The certificate that stamped the actor's signature may not stamp anything."
    ),
    "cawg.x509.time_of_signing.inside_validity": (
        "The time the actor claims to have signed at lies in the certificate's validity."
    ),
    "cawg.x509.time_of_signing.outside_validity": (
        "The time the actor claims to have signed at lies outside the certificate's validity."
    ),
    "cawg.x509.ocsp.skipped": "Whether the actor's certificate was revoked was not asked.",
    "cawg.x509.ocsp.inaccessible": (
        "Whether the actor's certificate was revoked could not be found out."
    ),
    "cawg.x509.ocsp.unknown": (
        "The authority asked does not know whether the actor's certificate was revoked."
    ),
    "cawg.ica.untrusted_issuer": (
        "Whoever issued the identity credential is nobody you named as trusted."
    ),
    "cawg.identity.cbor.invalid": "The identity assertion cannot be read.",
    "cawg.identity.assertion.mismatch": (
        "The actor signed for an assertion that the claim does not list as it is."
    ),
    "cawg.identity.assertion.duplicate": "The actor signed for the same assertion twice.",
    "cawg.identity.hard_binding_missing": (
        "The actor did not sign for this file: nothing they signed for ties them to its content."
    ),
    "cawg.identity.hard_binding_incorrect": (
        "The actor signed for the content of another manifest than this one."
    ),
    "cawg.identity.sig_type.unknown": (
        "The identity is signed in a way that this version does not know."
    ),
    "cawg.identity.pad.invalid": (
        "The padding of the identity assertion holds data, which is not allowed."
    ),
    "cawg.identity.credential_revoked": "The actor's credential has been revoked.",
    "cawg.identity.network_traffic_blocked": (
        "To check the identity one would have to ask the network, which is not allowed here."
    ),
    "cawg.identity.expected_partial_claim.mismatch": (
        "The claim is another one than the actor expected. (Only before CAWG 1.3.)"
    ),
    "cawg.identity.expected_claim_generator.mismatch": (
        "The claim was signed by someone else than the actor expected. (Only before CAWG 1.3.)"
    ),
    "cawg.identity.unexpected_countersigner": (
        "An actor signed that the others did not expect. (Only before CAWG 1.3.)"
    ),
    "cawg.identity.expected_countersigner.mismatch": (
        "Another actor signed with another certificate than expected. (Only before CAWG 1.3.)"
    ),
    "cawg.identity.expected_countersigner.missing": (
        "An actor who was expected to sign did not. (Only before CAWG 1.3.)"
    ),
    "cawg.x509.algorithm.unsupported": "The actor signed with an algorithm that is not allowed.",
    "cawg.x509.credential.invalid": "The actor's certificate breaks a rule for such certificates.",
    "cawg.x509.credential.untrusted": (
        "Nobody you trust with identities vouches for the actor's certificate."
    ),
    "cawg.x509.signature.mismatch": (
        "The actor's signature does not fit: something was changed, or someone else signed."
    ),
    "cawg.x509.signature.outside_validity": (
        "The actor's certificate was not valid, or no longer, when they signed."
    ),
    "cawg.ica.invalid_cose_sign1": "The identity credential's signature cannot be read.",
    "cawg.ica.invalid_alg": (
        "The identity credential is signed with an algorithm that is not allowed."
    ),
    "cawg.ica.invalid_content_type": "What was signed does not call itself an identity credential.",
    "cawg.ica.invalid_verifiable_credential": (
        "The identity credential cannot be read, or lacks something it must have."
    ),
    "cawg.ica.invalid_issuer": "The issuer of the identity credential is not named by a DID.",
    "cawg.ica.did_unsupported_method": (
        "The issuer is named by a kind of DID that this version does not know."
    ),
    "cawg.ica.did_unavailable": "The issuer's DID document, which holds its keys, is not at hand.",
    "cawg.ica.invalid_did_document": (
        "The issuer's DID document breaks a rule, or holds no key for credentials."
    ),
    "cawg.ica.signature_mismatch": (
        "The identity credential was changed, or not signed by its issuer."
    ),
    "cawg.ica.time_stamp.invalid": "The time stamp of the identity credential does not hold.",
    "cawg.ica.valid_from.missing": "The identity credential does not say from when it is valid.",
    "cawg.ica.valid_from.invalid": "The identity credential was not valid yet.",
    "cawg.ica.valid_until.invalid": "The identity credential is not valid any more.",
    "cawg.ica.revocation.unsupported": (
        "The identity credential's revocation is published in a way that this version does not "
        "know."
    ),
    "cawg.ica.revocation.unavailable": (
        "Whether the identity credential was revoked could not be found out."
    ),
    "cawg.ica.credential.revoked": "The identity credential has been revoked.",
    "cawg.ica.signer_payload.mismatch": (
        "The identity credential was issued for another asset than this one."
    ),
    "cawg.ica.verified_identities.missing": "The identity credential names nobody.",
    "cawg.ica.verified_identities.invalid": (
        "What the identity credential says of the actor breaks a rule."
    ),
    "org.provenance-c2pa.collectionHash.notCovered": (
        "Something in the collection is not in the list that was signed: the manifest says "
        "nothing of it."
    ),
    "org.provenance-c2pa.identity.notChecked": (
        "There are more identity assertions than this version looks at: this one was not checked."
    ),
    "org.provenance-c2pa.external.notFetched": (
        "The manifest refers to something on the network, which was not fetched: what it says is "
        "not known here."
    ),
    "org.provenance-c2pa.hardBinding.notChecked": (
        "The manifest is tied to the file in a way that this version cannot check: whether the "
        "file has changed is not known."
    ),
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A code explained, or, where `status` is None, the known codes that look like it."""

    code: str
    status: Status | None
    similar: tuple[str, ...] = ()


def explain(code: str) -> Explanation:
    """Look a code up; upper and lower case are one here, since people type it."""
    folded = {known.lower(): known for known in SENTENCES}
    status = Status.of(folded.get(code.lower(), code))
    if status is not None:
        return Explanation(status.code, status)
    from difflib import get_close_matches

    wanted = code.lower()[:200]
    tails = [known for known in folded if wanted and known.endswith(f".{wanted}")]
    near = [*tails, *get_close_matches(wanted, folded, n=3, cutoff=0.6)]
    return Explanation(code, None, tuple(dict.fromkeys(folded[one] for one in near))[:5])
