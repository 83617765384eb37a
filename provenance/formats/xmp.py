"""XMP: the one thing asked of it is where a manifest store lies that is not in the file.

    <rdf:Description dcterms:provenance="https://example.com/store.c2pa">

The same property may be spelled as an element. A `self#jumbf=…` there, as early writers left it,
names the embedded store and is not remote; neither is anything but a web address.
Source: C2PA 2.2 §11.5.
"""

from provenance.limits import DEFAULT_LIMITS, Limits

__all__ = ["remote_manifest"]

_DCTERMS = "http://purl.org/dc/terms/"
_NAMES = (b"provenance", _DCTERMS.encode())
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_PROVENANCE = f"{_DCTERMS} provenance"
_RESOURCE = f"{_RDF} resource"
_URL_LENGTH = 8192


def remote_manifest(xmp: bytes, limits: Limits = DEFAULT_LIMITS) -> str | None:
    """The web address of the manifest store that an XMP packet names, if it names one.

    Whoever wrote the picture wrote this text, maybe of an earlier version of it: the address is
    a hint, and nothing is fetched here.

    Args:
        xmp: the packet in UTF-8, with or without its wrapper and padding.
        limits: a packet over `text_bytes` is not read.

    Returns:
        An http or https address; None when there is none or the packet is not well-formed XML.
        One with a document type (hence entities) counts as not well-formed: XMP has none.
    """
    # Most packets name no store, and starting an XML parser costs more than this look.
    if len(xmp) > limits.text_bytes or not all(name in xmp for name in _NAMES):
        return None
    packet = xmp.strip(b"\0 \t\r\n")
    from xml.parsers import expat  # no document type gets through, see _refuse

    finder = _Finder()
    parser = expat.ParserCreate("utf-8", " ")
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = finder.start
    parser.EndElementHandler = finder.end
    parser.CharacterDataHandler = finder.text
    try:
        parser.Parse(packet, True)
    except (expat.ExpatError, _RefusedError):
        return None
    return finder.url


class _RefusedError(Exception):
    pass


def _refuse(*_: object) -> None:
    raise _RefusedError


class _Finder:
    """Listens to a parser for the first web address that a `dcterms:provenance` holds."""

    def __init__(self) -> None:
        self.url: str | None = None
        self._depth = 0  # of elements, counted from a dcterms:provenance on
        self._pieces: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._offer(attributes.get(_PROVENANCE))
        if self._depth or name == _PROVENANCE:
            self._depth += 1
            self._offer(attributes.get(_RESOURCE))

    def end(self, _: str) -> None:
        if self._depth:
            self._depth -= 1
            if not self._depth:
                self._offer("".join(self._pieces))
                self._pieces.clear()

    def text(self, data: str) -> None:
        if self._depth == 1:
            self._pieces.append(data)

    def _offer(self, value: str | None) -> None:
        if self.url is not None or value is None:
            return
        url = value.strip()
        if url.lower().startswith(("http://", "https://")) and len(url) <= _URL_LENGTH:
            self.url = url
