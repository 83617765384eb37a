"""The user's trust files."""

import pickle
from base64 import b64encode
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from provenance.errors import CredentialError
from provenance.trust import DEFAULT_EKUS, TrustSettings
from tests.trust.forge import CA, LEAF, ROOT

DER = {form.subject: form.der() for form in (ROOT, CA, LEAF)}


def pem(name: str) -> str:
    return x509.load_der_x509_certificate(DER[name]).public_bytes(Encoding.PEM).decode()


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "settings.file"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def anchors(tmp_path: Path, content: str | bytes) -> tuple[bytes, ...]:
    return TrustSettings.load(anchors=[written(tmp_path, content)]).anchors


def test_without_files_nobody_is_trusted_and_usages_are_the_standards() -> None:
    settings = TrustSettings.load()
    assert settings == TrustSettings()
    assert not settings.anchors
    assert settings.ekus == {"1.3.6.1.4.1.62558.2.1", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36"}


@pytest.mark.parametrize(
    "content",
    [
        pem("root") + pem("ca"),
        pem("root").replace("\n", "\r\n") + pem("ca"),
        "# Root\n\nsubject=CN = root\n" + pem("root") + "junk\n" + pem("ca") + "the end",
        "\ufeff" + pem("root") + pem("ca") + pem("root"),
        (pem("root") + pem("ca")).replace("\n", "\\n"),
        pem("root").replace("-----BEGIN", "   -----BEGIN") + pem("ca"),
        "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n" + pem("root") + pem("ca"),
    ],
    ids=count(),  # what is tested is made anew in each process
)
def test_anchors_are_pem_with_anything_between(tmp_path: Path, content: str) -> None:
    assert anchors(tmp_path, content) == (DER["root"], DER["ca"])


def test_an_anchor_may_be_one_der_file(tmp_path: Path) -> None:
    assert anchors(tmp_path, DER["root"]) == (DER["root"],)


def test_anchors_come_from_several_files(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in DER]
    for path in paths:
        path.write_text(pem(path.name))
    assert TrustSettings.load(anchors=paths).anchors == tuple(DER.values())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "holds no certificate"),
        ("nothing here\n", "holds no certificate"),
        ("\n" + pem("root")[:200], "line 2: this PEM block has no end"),
        (pem("root")[:200] + "\n" + pem("root"), "line 1: this PEM block has no end"),
        (pem("root").replace("MII", "M!I", 1), "line 1: this PEM block is no base64"),
        (
            "# x\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            r"line 2: no certificate \(",
        ),
        (b"\x30\x03\x02\x01\x01", r"line 1: no certificate \("),
    ],
    ids=count(),  # what is tested is made anew in each process
)
def test_a_damaged_anchor_file_is_one_sentence_with_the_line(
    tmp_path: Path, content: str | bytes, told: str
) -> None:
    with pytest.raises(CredentialError, match=rf"settings\.file: {told}"):
        anchors(tmp_path, content)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match=r"gone\.pem: cannot be read \(no such file"):
        TrustSettings.load(anchors=[tmp_path / "gone.pem"])


def hash_line(name: str) -> str:
    return b64encode(sha256(DER[name]).digest()).decode()


def test_the_allowed_list_holds_certificates_and_hashes(tmp_path: Path) -> None:
    content = f"// mine\n{pem('leaf')}\n# theirs\n{hash_line('ca')}\nsubject=whoever\n"
    settings = TrustSettings.load(allowed=written(tmp_path, content))
    assert settings.allowed == {sha256(DER["leaf"]).digest(), sha256(DER["ca"]).digest()}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "neither a certificate nor a base64 SHA-256"),
        ("# x\n" + hash_line("ca")[:-4] + "\n", "line 2: 40 characters, .* has 44"),
        (hash_line("ca")[:-1] + "\n", "line 1: 43 characters, .* has 44"),
    ],
    ids=count(),  # what is tested is made anew in each process
)
def test_a_damaged_allowed_list_is_one_sentence(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(CredentialError, match=told):
        TrustSettings.load(allowed=written(tmp_path, content))


def test_usages_given_replace_the_default_ones(tmp_path: Path) -> None:
    content = "//id-kp-emailProtection \n1.3.6.1.5.5.7.3.4\n\n  1.2.3  // vendor\n# end\n"
    settings = TrustSettings.load(eku_config=written(tmp_path, content))
    assert settings.ekus == {"1.3.6.1.5.5.7.3.4", "1.2.3"}
    assert settings.ekus != DEFAULT_EKUS


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("// nothing\n", "holds no OID"),
        ("1.2.3\nemailProtection\n", "line 2: 'emailProtection' is no OID"),
        ("1..3\n", "line 1: '1..3' is no OID"),
        ("3.1\n", "line 1"),
        ("1.02\n", "line 1"),
    ],
    ids=count(),  # what is tested is made anew in each process
)
def test_a_damaged_usage_list_is_one_sentence(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(CredentialError, match=told):
        TrustSettings.load(eku_config=written(tmp_path, content))


def test_settings_cross_processes_also_after_use() -> None:
    settings = TrustSettings(anchors=(DER["root"],))
    assert settings.by_subject[ROOT.certificate().subject][0].common_name == "root"
    again = pickle.loads(pickle.dumps(settings))  # our own bytes
    assert again == settings
    assert again.by_subject.keys() == settings.by_subject.keys()


def test_the_corpus_settings_are_read(shared: Path) -> None:
    trust = shared / "corpus/trust"
    settings = TrustSettings.load(
        anchors=[trust / "anchors.pem", trust / "itl_anchors.pem"],
        allowed=trust / "itl_allowed.pem",
        eku_config=trust / "store.cfg",
    )
    assert len(settings.anchors) > 45
    assert "1.3.6.1.4.1.311.76.59.1.9" in settings.ekus
    assert settings.allowed
