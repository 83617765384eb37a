"""A ComfyUI graph: what ran is told, what a switch left out is not, and nothing is guessed."""

import copy
from typing import Any

import pytest

from provenance.generation.dialects.comfyui import from_graph
from tests.generation.writers import GRAPH

Nodes = dict[str, Any]


def node(kind: str, **inputs: Any) -> Nodes:
    return {"class_type": kind, "inputs": inputs}


def graph(**changes: Any) -> Nodes:
    """The plain graph with nodes added or replaced (`_5` is node 5)."""
    return copy.deepcopy(GRAPH) | {key.removeprefix("_"): value for key, value in changes.items()}


def with_inputs(number: str, **inputs: Any) -> Nodes:
    whole = copy.deepcopy(GRAPH)
    whole[number]["inputs"] |= inputs
    return whole


def names(nodes: Nodes, kind: str) -> list[str | None]:
    record = from_graph(nodes)
    return [one.name for one in (*record.models, *record.models_optional) if one.kind == kind]


def test_a_loader_that_nobody_reads_was_not_used() -> None:
    unused = node("LoraLoader", lora_name="unused.safetensors", model=["1", 0], clip=["1", 1])
    assert names(graph(_9=unused), "lora") == []


def test_a_switch_leads_to_the_side_that_its_constant_names() -> None:
    nodes = with_inputs("5", model=["20", 0]) | {
        "20": node("ComfySwitchNode", switch=["21", 0], on_false=["1", 0], on_true=["22", 0]),
        "21": node("PrimitiveBoolean", value=False),
        "22": node("LoraLoaderModelOnly", lora_name="a", strength_model=0.5, model=["1", 0]),
    }
    assert names(nodes, "lora") == []
    nodes["21"] = node("PrimitiveBoolean", value=True)
    assert names(nodes, "lora") == ["a"]
    nodes["21"] = node("AskSomebody")
    assert names(nodes, "lora") == ["a"]  # cannot be told: both may have run


def test_zeroed_conditioning_is_not_a_negative_prompt() -> None:
    nodes = with_inputs("5", negative=["20", 0])
    nodes["20"] = node("ConditioningZeroOut", conditioning=["2", 0])
    assert from_graph(nodes).negative_prompt is None
    assert from_graph(nodes).prompt == "a cat"


def test_conditioning_that_passes_in_pairs_keeps_its_sides() -> None:
    nodes = with_inputs("5", positive=["20", 0], negative=["20", 1])
    nodes["20"] = node(
        "ControlNetApplyAdvanced",
        positive=["2", 0],
        negative=["3", 0],
        control_net=["21", 0],
        image=["22", 0],
    )
    nodes["21"] = node("ControlNetLoader", control_net_name="canny.safetensors")
    nodes["22"] = node("LoadImage", image="sub/pose.png [input]")
    record = from_graph(nodes)
    assert (record.prompt, record.negative_prompt) == ("a cat", "a dog")
    assert [(one.name, one.role) for one in record.inputs] == [("sub/pose.png", "control")]
    assert names(nodes, "controlnet") == ["canny.safetensors"]


def test_texts_that_are_combined_are_parts_and_no_prompt() -> None:
    nodes = with_inputs("5", positive=["20", 0])
    nodes["20"] = node("ConditioningCombine", conditioning_1=["2", 0], conditioning_2=["21", 0])
    nodes["21"] = node("CLIPTextEncode", text="in a hat", clip=["1", 1])
    record = from_graph(nodes)
    assert record.prompt is None
    assert set(record.prompt_parts) == {"a cat", "in a hat"}


def test_strings_that_were_put_together_are_put_together() -> None:
    nodes = with_inputs("2", text=["20", 0])
    nodes["20"] = node("StringConcatenate", string_a=["21", 0], string_b="hat", delimiter=", ")
    nodes["21"] = node("PrimitiveString", value="a cat")
    assert from_graph(nodes).prompt == "a cat, hat"


@pytest.mark.parametrize("kind", ["TextGenerate", "OllamaGenerate", "Florence2Run", "UnknownNode"])
def test_a_text_that_a_node_made_up_is_not_in_the_file(kind: str) -> None:
    nodes = with_inputs("2", text=["20", 0])
    nodes["20"] = node(kind, prompt="write a prompt about cats")
    assert from_graph(nodes).prompt is None


