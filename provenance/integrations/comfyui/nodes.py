"""The nodes: save pictures signed, and verify a file in ComfyUI's own folders.

A node's widgets are saved with every picture and every workflow. So the only thing that can be
typed here about a key is the name of a profile; the key itself stays where the profile says.
"""

from functools import cache, partial
from pathlib import Path
from typing import Any, ClassVar

from provenance.build.definition import ActionDefinition, Agent, ManifestDefinition
from provenance.errors import CredentialError, DefinitionError, ProvenanceError
from provenance.integrations.comfyui.graph import input_file, model_file, record_of
from provenance.integrations.pillow import save_with
from provenance.integrations.signing import Signing, is_profile_name, private_salts, profile_named
from provenance.pipeline.from_metadata import definition_of
from provenance.pipeline.lookup import known_models
from provenance.pipeline.telling import Disclosure
from provenance.profiles import profile_names

__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS", "SaveSigned", "Verify"]

_Row = dict[str, Any]
_CATEGORY = "provenance"
_SUFFIXES = {"png": ".png", "webp": ".webp", "jpeg": ".jpg"}
_SAVED_AS: dict[str, _Row] = {
    "png": {"compress_level": 4},
    "webp": {"quality": 90},
    "jpeg": {"quality": 95},
}


class SaveSigned:
    """Save pictures with a signed manifest: what the graph above this node is made of."""

    CATEGORY = _CATEGORY
    FUNCTION = "save"
    OUTPUT_NODE = True
    RETURN_TYPES: ClassVar[tuple[str, ...]] = ()
    DESCRIPTION = (
        "Signs what this workflow made: models by hash, inputs with their own credentials. "
        "Prompt and settings are committed to, not shown, unless opened."
    )

    @classmethod
    def INPUT_TYPES(cls) -> _Row:  # ComfyUI's name
        """What the node is given."""
        return {
            "required": {
                "images": ("IMAGE",),
                "filename_prefix": ("STRING", {"default": "ComfyUI"}),
                "profile": _profiles(),
                "format": (tuple(_SUFFIXES), {"default": "png"}),
                "prompt_mode": (("commit", "omit", "open"), {"default": "commit"}),
                "store_workflow": ("BOOLEAN", {"default": False}),
                "on_error": (("raise", "warn", "skip"), {"default": "raise"}),
            },
            "hidden": {
                "prompt": "PROMPT",
                "extra_pnginfo": "EXTRA_PNGINFO",
                "unique_id": "UNIQUE_ID",
            },
        }

    @classmethod
    def VALIDATE_INPUTS(cls, profile: str) -> bool | str:  # ComfyUI's name
        """Refuse, before anything runs, what is no profile's name."""
        try:
            profile_named(profile)
        except CredentialError as error:
            return str(error)
        return True

    def save(
        self,
        images: Any,
        filename_prefix: str = "ComfyUI",
        profile: str = "default",
        format: str = "png",  # noqa: A002  # the widget's name
        prompt_mode: Any = "commit",
        store_workflow: bool = False,
        on_error: Any = "raise",
        prompt: Any = None,
        extra_pnginfo: Any = None,
        unique_id: Any = None,
    ) -> _Row:
        """Save a batch of pictures into ComfyUI's output folder."""
        import folder_paths

        signing = Signing(
            profile=profile_named(profile),
            on_error=on_error,
            disclosure=Disclosure(mode=prompt_mode, workflow=store_workflow),
            salts=private_salts,
        )
        drawn = extra_pnginfo.get("workflow") if isinstance(extra_pnginfo, dict) else None
        record = record_of(prompt, str(unique_id), drawn)
        pictures = [_picture(one) for one in images]
        width, height = pictures[0].size if pictures else (0, 0)
        top = folder_paths.get_output_directory()
        folder, name, counter, subfolder, _ = folder_paths.get_save_image_path(
            filename_prefix, top, width, height
        )
        tell = cache(partial(_told, signing, record))  # of a batch once
        saved = []
        for number, picture in enumerate(pictures):
            plain = name.replace("%batch_num%", str(number))
            file = f"{plain}_{counter + number:05}_{_SUFFIXES[format]}"
            save_with(signing, picture, Path(folder, file), tell, **_SAVED_AS[format])
            saved.append({"filename": file, "subfolder": subfolder, "type": "output"})
        return {"ui": {"images": saved}}


