"""How many values CBOR bytes hold, found without making any of them."""

from provenance.errors import LimitError

__all__ = ["count_items"]

_WIDTHS = {24: 1, 25: 2, 26: 4, 27: 8}
_STRINGS = (2, 3)


def count_items(data: bytes | memoryview, most: int) -> int:
    """Count data items, so that a small file does not become a large memory.

    Bytes that are no CBOR count until they end; judging them is for `decode`.

    Raises:
        LimitError: more than `most`.
    """
    at, size, count = 0, len(data), 0
    while at < size:
        count += 1
        if count > most:
            raise LimitError("CBOR", f"more than {most} values")
        major, number = data[at] >> 5, data[at] & 31
        at += 1
        width = _WIDTHS.get(number, 0)
        if width:
            number = int.from_bytes(data[at : at + width])
            at += width
        if major in _STRINGS and not (width == 0 and number == 31):
            at += number
    return count
