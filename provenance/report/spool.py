"""Text that is kept until the end, when what comes before it is known: on disk once it is much."""

import tempfile
from codecs import getincrementaldecoder
from collections.abc import Iterator
from types import TracebackType
from typing import Self

__all__ = ["Spool"]

_IN_MEMORY = 1 << 20  # bytes
_BLOCK = 1 << 16


class Spool:
    """Texts in the order they were added."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # see __exit__
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, text: str) -> None:
        """Keep one more."""
        self._file.write(text.encode())
        self.count += 1

    def __iter__(self) -> Iterator[str]:
        """All of it, in pieces."""
        self._file.seek(0)
        decoder = getincrementaldecoder("utf-8")()
        while block := self._file.read(_BLOCK):
            yield decoder.decode(block)
        yield decoder.decode(b"", final=True)
