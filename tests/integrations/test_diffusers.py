"""diffusers: a tiny pipeline with random weights, built on the spot, makes and signs a picture.

The tests with the real library need it: `pip install torch diffusers transformers`.
"""

import hashlib
import importlib
import importlib.util
import json
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import provenance
from provenance.integrations.diffusers import SignedPipeline
from provenance.integrations.diffusers_files import lora_file, origin_of
from provenance.pipeline.telling import Disclosure
from tests.build.workshop import MADE, named, signer, verified

WORDS = "a fox in the style of a living painter"
NEEDED = ("torch", "diffusers", "transformers")
needs_diffusers = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in NEEDED),
    reason="pip install torch diffusers transformers",
)
SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVENANCE_CACHE", str(tmp_path / "cache"))


class Net:
    """A component as far as the wrapper looks at it."""

    def __init__(self, place: Path | str) -> None:
        self.config = {"_name_or_path": str(place)}

    def parameters(self) -> list[Any]:
        return []


class Scheduler:
    pass


class Generator:
    def __init__(self, seed: int) -> None:
        self.seed = seed

    def initial_seed(self) -> int:
        return self.seed


class Output:
    def __init__(self, images: list[Image.Image]) -> None:
        self.images = images
        self.nsfw_content_detected = None


class StubPipeline:
    """The public face of a pipeline, with weights in a folder as the hub's cache has them."""

    def __init__(self, folder: Path) -> None:
        place = folder / "models--org--tiny" / "snapshots" / SHA
        for name in ("unet", "vae"):
            (place / name).mkdir(parents=True, exist_ok=True)
            for kind in ("safetensors", "bin", "fp16.safetensors"):
                file = place / name / f"diffusion_pytorch_model.{kind}"
                file.write_bytes(f"{name} {kind}".encode())
        self.name_or_path = str(place)
        self.components = {
            "vae": Net(place / "vae"),
            "scheduler": Scheduler(),
            "unet": Net(place / "unet"),
            "controlnet": Net("org/control"),
            "safety_checker": None,
        }
        self.scheduler = self.components["scheduler"]
        self.adapters: list[str] = []

    def __call__(
        self,
        prompt: Any = None,
        image: Any = None,
        strength: float = 0.8,
        num_inference_steps: int = 50,
        guidance_scale: float = 7.5,
        negative_prompt: Any = None,
        num_images_per_prompt: int = 1,
        generator: Any = None,
    ) -> Output:
        count = len(prompt) if isinstance(prompt, list) else 1
        return Output(
            [Image.new("RGB", (32, 32), (n, 9, 9)) for n in range(count * num_images_per_prompt)]
        )

    def to(self, device: str) -> "StubPipeline":
        return self

    def load_lora_weights(self, source: Any, adapter_name: str | None = None, **kw: Any) -> None:
        self.adapters.append(adapter_name or "default_0")

    def set_adapters(self, names: Any, weights: Any = None) -> None:
        pass

    def unload_lora_weights(self) -> None:
        self.adapters.clear()


def stub(folder: Path, **how: Any) -> SignedPipeline:
    return SignedPipeline(StubPipeline(folder), signer=signer(), **how)


def digests(path: Path) -> dict[str | None, str | None]:
    return {one.title: one.digest for one in verified(path).manifests[0].ingredients}


def sha256(path: Path) -> str:
    return "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()


def test_each_picture_of_a_batch_has_its_prompt_and_seed(tmp_path: Path) -> None:
    run = stub(tmp_path)(
        ["a fox", "a hen"],
        num_images_per_prompt=2,
        generator=[Generator(seed) for seed in (5, 6, 7, 8)],
    )
    assert [run.record(n).prompt for n in range(4)] == ["a fox", "a fox", "a hen", "a hen"]
    assert [run.record(n).seed for n in range(4)] == [5, 6, 7, 8]
    record = run.record()
    assert (record.steps, record.cfg, record.sampler) == (50, 7.5, "Scheduler")
    assert len(run.images) == 4


def test_models_are_named_by_revision_and_hashed(tmp_path: Path) -> None:
    pipeline = stub(tmp_path)
    path = tmp_path / "out.png"
    pipeline.to("cpu")(prompt=WORDS).save(path)
    place = Path(pipeline.name_or_path)
    found = digests(path)
    file = "diffusion_pytorch_model.safetensors"
    assert found[f"org/tiny/unet/{file}"] == sha256(place / "unet" / file)
    assert found[f"org/tiny/vae/{file}"] == sha256(place / "vae" / file)
    assert found["org/control/controlnet"] is None
    text = json.dumps(verified(path).to_dict())
    assert f"huggingface:org/tiny@{SHA}" in text
    assert "https://huggingface.co/org/tiny" in text
    assert b"fp16" not in path.read_bytes()


