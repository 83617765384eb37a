"""The engine on Ray says what the local one says, whoever dies meanwhile, and of each file once."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from provenance.batch import ray_engine
from provenance.batch.look import Look, Terms
from provenance.batch.packed import pack
from provenance.batch.ray_engine import RayEngine
from provenance.batch.task import Loss
from provenance.batch.walk import Named, spread
from provenance.batch.workers import Local, WorkerError
from tests.batch.corpus import fill, signed_picture
from tests.batch.test_workers import Deeds, Stillborn
from tests.build.workshop import picture

ray: Any = pytest.importorskip("ray", reason="needs Ray: pip install 'provenance-c2pa[ray]'")

COMMAND = [sys.executable, "-c", "from provenance.cli import main; main()", "verify"]
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few hundred files, of every kind."""
    place = fill(tmp_path_factory.mktemp("ray") / "all")
    signed, plain = signed_picture(9), picture(8)
    for number in range(400):
        data = signed[:-40] if number % 13 == 0 else signed if number % 3 else plain
        (place / f"{number:03}.png").write_bytes(data)
    return place


@pytest.fixture(scope="module")
def nodes() -> Iterator[Any]:
    """A cluster of two nodes with a core each; we are connected to it."""
    from ray.cluster_utils import Cluster

    more = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": 100 << 20}
    cluster: Any = Cluster(initialize_head=True, head_node_args=more)
    cluster.add_node(num_cpus=1, object_store_memory=100 << 20)
    ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
    yield cluster
    ray.shutdown()
    cluster.shutdown()


@dataclass(frozen=True)
class Struck:
    """A task whose process is killed once, by an item."""

    task: Any
    at: str
    mark: Path

    def start(self) -> Callable[[Named], Any]:
        work = self.task.start()

        def struck(named: Named) -> Any:
            if named.path.endswith(self.at) and not self.mark.exists():
                self.mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return work(named)

        return struck

    def lost(self, item: Named, loss: Loss) -> Any:
        return self.task.lost(item, loss)


@dataclass(frozen=True)
class Noted:
    """A task that notes on which node, and in which process, each item was done."""

    slow: float

    def start(self) -> Callable[[int], tuple[int, str, int]]:
        node = ray.get_runtime_context().get_node_id()

        def noted(item: int) -> tuple[int, str, int]:
            time.sleep(self.slow)
            return item, node, os.getpid()

        return noted

    def lost(self, item: int, loss: Loss) -> tuple[int, str, int]:
        return item, loss.why, 0


def ray_workers(parent: int) -> list[int]:
    """The processes of Ray's that answer, somewhere below a process."""
    parents, found = {}, []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            told = (place / "stat").read_text().rpartition(")")[2].split()
            parents[int(place.name)] = int(told[1])
            if (place / "cmdline").read_bytes().startswith(b"ray::Serving"):
                found.append(int(place.name))
        except OSError:
            continue
    return [one for one in found if parent in (parents[one], parents.get(parents[one]))]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
def test_the_command_says_the_same_with_a_worker_killed_half_way(folder: Path) -> None:
    options = [str(folder), "--ordered", "--format", "ndjson", "--at", NOW.isoformat()]
    here = subprocess.run([*COMMAND, *options], capture_output=True, check=False)
    options += ["--engine", "ray", "--ray-address", "local", "--jobs", "2"]
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        first = [running.stdout.readline() for _ in range(40)]
        victims = ray_workers(running.pid)
        assert len(victims) == 2
        os.kill(victims[0], signal.SIGKILL)
        rest, errors = running.stdout.read(), running.stderr.read()
    assert b"".join(first) + rest == here.stdout
    assert (running.returncode, errors) == (here.returncode, here.stderr)
    assert len(here.stdout.splitlines()) == 407


@pytest.mark.slow
@pytest.mark.parametrize("ordered", [True, False])
def test_the_reports_are_those_of_the_local_engine(
    folder: Path, nodes: Any, tmp_path: Path, ordered: bool
) -> None:
    task = Look(Terms(trust=_trust(), at=NOW), pack)
    files = list(spread([str(folder)]))
    here = list(Local(2).run(task, files, ordered=True, stop=None))
    struck = Struck(task, "/200.png", tmp_path / "struck")
    there = list(RayEngine().run(struck, files, ordered=ordered, stop=None))
    assert (tmp_path / "struck").exists()
    assert len(there) == len(files)
    if not ordered:
        there.sort(key=lambda one: [file.path for file in files].index(one.facts.path))
    assert there == here


