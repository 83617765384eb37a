"""CAWG identities we write the reference validates, and those it writes we validate."""

import io
from typing import Any

import c2pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import provenance
from provenance.build.identity import IdentitySigner
from provenance.cose import algorithms
from provenance.validate.identity_results import IdentityState
from tests.attacks.forge import Credential, Forge
from tests.validate.identity_forge import actor, knowing
from tests.vectors import peer
from tests.vectors.grid import Workshop
from tests.vectors.peer import Signed

VALID = {"cawg.x509.signature.validated", "cawg.identity.well-formed"}


@pytest.fixture(scope="module")
def forge() -> Forge:
    return Forge()


@pytest.fixture(scope="module")
def known(forge: Forge) -> Credential:
    return actor(forge)


def codes(report: dict[str, Any], kind: str) -> set[str]:
    rows = report["validation_results"]["activeManifest"].get(kind) or ()
    return {row["code"] for row in rows if row["code"].startswith("cawg.")}


@pytest.mark.parametrize("kind", ["jpeg", "png"])
@pytest.mark.parametrize("roles", [(), ("creator", "publisher")])
def test_the_reference_validates_an_identity_we_write(
    kind: str, roles: tuple[str, ...], workshop: Workshop, root: bytes, known: Credential
) -> None:
    def sign(data: bytes) -> bytes:
        return algorithms.sign(algorithms.by_name("es256"), known.key, data)

    holder = provenance.CallbackSigner("es256", known.chain[:1], sign)
    signer = provenance.LocalSigner.from_files(
        workshop.pki / "es256.key.pem", workshop.pki / "es256.chain.pem"
    )
    out = io.BytesIO()
    provenance.sign(
        peer.picture(kind),
        out,
        {"generator": {"name": "Painter"}, "creators": ["Ada"]},
        signer=signer,
        identities=[IdentitySigner(signer=holder, roles=roles)],
    )
    verdict = peer.read(Signed(kind=kind, asset=out.getvalue(), store=b""), anchors=root)
    # It judges actors by a list of its own, and lets that decide between Valid and Trusted.
    assert verdict.failures == {"cawg.x509.credential.untrusted"}
    assert verdict.state == "Valid"
    assert codes(verdict.report, "success") == VALID
    active = verdict.report["manifests"][verdict.report["active_manifest"]]
    (held,) = (one for one in active["assertions"] if one["label"] == "cawg.identity")
    expected = [f"cawg.{role}" for role in roles]
    assert held["data"]["signer_payload"].get("role", []) == expected


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_we_validate_an_identity_that_the_reference_writes(
    kind: str, workshop: Workshop, forge: Forge, known: Credential
) -> None:
    key = known.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    chain = b"".join(
        x509.load_der_x509_certificate(one).public_bytes(Encoding.PEM) for one in known.chain[:1]
    ).decode()
    settings = {
        "builder": {"thumbnail": {"enabled": False}},
        "verify": {"verify_after_sign": False},
        "signer": {
            "local": {
                "alg": "es256",
                "sign_cert": (workshop.pki / "es256.chain.pem").read_text(),
                "private_key": (workshop.pki / "es256.key.pem").read_text(),
            }
        },
        "cawg_x509_signer": {
            "local": {
                "alg": "es256",
                "sign_cert": chain,
                "private_key": key,
                "referenced_assertions": ["c2pa.actions.v2"],
                "roles": ["cawg.creator"],
            }
        },
    }
    action = {
        "action": "c2pa.created",
        "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
    }
    definition = {
        "claim_generator_info": [{"name": "peer", "version": "1"}],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}],
    }
    out = io.BytesIO()
    with (
        c2pa.Context.from_dict(settings) as context,
        c2pa.Builder(definition, context=context) as builder,
    ):
        # The signer is in the settings; the wrapper only looks for one it was handed.
        builder._has_context_signer = True
        builder.sign(peer.MIME[kind], io.BytesIO(peer.picture(kind)), out)
    trusted = knowing(forge, known)
    anchored = provenance.TrustSettings.load(anchors=[workshop.pki / "root.pem"])
    trust = provenance.TrustSettings(
        anchors=anchored.anchors, identity_anchors=trusted.identity_anchors
    )
    report = provenance.verify(out.getvalue(), trust=trust)
    assert report.state is provenance.ValidationState.TRUSTED
    (one,) = report.manifests[0].identities
    assert one.state is IdentityState.TRUSTED
    assert one.roles == ("cawg.creator",)
    assert {url.rpartition("/")[2] for url in one.referenced} == {
        "c2pa.hash.data",
        "c2pa.actions.v2",
    }
