"""One way to break terms for each code: a chain, and all that must be said of it.

    @breach(codes.EXPIRED)
    def yesterdays_terms() -> Graph: …

The docstring says what is wrong. Nothing else is: whatever is found is the breach.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from provenance.chain import codes as chain_codes
from provenance.chain.graph import Graph, LineageFinding, Relation, WorkKind
from provenance.model.assertions.rights import AiTerms, Commercial, Derivatives, Rights
from provenance.rights import codes
from provenance.rights.presets import preset
from tests.rights.graphs import EdgeStatus, edge, graph, work

__all__ = ["BREACHES", "NOW", "Breach"]

NOW = datetime(2026, 6, 1, tzinfo=UTC)
OPEN = preset("cc0", "Ada")  # asks for nothing
MODEL, DATASET = WorkKind.MODEL, WorkKind.DATASET


@dataclass(frozen=True, slots=True)
class Breach:
    """A chain, the code that it must have, and others that come with it."""

    code: str
    make: Callable[[], Graph]
    others: frozenset[str]

    def __str__(self) -> str:
        return self.make.__name__


BREACHES: list[Breach] = []


def breach(code: str, *others: str) -> Callable[[Callable[[], Graph]], Callable[[], Graph]]:
    """Put a chain on the list."""

    def register(make: Callable[[], Graph]) -> Callable[[], Graph]:
        assert make.__doc__, f"{make.__name__} does not say what is wrong"
        BREACHES.append(Breach(code, make, frozenset(others)))
        return make

    return register


def remix(terms: Rights, mine: Rights | None = None, **fields: Any) -> Graph:
    """Bo's picture, made of Ada's photo."""
    works = {
        "photo": work("photo", rights=terms, signer="ada"),
        "img": work("img", rights=mine, signer="bo"),
    }
    return graph("img", [edge("img", "photo", **fields)], {"photo": "ada", "img": "bo"}, works)


def trained(terms: Rights | None, uses: dict[str, str] | None = None, *, generates: bool) -> Graph:
    """A picture by a model, which was trained on a dataset, which holds Ada's photo."""
    works = {
        "photo": work("photo", rights=terms, terms=uses or {}, signer="ada"),
        "ds": work("ds", kind=DATASET, signer="curator"),
        "model": work("model", kind=MODEL, signer="lab"),
        "img": work("img", signer="bo"),
    }
    made = Relation.GENERATED_BY if generates else Relation.COMPOSED
    rows = [
        edge("img", "model", relation=made),
        edge("model", "ds", relation=Relation.TRAINED_ON),
        edge("ds", "photo"),
    ]
    owners = {"photo": "ada", "ds": "curator", "model": "lab", "img": "bo"}
    return graph("img", rows, owners, works)


@breach(codes.DERIVATIVES_FORBIDDEN)
def a_remix_of_what_may_not_be_remixed() -> Graph:
    """All rights are reserved, and somebody made something of it."""
    return remix(preset("all-rights-reserved", "Ada"))


@breach(codes.DERIVATIVES_FORBIDDEN)
def a_model_tuned_from_one_that_may_not_be() -> Graph:
    """A model is a derivative of the one that it was tuned from."""
    terms = replace(preset("cc-by-nd", "Ada"), ai=AiTerms())
    return remix(terms, relation=Relation.FINETUNED_FROM)


@breach(codes.DERIVATIVES_FORBIDDEN, codes.ATTRIBUTION_MISSING)
def an_owner_who_is_only_named() -> Graph:
    """The thief writes the photographer's key among the owners, who did not sign."""
    made = remix(replace(preset("all-rights-reserved", "Ada"), licensor="Ada L."))
    named = replace(made.ownerships[0], work="img", weight=0)
    made = replace(made, ownerships=(*made.ownerships, named))
    terms = replace(preset("all-rights-reserved", "Zoe"), derivatives=Derivatives(attribution=True))
    other = work("other", rights=terms, signer="zoe")
    return replace(
        made,
        works={**made.works, "other": other},
        edges=(*made.edges, edge("img", "other")),
    )


@breach(codes.DERIVATIVES_FORBIDDEN)
def a_service_that_signs_for_everybody() -> Graph:
    """One key signed both; but the people named in them are not the same."""
    made = remix(preset("all-rights-reserved", "Ada"))
    works = {key: replace(one, signer="service") for key, one in made.works.items()}
    return replace(made, works=works)


