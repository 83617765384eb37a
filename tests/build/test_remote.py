"""An asset that names where its manifest lies: readable by others, and true of the asset."""

import io
from pathlib import Path
from ssl import DER_cert_to_PEM_cert

import pytest
from PIL import Image

import provenance
from provenance.build.remote import sign_remote
from provenance.errors import DefinitionError, MalformedError, UnsupportedFormatError
from provenance.formats.xmp import remote_manifest
from provenance.formats.xmp_reference import with_reference
from provenance.limits import DEFAULT_LIMITS
from tests.build.workshop import MADE, forge, named, signer, trust
from tests.vectors import peer
from tests.vectors.peer import Signed

URL = "https://example.com/a?b=1&c=%22'x'"
PACKET = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="x">'
    b"<dc:source>here</dc:source></rdf:Description></rdf:RDF></x:xmpmeta>"
    b'<?xpacket end="w"?>'
)


def root() -> bytes:
    return DER_cert_to_PEM_cert(forge().root).encode()


@pytest.mark.parametrize("name", ["in.png", "in.jpg"])
@pytest.mark.parametrize("metadata", [None, PACKET])
def test_the_address_is_found_and_the_store_fits(
    tmp_path: Path, name: str, metadata: bytes | None
) -> None:
    path = named(tmp_path, name)
    if metadata:
        image = Image.open(path)
        kind = {"PNG": "png", "JPEG": "jpeg"}[image.format or ""]
        out = io.BytesIO()
        if kind == "jpeg":
            image.save(out, "JPEG", xmp=metadata)
            path.write_bytes(out.getvalue())
        else:
            from PIL.PngImagePlugin import PngInfo

            info = PngInfo()
            info.add_itxt("XML:com.adobe.xmp", metadata.decode())
            image.save(path, "PNG", pnginfo=info)
    output = tmp_path / f"out{path.suffix}"
    receipt = sign_remote(path, output, MADE, URL, signer=signer())
    store = (tmp_path / "out.c2pa").read_bytes()
    assert (receipt.output, receipt.sidecar) == (output, tmp_path / "out.c2pa")
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted((name, output.name, "out.c2pa"))
    alone = provenance.verify(output.read_bytes())
    assert (alone.location, alone.remote_url) == ("remote", URL)
    whole = provenance.verify(output, manifest=store, trust=trust())
    assert whole.state == "Trusted"
    kind = "png" if name.endswith("png") else "jpeg"
    signed = Signed(kind=kind, asset=output.read_bytes(), store=store, sidecar=True)
    assert peer.read(signed, anchors=root()).state == "Trusted"
    before, after = Image.open(path), Image.open(output)
    assert before.tobytes() == after.tobytes()


def test_an_embedded_store_becomes_the_parents(tmp_path: Path) -> None:
    path = named(tmp_path, "in.png")
    provenance.sign(path, tmp_path / "once.png", MADE, signer=signer())
    sign_remote(tmp_path / "once.png", tmp_path / "out.png", {}, URL, signer=signer())
    store = (tmp_path / "out.c2pa").read_bytes()
    report = provenance.verify(tmp_path / "out.png", manifest=store, trust=trust())
    assert (report.state, len(report.manifests)) == ("Trusted", 2)
    assert provenance.verify((tmp_path / "out.png").read_bytes()).location == "remote"


@pytest.mark.parametrize(
    "url", ["ftp://example.com/x", "a.com", "https://", "", "http://[::1", "https://a b/"]
)
def test_what_is_no_web_address_is_refused(tmp_path: Path, url: str) -> None:
    path = named(tmp_path, "in.png")
    with pytest.raises(DefinitionError, match="no http or https address"):
        sign_remote(path, tmp_path / "out.png", MADE, url, signer=signer())
    assert [one.name for one in tmp_path.iterdir()] == ["in.png"]


def test_a_container_without_a_place_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "in.gif"
    Image.new("L", (9, 9)).save(path)
    with pytest.raises(UnsupportedFormatError, match="no place for the address"):
        sign_remote(path, tmp_path / "out.gif", MADE, URL, signer=signer())
    assert [one.name for one in tmp_path.iterdir()] == ["in.gif"]


def test_a_store_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    path = named(tmp_path, "in.png")
    (tmp_path / "out.c2pa").write_bytes(b"another's")
    with pytest.raises(FileExistsError):
        sign_remote(path, tmp_path / "out.png", MADE, URL, signer=signer())
    assert (tmp_path / "out.c2pa").read_bytes() == b"another's"


def test_a_packet_keeps_its_bytes() -> None:
    changed = with_reference(PACKET, URL, DEFAULT_LIMITS)
    assert remote_manifest(changed) == URL
    at = changed.index(b" xmlns:dcterms")
    assert changed.startswith(PACKET[:at])
    assert changed.endswith(PACKET[at:])


@pytest.mark.parametrize(
    ("packet", "told"),
    [
        (b"<a>", "not well-formed"),
        (b"<a/>", "no rdf:Description"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "document type"),
        (with_reference(PACKET, URL, DEFAULT_LIMITS), "names a manifest store already"),
    ],
)
def test_a_packet_that_cannot_take_an_address_is_refused(packet: bytes, told: str) -> None:
    with pytest.raises(MalformedError, match=told):
        with_reference(packet, URL, DEFAULT_LIMITS)
