"""The export for Story: files of its public form, with a warning for what does not fit."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from provenance.chain.graph import EdgeStatus, Graph, Relation, WorkKind
from provenance.model.assertions.rights import Commercial, Derivatives, Fee, Rights
from provenance.rights.pil import LAP, LRP, NOBODY, WIP, PilTerms, breaches, terms_of
from provenance.rights.presets import PRESETS, preset
from provenance.rights.story import RELATIONSHIPS, StoryWork, export
from tests.rights.graphs import edge, graph, party, work
from tests.rights.test_presets import RIGHTS
from tests.rights.test_shares import WORKED

ADDRESS = "0x" + "ab" * 20
REMIX = preset("pil-commercial-remix:5%", "Ada")


def one(made: Graph, name: str, **options: Any) -> StoryWork:
    return next(row for row in export(made, **options).works if row.work == name)


@given(RIGHTS)
def test_terms_hold_what_story_asks_of_them(rights: Rights) -> None:
    terms = terms_of(rights)
    assert not list(breaches(terms))
    assert len(terms.to_dict()) == 17
    assert list(terms.to_dict()) == [
        *("transferable", "royaltyPolicy", "defaultMintingFee", "expiration", "commercialUse"),
        *("commercialAttribution", "commercializerChecker", "commercializerCheckerData"),
        *("commercialRevShare", "commercialRevCeiling", "derivativesAllowed"),
        *("derivativesAttribution", "derivativesApproval", "derivativesReciprocal"),
        *("derivativeRevCeiling", "currency", "uri"),
    ]


def test_the_flavours_come_out_as_story_has_them() -> None:
    assert terms_of(PRESETS["pil-non-commercial-social-remixing"]) == PilTerms(
        transferable=True,
        derivativesAllowed=True,
        derivativesAttribution=True,
        derivativesReciprocal=True,
    )
    assert terms_of(PRESETS["pil-commercial-use"], royalty_policy=LAP) == PilTerms(
        transferable=True,
        royaltyPolicy=LAP,
        commercialUse=True,
        commercialAttribution=True,
        currency=WIP,
    )
    assert terms_of(REMIX) == PilTerms(
        transferable=True,
        royaltyPolicy=LRP,
        commercialUse=True,
        commercialAttribution=True,
        commercialRevShare=5_000_000,
        derivativesAllowed=True,
        derivativesAttribution=True,
        derivativesReciprocal=True,
        currency=WIP,
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"commercialAttribution": True}, "no commercial use, but attribution"),
        ({"commercializerChecker": ADDRESS}, "but a checker"),
        ({"commercializerCheckerData": "0x00"}, "but a checker"),
        ({"commercialRevShare": 1}, "but a share"),
        ({"commercialRevCeiling": 1}, "but a ceiling"),
        ({"royaltyPolicy": LRP, "currency": WIP}, "but a royalty policy"),
        ({"commercialUse": True}, "without a royalty policy"),
        ({"derivativesAttribution": True}, "no derivatives, but attribution"),
        ({"derivativesApproval": True}, "but approval"),
        ({"derivativesReciprocal": True}, "but reciprocity"),
        ({"derivativeRevCeiling": 1}, "but a ceiling"),
        ({"defaultMintingFee": 1}, "a minting fee without"),
        ({"commercialUse": True, "royaltyPolicy": LRP}, "without a token"),
        (
            {
                "commercialUse": True,
                "royaltyPolicy": LRP,
                "currency": WIP,
                "commercialRevShare": 100_000_001,
            },
            "beyond 100 %",
        ),
    ],
)
def test_what_story_would_refuse_is_told(changes: dict[str, Any], told: str) -> None:
    (found,) = breaches(PilTerms(transferable=True, **changes))
    assert told in found


def test_creators_come_in_whole_percents_that_sum_to_100() -> None:
    made = graph("a", [], {"a": {"ada": 1, "bo": 1, "cy": 1}})
    parties = {**made.parties, "ada": party("ada", payee=ADDRESS)}
    found = one(replace(made, parties=parties), "a")
    creators = found.ip_metadata["creators"]
    assert sum(row["contributionPercent"] for row in creators) == 100
    assert creators[0]["address"] == ADDRESS
    assert "address" not in creators[1]
    assert "Bo has no address on chain: put it into creators" in found.warnings
    assert "weights are rounded to whole percents" in found.warnings


@pytest.mark.parametrize("relation", Relation)
def test_an_edge_becomes_a_relationship(relation: Relation) -> None:
    made = graph("a", [edge("a", "b", relation=relation)], {})
    rows = one(made, "a").ip_metadata["relationships"]
    assert rows == [{"parentIpId": "b", "type": RELATIONSHIPS[relation]}]


def test_what_is_not_sure_is_no_relationship() -> None:
    rows = [edge("a", "b", status=EdgeStatus.DISPUTED), edge("a", "hint:x"), edge("a", "c")]
    found = one(graph("a", [*rows, rows[2]], {}), "a")
    assert [row["parentIpId"] for row in found.ip_metadata["relationships"]] == ["c"]
    assert "b is left out: the edge is disputed" in found.warnings
    assert "hint:x is left out: it is known by name alone" in found.warnings
    assert "c was used more than once, and is named once" in found.warnings
    assert not [row for row in export(graph("a", rows, {})).works if row.work == "hint:x"]


def test_a_derivative_inherits_its_parents_terms_and_theirs() -> None:
    works = {
        "photo": work("photo", rights=REMIX),
        "img": work("img", rights=preset("cc-by", "Bo")),
        "remix": work("remix"),
    }
    made = graph("remix", [edge("remix", "img", 5), edge("img", "photo", 10)], {}, works)
    assert one(made, "photo").terms == terms_of(REMIX)
    assert not one(made, "photo").inherited
    middle = one(made, "img")
    assert (middle.terms, middle.inherited) == (terms_of(REMIX), True)
    assert any("a derivative inherits" in told for told in middle.warnings)
    assert any(
        "10 % is owed to photo, and on Story its terms' 5 %" in one for one in middle.warnings
    )
    last = one(made, "remix")
    assert (last.terms, last.inherited) == (terms_of(REMIX), True)
    assert not any("is owed to" in told for told in last.warnings)


def mixed(first: Rights, second: Rights) -> tuple[str, ...]:
    works = {"a": work("a", rights=first), "b": work("b", rights=second)}
    return one(graph("c", [edge("c", "a"), edge("c", "b")], {}, works), "c").warnings


def test_parents_must_agree() -> None:
    free = preset("pil-non-commercial-social-remixing", "Ada")
    assert any("do not agree on commercial use" in told for told in mixed(REMIX, free))
    other = preset("pil-commercial-remix:6%", "Ada")
    assert any("the very same terms" in told for told in mixed(REMIX, other))
    assert any("mixed terms" in told for told in mixed(REMIX, other))
    assert not any("mixed" in told or "very same" in told for told in mixed(REMIX, REMIX))
    closed = preset("all-rights-reserved", "Ada")
    assert any("allows no derivatives" in told for told in mixed(closed, closed))


def test_terms_that_story_has_no_room_for_are_told() -> None:
    rights = replace(
        preset("cc-by", "Ada"),
        fee=Fee(100, "EUR"),
        not_after="2030-01-01T00:00:00Z",
        territory=("DE",),
        channels=("print",),
        commercial=Commercial(use=False, share_ppm=5, ceiling=5),
        derivatives=Derivatives(allowed=False, attribution=True, ceiling=5),
    )
    rights = replace(rights, ai=replace(rights.ai, share_ppm=7))
    made = graph("a", [], {}, {"a": work("a", rights=rights)})
    told = "\n".join(one(made, "a").warnings)
    for word in ("CC-BY-4.0", "EUR", "notAfter", "ceilings", "territory", "channels"):
        assert word in told
    for word in ("a share of commercial use", "conditions of derivatives", "uses by AI"):
        assert word in told
    assert "the share that a model owes" in told


def test_more_parents_and_ancestors_than_story_takes_are_told() -> None:
    wide = graph("a", {"a": {f"p{at}": 1 for at in range(17)}}, {})
    assert any("17 parents" in told for told in one(wide, "a").warnings)
    deep = graph("0", {str(at): {str(at + 1): 1} for at in range(1025)}, {})
    assert any("ancestors" in told for told in one(deep, "0").warnings)
    assert not any("ancestors" in told for told in one(deep, "1").warnings)


def test_media_have_hashes_and_what_is_not_known_is_left_out() -> None:
    known = work("a", asset_sha256="ab" * 32, location="x/remix.png", signed_at="2026-01-01T00:00Z")
    made = graph("a", [], {"a": "ada"}, {"a": known})
    found = one(made, "a", addresses={"a": "https://example.com/remix.png"})
    ip = found.ip_metadata
    assert ip["imageHash"] == ip["mediaHash"] == f"0x{'ab' * 32}"
    assert ip["image"] == ip["mediaUrl"] == "https://example.com/remix.png"
    assert (ip["mediaType"], ip["createdAt"]) == ("image/png", "2026-01-01T00:00Z")
    model = work("m", kind=WorkKind.MODEL, location="m.safetensors")
    bare = one(graph("m", [], {}, {"m": model}), "m")
    assert not {"image", "imageHash", "mediaUrl", "mediaHash", "mediaType"} & set(bare.ip_metadata)
    assert any("give it a cover" in told for told in bare.warnings)


def test_do_not_train_goes_into_robot_terms() -> None:
    closed = work("a", rights=preset("all-rights-reserved", "Ada"))
    made = graph("a", [], {}, {"a": closed})
    assert one(made, "a").ip_metadata["robotTerms"] == {"userAgent": "*", "allow": ""}
    opened = graph("a", [], {}, {"a": work("a", rights=preset("cc0", "Ada"))})
    assert one(opened, "a").ip_metadata["robotTerms"] == {"userAgent": "*", "allow": "/"}


def test_files_have_names_of_our_own_and_an_index() -> None:
    works = {"../../etc": work("../../etc", title="../../etc/passwd\n", rights=REMIX)}
    made = graph("../../etc", [], {}, works)
    files = dict(export(made).files())
    assert list(files) == ["00000.ip.json", "00000.nft.json", "00000.terms.json", "index.json"]
    index = json.loads(files["index.json"])
    assert index[0]["work"] == "../../etc"
    assert index[0]["terms"] == "00000.terms.json"
    assert json.loads(files["00000.terms.json"])["commercialRevShare"] == 5_000_000
    assert json.loads(files["00000.nft.json"])["name"] == "../../etc/passwd\n"


def test_every_work_of_the_worked_example_is_exported() -> None:
    found = export(WORKED)
    assert [row.work for row in found.works] == list(WORKED.works)
    assert found.works[0].terms is None
    assert NOBODY not in json.dumps(found.works[0].ip_metadata)


def test_works_in_a_circle_keep_what_is_theirs() -> None:
    works = {name: work(name, rights=REMIX) for name in ("b", "c")}
    made = graph("a", {"a": {"b": 1}, "b": {"c": 1}, "c": {"b": 1}}, {}, works)
    assert one(made, "b").terms == terms_of(REMIX)
