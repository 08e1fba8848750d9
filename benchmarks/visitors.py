"""What a class asks of one process: visitors on real websockets who press the causal switch, all at their own pace.

The clock runs in the visitors: from the press until the server has sent the last of its answer. What a browser then
needs to draw it is `switch_latency`'s. Two things tell a slow app from a busy machine: the server's processor time a
switch, and how long a bystander, a process of its own, took meanwhile for 10 ms of work.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import multiprocessing
import os
import random
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection

import numpy as np
import psutil

from scripts.live_app import ROOT, Served, running_process
from scripts.live_visitor import Visitor

VISITORS = 60
THINKING = 3.0  # seconds between an answer and the next press, on average: between half and one and a half of it
HURRIED = 30  # who press at one moment
ROUNDS = 6  # of pressing at one moment
EXTRA = 120  # visitors whose memory is measured
RERUNS = 2_000
VISITS = 600  # of people who come and go
WORK = 0.01  # seconds of processor a bystander asks for, about twice a second
LOOKS = 20  # at the server's memory while reruns or visits are many

SWITCH_MS, HURRIED_MS, VISITOR_MB, LEAK_MB, TURNOVER_MB = 700.0, 1200.0, 1.0, 1.0, 5.0
SENTENCES = tuple(
    f"{who} que {where} {what} ontem"
    for who, where, what in itertools.product(
        ("O gato", "A gata", "O menino", "A menina", "O cachorro", "A vizinha", "O professor", "A aluna"),
        ("estava no telhado", "morava na praia", "saiu de casa", "ficou na escola", "veio da rua", "dormiu na sala"),
        ("miou bem alto", "correu muito", "cantou de novo", "caiu na água", "viu o peixe", "abriu a porta"),
    )
)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is promised: what was measured, and the most it may be."""

    name: str
    n: int
    value: float
    unit: str
    most: float
    load: float  # of the machine, the average of the last minute: above its processors, they are shared with others
    median: float | None = None
    cpu_ms: float | None = None  # of the server, for one switch
    bystander_ms: float | None = None  # the 95th percentile of what a bystander took for 10 ms of work

    @property
    def kept(self) -> bool:
        """Whether the promise is kept."""
        return self.value <= self.most


@dataclass(slots=True)
class Server:
    """The process that is measured."""

    address: str
    process: psutil.Process

    def cpu(self) -> float:
        """Return the seconds of processor it has used."""
        used = self.process.cpu_times()
        return float(used.user + used.system)

    def memory(self) -> float:
        """Return the megabytes it holds in memory."""
        return float(self.process.memory_info().rss) / 1e6


async def switch(visitor: Visitor) -> float:
    """Press the causal switch and return the milliseconds to the end of the answer. Raises RuntimeError at an error."""
    start = time.perf_counter()
    answer = await visitor.click("causal")
    elapsed = 1000 * (time.perf_counter() - start)
    if answer.errors():
        raise RuntimeError(answer.errors())
    return elapsed


async def at_own_pace(visitor: Visitor, presses: int, seed: int) -> list[float]:
    """Think, press, look, `presses` times, and return the milliseconds of each answer."""
    pace = random.Random(seed)  # noqa: S311 - the same pace each time, nothing secret
    times = []
    for _ in range(presses):
        await asyncio.sleep(THINKING * pace.uniform(0.5, 1.5))
        times.append(await switch(visitor))
    return times


async def enter(stack: AsyncExitStack, server: Server, sentences: Sequence[str]) -> list[Visitor]:
    """Let one visitor after another open Explore on their sentence, and see the comparison once."""
    visitors = []
    for sentence in sentences:
        visitor = await stack.enter_async_context(Visitor(server.address, v="1", text=sentence))
        await visitor.open()
        await switch(visitor)
        visitors.append(visitor)
    return visitors


