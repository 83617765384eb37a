"""From a remix alone back to every photographer: five signers, signed with the command alone."""

import json
from pathlib import Path

import pytest

import provenance
from provenance.cli import main
from tests.build.desk import Desk, keys_of, picture, tensors
from tests.vectors import peer, second
from tests.vectors.peer import Signed


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
    agreed = ("accept", "set/ada.jpg", "--child", "set", "-o", "agreed.jpg")
    desk(*agreed, *keys_of("es256"))
    theirs = peer.read(
        Signed(kind="jpeg", asset=Path("agreed.jpg").read_bytes(), store=b""), anchors=root
    )
    assert (theirs.state, theirs.failures) == ("Trusted", frozenset())
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
