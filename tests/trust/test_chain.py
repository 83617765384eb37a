"""Paths from a leaf to an anchor."""

import time
from collections.abc import Sequence
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from provenance.trust import NoPath, Path, build_path, der, within_validity
from provenance.trust.certificate import Certificate
from provenance.trust.chain import index_by_subject
from tests.trust.forge import CA, CA_KEY, LEAF, NOW, ROOT, ROOT_KEY, Form, key_usage, spliced


def path(
    leaf: Form, above: Sequence[Form], anchors: Sequence[Form], *, timeless: bool = False
) -> Path | NoPath:
    return build_path(
        leaf.certificate(),
        [one.certificate() for one in above],
        index_by_subject(one.certificate() for one in anchors),
        None if timeless else NOW,
    )


def reason(found: Path | NoPath) -> str:
    assert isinstance(found, NoPath), found
    return found.reason


def with_basic(form: Form, *, path_length: int | None) -> Form:
    return form.but(basic=x509.BasicConstraints(ca=True, path_length=path_length))


@pytest.mark.parametrize("anchor", [ROOT, CA], ids=["a root", "the very issuer"])
def test_an_anchor_may_stand_anywhere_above_the_leaf(anchor: Form) -> None:
    found = path(LEAF, [CA], [anchor])
    assert isinstance(found, Path)
    assert found.anchor.common_name == anchor.subject
    assert found.certificates[0].common_name == "leaf"


def test_intermediates_may_come_in_any_order_with_strangers_between() -> None:
    middle_key = ec.generate_private_key(ec.SECP256R1())
    middle = CA.but(subject="middle", issuer="ca", key=middle_key, issuer_key=CA_KEY)
    leaf = LEAF.but(issuer="middle", issuer_key=middle_key)
    stranger = CA.but(subject="stranger", issuer="elsewhere")
    found = path(leaf, [CA, stranger, middle, ROOT], [ROOT])
    assert isinstance(found, Path)
    assert [one.common_name for one in found.certificates] == ["leaf", "middle", "ca", "root"]


def test_no_anchor_is_no_path() -> None:
    assert "no anchor issued" in reason(path(LEAF, [CA, ROOT], []))
    assert "no anchor issued 'leaf'" in reason(path(LEAF, [], [ROOT]))


def test_a_namesake_of_the_issuer_is_not_the_issuer() -> None:
    other = ROOT.but(key=LEAF.key, issuer_key=LEAF.key)
    assert "'root' did not sign 'ca'" in reason(path(LEAF, [CA], [other]))


def test_of_several_namesakes_the_right_one_is_found() -> None:
    others = [
        ROOT.but(key=key, issuer_key=key)
        for key in (ec.generate_private_key(ec.SECP256R1()) for _ in range(5))
    ]
    assert isinstance(path(LEAF, [CA], [*others, ROOT]), Path)
    bare = CA.but(authority_id=False)
    assert isinstance(path(LEAF, [bare], [*others, ROOT]), Path)


def test_a_changed_leaf_has_no_path() -> None:
    forged = Certificate(spliced(LEAF.der(), extensions=extensions_of(LEAF.but(subject_id=False))))
    anchors = index_by_subject([ROOT.certificate()])
    found = build_path(forged, [CA.certificate()], anchors, NOW)
    assert "did not sign 'leaf'" in reason(found)


def extensions_of(form: Form) -> bytes:
    return der.split(der.split(der.element(form.der()).content)[0].content)[-1].whole


@pytest.mark.parametrize(
    ("above", "told"),
    [
        (CA.but(basic=x509.BasicConstraints(ca=False, path_length=None)), "'ca' is no CA"),
        (CA.but(basic=None), "'ca' is no CA"),
        (CA.but(usage=key_usage("digital_signature")), "keyCertSign"),
        (CA.but(hash=hashes.SHA224()), "cannot be relied on"),
        (CA.but(key=LEAF.key), "'ca' did not sign 'leaf'"),
        (CA.but(issuer_key=CA_KEY), "'root' did not sign 'ca'"),
        (CA.but(not_after=NOW - timedelta(days=1)), "'ca' is outside its validity"),
        (CA.but(not_before=NOW + timedelta(days=1)), "'ca' is outside its validity"),
        (
            CA.but(
                more=[
                    (
                        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\0"),
                        True,
                    )
                ]
            ),
            "unknown critical extension, 1.2.3.4",
        ),
    ],
)
def test_an_issuer_that_may_not_issue_ends_the_path(above: Form, told: str) -> None:
    assert told in reason(path(LEAF, [above], [ROOT]))


def test_a_leaf_with_an_unknown_critical_extension_has_no_path() -> None:
    odd = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\0")
    assert "unknown critical" in reason(path(LEAF.but(more=[(odd, True)]), [CA], [ROOT]))


