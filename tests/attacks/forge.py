"""A forge: manifest stores made from parts and properly signed, with a hook wherever one may lie.

    forge.png(Recipe())                                an honest picture
    forge.png(Recipe(items=[actions("c2pa.edited"), hard_binding()]))
    forge.png(Recipe(claim=lambda claim: claim.pop("signature")))

What no hook touches is right: hashes, the exclusion, the signature. So whatever a validator finds
is what the forger did.
"""

import io
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import new as new_hash
from typing import Any, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from PIL import Image

from provenance.boxes import box
from provenance.cbor import Fixed32, Tag, encode
from provenance.cose import algorithms
from provenance.cose.sign1 import sig_structure
from provenance.formats import registry
from provenance.formats.base import Keep, New, Slot
from provenance.jumbf import SuperBox, parse, uuids
from provenance.jumbf.writer import cbor_box, json_box, superbox
from provenance.limits import DEFAULT_LIMITS
from provenance.source import BufferSource
from provenance.spans import Span, complement, merge
from provenance.trust.devpki import DevPki
from provenance.trust.settings import TrustSettings

Row = dict[Any, Any]  # COSE headers have integers as keys
Edit = Callable[[Row], object]

ASSERTIONS = "c2pa.assertions"
NOTE = "org.example.note"  # of nobody's: any content is sound
GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
CLAIM_EKU = "1.3.6.1.4.1.62558.2.1"
NOW = datetime.now(UTC)


def nothing(_: Any) -> None:
    """The honest edit."""


def same(data: bytes) -> bytes:
    """The honest change."""
    return data


def hashed_of(whole: bytes) -> bytes:
    """What a hashed URI to a superbox covers: all but its header of 8 bytes."""
    return whole[8:]


def digest(data: bytes, alg: str = "sha256") -> bytes:
    """By Python's own hashlib, which knows md5 and sha1 too."""
    return new_hash(alg, data, usedforsecurity=False).digest()


@dataclass(frozen=True, slots=True)
class Binding:
    """What a data hash can know of the asset."""

    exclusions: tuple[Span, ...] = (Span(0, 0),)
    digest: bytes = bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An assertion to be: its box, and how the claim refers to it."""

    label: str
    box: Callable[[Binding], bytes]
    created: bool = True
    listed: bool = True
    ref: Edit = nothing  # the reference, before it is signed
    after: Callable[[bytes], bytes] = same  # the box, once it was hashed
    alg: str = "sha256"


def cbor(label: str, value: Any, **how: Any) -> Item:
    """An assertion with CBOR content."""
    return Item(label=label, box=lambda _: cbor_box(label, value), **how)


def json(label: str, text: bytes, **how: Any) -> Item:
    """An assertion with JSON content, well-formed or not."""
    return Item(label=label, box=lambda _: json_box(label, text), **how)


def raw_cbor(label: str, payload: bytes, **how: Any) -> Item:
    """An assertion whose CBOR box holds any bytes."""
    return raw(label, superbox(uuids.CBOR, label, (box(b"cbor", payload),)), **how)


def raw(label: str, whole: bytes, **how: Any) -> Item:
    """An assertion that is any superbox."""
    return Item(label=label, box=lambda _: whole, **how)


def actions(*rows: str | Row, label: str = "c2pa.actions.v2", **how: Any) -> Item:
    """An actions assertion; a bare name is an action with what a good one has."""
    return cbor(label, {"actions": [_action(row) for row in rows]}, **how)


def _action(row: str | Row) -> Row:
    if isinstance(row, str):
        return {"action": row, "digitalSourceType": GENERATED}
    return row


def created(**how: Any) -> Item:
    """The actions of a picture that a model made."""
    return actions("c2pa.created", **how)


def opened(ingredient: str = "c2pa.ingredient.v3", *more: str | Row) -> Item:
    """The actions of a picture that was opened from its parent."""
    return actions(action_on("c2pa.opened", ingredient), *more)


def action_on(action: str, *ingredients: str) -> Row:
    """An action with references to ingredient assertions of its own manifest."""
    refs = [{"url": local(label), "hash": bytes(32)} for label in ingredients]
    return {"action": action, "parameters": {"ingredients": refs}}


def local(label: str) -> str:
    """The URI of an assertion, seen from its manifest."""
    return f"self#jumbf={ASSERTIONS}/{label}"


def hard_binding(
    edit: Edit = nothing, *, label: str = "c2pa.hash.data", alg: str | None = "sha256", **how: Any
) -> Item:
    """The data hash, right unless edited."""

    def make(binding: Binding) -> bytes:
        row: Row = {"hash": binding.digest, "pad": b"", "name": "jumbf manifest"}
        if alg is not None:
            row["alg"] = alg
        row["exclusions"] = [
            {"start": Fixed32(span.start), "length": Fixed32(span.length)}
            for span in binding.exclusions
        ]
        edit(row)
        return cbor_box(label, row)

    return Item(label=label, box=make, **how)


class HasLabelAndBox(Protocol):
    """A finished manifest, or what looks like one."""

    @property
    def label(self) -> str:
        """Its URN."""
        ...

    @property
    def box(self) -> bytes:
        """All of it."""
        ...


@dataclass(frozen=True, slots=True)
class Built:
    """A finished manifest."""

    label: str
    box: bytes

    @property
    def uri(self) -> str:
        """Where it stands in the store."""
        return f"self#jumbf=/c2pa/{self.label}"

    def uri_of(self, label: str) -> str:
        """The absolute URI of one of its assertions."""
        return f"{self.uri}/{ASSERTIONS}/{label}"

    @property
    def signature(self) -> bytes:
        """The box of its signature."""
        found = parse(self.box).only("c2pa.signature")
        return bytes(found.raw) if found else b"\0" * 8

    def changed(self, old: bytes, new: bytes) -> "Built":
        """With some bytes replaced by as many others, each time they occur."""
        assert len(old) == len(new)
        assert old in self.box
        return Built(self.label, self.box.replace(old, new))

    def flipped(self, what: str) -> "Built":
        """With one byte of the named box's content flipped: the last but one."""
        found = self.find(what)
        at = found.offset + len(found.raw) - 2
        data = bytearray(self.box)
        data[at] ^= 1
        return Built(self.label, bytes(data))

    def find(self, what: str) -> SuperBox:
        """A box by its label: the claim, the signature, or an assertion."""
        root = parse(self.box)
        store = root.only(ASSERTIONS)
        found = root.only(what) or (store.only(what) if store else None)
        assert found is not None, what
        return found


