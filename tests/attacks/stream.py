"""A live stream made by hand: an initialisation segment, and media segments that are signed.

    init(forge)                          with session keys, honest ones
    vouched(forge, 1)                    a segment with signed words about it in an emsg box
    manifested(forge, 1, before)         a segment with a manifest of its own

What no edit touches is right, so what a validator finds is what the forger did.
"""

import struct
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519

from provenance.cbor import Tag, encode
from provenance.cose.sign1 import sig_structure
from tests.attacks.film import FTYP, by_the_book, c2pa_box, fragment, required, roots
from tests.attacks.film import box as make_box
from tests.attacks.forge import (
    NOW,
    Edit,
    Forge,
    Item,
    Recipe,
    Row,
    cbor,
    created,
    digest,
    nothing,
    urn,
)

KEYS, SEGMENT = "c2pa.session-keys", "c2pa.livevideo.segment"
SCHEME = b"urn:c2pa:verifiable-segment-info"
KID = b"key 1"
KEY = ed25519.Ed25519PrivateKey.generate()
INIT = "urn:c2pa:11111111-1111-4111-8111-111111111111"
STREAM = "a stream"
STYP = make_box(b"styp", b"msdh", bytes(4))
MOOV = make_box(b"moov", make_box(b"mvhd", bytes(100)), make_box(b"mvex", bytes(0)))


def signed_file(
    forge: Forge, before: bytes, after: bytes, *items: Item, label: str, edit: Edit = nothing
) -> bytes:
    """Boxes with a manifest box between them, and a BMFF hash over them all."""

    def with_hash(found: bytes) -> bytes:
        row: Row = {"alg": "sha256", "exclusions": required(), "hash": found}
        edit(row)
        bound = cbor("c2pa.hash.bmff.v3", row)
        store = forge.store(Recipe(label=label, items=[created(), bound, *items]))
        return before + c2pa_box(b"manifest", bytes(8) + store) + after

    return with_hash(by_the_book(with_hash(bytes(32))))


def session_key(
    forge: Forge, edit: Edit = nothing, *, kid: bytes = KID, leaf: bytes | None = None
) -> Row:
    """A key, bound to who signs the manifests."""
    protected = encode({1: -8})
    signed = sig_structure(protected, encode(leaf or forge.credential.chain[0]))
    row: Row = {
        "key": {1: 1, -1: 6, -2: KEY.public_key().public_bytes_raw(), 2: kid},
        "minSequenceNumber": 1,
        "createdAt": Tag(0, (NOW - timedelta(hours=1)).isoformat()),
        "validityPeriod": 7200,
        "signerBinding": Tag(18, [protected, {}, None, KEY.sign(signed)]),
    }
    edit(row)
    return row


def keys(*rows: Row, **how: Any) -> Item:
    """The assertion that brings them."""
    return cbor(KEYS, {"keys": list(rows)}, **how)


def init(forge: Forge, *items: Item, edit: Edit = nothing, more: bytes = b"") -> bytes:
    """An initialisation segment; with an honest key unless other assertions are given."""
    held = items or (keys(session_key(forge)),)
    return signed_file(forge, FTYP, MOOV + more, *held, label=INIT, edit=edit)


def emsg(message: bytes, *, value: bytes = b"fseg", version: int = 0) -> bytes:
    """The box that holds signed words about a segment."""
    texts = SCHEME + b"\0" + value + b"\0"
    return make_box(
        b"emsg", bytes((version, 0, 0, 0)), texts, struct.pack(">4I", 1, 0, 1, 7), message
    )


def info(number: int, found: bytes, edit: Edit = nothing) -> Row:
    """What is said of a segment."""
    ours = {"xpath": "/emsg", "data": [{"offset": 0, "value": SCHEME}]}
    row: Row = {
        "sequenceNumber": number,
        "manifestId": INIT,
        "bmffHash": {"alg": "sha256", "exclusions": [*required(), ours], "hash": found},
    }
    edit(row)
    return row


def words(row: Row, *, kid: object = KID, protected: Row | None = None, key: Any = KEY) -> bytes:
    """Signed words: a COSE_Sign1 with its payload."""
    head, payload = encode({1: -8} | (protected or {})), encode(row)
    signature = key.sign(sig_structure(head, payload))
    return encode(Tag(18, [head, {4: kid}, payload, signature]))


def vouched(
    forge: Forge,
    number: int,
    edit: Edit = nothing,
    *,
    carried: Callable[[bytes], bytes] = emsg,
    inner: bytes | None = None,
    **how: Any,
) -> bytes:
    """A media segment with signed words about it.

    Args:
        forge: not used; for the sake of one form.
        number: of the segment.
        edit: what is said, before it is signed.
        carried: the box around the signed words.
        inner: boxes of the segment in place of the usual ones.
        how: see `words`.
    """
    del forge
    body = fragment(number) if inner is None else inner

    def with_hash(found: bytes) -> bytes:
        return STYP + carried(words(info(number, found, edit), **how)) + body

    return with_hash(without_emsg(with_hash(bytes(32))))


def without_emsg(data: bytes) -> bytes:
    """The hash over all boxes but `emsg` and C2PA's own, each after its place."""
    parts = []
    for kind, start, end in roots(data):
        if kind not in (b"emsg", b"uuid", b"ftyp", b"mfra"):
            parts += [start.to_bytes(8), data[start:end]]
    return digest(b"".join(parts))


def live(number: int, previous: str | None, **edit: Any) -> Item:
    """What a manifest says of its segment; a field edited to None is left out."""
    row = {"sequenceNumber": number, "streamId": STREAM, "continuityMethod": "c2pa.manifestId"}
    row |= {"previousManifestId": previous} | edit
    return cbor(SEGMENT, {key: value for key, value in row.items() if value is not None})


def manifested(
    forge: Forge,
    number: int,
    previous: str | None = INIT,
    *items: Item,
    label: str | None = None,
    edit: Edit = nothing,
    **more: Any,
) -> bytes:
    """A media segment with a manifest of its own."""
    held = (live(number, previous, **more), *items)
    body = fragment(number)
    return signed_file(forge, STYP, body, *held, label=label or urn(), edit=edit)


def chained(forge: Forge, numbers: Sequence[int] = (1, 2, 3)) -> list[bytes]:
    """Segments, each of which names the one before."""
    found, before = [], INIT
    for number in numbers:
        label = urn()
        found.append(manifested(forge, number, before, label=label))
        before = label
    return found
