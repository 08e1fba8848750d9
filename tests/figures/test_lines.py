"""The lines from who looks to who is looked at: every weight that matters, and a count of what is left out."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.figures import DARK, LIGHT, MOST_LINES, Theme, drawn_lines, lines
from attention.figures import LEAST_LINE as TINY
from attention.figures.lines import FAN, LEFT, RIGHT, WIDEST, WIDTHS
from attention.figures.theme import contrast
from tests.figures.samples import sample_view, with_row, with_undefined_row

PT: dict[str, Any] = {"language": "pt-BR", "theme": LIGHT}


def bundles(figure: go.Figure) -> list[Any]:
    """Return the traces that are lines: those of one head and one width."""
    return [trace for trace in figure.data if (trace.meta or {}).get("role") == "lines"]


@given(st.integers(1, 12), st.integers(1, 20), st.booleans(), st.sampled_from([0.0, 0.3]))
def test_a_line_stands_for_every_weight_that_is_not_tiny_and_the_rest_is_counted(
    heads: int,
    n: int,
    causal: bool,  # noqa: FBT001 - hypothesis gives it
    dropout: float,
) -> None:
    view = sample_view(tuple(map(str, range(n))), heads=heads, causal=causal, dropout=dropout, seed=n)
    drawn = drawn_lines(view, range(heads))
    expected = {tuple(cell) for cell in np.argwhere(view.weights >= TINY).tolist()}
    assert set(zip(drawn.heads.tolist(), drawn.queries.tolist(), drawn.keys.tolist(), strict=True)) == expected
    rest = view.weights[(view.weights > 0) & (view.weights < TINY)]
    assert drawn.left_out == len(rest)
    if view.weights.sum():
        assert drawn.left_out_share == pytest.approx(rest.sum() / view.weights.sum(), abs=1e-9)


def test_the_figure_draws_each_line_once_between_its_two_tokens() -> None:
    view = sample_view(heads=4)
    chosen = (0, 2)
    figure = lines(view, chosen, **PT)
    drawn = drawn_lines(view, chosen)
    expected = Counter(zip(drawn.heads.tolist(), drawn.queries.tolist(), drawn.keys.tolist(), strict=True))
    found: Counter[tuple[int, int, int]] = Counter()
    for bundle in bundles(figure):
        place = chosen.index(bundle.meta["head"])
        lower = FAN * ((place + 0.5) / len(chosen) - 0.5)
        ends = np.array([value for value in bundle.y if value is not None]).reshape(-1, 2) - lower
        assert set(bundle.x) == {LEFT, RIGHT, None}
        assert ends[:, 0] == pytest.approx(bundle.meta["query"])
        assert ends[:, 1] == pytest.approx(bundle.meta["key"])
        found.update(
            (bundle.meta["head"], *line) for line in zip(bundle.meta["query"], bundle.meta["key"], strict=True)
        )
    assert found == expected


def test_a_line_is_as_wide_as_its_weight_to_the_nearest_width() -> None:
    view = sample_view(heads=1)
    for bundle in bundles(lines(view, [0], **PT)):
        for query, key in zip(bundle.meta["query"], bundle.meta["key"], strict=True):
            weight = bundle.line.width / WIDEST
            assert abs(weight - view.weights[0, query, key]) == pytest.approx(
                np.abs(WIDTHS - view.weights[0, query, key]).min()
            )


def test_of_a_long_text_only_the_strongest_lines_are_drawn() -> None:
    view = sample_view(tuple(map(str, range(64))), heads=12, seed=3)
    drawn = drawn_lines(view, range(12))
    assert len(drawn.weights) == MOST_LINES
    others = np.sort(view.weights[view.weights >= TINY])[::-1][MOST_LINES:]
    assert len(others)
    assert drawn.weights.min() >= others.max()
    assert drawn.left_out == int((view.weights > 0).sum()) - MOST_LINES


def test_a_row_that_is_not_defined_has_no_line() -> None:
    view = with_undefined_row(sample_view(), 1, 6)
    drawn = drawn_lines(view, range(3))
    assert not ((drawn.heads == 1) & (drawn.queries == 6)).any()


def test_a_column_says_at_whom_each_head_looks_and_who_looks_at_a_token() -> None:
    view = sample_view(heads=2)
    for head, (strongest, weight) in enumerate(((1, 0.9), (5, 0.8))):
        row = [0.0] * 7
        row[strongest] = weight
        view = with_row(view, head, 6, row)
    query, key = (trace for trace in lines(view, (0, 1), **PT).data if trace.type == "bar")
    assert query.hovertext[6].splitlines() == [
        "“miou” olha mais para:<br>Cabeça 1: “gato” 90%<br>Cabeça 2: “telhado” 80%"
    ]
    column = view.weights[0, :, 1]
    assert column.argmax() != 6 or "Cabeça 1: “miou” 90%" in key.hovertext[1]
    assert key.hovertext[1].startswith("“gato” é mais olhado por:")
    assert (query.meta["isolates"], key.meta["isolates"]) == ("query", "key")


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_every_head_has_a_colour_of_its_own_that_reads_on_the_page(theme: Theme) -> None:
    colours = [theme.head_colour(head) for head in range(12)]
    assert len(set(colours)) == 12
    assert min(contrast(colour, theme.background) for colour in colours) >= 3
