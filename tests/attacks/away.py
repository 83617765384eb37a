"""Forgeries on the web and beside the asset, for whoever opens the door."""

from io import BytesIO
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from provenance.jumbf.writer import cbor_box, json_box
from tests.attacks.elsewhere import CLOUD, EXTERNAL, LINKED, NOT_FETCHED, with_items
from tests.attacks.expect import Expect, attack
from tests.attacks.forge import (
    NOTE,
    Binding,
    Forge,
    Item,
    Recipe,
    cbor,
    created,
    digest,
    hard_binding,
    hashed_of,
)
from tests.attacks.internet import NOWHERE, OPEN, address, put
from tests.formats.sample_zip import archive

BOX = cbor_box(NOTE, {"text": "made by a model"})
SKIPPED = {"assertion.linkedResourceIntegrity.skipped"}


def cloud(url: str, box: bytes = BOX, *, label: str = NOTE, **edit: Any) -> Item:
    where = {"url": url, "alg": "sha256", "hash": digest(hashed_of(box))}
    return cbor(CLOUD, {"label": label, "size": len(box), "location": where} | edit)


def external(url: str, data: bytes | None, **edit: Any) -> Item:
    where: dict[str, Any] = {"url": url}
    if data is not None:
        where |= {"alg": "sha256", "hash": digest(data)}
    return cbor(EXTERNAL, {"location": where} | edit, created=False)


def online(forge: Forge, item: Item, **how: Any) -> Expect:
    given: dict[str, Any] = {"asset": with_items(forge, item), "state": "Trusted", "online": OPEN}
    return Expect(**(given | how))


@attack("C2PA 2.4 §15.10.4: an assertion in the cloud, as it was signed")
def cloud_data_there(forge: Forge) -> Expect:
    """Nothing is wrong: it is there, and it is the one."""
    return online(forge, cloud(put(BOX)), notes={"assertion.accessible"})


@attack("C2PA 2.4 §15.10.4: an assertion in the cloud that is gone")
def cloud_data_gone(forge: Forge) -> Expect:
    """Nobody answers: that is told, and rejects nothing."""
    return online(forge, cloud(NOWHERE), failures={"assertion.inaccessible"})


@attack("C2PA 2.4 §15.10.4.2: another assertion in the cloud")
def cloud_data_exchanged(forge: Forge) -> Expect:
    """As long as the one that was signed, and another."""
    other = BOX.replace(b"model", b"human")
    wrong = {"assertion.hashedURI.mismatch"}
    return online(forge, cloud(put(other)), failures=wrong, state="Invalid")


@attack("C2PA 2.4 §15.10.4.2: more in the cloud than was signed")
def cloud_data_longer(forge: Forge) -> Expect:
    """Bytes were put behind it."""
    wrong = {"assertion.hashedURI.mismatch"}
    return online(forge, cloud(put(BOX + bytes(8))), failures=wrong, state="Invalid")


@attack("C2PA 2.4 §15.10.4.2: cloud data of another type")
def cloud_data_as_page(forge: Forge) -> Expect:
    """The server calls it a web page."""
    wrong = {"assertion.hashedURI.mismatch"}
    return online(forge, cloud(put(BOX, "text/html")), failures=wrong, state="Invalid")


@attack("C2PA 2.3 §15.10.3.2.1: cloud data under another name")
def cloud_data_relabelled(forge: Forge) -> Expect:
    """The claim says that it is one assertion; it says itself that it is another."""
    wrong = {"assertion.cloud-data.labelMismatch"}
    item = cloud(put(BOX), label="org.example.other")
    return online(forge, item, failures=wrong, state="Invalid")


@attack("C2PA 2.4 §15.10.4.1: cloud data that cannot be read")
def cloud_data_broken(forge: Forge) -> Expect:
    """What was signed is no JSON; fetched assertions are held to what embedded ones are."""
    box = json_box("cawg.metadata", b"{")
    item = cloud(put(box), box, label="cawg.metadata")
    return online(forge, item, failures={"assertion.json.invalid"}, state="Invalid")


@attack("C2PA 2.4 §15.10.4.1: a rejected claim sends us somewhere")
def cloud_data_of_a_bad_claim(forge: Forge) -> Expect:
    """The claim does not hold, so nothing that it names is fetched."""
    items = [created(), hard_binding(lambda row: row.update(hash=bytes(32))), cloud(NOWHERE)]
    wrong = {"assertion.dataHash.mismatch"}
    asset = forge.png(Recipe(items=items))
    return Expect(asset=asset, online=OPEN, failures=wrong, notes=NOT_FETCHED)


