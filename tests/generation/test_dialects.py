"""Every dialect, from files made here: what it records, and what it must not be taken for."""

import json
from pathlib import Path
from typing import Any

import pytest

from provenance.generation.read import read_generation
from provenance.generation.record import GenerationRecord
from tests.generation import writers as w


def texts(**said: Any) -> bytes:
    """A PNG with a text for each argument; what is no text is written as JSON."""
    rows = [
        key.encode() + b"\0" + (one if isinstance(one, str) else json.dumps(one)).encode()
        for key, one in said.items()
    ]
    return w.png(*(w.chunk(b"tEXt", row) for row in rows))


def comment(said: Any) -> bytes:
    """A JPEG with a UserComment."""
    text = said if isinstance(said, str) else json.dumps(said)
    return w.jpeg((0xE1, b"Exif\0\0" + w.user_comment(text)))


def of(data: bytes) -> GenerationRecord:
    record = read_generation(data)
    assert record is not None
    return record


def named(record: GenerationRecord) -> list[tuple[Any, ...]]:
    found = (*record.models, *record.models_optional)
    return [(one.kind, one.name, one.hash, one.weight) for one in found]


def settings(version: str, more: str = "") -> str:
    return f"a cat\nSteps: 20, Sampler: Euler, Seed: 1, {more}Version: {version}"


@pytest.mark.parametrize(
    ("version", "generator"),
    [
        ("v1.10.1", "AUTOMATIC1111"),
        ("v1.9.4-169-ga30b19dd", "AUTOMATIC1111"),
        ("1.6.0", "AUTOMATIC1111"),
        ("f2.0.1v1.10.1-previous-669-gdfdcbab6", "Forge"),
        ("f0.0.17v1.8.0rc-latest-276", "Forge"),
        ("f1.0.0v2-v1.10.1RC-latest-2498-g5120e679", "reForge"),
        ("f1.3.0-v1.10.1RC-latest", "reForge"),
        ("neo", "Forge Neo"),
        ("neo-2.28", "Forge Neo"),
        ("classic", "Forge Classic"),
        ("ComfyUI", "ComfyUI"),
        ("Fooocus v2.5.5", "Fooocus"),
        ("stable-diffusion.cpp", "stable-diffusion.cpp"),
        ("0123abc", None),
    ],
)
def test_the_version_tells_who_wrote_it(version: str, generator: str | None) -> None:
    assert of(texts(parameters=settings(version))).generator == generator


def test_an_app_is_named_outright() -> None:
    record = of(comment(settings("56a8aea", "App: SD.Next, Init image hash: fd2a86eb, ")))
    assert (record.generator, record.version) == ("SD.Next", "56a8aea")
    assert [(one.role, one.hash) for one in record.inputs] == [("init_image", "fd2a86eb")]


@pytest.mark.parametrize(
    ("text", "prompt", "negative"),
    [
        ("a\nb\nNegative prompt: c\nd\nSteps: 1, Seed: 2", "a\nb", "c\nd"),
        ("a\r\nNegative prompt: \r\nSteps: 1, Seed: 2", "a", ""),
        ("Negative prompt: c\nSteps: 1, Seed: 2", None, "c"),
        ("Steps: 1, Seed: 2", None, None),
        ("Steps: 9 of it\nthe end\nSteps: 1, Seed: 2", "Steps: 9 of it\nthe end", None),
        ("a\nSteps: 1, Seed: 2\nTemplate: x, Steps: 5", "a", None),
    ],
)
def test_the_text_is_parted_where_its_settings_start(
    text: str, prompt: str | None, negative: str | None
) -> None:
    record = of(texts(parameters=text))
    assert (record.prompt, record.negative_prompt) == (prompt, negative)
    assert (record.steps, record.seed) == (1, 2)


