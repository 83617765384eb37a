"""Signed files to report on: a chain of three, and one whose words are hostile."""

from datetime import UTC, datetime
from json import dumps
from pathlib import Path

from PIL import Image

import provenance
from provenance.trust.devpki import create
from tests.attacks.forge import Recipe, actions, hard_binding, json, the_forge

__all__ = ["HOSTILE", "HOSTILE_LABEL", "chain_of_three", "hostile_file", "signer_in"]

HOSTILE = (
    "<img src=x onerror=alert(1)></title><script>alert(2)</script>\x1b[31m\u202egnp\x07&amp;{{7*7}}"
)

HOSTILE_LABEL = "com.example.<b onclick=alert(3)>bold"
_AGENT = {"name": HOSTILE, "version": HOSTILE}


def signer_in(folder: Path) -> provenance.LocalSigner:
    """A development signer whose root lies beside its key."""
    create(folder, now=datetime.now(UTC), algs=("es256",))
    return provenance.LocalSigner.from_files(
        key=folder / "es256.key.pem", chain=folder / "es256.chain.pem"
    )


def _picture(path: Path, sigma: float) -> Path:
    Image.effect_noise((320, 200), sigma).convert("RGB").save(path)
    return path


def chain_of_three(folder: Path, signer: provenance.Signer) -> Path:
    """Generated, then edited with a component, then published."""
    model = folder / "model.safetensors"
    model.write_bytes(bytes(4096))
    sketch, edited, last = (folder / name for name in ("sketch.png", "edited.png", "last.png"))
    generated = {
        "title": "Sketch",
        "generator": {"name": "ComfyUI", "version": "0.3.40"},
        "models": [{"path": str(model), "name": "Base model"}],
        "prompt": {"text": "a teal field, flat light"},
    }
    provenance.sign(_picture(folder / "a.png", 20), sketch, generated, signer=signer)
    change = {"title": "Edited", "generator": {"name": "Retoucher"}, "parent": str(sketch)}
    part = {"components": [str(_picture(folder / "part.png", 90))]}
    provenance.sign(_picture(folder / "b.png", 40), edited, change | part, signer=signer)
    provenance.sign(
        _picture(folder / "c.png", 60),
        last,
        {"title": "Published", "parent": str(edited), "generator": {"name": "Press"}},
        signer=signer,
    )
    return last


def hostile_file(folder: Path) -> Path:
    """Markup, terminal escapes and bidirectional controls wherever a maker has the word."""
    path = folder / "hostile.png"
    author = json(HOSTILE_LABEL, dumps({"author": [{"name": HOSTILE}]}).encode())
    deed = actions({"action": HOSTILE, "digitalSourceType": HOSTILE, "softwareAgent": HOSTILE})
    recipe = Recipe(
        label=f"urn:c2pa:{HOSTILE_LABEL}",
        items=[deed, hard_binding(), author],
        claim=lambda row: row.update({"dc:title": HOSTILE, "claim_generator_info": _AGENT}),
    )
    path.write_bytes(the_forge().png(recipe))
    return path
