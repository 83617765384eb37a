"""Small models: a few weights, and a graph of one node."""

import json
from collections.abc import Callable

__all__ = ["MODEL_SAMPLES", "field", "onnx_model", "safetensors", "varint"]

TENSORS = {
    "weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
    "bias": {"dtype": "F32", "shape": [2], "data_offsets": [16, 24]},
}


def safetensors(header: bytes | None = None, data: bytes = bytes(range(24))) -> bytes:
    """A SafeTensors file; the usual header is padded to 8 bytes, as the library does."""
    if header is None:
        text = json.dumps({"__metadata__": {"format": "pt"}, **TENSORS}).encode()
        header = text + b" " * (-len(text) % 8)
    return len(header).to_bytes(8, "little") + header + data


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*out, number))


def field(number: int, value: int | bytes) -> bytes:
    """A field of Protocol Buffers: a number, or bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def _tensor_info(name: bytes) -> bytes:
    shape = field(2, field(1, field(1, 1)))
    return field(1, name) + field(2, field(1, field(1, 1) + shape))


def onnx_model(*props: bytes) -> bytes:
    """A model that gives what it gets, as `onnx` would write it; props are entries' contents."""
    node = field(1, b"x") + field(2, b"y") + field(4, b"Identity")
    graph = (
        field(1, node)
        + field(2, b"one")
        + field(11, _tensor_info(b"x"))
        + field(12, _tensor_info(b"y"))
    )
    return b"".join(
        (
            field(1, 8),
            field(2, b"hand"),
            field(7, graph),
            field(8, field(2, 13)),
            *(field(14, prop) for prop in props),
        )
    )


MODEL_SAMPLES: dict[str, Callable[[], bytes]] = {
    "SafeTensors": safetensors,
    "ONNX": lambda: onnx_model(field(1, b"author") + field(2, b"nobody")),
    "GGUF": lambda: b"GGUF" + bytes((3, 0, 0, 0)) + bytes(16),
}
