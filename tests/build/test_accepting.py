"""What is said after signing: agreeing to an edge, terms set later, stores beside their file."""

import io
from pathlib import Path

import pytest

import provenance
from provenance.errors import SigningError
from tests.build.desk import Desk, keys_of, picture, tensors
from tests.build.workshop import named, signer

TERMS = ("--rights", "pil-commercial-remix:30%")


def pair(desk: Desk, *terms: str, owed: str = "30%") -> None:
    """A photo by one, `p.png`, and a picture made of it by another, `m.png`."""
    picture("photo.png", (1, 2, 3))
    picture("made.png", (4, 5, 6))
    desk.sign("es256", "photo.png", "-o", "p.png", "--creator", "Ada", "--kind", "photo", *terms)
    made = ("--source", "p.png", "--generator", "X@1", "--owes", f"p.png={owed}", "--creator", "Bo")
    desk.sign("es384", "made.png", "-o", "m.png", *made)


def statuses(desk: Desk, *arguments: str) -> list[str]:
    return [one["status"] for one in desk.traced(*arguments)["edges"] if one["rate_ppm"]]


def codes(desk: Desk, *arguments: str) -> set[str]:
    return {one["code"].rpartition(".")[2] for one in desk.traced(*arguments)["findings"]}


@pytest.mark.parametrize("place", ["resolved/p.png", "resolved/agreed.c2pa"])
@pytest.mark.parametrize("terms", [(), TERMS])
def test_an_owner_agrees_to_what_is_owed(desk: Desk, place: str, terms: tuple[str, ...]) -> None:
    pair(desk, *terms)
    Path("resolved").mkdir()
    before = Path("p.png").read_bytes()
    told = desk(
        "accept", "p.png", "--child", "m.png", "--rate", "30%", "-o", place, *keys_of("es256")
    )
    assert told.startswith(f"accepted: {place}")
    assert Path("p.png").read_bytes() == before
    assert statuses(desk, "m.png") == ["declared"]
    assert statuses(desk, "m.png", "--resolve", "resolved") == ["countersigned"]


def test_an_agreement_is_found_beside_a_file_with_a_store_of_its_own(desk: Desk) -> None:
    pair(desk)
    desk("accept", "p.png", "--child", "m.png", "-o", "p.c2pa", *keys_of("es256"))
    assert statuses(desk, "m.png", "--resolve", ".") == ["countersigned"]


def test_an_agreement_for_a_while(desk: Desk) -> None:
    pair(desk)
    for until, status in (
        ("2020-01-01T00:00:00Z", "declared"),
        ("2990-01-01T00:00:00Z", "countersigned"),
    ):
        place = f"{status}.c2pa"
        more = ("--until", until, "-o", place)
        desk("accept", "p.png", "--child", "m.png", *more, *keys_of("es256"))
        assert statuses(desk, "m.png", "--resolve", place) == [status]
    told = desk.refused(
        "es256", "accept", "p.png", "--child", "m.png", "--until", "soon", "-o", "x.c2pa"
    )
    assert "'soon' is no time" in told


def test_an_agreement_by_another_key_is_refused_where_it_is_made(desk: Desk) -> None:
    pair(desk)
    told = desk.refused("ed25519", "accept", "p.png", "--child", "m.png", "-o", "x.c2pa")
    assert "is for the work's owner to sign, Development es256" in told
    assert not Path("x.c2pa").exists()


def test_an_agreement_to_another_rate_is_refused(desk: Desk) -> None:
    pair(desk)
    more = ("--rate", "20%", "-o", "x.png")
    told = desk.refused("es256", "accept", "p.png", "--child", "m.png", *more)
    assert "m.png says 30 %, not 20 %" in told
    assert not Path("x.png").exists()


