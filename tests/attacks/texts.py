"""Forgeries of text: wrappers that nobody sees, comments, scripts of a page, sealed logs."""

import unicodedata
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from provenance.jumbf import uuids
from provenance.jumbf.writer import superbox
from provenance.spans import Span
from tests.attacks.expect import Expect, attack
from tests.attacks.forge import (
    Built,
    Forge,
    Item,
    Recipe,
    cbor,
    created,
    digest,
    hard_binding,
    ingredient,
    opened,
)

MISMATCH = {"assertion.dataHash.mismatch"}
MALFORMED = {"assertion.dataHash.malformed"}
TEXT = "Ein Text über nichts,\nin zwei Zeilen.\n".encode()
PAGE = b"<!DOCTYPE html>\n<html><head><title>a</title></head><body>Content here.</body></html>\n"
SCRIPT = b"print('a')\n"
BEGIN, END = b"-----BEGIN C2PA MANIFEST-----", b"-----END C2PA MANIFEST-----"
MARK = "\ufeff".encode()


def signed(forge: Forge, text: bytes = TEXT, recipe: Recipe | None = None, **how: Any) -> bytes:
    """A text with an honest store in the place that its kind has for it."""
    return forge.png(recipe or Recipe(), picture=text, **how)


@attack("C2PA 2.4 §A.8: a sound text")
def honest_text(forge: Forge) -> Expect:
    """Nothing is wrong: what follows breaks what this one keeps."""
    return Expect(asset=signed(forge), state="Trusted")


@attack("C2PA 2.4 §15.12.1.3: a word was changed")
def text_changed(forge: Forge) -> Expect:
    """One letter; the wrapper is where it was."""
    return Expect(asset=signed(forge).replace(b"zwei", b"drei"), failures=MISMATCH)


@attack("C2PA 2.4 §A.8.7.2: a text that another system stores in its own way")
def text_decomposed(forge: Forge) -> Expect:
    """An accent became a character of its own: the same text, so nothing is wrong."""
    text, wrapper = signed(forge)[: len(TEXT)], signed(forge)[len(TEXT) :]
    apart = unicodedata.normalize("NFD", text.decode()).encode()
    assert len(apart) > len(text)
    return Expect(asset=apart + wrapper, state="Trusted")


@attack("C2PA 2.4 §15.12.1.3: the exclusion is not the wrapper")
def text_inserted(forge: Forge) -> Expect:
    """A word came in before the wrapper, which is no longer where it was."""
    return Expect(asset=signed(forge).replace(b"zwei", b"nur zwei"), failures=MALFORMED)


@attack("C2PA 2.4 §15.12.1.3: the exclusion holds some of the text too")
def text_left_out(forge: Forge) -> Expect:
    """The last line is left out with the wrapper: whoever changes it is not found out."""

    def wide(store: Span, _: int) -> tuple[Span, ...]:
        return (Span.between(store.start - min(store.start, 16), store.end),)

    return Expect(asset=signed(forge, exclude=wide), failures=MALFORMED)


@attack("C2PA 2.3 §A.7: two wrappers")
def text_with_two_wrappers(forge: Forge) -> Expect:
    """Which of the two would be meant?"""
    asset = signed(forge)
    wrapper = asset[asset.rindex(MARK) :]
    return Expect(asset=asset + wrapper, failures={"manifest.text.multipleWrappers"})


