"""The terms that an ingredient comes under, as its own manifests have them.

Source: contributors' data model, docs/lineage.md.
"""

from collections.abc import Iterator
from hashlib import sha256

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from provenance.cose.sign1 import parse
from provenance.errors import LimitError, MalformedError
from provenance.limits import Limits
from provenance.model import labels
from provenance.model.assertions import rights
from provenance.model.assertions.content import is_redacted
from provenance.model.store import Manifest, ManifestKind, ManifestStore
from provenance.trust.certificate import Certificate
from provenance.validate.reading import Reading, read_manifest
from provenance.validate.walk import target_label

__all__ = ["licence_of", "signing_key"]


def licence_of(store: ManifestStore, limits: Limits) -> bytes | None:
    """The SHA-256 of the terms of an asset, as their assertion holds them; None without any.

    Terms may be set later, in an update manifest of whoever signed the asset: the newest count.
    """
    down = tuple(_down(store, limits))
    owner = signing_key(down[-1].manifest, limits) if down else None
    for reading in down:
        theirs = signing_key(reading.manifest, limits)
        if reading is not down[-1] and (owner is None or theirs != owner):
            continue
        for listed in reading.named(rights.LABEL):
            if listed.box is not None and not is_redacted(listed.box):
                content = next(listed.box.content, None)
                return sha256(content.payload).digest() if content is not None else None
    return None


def signing_key(manifest: Manifest, limits: Limits) -> bytes | None:
    """The public key of the claim's signer, as DER; None where it cannot be read."""
    box = manifest.find((labels.SIGNATURE,))
    content = box.first(b"cbor") if box is not None else None
    if content is None:
        return None
    try:
        signed = parse(content.payload, limits)
        key = Certificate(signed.certificate_chain[0]).public_key
    except (MalformedError, LimitError, IndexError):
        return None
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _down(store: ManifestStore, limits: Limits) -> Iterator[Reading]:
    """The active manifest, and what it updates; the one that is no update comes last."""
    at, seen = store.active, set[str]()
    while at is not None and at.label not in seen:
        seen.add(at.label)
        reading = read_manifest(at, limits)
        yield reading
        at = _updated(reading, store) if at.kind is ManifestKind.UPDATE else None


def _updated(reading: Reading, store: ManifestStore) -> Manifest | None:
    for typed in reading.ingredients:
        reference = typed.content.active_manifest if typed.content else None
        label = target_label(reference.url) if reference else None
        if label is not None:
            return store.manifest(label)
    return None
