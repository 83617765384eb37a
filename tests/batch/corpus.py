"""A folder of small files, some signed, for the tests of many files."""

import io
from pathlib import Path

import provenance
from tests.build.workshop import MADE, named, picture, signer

__all__ = ["COUNT", "fill", "signed_picture"]

COUNT = 7  # assets that a filled folder has, those of no interest left out


def signed_picture(colour: int, kind: str = "PNG", **more: object) -> bytes:
    """A picture, signed as made by a generator."""
    out = io.BytesIO()
    definition = {**MADE, "title": f"no. {colour}", **more}
    provenance.sign(picture(colour, kind), out, definition, signer=signer(), verify_after=False)
    return out.getvalue()


def fill(folder: Path) -> Path:
    """Two valid files, a changed one, a plain one, a sidecar pair, a damaged one; and others."""
    inner = folder / "inner"
    inner.mkdir(parents=True)
    (folder / "a.png").write_bytes(signed_picture(1))
    (inner / "b.jpg").write_bytes(signed_picture(2, "JPEG"))
    changed = bytearray(signed_picture(3))
    changed[-20] ^= 1
    (folder / "c.png").write_bytes(changed)
    (inner / "d.png").write_bytes(picture(4))
    beside = named(folder, "e.png", 5)
    provenance.sign(beside, None, MADE, signer=signer(), sidecar=True)
    (folder / "f.png").write_bytes(signed_picture(6)[:-40])
    (folder / "g.png").write_bytes(b"")  # of no format, as far as one can see
    (folder / "notes.txt").write_text("words")
    (folder / "lone.c2pa").write_bytes((folder / "e.c2pa").read_bytes())
    return folder
