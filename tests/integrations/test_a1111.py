"""The extension of AUTOMATIC1111 and Forge, with a stub of their `modules.script_callbacks`."""

import runpy
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import provenance
from provenance.integrations import signing
from provenance.integrations.a1111 import hook
from provenance.profiles import ProfileError
from tests.build.workshop import verified

WORDS = "a fox in the style of a living painter"
TEXT = f"{WORDS}\nNegative prompt: blurry thing\nSteps: 20, Sampler: Euler a, CFG scale: 7, "
TEXT += 'Seed: 4242424242, Size: 24x16, Model: base, Lora hashes: "fox: 0123456789ab", '
TEXT += "Version: v1.10.1"


class ImageSaveParams:
    def __init__(self, filename: Path, pnginfo: dict[str, Any]) -> None:
        self.image = Image.new("RGB", (24, 16), (9, 90, 200))
        self.p = None
        self.filename = str(filename)
        self.pnginfo = pnginfo


class WebUi:
    """As much of the web UI as saves a picture."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.callbacks: dict[str, list[Any]] = {}
        self.options: dict[str, Any] = {}
        callbacks = types.ModuleType("modules.script_callbacks")
        for name in ("ui_settings", "before_image_saved", "image_saved"):
            self.callbacks[name] = []
            setattr(callbacks, f"on_{name}", self.callbacks[name].append)
        shared = types.ModuleType("modules.shared")
        self.opts = types.SimpleNamespace(add_option=self._add_option)
        shared.__dict__.update(
            opts=self.opts,
            OptionInfo=lambda default, label, **more: types.SimpleNamespace(
                default=default, label=label, **more
            ),
            cmd_opts=types.SimpleNamespace(ckpt_dir=None, lora_dir=str(folder / "lora")),
        )
        paths = types.ModuleType("modules.paths")
        paths.__dict__["models_path"] = str(folder / "models")
        modules = types.ModuleType("modules")
        modules.__dict__.update(script_callbacks=callbacks, shared=shared, paths=paths)
        self.modules = {
            "modules": modules,
            "modules.script_callbacks": callbacks,
            "modules.shared": shared,
            "modules.paths": paths,
        }

    def _add_option(self, name: str, info: Any) -> None:
        self.options[name] = info
        setattr(self.opts, name, info.default)

    def save(self, name: str, text: str | None = TEXT) -> tuple[Path, ImageSaveParams]:
        path = self.folder / name
        params = ImageSaveParams(path, {} if text is None else {"parameters": text})
        for callback in self.callbacks["before_image_saved"]:
            callback(params)
        self._write(path, params)
        for callback in self.callbacks["image_saved"]:
            callback(params)
        return path, params

    def _write(self, path: Path, params: ImageSaveParams) -> None:
        if path.suffix == ".png":
            info = PngInfo()
            for key, value in params.pnginfo.items():
                info.add_text(key, str(value))
            params.image.save(path, pnginfo=info)
            return
        exif = Image.Exif()
        exif[0x9286] = params.pnginfo.get("parameters", "")
        params.image.save(path, exif=exif)


@pytest.fixture
def web_ui(tmp_path: Path, studio: Path, monkeypatch: pytest.MonkeyPatch) -> WebUi:
    """The web UI with the extension loaded by its path, and a profile chosen."""
    (tmp_path / "models" / "Stable-diffusion").mkdir(parents=True)
    weights = tmp_path / "models" / "Stable-diffusion" / "base.safetensors"
    weights.write_bytes(b"\2" + bytes(7) + b"{}weights")
    ui = WebUi(tmp_path)
    for name, module in ui.modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    runpy.run_path(str(Path(hook.__file__).parent / "scripts" / "provenance.py"))
    for callback in ui.callbacks["ui_settings"]:
        callback()
    ui.opts.provenance_profile = "studio"
    return ui


def salts(ui: WebUi) -> list[Path]:
    return sorted((ui.folder / "data" / "salts").glob("*"))


@pytest.mark.parametrize("name", ["out.png", "out.jpg", "out.webp"])
def test_a_saved_picture_is_signed_and_tells_no_words(web_ui: WebUi, name: str) -> None:
    path, params = web_ui.save(name)
    assert verified(path).state == "Valid"
    data = path.read_bytes()
    for secret in (
        WORDS,
        "blurry thing",
        "4242424242",
        str(web_ui.folder),
        "PRIVATE KEY",
        "secret-keys",
    ):
        assert secret.encode() not in data
        assert secret.encode("utf-16-be") not in data
    assert params.pnginfo == {"parameters": TEXT}
    by_title = {one.title: one for one in verified(path).manifests[0].ingredients}
    assert by_title["base"].digest
    assert "fox" in by_title
    (held,) = salts(web_ui)
    proven = provenance.reveal(path, held)
    assert proven.ok
    assert proven.fields["seed"].value == 4242424242
    assert proven.fields["prompt"].value == WORDS


def test_the_parameters_stay_where_the_settings_say_so(web_ui: WebUi) -> None:
    web_ui.opts.provenance_keep_parameters = True
    path, _ = web_ui.save("out.png")
    assert WORDS.encode() in path.read_bytes()
    assert verified(path).state == "Valid"


def test_without_a_profile_nothing_is_touched(web_ui: WebUi) -> None:
    web_ui.opts.provenance_profile = ""
    path, _ = web_ui.save("out.png")
    assert WORDS.encode() in path.read_bytes()
    assert verified(path).state is None


def test_a_picture_without_parameters_is_left_alone(web_ui: WebUi) -> None:
    path, _ = web_ui.save("out.png", None)
    assert verified(path).state is None


def test_a_picture_that_cannot_be_signed_stays(web_ui: WebUi) -> None:
    web_ui.opts.provenance_profile = "gone"
    with pytest.warns(signing.ProvenanceWarning, match="'gone'"):
        path, params = web_ui.save("out.png")
    assert verified(path).state is None
    assert params.pnginfo == {"parameters": TEXT}
    web_ui.opts.provenance_on_error = "skip"
    web_ui.save("other.png")
    web_ui.opts.provenance_on_error = "raise"
    with pytest.raises(ProfileError):
        web_ui.save("third.png")


def test_the_settings_ask_for_no_key(web_ui: WebUi) -> None:
    assert set(web_ui.options) == {
        f"provenance_{name}" for name in ("profile", "prompt_mode", "keep_parameters", "on_error")
    }
    assert all(
        one.section == ("provenance", "Provenance (C2PA)") for one in web_ui.options.values()
    )
    web_ui.opts.provenance_profile = "/home/ann/key.pem"
    with pytest.raises(provenance.CredentialError):
        web_ui.save("out.png")
