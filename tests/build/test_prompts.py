"""A prompt is disclosed, committed to, or only mentioned; a commitment is proven by its salt."""

import io
import json
import stat
from pathlib import Path

import pytest

import provenance
from provenance.build import prompts
from provenance.errors import MalformedError, SigningError
from tests.build.workshop import MADE, named, picture, signer, verified

SECRET = "a fox in the style of a living painter"


def committed(folder: Path, text: str = SECRET, name: str = "out.png") -> Path:
    out = folder / name
    definition = MADE | {"prompt": {"text": text, "mode": "commit"}}
    provenance.sign(named(folder, f"bare-{name}"), out, definition, signer=signer())
    return out


def salts_of(path: Path) -> Path:
    return path.with_name(path.name + ".salts.json")


def test_a_committed_prompt_is_proven_with_its_salts(tmp_path: Path) -> None:
    out = committed(tmp_path)
    assert SECRET.encode() not in out.read_bytes()
    result = provenance.reveal(out, salts_of(out))
    assert result.ok
    assert result.fields["prompt"].text == SECRET
    assert result.fields["prompt"].proven


def test_two_equal_prompts_have_different_commitments(tmp_path: Path) -> None:
    first, second = prompts.commit(SECRET), prompts.commit(SECRET)
    assert first.hash != second.hash
    assert prompts.opens(first, first.hash)
    assert not prompts.opens(first, second.hash)
    one, other = committed(tmp_path, name="a.png"), committed(tmp_path, name="b.png")
    with pytest.raises(MalformedError, match="not in this asset's chain"):
        provenance.reveal(one, salts_of(other))


@pytest.mark.parametrize("field", ["salt", "value"])
def test_another_salt_or_text_proves_nothing(tmp_path: Path, field: str) -> None:
    out = committed(tmp_path)
    row = json.loads(salts_of(out).read_text("utf-8"))
    row["fields"]["prompt"][field] = "00" * 32
    (tmp_path / "forged.json").write_text(json.dumps(row), "utf-8")
    result = provenance.reveal(out, tmp_path / "forged.json")
    assert not result.ok
    assert not result.fields["prompt"].proven
    assert "something else" in result.fields["prompt"].why


def test_a_field_that_was_never_committed_to_proves_nothing(tmp_path: Path) -> None:
    out = committed(tmp_path)
    row = json.loads(salts_of(out).read_text("utf-8"))
    row["fields"]["seed"] = row["fields"]["prompt"]
    (tmp_path / "forged.json").write_text(json.dumps(row), "utf-8")
    result = provenance.reveal(out, tmp_path / "forged.json")
    assert not result.ok
    assert "no commitment" in result.fields["seed"].why


def test_no_fields_prove_nothing(tmp_path: Path) -> None:
    out = committed(tmp_path)
    row = json.loads(salts_of(out).read_text("utf-8")) | {"fields": {}}
    (tmp_path / "forged.json").write_text(json.dumps(row), "utf-8")
    assert not provenance.reveal(out, tmp_path / "forged.json").ok


def test_a_commitment_in_an_invalid_asset_proves_nothing(tmp_path: Path) -> None:
    out = committed(tmp_path)
    data = bytearray(out.read_bytes())
    data[-13] ^= 1
    out.write_bytes(data)
    result = provenance.reveal(out, salts_of(out))
    assert result.state == "Invalid"
    assert not result.ok


def test_the_salts_are_for_their_owner_only_and_never_overwritten(tmp_path: Path) -> None:
    out = committed(tmp_path)
    path = salts_of(out)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes(), out.read_bytes()
    with pytest.raises(FileExistsError):
        committed(tmp_path)
    assert (path.read_bytes(), out.read_bytes()) == before


def test_salts_are_not_written_when_signing_fails(tmp_path: Path) -> None:
    def broken(_: bytes) -> bytes:
        raise ValueError

    definition = MADE | {"prompt": {"text": SECRET, "mode": "commit"}}
    with pytest.raises(SigningError):
        provenance.sign(
            named(tmp_path, "in.png"), tmp_path / "out.png", definition, signer=signer(broken)
        )
    assert [path.name for path in tmp_path.iterdir()] == ["in.png"]


def test_salts_never_share_a_place_with_the_asset(tmp_path: Path) -> None:
    """One of the two would be lost."""
    definition = MADE | {"prompt": {"text": SECRET, "mode": "commit"}}
    out = tmp_path / "out.png"
    with pytest.raises((SigningError, FileExistsError)):
        provenance.sign(named(tmp_path, "in.png"), out, definition, signer=signer(), salts=out)


def test_a_commitment_into_a_stream_needs_a_place_for_its_salts(tmp_path: Path) -> None:
    definition = MADE | {"prompt": {"text": SECRET, "mode": "commit"}}
    out = io.BytesIO()
    with pytest.raises(SigningError, match="needs a file"):
        provenance.sign(picture(), out, definition, signer=signer())
    assert out.getvalue() == b""
    provenance.sign(picture(), out, definition, signer=signer(), salts=tmp_path / "s.json")
    assert provenance.reveal(out.getvalue(), tmp_path / "s.json").ok


