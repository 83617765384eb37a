"""Forgeries of a lineage: each does what its docstring says, and is told by its own code.

Whatever the forger does, nothing flows along an edge that does not hold, and nobody else gains.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import pytest

from provenance.build.models import file_name_uri
from provenance.cbor import encode
from provenance.chain import codes
from provenance.chain.graph import Edge, EdgeStatus, Graph
from provenance.chain.order import without_cycles
from provenance.chain.trace import trace
from provenance.formats import registry
from provenance.limits import DEFAULT_LIMITS
from provenance.model.assertions.contribution import CONTRIBUTION, Contribution, Contributor, Owed
from provenance.model.assertions.rights import LABEL as RIGHTS
from provenance.model.assertions.rights import Rights
from provenance.model.store import ManifestStore
from provenance.source import BufferSource
from tests.attacks.forge import Built, Recipe, Row, cbor
from tests.attacks.redactions import MARK, emptied, redacting
from tests.build.workshop import picture
from tests.chain.studio import Says, Studio, Used, the_studio, work_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """A forged asset, the work that the forger is after, and what the trace must say."""

    asset: bytes = field(repr=False)
    victim: Built
    status: EdgeStatus
    codes: frozenset[str] | set[str]
    beside: dict[str, bytes] = field(default_factory=dict)
    rate: int | None = None


Forger = Callable[[Studio], Expect]
FORGERIES: list[Forger] = []


def forgery(make: Forger) -> Forger:
    """Put it on the list."""
    assert make.__doc__
    FORGERIES.append(make)
    return make


@forgery
def tampered_rate(studio: Studio) -> Expect:
    """The rate that the image declares was lowered after it was signed."""
    photo = studio.work("photo", "ada")
    used = Used(made=photo, relationship="parentOf", rate=300_000)
    image = studio.work("image", "bo", used)
    lowered = image.changed(encode(300_000), encode(100_000))
    asset = studio.png(
        "remix",
        "mallory",
        Used(made=lowered, relationship="parentOf"),
        before=(photo, lowered),
    )
    found = {codes.CONTRIBUTION_BROKEN, codes.INGREDIENT_BROKEN}
    return Expect(asset=asset, victim=photo, status=EdgeStatus.BROKEN, codes=found)


@forgery
def rate_of_another_ingredient(studio: Studio) -> Expect:
    """The contribution owes to an ingredient by a hash that the claim does not list."""
    photo = studio.work("photo", "ada")

    def other(owed: Owed) -> Owed:
        return replace(owed, ingredient=replace(owed.ingredient, hash=bytes(32)))

    used = Used(made=photo, relationship="parentOf", rate=300_000, owed=other)
    asset = studio.png("remix", "mallory", used)
    found = {codes.CONTRIBUTION_UNMATCHED}
    return Expect(asset=asset, victim=photo, status=EdgeStatus.DECLARED, codes=found)


@forgery
def redacted_rights(studio: Studio) -> Expect:
    """The remix takes the terms out of the photo's manifest."""
    photo = studio.work("photo", "ada", says=Says(rights=Rights(licensor="Ada")))
    url = photo.uri_of(RIGHTS)
    gone = emptied(photo, RIGHTS, MARK)
    says = Says(claim=redacting(url))
    asset = studio.png("remix", "bo", Used(made=gone, relationship="parentOf"), says=says)
    found = {codes.RIGHTS_REDACTED}
    return Expect(asset=asset, victim=photo, status=EdgeStatus.DECLARED, codes=found)


@forgery
def redacted_contribution(studio: Studio) -> Expect:
    """The remix takes out who the photo's contributors are."""
    parties = (Contributor(id="name:Kim", name="Kim"),)
    photo = studio.work("photo", "ada", says=Says(parties=parties))
    gone = emptied(photo, CONTRIBUTION, MARK)
    says = Says(claim=redacting(photo.uri_of(CONTRIBUTION)))
    asset = studio.png("remix", "bo", Used(made=gone, relationship="parentOf"), says=says)
    found = {codes.CONTRIBUTION_REDACTED}
    return Expect(asset=asset, victim=photo, status=EdgeStatus.DECLARED, codes=found)


@forgery
def broken_ingredient(studio: Studio) -> Expect:
    """The photo's claim was edited: its signature does not verify."""
    photo = studio.work("photo", "ada").flipped("c2pa.claim.v2")
    used = Used(made=photo, relationship="parentOf", rate=300_000)
    asset = studio.png("remix", "mallory", used)
    found = {codes.INGREDIENT_BROKEN}
    status = EdgeStatus.BROKEN
    return Expect(asset=asset, victim=photo, status=status, codes=found, rate=300_000)


