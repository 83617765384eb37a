"""Signing takes six steps, and a step that fails leaves the world as it was."""

import io
import os
import stat
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image

import provenance
from provenance.errors import DefinitionError, SigningError, UnsupportedFormatError
from tests.build.workshop import (
    MADE,
    Broken,
    named,
    picture,
    sign_with_the_key,
    signer,
    verified,
)


def failing(error: BaseException) -> Callable[[bytes], bytes]:
    def callback(_: bytes) -> bytes:
        raise error

    return callback


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


FAILURES: list[tuple[Callable[[bytes], bytes], type[BaseException]]] = [
    (failing(Broken("the token is locked")), SigningError),
    (failing(OSError("no route to the service")), SigningError),
    (failing(KeyboardInterrupt()), KeyboardInterrupt),
    (failing(SystemExit(1)), SystemExit),
    (lambda _: b"", SigningError),
    (lambda _: bytes(64), SigningError),
    (lambda data: sign_with_the_key(data + b"x"), SigningError),
    (lambda data: sign_with_the_key(data) + b"\0", SigningError),
    (lambda _: cast(bytes, "text"), SigningError),
]


@pytest.mark.parametrize(("callback", "raised"), FAILURES)
@pytest.mark.parametrize("existing", [False, True])
def test_a_signer_that_fails_leaves_everything_as_it_was(
    tmp_path: Path, callback: Callable[[bytes], bytes], raised: type[BaseException], existing: bool
) -> None:
    named(tmp_path, "in.png")
    if existing:
        (tmp_path / "out.png").write_bytes(b"what was here before")
    before = snapshot(tmp_path)
    with pytest.raises(raised):
        provenance.sign(tmp_path / "in.png", tmp_path / "out.png", MADE, signer=signer(callback))
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(("callback", "raised"), FAILURES)
def test_a_signer_that_fails_in_place_leaves_the_asset(
    tmp_path: Path, callback: Callable[[bytes], bytes], raised: type[BaseException]
) -> None:
    path = named(tmp_path, "in.png")
    before = snapshot(tmp_path)
    with pytest.raises(raised):
        provenance.sign(path, None, MADE, signer=signer(callback), in_place=True)
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(("callback", "raised"), FAILURES)
def test_a_signer_that_fails_leaves_no_sidecar(
    tmp_path: Path, callback: Callable[[bytes], bytes], raised: type[BaseException]
) -> None:
    path = named(tmp_path, "in.png")
    before = snapshot(tmp_path)
    with pytest.raises(raised):
        provenance.sign(path, None, MADE, signer=signer(callback), sidecar=True)
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(("callback", "raised"), FAILURES)
def test_a_signer_that_fails_writes_nothing_to_a_stream(
    callback: Callable[[bytes], bytes], raised: type[BaseException]
) -> None:
    out = io.BytesIO()
    with pytest.raises(raised):
        provenance.sign(picture(), out, MADE, signer=signer(callback))
    assert out.getvalue() == b""
    assert out.tell() == 0


def test_what_a_signer_raised_is_the_cause() -> None:
    broken = Broken("the token is locked")
    with pytest.raises(SigningError) as caught:
        provenance.sign_bytes(picture(), MADE, signer=signer(failing(broken)))
    assert caught.value.__cause__ is broken


def test_the_signer_is_asked_once() -> None:
    asked = []

    def once(data: bytes) -> bytes:
        asked.append(data)
        return sign_with_the_key(data)

    provenance.sign_bytes(picture(), MADE, signer=signer(once))
    assert len(asked) == 1


def test_nothing_is_at_the_output_while_the_signer_works(tmp_path: Path) -> None:
    """The signature is checked before anything takes its place."""
    seen = []

    def looking(data: bytes) -> bytes:
        seen.append((tmp_path / "out.png").exists())
        return sign_with_the_key(data)

    provenance.sign(named(tmp_path, "in.png"), tmp_path / "out.png", MADE, signer=signer(looking))
    assert seen == [False]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.png", "out.png"]


