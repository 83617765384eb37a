"""Whatever the bytes: a result or one sentence, within 2 seconds and 256 MB."""

import json
import random
import struct
import subprocess
import sys
import textwrap
import time
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.errors import LimitError, MalformedError, ProvenanceError
from provenance.generation.dialects.a1111_text import parse
from provenance.generation.dialects.comfyui import from_graph
from provenance.generation.read import read_generation
from provenance.limits import Limits
from tests.generation import writers as w


def text_chunk(key: bytes, text: bytes) -> bytes:
    return w.png(w.chunk(b"tEXt", key + b"\0" + text))


def comment(text: bytes) -> bytes:
    return w.webp(w.exif_block({0x9286: text}))


def bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    return b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()


def chain(length: int, **more: Any) -> dict[str, Any]:
    """A graph whose sampler stands behind so many nodes in a row."""
    nodes: dict[str, Any] = {
        str(at): {
            "class_type": "LoraLoader",
            "inputs": {"lora_name": f"{at}", "model": [str(at + 1), 0], "clip": [str(at + 1), 1]},
        }
        for at in range(100, 100 + length)
    }
    nodes[str(100 + length)] = w.GRAPH["1"]
    whole = json.loads(json.dumps(w.GRAPH)) | nodes | more
    whole["5"]["inputs"]["model"] = ["100", 0]
    return dict(whole)


def circle() -> dict[str, Any]:
    whole = json.loads(json.dumps(w.GRAPH))
    whole["2"]["inputs"]["text"] = ["2", 0]
    whole["5"]["inputs"] |= {"positive": ["8", 0], "latent_image": ["5", 0], "seed": ["9", 0]}
    whole["8"] = {"class_type": "Combine", "inputs": {"conditioning": ["5", 0], "c": ["8", 0]}}
    whole["9"] = {"class_type": "PrimitiveInt", "inputs": {"value": ["9", 0]}}
    whole["1"]["inputs"]["ckpt_name"] = ["7", 0]
    return dict(whole)


def doubling() -> dict[str, Any]:
    """Texts, and conditioning, of 2^60 parts."""
    whole = json.loads(json.dumps(w.GRAPH))
    for at in range(60):
        both = [f"s{at + 1}", 0]
        whole[f"s{at}"] = {
            "class_type": "StringConcatenate",
            "inputs": {"string_a": both, "string_b": both, "delimiter": ","},
        }
        cond = [f"c{at + 1}", 0]
        whole[f"c{at}"] = {
            "class_type": "ConditioningCombine",
            "inputs": {"conditioning_1": cond, "conditioning_2": cond},
        }
    whole["s60"] = {"class_type": "PrimitiveString", "inputs": {"value": "a" * 1000}}
    whole["c60"] = {"class_type": "CLIPTextEncode", "inputs": {"text": ["s0", 0], "clip": ["1", 1]}}
    whole["5"]["inputs"]["positive"] = ["c0", 0]
    return dict(whole)


def many_samplers() -> dict[str, Any]:
    whole = chain(5000)
    for at in range(5000):
        whole[f"k{at}"] = json.loads(json.dumps(w.GRAPH["5"]))
        whole[f"v{at}"] = {"class_type": "SaveImage", "inputs": {"images": [f"k{at}", 0]}}
    return whole


def switches() -> dict[str, Any]:
    """Ten thousand switches, each decided by the next, and a circle of two."""
    whole = json.loads(json.dumps(w.GRAPH))
    for at in range(10_000):
        inputs = {"switch": [f"w{at + 1}", 0], "on_true": ["1", 0], "on_false": [f"w{at + 1}", 0]}
        whole[f"w{at}"] = {"class_type": "ComfySwitchNode", "inputs": inputs}
    whole["w10000"] = {"class_type": "Switch", "inputs": {"switch": ["w9999", 0], "on_true": 1}}
    whole["5"]["inputs"]["model"] = ["w0", 0]
    return dict(whole)


def pictures() -> dict[str, Any]:
    whole: dict[str, Any] = {
        f"p{at}": {"class_type": "LoadImage", "inputs": {"image": f"{at}.png"}}
        for at in range(5000)
    }
    inputs = {f"image{at}": [f"p{at}", 0] for at in range(5000)}
    whole["batch"] = {"class_type": "Batch", "inputs": inputs}
    whole["save"] = {"class_type": "SaveImage", "inputs": {"images": ["batch", 0]}}
    return whole


GRAPHS: dict[str, Callable[[], dict[str, Any]]] = {
    "ten thousand nodes in a row": lambda: chain(10_000),
    "twenty thousand nodes in a row": lambda: chain(20_000),
    "circles": circle,
    "doubling": doubling,
    "five thousand samplers": many_samplers,
    "five thousand pictures": pictures,
    "ten thousand switches": switches,
}


