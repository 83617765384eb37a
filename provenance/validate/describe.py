"""What a manifest says, for a report: its claim, its signer, its assertions and ingredients."""

from base64 import urlsafe_b64decode
from binascii import Error as Base64Error

from provenance.model.assertions.content import EmbeddedFile, Opaque, is_redacted
from provenance.model.assertions.ingredient import Ingredient
from provenance.model.hashed_uri import ExternalUri
from provenance.validate.context import Context
from provenance.validate.manifest import Checked
from provenance.validate.reading import Listed, Reading
from provenance.validate.results import (
    AssertionReport,
    IngredientReport,
    ManifestReport,
)
from provenance.validate.walk import target_label

__all__ = ["describe_manifest", "ingredient_digest"]

_PICTURES = frozenset(("image/jpeg", "image/png", "image/webp"))
_PICTURE_BYTES = 2 << 20
_NI = "ni:///"  # RFC 6920: a thing named by its hash


def describe_manifest(reading: Reading, checked: Checked, context: Context) -> ManifestReport:
    """A manifest as a finished value."""
    label = reading.manifest.label
    if context.memory is None or checked.identities.get(label):
        return _described(reading, checked, context)

    def described(reading: Reading, context: Context) -> ManifestReport:
        return _described(reading, checked, context)

    known = context.memory.find("report", reading, context, described)
    # Of the same findings, and so of the same signature; otherwise they were told apart by more.
    same = known.findings is checked.findings[label]
    return known if same else _described(reading, checked, context)


def _described(reading: Reading, checked: Checked, context: Context) -> ManifestReport:
    label = reading.manifest.label
    return ManifestReport(
        label=label,
        kind=reading.manifest.kind,
        claim=reading.claim,
        signature=checked.signatures[label].info,
        assertions=tuple(
            _assertion(one, context)
            for one in {listed.ref.url: listed for listed in reading.assertions}.values()
        ),
        ingredients=tuple(
            _ingredient(one.listed.url, one.content) for one in reading.ingredients if one.content
        ),
        findings=checked.findings[label],
        identities=checked.identities.get(label, ()),
        recorded=tuple(
            dict.fromkeys(
                status.code
                for one in reading.ingredients
                if one.content and one.content.results
                for status in one.content.results.failure
            )
        ),
    )


def _assertion(listed: Listed, context: Context) -> AssertionReport:
    name = listed.uri.labels[-1] if listed.uri and listed.uri.labels else listed.ref.url
    gone = listed.url in context.redacted and (listed.box is None or is_redacted(listed.box))
    value, picture = listed.value, None
    if isinstance(value, EmbeddedFile):
        if value.media_type in _PICTURES and len(value.data) <= _PICTURE_BYTES:
            picture = value.data
        value = {"format": value.media_type, "size": len(value.data), "text": _text(value)}
        value = {key: item for key, item in value.items() if item is not None}
    elif isinstance(value, Opaque):
        value = {"size": len(value.data)}
    return AssertionReport(name, value, listed.created, gone, picture)


def _text(file: EmbeddedFile) -> str | None:
    """A text in the store, such as a prompt, up to what a person reads."""
    if not file.media_type.startswith("text/plain") or len(file.data) > 1 << 16:
        return None
    return bytes(file.data).decode("utf-8", "replace")


def _ingredient(uri: str, content: Ingredient) -> IngredientReport:
    reference = content.active_manifest
    return IngredientReport(
        uri=uri,
        relationship=content.relationship,
        title=content.title,
        format=content.format,
        manifest=target_label(reference.url) if reference else None,
        types=tuple(one.type for one in content.types),
        digest=ingredient_digest(content),
        thumbnail=content.thumbnail.url if content.thumbnail else None,
    )


def ingredient_digest(content: Ingredient) -> str | None:
    """The digest of a file that is described from outside, `sha256:…`; None: nothing tells it."""
    if isinstance(content.data, ExternalUri):
        return f"{content.data.alg}:{content.data.hash.hex()}"
    name = content.instance_id or ""
    if not name.startswith(_NI):
        return None
    alg, _, value = name.removeprefix(_NI).partition(";")
    try:
        raw = urlsafe_b64decode(value.split("?")[0] + "==")
    except (Base64Error, ValueError):
        return None
    return f"{alg.replace('-', '')}:{raw.hex()}"
