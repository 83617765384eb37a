"""The flags of `provenance sign` that say how an asset was made, as a manifest definition."""

import dataclasses
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.common import fail, os_sentence, usage
from provenance.cli.grouping import grouped

if TYPE_CHECKING:
    from provenance.build.definition import ManifestDefinition
    from provenance.profiles import Profile

__all__ = ["Flags", "RecordOptions", "describing_options", "flags_of", "record_options"]
__all__ += ["terms_of"]

_PROMPT_BYTES = 1 << 20
_NAMED = "name:"  # a model that is no file here


def describing_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the verb gets the keyword arguments of `flags_of`, and `manifest`."""
    many: dict[str, Any] = {"multiple": True}
    options = (
        click.option(
            "--manifest", metavar="DEF.json", help="A manifest definition; flags go first."
        ),
        click.option("--title", metavar="TEXT", help="Title of the asset."),
        click.option("--generator", metavar="NAME[@VERSION]", help="What made it."),
        click.option(
            "--model", metavar="FILE", **many, help="A model file, or name:NAME[@VERSION]."
        ),
        click.option("--prompt", metavar="TEXT|@FILE", help="The prompt; @- reads standard input."),
        click.option(
            "--prompt-mode",
            type=click.Choice(("open", "commit", "omit")),
            help="Disclose it (default), commit to it with a salt (default for a recorded one), "
            "or say only that there was one.",
        ),
        click.option("--source", metavar="FILE", **many, help="A picture the generator was given."),
        click.option("--parent", metavar="FILE", help="What this is an edited version of."),
        click.option("--component", metavar="FILE", **many, help="Something placed in it."),
        click.option(
            "--creator",
            metavar="NAME[:WEIGHT]",
            **many,
            help="Who made it, as you declare; weights count against each other.",
        ),
        click.option(
            "--kind",
            type=click.Choice(
                (
                    *("image", "photo", "video", "audio", "text"),
                    *("model", "adapter", "merge", "dataset"),
                )
            ),
            help="What IN is; models and datasets get a sidecar where no -o is given.",
        ),
        click.option(
            "--base", metavar="FILE", **many, help="A model that this one was made of; as --model."
        ),
        click.option(
            "--dataset", metavar="DIR|FILE", **many, help="What this model was trained on."
        ),
        click.option(
            "--authors",
            metavar="FILE",
            help="Who made which file of the folder that is signed: CSV, or JSON.",
        ),
        click.option(
            "--rights",
            metavar="PRESET|FILE.json",
            help="Its terms, such as cc-by or pil-commercial-remix:5%.",
        ),
        click.option(
            "--owes",
            metavar="FILE=PERCENT",
            **many,
            help="What is owed to one of the files named here, or to IN as it was.",
        ),
        click.option(
            "--completeness",
            type=click.Choice(("complete", "partial", "unknown")),
            help="Are these all contributors and ingredients?",
        ),
        click.option(
            "--digital-source-type",
            metavar="TYPE",
            help="IPTC code, such as digitalCapture; set by itself where a model made it.",
        ),
    )
    for option in reversed(options):
        verb = option(verb)
    return verb


@dataclasses.dataclass(frozen=True, slots=True)
class Flags:
    """What the flags say, read once: it is the same of all files."""

    definition: "ManifestDefinition"
    given: tuple[str, ...]  # the fields that they set
    mode: str | None = None  # of a prompt that somebody else said

    def over(self, start: "ManifestDefinition | None") -> "ManifestDefinition":
        """The definition that they make with one from elsewhere; a flag replaces what it says.

        Args:
            start: of a file, or what the asset's generator recorded.
        """
        from provenance.build.definition import ManifestDefinition

        if start is None:
            return self.definition
        named = {key: getattr(self.definition, key) for key in self.given}
        merged = dataclasses.replace(start, **named)
        if start.prompt is None:
            return merged
        if "prompt" not in self.given and self.mode is not None and start.prompt.text is not None:
            again = {"text": start.prompt.text, "mode": self.mode}
            mode = ManifestDefinition.from_dict({"prompt": again}).prompt
            merged = dataclasses.replace(merged, prompt=mode)
        if merged.prompt is not None and start.prompt.fields:
            kept = dataclasses.replace(merged.prompt, fields=start.prompt.fields)
            merged = dataclasses.replace(merged, prompt=kept)
        return merged


def flags_of(
    *,
    title: str | None,
    generator: str | None,
    model: tuple[str, ...],
    prompt: str | None,
    prompt_mode: str | None,
    source: tuple[str, ...],
    parent: str | None,
    component: tuple[str, ...],
    creator: tuple[str, ...],
    kind: str | None,
    base: tuple[str, ...],
    dataset: tuple[str, ...],
    authors: str | None,
    rights: str | None,
    owes: tuple[str, ...],
    completeness: str | None,
    digital_source_type: str | None,
    profile: "Profile",
) -> Flags:
    """What the flags say, without the file of a definition.

    Args:
        profile: says the mode of a prompt that has none.

    Raises:
        DefinitionError: a flag says something that cannot be signed.
        OSError: a file that it names cannot be read.
    """
    from provenance.build.definition import ManifestDefinition

    rows: dict[str, Any] = {
        "title": title,
        "generator": _named(generator) if generator is not None else None,
        "models": [_model(one) for one in model],
        "prompt": _prompt(prompt, prompt_mode or profile.prompt_mode),
        "sources": list(source),
        "parent": parent,
        "components": list(component),
        **_who(creator),
        "kind": kind,
        "bases": [_model(one) for one in base],
        "datasets": list(dataset),
        "authors": authors,
        "owes": [_owed(one) for one in owes],
        "completeness": completeness,
        **terms_of(rights),
        "digital_source_type": digital_source_type,
    }
    given = {key: value for key, value in rows.items() if value is not None and value != []}
    flags = ManifestDefinition.from_dict(given)
    if authors is not None:
        _check_terms(Path(authors))
    return Flags(flags, tuple(given), prompt_mode)


@dataclasses.dataclass(frozen=True, slots=True)
class RecordOptions:
    """Shall what the generator recorded be signed, and where are the files that it names?"""

    from_metadata: bool
    models: tuple[str, ...]
    inputs: tuple[str, ...]
    disclose: tuple[str, ...]
    workflow: bool

    def found(self, file: str, mode: str | None) -> "ManifestDefinition | None":
        """What is recorded in a file, as a definition; None when nobody asked.

        Raises:
            DefinitionError: a field or mode that is none.
            ProvenanceError, OSError: the file, or a folder, cannot be read.
        """
        if not self.from_metadata:
            return None
        from provenance.pipeline.from_metadata import definition_from

        fields: dict[str, Any] = dict(_disclosed(one) for one in self.disclose)
        told: Any = mode or "commit"
        return definition_from(
            file,
            models=self.models,
            inputs=self.inputs,
            prompt_mode=told,
            fields=fields,
            workflow=self.workflow,
        )


def record_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a verb, which gets one `record: RecordOptions`."""
    options = (
        click.option(
            "--from-metadata", is_flag=True, help="Say what IN's generator recorded in it."
        ),
        click.option(
            "--models", metavar="DIR", multiple=True, help="Look the recorded models up, and hash."
        ),
        click.option(
            "--inputs", metavar="DIR", multiple=True, help="Look the recorded pictures up."
        ),
        click.option(
            "--disclose",
            metavar="FIELD=MODE",
            multiple=True,
            help="Mode of one recorded field, such as seed=open.",
        ),
        click.option(
            "--workflow", is_flag=True, help="Store the recorded workflow, without secrets."
        ),
    )
    return grouped("record", RecordOptions, options)(verb)


