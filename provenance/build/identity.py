"""Identity assertions: an actor signs for a manifest, before its claim is signed.

What they sign holds the hash of the hard binding, which is known only once the asset is written.
So a box of the same size keeps its place until then: every hash and every signature has a fixed
size, and no padding is needed. Source: CAWG identity 1.3; C2PA 2.2 §10.4.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from provenance.boxes import box
from provenance.build.definition import IdentityDefinition
from provenance.build.shelf import Shelved
from provenance.cose.sign1 import encode_sign1
from provenance.cose.signer import LocalSigner, Signer
from provenance.cose.signing import protected_header, sign_claim, signature_length
from provenance.errors import DefinitionError, MalformedError
from provenance.jumbf import uuids, writer
from provenance.model.assertions.identity import NAME, X509, encode_identity, encode_payload
from provenance.model.hashed_uri import HashedUri
from provenance.model.labels import ASSERTIONS, numbered
from provenance.trust.certificate import Certificate

__all__ = ["IdentitySigner", "Pledge", "name_of", "pledges"]

_SALT = 16  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySigner:
    """An actor who vouches for a manifest with a certificate of their own."""

    signer: Signer
    roles: tuple[str, ...] = ()  # such as cawg.creator; a bare word is one of CAWG's
    referenced: tuple[str, ...] | None = None  # labels; None: all that the claim calls created

    @classmethod
    def load(cls, definition: IdentityDefinition) -> Self:
        """Read the key and the certificates that a definition names.

        Raises:
            CredentialError: they cannot be read, or do not belong together.
        """
        signer = LocalSigner.from_files(definition.key, definition.chain)
        return cls(signer=signer, roles=definition.roles, referenced=definition.referenced)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pledge:
    """An identity assertion in the making: all but the hard binding is known."""

    label: str
    actor: IdentitySigner
    referenced: tuple[HashedUri, ...]
    salt: bytes

    @property
    def url(self) -> str:
        """As the claim names it."""
        return f"self#jumbf={ASSERTIONS}/{self.label}"

    def blank(self, hard: HashedUri) -> bytes:
        """A box of the final size, with a signature of zeros.

        Raises:
            CredentialError: the signer's certificates cannot be used.
        """
        signer = self.actor.signer
        return self._box(hard, protected_header(signer), bytes(signature_length(signer)))

    def signed(self, hard: HashedUri) -> bytes:
        """The box, signed.

        Args:
            hard: the reference to the hard binding, as the claim has it.

        Raises:
            CredentialError, SigningError: as `sign_claim`.
        """
        return self._box(hard, *sign_claim(self.actor.signer, self._payload(hard)))

    def _payload(self, hard: HashedUri) -> bytes:
        roles = tuple(one if "." in one else f"cawg.{one}" for one in self.actor.roles)
        return encode_payload((hard, *self.referenced), X509, roles)

    def _box(self, hard: HashedUri, protected: bytes, signature: bytes) -> bytes:
        sign1 = encode_sign1(protected, {}, signature)
        content = box(b"cbor", encode_identity(self._payload(hard), sign1))
        return writer.superbox(uuids.CBOR, self.label, (content,), salt=self.salt)


def name_of(signer: Signer) -> str:
    """The common name in a signer's certificate; empty where there is none."""
    chain = signer.certificate_chain
    try:
        return (Certificate(bytes(chain[0])).common_name or "").strip() if chain else ""
    except MalformedError:  # whoever signs will say so
        return ""


def pledges(actors: Iterable[IdentitySigner], shelved: Sequence[Shelved]) -> tuple[Pledge, ...]:
    """What each actor will sign for, besides the hard binding.

    Raises:
        DefinitionError: an actor names an assertion that is not there.
    """
    return tuple(
        Pledge(
            label=numbered(NAME, number),
            actor=actor,
            referenced=_references(actor, shelved),
            salt=os.urandom(_SALT),
        )
        for number, actor in enumerate(actors)
    )


def _references(actor: IdentitySigner, shelved: Sequence[Shelved]) -> tuple[HashedUri, ...]:
    if actor.referenced is None:
        return tuple(one.ref for one in shelved if one.created)
    by_label = {one.label: one.ref for one in shelved}
    # The hard binding is always signed for, whether it is named or not.
    wanted = [name for name in dict.fromkeys(actor.referenced) if not name.startswith("c2pa.hash.")]
    missing = [name for name in wanted if name not in by_label]
    if missing:
        raise DefinitionError(
            "manifest definition.identities.referenced",
            f"there is no assertion {missing[0]!r:.80}; there are {', '.join(by_label)}",
        )
    return tuple(by_label[name] for name in wanted)