def test_a_ca_does_not_sign_claims() -> None:
    assert "is a CA certificate" in reason(path(CA, [], [ROOT]))


def test_an_end_entity_as_anchor_trusts_nobody() -> None:
    other = LEAF.but(subject="ca", key=CA_KEY)
    assert "is no CA" in reason(path(LEAF, [], [other]))


def test_the_leaf_itself_is_no_anchor() -> None:
    leaf = LEAF.certificate()
    found = build_path(leaf, [], index_by_subject([leaf]), NOW)
    assert isinstance(found, NoPath)


def test_an_expired_anchor_counts_only_where_time_does_not() -> None:
    old = ROOT.but(not_after=NOW - timedelta(days=1))
    assert "outside its validity" in reason(path(LEAF, [CA], [old]))
    assert isinstance(path(LEAF, [CA], [old], timeless=True), Path)


def test_the_leafs_own_dates_are_another_question() -> None:
    leaf = LEAF.but(not_after=NOW - timedelta(days=1))
    assert isinstance(path(leaf, [CA], [ROOT]), Path)
    assert not within_validity([leaf.certificate()], NOW)


def test_validity_includes_its_first_and_last_second() -> None:
    leaf = LEAF.certificate()
    second = timedelta(seconds=1)
    assert within_validity([leaf], leaf.not_before)
    assert within_validity([leaf], leaf.not_after)
    assert not within_validity([leaf], leaf.not_before - second)
    assert not within_validity([leaf], leaf.not_after + second)
    assert not within_validity([leaf, Certificate(b"junk")], NOW)


def test_a_path_may_not_be_longer_than_an_issuer_allows() -> None:
    middle_key = ec.generate_private_key(ec.SECP256R1())
    middle = CA.but(subject="middle", issuer="ca", key=middle_key, issuer_key=CA_KEY)
    leaf = LEAF.but(issuer="middle", issuer_key=middle_key)
    assert isinstance(path(leaf, [middle, with_basic(CA, path_length=1)], [ROOT]), Path)
    told = reason(path(leaf, [middle, with_basic(CA, path_length=0)], [ROOT]))
    assert "'ca' allows a path of 0, here it is 1" in told
    assert "'root' allows a path of 1" in reason(
        path(leaf, [middle, CA], [with_basic(ROOT, path_length=1)])
    )


def test_self_issued_certificates_do_not_lengthen_a_path() -> None:
    new_key = ec.generate_private_key(ec.SECP256R1())
    rollover = CA.but(subject="ca", issuer="ca", key=new_key, issuer_key=CA_KEY)
    leaf = LEAF.but(issuer_key=new_key)
    assert isinstance(path(leaf, [rollover, with_basic(CA, path_length=0)], [ROOT]), Path)


def test_a_root_of_version_1_may_be_an_anchor_but_no_intermediate() -> None:
    whole = ROOT.der()
    old = Certificate(spliced(whole, version=b"", extensions=b""))
    chain = [CA.certificate()]
    assert isinstance(build_path(LEAF.certificate(), chain, {old.subject: [old]}, NOW), Path)
    ca = Certificate(spliced(CA.der(), version=b"", extensions=b""))
    found = build_path(LEAF.certificate(), [ca], index_by_subject([ROOT.certificate()]), NOW)
    assert "is no CA" in reason(found)


def test_certificates_that_vouch_for_each_other_end_the_search() -> None:
    one = CA.but(subject="one", issuer="two", key=CA_KEY, issuer_key=ROOT_KEY)
    two = CA.but(subject="two", issuer="one", key=ROOT_KEY, issuer_key=CA_KEY)
    leaf = LEAF.but(issuer="one")
    assert "no anchor issued" in reason(path(leaf, [one, two], [ROOT]))


def test_a_maze_of_namesakes_costs_bounded_work() -> None:
    """Thirty certificates of one name, each signed by all others' key: paths without number."""
    maze = [
        CA.but(subject="ca", issuer="ca", issuer_key=CA_KEY, not_before=NOW - timedelta(days=day))
        for day in range(1, 31)
    ]
    certificates = [one.certificate() for one in maze]
    leaf = LEAF.certificate()
    began = time.process_time()
    found = build_path(leaf, certificates, index_by_subject([ROOT.certificate()]), NOW)
    assert isinstance(found, NoPath)
    assert time.process_time() - began < 1


def test_junk_among_the_intermediates_is_passed_over() -> None:
    junk = [Certificate(b""), Certificate(b"\x30\x80"), CA.certificate()]
    anchors = index_by_subject([Certificate(b"junk"), ROOT.certificate()])
    assert isinstance(build_path(LEAF.certificate(), junk, anchors, NOW), Path)
    assert "cannot be read" in reason(build_path(Certificate(b"junk"), junk, anchors, NOW))
