"""Small PDFs, made by hand: what other software writes is judged elsewhere."""

import zlib
from collections.abc import Mapping

__all__ = ["OBJECTS", "PDF_SAMPLES", "XMP", "pdf", "stream", "streamed_pdf", "update"]

TEXT = b"BT /F1 24 Tf 20 40 Td (A fox in the snow) Tj ET"
XMP = b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta><?xpacket end="w"?>'


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A stream object's body."""
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(data), entries, data)


OBJECTS: dict[int, bytes] = {
    1: b"<< /Type /Catalog /Pages 2 0 R /Lang (en) >>",
    2: b"<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>",
    3: b"<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 300 100 ] /Contents 4 0 R "
    b"/Resources << /Font << /F1 5 0 R >> >> >>",
    4: stream(TEXT),
    5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
}
_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_ID = b"/ID [ <00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff> ]"


def pdf(objects: Mapping[int, bytes] = OBJECTS, trailer: bytes = b"") -> bytes:
    """A file with a cross-reference table; object 1 is the catalogue."""
    return _written(_HEADER, {0: None, **objects}, b"/Root 1 0 R " + _ID + trailer)


def update(before: bytes, objects: Mapping[int, bytes | None], trailer: bytes = b"") -> bytes:
    """The same, after an incremental update with a table; None frees an object."""
    at = before.rindex(b"startxref") + 10
    previous = before[at : before.index(b"\n", at)]
    return _written(before, objects, b"/Root 1 0 R /Prev " + previous + b" " + _ID + trailer)


def _written(before: bytes, objects: Mapping[int, bytes | None], trailer: bytes) -> bytes:
    out, places = bytearray(before), {}
    for number, body in objects.items():
        places[number] = len(out)
        if body is not None:
            out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n"
    for number in sorted(objects):
        if objects[number] is None:
            out += b"%d 1\n%010d %05d f \n" % (number, 0, 65535 if number == 0 else 1)
        else:
            out += b"%d 1\n%010d %05d n \n" % (number, places[number], 0)
    size = max(objects) + 1 if 0 in objects else 100
    out += b"trailer\n<< /Size %d %b >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)
    return bytes(out)


def streamed_pdf(objects: Mapping[int, bytes] = OBJECTS, trailer: bytes = b"") -> bytes:
    """A file with a cross-reference stream, its plain objects in an object stream."""
    out, rows = bytearray(_HEADER), {0: (0, 0, 65535)}
    inside = [number for number, body in objects.items() if b"stream" not in body]
    holder, own = max(objects) + 1, max(objects) + 2
    head, body = b"", b""
    for index, number in enumerate(inside):
        head += b"%d %d " % (number, len(body))
        body += objects[number] + b" "
        rows[number] = (2, holder, index)
    packed = zlib.compress(head + body)
    entries = b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode" % (len(inside), len(head))
    plain = {n: b for n, b in objects.items() if n not in inside} | {
        holder: stream(packed, entries)
    }
    for number, text in plain.items():
        rows[number] = (1, len(out), 0)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, text)
    rows[own] = (1, len(out), 0)
    listed = [rows.get(number, (0, 0, 0)) for number in range(own + 1)]
    pairs = zip(listed, [(0, 0, 0), *listed], strict=False)
    table = b"".join(b"\x02" + _up(row, above) for row, above in pairs)
    entries = (
        b"/Type /XRef /W [ 1 4 2 ] /Size %d /Root 1 0 R /Filter /FlateDecode "
        b"/DecodeParms << /Predictor 12 /Columns 7 >> %b %b" % (own + 1, _ID, trailer)
    )
    start = len(out)
    out += b"%d 0 obj\n%b\nendobj\n" % (own, stream(zlib.compress(table), entries))
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def _up(row: tuple[int, int, int], above: tuple[int, int, int]) -> bytes:
    packed, over = (
        one[0].to_bytes(1) + one[1].to_bytes(4) + one[2].to_bytes(2) for one in (row, above)
    )
    return bytes((a - b) & 0xFF for a, b in zip(packed, over, strict=True))


PDF_SAMPLES = {"PDF": pdf}