def test_an_agreement_to_what_nobody_declared_is_refused(desk: Desk) -> None:
    for name in ("a.png", "b.png"):
        picture(name, (1, 2, 3))
        desk.sign("es256", name, "-o", f"s{name}", "--kind", "photo")
    told = desk.refused("es256", "accept", "sa.png", "--child", "sb.png", "-o", "x.png")
    assert "sb.png does not say that it was made of sa.png" in told
    assert not Path("x.png").exists()


def test_it_is_ones_own_edge_that_is_agreed_to_and_not_that_of_what_lies_behind(desk: Desk) -> None:
    picture("ground.png", (1, 2, 3))
    desk.sign("es256", "ground.png", "-o", "g.png", "--kind", "photo", "--creator", "Ada")
    picture("middle.png", (4, 5, 6))
    desk.sign("es256", "middle.png", "-o", "p.png", "--parent", "g.png", "--creator", "Ada")
    picture("made.png", (7, 8, 9))
    owed = ("--owes", "g.png=5%", "--owes", "p.png=30%", "--generator", "X@1")
    desk.sign("es384", "made.png", "-o", "m.png", "--source", "g.png", "--source", "p.png", *owed)
    desk("accept", "p.png", "--child", "m.png", "-o", "x.c2pa", *keys_of("es256"))
    rows = desk.traced("m.png", "--resolve", "x.c2pa")["edges"]
    found = {one["rate_ppm"]: one["status"] for one in rows if one["rate_ppm"]}
    assert found == {50_000: "declared", 300_000: "countersigned"}


def test_owners_of_models_and_datasets_agree_in_their_sidecar(desk: Desk) -> None:
    tensors("base.safetensors", 1)
    tensors("lora.safetensors", 2)
    desk.sign("es256", "base.safetensors", "--kind", "model", "--creator", "Lab")
    made = ("--kind", "adapter", "--base", "base.safetensors", "--owes", "base.safetensors=40%")
    desk.sign("es384", "lora.safetensors", *made)
    before = Path("base.safetensors").read_bytes()
    agreed = ("accept", "base.safetensors", "--child", "lora.safetensors", "--in-place")
    assert desk(*agreed, *keys_of("es256")).startswith("accepted: base.c2pa")
    assert Path("base.safetensors").read_bytes() == before
    assert statuses(desk, "lora.safetensors", "--resolve", ".") == ["countersigned"]


def test_terms_set_later_by_the_signer_are_the_works_own(desk: Desk) -> None:
    picture("photo.png", (1, 2, 3))
    desk.sign("es256", "photo.png", "-o", "a.png", "--kind", "photo", "--creator", "Ada")
    desk("update", "a.png", "-o", "p.png", *TERMS, *keys_of("es256"))
    (work,) = desk.traced("p.png")["works"]
    assert work["rights"]["flavour"] == "commercial-remix"
    picture("made.png", (4, 5, 6))
    made = ("--parent", "p.png", "--owes", "p.png=30%", "--creator", "Bo")
    desk.sign("es384", "made.png", "-o", "m.png", *made)
    row = desk.traced("m.png")
    assert [one["rights"] is not None for one in row["works"]] == [False, True]
    (edge,) = row["edges"]
    assert edge["licence"].startswith("sha256:")
    assert {"licenceDiffers", "rateBelowLicence", "aiTermsDisagree"}.isdisjoint(
        codes(desk, "m.png")
    )
    made = ("--parent", "p.png", "--owes", "p.png=5%", "--creator", "Bo")
    desk.sign("es384", "made.png", "-o", "less.png", *made)
    assert "rateBelowLicence" in codes(desk, "less.png")