def test_a_custom_sampler_has_its_settings_elsewhere() -> None:
    nodes = graph(
        _5=node(
            "SamplerCustomAdvanced",
            noise=["20", 0],
            guider=["21", 0],
            sampler=["22", 0],
            sigmas=["23", 0],
            latent_image=["4", 0],
        ),
        _20=node("RandomNoise", noise_seed=2**63 + 5),
        _21=node("CFGGuider", cfg=3, model=["1", 0], positive=["2", 0], negative=["3", 0]),
        _22=node("KSamplerSelect", sampler_name="dpmpp_2m"),
        _23=node("SplitSigmas", step=3, sigmas=["24", 0]),
        _24=node("BasicScheduler", scheduler="beta", steps=["25", 0], denoise=1, model=["1", 0]),
        _25=node("PrimitiveInt", value=31),
    )
    record = from_graph(nodes)
    assert (record.seed, record.sampler, record.scheduler) == (2**63 + 5, "dpmpp_2m", "beta")
    assert (record.steps, record.cfg, record.size) == (31, 3, (640, 480))
    assert (record.prompt, record.negative_prompt) == ("a cat", "a dog")


def test_a_second_pass_comes_second_whatever_its_number() -> None:
    second = dict(GRAPH["5"]["inputs"], seed=1, latent_image=["5", 0], denoise=0.4)
    nodes = with_inputs("6", samples=["0", 0]) | {"0": node("KSampler", **second)}
    record = from_graph({"0": nodes.pop("0"), **nodes})
    assert [one.seed for one in record.passes] == [42, 1]
    assert record.seed == 42


def test_a_detailer_samples_too() -> None:
    settings = dict(GRAPH["5"]["inputs"], image=["6", 0], seed=9)
    del settings["latent_image"]
    nodes = with_inputs("7", images=["20", 0]) | {"20": node("FaceDetailer", **settings)}
    assert [one.class_type for one in from_graph(nodes).passes] == ["KSampler", "FaceDetailer"]


def test_stacks_and_efficient_loaders_are_loaders() -> None:
    loader = node(
        "Efficient Loader",
        ckpt_name="x.ckpt",
        vae_name="Baked VAE",
        lora_name="None",
        positive="a cat",
        negative="a dog",
        empty_latent_width=320,
        empty_latent_height=200,
    )
    sides = {"positive": ["1", 1], "negative": ["1", 2], "latent_image": ["1", 3]}
    record = from_graph(with_inputs("5", **sides) | {"1": loader})
    assert [(one.kind, one.name) for one in record.models] == [("checkpoint", "x.ckpt")]
    assert (record.prompt, record.negative_prompt, record.size) == ("a cat", "a dog", (320, 200))
    stack = node(
        "Power Lora Loader (rgthree)",
        model=["1", 0],
        lora_1={"on": True, "lora": "a.safetensors", "strength": 0.5},
        lora_2={"on": False, "lora": "b.safetensors", "strength": 1},
    )
    assert names(with_inputs("5", model=["20", 0]) | {"20": stack}, "lora") == ["a.safetensors"]


def test_embeddings_are_named_in_words_and_paths_are_cut() -> None:
    nodes = with_inputs("2", text="a cat, (embedding:furry.pt:1.2)")
    nodes["1"] = node("CheckpointLoaderSimple", ckpt_name="C:\\Users\\ada\\models\\x.ckpt")
    assert names(nodes, "embedding") == ["furry.pt"]
    assert names(nodes, "checkpoint") == ["x.ckpt"]


def test_civitai_names_models_by_urn_and_a_signed_address_is_cut() -> None:
    urn = "urn:air:sd1:checkpoint:civitai:4384@128713"
    nodes = graph(_1=node("CheckpointLoaderSimple", ckpt_name=urn))
    assert (from_graph(nodes).generator, names(nodes, "checkpoint")) == ("Civitai", [urn])
    address = "https://host/a/x.safetensors?X-Amz-Signature=0123abcd"
    assert names(graph(_1=node("Loader", ckpt_name=address)), "checkpoint") == ["x.safetensors"]


def test_a_graph_that_only_loads_and_saves_proves_nothing() -> None:
    nodes = {
        "1": node("LoadImage", image="a.png"),
        "2": node("SaveImage", images=["1", 0]),
    }
    record = from_graph(nodes)
    assert not record.generated
    assert [one.name for one in record.inputs] == ["a.png"]


def test_a_service_node_is_a_pass_of_its_own() -> None:
    nodes = {
        "1": node("OpenAIGPTImage1", prompt="a cat", seed=7, quality="low"),
        "2": node("SaveImage", images=["1", 0]),
    }
    assert (from_graph(nodes).prompt, from_graph(nodes).seed) == ("a cat", 7)


def test_links_to_nowhere_and_inputs_of_the_wrong_kind_are_passed_over() -> None:
    nodes = with_inputs("5", seed=["99", 0], steps={"a": 1}, cfg="much", model=[["1"], 0])
    nodes |= {"x": 3, "y": {"class_type": 5}, "z": {"class_type": "Z", "inputs": [1]}}
    record = from_graph(nodes)
    assert (record.seed, record.steps, record.cfg, record.prompt) == (None, None, None, "a cat")
