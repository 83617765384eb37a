"""Name constraints, as RFC 5280 §4.2.1.10 has them."""

import ipaddress

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from provenance.trust import NoPath, Path, build_path
from provenance.trust.chain import index_by_subject
from provenance.trust.names import forbidden_name
from tests.trust.forge import CA, LEAF, NOW, ROOT, name

MAIL, DNS, URI = x509.RFC822Name, x509.DNSName, x509.UniformResourceIdentifier


def organization(text: str) -> x509.DirectoryName:
    return x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, text)]))


def address(text: str) -> x509.IPAddress:
    return x509.IPAddress(ipaddress.ip_address(text))


def network(text: str) -> x509.IPAddress:
    return x509.IPAddress(ipaddress.ip_network(text))


def verdict(
    one: x509.GeneralName,
    *,
    permitted: list[x509.GeneralName] | None = None,
    excluded: list[x509.GeneralName] | None = None,
) -> str | None:
    constraints = x509.NameConstraints(permitted, excluded)
    leaf = LEAF.but(more=[(x509.SubjectAlternativeName([one]), False)])
    return forbidden_name(constraints, leaf.certificate())


INSIDE = [
    (MAIL("a@example.com"), MAIL("example.com")),
    (MAIL("a@Example.com"), MAIL("a@example.com")),
    (MAIL("a@mail.example.com"), MAIL(".example.com")),
    (DNS("example.com"), DNS("example.com")),
    (DNS("a.b.example.com"), DNS("example.com")),
    (DNS("anything.test"), DNS("")),
    (URI("https://example.com/a"), URI("example.com")),
    (URI("https://www.example.com:8443/a"), URI(".example.com")),
    (address("10.1.2.3"), network("10.0.0.0/8")),
    (address("2001:db8::1"), network("2001:db8::/32")),
]
OUTSIDE = [
    (MAIL("a@example.org"), MAIL("example.com")),
    (MAIL("a@mail.example.com"), MAIL("example.com")),
    (MAIL("b@example.com"), MAIL("a@example.com")),
    (MAIL("a@example.com"), MAIL(".example.com")),
    (DNS("badexample.com"), DNS("example.com")),
    (DNS("example.com.evil.test"), DNS("example.com")),
    (URI("https://badexample.com/"), URI("example.com")),
    (URI("https://example.com@evil.test/"), URI("example.com")),
    (address("11.1.2.3"), network("10.0.0.0/8")),
    (address("::ffff:10.1.2.3"), network("10.0.0.0/8")),
]


@pytest.mark.parametrize(("one", "tree"), INSIDE)
def test_a_name_inside_may_be_given_out_unless_excluded(
    one: x509.GeneralName, tree: x509.GeneralName
) -> None:
    assert verdict(one, permitted=[tree]) is None
    assert verdict(one, excluded=[tree]) is not None


@pytest.mark.parametrize(("one", "tree"), OUTSIDE)
def test_a_name_outside_may_not(one: x509.GeneralName, tree: x509.GeneralName) -> None:
    assert verdict(one, permitted=[tree]) is not None
    assert verdict(one, excluded=[tree]) is None


def test_one_permitted_tree_of_several_is_enough() -> None:
    assert verdict(MAIL("a@b.test"), permitted=[MAIL("a.test"), MAIL("b.test")]) is None


def test_constraints_on_another_kind_of_name_do_not_matter() -> None:
    assert verdict(MAIL("a@example.org"), permitted=[DNS("example.com")]) is None


@pytest.mark.parametrize("kind", ["permitted", "excluded"])
def test_what_we_cannot_judge_is_forbidden(kind: str) -> None:
    unknown = x509.RegisteredID(x509.ObjectIdentifier("1.2.3"))
    hostless = (URI("urn:uuid:1"), URI("example.com"))
    for one, tree in ((unknown, unknown), hostless):
        told = (
            verdict(one, permitted=[tree]) if kind == "permitted" else verdict(one, excluded=[tree])
        )
        assert told is not None


def test_the_subject_is_a_directory_name() -> None:
    leaf = LEAF.certificate()
    inside = x509.NameConstraints([organization("TEST ")], None)
    outside = x509.NameConstraints([organization("Other")], None)
    excluded = x509.NameConstraints(None, [organization("test")])
    assert forbidden_name(inside, leaf) is None
    assert forbidden_name(outside, leaf) == leaf.name
    assert forbidden_name(excluded, leaf) == leaf.name


def test_a_mail_address_in_the_subject_counts_where_there_is_no_other() -> None:
    mail = x509.NameAttribute(NameOID.EMAIL_ADDRESS, "a@example.org")
    leaf = LEAF.but(full_name=x509.Name([*name("leaf"), mail])).certificate()
    assert forbidden_name(x509.NameConstraints([MAIL("example.com")], None), leaf)
    assert forbidden_name(x509.NameConstraints([MAIL("example.org")], None), leaf) is None


@pytest.mark.parametrize("place", ["intermediate", "anchor"])
def test_constraints_end_a_path(place: str) -> None:
    def found(tree: str) -> Path | NoPath:
        more = [(x509.NameConstraints([organization(tree)], None), True)]
        ca = CA.but(more=more) if place == "intermediate" else CA
        root = ROOT.but(more=more) if place == "anchor" else ROOT
        anchors = index_by_subject([root.certificate()])
        return build_path(LEAF.certificate(), [ca.certificate()], anchors, NOW)

    assert isinstance(found("Test"), Path)
    refused = found("Other")
    assert isinstance(refused, NoPath)
    assert "may not vouch for the name CN=" in refused.reason
