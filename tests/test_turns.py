"""Waiting in turn: one at a time, in order, each told its place, and nobody stays who has gone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from attention.ui.turns import Turns


def test_one_at_a_time_goes_on_in_the_order_they_came_and_is_told_how_many_come_before() -> None:
    turns, inside, order = Turns(), [], list[int]()
    told: dict[int, list[int]] = {number: [] for number in range(4)}
    first_may_go, waiting = threading.Event(), [threading.Event() for _ in range(4)]

    def tell(number: int, before: int) -> None:
        told[number].append(before)
        waiting[number].set()

    def go(number: int) -> None:
        with turns.wait(lambda before: tell(number, before)):
            inside.append(number)
            assert inside == [number]
            order.append(number)
            waiting[number].set()
            if number == 0:
                assert first_may_go.wait(30)
            inside.remove(number)

    with ThreadPoolExecutor(4) as pool:
        going = []
        for number in range(4):  # each stands in the queue before the next comes
            going.append(pool.submit(go, number))
            assert waiting[number].wait(30)
        first_may_go.set()
        for each in going:
            each.result(30)
    assert order == [0, 1, 2, 3]
    assert told[0] == []
    for number in range(1, 4):
        assert told[number][0] == number
        assert told[number] == sorted(told[number], reverse=True)
    assert len(turns) == 0


def test_who_leaves_while_waiting_or_while_it_is_their_turn_holds_nobody_up() -> None:
    turns = Turns()

    def leave(before: int) -> None:
        raise ConnectionError(before)

    with turns.wait(leave), pytest.raises(ConnectionError), turns.wait(leave):
        pass
    with pytest.raises(ZeroDivisionError), turns.wait(leave):
        raise ZeroDivisionError
    assert len(turns) == 0
