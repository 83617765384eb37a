"""Status codes: each on its row, named by rule, with a sentence for people."""

import copy
import pickle
import re

import pytest

from provenance.validate.sentences import SENTENCES, explain
from provenance.validate.status import Kind, Status

OWN = "org.provenance-c2pa."
# Groups that keep their "assertion.", since they would be mistaken for something else without it.
KEPT = {"timestamp", "ingredient", "cbor", "json", "hashedURI"}

# What C2PA 2.2 to 2.5 list, by kind; taken from the tables of those documents.
SUCCESS = """
assertion.accessible assertion.alternativeContentRepresentation.match assertion.bmffHash.match
assertion.boxesHash.match assertion.collectionHash.match assertion.dataHash.match
assertion.hashedURI.match assertion.multiAssetHash.match assertion.linkedResourceIntegrity.match
assertion.segmentHash.match claimSignature.insideValidity claimSignature.validated
ingredient.claimSignature.validated ingredient.manifest.validated
signingCredential.ocsp.notRevoked signingCredential.trusted timeStamp.trusted timeStamp.validated
"""
INFORMATIONAL = """
algorithm.deprecated assertion.action.ingredientLocationMismatch
assertion.dataHash.additionalExclusionsPresent assertion.bmffHash.additionalExclusionsPresent
assertion.boxesHash.additionalExclusionsPresent assertion.linkedResourceIntegrity.formatMismatch
assertion.linkedResourceIntegrity.hashMismatch assertion.linkedResourceIntegrity.inaccessible
assertion.linkedResourceIntegrity.sizeMismatch assertion.linkedResourceIntegrity.skipped
assertion.redacted ingredient.unknownProvenance signingCredential.ocsp.inaccessible
signingCredential.ocsp.skipped signingCredential.ocsp.unknown timeOfSigning.insideValidity
timeOfSigning.outsideValidity timeStamp.credentialInvalid timeStamp.malformed timeStamp.mismatch
timeStamp.outsideValidity timeStamp.untrusted
"""


def expected_name(code: str) -> str:
    parts = code.removeprefix(OWN).split(".")
    if parts[0] == "assertion" and len(parts) > 2 and parts[1] not in KEPT:
        parts = parts[1:]
    words = "_".join(parts).replace("-", "_").replace("URI", "Uri")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", words).upper()


def test_every_code_of_the_standard_has_its_kind() -> None:
    rows = [row for row in Status if not row.about_identity]
    kinds = {kind: {row.code for row in rows if row.kind is kind} for kind in Kind}
    assert {code for code in kinds[Kind.SUCCESS] if not code.startswith(OWN)} == set(
        SUCCESS.split()
    )
    informational = {code for code in kinds[Kind.INFORMATIONAL] if not code.startswith(OWN)}
    assert informational == set(INFORMATIONAL.split())
    assert len(kinds[Kind.FAILURE]) == 143 - len(SUCCESS.split()) - len(INFORMATIONAL.split()) - 3


@pytest.mark.parametrize("row", Status, ids=lambda row: row.name)
def test_a_row_is_named_after_its_code_and_found_by_it(row: Status) -> None:
    assert row.name == expected_name(row.code)
    assert Status.of(row.code) is row
    assert row.value == row.code
    assert row.section.startswith("CAWG " if row.code.startswith("cawg.") else ("2.", "provenance"))


@pytest.mark.parametrize("row", Status, ids=lambda row: row.name)
def test_a_sentence_is_one_for_people(row: Status) -> None:
    assert row.sentence[0].isupper()
    assert row.sentence.rstrip(")").endswith(".")
    assert row.code not in row.sentence


def test_sentences_are_for_codes_there_are() -> None:
    assert set(SENTENCES) == {row.code for row in Status}


def test_an_unknown_code_has_no_row() -> None:
    assert Status.of("assertion.dataHash.missmatch") is None


def test_a_check_not_made_can_not_pass() -> None:
    assert Status.HARD_BINDING_NOT_CHECKED.kind is Kind.FAILURE


def test_a_row_survives_pickling_and_copying_as_itself() -> None:
    row = Status.DATA_HASH_MATCH
    assert pickle.loads(pickle.dumps(row)) is row
    assert copy.deepcopy(row) is row


def test_a_code_is_explained_whatever_its_case() -> None:
    assert explain("ASSERTION.datahash.mismatch").status is Status.DATA_HASH_MISMATCH


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dataHash.mismatch", "assertion.dataHash.mismatch"),
        ("asertion.dataHash.mismatch", "assertion.dataHash.mismatch"),
        ("signingCredential.untrust", "signingCredential.untrusted"),
    ],
)
def test_an_unknown_code_brings_up_the_one_that_was_meant(typed: str, meant: str) -> None:
    found = explain(typed)
    assert found.status is None
    assert found.similar[0] == meant


def test_nonsense_brings_up_nothing() -> None:
    assert explain("").similar == ()
    assert explain("x" * 10_000).similar == ()
