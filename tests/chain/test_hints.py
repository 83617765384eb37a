"""What model files say of themselves, unsigned."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import provenance
from provenance.chain import codes
from provenance.chain.graph import EdgeStatus, Graph, Relation, WorkKind
from provenance.chain.hints import read_hints
from provenance.chain.trace import trace
from provenance.limits import DEFAULT_LIMITS
from tests.build.workshop import MADE, signer
from tests.chain.test_trace import said
from tests.conftest import SHARED
from tests.formats.sample_model import TENSORS, safetensors

SAMPLES = SHARED / "generators" / "samples" / "model-files"
A, B = "a" * 64, "b" * 64


def model(**metadata: Any) -> bytes:
    """A model whose header says this; what is no text stands there as JSON."""
    rows = {
        key.replace("__", "."): value if isinstance(value, str) else json.dumps(value)
        for key, value in metadata.items()
    }
    return safetensors(json.dumps({"__metadata__": rows, **TENSORS}).encode())


def imported(graph: Graph) -> set[tuple[Relation, WorkKind, str | None, str | None]]:
    """What the root is said to be made of."""
    assert {one.status for one in graph.edges} <= {EdgeStatus.IMPORTED}
    works = graph.works
    return {
        (one.relation, works[one.parent].kind, works[one.parent].title, _sha(works[one.parent].id))
        for one in graph.edges
    }


def _sha(id_: str) -> str | None:
    return id_.removeprefix("asset:sha256:") if id_.startswith("asset:sha256:") else None


def test_a_trained_adapter_names_its_base_model_and_its_pictures() -> None:
    data = model(
        ss_network_module="networks.lora",
        ss_sd_model_name="base.ckpt",
        ss_new_sd_model_hash=A,
        ss_dataset_dirs={"10_cats": {"n_repeats": 10}, "5_dogs": {}},
        modelspec__title="Cats",
        modelspec__author="Ada",
    )
    graph = trace(data)
    root = graph.works[graph.root]
    assert root.kind is WorkKind.ADAPTER
    assert root.notices == {"modelspec.title": "Cats", "modelspec.author": "Ada"}
    assert imported(graph) == {
        (Relation.ADAPTER_OF, WorkKind.MODEL, "base.ckpt", A),
        (Relation.TRAINED_ON, WorkKind.DATASET, "10_cats", None),
        (Relation.TRAINED_ON, WorkKind.DATASET, "5_dogs", None),
    }
    assert said(graph) == {codes.INGREDIENT_MISSING, codes.UNSIGNED_HINT}
    assert not graph.parties  # a name in a header is nobody


def test_a_merge_names_its_models() -> None:
    recipe = {"type": "webui", "primary_model_hash": A, "secondary_model_hash": B}
    models = {A: {"name": "first.safetensors"}, B: {"name": "second"}}
    graph = trace(model(sd_merge_recipe=recipe, sd_merge_models=models))
    assert graph.works[graph.root].kind is WorkKind.MERGE
    assert imported(graph) == {
        (Relation.MERGED_FROM, WorkKind.MODEL, "first.safetensors", A),
        (Relation.MERGED_FROM, WorkKind.MODEL, "second", B),
    }


def test_a_model_spec_names_what_was_merged() -> None:
    graph = trace(model(modelspec__merged_from="one, two"))
    assert {row[2] for row in imported(graph)} == {"one", "two"}


def test_a_hint_leads_on_through_the_file_that_has_the_hash(tmp_path: Path) -> None:
    first = model(modelspec__title="first")
    (tmp_path / "first.safetensors").write_bytes(first)
    second = model(ss_new_sd_model_hash=sha256(first).hexdigest(), ss_sd_model_name="x")
    (tmp_path / "second.safetensors").write_bytes(second)
    third = model(ss_new_sd_model_hash=sha256(second).hexdigest())
    graph = trace(third, resolve=[tmp_path])
    assert len(graph.works) == 3
    assert len(graph.edges) == 2
    assert graph.works[f"asset:sha256:{sha256(first).hexdigest()}"].notices == {
        "modelspec.title": "first"
    }


def test_a_hint_leads_to_a_signed_model_and_stays_a_hint(tmp_path: Path) -> None:
    base = tmp_path / "base.safetensors"
    base.write_bytes(model(modelspec__title="base"))
    types = {"asset_types": [{"type": "c2pa.types.model"}], "title": "base"}
    provenance.sign(base, None, {**MADE, **types}, signer=signer(), sidecar=True)
    data = model(ss_new_sd_model_hash=sha256(base.read_bytes()).hexdigest())
    graph = trace(data, resolve=[tmp_path])
    (edge,) = graph.edges
    assert edge.status is EdgeStatus.IMPORTED
    assert graph.works[edge.parent].signer is not None


def test_a_hint_never_stands_beside_a_signed_edge(tmp_path: Path) -> None:
    base = tmp_path / "base.safetensors"
    base.write_bytes(model(modelspec__title="base"))
    lora = tmp_path / "lora.safetensors"
    lora.write_bytes(model(ss_new_sd_model_hash=sha256(base.read_bytes()).hexdigest()))
    rows = {"asset_types": [{"type": "c2pa.types.model"}], "models": [{"path": str(base)}]}
    provenance.sign(lora, None, {**MADE, **rows}, signer=signer(), sidecar=True)
    graph = trace(lora)
    assert [one.status for one in graph.edges] == [EdgeStatus.DECLARED]


@pytest.mark.parametrize(
    "rows",
    [
        {"sd_merge_recipe": "{", "sd_merge_models": "[" * 5000},
        {"sd_merge_recipe": {"primary_model_hash": 7}, "sd_merge_models": {"x": []}},
        {"sd_merge_models": {A: "x"}, "ss_dataset_dirs": "[]"},
        {"ss_new_sd_model_hash": "None", "ss_sd_model_name": ""},
    ],
)
def test_metadata_of_any_form_is_read_as_far_as_it_goes(rows: dict[str, Any]) -> None:
    assert len(trace(model(**rows)).works) <= 2


def test_a_header_with_thousands_of_names_gives_so_many_hints_and_no_more() -> None:
    data = model(ss_dataset_dirs={f"{at}_x": {} for at in range(5000)})
    hints = read_hints(data, DEFAULT_LIMITS)
    assert hints is not None
    assert len(hints.made_of) == 256


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="samples of other programs are not here")
def test_files_that_other_programs_wrote_are_read() -> None:
    lora = trace(SAMPLES / "kohya-lycoris-lora.safetensors")
    assert {row[0] for row in imported(lora)} == {Relation.ADAPTER_OF, Relation.TRAINED_ON}
    merge = trace(SAMPLES / "a1111-merge.safetensors")
    assert [row[0] for row in imported(merge)] == [Relation.MERGED_FROM] * 2
    for path in SAMPLES.iterdir():
        assert trace(path).root
