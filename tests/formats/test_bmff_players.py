"""Films as ffmpeg makes them still play after a store has come in; skipped where it is not."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from provenance.formats import registry
from provenance.formats.bmff.plan import plan_segment, plan_store
from provenance.limits import DEFAULT_LIMITS
from provenance.source import BufferSource
from tests.formats.samples import store_of, written

FFMPEG, FFPROBE = shutil.which("ffmpeg"), shutil.which("ffprobe")
pytestmark = pytest.mark.skipif(not (FFMPEG and FFPROBE), reason="needs ffmpeg and ffprobe")

PICTURES = ("-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=2")
SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:duration=2")
CODED = ("-c:v", "mpeg4", "-g", "5", "-c:a", "aac")
SHAPES: dict[str, tuple[str, ...]] = {
    "plain.mp4": (),
    "movie-first.mp4": ("-movflags", "+faststart"),
    "fragments.mp4": ("-movflags", "frag_keyframe+empty_moov"),
    "fragments-from-moof.mp4": ("-movflags", "frag_keyframe+empty_moov+default_base_moof"),
    "indexed.mp4": ("-movflags", "frag_keyframe+empty_moov+global_sidx+default_base_moof"),
    "hybrid.mp4": ("-movflags", "frag_keyframe"),
    "smooth.ismv": (),
    "plain.mov": (),
    "movie-first.mov": ("-movflags", "+faststart"),
    "sound.m4a": ("-vn",),
}


def run(*arguments: str | Path) -> str:
    return subprocess.run(
        list(map(str, arguments)), capture_output=True, text=True, check=True
    ).stdout


def made(folder: Path, name: str) -> bytes:
    path = folder / name
    run("ffmpeg", "-v", "error", *PICTURES, *SOUND, *CODED, *SHAPES[name], path)
    return path.read_bytes()


def frames(path: Path) -> str:
    """The hash of all that comes out of a decoder."""
    return run("ffmpeg", "-v", "error", "-i", path, "-map", "0", "-f", "md5", "-")


def packets(path: Path) -> list[tuple[str, int]]:
    """Each packet's size, and where in the file it is, or -1."""
    told = json.loads(run("ffprobe", "-v", "error", "-show_packets", "-of", "json", path))
    return [(one["size"], int(one.get("pos", -1))) for one in told["packets"]]


@pytest.mark.parametrize("name", SHAPES)
def test_a_signed_film_plays_as_before(name: str, tmp_path: Path) -> None:
    asset, store = made(tmp_path, name), store_of(70_000)
    handler = registry.find(BufferSource(asset), Path(name).suffix)
    new = written(handler.plan(BufferSource(asset), len(store), DEFAULT_LIMITS), asset, store)
    path = tmp_path / f"signed-{name}"
    path.write_bytes(new)
    assert frames(path) == frames(tmp_path / name)
    before, after = packets(tmp_path / name), packets(path)
    assert len(before) > 10
    assert [(size, at + len(new) - len(asset)) for size, at in before] == after
    assert written(handler.plan(BufferSource(new), 0, DEFAULT_LIMITS), new) == asset


@pytest.mark.parametrize("name", ["plain.mp4", "fragments.mp4", "indexed.mp4", "hybrid.mp4"])
def test_a_film_with_merkle_boxes_plays_as_before(name: str, tmp_path: Path) -> None:
    asset, store = made(tmp_path, name), store_of(5000)
    many = asset.count(b"moof") or 3
    plan = plan_store(BufferSource(asset), len(store), DEFAULT_LIMITS, merkle=[120] * many)
    new = written(plan, asset, store)
    path = tmp_path / f"signed-{name}"
    path.write_bytes(new)
    assert new.count(b"merkle\0") == many
    assert frames(path) == frames(tmp_path / name)
    assert written(plan_store(BufferSource(new), 0, DEFAULT_LIMITS), new) == asset


def test_a_stream_in_segments_plays_as_before(tmp_path: Path) -> None:
    options = ("-f", "dash", "-seg_duration", "1", tmp_path / "out.mpd")
    run("ffmpeg", "-v", "error", *PICTURES, "-c:v", "mpeg4", "-g", "5", *options)
    start, store = (tmp_path / "init-stream0.m4s").read_bytes(), store_of(5000)
    handler = registry.find(BufferSource(start), ".m4s")
    signed = written(handler.plan(BufferSource(start), 5000, DEFAULT_LIMITS), start, store)
    segments = [path.read_bytes() for path in sorted(tmp_path.glob("chunk-*"))]
    assert len(segments) > 1
    fill: Callable[[int], bytes] = lambda _: b"\xa0"  # noqa: E731 (its type is the point)
    changed = [
        written(plan_segment(BufferSource(one), 99, DEFAULT_LIMITS, fill=fill), one)
        for one in segments
    ]
    (tmp_path / "before.mp4").write_bytes(start + b"".join(segments))
    (tmp_path / "after.mp4").write_bytes(signed + b"".join(changed))
    assert frames(tmp_path / "after.mp4") == frames(tmp_path / "before.mp4")
