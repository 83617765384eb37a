"""Identity assertions, honest and forged: a picture in which an actor vouches for the manifest."""

import gzip
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519

from provenance.cbor import Tag, encode
from provenance.cose.sign1 import parse, sig_structure
from provenance.jumbf.writer import cbor_box
from provenance.trust.settings import TrustSettings
from provenance.validate.results import VerificationReport
from provenance.validate.run import verify
from provenance.validate.status import Kind, Status
from tests.attacks.forge import (
    NOW,
    Binding,
    Cose,
    Credential,
    Edit,
    Forge,
    Item,
    Recipe,
    Row,
    created,
    digest,
    hard_binding,
    hashed_of,
    local,
    nothing,
)
from tests.attacks.stamps import Stamping, token

LABEL = "cawg.identity"
X509 = "cawg.x509.cose"
ICA = "cawg.identity_claims_aggregation"
DOCUMENTS = "1.3.6.1.5.5.7.3.36"
HARD = hard_binding()
ACTIONS = created()

HOLDS = {"cawg.x509.signature.validated", "cawg.x509.signature.inside_validity"}
UNTRUSTED = HOLDS | {"cawg.x509.credential.untrusted", "cawg.identity.well-formed"}
TRUSTED = HOLDS | {"cawg.x509.credential.trusted", "cawg.identity.trusted"}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouching:
    """How an actor vouches, and how they do not. As it stands, nothing is wrong."""

    items: Sequence[Item] = (HARD, ACTIONS)
    payload: Edit = nothing  # before it is signed
    bound: Callable[[Row, Binding], object] = lambda _row, _binding: None  # with the asset's hash
    stored: Edit = nothing  # the payload, once it was signed
    outer: Edit = nothing  # the assertion's map
    sig_type: str = X509
    cose: Cose = field(default_factory=Cose)
    vc: Callable[[Json], object] = nothing  # the credential, before it is signed
    text: Callable[[bytes], bytes] = bytes  # its JSON
    label: str = LABEL


def reference(item: Item, binding: Binding) -> Row:
    """As the claim refers to it."""
    return {"url": local(item.label), "hash": digest(hashed_of(item.box(binding)))}


def identity(forge: Forge, how: Vouching) -> Item:
    """The assertion, the same bytes whenever it is asked for."""
    made: dict[Binding, bytes] = {}

    def make(binding: Binding) -> bytes:
        if binding not in made:
            made[binding] = _box(forge, how, binding)
        return made[binding]

    return Item(label=how.label, box=make, created=False)


def _box(forge: Forge, how: Vouching, binding: Binding) -> bytes:
    payload: Row = {
        "referenced_assertions": [reference(one, binding) for one in how.items],
        "sig_type": how.sig_type,
    }
    how.payload(payload)
    how.bound(payload, binding)
    if how.sig_type == ICA:
        row = credential(forge, payload)
        how.vc(row)
        text = how.text(json.dumps(row).encode().ljust(4096))  # one size, whatever it says
        signature = forge.sign(text, _attached(forge, how.cose, text))
    else:
        signature = forge.sign(encode(payload), how.cose)
    how.stored(payload)
    row = {"signer_payload": payload, "signature": signature, "pad1": b""}
    how.outer(row)
    return cbor_box(how.label, row)


def _attached(forge: Forge, cose: Cose, text: bytes) -> Cose:
    def protected(headers: Row) -> None:
        del headers[33]
        headers[3] = "application/vc"
        cose.protected(headers)

    who = cose.credential or forge.other
    return replace(cose, credential=who, payload=text, protected=protected)


def stamped_credential(how: Stamping) -> Cose:
    """As `stamps.stamped`, for a signature that holds what it signs."""

    def put(data: bytes) -> bytes:
        read = parse(data)
        message = sig_structure(read.protected_raw, encode(read.signature), "CounterSignature")
        headers = {"sigTst2": {"tstTokens": [{"val": token(how, message)}]}}
        return encode(Tag(18, [read.protected_raw, headers, read.payload, read.signature]))

    return Cose(after=put)


