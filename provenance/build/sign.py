"""Sign an asset: describe, draft, embed, and look at the result once more."""

import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from provenance.build.binding import PartsKind, choose, with_parts
from provenance.build.definition import ManifestDefinition
from provenance.build.draft import Draft, draft
from provenance.build.embed import Output, Work, pour, replacing
from provenance.build.identity import IdentitySigner, name_of
from provenance.build.ingredients import Judge
from provenance.build.prompts import Salts
from provenance.cose.signer import Signer
from provenance.errors import SigningError, UnsupportedFormatError
from provenance.formats import registry
from provenance.formats.base import BindingKind, Handler
from provenance.formats.opaque import OPAQUE
from provenance.formats.sidecar import paired, place
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import Asset, ByteSource, open_source
from provenance.trust.settings import TrustSettings
from provenance.trust.tsa import Authority
from provenance.validate.finding import Finding
from provenance.validate.results import ValidationState, VerificationReport
from provenance.validate.run import verify
from provenance.validate.status import Status

__all__ = ["Definition", "SignReceipt", "read_definition", "sign", "sign_bytes", "strip"]
__all__ += ["target_of", "verified"]

Definition = ManifestDefinition | dict[str, Any] | str | Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SignReceipt:
    """What was signed, and where it went."""

    manifest: str  # its label
    output: Path | None = None
    sidecar: Path | None = None
    salts: Path | None = None  # the author's secret: what opens the commitments
    report: VerificationReport | None = None  # None: not verified after signing

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "schema": "provenance/sign-receipt/1",
            "manifest": self.manifest,
            "output": str(self.output) if self.output else None,
            "sidecar": str(self.sidecar) if self.sidecar else None,
            "salts": str(self.salts) if self.salts else None,
            "validation_state": self.report.state if self.report else None,
        }