def test_terms_set_by_somebody_else_are_not(desk: Desk) -> None:
    picture("photo.png", (1, 2, 3))
    first = ("--kind", "photo", "--rights", "all-rights-reserved", "--creator", "Ada")
    desk.sign("es256", "photo.png", "-o", "a.png", *first)
    desk("update", "a.png", "-o", "p.png", "--rights", "cc0", *keys_of("es384"))
    (work,) = desk.traced("p.png")["works"]
    assert work["rights"]["flavour"] == "all-rights-reserved"
    picture("made.png", (4, 5, 6))
    desk.sign("es512", "made.png", "-o", "m.png", "--parent", "p.png", "--owes", "p.png=1%")
    assert "derivativesForbidden" in codes(desk, "m.png")
    assert "licenceDiffers" not in codes(desk, "m.png")


def test_a_manifest_beside_its_file_is_updated_there(desk: Desk) -> None:
    tensors("model.safetensors", 3)
    desk.sign("es256", "model.safetensors", "--kind", "model", "--creator", "Ada")
    before = Path("model.safetensors").read_bytes()
    more = ("update", "model.safetensors", "--creator", "Bo")
    desk(*more, "-o", "new.c2pa", *keys_of("es384"))
    desk(*more, "--in-place", *keys_of("es384"))
    assert Path("model.safetensors").read_bytes() == before
    trust = provenance.TrustSettings.load(anchors=[Path("keys/root.pem")])
    report = provenance.verify("model.safetensors", trust=trust)
    assert (report.state, len(report.manifests)) == ("Trusted", 2)
    beside = provenance.verify("model.safetensors", manifest="new.c2pa", trust=trust)
    assert (beside.state, len(beside.manifests)) == ("Trusted", 2)


def test_a_folder_is_updated_and_redacted_in_its_sidecar(desk: Desk) -> None:
    Path("set").mkdir()
    picture("set/a.png", (1, 2, 3))
    desk.sign("es256", "set", "--kind", "dataset", "--creator", "Ada")
    desk("update", "set", "--in-place", "--rights", "cc-by", *keys_of("es256"))
    gone = ("--label", "cawg.metadata", "--reason", "pii")
    Path("out").mkdir()
    told = desk("redact", "set", "-o", "out", *gone, *keys_of("es256"))
    assert told.startswith("redacted: out/set.c2pa")
    assert provenance.verify("set").ok
    report = provenance.verify("set", manifest="out/set.c2pa")
    assert report.ok
    assert len(report.manifests) == 3


def test_the_store_of_a_picture_is_written_alone_where_that_is_asked_for(desk: Desk) -> None:
    picture("a.png", (1, 2, 3))
    desk.sign("es256", "a.png", "-o", "p.png", "--kind", "photo")
    before = Path("p.png").read_bytes()
    desk("update", "p.png", "--creator", "Bo", "-o", "more.c2pa", *keys_of("es256"))
    assert Path("p.png").read_bytes() == before
    assert len(provenance.verify("p.png", manifest="more.c2pa").manifests) == 2


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("model.safetensors", "is the input"),
        ("model.c2pa", "is the asset's sidecar; say in_place"),
        ("other.safetensors", "lies beside the file: name OUT.c2pa"),
    ],
)
def test_a_store_never_takes_the_place_of_something_else(
    desk: Desk, output: str, told: str
) -> None:
    tensors("model.safetensors", 3)
    desk.sign("es256", "model.safetensors", "--kind", "model")
    before = {path: path.read_bytes() for path in Path().glob("*.*")}

    def unused(data: bytes) -> bytes:
        raise AssertionError("asked to sign for nothing")

    with pytest.raises(SigningError, match=told):
        provenance.update("model.safetensors", output, {"creators": ["Bo"]}, signer=signer(unused))
    assert {path: path.read_bytes() for path in Path().glob("*.*")} == before


def test_a_store_goes_into_a_stream(tmp_path: Path) -> None:
    asset = named(tmp_path, "a.png")
    provenance.sign(asset, None, {"kind": "photo"}, signer=signer(), sidecar=True)
    out = io.BytesIO()
    provenance.update(asset, out, {"creators": ["Bo"]}, signer=signer())
    assert len(provenance.verify(asset, manifest=out.getvalue()).manifests) == 2