def test_networks_units_and_parts_are_models() -> None:
    text = settings(
        "v1.10.1",
        "Model: m, Model hash: 15012c538f, VAE: v.pt, VAE hash: aa11bb22cc, "
        "Refiner: r [00112233aa], "
        'ControlNet 0: "Module: canny, Model: c [cab727d4], Weight: 1", '
        'TI hashes: "t: 339cc9210f70", '
        'Lora hashes: "k: 45b5bd0819cf", ADetailer model: face.pt, Hires upscaler: ESRGAN, ',
    ).replace("a cat", "a cat <lora:k:0.5> <lyco:y:1:2> <hypernet:h:0.3>")
    assert set(named(of(texts(parameters=text)))) == {
        ("checkpoint", "m", "15012c538f", None),
        ("vae", "v.pt", "aa11bb22cc", None),
        ("refiner", "r", "00112233aa", None),
        ("controlnet", "c", "cab727d4", None),
        ("embedding", "t", "339cc9210f70", None),
        ("lora", "k", "45b5bd0819cf", 0.5),
        ("lora", "y", None, 1),
        ("hypernetwork", "h", None, 0.3),
        ("detector", "face.pt", None, None),
        ("upscaler", "ESRGAN", None, None),
    }


def test_hashes_name_what_no_other_key_does() -> None:
    hashes = json.dumps({"model": "15012c538f", "lora:k": "45b5bd0819", "embed:t": "339cc9210f"})
    text = settings("v1.6.0", f"Model: m, Model hash: 15012c538f, Hashes: {hashes}, ")
    assert set(named(of(texts(parameters=text)))) == {
        ("checkpoint", "m", "15012c538f", None),
        ("lora", "k", "45b5bd0819", None),
        ("embedding", "t", "339cc9210f", None),
    }


def test_civitai_names_versions_of_its_catalogue() -> None:
    resources = [
        {"type": "checkpoint", "modelVersionId": 7, "modelName": "M"},
        {"type": "lora", "weight": 0.5, "modelVersionId": 8, "modelName": "L"},
        {"type": "embed", "air": "urn:air:sd1:embedding:civitai:1@2"},
    ]
    text = f"a cat\nSteps: 20, Seed: 1, Civitai resources: {json.dumps(resources)}"
    record = of(comment(f"{text}, Civitai metadata: {{}}"))
    assert record.generator == "Civitai"
    assert [(one.kind, one.name, one.ref) for one in record.models] == [
        ("checkpoint", "M", "civitai-version:7"),
        ("lora", "L", "civitai-version:8"),
        ("embedding", None, "urn:air:sd1:embedding:civitai:1@2"),
    ]


def test_services_around_a_graph_know_more_than_the_graph() -> None:
    text = "a cat\nSteps: 20, Sampler: Euler, Seed: 1, Model: m"
    record = of(texts(prompt=w.GRAPH, parameters=text, smproj={"Version": 2}))
    assert (record.generator, record.seed) == ("Stability Matrix", 1)
    asked = {"prompt": "a cow", "seed": "-1", "baseModel": {"modelFileName": "B", "hash": "AA"}}
    record = of(texts(prompt=w.GRAPH, generation_data=asked))
    assert (record.generator, record.prompt, record.seed) == ("Tensor.Art", "a cow", 42)
    assert named(record) == [("checkpoint", "B", "AA", None)]


def test_the_graph_that_ran_is_believed_before_a_text_beside_it() -> None:
    record = of(texts(prompt=w.GRAPH, parameters="unknown\nSteps: 1, Seed: 2, Model: other"))
    assert (record.prompt, record.seed) == ("a cat", 42)
    only_size = {"4": w.GRAPH["4"]}
    record = of(texts(prompt=only_size, parameters="a cow\nSteps: 1, Seed: 2"))
    assert (record.generator, record.prompt, record.seed) == ("ComfyUI", "a cow", 2)


def test_novelai_keeps_its_model_in_its_source() -> None:
    said = {"uc": "a dog", "seed": 7, "steps": 28, "scale": 5.5, "request_type": "Img2ImgRequest"}
    data = texts(Software="NovelAI", Source="NAI V4 4BDE2A90", Description="a cat", Comment=said)
    record = of(data)
    assert (record.version, record.prompt, record.negative_prompt) == ("NAI V4", "a cat", "a dog")
    assert named(record) == [("checkpoint", "NAI V4", "4BDE2A90", None)]
    assert [one.role for one in record.inputs] == ["init_image"]
    tool = of(texts(Software="NovelAI", Comment={"req_type": "emotion"}, Description="a cat"))
    assert (tool.generator, tool.prompt, tool.seed) == ("NovelAI", None, None)


