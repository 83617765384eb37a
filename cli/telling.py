"""What the manifest of each file shall say: the same of all, or what each has recorded."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from provenance.batch.sign_task import Told
from provenance.cli.describing import Flags, RecordOptions, flags_of

if TYPE_CHECKING:
    from provenance.build.definition import ManifestDefinition
    from provenance.profiles import Profile

__all__ = ["Telling"]

_NOTHING = "no generator recorded anything, or the file is signed already"
_STAYS = "what its generator wrote into the file stays in it, as it was"


@dataclass(frozen=True, slots=True)
class Telling:
    """Called with a file it is a `Told`, in whatever process."""

    record: RecordOptions
    flags: Flags
    profile: "Profile"
    thumbnail: bool
    same: "ManifestDefinition | None"  # of all; None: each file has recorded its own

    @classmethod
    def of(
        cls,
        record: RecordOptions,
        described: dict[str, Any],
        profile: "Profile",
        *,
        thumbnail: bool,
    ) -> Self:
        """Read what there is to read, once.

        Args:
            record: what of the files' own records counts.
            described: the flags, and `manifest`, the file of a definition.
            profile: says what flags and file do not.
            thumbnail: put a small picture into each?

        Raises:
            DefinitionError: something says what cannot be signed.
            OSError: a file cannot be read.
        """
        manifest = described["manifest"]
        rest = {key: value for key, value in described.items() if key != "manifest"}
        flags = flags_of(**rest, profile=profile)
        same = None
        if not record.from_metadata:
            start = profile.definition(Path(manifest)) if manifest is not None else None
            same = flags.over(start)
        return cls(record, flags, profile, thumbnail, same)

    def __call__(self, file: str) -> Told:
        """What its manifest shall say, and what the user should know about that.

        Raises:
            ProvenanceError, OSError: the file cannot be read, or what it records not be signed.
        """
        note = None
        if self.same is not None:
            told = self.profile.fill(self.same)
        else:
            told, note = self._recorded(file)
            told = self.profile.fill(told, making="recorded")
        return Told(told if self.thumbnail else replace(told, thumbnail=False), note)

    def _recorded(self, file: str) -> Told:
        from provenance.build.definition import ManifestDefinition

        mode = self.flags.mode or self.profile.prompt_mode
        told = self.flags.over(self.record.found(file, mode))
        if told == ManifestDefinition():
            return Told(told, _NOTHING)
        return Told(told, _STAYS if told.prompt and told.prompt.mode != "open" else None)
