"""Watching a folder: what is dropped there is signed once, when it is complete."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import provenance
from provenance.build.definition import ManifestDefinition
from provenance.cose.signer import LocalSigner
from provenance.errors import ProvenanceError, SigningError
from provenance.trust.devpki import DevPki
from provenance.watch import Memory, Outcome, Signing, Watch
from provenance.watch.memory import Seen

Run = Callable[..., list[Outcome]]


@pytest.fixture(scope="module")
def pki() -> DevPki:
    return DevPki.generate(("es256", "ed25519"), now=datetime.now(UTC))


def signer_of(pki: DevPki, alg: str = "es256") -> LocalSigner:
    one = pki.credentials[alg]
    return LocalSigner.from_pem(one.key_pem, one.chain_pem)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROVENANCE_DATA", str(tmp_path / "data"))
    place = tmp_path / "drop"
    place.mkdir()
    return place


@pytest.fixture
def run(folder: Path, pki: DevPki) -> Run:
    """Watch once."""

    def once(output: Path | None = folder / "signed", alg: str = "es256", **more: Any) -> Any:
        signing = Signing(
            signer=signer_of(pki, alg), definition_for=lambda _: ManifestDefinition(title="T")
        )
        settings: dict[str, Any] = {"settle": 0.1, "interval": 0.02, "sign": signing.sign}
        watch = Watch(folder=folder, output=output, **(settings | more))
        return list(watch.outcomes(once=True))

    return once


def drop(path: Path, colour: str = "teal", *, age: float = 60) -> Path:
    Image.new("RGB", (32, 32), colour).save(path)
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def statuses(outcomes: list[Outcome]) -> dict[str, str]:
    return {one.path.name: one.status.value for one in outcomes}


def test_each_file_is_signed_once_across_restarts(folder: Path, run: Run) -> None:
    before = drop(folder / "a.png").read_bytes()
    drop(folder / "b.jpg")
    assert statuses(run()) == {"a.png": "signed", "b.jpg": "signed"}
    assert provenance.verify(folder / "signed" / "a.png").state == "Valid"
    assert (folder / "a.png").read_bytes() == before
    assert run() == []
    drop(folder / "c.png")
    assert statuses(run()) == {"c.png": "signed"}


def test_a_file_that_changes_is_signed_again(folder: Path, run: Run) -> None:
    drop(folder / "a.png")
    run()
    first = (folder / "signed" / "a.png").read_bytes()
    drop(folder / "a.png", "red", age=30)
    assert statuses(run()) == {"a.png": "signed"}
    assert (folder / "signed" / "a.png").read_bytes() != first


def test_files_signed_in_place_are_not_signed_twice_even_if_the_memory_is_lost(
    folder: Path, run: Run, tmp_path: Path
) -> None:
    path = drop(folder / "a.png")
    assert statuses(run(None)) == {"a.png": "signed"}
    signed = path.read_bytes()
    assert run(None) == []
    for file in (tmp_path / "data" / "watch").iterdir():
        file.unlink()
    assert statuses(run(None)) == {"a.png": "skipped"}
    assert path.read_bytes() == signed


def test_what_others_signed_is_kept_as_a_parent(folder: Path, run: Run) -> None:
    drop(folder / "a.png")
    run(None, alg="ed25519")
    assert statuses(run(folder / "signed")) == {"a.png": "signed"}
    report = provenance.verify(folder / "signed" / "a.png")
    assert len(report.manifests) == 2
    assert report.manifests[0].ingredients[0].manifest == report.manifests[1].label


def test_what_this_key_signed_and_somebody_changed_is_told(folder: Path, run: Run) -> None:
    path = drop(folder / "a.png")
    run(None)
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    (outcome,) = run(None)
    assert outcome.status == "failed"
    assert "has changed since" in str(outcome.message)


def test_one_bad_file_does_not_stop_the_others(folder: Path, run: Run) -> None:
    (folder / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    (folder / "b.txt").write_text("words")
    (folder / "c.bin").write_bytes(b"\x00\x01unknown")
    drop(folder / "d.png")
    for name in ("a.png", "b.txt", "c.bin"):
        os.utime(folder / name, (1e9, 1e9))
    found = run()
    assert statuses(found) == {
        "a.png": "failed",
        "b.txt": "skipped",
        "c.bin": "skipped",
        "d.png": "signed",
    }
    assert statuses(run()) == {"a.png": "failed"}  # a new start tries again, and nothing else


def test_unfinished_hidden_and_own_files_and_links_are_left_alone(
    folder: Path, run: Run, tmp_path: Path
) -> None:
    for name in ("a.png.part", "b.crdownload", ".c.png", "d.png.salts.json", "e.c2pa", "f.tmp"):
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, (1e9, 1e9))
    drop(tmp_path / "secret.png")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "inner").mkdir()
    drop(folder / "inner" / "g.png")
    assert run() == []
    assert statuses(run(recursive=True)) == {"g.png": "signed"}
    assert (folder / "signed" / "inner" / "g.png").exists()
    assert run(recursive=True) == []  # nor is what was signed


def test_a_file_is_signed_only_when_it_rests(folder: Path, run: Run, tmp_path: Path) -> None:
    whole = drop(tmp_path / "whole.png").read_bytes()
    path = folder / "slow.png"

    def write() -> None:
        with path.open("wb") as stream:
            for at in range(0, len(whole), 16):
                stream.write(whole[at : at + 16])
                stream.flush()
                time.sleep(0.02)

    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(0.05)
    found = run(settle=0.4)
    assert not writer.is_alive()
    assert statuses(found) == {"slow.png": "signed"}
    assert provenance.verify(folder / "signed" / "slow.png").state == "Valid"


def test_a_file_from_the_future_is_signed_too(folder: Path, run: Run) -> None:
    drop(folder / "a.png", age=-3600)
    assert statuses(run()) == {"a.png": "signed"}


def test_a_file_that_changes_while_it_is_signed_is_signed_again(folder: Path, run: Run) -> None:
    drop(folder / "a.png")
    asked = []

    def sign(path: Path, output: Path | None) -> str | None:
        asked.append(path)
        if len(asked) == 1:
            path.write_bytes(b"more")
        return None

    assert statuses(run(sign=sign)) == {"a.png": "signed"}
    assert len(asked) == 2


def test_an_output_of_somebody_else_is_not_overwritten(folder: Path, run: Run) -> None:
    drop(folder / "a.png")
    (folder / "signed").mkdir()
    other = drop(folder / "signed" / "a.png", "red")
    before = other.read_bytes()
    (outcome,) = run()
    assert outcome.status == "failed"
    assert "is there already" in str(outcome.message)
    assert other.read_bytes() == before


def test_a_signer_that_does_not_answer_is_asked_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provenance.watch.run._PAUSE", 0.01)
    drop(folder / "a.png")
    stop = threading.Event()
    asked = []

    def sign(path: Path, output: Path | None) -> str | None:
        asked.append(path)
        if len(asked) < 3:
            raise SigningError("the service", "answered 503")
        return None

    def outcomes() -> Iterator[Outcome]:
        watch = Watch(
            folder=folder, output=folder / "o", sign=sign, settle=0.1, interval=0.01, stop=stop
        )
        for one in watch.outcomes():
            if one.status == "signed":
                stop.set()
            yield one

    assert [one.status.value for one in outcomes()] == ["retried", "retried", "signed"]


def test_two_watches_of_one_folder_do_not_get_in_each_others_way(folder: Path, run: Run) -> None:
    drop(folder / "a.png")
    with Memory.opened(folder, folder / "signed"):
        with pytest.raises(ProvenanceError, match="another one is at work"):
            run()
        assert statuses(run(folder / "elsewhere")) == {"a.png": "signed"}


def test_a_damaged_memory_is_one_sentence(folder: Path, run: Run, tmp_path: Path) -> None:
    drop(folder / "a.png")
    run()
    (memory,) = (tmp_path / "data" / "watch").iterdir()
    memory.write_bytes(b"no database at all" * 1000)
    with pytest.raises(ProvenanceError, match="is damaged; remove it"):
        run()


def test_the_memory_forgets_files_that_are_gone(folder: Path) -> None:
    with Memory.opened(folder, None) as memory:
        memory.keep("gone.png", Seen(1, 2))
        assert memory.knows("gone.png", Seen(1, 2))
        assert not memory.knows("gone.png", Seen(1, 3))
    with Memory.opened(folder, None) as memory:
        assert not memory.knows("gone.png", Seen(1, 2))


def test_many_files_cost_little_memory(folder: Path) -> None:
    import tracemalloc

    for number in range(3000):
        (folder / f"{number}.png").write_bytes(b"x")
        os.utime(folder / f"{number}.png", (1e9, 1e9))
    watch = Watch(folder=folder, output=folder / "o", sign=lambda path, output: "nothing to do")
    tracemalloc.start()
    count = sum(1 for _ in watch.outcomes(once=True))
    assert count == 3000
    tracemalloc.reset_peak()
    assert list(watch.outcomes(once=True)) == []
    assert tracemalloc.get_traced_memory()[1] < 2 << 20
    tracemalloc.stop()
