"""What a run remembers changes no verdict; and it is worth remembering."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from provenance.cose import algorithms
from provenance.limits import DEFAULT_LIMITS
from provenance.trust.settings import TrustSettings
from provenance.validate import manifest
from provenance.validate.memory import Memory
from provenance.validate.results import VerificationReport
from provenance.validate.run import examine
from tests.attacks import (  # noqa: F401  # each puts its forgeries on the list
    assertions,
    bindings,
    boxes,
    claims,
    ingredients,
    old,
    redactions,
    revocation,
    signatures,
    stamps,
    structure,
    texts,
    updates,
)
from tests.attacks.expect import ATTACKS, Expect
from tests.attacks.forge import (
    NOTE,
    Built,
    Cose,
    Forge,
    Recipe,
    cbor,
    created,
    digest,
    hard_binding,
    hashed_of,
    ingredient,
    opened,
    the_forge,
    urn,
)

AT = datetime.now(UTC)
KNOWING = {one.make.__module__ for one in ATTACKS} & {
    f"tests.attacks.{name}"
    for name in (
        *("assertions", "bindings", "boxes", "claims", "ingredients", "old", "redactions"),
        *("revocation", "signatures", "stamps", "structure", "texts", "updates"),
    )
}


@pytest.fixture(scope="module")
def forged() -> list[Expect]:
    """Every forgery that is a file by itself, read with the usual limits."""
    made = (one.make(the_forge()) for one in ATTACKS if one.make.__module__ in KNOWING)
    return [
        one
        for one in made
        if one.limits == DEFAULT_LIMITS and not (one.beside or one.fragments or one.online)
    ]


def looked_at(one: Expect, memory: Memory | None) -> VerificationReport:
    found = examine(
        one.asset,
        manifest=one.manifest,
        trust=one.trust or the_forge().trust,
        at=one.at or AT,
        memory=memory,
    )
    return found.report


def test_no_forgery_gains_by_what_others_left_behind(forged: list[Expect]) -> None:
    alone = [looked_at(one, None) for one in forged]
    assert len(alone) > 150
    memory = Memory()
    for order in (1, -1, 1):
        for one, report in list(zip(forged, alone, strict=True))[::order]:
            assert looked_at(one, memory) == report


def child(parent: Built, *more: Any, label: str | None = None, **how: Any) -> Recipe:
    items = [opened(), hard_binding(), ingredient(parent, **how), *more]
    return Recipe(items=items, label=label or urn())


def verdicts(files: Sequence[bytes], trust: TrustSettings | None = None) -> Iterator[list[str]]:
    """What is said of each with a memory, which is the same as without, in any order."""
    trust = trust or the_forge().trust
    alone = [examine(one, trust=trust, at=AT).report for one in files]
    for order in (1, -1):
        memory = Memory()
        for _ in range(2):
            for one, report in list(zip(files, alone, strict=True))[::order]:
                assert examine(one, trust=trust, at=AT, memory=memory).report == report
    for report in alone:
        nested = [one for delta in report.deltas for one in delta.findings]
        yield sorted(one.status.code for one in (*report.findings, *nested) if one.failed)


def test_a_parent_with_one_byte_changed_is_another_parent() -> None:
    forge = the_forge()
    items = [created(), hard_binding(), cbor(NOTE, {"text": "made by a model"})]
    parent = forge.build(Recipe(items=items))
    good = [forge.png(child(parent), parent) for _ in range(2)]
    bad = forge.png(child(parent), parent.flipped(NOTE))
    sound, _, wrong = verdicts([*good, bad])
    assert sound == []
    assert "assertion.hashedURI.mismatch" in wrong


def test_what_a_parent_says_of_whoever_holds_it_is_looked_at_each_time() -> None:
    """Its icon lies in its child, by the same label each time, and not of the same bytes."""
    forge = the_forge()
    label = urn()
    notes = [cbor(NOTE, {"text": text}) for text in ("one", "two")]
    box = notes[0].box(hard_binding_of_nothing())
    icon = {
        "url": f"self#jumbf=/c2pa/{label}/c2pa.assertions/{NOTE}",
        "hash": digest(hashed_of(box)),
    }

    def pointing(claim: dict[str, Any]) -> None:
        claim["claim_generator_info"]["icon"] = icon

    parent = forge.build(Recipe(claim=pointing))
    files = [forge.png(child(parent, note, label=label), parent) for note in notes]
    sound, wrong = verdicts(files)
    assert sound == []
    assert "hashedURI.mismatch" in wrong


def hard_binding_of_nothing() -> Any:
    from tests.attacks.forge import Binding

    return Binding()


def test_a_redaction_counts_where_it_is_made() -> None:
    forge = the_forge()
    items = [created(), hard_binding(), cbor(NOTE, {"text": "taken at home"})]
    parent = forge.build(Recipe(items=items))
    gone = parent.uri_of(NOTE)

    def redacting(claim: dict[str, Any]) -> None:
        claim["redacted_assertions"] = [gone]

    plain = forge.png(child(parent), parent)
    recipe = child(parent)
    pretending = Recipe(items=recipe.items, claim=redacting)  # and leaving it where it was
    sound, wrong = verdicts([plain, forge.png(pretending, parent)])
    assert sound == []
    assert "assertion.notRedacted" in wrong


def test_a_stranger_is_one_by_whoever_is_trusted() -> None:
    forge = the_forge()
    parent = forge.build(Recipe())
    file = forge.png(child(parent), parent)
    memory = Memory()
    nobody = TrustSettings()
    found = [
        examine(file, trust=trust, at=AT, memory=memory).report.state
        for trust in (forge.trust, nobody, forge.trust, nobody)
    ]
    assert found == ["Trusted", "Valid", "Trusted", "Valid"]


def test_a_certificate_is_judged_as_of_the_moment_asked_for() -> None:
    forge = the_forge()
    short = forge.credential_with(lambda one: one, end=AT + timedelta(days=2))
    trust = TrustSettings(anchors=(forge.root, short.chain[-1]))
    parent = forge.build(Recipe(cose=Cose(credential=short)))
    file = forge.png(child(parent), parent)
    memory = Memory()
    for at in (AT, AT + timedelta(days=3), AT):
        alone = examine(file, trust=trust, at=at).report
        assert examine(file, trust=trust, at=at, memory=memory).report == alone


def counted(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str) -> list[Any]:
    """What a function is called with from now on."""
    function, calls = getattr(module, name), list[Any]()

    def counting(*given: Any) -> Any:
        calls.append(given)
        return function(*given)

    monkeypatch.setattr(module, name, counting)
    return calls


def test_what_stands_in_many_files_is_verified_once(monkeypatch: pytest.MonkeyPatch) -> None:
    forge = the_forge()
    model = forge.build(Recipe())
    parent = forge.build(child(model))
    files = [forge.png(child(parent), model, parent) for _ in range(10)]
    calls = counted(monkeypatch, algorithms, "verify")
    judged = counted(monkeypatch, manifest, "_judge")
    memory = Memory()
    for file in files:
        assert examine(file, trust=forge.trust, at=AT, memory=memory).report.state == "Trusted"
    assert len(judged) == len(files) + 2  # the model and the parent
    assert len(calls) == len(files) + 2


def test_what_is_remembered_does_not_grow_without_end() -> None:
    forge: Forge = the_forge()
    memory = Memory()
    for _ in range(530):
        parent = forge.build(Recipe())
        store = forge.beside(child(parent), parent)
        examine(forge.picture, manifest=store, trust=forge.trust, at=AT, memory=memory)
    held = memory._held
    assert len(held) == len(memory._by_box) == 512
    assert memory._left >= 0
    assert len(memory._contents._values) <= 256
