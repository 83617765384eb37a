"""Every carrier gives its texts: wherever it stands, and in whatever charset it was written."""

import io
import json
import struct
import zlib

import pytest
from PIL import Image

from provenance.generation.read import read_generation
from provenance.generation.record import GenerationRecord
from tests.generation import writers as w

TEXT = w.A1111.replace("a cat", "ねこ, a cat é")
GRAPH = json.dumps(w.GRAPH)
WORDS = {"workflow": "{}", "prompt": GRAPH}


def itxt(key: bytes, text: str, *, packed: bool) -> bytes:
    data = zlib.compress(text.encode()) if packed else text.encode()
    return w.chunk(b"iTXt", key + b"\0" + bytes((packed, 0)) + b"en\0translated\0" + data)


def of(data: bytes) -> GenerationRecord:
    record = read_generation(data)
    assert record is not None
    return record


LATIN = w.A1111.replace("a cat", "a cat é")
IN_PNG = {
    "tEXt, Latin-1": (w.png(w.chunk(b"tEXt", b"parameters\0" + LATIN.encode("latin-1"))), LATIN),
    "tEXt, UTF-8": (w.png(w.chunk(b"tEXt", b"parameters\0" + TEXT.encode())), TEXT),
    "zTXt": (w.png(w.chunk(b"zTXt", b"parameters\0\0" + zlib.compress(TEXT.encode()))), TEXT),
    "iTXt": (w.png(itxt(b"parameters", TEXT, packed=False)), TEXT),
    "iTXt, packed": (w.png(itxt(b"parameters", TEXT, packed=True)), TEXT),
    "after the pixels": (w.png(after=(itxt(b"parameters", TEXT, packed=False),)), TEXT),
    "eXIf": (w.png(w.chunk(b"eXIf", w.user_comment(TEXT))), TEXT),
}


@pytest.mark.parametrize(("data", "text"), IN_PNG.values(), ids=IN_PNG)
def test_text_of_a_png_is_read_from_any_chunk(data: bytes, text: str) -> None:
    assert of(data).prompt == text.partition("\n")[0]
    assert of(data).seed == 18446744073709551617


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("charset", ["utf-16-be", "utf-16-le", "utf-16", "utf-8"])
def test_the_byte_order_of_a_comment_is_told_by_the_comment(charset: str, order: str) -> None:
    block = w.user_comment(TEXT, charset, order)
    for data in (w.jpeg((0xE1, b"Exif\0\0" + block)), w.webp(block)):
        assert of(data).prompt == "ねこ, a cat é, <lora:fur:0.7>"


@pytest.mark.parametrize("prefix", [b"", b"ASCII\0\0\0", bytes(8), bytes(3)])
def test_a_comment_may_lack_its_charset_and_stand_in_the_wrong_directory(prefix: bytes) -> None:
    block = w.exif_block({0x9286: prefix + w.A1111.encode()})
    assert of(w.jpeg((0xE1, b"Exif\0\0" + block))).steps == 20


def test_a_tiff_is_its_own_exif() -> None:
    assert of(w.user_comment(w.A1111)).steps == 20


def test_a_jpeg_comment_and_an_iptc_caption_are_texts() -> None:
    assert of(w.jpeg((0xFE, w.A1111.encode()))).steps == 20
    words = (
        b"a cat --ar 4:3 --v 6.1 --seed 7 --no dogs Job ID: 5d000914-aa5a-4b73-8a80-4c5315b9366b"
    )
    dataset = b"\x1c\x02\x78" + struct.pack(">H", len(words)) + words
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(dataset)) + dataset
    record = of(w.jpeg((0xED, b"Photoshop 3.0\0" + resource)))
    assert (record.generator, record.version, record.prompt) == ("Midjourney", "6.1", "a cat")
    assert (record.seed, record.negative_prompt) == (7, "dogs")


CONTAINERS = {
    "comf": w.png(after=tuple(w.chunk(b"comf", f"{k}\0{v}".encode()) for k, v in WORDS.items())),
    "mp4": w.mp4(WORDS),
    "mp4, user data": w.mp4(WORDS, user_data=True),
    "mov": w.mp4(WORDS, full=False),
    "webm": w.matroska({key.upper(): text for key, text in WORDS.items()}),
    "flac": w.flac(WORDS),
    "opus": w.ogg(WORDS),
    "opus, many pages": w.ogg({"cover": "x" * 200_000, **WORDS}),
    "mp3": w.mp3(WORDS),
    "mp3, UTF-16": w.mp3(WORDS, 1),
    "svg": w.svg(json.dumps({"prompt": w.GRAPH, "workflow": {}})),
    "glb": w.glb(WORDS),
    "glb, objects": w.glb({"prompt": w.GRAPH}),
    "webp": w.webp(w.exif_block({0x010F: b"workflow:{}", 0x0110: b"prompt:" + GRAPH.encode()})),
    "jpeg": w.jpeg((0xE1, b"Exif\0\0" + w.exif_block({0x010F: b"Prompt: " + GRAPH.encode()}))),
    "gif": w.gif(GRAPH.encode()),
    "UserComment of both": w.webp(w.exif_block({0x9286: json.dumps({"prompt": w.GRAPH}).encode()})),
}


