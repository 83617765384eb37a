"""Indexes of any size: a few files that were really signed and verified, under many names."""

import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import provenance
from provenance.batch.index import Index
from provenance.batch.index_make import row_of
from provenance.batch.index_rows import Edge, Row
from provenance.batch.index_write import Writer
from provenance.batch.walk import Mark, Named, mark_of
from provenance.trust.settings import TrustSettings
from provenance.validate.run import examine
from tests.build.workshop import picture, signer, trust

__all__ = ["GENERATORS", "HOSTILE", "MODELS", "PEOPLE", "SIGNERS", "START", "bases", "grown"]

NOW = datetime.now(UTC)
START = 1_700_000_000.0  # 2023-11-14
GENERATORS = ("ComfyUI 0.3.4", "Firefly 2.0", "Leica M11 1.2", "GIMP 2.10", "A1111 1.9")
MODELS = ("sdxl-base-1.0", "flux-dev", "film-grain-lora", "portrait-lora")
SIGNERS = ("Example News", "Ana Ruiz", "Camera 0042", "Studio Blau", "Marketplace", "Atelier 9")
PEOPLE = ("Ana Ruiz", "Ben Ode", "Chidi Eze", "Dana Wu", "Emil Ek", "Fatou Sy", "Gö Łę")
SOURCES = ("trainedAlgorithmicMedia", "digitalCapture", "humanEdits")
HOSTILE = (
    "</script><script>document.title='owned'</script>",
    "<img src=x onerror=alert(1)>",
    "<!--<script>",
    "a\u2028b\u2029c",
    "]]>&amp;&lt;",
    "\u202egnp.exe",
    "\"'`{{ 7 * 7 }}${7*7}",
    "__proto__",
    "constructor",
    "javascript:alert(1)",
    "tab\tand\nline",
    "\udcff\udc80 no Unicode",
)


def _signed(colour: int, kind: str) -> bytes:
    out = io.BytesIO()
    definition = {
        "title": f"no. {colour}",
        "digital_source_type": SOURCES[0],
        "models": [{"name": MODELS[0], "sha256": "ab" * 32}],
        "creators": [PEOPLE[0]],
    }
    provenance.sign(picture(colour, kind), out, definition, signer=signer(), verify_after=False)
    return out.getvalue()


def bases(folder: Path) -> Iterator[tuple[Path, Row]]:
    """Files that come out in every way, and what an index keeps of each."""
    folder.mkdir(parents=True)
    changed = bytearray(_signed(3, "JPEG"))
    changed[-20] ^= 1
    files: dict[str, tuple[bytes, TrustSettings]] = {
        "trusted.png": (_signed(1, "PNG"), trust()),
        "valid.jpg": (_signed(2, "JPEG"), TrustSettings()),
        "invalid.jpg": (bytes(changed), trust()),
        "none.png": (picture(4), trust()),
        "unread.jpg": (b"\xff\xd8\xff\xe0\xff\xff", trust()),
    }
    for name, (data, trusted) in files.items():
        path = folder / name
        path.write_bytes(data)
        yield path, row_of(examine(str(path), trust=trusted, at=NOW))


def grown(place: Path, folder: Path, count: int, *, real: int = 0) -> None:
    """An index of so many files in folders below one; the first of them are there."""
    made = list(bases(folder / "made"))
    with Index.open(place, create=True) as index:
        writer = Writer(index.connection, "digest", "0.1.0; no trust anchors", NOW)
        for number in range(count):
            path, row = made[number * 7 % 5 if number % 3 else number % 2]
            inner = folder / f"set{number % 40:02}"
            name = HOSTILE[number] if number < len(HOSTILE) else f"IMG_{number:06}{path.suffix}"
            at = os.path.join(inner, name.replace("/", "-"))
            mark: Mark | None = Mark(path.stat().st_size, number, number)
            if number < real:
                inner.mkdir(exist_ok=True)
                with open(os.fsencode(at), "wb") as stream:
                    stream.write(path.read_bytes())
                mark = mark_of(at)
            writer.put(Named(at, found=True, mark=mark), _varied(row, number), 1e18)
            if writer.waiting >= 2_000:
                writer.flush()
        writer.flush()


def _varied(row: Row, number: int) -> Row:
    if not row.manifests:
        return row
    name = SIGNERS[number % 11 % 6]
    active = row.manifests[0]
    assert active.signer is not None
    edge = Edge(f"e{number}", "inputTo", "model", MODELS[number % 4], None, None, None, None, "")
    active = active._replace(
        claim=f"claim:sha256:{number:064x}",
        box=sha256(b"%d" % number).digest(),
        label=f"urn:c2pa:{number:08x}-0000-4000-8000-000000000000",
        title=f"Picture no. {number}",
        generator=GENERATORS[number % 13 % 5],
        source_types=SOURCES[number % 3],
        signed_at=None if number % 17 == 0 else START + number * 3_600.0 % 80_000_000,
        attested=number % 2 == 0,
        agents=f"Brush {number % 3}\nResize 1" if number % 5 else "",
        signer=active.signer._replace(sha256=f"{number % 6:064x}", common_name=name),
        edges=(edge,) if number % 4 else (),
        people=((PEOPLE[number % 7], "creator", "declared"), (name, "signer", "signer")),
    )
    outcome = row.outcome._replace(signer=f"{name}, Example CA")
    if outcome.failed and number % 2:
        outcome = outcome._replace(failed=f"{outcome.failed} claimSignature.mismatch")
    return row._replace(manifests=(active, *row.manifests[1:]), outcome=outcome)
