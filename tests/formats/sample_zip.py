"""Small archives of every kind that is a ZIP, made on the spot.

Nothing in them is packed, since the reference cannot sign archives in which something is.
"""

import io
import zipfile
from collections.abc import Callable

__all__ = ["ZIP_SAMPLES", "archive", "packed"]

_OFFICE = "application/vnd.openxmlformats-officedocument"
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/{part}" ContentType="{kind}"/></Types>'
)
_RELATIONSHIPS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="{part}"/></Relationships>'
)


def archive(*files: tuple[str, str | bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A ZIP of some files; what is called "mimetype" is stored, as it must be."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, data in files:
            info = zipfile.ZipInfo(name, (2024, 5, 17, 12, 30, 0))
            made.writestr(info, data, zipfile.ZIP_STORED if name == "mimetype" else method)
    return out.getvalue()


def packed(data: bytes) -> bytes:
    """The same archive, its files packed."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        files = [(info.filename, opened.read(info)) for info in opened.infolist()]
    return archive(*files, method=zipfile.ZIP_DEFLATED)


def _plain() -> bytes:
    return archive(
        ("read me.txt", "Hello, world. " * 40),
        ("data/", b""),
        ("data/ümläut.bin", bytes(range(256))),
    )


def _office(part: str, kind: str, content: str = "<x/>") -> Callable[[], bytes]:
    return lambda: archive(
        ("[Content_Types].xml", _TYPES.format(part=part, kind=kind)),
        ("_rels/.rels", _RELATIONSHIPS.format(part=part)),
        (part, content),
    )


def _marked(kind: str, *files: tuple[str, str]) -> Callable[[], bytes]:
    return lambda: archive(("mimetype", kind), *files)


def _odf(kind: str) -> Callable[[], bytes]:
    whole = f"application/vnd.oasis.opendocument.{kind}"
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{whole}"/>'
        "</manifest:manifest>"
    )
    return _marked(whole, ("content.xml", "<x/>"), ("META-INF/manifest.xml", manifest))


ZIP_SAMPLES: dict[str, Callable[[], bytes]] = {
    "ZIP": _plain,
    "EPUB": _marked(
        "application/epub+zip",
        ("META-INF/container.xml", "<container/>"),
        ("OEBPS/chapter 1.xhtml", "<html/>" * 30),
    ),
    "DOCX": _office("word/document.xml", f"{_OFFICE}.wordprocessingml.document.main+xml"),
    "XLSX": _office("xl/workbook.xml", f"{_OFFICE}.spreadsheetml.sheet.main+xml"),
    "PPTX": _office("ppt/presentation.xml", f"{_OFFICE}.presentationml.presentation.main+xml"),
    "OpenXPS": _office(
        "FixedDocumentSequence.fdseq",
        "application/vnd.ms-package.xps-fixeddocumentsequence+xml",
    ),
    "OpenDocument text": _odf("text"),
    "OpenDocument spreadsheet": _odf("spreadsheet"),
    "OpenDocument presentation": _odf("presentation"),
    "OpenDocument graphics": _odf("graphics"),
}
