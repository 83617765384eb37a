"""What a BMFF hash says of a film: of its fragments, by trees of the reference, of what bytes."""

import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import c2pa
import pytest

import provenance
from provenance.cbor import encode
from provenance.jumbf import uuids
from provenance.jumbf.writer import superbox
from provenance.spans import Span
from provenance.validate.run import examine
from tests.attacks.bmff import good_row, with_tree
from tests.attacks.film import (
    CONTENT,
    FTYP,
    MOOV,
    box,
    by_the_book,
    c2pa_box,
    film,
    fragment,
    roots,
    tree_row,
)
from tests.attacks.forge import GENERATED, Row, digest, ingredient, the_forge
from tests.attacks.updates import update
from tests.corpus.conftest import CORPUS


def told(asset: bytes) -> tuple[str | None, list[str]]:
    """The state, and what the BMFF hash's findings explain."""
    report = provenance.verify(asset, trust=the_forge().trust)
    found = [one for one in report.findings if "bmffHash" in one.status.code]
    named = [
        (one.status.code.removeprefix("assertion.bmffHash."), one.explanation) for one in found
    ]
    return report.state, [" ".join(filter(None, words)) for words in named]


def merkle(track: int, location: int) -> bytes:
    return c2pa_box(
        b"merkle", encode({"uniqueId": 1, "localId": track, "location": location}) + bytes(3)
    )


def flat(tracks: Sequence[int], change: Callable[[list[bytes]], list[bytes]] = list) -> bytes:
    """A film whose fragments are in one file, one after another; each of some track.

    Args:
        tracks: of each fragment.
        change: the boxes after the store, once they were hashed.
    """
    seen: dict[int, int] = {}
    parts = [MOOV]
    for number, track in enumerate(tracks):
        parts += [merkle(track, seen.get(track, 0)), fragment(number, track)]
        seen[track] = seen.get(track, 0) + 1
    start: bytes = bytes(32)
    leaves: dict[int, list[bytes]] = {track: [bytes(32)] * count for track, count in seen.items()}

    def edit(row: Row) -> None:
        row["merkle"] = [
            tree_row(hashes, localId=track, initHash=start) for track, hashes in leaves.items()
        ]

    honest = film(the_forge(), edit, parts=parts, covered=None)
    found = roots(honest)
    moofs = [at for at, (kind, _, _) in enumerate(found) if kind == b"moof"]
    start = by_the_book(honest[: found[moofs[0]][1]])
    leaves = {track: [] for track in seen}
    for at, track in zip(moofs, tracks, strict=True):
        data = b"".join(
            begin.to_bytes(8) + honest[begin:end] for _, begin, end in found[at : at + 2]
        )
        leaves[track].append(digest(data))
    honest = film(the_forge(), edit, parts=parts, covered=None)
    return honest[: -len(b"".join(parts))] + b"".join(change(parts))


def test_fragments_in_one_file_hold_each_by_itself() -> None:
    assert told(flat([7, 7, 7])) == ("Trusted", ["match"])
    assert told(flat([1, 2, 1, 2, 2])) == ("Trusted", ["match"])


def test_the_reference_agrees_on_fragments_in_one_file() -> None:
    for asset, expected in (
        (flat([7, 7, 7]), "Valid"),
        (flat([7, 7, 7], lambda parts: [*parts[:-1], parts[-1][:-1] + b"?"]), "Invalid"),
    ):
        with c2pa.Reader("video/mp4", io.BytesIO(asset)) as reader:
            assert json.loads(reader.json())["validation_state"] == expected


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda parts: [*parts[:4], parts[4][:-1] + b"?", *parts[5:]],
            "mismatch fragment 1 differs",
        ),
        (
            lambda parts: [parts[0][:-1] + b"?", *parts[1:]],
            "mismatch what comes before the fragments of track 7 differs",
        ),
        (lambda parts: parts[:-2], "mismatch 2 fragments of track 7, 3 were signed"),
        (
            lambda parts: [parts[0], *parts[3:]],
            "mismatch fragment 0 is not the next of any tree",
        ),
        (
            lambda parts: [*parts, merkle(7, 3), fragment(9, 7)],
            "mismatch 4 fragments of track 7, 3 were signed",
        ),
        (
            lambda parts: [*parts, merkle(8, 0), fragment(9, 8)],
            "mismatch fragment 3 is not the next of any tree",
        ),
        (
            lambda parts: [*parts, fragment(9, 7)],
            "malformed fragment 3 has no merkle box before its moof",
        ),
        (
            lambda parts: [*parts, box(b"free", b"x" * 9)],
            "mismatch fragment 2 differs",
        ),
        (
            lambda parts: [parts[0], parts[1], parts[4], parts[3], parts[2], *parts[5:]],
            "mismatch fragment 0 differs",
        ),
    ],
    ids=["changed", "start", "end cut", "first cut", "added", "other", "bare", "behind", "swapped"],
)
def test_a_fragment_that_is_not_as_it_was_is_told(
    change: Callable[[list[bytes]], list[bytes]], says: str
) -> None:
    state, found = told(flat([7, 7, 7], change))
    assert state == "Invalid"
    assert found == [says]


def test_free_room_may_be_left_out_without_a_word() -> None:
    def edit(row: Row) -> None:
        row["exclusions"] += [{"xpath": "/free"}, {"xpath": "/skip"}]

    assert told(film(the_forge(), edit)) == ("Trusted", ["match"])


