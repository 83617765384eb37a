"""Finding the handler for an asset."""

import pickle
import subprocess
import sys

import pytest

from provenance.errors import UnsupportedFormatError
from provenance.formats import registry
from provenance.formats.base import Handler, Located, Plan
from provenance.formats.opaque import OPAQUE
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import BufferSource, ByteSource
from tests.formats.samples import SAMPLES, noise, saved, written


def test_handlers_come_by_name_and_no_two_share_one() -> None:
    names = [handler.name for handler in registry.handlers()]
    assert {"JPEG", "PNG", "C2PA manifest store"} <= set(names)
    assert names == sorted(set(names), key=str.lower)


WEAK = {handler.name: handler for handler in registry.handlers() if handler.weak}


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - set(WEAK)))
@pytest.mark.parametrize("suffix", ["", ".JPG", ".png", ".c2pa", ".doc", ".txt", "nonsense"])
def test_content_decides_whatever_the_suffix_says(name: str, suffix: str) -> None:
    assert registry.find(BufferSource(SAMPLES[name]()), suffix).name == name


class Twin(Handler):
    name, media_types, suffixes, can_embed = "APNG", ("image/apng",), (".apng",), False

    def sniff(self, head: bytes) -> bool:
        return head.startswith(b"\x89PNG")

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        del source, limits
        return Located()

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        del source, store_length, limits
        return Plan(())


@pytest.mark.parametrize("name", WEAK)
def test_a_suffix_speaks_for_what_looks_like_any_text(name: str) -> None:
    for suffix in WEAK[name].suffixes:
        assert registry.find(BufferSource(SAMPLES[name]()), suffix.upper()).name == name
    for suffix in ("", ".JPG", ".doc", "nonsense"):
        found = registry.find(BufferSource(SAMPLES[name]()), suffix).name
        assert found == ("XML" if name == "XML" else "Plain text")  # XML says what it is


def test_a_suffix_decides_between_handlers_of_a_family_that_both_take_the_content(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    png = registry.find(BufferSource(saved("PNG")))
    monkeypatch.setattr(registry, "_of", lambda name: (Twin(), png) if name == "png" else ())
    source = BufferSource(saved("PNG"))
    assert registry.find(source, ".png").name == "PNG"
    assert registry.find(source, ".APNG").name == "APNG"
    assert registry.find(source, ".txt").name == "APNG"  # the first of the family


def test_an_empty_file_is_called_empty() -> None:
    with pytest.raises(UnsupportedFormatError, match=r"^a\.jpg: is empty: 0 bytes$"):
        registry.find(BufferSource(b"", "a.jpg"), ".jpg")


def test_an_unknown_file_is_told_what_it_starts_with_and_what_is_known() -> None:
    with pytest.raises(UnsupportedFormatError) as caught:
        registry.find(BufferSource(b"GARBAGE\0\xff and more", "a.jpg"), ".jpg")
    assert "a.jpg: starts with 47 41 52 42 41 47 45 00 ff" in str(caught.value)
    assert "'GARBAGE.. an'" in str(caught.value)
    assert "`provenance formats` lists them" in str(caught.value)


@pytest.mark.parametrize(
    ("media_type", "name"),
    [
        ("image/jpeg", "JPEG"),
        ("IMAGE/JPG", "JPEG"),
        ("image/png; charset=binary", "PNG"),
        (" application/c2pa ", "C2PA manifest store"),
        ("application/x-c2pa-manifest-store", "C2PA manifest store"),
    ],
)
def test_a_media_type_names_its_handler(media_type: str, name: str) -> None:
    handler = registry.by_media_type(media_type)
    assert handler is not None
    assert handler.name == name


@pytest.mark.parametrize("media_type", ["", "image", "image/x-unheard-of", "jpeg", ";"])
def test_a_media_type_nobody_claims_names_none(media_type: str) -> None:
    assert registry.by_media_type(media_type) is None


def test_every_usual_media_type_leads_back_to_its_handler() -> None:
    for handler in registry.handlers():
        found = registry.by_media_type(handler.media_types[0])
        assert found is not None
        # A bare JPEG XL codestream has the type of the container, which is the one to write.
        assert found is handler or (found.can_embed and not handler.can_embed)


def test_a_handler_crosses_processes() -> None:
    for handler in registry.handlers():
        assert pickle.loads(pickle.dumps(handler)).name == handler.name


def test_looking_for_a_handler_loads_nothing_heavy() -> None:
    heavy = {"PIL", "cryptography", "cbor2", "xml.parsers.expat", "asyncio", "numpy", "lxml"}
    code = (
        "import sys; from provenance.formats import registry; registry.handlers();"
        f"print(sorted({heavy!r} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_any_file_can_be_kept_as_it_is() -> None:
    asset = noise(1000)
    assert OPAQUE.sniff(asset)
    assert OPAQUE not in registry.handlers()
    assert OPAQUE.locate(BufferSource(asset), DEFAULT_LIMITS).count == 0
    assert written(OPAQUE.plan(BufferSource(asset), 0, DEFAULT_LIMITS), asset) == asset
    assert written(OPAQUE.plan(BufferSource(b""), 0, DEFAULT_LIMITS), b"") == b""


def test_no_store_goes_into_a_file_we_do_not_know() -> None:
    with pytest.raises(UnsupportedFormatError, match="sidecar"):
        OPAQUE.plan(BufferSource(b"abc"), 100, DEFAULT_LIMITS)
