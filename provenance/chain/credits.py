"""Who is behind a manifest: its signer, the actors who vouch for it, and those it only names.

key:sha256:…     a key: of the signer, or of an actor with a certificate
id:provider:…    an account that an aggregator whom the user trusts has verified
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from provenance.chain.graph import Evidence
from provenance.cose.sign1 import parse
from provenance.errors import LimitError, MalformedError
from provenance.jumbf import JumbfUri
from provenance.model.assertions import identity as model
from provenance.model.assertions.identity import Identity
from provenance.trust.certificate import Certificate
from provenance.validate.context import Context
from provenance.validate.identity_results import (
    Actor,
    IdentityReport,
    IdentityState,
    VerifiedIdentity,
)
from provenance.validate.reading import Reading
from provenance.validate.results import ManifestReport

__all__ = ["Person", "creators_of", "key_id", "people_of", "signer_of"]

_WALLET = "cawg.crypto_wallet"
_NAMING = ("cawg.metadata", "stds.iptc", "stds.iptc.photo-metadata", "c2pa.metadata")
_CREATIVE_WORK = "stds.schema-org.CreativeWork"
_MOST_NAMES = 256
_NAME_LENGTH = 300  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody, as one manifest shows them.

    `id` is None for one who is only named. `covers` are the URLs of the assertions that they
    vouch for; a claim signer vouches for all.
    """

    id: str | None
    name: str
    evidence: Evidence
    roles: tuple[str, ...] = ()
    payee: str | None = None
    aliases: tuple[str, ...] = ()
    covers: frozenset[str] = frozenset()


@lru_cache(maxsize=4096)
def key_id(certificate: bytes) -> str | None:
    """`key:sha256:…` of a certificate's public key; None for one that cannot be read.

    By the key and not the certificate, which is renewed while the key stays.
    """
    try:
        key = Certificate(certificate).public_key
    except MalformedError:
        return None
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"key:sha256:{sha256(spki).hexdigest()}"


def signer_of(report: ManifestReport, reading: Reading) -> Person | None:
    """Who signed the claim."""
    signed = report.signature
    found = key_id(signed.certificates[0]) if signed and signed.certificates else None
    if signed is None or found is None:
        return None
    name = signed.common_name or signed.issuer or reading.manifest.label
    return Person(id=found, name=_short(name), evidence=Evidence.SIGNER)


def people_of(report: ManifestReport, reading: Reading, context: Context) -> tuple[Person, ...]:
    """The actors who vouch for the manifest, as far as their identity assertions hold."""
    listed = {one.url: one for one in reading.named(model.NAME)}
    found: list[Person] = []
    for one in report.identities:
        state = report.identity_state(one)
        if state is IdentityState.INVALID or one.actor is None:
            continue
        value = listed[one.uri].value if one.uri in listed else None
        found.extend(_person(one, one.actor, state, value, reading, context))
    return tuple(found)


def _person(
    report: IdentityReport,
    actor: Actor,
    state: IdentityState,
    value: Any,
    reading: Reading,
    context: Context,
) -> Iterator[Person]:
    covers = frozenset(_absolute(url, reading) for url in report.referenced)
    trusted = state is IdentityState.TRUSTED
    name = _short(actor.name or actor.organization or "")
    if report.sig_type == model.X509 and state is not IdentityState.UNCHECKED:
        key = _actor_key(value, context)
        if key is not None:
            evidence = Evidence.IDENTITY if trusted else Evidence.SIGNER
            yield Person(
                id=key, name=name or key, evidence=evidence, roles=report.roles, covers=covers
            )
            return
    accounts = [one for one in actor.identities if one.type != _WALLET]
    wallet = next((one for one in actor.identities if one.type == _WALLET), None)
    shown = name or next((_short(_called(one)) for one in actor.identities if _called(one)), "")
    if not shown:
        return
    if not trusted:
        yield Person(id=None, name=shown, evidence=Evidence.DECLARED, roles=report.roles)
        return
    ids = [found for one in (*accounts, *([wallet] if wallet else [])) if (found := _id(one))]
    yield Person(
        id=ids[0] if ids else None,
        name=shown,
        evidence=Evidence.IDENTITY,
        roles=report.roles,
        payee=(wallet.username or wallet.uri) if wallet else None,
        aliases=tuple(dict.fromkeys(ids[1:])),
        covers=covers,
    )


def _called(one: VerifiedIdentity) -> str:
    return one.name or one.username or one.uri or ""


def _id(one: VerifiedIdentity) -> str | None:
    told = one.uri or one.username
    return f"id:{_short(one.provider or one.type)}:{_short(told)}" if told else None


def _actor_key(value: Any, context: Context) -> str | None:
    try:
        signed = parse(Identity.read(value).signature, context.limits)
        return key_id(signed.certificate_chain[0])
    except (MalformedError, LimitError):
        return None


def _absolute(url: str, reading: Reading) -> str:
    try:
        return JumbfUri.parse(url).within(reading.manifest.label).text
    except MalformedError:
        return url


def creators_of(reading: Reading) -> tuple[str, ...]:
    """The names that a manifest gives as creators: `dc:creator`, or schema.org's `author`."""
    found: dict[str, None] = {}
    for listed in reading.assertions:
        if not isinstance(listed.value, dict):
            continue
        if listed.label.name in _NAMING:
            found |= dict.fromkeys(_names(listed.value.get("dc:creator")))
        elif listed.label.name == _CREATIVE_WORK:
            found |= dict.fromkeys(_names(listed.value.get("author")))
    return tuple(found)[:_MOST_NAMES]


def _names(value: Any) -> Iterator[str]:
    match value:
        case str() if value.strip():
            yield _short(value.strip())
        case {"@list": [*rows]} | {"@set": [*rows]} | [*rows]:
            for row in rows[:_MOST_NAMES]:
                if not isinstance(row, list):
                    yield from _names(row)
        case {"name": str(name)} | {"@value": str(name)} if name.strip():
            yield _short(name.strip())


def _short(text: str) -> str:
    return text[:_NAME_LENGTH]
