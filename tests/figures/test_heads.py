"""The figures that show all heads at once: by two measures, by likeness, and as bars."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.figures import DARK, LIGHT, Theme, head_bars, head_map, head_scatter, similarity_map
from attention.figures.theme import contrast
from tests.figures.samples import sample_view

PT: dict[str, Any] = {"language": "pt-BR", "theme": LIGHT}
NAMES = ["1.1", "1.2", "1.3", "1.4"]
DIVERGENCES = np.array([[0, 0.5, 0.25, 1], [0.5, 0, 0.1, 0.3], [0.25, 0.1, 0, np.nan], [1, 0.3, np.nan, 0]])


def scatter(x: list[float], y: list[float], chosen: int | None = None) -> go.Figure:
    names = [str(head + 1) for head in range(len(x))]
    return head_scatter(names, x, y, names, titles=("a", "b"), shares=(False, True), chosen=chosen, **PT)


def similar(order: list[int], *, theme: Theme = LIGHT, chosen: int | None = None) -> go.Figure:
    sentences = [[f"{one} {other}" for other in NAMES] for one in NAMES]
    return similarity_map(DIVERGENCES, order, NAMES, sentences, title="t", language="pt-BR", theme=theme, chosen=chosen)


# ---- scatter ---------------------------------------------------------------------------------------------------------


def test_each_head_stands_at_its_two_measures_under_its_name() -> None:
    drawn = scatter([0.0, 1.0, 2.0], [0.5, 0.1, 0.9], chosen=1)
    heads = drawn.data[0]
    assert (list(heads.x), list(heads.y)) == ([0, 1, 2], [0.5, 0.1, 0.9])
    assert list(heads.text) == ["1", "<b>2</b>", "3"]
    assert heads.marker.color[1] != heads.marker.color[0] == heads.marker.color[2]
    assert heads.meta == {"role": "points", "n": 3}
    assert (drawn.layout.xaxis.tickformat, drawn.layout.yaxis.tickformat) == (None, ".0%")


def test_names_of_near_heads_stand_on_either_side_and_those_of_covered_ones_together() -> None:
    drawn = scatter([1.0, 1.1, 3.0, 5.0, 5.0], [0.5, 0.5, 0.1, 0.9, 0.9], chosen=4).data[0]
    assert list(drawn.textposition[:3]) == ["middle left", "middle right", "top center"]
    assert list(drawn.text[3:]) == ["<b>4, 5</b>", "<b></b>"]
    assert scatter([1.0] * 5, [1.0] * 5).data[0].text[0] == "1, 2, 3…"


def test_a_head_without_a_measure_has_no_marker_but_keeps_its_place() -> None:
    drawn = scatter([np.nan, 1.0, 2.0], [0.5, 0.1, np.nan])
    assert len(drawn.data[0].x) == 3
    assert np.isnan(drawn.data[0].x[0])
    assert drawn.layout.xaxis.range[0] < 1 < 2 < drawn.layout.xaxis.range[1]


@given(st.lists(st.one_of(st.floats(0, 1e3), st.just(float("nan"))), min_size=1, max_size=12))
def test_every_marker_lies_within_the_axes(values: list[float]) -> None:
    start, end = scatter(values, values).layout.xaxis.range
    known = [value for value in values if not np.isnan(value)]
    assert start < end
    assert all(start <= value < end for value in known)


# ---- similarity ------------------------------------------------------------------------------------------------------


def test_rows_and_columns_stand_in_the_order_given() -> None:
    order = [2, 0, 3, 1]
    drawn = similar(order, chosen=0)
    cells = drawn.data[0]
    np.testing.assert_array_equal(cells.z, DIVERGENCES[np.ix_(order, order)])
    assert list(drawn.layout.xaxis.ticktext) == list(drawn.layout.yaxis.ticktext) == ["1.3", "<b>1.1</b>", "1.4", "1.2"]
    assert cells.hovertext[0][1] == "1.3 1.1"
    assert (cells.zmin, cells.zmax) == (0, 1)


def test_a_pair_without_a_divergence_has_no_number() -> None:
    numbers = similar([0, 1, 2, 3]).data[1]
    assert len(numbers.text) == 14
    assert (2, 3) not in set(zip(numbers.y, numbers.x, strict=True))
    assert numbers.text[1] == "0,50"


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_strongest_colour_is_likeness_and_one_bit_is_the_page(theme: Theme) -> None:
    scale = similar([0, 1, 2, 3], theme=theme).data[0].colorscale
    assert (scale[0][1], scale[-1][1]) == (theme.ink, theme.background)
    away = [contrast(colour, theme.background) for _, colour in scale]
    assert away == sorted(away, reverse=True)
    numbers = similar([0, 1, 2, 3], theme=theme).data[1]
    shade = {0.0: scale[0][1], 1.0: scale[-1][1]}
    for value, ink in zip(DIVERGENCES[np.isfinite(DIVERGENCES)], numbers.textfont.color, strict=True):
        if value in shade:
            assert contrast(ink, shade[value]) >= 4.5


def test_many_heads_have_no_room_for_numbers() -> None:
    n = 13
    names = [str(head) for head in range(n)]
    drawn = similarity_map(np.zeros((n, n)), range(n), names, [names] * n, title="t", **PT)
    assert len(drawn.data) == 1


# ---- bars and the map ------------------------------------------------------------------------------------------------


def test_bars_of_weights_share_one_scale_and_one_colour() -> None:
    options = {"title": "t", "colour": LIGHT.weights[-2], "full": 1.0, "room": 0.2, **PT}
    small = head_bars(["a"], [0.1], ["10%"], ["a"], **options)
    large = head_bars(["a"], [0.9], ["90%"], ["a"], **options)
    assert small.layout.xaxis.range == large.layout.xaxis.range == (0, 1 / 0.8)
    assert set(small.data[0].marker.color) == {LIGHT.weights[-2]}
    assert head_bars(["a"], [1.6], ["160%"], ["a"], **options).layout.xaxis.range[1] == pytest.approx(1.6 / 0.8)


def test_a_bar_too_short_to_hit_is_chosen_from_its_whole_row() -> None:
    layout = head_bars(["a"], [0.0], ["0%"], ["a"], title="t", **PT).layout
    assert (layout.hovermode, layout.hoverdistance) == ("y", -1)


def test_the_map_outlines_a_cell_instead_of_its_row_and_bears_another_title() -> None:
    view = sample_view()
    cell = head_map(view, 0, focus_row=3, focus_column=2, title="Camada 2, cabeça 1", **PT)
    assert cell.layout.shapes[-1].path == "M1.5,2.5H2.5V3.5H1.5Z"
    assert "<b>Camada 2, cabeça 1</b>" in cell.layout.xaxis.title.text
    row = head_map(view, 0, focus_row=3, **PT)
    assert row.layout.shapes[-1].path == "M-0.5,2.5H6.5V3.5H-0.5Z"
    assert "<b>Cabeça 1</b>" in row.layout.xaxis.title.text
