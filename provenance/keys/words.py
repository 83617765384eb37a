"""Words of other programs, made fit for a sentence of ours."""

__all__ = ["spoken"]

_MOST = 160  # characters


def spoken(said: bytes | str) -> str:
    """One line without control characters, cut short; empty when nothing was said."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    line = " ".join(text[: 20 * _MOST].split())
    plain = "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in line)
    return plain if len(plain) <= _MOST else plain[: _MOST - 1] + "…"
