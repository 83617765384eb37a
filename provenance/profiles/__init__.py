"""Profiles: who signs and how, by a name, so that no program and no workflow holds a key.

profile = load_profile("studio")
sign("in.png", "out.png", profile.definition(), signer=profile.signer())
"""

from provenance.profiles.config import ProfileError, config_file
from provenance.profiles.load import load_profile, profile_names
from provenance.profiles.profile import Identity, Profile, Setting

__all__ = ["Identity", "Profile", "ProfileError", "Setting", "config_file", "load_profile"]
__all__ += ["profile_names"]
