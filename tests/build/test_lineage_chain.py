"""From a remix alone back to every photographer: five signers, signed with the command alone."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image

import provenance
from provenance.cli import main
from provenance.trust.devpki import create
from tests.vectors import peer, second
from tests.vectors.peer import Signed

SIGNERS = ("es256", "es384", "es512", "ps256", "ed25519")


@dataclass
class Desk:
    """A folder with five people's keys in it, and the command."""

    folder: Path
    runner: CliRunner = field(default_factory=CliRunner)

    def __call__(self, *arguments: str, code: int = 0) -> str:
        result = self.runner.invoke(main, arguments)
        assert result.exit_code == code, result.output
        return result.stdout

    def sign(self, who: str, *arguments: str) -> str:
        keys = ("--key", f"keys/{who}.key.pem", "--chain", f"keys/{who}.chain.pem")
        return self("sign", *arguments, *keys)

    def traced(self, *arguments: str) -> dict[str, Any]:
        row: dict[str, Any] = json.loads(
            self("trace", *arguments, "--trust-anchors", "keys/root.pem", "--format", "json")
        )
        return row


def picture(name: str, colour: tuple[int, int, int]) -> None:
    Image.new("RGB", (32, 24), colour).save(name)


def tensors(name: str, seed: int) -> None:
    header = b'{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}'
    header = header.ljust(-(-len(header) // 8) * 8)
    Path(name).write_bytes(len(header).to_bytes(8, "little") + header + bytes([seed]) * 8)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    create(tmp_path / "keys", now=datetime.now(UTC))
    return Desk(tmp_path)


def build(desk: Desk) -> None:
    """Photos → dataset → model → picture → remix."""
    Path("set").mkdir()
    picture("ada.jpg", (1, 2, 3))
    picture("bo.jpg", (4, 5, 6))
    terms = ("--rights", "pil-commercial-remix:10%", "--kind", "photo")
    desk.sign("es256", "ada.jpg", "-o", "set/ada.jpg", "--creator", "Ada", *terms)
    desk.sign("es384", "bo.jpg", "-o", "set/bo.jpg", "--creator", "Bo:2", *terms)
    Path("authors.csv").write_text(
        "path,author,weight,payee,rights\nada.jpg,Ada,1,,\nbo.jpg,Bo,3,,\n"
    )
    curator = ("--creator", "Curator", "--authors", "authors.csv", "--rights", "cc-by")
    desk.sign("es512", "set", "--kind", "dataset", *curator)
    tensors("base.safetensors", 1)
    tensors("lora.safetensors", 2)
    made_of = ("--base", "base.safetensors", "--dataset", "set")
    owed = ("--owes", "set=40%", "--owes", "base.safetensors=20%")
    desk.sign(
        "ps256", "lora.safetensors", "--kind", "adapter", *made_of, *owed, "--creator", "Tuner"
    )
    picture("picture.png", (7, 8, 9))
    told = ("--model", "lora.safetensors", "--generator", "Painter@1", "--creator", "Prompter")
    desk.sign("ed25519", "picture.png", "-o", "made.png", *told, "--owes", "lora.safetensors=50%")
    picture("remix.png", (9, 8, 7))
    edited = ("--parent", "made.png", "--owes", "made.png=50%", "--creator", "Remixer")
    desk.sign("es256", "remix.png", "-o", "remixed.png", *edited)


def test_five_signers_are_traced_and_paid_from_the_remix_alone(desk: Desk) -> None:
    build(desk)
    assert Path("set.c2pa").exists()
    assert Path("lora.c2pa").exists()
    alone = desk.folder / "alone"
    alone.mkdir()
    (alone / "remix.png").write_bytes(Path("remixed.png").read_bytes())
    row = desk.traced("alone/remix.png", "--split", "100.00")
    kinds = [one["kind"] for one in row["works"]]
    assert kinds.count("photo") == 2
    assert {"adapter", "dataset", "model"} <= set(kinds)
    names = {one["name"] for one in row["parties"]}
    assert {"Ada", "Bo", "Tuner", "Prompter", "Remixer"} <= names
    terms = {one["title"]: one["rights"] for one in row["works"] if one["kind"] == "photo"}
    assert all(one["template"] == "pil" for one in terms.values())
    shares = {one["name"]: one["amount"] for one in row["split"]["shares"]}
    unclaimed = {one["work"]: one["amount"] for one in row["split"]["unclaimed"]}
    # 50 % of 50 % to the adapter's makers: 40 % of that to the set, 20 % to a base nobody claims.
    assert shares == {
        "Remixer": "50.00",
        "Prompter": "25.00",
        "Tuner": "10.00",
        "Ada": "2.50",
        "Bo": "7.50",
    }
    assert list(unclaimed.values()) == ["5.00"]
    relations = {one["relation"] for one in row["edges"]}
    assert {"edited", "generatedBy", "adapterOf", "trainedOn", "composed"} <= relations


def test_without_the_datasets_manifest_its_share_is_nobodys_gain(desk: Desk) -> None:
    build(desk)
    before = {
        one["name"]: one["amount"]
        for one in desk.traced("remixed.png", "--split", "100")["split"]["shares"]
    }
    Path("set.c2pa").unlink()
    Path("lora.c2pa").unlink()
    owed = ("--owes", "set=40%", "--owes", "base.safetensors=20%", "--creator", "Tuner")
    made_of = ("--base", "base.safetensors", "--dataset", "set")
    desk.sign("ps256", "lora.safetensors", "--kind", "adapter", *made_of, *owed)
    told = ("--model", "lora.safetensors", "--generator", "Painter@1", "--creator", "Prompter")
    desk.sign("ed25519", "picture.png", "-o", "made2.png", *told, "--owes", "lora.safetensors=50%")
    edited = ("--parent", "made2.png", "--owes", "made2.png=50%", "--creator", "Remixer")
    desk.sign("es256", "remix.png", "-o", "remixed2.png", *edited)
    split = desk.traced("remixed2.png", "--split", "100")["split"]
    after = {one["name"]: one["amount"] for one in split["shares"]}
    assert set(before) - set(after) == {"Ada", "Bo"}
    assert all(after[name] == before[name] for name in after)
    assert sorted(one["amount"] for one in split["unclaimed"]) == ["10.00", "5.00"]


def test_others_accept_what_says_all_this(desk: Desk) -> None:
    build(desk)
    root = Path("keys/root.pem").read_bytes()
    for name in ("set/ada.jpg", "made.png", "remixed.png"):
        kind = "jpeg" if name.endswith("jpg") else "png"
        signed = Signed(kind=kind, asset=Path(name).read_bytes(), store=b"")
        theirs = peer.read(signed, anchors=root)
        assert (theirs.state, theirs.failures) == ("Trusted", frozenset()), name
        assert second.read(signed, anchors=root).state == "Trusted", name
    trust = provenance.TrustSettings.load(anchors=[Path("keys/root.pem")])
    for name in ("set", "lora.safetensors"):
        assert provenance.verify(name, trust=trust).state == "Trusted"


def test_authors_of_files_without_a_manifest_are_parties_of_the_dataset(desk: Desk) -> None:
    Path("set").mkdir()
    picture("a.jpg", (1, 2, 3))
    desk.sign("es256", "a.jpg", "-o", "set/a.jpg", "--creator", "Ada", "--kind", "photo")
    picture("set/b.jpg", (4, 5, 6))
    picture("set/c.jpg", (4, 5, 7))
    rows = [
        {"path": "a.jpg", "author": "Ada", "weight": 2},
        {"path": "b.jpg", "author": "Bo", "payee": "bo@example.com"},
        {"path": "c.jpg", "author": "Bo", "payee": "bo@example.com"},
    ]
    Path("authors.json").write_text(json.dumps(rows))
    told = ("--creator", "Curator:0", "--authors", "authors.json")
    desk.sign("es512", "set", "--kind", "dataset", *told)
    row = desk.traced("set", "--split", "10.00")
    shares = {one["name"]: one["amount"] for one in row["split"]["shares"]}
    assert shares == {"Ada": "5.00", "Bo": "5.00"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("--owes", "gone.png=5%"),
            "gone.png is none of the files named here: parent.png, source.png",
        ),
        (("--owes", "source.png=101%"), "no percentage from 0 to 100"),
        (("--owes", "source.png"), "--owes takes FILE=PERCENT"),
        (("--owes", "source.png=60%", "--owes", "parent.png=60%"), "120 % in all"),
        (("--owes", "source.png=5%", "--owes", "./source.png=5%"), "two rates for one file"),
        (("--rights", "cc-bye"), "did you mean 'cc-by'"),
        (("--authors", "authors.csv"), "is for a folder that is signed"),
    ],
)
def test_what_contradicts_itself_is_one_sentence_and_nothing_is_written(
    desk: Desk, arguments: tuple[str, ...], told: str
) -> None:
    for name in ("in.png", "source.png", "parent.png"):
        picture(name, (1, 2, 3))
    Path("authors.csv").write_text("path,author\n")
    keys = ("--key", "keys/es256.key.pem", "--chain", "keys/es256.chain.pem")
    made = ("--source", "source.png", "--parent", "parent.png")
    result = desk.runner.invoke(main, ["sign", "in.png", "-o", "out.png", *made, *arguments, *keys])
    assert result.exit_code in (1, 2), result.output
    assert told in " ".join(result.stderr.split())
    assert not Path("out.png").exists()


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("path,author\n../x.jpg,Ada\n", "'../x.jpg' is not a file of the folder"),
        ("path,author\naa.jpg,Ada\n", "is not a file of the folder; did you mean 'a.jpg'?"),
        ("path,author\na.jpg,Ada\na.jpg,Ada\n", "'Ada' is listed twice for 'a.jpg'"),
        ("path,author,payee\na.jpg,Ada,x\nb.jpg,Ada,y\n", "'Ada' is to be paid in two places"),
        ("path,author,rights\na.jpg,Ada,cc-bye\n", "did you mean 'cc-by'?"),
        ("path,author,weight\na.jpg,Ada,some\n", "is no whole number"),
        ("path,autor\na.jpg,Ada\n", "unknown column 'autor'; did you mean 'author'?"),
        ("path,author\na.jpg,\n", "needs a path and an author"),
    ],
)
def test_a_table_that_is_wrong_is_one_sentence(desk: Desk, table: str, told: str) -> None:
    Path("set").mkdir()
    picture("set/a.jpg", (1, 2, 3))
    picture("set/b.jpg", (1, 2, 4))
    Path("authors.csv").write_text(table)
    keys = ("--key", "keys/es256.key.pem", "--chain", "keys/es256.chain.pem")
    made = ("--kind", "dataset", "--authors", "authors.csv")
    result = desk.runner.invoke(main, ["sign", "set", *made, *keys])
    assert result.exit_code == 1, result.output
    assert told in " ".join(result.stderr.split())
    assert not Path("set.c2pa").exists()