async def class_lines(server: Server, name: str, sentences: Sequence[str], presses: int) -> list[Line]:
    """Measure a class: everybody at their own pace, then many at one moment."""
    async with AsyncExitStack() as stack:
        visitors = await enter(stack, server, sentences)

        async def own_pace() -> list[float]:
            gathered = (at_own_pace(visitor, presses, seed) for seed, visitor in enumerate(visitors))
            return list(itertools.chain(*await asyncio.gather(*gathered)))

        async def at_once() -> list[float]:
            times = []
            for _ in range(ROUNDS):
                times += await asyncio.gather(*map(switch, visitors[:HURRIED]))
                await asyncio.sleep(1.0)
            return times

        return [
            await timed(server, f"{name}, own pace", SWITCH_MS, own_pace()),
            await timed(server, f"{name}, {len(visitors[:HURRIED])} at once", HURRIED_MS, at_once()),
        ]


async def first_press_line(server: Server, sentences: Sequence[str]) -> Line:
    """Measure a class whose teacher says “now all press”: each for the first time, on a sentence nobody has seen."""
    async with AsyncExitStack() as stack:
        visitors = [
            await stack.enter_async_context(Visitor(server.address, v="1", text=sentence)) for sentence in sentences
        ]
        for visitor in visitors:
            await visitor.open()

        async def at_once() -> list[float]:
            return list(await asyncio.gather(*map(switch, visitors)))

        return await timed(server, f"first press, {len(visitors)} at once", HURRIED_MS, at_once())


async def timed(server: Server, name: str, most: float, pressing: Awaitable[list[float]]) -> Line:
    """Return what was promised of the times of some presses beside what they were."""
    used = server.cpu()
    with bystander() as waited:
        times = await pressing
    return Line(
        name,
        len(times),
        float(np.percentile(times, 95)),
        "ms",
        most,
        os.getloadavg()[0],
        median=float(np.median(times)),
        cpu_ms=1000 * (server.cpu() - used) / len(times),
        bystander_ms=float(np.percentile(waited, 95)),
    )


@contextmanager
def bystander() -> Iterator[list[float]]:
    """Let a process of its own do a little work now and then; at the end the list holds how many ms each took."""
    waited: list[float] = []
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=work_now_and_then, args=(there,), daemon=True)
    process.start()
    try:
        yield waited
    finally:
        here.send(None)
        waited += here.recv()
        process.join()


def work_now_and_then(told: Connection) -> None:
    """Do `WORK` seconds of work about twice a second until told to end; answer with the milliseconds each took."""
    waited = []
    while True:
        start, used = time.perf_counter(), time.process_time()
        while time.process_time() - used < WORK:
            pass
        waited.append(1000 * (time.perf_counter() - start))
        if told.poll(0.5):
            told.send(waited)
            return


async def memory_line(server: Server, n: int) -> Line:
    """Measure what one visitor more takes, with what the caches then hold of a sentence nobody had."""
    async with AsyncExitStack() as stack:
        before = server.memory()
        await enter(stack, server, SENTENCES[-n:])
        return Line("memory of a visitor more", n, (server.memory() - before) / n, "MB", VISITOR_MB, os.getloadavg()[0])


async def leak_line(server: Server, reruns: int) -> Line:
    """Measure how memory grows with runs of the script, visitors staying."""
    async with AsyncExitStack() as stack:
        visitors = await enter(stack, server, SENTENCES[:10])

        async def press(done: int) -> None:
            await switch(visitors[done % len(visitors)])

        slope = await growth(server, reruns, press)
        return Line("growth in 1,000 reruns", reruns, 1000 * slope, "MB", LEAK_MB, os.getloadavg()[0])


async def turnover_line(server: Server, visits: int) -> Line:
    """Measure how memory grows with visitors who come, press once and go.

    Streamlit keeps the last 128 sessions that have gone for two minutes, in case they come back: they are the warm-up.
    """

    async def visit(done: int) -> None:
        async with AsyncExitStack() as stack:
            await enter(stack, server, [SENTENCES[done % 10]])

    slope = await growth(server, visits, visit)
    return Line("growth in 1,000 visits", visits, 1000 * slope, "MB", TURNOVER_MB, os.getloadavg()[0])