def ingredient(
    manifest: HasLabelAndBox | None = None,
    relationship: str = "parentOf",
    *,
    label: str = "c2pa.ingredient.v3",
    edit: Edit = nothing,
    records: Sequence[tuple[str, str]] = (),
    **how: Any,
) -> Item:
    """An ingredient assertion of version 3, with all the references to its manifest.

    Args:
        manifest: the ingredient's own; None when it has none.
        relationship: what it is to the asset.
        label: with `__1` for a second one.
        edit: the map, before it is boxed.
        records: failures that its maker says it saw: code and url.
        how: see `Item`.
    """
    row: Row = {"dc:title": "an ingredient", "dc:format": "image/png", "relationship": relationship}
    if manifest is not None:
        built = Built(manifest.label, manifest.box)
        row["activeManifest"] = {"url": built.uri, "hash": digest(hashed_of(built.box))}
        row["claimSignature"] = {
            "url": f"{built.uri}/c2pa.signature",
            "hash": digest(hashed_of(built.signature)),
        }
        failure = [{"code": code, "url": url} for code, url in records]
        row["validationResults"] = {
            "activeManifest": {"success": [], "informational": [], "failure": failure}
        }
    edit(row)
    return cbor(label, row, **how)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A key and certificates, good or bad."""

    alg: str
    key: algorithms.PrivateKey
    chain: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cose:
    """How a claim is signed, and how it is not."""

    credential: Credential | None = None  # the forge's own
    protected: Edit = nothing  # the headers, before signing
    unprotected: Mapping[Any, Any] = field(default_factory=dict)
    payload: bytes | None = None
    signature: Callable[[bytes], bytes] = same
    tag: int = 18
    signs: Callable[[bytes], bytes] = same  # what is signed, instead of the claim
    after: Callable[[bytes], bytes] = same  # the whole COSE_Sign1


def urn() -> str:
    """A label for a manifest."""
    return f"urn:c2pa:{uuid.uuid4()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A manifest to be. As it stands: a picture that a model made."""

    label: str = field(default_factory=urn)
    items: Sequence[Item] = field(default_factory=lambda: (created(), hard_binding()))
    claim: Edit = nothing  # the claim, before it is signed
    encoded: Callable[[bytes], bytes] = same  # its CBOR, before it is signed
    claim_after: Callable[[bytes], bytes] = same  # its CBOR, once it was signed
    claim_label: str = "c2pa.claim.v2"
    cose: Cose = Cose()
    boxes: Callable[[list[bytes]], list[bytes]] = list  # assertion store, claim, signature
    kind: bytes = uuids.MANIFEST
    version: int = 2

    def row(self, binding: Binding) -> Row:
        """The claim."""
        refs: tuple[list[Row], list[Row]] = ([], [])
        for item in self.items:
            if item.listed:
                hashed = digest(hashed_of(item.box(binding)), item.alg)
                ref = {"url": local(item.label), "hash": hashed}
                item.ref(ref)
                refs[not item.created].append(ref)
        row: Row = {
            "instanceID": "xmp:iid:forged",
            "signature": f"self#jumbf=/c2pa/{self.label}/c2pa.signature",
            "alg": "sha256",
        }
        if self.version == 1:
            row |= {"assertions": [*refs[0], *refs[1]], "claim_generator": "forge/1"}
            row |= {"dc:format": "image/png"}
        else:
            row |= {"created_assertions": refs[0], "claim_generator_info": {"name": "forge"}}
            if refs[1]:
                row["gathered_assertions"] = refs[1]
        self.claim(row)
        return row


