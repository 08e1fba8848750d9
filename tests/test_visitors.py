"""A class on one real server: each on a websocket of their own, pressing at the same moment, and nobody disturbed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack

import psutil
import pytest

from scripts.live_app import ROOT, Served, running_process
from scripts.live_visitor import Answer, Visitor
from tests.test_readiness import wait_ready

NAMES = tuple(f"Aluna{number}" for number in range(101, 113))  # words that stand nowhere else
SETTLING = (
    4  # presses of each until caches, buffers and what a session keeps of its last answers are as large as they get
)
SWITCHES = 24


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with running_process(ROOT / "app.py") as served:
        yield served


def sentence(name: str) -> str:
    return f"{name} viu o gato no telhado"


def names_in(answer: Answer) -> set[str]:
    """Return whose sentences stand anywhere in what was sent: in figures, in widgets and in the address."""
    sent = " ".join([*map(str, answer.messages), *answer.figures().values()])
    return {name for name in NAMES if name in sent}


def cells(answer: Answer) -> object:
    """Return what the map of the one head holds."""
    return json.loads(answer.figures()["head_map"])["figure"]["data"][0]["z"]


def test_a_class_presses_at_once_and_each_sees_their_own_sentence_and_no_error(server: Served) -> None:
    async def visit() -> None:
        async with AsyncExitStack() as stack:
            visitors = [
                await stack.enter_async_context(Visitor(server.address, v="1", words="1", text=sentence(name)))
                for name in NAMES
            ]
            opened = await asyncio.gather(*(visitor.open() for visitor in visitors))
            await asyncio.to_thread(wait_ready, server)  # torch, which comes behind the first page, is large
            process = psutil.Process(server.process.pid)
            before = drawn = 0
            seen = [[cells(answer)] for answer in opened]
            for turn in range(SWITCHES):
                if turn == SETTLING:
                    before, drawn = process.memory_info().rss, 0
                answers = await asyncio.gather(*(visitor.click("causal") for visitor in visitors))
                for name, visitor, maps, answer in zip(NAMES, visitors, seen, answers, strict=True):
                    assert answer.errors() == []
                    assert names_in(answer) == {name}
                    assert name in answer.figures()["heads"]  # by word, so that it stands there whole
                    assert visitor.toggles["causal"][1] is (turn % 2 == 1)
                    assert ("causal=0" in visitor.query) is (turn % 2 == 0)
                    maps.append(cells(answer))
                    drawn += sum(map(len, answer.figures().values()))
            for maps in seen:  # back and forth between the same two maps
                assert maps[0] != maps[1]
                assert maps == [maps[0], maps[1]] * (SWITCHES // 2) + [maps[0]]
            # One copy for each press, of no more than the figures it showed, would be twice this.
            assert process.memory_info().rss - before < drawn / 2

    with ThreadPoolExecutor() as thread:  # the browser's tests may have left a loop running in this one
        thread.submit(lambda: asyncio.run(visit())).result()
