"""Signing with an actor who vouches for the manifest: one size, signed before the claim."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

import provenance
from provenance.build.identity import IdentitySigner
from provenance.cose import algorithms
from provenance.errors import CredentialError, DefinitionError, SigningError
from provenance.trust.devpki import create
from provenance.validate.identity_results import IdentityReport, IdentityState
from provenance.validate.results import VerificationReport
from tests.attacks.forge import NOW, Credential
from tests.build.workshop import MADE, Broken, forge, picture, signer, trust
from tests.validate.identity_forge import actor, codes, knowing

KNOWN: Credential = actor(forge())


def vouching(callback: Callable[[bytes], bytes] | None = None, **how: Any) -> IdentitySigner:
    def sign(data: bytes) -> bytes:
        return algorithms.sign(algorithms.by_name("es256"), KNOWN.key, data)

    held = provenance.CallbackSigner("es256", KNOWN.chain[:1], callback or sign)
    return IdentitySigner(signer=held, **how)


def report_of(*actors: IdentitySigner, definition: Any = MADE, **how: Any) -> VerificationReport:
    out = io.BytesIO()
    provenance.sign(picture(), out, definition, signer=signer(), identities=actors, **how)
    return provenance.verify(out.getvalue(), trust=knowing(forge(), KNOWN))


def only(report: VerificationReport) -> IdentityReport:
    (one,) = report.manifests[0].identities
    return one


def named(report: VerificationReport) -> list[str]:
    return [url.rpartition("/")[2] for url in only(report).referenced]


def test_an_actor_vouches_for_the_picture_and_for_all_that_was_created() -> None:
    report = report_of(vouching(), definition=MADE | {"creators": ["Ada"]})
    assert report.state is provenance.ValidationState.TRUSTED
    assert only(report).state is IdentityState.TRUSTED
    created = [one.label for one in report.manifests[0].assertions if one.created]
    assert sorted(named(report)) == sorted(created)
    assert "c2pa.hash.data" in created
    assert "cawg.metadata" in created


def test_the_assertion_is_gathered_not_created() -> None:
    report = report_of(vouching())
    (held,) = (one for one in report.manifests[0].assertions if one.label == "cawg.identity")
    assert not held.created


@pytest.mark.parametrize(
    ("roles", "written"),
    [
        ((), ()),
        (("creator",), ("cawg.creator",)),
        (("cawg.editor", "org.example.curator"), ("cawg.editor", "org.example.curator")),
    ],
)
def test_roles_are_written_in_full(roles: tuple[str, ...], written: tuple[str, ...]) -> None:
    assert only(report_of(vouching(roles=roles))).roles == written


def test_an_actor_may_vouch_for_less_but_never_without_the_hard_binding() -> None:
    assert named(report_of(vouching(referenced=()))) == ["c2pa.hash.data"]
    some = vouching(referenced=("c2pa.actions.v2", "c2pa.hash.data"))
    assert named(report_of(some)) == ["c2pa.hash.data", "c2pa.actions.v2"]


def test_an_assertion_that_is_not_there_cannot_be_vouched_for() -> None:
    with pytest.raises(DefinitionError, match=r"no assertion 'c2pa\.actions'; there are c2pa"):
        report_of(vouching(referenced=("c2pa.actions",)))


def test_several_actors_get_an_assertion_each() -> None:
    report = report_of(vouching(roles=("creator",)), vouching(roles=("publisher",)))
    found = {one.uri.rpartition("/")[2]: one for one in report.manifests[0].identities}
    assert {label: one.roles for label, one in found.items()} == {
        "cawg.identity": ("cawg.creator",),
        "cawg.identity__1": ("cawg.publisher",),
    }
    assert {one.state for one in found.values()} == {IdentityState.TRUSTED}


def test_a_sidecar_holds_identities_too(tmp_path: Path) -> None:
    asset, sidecar = tmp_path / "a.png", tmp_path / "a.c2pa"
    asset.write_bytes(picture())
    provenance.sign(asset, sidecar, MADE, signer=signer(), sidecar=True, identities=[vouching()])
    report = provenance.verify(asset, manifest=sidecar, trust=knowing(forge(), KNOWN))
    assert only(report).state is IdentityState.TRUSTED


@pytest.mark.parametrize("alg", ["es384", "es512", "ps256", "ed25519"])
def test_a_definition_names_keys_by_file(alg: str, tmp_path: Path) -> None:
    create(tmp_path, now=NOW, algs=(alg,))
    rows = [{"key": f"{alg}.key.pem", "chain": f"{alg}.chain.pem", "roles": ["creator"]}]
    definition = provenance.ManifestDefinition.from_dict(MADE | {"identities": rows}, base=tmp_path)
    report = report_of(definition=definition)
    assert "cawg.x509.signature.validated" in codes(report)
    assert only(report).state is IdentityState.UNTRUSTED


def test_a_key_of_somebody_else_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    create(tmp_path, now=NOW, algs=("es256",))
    other = KNOWN.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "es256.key.pem").write_bytes(other)
    rows = [{"key": str(tmp_path / "es256.key.pem"), "chain": str(tmp_path / "es256.chain.pem")}]
    out = io.BytesIO()
    with pytest.raises(CredentialError):
        provenance.sign(picture(), out, MADE | {"identities": rows}, signer=signer())
    assert not out.getvalue()


def test_an_actor_who_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail(_: bytes) -> bytes:
        raise Broken("the card is not in")

    asset = tmp_path / "in.png"
    asset.write_bytes(picture())
    with pytest.raises(SigningError) as caught:
        provenance.sign(
            asset, tmp_path / "out.png", MADE, signer=signer(), identities=[vouching(fail)]
        )
    assert isinstance(caught.value.__cause__, Broken)
    assert [one.name for one in tmp_path.iterdir()] == ["in.png"]


def test_an_actor_whose_signature_is_wrong_is_refused() -> None:
    with pytest.raises(SigningError, match="does not match the certificate"):
        report_of(vouching(lambda _: bytes(64)))


def test_nobody_writes_an_identity_by_hand() -> None:
    row = {"label": "cawg.identity", "data": {}}
    with pytest.raises(DefinitionError, match="is written by the library"):
        provenance.sign_bytes(picture(), MADE | {"assertions": [row]}, signer=signer())


@pytest.mark.parametrize(
    "row",
    [{}, {"key": 1}, {"key": "k", "role": ["creator"]}, {"key": "k", "roles": "creator"}],
)
def test_a_definition_of_another_form_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError, match="identities"):
        provenance.ManifestDefinition.from_dict({"identities": [row]})


def test_a_changed_byte_takes_the_actor_s_word_away() -> None:
    out = io.BytesIO()
    provenance.sign(picture(), out, MADE, signer=signer(), identities=[vouching()])
    data = bytearray(out.getvalue())
    data[-20] ^= 1
    report = provenance.verify(bytes(data), trust=knowing(forge(), KNOWN))
    manifest = report.manifests[0]
    assert manifest.identity_state(only(report)) is IdentityState.INVALID


def test_without_actors_nothing_changes() -> None:
    out = io.BytesIO()
    provenance.sign(picture(), out, MADE, signer=signer())
    assert b"cawg.identity" not in out.getvalue()
    assert provenance.verify(out.getvalue(), trust=trust()).manifests[0].identities == ()
