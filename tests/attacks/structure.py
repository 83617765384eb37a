"""Forgeries below the manifest: boxes, lengths, and what lies around the store."""

import struct
import zlib

from provenance.boxes import box
from provenance.jumbf import uuids
from provenance.jumbf.writer import superbox
from tests.attacks.expect import Expect, attack, unreadable
from tests.attacks.forge import Forge, Recipe


def with_store(forge: Forge, store: bytes) -> bytes:
    """The forge's picture with any bytes as its manifest store."""
    checked = b"caBX" + store
    chunk = struct.pack(">I", len(store)) + checked + struct.pack(">I", zlib.crc32(checked))
    at = forge.picture.index(b"IDAT") - 4
    return forge.picture[:at] + chunk + forge.picture[at:]


@attack("ISO 19566-5 §A.2: bytes after the store's box")
def bytes_after_the_store(forge: Forge) -> Expect:
    """Something hidden in the carrier behind the store, where no hash looks."""
    return unreadable(forge.png(Recipe(), store=lambda one: one + b"x"))


@attack("ISO 19566-5 §A.2: bytes far behind the store's box")
def bytes_hidden_behind_the_store(forge: Forge) -> Expect:
    """Behind enough zeros that nobody reads on."""
    asset = forge.png(Recipe(), store=lambda one: one + bytes(70_000) + b"payload")
    return unreadable(asset)


@attack("ISO 19566-5 §A.2: zeros after the store's box")
def zeros_behind_the_store(forge: Forge) -> Expect:
    """Padding, as writers leave it who reserve too much: nothing is wrong."""
    asset = forge.png(Recipe(), store=lambda one: one + bytes(70_000))
    return Expect(asset=asset, state="Trusted")


@attack("C2PA 2.2 §11.1.4: a store that is none")
def store_of_another_type(forge: Forge) -> Expect:
    """Good JUMBF of another type."""
    store = superbox(uuids.JSON, "c2pa", (box(b"json", b"{}"),))
    return unreadable(with_store(forge, store))


@attack("C2PA 2.2 §11.1.4: a store of another label")
def store_of_another_label(forge: Forge) -> Expect:
    """The right type, labelled otherwise."""
    store = superbox(uuids.MANIFEST_STORE, "c2pb", ())
    return unreadable(with_store(forge, store))


@attack("C2PA 2.2 §11.1.4: an empty store")
def store_without_manifest(forge: Forge) -> Expect:
    """A manifest store with no manifest in it."""
    store = superbox(uuids.MANIFEST_STORE, "c2pa", ())
    return unreadable(with_store(forge, store))


@attack("C2PA 2.2 §15.5.1: two stores")
def two_stores(forge: Forge) -> Expect:
    """Two chunks with a store each: which one counts?"""
    held = forge.png(Recipe())
    start = held.index(b"caBX") - 4
    chunk = held[start : start + len(held) - len(forge.picture)]
    return Expect(asset=held[:start] + chunk + held[start:], error="malformed")


@attack("ISO 19566-5 §A.3: a description without its box")
def superbox_without_description(forge: Forge) -> Expect:
    """A jumb box that begins with something else than a description."""
    return unreadable(with_store(forge, box(b"jumb", box(b"cbor", b"\xa0"))))


@attack("ISO 19566-5 §A.3: a label without end")
def label_without_end(forge: Forge) -> Expect:
    """The label's terminating zero is missing."""
    described = box(b"jumd", uuids.MANIFEST_STORE + b"\x03" + b"c2pa")
    return unreadable(with_store(forge, box(b"jumb", described)))


@attack("ISO 19566-5 §A.3: a label that is no UTF-8")
def label_that_is_no_text(forge: Forge) -> Expect:
    """Bytes that are no text."""
    described = box(b"jumd", uuids.MANIFEST_STORE + b"\x03\xff\xfe\0")
    return unreadable(with_store(forge, box(b"jumb", described)))
