"""What a hard binding comes to: the same for the same content, whoever signed it.

Two files that were signed by two people differ in their bytes, for each holds another store. What
their bindings hash does not differ, and so tells a copy that somebody signed again.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, TypedDict

from provenance.errors import MalformedError
from provenance.model.assertions import data_hash
from provenance.model.assertions.data_hash import DataHash
from provenance.validate.assertions import hard_bindings
from provenance.validate.reading import Listed, Reading

__all__ = ["Binding", "binding_of"]

_HASHES = frozenset(("hash", "hashes", "initHash"))
_MOST = 1_000_000  # values of an assertion that are looked at


class Binding(TypedDict):
    """Fields of an account."""

    fingerprint: str | None
    content_digest: str | None
    asset_sha256: str | None


def binding_of(reading: Reading) -> Binding:
    """What a manifest is bound to. The asset's own hash is known where nothing is left out."""
    found = hard_bindings(reading)[:1]
    told = Binding(fingerprint=None, content_digest=None, asset_sha256=None)
    if not found or found[0].box is None or found[0].problem is not None:
        return told
    listed = found[0]
    if listed.label.name == data_hash.LABEL:
        _read_data_hash(listed, reading, told)
    else:
        told["fingerprint"] = _print(listed)
    return told


def _read_data_hash(listed: Listed, reading: Reading, told: Binding) -> None:
    try:
        hard = DataHash.read(listed.value)
    except MalformedError:
        return
    alg = hard.alg or (reading.claim.alg if reading.claim else None)
    if hard.hash is None or alg is None:
        return
    told["fingerprint"] = told["content_digest"] = f"{alg}:{hard.hash.hex()}"
    if alg == "sha256" and not any(span.length for span in hard.exclusions):
        told["asset_sha256"] = hard.hash.hex()


def _print(listed: Listed) -> str | None:
    hasher, count = sha256(listed.label.name.encode()), 0
    for one in _hashes(listed.value):
        hasher.update(len(one).to_bytes(4, "big") + one)
        count += 1
    return f"{listed.label.name}:{hasher.hexdigest()}" if count else None


def _hashes(value: Any) -> Iterator[bytes]:
    """All digests in an assertion, and the names of files, in order."""
    waiting: list[Any] = [value]
    for _ in range(_MOST):
        if not waiting:
            return
        match waiting.pop():
            case dict() as row:
                for key in sorted(map(str, row), reverse=True):
                    item = row.get(key)
                    if isinstance(item, bytes) and key in _HASHES and any(item):
                        yield item
                    elif key == "uri" and isinstance(item, str):
                        yield item.encode("utf-8", "surrogatepass")
                    elif isinstance(item, (dict, list)):
                        waiting.append(item)
            case list() as rows:
                waiting.extend(
                    {"hash": one} if isinstance(one, bytes) else one for one in reversed(rows)
                )
            case _:
                continue
