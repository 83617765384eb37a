"""What file systems raise, as `OSError` that tells which file it is of."""

import errno
import os

from provenance.errors import ProvenanceError

__all__ = ["ForeignFiles"]

_LONG = 300  # characters of a message


class ForeignFiles:
    """Around a call into a driver: what it raises, of whatever kind, becomes an `OSError`.

    Args:
        url: of what.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: object
    ) -> None:
        if isinstance(error, Exception) and not isinstance(error, (MemoryError, ProvenanceError)):
            raise _told(error, self._url) from error


def _told(error: Exception, url: str) -> OSError:
    # Drivers raise these with words of their own in place of a number.
    for kind, number in (
        (FileNotFoundError, errno.ENOENT),
        (PermissionError, errno.EACCES),
        (TimeoutError, errno.ETIMEDOUT),
        (IsADirectoryError, errno.EISDIR),
    ):
        if isinstance(error, kind):
            return OSError(number, os.strerror(number), url)
    number = (error.errno if isinstance(error, OSError) else None) or errno.EIO
    words = (error.strerror if isinstance(error, OSError) else None) or str(error)
    lines = words.strip().splitlines() or [type(error).__name__]
    return OSError(number, lines[0][:_LONG], url)
