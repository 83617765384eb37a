"""Values to box bytes. A box that came from elsewhere is copied by its raw bytes, never rebuilt."""

from collections.abc import Iterable

from provenance.boxes import box
from provenance.cbor import CborValue, encode
from provenance.jumbf import uuids

__all__ = ["cbor_box", "embedded_file", "json_box", "superbox"]

_REQUESTABLE_LABELLED = 0x03
_PRIVATE = 0x10


def superbox(
    uuid: bytes, label: str, contents: Iterable[bytes], *, salt: bytes | None = None
) -> bytes:
    """A `jumb` box around finished boxes.

    Args:
        uuid: 16 bytes, one of `jumbf.uuids`.
        label: without NUL.
        contents: whole boxes, headers included, in order.
        salt: 16 or 32 random bytes against guessing a redacted assertion (§8.4.2.3).
    """
    toggles = _REQUESTABLE_LABELLED | (_PRIVATE if salt else 0)
    described = uuid + bytes((toggles,)) + label.encode() + b"\0"
    if salt:
        described += box(b"c2sh", salt)
    return box(b"jumb", box(b"jumd", described) + b"".join(contents))


def cbor_box(
    label: str, value: CborValue, *, uuid: bytes = uuids.CBOR, salt: bytes | None = None
) -> bytes:
    """A superbox with one `cbor` content box, encoded deterministically."""
    return superbox(uuid, label, (box(b"cbor", encode(value)),), salt=salt)


def json_box(label: str, text: bytes, *, salt: bytes | None = None) -> bytes:
    """A superbox with one `json` content box."""
    return superbox(uuids.JSON, label, (box(b"json", text),), salt=salt)


def embedded_file(
    label: str, media_type: str, data: bytes, *, name: str | None = None, salt: bytes | None = None
) -> bytes:
    """A superbox with a file in it: `bfdb` says what it is, `bidb` holds it (ISO 19566-5, B.6)."""
    described = bytes((1 if name else 0,)) + media_type.encode() + b"\0"
    if name:
        described += name.encode() + b"\0"
    parts = (box(b"bfdb", described), box(b"bidb", data))
    return superbox(uuids.EMBEDDED_FILE, label, parts, salt=salt)
