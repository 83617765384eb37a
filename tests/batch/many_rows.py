"""An index of any size, by its rows alone: as many files as wanted, of which none is there."""

import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from provenance.batch.index_rows import Edge, ManifestRow, Outcome, Row, SignerRow
from provenance.batch.index_schema import open_index
from provenance.batch.index_write import Writer
from provenance.batch.walk import Mark, Named
from tests.batch.test_index import NOW

__all__ = ["fill_index"]

_TOGETHER = 5_000


def fill_index(place: Path, count: int) -> None:
    """Pictures by a hundred models, each with an artist."""
    connection = open_index(place, create=True)
    writer = Writer(connection, "terms", "terms", NOW)
    for named, row in _rows(count):
        writer.put(named, row, 1e18)
        if writer.waiting >= _TOGETHER:
            writer.flush()
    writer.flush()
    connection.close()


def _rows(count: int) -> Iterator[tuple[Named, Row]]:
    signer = SignerRow("00", "Signer", "Org", "es256", "1", 0.0, 2e9)
    models = [
        _manifest(f"model {one}", signer, people=(("The Lab", "creator", "declared"),))
        for one in range(100)
    ]
    body = zlib.compress(b'{"asset":{"path":null},"more":"%s"}' % (b"x" * 2000))
    valid = Outcome(
        "Valid", "embedded", "image/png", None, "Signer", "", "a.b", 0, "valid", "WARN", True
    )
    for number in range(count):
        model = models[number % 100]
        edge = Edge(
            "uri", "inputTo", "model", model.title, None, model.label, model.claim, None, ""
        )
        people = ((f"Artist {number % 5000}", "creator", "declared"),)
        made = _manifest(f"picture {number}", signer, edges=(edge,), people=people)
        named = Named(f"/data/{number % 97}/{number}.png", True, Mark(1, 1, number))
        hashes = (("content", f"sha256:{number:064x}"),)
        yield named, Row(valid, body, "", (made, model), hashes, 1e18, 1)


def _manifest(title: str, signer: SignerRow, **more: Any) -> ManifestRow:
    digest = sha256(title.encode())
    row: dict[str, Any] = {
        "claim": f"claim:sha256:{digest.hexdigest()}",
        "box": digest.digest(),
        "label": f"urn:c2pa:{title}",
        "kind": "standard",
        "title": title,
        "generator": "Painter 1",
        "source_types": "",
        "signed_at": 1.0,
        "attested": True,
        "signature": digest.digest(),
        "agents": "",
        "signer": signer,
        "edges": (),
        "people": (),
        "acceptances": (),
        "state": "Valid",
    }
    return ManifestRow(**(row | more))
