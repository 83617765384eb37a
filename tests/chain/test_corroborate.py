"""Model signatures by OpenSSF's own tool confirm the hash of a file, and nothing else."""

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest

from provenance.chain import codes
from provenance.chain.corroborate import MOST_BYTES, Keys, read_statement
from provenance.chain.graph import LineageFinding
from provenance.chain.trace import trace
from provenance.errors import CredentialError, MalformedError
from tests.formats.sample_model import safetensors

SAMPLES = Path(__file__).parent / "model_signing"
BUNDLE = (SAMPLES / "key.sig").read_bytes()
KEY, ROOT = (SAMPLES / "key.pub.pem").read_bytes(), (SAMPLES / "root.pem").read_bytes()
NOBODY = Keys()


def findings(folder: Path, name: str, *keys: bytes, data: bytes = safetensors()) -> Any:
    """What is said of a model beside which a signature lies."""
    model = folder / "weights.safetensors"
    model.write_bytes(data)
    (folder / "model.sig").write_bytes((SAMPLES / name).read_bytes())
    graph = trace(model, resolve=[folder], model_keys=keys)
    return [one for one in graph.findings if one.code != codes.INGREDIENT_MISSING]


def only(found: list[LineageFinding]) -> LineageFinding:
    assert len(found) == 1
    return found[0]


def test_a_key_that_was_given_confirms_the_hash(tmp_path: Path) -> None:
    found = only(findings(tmp_path, "key.sig", KEY))
    assert found.code == codes.CORROBORATED
    assert "a key that was given" in found.explanation
    assert "transparency log, time and revocation not checked" in found.explanation


def test_without_its_key_a_signature_confirms_nothing(tmp_path: Path) -> None:
    found = only(findings(tmp_path, "key.sig"))
    assert found.code == codes.CORROBORATION_FAILED
    assert "none was given" in found.explanation


def test_another_key_confirms_nothing(tmp_path: Path) -> None:
    found = only(findings(tmp_path, "key.sig", ROOT))
    assert found.code == codes.CORROBORATION_FAILED


def test_a_certificate_that_came_along_is_told_apart_from_one_that_somebody_vouches_for(
    tmp_path: Path,
) -> None:
    alone = only(findings(tmp_path, "certificate.sig"))
    assert alone.code == codes.CORROBORATED
    assert "nobody vouches" in alone.explanation
    rooted = only(findings(tmp_path, "certificate.sig", ROOT))
    assert "nobody vouches" not in rooted.explanation
    assert "'Model Lab'" in rooted.explanation


def test_another_file_of_the_name_is_told(tmp_path: Path) -> None:
    found = only(findings(tmp_path, "key.sig", KEY, data=safetensors(data=bytes(24))))
    assert found.code == codes.CORROBORATION_FAILED
    assert "names sha256:" in found.explanation


def test_a_signature_makes_no_edge_and_owns_no_work(tmp_path: Path) -> None:
    findings(tmp_path, "certificate.sig", ROOT)
    graph = trace(tmp_path / "weights.safetensors", resolve=[tmp_path], model_keys=[ROOT])
    assert not graph.edges
    assert not graph.parties


def edited(change: Any) -> bytes:
    """The bundle with a change to its statement, signature and all."""
    bundle = json.loads(BUNDLE)
    envelope = bundle["dsseEnvelope"]
    statement = json.loads(b64decode(envelope["payload"]))
    change(bundle, statement)
    envelope["payload"] = b64encode(json.dumps(statement).encode()).decode()
    return json.dumps(bundle).encode()


def test_a_statement_that_was_changed_does_not_verify() -> None:
    data = edited(lambda bundle, statement: statement.update(note="changed"))
    assert read_statement(data, Keys.read([KEY])).verified is None
    assert read_statement(BUNDLE, Keys.read([KEY])).verified is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda bundle, statement: statement["predicate"]["resources"].append(
            {"name": "more", "algorithm": "sha256", "digest": "00" * 32}
        ),
        lambda bundle, statement: statement["predicate"].update(resources=[{"name": 7}]),
        lambda bundle, statement: statement["predicate"].update(resources={}),
        lambda bundle, statement: statement["predicate"]["resources"][0].update(digest="zz"),
        lambda bundle, statement: statement.update(predicateType="https://slsa.dev/provenance/v1"),
        lambda bundle, statement: statement.update(predicate=[]),
        lambda bundle, statement: statement.update(subject=[]),
        lambda bundle, statement: bundle["dsseEnvelope"].update(signatures=[]),
        lambda bundle, statement: bundle["dsseEnvelope"].update(signatures=[[]]),
        lambda bundle, statement: bundle["dsseEnvelope"].update(payloadType="text/plain"),
        lambda bundle, statement: bundle.update(verificationMaterial=3),
    ],
)
def test_what_is_no_model_signature_is_told(change: Any) -> None:
    with pytest.raises(MalformedError):
        read_statement(edited(change), NOBODY)


@pytest.mark.parametrize("data", [b"", b"[]", b"{" * 100_000, b"\xff", b" " * (MOST_BYTES + 1)])
def test_bytes_that_are_no_bundle_are_told(data: bytes) -> None:
    with pytest.raises(MalformedError):
        read_statement(data, NOBODY)


def test_a_certificate_that_is_none_verifies_nothing() -> None:
    bundle = json.loads(BUNDLE)
    bundle["verificationMaterial"] = {"certificate": {"rawBytes": b64encode(b"none").decode()}}
    assert read_statement(json.dumps(bundle).encode(), NOBODY).verified is None


def test_a_key_that_is_none_is_an_error() -> None:
    with pytest.raises(CredentialError):
        Keys.read([b"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----"])
