"""What is a ZIP, and which of them a file is by its first bytes.

EPUB and OpenDocument say so in their first entry; a package of Office in a list of types that may
come late, but its folders are named for it. Source: EPUB OCF 3.3 §4.3; ODF 1.3 part 2, §3.3;
ECMA-376 part 2 (OPC), §7.2.3.
"""

from functools import lru_cache

from provenance.formats import _content_types
from provenance.formats._zip import LOCAL, LOCAL_MAGIC

__all__ = ["KINDS", "kinds_of", "main_folder"]

_OPENING = 1 << 16  # bytes of a list of types that are looked at

_OFFICE = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_MACRO = ".macroenabled.12"

# name, media types, suffixes
KINDS = (
    ("ZIP", ("application/zip", "application/x-zip-compressed", "application/x-zip"), (".zip",)),
    ("EPUB", ("application/epub+zip",), (".epub",)),
    (
        "DOCX",
        (
            f"{_OFFICE}wordprocessingml.document",
            f"{_OFFICE}wordprocessingml.template",
            f"application/vnd.ms-word.document{_MACRO}",
        ),
        (".docx", ".docm", ".dotx"),
    ),
    (
        "XLSX",
        (
            f"{_OFFICE}spreadsheetml.sheet",
            f"{_OFFICE}spreadsheetml.template",
            f"application/vnd.ms-excel.sheet{_MACRO}",
        ),
        (".xlsx", ".xlsm", ".xltx"),
    ),
    (
        "PPTX",
        (
            f"{_OFFICE}presentationml.presentation",
            f"{_OFFICE}presentationml.slideshow",
            f"{_OFFICE}presentationml.template",
            f"application/vnd.ms-powerpoint.presentation{_MACRO}",
        ),
        (".pptx", ".pptm", ".ppsx", ".potx"),
    ),
    ("OpenXPS", ("application/oxps", "application/vnd.ms-xpsdocument"), (".oxps", ".xps")),
    ("OpenDocument text", (f"{_ODF}text", f"{_ODF}text-template"), (".odt", ".ott")),
    (
        "OpenDocument spreadsheet",
        (f"{_ODF}spreadsheet", f"{_ODF}spreadsheet-template"),
        (".ods", ".ots"),
    ),
    (
        "OpenDocument presentation",
        (f"{_ODF}presentation", f"{_ODF}presentation-template"),
        (".odp", ".otp"),
    ),
    ("OpenDocument graphics", (f"{_ODF}graphics", f"{_ODF}graphics-template"), (".odg", ".otg")),
)

_BY_TYPE = {kind: name for name, kinds, _ in KINDS for kind in kinds}
_BY_FOLDER = {b"word/": "DOCX", b"xl/": "XLSX", b"ppt/": "PPTX", b"FixedDoc": "OpenXPS"}
_BY_CONTENT = {
    b"wordprocessingml": "DOCX",
    b"spreadsheetml": "XLSX",
    b"presentationml": "PPTX",
    b"fixeddocument": "OpenXPS",
}
_PACKAGE = (b"[Content_Types].xml", b"_rels/", b"docProps/")


@lru_cache(maxsize=8)
def kinds_of(head: bytes) -> tuple[str, ...]:
    """What an archive may be, by the names of its first entries and what is in them.

    Args:
        head: its first 4096 bytes, or fewer.
    """
    head = _past_script(head)
    if not head.startswith((LOCAL_MAGIC, b"PK\5\6")):
        return ()
    at, package = 0, False
    while head.startswith(LOCAL_MAGIC, at) and at + LOCAL.size <= len(head):
        row = LOCAL.unpack_from(head, at)
        data = at + LOCAL.size + row[9] + row[10]
        name = head[at + LOCAL.size : at + LOCAL.size + row[9]]
        told = head[data : data + row[7]]
        if at == 0 and name == b"mimetype":
            kind = _BY_TYPE.get(told.decode("latin-1").strip().lower())
            return (kind or "ZIP",)
        for folder, kind in _BY_FOLDER.items():
            if name.startswith(folder):
                return (kind,)
        if name == _PACKAGE[0]:
            text = _content_types.opening(head[data:], row[3], _OPENING)
            for content, kind in _BY_CONTENT.items():
                if content in text:
                    return (kind,)
        package |= name.startswith(_PACKAGE)
        at = data + row[7] if not row[2] & 0x08 else head.find(LOCAL_MAGIC, data)
        if at < 0:
            break
    return tuple(_BY_CONTENT.values()) if package else ("ZIP",)


def _past_script(head: bytes) -> bytes:
    """Without the line that makes a Python archive a program."""
    return head[head.find(b"\n") + 1 :] if head.startswith(b"#!") else head


def main_folder(kind: str) -> bytes:
    """What the names of a package's own files start with; nothing for other archives."""
    return next((folder for folder, name in _BY_FOLDER.items() if name == kind), b"")
