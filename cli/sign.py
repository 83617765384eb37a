"""`provenance sign`: say how a file was made, and sign it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from os.path import abspath, isdir, isfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.common import fail, put, say, sentences, style, usage
from provenance.cli.describing import (
    RecordOptions,
    definition_of,
    describing_options,
    record_options,
)
from provenance.cli.editing import tsa_option
from provenance.cli.identity import IdentityOptions, identity_options
from provenance.cli.signing_key import KeyOptions, key_options
from provenance.cli.targets import readable, target
from provenance.cli.trusting import TrustOptions, trust_options

if TYPE_CHECKING:
    from provenance.build.binding import PartsKind
    from provenance.build.definition import ManifestDefinition
    from provenance.build.sign import SignReceipt
    from provenance.formats.base import BindingKind
    from provenance.profiles import Profile

__all__ = ["command"]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the result goes: into a new file, into the input, or beside it."""

    output: str | None
    in_place: bool
    sidecar: bool

    def of(self, file: str) -> Path | None:
        """The output for one input; None for a sidecar beside it."""
        if self.sidecar and self.output is None:
            readable(file, folder=True)
            return None
        if not self.sidecar and isdir(file):
            fail(f"{file}: is a folder, not a file; it is signed as one with --sidecar")
        return target(file, self.output, in_place=self.in_place, sidecar=self.sidecar)

    def of_each(self, files: Sequence[str]) -> list[tuple[Path, Path | None]]:
        """Each input with its output; no two may have the same, or one would be lost."""
        places = [(Path(file), self.of(file)) for file in files]
        if not self.in_place:
            made = Counter(abspath(place) for _, place in places if place is not None)
            twice = next((place for place, times in made.items() if times > 1), None)
            if twice is not None:
                usage(f"Two of the files would be written to {twice}.")
        return places


class _Told:
    """What the manifest of each file shall say: the same of all, or what each has recorded."""

    def __init__(
        self,
        record: RecordOptions,
        described: dict[str, Any],
        profile: "Profile",
        *,
        thumbnail: bool,
    ) -> None:
        self._record = record
        self._described = described
        self._profile = profile
        self._thumbnail = thumbnail
        self._same = None if record.from_metadata else definition_of(**described, profile=profile)

    def of(self, file: str) -> "ManifestDefinition":
        if self._same is not None:
            told = self._profile.fill(self._same)
        else:
            told = self._profile.fill(self._recorded(file), making="recorded")
        return told if self._thumbnail else replace(told, thumbnail=False)

    def _recorded(self, file: str) -> "ManifestDefinition":
        from provenance.build.definition import ManifestDefinition
        from provenance.report.escape import clean

        mode = self._described["prompt_mode"] or self._profile.prompt_mode
        found = self._record.found(file, mode)
        told = definition_of(**self._described, profile=self._profile, found=found)
        name = clean(file, 1000)
        if told == ManifestDefinition():
            say(
                f"provenance: {name}: no generator recorded anything, or the file is signed already"
            )
        elif told.prompt is not None and told.prompt.mode != "open":
            say(
                f"provenance: {name}: what its generator wrote into the file stays in it, as it was"
            )
        return told


@click.command("sign", short_help="Sign a file: say how it was made.")
@click.argument("files", nargs=-1, required=True, metavar="IN...")
@click.option("-o", "--output", metavar="OUT", help="The signed file; a folder for several.")
@click.option("--in-place", is_flag=True, help="Change IN itself; with --sidecar that one.")
@click.option("--sidecar", is_flag=True, help="Write a .c2pa file beside it instead.")
@click.option(
    "--binding",
    type=click.Choice(("data", "boxes", "bmff", "collection")),
    help="How the manifest holds to the file; the container tells the usual way.",
)
@click.option(
    "--parts",
    type=click.Choice(("required", "optional")),
    help="Hash what stands behind a picture, such as a film, by itself as well.",
)
@click.option(
    "--fragment",
    "fragments",
    metavar="SEGMENT",
    multiple=True,
    help="A media segment of IN, an initialisation segment, in playing order; OUT is a folder.",
)
@click.option(
    "--remote",
    metavar="URL",
    help="Where the manifest will lie: OUT names it, and OUT's .c2pa is for that place.",
)
@click.option(
    "--compress", is_flag=True, help="Compress earlier manifests; in a sidecar the new one too."
)
@describing_options
@record_options
@key_options
@identity_options
@click.option("--no-thumbnail", is_flag=True, help="Put no small picture into the manifest.")
@click.option("--salts", metavar="FILE", help="Where the salts of a committed prompt go.")
@tsa_option
@click.option("--no-verify", is_flag=True, help="Do not look at the result once more.")
@trust_options
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json", "ndjson")),
    default="text",
    help="Output.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing when all went well.")
