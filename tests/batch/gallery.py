"""A folder of signed files that are made of each other, in all the ways that an index joins by."""

import os
import sys
from pathlib import Path

from provenance.jumbf import uuids
from provenance.jumbf.writer import superbox
from tests.attacks.forge import Built, cbor
from tests.build.workshop import named, picture
from tests.chain.studio import GENERATED, MODEL, Says, Used, accepts, the_studio
from tests.chain.test_resolve import by_hash

__all__ = ["gallery"]

PAINTER = {"name": "Painter", "version": "2"}


def store(*manifests: Built) -> bytes:
    """A manifest store alone."""
    return superbox(uuids.MANIFEST_STORE, "c2pa", tuple(one.box for one in manifests))


def gallery(folder: Path) -> Path:
    """Models, pictures by them, edits, copies, an update, an acceptance; changed and plain."""
    studio, inner, models = the_studio(), folder / "inner", folder / "models"
    inner.mkdir(parents=True)
    models.mkdir()

    def put(path: str, data: bytes) -> bytes:
        (folder / path).write_bytes(data)
        return data

    base = studio.work("Base XL", "curator", says=Says(types=(MODEL,), creators=("The Lab",)))
    put("models/base.c2pa", store(base))
    lora = studio.work("Lora", "tuner", Used(made=base, types=(MODEL,)), says=Says(types=(MODEL,)))
    put("models/lora.c2pa", store(base, lora))
    other = studio.work("Émile", "mallory", says=Says(types=(MODEL,)))

    def by(model: Built, *before: Built, title: str, who: str, **more: object) -> bytes:
        used = Used(made=model, types=(MODEL,), rate=100_000)
        says = Says(source=GENERATED, **more)  # type: ignore[arg-type]  # whatever was given
        return studio.png(title, who, used, says=says, before=(*before, model))

    row = {"action": "c2pa.edited", "softwareAgent": PAINTER, "when": "2024-03-05T06:07:08Z"}
    agent = cbor("c2pa.actions.v2__1", {"actions": [row]})
    made = by(lora, base, title="made", who="prompter", creators=("Ada Ñ",), items=(agent,))
    put("made.png", made)
    put("copy.png", made)
    put("inner/other.png", by(other, title="by Émile", who="bo"))
    # Its model is no part of it, and is found by the hash of its manifest.
    sketch = studio.work("sketch", "tuner", Used(made=lora, types=(MODEL,)))
    used = Used(made=sketch, relationship="parentOf")
    put("inner/far.png", studio.png("far", "remixer", used, before=(sketch,)))
    # Known by the hash of the file, and of the content before it was signed.
    put("by-hash.png", studio.png("by hash", "bo", by_hash(made)))
    bare = picture(77)
    put("signed.png", studio.png("once bare", "ada", picture=bare, says=Says(creators=("Zoë",))))
    put("inner/of-bare.png", studio.png("of bare", "bo", by_hash(bare)))
    put("inner/of-plain.png", studio.png("of plain", "bo", by_hash(picture(4))))
    named(folder, "plain.png", 4)
    # An update, and what was made of the work before and after it.
    photo = studio.bound("photo", "ada")
    edit = studio.work("edit", "remixer", Used(made=photo, relationship="parentOf", rate=5))
    put(
        "edit.png",
        studio.png(
            "edited", "remixer", Used(made=edit, relationship="parentOf"), before=(photo, edit)
        ),
    )
    put("photo.png", studio.update("ada", photo, says=Says(accepts=(accepts(edit, photo, 5),))))
    changed = bytearray(made)
    changed[-13] ^= 1
    put("changed.png", bytes(changed))
    put("cut.png", made[:-40])
    put("notes.txt", b"words")
    if sys.platform not in ("win32", "darwin"):  # names are Unicode there
        odd = Path(os.fsdecode(os.fsencode(folder) + b"/\xff"))
        odd.mkdir()
        (odd / os.fsdecode(b"\xfe.png")).write_bytes(made)
    return folder