def test_swarmui_hashes_are_found_by_parameter() -> None:
    params = {"prompt": "a cat", "model": "Flux/m", "seed": 3, "swarm_version": "0.9"}
    params |= {"loras": "a,b", "loraweights": "1,0.5", "refinerupscalemethod": "model-E.pth"}
    listed = [
        {"name": "m.safetensors", "param": "model", "hash": "0xaa"},
        {"name": "a", "param": "loras", "hash": "0xbb"},
    ]
    record = of(comment({"sui_image_params": params, "sui_models": listed}))
    assert named(record) == [
        ("checkpoint", "Flux/m", "0xaa", None),
        ("lora", "a", "0xbb", 1),
        ("lora", "b", None, 0.5),
        ("upscaler", "E.pth", None, None),
    ]
    assert record.negative_prompt is None


def test_invokeai_of_three_ages() -> None:
    new = {
        "positive_prompt": "a cat",
        "seed": 2,
        "model": {"name": "M", "hash": "blake3:aa"},
        "loras": [{"model": {"name": "L"}, "weight": 0.5}],
        "controlnets": [{"control_model": {"name": "C"}, "image": {"image_name": "c.png"}}],
        "app_version": "6.0",
    }
    record = of(texts(invokeai_metadata=new))
    assert named(record) == [
        ("checkpoint", "M", "blake3:aa", None),
        ("lora", "L", None, 0.5),
        ("controlnet", "C", None, None),
    ]
    assert [(one.name, one.role) for one in record.inputs] == [("c.png", "control")]
    image = {"prompt": [{"prompt": "a cat [dogs] <fur> [rain]", "weight": 1}], "seed": 3}
    image |= {"init_img": "/home/ada/a.png", "orig_hash": "aa"}
    old = {"app_id": "invoke-ai/InvokeAI", "app_version": "2.3", "image": image}
    record = of(texts(**{"sd-metadata": old}))
    assert (record.prompt, record.negative_prompt) == ("a cat  <fur>", "dogs, rain")
    assert [(one.name, one.hash) for one in record.inputs] == [("a.png", "aa")]
    record = of(texts(Dream='"a cat" -s50 -S42 -W512 -H 256 -C7.5 -Ak_lms'))
    assert (record.generator, record.steps, record.seed) == (None, 50, 42)
    assert (record.size, record.cfg, record.sampler) == ((512, 256), 7.5, "k_lms")


@pytest.mark.parametrize(
    "text", ["<too lazy to implement>", "!mask a.png", "!fix x -S 1 -s 2", "x"]
)
def test_a_placeholder_is_no_prompt(text: str) -> None:
    assert read_generation(texts(Dream=text)) is None


@pytest.mark.parametrize("title", [False, True])
def test_fooocus_and_its_forks_spell_keys_in_two_ways(title: bool) -> None:
    said: dict[str, Any] = {"prompt": "a cat", "seed": "127589946317439009", "full_prompt": ["x"]}
    said |= {"base_model": "M", "base_model_hash": "aa", "resolution": "(512, 768)"}
    said |= {"loras": [["L", 0.1, "bb"]], "version": "Fooocus v2.5.5", "refiner_model": "None"}
    if title:
        said = {key.replace("_", " ").title(): one for key, one in said.items()}
    record = of(texts(parameters=said, fooocus_scheme="fooocus"))
    assert (record.generator, record.version) == ("Fooocus", "Fooocus v2.5.5")
    assert (record.seed, record.size) == (127589946317439009, (512, 768))
    assert named(record) == [("checkpoint", "M", "aa", None), ("lora", "L", "bb", 0.1)]


def test_ruinedfooocus_has_its_weights_in_its_names() -> None:
    said = {"Prompt": "a cat", "Negative": ", ", "seed": 1, "base_model_name": "a/M.ckpt"}
    said |= {"loras": [["bb", "0.5 - L.safetensors"]], "software": "RuinedFooocus"}
    record = of(texts(parameters=said))
    assert (record.generator, record.negative_prompt) == ("RuinedFooocus", ",")
    assert named(record)[1] == ("lora", "L.safetensors", "bb", 0.5)


def test_easy_diffusion_writes_words_for_nothing() -> None:
    said = {"prompt": "a cat", "seed": "5", "use_stable_diffusion_model": "M", "clip_skip": "False"}
    said |= {"use_vae_model": "None", "use_lora_model": "['a', 'b']", "lora_alpha": "[0.5, 1]"}
    record = of(texts(**said))
    assert record.generator == "Easy Diffusion"
    assert named(record) == [
        ("checkpoint", "M", None, None),
        ("lora", "a", None, 0.5),
        ("lora", "b", None, 1),
    ]
    labels = {"Prompt": "a cow", "Stable Diffusion model": "M", "Seed": "6"}
    assert of(texts(**labels)).prompt == "a cow"


