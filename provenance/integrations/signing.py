"""What all hooks share: who signs, what is told, and what happens when signing fails."""

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args
from uuid import uuid4

from provenance.build.sign import Definition, SignReceipt, sign
from provenance.cose.signer import Signer
from provenance.errors import CredentialError, DefinitionError, ProvenanceError
from provenance.pipeline.telling import Disclosure
from provenance.source import Asset
from provenance.trust.installed import data_folder
from provenance.trust.tsa import Authority

__all__ = ["OnError", "ProvenanceWarning", "Signing", "private_salts", "profile_named"]

OnError = Literal["raise", "warn", "skip"]
_PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class ProvenanceWarning(UserWarning):
    """A picture was saved, and not signed."""


def profile_named(name: str) -> str:
    """The name of a profile; nothing else may be typed where a workflow is saved with the picture.

    Raises:
        CredentialError: it looks like a path or a key; neither is repeated in the message.
    """
    if not _PROFILE.fullmatch(name):
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
    disclosure: Disclosure = field(default_factory=Disclosure)
    authority: Authority | None = None
    verify_after: bool = True
    salts: Callable[[Path], Path] | None = None  # a place for the salts of a picture; None: beside
    _loaded: list[Any] = field(default_factory=list, repr=False, compare=False)

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
            signer, rest = self._who()
            return sign(
                asset,
                output,
                tell(),
                signer=signer,
                verify_after=self.verify_after,
                salts=place(path),
                **(rest | how),
            )
        except (ProvenanceError, OSError) as error:
            if self.on_error == "raise":
                raise
            if self.on_error == "warn":
                words = f"{path.name} is not signed: {error}"
                warnings.warn(words, ProvenanceWarning, stacklevel=4)
            return None

    def _who(self) -> tuple[Signer, dict[str, Any]]:
        rest = {"authority": self.authority} if self.authority is not None else {}
        if self.signer is not None:
            return self.signer, rest
        if not self._loaded:
            self._loaded.append(_profile(profile_named(self.profile or "")))
        signer, more = self._loaded[0]
        return signer, more | rest


def _profile(name: str) -> tuple[Signer, dict[str, Any]]:
    raise CredentialError("profile", f"{name}: profiles are not there yet")


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