def test_an_owner_agrees_to_what_is_owed(desk: Desk) -> None:
    picture("photo.png", (1, 2, 3))
    picture("made.png", (4, 5, 6))
    desk.sign("es256", "photo.png", "-o", "p.png", "--creator", "Ada", "--kind", "photo")
    made = ("--source", "p.png", "--generator", "X@1", "--owes", "p.png=30%", "--creator", "Bo")
    desk.sign("es384", "made.png", "-o", "m.png", *made)
    keys = ("--key", "keys/es256.key.pem", "--chain", "keys/es256.chain.pem")
    refused = desk.runner.invoke(
        main, ["accept", "p.png", "--child", "m.png", "--rate", "20%", "-o", "x.png", *keys]
    )
    assert (refused.exit_code, "says 30 %, not 20 %" in refused.stderr) == (1, True)
    Path("resolved").mkdir()
    desk("accept", "p.png", "--child", "m.png", "-o", "resolved/p.png", *keys)
    before = desk.traced("m.png")
    after = desk.traced("m.png", "--resolve", "resolved")
    assert [one["status"] for one in before["edges"] if one["rate_ppm"]] == ["declared"]
    assert [one["status"] for one in after["edges"] if one["rate_ppm"]] == ["countersigned"]


def test_an_acceptance_of_what_nobody_declared_is_refused(desk: Desk) -> None:
    for name in ("a.png", "b.png"):
        picture(name, (1, 2, 3))
        desk.sign("es256", name, "-o", f"s{name}", "--kind", "photo")
    keys = ("--key", "keys/es256.key.pem", "--chain", "keys/es256.chain.pem")
    result = desk.runner.invoke(
        main, ["accept", "sa.png", "--child", "sb.png", "-o", "x.png", *keys]
    )
    assert result.exit_code == 1
    assert "does not say that it was made of sa.png" in result.stderr
    assert not Path("x.png").exists()


