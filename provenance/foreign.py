"""Calls into code that is not ours, and what becomes of the exceptions it raises."""

from provenance.errors import ProvenanceError, SigningError

__all__ = ["ForeignCode"]


class ForeignCode:
    """Around a call into code that is not ours: a signer, a time-stamping authority.

    Whatever exception it raises, of whatever kind, becomes the cause of a `SigningError`.
    """

    def __init__(self, what: str, who: str) -> None:
        self._what = what
        self._who = who

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: object
    ) -> None:
        if isinstance(error, Exception):
            # Others' words may hold a secret; the caller finds them in the cause.
            ours = isinstance(error, (ProvenanceError, OSError))
            told = str(error)[:200] if ours else type(error).__name__
            raise SigningError(self._what, f"{self._who} failed: {told}") from error
