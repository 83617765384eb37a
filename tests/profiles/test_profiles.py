"""Profiles: which of flag, variable and file counts, and that no secret comes out."""

import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from jsonschema import Draft202012Validator

import provenance
from provenance import schemas
from provenance.cose.signing import sign_claim
from provenance.errors import CredentialError
from provenance.profiles import ProfileError, config_file, load_profile, profile_names
from provenance.trust.devpki import DevPki

Write = Callable[..., Path]
WORD = "a-passphrase-that-nobody-sees"


@pytest.fixture(scope="module")
def pki() -> DevPki:
    return DevPki.generate(("es256", "ed25519"), now=datetime.now(UTC))


@pytest.fixture
def write(tmp_path: Path, pki: DevPki, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a file of profiles beside keys, and make it the user's."""
    for alg, one in pki.credentials.items():
        (tmp_path / f"{alg}.pem").write_bytes(one.key_pem + one.chain_pem)
        lock = BestAvailableEncryption(WORD.encode())
        locked = one.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)
        (tmp_path / f"{alg}.locked.pem").write_bytes(locked + one.chain_pem)

    def written(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text, "utf-8")
        monkeypatch.setenv("PROVENANCE_CONFIG", str(path))
        return path

    return written


def test_a_profile_signs_with_the_key_it_names(write: Write) -> None:
    write('[profile.studio]\nkey = "es256.pem"\n')
    signer = provenance.load_profile("studio").signer()
    assert signer.alg == "es256"
    assert sign_claim(signer, b"claim")