@forgery
def ingredient_of_another_content(studio: Studio) -> Expect:
    """When the photo was used its hard binding did not hold, and the remix admits that."""
    photo = studio.work("photo", "ada")
    records = [("assertion.dataHash.mismatch", photo.uri_of("c2pa.hash.data"))]
    used = Used(made=photo, relationship="parentOf", rate=1, records=records)
    asset = studio.png("remix", "mallory", used)
    found = {codes.INGREDIENT_BROKEN}
    return Expect(asset=asset, victim=photo, status=EdgeStatus.BROKEN, codes=found, rate=1)


@forgery
def another_manifest_under_the_label(studio: Studio) -> Expect:
    """The manifest in the store is not the one that the remix hashed."""
    photo = studio.work("photo", "ada")
    fake = studio.forge.build(replace(studio.recipe("photo", "mallory"), label=photo.label))
    used = Used(made=photo, relationship="parentOf", rate=1)
    asset = studio.png("remix", "bo", used, before=(fake,))
    found = {codes.INGREDIENT_BROKEN}
    return Expect(asset=asset, victim=fake, status=EdgeStatus.BROKEN, codes=found, rate=1)


@forgery
def signed_again(studio: Studio) -> Expect:
    """Somebody took the manifest off a picture, signed it as theirs, and remixed that."""
    bare = picture(23)
    recipe = studio.recipe("stolen", "mallory")
    original = studio.png("photo", "ada", picture=bare)
    copy = _in_its_file(studio, recipe, bare)
    used = Used(made=copy, relationship="parentOf", rate=500_000)
    asset = studio.png("remix", "mallory", used)
    return Expect(
        asset=asset,
        victim=copy,
        status=EdgeStatus.DISPUTED,
        codes={codes.SIGNATURE_COPIED},
        beside={"photo.png": original},
        rate=500_000,
    )


def _in_its_file(studio: Studio, recipe: Recipe, bare: bytes) -> Built:
    source = BufferSource(studio.forge.png(recipe, picture=bare))
    store = registry.find(source).locate(source, DEFAULT_LIMITS).store
    assert store is not None
    (manifest,) = ManifestStore.parse(store).manifests
    return Built(manifest.label, bytes(manifest.box.raw))


@forgery
def redacted_ingredient(studio: Studio) -> Expect:
    """The remix takes out what the image was made of; what is owed for it stays in sight."""
    photo = studio.work("photo", "ada")
    image = studio.work("image", "bo", Used(made=photo, rate=9))
    gone = emptied(image, "c2pa.ingredient.v3", MARK)
    says = Says(claim=redacting(image.uri_of("c2pa.ingredient.v3")))
    used = Used(made=gone, relationship="parentOf")
    asset = studio.png("remix", "bo", used, says=says, before=(gone,))
    found = {codes.INGREDIENT_REDACTED}
    return Expect(asset=asset, victim=photo, status=EdgeStatus.REDACTED, codes=found, rate=9)


def _under(signature: bytes, recipe: Recipe, studio: Studio) -> Built:
    """A manifest with somebody else's signature in the place of its own."""
    return studio.forge.build(replace(recipe, boxes=lambda parts: [*parts[:2], signature]))


@forgery
def copied_signature(studio: Studio) -> Expect:
    """A manifest of the forger's shows Ada's signature, to be taken for a work of hers."""
    photo = studio.work("photo", "ada")
    forged = _under(photo.signature, studio.recipe("mine", "mallory"), studio)
    asset = studio.png("remix", "mallory", Used(made=forged, relationship="parentOf", rate=1))
    found = {codes.INGREDIENT_BROKEN}
    return Expect(asset=asset, victim=photo, status=EdgeStatus.BROKEN, codes=found, rate=1)


@pytest.mark.parametrize("make", FORGERIES, ids=lambda make: make.__name__)
def test_a_forgery_is_told_by_its_code(make: Forger, tmp_path: Path) -> None:
    studio = the_studio()
    expected = make(studio)
    for name, data in expected.beside.items():
        (tmp_path / name).write_bytes(data)
    graph = trace(expected.asset, trust=studio.trust, resolve=[tmp_path])
    assert {one.code for one in graph.findings} == expected.codes
    led = _towards(graph, expected)
    assert {(one.status, one.rate_ppm) for one in led} == {(expected.status, expected.rate)}
    if not expected.status.counts:
        assert not any(one.status.counts for one in led)


