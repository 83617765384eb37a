"""What can go wrong, as a tree of exceptions.

    ProvenanceError                 everything this library raises on purpose
      MalformedError                bytes are not what the standard says
        EncryptedError              there, but in a part of the file that is encrypted
      LimitError                    more input than we are willing to read
      UnsupportedFormatError        no handler for this container
      DefinitionError               a manifest definition is wrong; nothing was signed
      CredentialError               a key or a certificate cannot be used
      SigningError                  signing failed; nothing was written
      SplitError                    an amount cannot be split as it was asked

A bad signature or a changed byte is no error: it is a `Finding` in a report. `OSError` is the
caller's own and passes through unchanged.
"""

from os import fsdecode

__all__ = [
    "CredentialError",
    "DefinitionError",
    "EncryptedError",
    "LimitError",
    "MalformedError",
    "ProvenanceError",
    "SigningError",
    "SplitError",
    "UnsupportedFormatError",
    "os_sentence",
]

_LONG_NAME = 500  # characters of a file's name


def os_sentence(error: OSError) -> str:
    """What, and what is wrong with it: `a.jpg: no such file or directory`."""
    reason = (error.strerror or str(error) or type(error).__name__).lower()
    if error.filename is None:
        return reason
    name = fsdecode(error.filename) or "''"
    if len(name) > _LONG_NAME:  # what is wrong with it shall still be seen
        name = f"{name[:80]}…{name[-80:]}"
    return f"{name}: {reason}"


class ProvenanceError(Exception):
    """Says what is wrong, where, and how it differs from right.

        caBX chunk at byte 33: 4294967295 bytes long, 61687 left in the file

    Args:
        what: the thing that is wrong, in the specification's word.
        problem: how it differs from right.
        offset: where it starts, in bytes from the start of what was read.
    """

    def __init__(self, what: str, problem: str, *, offset: int | None = None) -> None:
        self.what = what
        self.problem = problem
        self.offset = offset
        super().__init__(what, problem, offset)

    def __str__(self) -> str:
        place = "" if self.offset is None else f" at byte {self.offset}"
        return f"{self.what}{place}: {self.problem}"

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword arguments are lost by the default reduction, and reports cross processes.
        return _rebuild, (type(self), self.what, self.problem, self.offset)


def _rebuild(
    kind: type[ProvenanceError], what: str, problem: str, offset: int | None
) -> ProvenanceError:
    return kind(what, problem, offset=offset)


class MalformedError(ProvenanceError):
    """Bytes are not what the standard says."""


class EncryptedError(MalformedError):
    """What is looked for is there, but in a part of the file that is encrypted."""


class LimitError(ProvenanceError):
    """More input than we are willing to read; see `provenance.limits`."""


class UnsupportedFormatError(ProvenanceError):
    """No handler knows this container."""


class DefinitionError(ProvenanceError):
    """A manifest definition is wrong; nothing was signed."""


class CredentialError(ProvenanceError):
    """A key or a certificate cannot be used."""


class SigningError(ProvenanceError):
    """Signing failed; nothing was written. What a signer raised is the cause."""


class SplitError(ProvenanceError):
    """An amount cannot be split: works in a circle, more than all of it owed, no such policy."""
