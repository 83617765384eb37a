"""`provenance profile`, and signing by one."""

import json
from pathlib import Path
from typing import Any

import pytest

import provenance
from tests.cli.conftest import Call


@pytest.fixture
def profiles(keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with one profile, `studio`."""
    path = tmp_path / "config.toml"
    path.write_text(
        f"""
        [profile.studio]
        key = "{keys / "es256.key.pem"}"
        chain = "{keys / "es256.chain.pem"}"
        creators = ["Ada Example"]
        prompt_mode = "commit"

        [profile.token]
        key = "pkcs11:token=studio;object=c2pa?module-path=/x.so"
        passphrase_env = "HSM_PIN"
        """
    )
    monkeypatch.setenv("PROVENANCE_CONFIG", str(path))
    return path


@pytest.mark.usefixtures("picture", "profiles")
def test_a_profile_is_all_that_signing_needs(call: Call) -> None:
    options = ("--profile", "studio", "--generator", "Painter@1", "--prompt", "secret words")
    result = call("sign", "picture.png", "-o", "out.png", *options)
    assert result.exit_code == 0, result.output
    assert b"secret words" not in Path("out.png").read_bytes()
    assert Path("out.png.salts.json").exists()
    assert "Ada Example" in call("inspect", "out.png").stdout
    open_ = (*options, "--prompt-mode", "open", "--creator", "Bo")
    assert call("sign", "picture.png", "-o", "two.png", *open_).exit_code == 0
    assert b"secret words" in Path("two.png").read_bytes()
    assert "Ada Example" not in call("inspect", "two.png").stdout


@pytest.mark.usefixtures("signed", "profiles")
def test_editing_verbs_take_a_profile_too(call: Call) -> None:
    who = ("--profile", "studio")
    result = call("update", "signed.png", "-o", "up.png", "--creator", "Cy", *who)
    assert result.exit_code == 0, result.output
    result = call("timestamp", "signed.png", "-o", "t.png", *who)
    assert result.exit_code == 2
    assert "--tsa URL, PROVENANCE_TSA, or a profile" in result.stderr


@pytest.mark.usefixtures("picture")
def test_variables_alone_do_as_well(
    call: Call, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = call("sign", "picture.png", "-o", "out.png", "--generator", "P")
    assert result.exit_code == 2
    assert "--key REF, --profile NAME, or PROVENANCE_KEY" in result.stderr
    monkeypatch.setenv("MY_KEY", (keys / "es256.key.pem").read_text())
    monkeypatch.setenv("PROVENANCE_KEY", "env:MY_KEY")
    monkeypatch.setenv("PROVENANCE_CHAIN", str(keys / "es256.chain.pem"))
    assert call("sign", "picture.png", "-o", "out.png", "--generator", "P").exit_code == 0
    assert provenance.verify("out.png").state == "Valid"
    assert call("sign", "picture.png", "-o", "o.png", "--key", "evn:MY_KEY").exit_code == 1


@pytest.mark.usefixtures("profiles")
def test_show_tells_each_setting_and_where_it_comes_from(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HSM_PIN", "8472-pin")
    monkeypatch.setenv("PROVENANCE_TITLE", "A title")
    row: dict[str, Any] = json.loads(call("profile", "show", "token", "--format", "json").stdout)
    assert row["settings"]["key"] == {
        "value": "pkcs11:token=studio;object=c2pa",
        "origin": "profile token",
    }
    assert row["settings"]["title"]["origin"] == "environment variable PROVENANCE_TITLE"
    assert row["passphrase"] == "set"
    shown = call("profile", "show", "token").stdout
    assert "HSM_PIN" in shown
    assert "8472-pin" not in shown + json.dumps(row)
    assert call("profile", "show").exit_code == 0


@pytest.mark.usefixtures("profiles")
def test_list_names_them(call: Call, profiles: Path) -> None:
    assert call("profile", "list").stdout == "studio\ntoken\n"
    profiles.unlink()
    result = call("profile", "list")
    assert (result.stdout, result.exit_code) == ("", 0)
    assert "no profiles in" in result.stderr


@pytest.mark.usefixtures("profiles", "picture")
def test_a_misspelt_profile_brings_up_the_right_one(call: Call) -> None:
    for line in (("profile", "show"), ("sign", "picture.png", "-o", "o.png", "--profile")):
        result = call(*line, "stdio")
        assert result.exit_code == 1
        assert "did you mean 'studio'" in result.stderr