def test_an_omitted_prompt_is_only_mentioned(tmp_path: Path) -> None:
    definition = MADE | {"prompt": {"text": SECRET, "mode": "omit"}}
    provenance.sign(named(tmp_path, "in.png"), tmp_path / "out.png", definition, signer=signer())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.png", "out.png"]
    assert SECRET.encode() not in (tmp_path / "out.png").read_bytes()
    report = verified(tmp_path / "out.png")
    found = next(one for one in report.manifests[0].assertions if one.label == prompts.LABEL)
    assert found.value == {"v": 1, "fields": {}, "omitted": ["prompt"]}
    types = [one.types for one in report.manifests[0].ingredients]
    assert types == [("c2pa.types.generator.prompt",)]


@pytest.mark.parametrize("mode", ["open", None])
def test_an_open_prompt_can_be_read(mode: str | None) -> None:
    prompt = SECRET if mode is None else {"text": SECRET, "mode": mode}
    signed = provenance.sign_bytes(picture(), MADE | {"prompt": prompt}, signer=signer())
    assert SECRET.encode() in signed
    texts = [
        one.value.get("text")
        for one in verified(signed).manifests[0].assertions
        if one.label.startswith("c2pa.embedded-data")
    ]
    assert texts == [SECRET]


def test_a_prompt_is_not_shown_by_accident() -> None:
    assert SECRET not in repr(provenance.ManifestDefinition.from_dict({"prompt": SECRET}))


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "null", '"text"', "{}", '{"schema": "provenance/prompt-salts/1"}'),
        '{"schema": "provenance/prompt-salts/2", "manifest": "m", "fields": {}}',
        '{"schema": "provenance/prompt-salts/1", "manifest": 5, "fields": {}}',
        '{"schema": "provenance/prompt-salts/1", "manifest": "m", "fields": {"a": 1}}',
        '{"schema": "provenance/prompt-salts/1", "manifest": "m", "fields": {"a": '
        '{"alg": "sha256", "salt": "xx", "value": "v"}}}',
        '{"schema": "provenance/prompt-salts/1", "manifest": "m", "fields": {"a": '
        '{"alg": "md5", "salt": "00", "value": "v"}}}',
        "[" * 100_000,
    ],
)
def test_a_file_that_holds_no_salts_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "salts.json"
    path.write_text(text, "utf-8")
    with pytest.raises(MalformedError, match=r"salts\.json"):
        prompts.Salts.read(path)


@pytest.mark.parametrize("text", ["ä\u2028\U0001f98a", "line\nline", "\x00", " "])
def test_any_text_can_be_committed_to(tmp_path: Path, text: str) -> None:
    out = committed(tmp_path, text)
    assert provenance.reveal(out, salts_of(out)).fields["prompt"].text == text


FIELDS = {
    "seed": {"value": 42},
    "negative_prompt": {"value": "blurry", "mode": "omit"},
    "steps": {"value": 20, "mode": "open"},
    "parts": [["a", 1], ["b", 2]],
}


def with_fields(folder: Path) -> Path:
    out = folder / "out.png"
    prompt = {"text": SECRET, "mode": "commit", "fields": FIELDS}
    provenance.sign(named(folder, "in.png"), out, MADE | {"prompt": prompt}, signer=signer())
    return out


def test_each_field_is_open_committed_to_or_omitted(tmp_path: Path) -> None:
    report = verified(with_fields(tmp_path))
    found = next(one for one in report.manifests[0].assertions if one.label == prompts.LABEL)
    assert isinstance(found.value, dict)
    fields = found.value["fields"]
    assert fields["steps"] == {"value": 20}
    assert {name for name, one in fields.items() if "commitment" in one} == {
        *("prompt", "seed", "parts")
    }
    assert found.value["omitted"] == ["negative_prompt"]


def test_each_field_is_proven_by_itself(tmp_path: Path) -> None:
    out = with_fields(tmp_path)
    assert provenance.reveal(out, salts_of(out)).ok
    prompts.Salts.read(salts_of(out)).only(["seed"]).write(tmp_path / "seed.json")
    assert SECRET not in (tmp_path / "seed.json").read_text("utf-8")
    result = provenance.reveal(out, tmp_path / "seed.json")
    assert result.ok
    assert {name: one.value for name, one in result.fields.items()} == {"seed": 42}
    assert result.fields["seed"].text == "42"
    with pytest.raises(MalformedError, match="known: prompt, seed, parts"):
        prompts.Salts.read(salts_of(out)).only(["steps"])


def test_a_number_is_not_the_text_of_it(tmp_path: Path) -> None:
    out = with_fields(tmp_path)
    row = json.loads(salts_of(out).read_text("utf-8"))
    row["fields"]["seed"]["value"] = "42"
    (tmp_path / "forged.json").write_text(json.dumps(row), "utf-8")
    assert not provenance.reveal(out, tmp_path / "forged.json").fields["seed"].proven


def test_settings_can_be_stated_without_a_prompt() -> None:
    prompt = {"mode": "open", "fields": {"seed": 7}}
    signed = provenance.sign_bytes(picture(), MADE | {"prompt": prompt}, signer=signer())
    manifest = verified(signed).manifests[0]
    assert not manifest.ingredients
    found = next(one for one in manifest.assertions if one.label == prompts.LABEL)
    assert found.value == {"v": 1, "fields": {"seed": {"value": 7}}, "omitted": []}


def test_fractions_and_endless_integers_are_written_as_text() -> None:
    assert prompts.canonical([7.5, 1 << 70, True, {"a": 1}]) == [
        "7.5",
        str(1 << 70),
        True,
        {"a": 1},
    ]
    with pytest.raises(provenance.DefinitionError, match="cannot hold bytes"):
        prompts.canonical(b"")
