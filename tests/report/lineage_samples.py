"""Lineages made by hand: the worked examples, hostile words, a dataset of a thousand photos."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from provenance.chain import codes as chain_codes
from provenance.chain.graph import (
    EdgeStatus,
    Evidence,
    Graph,
    LineageFinding,
    Ownership,
    Party,
    Relation,
    Work,
    WorkKind,
)
from provenance.model.assertions.rights import LABEL as RIGHTS
from provenance.report.lineage_view import View
from provenance.rights.lineage import Lineage
from provenance.rights.presets import preset
from tests.report.chains import HOSTILE
from tests.rights.graphs import edge, graph
from tests.rights.test_shares import DIAMOND

__all__ = ["DIAMOND_VIEW", "HOSTILE_VIEW", "NOW", "THOUSAND", "VIEWS", "WORKED", "view"]

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LONG = "A title of two hundred characters, which nobody needs and some write. " * 3


def view(made: Graph, amount: str | None = "100.00", **how: Any) -> View:
    lineage = Lineage.of(made, NOW)
    return View(lineage, lineage.split(amount, **how) if amount is not None else None)


def _work(name: str, kind: WorkKind, title: str, signer: str | None, **more: Any) -> Work:
    given: dict[str, Any] = {
        "asset_sha256": sha256(name.encode()).hexdigest(),
        "manifest": f"urn:c2pa:{name}",
        "validation_state": "Trusted",
        "location": f"folder/{title}",
        "complete": "complete",
        "signed_at": "2026-05-01T10:00:00Z",
    }
    return Work(id=name, kind=kind, title=title, signer=signer, **(given | more))


def _works() -> Mapping[str, Work]:
    leaf = {"validation_state": None, "manifest": None, "signed_at": None, "complete": "unknown"}
    rows = (
        _work("img", WorkKind.IMAGE, "harbour.png", "prompter"),
        _work(
            "photo",
            WorkKind.PHOTO,
            "harbour.jpg",
            "ada",
            rights=preset("cc-by", "Ada"),
            validation_state="Valid",
        ),
        _work(
            "lora",
            WorkKind.ADAPTER,
            "teal.safetensors",
            "tuner",
            rights=preset("pil-commercial-remix:5%", "Tuner"),
            terms={"cawg.ai_training": "constrained"},
            notices={"dc:rights": "© Tuner"},
        ),
        _work("base", WorkKind.MODEL, "base.safetensors", "lab"),
        _work("ds1", WorkKind.DATASET, "harbours", "curator", redacted=(RIGHTS,)),
        _work("ds0", WorkKind.DATASET, "crawl", None, **leaf),
        _work("art2", WorkKind.IMAGE, "boats.png", "bo", rights=preset("cc-by", "Bo and Cy")),
    )
    return {one.id: one for one in rows}


def _worked() -> Graph:
    made = [
        edge("img", "photo", 10, relation=Relation.EDITED, status=EdgeStatus.COUNTERSIGNED),
        edge("img", "lora", 30, relation=Relation.GENERATED_BY),
        edge("lora", "base", 40, relation=Relation.ADAPTER_OF),
        edge("lora", "ds1", 35, relation=Relation.TRAINED_ON),
        edge("base", "ds0", 50, relation=Relation.TRAINED_ON),
        edge("ds1", "photo", 22.5),
        edge("ds1", "art2", 67.5),
    ]
    people = {
        "prompter": Party(id="prompter", name="Prompter", evidence=Evidence.SIGNER),
        "ada": Party(
            id="ada",
            name="Ada",
            evidence=Evidence.IDENTITY,
            roles=("cawg.creator",),
            payee="0x" + "a1" * 20,
        ),
        "tuner": Party(id="tuner", name="Tuner", evidence=Evidence.SIGNER),
        "lab": Party(id="lab", name="Lab", evidence=Evidence.SIGNER),
        "curator": Party(id="curator", name="Curator", evidence=Evidence.SIGNER),
        "bo": Party(id="bo", name="Bo", evidence=Evidence.DECLARED),
        "cy": Party(id="cy", name="Cy", evidence=Evidence.DECLARED),
    }
    owners: dict[str, str | Mapping[str, int]] = {
        "img": "prompter",
        "photo": "ada",
        "lora": "tuner",
        "base": "lab",
        "ds1": "curator",
        "art2": {"bo": 2, "cy": 1},
    }
    found = graph("img", made, owners, _works())
    findings = (
        LineageFinding(chain_codes.INGREDIENT_MISSING, "ds0"),
        LineageFinding(chain_codes.RIGHTS_REDACTED, "ds1"),
    )
    parts = tuple(replace(one, evidence=people[one.party].evidence) for one in found.ownerships)
    return replace(found, parties=people, ownerships=parts, findings=findings)


def hostile() -> Graph:
    """Markup, terminal escapes and length wherever a maker has the word."""
    terms = replace(
        preset("cc-by", HOSTILE),
        uri=f"https://example.invalid/{HOSTILE}",
        spdx=None,
        flavour=HOSTILE,
        territory=(HOSTILE,),
        channels=(HOSTILE,),
    )
    evil: dict[str, Any] = {
        "title": HOSTILE,
        "rights": terms,
        "signer": f"key:{HOSTILE}",
        "manifest": HOSTILE,
        "location": HOSTILE,
        "validation_state": HOSTILE,
        "terms": {HOSTILE: HOSTILE},
        "notices": {HOSTILE: HOSTILE, "cc:license": HOSTILE},
        "signed_at": HOSTILE,
    }
    works = {
        "root": Work(id="root", kind=WorkKind.IMAGE, **evil),
        HOSTILE: Work(id=HOSTILE, kind=WorkKind.OTHER, **(evil | {"title": LONG})),
        "end": Work(id="end", kind=WorkKind.MODEL, **(evil | {"title": 'end;\n"]-->x[(`a`)'})),
        "hint:nothing": Work(id="hint:nothing", kind=WorkKind.OTHER),
    }
    rows = [
        edge("root", HOSTILE, 10, licence=HOSTILE, evidence=HOSTILE, not_after=HOSTILE),
        edge(HOSTILE, "end", 10, status=EdgeStatus.DISPUTED),
        edge("end", "hint:nothing", status=EdgeStatus.IMPORTED),
    ]
    people = {
        f"key:{HOSTILE}": Party(
            id=f"key:{HOSTILE}",
            name=HOSTILE,
            roles=(HOSTILE,),
            evidence=Evidence.DECLARED,
            payee=HOSTILE,
            aliases=(HOSTILE,),
        ),
        "name:x:y": Party(id="name:x:y", name="名前" * 100, evidence=Evidence.DECLARED),
    }
    parts = tuple(
        Ownership(work=work, party=party, role=HOSTILE)
        for work in ("root", HOSTILE)
        for party in people
    )
    found = LineageFinding(chain_codes.DISPUTED, HOSTILE, HOSTILE, "end")
    strange = LineageFinding(f"com.example.{HOSTILE}", "root", HOSTILE, HOSTILE)
    return Graph(
        root="root",
        works=works,
        parties=people,
        edges=tuple(rows),
        ownerships=parts,
        findings=(found, strange),
    )


def thousand() -> Graph:
    """A picture by a model that was trained on a thousand photographs, some of them edited."""
    photos = [f"photo {at}" for at in range(1000)]
    raws = [f"raw {at}" for at in range(30)]
    rows = [
        edge("picture", "model", 40, relation=Relation.GENERATED_BY),
        edge("model", "set", 50, relation=Relation.TRAINED_ON),
        *(edge("set", photo, 0.05) for photo in photos),
        *(edge(f"photo {at}", raw, 10, relation=Relation.EDITED) for at, raw in enumerate(raws)),
    ]
    owners: dict[str, str | Mapping[str, int]] = {"picture": "p", "model": "m", "set": "s"}
    owners |= {one: f"photographer {at % 200}" for at, one in enumerate(photos)}
    return graph("picture", rows, owners)


def deep() -> Graph:
    """Two hundred edits, one after the other."""
    rows = [edge(f"w{at}", f"w{at + 1}", 1) for at in range(200)]
    return graph("w0", rows, {f"w{at}": f"p{at}" for at in range(201)})


def many() -> Graph:
    """More works than have a card, and behind them some that are all alike."""
    rows = [edge("r", f"w{at}", 0.01) for at in range(2500)]
    rows += [edge(f"w{at}", f"x{at % 50}", 5) for at in range(2500)]
    return graph("r", rows, {f"w{at}": f"p{at}" for at in range(2500)})


WORKED = view(_worked())
DIAMOND_VIEW = view(DIAMOND)
HOSTILE_VIEW = view(hostile())
THOUSAND = view(thousand())
VIEWS = {
    "worked": WORKED,
    "diamond": DIAMOND_VIEW,
    "hostile": HOSTILE_VIEW,
    "thousand": THOUSAND,
    "deep": view(deep()),
    "many": view(many()),
    "alone": view(graph("a", [], {})),
    "without split": view(_worked(), None),
}
