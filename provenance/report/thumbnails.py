"""Thumbnails for a page: bytes from a file, put into it only if they are what they say they are.

A browser decodes them as pictures and as nothing else: no SVG, no HTML, nothing that could run.
"""

from base64 import b64encode

from provenance.validate.results import ManifestReport

__all__ = ["Album", "media_type"]

_PAGE_BYTES = 12 << 20  # of pictures in one page
_CLAIM = "c2pa.thumbnail.claim"


def media_type(data: bytes | memoryview) -> str | None:
    """What the first bytes say; None for all but JPEG, PNG and WebP."""
    head = bytes(data[:12])
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:] == b"WEBP":
        return "image/webp"
    return None


class Album:
    """The thumbnails of all manifests, as `data:` URIs, up to what a page should hold."""

    def __init__(self, manifests: tuple[ManifestReport, ...]) -> None:
        self._manifests = {one.label: one for one in manifests}
        self._left = _PAGE_BYTES

    def of_claim(self, manifest: ManifestReport) -> str | None:
        """The picture that a manifest has of its asset."""
        found = (one for one in manifest.assertions if one.label.startswith(_CLAIM))
        return self._uri(next((one.picture for one in found if one.picture), None))

    def at(self, uri: str | None, within: ManifestReport) -> str | None:
        """The picture that an ingredient assertion names."""
        path = (uri or "").removeprefix("self#jumbf=")
        labels = path.removeprefix("/c2pa/").split("/") if path != uri else []
        manifest = self._manifests.get(labels[0]) if path.startswith("/c2pa/") else within
        if manifest is None or not labels:
            return None
        found = (one.picture for one in manifest.assertions if one.label == labels[-1])
        return self._uri(next(found, None))

    def _uri(self, picture: bytes | memoryview | None) -> str | None:
        if picture is None or len(picture) > self._left:
            return None
        kind = media_type(picture)
        if kind is None:
            return None
        self._left -= len(picture)
        return f"data:{kind};base64,{b64encode(picture).decode()}"