class Forge:
    """Builds, signs and embeds; keeps one root, and whoever trusts it trusts the forger."""

    def __init__(self) -> None:
        pki = DevPki.generate(("es256", "ed25519"), now=NOW)
        self.root = pki.root
        self.trust = TrustSettings(anchors=(pki.root,))
        held = {
            alg: Credential(alg=alg, key=one.key, chain=one.chain)
            for alg, one in pki.credentials.items()
        }
        self.credential, self.other = held["es256"], held["ed25519"]
        self.picture = picture()

    def sign(self, claim: bytes, how: Cose = Cose()) -> bytes:  # it is frozen
        """A COSE_Sign1 over a claim."""
        who = how.credential or self.credential
        row = algorithms.by_name(who.alg)
        headers: dict[Any, Any] = {1: row.cose_id, 33: list(who.chain)}
        how.protected(headers)
        protected = encode(headers)
        signature = algorithms.sign(row, who.key, sig_structure(protected, how.signs(claim)))
        parts = [protected, dict(how.unprotected), how.payload, how.signature(signature)]
        return how.after(encode(Tag(how.tag, parts)))

    def build(self, recipe: Recipe, binding: Binding = Binding()) -> Built:  # frozen
        """A finished manifest; without a binding its data hash is of some other asset."""
        boxes = [item.after(item.box(binding)) for item in recipe.items]
        claim = recipe.encoded(encode(recipe.row(binding)))
        parts = [
            superbox(uuids.ASSERTION_STORE, ASSERTIONS, boxes),
            superbox(uuids.CLAIM, recipe.claim_label, (box(b"cbor", recipe.claim_after(claim)),)),
            superbox(
                uuids.SIGNATURE, "c2pa.signature", (box(b"cbor", self.sign(claim, recipe.cose)),)
            ),
        ]
        return Built(recipe.label, superbox(recipe.kind, recipe.label, recipe.boxes(parts)))

    def png(
        self,
        active: Recipe,
        *before: HasLabelAndBox,
        exclude: Callable[[Span, int], Sequence[Span]] = lambda store, _: (store,),
        store: Callable[[bytes], bytes] = same,
        picture: bytes | None = None,
    ) -> bytes:
        """A PNG with a store of finished manifests and an active one.

        Args:
            active: the last manifest, whose data hash will be right.
            before: manifests of ingredients.
            exclude: the data hash's exclusions, of the store's chunk and the size of the file.
            store: the whole store, once all is done; the same length.
            picture: which one; the forge's own when absent.
        """
        source = BufferSource(self.picture if picture is None else picture)
        binding = Binding(tuple(exclude(Span(0, 0), 1 << 20)))
        length = len(store(self.store(active, *before, binding=binding)))
        plan = registry.find(source).plan(source, length, DEFAULT_LIMITS)
        span = plan.slot_span
        assert span is not None
        slot = next(piece for piece in plan.pieces if isinstance(piece, Slot))
        blank = assemble(source, plan.pieces, bytes(slot.length))
        spans = tuple(exclude(span, len(blank)))
        binding = Binding(spans, digest_outside(blank, spans))
        data = store(self.store(active, *before, binding=binding))
        assert len(data) == length, "the store changed its size: use integers of fixed width"
        return assemble(source, plan.pieces, slot.wrap(data))

    def store(
        self,
        active: Recipe,
        *before: HasLabelAndBox,
        binding: Binding = Binding((), b""),  # it is frozen
    ) -> bytes:
        """A manifest store."""
        manifests = (*(one.box for one in before), self.build(active, binding).box)
        return superbox(uuids.MANIFEST_STORE, "c2pa", manifests)

    def beside(self, active: Recipe, *before: HasLabelAndBox) -> bytes:
        """A manifest store for a sidecar: bound to the forge's picture, with no exclusion."""
        return self.store(active, *before, binding=Binding((), digest(self.picture)))

    def credential_with(
        self,
        edit: Callable[[x509.CertificateBuilder], x509.CertificateBuilder] = lambda one: one,
        *,
        ekus: Sequence[str] = (CLAIM_EKU,),
        ca: bool = False,
        start: datetime = NOW - timedelta(hours=1),
        end: datetime = NOW + timedelta(days=30),
        usage: Mapping[str, bool] | None = None,
        depth: int = 0,
    ) -> Credential:
        """A credential under a root of its own; see `Cose`. Its chain is leaf, intermediates, root.

        Args:
            edit: the leaf, before it is issued.
            ekus: its extended key usages.
            ca: is the leaf a CA?
            start: first moment of its validity.
            end: the last.
            usage: of its key usages, those that differ.
            depth: how many intermediates stand between it and the root.
        """
        root_key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        issuer, issuer_key = named("Forged root"), root_key
        above = [issue(authority(issuer, issuer, root_key, root_key), root_key)]
        for level in range(depth):
            key = ec.generate_private_key(ec.SECP256R1())
            subject = named(f"Forged intermediate {level}")
            above.insert(0, issue(authority(subject, issuer, key, issuer_key), issuer_key))
            issuer, issuer_key = subject, key
        builder = leaf(leaf_key, issuer, issuer_key, ekus=ekus, ca=ca, usage=usage or {})
        builder = edit(builder.not_valid_before(start).not_valid_after(end))
        return Credential(alg="es256", key=leaf_key, chain=(issue(builder, issuer_key), *above))


