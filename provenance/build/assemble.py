"""A draft to the bytes of a manifest store: once with placeholders, once with the truth.

Both have the same length, for every digest and every signature has a fixed one.
Source: C2PA 2.2 §10.4, §11.1.4.
"""

import os
from dataclasses import dataclass, replace

from provenance.boxes import box
from provenance.build.draft import Draft
from provenance.build.shelf import hashed_part
from provenance.cbor import encode
from provenance.cose.sign1 import encode_sign1
from provenance.digests import digest
from provenance.jumbf import uuids, writer
from provenance.model import labels
from provenance.model.assertions import data_hash
from provenance.model.assertions.data_hash import DataHash
from provenance.model.hashed_uri import HashedUri
from provenance.spans import Span

__all__ = ["Assembly", "assemble"]


@dataclass(frozen=True, slots=True)
class Assembly:
    """A draft bound to an asset: what is to be signed, and how the store becomes of it."""

    draft: Draft
    salt: bytes  # of the data hash assertion
    exclusions: tuple[Span, ...]
    asset_digest: bytes

    @property
    def _binding(self) -> bytes:
        hard = DataHash(
            hash=self.asset_digest, alg=self.draft.alg, exclusions=self.exclusions, name=None
        )
        return writer.cbor_box(data_hash.LABEL, hard.to_cbor(pad=0), salt=self.salt)

    def claim(self) -> bytes:
        """The encoded claim: what is signed."""
        url = f"self#jumbf={labels.ASSERTIONS}/{data_hash.LABEL}"
        binding = HashedUri.of(url, hashed_part(self._binding), self.draft.alg)
        created = (*(one.ref for one in self.draft.shelved if one.created), binding)
        gathered = tuple(one.ref for one in self.draft.shelved if not one.created)
        return encode(replace(self.draft.claim, created=created, gathered=gathered).to_cbor())

    def store(self, protected: bytes, signature: bytes) -> bytes:
        """The manifest store: the ingredients' manifests, then this one, active."""
        draft = self.draft
        sign1 = encode_sign1(protected, {}, signature)
        assertions = writer.superbox(
            uuids.ASSERTION_STORE,
            labels.ASSERTIONS,
            (*(one.box for one in draft.shelved), self._binding),
        )
        manifest = writer.superbox(
            uuids.MANIFEST,
            draft.label,
            (
                assertions,
                writer.superbox(uuids.CLAIM, labels.CLAIM_V2, (box(b"cbor", self.claim()),)),
                writer.superbox(uuids.SIGNATURE, labels.SIGNATURE, (box(b"cbor", sign1),)),
            ),
        )
        return writer.superbox(
            uuids.MANIFEST_STORE, "c2pa", (*(one.box for one in draft.manifests), manifest)
        )


def assemble(draft: Draft) -> Assembly:
    """A first assembly: placeholders of the right size, one exclusion at 0."""
    return Assembly(draft, os.urandom(16), (Span(0, 0),), digest(b"", draft.alg))
