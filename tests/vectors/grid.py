"""What is signed here and by the reference: algorithm × carrier × shape, each made once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import provenance
from tests.vectors import peer
from tests.vectors.peer import Credentials, Ingredient, Signed

__all__ = ["CARRIERS", "CELLS", "SHAPES", "Cell", "Workshop", "credentials"]

CARRIERS = ("jpeg", "png", "sidecar")
SHAPES = ("alone", "child", "grandchild", "generated")
MODEL = b"\x10\x00\x00\x00\x00\x00\x00\x00" + b'{"a":{}}'.ljust(16) + bytes(64)
PROMPT = "a fox in the snow"


@dataclass(frozen=True, slots=True)
class Cell:
    """One square of the grid."""

    alg: str
    carrier: str  # "jpeg", "png", or "sidecar": a JPEG with its store beside it
    shape: str

    def __str__(self) -> str:
        return f"{self.alg}-{self.carrier}-{self.shape}"

    @property
    def kind(self) -> str:
        """The picture's format."""
        return "jpeg" if self.carrier == "sidecar" else self.carrier

    @property
    def parent(self) -> "Cell | None":
        """The square that this one's parent comes from."""
        match self.shape:
            case "child":
                return Cell(self.alg, self.carrier, "alone")
            case "grandchild":
                return Cell(self.alg, self.carrier, "child")
        return None

    @property
    def manifests(self) -> int:
        """How many manifests its store holds."""
        return 1 if self.parent is None else 1 + self.parent.manifests

    @property
    def relationships(self) -> list[str]:
        """Of the active manifest's ingredients, sorted."""
        if self.shape == "generated":
            return ["inputTo", "inputTo"]
        return [] if self.parent is None else ["parentOf"]


CELLS = tuple(
    Cell(alg, carrier, shape) for alg in peer.ALGS for carrier in CARRIERS for shape in SHAPES
)


def credentials(pki: Path, alg: str) -> Credentials:
    """The signer of one algorithm in a folder that `keys dev` made."""
    return Credentials(
        alg=alg,
        key=(pki / f"{alg}.key.pem").read_bytes(),
        chain=(pki / f"{alg}.chain.pem").read_bytes(),
    )


@dataclass(frozen=True, slots=True)
class Workshop:
    """Signs squares of the grid with either signer and remembers what it signed."""

    pki: Path
    folder: Path
    _made: dict[tuple[str, Cell], Signed] = field(default_factory=dict)

    def ours(self, cell: Cell) -> Signed:
        """The square, signed by this library."""
        return self._once("ours", cell, self._sign_ours)

    def theirs(self, cell: Cell) -> Signed:
        """The square, signed by the reference implementation."""
        return self._once("theirs", cell, self._sign_theirs)

    def _once(self, who: str, cell: Cell, make: Callable[[Cell], Signed]) -> Signed:
        if (who, cell) not in self._made:
            self._made[who, cell] = make(cell)
        return self._made[who, cell]

    def path(self, cell: Cell) -> Path:
        """Where our picture of a square lies; a sidecar lies beside it."""
        return self.folder / f"{cell}{'.png' if cell.kind == 'png' else '.jpg'}"

    def _sign_ours(self, cell: Cell) -> Signed:
        source = self.folder / f"unsigned-{self.path(cell).name}"
        source.write_bytes(peer.picture(cell.kind, seed=3))
        output, sidecar = self.path(cell), cell.carrier == "sidecar"
        if cell.parent is not None:
            self.ours(cell.parent)
            if cell.shape == "child" and not sidecar:
                # Signing over a signed file: the store it has becomes its parent's.
                source.write_bytes(self.path(cell.parent).read_bytes())
        signer = provenance.LocalSigner.from_files(
            key=self.pki / f"{cell.alg}.key.pem", chain=self.pki / f"{cell.alg}.chain.pem"
        )
        if sidecar:
            output.write_bytes(source.read_bytes())
            store_path = output.with_suffix(".c2pa")
            provenance.sign(output, store_path, self._definition(cell), signer=signer, sidecar=True)
            store = store_path.read_bytes()
        else:
            provenance.sign(source, output, self._definition(cell), signer=signer)
            store = b""
        return Signed(kind=cell.kind, asset=output.read_bytes(), store=store, sidecar=sidecar)

    def _definition(self, cell: Cell) -> dict[str, Any]:
        definition: dict[str, Any] = {
            "title": str(cell),
            "generator": {"name": "Painter", "version": "2.1"},
        }
        if cell.shape == "grandchild" or (cell.shape == "child" and cell.carrier == "sidecar"):
            assert cell.parent is not None
            definition["parent"] = str(self.path(cell.parent))
        elif cell.parent is None:
            definition["digital_source_type"] = "trainedAlgorithmicMedia"
        if cell.shape == "generated":
            model = self.folder / f"{cell}.safetensors"
            model.write_bytes(MODEL)
            definition["models"] = [{"path": str(model)}]
            definition["prompt"] = {"text": PROMPT, "mode": "open"}
        return definition

    def _sign_theirs(self, cell: Cell) -> Signed:
        asset = peer.picture(cell.kind, seed=5)
        parent = None
        if cell.parent is not None:
            # The reference takes a parent's store only from inside the parent.
            carrier = cell.kind
            parent = self.theirs(Cell(cell.alg, carrier, cell.parent.shape)).asset
            asset = asset if cell.carrier == "sidecar" else parent
        inputs = _INPUTS if cell.shape == "generated" else ()
        return peer.sign(
            asset,
            cell.kind,
            credentials(self.pki, cell.alg),
            parent=parent,
            inputs=inputs,
            sidecar=cell.carrier == "sidecar",
        )


_INPUTS = (
    Ingredient(
        title="m.safetensors",
        data_type="c2pa.types.model",
        media_type="application/octet-stream",
    ),
    Ingredient(
        title="prompt.txt",
        data_type="c2pa.types.generator.prompt",
        media_type="text/plain",
        data=PROMPT.encode(),
    ),
)
