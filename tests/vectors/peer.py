"""The reference implementation, c2pa-rs through c2pa-python, as a signer and as a judge.

Nothing here imports our library: what it makes and what it says owes nothing to us.
"""

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import c2pa
from PIL import Image

__all__ = [
    "ALGS",
    "MIME",
    "Credentials",
    "Ingredient",
    "Signed",
    "Verdict",
    "picture",
    "read",
    "sign",
]

ALGS = ("es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519")
MIME = {"jpeg": "image/jpeg", "png": "image/png"}

_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A key and its certificate chain, both PEM, leaf first."""

    alg: str
    key: bytes
    chain: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """An asset and its manifest store; `asset` holds the store too unless it is a sidecar."""

    kind: str  # "jpeg", "png", or a media type
    asset: bytes
    store: bytes
    sidecar: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredient:
    """An input that is no picture: its bytes are embedded when there are any."""

    title: str
    data_type: str
    media_type: str
    data: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a validator said."""

    state: str
    failures: frozenset[str]
    ingredient_failures: frozenset[str] = frozenset()
    manifests: int = 1
    relationships: tuple[str, ...] = ()  # of the active manifest's ingredients, in order
    report: dict[str, Any] = field(default_factory=dict, repr=False)


def picture(kind: str, *, size: tuple[int, int] = (96, 64), seed: int = 1) -> bytes:
    """A small picture, the same for the same seed."""
    width, height = size
    values = bytes(
        (x * seed + y * 7 + (x * y) % 13) % 256 for y in range(height) for x in range(width)
    )
    noise = Image.frombytes("L", size, values)
    image = Image.merge("RGB", (noise, noise.rotate(180), noise.point(lambda v: 255 - v)))
    out = io.BytesIO()
    image.save(out, kind.upper())
    return out.getvalue()


def sign(
    asset: bytes,
    kind: str,
    credentials: Credentials,
    *,
    parent: bytes | None = None,
    inputs: Iterable[Ingredient] = (),
    sidecar: bool = False,
    thumbnail: bool = False,
) -> Signed:
    """Sign with the reference implementation, without looking at the result."""
    info = c2pa.C2paSignerInfo(credentials.alg, credentials.chain, credentials.key, None)
    settings = {
        "builder": {"thumbnail": {"enabled": thumbnail}},
        "verify": {"verify_after_sign": False},
    }
    definition, resources = _definition(tuple(inputs), created=parent is None)
    with (
        c2pa.Signer.from_info(info) as signer,
        c2pa.Context.from_dict(settings) as context,
        c2pa.Builder(definition, context=context) as builder,
    ):
        if parent is not None:
            builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
            builder.add_ingredient_from_stream(
                {"title": "parent", "relationship": "parentOf"},
                MIME.get(kind, kind),
                io.BytesIO(parent),
            )
        for name, data in resources.items():
            builder.add_resource(name, io.BytesIO(data))
        if sidecar:
            builder.set_no_embed()
        out = io.BytesIO()
        store = builder.sign(signer, MIME.get(kind, kind), io.BytesIO(asset), out)
    return Signed(kind=kind, asset=out.getvalue(), store=bytes(store), sidecar=sidecar)


def _definition(
    inputs: tuple[Ingredient, ...], *, created: bool
) -> tuple[dict[str, Any], dict[str, bytes]]:
    resources: dict[str, bytes] = {}
    ingredients: list[dict[str, Any]] = []
    for number, one in enumerate(inputs):
        types = [{"type": one.data_type}]
        row: dict[str, Any] = {
            "title": one.title,
            "format": one.media_type,
            "relationship": "inputTo",
            "label": f"input-{number}",
        }
        if one.data is None:
            row["data_types"] = types
        else:
            resources[one.title] = one.data
            row["data"] = {"format": one.media_type, "identifier": one.title, "data_types": types}
        ingredients.append(row)
    action: dict[str, Any] = {"action": "c2pa.created", "digitalSourceType": _SOURCE_TYPE}
    if inputs:
        action["parameters"] = {"ingredientIds": [row["label"] for row in ingredients]}
    # The first action of an edited parent, c2pa.opened, is the reference's own to write.
    actions = [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}] if created else []
    definition = {
        "claim_generator_info": [{"name": "peer", "version": "1"}],
        "title": "made by a peer",
        "ingredients": ingredients,
        "assertions": actions,
    }
    return definition, resources


def read(signed: Signed, *, anchors: bytes | None = None) -> Verdict:
    """Validate with the reference implementation, offline.

    Args:
        signed: what to judge; the store is handed over only for a sidecar.
        anchors: PEM of trust anchors; without any, nobody is trusted.
    """
    settings: dict[str, Any] = {
        "verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False}
    }
    if anchors is not None:
        settings["trust"] = {"trust_anchors": anchors.decode()}
    store = signed.store if signed.sidecar else None
    with (
        c2pa.Context.from_dict(settings) as context,
        c2pa.Reader(
            MIME.get(signed.kind, signed.kind), io.BytesIO(signed.asset), store, context=context
        ) as reader,
    ):
        report = json.loads(reader.json())
    results = report["validation_results"]
    active = report["manifests"][report["active_manifest"]]
    return Verdict(
        state=report["validation_state"],
        failures=_codes(results["activeManifest"]),
        ingredient_failures=frozenset().union(
            *(_codes(d["validationDeltas"]) for d in results.get("ingredientDeltas") or ())
        ),
        manifests=len(report["manifests"]),
        relationships=tuple(one["relationship"] for one in active.get("ingredients", ())),
        report=report,
    )


def _codes(results: dict[str, Any]) -> frozenset[str]:
    return frozenset(row["code"] for row in results.get("failure") or ())
