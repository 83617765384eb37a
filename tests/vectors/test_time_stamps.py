"""Time stamps and updates that the reference implementation makes are read here."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import c2pa
import pytest

import provenance
from provenance.trust.devpki import DevPki
from provenance.validate.status import Status
from tests.trust.tsa import LocalAuthority
from tests.vectors.peer import MIME, picture
from tests.web import Asked, Reply, Site, site

NOW = datetime.now(UTC)
CREATED = {
    "claim_generator_info": [{"name": "peer", "version": "1"}],
    "title": "made by a peer",
    "assertions": [
        {
            "label": "c2pa.actions.v2",
            "data": {
                "actions": [
                    {
                        "action": "c2pa.created",
                        "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/"
                        "digitalCapture",
                    }
                ]
            },
        }
    ],
}


@pytest.fixture(scope="module")
def pki() -> DevPki:
    return DevPki.generate(("es256",), now=NOW)


@pytest.fixture(scope="module")
def authority(pki: DevPki) -> Iterator[Site]:
    local = LocalAuthority(pki.tsa)

    def answer(asked: Asked) -> Reply:
        headers = {"Content-Type": "application/timestamp-reply"}
        return Reply(local.stamp(asked.body), headers=headers)

    with site(answer) as found:
        yield found


def signed(kind: str, pki: DevPki, authority: Site) -> bytes:
    one = pki.credentials["es256"]
    info = c2pa.C2paSignerInfo(b"es256", one.chain_pem, one.key_pem, authority.url.encode())
    out = io.BytesIO()
    with (
        c2pa.Signer.from_info(info) as signer,
        c2pa.Context.from_dict({"verify": {"verify_after_sign": False}}) as context,
        c2pa.Builder(json.dumps(CREATED), context=context) as builder,
    ):
        builder.sign(signer, MIME[kind], io.BytesIO(picture(kind)), out)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_a_time_stamp_by_the_reference_counts(kind: str, pki: DevPki, authority: Site) -> None:
    data = signed(kind, pki, authority)
    assert authority.asked
    trust = provenance.TrustSettings(anchors=(pki.root,))
    report = provenance.verify(data, trust=trust)
    assert report.state == "Trusted"
    found = {one.status for one in report.findings}
    assert {Status.TIME_STAMP_VALIDATED, Status.TIME_STAMP_TRUSTED} <= found
    later = provenance.verify(data, trust=trust, at=NOW + timedelta(days=500))
    assert later.state == "Trusted"


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_an_update_by_the_reference_over_our_signature_holds(kind: str, pki: DevPki) -> None:
    one = pki.credentials["es256"]
    ours = provenance.LocalSigner.from_pem(one.key_pem, one.chain_pem)
    below = provenance.sign_bytes(picture(kind), {"generator": {"name": "Painter"}}, signer=ours)
    info = c2pa.C2paSignerInfo(b"es256", one.chain_pem, one.key_pem, None)
    settings = {
        "builder": {"thumbnail": {"enabled": False}},
        "verify": {"verify_after_sign": False},
    }
    out = io.BytesIO()
    with (
        c2pa.Signer.from_info(info) as signer,
        c2pa.Context.from_dict(settings) as context,
        c2pa.Builder(json.dumps({"title": "updated"}), context=context) as builder,
    ):
        builder.set_intent(c2pa.C2paBuilderIntent.UPDATE)
        builder.sign(signer, MIME[kind], io.BytesIO(below), out)
    trust = provenance.TrustSettings(anchors=(pki.root,))
    report = provenance.verify(out.getvalue(), trust=trust)
    assert report.state == "Trusted"
    assert [one.kind.value for one in report.manifests] == ["update", "standard"]