def test_flags_go_before_variables_and_these_before_the_profile(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write('[profile.studio]\ntitle = "of the profile"\ntsa = "http://a.example"\n')
    assert load_profile("studio").get("title") == "of the profile"
    monkeypatch.setenv("PROVENANCE_TITLE", "of the variable")
    assert load_profile("studio").get("title") == "of the variable"
    flagged = load_profile("studio", flags={"title": "of the flag", "tsa": None})
    assert flagged.get("title") == "of the flag"
    origins = {key: one.origin for key, one in flagged.settings.items()}
    assert origins == {"title": "flag", "tsa": "profile studio", "thumbnail": "default"}
    named = load_profile("studio").settings["title"].origin
    assert named == "environment variable PROVENANCE_TITLE"


def test_another_key_does_not_get_the_profiles_certificates(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        '[profile.studio]\nkey = "es256.locked.pem"\nchain = "es256.pem"\n'
        'passphrase_env = "WORD"\nalg = "es256"\n'
    )
    monkeypatch.setenv("PROVENANCE_KEY", "other.pem")
    profile = load_profile("studio")
    assert profile.get("key") == "other.pem"
    assert [profile.get(key) for key in ("chain", "passphrase_env", "alg")] == [None] * 3


def test_the_variable_names_the_profile(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write('[profile.a]\ntitle = "A"\n[profile.b]\ntitle = "B"\n')
    assert load_profile().get("title") is None
    monkeypatch.setenv("PROVENANCE_PROFILE", "b")
    assert load_profile().get("title") == "B"
    assert load_profile("a").get("title") == "A"
    assert profile_names() == ("a", "b")


def test_every_setting_has_a_variable(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "KEY": "es256.locked.pem",
        "CHAIN": "c.pem",
        "ALG": "es256",
        "PASSPHRASE": WORD,
        "TSA": "http://a.example",
        "TITLE": "T",
        "GENERATOR": "G@1",
        "CREATORS": "Ada Example; Smith, Bo",
        "DIGITAL_SOURCE_TYPE": "digitalCapture",
        "PROMPT_MODE": "omit",
        "THUMBNAIL": "no",
        "IDENTITY_KEY": "i.pem",
        "IDENTITY_ROLES": "creator; publisher",
    }
    for name, value in values.items():
        monkeypatch.setenv(f"PROVENANCE_{name}", value)
    profile = load_profile()
    known = schemas.load("profile.schema.json")["$defs"]["profile"]["properties"]
    assert set(known) - set(profile.settings) == {"passphrase_file"}
    assert profile.get("creators") == ["Ada Example", "Smith, Bo"]
    assert profile.get("thumbnail") is False
    assert profile.get("passphrase_env") == "PROVENANCE_PASSPHRASE"
    assert WORD not in json.dumps(profile.to_dict())
    assert profile.to_dict()["passphrase"] == "set"


def test_a_passphrase_comes_from_a_variable_a_file_or_a_person(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write('[profile.studio]\nkey = "es256.locked.pem"\npassphrase_env = "WORD"\n')
    monkeypatch.setenv("WORD", WORD)
    assert load_profile("studio").signer().alg == "es256"
    monkeypatch.delenv("WORD")
    with pytest.raises(CredentialError, match="environment variable WORD: is not set"):
        load_profile("studio").signer()
    (tmp_path / "word").write_text(f"{WORD}\n")
    path.write_text('[profile.studio]\nkey = "es256.locked.pem"\npassphrase_file = "word"\n')
    assert load_profile("studio").signer().alg == "es256"
    path.write_text('[profile.studio]\nkey = "es256.locked.pem"\n')
    assert load_profile("studio").signer(ask=lambda _: WORD.encode()).alg == "es256"
    with pytest.raises(CredentialError, match="no passphrase was given"):
        load_profile("studio").signer()


def test_identities_and_authority_come_along(write: Write) -> None:
    write(
        '[profile.studio]\nkey = "es256.pem"\ntsa = "http://a.example"\n'
        '[[profile.studio.identity]]\nkey = "ed25519.pem"\nroles = ["creator"]\n'
    )
    profile = load_profile("studio")
    (actor,) = profile.identities()
    assert actor.signer.alg == "ed25519"
    assert actor.roles == ("creator",)
    authority: Any = profile.authority()
    assert authority.url == "http://a.example"
    assert load_profile().authority() is None
    assert load_profile().identities() == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[profile.a]\nkye = "x"', "profile.a: unknown key 'kye'; did you mean 'key'?"),
        ('[profiles.a]\nkey = "x"', "unknown key 'profiles'; did you mean 'profile'?"),
        ('[profile.a]\nprompt_mode = "comit"', "prompt_mode: did you mean 'commit'?"),
        (f'[profile.a]\npassphrase = "{WORD}"', "a secret does not belong here"),
        (f'[profile.a]\nkey = ["{WORD}"]', "key: is not of type 'string'"),
        (f'[profile.a]\npassphrase_env = "{WORD} "', "no name of an environment variable"),
        (f'[profile.a]\ntsa = "{WORD}"', "is no http or https address"),
        (f'[profile."{WORD}/x"]\nkey = "k"', "a name has letters"),
        (f'[profile.a]\nkey = "{WORD}', "is no TOML: "),
        ('[[profile.a.identity]]\nchain = "x"', "identity[0]: lacks key"),
        ('[profile.a]\nkey = ""', "key: is empty, or too long"),
    ],
)
def test_a_typing_error_is_refused_and_no_value_repeated(
    text: str, told: str, write: Write
) -> None:
    path = write(text)
    with pytest.raises(ProfileError) as caught:
        load_profile("a")
    assert str(caught.value).startswith(str(path))
    assert told in str(caught.value)
    assert WORD not in f"{caught.value}{caught.value!r}"


def test_a_misspelt_variable_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVENANCE_SOMETHING_OF_OTHERS", "x")
    load_profile()
    monkeypatch.setenv("PROVENANCE_PROMTP_MODE", "commit")
    with pytest.raises(ProfileError, match="did you mean 'PROVENANCE_PROMPT_MODE'"):
        load_profile()
    monkeypatch.delenv("PROVENANCE_PROMTP_MODE")
    monkeypatch.setenv("PROVENANCE_THUMBNAIL", "maybe")
    with pytest.raises(ProfileError, match="neither true nor false"):
        load_profile()


def test_a_profile_that_is_not_there_brings_up_the_one_that_is(write: Write) -> None:
    write('[profile.studio]\nkey = "es256.pem"\n')
    with pytest.raises(ProfileError, match="did you mean 'studio'"):
        load_profile("stdio")
    with pytest.raises(ProfileError, match="is not there; profiles go into it"):
        load_profile("studio", config="gone.toml")
    with pytest.raises(CredentialError, match="names no key"):
        load_profile().signer()


def test_the_file_lies_where_xdg_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert config_file({"XDG_CONFIG_HOME": "/x"}) == Path("/x/provenance/config.toml")
    assert config_file({"PROVENANCE_CONFIG": "/y.toml"}) == Path("/y.toml")
    monkeypatch.setenv("HOME", "/home/ada")
    assert config_file({}) == Path("/home/ada/.config/provenance/config.toml")


def test_a_definition_goes_before_the_profile(write: Write, tmp_path: Path) -> None:
    write(
        '[profile.studio]\ntitle = "T"\ngenerator = "G@1.2"\ncreators = ["Ada"]\n'
        'prompt_mode = "commit"\nthumbnail = false\n'
    )
    profile = load_profile("studio")
    told = profile.definition({"prompt": "words", "title": "mine"})
    assert told.title == "mine"
    assert told.prompt is not None
    assert told.prompt.mode == "commit"
    assert told.creators == ("Ada",)
    assert told.generator is not None
    assert (told.generator.name, told.generator.version) == ("G", "1.2")
    assert told.thumbnail is False
    said = profile.definition({"prompt": {"text": "words", "mode": "open"}})
    assert said.prompt is not None
    assert said.prompt.mode == "open"
    path = tmp_path / "def.json"
    path.write_text('{"prompt": {"text": "words"}, "generator": {"name": "H"}}')
    from_file = profile.definition(path)
    assert from_file.prompt is not None
    assert from_file.prompt.mode == "commit"
    assert from_file.generator is not None
    assert from_file.generator.name == "H"
    assert profile.fill(provenance.ManifestDefinition(), making="recorded").generator is None
    assert profile.definition().title == "T"


def test_a_profile_holds_no_secret(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write('[profile.studio]\nkey = "env:MY_KEY"\nchain = "es256.pem"\npassphrase_env = "WORD"\n')
    monkeypatch.setenv("WORD", WORD)
    monkeypatch.setenv("MY_KEY", "MIIB-secret")
    profile = load_profile("studio")
    assert pickle.loads(pickle.dumps(profile)) == profile
    for shown in (repr(profile), pickle.dumps(profile).decode("latin-1"), str(profile.to_dict())):
        assert WORD not in shown
        assert "MIIB-secret" not in shown
    with pytest.raises(CredentialError) as caught:
        profile.signer()
    assert "MIIB-secret" not in f"{caught.value}{caught.value!r}"


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schemas.load("profile.schema.json"))
