"""Which of the family a file is: by the brands of `ftyp`, or by its boxes when it has none.

    ftyp: major brand 4 | minor version u32 | compatible brands 4 each

The major brand decides where it says enough; a HEIF picture may name its coding only among the
compatible ones. QuickTime files from before `ftyp` begin with their boxes.
Source: ISO 14496-12 §4.3, §8.16.2; ISO 23008-12, annex B; AVIF §6; https://mp4ra.org.
"""

import struct

__all__ = ["kind_of"]

_HEIC = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"))
_AVIF = frozenset((b"avif", b"avis"))
_HEIF = frozenset((b"mif1", b"mif2", b"mif3", b"msf1", b"miaf", b"avci", b"avcs", b"jpeg", b"jpgs"))
_KINDS = {
    b"qt  ": "MOV",
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P "), "M4A"),
    **dict.fromkeys((b"M4V ", b"M4VH", b"M4VP"), "M4V"),
    **dict.fromkeys(_HEIC, "HEIC"),
    **dict.fromkeys(_AVIF, "AVIF"),
}
_OTHERS = frozenset((b"crx ", b"jp2 ", b"jpx ", b"jpm ", b"mjp2", b"jxl "))  # formats apart
_SEGMENT = frozenset((b"styp", b"moof", b"sidx", b"ssix", b"prft", b"emsg"))
_QUICKTIME = frozenset((b"moov", b"mdat"))
_PASSED = frozenset((b"free", b"skip", b"wide", b"pnot", b"PICT", b"uuid"))


def kind_of(head: bytes) -> str | None:
    """The name of a handler, or None when these bytes begin no ISO base media file.

    Args:
        head: the first bytes of a file.
    """
    at, signed = 0, False
    while at + 8 <= len(head):
        length, kind = struct.unpack_from(">I4s", head, at)
        if not (length == 1 or length >= 8 or (length == 0 and at)):
            return None
        if kind == b"ftyp":
            return _by_brand(head[at + 8 : at + length])
        if kind in _SEGMENT:
            return "MP4 segment"
        if kind in _QUICKTIME:
            return "MOV"
        if kind not in _PASSED or length < 8:
            return None
        signed = signed or head[at + 8 : at + 12] == b"\xd8\xfe\xc3\xd6"
        at += length
    return "MOV" if signed else None  # a store so long that nothing else is in sight


def _by_brand(brands: bytes) -> str | None:
    major, others = brands[:4], {brands[at : at + 4] for at in range(8, len(brands), 4)}
    if len(brands) < 8 or major in _OTHERS:
        return None
    kind = _KINDS.get(major)
    if kind is None and major in _HEIF:
        coded = (name for name, codes in (("HEIC", _HEIC), ("AVIF", _AVIF)) if others & codes)
        kind = next(coded, "HEIF")
    return kind or "MP4"
