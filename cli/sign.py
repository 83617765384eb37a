"""`provenance sign`: say how a file was made, and sign it; or many, see `sign_many`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from os.path import abspath, isdir, isfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provenance.batch.walk import is_walked
from provenance.cli.common import fail, put, say, sentences, style, usage
from provenance.cli.describing import RecordOptions, describing_options, record_options
from provenance.cli.editing import tsa_option
from provenance.cli.identity import IdentityOptions, identity_options
from provenance.cli.sign_many import ManyOptions, Order, many_options, sign_each, sign_folders
from provenance.cli.signing_key import KeyOptions, key_options
from provenance.cli.targets import readable, target
from provenance.cli.telling import Telling
from provenance.cli.trusting import TrustOptions, trust_options
from provenance.remote.address import is_address

if TYPE_CHECKING:
    from provenance.build.binding import PartsKind
    from provenance.build.sign import SignReceipt
    from provenance.formats.base import BindingKind

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
        """Each input with its output; no two may have the same, or one would be lost.

        What cannot be signed has a place too: why it cannot is told when its turn comes.
        """
        places = [
            (Path(file), self.of(file) if self._fits(file) else self._like(file)) for file in files
        ]
        if not self.in_place:
            made = Counter(abspath(place) for _, place in places if place is not None)
            twice = next((place for place, times in made.items() if times > 1), None)
            if twice is not None:
                usage(f"Two of the files would be written to {twice}.")
        return places

    def _fits(self, file: str) -> bool:
        return isfile(file) or (self.sidecar and isdir(file))

    def _like(self, file: str) -> Path | None:
        return Path(self.output, Path(file).name) if self.output is not None else None


@click.command("sign", short_help="Sign a file: say how it was made.")
@click.argument("files", nargs=-1, metavar="IN...")
@click.option(
    "-o", "--output", metavar="OUT", help="The signed file; a folder for several, and for DIR."
)
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
@many_options
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
    many: ManyOptions,
    form: str,
    quiet: bool,
    **described: Any,
) -> None:
    """Sign IN, and write the result to OUT. The key tells the algorithm.

    A file that a model made needs no more than --generator, --model or --prompt: what the first
    action and the digital source type must be follows; --from-metadata takes all of it from what
    the generator recorded, and commits to prompt and settings unless told otherwise. A file that
    was signed before keeps its manifests, as a parent. A folder is signed as one, all its files
    together, with --sidecar; or, with -o OUT, each of the files that lie in it: into OUT, under the
    same names. Run again, that signs what is new or has changed, and what is missing.
    """
    if not files and many.files_from is None:
        usage("Say which files: IN…, or --files-from LIST.")
    asked = sidecar or in_place or (output is not None and output.endswith(".c2pa"))
    walked = (
        not asked
        and output is not None
        and any(is_walked(one) for one in files if not is_address(one))
    )
    folders = walked or many.files_from is not None
    several = folders or len(files) > 1
    if folders and (output is None or in_place):
        usage("What lies in folders and lists is signed into a folder: -o DIR.")
    if not folders and replace(many, jobs=None, progress="auto") != ManyOptions():
        usage("--include, --exclude and --overwrite go with a folder: DIR -o OUT.")
    if several and not folders and output is not None and not isdir(output):
        usage("Several files go into a folder that exists: -o DIR.")
    if several and salts is not None:
        usage("--salts goes with one file.")
    if fragments and (several or output is None or in_place or sidecar):
        usage("--fragment goes with one IN, and with -o DIR.")
    if fragments and (binding or parts or salts):
        usage("--fragment does not go with --binding, --parts or --salts.")
    elsewhere = in_place or sidecar or bool(fragments)
    if remote is not None and (several or output is None or elsewhere):
        usage("--remote goes with one IN, and with -o OUT.")
    if record.from_metadata and (fragments or described["manifest"]):
        usage("--from-metadata does not go with --manifest or --fragment.")
    if not record.from_metadata and record != RecordOptions(False, (), (), (), False):
        usage("--models, --inputs, --disclose and --workflow go with --from-metadata.")
    if folders and not sidecar and (described["authors"] or described["kind"] == "dataset"):
        usage("--authors and --kind dataset go with a folder that is signed as one: --sidecar.")
    if folders:
        _check_folders(files, output or "")
    else:
        sidecar = sidecar or _wants_sidecar(files, output, in_place, described)
        if sidecar and output is not None and not output.endswith(".c2pa") and not isdir(output):
            usage(f"With --sidecar, OUT is the sidecar itself, such as {output}.c2pa, or a folder.")
    place = _Place(output, in_place, sidecar)
    with sentences():
        if several:
            places = [] if folders else place.of_each(files)
        else:
            places = [(Path(files[0]), None if fragments else place.of(files[0]))]
        profile = key.loaded(tsa=tsa, identity=identity.rows())
        if profile.get("key") is None:
            usage("Name a key: --key REF, --profile NAME, or PROVENANCE_KEY.")
        order = Order(
            profile=profile,
            telling=Telling.of(record, described, profile, thumbnail=not no_thumbnail),
            how={"verify_after": not no_verify, "trust": trust.settings()},
            form=form,
            quiet=quiet,
            many=many,
        )
        what: dict[str, Any] = {"binding": binding, "parts": parts, "compress": compress}
        if folders:
            mine = replace(trust, no_installed_trust=True).settings()
            sign_folders(files, output or "", order.by(**what, sidecar=sidecar), mine)
            return
        if several:
            if in_place:
                places = [(file, None) for file, _ in places]
            sign_each(places, order.by(**what, sidecar=sidecar, in_place=in_place))
            return
        ((file, out),) = places
        if fragments:
            from provenance.build.fragments import sign_fragmented

            call = partial(sign_fragmented, file, fragments, output or "")
        elif remote is not None:
            from provenance.build.remote import sign_remote

            call = partial(sign_remote, file, out or Path(), url=remote, salts=salts, **what)
        else:
            from provenance.build.sign import sign

            there = None if in_place else out
            what |= {"salts": salts, "sidecar": sidecar, "in_place": in_place}
            call = partial(sign, file, there, **what)
        receipt = order.alone(str(file), call)
    if form != "text":
        from provenance.report import json

        put((json.ndjson if form == "ndjson" else json.dumps)(receipt.to_dict()))
    elif not quiet:
        _tell(receipt)


def _check_folders(files: tuple[str, ...], output: str) -> None:
    """Folders, and the one that they are signed into, must not run into each other."""
    out = Path(output)
    if out.exists() and not out.is_dir():
        usage(f"{output} is a file; what lies in folders is signed into a folder.")
    for file in filter(isdir, files):
        if out.exists() and out.samefile(file):
            usage(f"OUT is {file} itself; `provenance watch DIR --once --in-place` changes files.")
        if Path(file).resolve().is_relative_to(out.resolve()):
            usage(f"{file} lies in {output}, which signed files go to.")


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
