"""Load a profile: the file, the environment and the flags, each where it counts."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provenance.profiles.config import ProfileError, config_file, hint, read_config
from provenance.profiles.levels import DEFAULTS, from_environment, located, merged
from provenance.profiles.profile import Profile

__all__ = ["load_profile", "profile_names"]


def load_profile(
    name: str | None = None,
    *,
    flags: Mapping[str, Any] | None = None,
    config: str | Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Profile:
    """What counts for a signing, and where each setting comes from. No key is read yet.

    Args:
        name: of the profile; None: the one that `PROVENANCE_PROFILE` names, or none.
        flags: settings by name that go before all others; those that are None are left out.
        config: the file of profiles; the user's own when absent.
        environ: environment variables; the process's own when absent.

    Raises:
        ProfileError: no such profile, or it, or a variable, says something that is not known.
    """
    variables = os.environ if environ is None else environ
    path = Path(config) if config is not None else config_file(variables)
    wanted = name or variables.get("PROVENANCE_PROFILE") or None
    levels: list[tuple[str, Mapping[str, Any]]] = [
        ("flag", {key: value for key, value in (flags or {}).items() if value is not None}),
        ("environment", from_environment(variables)),
    ]
    if wanted is not None:
        levels.append((f"profile {wanted}", located(_named(wanted, path), path.parent)))
    levels.append(("default", DEFAULTS))
    return Profile(name=wanted, config=path, settings=merged(levels))


def profile_names(config: str | Path | None = None) -> tuple[str, ...]:
    """The names of the profiles there are, in the file's order.

    Raises:
        ProfileError: the file cannot be read, or says something that is not known.
    """
    return tuple(read_config(Path(config) if config is not None else config_file()))


def _named(name: str, path: Path) -> dict[str, Any]:
    there = read_config(path)
    if name in there:
        return there[name]
    if not there:
        told = "holds no profile" if path.exists() else "is not there; profiles go into it"
        raise ProfileError(str(path), told)
    raise ProfileError(f"profile {name[:64]!r}", f"there is none in {path}; {hint(name, there)}")
