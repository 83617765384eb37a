"""Update manifests: redaction, later time stamps, further statements."""

import io
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import pytest

import provenance
from provenance.build.update import redact, timestamp, update
from provenance.trust.devpki import DevPki
from provenance.validate.status import Status
from tests.formats.samples import SAMPLES
from tests.trust.tsa import LocalAuthority
from tests.vectors.peer import Signed, picture, read

NOW = datetime.now(UTC)
MADE: dict[str, Any] = {
    "title": "first",
    "generator": {"name": "Painter", "version": "2.1"},
    "prompt": "a fox in the snow",
    "creators": ["Ada Lovelace"],
}
KINDS = ("jpeg", "png")


@lru_cache
def pki() -> DevPki:
    return DevPki.generate(("es256", "ed25519"), now=NOW)


def signer(alg: str = "es256") -> provenance.LocalSigner:
    one = pki().credentials[alg]
    return provenance.LocalSigner.from_pem(one.key_pem, one.chain_pem)


TRUST = provenance.TrustSettings(anchors=(pki().root,))


@lru_cache
def signed(kind: str) -> bytes:
    return provenance.sign_bytes(picture(kind), MADE, signer=signer())


def redacted(kind: str, *wanted: str, asset: bytes | None = None) -> bytes:
    out = io.BytesIO()
    redact(asset or signed(kind), out, wanted, reason="pii", signer=signer("ed25519"))
    return out.getvalue()


def foreign(data: bytes, kind: str) -> Any:
    return read(Signed(kind=kind, asset=data, store=b""), anchors=pki().root_pem)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_redacted_is_gone_and_the_rest_holds(kind: str) -> None:
    assert b"Ada Lovelace" in signed(kind)
    data = redacted(kind, "cawg.metadata")
    assert b"Ada Lovelace" not in data
    report = provenance.verify(data, trust=TRUST)
    assert report.state == "Trusted"
    assert [one.kind.value for one in report.manifests] == ["update", "standard"]
    assert any(one.redacted for one in report.manifests[1].assertions)
    assert Status.DATA_HASH_MATCH in {one.status for one in report.findings}


@pytest.mark.parametrize("kind", KINDS)
def test_the_reference_accepts_a_redaction(kind: str) -> None:
    assert foreign(redacted(kind, "cawg.metadata"), kind).state == "Trusted"


def test_one_byte_changed_after_a_redaction_is_seen() -> None:
    data = bytearray(redacted("jpeg", "cawg.metadata"))
    data[-40] ^= 1
    assert provenance.verify(bytes(data), trust=TRUST).state == "Invalid"


def test_a_redaction_may_follow_another() -> None:
    first = redacted("png", "cawg.metadata")
    second = redacted("png", "c2pa.thumbnail.claim", asset=first)
    report = provenance.verify(second, trust=TRUST)
    assert report.state == "Trusted"
    assert len(report.manifests) == 3
    assert foreign(second, "png").state == "Trusted"


@pytest.mark.parametrize("kept", ["c2pa.actions", "c2pa.hash.data"])
def test_actions_and_hard_bindings_cannot_be_redacted(kept: str) -> None:
    with pytest.raises(provenance.DefinitionError, match="cannot be redacted"):
        redacted("png", kept)


def test_a_label_that_is_not_there_is_answered_with_what_is() -> None:
    with pytest.raises(provenance.DefinitionError, match=r"did you mean 'cawg\.metadata'"):
        redacted("png", "cawg.metdata")


def test_an_unknown_reason_is_refused() -> None:
    with pytest.raises(provenance.DefinitionError, match="did you mean 'pii'"):
        redact(signed("png"), io.BytesIO(), ["cawg.metadata"], reason="pi", signer=signer())


@pytest.mark.parametrize("kind", KINDS)
def test_a_time_stamp_that_comes_later_counts(kind: str) -> None:
    out = io.BytesIO()
    timestamp(signed(kind), out, authority=LocalAuthority(pki().tsa), signer=signer())
    report = provenance.verify(out.getvalue(), trust=TRUST)
    assert report.state == "Trusted"
    below = report.manifests[1]
    assert Status.TIME_STAMP_TRUSTED in {one.status for one in below.findings}
    assert below.signature is not None
    assert below.signature.time is not None
    assert foreign(out.getvalue(), kind).state == "Trusted"


def test_statements_are_added_without_touching_the_content() -> None:
    out = io.BytesIO()
    wish = {"training_mining": {"ai_training": "notAllowed"}}
    update(signed("png"), out, wish, signer=signer())
    report = provenance.verify(out.getvalue(), trust=TRUST)
    assert report.state == "Trusted"
    labels = [one.label for one in report.manifests[0].assertions]
    assert labels == ["c2pa.ingredient.v3", "c2pa.actions.v2", "cawg.training-mining"]
    assert foreign(out.getvalue(), "png").state == "Trusted"


@pytest.mark.parametrize("note", ["a", "bc"], ids=["odd", "even"])
@pytest.mark.parametrize("asset", ["WAV", "WebP", "AVI", "TIFF", "GIF", "JPEG XL"])
def test_a_container_that_counts_its_store_takes_one_of_any_length(asset: str, note: str) -> None:
    first, out = provenance.sign_bytes(SAMPLES[asset](), MADE, signer=signer()), io.BytesIO()
    say = {"assertions": [{"label": "org.example.note", "data": {"note": note}}]}
    update(first, out, say, signer=signer())
    report = provenance.verify(out.getvalue(), trust=TRUST)
    assert report.state == "Trusted"
    assert report.asset.format is not None
    assert foreign(out.getvalue(), report.asset.format).state == "Trusted"


@pytest.mark.parametrize("wrong", [{"prompt": "x"}, {"actions": [{"action": "c2pa.cropped"}]}])
def test_an_update_cannot_say_that_the_content_changed(wrong: dict[str, Any]) -> None:
    with pytest.raises(provenance.DefinitionError):
        update(signed("png"), io.BytesIO(), wrong, signer=signer())


def test_an_unsigned_asset_cannot_be_updated() -> None:
    with pytest.raises(provenance.SigningError, match="needs one to stand upon"):
        update(picture("png"), io.BytesIO(), {"creators": ["A"]}, signer=signer())
