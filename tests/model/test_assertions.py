"""Assertions of every version are read; the newest is written as it is read."""

from typing import Any

import pytest

from provenance.boxes import box
from provenance.cbor import Tag, decode, encode
from provenance.errors import MalformedError
from provenance.jumbf import parse, uuids, writer
from provenance.limits import Limits
from provenance.model.assertions.actions import Action, Actions
from provenance.model.assertions.ai_disclosure import AiDisclosure
from provenance.model.assertions.asset_type import AssetType, AssetTypes
from provenance.model.assertions.content import EmbeddedFile, Opaque, decode_content, is_redacted
from provenance.model.assertions.data_hash import DataHash
from provenance.model.assertions.ingredient import Ingredient, RecordedResults, RecordedStatus
from provenance.model.assertions.training_mining import Permission, TrainingMining
from provenance.model.hashed_uri import ExternalUri, HashedUri
from provenance.spans import Span

REF: dict[str, Any] = {"url": "self#jumbf=c2pa.assertions/c2pa.ingredient.v3", "hash": bytes(32)}

ACTIONS_V2: dict[str, Any] = {
    "actions": [
        {
            "action": "c2pa.created",
            "softwareAgent": {"name": "Painter"},
            "description": "d",
            "digitalSourceType": "http://x",
            "when": Tag(0, "2024-01-01T00:00:00Z"),
            "reason": "r",
            "parameters": {"ingredients": [REF], "more": [1]},
        },
        {"action": "c2pa.edited"},
    ],
    "templates": [{"action": "c2pa.edited"}],
    "softwareAgents": [{"name": "Painter"}],
    "allActionsIncluded": True,
}


def test_actions_of_version_2_are_written_as_they_are_read() -> None:
    found = Actions.read(decode(encode(ACTIONS_V2)))
    assert found.to_cbor() == ACTIONS_V2
    first = found.actions[0]
    assert first.ingredients == (HashedUri(REF["url"], bytes(32)),)
    assert first.parameters == {"more": [1]}
    assert first.when == "2024-01-01T00:00:00Z"
    assert found.actions[1].ingredients is None


def test_actions_of_version_1_are_read() -> None:
    row = {
        "actions": [
            {
                "action": "c2pa.opened",
                "softwareAgent": "Painter 1",
                "when": "2021-01-01",
                "parameters": {"ingredient": REF, "name": "brush"},
            }
        ]
    }
    first = Actions.read(row).actions[0]
    assert first.software_agent == "Painter 1"
    assert first.when == "2021-01-01"
    assert first.ingredients == (HashedUri(REF["url"], bytes(32)),)
    assert first.parameters == {"name": "brush"}


def test_reading_an_action_does_not_change_what_was_decoded() -> None:
    row = {"action": "c2pa.opened", "parameters": {"ingredients": [REF]}}
    Action.read(row)
    assert row["parameters"] == {"ingredients": [REF]}


@pytest.mark.parametrize(
    "row",
    [
        *(None, {}, {"actions": []}, {"actions": "x"}, {"actions": [1]}, {"actions": [{}]}),
        {"actions": [{"action": 5}]},
        {"actions": [{"action": "a", "parameters": [1]}]},
        {"actions": [{"action": "a", "parameters": {"ingredients": REF}}]},
        {"actions": [{"action": "a", "parameters": {"ingredients": [1]}}]},
        {"actions": [{"action": "a", "softwareAgent": 5}]},
        {"actions": [{"action": "a"}], "templates": [1]},
        {"actions": [{"action": "a"}], "allActionsIncluded": 1},
    ],
)
def test_other_shapes_of_actions_are_refused(row: Any) -> None:
    with pytest.raises(MalformedError):
        Actions.read(row)


INGREDIENT_V3: dict[str, Any] = {
    "dc:title": "t",
    "dc:format": "image/png",
    "relationship": "parentOf",
    "instanceID": "xmp:iid:1",
    "activeManifest": {"url": "self#jumbf=/c2pa/a", "hash": b"\1"},
    "claimSignature": {"url": "self#jumbf=/c2pa/a/c2pa.signature", "hash": b"\2"},
    "validationResults": {
        "activeManifest": {
            "success": [{"code": "claimSignature.validated", "url": "u"}],
            "informational": [],
            "failure": [{"code": "x.y", "explanation": "e"}],
        },
        "ingredientDeltas": [
            {
                "ingredientAssertionURI": "u",
                "validationDeltas": {
                    "success": [],
                    "informational": [],
                    "failure": [{"code": "deep"}],
                },
            }
        ],
    },
    "data": {"url": "https://a", "alg": "sha256", "hash": b"\3"},
    "dataTypes": [{"type": "c2pa.types.model", "version": "1.0.0"}],
    "thumbnail": REF,
    "description": "d",
    "informationalURI": "https://b",
    "digitalSourceType": "http://x",
}


