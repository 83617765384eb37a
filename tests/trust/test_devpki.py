"""The development PKI, and what other people's software thinks of it."""

import io
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import c2pa
import pytest
from PIL import Image

from provenance.cose import LocalSigner, sign_claim
from provenance.trust import TrustSettings, judge
from provenance.trust.devpki import ALGS, PKCS12_PASSPHRASE, DevPki, create
from provenance.trust.doctor import Gravity, examine

NOW = datetime.now(UTC)  # the reference implementation knows no other


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pki") / "new"
    create(out, now=NOW)
    return out


@pytest.mark.parametrize("alg", ALGS)
def test_each_credential_is_trusted_and_keeps_all_rules(folder: Path, alg: str) -> None:
    settings = TrustSettings.load(anchors=[folder / "root.pem"], eku_config=folder / "trust.cfg")
    signer = LocalSigner.from_files(folder / f"{alg}.key.pem", folder / f"{alg}.chain.pem")
    found = judge(signer.certificate_chain, settings, NOW)
    assert (found.trusted, found.breaches, found.breaches_above) == (True, (), ())
    assert found.chain_inside_validity
    assert len(signer.certificate_chain) == 2
    advice = examine(folder / f"{alg}.chain.pem", now=NOW)
    assert {one.gravity for one in advice} == {Gravity.FINE}


@pytest.mark.parametrize("alg", ALGS)
def test_the_key_tells_the_algorithm(folder: Path, alg: str) -> None:
    files = LocalSigner.from_files(folder / f"{alg}.key.pem", folder / f"{alg}.chain.pem")
    bundle = LocalSigner.from_pkcs12(folder / f"{alg}.p12", PKCS12_PASSPHRASE)
    assert files.alg == bundle.alg == alg
    assert files.certificate_chain == bundle.certificate_chain
    sign_claim(bundle, b"a claim")


@pytest.mark.parametrize("alg", ALGS)
def test_the_reference_implementation_signs_with_it_and_trusts_it(folder: Path, alg: str) -> None:
    info = c2pa.C2paSignerInfo(
        alg.encode(),
        (folder / f"{alg}.chain.pem").read_bytes(),
        (folder / f"{alg}.key.pem").read_bytes(),
        None,
    )
    created = {
        "action": "c2pa.created",
        "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
    }
    definition = {
        "claim_generator_info": [{"name": "test", "version": "1"}],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [created]}}],
    }
    trust = {"trust_anchors": (folder / "root.pem").read_text()}
    picture, signed = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (16, 16)).save(picture, "JPEG")
    picture.seek(0)
    context = c2pa.Context.from_dict({"trust": trust, "verify": {"verify_trust": True}})
    with c2pa.Signer.from_info(info) as signer, c2pa.Builder(json.dumps(definition)) as builder:
        builder.sign(signer, "image/jpeg", picture, signed)
    signed.seek(0)
    with c2pa.Reader("image/jpeg", signed, context=context) as reader:
        assert reader.get_validation_state() == "Trusted"


def test_openssl_finds_nothing_wrong(folder: Path) -> None:
    try:
        subprocess.run(["openssl", "version"], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("needs the openssl command")
    command = ["openssl", "verify", "-x509_strict", "-CAfile", "root.pem"]
    command += ["-untrusted", "intermediate.pem", *(f"{alg}.chain.pem" for alg in ALGS)]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for alg in ALGS:
        check = ["openssl", "pkey", "-in", f"{alg}.key.pem", "-check", "-noout"]
        subprocess.run(check, cwd=folder, check=True, capture_output=True)


def test_secret_files_are_for_their_owner_only(folder: Path) -> None:
    names = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    secret = {name for name, mode in names.items() if mode == 0o600}
    assert secret == {f"{alg}.{kind}" for alg in ALGS for kind in ("key.pem", "p12")} | {
        "tsa.key.pem"
    }


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "es256.p12").write_bytes(b"precious")
    with pytest.raises(FileExistsError, match="not overwritten"):
        create(tmp_path, now=NOW, algs=["es256"])
    assert [path.name for path in tmp_path.iterdir()] == ["es256.p12"]
    assert (tmp_path / "es256.p12").read_bytes() == b"precious"


def test_in_memory_it_writes_nothing_and_shows_no_key() -> None:
    pki = DevPki.generate(["ed25519"], now=NOW)
    assert list(pki.credentials) == ["ed25519"]
    assert repr(pki.credentials["ed25519"]) == "DevCredential(alg='ed25519')"
    held = pki.credentials["ed25519"]
    assert LocalSigner.from_pem(held.key_pem, held.chain_pem).certificate_chain == held.chain


def test_an_unknown_algorithm_is_an_error() -> None:
    with pytest.raises(ValueError, match="'rs256' is none of es256"):
        DevPki.generate(["rs256"], now=NOW)
