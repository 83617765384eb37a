"""`save_signed`: one call in place of `Image.save`, and nothing told that was not to be."""

import io
import warnings
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, features

import provenance
from provenance.generation.record import GenerationRecord, Model
from provenance.integrations.pillow import save_signed
from provenance.integrations.signing import ProvenanceWarning
from provenance.pipeline.lookup import models_in
from provenance.pipeline.telling import Disclosure
from tests.build.workshop import MADE, Broken, signer, verified

WORDS = "a fox in the style of a living painter"
RECORD = GenerationRecord(
    family="mine",
    generator="Painter",
    version="2.1",
    prompt=WORDS,
    negative_prompt="blurry, low quality",
    seed=4242424242,
    steps=20,
    models=(Model(kind="checkpoint", name="base.safetensors"),),
)
SUFFIXES = [".png", ".jpg", ".webp", ".gif", ".tiff"]
SUFFIXES += [".avif"] if features.check("avif") else []


def image() -> Image.Image:
    return Image.effect_noise((640, 400), 60).convert("RGB")


def broken(_: bytes) -> bytes:
    raise Broken


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVENANCE_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_that_we_sign_is_saved_signed(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    receipt = save_signed(image(), path, RECORD, signer=signer())
    assert receipt is not None
    assert receipt.output == path
    assert verified(path).state == "Trusted"
    with Image.open(path) as opened:
        assert opened.size == (640, 400)


def test_a_signed_picture_holds_no_words_path_or_key(tmp_path: Path) -> None:
    folder = tmp_path / "somebody" / "models"
    folder.mkdir(parents=True)
    (folder / "base.safetensors").write_bytes(b"\2" + bytes(7) + b"{}weights")
    path = tmp_path / "out.png"
    save_signed(image(), path, RECORD, signer=signer(), models=models_in([folder]))
    data = path.read_bytes()
    for secret in (WORDS, "blurry", "4242424242", str(tmp_path), "somebody", "PRIVATE KEY"):
        assert secret.encode() not in data
    manifest = verified(path).manifests[0]
    assert any(one.digest for one in manifest.ingredients)
    assert provenance.reveal(path, f"{path}.salts.json").ok


def test_saving_again_keeps_the_salts_of_before(tmp_path: Path) -> None:
    path = tmp_path / "out.png"
    first = save_signed(image(), path, RECORD, signer=signer())
    second = save_signed(image(), path, RECORD, signer=signer())
    assert first is not None
    assert second is not None
    assert first.salts != second.salts
    assert first.salts is not None
    assert second.salts is not None
    assert first.salts.exists()
    assert provenance.reveal(path, second.salts).ok


def test_a_definition_does_as_well(tmp_path: Path) -> None:
    path = tmp_path / "out.png"
    save_signed(image(), path, MADE | {"prompt": "a hen"}, signer=signer())
    assert b"a hen" in path.read_bytes()


def test_the_thumbnail_comes_from_the_picture_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "out.png"
    for mode in ("RGB", "RGBA", "P", "L", "1", "I;16"):
        picture = Image.new("L", (1600, 900)).convert("RGB" if mode == "I;16" else mode)
        before = picture.tobytes()
        save_signed(picture, path, {"generator": {"name": "P"}}, signer=signer())
        assert picture.tobytes() == before
        labels = [one.label for one in verified(path).manifests[0].assertions]
        assert "c2pa.thumbnail.claim" in labels


def test_an_animation_is_saved_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.gif"
    frames = [Image.new("RGB", (20, 20), (value, 0, 0)) for value in (0, 120, 240)]
    save_signed(frames[0], path, MADE, signer=signer(), save_all=True, append_images=frames[1:])
    with Image.open(path) as opened:
        assert getattr(opened, "n_frames", 1) == 3
    assert verified(path).state == "Trusted"


@pytest.mark.parametrize("on_error", ["warn", "skip"])
def test_a_picture_is_not_lost_when_signing_fails(tmp_path: Path, on_error: Any) -> None:
    path = tmp_path / "out.png"
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        found = save_signed(image(), path, RECORD, signer=signer(broken), on_error=on_error)
    assert found is None
    assert [one.category for one in seen] == ([ProvenanceWarning] if on_error == "warn" else [])
    assert verified(path).state is None
    assert not (tmp_path / "out.png.salts.json").exists()


def test_raise_leaves_no_unsigned_picture(tmp_path: Path) -> None:
    with pytest.raises(provenance.SigningError):
        save_signed(image(), tmp_path / "out.png", RECORD, signer=signer(broken))
    assert not (tmp_path / "out.png").exists()


def test_a_format_that_holds_no_store_is_an_error_like_others(tmp_path: Path) -> None:
    path = tmp_path / "out.bmp"
    with pytest.raises(provenance.UnsupportedFormatError):
        save_signed(image(), path, MADE, signer=signer())
    assert save_signed(image(), path, MADE, signer=signer(), on_error="skip") is None
    assert path.read_bytes()[:2] == b"BM"


@pytest.mark.parametrize(
    ("options", "wrong"),
    [({}, "signer or the name"), ({"profile": "a", "signer": True}, "signer or the name")],
)
def test_somebody_must_sign(tmp_path: Path, options: dict[str, Any], wrong: str) -> None:
    who = options | ({"signer": signer()} if "signer" in options else {})
    with pytest.raises(provenance.CredentialError, match=wrong):
        save_signed(image(), tmp_path / "out.png", MADE, **who)


def test_a_profile_is_a_name_and_never_a_key_or_a_path(tmp_path: Path) -> None:
    for secret in ("/home/ann/key.pem", "-----BEGIN PRIVATE KEY-----", "../x", "a b"):
        with pytest.raises(provenance.CredentialError) as caught:
            save_signed(image(), tmp_path / "out.png", MADE, profile=secret)
        assert secret not in str(caught.value)


def test_an_unknown_suffix_is_pillow_s_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown file extension"):
        save_signed(image(), tmp_path / "out.xyz", MADE, signer=signer())
    path = tmp_path / "out.xyz"
    save_signed(image(), path, MADE, signer=signer(), format="PNG")
    assert Image.open(io.BytesIO(path.read_bytes())).format == "PNG"


@pytest.mark.parametrize("how", [{"digital_source_type": "nonsense"}, {"no": "key"}])
def test_a_picture_is_not_lost_to_a_wrong_description(tmp_path: Path, how: Any) -> None:
    path = tmp_path / "out.png"
    with pytest.raises(provenance.DefinitionError):
        save_signed(image(), path, how, signer=signer())
    assert not path.exists()
    with pytest.warns(ProvenanceWarning, match=r"out\.png is not signed"):
        save_signed(image(), path, how, signer=signer(), on_error="warn")
    assert path.exists()


def test_a_profile_signs_and_says_what_it_has_to_say(tmp_path: Path, studio: Path) -> None:
    path = tmp_path / "out.png"
    save_signed(image(), path, RECORD, profile="studio")
    assert provenance.verify(path).state == "Valid"
    data = path.read_bytes()
    assert b"Studio Ada" in data
    for secret in (WORDS, str(tmp_path), "secret-keys", "PRIVATE KEY"):
        assert secret.encode() not in data
    studio.write_text(studio.read_text("utf-8") + 'prompt_mode = "open"\n', "utf-8")
    save_signed(image(), path, RECORD, profile="studio")
    assert WORDS.encode() in path.read_bytes()
    save_signed(image(), path, RECORD, profile="studio", disclosure=Disclosure())
    assert WORDS.encode() not in path.read_bytes()