def test_an_ingredient_of_version_3_is_written_as_it_is_read() -> None:
    found = Ingredient.read(decode(encode(INGREDIENT_V3)), 3)
    assert found.to_cbor() == INGREDIENT_V3
    assert isinstance(found.data, ExternalUri)
    assert found.results is not None
    assert [one.code for one in found.results.all()] == [
        *("claimSignature.validated", "x.y", "deep"),
    ]


@pytest.mark.parametrize("version", [1, 2])
def test_an_old_ingredient_is_read_by_its_old_names(version: int) -> None:
    row = {
        "relationship": "componentOf",
        "instanceID": "i",
        "documentID": "d",
        "c2pa_manifest": {"url": "self#jumbf=/c2pa/a", "hash": b"\1"},
        "data_types": [{"type": "c2pa.types.model"}],
        "informational_URI": "https://b",
        "validationStatus": [{"code": "a.b", "url": "u"}],
        "data": {"url": "self#jumbf=c2pa.databoxes/c2pa.data", "hash": b"\3"},
    }
    found = Ingredient.read(row, version)
    assert found.active_manifest == HashedUri("self#jumbf=/c2pa/a", b"\1")
    assert found.claim_signature is None
    assert found.types == (AssetType("c2pa.types.model"),)
    assert found.informational_uri == "https://b"
    assert found.document_id == "d"
    assert found.results == RecordedResults(failure=(RecordedStatus("a.b", "u"),))
    assert isinstance(found.data, HashedUri)


def test_the_names_of_one_version_mean_nothing_in_another() -> None:
    new = Ingredient.read({"relationship": "parentOf", "c2pa_manifest": REF}, 3)
    old = Ingredient.read({"relationship": "parentOf", "activeManifest": REF}, 2)
    assert new.active_manifest is None
    assert old.active_manifest is None


@pytest.mark.parametrize(
    "edit",
    [
        *({"relationship": None}, {"relationship": "x"}, {"relationship": []}, {"relationship": 1}),
        *({"activeManifest": "u"}, {"activeManifest": {"url": "u"}}, {"dataTypes": {}}),
        *(
            {"dataTypes": [{}]},
            {"validationResults": []},
            {"validationResults": {"activeManifest": [1]}},
        ),
        {"validationResults": {"activeManifest": {"failure": [{"url": "u"}]}}},
        {"validationResults": {"ingredientDeltas": [{}]}},
        *({"data": 5}, {"data": {"url": "https://a", "hash": b""}}, {"dc:title": 5}),
    ],
)
def test_other_shapes_of_ingredients_are_refused(edit: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        Ingredient.read(INGREDIENT_V3 | edit, 3)


def test_a_data_hash_keeps_what_was_signed_even_when_wrong() -> None:
    row = {
        "hash": b"\1",
        "alg": "sha256",
        "exclusions": [{"start": 9, "length": -4}, {"start": 0, "length": 1 << 63}],
    }
    found = DataHash.read(row)
    assert found.exclusions == (Span(9, -4), Span(0, 1 << 63))
    assert DataHash.read({}) == DataHash(hash=None)


@pytest.mark.parametrize(
    "row",
    [
        *(None, [], {"hash": "text"}, {"alg": 5}, {"exclusions": {}}, {"exclusions": [[1, 2]]}),
        *({"exclusions": [{"start": 1}]}, {"exclusions": [{"start": "1", "length": 1}]}),
        *(
            {"exclusions": [{"start": True, "length": 1}]},
            {"exclusions": [{"start": 1.0, "length": 1}]},
        ),
    ],
)
def test_other_shapes_of_data_hashes_are_refused(row: Any) -> None:
    with pytest.raises(MalformedError):
        DataHash.read(row)


def test_a_data_hash_takes_as_much_room_whatever_it_says() -> None:
    def written(start: int, length: int) -> bytes:
        spans = (Span(start, length),)
        return encode(DataHash(hash=bytes(32), alg="sha256", exclusions=spans).to_cbor())

    assert len(written(0, 0)) == len(written(33, 70_000)) == len(written((1 << 32) - 1, 23))
    assert DataHash.read(decode(written(33, 70_000))).exclusions == (Span(33, 70_000),)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (AiDisclosure(model_type="c2pa.types.model"), AiDisclosure.read),
        (
            AiDisclosure(
                model_type="m",
                model_name="n",
                model_identifier="i",
                human_oversight="prompt_guided",
            ),
            AiDisclosure.read,
        ),
        (AssetTypes((AssetType("a", "1.0.0"), AssetType("b")), "image/png"), AssetTypes.read),
        (
            TrainingMining(
                {"cawg.ai_training": Permission("constrained", "ask"), "x": Permission("allowed")}
            ),
            TrainingMining.read,
        ),
    ],
)
def test_a_statement_is_read_as_it_was_written(value: Any, read: Any) -> None:
    assert read(decode(encode(value.to_cbor()))) == value


