"""A room imports only from floors below; rooms on one floor do not know each other."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From the ground up. Rooms on one floor do not import each other, except on the ground floor,
# which builds downwards: a file there may import those named before it. `pipeline` turns what
# `generation` read into what `build` signs: neither of the two may know the other.
GROUND = (
    *("version", "errors", "foreign", "limits", "spans", "fetch", "remote", "source", "digests"),
)
FLOORS = (
    GROUND,
    ("cbor", "boxes", "schemas"),
    ("jumbf", "formats", "cose", "trust"),
    ("model", "keys"),
    ("bindings",),
    ("validate",),
    ("build", "chain", "generation"),
    ("rights", "policy", "pipeline", "profiles"),
    ("report",),
    ("batch", "watch"),
    ("__init__", "integrations"),
    ("cli", "__main__"),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


@dataclass(frozen=True, slots=True)
class Module:
    """A source file, the room it lies in and its dotted name."""

    path: Path
    room: str
    name: str


def modules() -> Iterator[Module]:
    """Every source file of the library, mapped folders included."""
    for top, prefix in (("provenance", ()), ("cli", ("cli",)), ("schemas", ("schemas",))):
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = (*prefix, *path.relative_to(ROOT / top).with_suffix("").parts)
            yield Module(path, parts[0], ".".join(("provenance", *parts)))


def imported_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of each import, wherever it stands: in a function, for types only …"""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(level=level, module=module, names=names):
                base = "." * level + (module or "")
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in names)
            case ast.Call(func=ast.Attribute(attr="import_module"), args=[ast.Constant(str(name))]):
                yield node.lineno, name


def room_of(name: str) -> str | None:
    """The room that a dotted name lies in; None outside the library."""
    parts = name.split(".")
    if parts[0] != "provenance":
        return None
    # `import provenance` and `from provenance import verify` ask for the public names.
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else "__init__"


def complaint(importer: str, imported: str) -> str | None:
    """Why one room may not import another, or None."""
    if imported == importer:
        return None
    above, below = FLOOR_OF[importer], FLOOR_OF[imported]
    if below > above:
        return f"{importer} (floor {above}) imports {imported} from floor {below} above"
    if below < above:
        return None
    if importer in GROUND and GROUND.index(imported) < GROUND.index(importer):
        return None
    return f"{importer} imports {imported}, its neighbour on floor {above}"


MODULES = tuple(modules())
ROOMS = {module.room for module in MODULES} | set(FLOOR_OF)


def test_every_room_has_a_floor() -> None:
    unknown = {module.room for module in MODULES} - set(FLOOR_OF)
    assert not unknown, f"give these rooms a floor: {sorted(unknown)}"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_room_imports_only_from_below(module: Module) -> None:
    tree = ast.parse(module.path.read_bytes(), str(module.path))
    wrong = []
    for line, name in imported_names(tree):
        if name.startswith("."):
            wrong.append(f"line {line}: {name} is a relative import")
            continue
        room = room_of(name)
        if room is not None and (why := complaint(module.room, room)):
            wrong.append(f"line {line}: {why}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("importer", "source", "allowed"),
    [
        ("jumbf", "from provenance.cbor import decode", True),
        ("jumbf", "from provenance import spans", True),
        ("jumbf", "from provenance.jumbf.tree import Box", True),
        ("jumbf", "from provenance.cose import sign1", False),
        ("jumbf", "import provenance.model.claim", False),
        ("jumbf", "import provenance", False),
        ("jumbf", "from provenance import verify", False),
        ("jumbf", "if TYPE_CHECKING:\n    from provenance.validate import status", False),
        ("jumbf", "def f():\n    from provenance import report", False),
        ("jumbf", "importlib.import_module('provenance.build')", False),
        ("digests", "from provenance.source import ByteSource", True),
        ("spans", "from provenance.source import ByteSource", False),
        ("cli", "import provenance", True),
        ("validate", "from provenance.cli import main", False),
    ],
)
def test_an_upward_import_is_caught(importer: str, source: str, allowed: bool) -> None:
    rooms = [room_of(name) for _, name in imported_names(ast.parse(source))]
    assert rooms
    complaints = [complaint(importer, room) for room in rooms if room is not None]
    assert all(why is None for why in complaints) is allowed
