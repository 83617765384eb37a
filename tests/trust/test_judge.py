"""Profile, trust and dates of a signing credential: three answers."""

import pickle
from datetime import timedelta
from hashlib import sha256

import pytest

from provenance.errors import LimitError
from provenance.limits import Limits
from provenance.trust import Judgement, TrustSettings, judge
from tests.trust.forge import CA, LEAF, NOW, ROOT, Form, eku

SETTINGS = TrustSettings(anchors=(ROOT.der(),))


def judged(*chain: Form, settings: TrustSettings = SETTINGS) -> Judgement:
    return judge([one.der() for one in chain], settings, NOW)


def test_a_sound_chain_under_an_anchor_is_trusted() -> None:
    found = judged(LEAF, CA)
    assert found.trusted
    assert found.anchor == "CN=root,O=Test"
    assert found.why == "issued under the anchor CN=root,O=Test"
    assert found.inside_validity
    assert found.chain_inside_validity
    assert not found.breaches
    assert found.leaf.organization == "Test"


def test_no_anchors_is_said_plainly() -> None:
    found = judged(LEAF, CA, settings=TrustSettings())
    assert not found.trusted
    assert found.why == "no trust anchors were given"


def test_expired_and_trusted_are_two_answers() -> None:
    found = judged(LEAF.but(not_after=NOW - timedelta(days=1)), CA)
    assert found.trusted
    assert not found.inside_validity


def test_an_expired_issuer_is_not_trusted() -> None:
    found = judged(LEAF, CA.but(not_after=NOW - timedelta(days=1)))
    assert not found.trusted
    assert found.inside_validity
    assert not found.chain_inside_validity


def test_a_listed_leaf_is_trusted_without_an_anchor_and_outside_the_profile() -> None:
    leaf = LEAF.but(usage=None, ekus=eku("1.2.3"))
    whole = leaf.der()
    listed = TrustSettings(allowed=frozenset({sha256(whole).digest()}))
    found = judge([whole], listed, NOW)
    assert found.trusted
    assert found.anchor is None
    assert not found.breaches
    assert not judge([whole], TrustSettings(), NOW).trusted


def test_a_listed_certificate_issues_nothing() -> None:
    ca = CA.der()
    listed = TrustSettings(allowed=frozenset({sha256(ca).digest()}))
    assert not judge([LEAF.der(), ca], listed, NOW).trusted


def test_breaches_above_the_leaf_are_kept_apart() -> None:
    found = judged(LEAF, CA.but(usage=None))
    assert not found.breaches
    assert [one.rule for one in found.breaches_above] == ["key-usage"]


def test_junk_is_a_judgement_not_an_error() -> None:
    found = judge([b"junk", b""], SETTINGS, NOW)
    assert not found.trusted
    assert not found.inside_validity
    assert [one.rule for one in found.breaches] == ["unreadable"]
    assert "cannot be read" in found.why


def test_too_many_certificates_are_not_looked_at() -> None:
    with pytest.raises(LimitError, match="3 certificates, 2 allowed"):
        judge([b"", b"", b""], SETTINGS, NOW, Limits(certificates=2))


def test_a_judgement_crosses_processes() -> None:
    found = judged(LEAF, CA)
    assert pickle.loads(pickle.dumps(found)) == found  # our own bytes