def test_an_input_that_changes_while_it_is_signed_is_not_passed_off_as_valid(
    tmp_path: Path,
) -> None:
    """What was hashed is what was written, so a late change of the input does no harm."""
    path = named(tmp_path, "in.png")

    def meddling(data: bytes) -> bytes:
        path.write_bytes(picture(77))
        return sign_with_the_key(data)

    provenance.sign(path, tmp_path / "out.png", MADE, signer=signer(meddling))
    assert verified(tmp_path / "out.png").state == "Trusted"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_signing_in_place_keeps_the_permissions(tmp_path: Path, mode: int) -> None:
    path = named(tmp_path, "in.png")
    path.chmod(mode)
    provenance.sign(path, None, MADE, signer=signer(), in_place=True)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert verified(path).state == "Trusted"


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    provenance.sign(named(tmp_path, "in.png"), tmp_path / "out.png", MADE, signer=signer())
    (tmp_path / "usual").write_bytes(b"")
    mode = stat.S_IMODE((tmp_path / "usual").stat().st_mode)
    assert stat.S_IMODE((tmp_path / "out.png").stat().st_mode) == mode


@pytest.mark.parametrize("name", ["in.png", "./in.png", "link.png"])
def test_the_input_is_no_output_unless_said_so(tmp_path: Path, name: str) -> None:
    path = named(tmp_path, "in.png")
    (tmp_path / "link.png").symlink_to(path)
    before = path.read_bytes()
    with pytest.raises(SigningError, match="in_place"):
        provenance.sign(path, f"{tmp_path}/{name}", MADE, signer=signer())
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_the_callers_own_error(tmp_path: Path) -> None:
    path = named(tmp_path, "in.png")
    with pytest.raises(FileNotFoundError):
        provenance.sign(path, tmp_path / "no" / "out.png", MADE, signer=signer())
    assert list(snapshot(tmp_path)) == ["in.png"]


def test_an_output_that_is_a_folder_leaves_nothing_behind(tmp_path: Path) -> None:
    path = named(tmp_path, "in.png")
    (tmp_path / "out.png").mkdir()
    made = MADE | {"prompt": {"text": "a fox", "mode": "commit"}}
    with pytest.raises(OSError, match=r"out\.png"):
        provenance.sign(path, tmp_path / "out.png", made, signer=signer())
    assert sorted(one.name for one in tmp_path.iterdir()) == ["in.png", "out.png"]
    assert not any((tmp_path / "out.png").iterdir())


def test_an_asset_nobody_knows_takes_a_sidecar_only(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"weights\0" * 100)
    with pytest.raises(UnsupportedFormatError):
        provenance.sign(path, tmp_path / "out.bin", MADE, signer=signer())
    receipt = provenance.sign(path, None, MADE, signer=signer(), sidecar=True)
    assert receipt.sidecar == tmp_path / "model.c2pa"
    assert verified(path).state == "Trusted"
    path.write_bytes(b"weightz\0" * 100)
    assert verified(path).state == "Invalid"


@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_a_sidecar_leaves_the_asset_alone(tmp_path: Path, kind: str) -> None:
    path = named(tmp_path, f"in.{kind}")
    before = path.read_bytes()
    receipt = provenance.sign(path, None, MADE, signer=signer(), sidecar=True)
    assert path.read_bytes() == before
    assert receipt.sidecar is not None
    assert receipt.output is None
    report = verified(path)
    assert (report.state, report.location) == ("Trusted", "sidecar")
    with pytest.raises(FileExistsError):
        provenance.sign(path, None, MADE, signer=signer(), sidecar=True)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_stripping_gives_the_original_back(kind: str) -> None:
    bare = picture(5, kind)
    signed = provenance.sign_bytes(bare, MADE, signer=signer())
    out = io.BytesIO()
    assert provenance.strip(signed, out) is True
    assert out.getvalue() == bare
    again = io.BytesIO()
    assert provenance.strip(bare, again) is False
    assert again.getvalue() == bare


