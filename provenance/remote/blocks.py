"""Blocks that were read and may be wanted again: the last few, for one file or several."""

from collections import OrderedDict
from collections.abc import Hashable

__all__ = ["BLOCK", "Blocks"]

BLOCK = 1 << 18  # bytes: less costs as much as this, for most of it is waiting


class Blocks:
    """The blocks that were used last.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int = 32) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()

    def __contains__(self, key: object) -> bool:
        return key in self._kept

    def get(self, key: Hashable) -> bytes | None:
        """A block, if it is still here."""
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key]

    def put(self, key: Hashable, data: bytes) -> None:
        """Keep a block, and let go of the one that was not used for longest."""
        self._kept[key] = data
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
