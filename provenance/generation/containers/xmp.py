"""XMP: the properties of a packet, flat, under keys such as `dc:description`.

    <rdf:Description exif:Flash="…"><exif:UserComment><rdf:Alt><rdf:li>text</rdf:li>…

An attribute, an element, or the items of a list in it: each is a text under the property's name.
Prefixes are ours, whatever the packet calls its namespaces. Source: XMP part 1, §7.
"""

from collections.abc import Iterator

from provenance.generation.texts import Text

__all__ = ["texts"]

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_META = "adobe:ns:meta/"
_PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "iptc",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-19/": "iptc",
}
_MOST = 10_000  # texts
_DEEP = 64
_LONGEST = 16 << 20


class _RefusedError(Exception):
    pass


def _refuse(*_: object) -> None:
    raise _RefusedError


def texts(packet: bytes) -> Iterator[Text]:
    """The properties of a packet as far as it is well-formed; one with a document type has none."""
    if len(packet) > _LONGEST:
        yield Text("xmp", "packet", None)
        return
    from xml.parsers import expat  # no document type gets through, see _refuse

    reader = _Reader()
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(packet.strip(b"\0 \t\r\n"), True)
    except (expat.ExpatError, _RefusedError):
        pass
    yield from reader.found


class _Reader:
    """Listens to a parser; keeps the names of open elements and what was found."""

    def __init__(self) -> None:
        self.found: list[Text] = []
        self._open: list[str] = []
        self._pieces: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._open.append(name)
        self._pieces.clear()
        if len(self._open) > _DEEP:
            raise _RefusedError
        for key, value in attributes.items():
            if key.startswith(_RDF):
                if key == f"{_RDF} resource":
                    self._add(name, value)
            elif " " in key and not key.startswith(("http://www.w3.org/XML", _META)):
                self._add(key, value)

    def end(self, name: str) -> None:
        text = "".join(self._pieces)
        self._pieces.clear()
        if text.strip() or not name.startswith(_RDF):
            owner = next((one for one in reversed(self._open) if not one.startswith(_RDF)), "")
            if text.strip():
                self._add(owner, text)
        self._open.pop()

    def text(self, data: str) -> None:
        self._pieces.append(data)

    def _add(self, name: str, value: str) -> None:
        if len(self.found) >= _MOST:
            raise _RefusedError
        space, _, local = name.rpartition(" ")
        if space != _META:
            self.found.append(Text("xmp", f"{_PREFIXES.get(space, space)}:{local}", value))
