"""The peers, each behind one call: c2pa-rs (c2pa-python) and encypher-c2pa."""

import io
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import c2pa

os.environ["ENCYPHER_C2PA_TELEMETRY"] = "off"
os.environ["ENCYPHER_C2PA_ONLINE"] = "off"

import encypher_c2pa

from benchmarks.material import Material

__all__ = ["Reference", "second_verify"]

_DEFINITION = {
    "claim_generator_info": [{"name": "Painter", "version": "2.1"}],
    "title": "bench",
    "assertions": [
        {
            "label": "c2pa.actions.v2",
            "data": {
                "actions": [
                    {
                        "action": "c2pa.created",
                        "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/"
                        "trainedAlgorithmicMedia",
                    }
                ]
            },
        }
    ],
}


class Reference:
    """c2pa-python with one context and one signer for all calls, as a long-lived service has it.

    Args:
        material: whose key signs.
        trust: its trust settings, as c2pa-rs spells them.
    """

    def __init__(self, material: Material, trust: dict[str, Any]) -> None:
        settings = {
            "builder": {"thumbnail": {"enabled": False}},
            "verify": {
                "verify_after_sign": False,
                "verify_trust": True,
                "remote_manifest_fetch": False,
                "ocsp_fetch": False,
            },
            "trust": trust,
        }
        self._context = c2pa.Context.from_dict(settings)
        info = c2pa.C2paSignerInfo(
            "es256", material.chain.read_bytes(), material.key.read_bytes(), None
        )
        self._signer = c2pa.Signer.from_info(info)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._signer.close()
        self._context.close()

    def verify(self, data: bytes, mime: str) -> str | None:
        """Validate, and say the state."""
        with c2pa.Reader(mime, io.BytesIO(data), context=self._context) as reader:
            state: str | None = reader.get_validation_state()
            return state

    def verify_file(self, path: Path, mime: str) -> str | None:
        """As `verify`, from a file."""
        with path.open("rb") as stream, c2pa.Reader(mime, stream, context=self._context) as reader:
            state: str | None = reader.get_validation_state()
            return state

    def validate_only(self, data: bytes, mime: str) -> None:
        """Validate, and ask for nothing: less than any caller needs."""
        with c2pa.Reader(mime, io.BytesIO(data), context=self._context):
            pass

    def can_read(self, data: bytes, mime: str) -> bool:
        """Does it get as far as a verdict?"""
        try:
            return self.verify(data, mime) is not None
        except c2pa.C2paError:
            return False

    def sign(self, data: bytes, mime: str) -> bytes:
        """Sign from bytes to bytes."""
        out = io.BytesIO()
        with c2pa.Builder(_DEFINITION, context=self._context) as builder:
            builder.sign(self._signer, mime, io.BytesIO(data), out)
        return out.getvalue()


def second_verify(data: bytes, mime: str, anchors: str) -> str:
    """Validate with encypher-c2pa."""
    report = encypher_c2pa.verify(
        data, mime, trust_pem=anchors, no_default_trust=True, online=False
    )
    return str(report["validation_state"])
