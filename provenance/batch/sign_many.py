"""`sign_many`: any number of files into a folder, all cores, bounded memory; again, the rest."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.batch.sign_run import Inputs, SignRun
from provenance.batch.sign_settings import settings_of
from provenance.batch.sign_task import (
    ByProfile,
    Credentials,
    Held,
    SignFiles,
    SignOutcome,
    Told,
    Who,
)
from provenance.batch.task import Inline
from provenance.batch.walk import Wanted
from provenance.build.sign import Definition
from provenance.errors import CredentialError
from provenance.profiles import Profile, load_profile
from provenance.trust.settings import TrustSettings

if TYPE_CHECKING:
    from provenance.cose.signer import Signer

__all__ = ["sign_many"]


def sign_many(
    paths: Iterable[str | Path],
    output: str | Path,
    definition: Definition | Callable[[str], Definition] | None = None,
    *,
    profile: Profile | str | None = None,
    signer: "Signer | None" = None,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    overwrite: bool = False,
    jobs: int | None = None,
    verify_after: bool = True,
    trust: TrustSettings | None = None,
    **how: Any,
) -> Iterator[SignOutcome]:
    """Sign files, and folders with all that lies in them: an outcome for each, as they come.

    `DIR/a/b.jpg` goes to `output/a/b.jpg`, a file that is named to `output/NAME`. A run that goes
    over the same again signs what is new, has changed, or is missing. A file that cannot be signed
    is an outcome, and stops no other. Texts, and formats that hold no manifest store, are passed
    over where they were found in a folder; texts are signed where `include` says which.

    Args:
        paths: files, folders and patterns, in any number; read as the work goes on.
        output: a folder, which is made if it is not there.
        definition: what is said of each; or a function of a file's path, which travels to other
            processes, and counts as the same whatever it says by now.
        profile: who signs, and what a definition leaves unsaid; by its name, or loaded.
        signer: who signs, in place of a profile; its key stays here, so one process does the work.
        include: patterns of names; in a folder only files that fit one are signed.
        exclude: patterns of names, or of paths below the folder, that are not.
        overwrite: replace in `output` what no run has written, or what has changed since.
        jobs: processes; as many as there are cores when absent, and none for a few files.
        verify_after: look at each result once more; see `sign`.
        trust: by whom ingredients' signers are judged.
        how: what else `sign` takes, such as `binding` or `compress`.

    Raises:
        CredentialError: neither profile nor signer, or a key that cannot be used; nothing was done.
        JournalError: another run is signing into `output`, or what it remembers is damaged.
        OSError: `output` cannot be written, or no process can be started.
    """
    if (profile is None) == (signer is None):
        raise CredentialError("signing", "takes a profile, or a signer")
    loaded = load_profile(profile) if isinstance(profile, str) else profile
    credentials: Credentials = ByProfile(loaded) if loaded else Held(Who(signer))  # type: ignore[arg-type]  # see above
    say: Callable[[str], Definition] | Definition = definition if definition is not None else {}
    telling = _Telling(loaded, say)
    how |= {"verify_after": verify_after, "trust": trust}
    wanted = Wanted(tuple(include), tuple(exclude))
    run = SignRun(
        inputs=Inputs(paths=map(str, paths), wanted=wanted),
        output=Path(output),
        task=SignFiles(credentials=credentials, told=telling, how=how, texts=bool(wanted.include)),
        settings=settings_of(credentials.open(), telling.word, how, trust),
        overwrite=overwrite,
        jobs=jobs,
        engine=Inline() if loaded is None else None,
    )
    return run.outcomes()


@dataclass(frozen=True, slots=True)
class _Telling:
    """What is said of each file, with what a profile adds."""

    profile: Profile | None
    definition: Definition | Callable[[str], Definition]

    def __call__(self, file: str) -> Told:
        given = self.definition
        return Told(self._filled(given(file) if callable(given) else given))

    def _filled(self, given: Definition) -> Any:
        from provenance.build.sign import read_definition

        return read_definition(given) if self.profile is None else self.profile.definition(given)

    @property
    def word(self) -> object:
        """What it says, or, of a function, which it is."""
        given = self.definition
        if not callable(given):
            return self._filled(given)
        inner = given.func if isinstance(given, partial) else given
        name = getattr(inner, "__qualname__", type(inner).__qualname__)
        settings = self.profile.settings if self.profile else {}
        return inner.__module__, name, {key: one.value for key, one in settings.items()}