def timed(work: Callable[[], Any]) -> Any:
    start = time.process_time()
    try:
        return work()
    except ProvenanceError as error:
        assert "\n" not in str(error)
        return None
    finally:
        assert time.process_time() - start < 2


@pytest.mark.parametrize("make", GRAPHS.values(), ids=GRAPHS)
def test_a_graph_made_to_be_slow_is_walked_in_time(make: Callable[[], dict[str, Any]]) -> None:
    graph = make()
    record = timed(lambda: from_graph(graph))
    assert record.generator == "ComfyUI"


def test_ten_thousand_nodes_take_ten_times_a_thousand() -> None:
    def cost(length: int) -> float:
        graph = chain(length)
        best = 9.0
        for _ in range(3):
            start = time.process_time()
            from_graph(graph)
            best = min(best, time.process_time() - start)
        return best

    assert cost(20_000) < 60 * cost(1_000)  # 20 if linear, 400 if quadratic


FILES: dict[str, Callable[[], bytes]] = {
    "deep JSON": lambda: text_chunk(b"prompt", b'{"a":' * 100_000),
    "deep arrays": lambda: text_chunk(b"parameters", b"[" * 1_000_000),
    "deep arrays in a graph": lambda: text_chunk(
        b"prompt", b'{"1":{"class_type":"KSampler","inputs":{"a":' + b"[" * 90_000
    ),
    "lists where a graph stands": lambda: text_chunk(
        b"prompt", b'{"1":[' + b"[]," * 1_390_000 + b"[]]}"
    ),
    "objects where all look": lambda: comment(b'{"1":[' + b"{}," * 1_390_000 + b"{}]}"),
    "objects in both": lambda: w.png(
        w.chunk(b"tEXt", b'prompt\0{"1":[' + b"{}," * 1_390_000 + b"{}]}"),
        w.chunk(b"tEXt", b'parameters\0{"1":[' + b"{}," * 1_390_000 + b"{}]}"),
    ),
    "gigantic text": lambda: text_chunk(b"parameters", b"a, " * 7_000_000),
    "many settings": lambda: text_chunk(b"parameters", b"Steps: 1, " + b"A: 1, " * 2_000_000),
    "open quotes": lambda: text_chunk(b"parameters", b"Steps: 1, Seed: 2" + b', A: "' * 500_000),
    "open braces": lambda: text_chunk(b"parameters", b"Steps: 1, Seed: 2" + b", A: [" * 500_000),
    "commas": lambda: text_chunk(b"parameters", b"Steps: 1, Seed: 2, A: " + b"," * 3_000_000),
    "many lines": lambda: text_chunk(b"parameters", b"Steps: 1\n" * 400_000),
    "keys without values": lambda: text_chunk(b"parameters", b"Steps: 1, " + b"a " * 1_500_000),
    "tags": lambda: text_chunk(b"parameters", b"<lora:a:1>" * 300_000 + b"\nSteps: 1, Seed: 2"),
    "open tags": lambda: text_chunk(b"parameters", b"<lora:" * 500_000 + b"\nSteps: 1, Seed: 2"),
    "flags": lambda: text_chunk(
        b"Description", b"a" + b" --a" * 500_000 + b" Job ID: 5d000914-aa5a-4b73-8a80-4c5315b9366b"
    ),
    "spaces": lambda: text_chunk(b"Description", b" " * 3_000_000),
    "a dream": lambda: text_chunk(b"Dream", b'"a' + b" -s 1" * 500_000),
    "brackets": lambda: text_chunk(b"Dream", b'"' + b"[a" * 900_000 + b'" -s 1 -S 2'),
    "a long number": lambda: text_chunk(
        b"parameters", b"Steps: 1, Seed: " + b"9" * 3_000_000 + b", Size: 1x1"
    ),
    "a zlib bomb": lambda: w.png(w.chunk(b"zTXt", b"parameters\0\0" + bomb(300))),
    "a zlib bomb in iTXt": lambda: w.png(
        w.chunk(b"iTXt", b"parameters\0\1\0\0\0" + bomb(300)),
    ),
    "broken zlib": lambda: w.png(w.chunk(b"zTXt", b"parameters\0\0words")),
    "an iTXt that ends": lambda: w.png(w.chunk(b"iTXt", b"parameters\0\1")),
    "a hundred thousand chunks": lambda: w.png(w.chunk(b"tEXt", b"a\0b") * 100_000),
    "a million chunks": lambda: w.png(w.chunk(b"abCd", b"") * 1_000_000),
    "a chunk past the end": lambda: w.SIGNATURE + struct.pack(">I4s", 0xFFFFFFFF, b"tEXt"),
    "broken UTF-16": lambda: w.webp(
        w.exif_block({}, {0x9286: b"UNICODE\0" + b"\xd8\x00" * 9 + b"S\0t\0e\0"})
    ),
    "half a character": lambda: w.webp(w.exif_block({}, {0x9286: b"UNICODE\0S"})),
    "EXIF that points to itself": lambda: w.jpeg(
        (0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\1\x87\x69\0\4\0\0\0\1\0\0\0\x08\0\0\0\0")
    ),
    "EXIF that points away": lambda: w.jpeg((0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff")),
    "XMP with entities": lambda: w.jpeg(
        (0xE1, b'http://ns.adobe.com/xap/1.0/\0<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    ),
    "SVG with entities": lambda: (
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg><metadata>&a;</metadata></svg>'
    ),
    "deep SVG": lambda: b"<svg>" + b"<g>" * 500_000,
    "deep SVG metadata": lambda: b"<svg><metadata>" + b"<g>a" * 500_000,
    "a box of no length": lambda: w.box(b"ftyp", b"isom") + b"\0\0\0\1moov" + bytes(8),
    "a box past the end": lambda: w.box(b"ftyp", b"isom") + b"\x7f\xff\xff\xffmoov",
    "many boxes": lambda: w.box(b"ftyp", b"isom") + w.box(b"moov", w.box(b"udta") * 300_000),
    "many keys": lambda: w.mp4({f"k{at}": "" for at in range(20_000)}),
    "an element past the end": lambda: w.matroska({})[:-3] + b"\x67\xc8\x7f",
    "deep tags": lambda: w.matroska({})[:40] + b"\x67\xc8\x01\xff\xff\xff\xff\xff\xff\xff" * 50_000,
    "a FLAC that ends": lambda: b"fLaC\x04\xff\xff\xff",
    "many comments": lambda: w.flac({f"k{at}": "" for at in range(100_000)}),
    "an Ogg of one page": lambda: b"OggS" + bytes(23),
    "an ID3 tag past the end": lambda: b"ID3\x04\0\0\x7f\x7f\x7f\x7f",
    "a GIF that ends": lambda: b"GIF89a" + bytes(6) + b"\0\x21\xfe\xff",
    "GLB of a mangled length": lambda: w.glb({}, 0xFFFFFFFF),
    "GLB that ends": lambda: b"glTF\2\0\0\0",
    "a header past the end": lambda: struct.pack("<Q", 10**9) + b'{"a":',
    "a header of nothing but keys": lambda: w.safetensors({f"{at}": "" for at in range(200_000)}),
    "deep JSON in a header": lambda: w.safetensors({"ss_x": "1", "ss_dataset_dirs": "[" * 99_999}),
    "GGUF that ends": lambda: b"GGUF\3\0\0\0" + bytes(8) + b"\xff" * 8,
    "GGUF of many pairs": lambda: b"GGUF\3\0\0\0" + bytes(8) + struct.pack("<Q", 9999) + bytes(99),
    "GGUF with a long array": lambda: (
        b"GGUF\3\0\0\0" + struct.pack("<QQQ", 0, 1, 1) + b"a" + struct.pack("<IIQ", 9, 8, 1 << 62)
    ),
    "GGUF with arrays of arrays": lambda: (
        b"GGUF\3\0\0\0" + struct.pack("<QQQ", 0, 1, 1) + b"a" + struct.pack("<IIQ", 9, 9, 9)
    ),
    "ONNX that ends": lambda: b"\x08\x07\x12\x04test\x3a\xff\xff\xff\xff\x0f\x0a\x02ab",
    "NaN": lambda: text_chunk(
        b"prompt", json.dumps(w.GRAPH).replace("4.5", "NaN").replace("42", "1e999").encode()
    ),
}


@pytest.mark.parametrize("make", FILES.values(), ids=FILES)
def test_a_hostile_file_gives_a_result_or_one_sentence(make: Callable[[], bytes]) -> None:
    data = make()
    record = timed(lambda: read_generation(data))
    if record is not None:
        words = json.dumps(record.to_dict(), allow_nan=False)
        assert words.isascii()
        for text in record.words:
            text.encode()


def test_memory_stays_in_bounds() -> None:
    """Each file on its own, in a process that counts."""
    script = """
        import resource, sys
        from tests.generation.test_hostile import FILES, GRAPHS
        from provenance.errors import ProvenanceError
        from provenance.generation.read import read_generation
        import provenance.generation.dialects.comfyui, PIL.Image
        for name in sys.argv[1:]:
            data = FILES[name]()
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            try:
                read_generation(data)
            except ProvenanceError:
                pass
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, name)
    """
    names = ("objects in both", "lists where a graph stands", "a header of nothing but keys")
    for name in (
        *names,
        "gigantic text",
        "a zlib bomb in iTXt",
        "many settings",
        "a million chunks",
    ):
        command = [sys.executable, "-c", textwrap.dedent(script), name]
        found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        assert int(found.split()[0]) < 256 << 10, found


def test_json_made_to_take_memory_is_bounded() -> None:
    for piece in (b"[],", b"{},", b'"a",', b"1e1,"):
        data = text_chunk(b"prompt", b"[" + piece * (5 << 20) + b"1]")
        assert timed(partial(read_generation, data)) is None


def test_a_text_longer_than_we_read_is_told_only_if_nothing_else_was_found() -> None:
    long = w.chunk(b"tEXt", b"parameters\0" + b"a" * 5000)
    small = Limits(text_bytes=1000)
    with pytest.raises(LimitError, match="png:tEXt parameters: longer than we read"):
        read_generation(w.png(long), limits=small)
    found = w.png(long, w.chunk(b"tEXt", b"parameters\0" + w.A1111.encode()))
    assert read_generation(found, limits=small) is not None


def test_a_broken_model_file_is_refused_in_one_sentence() -> None:
    with pytest.raises(MalformedError, match="SafeTensors header at byte 0: 1000000"):
        read_generation(struct.pack("<Q", 10**9) + b'{"a":1}' + bytes(50))
    with pytest.raises(MalformedError, match="GLB chunk at byte 12: 4294967295 bytes long"):
        read_generation(w.glb({}, 0xFFFFFFFF))


SEEDS = (
    text_chunk(b"parameters", w.A1111.encode()),
    text_chunk(b"prompt", json.dumps(w.GRAPH).encode()),
    w.jpeg((0xE1, b"Exif\0\0" + w.user_comment(w.A1111))),
    w.webp(w.user_comment(w.A1111, "utf-16-le", "<")),
    w.mp4({"prompt": json.dumps(w.GRAPH)}),
    w.matroska({"PROMPT": json.dumps(w.GRAPH)}),
    w.flac({"prompt": json.dumps(w.GRAPH)}),
    w.ogg({"prompt": json.dumps(w.GRAPH)}),
    w.mp3({"prompt": json.dumps(w.GRAPH)}),
    w.svg(json.dumps({"prompt": w.GRAPH})),
    w.glb({"prompt": w.GRAPH}),
    w.gif(json.dumps(w.GRAPH).encode()),
    w.safetensors({"ss_output_name": "a", "ss_network_module": "b"}),
)


@given(st.integers(0, len(SEEDS) - 1), st.randoms(use_true_random=False), st.integers(1, 8))
def test_changed_bytes_raise_nothing_but_ours(at: int, dice: random.Random, changes: int) -> None:
    data = bytearray(SEEDS[at])
    for _ in range(changes):
        data[dice.randrange(len(data))] = dice.randrange(256)
    if dice.random() < 0.3:
        del data[dice.randrange(len(data)) :]
    timed(lambda: read_generation(bytes(data)))


@given(st.text(max_size=300))
def test_any_text_can_be_parsed(text: str) -> None:
    parse("a\nSteps: 1, Seed: 2, " + text)
    timed(lambda: read_generation(text_chunk(b"parameters", text.encode("utf-8", "replace"))))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=12,
)
KEYS: tuple[str, ...] = ("prompt", "positive", "model", "seed", "switch", "on_true", "on_false")
KEYS += ("text", "clip", "sampler_name", "steps", "latent_image", "width", "image", "lora_name")
NODES = st.fixed_dictionaries(
    {
        "class_type": st.sampled_from(
            ("KSampler", "SaveImage", "LoadImage", "CLIPTextEncode", "LoraLoader", "PrimitiveInt")
        ),
        "inputs": st.dictionaries(
            st.sampled_from(KEYS),
            VALUES | st.tuples(st.integers(0, 5).map(str), st.integers(0, 3)).map(list),
        ),
    }
)


@given(st.dictionaries(st.integers(0, 5).map(str), NODES | VALUES, max_size=6))
def test_any_graph_can_be_walked(graph: dict[str, Any]) -> None:
    json.dumps(from_graph(graph).to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    "key",
    ["sd-metadata", "invokeai_metadata", "generation_data", "parameters", "Comment", "UserComment"],
)
@given(value=VALUES)
def test_any_json_can_stand_where_a_dialect_looks(key: str, value: Any) -> None:
    marks = {"image": value, "sui_image_params": {"model": value, "loras": value}, "uc": value}
    marks |= {"prompt": value, "guidance_scale": value, "base_model": value, "full_prompt": value}
    marks |= {"loras": [value], "sui_models": [value], "req_type": "x", "model": value}
    marks |= {"Prompt": value, "software": value} if isinstance(value, list) else {}
    text = json.dumps(marks).encode()
    other = w.chunk(b"tEXt", b"Software\0NovelAI")
    data = w.png(w.chunk(b"tEXt", key.encode() + b"\0" + text), other)
    record = timed(lambda: read_generation(data))
    if record is not None:
        json.dumps(record.to_dict(), allow_nan=False)
