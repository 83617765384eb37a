"""Where a PDF lists its attachments: the name tree of embedded files, or an annotation.

    catalogue → Names → EmbeddedFiles → Kids … → Names [ (key) 7 0 R (key) 8 0 R ]

Source: C2PA 2.2 §A.4.2.1; ISO 32000-1 §7.9.6, §12.5.6.15.
"""

from collections.abc import Iterator, Set

from provenance.errors import MalformedError
from provenance.formats.pdf.changes import Changes
from provenance.formats.pdf.document import Document
from provenance.formats.pdf.objects import Object
from provenance.formats.pdf.syntax import Array, Dictionary, Item, Ref, Text, spelled

__all__ = ["add", "annotate", "remove"]

_DEPTH = 32
_MOST_NODES = 10_000


def add(
    document: Document, changes: Changes, catalog: Object, name: bytes, specification: Ref
) -> None:
    """List a file specification under a name, or one like it: the last of all, so none moves."""
    fresh = b"<< /EmbeddedFiles << /Names [ %b %d %d R ] >> >>" % (spelled(name), *specification)
    names = _child(document, catalog, catalog.item, b"Names")
    if names is None:
        changes.set_key(catalog, _held(catalog.item), catalog.item.end, b"Names", fresh)
        return
    target, item = names
    tree = _child(document, target, item, b"EmbeddedFiles")
    if tree is None:
        inner = fresh.removeprefix(b"<< /EmbeddedFiles").removesuffix(b" >>")
        changes.set_key(target, _held(item), item.end, b"EmbeddedFiles", inner)
        return
    target, item = tree
    last = _last_key(document, _held(item))
    pair = b"%b %d %d R" % (spelled(_after(last, name)), *specification)
    key = spelled(_after(last, name))
    if (kids := _child(document, target, item, b"Kids", Array)) is not None:
        leaf = Ref(changes.new_number(), 0)
        changes.put(leaf, b"<< /Limits [ %b %b ] /Names [ %b ] >>" % (key, key, pair))
        _append(changes, kids, b"%d %d R" % leaf)
    elif (pairs := _child(document, target, item, b"Names", Array)) is not None:
        _append(changes, pairs, pair)
    else:
        changes.set_key(target, _held(item), item.end, b"Names", b"[ %b ]" % pair)


def annotate(document: Document, changes: Changes, catalog: Object, specification: Ref) -> None:
    """Attach a file specification to the first page, where nothing is to be seen of it."""
    page = _first_page(document, catalog)
    note = Ref(changes.new_number(), 0)
    changes.put(
        note,
        b"<< /Type /Annot /Subtype /FileAttachment /Rect [ 0 0 0 0 ] /F 6 /P %d %d R "
        b"/Contents (Content Credentials) /FS %d %d R >>"
        % (page.number, page.generation, *specification),
    )
    notes = _child(document, page, page.item, b"Annots", Array)
    if notes is None:
        text = b"[ %d %d R ]" % note
        changes.set_key(page, _held(page.item), page.item.end, b"Annots", text)
    else:
        _append(changes, notes, b"%d %d R" % note)


def remove(document: Document, changes: Changes, catalog: Object, gone: Set[int]) -> None:
    """Strike file specifications, by their object numbers, from the tree."""
    names = _child(document, catalog, catalog.item, b"Names")
    tree = _child(document, *names, b"EmbeddedFiles") if names else None
    if tree is None:
        return
    for target, pairs in _leaves(document, *tree):
        items = pairs.value if isinstance(pairs.value, Array) else ()
        for key, value in zip(items[::2], items[1::2], strict=False):
            document.budget.spend()
            if isinstance(value.value, Ref) and value.value.number in gone:
                changes.splice(target, key.start, value.end, b"")


def _held(item: Item) -> Dictionary:
    return item.value if isinstance(item.value, Dictionary) else Dictionary()


def _child(
    document: Document,
    target: Object,
    item: Item,
    key: bytes,
    kind: type[Array] | type[Dictionary] = Dictionary,
) -> tuple[Object, Item] | None:
    """What stands under a key, with the object that it is in, if it is of that kind."""
    found = _held(item).get(key)
    if found is not None and isinstance(found.value, Ref):
        other = document.load(found.value)
        return (other, other.item) if other and isinstance(other.value, kind) else None
    return (target, found) if found is not None and isinstance(found.value, kind) else None


def _append(changes: Changes, array: tuple[Object, Item], text: bytes) -> None:
    target, item = array
    changes.splice(target, item.end - 1, item.end - 1, b" %b " % text)


def _last_key(document: Document, node: Dictionary) -> bytes:
    """The greatest key of a tree; empty when it has none."""
    for _ in range(_DEPTH):
        limits = document.get(node, b"Limits")
        if isinstance(limits, Array) and len(limits) == 2 and isinstance(limits[1].value, Text):
            return limits[1].value
        pairs = document.get(node, b"Names")
        if isinstance(pairs, Array):
            key = document.resolve(pairs[-2].value) if len(pairs) > 1 else b""
            return key if isinstance(key, Text) else b""
        kids = document.get(node, b"Kids")
        below = document.resolve(kids[-1].value) if isinstance(kids, Array) and kids else None
        if not isinstance(below, Dictionary):
            return b""
        node = below
    raise MalformedError("PDF name tree", f"deeper than {_DEPTH}")


def _after(last: bytes, name: bytes) -> bytes:
    """A key that comes after the last one."""
    return name if name > last else last + b" " + name


def _leaves(document: Document, target: Object, item: Item) -> Iterator[tuple[Object, Item]]:
    """The arrays of keys and values of a tree, each with the object that it is in."""
    waiting = [(target, item)]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        node = waiting.pop()
        pairs = _child(document, *node, b"Names", Array)
        if pairs is not None:
            yield pairs
        kids = _child(document, *node, b"Kids", Array)
        for kid in kids[1].value if kids and isinstance(kids[1].value, Array) else ():
            below = document.load(kid.value) if isinstance(kid.value, Ref) else None
            if below is not None and len(waiting) < _MOST_NODES:
                waiting.append((below, below.item))
    raise MalformedError("PDF name tree", f"more than {_MOST_NODES} nodes")


def _first_page(document: Document, catalog: Object) -> Object:
    """The first page, below the first kid that leads to one."""
    value = _held(catalog.item).value(b"Pages")
    for _ in range(_DEPTH):
        node = document.load(value) if isinstance(value, Ref) else None
        if node is None or node.dictionary is None:
            break
        kids = document.get(node.dictionary, b"Kids")
        if not isinstance(kids, Array):
            return node
        value = kids[0].value if kids else None
    raise MalformedError("PDF page tree", "does not lead to a page")
