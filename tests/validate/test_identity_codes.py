"""Every code about identities is produced by a test."""

from provenance.validate.status import Status
from tests.validate.identity_forge import TRUSTED, UNTRUSTED
from tests.validate.test_identity import FORGED
from tests.validate.test_identity_ica import FORGED_ICA

# tests/validate/test_identity_expected.py, test_identity_status.py and test_identity_time.py
EXPECTED = {
    *("cawg.identity.expected_partial_claim.mismatch", "cawg.identity.unexpected_countersigner"),
    "cawg.identity.expected_claim_generator.mismatch",
    "cawg.identity.expected_countersigner.mismatch",
    "cawg.identity.expected_countersigner.missing",
}
TIMES = {
    *("cawg.x509.time_of_signing.inside_validity", "cawg.x509.time_of_signing.outside_validity"),
}
REVOCATION = {
    *("cawg.identity.credential_revoked", "cawg.x509.ocsp.not_revoked"),
    *("cawg.x509.ocsp.skipped", "cawg.x509.ocsp.inaccessible", "cawg.x509.ocsp.unknown"),
}
ELSEWHERE = {
    *TRUSTED,
    *UNTRUSTED,
    *(f"cawg.x509.time_stamp.{one}" for one in ("validated", "trusted", "malformed")),
    *(f"cawg.x509.time_stamp.{one}" for one in ("mismatch", "untrusted", "outside_validity")),
    "cawg.x509.time_stamp.credential_invalid",
    *("cawg.ica.time_stamp.validated", "cawg.ica.time_stamp.invalid"),
    *("cawg.ica.untrusted_issuer", "cawg.ica.credential_valid"),
    "cawg.ica.credential.not_revoked",
    Status.IDENTITY_NOT_CHECKED.code,
}


def test_every_code_about_identities_is_produced() -> None:
    forged = {
        code for table in (FORGED, FORGED_ICA) for _, found in table.values() for code in found
    }
    known = {row.code for row in Status if row.about_identity}
    assert known == forged | ELSEWHERE | REVOCATION | EXPECTED | TIMES
