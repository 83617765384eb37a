"""Actors who vouch for a manifest, as parties; and signers whose certificate was taken back."""

from dataclasses import replace
from typing import Any

import pytest

from provenance.chain import codes
from provenance.chain.credits import key_id
from provenance.chain.graph import EdgeStatus, Evidence, Graph
from provenance.chain.trace import trace
from provenance.model.assertions.contribution import CONTRIBUTION, Contribution, Contributor
from provenance.trust.did import Issuers
from provenance.trust.settings import TrustSettings
from tests.attacks import revocation
from tests.attacks.forge import (
    Cose,
    Credential,
    Forge,
    Item,
    Recipe,
    cbor,
    hard_binding,
    ingredient,
    json,
    opened,
)
from tests.chain.studio import work_id
from tests.trust.forge import NOW
from tests.trust.ocsp import revoked
from tests.validate.identity_forge import (
    ACTIONS,
    HARD,
    ICA,
    Json,
    Vouching,
    actor,
    did_of,
    identity,
    iso,
    knowing,
    picture,
)

WALLET = {
    "type": "cawg.crypto_wallet",
    "address": "0xADA",
    "verifiedAt": iso(NOW),
    "provider": {"name": "A chain"},
}
CREDIT = json("cawg.metadata", b'{"@context":{},"dc:creator":["Ada","Bo"]}')


@pytest.fixture(scope="module")
def forge() -> Forge:
    return Forge()


def with_wallet(row: Json) -> None:
    row["credentialSubject"]["verifiedIdentities"].append(WALLET)


def known(forge: Forge) -> TrustSettings:
    """Trust in the forge's aggregator."""
    issuers = Issuers(trusted=frozenset((did_of(forge.other.key),)))
    return replace(forge.trust, identity_issuers=issuers)


def owners(graph: Graph) -> dict[str, tuple[int, str, Evidence]]:
    return {one.party: (one.weight, one.role, one.evidence) for one in graph.owners[graph.root]}


def vouched(forge: Forge, how: Vouching, *more: Item) -> bytes:
    return picture(forge, items=(ACTIONS, HARD, identity(forge, how), *more))


def claimed(forge: Forge) -> str:
    found = key_id(forge.credential.chain[0])
    assert found is not None
    return found


def by(who: Credential, **more: Any) -> Vouching:
    return Vouching(cose=Cose(credential=who), **more)


def test_an_actor_with_a_trusted_certificate_owns_before_whoever_signed(forge: Forge) -> None:
    who = actor(forge)
    graph = trace(vouched(forge, by(who), CREDIT), trust=knowing(forge, who))
    key = key_id(who.chain[0])
    assert key is not None
    found = owners(graph)
    assert found.pop(key) == (1, "cawg.creator", Evidence.IDENTITY)
    # Those who are only named are credited, and own nothing.
    assert {weight for weight, _, _ in found.values()} <= {0}
    assert graph.works[graph.root].signer == claimed(forge)


def test_an_actor_whom_nobody_vouches_for_is_a_key_that_signed(forge: Forge) -> None:
    who = actor(forge)
    graph = trace(vouched(forge, by(who)), trust=forge.trust)
    key = key_id(who.chain[0])
    assert key is not None
    assert owners(graph)[key][2] is Evidence.SIGNER
    assert graph.parties[key].evidence is Evidence.SIGNER


def test_a_publisher_beside_a_creator_is_named_and_owns_nothing(forge: Forge) -> None:
    who, house = actor(forge), actor(forge)
    roles = {"payload": lambda row: row.update(role=["cawg.publisher"])}
    items = (
        identity(forge, by(who)),
        identity(forge, by(house, label="cawg.identity__1", **roles)),
    )
    asset = picture(forge, items=(ACTIONS, HARD, *items))
    graph = trace(asset, trust=knowing(forge, who, house))
    first, second = key_id(who.chain[0]), key_id(house.chain[0])
    assert first
    assert second
    assert owners(graph)[first][0] == 1
    assert owners(graph)[second][:2] == (0, "cawg.publisher")


def test_an_aggregators_account_is_a_party_and_its_wallet_the_payee(forge: Forge) -> None:
    how = Vouching(sig_type=ICA, vc=with_wallet)
    graph = trace(vouched(forge, how), trust=known(forge))
    accounts = {"id:A network:ada", "id:A chain:0xADA"}
    ((id_, found),) = owners(graph).items()
    assert id_ in accounts
    assert found == (1, "cawg.creator", Evidence.IDENTITY)
    party = graph.parties[id_]
    assert {id_, *party.aliases} == accounts
    assert party.payee == "0xADA"


def test_an_aggregator_whom_nobody_knows_names_somebody_and_no_more(forge: Forge) -> None:
    how = Vouching(sig_type=ICA, vc=with_wallet)
    graph = trace(vouched(forge, how), trust=forge.trust)
    assert not any(one.startswith("id:") for one in graph.parties)
    assert all(one.payee is None for one in graph.parties.values())
    assert owners(graph)[claimed(forge)][0] == 1


def test_who_vouches_for_nothing_that_holds_is_nobody(forge: Forge) -> None:
    who = actor(forge)
    how = by(who, stored=lambda row: row.update(role=["cawg.creator"]))
    graph = trace(vouched(forge, how), trust=knowing(forge, who))
    assert list(owners(graph)) == [claimed(forge)]


def test_a_name_in_the_contribution_is_the_actor_who_vouches_under_it(forge: Forge) -> None:
    who = actor(forge)
    asset = vouched(forge, by(who))
    name = trace(asset, trust=knowing(forge, who)).parties[key_id(who.chain[0]) or ""].name
    parties = (Contributor(id=f"name:{name}", name=name, weight=5, payee="acct:mallory"),)
    told = cbor(CONTRIBUTION, Contribution(parties=parties).to_cbor())
    graph = trace(vouched(forge, by(who), told), trust=knowing(forge, who))
    key = key_id(who.chain[0]) or ""
    assert owners(graph) == {key: (5, "cawg.creator", Evidence.IDENTITY)}
    assert graph.parties[key].payee is None


def test_an_ingredient_whose_signer_was_revoked_is_shown_and_not_paid(forge: Forge) -> None:
    word = revoked(NOW - revocation.DAY).but(issuer=revocation.CA_DER)
    photo = forge.build(revocation.recipe(word.about(revocation.LEAF)))
    asset = forge.png(Recipe(items=[opened(), hard_binding(), ingredient(photo)]), photo)
    graph = trace(asset, trust=revocation.TRUST, at=NOW)
    (edge,) = graph.edges
    assert edge.parent == work_id(photo)
    assert edge.status is EdgeStatus.REVOKED
    assert codes.INGREDIENT_REVOKED in {one.code for one in graph.findings}
