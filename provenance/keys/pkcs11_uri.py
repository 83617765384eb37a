"""PKCS#11 URIs: which module, which token, which object. Source: RFC 7512.

    pkcs11:token=studio;object=c2pa?module-path=/usr/lib/softhsm/libsofthsm2.so

A PIN does not belong in a URI, which stands in files and on screens: `pin-value` is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote_to_bytes

from provenance.errors import CredentialError

__all__ = ["Pkcs11Uri"]

_PATH = (
    *("token", "manufacturer", "serial", "model", "object", "type", "id", "slot-id"),
    *("library-manufacturer", "library-description", "library-version"),
    *("slot-manufacturer", "slot-description"),
)
_QUERY = ("module-path", "module-name", "pin-source", "pin-value")
_WHAT = "pkcs11 URI"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pkcs11Uri:
    """What a URI says; None where it says nothing."""

    token: str | None = None
    serial: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    slot_id: int | None = None
    object: str | None = None  # the label of the key
    id: bytes | None = None  # its CKA_ID
    module_path: str | None = None
    pin_source: str | None = None  # a path

    @classmethod
    def parse(cls, rest: str) -> Self:
        """Read a URI without its scheme.

        Raises:
            CredentialError: an attribute that is not known, twice there, or cannot be followed.
        """
        path, _, query = rest.partition("?")
        given = dict(_attributes(path, ";", _PATH)) | dict(_attributes(query, "&", _QUERY))
        if "pin-value" in given:
            raise CredentialError(_WHAT, "a PIN does not belong in it; use a variable or a file")
        if given.get("type", b"private") not in (b"private", b"cert"):
            raise CredentialError(_WHAT, "type is neither private nor cert")
        text = {key: _text(key, value) for key, value in given.items() if key != "id"}
        source = text.get("pin-source")
        if source is not None and source.startswith("|"):
            raise CredentialError(_WHAT, "pin-source names a program; only a file is read")
        slot = text.get("slot-id")
        if slot is not None and not slot.isdecimal():
            raise CredentialError(_WHAT, "slot-id is no number")
        return cls(
            token=text.get("token"),
            serial=text.get("serial"),
            manufacturer=text.get("manufacturer"),
            model=text.get("model"),
            slot_id=None if slot is None else int(slot),
            object=text.get("object"),
            id=given.get("id"),
            module_path=text.get("module-path"),
            pin_source=None if source is None else _path(source),
        )


def _attributes(part: str, separator: str, known: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    seen = set()
    for one in filter(None, part.split(separator)):
        name, equals, value = one.partition("=")
        if name not in known or not equals:
            raise CredentialError(_WHAT, f"unknown attribute {name[:40]!r}")
        if name in seen:
            raise CredentialError(_WHAT, f"{name} stands there twice")
        seen.add(name)
        yield name, unquote_to_bytes(value)


def _text(name: str, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise CredentialError(_WHAT, f"{name} is not UTF-8") from None


def _path(source: str) -> str:
    return source.removeprefix("file://").removeprefix("file:")
