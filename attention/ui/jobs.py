"""Long work in processes of its own: one at a time, the others in a queue, none that nobody watches."""

from __future__ import annotations

import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Literal, Protocol, TypeVar

from attention.errors import AttentionError

AT_ONCE = 1  # jobs of a desk side by side; each takes one core
MOST_WAITING = 40  # a class and some; later ones are told that the queue is full
PATIENCE = 15.0  # seconds after which a job whose page has stopped asking is stopped
ROUND = 1.0  # seconds between looks at who has stopped asking
ROOT = Path(__file__).parents[2]

State = Literal["waiting", "running", "done", "failed"]


class Steps(Protocol):
    """What is asked for: it says how many steps it takes."""

    @property
    def steps(self) -> int:
        """How many steps the work takes."""


class Step(Protocol):
    """What a job has reached: it says after which step."""

    @property
    def step(self) -> int:
        """After how many steps."""


Settings = TypeVar("Settings", bound=Steps)
Snapshot = TypeVar("Snapshot", bound=Step)


@dataclass(frozen=True, eq=False, slots=True)
class Progress(Generic[Settings, Snapshot]):
    """How far one job is."""

    state: State
    place: int  # in the queue: 1 is the next to start; 0 unless waiting
    settings: Settings
    snapshots: tuple[Snapshot, ...]
    remaining: float | None  # seconds, once two snapshots have told the pace


@dataclass(eq=False, slots=True)
class _Job(Generic[Settings, Snapshot]):
    settings: Settings
    asked_at: float
    state: State = "waiting"
    process: subprocess.Popen[str] | None = None
    snapshots: list[Snapshot] = field(default_factory=list)
    times: list[float] = field(default_factory=list)  # when each snapshot came


class Desk(Generic[Settings, Snapshot]):
    """Takes jobs, runs them `AT_ONCE` at a time in the order they came, and tells how far each is.

    `command` turns settings into the command that works and writes a line a snapshot, which `read` reads (it raises
    ValueError, KeyError or TypeError at any other line); the command is given an open standard input, whose end means
    that nobody is there any more. `clock` gives seconds. Safe to share by threads.
    """

    def __init__(
        self,
        command: Callable[[Settings], Sequence[str]],
        read: Callable[[str], Snapshot],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._command = command
        self._read_line = read
        self._clock = clock
        self._lock = threading.Lock()
        self._jobs: dict[str, _Job[Settings, Snapshot]] = {}  # in the order they came
        self._processes = 0
        self._closed = threading.Event()
        self._rounds: threading.Thread | None = None

    def submit(self, settings: Settings) -> str:
        """Take a job and return the name to ask for it by. Raises AttentionError `queue_full`."""
        with self._lock:
            if len(self._waiting()) >= MOST_WAITING:
                raise AttentionError(
                    "queue_full",
                    f"{MOST_WAITING} jobs are waiting already; try again in a minute.",
                    waiting=MOST_WAITING,
                )
            name = uuid.uuid4().hex
            self._jobs[name] = _Job(settings, self._clock())
            self._start_waiting()
            if self._rounds is None or not self._rounds.is_alive():
                self._rounds = threading.Thread(target=self._make_rounds, name="desk-rounds", daemon=True)
                self._rounds.start()
            return name

    def look(self, name: str) -> Progress[Settings, Snapshot] | None:
        """Tell how far the job called `name` is, or None if it was stopped; asking keeps it alive."""
        with self._lock:
            job = self._jobs.get(name)
            if job is None:
                return None
            job.asked_at = self._clock()
            place = self._waiting().index(job) + 1 if job.state == "waiting" else 0
            return Progress(job.state, place, job.settings, tuple(job.snapshots), _remaining(job))

    def cancel(self, name: str) -> None:
        """Stop the job called `name`, whatever it is doing, and forget it; unknown names are forgotten already."""
        with self._lock:
            self._drop(name)

    def sweep(self) -> None:
        """Stop and forget the jobs that nobody has asked for in `PATIENCE` seconds, and see that the next one runs."""
        with self._lock:
            now = self._clock()
            for name in [name for name, job in self._jobs.items() if now - job.asked_at > PATIENCE]:
                self._drop(name)
            self._start_waiting()

    def close(self) -> None:
        """Stop everything."""
        self._closed.set()
        with self._lock:
            for name in list(self._jobs):
                self._drop(name)

    # ---- the next four are called with the lock held; the last two are what threads do ------------------------------

    def _waiting(self) -> list[_Job[Settings, Snapshot]]:
        return [job for job in self._jobs.values() if job.state == "waiting"]

    def _drop(self, name: str) -> None:
        job = self._jobs.pop(name, None)
        if job and job.process:
            job.process.kill()  # its reader sees the end, waits for it and lets the next one start

    def _start_waiting(self) -> None:
        """Start jobs until every place is taken or none waits; one that cannot be started has failed."""
        while not self._closed.is_set() and self._processes < AT_ONCE and (waiting := self._waiting()):
            self._start(waiting[0])

    def _start(self, job: _Job[Settings, Snapshot]) -> None:
        try:
            process = subprocess.Popen(  # noqa: S603 - this project's own program, with checked settings
                self._command(job.settings),
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
            )
        except OSError:  # no such program, or no room for one more
            job.state = "failed"
            return
        try:
            threading.Thread(target=self._read, args=(job, process), name="desk-reader", daemon=True).start()
        except RuntimeError:  # no room for one more thread
            job.state = "failed"
            with process:
                process.kill()
            return
        job.process, job.state = process, "running"
        self._processes += 1

    def _read(self, job: _Job[Settings, Snapshot], process: subprocess.Popen[str]) -> None:
        """Collect what one process writes until it ends; whatever goes wrong, its place becomes free."""
        finished = False
        try:
            with process:
                try:
                    for line in process.stdout or ():
                        snapshot = self._read_line(line)
                        with self._lock:
                            job.snapshots.append(snapshot)
                            job.times.append(self._clock())
                except BaseException:
                    process.kill()
                    raise
            finished = process.returncode == 0 and bool(job.snapshots) and job.snapshots[-1].step == job.settings.steps
        except (ValueError, KeyError, TypeError):  # not what such a job writes
            pass
        finally:
            with self._lock:
                job.state = "done" if finished else "failed"
                self._processes -= 1
                self._start_waiting()

    def _make_rounds(self) -> None:
        """Sweep every now and then, for ever: one sleeping thread."""
        while not self._closed.wait(ROUND):
            self.sweep()


def _remaining(job: _Job[Settings, Snapshot]) -> float | None:
    if len(job.snapshots) < 2:
        return None
    steps_made = job.snapshots[-1].step - job.snapshots[0].step
    return (job.times[-1] - job.times[0]) / steps_made * (job.settings.steps - job.snapshots[-1].step)
