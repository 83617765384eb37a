"""Nothing secret and no path of a machine is left in a workflow; its bytes are searched."""

import copy
import json
from typing import Any

import pytest

from provenance.generation.scrub import REMOVED, scrub, scrub_text
from tests.generation.writers import GRAPH

SECRETS = {
    "a key by its name": {"api_key": "plain-words-9876"},
    "a key in camel case": {"hfToken": "plain-words-9876"},
    "a password": {"inputs": {"db_password": "plain-words-9876"}},
    "a hidden input": {"auth_token_comfy_org": "plain-words-9876"},
    "several of them": {"api_keys": ["plain-words-9876", {"more": "plain-words-9876"}]},
    "the path of a private key": {"private_key_path": "plain-words-9876"},
    "the path of a key by its suffix": {"file": "/srv/plain-words-9876.pem"},
    "a private key": {
        "x": "-----BEGIN EC PRIVATE KEY-----\nplain-words-9876\n-----END EC PRIVATE KEY-----"
    },
    "a bearer": {"header": "Authorization: Bearer plain-words-9876"},
    "a key of a service": {"text": "use sk-plain-words-9876-0123456789 please"},
    "a token in words": {"text": "token=plain-words-9876"},
    "a signed address": {"url": "https://host/model.safetensors?X-Amz-Signature=plain-words-9876"},
    "a user in an address": {"url": "https://ada:plain-words-9876@host/model"},
    "an address of a file": {"url": "file:///srv/plain-words-9876/x.png"},
    "a home folder": {"image": "/home/plain-words-9876/x.png"},
    "a home folder with spaces": {"note": "see /Users/Ada plain-words-9876/my files/x.png."},
    "a home folder of Windows": {"image": "C:\\Users\\plain-words-9876\\My Pictures\\x.png"},
    "a share": {"image": "\\\\server\\plain-words-9876\\x.png"},
    "a path from home": {"image": "~/plain-words-9876/x.png"},
    "a mail address": {"note": "by plain-words-9876@example.com"},
    "JSON in a text": {"extraMetadata": json.dumps({"token": "plain-words-9876"})},
    "JSON in JSON in a text": {"x": json.dumps([json.dumps({"secret": "plain-words-9876"})])},
    "a name": {"/home/plain-words-9876/x.png": 1},
    "widgets of a drawn node": {
        "nodes": [
            {
                "type": "Upload",
                "inputs": [{"name": "api_key", "widget": {"name": "api_key"}}],
                "widgets_values": ["plain-words-9876", 4],
            }
        ]
    },
    "a value that stands twice": {
        "prompt": {"1": {"inputs": {"secret": "plain-words-9876"}}},
        "workflow": {"nodes": [{"widgets_values": ["x plain-words-9876 y"]}]},
    },
}


@pytest.mark.parametrize("value", SECRETS.values(), ids=SECRETS)
def test_a_secret_is_gone(value: Any) -> None:
    before = copy.deepcopy(value)
    found = scrub({"1": value})
    assert b"plain-words" not in json.dumps(found.value).encode()
    assert b"9876" not in json.dumps(found.value).encode()
    assert sum(found.removed.values()) >= 1
    assert value == before


@pytest.mark.parametrize(
    "text",
    [
        "hf_abcdefghijklmnopqrstuv",
        "ghp_abcdefghijklmnopqrstuvwx",
        "AKIAABCDEFGHIJKLMNOP",
        "AIzaSyA1234567890abcdefghijklmnopqrstu",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "xoxb-1234567890-abcdef",
    ],
)
def test_what_looks_like_a_key_of_a_service_is_gone(text: str) -> None:
    assert text not in scrub_text(f"before {text} behind")


def test_what_is_no_secret_stays() -> None:
    kept = {
        **GRAPH,
        "8": {
            "class_type": "Save",
            "inputs": {
                "filename_keys": "sampler_name, cfg",
                "token_normalization": "none",
                "keyframe": "4",
                "seed": 7,
                "key": ["1", 0],
                "model": "Flux\\flux1-dev.safetensors",
                "url": "https://civitai.com/models/4384",
                "ratio": "3/4",
                "hash": "45a21ea00a",
            },
        },
    }
    found = scrub(kept)
    assert found.value == kept
    assert found.removed == {}


def test_the_name_of_a_file_stays_when_its_folder_goes() -> None:
    assert scrub_text("/home/ada/pictures/cat.png") == "cat.png"
    assert scrub_text("D:\\ada\\cat.png") == "cat.png"
    assert scrub_text("https://host/cat.png?sig=1") == "https://host/cat.png"


def test_without_prompts_no_typed_word_is_left() -> None:
    nodes = copy.deepcopy(GRAPH)
    nodes["2"]["inputs"]["text"] = "a secret wedding, in Rome"
    nodes["9"] = {"class_type": "Note", "inputs": {"anything": "for my mother at Christmas time"}}
    drawn = {"nodes": [{"type": "CLIPTextEncode", "widgets_values": ["a secret wedding, in Rome"]}]}
    found = scrub({"prompt": nodes, "workflow": drawn}, prompts=False)
    words = json.dumps(found.value)
    for word in ("wedding", "Rome", "mother", "a dog"):
        assert word not in words
    assert found.value["prompt"]["1"] == GRAPH["1"]
    assert found.value["prompt"]["5"] == GRAPH["5"]


def test_what_is_too_deep_or_too_long_to_look_through_is_removed() -> None:
    deep: Any = "sk-0123456789abcdef0123"
    for _ in range(500):
        deep = {"a": [deep]}
    assert "0123456789" not in json.dumps(scrub(deep).value)
    assert scrub("x" * (2 << 20)).value == REMOVED


@pytest.mark.parametrize(
    "text",
    [
        "/home/" * 50_000,
        "C:\\a " * 50_000,
        "a@" * 100_000,
        "a." * 100_000 + "@",
        "http://" * 50_000,
        "token=" * 50_000,
        "-----BEGIN PRIVATE KEY-----" * 20_000,
        "eyJ" * 100_000,
        "Bearer " * 50_000,
        "/home/a b" * 30_000,
        "\\\\a\\" * 50_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_text_made_to_be_slow_is_not(text: str) -> None:
    import time

    start = time.process_time()
    scrub_text(text)
    assert time.process_time() - start < 2
