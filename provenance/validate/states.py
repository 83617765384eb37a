"""The words of a verdict: state, where the store lay, and why something could not be read."""

from enum import StrEnum

__all__ = ["ErrorKind", "Location", "ValidationState"]


class ValidationState(StrEnum):
    """Invalid, Valid, or Valid and signed by someone on a trust list (§14.3)."""

    INVALID = "Invalid"
    VALID = "Valid"
    TRUSTED = "Trusted"


class Location(StrEnum):
    """Where the manifest store was found (§15.5)."""

    EMBEDDED = "embedded"
    SIDECAR = "sidecar"
    REMOTE = "remote"
    NONE = "none"


class ErrorKind(StrEnum):
    """Why something could not be read."""

    IO = "io"
    UNSUPPORTED_FORMAT = "unsupported-format"
    MALFORMED = "malformed"
    LIMIT = "limit"
