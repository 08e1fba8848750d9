"""What is remembered is bounded by its bytes, made once, and gives what the function would give."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attention.ui.kept import LEAST, kept, size_of

KB = 1_000  # beside which what a result is remembered by is small


@given(st.lists(st.integers(1, 400), max_size=60))
def test_never_more_than_the_bound_is_held_and_every_answer_is_the_functions_own(asked: list[int]) -> None:
    made: list[int] = []

    @kept(megabytes=1)
    def zeros(n: int) -> bytes:
        made.append(n)
        return bytes(n * KB)

    for n in asked:
        assert zeros(n) == bytes(n * KB)
        assert zeros.n_bytes <= 1000 * KB or len(zeros) <= LEAST
    assert len(made) >= len(set(asked))


def test_what_was_asked_for_last_stays() -> None:
    made: list[str] = []

    @kept(megabytes=0.35)
    def echo(word: str) -> str:
        made.append(word)
        return word * 100 * KB

    for word in "abc" + "a" + "d":  # four where three have room: b, asked for longest ago, goes
        echo(word)
    for word in "acd":
        echo(word)
    assert made == ["a", "b", "c", "d"]
    echo("b")
    assert made == ["a", "b", "c", "d", "b"]


def test_what_is_larger_than_the_bound_is_held_beside_one_other() -> None:
    made: list[int] = []

    @kept(megabytes=0.001)
    def zeros(n: int) -> bytes:
        made.append(n)
        return bytes(n * KB)

    for n in (50, 60, 50, 60, 70, 60, 70):
        zeros(n)
    assert made == [50, 60, 70]
    assert len(zeros) == LEAST
    assert 130 * KB < zeros.n_bytes < 131 * KB
    zeros.clear()
    assert (len(zeros), zeros.n_bytes) == (0, 0)


def test_many_who_ask_at_once_have_it_made_once() -> None:
    made: list[int] = []
    all_here = threading.Barrier(8)

    @kept(megabytes=1)
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

    @kept(megabytes=1)
    def broken(n: int) -> bytes:
        made.append(n)
        raise ValueError(n)

    for _ in range(2):
        with pytest.raises(ValueError, match="5"):
            broken(5)
    assert made == [5, 5]
    assert len(broken) == 0


def test_small_results_are_bounded_with_what_they_are_remembered_by() -> None:
    @kept(megabytes=0.1)
    def length(word: str) -> int:
        return len(word)

    for n in range(200):
        length(f"{n}" * KB)
    assert len(length) < 100  # a text of 1 kB or more each


@dataclass(frozen=True, slots=True)
class Pair:
    """Two things in one."""

    one: object
    other: object


def test_the_size_of_what_holds_arrays_is_theirs_each_counted_once() -> None:
    a, b = np.zeros((100, 1_000)), np.zeros(50_000, np.float32)
    held = 800 * KB + 200 * KB
    for held_somehow in ((a, b), [a, b, a], {"a": a, "b": b}, MappingProxyType({"a": a, "b": b}), Pair(a, (b, b))):
        assert held <= size_of(held_somehow) <= held + 2 * KB


def test_the_size_of_a_part_is_that_of_the_whole_it_keeps() -> None:
    whole = np.zeros((100, 1_000))
    assert size_of(whole[0, :1]) >= whole.nbytes
    assert size_of((whole[0], whole[1].T, whole)) < whole.nbytes + KB
    assert size_of(np.broadcast_to(np.zeros(10), (1_000, 10))) < KB


def test_the_size_of_an_array_of_torchs_is_that_of_the_storage_it_keeps() -> None:
    three = torch.zeros(3, 100_000)
    query, key, value = (part.numpy() for part in three)
    assert size_of(query) >= three.nbytes
    assert size_of((query, key, value)) < three.nbytes + 3 * KB


def test_the_size_of_words_is_at_least_their_bytes() -> None:
    assert size_of(("á" * KB, b"x" * KB, "\N{CAT FACE}" * KB)) >= KB + KB + 4 * KB
