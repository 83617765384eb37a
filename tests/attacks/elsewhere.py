"""Forgeries with content that lies elsewhere: in the cloud, in another form, compressed."""

from typing import Any

import brotli

from provenance.boxes import box
from provenance.cbor import Tag
from provenance.jumbf import uuids
from provenance.jumbf.writer import superbox
from tests.attacks.expect import Expect, attack, beyond_limits
from tests.attacks.forge import (
    Built,
    Forge,
    Item,
    Recipe,
    actions,
    cbor,
    created,
    digest,
    hard_binding,
    ingredient,
    local,
    opened,
    raw,
)
from tests.attacks.redactions import MARK, emptied
from tests.attacks.redactions import child as redacted
from tests.attacks.updates import updated

CLOUD = "c2pa.cloud-data"
EXTERNAL = "c2pa.external-reference"
LINKED = "c2pa.linked-resource-integrity"
FORM = "c2pa.alternative-content-representation"
NOT_FETCHED = {"org.provenance-c2pa.external.notFetched"}
WEB = {"url": "https://example.com/a.jumbf", "alg": "sha256", "hash": bytes(32)}


def with_items(forge: Forge, *more: Item) -> bytes:
    return forge.png(Recipe(items=[created(), hard_binding(), *more]))


def cloud(label: str, **edit: Any) -> Item:
    row = {"label": label, "size": 10, "location": WEB, "content_type": "application/jumbf"}
    return cbor(CLOUD, {key: value for key, value in (row | edit).items() if value is not None})


@attack("C2PA 2.2 §18.11: an assertion in the cloud")
def cloud_data(forge: Forge) -> Expect:
    """Nothing is wrong; what it says is not known here, and that is said."""
    return Expect(
        asset=with_items(forge, cloud("org.example.note")), state="Trusted", notes=NOT_FETCHED
    )


@attack("C2PA 2.2 §15.10.3: cloud data without a size")
def cloud_data_without_size(forge: Forge) -> Expect:
    """Whoever fetches it would not know when to stop."""
    asset = with_items(forge, cloud("org.example.note", size=None))
    return Expect(asset=asset, failures={"assertion.cloud-data.malformed"})


@attack("C2PA 2.2 §15.10.3: actions in the cloud")
def cloud_data_for_actions(forge: Forge) -> Expect:
    """What was done to the asset would depend on whether a server answers."""
    asset = with_items(forge, cloud("c2pa.actions.v2"))
    return Expect(asset=asset, failures={"assertion.cloud-data.malformed"})


@attack("C2PA 2.2 §15.10.3: a hard binding in the cloud")
def cloud_data_for_hard_binding(forge: Forge) -> Expect:
    """The binding could be exchanged when nobody looks."""
    asset = with_items(forge, cloud("c2pa.hash.data"))
    return Expect(asset=asset, failures={"assertion.cloud-data.hardBinding"})


@attack("C2PA 2.2 §15.10.3: actions of an update in the cloud")
def cloud_data_for_actions_of_an_update(forge: Forge) -> Expect:
    """An update whose actions nobody can see."""
    asset = updated(forge, cloud("c2pa.actions.v2"))
    return Expect(asset=asset, failures={"assertion.cloud-data.actions"})


def external(created_: bool = False, **edit: Any) -> Item:
    row = {"location": WEB, "label": "org.example.note"} | edit
    return cbor(EXTERNAL, {k: v for k, v in row.items() if v is not None}, created=created_)


@attack("C2PA 2.3 §18.24: a reference to something outside")
def external_reference(forge: Forge) -> Expect:
    """Gathered, hashed, not fetched: nothing is wrong."""
    return Expect(asset=with_items(forge, external()), state="Trusted", notes=NOT_FETCHED)


@attack("C2PA 2.3 §15.10.3: the signer vouches for something outside")
def external_reference_created(forge: Forge) -> Expect:
    """It stands among the created assertions."""
    asset = with_items(forge, external(created_=True))
    return Expect(asset=asset, failures={"assertion.external-reference.created"})


@attack("C2PA 2.4 §15.10.3: half a hash")
def external_reference_half_hashed(forge: Forge) -> Expect:
    """An algorithm without a hash: it looks bound, and is not."""
    asset = with_items(forge, external(location={"url": WEB["url"], "alg": "sha256"}))
    return Expect(asset=asset, failures={"assertion.external-reference.malformed"})


@attack("C2PA 2.5 §14.10.4: resources beside the asset")
def linked_resources(forge: Forge) -> Expect:
    """Sound; they are not looked at, and that is said."""
    item = cbor(LINKED, {"resources": {"externalResources": [WEB]}})
    note = {"assertion.linkedResourceIntegrity.skipped"}
    return Expect(asset=with_items(forge, item), state="Trusted", notes=note)


