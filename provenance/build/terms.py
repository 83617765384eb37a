"""The terms that an ingredient comes under, as its own manifests have them.

Source: contributors' data model, docs/lineage.md.
"""

from hashlib import sha256

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from provenance.cose.sign1 import parse
from provenance.errors import LimitError, MalformedError
from provenance.limits import Limits
from provenance.model import labels
from provenance.model.assertions import rights
from provenance.model.assertions.content import is_redacted
from provenance.model.store import Manifest, ManifestStore
from provenance.trust.certificate import Certificate
from provenance.validate.walk import down

__all__ = ["licence_of", "signing_key"]


def licence_of(store: ManifestStore, limits: Limits) -> bytes | None:
    """The SHA-256 of the terms of an asset, as their assertion holds them; None without any.

    Terms may be set later, in an update manifest of whoever signed the asset: the newest count.
    """
    readings = tuple(down(store, limits))
    owner = signing_key(readings[-1].manifest, limits) if readings else None
    for reading in readings:
        theirs = signing_key(reading.manifest, limits)
        if reading is not readings[-1] and (owner is None or theirs != owner):
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
