"""Maps on their own scales and paired bars: their numbers, their limits, and what is absent in them."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from attention.figures import DARK, LIGHT, Panel, Series, Taken, paired_bars, value_maps
from attention.figures.covers import Cover
from attention.texts import text
from tests.figures.samples import cells_of, sample_view, with_undefined_row

PT: dict[str, Any] = {"language": "pt-BR", "theme": LIGHT}


def panels(values: np.ndarray, taken: np.ndarray | None = None) -> tuple[Panel, ...]:
    return (
        Panel("weight", "peso", values, "share", "worth.cell_weight", "peso"),
        Panel("length", "comprimento", 3 * values, "length", "worth.cell_length", "comprimento"),
        Panel("difference", "diferença", values - 0.5, "points", "worth.cell_difference", "pontos", taken),
    )


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_each_map_holds_its_numbers_on_its_own_scale(dropout: float, *, narrow: bool) -> None:
    view = sample_view(dropout=dropout)
    figure = value_maps(view, 1, panels(view.weights[1]), narrow=narrow, focus_row=2, **PT)
    shown = view.cells[1] == 0
    for part, values in (
        ("weight", view.weights[1]),
        ("length", 3 * view.weights[1]),
        ("difference", view.weights[1] - 0.5),
    ):
        cells = cells_of(figure, part)
        z = np.array(cells.z)
        np.testing.assert_allclose(z[shown], values[shown], rtol=1e-6)
        assert np.isnan(z[~shown]).all()
        assert cells.meta["n"] == 7
    largest = 3 * float(view.weights[1][shown].max())
    assert (cells_of(figure, "weight").zmin, cells_of(figure, "weight").zmax) == (0, 1)
    assert cells_of(figure, "length").zmax == pytest.approx(largest)
    assert cells_of(figure, "difference").zmin == -cells_of(figure, "difference").zmax


def axes_domains(figure: go.Figure, letter: str) -> list[list[float]]:
    return (
        sorted(list(axis.domain) for axis in figure.select_yaxes() if axis.domain)
        if letter == "y"
        else sorted(list(axis.domain) for axis in figure.select_xaxes() if axis.domain)
    )


@pytest.mark.parametrize(("narrow", "letter"), [(False, "x"), (True, "y")])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_maps_stand_apart_within_the_figure(n: int, letter: str, *, narrow: bool) -> None:
    view = sample_view()
    figure = value_maps(view, 0, panels(view.weights[0])[:n], narrow=narrow, **PT)
    domains = axes_domains(figure, letter)
    assert len(domains) == n
    assert all(0 <= start < end <= 1 for start, end in domains)
    assert all(before[1] < after[0] for before, after in pairwise(domains))


def test_what_was_taken_has_no_number_no_weights_colour_and_a_dash() -> None:
    view = sample_view(("a", "b", "c"), causal=False)
    taken = np.zeros((3, 3), np.uint8)
    taken[:, 0] = Taken.HIDDEN
    taken[1] = Taken.EMPTY
    (*_, panel) = panels(view.weights[0], taken)
    figure = value_maps(view, 0, (panel,), **PT)
    cells = cells_of(figure)
    assert np.isnan(np.array(cells.z)).tolist() == (taken > 0).tolist()
    assert "escondido" in cells.hovertext[0][0]
    assert "nada restou" in cells.hovertext[1][2]
    (written,) = (trace for trace in figure.data if trace.type == "scatter")
    assert list(written.text).count("—") == 5
    (cover,) = (trace for trace in figure.data if (trace.meta or {}).get("role") == "covers")
    assert (np.array(cover.z) > 0).tolist() == (taken > 0).tolist()


def test_a_row_without_a_number_is_covered_and_never_coloured() -> None:
    view = with_undefined_row(sample_view(("a", "b")), 0, 1)
    lost = np.array([[1.0, 0.0], [np.nan, np.nan]])
    for each in (view, sample_view(("a", "b"))):
        figure = value_maps(each, 0, (Panel("difference", "d", lost, "points", "worth.cell_difference", "p"),), **PT)
        assert np.isnan(np.array(cells_of(figure).z)[1]).all()
        (cover,) = (trace for trace in figure.data if (trace.meta or {}).get("role") == "covers")
        assert (np.array(cover.z)[1] > 0).all()


def test_a_map_of_nothing_but_zeros_has_a_scale() -> None:
    view = sample_view(("a",))
    figure = value_maps(view, 0, panels(np.zeros((1, 1))), **PT)
    assert cells_of(figure, "length").zmax == 1.0
    json.loads(figure.to_json())


def test_hostile_labels_are_text_and_large_maps_are_small_to_send() -> None:
    view = sample_view(("<b>x</b>", "$y$"))
    assert "<b>x</b>" not in value_maps(view, 0, panels(view.weights[0]), **PT).to_json()
    many = sample_view(tuple(f"t{i}" for i in range(200)))
    figure = value_maps(many, 0, panels(many.weights[0]), language="en", theme=DARK)
    assert len(figure.to_json()) < 1_000_000
    assert cells_of(figure, "length").hovertext is None


def test_paired_bars_are_two_a_label_and_a_masked_label_has_none() -> None:
    figure = paired_bars(
        ["a", "<b>"],
        (Series("antes", [0.25, 0.0], "quiet"), Series("depois", [0.5, 0.0], "context")),
        covered=[Cover.NONE, Cover.MASKED],
        focus=0,
        **PT,
    )
    assert [list(trace.x) for trace in figure.data] == [[0.25, 0.0], [0.5, 0.0]]
    assert [list(trace.text) for trace in figure.data] == [["25%", "–"], ["50%", "–"]]
    assert text("figures.cell_masked", "pt-BR") in figure.data[0].hovertext[1]
    assert list(figure.layout.yaxis.ticktext) == ["<b>a</b>", "&lt;b&gt;"]
    assert [trace.name for trace in figure.data] == ["antes", "depois"]
    assert [trace.marker.pattern.shape for trace in figure.data] == ["", "/"]  # told apart without colour
