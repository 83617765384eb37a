"""The public lineage: contributors, amounts as people write them, JSON."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.chain import codes as chain_codes
from provenance.chain.graph import Evidence, LineageFinding
from provenance.errors import SplitError
from provenance.rights import codes
from provenance.rights.lineage import Lineage, minor_units
from provenance.rights.presets import preset
from tests.rights.breaches import NOW, remix
from tests.rights.graphs import party
from tests.rights.test_shares import WORKED

LINEAGE = Lineage.of(WORKED, NOW)


def test_a_lineage_splits_what_people_write() -> None:
    found = LINEAGE.split("100.00")
    assert found.shares[1].name == "Ada"
    assert found.to_dict()["amount"] == "100.00"
    assert LINEAGE.split(100) == LINEAGE.split(Decimal(100)) == found
    assert LINEAGE.split("1000", policy="equal", decimals=0).amount == 1000


@pytest.mark.parametrize(
    ("amount", "decimals", "units"),
    [("12.36", 2, 1236), (12, 2, 1200), (Decimal("0.5"), 2, 50), ("7", 0, 7), (Decimal(10), 0, 10)],
)
def test_an_amount_becomes_minor_units(
    amount: str | int | Decimal, decimals: int, units: int
) -> None:
    assert minor_units(amount, decimals) == units


@pytest.mark.parametrize(
    "amount",
    [
        *("", "x", "-1", "1.001", "1e3", "nan", "1_000", "9" * 40, -1, 10**40, 10**5000),
        *(Decimal("NaN"), Decimal("-1"), Decimal("0.001"), Decimal("1e9999"), Decimal("1e-9999")),
    ],
    ids=lambda one: str(one)[:12] if not isinstance(one, int) else "int",
)
def test_what_is_no_amount_is_refused(amount: str | int | Decimal) -> None:
    with pytest.raises(SplitError):
        minor_units(amount)


@given(st.integers(0, 10**28), st.integers(0, 18))
def test_minor_units_come_back_as_they_were_written(units: int, decimals: int) -> None:
    if units <= 10 ** (30 - decimals):
        found = LINEAGE.split(str(units), decimals=decimals)
        assert found.to_dict()["amount"].__class__ is str
        assert minor_units(str(found.to_dict()["amount"]), decimals) == found.amount


def test_contributors_are_those_with_a_part_the_surest_first() -> None:
    service = party("service")
    surely = replace(WORKED.parties["cy"], evidence=Evidence.IDENTITY)
    parties = {"service": service, **WORKED.parties, "cy": surely}
    found = Lineage.of(replace(WORKED, parties=parties), NOW).contributors()
    assert found[0].id == "cy"
    assert {one.id for one in found} == set(WORKED.parties)


def test_findings_are_those_of_the_chain_and_of_its_terms() -> None:
    hint = LineageFinding(chain_codes.UNSIGNED_HINT, "img", "sd_merge_recipe")
    made = replace(remix(preset("all-rights-reserved", "Ada")), findings=(hint,))
    found = Lineage.of(made, NOW)
    assert [one.code for one in found.findings] == [
        chain_codes.UNSIGNED_HINT,
        codes.DERIVATIVES_FORBIDDEN,
    ]
    row = found.to_dict()["findings"][1]
    assert (row["work"], row["other"]) == ("img", "photo")
    assert row["explanation"].endswith("no derivatives. (all-rights-reserved)")


def test_json_has_what_the_form_asks_for() -> None:
    row = LINEAGE.to_dict(LINEAGE.split("100.00"))
    assert row["schema"] == "provenance/lineage/1"
    assert row["root"] == "img"
    assert set(row["works"][0]) == {
        *("id", "kind", "title", "asset_sha256", "validation_state"),
        *("signer", "location", "rights"),
    }
    assert set(row["parties"][0]) == {"id", "name", "roles", "evidence", "payee"}
    assert set(row["edges"][0]) == {"child", "parent", "relation", "rate_ppm", "status", "licence"}
    assert row["split"]["unclaimed"] == [{"work": "ds0", "amount": "6.00"}]
    assert LINEAGE.to_dict()["split"] is None


def test_the_root_is_the_first_of_the_works() -> None:
    assert LINEAGE.root.id == LINEAGE.works[0].id == "img"
    assert len(LINEAGE.edges) == len(WORKED.edges)