@attack("C2PA 2.5 §14.10.4: resources that nobody vouches for")
def linked_resources_gathered(forge: Forge) -> Expect:
    """They stand among the gathered assertions."""
    item = cbor(LINKED, {"resources": {"externalResources": [WEB]}}, created=False)
    code = {"assertion.linkedResourceIntegrity.notCreated"}
    return Expect(asset=with_items(forge, item), failures=code)


@attack("C2PA 2.5 §14.10.4: no resource")
def linked_resources_empty(forge: Forge) -> Expect:
    """A list that covers nothing."""
    item = cbor(LINKED, {"resources": {}})
    code = {"assertion.linkedResourceIntegrity.malformed"}
    return Expect(asset=with_items(forge, item), failures=code)


@attack("C2PA 2.5 §14.10.4: a resource above the folder")
def linked_resource_that_climbs(forge: Forge) -> Expect:
    """A path that leaves the folder of the asset."""
    climbs = {"uri": "img/..%2f../etc/passwd", "hash": bytes(32)}
    item = cbor(LINKED, {"resources": {"relativeResources": [climbs], "alg": "sha256"}})
    code = {"assertion.linkedResourceIntegrity.invalidURI"}
    return Expect(asset=with_items(forge, item), failures=code)


@attack("C2PA 2.2 §15.10.3: a time-stamp assertion without a stamp")
def time_stamp_assertion_empty(forge: Forge) -> Expect:
    """A map of nothing."""
    asset = with_items(forge, cbor("c2pa.time-stamp", {}))
    return Expect(asset=asset, failures={"assertion.timestamp.malformed"})


def form(**parameters: Any) -> Item:
    return cbor(FORM, {"type": "exif.originalPreservationImage", "parameters": parameters})


def original(data: bytes = b"raw") -> tuple[Item, dict[str, Any]]:
    label = "c2pa.embedded-data"
    parts = (box(b"bfdb", b"\0image/x-raw\0"), box(b"bidb", data))
    whole = superbox(uuids.EMBEDDED_FILE, label, parts)
    return raw(label, whole), {"url": local(label), "hash": digest(whole[8:])}


@attack("C2PA 2.3 §18.26: another form of the picture")
def other_form(forge: Forge) -> Expect:
    """The original is in the store, and hashes to what is said."""
    item, ref = original()
    asset = with_items(forge, item, form(embeddedOriginalPreservationImage=ref))
    return Expect(asset=asset, state="Trusted")


@attack("C2PA 2.3 §15.10.3: another original than the one signed")
def other_form_exchanged(forge: Forge) -> Expect:
    """The reference hashes something else."""
    item, ref = original()
    wrong = form(embeddedOriginalPreservationImage=ref | {"hash": bytes(32)})
    code = {"assertion.alternativeContentRepresentation.hashMismatch"}
    return Expect(asset=with_items(forge, item, wrong), failures=code)


@attack("C2PA 2.3 §15.10.3: an original that is not there")
def other_form_missing(forge: Forge) -> Expect:
    """The reference leads nowhere."""
    _, ref = original()
    code = {"assertion.alternativeContentRepresentation.missing"}
    wrong = form(embeddedOriginalPreservationImage=ref)
    return Expect(asset=with_items(forge, wrong), failures=code)


@attack("C2PA 2.3 §15.10.3: an original nowhere and everywhere")
def other_form_of_nothing(forge: Forge) -> Expect:
    """Neither of the two parameters."""
    code = {"assertion.alternativeContentRepresentation.malformed"}
    return Expect(asset=with_items(forge, form()), failures=code)


def thumbnail(data: bytes = b"\xff\xd8") -> tuple[Item, dict[str, Any]]:
    label = "c2pa.thumbnail.ingredient"
    parts = (box(b"bfdb", b"\0image/jpeg\0"), box(b"bidb", data))
    whole = superbox(uuids.EMBEDDED_FILE, label, parts)
    return raw(label, whole), {"url": local(label), "hash": digest(whole[8:])}


def shown(ref: dict[str, Any]) -> Item:
    return ingredient(None, "inputTo", edit=lambda row: row.update(thumbnail=ref))


@attack("C2PA 2.2 §15.10.3.1: a thumbnail of something else")
def thumbnail_exchanged(forge: Forge) -> Expect:
    """The ingredient refers to a thumbnail by another hash than the claim does."""
    item, ref = thumbnail()
    asset = with_items(forge, item, shown(ref | {"hash": bytes(32)}))
    return Expect(asset=asset, failures={"hashedURI.mismatch"})


@attack("C2PA 2.2 §15.10.3.1: a thumbnail that is not there")
def thumbnail_missing(forge: Forge) -> Expect:
    """The ingredient refers to nothing."""
    _, ref = thumbnail()
    return Expect(asset=with_items(forge, shown(ref)), failures={"hashedURI.missing"})


