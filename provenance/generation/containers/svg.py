"""SVG: the text of `<metadata>`, under its name.

Entities are refused, document types are not: many an SVG has one. Source: SVG 2 §5.10.
"""

from collections.abc import Iterator

from provenance.generation.texts import Text
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["texts"]

_DEEP = 1000


class _RefusedError(Exception):
    pass


def texts(source: ByteSource, limits: Limits) -> Iterator[Text]:
    """The texts of all metadata elements, as far as the file is well-formed."""
    if source.size > limits.text_bytes:
        yield Text("svg", "file", None)
        return
    from xml.parsers import expat  # no entity gets through, see _refuse

    reader = _Reader()
    parser = expat.ParserCreate(None, " ")
    parser.EntityDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        for block in source.blocks(Span(0, source.size)):
            parser.Parse(bytes(block), False)
        parser.Parse(b"", True)
    except (expat.ExpatError, _RefusedError):
        pass
    yield from (Text("svg:metadata", "metadata", text) for text in reader.found)


class _Reader:
    def __init__(self) -> None:
        self.found: list[str] = []
        self._depth = 0
        self._inside = 0
        self._pieces: list[str] = []

    def refuse(self, *_: object) -> None:
        raise _RefusedError

    def start(self, name: str, _: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEP:
            raise _RefusedError
        if self._inside or name.rpartition(" ")[2] == "metadata":
            self._inside += 1

    def end(self, _: str) -> None:
        self._depth -= 1
        if self._inside:
            self._inside -= 1
            if not self._inside:
                self.found.append("".join(self._pieces))
                self._pieces.clear()

    def text(self, data: str) -> None:
        if self._inside:
            self._pieces.append(data)
