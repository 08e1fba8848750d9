"""What is remembered is bounded by its bytes, made once, and gives what the function would give."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.ui.kept import LEAST, kept


@given(st.lists(st.integers(1, 400), max_size=60))
def test_never_more_than_the_bound_is_held_and_every_answer_is_the_functions_own(asked: list[int]) -> None:
    made: list[int] = []

    @kept(megabytes=1e-3, size=len)
    def zeros(n: int) -> bytes:
        made.append(n)
        return bytes(n)

    for n in asked:
        assert zeros(n) == bytes(n)
        assert zeros.n_bytes <= 1000 or len(zeros) <= LEAST
    assert len(made) >= len(set(asked))


def test_what_was_asked_for_last_stays() -> None:
    made: list[str] = []

    @kept(megabytes=3e-6, size=len)
    def echo(word: str) -> str:
        made.append(word)
        return word

    for word in "abc" + "a" + "d":  # four bytes where three have room: b, asked for longest ago, goes
        echo(word)
    for word in "acd":
        echo(word)
    assert made == ["a", "b", "c", "d"]
    echo("b")
    assert made == ["a", "b", "c", "d", "b"]


def test_what_is_larger_than_the_bound_is_held_beside_one_other() -> None:
    made: list[int] = []

    @kept(megabytes=1e-6, size=len)
    def zeros(n: int) -> bytes:
        made.append(n)
        return bytes(n)

    for n in (50, 60, 50, 60, 70, 60, 70):
        zeros(n)
    assert made == [50, 60, 70]
    assert (len(zeros), zeros.n_bytes) == (LEAST, 130)
    zeros.clear()
    assert (len(zeros), zeros.n_bytes) == (0, 0)


def test_many_who_ask_at_once_have_it_made_once() -> None:
    made: list[int] = []
    all_here = threading.Barrier(8)

    @kept(megabytes=1, size=len)
    def zeros(n: int) -> bytes:
        made.append(n)
        return bytes(n)

    def ask(_: int) -> bytes:
        all_here.wait(30)
        return zeros(5)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert made == [5]
    assert all(answer is answers[0] for answer in answers)


def test_a_failure_is_told_each_time_and_not_remembered() -> None:
    made: list[int] = []

    @kept(megabytes=1, size=len)
    def broken(n: int) -> bytes:
        made.append(n)
        raise ValueError(n)

    for _ in range(2):
        with pytest.raises(ValueError, match="5"):
            broken(5)
    assert made == [5, 5]
    assert len(broken) == 0
