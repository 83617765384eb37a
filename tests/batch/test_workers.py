"""Processes that share work: every item gets one answer, whatever becomes of the processes."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from provenance.batch.task import Engine, Inline, Loss
from provenance.batch.workers import Local, WorkerError

Answers = list[tuple[int, str]]


@dataclass(frozen=True)
class Deeds:
    """A task: what to do by item; the rest is answered at once."""

    killed: frozenset[int] = frozenset()
    segfault: frozenset[int] = frozenset()
    bugs: frozenset[int] = frozenset()
    memory: frozenset[int] = frozenset()
    slow: float = 0

    def start(self) -> Callable[[int], tuple[int, str]]:
        return self._do

    def _do(self, item: int) -> tuple[int, str]:
        time.sleep(self.slow)
        if item in self.killed:
            os.kill(os.getpid(), signal.SIGKILL)
        if item in self.segfault:
            os.kill(os.getpid(), signal.SIGSEGV)
        if item in self.bugs:
            raise KeyError(item)
        if item in self.memory:
            raise MemoryError
        return item, "done"

    def lost(self, item: int, loss: Loss) -> tuple[int, str]:
        return item, f"lost, memory: {loss.memory}: {loss.why}"


@dataclass(frozen=True)
class Stillborn:
    """A task that cannot even be begun."""

    def start(self) -> Callable[[int], int]:
        os._exit(3)

    def lost(self, item: int, loss: Loss) -> int:
        return item


def run(engine: Engine, task: Deeds, count: int, *, ordered: bool = False) -> Answers:
    return list(engine.run(task, range(count), ordered=ordered, stop=None))


@pytest.mark.parametrize("engine", [Inline(), Local(1), Local(2), Local(3, chunk=1)])
def test_every_item_is_answered_once(engine: Engine) -> None:
    assert sorted(run(engine, Deeds(), 300)) == [(item, "done") for item in range(300)]


def test_nothing_to_do_starts_nobody() -> None:
    assert run(Local(2), Deeds(), 0) == []


@pytest.mark.parametrize("count", [1, 16, 17, 500])
def test_answers_come_in_the_order_of_items_when_asked(count: int) -> None:
    answers = run(Local(2, chunk=3), Deeds(), count, ordered=True)
    assert [item for item, _ in answers] == list(range(count))


@pytest.mark.parametrize("ordered", [False, True])
def test_a_process_that_dies_costs_the_item_it_died_over(ordered: bool) -> None:
    task = Deeds(killed=frozenset((5, 40, 41)), segfault=frozenset((99,)))
    answers = run(Local(2), task, 200, ordered=ordered)
    assert sorted(item for item, _ in answers) == list(range(200))
    if ordered:
        assert [item for item, _ in answers] == list(range(200))
    lost = {item: words for item, words in answers if words != "done"}
    assert set(lost) == {5, 40, 41, 99}
    assert "memory: True" in lost[5]
    assert "signal 11" in lost[99]


def test_a_bug_is_seen_and_does_not_stop_the_others(capfd: pytest.CaptureFixture[str]) -> None:
    answers = dict(run(Local(2), Deeds(bugs=frozenset((7,))), 50))
    assert len(answers) == 50
    assert "ended with code 1" in answers[7]
    assert "KeyError: 7" in capfd.readouterr().err


@pytest.mark.parametrize("engine", [Inline(), Local(1)])
def test_too_little_memory_is_an_answer(engine: Engine) -> None:
    answers = dict(run(engine, Deeds(memory=frozenset((2,))), 5))
    assert "memory: True" in answers[2]
    assert answers[3] == "done"


def test_processes_that_cannot_begin_are_no_endless_loop() -> None:
    with pytest.raises(WorkerError, match="ended with code 3"):
        list(Local(2).run(Stillborn(), range(10), stop=None))


def test_items_are_read_as_they_are_needed() -> None:
    read = 0

    def items() -> Iterator[int]:
        nonlocal read
        for item in range(100_000):
            read = item
            yield item

    answers = Local(2).run(Deeds(), items(), stop=None)
    for _ in range(100):
        next(answers)
    assert read < 3_000
    answers.close()  # type: ignore[attr-defined]  # it is a generator


def test_a_stop_ends_it_with_the_answers_there_are() -> None:
    stop = threading.Event()
    answers = Local(2).run(Deeds(slow=0.01), range(10_000), stop=stop)
    seen = [next(answers) for _ in range(3)]
    stop.set()
    seen += answers
    assert 3 <= len(seen) < 200
    assert len(set(seen)) == len(seen)


def test_what_a_worker_prints_does_not_come_between(capfd: pytest.CaptureFixture[str]) -> None:
    answers = list(Local(1).run(Talks(), range(3), stop=None))
    assert answers == [0, 1, 2]
    assert capfd.readouterr().err.count("hello") == 3


@dataclass(frozen=True)
class Talks:
    def start(self) -> Callable[[int], int]:
        def work(item: int) -> int:
            os.write(1, b"hello\n")
            return item

        return work

    def lost(self, item: int, loss: Loss) -> int:
        return -1
