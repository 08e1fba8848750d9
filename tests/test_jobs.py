"""The desk: one process at a time, a queue with places, and nothing that outlives who asked for it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from attention.errors import AttentionError
from attention.induction.runs import Snapshot, read_line, write_line
from attention.induction.settings import EXAMPLE, TrainingSettings
from attention.ui import jobs

SETTINGS = TrainingSettings(n_layers=1, n_heads=1, steps=10)
Desk = jobs.Desk[TrainingSettings, Snapshot]
Progress = jobs.Progress[TrainingSettings, Snapshot]
PATIENT = 20.0  # seconds a test waits for another process at most


def line(step: int) -> str:
    """Return what a worker writes at a step."""
    n, score = len(EXAMPLE), np.full((1, 1), 0.5)
    return write_line(Snapshot(step, 1.0, 0.5, score, score.copy(), np.zeros((1, 1, n, n))))


FINISHES = f"print({line(0)!r}); print({line(10)!r})"
WAITS = f"import sys; print({line(0)!r}, flush=True); sys.stdin.read()"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk_of(clock: Clock) -> Iterator[Callable[[str], Desk]]:
    """Make desks whose trainings run one line of Python instead."""
    desks: list[Desk] = []

    def make(code: str) -> Desk:
        desks.append(Desk(lambda _: [sys.executable, "-c", code], read_line, clock=clock))
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()
    until(lambda: not [thread for thread in threading.enumerate() if thread.name.startswith("desk-")])


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENT
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def look(desk: Desk, name: str) -> Progress:
    progress = desk.look(name)
    assert progress
    return progress


def test_a_training_is_followed_to_its_end(desk_of: Callable[[str], Desk]) -> None:
    desk = desk_of(FINISHES)
    name = desk.submit(SETTINGS)
    until(lambda: look(desk, name).state == "done")
    assert [snapshot.step for snapshot in look(desk, name).snapshots] == [0, 10]
    assert look(desk, name).settings == SETTINGS
    desk.cancel(name)
    assert desk.look(name) is None


def test_the_others_wait_in_the_order_they_came_and_see_their_place(desk_of: Callable[[str], Desk]) -> None:
    desk = desk_of(WAITS)
    names = [desk.submit(SETTINGS) for _ in range(4)]
    assert [(look(desk, name).state, look(desk, name).place) for name in names] == [
        ("running", 0),
        ("waiting", 1),
        ("waiting", 2),
        ("waiting", 3),
    ]
    desk.cancel(names[1])
    assert [look(desk, name).place for name in names[2:]] == [1, 2]
    desk.cancel(names[0])
    until(lambda: look(desk, names[2]).state == "running")
    assert look(desk, names[3]).place == 1


def test_a_full_queue_says_so(desk_of: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_WAITING", 1)
    desk = desk_of(WAITS)
    desk.submit(SETTINGS)
    desk.submit(SETTINGS)
    with pytest.raises(AttentionError) as caught:
        desk.submit(SETTINGS)
    assert caught.value.code == "queue_full"


def test_a_cancelled_training_s_process_is_gone(
    desk_of: Callable[[str], Desk], processes: list[subprocess.Popen[str]]
) -> None:
    desk = desk_of(WAITS)
    name = desk.submit(SETTINGS)
    until(lambda: look(desk, name).snapshots)
    desk.cancel(name)
    until(lambda: not any(map(alive, processes)))
    assert desk.look(name) is None
    assert len(processes) == 1


def test_what_nobody_asks_for_is_stopped_and_what_is_asked_for_goes_on(
    desk_of: Callable[[str], Desk], clock: Clock, processes: list[subprocess.Popen[str]]
) -> None:
    desk = desk_of(WAITS)
    abandoned, watched, also_abandoned = (desk.submit(SETTINGS) for _ in range(3))
    clock.now = jobs.PATIENCE
    look(desk, watched)
    desk.sweep()
    assert look(desk, watched).state == "waiting"
    clock.now += 1
    desk.sweep()
    assert desk.look(abandoned) is None
    assert desk.look(also_abandoned) is None
    until(lambda: look(desk, watched).state == "running")
    assert not alive(processes[0])


def test_the_rounds_sweep_without_being_asked(
    desk_of: Callable[[str], Desk],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    processes: list[subprocess.Popen[str]],
) -> None:
    monkeypatch.setattr(jobs, "ROUND", 0.01)
    desk = desk_of(WAITS)
    desk.submit(SETTINGS)
    clock.now = jobs.PATIENCE + 1
    until(lambda: processes and not alive(processes[0]))


@pytest.mark.parametrize(
    "code",
    [
        "import sys; sys.exit(3)",
        f"import sys; print({line(0)!r}); sys.exit(1)",
        f"print({line(0)!r})",  # ends before its last step
        "print('no JSON'); import sys; sys.stdin.read()",
        "print('{}'); import sys; sys.stdin.read()",
    ],
)
def test_a_worker_that_breaks_is_told_and_the_next_one_starts(code: str, desk_of: Callable[[str], Desk]) -> None:
    desk = desk_of(code)
    first, second = desk.submit(SETTINGS), desk.submit(SETTINGS)
    until(lambda: look(desk, first).state == "failed")
    until(lambda: look(desk, second).state == "failed")


def fail_once(monkeypatch: pytest.MonkeyPatch, owner: type, method: str, error: Exception) -> None:
    """Let the next call of a method raise, and only that."""
    right = getattr(owner, method)
    failed: list[bool] = []

    def wrong(*args: object, **options: object) -> object:
        if failed:
            return right(*args, **options)
        failed.append(True)
        raise error

    monkeypatch.setattr(owner, method, wrong)


def test_when_one_cannot_be_started_the_next_one_is(
    desk_of: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of(WAITS)
    first, unlucky, third = (desk.submit(SETTINGS) for _ in range(3))
    until(lambda: look(desk, first).snapshots)
    fail_once(monkeypatch, subprocess.Popen, "__init__", OSError("too many open files"))
    desk.cancel(first)
    until(lambda: look(desk, third).state == "running")
    assert look(desk, unlucky).state == "failed"


def test_a_process_that_no_thread_can_read_is_stopped_and_the_next_one_starts(
    desk_of: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch, processes: list[subprocess.Popen[str]]
) -> None:
    desk = desk_of(WAITS)
    fail_once(monkeypatch, threading.Thread, "start", RuntimeError("can't start new thread"))
    unlucky = desk.submit(SETTINGS)
    assert look(desk, unlucky).state == "failed"
    assert not alive(processes[0])
    second = desk.submit(SETTINGS)
    assert look(desk, second).state == "running"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_whatever_goes_wrong_while_reading_the_next_one_starts(processes: list[subprocess.Popen[str]]) -> None:
    def read(_: str) -> Snapshot:
        raise RuntimeError

    desk = Desk(lambda _: [sys.executable, "-c", WAITS], read)
    first, second = desk.submit(SETTINGS), desk.submit(SETTINGS)
    until(lambda: look(desk, first).state == "failed")
    until(lambda: look(desk, second).state == "failed")
    assert not any(map(alive, processes))
    desk.close()


def test_the_rounds_start_what_waits_at_an_idle_desk(
    desk_of: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of(WAITS)
    with monkeypatch.context() as forgetful:
        forgetful.setattr(desk, "_start_waiting", lambda: None)
        name = desk.submit(SETTINGS)
        assert look(desk, name).state == "waiting"
    desk.sweep()
    assert look(desk, name).state == "running"


def test_thirty_visitors_at_once_all_see_their_place_and_are_all_served(
    clock: Clock, processes: list[subprocess.Popen[str]]
) -> None:
    visitors, lock = 30, threading.Lock()
    desk = Desk(lambda _: [sys.executable, "-I", "-S", "-c", FINISHES], read_line, clock=clock)
    at_the_door = threading.Barrier(visitors)
    places: dict[str, list[int]] = {}

    def visit() -> None:
        at_the_door.wait()
        name = desk.submit(SETTINGS)
        with lock:
            places[name] = []

    crowd = [threading.Thread(target=visit) for _ in range(visitors)]
    for visitor in crowd:
        visitor.start()
    for visitor in crowd:
        visitor.join()
    end = time.monotonic() + 3 * PATIENT
    while any(look(desk, name).state != "done" for name in places):
        assert time.monotonic() < end
        assert sum(map(alive, processes)) <= jobs.AT_ONCE
        for name, seen in places.items():
            now = look(desk, name)
            assert now.state in ("waiting", "running", "done")
            seen.append(now.place)
        time.sleep(0.01)
    assert len(places) == visitors
    assert len(processes) == visitors
    assert all(seen == sorted(seen, reverse=True) for seen in places.values())
    assert all([snapshot.step for snapshot in look(desk, name).snapshots] == [0, 10] for name in places)
    desk.close()


def test_a_command_that_does_not_exist_is_a_failed_training(tmp_path: Path) -> None:
    desk = Desk(lambda _: [str(tmp_path / "nothing")], read_line)
    name = desk.submit(SETTINGS)
    assert look(desk, name).state == "failed"
    desk.close()


def test_the_remaining_time_is_what_the_pace_so_far_says(
    desk_of: Callable[[str], Desk], clock: Clock, processes: list[subprocess.Popen[str]]
) -> None:
    desk = desk_of(f"{WAITS[: -len('read()')]}readline(); print({line(5)!r}, flush=True); sys.stdin.read()")
    name = desk.submit(SETTINGS)
    until(lambda: look(desk, name).snapshots)
    assert look(desk, name).remaining is None
    clock.now = 4.0
    stdin = processes[0].stdin
    assert stdin
    stdin.write("\n")
    stdin.flush()
    until(lambda: len(look(desk, name).snapshots) == 2)
    assert look(desk, name).remaining == 4.0


def test_a_closed_desk_leaves_no_process(
    desk_of: Callable[[str], Desk], processes: list[subprocess.Popen[str]]
) -> None:
    desk = desk_of(WAITS)
    names = [desk.submit(SETTINGS) for _ in range(3)]
    desk.close()
    assert [desk.look(name) for name in names] == [None] * 3
    until(lambda: not any(map(alive, processes)))
    assert len(processes) == 1


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[str]]:
    """Note every process that is started."""
    started: list[subprocess.Popen[str]] = []
    start = subprocess.Popen.__init__

    def noted(self: subprocess.Popen[str], *args: object, **options: object) -> None:
        start(self, *args, **options)  # type: ignore[call-overload]
        started.append(self)

    monkeypatch.setattr(subprocess.Popen, "__init__", noted)
    return started


def alive(process: subprocess.Popen[str]) -> bool:
    """Say whether a process has not ended, or has not been waited for."""
    return process.returncode is None