def test_training_and_mining_has_three_words_and_an_early_form() -> None:
    assert TrainingMining.read({"x": {"use": "allowed"}}).entries == {"x": Permission("allowed")}
    with pytest.raises(MalformedError, match="'forbidden', not one of allowed"):
        TrainingMining.read({"entries": {"x": {"use": "forbidden"}}})


def content(data: bytes) -> Any:
    return decode_content(parse(data))


def test_content_is_decoded_by_the_type_of_its_box() -> None:
    assert content(writer.cbor_box("a", {"b": 1})) == {"b": 1}
    assert content(writer.json_box("a", b'{"b": 1}')) == {"b": 1}
    found = content(writer.embedded_file("a", "text/plain", b"data", name="a.txt"))
    assert (found.media_type, bytes(found.data), found.name) == ("text/plain", b"data", "a.txt")
    assert isinstance(found, EmbeddedFile)
    unknown = content(writer.superbox(bytes(16), "a", [box(b"zzzz", b"data")]))
    assert isinstance(unknown, Opaque)
    assert bytes(unknown.data) == b"data"
    assert content(writer.superbox(bytes(16), "a", [])) == Opaque(memoryview(b""))


@pytest.mark.parametrize(
    "data",
    [
        *(writer.json_box("a", b""), writer.json_box("a", b"{"), writer.json_box("a", b"\xff")),
        writer.json_box("a", b"[" * 100_000),
        writer.json_box("a", b"9" * 10_000),
        writer.superbox(uuids.CBOR, "a", []),
        writer.superbox(uuids.CBOR, "a", [box(b"cbor", b"\0"), box(b"cbor", b"\0")]),
        writer.superbox(uuids.CBOR, "a", [box(b"json", b"{}")]),
        writer.superbox(uuids.EMBEDDED_FILE, "a", [box(b"bidb", b"")]),
        writer.superbox(uuids.EMBEDDED_FILE, "a", [box(b"bfdb", b""), box(b"bidb", b"")]),
        writer.superbox(uuids.EMBEDDED_FILE, "a", [box(b"bfdb", b"\0\xff\0"), box(b"bidb", b"")]),
    ],
)
def test_content_that_is_not_what_its_box_says_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        content(data)


def test_cbor_inside_an_assertion_is_bounded() -> None:
    deep = parse(writer.superbox(uuids.CBOR, "a", [box(b"cbor", b"\x81" * 50 + b"\0")]))
    with pytest.raises(MalformedError):
        decode_content(deep, Limits(cbor_depth=10))


MARK = box(b"uuid", uuids.REDACTION)


@pytest.mark.parametrize(
    ("inside", "answer"),
    [
        ([MARK], True),
        ([box(b"uuid", uuids.REDACTION + bytes(50))], True),
        ([box(b"cbor", bytes(50))], True),
        ([box(b"bfdb", bytes(9)), box(b"bidb", bytes(5))], True),
        ([box(b"cbor", b"")], True),
        ([], False),
        ([box(b"uuid", uuids.REDACTION + b"hidden")], False),
        ([box(b"uuid", bytes(15) + b"\1")], False),
        ([box(b"cbor", bytes(50) + b"\1")], False),
        ([MARK, box(b"cbor", b"hidden")], False),
        ([MARK, writer.cbor_box("hidden", 1)], False),
    ],
)
def test_redaction_leaves_its_mark_or_zeros_and_no_more(inside: list[bytes], answer: bool) -> None:
    assert is_redacted(parse(writer.superbox(uuids.CBOR, "a", inside))) is answer