@attack("C2PA 2.4 §15.10.4: a file sends us to very many places")
def cloud_data_without_number(forge: Forge) -> Expect:
    """A hundred addresses: we go to a few of them, and say that of the others."""
    url = put(BOX)
    items = [cbor(f"{CLOUD}__{n}", _row(url)) for n in range(1, 101)]
    asset = forge.png(Recipe(items=[created(), hard_binding(), *items]))
    return Expect(asset=asset, online=OPEN, state="Trusted", notes=NOT_FETCHED)


def _row(url: str) -> dict[str, Any]:
    where = {"url": url, "alg": "sha256", "hash": digest(hashed_of(BOX))}
    return {"label": NOTE, "size": len(BOX), "location": where}


@attack("C2PA 2.4 §18.24: something outside, as it was signed")
def external_reference_there(forge: Forge) -> Expect:
    """Nothing is wrong: any data, hashed as it lies there."""
    return online(forge, external(put(b"a log"), b"a log"), notes={"assertion.accessible"})


@attack("C2PA 2.4 §15.10.3.2.2: something else outside")
def external_reference_exchanged(forge: Forge) -> Expect:
    """It was signed with its hash, and is another now."""
    wrong = {"assertion.external-reference.hashMismatch"}
    item = external(put(b"a lag"), b"a log")
    return online(forge, item, failures=wrong, state="Invalid")


@attack("C2PA 2.4 §15.10.3.2.2: an assertion outside under another name")
def external_reference_relabelled(forge: Forge) -> Expect:
    """No hash, but a label, which is another there."""
    wrong = {"assertion.external-reference.labelMismatch"}
    item = external(put(BOX), None, label="org.example.other")
    return online(forge, item, failures=wrong, state="Invalid")


@attack("C2PA 2.4 §18.24.1: something outside that may change")
def external_reference_unhashed(forge: Forge) -> Expect:
    """Without hash or label there is nothing to hold it to, so nobody goes there."""
    return online(forge, external(NOWHERE, None), notes=NOT_FETCHED)


def linked(*outside: dict[str, Any], beside: Any = None) -> Item:
    resources: dict[str, Any] = {"externalResources": list(outside)} if outside else {}
    if beside is not None:
        resources |= {"relativeResources": beside, "alg": "sha256"}
    return cbor(LINKED, {"resources": resources})


def resource(data: bytes, url: str, **more: Any) -> dict[str, Any]:
    return {"url": url, "alg": "sha256", "hash": digest(data), **more}


def told(code: str) -> set[str]:
    return {f"assertion.linkedResourceIntegrity.{code}"}


@attack("C2PA 2.5 §14.10.4.2.3: a linked resource, as it was signed")
def linked_resource_there(forge: Forge) -> Expect:
    """Nothing is wrong."""
    one = resource(b"body {}", put(b"body {}", "text/css"), size=7, **{"dc:format": "text/css"})
    return online(forge, linked(one), notes=told("match"))


@attack("C2PA 2.5 §14.10.4.2.3: a linked resource is gone")
def linked_resource_gone(forge: Forge) -> Expect:
    """Told, and no more: resources reject no claim."""
    return online(forge, linked(resource(b"", NOWHERE)), notes=told("inaccessible"))


@attack("C2PA 2.5 §14.10.4.2.3: a linked resource has another size")
def linked_resource_longer(forge: Forge) -> Expect:
    """The size is looked at first."""
    one = resource(b"body {}", put(b"body {}  ", ""), size=7)
    return online(forge, linked(one), notes=told("sizeMismatch"))


@attack("C2PA 2.5 §14.10.4.2.3: a linked resource is of another type")
def linked_resource_as_script(forge: Forge) -> Expect:
    """A style sheet that comes as a script."""
    one = resource(b"x", put(b"x", "text/javascript"), **{"dc:format": "text/css"})
    return online(forge, linked(one), notes=told("formatMismatch"))


@attack("C2PA 2.5 §14.10.4.2.3: a linked resource is another")
def linked_resource_exchanged(forge: Forge) -> Expect:
    """Of the same size."""
    return online(forge, linked(resource(b"x", put(b"y"))), notes=told("hashMismatch"))


@attack("C2PA 2.5 §14.10.4.2.3: a linked resource by an unknown algorithm")
def linked_resource_by_md5(forge: Forge) -> Expect:
    """An algorithm that is on no list."""
    one = resource(b"x", NOWHERE) | {"alg": "md5"}
    wrong = {"algorithm.unsupported"}
    return online(forge, linked(one), failures=wrong, state="Invalid")


def beside(uri: str, data: bytes, **more: Any) -> Item:
    return linked(beside=[{"uri": uri, "hash": digest(data), **more}])


STYLE = {"style.css": b"body {}"}