@pytest.mark.parametrize("data", CONTAINERS.values(), ids=CONTAINERS)
def test_a_graph_is_read_from_any_container(data: bytes) -> None:
    record = of(data)
    assert (record.generator, record.prompt, record.negative_prompt) == (
        "ComfyUI",
        "a cat",
        "a dog",
    )
    assert (record.seed, record.steps, record.cfg, record.size) == (42, 9, 4.5, (640, 480))
    assert [(one.kind, one.name) for one in record.models] == [("checkpoint", "base.safetensors")]


@pytest.mark.parametrize("suffix", ["avif", "webp", "png"])
def test_exif_is_found_where_pillow_puts_it(suffix: str) -> None:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Workflow: {}"
    exif[0x010F] = f"Prompt: {GRAPH}"
    try:
        Image.new("RGB", (16, 16)).save(stream, suffix.upper(), exif=exif)
    except (KeyError, OSError):
        pytest.skip(f"Pillow has no {suffix} here")
    assert of(stream.getvalue()).seed == 42


def stealthy(payload: bytes, magic: bytes, mode: str = "RGBA") -> bytes:
    bits = "".join(f"{byte:08b}" for byte in magic + struct.pack(">I", 8 * len(payload)) + payload)
    image = Image.new(mode, (40, 200), (9, 8, 6, 255)[: len(mode)])
    pixels = image.load()
    assert pixels is not None
    places = [(x, y) for x in range(40) for y in range(200)]
    if mode == "RGBA":
        for (x, y), bit in zip(places, bits, strict=False):
            pixels[x, y] = (9, 8, 6, 254 + int(bit))
    else:
        for at, (x, y) in enumerate(places):
            three = bits[3 * at : 3 * at + 3].ljust(3, "0")
            pixels[x, y] = tuple(4 + int(bit) for bit in three)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def test_the_stealth_layer_is_read_from_alpha_and_from_colours() -> None:
    import gzip

    words = w.A1111.encode()
    assert of(stealthy(words, b"stealth_pnginfo")).steps == 20
    assert of(stealthy(gzip.compress(words), b"stealth_pngcomp")).steps == 20
    assert of(stealthy(gzip.compress(words), b"stealth_rgbcomp", "RGB")).steps == 20
    comment = {"prompt": "a cat", "uc": "", "seed": 3, "scale": 5.0, "steps": 28}
    payload = {"Software": "NovelAI", "Source": "NAI 1D44365E", "Comment": json.dumps(comment)}
    record = of(stealthy(gzip.compress(json.dumps(payload).encode()), b"stealth_pngcomp"))
    assert (record.generator, record.version, record.prompt) == ("NovelAI", "NAI", "a cat")


def test_a_film_s_and_a_sound_s_texts_may_come_after_much_else() -> None:
    data = w.box(b"free", bytes(3 << 20)) + w.mp4(WORDS)[16:]
    assert of(w.box(b"ftyp", b"isom", bytes(4)) + data).seed == 42


def test_iptc_names_the_system_and_its_prompt() -> None:
    packet = w.xmp(
        "<e:AISystemUsed>Painter</e:AISystemUsed><e:AISystemVersionUsed>2</e:AISystemVersionUsed>"
        "<e:AIPromptInformation><rdf:Alt><rdf:li>a cat</rdf:li></rdf:Alt></e:AIPromptInformation>"
        '<e:DigitalSourceType rdf:resource="http://x/trainedAlgorithmicMedia"/>'
    )
    record = of(w.jpeg((0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet)))
    assert (record.generator, record.version, record.prompt) == ("Painter", "2", "a cat")
    camera = w.xmp('<e:DigitalSourceType rdf:resource="http://x/digitalCapture"/>')
    assert read_generation(w.jpeg((0xE1, b"http://ns.adobe.com/xap/1.0/\0" + camera))) is None


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"words", b"%PDF-1.7", w.png(), w.jpeg(), w.mp4({}), w.matroska({}), w.svg("")],
)
def test_a_file_without_any_of_it_gives_nothing(data: bytes) -> None:
    assert read_generation(data) is None