def command(
    files: tuple[str, ...],
    output: str | None,
    in_place: bool,
    sidecar: bool,
    binding: "BindingKind | None",
    parts: "PartsKind | None",
    remote: str | None,
    compress: bool,
    fragments: tuple[str, ...],
    key: KeyOptions,
    no_thumbnail: bool,
    no_verify: bool,
    salts: str | None,
    tsa: str | None,
    identity: IdentityOptions,
    trust: TrustOptions,
    record: RecordOptions,
    form: str,
    quiet: bool,
    **described: Any,
) -> None:
    """Sign IN, and write the result to OUT. The key tells the algorithm.

    A file that a model made needs no more than --generator, --model or --prompt: what the first
    action and the digital source type must be follows; --from-metadata takes all of it from what
    the generator recorded, and commits to prompt and settings unless told otherwise. A file that
    was signed before keeps its manifests, as a parent. A folder is signed as one, all its files
    together, with --sidecar.
    """
    if len(files) > 1 and output is not None and not isdir(output):
        usage("Several files go into a folder that exists: -o DIR.")
    if len(files) > 1 and salts is not None:
        usage("--salts goes with one file.")
    if fragments and (len(files) > 1 or output is None or in_place or sidecar):
        usage("--fragment goes with one IN, and with -o DIR.")
    if fragments and (binding or parts or salts):
        usage("--fragment does not go with --binding, --parts or --salts.")
    elsewhere = in_place or sidecar or bool(fragments)
    if remote is not None and (len(files) > 1 or output is None or elsewhere):
        usage("--remote goes with one IN, and with -o OUT.")
    if record.from_metadata and (fragments or described["manifest"]):
        usage("--from-metadata does not go with --manifest or --fragment.")
    if not record.from_metadata and record != RecordOptions(False, (), (), (), False):
        usage("--models, --inputs, --disclose and --workflow go with --from-metadata.")
    sidecar = sidecar or _wants_sidecar(files, output, in_place, described)
    if sidecar and output is not None and not output.endswith(".c2pa") and not isdir(output):
        usage(f"With --sidecar, OUT is the sidecar itself, such as {output}.c2pa, or a folder.")
    place = _Place(output, in_place, sidecar)
    with sentences():
        places = [] if fragments else place.of_each(files)
        signer = key.signer()
        profile = key.loaded(tsa=tsa)
        actors = identity.actors(profile)
        judged_by = trust.settings()
        told = _Told(record, described, profile, thumbnail=not no_thumbnail)
        who: dict[str, Any] = {
            "signer": signer,
            "verify_after": not no_verify,
            "trust": judged_by,
            "authority": profile.authority(),
            "identities": actors,
        }
        what: dict[str, Any] = {"salts": salts, "binding": binding, "parts": parts}
        what["compress"] = compress
        calls: list[Callable[[], SignReceipt]]
        if fragments:
            from provenance.build.fragments import sign_fragmented

            folder = output or ""
            calls = [
                partial(sign_fragmented, files[0], fragments, folder, told.of(files[0]), **who)
            ]
        elif remote is not None:
            from provenance.build.remote import sign_remote

            out = place.of(files[0]) or Path()
            calls = [partial(sign_remote, files[0], out, told.of(files[0]), remote, **who, **what)]
        else:
            from provenance.build.sign import sign

            what |= {"sidecar": sidecar, "in_place": in_place}
            calls = [
                partial(sign, file, None if in_place else made, told.of(str(file)), **who, **what)
                for file, made in places
            ]
        receipts = []
        for call in calls:
            receipts.append(call())
            if form == "text" and not quiet:
                _tell(receipts[-1])
    if form != "text":
        _print(receipts, form)


def _wants_sidecar(
    files: tuple[str, ...], output: str | None, in_place: bool, described: dict[str, Any]
) -> bool:
    """Models, datasets, and what has no place for a manifest, have it beside them.

    That is where no other place is named; or, of a folder, the place of a sidecar.
    """
    if in_place or (output is not None and not output.endswith(".c2pa")):
        return False
    if output is not None:
        return all(map(isdir, files))
    kinds = ("model", "adapter", "merge", "dataset")
    return described.get("kind") in kinds or not any(map(_can_hold, files))


def _can_hold(file: str) -> bool:
    """Could a manifest be written into it? Also of what cannot be read: signing will say why."""
    from provenance.errors import ProvenanceError, UnsupportedFormatError
    from provenance.formats import registry
    from provenance.source import open_source

    if not isfile(file):
        return not isdir(file)
    try:
        with open_source(file) as source:
            return not source.size or registry.find(source, Path(file).suffix).can_embed
    except UnsupportedFormatError:
        return False
    except (ProvenanceError, OSError):
        return True


def _tell(receipt: "SignReceipt") -> None:
    for name, path in (("signed", receipt.output), ("sidecar", receipt.sidecar)):
        if path is not None:
            put(f"{name}: {_shown(path)}")
    if receipt.report is not None:
        from provenance.report import verdict

        answer = verdict.integrity(receipt.report)
        put(f"checked: {style().paint(answer.words, answer.tone)}")
    if receipt.salts is not None:
        put(f"salts: {_shown(receipt.salts)}")
        say("provenance: keep the salt file to yourself; without it the prompt cannot be proved")


def _shown(path: Path) -> str:
    from provenance.report.escape import clean

    return clean(str(path), 1000)


def _print(receipts: list["SignReceipt"], form: str) -> None:
    from provenance.report import json

    rows = [receipt.to_dict() for receipt in receipts]
    if form == "ndjson":
        for row in rows:
            put(json.ndjson(row))
    elif len(rows) == 1:
        put(json.dumps(rows[0]))
    else:
        put("".join(json.array(rows)))
