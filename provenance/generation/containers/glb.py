"""Binary glTF: what `asset.extras` and `asset.generator` say.

    'glTF' | version u32 | length u32 | chunk length u32, 'JSON', text | …

Source: glTF 2.0 §4.4, §5.9.
"""

import json
import struct
from collections.abc import Iterator

from provenance.errors import MalformedError
from provenance.generation.texts import Text, as_json, decoded
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["texts"]

_HEAD = struct.Struct("<4sIIII")
_JSON = 0x4E4F534A


def texts(source: ByteSource, limits: Limits) -> Iterator[Text]:
    """The texts of the asset.

    Raises:
        MalformedError: the first chunk is no JSON, or longer than the file.
    """
    if source.size < _HEAD.size:
        raise MalformedError("GLB", f"{source.size} bytes long, its header alone {_HEAD.size}")
    _, _, _, length, kind = _HEAD.unpack(source.read(0, _HEAD.size))
    if kind != _JSON:
        raise MalformedError("GLB chunk", "the first is not JSON", offset=12)
    left = source.size - _HEAD.size
    if length > left:
        raise MalformedError("GLB chunk", f"{length} bytes long, {left} left", offset=12)
    if length > limits.json_bytes:
        yield Text("glb", "JSON", None)
        return
    whole = as_json(decoded(source.read(_HEAD.size, length)), limits.json_bytes)
    if not isinstance(whole, dict):
        raise MalformedError("GLB chunk", "is not a JSON object", offset=_HEAD.size)
    asset = whole.get("asset")
    extras = asset.get("extras") if isinstance(asset, dict) else None
    for key, value in (extras if isinstance(extras, dict) else {}).items():
        yield Text("glb:extras", key, value if isinstance(value, str) else json.dumps(value))
    generator = asset.get("generator") if isinstance(asset, dict) else None
    if isinstance(generator, str):
        yield Text("glb:asset", "generator", generator)