def jwk(key: object) -> Json:
    """An Ed25519 key as a JSON Web Key."""
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    x = urlsafe_b64encode(key.public_key().public_bytes_raw()).decode().rstrip("=")
    return {"kty": "OKP", "crv": "Ed25519", "x": x}


def did_of(key: object) -> str:
    """The did:jwk of a key."""
    return "did:jwk:" + urlsafe_b64encode(json.dumps(jwk(key)).encode()).decode().rstrip("=")


def credential(forge: Forge, payload: Row) -> Json:
    """A credential for a signer payload, by the forge's other key."""
    references = [
        {"url": one["url"], "hash": b64encode(one["hash"]).decode()}
        for one in payload["referenced_assertions"]
    ]
    asset: Json = {"referenced_assertions": references, "sig_type": payload["sig_type"]}
    if "role" in payload:
        asset["role"] = payload["role"]
    return {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://cawg.io/identity/1.1/ica/context/",
        ],
        "type": ["VerifiableCredential", "IdentityClaimsAggregationCredential"],
        "issuer": did_of(forge.other.key),
        "validFrom": iso(NOW - timedelta(hours=1)),
        "credentialSubject": {
            "c2paAsset": asset,
            "verifiedIdentities": [
                {
                    "type": "cawg.social_media",
                    "username": "ada",
                    "verifiedAt": iso(NOW - timedelta(days=2)),
                    "provider": {"name": "A network", "id": "https://network.example"},
                }
            ],
        },
    }


def bits(*numbers: int, count: int = 131_072, **edit: Any) -> Json:
    """A status list in which some credentials are revoked."""
    held = bytearray(count // 8)
    for number in numbers:
        held[number // 8] |= 0x80 >> number % 8
    encoded = "u" + urlsafe_b64encode(gzip.compress(bytes(held))).decode().rstrip("=")
    subject = {"type": "BitstringStatusList", "statusPurpose": "revocation"}
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "credentialSubject": subject | {"encodedList": encoded},
    } | edit


def inline(row: Json) -> str:
    """A status list as an address that holds it."""
    return "data:application/json;base64," + b64encode(json.dumps(row).encode()).decode()


def entry(url: str, number: int | str = 3, **edit: Any) -> Json:
    """`credentialStatus`: where a credential's revocation is published."""
    return {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(number),
        "statusListCredential": url,
    } | edit


def iso(moment: datetime) -> str:
    """As RFC 3339."""
    return moment.isoformat().replace("+00:00", "Z")


def actor(forge: Forge, **how: Any) -> Credential:
    """A certificate for documents, under a root of its own."""
    return forge.credential_with(**({"ekus": (DOCUMENTS,)} | how))


def knowing(forge: Forge, *actors: Credential) -> TrustSettings:
    """Trust in the forge's signer, and in the roots of some actors."""
    return replace(forge.trust, identity_anchors=tuple(one.chain[-1] for one in actors))


def picture(forge: Forge, *vouching: Vouching, **more: Any) -> bytes:
    """A PNG in which somebody vouches for the manifest."""
    for _ in range(200):  # a time stamp's size varies: see `stamps.padded`
        items = [ACTIONS, HARD, *(identity(forge, one) for one in vouching)]
        try:
            return forge.png(Recipe(**({"items": items} | more)))
        except AssertionError:
            continue
    raise AssertionError("no two signatures of one length in 200 tries")


def judged(
    forge: Forge, *vouching: Vouching, trust: TrustSettings | None = None
) -> VerificationReport:
    """The report about such a picture."""
    return verify(picture(forge, *vouching), trust=trust or forge.trust)


def codes(report: VerificationReport) -> set[str]:
    """The codes about identities."""
    return {one.status.code for one in report.findings if one.status.about_identity}


def wrong(found: set[str]) -> set[str]:
    """Those of them that are failures."""
    return {code for code in found if (row := Status.of(code)) and row.kind is Kind.FAILURE}