def test_what_else_is_left_out_is_named() -> None:
    def edit(row: Row) -> None:
        some = {"xpath": "/moov/udta", "subset": [{"offset": 8, "length": 0}]}
        row["exclusions"] += [{"xpath": "/meta"}, some]

    told_of = "not covered: /meta, /moov/udta (parts of it)"
    assert told(film(the_forge(), edit))[1] == [f"additionalExclusionsPresent {told_of}", "match"]


def test_an_update_at_the_end_of_the_file_touches_nothing() -> None:
    signed = film(the_forge())
    store = examine(signed).store
    assert store is not None
    parent = store.active
    assert parent is not None
    recipe = update(ingredient(Manifest(parent.label, bytes(parent.box.raw))))
    added = superbox(uuids.MANIFEST_STORE, "c2pa", (the_forge().build(recipe).box,))
    updated = signed.replace(b"manifest\0", b"original\0", 1) + c2pa_box(
        b"update", bytes(8) + added
    )
    assert told(updated) == ("Trusted", ["match"])
    state, found_then = told(updated.replace(CONTENT, CONTENT[::-1]))
    assert state == "Invalid"
    assert found_then[0].startswith("mismatch")


class Manifest:
    """A manifest that is in a store already."""

    def __init__(self, label: str, whole: bytes) -> None:
        self.label = label
        self.box = whole


def test_a_report_says_which_boxes_are_covered() -> None:
    asset = film(the_forge())
    found = {kind: Span.between(start, end) for kind, start, end in roots(asset)}
    coverage = provenance.verify(asset).coverage
    assert coverage is not None
    assert coverage.store == (found[b"uuid"],)
    assert coverage.other == (found[b"ftyp"],)
    assert coverage.covered == (Span.between(found[b"moov"].start, len(asset)),)


def test_what_a_tree_holds_is_covered() -> None:
    whole = provenance.verify(film(the_forge())).coverage
    in_blocks = provenance.verify(with_tree(the_forge(), good_row())).coverage
    assert whole is not None
    assert in_blocks is not None
    assert [span.length for span in in_blocks.other] == [span.length for span in whole.other]


SETTINGS: list[dict[str, Any]] = [
    {},
    {"merkle_tree_chunk_size_in_kb": 1},
    {"merkle_tree_chunk_size_in_kb": 1, "merkle_tree_max_proofs": 0},
    {"merkle_tree_chunk_size_in_kb": 1, "merkle_tree_max_proofs": 20},
]


@pytest.mark.parametrize("core", SETTINGS)
@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("length", [0, 5, 1000, 9000])
def test_trees_of_the_reference_hold(core: dict[str, Any], long: bool, length: int) -> None:
    content = (bytes(range(250)) * 40)[:length]
    bare = FTYP + MOOV + box(b"mdat", content, long=long)
    signed = by_the_reference(bare, core)
    report = provenance.verify(signed, trust=the_forge().trust)
    assert report.state == "Trusted", [one.explanation for one in report.findings if one.failed]
    if length:
        broken = bytearray(signed)
        at = signed.rindex(b"mdat") + (12 if long else 4) + length - 1
        broken[at] ^= 1
        changed = provenance.verify(bytes(broken))
        assert "assertion.bmffHash.mismatch" in {one.status.code for one in changed.findings}


def by_the_reference(asset: bytes, core: dict[str, Any]) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509 import load_der_x509_certificate

    held = the_forge().credential
    chain = b"".join(
        load_der_x509_certificate(one).public_bytes(Encoding.PEM) for one in held.chain
    )
    key = held.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    settings = {
        "core": core,
        "builder": {"thumbnail": {"enabled": False}},
        "verify": {"verify_after_sign": False},
    }
    action = {"action": "c2pa.created", "digitalSourceType": GENERATED}
    definition = {
        "claim_generator_info": [{"name": "peer", "version": "1"}],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}],
    }
    with (
        c2pa.Signer.from_info(c2pa.C2paSignerInfo("es256", chain, key, None)) as who,
        c2pa.Context.from_dict(settings) as context,
        c2pa.Builder(definition, context=context) as builder,
    ):
        out = io.BytesIO()
        builder.sign(who, "video/mp4", io.BytesIO(asset), out)
    return out.getvalue()


def pairs() -> list[dict[str, Any]]:
    index = CORPUS / "expected.json"
    rows = json.loads(index.read_text("utf-8"))["pairs"] if index.exists() else []
    return [row for row in rows if row["mime"] == "video/mp4"]


@pytest.mark.skipif(not pairs(), reason="needs ../shared/corpus")
def test_the_pairs_of_the_corpus_are_judged_as_by_the_reference() -> None:
    for row in pairs():
        report = provenance.verify(
            CORPUS / row["file"],
            manifest=CORPUS / row["sidecar"] if row["kind"] == "sidecar" else None,
            fragments=[CORPUS / row["fragment"]] if row["kind"] == "fragment" else [],
        )
        failed = {one.status.code for one in report.findings if one.failed}
        expected = {one["code"] for one in row["status"]["failure"]}
        trust = {"signingCredential.untrusted"}
        assert failed - trust == expected - trust, row["file"]
        assert report.state == row["validation_state"]
