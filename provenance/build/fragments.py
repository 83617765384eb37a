"""Sign a film in segments: every media segment gets its place in a tree, the first file the store.

All is written into a folder beside its place and takes it when all went well.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from provenance.bindings.bmff_fragments import FragmentsBinding, Segments
from provenance.build.draft import draft
from provenance.build.embed import Work, pour_with
from provenance.build.identity import IdentitySigner, name_of
from provenance.build.ingredients import Judge
from provenance.build.sign import Definition, SignReceipt, read_definition, verified
from provenance.cose.signer import Signer
from provenance.errors import DefinitionError, SigningError, UnsupportedFormatError
from provenance.formats import registry
from provenance.limits import DEFAULT_LIMITS, Limits
from provenance.source import PathSource, open_source
from provenance.trust.settings import TrustSettings
from provenance.trust.tsa import Authority

__all__ = ["sign_fragmented"]


def sign_fragmented(
    init: str | Path,
    segments: Sequence[str | Path],
    folder: str | Path,
    definition: Definition,
    *,
    signer: Signer,
    verify_after: bool = True,
    trust: TrustSettings | None = None,
    authority: Authority | None = None,
    identities: Sequence[IdentitySigner] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> SignReceipt:
    """Sign an initialisation segment and the media segments that belong to it.

    Args:
        init: the initialisation segment of one track.
        segments: its media segments, in playing order; each has one `moof`.
        folder: where all of them go, under the names they have; it is made if it is not there.
        definition: how the film was made; see `sign`. A prompt in it cannot be committed to.
        signer: who signs.
        verify_after: read the result once more before it takes its place; see `sign`.
        trust: by whom ingredients' signers are judged, for the record in the manifest.
        authority: a time-stamping authority that attests when it was signed.
        identities: who vouches for the manifest, besides those whom the definition names.
        limits: how much untrusted input to read.

    Returns:
        Of the initialisation segment.

    Raises:
        ProvenanceError: as `sign`; also MalformedError for what is no media segment.
        FileExistsError: a file of that name is in the folder.
        OSError: something cannot be read or written.

    Source: C2PA 2.2 §A.5.4.1.2.
    """
    described, place = read_definition(definition), Path(folder)
    names = _names((init, *segments), place)
    with ExitStack() as stack:
        source = stack.enter_context(open_source(init))
        handler = registry.find(source, Path(init).suffix)
        if "bmff" not in handler.bindings:
            raise UnsupportedFormatError(source.name, f"{handler.name} has no segments")
        if handler.locate(source, limits).count:
            raise SigningError(source.name, "is signed already; sign what it was made from")
        judge = Judge(trust=trust or TrustSettings(), at=datetime.now(UTC), limits=limits)
        drafted = draft(source.name, described, judge, has_past=False, signer=name_of(signer))
        if drafted.salts is not None:
            raise DefinitionError("prompt", "cannot be committed to in a film in segments")
        sources = tuple(map(PathSource, segments))
        bound = Segments.of(sources, drafted.alg, limits)
        actors = (*map(IdentitySigner.load, described.identities), *identities)
        place.mkdir(parents=True, exist_ok=True)
        made = Path(stack.enter_context(TemporaryDirectory(dir=place, prefix=".segments.")))
        for location, name in enumerate(names[1:]):
            with open(made / name, "w+b") as out:
                pour_with(bound.plan(location), sources[location], b"\0", out)
        work = Work(drafted, source, handler, signer, limits, authority, actors)
        with open(made / names[0], "w+b") as out:
            work.embed((FragmentsBinding(bound),), out)
        report = None
        if verify_after:
            parts = [made / name for name in names[1:]]
            report = verified(made / names[0], limits, fragments=parts)
        for name in reversed(names):
            (made / name).rename(place / name)
    return SignReceipt(manifest=drafted.label, output=place / names[0], report=report)


def _names(files: Sequence[str | Path], place: Path) -> list[str]:
    """The names that files keep in another folder."""
    names = [Path(one).name for one in files]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise SigningError("segments", f"{twice} is the name of two of them")
    for name in names:
        if (place / name).exists():
            raise FileExistsError(17, "there is such a file already", str(place / name))
    return names