def sign(
    asset: Asset,
    output: Output | None,
    definition: Definition,
    *,
    signer: Signer,
    sidecar: bool = False,
    in_place: bool = False,
    verify_after: bool = True,
    salts: str | Path | None = None,
    trust: TrustSettings | None = None,
    authority: Authority | None = None,
    identities: Sequence[IdentitySigner] = (),
    binding: BindingKind | None = None,
    parts: PartsKind | None = None,
    compress: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> SignReceipt:
    """Sign an asset; a manifest store it has already is kept, as its parent's.

    Args:
        asset: what to sign: a path, bytes, or a seekable binary stream.
        output: where the signed asset goes: a path, or a binary stream. None with `in_place`, and
            with `sidecar`: then the store goes beside the asset, `picture.png` → `picture.c2pa`.
            A folder, all of whose files are one asset, takes a sidecar only.
        definition: how the asset was made: a mapping, a JSON file, or a `ManifestDefinition`.
        signer: who signs.
        sidecar: write the manifest store as a file of its own; the asset stays as it is.
        in_place: replace the asset itself; with `sidecar` the one beside it, whose manifests are
            kept as a parent's.
        verify_after: read the result once more before it takes its place, and refuse it when it
            is not valid. The signer counts as known here: trust is the reader's question.
        salts: where the salts of a committed prompt go; beside the output when absent.
        trust: by whom ingredients' signers are judged, for the record in the manifest.
        authority: a time-stamping authority that attests when it was signed.
        identities: who vouches for the manifest, besides those whom the definition names.
        binding: how the manifest holds to the asset; the usual way of its container when absent.
        parts: hash what stands behind the container, such as the film of a motion photo, by itself
            as well: `required`, or `optional` so that it may be dropped. None: all as one.
        compress: compress (Brotli) the manifests of ingredients; in a sidecar the new one too.
        limits: how much untrusted input to read.

    Raises:
        CredentialError: the key or the certificates of somebody who vouches cannot be used.
        DefinitionError: the definition is wrong, or says what no validator would accept.
        UnsupportedFormatError: the container cannot hold a manifest store.
        SigningError: the signer failed (its exception is the cause), or the result is not valid.
        FileExistsError: the output or the salts would overwrite another file's place.
        OSError: something cannot be read or written.
    """
    described = read_definition(definition)
    target = target_of(asset, output, sidecar=sidecar, in_place=in_place)
    judge = Judge(trust=trust or TrustSettings(), at=datetime.now(UTC), limits=limits)
    like = Path(target) if in_place and isinstance(target, (str, Path)) else None
    with open_source(asset) as source:
        handler = _handler(source, asset, sidecar=sidecar)
        embedded = handler.locate(source, limits).count > 0
        if sidecar and embedded:
            raise SigningError(
                source.name, "holds a manifest store, which readers find first; sign it embedded"
            )
        has_past = embedded or _has_sidecar(asset)
        drafted = draft(
            asset,
            described,
            judge,
            has_past=has_past,
            compress=compress,
            signer=name_of(signer),
        )
        secrets = _salts_path(drafted, salts, target)
        actors = (*map(IdentitySigner.load, described.identities), *identities)
        work = Work(drafted, source, handler, signer, limits, authority, actors)
        hard = choose(binding, handler, drafted.alg, limits)
        bindings = with_parts(hard, source, parts, drafted.alg, limits)
        report = None
        with (
            _kept(drafted.salts, secrets),
            replacing(target, like=like, expected=source.size) as out,
        ):
            beside, result = None, asset
            if sidecar:
                beside = work.write_sidecar(bindings, out, compress=compress)
            else:
                result = work.embed(bindings, out).held or out
            out.flush()
            if verify_after:
                report = verified(result, limits, manifest=beside)
    written = Path(target) if isinstance(target, (str, Path)) else None
    return SignReceipt(
        manifest=drafted.label,
        output=None if sidecar else written,
        sidecar=written if sidecar else None,
        salts=secrets,
        report=report,
    )


def sign_bytes(
    asset: bytes, definition: Definition, *, signer: Signer, verify_after: bool = True
) -> bytes:
    """Sign an asset in memory; see `sign`.

    Raises:
        DefinitionError: also when a prompt is to be committed to, for its salts need a file.
    """
    out = io.BytesIO()
    sign(asset, out, definition, signer=signer, verify_after=verify_after)
    return out.getvalue()


def strip(
    asset: Asset,
    output: Output | None = None,
    *,
    in_place: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> bool:
    """Take the manifest store out of an asset.

    Returns:
        Was there one?

    Raises:
        ProvenanceError: the container cannot be read.
        OSError: something cannot be read or written.
    """
    target = target_of(asset, output, sidecar=False, in_place=in_place)
    with ExitStack() as stack:
        source = stack.enter_context(open_source(asset))
        handler = _handler(source, asset, sidecar=False)
        found = handler.locate(source, limits).count > 0
        like = Path(asset) if isinstance(asset, (str, Path)) else None
        out = stack.enter_context(replacing(target, like=like))
        pour(handler.plan(source, 0, limits), source, out)
    return found


def read_definition(given: Definition) -> ManifestDefinition:
    """A definition in whatever form it was given.

    Raises:
        DefinitionError, OSError: as `ManifestDefinition.load` and `.from_dict`.
    """
    match given:
        case ManifestDefinition():
            return given
        case str() | Path():
            return ManifestDefinition.load(Path(given))
        case _:
            return ManifestDefinition.from_dict(given)


def target_of(asset: Asset, output: Output | None, *, sidecar: bool, in_place: bool) -> Output:
    """Where the result goes; the input is never overwritten unless that was asked for.

    Raises:
        SigningError: no place, or the input's own.
        FileExistsError: a sidecar is there already.
    """
    path = Path(asset) if isinstance(asset, (str, Path)) else None
    if in_place:
        if path is None or output is not None:
            raise SigningError("output", "in_place takes a path and no other output")
        return _sidecar_of(path) if sidecar else path
    if output is None:
        if not sidecar or path is None:
            raise SigningError("output", "is missing; name one, or say in_place")
        target = place(path)
        if target.exists():
            raise FileExistsError(
                17, "there is a sidecar already; signing in place replaces it", str(target)
            )
        return target
    if path is not None and isinstance(output, (str, Path)) and _same(path, Path(output)):
        raise SigningError(str(output), "is the input; say in_place to replace it")
    if path is not None and isinstance(output, (str, Path)) and _is_inside(Path(output), path):
        raise SigningError(str(output), "lies in the folder that is signed; put it beside")
    return output


def _sidecar_of(path: Path) -> Path:
    """The sidecar beside an asset, or where a new one goes."""
    there, new = paired(path), place(path)
    return there if there is not None and there.parent == new.parent else new


def _has_sidecar(asset: Asset) -> bool:
    return isinstance(asset, (str, Path)) and paired(Path(asset)) is not None


def _is_inside(place: Path, folder: Path) -> bool:
    return folder.is_dir() and place.resolve().is_relative_to(folder.resolve())


def _same(a: Path, b: Path) -> bool:
    return a.exists() and b.exists() and a.samefile(b)


def _handler(source: ByteSource, asset: Asset, *, sidecar: bool) -> Handler:
    suffix = Path(asset).suffix if isinstance(asset, (str, Path)) else ""
    try:
        handler = registry.find(source, suffix)
    except UnsupportedFormatError as error:
        if sidecar and source.size:
            return OPAQUE
        if not source.size:
            raise
        told = f"{error.problem}; any file can be signed with a sidecar"
        raise UnsupportedFormatError(source.name, told) from error
    if not handler.can_embed and not sidecar:
        raise UnsupportedFormatError(
            source.name, f"{handler.name} holds no manifest store of its own; sign with a sidecar"
        )
    return handler


def _salts_path(drafted: Draft, given: str | Path | None, target: Output) -> Path | None:
    if drafted.salts is None:
        return None
    if given is not None:
        path = Path(given)
    elif isinstance(target, (str, Path)):
        path = Path(f"{target}.salts.json")
    else:
        raise SigningError("salts", "a committed prompt needs a file for them; name one")
    if path.exists():
        raise FileExistsError(17, "salts of another signing would be lost", str(path))
    if isinstance(target, (str, Path)) and path.absolute() == Path(target).absolute():
        raise SigningError("salts", f"{path} is the output; one would take the other's place")
    return path


@contextmanager
def _kept(salts: Salts | None, path: Path | None) -> Iterator[None]:
    """Keep the salts in their file, unless what they belong to is not signed after all."""
    if salts is None or path is None:
        yield
        return
    salts.write(path)
    with ExitStack() as undo:
        undo.callback(path.unlink, missing_ok=True)
        yield
        undo.pop_all()


def verified(
    signed: Asset,
    limits: Limits,
    *,
    manifest: bytes | None = None,
    fragments: Sequence[Asset] = (),
) -> VerificationReport:
    """Read what was signed once more.

    Raises:
        SigningError: it is not valid; says what is wrong with it.
    """
    report = verify(signed, manifest=manifest, limits=limits, fragments=fragments)
    if report.state is ValidationState.INVALID or report.state is None:
        failures = [one for one in report.findings if one.failed]
        failures += [one for delta in report.deltas for one in delta.findings if one.failed]
        told = "; ".join(
            f"{one.status.code} ({one.explanation})" for one in failures if not _is_trust(one)
        )
        raise SigningError(
            "the signed result", told or "; ".join(error.message for error in report.errors)
        )
    return report


def _is_trust(finding: Finding) -> bool:
    return finding.status is Status.SIGNING_CREDENTIAL_UNTRUSTED
