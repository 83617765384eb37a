"""`[Content_Types].xml`: what an Office package says of the files in it.

    <Types xmlns="…"><Default Extension="c2pa" ContentType="application/c2pa"/> …

The declaration goes in as text, so that all else stays as it was written.
Source: ECMA-376 part 2 (OPC), §7.2.3; C2PA 2.5 §A.6.
"""

import re
import zlib

__all__ = ["NAME", "changed", "opening"]

NAME = b"[Content_Types].xml"
_STORED, _DEFLATED = 0, 8
_RAW = -15  # zlib's word for deflate without a header

_ROOT = re.compile(rb"<([\w.-]+:)?Types(?:\s[^<>]*)?(?<!/)>")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_KNOWN = re.compile(
    rb"""(Extension\s*=\s*["']c2pa["']|PartName\s*=\s*["']/META-INF/content_credential\.c2pa["'])""",
    re.IGNORECASE,
)


def opening(data: bytes, method: int, most: int) -> bytes:
    """The beginning of the list, of whose data there may be the beginning only; at most `most`."""
    if method == _STORED:
        return data[:most]
    try:
        return zlib.decompressobj(_RAW).decompress(data, most) if method == _DEFLATED else b""
    except zlib.error:
        return b""


def changed(data: bytes, method: int, wanted: bool, most: int) -> tuple[bytes, int, int] | None:
    """The list with the type of `.c2pa` files in it, or without what we put there.

    Args:
        data: as it lies in the archive.
        method: how it is packed.
        wanted: put it in, or take it out?
        most: bytes that we unpack.

    Returns:
        Its new data, packed the same way, their CRC and unpacked size; None if nothing changes:
        it is declared already, or the list is not one that we can read.
    """
    text = opening(data, method, most + 1)
    root = _root(text)
    if len(text) > most or root is None:
        return None
    ours = b'<%sDefault Extension="c2pa" ContentType="application/c2pa"/>' % (root[1] or b"")
    at = root.end()
    if wanted and not _KNOWN.search(text):
        text = text[:at] + ours + text[at:]
    elif not wanted and text.startswith(ours, at):
        text = text[:at] + text[at + len(ours) :]
    else:
        return None
    packed = text
    if method == _DEFLATED:
        packer = zlib.compressobj(wbits=_RAW)
        packed = packer.compress(text) + packer.flush()
    return packed, zlib.crc32(text), len(text)


def _root(text: bytes) -> re.Match[bytes] | None:
    comments = [(one.start(), one.end()) for one in _COMMENT.finditer(text)]
    for root in _ROOT.finditer(text):
        if not any(start < root.start() < end for start, end in comments):
            return root
    return None
