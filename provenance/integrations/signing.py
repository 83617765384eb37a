"""What all hooks share: who signs, what is told, and what happens when signing fails."""

import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self, get_args
from uuid import uuid4

from provenance.build.identity import IdentitySigner
from provenance.build.sign import Definition, SignReceipt, read_definition, sign
from provenance.cose.signer import Signer
from provenance.errors import CredentialError, DefinitionError, ProvenanceError
from provenance.pipeline.telling import Disclosure
from provenance.profiles import Profile, load_profile
from provenance.source import Asset
from provenance.trust.installed import data_folder
from provenance.trust.tsa import Authority

__all__ = ["OnError", "ProvenanceWarning", "Signing", "is_profile_name", "private_salts"]
__all__ += ["profile_named"]

OnError = Literal["raise", "warn", "skip"]
_PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class ProvenanceWarning(UserWarning):
    """A picture was saved, and not signed."""


def is_profile_name(name: str) -> bool:
    """Is it a plain name: no path, no key, nothing that tells of a machine?"""
    return _PROFILE.fullmatch(name) is not None


def profile_named(name: str) -> str:
    """The name of a profile; nothing else may be typed where a workflow is saved with the picture.

    Raises:
        CredentialError: it looks like a path or a key; neither is repeated in the message.
    """
    if not is_profile_name(name):
        raise CredentialError(
            "profile", "is a name of letters, digits, - and _; keys and paths belong in its file"
        )
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """Who signs and how. `profile` is looked up at the first picture, and then kept."""

    signer: Signer | None = None
    profile: str | None = None
    on_error: OnError = "raise"
    disclosure: Disclosure | None = None  # None: as the profile has it, else committed to
    authority: Authority | None = None
    verify_after: bool = True
    salts: Callable[[Path], Path] | None = None  # a place for the salts of a picture; None: beside
    _loaded: list["_Who"] = field(default_factory=list, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what would only fail at the first picture.

        Raises:
            CredentialError: no signer and no profile, or both.
            DefinitionError: another word for what happens on an error.
        """
        if (self.signer is None) == (self.profile is None):
            raise CredentialError("signing", "takes a signer or the name of a profile")
        if self.on_error not in get_args(OnError):
            raise DefinitionError("on_error", f"{self.on_error!r}; known: raise, warn, skip")

    def sign(
        self, asset: Asset, path: Path, tell: Callable[[], Definition], **how: Any
    ) -> SignReceipt | None:
        """Sign an asset into a file.

        Args:
            asset: the asset; the file itself with `in_place=True`.
            path: where the signed one goes.
            tell: says what its manifest shall say; what that raises counts as not signed too.
            how: as `provenance.sign`.

        Returns:
            None when it could not be signed and that is no error here; `path` is as it was.

        Raises:
            ProvenanceError, OSError: it could not be signed, and `on_error` is "raise".
        """
        place = self.salts or _beside
        output = None if how.get("in_place") else path
        try:
            who, told = self._who(), read_definition(tell())
            if who.profile is not None:
                told = who.profile.fill(told, making="recorded")
            return sign(
                asset,
                output,
                told,
                signer=who.signer,
                authority=self.authority or who.authority,
                identities=who.identities,
                verify_after=self.verify_after,
                salts=place(path),
                **how,
            )
        except (ProvenanceError, OSError) as error:
            if self.on_error == "raise":
                raise
            if self.on_error == "warn":
                words = f"{path.name} is not signed: {error}"
                warnings.warn(words, ProvenanceWarning, stacklevel=4)
            return None

    def telling(self) -> Disclosure:
        """What is told of a record.

        Raises:
            ProvenanceError: there is no such profile.
        """
        if self.disclosure is not None:
            return self.disclosure
        profile = self._who().profile
        mode = profile.prompt_mode if profile is not None else None
        return Disclosure(mode=mode or "commit")

    def _who(self) -> "_Who":
        if not self._loaded:
            self._loaded.append(_Who.of(self.signer, self.profile or ""))
        return self._loaded[0]


@dataclass(frozen=True, slots=True)
class _Who:
    """Who signs, attests the time and vouches."""

    signer: Signer
    profile: Profile | None = None
    authority: Authority | None = None
    identities: Sequence[IdentitySigner] = ()

    @classmethod
    def of(cls, signer: Signer | None, name: str) -> Self:
        if signer is not None:
            return cls(signer)
        profile = load_profile(profile_named(name))
        return cls(profile.signer(), profile, profile.authority(), profile.identities())


def _beside(path: Path) -> Path:
    """A place for the salts beside the picture: those of one that stood there before are kept."""
    place = path.with_name(f"{path.name}.salts.json")
    return (
        place if not place.exists() else path.with_name(f"{path.name}.{uuid4().hex[:8]}.salts.json")
    )


def private_salts(path: Path) -> Path:
    """A place in the user's data folder: a program that shows its output folder shows no salts."""
    folder = data_folder() / "salts"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{path.name}.{uuid4().hex[:8]}.salts.json"