def test_a_manifest_beside_its_file_is_updated_there(desk: Desk) -> None:
    tensors("model.safetensors", 3)
    desk.sign("es256", "model.safetensors", "--kind", "model", "--creator", "Ada")
    before = Path("model.safetensors").read_bytes()
    keys = ("--key", "keys/es384.key.pem", "--chain", "keys/es384.chain.pem")
    desk("update", "model.safetensors", "--creator", "Bo", "-o", "new.c2pa", *keys)
    desk("update", "model.safetensors", "--creator", "Bo", "--in-place", *keys)
    assert Path("model.safetensors").read_bytes() == before
    trust = provenance.TrustSettings.load(anchors=[Path("keys/root.pem")])
    report = provenance.verify("model.safetensors", trust=trust)
    assert (report.state, len(report.manifests)) == ("Trusted", 2)
    beside = provenance.verify("model.safetensors", manifest="new.c2pa", trust=trust)
    assert (beside.state, len(beside.manifests)) == ("Trusted", 2)


def test_a_sidecar_is_replaced_only_where_that_is_asked_for(desk: Desk) -> None:
    Path("set").mkdir()
    picture("set/a.jpg", (1, 2, 3))
    desk.sign("es256", "set", "--kind", "dataset", "--creator", "Ada")
    before = Path("set.c2pa").read_bytes()
    keys = ("--key", "keys/es256.key.pem", "--chain", "keys/es256.chain.pem")
    said = ["update", "set", "--creator", "Bo", *keys]
    for output in (".", "set.c2pa"):
        result = desk.runner.invoke(main, [*said, "-o", output])
        assert result.exit_code != 0
        assert Path("set.c2pa").read_bytes() == before
    desk(*said, "--in-place")
    assert Path("set.c2pa").read_bytes() != before
