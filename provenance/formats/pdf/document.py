"""A PDF as far as one must read it to find a manifest store: objects by their numbers.

    startxref → section → Prev → section …     trailer → Root → catalogue → AF → … → stream

Every incremental update adds a section. The sections are kept apart, so that the document can be
seen as it was before an update: `since` counts the updates to look past. Nothing is read that
does not lie on the way. Source: ISO 32000-1 §7.5.
"""

from dataclasses import dataclass, field, replace

from provenance.errors import LimitError, MalformedError, UnsupportedFormatError
from provenance.formats.pdf.filters import inflate, unpredict
from provenance.formats.pdf.objects import Object, listed, number, read_object
from provenance.formats.pdf.syntax import Budget, Dictionary, Item, Name, Parser, Ref, Value
from provenance.formats.pdf.xref import Entry, Free, InFile, InStream, Section
from provenance.limits import Limits
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["Document"]


@dataclass(frozen=True, slots=True)
class Document:
    """The objects of a file.

    Args:
        updates: each with the sections it added, newest first; the last is the first writing.
        damage: what stopped us from reading older sections.
        scanned: the cross-reference cannot be used, and objects were looked for.
    """

    source: ByteSource
    limits: Limits
    budget: Budget
    updates: tuple[tuple[Section, ...], ...]
    damage: MalformedError | None = None
    scanned: bool = False
    _loaded: dict[tuple[int, int], Object] = field(default_factory=dict, repr=False)
    _unpacked: dict[int, tuple[bytes, dict[int, int]]] = field(default_factory=dict, repr=False)

    @property
    def newest(self) -> Section:
        """The section that is read first."""
        return self.updates[0][0]

    @property
    def free_number(self) -> int:
        """An object number above all that are in use."""
        return max((one.end for sections in self.updates for one in sections), default=1)

    def trailer(self, key: bytes, since: int = 0) -> tuple[Item, bytes] | None:
        """An entry of the trailer with its buffer: of the newest section that has it."""
        for sections in self.updates[since:]:
            for section in sections:
                self.budget.spend()
                if key in section.trailer:
                    return section.trailer[key], section.text
        return None

    def entry(self, number: int, since: int = 0) -> tuple[Entry, int] | None:
        """Where an object lies, and how many updates came after it was written so."""
        for update in range(since, len(self.updates)):
            for section in self.updates[update]:
                found = section.find(number)
                if found is not None:
                    return found, update
        return None

    def load(self, ref: Ref, since: int = 0) -> Object | None:
        """An object; None for one that does not exist, which to PDF is null.

        Raises:
            MalformedError: something else lies there.
            UnsupportedFormatError: it is in an object stream that is encrypted.
        """
        found = self.entry(ref.number, since)
        if found is None:
            return None
        where, update = found
        if isinstance(where, Free):
            return None
        key = where[0], where[1] if isinstance(where, InStream) else -1
        loaded = self._loaded.get(key)
        if loaded is None or loaded.number != ref.number:
            if isinstance(where, InStream):
                loaded = self._from_stream(ref.number, where, since)
            else:
                loaded = read_object(self.source, where.offset, self.budget)
                if loaded.number != ref.number:
                    raise MalformedError(
                        f"PDF object {ref.number}",
                        f"object {loaded.number} lies there",
                        offset=where.offset,
                    )
            self._loaded[key] = loaded
        return loaded if loaded.update == update else replace(loaded, update=update)

    def resolve(self, value: Value, since: int = 0) -> Value:
        """A value, or what it refers to."""
        for _ in range(8):
            if not isinstance(value, Ref):
                return value
            target = self.load(value, since)
            value = None if target is None else target.value
        raise MalformedError("PDF reference", "leads from object to object without end")

    def get(self, holder: Dictionary, key: bytes, since: int = 0) -> Value:
        """What stands under a key, be it there or elsewhere."""
        return self.resolve(holder.value(key), since)

    def data_span(self, stream: Object, since: int = 0) -> Span:
        """Where the data of a stream lies in the file.

        A length that does not lead to `endstream` is passed over, and the word looked for.

        Raises:
            MalformedError: not a stream, or one without an end.
        """
        found = stream.dictionary
        if found is None or stream.data_at is None:
            raise MalformedError(f"PDF object {stream.number}", "is not a stream", offset=stream.at)
        length = self.get(found, b"Length", since)
        start = stream.data_at
        if isinstance(length, int) and 0 <= length <= self.source.size - start:
            after = self.source.read(
                start + length, min(32, self.source.size - start - length)
            ).lstrip(b"\0\t\n\f\r ")
            if after.startswith((b"endstream", b"endobj")):
                return Span(start, length)
        return Span.between(start, self._end_of_data(stream, start))

    def _end_of_data(self, stream: Object, start: int) -> int:
        most = min(self.source.size - start, self.limits.store_bytes)
        before = b""
        at = start
        for block in self.source.blocks(Span(start, most)):
            text = before + bytes(block)
            found = text.find(b"endstream")
            if found >= 0:
                end = at - len(before) + found
                mark = self.source.read(max(start, end - 2), end - max(start, end - 2))
                return end - (2 if mark == b"\r\n" else 1 if mark[-1:] in (b"\n", b"\r") else 0)
            at += len(block)
            before = text[-8:]
        raise MalformedError(
            f"PDF object {stream.number}", "a stream without end", offset=stream.at
        )

    def data(self, stream: Object, most: int, what: str, since: int = 0) -> bytes:
        """The data of a stream, unpacked.

        Raises:
            LimitError: more than `most` bytes, packed or not.
            MalformedError: not a stream, or packed in a way that is not ours.
        """
        span = self.data_span(stream, since)
        if span.length > most:
            raise LimitError(
                what, f"{span.length} bytes long, of which we read {most}", offset=span.start
            )
        return self.decoded(stream, self.source.read(span.start, span.length), most, what, since)

    def decoded(self, stream: Object, raw: bytes, most: int, what: str, since: int = 0) -> bytes:
        """What a stream's data unpacks to; a crypt filter is passed over."""
        for name, parameters in self.filters(stream, since):
            if name == b"Crypt":
                continue
            if name not in (b"FlateDecode", b"Fl"):
                raise MalformedError(
                    what, f"filter {bytes(name)[:40]!r} is not one we undo", offset=stream.at
                )
            raw = inflate(raw, most, what)
            predictor = self.get(parameters, b"Predictor", since) if parameters else None
            if isinstance(predictor, int) and parameters:
                columns = number(self.get(parameters, b"Columns", since), 1)
                colors = number(self.get(parameters, b"Colors", since), 1)
                bits = number(self.get(parameters, b"BitsPerComponent", since), 8)
                raw = unpredict(raw, predictor, (columns * colors * bits + 7) // 8, what)
        return raw

    def filters(self, stream: Object, since: int = 0) -> list[tuple[bytes, Dictionary | None]]:
        """The filters of a stream, in the order of undoing them, with their parameters."""
        holder = stream.dictionary or Dictionary()
        names = listed(self.get(holder, b"Filter", since))
        given = listed(self.get(holder, b"DecodeParms", since))
        found: list[tuple[bytes, Dictionary | None]] = []
        for at, name in enumerate(names[:8]):
            kind = self.resolve(name, since)
            parameters = self.resolve(given[at], since) if at < len(given) else None
            if isinstance(kind, Name):
                found.append((kind, parameters if isinstance(parameters, Dictionary) else None))
        return found

    def _from_stream(self, number: int, where: InStream, since: int) -> Object:
        what = f"PDF object stream {where.stream}"
        holder = self.entry(where.stream, since)
        if holder is None or not isinstance(holder[0], InFile):
            raise MalformedError(what, "is not in the file")
        offset = holder[0].offset
        if offset not in self._unpacked:
            stream = read_object(self.source, offset, self.budget)
            self._unpacked[offset] = self._unpack(stream, since)
        data, places = self._unpacked[offset]
        if number not in places:
            raise MalformedError(what, f"does not hold object {number}", offset=offset)
        parser = Parser(data, places[number], self.budget)
        return Object(number, 0, parser.item(), data)

    def numbers_in(self, stream: Object) -> list[int]:
        """Of the objects that an object stream holds."""
        return list(self._unpack(stream, 0)[1])

    def _unpack(self, stream: Object, since: int) -> tuple[bytes, dict[int, int]]:
        what, offset = f"PDF object stream {stream.number}", stream.at
        holder = stream.dictionary or Dictionary()
        if self.trailer(b"Encrypt") is not None:
            raise UnsupportedFormatError(
                self.source.name,
                "is encrypted, and with it what would tell whether there is a manifest store",
            )
        count, first = (number(self.get(holder, key, since), -1) for key in (b"N", b"First"))
        if count < 0 or first < 0:
            raise MalformedError(what, "does not say what it holds", offset=offset)
        data = self.data(stream, self.limits.text_bytes, what, since)
        self.budget.spend((len(data) >> 5) + count)
        numbers = data[:first].split(None, 2 * count)[: 2 * count]
        if len(numbers) < 2 * count or not all(one.isdigit() for one in numbers):
            raise MalformedError(what, f"its table has not {count} pairs", offset=offset)
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        return data + b" ", {int(one[:10]): first + int(at[:10]) for one, at in pairs}