def _profiles() -> tuple[Any, _Row]:
    """The names of the profiles there are; where there are none, a place for one."""
    tip = {"tooltip": "Name of a profile: its file says where the key is"}
    try:
        names = tuple(name for name in profile_names() if is_profile_name(name))
    except ProvenanceError:
        names = ()
    return (names, tip) if names else ("STRING", {"default": "default", **tip})


def _told(signing: Signing, record: Any) -> ManifestDefinition:
    """What the manifest of each picture says. Of a graph that is not understood, little."""
    import folder_paths

    if record is None:
        done = ActionDefinition(action="c2pa.unknown", software_agent=Agent("ComfyUI"))
        return ManifestDefinition(actions=(done,))
    folders = [folder_paths.get_input_directory(), folder_paths.get_output_directory()]
    return definition_of(
        record,
        models=known_models(model_file(folder_paths.get_full_path)),
        inputs=input_file(folders),
        disclosure=signing.telling(),
    )


def _picture(tensor: Any) -> Any:
    """One picture of a batch: height, width, channels; numbers from 0 to 1."""
    import numpy
    from PIL import Image

    values = tensor.cpu().numpy() if hasattr(tensor, "cpu") else numpy.asarray(tensor)
    return Image.fromarray((values * 255.0).clip(0, 255).astype(numpy.uint8))


class Verify:
    """Verify a file in ComfyUI's input, output or temporary folder."""

    CATEGORY = _CATEGORY
    FUNCTION = "verify"
    RETURN_TYPES: ClassVar[tuple[str, ...]] = ("STRING", "STRING")
    RETURN_NAMES: ClassVar[tuple[str, ...]] = ("state", "report")

    @classmethod
    def INPUT_TYPES(cls) -> _Row:  # ComfyUI's name
        """What the node is given."""
        tip = "Such as photo.png, or ComfyUI_00001_.png [output]"
        return {"required": {"file": ("STRING", {"default": "", "tooltip": tip})}}

    @classmethod
    def IS_CHANGED(cls, file: str) -> float:  # ComfyUI's name
        """Look anew each time: the file may be another by now."""
        return float("nan")

    def verify(self, file: str) -> tuple[str, str]:
        """The state in a word, and what `provenance inspect` shows.

        Raises:
            DefinitionError: the file is in none of ComfyUI's folders.
        """
        from provenance.report.tree import tree
        from provenance.validate.run import verify

        path = _own_file(file)
        try:
            report = verify(path)
        except ProvenanceError as error:
            return "unreadable", str(error)
        state = "no manifest" if report.state is None else str(report.state)
        return state, tree(report).replace(str(path.parent), "").lstrip("/\\")


def _own_file(name: str) -> Path:
    import folder_paths

    path = Path(folder_paths.get_annotated_filepath(name)).resolve()
    tops = (
        folder_paths.get_input_directory(),
        folder_paths.get_output_directory(),
        folder_paths.get_temp_directory(),
    )
    if not path.is_file() or not any(path.is_relative_to(Path(top).resolve()) for top in tops):
        raise DefinitionError("file", "is not in ComfyUI's input, output or temporary folder")
    return path


NODE_CLASS_MAPPINGS: dict[str, type] = {
    "ProvenanceSaveSigned": SaveSigned,
    "ProvenanceVerify": Verify,
}
NODE_DISPLAY_NAME_MAPPINGS: dict[str, str] = {
    "ProvenanceSaveSigned": "Save Image, signed (C2PA)",
    "ProvenanceVerify": "Verify File (C2PA)",
}
