"""A draft to the bytes of a manifest store: once with placeholders, once with the truth.

Both have the same length, for every digest and every signature has a fixed one.
Source: C2PA 2.2 §10.4, §11.1.4.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from provenance.bindings.base import Beside, Binding
from provenance.boxes import box
from provenance.build.draft import Draft
from provenance.build.identity import IdentitySigner, Pledge, pledges
from provenance.build.shelf import Shelved, hashed_part
from provenance.cbor import CborValue, encode
from provenance.cose.sign1 import encode_sign1
from provenance.digests import HashAlg, digest
from provenance.jumbf import uuids, writer
from provenance.model import labels
from provenance.model.compressed import compress
from provenance.model.hashed_uri import HashedUri

__all__ = ["Assembly", "Sealed", "assemble", "manifest_box", "store_box"]


@dataclass(frozen=True, slots=True)
class Assembly:
    """A draft bound to an asset: `claim` is what is to be signed."""

    draft: Draft
    bindings: tuple[Shelved, ...]  # the hard binding, and what goes with it
    salts: tuple[bytes, ...]  # of those
    claim: bytes  # encoded
    pledges: tuple[Pledge, ...] = ()
    identities: tuple[bytes, ...] = ()  # the boxes of the pledges

    def bind(self, contents: Sequence[dict[str, CborValue]]) -> "Assembly":
        """The same with the true hard binding in it.

        Whoever vouches for the manifest signs here. The claim is not encoded again: of all it
        says, a few hashes have changed, and no other 32 bytes in it are those of a freshly salted
        box.

        Args:
            contents: what `Binding.bound` gave, for each binding.

        Raises:
            CredentialError, SigningError: somebody who vouches for it cannot sign.
        """
        alg = self.draft.alg
        labelled = zip((one.label for one in self.bindings), contents, strict=True)
        bindings = _shelved(labelled, self.salts, alg)
        identities = tuple(one.signed(bindings[0].ref) for one in self.pledges)
        claim = self.claim
        before = (*(one.box for one in self.bindings), *self.identities)
        after = (*(one.box for one in bindings), *identities)
        for old, new in zip(before, after, strict=True):
            head, tail = claim.split(digest(hashed_part(old), alg))
            claim = head + digest(hashed_part(new), alg) + tail
        return replace(self, bindings=bindings, identities=identities, claim=claim)

    def store(self, sealed: "Sealed", *, compressed: bool = False) -> bytes:
        """The manifest store: the ingredients' manifests, then this one, active.

        Args:
            sealed: the signature.
            compressed: compress this manifest; how long it is then, nobody knows before.

        Raises:
            SigningError: the headers take more than was kept for them.
        """
        draft = self.draft
        shelved = (*draft.shelved, *self.bindings)
        boxes = (*(one.box for one in shelved), *self.identities)
        manifest = manifest_box(uuids.MANIFEST, draft.label, boxes, self.claim, sealed)
        if compressed:
            manifest = compress(manifest, draft.label)
        return store_box((*(one.box for one in draft.manifests), manifest))


@dataclass(frozen=True, slots=True)
class Sealed:
    """A signature with its headers; `reserve` bytes are kept for those that are not protected."""

    protected: bytes
    signature: bytes
    unprotected: Mapping[str, CborValue] = field(default_factory=dict)
    reserve: int = 0

    def encoded(self) -> bytes:
        """As COSE_Sign1.

        Raises:
            SigningError: the headers take more than was kept for them.
        """
        bare = encode_sign1(self.protected, {}, self.signature)
        if not self.reserve:
            return bare
        total = len(bare) + self.reserve
        return encode_sign1(self.protected, self.unprotected, self.signature, total_length=total)


def manifest_box(
    kind: bytes, label: str, assertions: Iterable[bytes], claim: bytes, sealed: Sealed
) -> bytes:
    """A manifest: its assertion store, its claim, its signature."""
    return writer.superbox(
        kind,
        label,
        (
            writer.superbox(uuids.ASSERTION_STORE, labels.ASSERTIONS, assertions),
            writer.superbox(uuids.CLAIM, labels.CLAIM_V2, (box(b"cbor", claim),)),
            writer.superbox(uuids.SIGNATURE, labels.SIGNATURE, (box(b"cbor", sealed.encoded()),)),
        ),
    )


def store_box(manifests: Iterable[bytes]) -> bytes:
    """A manifest store; the last manifest is the active one."""
    return writer.superbox(uuids.MANIFEST_STORE, "c2pa", manifests)


def assemble(
    draft: Draft, bindings: Sequence[Binding], actors: Iterable[IdentitySigner] = ()
) -> Assembly:
    """A first assembly, with placeholders of the right size.

    Args:
        draft: the manifest.
        bindings: how it will be bound to its asset: the hard binding first.
        actors: who vouches for it; their assertions are gathered ones.

    Raises:
        DefinitionError: an actor names an assertion that is not there.
        CredentialError: an actor's certificates cannot be used.
    """
    salts = tuple(os.urandom(16) for _ in bindings)
    bound = _shelved(((one.label, one.blank()) for one in bindings), salts, draft.alg)
    promised = pledges(actors, draft.shelved)
    identities = tuple(one.blank(bound[0].ref) for one in promised)
    created = (
        *(one.ref for one in draft.shelved if one.created),
        *(one.ref for one in bound),
    )
    gathered = (
        *(one.ref for one in draft.shelved if not one.created),
        *(
            HashedUri.of(one.url, hashed_part(blank), draft.alg)
            for one, blank in zip(promised, identities, strict=True)
        ),
    )
    claim = replace(draft.claim, created=created, gathered=gathered)
    encoded = encode(claim.to_cbor())
    return Assembly(draft, bound, salts, encoded, promised, identities)


def _shelved(
    labelled: Iterable[tuple[str, dict[str, CborValue]]], salts: Sequence[bytes], alg: HashAlg
) -> tuple[Shelved, ...]:
    """Box the bindings in order; one may name the hash of another that stands before it."""
    done: dict[str, Shelved] = {}
    for (label, content), salt in zip(labelled, salts, strict=True):
        known = {name: one.ref for name, one in done.items()}
        box = writer.cbor_box(label, _resolved(content, known), salt=salt)
        url = f"self#jumbf={labels.ASSERTIONS}/{label}"
        ref = HashedUri.of(url, hashed_part(box), alg)
        done[label] = Shelved(label, box, ref, created=True)
    return tuple(done.values())


def _resolved(value: CborValue, known: Mapping[str, HashedUri]) -> CborValue:
    match value:
        case Beside(label):
            return known[label].to_cbor()
        case dict():
            return {key: _resolved(one, known) for key, one in value.items()}
        case list():
            return [_resolved(one, known) for one in value]
    return value