@breach(codes.APPROVAL_MISSING)
def a_remix_that_was_not_asked_for() -> Graph:
    """Derivatives need approval, and nobody countersigned."""
    return remix(replace(OPEN, derivatives=Derivatives(allowed=True, approval=True)), OPEN)


@breach(codes.COMMERCIAL_FORBIDDEN)
def a_shop_that_sells_what_is_not_for_sale() -> Graph:
    """A commercial remix of a non-commercial photo."""
    return remix(replace(OPEN, commercial=Commercial()), OPEN)


@breach(codes.COMMERCIAL_FORBIDDEN)
def what_is_not_for_sale_behind_one_who_says_nothing() -> Graph:
    """Between the two stands a work without terms: that does not wash them off."""
    closed = replace(OPEN, commercial=Commercial())
    works = {
        "photo": work("photo", rights=closed),
        "silent": work("silent"),
        "quiet": work("quiet"),
        "img": work("img", rights=OPEN),
    }
    rows = [edge("img", "silent"), edge("silent", "quiet"), edge("quiet", "photo")]
    return graph("img", rows, {}, works)


@breach(codes.SHARE_ALIKE_NOT_CARRIED)
def share_alike_that_ends_here() -> Graph:
    """The parent must be passed on under its own terms; the child has others."""
    alike = replace(OPEN, derivatives=Derivatives(allowed=True, reciprocal=True), spdx="X-SA")
    return remix(alike, OPEN)


@breach(codes.SHARE_ALIKE_NOT_CARRIED)
def share_alike_that_is_passed_over() -> Graph:
    """The child has no terms at all."""
    return remix(replace(OPEN, derivatives=Derivatives(allowed=True, reciprocal=True)))


@breach(codes.EXPIRED)
def yesterdays_terms() -> Graph:
    """The terms held until a moment that is past."""
    return remix(replace(OPEN, not_after="2026-05-31T23:59:59Z"))


@breach(codes.EXPIRED)
def an_agreement_that_is_over() -> Graph:
    """The acceptance of the edge held until a moment that is past."""
    return remix(OPEN, status=EdgeStatus.COUNTERSIGNED, not_after="2026-05-31T00:00:00+02:00")


@breach(codes.EXPIRED, codes.DERIVATIVES_FORBIDDEN)
def an_approval_that_is_over() -> Graph:
    """What was agreed to excuses nothing any more."""
    return remix(
        preset("all-rights-reserved", "Ada"),
        status=EdgeStatus.COUNTERSIGNED,
        not_after="2025-01-01",
    )


@breach(codes.EXPIRED)
def a_date_that_is_none() -> Graph:
    """Nobody can tell how long the terms hold."""
    return remix(replace(OPEN, not_after="when the cows come home"))


@breach(codes.TRAINING_NOT_ALLOWED)
def a_model_that_was_fed_in_secret() -> Graph:
    """The photo allows no training; it came in with a dataset."""
    return trained(replace(OPEN, ai=AiTerms()), generates=False)


@breach(codes.TRAINING_NOT_ALLOWED)
def a_model_trained_on_what_mining_forbids() -> Graph:
    """No terms of ours, but training-mining says it: the older name will do."""
    return trained(None, {"c2pa.ai_training": "notAllowed"}, generates=True)


@breach(codes.TRAINING_NOT_ALLOWED)
def constrained_by_what_nobody_says() -> Graph:
    """Constrained without information counts as not allowed."""
    return trained(Rights(licensor="Ada", ai=AiTerms(train="constrained")), generates=False)


@breach(codes.TRAINING_CONSTRAINED)
def a_model_that_read_no_conditions() -> Graph:
    """Training is allowed under the conditions of the licence."""
    return trained(preset("cc-by", "Curator"), generates=False)


@breach(codes.GENERATIVE_NOT_ALLOWED)
def a_generator_made_of_what_may_only_be_classified() -> Graph:
    """Training is allowed, generative training is not; the model generates."""
    return trained(
        None,
        {"cawg.ai_training": "allowed", "cawg.ai_generative_training": "notAllowed"},
        generates=True,
    )


