"""A film in segments on the command line: `sign --fragment`, `verify --fragment`."""

from pathlib import Path

import pytest

from tests.attacks.film import init_segment, media_segment
from tests.cli.conftest import Call


@pytest.fixture
def film(call: Call) -> list[str]:
    """The options that name two segments, in the folder with their initialisation segment."""
    assert call("--version").exit_code == 0  # in the empty folder from here on
    Path("init.mp4").write_bytes(init_segment())
    for number in (1, 2):
        Path(f"{number}.m4s").write_bytes(media_segment(number))
    return ["--fragment", "1.m4s", "--fragment", "2.m4s"]


@pytest.fixture
def made(call: Call, film: list[str], key: list[str]) -> Path:
    """The same, signed, in a folder of their own."""
    done = call("sign", "init.mp4", *film, "-o", "out", "--generator", "Painter@1", *key)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("signed: out/init.mp4\n")
    return Path("out")


def test_what_is_signed_in_segments_verifies_in_segments(call: Call, made: Path) -> None:
    for some in (["1.m4s", "2.m4s"], ["2.m4s"]):
        given = [word for one in some for word in ("--fragment", str(made / one))]
        assert call("verify", "out/init.mp4", *given).exit_code == 0


def test_a_segment_that_was_changed_is_named(call: Call, made: Path) -> None:
    (made / "2.m4s").write_bytes((made / "2.m4s").read_bytes()[:-1] + b"?")
    result = call("verify", "out/init.mp4", "--fragment", "out/1.m4s", "--fragment", "out/2.m4s")
    assert result.exit_code == 4
    assert "out/2.m4s" in result.output
    assert "out/1.m4s" not in result.output


def test_a_segment_that_is_not_there_is_an_error(call: Call, made: Path) -> None:
    result = call("verify", str(made / "init.mp4"), "--fragment", "out/3.m4s")
    assert result.exit_code == 1
    assert "out/3.m4s: no such file" in result.output


def test_segments_go_with_one_file(call: Call, film: list[str], key: list[str]) -> None:
    Path("folder").mkdir()
    assert call("verify", "init.mp4", "init.mp4", *film).exit_code == 2
    assert call("verify", "folder", *film).exit_code == 2
    assert call("sign", "init.mp4", *film, *key).exit_code == 2
    assert call("sign", "init.mp4", *film, "--in-place", *key).exit_code == 2
    assert call("sign", "init.mp4", *film, "-o", "out", "--binding", "bmff", *key).exit_code == 2
    assert not Path("out").exists()


def test_the_beginning_alone_is_not_called_a_changed_file(call: Call, made: Path) -> None:
    result = call("verify", str(made / "init.mp4"))
    assert result.exit_code == 4
    assert "--fragment SEGMENT" in result.stdout
    assert "Treat the file as changed" not in result.stdout


def test_what_is_no_segment_is_named(call: Call, film: list[str], key: list[str]) -> None:
    Path("picture.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    done = call("sign", "init.mp4", *film, "--fragment", "picture.jpg", "-o", "out", *key)
    assert done.exit_code == 1
    assert "picture.jpg: is no media segment" in done.stderr
    assert not Path("out").exists()