def test_stripping_in_place_keeps_the_permissions(tmp_path: Path) -> None:
    path = named(tmp_path, "in.png")
    before = path.read_bytes()
    provenance.sign(path, None, MADE, signer=signer(), in_place=True)
    path.chmod(0o600)
    assert provenance.strip(path, in_place=True)
    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_signing_twice_keeps_the_first_as_parent(kind: str) -> None:
    once = provenance.sign_bytes(picture(5, kind), MADE, signer=signer())
    twice = provenance.sign_bytes(once, {"title": "again"}, signer=signer())
    first, second = verified(once), verified(twice)
    assert second.state == "Trusted"
    assert [one.label for one in second.manifests][1:] == [one.label for one in first.manifests]
    assert [one.relationship for one in second.manifests[0].ingredients] == ["parentOf"]
    assert len(second.manifests) == 2


def test_signing_ten_times_keeps_one_store_and_the_whole_line() -> None:
    asset = provenance.sign_bytes(picture(), MADE, signer=signer())
    for _ in range(9):
        asset = provenance.sign_bytes(asset, {"thumbnail": False}, signer=signer())
    report = verified(asset)
    assert report.state == "Trusted"
    assert len(report.manifests) == 10


class Counted(io.BytesIO):
    """A stream that remembers how often each byte was given out."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.given: Counter[int] = Counter()

    def _gave(self, start: int) -> None:
        self.given.update(range(start, self.tell()))

    def read(self, size: int | None = -1, /) -> bytes:
        start = self.tell()
        data = super().read(size)
        self._gave(start)
        return data

    def readinto(self, buffer: Any, /) -> int:
        start = self.tell()
        count = super().readinto(buffer)
        self._gave(start)
        return count


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_the_input_is_read_once(kind: str) -> None:
    """Headers of parts are looked at when the store is sought and its place is planned."""
    out = io.BytesIO()
    Image.frombytes("RGB", (150, 150), os.urandom(67_500)).save(out, kind)
    asset = Counted(out.getvalue())
    size = len(out.getvalue())
    signed = io.BytesIO()
    provenance.sign(asset, signed, MADE, signer=signer(), verify_after=False)
    often = [at for at in range(size) if asset.given[at] > 1]
    assert min(asset.given[at] for at in range(size)) == 1
    assert len(often) < 4096 + 2000, "the first bytes tell the format; of the rest, headers only"
    assert all(asset.given[at] == 1 for at in range(size - 1000, size - 100))
    assert verified(signed.getvalue()).state == "Trusted"


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"in_place": True, "asset": b"bytes"}, "in_place takes a path"),
        ({"asset": b"bytes"}, "missing"),
        ({"sidecar": True, "asset": b"bytes"}, "missing"),
    ],
)
def test_an_output_must_be_named(how: dict[str, Any], told: str) -> None:
    asset = picture()
    rest = {key: value for key, value in how.items() if key != "asset"}
    with pytest.raises(SigningError, match=told):
        provenance.sign(asset, None, MADE, signer=signer(), **rest)


def test_a_definition_that_is_wrong_never_reaches_the_signer() -> None:
    with pytest.raises(DefinitionError):
        provenance.sign_bytes(picture(), {"titel": "x"}, signer=signer(failing(Broken("asked"))))


def test_the_result_is_looked_at_before_it_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should the writer ever be wrong, nobody gets its result."""
    from provenance.build import assemble

    honest = assemble.Assembly.bind

    def wrong(self: Any, contents: list[dict[str, Any]]) -> Any:
        return honest(self, [{**one, "hash": bytes(len(one["hash"]))} for one in contents])

    monkeypatch.setattr(assemble.Assembly, "bind", wrong)
    named(tmp_path, "in.png")
    with pytest.raises(SigningError, match=r"assertion\.dataHash\.mismatch"):
        provenance.sign(tmp_path / "in.png", tmp_path / "out.png", MADE, signer=signer())
    assert list(snapshot(tmp_path)) == ["in.png"]