@breach(codes.GENERATIVE_CONSTRAINED)
def a_generator_with_conditions() -> Graph:
    """As above, under conditions."""
    return trained(
        None,
        {"cawg.ai_training": "allowed", "cawg.ai_generative_training": "constrained"},
        generates=True,
    )


@breach(codes.GENERATIVE_NOT_ALLOWED)
def a_generator_behind_an_adapter() -> Graph:
    """The picture is by an adapter; what its base was trained on counts as well."""
    made = trained(None, {"cawg.ai_generative_training": "notAllowed"}, generates=False)
    lora = work("lora", kind=WorkKind.ADAPTER)
    rows = (
        edge("img", "lora", relation=Relation.GENERATED_BY),
        edge("lora", "model", relation=Relation.ADAPTER_OF),
    )
    return replace(made, works={**made.works, "lora": lora}, edges=(*rows, *made.edges))


@breach(codes.INFERENCE_NOT_ALLOWED)
def a_sketch_that_was_not_to_be_shown_to_a_model() -> Graph:
    """It was given to the model as input."""
    terms = replace(OPEN, ai=replace(OPEN.ai, inference="notAllowed"))
    works = {"sketch": work("sketch", rights=terms), "model": work("model", kind=MODEL)}
    rows = [
        edge("img", "sketch", relation=Relation.EDITED),
        edge("img", "model", relation=Relation.GENERATED_BY),
    ]
    return graph("img", rows, {}, works)


@breach(codes.RATE_BELOW_LICENCE)
def a_rate_that_was_tampered_down() -> Graph:
    """The licence asks for 5 %, the child declares 1 %."""
    return remix(replace(OPEN, commercial=Commercial(use=True, share_ppm=50_000)), percent=1)


@breach(codes.RATE_BELOW_LICENCE)
def a_rate_that_was_forgotten() -> Graph:
    """The licence asks for 5 %, the child declares nothing."""
    return remix(replace(OPEN, commercial=Commercial(use=True, share_ppm=50_000)))


@breach(codes.ATTRIBUTION_MISSING)
def a_remix_that_credits_nobody() -> Graph:
    """The photo must be credited; the remix names Bo alone."""
    return remix(replace(preset("cc-by", "Ada"), ai=AiTerms()))


@breach(codes.REDACTED)
def terms_that_were_taken_out() -> Graph:
    """A later signer redacted the rights assertion of the photo."""
    made = remix(OPEN)
    gone = work("photo", redacted=("org.provenance-c2pa.rights__1",), signer="ada")
    return replace(made, works={**made.works, "photo": gone})


@breach(codes.RATES_OVER_100)
def a_hundred_and_one_percent() -> Graph:
    """More is owed than there is."""
    return graph("img", {"img": {"a": 60, "b": 41}}, {})


@breach(codes.AI_TERMS_DISAGREE)
def a_work_of_two_minds() -> Graph:
    """Its terms allow training, its training-mining assertion does not."""
    return graph(
        "a", [], {}, {"a": work("a", rights=OPEN, terms={"cawg.ai_training": "notAllowed"})}
    )


@breach(codes.LICENCE_DIFFERS)
def a_licence_that_was_swapped() -> Graph:
    """The terms that the child agreed to are not those in the parent's manifest."""
    made = remix(OPEN, licence=f"sha256:{'11' * 32}")
    photo = replace(made.works["photo"], rights_sha256="22" * 32)
    return replace(made, works={**made.works, "photo": photo})


@breach(codes.SHELL)
def one_photo_under_three_names() -> Graph:
    """The same bytes come as three works, each to be paid."""
    works = {name: work(name, asset_sha256="ab" * 32) for name in ("one", "two", "three")}
    return graph("img", [edge("img", name, 5) for name in works], {}, works)


@breach(codes.SHELL)
def one_photo_that_was_signed_again() -> Graph:
    """The files differ, by their manifests; the chain has found that the content does not."""
    made = graph("img", {"img": {"one": 5, "two": 5}}, {})
    return replace(made, findings=(LineageFinding(chain_codes.SIGNATURE_COPIED, "one", "", "two"),))


@breach(codes.UNVERIFIED)
def a_rate_on_an_edge_that_is_not_sure() -> Graph:
    """What is owed along a disputed edge is held back."""
    return graph("img", [edge("img", "photo", 5, status=EdgeStatus.DISPUTED)], {})
