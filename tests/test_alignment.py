"""Two sentences on each other: by hand, and whatever they are."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.alignment import By, align, placed
from attention.metrics import difference
from attention.views import Cell
from tests.figures.samples import COURSE, sample_view

CAT = ("O", "gato", "preto", "miou")
words = st.lists(st.sampled_from("abcA"), max_size=6).map(tuple)


def test_by_position_the_first_stands_on_the_first_and_what_is_longer_stands_alone() -> None:
    assert align(("a", "b", "c"), ("x", "y"), "position").pairs == ((0, 0), (1, 1), (2, None))
    assert align(("a",), ("x", "y"), "position").pairs == ((0, 0), (None, 1))


def test_by_word_equal_words_stand_on_each_other_in_order() -> None:
    found = align(CAT, ("o", "gato", "que", "miou", "alto"), "word")
    assert found.pairs == ((0, 0), (1, 1), (2, None), (None, 2), (3, 3), (None, 4))
    assert (found.alone(0), found.alone(1), found.partners) == ([2], [2, 4], 3)
    assert align(("a", "b"), ("b", "a"), "word").partners == 1
    assert align(("a", "b"), ("x", "y"), "word").pairs == ((0, None), (1, None), (None, 0), (None, 1))


def test_a_place_has_one_number_a_s_position_or_beyond_them_that_of_b() -> None:
    found = align(CAT, ("O", "gato", "que", "miou"), "word")
    assert [found.position(place) for place in range(5)] == [0, 1, 2, 4 + 2, 3]
    assert [found.place(found.position(place)) for place in range(5)] == list(range(5))
    assert found.place(-1) is found.place(99) is None


@given(words, words, st.sampled_from(("position", "word")))
def test_every_position_of_both_stands_once_and_in_order(a: tuple[str, ...], b: tuple[str, ...], by: By) -> None:
    found = align(a, b, by)
    assert [position for position in found.of_side(0) if position is not None] == list(range(len(a)))
    assert [position for position in found.of_side(1) if position is not None] == list(range(len(b)))
    assert (None, None) not in found.pairs
    assert found.n_a == len(a)
    paired = [(i, j) for i, j in found.pairs if i is not None and j is not None]
    if by == "word":
        assert all(a[i].casefold() == b[j].casefold() for i, j in paired)


@given(words, words)
def test_no_longer_common_subsequence_exists(a: tuple[str, ...], b: tuple[str, ...]) -> None:
    def all_of(sequence: tuple[str, ...]) -> set[tuple[str, ...]]:
        folded = [word.casefold() for word in sequence]
        return {part for n in range(len(folded) + 1) for part in combinations(folded, n)}

    longest = max(len(common) for common in all_of(a) & all_of(b))
    assert align(a, b, "word").partners == longest


@given(words, st.sampled_from(("position", "word")))
def test_a_sentence_lies_on_itself(sentence: tuple[str, ...], by: By) -> None:
    assert align(sentence, sentence, by).pairs == tuple((i, i) for i in range(len(sentence)))


def test_what_is_placed_has_its_own_weights_and_is_absent_elsewhere() -> None:
    view = sample_view(CAT)
    alignment = align(COURSE, CAT, "word")
    laid = placed(view, 2, alignment, 1, tuple(map(str, range(len(alignment.pairs)))))
    for row, i in enumerate(alignment.of_side(1)):
        for column, j in enumerate(alignment.of_side(1)):
            if i is None or j is None:
                assert laid.cells[0, row, column] == Cell.ABSENT
                assert laid.weights[0, row, column] == 0
            else:
                assert laid.cells[0, row, column] == view.cells[2, i, j]
                assert laid.weights[0, row, column] == view.weights[2, i, j]


@pytest.mark.parametrize("by", ["position", "word"])
def test_the_difference_is_b_minus_a_between_partners_and_nowhere_else(by: By) -> None:
    a, b = sample_view(COURSE, causal=False), sample_view(CAT, causal=False, seed=1)
    alignment = align(COURSE, CAT, by)
    labels = tuple(map(str, range(len(alignment.pairs))))
    change = difference(placed(a, 0, alignment, 0, labels), placed(b, 1, alignment, 1, labels), 0)
    for row, (i, k) in enumerate(alignment.pairs):
        for column, (j, m) in enumerate(alignment.pairs):
            if None in (i, j, k, m):
                assert np.isnan(change[row, column])
            else:
                assert change[row, column] == b.weights[1, k, m] - a.weights[0, i, j]
