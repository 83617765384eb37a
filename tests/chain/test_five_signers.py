"""Photo → dataset folder → model → picture → remix, by five signers; from the remix alone.

Once signed here, once by the reference implementation, which knows nothing of lineage.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import c2pa
import pytest

import provenance
from provenance.chain import codes
from provenance.chain.graph import EdgeStatus, Evidence, Graph, Relation, WorkKind
from provenance.chain.trace import trace
from provenance.model.assertions.rights import LABEL as RIGHTS
from provenance.model.assertions.rights import Commercial, Derivatives, Rights
from provenance.trust.devpki import create
from tests.attacks.forge import NOW
from tests.build.workshop import picture
from tests.chain.test_trace import edges, said, titled
from tests.formats.sample_model import safetensors

PEOPLE = ("ada", "curator", "tuner", "prompter", "remixer")
TERMS = Rights(
    licensor="Ada",
    template="cc",
    spdx="CC-BY-4.0",
    commercial=Commercial(use=True, attribution=True),
    derivatives=Derivatives(allowed=True, attribution=True),
)
EDGES = {
    ("remix", Relation.EDITED, "picture"),
    ("picture", Relation.GENERATED_BY, "model"),
    ("model", Relation.TRAINED_ON, "dataset"),
    ("dataset", Relation.COMPOSED, "photo 0"),
    ("dataset", Relation.COMPOSED, "photo 1"),
}
MODEL, DATASET = "c2pa.types.model", "c2pa.types.dataset"


@dataclass(frozen=True, slots=True)
class Keys:
    """A key and a chain as PEM files, each person's under a root of their own."""

    folder: Path

    def local(self, who: str) -> provenance.Signer:
        """For signing here."""
        pki = self.folder / who
        key, chain = pki / "es256.key.pem", pki / "es256.chain.pem"
        return provenance.LocalSigner.from_files(key=key, chain=chain)

    def info(self, who: str) -> c2pa.C2paSignerInfo:
        """For the reference."""
        pki = self.folder / who
        chain, key = pki / "es256.chain.pem", pki / "es256.key.pem"
        return c2pa.C2paSignerInfo("es256", chain.read_bytes(), key.read_bytes(), None)

    @property
    def trust(self) -> provenance.TrustSettings:
        """Whoever trusts them all."""
        return provenance.TrustSettings.load(
            anchors=[self.folder / who / "root.pem" for who in PEOPLE]
        )


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    folder = tmp_path_factory.mktemp("people")
    for who in PEOPLE:
        create(folder / who, now=NOW)
    return Keys(folder)


def signed_here(folder: Path, keys: Keys, *, with_dataset: bool = True) -> Path:
    """The chain; everything but the remix may then go."""
    data = folder / "data"
    data.mkdir()
    terms = {"label": RIGHTS, "data": TERMS.to_cbor()}
    for number in range(2):
        said_ = {
            "title": f"photo {number}",
            "digital_source_type": "digitalCapture",
            "creators": ["Ada"],
            "assertions": [terms],
            "thumbnail": False,
        }
        bare = folder / f"bare{number}.png"
        bare.write_bytes(picture(number))
        provenance.sign(bare, data / f"{number}.png", said_, signer=keys.local("ada"))
    dataset = {
        "title": "dataset",
        "digital_source_type": "digitalCreation",
        "asset_types": [{"type": DATASET}],
        "components": [str(data / "0.png"), str(data / "1.png")],
        "thumbnail": False,
    }
    if with_dataset:
        provenance.sign(data, None, dataset, signer=keys.local("curator"), sidecar=True)
    model = folder / "model.safetensors"
    model.write_bytes(safetensors())
    if not with_dataset:
        (folder / "data.tar").write_bytes(b"some archive")
    trained = {
        "title": "model",
        "digital_source_type": "trainedAlgorithmicData",
        "asset_types": [{"type": MODEL}],
        "sources": [str(data if with_dataset else folder / "data.tar")],
        "thumbnail": False,
    }
    provenance.sign(model, None, trained, signer=keys.local("tuner"), sidecar=True)
    (folder / "blank.png").write_bytes(picture(9))
    made = {
        "title": "picture",
        "digital_source_type": "trainedAlgorithmicMedia",
        "models": [{"path": str(model)}],
        "thumbnail": False,
    }
    made_at, remix = folder / "picture.png", folder / "remix.png"
    provenance.sign(folder / "blank.png", made_at, made, signer=keys.local("prompter"))
    cropped = {"title": "remix", "actions": [{"action": "c2pa.cropped"}], "thumbnail": False}
    provenance.sign(made_at, remix, cropped, signer=keys.local("remixer"))
    return remix