@attack("C2PA 2.3 §A.7: half a wrapper")
def text_cut_short(forge: Forge) -> Expect:
    """Only a part of the text was copied, and the wrapper ends in the middle of the store."""
    asset = signed(forge)
    cut = asset.decode()[: -len(asset) // 8].encode()
    return Expect(asset=cut, failures={"manifest.text.corruptedWrapper"})


@attack("C2PA 2.3 §A.7: a wrapper of another version")
def text_of_another_version(forge: Forge) -> Expect:
    """The ninth selector says 2; nobody knows what follows then."""
    asset = signed(forge).decode()
    at = asset.rindex("\ufeff") + 9
    changed = f"{asset[:at]}\ufe02{asset[at + 1 :]}".encode()
    return Expect(asset=changed, failures={"manifest.text.corruptedWrapper"})


@attack("C2PA 2.4 §A.7: a sound page")
def honest_page(forge: Forge) -> Expect:
    """Nothing is wrong."""
    return Expect(asset=signed(forge, PAGE), state="Trusted")


@attack("C2PA 2.4 §A.7: the page was changed")
def page_changed(forge: Forge) -> Expect:
    """What it says is not what was signed."""
    asset = signed(forge, PAGE).replace(b"Content here.", b"Content HERE.")
    return Expect(asset=asset, failures=MISMATCH)


@attack("C2PA 2.4 §A.7.1: a script and a link")
def page_with_two_manifests(forge: Forge) -> Expect:
    """A link to another store stands beside the script."""
    link = b'<link href="https://example.com/a.c2pa" rel="c2pa-manifest"></head>'
    asset = signed(forge, PAGE).replace(b"</head>", link)
    return Expect(asset=asset, failures={"manifest.html.multipleManifests"})


@attack("C2PA 2.5 §14.5.2: a script that holds no Base64")
def page_with_rubbish(forge: Forge) -> Expect:
    """The promise of a store, and nothing that could be one."""
    asset = PAGE.replace(b"</head>", b'<script type="application/c2pa">%%%</script></head>')
    del forge
    return Expect(asset=asset, failures={"manifest.inaccessible.malformed"})


def armoured(reference: bytes) -> bytes:
    return b"# " + BEGIN + reference + END + b"\n" + SCRIPT


def sound_block(forge: Forge) -> bytes:
    store = forge.store(Recipe())
    return armoured(b" data:application/c2pa;base64," + b64encode(store) + b" ")


@attack("C2PA 2.4 §A.9.4: a block that is bound to nothing")
def block_of_another_text(forge: Forge) -> Expect:
    """The store of one script in another."""
    return Expect(asset=sound_block(forge), failures=MISMATCH)


@attack("C2PA 2.4 §A.9.5: half of the delimiters")
def block_without_end(forge: Forge) -> Expect:
    """The end of the block is gone."""
    asset = sound_block(forge).replace(END, b"")
    return Expect(asset=asset, failures={"manifest.structuredText.noManifest"})


@attack("C2PA 2.4 §A.9.5: nothing between the delimiters")
def block_without_reference(forge: Forge) -> Expect:
    """Space only."""
    del forge
    failures = {"manifest.structuredText.emptyReference"}
    return Expect(asset=armoured(b"   "), failures=failures)


@attack("C2PA 2.4 §A.9.3: no reference between the delimiters")
def block_with_words(forge: Forge) -> Expect:
    """Neither a URL nor a data: URI."""
    del forge
    failures = {"manifest.structuredText.malformedReference"}
    return Expect(asset=armoured(b" not a url "), failures=failures)


@attack("C2PA 2.4 §A.9.3: data of another type")
def block_with_a_picture(forge: Forge) -> Expect:
    """A data: URI, but of a picture."""
    reference = b" data:image/png;base64," + b64encode(forge.picture) + b" "
    failures = {"manifest.structuredText.malformedReference"}
    return Expect(asset=armoured(reference), failures=failures)


@attack("C2PA 2.4 §A.9.3: two blocks")
def two_blocks(forge: Forge) -> Expect:
    """Which of the two would be meant?"""
    block = sound_block(forge).removesuffix(SCRIPT)
    failures = {"manifest.structuredText.multipleReferences"}
    return Expect(asset=block + block + SCRIPT, failures=failures)


@attack("C2PA 2.4 §A.9.5: a reference that leads nowhere")
def block_with_strange_scheme(forge: Forge) -> Expect:
    """A URL of a kind that nobody here can go to, whether online or not."""
    del forge
    failures = {"manifest.structuredText.noResolutionPath"}
    return Expect(asset=armoured(b" ftp://example.com/a.c2pa "), failures=failures)


LINES = b"alpha\nbravo\n"
MORE = b"charlie\ndelta\n"
_OPEN, _CLOSE = b"-----BEGIN C2PA CHECKPOINT-----", b"-----END C2PA CHECKPOINT-----"
LABEL = "c2pa.hash.segment"


def line(reference: bytes) -> bytes:
    """A checkpoint's line."""
    return b"".join((_OPEN, b" ", reference, b" ", _CLOSE, b"\n"))


def store_of(manifest: Built) -> bytes:
    """A store that holds a finished manifest."""
    return superbox(uuids.MANIFEST_STORE, "c2pa", (manifest.box,))


def inline(store: bytes) -> bytes:
    return line(b"data:application/c2pa;base64," + b64encode(store))


def segment(text: bytes, start: int = 0, **more: Any) -> Item:
    """The segment hash of all of a text from a place on, right unless `more` says otherwise."""
    row: dict[str, Any] = {"version": 1, "alg": "sha256", "hash": digest(text[start:])}
    row |= {"segmentStart": start, "segmentEnd": len(text)} | more
    return cbor(LABEL, {key: value for key, value in row.items() if value is not None})


def sealed(forge: Forge, text: bytes = LINES, **more: Any) -> bytes:
    """A text with its first checkpoint, the store inside."""
    return text + inline(forge.store(Recipe(items=[created(), segment(text, **more)])))


def grown(
    forge: Forge, first: Mapping[str, Any] | None = None, second: Mapping[str, Any] | None = None
) -> bytes:
    """A text with two checkpoints, the second of which knows the first."""
    parent = forge.build(Recipe(items=[created(), segment(LINES, **(first or {}))]))
    earlier = inline(store_of(parent))
    text = LINES + earlier + MORE
    before = {"start": len(LINES), "length": len(earlier), "hash": digest(earlier)}
    more = {"predecessorSentinel": before} | dict(second or {})
    start = more.pop("start", len(LINES) + len(earlier))
    items = [opened(), segment(text, start, **more), ingredient(parent)]
    return text + inline(forge.store(Recipe(items=items), parent))


@attack("C2PA 2.5 §14.12.6: a sound checkpoint")
def honest_checkpoint(forge: Forge) -> Expect:
    """Nothing is wrong."""
    return Expect(asset=sealed(forge), state="Trusted")


@attack("C2PA 2.5 §14.12.6.3: two sound checkpoints")
def honest_checkpoints(forge: Forge) -> Expect:
    """The second knows the line of the first."""
    return Expect(asset=grown(forge), state="Trusted")


@attack("C2PA 2.5 §A.3.17.2: a checkpoint among lines of JSON")
def honest_checkpoint_of_json(forge: Forge) -> Expect:
    """The line is an object of its own."""
    text = b'{"a": 1}\n{"a": 2}\n'
    store = forge.store(Recipe(items=[created(), segment(text)]))
    reference = b"data:application/c2pa;base64," + b64encode(store)
    asset = text + b'{"c2pa:checkpoint":"' + reference + b'"}\n'
    return Expect(asset=asset, state="Trusted")


@attack("C2PA 2.5 §A.3.17.5: a checkpoint whose store lies elsewhere")
def honest_checkpoint_elsewhere(forge: Forge) -> Expect:
    """The line names an address, and the store comes by another way."""
    mark = line(b"https://example.com/1.c2pa")
    items = [created(), segment(LINES, sentinelLength=len(mark))]
    return Expect(asset=LINES + mark, manifest=forge.store(Recipe(items=items)), state="Trusted")


@attack("C2PA 2.5 §14.12.6.3: a store before the last that lies elsewhere")
def earlier_checkpoint_elsewhere(forge: Forge) -> Expect:
    """What is not fetched cannot be checked; the last checkpoint stands all the same."""
    mark = line(b"https://example.com/1.c2pa")
    parent = forge.build(Recipe(items=[created(), segment(LINES, sentinelLength=len(mark))]))
    text = LINES + mark + MORE
    before = {"start": len(LINES), "length": len(mark), "hash": digest(mark)}
    start = len(LINES) + len(mark)
    items = [opened(), segment(text, start, predecessorSentinel=before), ingredient(parent)]
    asset = text + inline(forge.store(Recipe(items=items), parent))
    note = {"org.provenance-c2pa.external.notFetched"}
    return Expect(asset=asset, state="Trusted", notes=note)


@attack("C2PA 2.5 §14.12.6.1: a line was changed")
def checkpoint_text_changed(forge: Forge) -> Expect:
    """In the segment that the last checkpoint seals."""
    asset = sealed(forge).replace(b"bravo", b"brava", 1)
    return Expect(asset=asset, failures={"assertion.segmentHash.mismatch"})


@attack("C2PA 2.5 §14.12.6.1: a line came in")
def checkpoint_moved(forge: Forge) -> Expect:
    """The checkpoint's line is not where the segment ends."""
    asset = sealed(forge).replace(b"bravo\n", b"bravo\nbeta\n", 1)
    return Expect(asset=asset, failures={"assertion.segmentHash.mismatch"})


@attack("C2PA 2.5 §14.12.6.1: a segment hash over a picture")
def checkpoint_of_a_picture(forge: Forge) -> Expect:
    """A picture has no lines that could seal it."""
    items = [created(), segment(forge.picture)]
    asset = forge.png(Recipe(items=items))
    return Expect(asset=asset, failures={"assertion.segmentHash.mismatch"})


@attack("C2PA 2.5 §14.12.6.1: another version")
def checkpoint_of_another_version(forge: Forge) -> Expect:
    """Nobody knows what it means."""
    asset = sealed(forge, version=2)
    return Expect(asset=asset, failures={"assertion.segmentHash.malformed"})


@attack("C2PA 2.5 §14.12.6.1: a segment that ends before it begins")
def checkpoint_inside_out(forge: Forge) -> Expect:
    """From byte 100 to byte 12."""
    asset = sealed(forge, segmentStart=100)
    return Expect(asset=asset, failures={"assertion.segmentHash.malformed"})


@attack("C2PA 2.5 §14.12.6.1: the length of a line that holds its store")
def checkpoint_with_a_length(forge: Forge) -> Expect:
    """It could not have been known when it was signed."""
    asset = sealed(forge, sentinelLength=9)
    return Expect(asset=asset, failures={"assertion.segmentHash.malformed"})


@attack("C2PA 2.5 §14.12.6.1: half of what is to be said of the line before")
def checkpoint_with_half_a_predecessor(forge: Forge) -> Expect:
    """Its place without its digest."""
    asset = sealed(forge, predecessorSentinel={"start": 0, "length": 6})
    return Expect(asset=asset, failures={"assertion.segmentHash.malformed"})


@attack("C2PA 2.5 §14.4: a segment hash by MD5")
def checkpoint_by_md5(forge: Forge) -> Expect:
    """An algorithm that is not allowed."""
    return Expect(asset=sealed(forge, alg="md5"), failures={"algorithm.unsupported"})


@attack("C2PA 2.5 §14.12.6.2: lines behind the last checkpoint")
def lines_after_the_checkpoint(forge: Forge) -> Expect:
    """Nobody sealed them."""
    asset = sealed(forge) + b"echo\n"
    return Expect(asset=asset, failures={"assertion.segmentHash.partialCoverage"})


@attack("C2PA 2.5 §14.12.6.2: a first segment that begins late")
def checkpoint_of_the_second_line(forge: Forge) -> Expect:
    """The first line is left out, and no checkpoint is before."""
    asset = sealed(forge, start=6)
    return Expect(asset=asset, failures={"assertion.segmentHash.partialCoverage"})


@attack("C2PA 2.5 §14.12.6.2: a gap between two checkpoints")
def lines_between_checkpoints(forge: Forge) -> Expect:
    """The second segment begins a line late."""
    start = len(grown(forge)[: grown(forge).index(MORE)]) + len(b"charlie\n")
    asset = grown(forge, second={"start": start})
    return Expect(asset=asset, failures={"assertion.segmentHash.partialCoverage"})


@attack("C2PA 2.5 §14.12.6.3: the first checkpoint's line was changed")
def earlier_checkpoint_changed(forge: Forge) -> Expect:
    """Its store is another's, as long as the one that was sealed."""
    asset = bytearray(grown(forge))
    at = asset.index(_CLOSE) - 40
    asset[at] = ord("B") if asset[at] == ord("A") else ord("A")
    failures = {"assertion.segmentHash.predecessorMismatch"}
    return Expect(asset=bytes(asset), failures=failures)


@attack("C2PA 2.5 §14.12.6.3: a checkpoint that is none")
def earlier_checkpoint_that_is_a_line(forge: Forge) -> Expect:
    """The line before is sealed, and is an ordinary one: the past begins wherever one likes."""
    before = {"start": 0, "length": 6, "hash": digest(LINES[:6])}
    asset = sealed(forge, start=6, predecessorSentinel=before)
    return Expect(asset=asset, failures={"assertion.segmentHash.predecessorMismatch"})


@attack("C2PA 2.5 §14.12.6.3: an old line was changed")
def earlier_text_changed(forge: Forge) -> Expect:
    """In the first segment; the second checkpoint's own is as it was."""
    asset = grown(forge).replace(b"alpha", b"alpho", 1)
    return Expect(asset=asset, failures={"assertion.segmentHash.mismatch"})


@attack("C2PA 2.5 §14.12.6.3: a first checkpoint without a segment hash")
def earlier_checkpoint_without_hash(forge: Forge) -> Expect:
    """Its store is bound in another way, which says nothing of the text."""
    parent = forge.build(Recipe(items=[created(), hard_binding()]))
    earlier = inline(store_of(parent))
    text = LINES + earlier + MORE
    before = {"start": len(LINES), "length": len(earlier), "hash": digest(earlier)}
    start = len(LINES) + len(earlier)
    items = [opened(), segment(text, start, predecessorSentinel=before), ingredient(parent)]
    asset = text + inline(forge.store(Recipe(items=items), parent))
    return Expect(asset=asset, failures={"assertion.segmentHash.malformed"})


@attack("C2PA 2.5 §14.5.2.5: the last checkpoint's line is broken")
def checkpoint_cut_short(forge: Forge) -> Expect:
    """The text was cut in the middle of it."""
    asset = sealed(forge)[:-200]
    return Expect(asset=asset, failures={"manifest.appendOnlyText.noSentinel"})


@attack("C2PA 2.5 §14.5.2.5: a checkpoint that refers to nothing")
def checkpoint_without_reference(forge: Forge) -> Expect:
    """Words, where a store or an address should be."""
    del forge
    asset = LINES + line(b"not a url")
    return Expect(asset=asset, failures={"manifest.appendOnlyText.noSentinel"})
