"""Writing into XMP where the manifest store of an asset lies.

An existing packet keeps its bytes, and gets one attribute:

    <rdf:Description rdf:about="" … xmlns:dcterms="…" dcterms:provenance="https://…">

Source: C2PA 2.2 §11.5; ISO 16684-1 §7.
"""

from xml.sax.saxutils import quoteattr

from provenance.errors import MalformedError
from provenance.formats.xmp import remote_manifest
from provenance.limits import Limits

__all__ = ["with_reference"]

_DCTERMS = "http://purl.org/dc/terms/"
_DESCRIPTION = "http://www.w3.org/1999/02/22-rdf-syntax-ns# Description"
_PROVENANCE = f"{_DCTERMS} provenance"
_NEW = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about=""{attribute}/>'
    "</rdf:RDF></x:xmpmeta>"
    '<?xpacket end="w"?>'
)


def with_reference(packet: bytes | None, url: str, limits: Limits) -> bytes:
    """An XMP packet that names the address of a manifest store.

    Args:
        packet: the asset's own, UTF-8; None when it has none.
        url: http or https.
        limits: a packet over `text_bytes` is refused.

    Raises:
        MalformedError: the packet is no well-formed XMP, or names a store already.
    """
    attribute = f' xmlns:dcterms="{_DCTERMS}" dcterms:provenance={quoteattr(url)}'
    if packet is None:
        return _NEW.format(attribute=attribute).encode()
    before = packet.rstrip(b"\0 \t\r\n")
    at = _description_end(before, limits)
    changed = before[:at] + attribute.encode() + before[at:]
    if remote_manifest(changed, limits) != url:
        raise MalformedError("XMP packet", "cannot take a reference in a way that reads back")
    return changed


def _description_end(packet: bytes, limits: Limits) -> int:
    """Where an attribute fits into the first rdf:Description: behind its name."""
    if len(packet) > limits.text_bytes:
        raise MalformedError("XMP packet", f"{len(packet)} bytes, too long to be changed")
    from xml.parsers import expat

    places: list[int] = []
    parser = expat.ParserCreate("utf-8", " ")

    def refuse(*_: object) -> None:
        raise MalformedError("XMP packet", "has a document type, which XMP has not")

    def start(name: str, attributes: dict[str, str]) -> None:
        if _PROVENANCE in attributes or name == _PROVENANCE:
            raise MalformedError("XMP packet", "names a manifest store already")
        if name == _DESCRIPTION:
            places.append(parser.CurrentByteIndex)

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    try:
        parser.Parse(packet.strip(b"\0 \t\r\n"), True)
    except expat.ExpatError as error:
        raise MalformedError("XMP packet", f"is not well-formed ({error})") from error
    if not places:
        raise MalformedError("XMP packet", "has no rdf:Description")
    lead = len(packet) - len(packet.lstrip(b"\0 \t\r\n"))
    at = lead + places[0] + 1
    while at < len(packet) and packet[at : at + 1] not in b" \t\r\n/>":
        at += 1
    return at