def test_mflux_paths_become_names() -> None:
    said = {"mflux_version": "1", "model": "org/M", "prompt": "a cat", "lora_scales": [0.5]}
    said |= {"lora_paths": ["/Users/ada/L.safetensors"], "image_path": "/Users/ada/a.png"}
    record = of(comment(said))
    assert named(record) == [
        ("checkpoint", "org/M", None, None),
        ("lora", "L.safetensors", None, 0.5),
    ]
    assert [one.name for one in record.inputs] == ["a.png"]
    assert "ada" not in json.dumps(record.to_dict())


def test_draw_things_mochi_and_diffusers_are_told_apart() -> None:
    said = {"c": "a cat", "uc": "", "model": "M", "seed": 1, "size": "64x32", "scale": 4}
    record = of(comment(said))
    assert (record.generator, record.size, record.negative_prompt) == ("Draw Things", (64, 32), "")
    words = b"Include in Image: a; b; Exclude from Image: c; Model: M; Seed: 1; "
    words += b"Generator: Mochi Diffusion 6.0"
    record = of(w.jpeg((0xE1, b"Exif\0\0" + w.exif_block({0x010E: words}))))
    assert (record.generator, record.version, record.prompt) == ("Mochi Diffusion", "6.0", "a; b")
    record = of(texts(parameters={"prompt": "a cat", "num_inference_steps": 4, "seed": 1}))
    assert (record.generator, record.prompt, record.steps) == (None, "a cat", 4)


def test_pictures_that_midjourney_was_shown_lose_their_signatures() -> None:
    job = "Job ID: 5d000914-aa5a-4b73-8a80-4c5315b9366b"
    words = f"https://cdn/x/a.png?hm=0123abcd a cat --sref https://cdn/y?hm=4567 --niji 6 {job}"
    record = of(texts(Description=words))
    assert (record.prompt, record.version) == ("a cat", "niji 6")
    assert [one.name for one in record.inputs] == ["a.png"]
    assert "hm=" not in json.dumps(record.to_dict())


def test_a_model_file_tells_its_parents_and_no_folders() -> None:
    said = {
        "ss_output_name": "fur",
        "ss_network_module": "networks.lora",
        "ss_sd_model_name": "/home/ada/models/base.safetensors",
        "ss_new_sd_model_hash": "ab" * 32,
        "ss_dataset_dirs": json.dumps({"/home/ada/1_cats": {"n_repeats": 1, "img_count": 9}}),
        "sshs_model_hash": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "modelspec.license": "CC0-1.0",
    }
    record = of(w.safetensors(said))
    assert named(record) == [("lora", "fur", None, None)]
    assert record.model_metadata == {
        "tool": "kohya-ss/sd-scripts",
        "license": "CC0-1.0",
        "network_module": "networks.lora",
        "base_model": {"name": "base.safetensors", "sha256": "ab" * 32, "legacy_hash": None},
        "dataset": [{"name": "1_cats", "n_repeats": 1, "img_count": 9}],
    }
    assert not record.generated


def test_a_file_that_we_signed_tells_its_generator_model_and_open_prompt(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    import provenance
    from provenance.trust.devpki import create

    create(tmp_path, now=datetime.now(UTC), algs=("es256",))
    signer = provenance.LocalSigner.from_files(
        key=tmp_path / "es256.key.pem", chain=tmp_path / "es256.chain.pem"
    )
    (tmp_path / "plain.png").write_bytes(w.png())
    definition = {
        "generator": {"name": "Painter", "version": "2"},
        "models": [{"name": "M"}],
        "prompt": {"text": "a cat", "mode": "open"},
        "thumbnail": False,
    }
    out = tmp_path / "signed.png"
    provenance.sign(tmp_path / "plain.png", out, definition, signer=signer)
    record = of(out.read_bytes())
    assert (record.family, record.generator, record.version) == ("c2pa", "Painter", "2")
    assert record.prompt == "a cat"
    assert [(one.kind, one.name) for one in record.models] == [("model", "M")]
    assert record.generated