@attack("C2PA 2.4 §15.10.3: a related assertion that is an action")
def related_to_actions(forge: Forge) -> Expect:
    """RelatedAssertions must not lead back to actions."""
    ref = {"url": local("c2pa.actions.v2"), "hash": bytes(32)}
    row = {"action": "c2pa.cropped", "parameters": {"relatedAssertions": [ref]}}
    first = {"action": "c2pa.created", "digitalSourceType": "http://example.com/x"}
    items = [actions(first, row), hard_binding()]
    return Expect(asset=forge.png(Recipe(items=items)), failures={"assertion.action.malformed"})


def compressed(manifest: Built, data: bytes | None = None) -> Built:
    stream = brotli.compress(manifest.box) if data is None else data
    whole = superbox(uuids.COMPRESSED_MANIFEST, manifest.label, (box(b"brob", stream),))
    return Built(manifest.label, whole)


def child(forge: Forge, stored: Built, parent: Built) -> bytes:
    """A picture whose parent lies compressed in the store; its hash is of what is stored."""

    def edit(row: dict[str, Any]) -> None:
        row["activeManifest"]["hash"] = digest(stored.box[8:])

    items = [opened(), hard_binding(), ingredient(parent, edit=edit)]
    return forge.png(Recipe(items=items), stored)


@attack("C2PA 2.2 §11.2.4: a compressed parent")
def compressed_parent(forge: Forge) -> Expect:
    """Sound: its hash is that of the box as stored."""
    parent = forge.build(Recipe())
    return Expect(asset=child(forge, compressed(parent), parent), state="Trusted")


@attack("C2PA 2.2 §15.5: a compressed parent that is none")
def compressed_rubbish(forge: Forge) -> Expect:
    """No Brotli stream in it."""
    parent = forge.build(Recipe())
    asset = child(forge, compressed(parent, b"rubbish"), parent)
    return Expect(asset=asset, deltas={"manifest.compressed.invalid"})


@attack("C2PA 2.2 §11.2.4: another manifest in the box")
def compressed_under_another_label(forge: Forge) -> Expect:
    """The label outside is not the one inside."""
    parent = forge.build(Recipe())
    other = replace_label(compressed(forge.build(Recipe())), parent.label)
    return Expect(asset=child(forge, other, parent), deltas={"manifest.compressed.invalid"})


def replace_label(manifest: Built, label: str) -> Built:
    return Built(label, manifest.box.replace(manifest.label.encode(), label.encode(), 1))


@attack("C2PA 2.2 §11.2.4: a bomb")
def compressed_bomb(forge: Forge) -> Expect:
    """A few hundred bytes that want to be a hundred megabytes."""
    parent = forge.build(Recipe())
    bomb = compressed(parent, brotli.compress(bytes(100 << 20), quality=1))
    return beyond_limits(child(forge, bomb, parent), seconds=4.0)


@attack("C2PA 2.5 §14.10.4: a reference to what was redacted")
def thumbnail_redacted(forge: Forge) -> Expect:
    """The child takes out a thumbnail that an ingredient of its parent shows: said, not wrong."""
    item, ref = thumbnail()
    parent = forge.build(Recipe(items=[created(), hard_binding(), item, shown(ref)]))
    gone = "c2pa.thumbnail.ingredient"
    asset = forge.png(redacted(parent, parent.uri_of(gone)), emptied(parent, gone, MARK))
    return Expect(asset=asset, state="Trusted", notes={"assertion.redacted"})


def processed(start: str, end: str) -> Item:
    dates = {"processStart": Tag(0, start), "processEnd": Tag(0, end)}
    return cbor("org.example.note", {"metadata": dates})


@attack("C2PA 2.5 §14.10.4: a process that took some time")
def process_that_ends_later(forge: Forge) -> Expect:
    """Nothing is wrong."""
    item = processed("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
    return Expect(asset=with_items(forge, item), state="Trusted")


@attack("C2PA 2.5 §14.10.4: a process that ended before it began")
def process_that_ends_before(forge: Forge) -> Expect:
    """The dates are the wrong way round."""
    item = processed("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z")
    return Expect(asset=with_items(forge, item), failures={"assertion.metadata.malformed"})


@attack("C2PA 2.5 §14.10.4: dates that cannot be compared")
def process_without_zone(forge: Forge) -> Expect:
    """One has a zone, the other none."""
    item = processed("2026-01-02T00:00:00Z", "2026-01-03T00:00:00")
    return Expect(asset=with_items(forge, item), failures={"assertion.metadata.malformed"})


@attack("C2PA 2.5 §14.10.4: an action that is vouched for, on an ingredient that is not")
def opened_of_a_gathered_parent(forge: Forge) -> Expect:
    """The signer opened something, and says that somebody else says so: told, not wrong."""
    parent = forge.build(Recipe())
    items = [opened(), hard_binding(), ingredient(parent, created=False)]
    note = {"assertion.action.ingredientLocationMismatch"}
    return Expect(asset=forge.png(Recipe(items=items), parent), state="Trusted", notes=note)
