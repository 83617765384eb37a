"""What an incremental update changes: objects, spliced or new, and the section that lists them.

Source: ISO 32000-1 §7.5.4, §7.5.6, §7.5.8.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from provenance.errors import LimitError
from provenance.formats.pdf.document import Document
from provenance.formats.pdf.objects import Object
from provenance.formats.pdf.stores import Associated, listed_files
from provenance.formats.pdf.syntax import Dictionary, Ref

__all__ = ["Changes"]

_ROW = struct.Struct(">BIH")
_WIDE_ROW = struct.Struct(">BQH")
_NEAR = 1 << 31  # of a file whose additions have offsets in four bytes
_FAR = 10**10  # a table's offsets have ten digits
_Rows = dict[int, tuple[int, int, int]]  # kind, offset and generation by object number


@dataclass(slots=True)
class _Spliced:
    target: Object
    cuts: list[tuple[int, int, bytes]] = field(default_factory=list)

    def text(self) -> bytes:
        made, at = bytearray(), self.target.item.start
        for start, end, instead in sorted(self.cuts):
            made += self.target.text[at:start] + instead
            at = end
        return bytes(made + self.target.text[at : self.target.item.end])


@dataclass(slots=True)
class Changes:
    """Collects the objects of an update to a document."""

    document: Document
    _next: int = field(init=False)
    _made: dict[Ref, bytes] = field(init=False, default_factory=dict)
    _spliced: dict[Ref, _Spliced] = field(init=False, default_factory=dict)
    _freed: dict[int, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._next = self.document.free_number

    def new_number(self) -> int:
        """A number for a new object."""
        self._next += 1
        return self._next - 1

    def put(self, ref: Ref, text: bytes) -> None:
        """Write an object."""
        self._made[ref] = text

    def free(self, target: Object) -> None:
        """Have an object be no more."""
        self._freed[target.number] = target.generation

    def splice(self, target: Object, start: int, end: int, instead: bytes) -> None:
        """Replace a part of an object; the rest stays as it is spelled."""
        ref = Ref(target.number, target.generation)
        self._spliced.setdefault(ref, _Spliced(target)).cuts.append((start, end, instead))

    def set_key(
        self, target: Object, holder: Dictionary, end: int, key: bytes, text: bytes
    ) -> None:
        """Give a dictionary within an object a value under a key.

        Args:
            target: the object.
            holder: the dictionary.
            end: where it ends, in the object's buffer.
            key: a name that needs no escapes.
            text: the value; empty to take the key out.
        """
        old = holder.get(key)
        if old is None:
            if text:
                self.splice(target, end - 2, end - 2, b" /%b %b " % (key, text))
        elif text:
            self.splice(target, old.start, old.end, b" %b " % text)
        else:
            self.splice(target, holder.keys_at[key], old.end, b"")

    def associate(
        self, catalog: Object, held: Sequence[Associated], specification: Ref | None
    ) -> None:
        """Let the catalogue's associated files name this store, and none of those it held."""
        known = catalog.dictionary or Dictionary()
        gone = {one.item.start for one in held}
        text, files = listed_files(self.document, catalog)
        kept = [
            b"%d %d R" % one.value if isinstance(one.value, Ref) else text[one.start : one.end]
            for one in files
            if one.start not in gone
        ]
        if specification is not None:
            kept.append(b"%d %d R" % specification)
        if kept or b"AF" in known:
            made = b"[ %b ]" % b" ".join(kept) if kept else b""
            self.set_key(catalog, known, catalog.item.end, b"AF", made)

    def section(self, start: int, last: int | None) -> tuple[bytes, int]:
        """The cross-reference section and the objects that it lists.

        Args:
            start: where in the file it will stand.
            last: the number of an object that is to follow it, if there is one.

        Returns:
            The bytes, and what `startxref` has to say.

        Raises:
            LimitError: the file is too long for a cross-reference table.
        """
        self._made |= {ref: one.text() for ref, one in self._spliced.items()}
        objects = {
            ref: b"%d %d obj\n%b\nendobj\n" % (*ref, text) for ref, text in self._made.items()
        }
        rows = {
            number: (0, 0, min(generation + 1, 65535)) for number, generation in self._freed.items()
        }
        rows |= {ref.number: (1, 0, ref.generation) for ref in objects}
        if last is not None:
            rows[last] = (1, 0, 0)
        streamed = self.document.newest.stream
        own = self.new_number() if streamed else 0
        if streamed:
            rows[own] = (1, start, 0)
        listing = self._stream if streamed else self._table
        at = start + len(listing(rows, own))  # offsets are of one width: known before they are
        for ref, text in objects.items():
            rows[ref.number] = (1, at, ref.generation)
            at += len(text)
        if last is not None:
            rows[last] = (1, at, 0)
        if not streamed and at >= _FAR:
            raise LimitError("PDF", f"{at} bytes long, too long for its cross-reference table")
        return listing(rows, own) + b"".join(objects.values()), start

    def _table(self, rows: _Rows, own: int) -> bytes:
        del own
        made = [b"xref\n"]
        for run in _runs(rows):
            made.append(b"%d %d\n" % (run[0], len(run)))
            for kind, offset, generation in map(rows.__getitem__, run):
                made.append(b"%010d %05d %b \n" % (offset, generation, b"n" if kind else b"f"))
        made.append(b"trailer\n<< %b >>\n" % self._trailer())
        return b"".join(made)

    def _stream(self, rows: _Rows, own: int) -> bytes:
        index = b" ".join(b"%d %d" % (run[0], len(run)) for run in _runs(rows))
        row, width = (_ROW, 4) if self.document.source.size < _NEAR else (_WIDE_ROW, 8)
        data = b"".join(row.pack(*rows[number]) for number in sorted(rows))
        return (
            b"%d 0 obj\n<< /Type /XRef %b /Index [ %b ] /W [ 1 %d 2 ] /Length %d >>\nstream\n%b"
            b"\nendstream\nendobj\n" % (own, self._trailer(), index, width, len(data), data)
        )

    def _trailer(self) -> bytes:
        made = [b"/Size %d" % self._next]
        for key in (b"Root", b"Info", b"ID"):
            found = self.document.trailer(key)
            if found is not None:
                item, text = found
                made.append(b"/%b %b" % (key, text[item.start : item.end]))
        made.append(b"/Prev %d" % self.document.newest.at)
        return b" ".join(made)


def _runs(rows: _Rows) -> list[list[int]]:
    """Object numbers, ascending, where they follow each other together."""
    numbered = enumerate(sorted(rows))
    return [
        [number for _, number in run] for _, run in groupby(numbered, lambda one: one[1] - one[0])
    ]
