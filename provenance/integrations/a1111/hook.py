"""AUTOMATIC1111 and Forge: sign each picture when the web UI has saved it.

    on_before_image_saved   take the parameters out of what is going to be written
    on_image_saved          sign the file with what they say, and put them back for whoever is next

The parameters hold the prompt in clear; a signed picture commits to it instead, unless the settings
say to keep them. The salts, which hold all of it, go to the user's data folder.
"""

from pathlib import Path
from typing import Any

from provenance.generation.read import from_texts
from provenance.generation.record import GenerationRecord
from provenance.generation.texts import Text, Texts
from provenance.integrations.signing import Signing, private_salts, profile_named
from provenance.pipeline.from_metadata import definition_of
from provenance.pipeline.lookup import FindModel, models_in
from provenance.pipeline.telling import Disclosure

__all__ = ["on_before_image_saved", "on_image_saved", "on_ui_settings"]

_SECTION = ("provenance", "Provenance (C2PA)")
_HELD = "provenance_texts"  # on the parameters of one save


def on_ui_settings() -> None:
    """The settings page."""
    from modules import shared

    def add(name: str, default: Any, label: str, **more: Any) -> None:
        row = shared.OptionInfo(default, label, section=_SECTION, **more)
        shared.opts.add_option(f"provenance_{name}", row)

    modes = {"choices": ["commit", "omit", "open"]}
    errors = {"choices": ["warn", "raise", "skip"]}
    add("profile", "", "Profile to sign with: its name; empty: sign nothing")
    add("prompt_mode", "commit", "Prompt and settings in the manifest", component_args=modes)
    add("keep_parameters", False, "Keep the parameters, prompt and all, readable in the picture")
    add("on_error", "warn", "When a picture cannot be signed", component_args=errors)


def on_before_image_saved(params: Any) -> None:
    """Hold back the texts that would go into the picture."""
    if not _profile() or _option("keep_parameters", False):
        return
    texts = {key: value for key, value in params.pnginfo.items() if isinstance(value, str)}
    setattr(params, _HELD, texts)
    for key in texts:
        # Not taken away: the web UI would write the word None for parameters that are not there.
        params.pnginfo[key] = ""


def on_image_saved(params: Any) -> None:
    """Sign the file that was saved, in its place."""
    name = _profile()
    if not name:
        return
    held = getattr(params, _HELD, None)
    if held is not None:
        params.pnginfo.update(held)
    signing = Signing(
        profile=profile_named(name),
        on_error=_option("on_error", "warn"),
        disclosure=Disclosure(mode=_option("prompt_mode", "commit")),
        salts=private_salts,
    )
    record = _record(params.pnginfo)
    if record is None:
        return
    path = Path(params.filename)
    signing.sign(
        path,
        path,
        lambda: definition_of(record, models=_models(), disclosure=signing.telling()),
        in_place=True,
    )


def _record(pnginfo: Any) -> GenerationRecord | None:
    texts = (Text("png:tEXt", str(key), str(value)) for key, value in pnginfo.items() if value)
    return from_texts(Texts(tuple(texts)))


def _models() -> FindModel | None:
    """Models where the web UI keeps them."""
    from modules import paths, shared

    named = ("ckpt_dir", "lora_dir", "vae_dir", "embeddings_dir", "hypernetwork_dir")
    folders = [getattr(shared.cmd_opts, name, None) for name in named]
    there = [Path(one) for one in (paths.models_path, *folders) if one and Path(one).is_dir()]
    return models_in(there) if there else None


def _profile() -> str:
    return str(_option("profile", "") or "")


def _option(name: str, default: Any) -> Any:
    from modules import shared

    return getattr(shared.opts, f"provenance_{name}", default)