async def growth(server: Server, n: int, do: Callable[[int], Awaitable[None]]) -> float:
    """Do something `n` times, and return the megabytes that memory grows by each time: the median slope of two looks.

    A leak grows each time, and so between any two looks; the allocator takes a few megabytes at once, and seldom.
    The first quarter is warm-up.
    """
    looks = []
    for done in range(n):
        if done % max(1, n // LOOKS) == 0:
            looks.append((done, server.memory()))
        await do(done)
    looks.append((n, server.memory()))
    done_by, held = np.array(looks[len(looks) // 4 :]).T
    pairs = itertools.combinations(range(len(held)), 2)
    return float(np.median([np.diff(held[[i, j]]) / np.diff(done_by[[i, j]]) for i, j in pairs]))


async def measure(served: Served, options: argparse.Namespace) -> list[Line]:
    """Measure everything on a server that runs."""
    server = Server(served.address, psutil.Process(served.process.pid))
    await until_ready(server.address)
    one = SENTENCES[:1] * options.visitors
    await first_press_line(server, [f"{sentence} cedo" for sentence in SENTENCES[:3]])  # imports what comes late
    lines = [await first_press_line(server, [f"{sentence} mesmo" for sentence in SENTENCES[:HURRIED]])]
    lines += await class_lines(server, "one sentence", one, options.presses)
    lines += await class_lines(server, "own sentences", SENTENCES[: options.visitors], options.presses)
    lines.append(await memory_line(server, options.extra))
    lines.append(await leak_line(server, options.reruns))
    lines.append(await turnover_line(server, options.visits))
    return lines


async def until_ready(address: str) -> None:
    """Wait until the server has loaded everything, as a proxy in front of it does."""
    while True:
        try:
            with await asyncio.to_thread(urllib.request.urlopen, f"{address}/ready"):
                return
        except urllib.error.HTTPError as answer:
            answer.close()
            await asyncio.sleep(0.2)


def main() -> int:
    """Measure, print the table, and return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=VISITORS, help=f"at once (default {VISITORS})")
    parser.add_argument("--presses", type=int, default=20, help="of each at their own pace (default 20)")
    parser.add_argument("--extra", type=int, default=EXTRA, help=f"whose memory is measured (default {EXTRA})")
    parser.add_argument("--reruns", type=int, default=RERUNS, help=f"over which nothing may leak (default {RERUNS})")
    parser.add_argument("--visits", type=int, default=VISITS, help=f"after which nothing may stay (default {VISITS})")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    with running_process(ROOT / "app.py", environment={"ATTENTION_WARM_FIRST": "1"}) as served:
        lines = asyncio.run(measure(served, options))
    if options.json:
        print(json.dumps([asdict(line) | {"kept": line.kept} for line in lines], indent=2))
    else:
        columns = (
            f"{'median':>9} {'p95 or value':>14} {'at most':>10} {'CPU a switch':>13} {'10 ms took':>11} {'load':>6}"
        )
        print(f"{'':<28} {'n':>6} {columns}")
        for line in lines:
            print(row(line))
    return 0 if all(line.kept for line in lines) else 1


def row(line: Line) -> str:
    """Return one line of the table."""
    digits = 0 if line.unit == "ms" else 2
    median, others = (f"{x:.0f} ms" if x is not None else "" for x in (line.median, line.bystander_ms))
    cpu = "" if line.cpu_ms is None else f"{line.cpu_ms:.1f} ms"
    value, most = f"{line.value:.{digits}f} {line.unit}", f"{line.most:.{digits}f} {line.unit}"
    said = "" if line.kept else "   missed"
    beside = f"{cpu:>13} {others:>11} {line.load:>6.1f}{said}"
    return f"{line.name:<28} {line.n:>6} {median:>9} {value:>14} {most:>10} {beside}"


if __name__ == "__main__":
    sys.exit(main())