def test_a_variant_is_taken_where_it_was_asked_for(tmp_path: Path) -> None:
    run = stub(tmp_path, variant="fp16")(prompt="x")
    assert {one.name for one in run.record().models} >= {
        "org/tiny/unet/diffusion_pytorch_model.fp16.safetensors"
    }


def test_loras_are_remembered_with_their_weights(tmp_path: Path) -> None:
    lora = tmp_path / "fox.safetensors"
    lora.write_bytes(b"lora")
    pipeline = stub(tmp_path)
    pipeline.load_lora_weights(str(tmp_path), adapter_name="fox", weight_name="fox.safetensors")
    pipeline.load_lora_weights({"in": "memory"}, adapter_name="other")
    pipeline.set_adapters(["fox"], [0.7])
    run = pipeline(prompt="x")
    (one,) = (one for one in run.record().models if one.kind == "lora")
    assert (one.name, one.weight) == ("fox.safetensors", 0.7)
    run.save(tmp_path / "out.png")
    assert digests(tmp_path / "out.png")["fox.safetensors"] == sha256(lora)
    pipeline.unload_lora_weights()
    assert all(one.kind != "lora" for one in pipeline(prompt="x").record().models)


def test_a_picture_that_was_changed_is_the_parent_with_its_signer(tmp_path: Path) -> None:
    provenance.sign(named(tmp_path, "in.png"), tmp_path / "photo.png", MADE, signer=signer())
    with Image.open(tmp_path / "photo.png") as photo:
        run = stub(tmp_path)(prompt="x", image=photo)
        run.save(tmp_path / "out.png")
    (parent,) = (
        one
        for one in verified(tmp_path / "out.png").manifests[0].ingredients
        if one.relationship == "parentOf"
    )
    assert parent.title == "photo.png"
    assert parent.manifest == verified(tmp_path / "photo.png").active_manifest


def test_a_picture_in_memory_is_an_input_without_a_name(tmp_path: Path) -> None:
    run = stub(tmp_path)(prompt="x", image=Image.new("RGB", (9, 9)))
    (one,) = run.record().inputs
    assert (one.name, one.role) == (None, "init_image")
    run.save(tmp_path / "out.png")
    assert verified(tmp_path / "out.png").state == "Trusted"


def test_a_file_made_of_the_output_is_signed_in_its_place(tmp_path: Path) -> None:
    run = stub(tmp_path)(prompt=WORDS)
    path = named(tmp_path, "film.png")
    receipt = run.sign(path)
    assert receipt is not None
    assert verified(path).state == "Trusted"
    assert WORDS.encode() not in path.read_bytes()


def test_a_signed_picture_tells_nothing_but_names(tmp_path: Path) -> None:
    path = tmp_path / "out.png"
    stub(tmp_path)(
        prompt=WORDS, negative_prompt="blurry thing", generator=Generator(4242424242)
    ).save(path)
    data = path.read_bytes()
    for secret in (WORDS, "blurry thing", "4242424242", str(tmp_path), "snapshots", "PRIVATE KEY"):
        assert secret.encode() not in data
    opened = stub(tmp_path, disclosure=Disclosure(mode="open"))(prompt=WORDS)
    opened.save(tmp_path / "open.png")
    assert WORDS.encode() in (tmp_path / "open.png").read_bytes()


def test_a_weight_file_that_is_gone_does_not_lose_the_picture(tmp_path: Path) -> None:
    pipeline = stub(tmp_path, on_error="skip")
    run = pipeline(prompt="x")
    for file in Path(pipeline.name_or_path).rglob("*.safetensors"):
        file.unlink()
    receipt = run.save(tmp_path / "out.png")
    assert receipt is not None
    assert set(digests(tmp_path / "out.png").values()) == {None}


@pytest.mark.parametrize(
    ("text", "name", "hub"),
    [
        (f"/home/ann/models--org--x/snapshots/{SHA}", "org/x", True),
        (f"C:\\Users\\ann\\models--org--x\\snapshots\\{SHA}\\unet", "org/x", True),
        ("org/x", "org/x", True),
        ("/home/ann/my model", "my model", False),
        ("", None, False),
        (None, None, False),
    ],
)
def test_an_origin_is_a_name_and_no_folder(text: Any, name: str | None, hub: bool) -> None:
    found = origin_of(text)
    assert (found.name, found.hub) == (name, hub)


