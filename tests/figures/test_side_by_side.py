"""A, B and their difference as data: what is drawn is what the two sides hold."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attention.alignment import align
from attention.figures import LIGHT, comparison, head_map, heads_mosaic, side_bars, side_by_side
from attention.figures.covers import Cover
from attention.figures.pairs import pair, pair_names
from attention.views import Cell, WeightsView, select_heads
from tests.figures.samples import COURSE, cells_of, sample_view, with_row, with_undefined_row

CAT = ("O", "gato", "preto", "miou")
PT: dict[str, Any] = {"language": "pt-BR", "theme": LIGHT}
NAMES = ("A: um", "B: dois")


def drawn(a: WeightsView, b: WeightsView, **options: Any) -> Any:  # noqa: ANN401 - a figure's own options
    return side_by_side(a, b, **{"heads": (0, 1), "by": "position", "names": NAMES, **PT, **options})


def test_a_and_b_are_on_one_scale_and_the_difference_is_centred() -> None:
    a, b = sample_view(), sample_view(seed=1)
    figure = drawn(a, b)
    sides = [cells_of(figure, part) for part in ("a", "b")]
    assert {(side.zmin, side.zmax) for side in sides} == {(0, 1)}
    for side, view, head in zip(sides, (a, b), (0, 1), strict=True):
        np.testing.assert_array_equal(side.z, np.where(view.cells[head] == Cell.MASKED, np.nan, view.weights[head]))
    change = cells_of(figure, "difference")
    seen = np.tril(np.ones((7, 7), dtype=bool))
    np.testing.assert_array_equal(change.z[seen], (b.weights[1] - a.weights[0])[seen])
    assert np.isnan(change.z[~seen]).all()
    assert change.zmin == -change.zmax == -np.abs(change.z[seen]).max()


def test_the_same_sentence_gives_the_difference_that_before_and_after_give() -> None:
    a, b = sample_view(), sample_view(dropout=0.3, seed=2)
    old, new = comparison(a, b, 0, **PT), drawn(a, b, heads=(0, 0))
    np.testing.assert_array_equal(cells_of(old, "difference").z, cells_of(new, "difference").z)


def test_what_has_no_partner_is_absent_never_zero() -> None:
    a, b = sample_view(causal=False), sample_view(CAT, causal=False, seed=1)
    figure = drawn(a, b, by="word")
    pairs = align(COURSE, CAT, "word").pairs
    lone = np.array([None in pair for pair in pairs])
    change = cells_of(figure, "difference")
    assert change.meta["n"] == len(pairs)
    np.testing.assert_array_equal(np.isnan(change.z), lone[:, None] | lone)
    cover = next(trace for trace in figure.data if (trace.meta or {}).get("role") == "covers" and trace.xaxis == "x3")
    np.testing.assert_array_equal(np.array(cover.z) == Cover.ABSENT, lone[:, None] | lone)
    assert "só uma das frases" in change.hovertext[lone.tolist().index(True)][0]
    assert any(shape.xref == "x3" and shape.line.color == LIGHT.hatch for shape in figure.layout.shapes)


def test_one_cell_is_outlined_in_all_three_where_each_counts_it() -> None:
    a, b = sample_view(), sample_view(CAT, seed=1)
    pairs = align(COURSE, CAT, "word").pairs
    focus = (pairs.index((6, 3)), pairs.index((1, 1)))
    figure = drawn(a, b, by="word", focus=focus)
    boxes = {
        shape.xref: shape.path
        for shape in figure.layout.shapes
        if shape.line.color == LIGHT.ink and shape.line.width == 3
    }
    for axes, (row, column) in {"x": (6, 1), "x2": (3, 1), "x3": focus}.items():
        assert boxes[axes].startswith(f"M{column - 0.5},{row - 0.5}H{column + 0.5}V{row + 0.5}")


def test_a_cell_that_one_side_has_not_is_not_outlined_there() -> None:
    a, b = sample_view(), sample_view(CAT, seed=1)
    pairs = align(COURSE, CAT, "word").pairs
    figure = drawn(a, b, by="word", focus=(pairs.index((None, 2)), 0))
    assert not [shape for shape in figure.layout.shapes if shape.xref == "x" and shape.line.color == LIGHT.query]
    assert [shape for shape in figure.layout.shapes if shape.xref == "x2" and shape.line.color == LIGHT.query]


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("sizes", [(1, 1), (1, 9), (30, 3), (90, 80)])
def test_any_two_lengths_draw_and_the_phone_has_the_same_traces(sizes: tuple[int, int], narrow: bool) -> None:  # noqa: FBT001
    a, b = (sample_view(tuple(f"t{i}" for i in range(n)), heads=2) for n in sizes)
    figure = drawn(a, b, focus=(0, 0), narrow=narrow)
    assert [trace.meta for trace in figure.data] == [trace.meta for trace in drawn(a, b).data]
    assert figure.layout.width is None
    domains = [axis.domain for axis in figure.select_yaxes()]
    assert all(0 <= low < high <= 1 for low, high in domains)


def test_equal_sides_and_rounding_are_named_in_the_title() -> None:
    view = sample_view(causal=False)
    assert "= 0" in drawn(view, view, heads=(1, 1)).layout.xaxis3.title.text
    nothing = drawn(view, sample_view(("x", "y")), by="word").layout.xaxis3.title.text
    assert "0" not in nothing.split("<br>")[0]


def test_a_hover_says_what_each_side_gives() -> None:
    a, b = sample_view(causal=False), sample_view(causal=False, seed=1)
    said = cells_of(drawn(a, b), "difference").hovertext[6][1]
    assert said.startswith("“miou” → “gato”: ")
    assert " em A, " in said
    undefined = cells_of(drawn(with_undefined_row(a, 0, 6), b), "difference").hovertext[6][1]
    assert undefined == "“miou” → “gato”<br>em A, a linha não está definida (0 ÷ 0)"


def test_a_word_that_comes_twice_says_its_position_in_a_where_both_have_it() -> None:
    a, b = sample_view(("o", "gato", "o")), sample_view(("um", "o", "gato", "o"))
    names = pair_names(pair(a, b, (0, 1), "word"), "pt-BR")
    assert names == ["“um”", "“o” (posição 1)", "“gato”", "“o” (posição 3)"]
    assert pair_names(pair(a, b, (0, 1), "position"), "pt-BR")[1] == "“gato” | “o” (posição 2)"
    assert pair(a, b, (0, 1), "position").labels == ("o | um", "gato | o", "o | gato", "o")


def test_labels_of_a_and_b_are_only_text() -> None:
    hostile = ("<b>x</b>", "$y$", "%{z}")
    figure = drawn(sample_view(hostile), sample_view(("<i>w</i>",)), focus=(0, 0))
    data = json.dumps(json.loads(figure.to_json()))
    assert "<b>x" not in data
    assert "<i>" not in data
    assert "$" not in data


def test_the_bars_are_the_row_of_both_sides() -> None:
    a, b = sample_view(), sample_view(CAT, seed=1)
    pairs = align(COURSE, CAT, "word").pairs
    row = pairs.index((6, 3))
    figure = side_bars(a, b, heads=(0, 1), by="word", row=row, **PT)
    one, other, points = figure.data
    for place, (i, j) in enumerate(pairs):
        assert one.x[place] == (0 if i is None else a.weights[0, 6, i])
        assert other.x[place] == (0 if j is None else b.weights[1, 3, j])
        if i is not None and j is not None:
            written = [number_in(one.text[place]), number_in(other.text[place]), number_in(points.text[place + 1])]
            assert written[1] - written[0] == pytest.approx(written[2], abs=1e-9 if abs(written[2]) < 9 else 1.0)
            assert abs(written[0] - 100 * a.weights[0, 6, i]) <= (0.051 if abs(written[2]) < 9 else 0.501)
        else:
            assert "sem par" in one.text[place] + other.text[place]
            assert points.text[place + 1] == ""


def test_a_bar_s_length_is_its_weight_on_the_scale_of_the_maps() -> None:
    small = with_row(sample_view(), 0, 3, [0.0002, 0.001, 0, 0.0004, 0, 0, 0])
    axis = side_bars(small, small, heads=(0, 0), by="position", row=3, **PT).layout.xaxis.range
    assert axis[0] == 0
    assert axis[1] >= 1
    large = with_row(sample_view(), 0, 3, [1.9, 0.1, 0, 0, 0, 0, 0])
    assert side_bars(large, large, heads=(0, 0), by="position", row=3, **PT).layout.xaxis.range[1] >= 1.9


@settings(deadline=None)
@given(st.floats(0, 2), st.floats(0, 2))
def test_a_difference_follows_from_the_two_numbers_beside_it(one: float, other: float) -> None:
    a, b = (with_row(sample_view(), 0, 3, [weight, 0, 0, 0, 0, 0, 0]) for weight in (one, other))
    first, second, points = side_bars(a, b, heads=(0, 0), by="position", row=3, **PT).data
    written = [number_in(first.text[0]), number_in(second.text[0]), number_in(points.text[1])]
    assert written[1] - written[0] == pytest.approx(written[2], abs=1e-9 if abs(written[2]) < 9 else 1.0)


def number_in(written: str) -> float:
    """Return the number that is written; what is less than 0.1 counts as nothing, as it does in a difference."""
    if "menos de" in written or "≈" in written:
        return 0.0
    return float(re.sub("[^0-9.−-]", "", written.replace(",", ".")).replace("\N{MINUS SIGN}", "-"))


def test_bars_without_a_number_say_why() -> None:
    figure = side_bars(with_undefined_row(sample_view(), 0, 3), sample_view(), heads=(0, 0), by="position", row=3, **PT)
    assert list(figure.data[0].text) == ["A 0÷0"] * 4 + ["A máscara"] * 3
    assert set(figure.data[2].text[1:]) == {""}


def test_some_heads_are_drawn_as_they_are_chosen() -> None:
    view = sample_view(heads=5)
    cells = cells_of(heads_mosaic(view, only=(3, 1), columns=2, **PT))
    again = cells_of(heads_mosaic(select_heads(view, (3, 1)), columns=2, **PT))
    np.testing.assert_array_equal(cells.z, again.z)
    np.testing.assert_array_equal(np.array(cells.z)[:7, :7][6], view.weights[3, 6])


def test_the_second_head_is_outlined_in_dashes() -> None:
    figure = heads_mosaic(sample_view(heads=4), focus_head=0, second_head=3, **PT)
    assert [shape.line.dash for shape in figure.layout.shapes] == [None, "dash"]


@pytest.mark.parametrize("n", [1, 2, 11, 40])
def test_a_map_says_how_low_it_may_be_drawn_so_that_its_rows_stand_apart(n: int) -> None:
    view = sample_view(tuple(f"a{i}" for i in range(n)))
    for drawn in (
        head_map(view, 0, **PT),
        side_by_side(view, view, heads=(0, 0), by="position", names=NAMES, **PT),
        comparison(view, view, 0, **PT),
    ):
        least, height = drawn.layout.meta["least"], drawn.layout.height
        assert least <= height
        usual = max(64, min(36 * n, 520))  # of all rows
        assert least - (height - usual) == max(64, min(22 * n, usual))