def _disclosed(text: str) -> tuple[str, str]:
    name, equals, mode = text.partition("=")
    if not equals:
        usage(f"--disclose takes FIELD=MODE, not {text[:60]!r}.")
    return name, mode


def _who(creators: tuple[str, ...]) -> dict[str, Any]:
    """Names alone, or, where one has a weight, all with theirs."""
    split = [_weighted(one) for one in creators]
    if not any("weight" in one for one in split):
        return {"creators": [one["name"] for one in split]}
    return {"contributors": split}


def _weighted(text: str) -> dict[str, Any]:
    name, colon, weight = text.rpartition(":")
    if not colon or not name or not weight.isascii() or not weight.isdigit():
        if colon and name and weight.replace(".", "", 1).removesuffix("%").isdecimal():
            usage(f"A weight is a whole number, not {weight[:20]!r}: --creator NAME:2.")
        return {"name": text}
    return {"name": name, "weight": int(weight)}


def _owed(text: str) -> dict[str, Any]:
    from provenance.rights.presets import percent

    path, equals, rate = text.rpartition("=")
    if not equals or not path:
        usage(f"--owes takes FILE=PERCENT, not {text[:60]!r}.")
    return {"path": path, "rate_ppm": percent(rate)}


def terms_of(rights: str | None) -> dict[str, Any]:
    """The terms, as a key of a definition; the permissions that agree with them follow.

    Raises:
        DefinitionError: no such preset, or a file of another form.
        OSError: the file cannot be read.
    """
    if rights is None:
        return {}
    from provenance.rights.presets import preset

    return {"rights": preset(rights, "").to_cbor()}


def _check_terms(table: Path) -> None:
    """The terms in a table of authors are such as --rights takes."""
    from provenance.build.datasets import read_table
    from provenance.rights.presets import preset

    for text in dict.fromkeys(one.rights for one in read_table(table) if one.rights):
        preset(text, "", base=table.parent)


def _named(text: str) -> dict[str, str]:
    """NAME or NAME@VERSION; an @ at the very start belongs to the name."""
    name, at, version = text.rpartition("@")
    return {"name": name, "version": version} if at and name and version else {"name": text}


def _model(text: str) -> dict[str, str]:
    return _named(text.removeprefix(_NAMED)) if text.startswith(_NAMED) else {"path": text}


def _prompt(prompt: str | None, mode: str | None) -> dict[str, str] | None:
    if prompt is None:
        return None
    text = _read_prompt(prompt[1:]) if prompt.startswith("@") else prompt
    return {"text": text} | ({"mode": mode} if mode else {})


def _read_prompt(path: str) -> str:
    try:
        if path == "-":
            data = sys.stdin.buffer.read(_PROMPT_BYTES + 1)
        else:
            with open(path, "rb") as stream:
                data = stream.read(_PROMPT_BYTES + 1)
    except OSError as error:
        fail(os_sentence(error))
    if len(data) > _PROMPT_BYTES:
        fail(f"{path}: more than {_PROMPT_BYTES} bytes, too long for a prompt")
    try:
        # An editor's last line break is no part of what was asked.
        return data.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        fail(f"{os.fsdecode(path)}: not UTF-8 at byte {error.start}")