def test_a_lora_in_memory_has_no_file(tmp_path: Path) -> None:
    assert lora_file({}, None, None) is None
    assert lora_file(str(tmp_path), "none.safetensors", None) is None
    (tmp_path / "pytorch_lora_weights.safetensors").write_bytes(b"x")
    assert lora_file(str(tmp_path), None, None) == tmp_path / "pytorch_lora_weights.safetensors"


def test_the_framework_is_not_imported_by_the_hook() -> None:
    assert "provenance.integrations.diffusers" in sys.modules
    source = Path(sys.modules["provenance.integrations.diffusers"].__file__ or "").read_text(
        "utf-8"
    )
    assert "import torch" not in source
    assert "from diffusers" not in source


def tiny(folder: Path) -> Any:
    """A Stable Diffusion of a few thousand random weights, saved and loaded again."""
    torch: Any = importlib.import_module("torch")
    diffusers: Any = importlib.import_module("diffusers")
    transformers: Any = importlib.import_module("transformers")
    torch.manual_seed(0)
    unet = diffusers.UNet2DConditionModel(
        block_out_channels=(4, 8),
        layers_per_block=1,
        sample_size=8,
        in_channels=4,
        out_channels=4,
        norm_num_groups=2,
        attention_head_dim=2,
        cross_attention_dim=8,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )
    vae = diffusers.AutoencoderKL(
        block_out_channels=[4, 8],
        latent_channels=4,
        norm_num_groups=2,
        down_block_types=["DownEncoderBlock2D"] * 2,
        up_block_types=["UpDecoderBlock2D"] * 2,
    )
    letters = [chr(n) for n in range(97, 123)]
    words = [*(one + "</w>" for one in letters), *letters, "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({w: n for n, w in enumerate(words)}), "utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", "utf-8")
    tokenizer = transformers.CLIPTokenizer(
        str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=16
    )
    config = transformers.CLIPTextConfig(
        hidden_size=8,
        intermediate_size=8,
        num_attention_heads=2,
        vocab_size=54,
        num_hidden_layers=1,
        max_position_embeddings=16,
        bos_token_id=52,
        eos_token_id=53,
        pad_token_id=1,
    )
    made = diffusers.StableDiffusionPipeline(
        unet=unet,
        vae=vae,
        text_encoder=transformers.CLIPTextModel(config),
        tokenizer=tokenizer,
        scheduler=diffusers.DDIMScheduler(clip_sample=False, steps_offset=1),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    made.save_pretrained(str(folder / "tiny-model"))
    return diffusers.StableDiffusionPipeline.from_pretrained(str(folder / "tiny-model"))


@needs_diffusers
@pytest.mark.filterwarnings("ignore")
def test_a_real_pipeline_is_traced_to_its_weight_files(tmp_path: Path) -> None:
    torch: Any = importlib.import_module("torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline = SignedPipeline(tiny(tmp_path), signer=signer())
    pipeline.set_progress_bar_config(disable=True)
    path = tmp_path / "out.png"
    run = pipeline(
        prompt=WORDS,
        num_inference_steps=2,
        height=16,
        width=16,
        generator=torch.Generator().manual_seed(4242424242),
    )
    receipt = run.save(path)
    assert receipt is not None
    assert verified(path).state == "Trusted"
    found = digests(path)
    weights = sorted((tmp_path / "tiny-model").rglob("*.safetensors"))
    assert len(weights) == 3
    for file in weights:
        title = f"tiny-model/{file.parent.name}/{file.name}"
        assert found[title] == sha256(file)
    traced = provenance.trace(path, resolve=[tmp_path / "tiny-model"])
    hashes = {one.asset_sha256 for one in traced.graph.works.values()}
    assert {hashlib.sha256(file.read_bytes()).hexdigest() for file in weights} <= hashes
    data = path.read_bytes()
    for secret in (WORDS, "4242424242", str(tmp_path), "PRIVATE KEY"):
        assert secret.encode() not in data
    assert receipt.salts is not None
    proven = provenance.reveal(path, receipt.salts)
    assert proven.ok
    assert proven.fields["seed"].value == 4242424242
    assert proven.fields["prompt"].value == WORDS
    assert proven.fields["sampler"].value == "DDIMScheduler"