@pytest.mark.slow
def test_what_a_removed_node_owed_is_done_by_others(nodes: Any) -> None:
    third = nodes.add_node(num_cpus=1, object_store_memory=100 << 20)
    nodes.wait_for_nodes()
    answers = iter(RayEngine(jobs=3, chunk=4).run(Noted(0.02), range(600), stop=None))
    seen = [next(answers) for _ in range(150)]
    gone = third.node_id
    assert gone in {node for _, node, _ in seen}
    nodes.remove_node(third, allow_graceful=False)
    seen += answers
    assert sorted(item for item, _, _ in seen) == list(range(600))
    assert all(pid for _, _, pid in seen)
    assert gone not in {node for _, node, _ in seen[450:]}


@pytest.mark.slow
def test_an_item_that_ends_every_process_is_answered_for(nodes: Any) -> None:
    task = Deeds(killed=frozenset({7}), bugs=frozenset({30}), memory=frozenset({45}))
    found = dict(RayEngine().run(task, range(60), ordered=True, stop=None))
    assert list(found) == list(range(60))
    bad = {item: told for item, told in found.items() if told != "done"}
    assert list(bad) == [7, 30, 45]
    assert "time and again" in bad[7]
    assert "the code that read it failed" in bad[30]
    assert "memory: True" in bad[45]


@pytest.mark.slow
def test_no_further_ahead_is_read_than_is_needed(nodes: Any) -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        while taken < 100_000:
            yield taken
            taken += 1

    answers = RayEngine(jobs=2, chunk=4).run(Deeds(slow=0.01), items(), ordered=True, stop=None)
    assert [next(answers)[0] for _ in range(20)] == list(range(20))
    assert taken <= 20 + 4 * 16 * 2
    answers.close()  # type: ignore[attr-defined]  # a generator


@pytest.mark.slow
def test_a_stop_ends_it_with_what_is_known(nodes: Any) -> None:
    stop = threading.Event()
    found = []
    for answer in RayEngine().run(Deeds(slow=0.01), range(100_000), stop=stop):
        found.append(answer[0])
        if len(found) == 50:
            stop.set()
    assert 50 <= len(found) < 200
    assert len(set(found)) == len(found)
    assert list(RayEngine().run(Deeds(), (), stop=None)) == []


@pytest.mark.slow
def test_workers_that_cannot_begin_are_one_sentence(
    nodes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WorkerError, match="no worker of the Ray cluster can begin"):
        list(RayEngine().run(Stillborn(), range(9), stop=None))
    monkeypatch.setattr(ray_engine, "VERSION", "9.9")
    with pytest.raises(WorkerError, match=r"have version .*, not 9\.9"):
        list(RayEngine().run(Deeds(), range(9), stop=None))


def _trust() -> Any:
    from tests.build.workshop import trust

    return trust()


def call(*arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **env},
    )


def test_what_is_wrong_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    file = str(folder / "a.png")
    done = call(file, "--engine", "ray", "--ray-address", "127.0.0.1:1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "provenance: no ray cluster at '127.0.0.1:1': connection refused\n"
    (tmp_path / "ray.py").write_text("raise ImportError")
    done = call(file, "--engine", "ray", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert "pip install 'provenance-c2pa[ray]'" in done.stderr
    assert call(file, "--ray-address", "auto").returncode == 2
    assert call("-", "--engine", "ray").returncode == 2


@pytest.mark.slow
def test_an_index_is_kept_by_it(folder: Path, tmp_path: Path) -> None:
    options = [str(folder), "--index", str(tmp_path / "i.db"), "--format", "ndjson", "--engine"]
    first, again = call(*options, "ray"), call(*options, "local")
    assert len(first.stdout.splitlines()) == 407
    assert "407 unchanged" in again.stderr
    assert sorted(first.stdout.splitlines()) == sorted(again.stdout.splitlines())
    assert json.loads(first.stdout.splitlines()[0])["schema"]