def anchored(credential: Credential) -> TrustSettings:
    """Trust in the root that a credential brings along."""
    return TrustSettings(anchors=credential.chain[-1:])


def named(common: str) -> x509.Name:
    """A subject."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(**more: bool) -> x509.KeyUsage:
    names = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**(dict.fromkeys(names, False) | more))


_Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def _identified(
    subject: x509.Name, issuer: x509.Name, key: _Key, issuer_key: _Key
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )


def authority(
    subject: x509.Name, issuer: x509.Name, key: _Key, issuer_key: _Key
) -> x509.CertificateBuilder:
    """A sound CA certificate to be."""
    return (
        _identified(subject, issuer, key, issuer_key)
        .not_valid_before(NOW - timedelta(days=800))
        .not_valid_after(NOW + timedelta(days=800))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
    )


def leaf(
    key: _Key,
    issuer: x509.Name,
    issuer_key: _Key,
    *,
    ekus: Sequence[str],
    ca: bool,
    usage: Mapping[str, bool],
) -> x509.CertificateBuilder:
    """A signing certificate to be, without its dates."""
    used = {"digital_signature": True, **usage}
    builder = (
        _identified(named("Forger"), issuer, key, issuer_key)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(_usage(**used), critical=True)
    )
    if not ekus:
        return builder
    oids = [x509.ObjectIdentifier(one) for one in ekus]
    return builder.add_extension(x509.ExtendedKeyUsage(oids), critical=False)


def issue(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> bytes:
    """The certificate, DER."""
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def assemble(source: BufferSource, pieces: Sequence[Keep | New | Slot], slot: bytes) -> bytes:
    """The bytes of a plan."""
    out = []
    for piece in pieces:
        match piece:
            case Keep(span):
                out.append(source.read(span.start, span.length))
            case New(data):
                out.append(data)
            case Slot():
                out.append(slot)
    return b"".join(out)


def digest_outside(data: bytes, left_out: Sequence[Span], alg: str = "sha256") -> bytes:
    """The digest of some bytes but those in spans; spans that make no sense are made sense of."""
    sane = merge(Span.between(max(0, one.start), max(0, one.end)) for one in left_out)
    kept = (data[one.start : one.end] for one in complement(sane, len(data)))
    return digest(b"".join(kept), alg)


def picture(colour: int = 120, size: tuple[int, int] = (32, 24)) -> bytes:
    """A small PNG."""
    out = io.BytesIO()
    Image.new("RGB", size, (colour, 60, 30)).save(out, "PNG")
    return out.getvalue()


@lru_cache(maxsize=1)
def the_forge() -> Forge:
    """The one forge of a test run: keys take time."""
    return Forge()


__all__ = [
    *("ASSERTIONS", "Binding", "Built", "Cose", "Credential", "Forge", "Item", "Recipe"),
    *("action_on", "actions", "anchored", "cbor", "created", "digest", "hard_binding", "hashed_of"),
    *("ingredient", "json", "local", "opened", "picture", "raw", "raw_cbor", "replace"),
    *("the_forge", "urn"),
]