@attack("C2PA 2.5 §14.10.4.2.3: a file beside the asset, as it was signed")
def linked_file_there(forge: Forge) -> Expect:
    """Nothing is wrong, and no network was needed."""
    item = beside("./style.css?v=2", b"body {}", size=7, **{"dc:format": "text/css"})
    return Expect(asset=with_items(forge, item), state="Trusted", beside=STYLE, notes=told("match"))


@attack("C2PA 2.5 §14.10.4.2.3: a file beside the asset was changed")
def linked_file_changed(forge: Forge) -> Expect:
    """Another style sheet of that size."""
    asset = with_items(forge, beside("style.css", b"body []"))
    return Expect(asset=asset, state="Trusted", beside=STYLE, notes=told("hashMismatch"))


@attack("C2PA 2.5 §14.10.4.2.3: a file beside the asset is of another type")
def linked_file_of_another_type(forge: Forge) -> Expect:
    """Said to be a picture."""
    item = beside("style.css", b"body {}", **{"dc:format": "image/png"})
    asset = with_items(forge, item)
    return Expect(asset=asset, state="Trusted", beside=STYLE, notes=told("formatMismatch"))


@attack("C2PA 2.5 §14.10.4.2.3: a file of the machine")
def linked_file_of_the_machine(forge: Forge) -> Expect:
    """An absolute path, to learn whether it is there: it is not opened."""
    asset = with_items(forge, beside("/etc/passwd", b""))
    return Expect(asset=asset, state="Trusted", beside=STYLE, notes=told("inaccessible"))


@attack("C2PA 2.5 §14.10.4.2.3: no folder to look in")
def linked_file_of_a_stream(forge: Forge) -> Expect:
    """The asset came as bytes, so nothing lies beside it."""
    asset = with_items(forge, beside("style.css", b""))
    return Expect(asset=asset, state="Trusted", notes=SKIPPED)


def pointing(forge: Forge, url: str) -> bytes:
    """A PNG whose XMP says where its manifest store lies."""
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        'xmlns:dcterms="http://purl.org/dc/terms/" rdf:about="" '
        f'dcterms:provenance="{url}"/></rdf:RDF></x:xmpmeta>'
    )
    info, out = PngInfo(), BytesIO()
    info.add_itxt("XML:com.adobe.xmp", packet)
    Image.open(BytesIO(forge.picture)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def bound_to(forge: Forge, asset: bytes) -> bytes:
    """A store for an asset that it does not lie in."""
    return forge.store(Recipe(), binding=Binding((), digest(asset)))


@attack("C2PA 2.2 §15.5.3: a manifest store on the web")
def remote_manifest_there(forge: Forge) -> Expect:
    """Nothing is wrong: it is fetched, and it is bound to the asset."""
    url = address()
    asset = pointing(forge, url)
    put(bound_to(forge, asset), "application/c2pa", at=url)
    return Expect(asset=asset, online=OPEN, state="Trusted")


@attack("C2PA 2.2 §15.5.3: a manifest store on the web, of another asset")
def remote_manifest_of_another(forge: Forge) -> Expect:
    """The address leads to somebody else's store."""
    url = put(forge.beside(Recipe()), "application/c2pa")
    wrong = {"assertion.dataHash.mismatch"}
    return Expect(asset=pointing(forge, url), online=OPEN, failures=wrong)


@attack("C2PA 2.2 §15.5.3.1: a manifest store on the web that is gone")
def remote_manifest_gone(forge: Forge) -> Expect:
    """It was promised, and is not there."""
    asset = pointing(forge, NOWHERE)
    return Expect(asset=asset, online=OPEN, failures={"manifest.inaccessible"})


@attack("C2PA 2.5 §14.5.2: a web page in place of a manifest store")
def remote_manifest_is_a_page(forge: Forge) -> Expect:
    """The address leads to something else."""
    asset = pointing(forge, put(b"<html>", "text/html"))
    wrong = {"manifest.inaccessible.malformed"}
    return Expect(asset=asset, online=OPEN, failures=wrong, error="malformed")


@attack("C2PA 2.2 §15.5.3: a manifest store on the web, the door shut")
def remote_manifest_not_fetched(forge: Forge) -> Expect:
    """A fact that is reported; nobody goes there."""
    return Expect(asset=pointing(forge, NOWHERE), state=None)


@attack("C2PA 2.5 §14.5.2.1: a manifest store that nobody can read")
def store_encrypted(forge: Forge) -> Expect:
    """It lies in an entry of an archive that is encrypted."""
    held = archive(("a.txt", "x"), ("META-INF/content_credential.c2pa", forge.beside(Recipe())))
    data = bytearray(held)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rindex(mark) + flags] |= 1
    wrong = {"manifest.inaccessible.encrypted"}
    return Expect(asset=bytes(data), failures=wrong, error="malformed")