def _towards(graph: Graph, expected: Expect) -> Sequence[Edge]:
    if expected.status is EdgeStatus.REDACTED:
        return [one for one in graph.edges if one.parent.startswith("hint:")]
    return [one for one in graph.edges if one.parent == work_id(expected.victim)]


def test_what_a_broken_work_says_of_itself_does_not_count() -> None:
    studio = the_studio()
    says = Says(rights=Rights(licensor="Ada"), creators=("Ada",))
    photo = studio.work("photo", "ada", says=says).flipped("c2pa.claim.v2")
    graph = trace(studio.png("x", "bo", Used(made=photo, relationship="parentOf")))
    work = graph.works[work_id(photo)]
    assert (work.validation_state, work.rights, work.signer) == ("Invalid", None, None)
    assert graph.owners[work.id] == ()


def test_a_copy_with_the_store_of_the_real_one_beside_it_takes_nothing_from_the_real_one() -> None:
    studio = the_studio()
    photo = studio.work("photo", "ada", says=Says(rights=Rights(licensor="Ada")))
    forged = _under(photo.signature, studio.recipe("mine", "mallory"), studio)
    first = studio.work("first", "bo", Used(made=photo, relationship="parentOf", rate=5))
    asset = studio.png(
        "remix",
        "mallory",
        Used(made=first, relationship="parentOf"),
        Used(made=forged, relationship="componentOf", rate=1),
        before=(forged, photo, first),
    )
    graph = trace(asset, trust=studio.trust)
    work = graph.works[work_id(photo)]
    assert work.signer == studio.key("ada")
    assert work.rights is not None
    found = {(one.rate_ppm, one.status) for one in graph.edges if one.parent == work.id}
    assert found == {(5, EdgeStatus.DECLARED), (1, EdgeStatus.BROKEN)}


def test_manifests_in_a_circle_end(tmp_path: Path) -> None:
    """B is found by the hash of its pixels, and its manifest says that it was made of A."""
    studio = the_studio()
    bare = picture(31)

    def edit(row: Row) -> None:
        row["instanceID"] = file_name_uri(sha256(bare).digest())

    first = studio.work("a", "mallory", Used(relationship="componentOf", rate=10, edit=edit))
    used = Used(made=first, relationship="componentOf", rate=20)
    (tmp_path / "b.png").write_bytes(studio.png("b", "mallory", used, picture=bare))
    asset = studio.png("root", "mallory", Used(made=first, relationship="parentOf"))
    graph = trace(asset, trust=studio.trust, resolve=[tmp_path])
    assert [one.code for one in graph.findings] == [codes.CYCLE]
    assert len(graph.edges) == 2
    _, cut = without_cycles(graph.root, graph.edges)
    assert not cut


def test_a_manifest_that_names_itself_ends() -> None:
    studio = the_studio()
    recipe = studio.recipe("root", "mallory")
    fake = Built(recipe.label, studio.forge.build(recipe).box)
    used = Used(made=fake, relationship="componentOf")
    asset = studio.forge.png(replace(studio.recipe("root", "mallory", used), label=recipe.label))
    graph = trace(asset, trust=studio.trust)
    assert codes.CYCLE in {one.code for one in graph.findings}
    assert not graph.edges


@pytest.mark.parametrize(
    "terms",
    [
        {"v": 2, "licensor": "Ada"},
        {"v": 1, "licensor": "Ada", "template": "mine"},
        {"v": 1, "licensor": "Ada", "template": "pil", "ai": {"train": "maybe"}},
        "all rights reserved",
    ],
)
def test_terms_that_cannot_be_read_are_told_and_set_nothing(terms: object) -> None:
    studio = the_studio()
    says = Says(items=(cbor(RIGHTS, terms),))
    graph = trace(studio.png("x", "ada", says=says), trust=studio.trust)
    assert [one.code for one in graph.findings] == [codes.RIGHTS_BROKEN]
    assert graph.works[graph.root].rights is None


def test_a_contribution_that_cannot_be_read_or_is_only_gathered_owes_nothing() -> None:
    studio = the_studio()
    parties = Contribution(parties=(Contributor(id="name:Kim", name="Kim"),)).to_cbor()
    for item in (cbor(CONTRIBUTION, {"v": 9}), cbor(CONTRIBUTION, parties, created=False)):
        asset = studio.png("x", "ada", says=Says(items=(item,)))
        graph = trace(asset, trust=studio.trust)
        assert [one.code for one in graph.findings] == [codes.CONTRIBUTION_BROKEN]
        assert [one.party for one in graph.ownerships] == [studio.key("ada")]
