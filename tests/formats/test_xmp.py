"""The one thing asked of XMP: a web address of a manifest store."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.formats.xmp import remote_manifest
from provenance.limits import Limits

URL = "https://example.com/store.c2pa?a=1&b=2"
ESCAPED = URL.replace("&", "&amp;")
HEAD = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
TERMS = 'xmlns:dcterms="http://purl.org/dc/terms/"'
ATTRIBUTE = f'<rdf:Description {TERMS} dcterms:provenance="{ESCAPED}"/>'


def packet(inside: str) -> bytes:
    body = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{HEAD}>{inside}</rdf:RDF></x:xmpmeta>'
    return f'<?xpacket begin="\ufeff" id="W5M0"?>{body}<?xpacket end="w"?>'.encode()


@pytest.mark.parametrize(
    "inside",
    [
        ATTRIBUTE,
        f'<rdf:Description xmlns:q="http://purl.org/dc/terms/" q:provenance="{ESCAPED}"/>',
        f"<rdf:Description {TERMS}><dcterms:provenance> {ESCAPED}\n</dcterms:provenance>"
        "</rdf:Description>",
        f'<rdf:Description {TERMS}><dcterms:provenance rdf:resource="{ESCAPED}"/>'
        "</rdf:Description>",
        f'<rdf:Description {TERMS} dcterms:provenance="self#jumbf=/c2pa/x"/>{ATTRIBUTE}',
    ],
)
def test_an_address_is_found_however_it_is_spelled(inside: str) -> None:
    assert remote_manifest(packet(inside)) == URL


def test_padding_and_wrapper_do_not_matter() -> None:
    assert remote_manifest(packet(ATTRIBUTE) + b" \n" * 2000 + b"\0") == URL
    assert remote_manifest(packet(ATTRIBUTE).partition(b"?>")[2].partition(b"<?")[0]) == URL


@pytest.mark.parametrize(
    "address",
    [
        "self#jumbf=/c2pa/urn:c2pa:1",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "store.c2pa",
        "",
        "https://example.com/" + "a" * 9000,
    ],
)
def test_what_is_no_web_address_is_not_returned(address: str) -> None:
    inside = f'<rdf:Description {TERMS} dcterms:provenance="{address}"/>'
    assert remote_manifest(packet(inside)) is None


@pytest.mark.parametrize(
    "inside",
    [
        "",
        '<a xmlns:dc="http://purl.org/dc/elements/1.1/" dc:provenance="http://a" dc:b="http://purl.org/dc/terms/"/>',
        f'<rdf:Description {TERMS} provenance="{ESCAPED}"/>',
        f"<rdf:Description {TERMS}><!-- dcterms:provenance={URL} --></rdf:Description>",
        f"<rdf:Description {TERMS}><dcterms:source>{ESCAPED}</dcterms:source></rdf:Description>",
    ],
)
def test_another_property_is_not_mistaken_for_it(inside: str) -> None:
    assert remote_manifest(packet(inside + "<!-- provenance -->")) is None


@pytest.mark.parametrize(
    "broken",
    [
        packet(ATTRIBUTE)[:-30],
        packet(ATTRIBUTE) + b"<more/>",
        packet(ATTRIBUTE.replace("/>", ">")),
        packet(ATTRIBUTE).replace(b"store", b"\xff\xfe"),
        packet(ATTRIBUTE).replace(b'id="W5M0"?>', b'?><?xml version="1.0" encoding="x-no"?>'),
    ],
)
def test_malformed_xml_names_nothing(broken: bytes) -> None:
    assert remote_manifest(broken) is None


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY e "https://evil.example/">]>',
        '<!DOCTYPE x SYSTEM "https://evil.example/x.dtd">',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY e "&b;&b;">]>',
        "<!DOCTYPE x>",
    ],
)
def test_a_document_type_is_refused(doctype: str) -> None:
    plain = packet(ATTRIBUTE).partition(b"?>")[2].partition(b"<?xpacket")[0]
    assert remote_manifest(plain) == URL
    assert remote_manifest(doctype.encode() + plain) is None
    assert remote_manifest(doctype.encode() + plain.replace(b"store", b"&e;")) is None


def test_a_packet_past_the_limit_is_not_read() -> None:
    text = packet(ATTRIBUTE)
    assert remote_manifest(text, Limits(text_bytes=len(text))) == URL
    assert remote_manifest(text, Limits(text_bytes=len(text) - 1)) is None


def test_elements_nested_very_deep_do_no_harm() -> None:
    deep = "<a>" * 100_000 + ATTRIBUTE + "</a>" * 100_000
    assert remote_manifest(packet(deep)) == URL


@given(st.data())
def test_changed_bytes_do_no_harm(data: st.DataObject) -> None:
    text = bytearray(packet(ATTRIBUTE))
    for _ in range(data.draw(st.integers(1, 4))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    found = remote_manifest(bytes(text))
    assert found is None or found.lower().startswith(("http://", "https://"))
