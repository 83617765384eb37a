"""The relative URI of a file in a collection: its path, percent-encoded.

    b/c d.txt → b/c%20d.txt        [Content_Types].xml → %5BContent_Types%5D.xml

Source: C2PA 2.2 §18.8.3 ("a valid relative URI"); RFC 3986 §2.1, §3.3.
"""

from urllib.parse import quote

__all__ = ["relative_uri"]

_PLAIN = "/!$&'()*+,;=@~"  # besides letters, digits, and - . _


def relative_uri(path: str | bytes) -> str:
    """A path with "/" between its parts as a URI; what is no ASCII is encoded as UTF-8."""
    return quote(path, safe=_PLAIN)
