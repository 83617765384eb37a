"""Name constraints: which names a CA may give out. Source: RFC 5280 §4.2.1.10, §6.1.4.

Understood: directory names, DNS names, mail addresses, hosts of URIs and IP addresses. A
constraint on another kind of name forbids every name of that kind, which errs on the safe side.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

from provenance.trust.certificate import Certificate

__all__ = ["forbidden_name"]

_Address = IPv4Address | IPv6Address | IPv4Network | IPv6Network


def forbidden_name(constraints: x509.NameConstraints, certificate: Certificate) -> str | None:
    """A name in the certificate that the constraints forbid, or None.

    Raises:
        MalformedError: the certificate's names cannot be read.
    """
    permitted = tuple(constraints.permitted_subtrees or ())
    excluded = tuple(constraints.excluded_subtrees or ())
    for name in _names(certificate):
        # Where we cannot tell (None), the answer is the one that forbids.
        if any(_within(name, tree) is not False for tree in excluded if type(tree) is type(name)):
            return _show(name)
        allowed = [tree for tree in permitted if type(tree) is type(name)]
        if allowed and not any(_within(name, tree) for tree in allowed):
            return _show(name)
    return None


def _names(certificate: Certificate) -> Iterator[x509.GeneralName]:
    subject = certificate.subject_name
    if subject.rdns:
        yield x509.DirectoryName(subject)
    alternative = certificate.extension(x509.SubjectAlternativeName)
    if alternative is not None:
        yield from alternative
    else:  # old certificates have their mail address in the subject
        for attribute in subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS):
            if isinstance(attribute.value, str) and attribute.value.isascii():
                yield x509.RFC822Name(attribute.value)


def _within(name: x509.GeneralName, tree: x509.GeneralName) -> bool | None:
    """Does a name lie in a subtree of its own kind? None when we cannot tell."""
    match name, tree:
        case x509.DirectoryName(), x509.DirectoryName():
            top = _folded(tree.value)
            return _folded(name.value)[: len(top)] == top
        case x509.DNSName(), x509.DNSName():
            return _is_below(name.value, tree.value)
        case x509.RFC822Name(), x509.RFC822Name():
            return _mail_within(name.value, tree.value)
        case x509.UniformResourceIdentifier(), x509.UniformResourceIdentifier():
            host = _host(name.value)
            return _host_matches(host, tree.value) if host else None
        case x509.IPAddress(), x509.IPAddress():
            return _address_within(name.value, tree.value)
    return None


def _folded(name: x509.Name) -> list[frozenset[tuple[str, str]]]:
    return [
        frozenset(
            (one.oid.dotted_string, " ".join(str(one.value).casefold().split())) for one in rdn
        )
        for rdn in name.rdns
    ]


def _is_below(host: str, top: str) -> bool:
    host, top = host.lower().rstrip("."), top.lower().strip(".")
    return not top or host == top or host.endswith("." + top)


def _host_matches(host: str, constraint: str) -> bool:
    """For mail and URIs a leading dot means hosts below, and no dot means this very host."""
    host, constraint = host.lower(), constraint.lower()
    return host.endswith(constraint) if constraint.startswith(".") else host == constraint


def _mail_within(address: str, constraint: str) -> bool:
    local, _, host = address.rpartition("@")
    if "@" in constraint:
        want_local, _, want_host = constraint.rpartition("@")
        return local == want_local and host.lower() == want_host.lower()
    return _host_matches(host, constraint)


def _host(uri: str) -> str:
    try:
        return urlsplit(uri).hostname or ""
    except ValueError:
        return ""


def _address_within(address: _Address, tree: _Address) -> bool:
    match address, tree:
        case IPv4Address(), IPv4Network():
            return address in tree
        case IPv6Address(), IPv6Network():
            return address in tree
    return False


def _show(name: x509.GeneralName) -> str:
    value: object = name.value
    text = value.rfc4514_string() if isinstance(value, x509.Name) else str(value)
    return text[:120]