def signed_by_the_reference(folder: Path, keys: Keys) -> bytes:
    """The same chain by c2pa-python: the model and the dataset stand for themselves as files
    that it can sign, and say by their type what they are.
    """

    def sign(who: str, title: str, *, source: str | None, **more: Any) -> bytes:
        types = more.get("types", ())
        actions = [{"action": "c2pa.created", "digitalSourceType": source}] if source else []
        assertions: list[Mapping[str, Any]] = [
            {"label": "c2pa.actions.v2", "data": {"actions": actions}, "created": True}
        ]
        if not source:
            assertions = []
        if types:
            rows = {"types": [{"type": one} for one in types]}
            assertions.append({"label": "c2pa.asset-type.v2", "data": rows})
        assertions += more.get("assertions", ())
        definition = {
            "claim_generator_info": [{"name": "peer", "version": "1"}],
            "title": title,
            "assertions": assertions,
        }
        settings = {
            "builder": {"thumbnail": {"enabled": False}},
            "verify": {"verify_after_sign": False},
        }
        with (
            c2pa.Signer.from_info(keys.info(who)) as signer,
            c2pa.Context.from_dict(settings) as context,
            c2pa.Builder(definition, context=context) as builder,
        ):
            if source is None:
                builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
            for row, data in more.get("ingredients", ()):
                builder.add_ingredient_from_stream(row, "image/png", io.BytesIO(data))
            out = io.BytesIO()
            bare = io.BytesIO(picture(sum(title.encode()) % 200))
            builder.sign(signer, "image/png", bare, out)
        return out.getvalue()

    iptc = "http://cv.iptc.org/newscodes/digitalsourcetype/"
    terms = {"label": RIGHTS, "data": TERMS.to_cbor()}
    credit = {
        "label": "cawg.metadata",
        "data": {
            "@context": {"dc": "http://purl.org/dc/elements/1.1/"},
            "dc:creator": ["Ada"],
        },
        "kind": "Json",
    }
    photos = [
        sign(
            "ada",
            f"photo {number}",
            source=f"{iptc}digitalCapture",
            assertions=[terms, credit],
        )
        for number in range(2)
    ]
    component = {"relationship": "componentOf"}
    dataset = sign(
        "curator",
        "dataset",
        source=f"{iptc}digitalCreation",
        types=[DATASET],
        ingredients=[({**component, "title": "photo"}, one) for one in photos],
    )
    model = sign(
        "tuner",
        "model",
        source="http://c2pa.org/digitalsourcetype/trainedAlgorithmicData",
        types=[MODEL],
        ingredients=[({"relationship": "inputTo", "title": "the data"}, dataset)],
    )
    made = sign(
        "prompter",
        "picture",
        source=f"{iptc}trainedAlgorithmicMedia",
        ingredients=[({"relationship": "inputTo", "title": "a model"}, model)],
    )
    parent = ({"relationship": "parentOf", "title": "a picture"}, made)
    return sign("remixer", "remix", source=None, ingredients=[parent])


def check(graph: Graph) -> None:
    """All five, what they set, and how surely it is known."""
    assert edges(graph) == EDGES
    assert not graph.findings
    assert len({one.signer for one in graph.works.values()}) == 5
    assert {one.status for one in graph.edges} == {EdgeStatus.DECLARED}
    for number in range(2):
        photo = graph.works[titled(graph, f"photo {number}")]
        assert photo.kind is WorkKind.PHOTO
        assert photo.rights == TERMS
        (owner,) = graph.owners[photo.id]
        assert graph.parties[owner.party].name == "Ada"
        assert owner.evidence is Evidence.DECLARED
    assert graph.works[titled(graph, "dataset")].kind is WorkKind.DATASET
    assert graph.works[titled(graph, "model")].kind is WorkKind.MODEL


def test_a_remix_alone_leads_to_every_photographer(tmp_path: Path, keys: Keys) -> None:
    remix = signed_here(tmp_path, keys).read_bytes()
    graph = trace(remix, trust=keys.trust)
    check(graph)
    assert {one.validation_state for one in graph.works.values()} == {"Trusted"}


def test_the_files_at_hand_add_their_places_and_change_nothing_else(
    tmp_path: Path, keys: Keys
) -> None:
    remix = signed_here(tmp_path, keys)
    graph = trace(remix, trust=keys.trust, resolve=[tmp_path])
    check(graph)
    found = {one.title: Path(one.location or "").name for one in graph.works.values()}
    assert found == {
        "remix": "remix.png",
        "picture": "picture.png",
        "model": "model.safetensors",
        "dataset": "data",
        "photo 0": "0.png",
        "photo 1": "1.png",
    }


def test_without_the_datasets_manifest_its_part_leads_to_nobody(tmp_path: Path, keys: Keys) -> None:
    remix = signed_here(tmp_path, keys, with_dataset=False)
    graph = trace(remix.read_bytes(), trust=keys.trust)
    leaf = titled(graph, "data.tar")
    assert graph.owners[leaf] == ()
    assert said(graph) == {codes.INGREDIENT_MISSING}
    assert len(graph.works) == 4


def test_the_same_chain_by_the_reference_implementation_leads_there_too(
    tmp_path: Path, keys: Keys
) -> None:
    remix = signed_by_the_reference(tmp_path, keys)
    check(trace(remix, trust=keys.trust))


def test_both_judge_the_chain_valid(tmp_path: Path, keys: Keys) -> None:
    remix = signed_here(tmp_path, keys).read_bytes()
    settings = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}
    with (
        c2pa.Context.from_dict(settings) as context,
        c2pa.Reader("image/png", io.BytesIO(remix), context=context) as reader,
    ):
        assert json.loads(reader.json())["validation_state"] == "Valid"
    assert provenance.verify(remix, trust=keys.trust).ok
