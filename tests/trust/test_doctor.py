"""What the doctor says of a certificate file."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from provenance.errors import CredentialError
from provenance.trust.doctor import Gravity, examine
from tests.trust.forge import CA, LEAF, LEAF_KEY, NOW, ROOT, Form, eku


def said(tmp_path: Path, *chain: Form) -> list[tuple[str, int, str]]:
    path = tmp_path / "chain.pem"
    parsed = (x509.load_der_x509_certificate(one.der()) for one in chain)
    path.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in parsed))
    return [(one.gravity, one.index, one.rule) for one in examine(path, now=NOW)]


def test_a_sound_chain_is_fine_and_says_until_when(tmp_path: Path) -> None:
    path = tmp_path / "leaf.pem"
    leaf, ca = (x509.load_der_x509_certificate(one.der()) for one in (LEAF, CA))
    path.write_bytes(leaf.public_bytes(Encoding.PEM) + ca.public_bytes(Encoding.PEM))
    advice = examine(path, now=NOW)
    assert [one.gravity for one in advice] == [Gravity.FINE, Gravity.FINE]
    assert advice[0].sentence == "keeps every rule; valid until 2027-03-28"
    assert advice[0].subject == "CN=leaf,O=Test"


def test_every_broken_rule_is_named_with_its_certificate(tmp_path: Path) -> None:
    assert said(tmp_path, LEAF.but(usage=None, ekus=eku("1.2.3")), CA.but(subject_id=False)) == [
        ("broken", 0, "key-usage"),
        ("broken", 0, "accepted-extended-key-usage"),
        ("broken", 1, "subject-key-identifier"),
    ]


def test_each_broken_rule_comes_with_its_cure(tmp_path: Path) -> None:
    path = tmp_path / "leaf.der"
    path.write_bytes(LEAF.but(usage=None).der())
    first = examine(path, now=NOW)[0]
    assert (first.sentence, first.mend) == (
        "it has no KeyUsage",
        "have it issued with a KeyUsage extension",
    )


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        ([LEAF.but(not_after=NOW - DAY), CA], ("broken", 0, "expired")),
        ([LEAF.but(not_before=NOW + DAY), CA], ("broken", 0, "not-yet-valid")),
        ([LEAF.but(not_after=NOW + 7 * DAY), CA], ("doubtful", 0, "expires-soon")),
        ([LEAF, CA.but(not_after=NOW - DAY)], ("broken", 1, "expired")),
        ([LEAF], ("doubtful", 0, "chain")),
        ([LEAF, CA, ROOT], ("doubtful", 2, "root-included")),
        ([LEAF, ROOT, CA], ("broken", 1, "order")),
        (
            [LEAF.but(issuer="leaf", issuer_key=LEAF_KEY)],
            ("doubtful", 0, "self-signed"),
        ),
        (
            [
                LEAF.but(
                    full_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nameless")])
                ),
                CA,
            ],
            ("doubtful", 0, "organization"),
        ),
    ],
    ids=lambda value: value[2] if isinstance(value, tuple) else "",
)
def test_what_the_profile_does_not_say(
    tmp_path: Path, chain: list[Form], expected: tuple[str, int, str]
) -> None:
    assert expected in said(tmp_path, *chain)


def test_a_key_usage_that_is_not_critical_is_doubtful(tmp_path: Path) -> None:
    usage = LEAF.usage
    assert usage is not None
    assert said(tmp_path, LEAF.but(usage=None, more=[(usage, False)]), CA)[0] == (
        "doubtful",
        0,
        "key-usage-critical",
    )


def test_a_key_file_is_not_a_certificate_file(tmp_path: Path) -> None:
    path = tmp_path / "leaf.key"
    path.write_bytes(LEAF_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(CredentialError, match="holds a private key; give the certificate file"):
        examine(path, now=NOW)


def test_junk_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "junk"
    path.write_bytes(b"junk")
    with pytest.raises(CredentialError, match="holds no certificate"):
        examine(path, now=NOW)
