import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attention.figures import DARK, LIGHT, Theme, comparison, head_map, heads_mosaic, lines, row_bars, sentence_colours
from attention.figures.covers import Cover, cover, covers
from attention.figures.labels import escape, named, quoted, shorten
from attention.figures.sentences import cell_sign, cell_text
from attention.texts import Language, percent
from attention.views import Cell, WeightsView
from tests.figures.samples import cells_of, sample_view, with_mixed_diagonal, with_row, with_undefined_row

PT: dict[str, Any] = {"language": "pt-BR", "theme": LIGHT}
EN: dict[str, Any] = {"language": "en", "theme": DARK}


def every_figure(view: WeightsView, *, language: Language, theme: Theme) -> list[go.Figure]:
    """All figures of a view, the last head and the last row in focus."""
    head, row = view.n_heads - 1, len(view.labels) - 1
    return [
        heads_mosaic(view, focus_head=head, focus_row=row, language=language, theme=theme),
        head_map(view, head, focus_row=row, language=language, theme=theme),
        comparison(view, view, head, focus_row=row, language=language, theme=theme),
        comparison(view, view, head, focus_row=row, narrow=True, language=language, theme=theme),
        row_bars(view, head, row, language=language, theme=theme),
        sentence_colours(view, head, row, language=language, theme=theme),
        lines(view, range(view.n_heads), focus_row=row, language=language, theme=theme),
    ]


def from_mosaic(sheet: Sequence[Sequence[object]], head: int, meta: dict[str, int]) -> np.ndarray:
    """Cut one head out of a mosaic by the contract in the package's docstring."""
    pitch = meta["n"] + meta["gap"]
    top, left = head // meta["columns"] * pitch, head % meta["columns"] * pitch
    return np.array(sheet)[top : top + meta["n"], left : left + meta["n"]]


def covers_of(figure: go.Figure) -> go.Heatmap:
    """Return the cover of a map's absent cells."""
    return next(trace for trace in figure.data if (trace.meta or {}).get("role") == "covers")


def masked_away(view: WeightsView, head: int) -> np.ndarray:
    return np.where(view.cells[head] == Cell.MASKED, np.nan, view.weights[head])


# ---- the numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("heads", [1, 2, 3, 5, 8, 12])
def test_the_mosaic_holds_every_head_and_nothing_between_them(heads: int) -> None:
    view = sample_view(heads=heads, dropout=0.3)
    cells = cells_of(heads_mosaic(view, **PT))
    for head in range(heads):
        np.testing.assert_array_equal(from_mosaic(cells.z, head, cells.meta), masked_away(view, head))
    drawn = np.isfinite(np.array(cells.z)).sum()
    assert drawn == (view.cells != Cell.MASKED).sum()


def test_a_large_mosaic_sends_one_byte_a_weight_on_the_same_scale() -> None:
    view = sample_view(tuple(f"t{i}" for i in range(80)), heads=12)
    figure = heads_mosaic(view, **PT)
    cells = cells_of(figure)
    assert cells.z.dtype == np.uint8
    assert (cells.zmin, cells.zmax) == (0, 255)
    expected = np.nan_to_num(masked_away(view, 7))
    np.testing.assert_allclose(from_mosaic(cells.z, 7, cells.meta) / 255, expected, atol=0.5 / 255)
    assert cells.colorbar.ticktext[0] == "0%"
    assert cells.colorbar.ticktext[-1] == "100%"
    assert cells.colorbar.tickvals[-1] == 255
    assert len(figure.to_json()) < 600_000


def test_one_head_holds_its_numbers() -> None:
    view = sample_view(dropout=0.3)
    np.testing.assert_array_equal(cells_of(head_map(view, 1, **PT)).z, masked_away(view, 1))


def test_the_difference_is_after_minus_before_and_centred() -> None:
    before, after = sample_view(causal=False), sample_view(causal=True)
    figure = comparison(before, after, 1, **PT)
    change = cells_of(figure, "difference")
    np.testing.assert_allclose(change.z, after.weights[1] - before.weights[1], atol=1e-15)
    assert change.zmin == -change.zmax
    assert change.zmax == np.abs(change.z).max()
    np.testing.assert_array_equal(cells_of(figure, "before").z, before.weights[1])
    np.testing.assert_array_equal(cells_of(figure, "after").z, masked_away(after, 1))


def test_the_two_sides_of_a_comparison_can_be_named() -> None:
    view = sample_view()
    titles = [axis.title.text for axis in comparison(view, view, 0, names=("passo 1", "passo 2"), **PT).select_xaxes()]
    assert "passo 1" in titles[0]
    assert "passo 2" in titles[1]
    assert "antes" not in "".join(titles)


def test_without_a_change_the_difference_is_exactly_zero_and_says_so() -> None:
    view = sample_view(causal=False)
    figure = comparison(view, view, 0, **PT)
    assert not np.any(cells_of(figure, "difference").z)
    assert "diferença = 0" in figure.layout.xaxis3.title.text


def test_rounding_is_not_drawn_as_a_difference() -> None:
    view = sample_view(causal=False)
    other = with_row(view, 0, 3, [view.weights[0, 3, 0] + 1e-7])
    figure = comparison(view, other, 0, **PT)
    assert cells_of(figure, "difference").zmax == 0.05
    assert "diferença ≈ 0" in figure.layout.xaxis3.title.text


@pytest.mark.parametrize("n", [1, 7, 20, 80])
def test_every_map_of_weights_has_the_limits_0_and_1(n: int) -> None:
    view = sample_view(tuple(f"t{i}" for i in range(n)), heads=2)
    maps = [
        cells_of(heads_mosaic(view, **PT)),
        cells_of(head_map(view, 0, **PT)),
        cells_of(comparison(view, view, 0, **PT), "before"),
        cells_of(comparison(view, view, 0, **PT), "after"),
    ]
    assert {(trace.zmin, trace.zmax) for trace in maps} == {(0, 1)}


def test_the_bars_and_the_sentence_show_the_row() -> None:
    view = sample_view()
    bars = row_bars(view, 1, 4, **PT).data[0]
    np.testing.assert_array_equal(bars.x, view.weights[1, 4])
    sentence = sentence_colours(view, 1, 4, **PT)
    assert [shape.fillcolor for shape in sentence.layout.shapes] == [
        LIGHT.masked if cell == Cell.MASKED else LIGHT.weight_colour(weight)
        for weight, cell in zip(view.weights[1, 4], view.cells[1, 4], strict=True)
    ]
    assert [shape.line.color == LIGHT.query for shape in sentence.layout.shapes] == [i == 4 for i in range(7)]


# ---- the sums --------------------------------------------------------------------------------------------------------


def printed_sums(figure: go.Figure) -> list[list[str]]:
    traces = [trace for trace in figure.data if (trace.meta or {}).get("role") == "sums"]
    return [[text.strip() for text in trace.text] for trace in traces]


def test_the_printed_sums_are_the_sums_and_stand_out_where_they_leave_1() -> None:
    view = sample_view(dropout=0.4)
    (printed,) = printed_sums(head_map(view, 2, **PT))
    written = [percent(total, "pt-BR") for total in view.row_sums[2]]
    assert printed == ["soma", *(total if total == "100%" else f"<b>{total}</b>" for total in written)]
    assert any(total != "100%" for total in written)


@pytest.mark.parametrize("n", [26, 27, 90])
def test_the_sum_of_the_focused_row_is_always_printed(n: int) -> None:
    view = sample_view(tuple(f"t{i}" for i in range(n)), dropout=0.4)
    title = head_map(view, 2, focus_row=5, **PT).layout.xaxis.title.text
    said = f"“t5” soma {percent(view.row_sums[2, 5], 'pt-BR')}"
    assert title.split("<br>")[0] == "<b>Cabeça 3</b>"
    assert (said in title) == (n > 26)
    assert "soma" not in head_map(view, 2, **PT).layout.xaxis.title.text


def test_before_and_after_each_print_their_sums() -> None:
    before, after = sample_view(), sample_view(dropout=0.4)
    first, second = printed_sums(comparison(before, after, 0, **EN))
    assert first == ["sum", *["100%"] * 7]
    assert [text.removeprefix("<b>").removesuffix("</b>") for text in second[1:]] == [
        percent(total, "en") for total in after.row_sums[0]
    ]


# ---- the words -------------------------------------------------------------------------------------------------------


def test_a_hover_is_a_sentence_with_the_cells_own_number() -> None:
    view = sample_view(causal=False)
    sentences = cells_of(head_map(view, 0, **PT)).hovertext
    assert sentences[6][1] == f"“miou” dedica {percent(view.weights[0, 6, 1], 'pt-BR')} da atenção a “gato”"
    english = cells_of(head_map(view, 0, **EN)).hovertext
    assert english[6][1] == f"“miou” gives {percent(view.weights[0, 6, 1], 'en')} of its attention to “gato”"


def test_a_small_share_is_not_called_zero() -> None:
    view = with_row(sample_view(causal=False), 0, 0, [0.004, 0.0004, 0])
    sentences = cells_of(head_map(view, 0, **PT)).hovertext[0]
    assert "0,4%" in sentences[0]
    assert "menos de 0,1%" in sentences[1]
    assert "dedica 0%" in sentences[2]


def test_masked_dropped_mixed_and_undefined_cells_say_what_they_are() -> None:
    view = with_undefined_row(with_mixed_diagonal(sample_view(dropout=0.5)), 0, 5)
    sentences = cells_of(head_map(view, 0, **PT)).hovertext
    assert sentences[2][6] == "“que” não pode olhar para “miou”:<br>vem depois (máscara causal)"
    assert sentences[5][6].startswith("“telhado” não pode olhar")
    assert "0 ÷ 0" in sentences[5][2]
    assert "Só o último pedaço de “miou” já viu a palavra inteira" in sentences[6][6]
    row, column = np.argwhere((view.cells[0] == Cell.DROPPED) & ~view.undefined[0][:, None])[0]
    before = percent(view.before_dropout[0, row, column], "pt-BR")
    assert sentences[row][column].startswith("O dropout zerou")
    assert f"({before} antes do sorteio)" in sentences[row][column]


def test_a_cell_says_the_same_in_words_signs_bars_strip_and_map() -> None:
    view = with_undefined_row(sample_view(heads=1, dropout=0.5), 0, 5)
    view = with_row(
        replace(view, cells=np.where(view.cells == Cell.MASKED, view.cells, Cell.SEEN)), 0, 6, [0.004, 3e-4]
    )
    view.cells.setflags(write=True)
    view.cells[0, 6, 2] = Cell.DROPPED
    for row, words, signs in [
        (0, ["máscara"], ["–"]),
        (5, ["0÷0"] * 6 + ["máscara"], ["0÷0"] * 6 + ["–"]),
        (6, ["0,4%", "menos de 0,1%", "zerado"], ["0,4%", "<0,1%", "×"]),
    ]:
        columns = range(1, 2) if row == 0 else range(len(words))
        assert [cell_text(view, 0, row, column, "pt-BR") for column in columns] == words
        assert [cell_sign(view, 0, row, column, "pt-BR") for column in columns] == signs
        bars = row_bars(view, 0, row, **PT).data[0].text
        strip = sentence_colours(view, 0, row, **PT).data[0].text
        assert [bars[column] for column in columns] == words
        for column, sign in zip(columns, signs, strict=True):
            assert f"px'>{sign.replace('<', '&lt;')}</span>" in strip[column]
    numbers = printed_numbers(head_map(view, 0, **PT))
    assert [numbers[5, column] for column in range(6)] == ["0÷0"] * 6
    assert [numbers[6, 0], numbers[6, 1]] == ["&lt;1", "&lt;1"]
    assert not {(5, 6), (6, 2)} & set(numbers)
    assert "0÷0" in printed_sums(head_map(view, 0, **PT))[0][6]
    assert row_bars(view, 0, 5, **PT).layout.xaxis.title.text == "<b>“telhado”, cabeça 1: soma 0÷0</b>"


def printed_numbers(figure: go.Figure) -> dict[tuple[int, int], str]:
    """Return what is written in the cells of a map, by row and column."""
    (trace,) = [trace for trace in figure.data if trace.type == "scatter" and trace.meta is None]
    return dict(zip(zip(trace.y.tolist(), trace.x.tolist(), strict=True), trace.text, strict=True))


def test_sentences_of_the_mosaic_begin_with_the_head() -> None:
    view = sample_view(heads=5)
    cells = cells_of(heads_mosaic(view, **PT))
    alone = cells_of(head_map(view, 3, **PT)).hovertext
    for row in range(7):
        for column in range(7):
            assert from_mosaic(cells.hovertext, 3, cells.meta)[row, column] == f"Cabeça 4<br>{alone[row][column]}"


def test_the_mosaic_writes_every_token_under_its_column_where_it_is_asked_to() -> None:
    view = sample_view(heads=3)
    n = len(view.labels)
    plain, labelled = heads_mosaic(view, columns=2, **PT), heads_mosaic(view, columns=2, key_labels=True, **PT)
    assert not plain.layout.xaxis.showticklabels
    assert labelled.layout.xaxis.showticklabels
    starts = (0, n + cells_of(labelled).meta["gap"])
    assert list(labelled.layout.xaxis.tickvals) == [start + place for start in starts for place in range(n)]
    assert list(labelled.layout.xaxis.ticktext) == 2 * list(view.labels)
    heights = labelled.layout.height - plain.layout.height
    maps = plain.layout.height - 80
    assert -cells_of(labelled).colorbar.y * maps == pytest.approx(heights, abs=1)  # the bar stands below the tokens


def test_the_difference_says_from_how_much_to_how_much() -> None:
    before = with_row(sample_view(causal=False), 0, 6, [0.2, 0.2, 0.2, 0.2, 0.2])
    after = with_row(before, 0, 6, [0.62, 0.203, 0.2, 0.2001, 0.19])
    sentences = cells_of(comparison(before, after, 0, **PT), "difference").hovertext[6]
    assert sentences[0] == "“miou” → “O”: de 20% para 62% (+42 pontos)"
    assert sentences[1] == "“miou” → “gato”: de 20,0% para 20,3% (+0,3 ponto)"
    assert sentences[2] == "“miou” → “que”: de 20% para 20% (sem mudança)"
    assert sentences[3].endswith("(menos de 0,1 ponto)")
    assert sentences[4].endswith("de 20,0% para 19,0% (\N{MINUS SIGN}1,0 ponto)")
    assert cells_of(comparison(before, after, 0, **EN), "difference").hovertext[6][1].endswith("(+0.3 points)")


def test_the_difference_says_what_stood_in_the_way() -> None:
    free, causal = sample_view(causal=False), sample_view(causal=True, dropout=0.5)
    causal = with_undefined_row(causal, 0, 3)
    sentences = cells_of(comparison(free, causal, 0, **EN), "difference").hovertext
    assert sentences[0][6].endswith("<br>after, the causal mask forbids this look")
    assert sentences[3][0] == "“estava” → “O”<br>after, the row is not defined (0 ÷ 0)"
    row, column = np.argwhere((causal.cells[0] == Cell.DROPPED) & ~causal.undefined[0][:, None])[0]
    assert "after, dropout struck out this weight" in sentences[row][column]
    both = cells_of(comparison(causal, causal, 0, **EN), "difference").hovertext
    assert both[0][6] == "“O” may not look at “miou”:<br>it comes later (causal mask)"


def test_a_token_that_comes_twice_says_its_position() -> None:
    view = sample_view(("o", "gato", "o"), causal=False)
    sentences = cells_of(head_map(view, 0, **PT)).hovertext
    assert sentences[2][0].startswith("“o” (posição 3) dedica")
    assert sentences[2][0].endswith("a “o” (posição 1)")
    assert list(head_map(view, 0, **PT).layout.xaxis.ticktext) == ["o", "gato", "o"]
    assert row_bars(view, 0, 2, **PT).layout.xaxis.title.text == "<b>“o” (posição 3), cabeça 1: soma 100%</b>"


def test_right_to_left_labels_keep_to_themselves_in_sentences() -> None:
    assert named(("שלום", "a"), "en") == ["“\N{FIRST STRONG ISOLATE}שלום\N{POP DIRECTIONAL ISOLATE}”", "“a”"]
    assert quoted(("<שלום", "<"), "en") == ["“\N{FIRST STRONG ISOLATE}&lt;שלום\N{POP DIRECTIONAL ISOLATE}”", "“&lt;”"]


@pytest.mark.parametrize(("language", "separators"), [("pt-BR", ",."), ("en", ".,")])
def test_numbers_that_plotly_writes_follow_the_language(language: Language, separators: str) -> None:
    for figure in every_figure(sample_view(), language=language, theme=LIGHT):
        assert figure.layout.separators == separators


# ---- what is absent --------------------------------------------------------------------------------------------------


def test_masked_dropped_undefined_and_zero_cells_do_not_look_alike() -> None:
    view = with_undefined_row(sample_view(dropout=0.5), 0, 5)
    figure = head_map(view, 0, **PT)
    cover = covers_of(figure)
    np.testing.assert_array_equal(np.array(cover.z) == 1, view.cells[0] == Cell.MASKED)
    struck = (view.cells[0] == Cell.DROPPED) & ~view.undefined[0][:, None]
    np.testing.assert_array_equal(np.array(cover.z) == 2, struck)
    np.testing.assert_array_equal(np.array(cover.z) == 3, view.undefined[0][:, None] & (view.cells[0] != Cell.MASKED))
    crosses = next(shape for shape in figure.layout.shapes if shape.line.color == LIGHT.mark)
    assert crosses.path.count("M") == 2 * struck.sum()  # two strokes a cross: a row that is 0/0 has none
    colours = {colour for _, colour in cover.colorscale}
    assert {LIGHT.masked, LIGHT.dropped} < colours
    assert {LIGHT.hatch, LIGHT.mark} <= {shape.line.color for shape in figure.layout.shapes}
    zero = with_row(sample_view(causal=False), 0, 0, [0.0] * 7)
    assert not any(trace.hoverinfo == "skip" and trace.type == "heatmap" for trace in head_map(zero, 0, **PT).data)


def test_every_mixed_cell_has_one_dot() -> None:
    figure = head_map(with_mixed_diagonal(sample_view()), 0, **PT)
    (dots,) = [trace for trace in figure.data if (trace.meta or {}).get("role") == "mixed"]
    assert list(np.rint(dots.x)) == list(np.rint(dots.y)) == list(range(7))


def test_bars_say_why_there_is_none() -> None:
    view = sample_view(dropout=0.5)
    notes = row_bars(view, 0, 3, **PT).data[0].text
    for note, cell in zip(notes, view.cells[0, 3], strict=True):
        assert (note == "máscara") == (cell == Cell.MASKED)
        assert (note == "zerado") == (cell == Cell.DROPPED)


# ---- any text is only text -------------------------------------------------------------------------------------------

OUR_MARKUP = (
    "<br>",
    "<b>",
    "</b>",
    f'<span style="color:{LIGHT.key}">',
    f"<span style='font-size:{LIGHT.size - 2}px'>",
    f"<span style='font-size:{LIGHT.size}px'>",
    "</span>",
)
LABELS = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(["<b>x</b>", "<a href='http://x'>x</a>", "$x$", "%{z}", "{key}", "&lt;", "שלום", "👨‍👩‍👧"]),
    ),
    min_size=1,
    max_size=6,
).map(tuple)


def strings_in(node: object) -> list[str]:
    if isinstance(node, dict):
        return [string for value in node.values() for string in strings_in(value)]
    if isinstance(node, list):
        return [string for value in node for string in strings_in(value)]
    return [node] if isinstance(node, str) else []


@settings(deadline=None, max_examples=25)
@given(LABELS, st.booleans())
def test_no_label_becomes_markup_latex_or_a_template(labels: tuple[str, ...], grouped: bool) -> None:  # noqa: FBT001
    view = sample_view(labels, heads=2, dropout=0.3)
    for figure in every_figure(with_mixed_diagonal(view) if grouped else view, **PT):
        data = json.loads(figure.to_json())
        for trace in data["data"]:
            assert "%" not in trace.get("hovertemplate", "")
            assert "texttemplate" not in trace
        for string in strings_in(data):
            plain = string
            for tag in OUR_MARKUP:
                plain = plain.replace(tag, "")
            assert "<" not in plain
            assert "$" not in plain


@settings(deadline=None, max_examples=5)
@given(LABELS)
def test_a_large_map_names_its_tokens_by_ticks_and_never_in_its_template(labels: tuple[str, ...]) -> None:
    view = sample_view(tuple(labels) * (90 // len(labels)), heads=1)
    figure = head_map(view, 0, **PT)
    assert cells_of(figure).hovertemplate == "“%{y}” dedica %{z:.1%} da atenção a “%{x}”<extra></extra>"
    named = figure.layout.xaxis.labelalias
    assert [named[str(i)] for i in range(len(view.labels))] == [escape(shorten(label)) for label in view.labels]
    assert covers_of(figure).meta["sentences"][1:] == [
        "“%{y}” → “%{x}”: máscara",
        "“%{y}” → “%{x}”: zerado",
        "“%{y}” → “%{x}”: 0÷0",
        "“%{y}” → “%{x}”: sem par",
    ]
    assert not any(
        "<" in label for axis in (figure.layout.xaxis, figure.layout.yaxis) for label in axis.labelalias.values()
    )


# ---- any size fits ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 21, 100, 256])
@pytest.mark.parametrize("heads", [1, 12])
def test_every_size_draws_and_keeps_its_width_free(n: int, heads: int) -> None:
    view = sample_view(tuple(f"token{i}" for i in range(n)), heads=heads)
    for figure in every_figure(view, **EN):
        assert figure.layout.width is None
        assert figure.layout.autosize
        assert figure.layout.height > 0
        assert figure.layout.font.size >= 14
        assert not figure.layout.shapes or max(len(shape.path) for shape in figure.layout.shapes) < 50_000


def test_long_labels_are_short_on_the_axes_and_whole_in_the_hover() -> None:
    long = "Donaudampfschifffahrtsgesellschaft"
    figure = head_map(sample_view((long, "x")), 0, **PT)
    assert figure.layout.xaxis.ticktext[0] == "Donaudampfs…"
    assert f"“{long}”" in cells_of(figure).hovertext[0][0]


def test_labels_thin_out_where_they_would_touch() -> None:
    for n in (14, 15, 60):
        axis = head_map(sample_view(tuple(f"t{i}" for i in range(n))), 0, **PT).layout.xaxis
        assert len(axis.ticktext) <= 14
        assert axis.ticktext == tuple(f"t{i}" for i in axis.tickvals)


def test_a_long_sentence_breaks_into_lines_and_no_box_overlaps_another() -> None:
    view = sample_view(tuple(f"token{i}" for i in range(40)), heads=1)
    words = sentence_colours(view, 0, 39, line_width=300, **PT).data[0]
    boxes = list(zip(words.y, words.base, words.x, strict=True))
    assert max(left + width for _, left, width in boxes) <= 300
    assert len({line for line, _, _ in boxes}) > 5
    for (line, left, width), (next_line, next_left, _) in pairwise(boxes):
        assert next_line > line or next_left >= left + width


def test_one_cell_and_all_cells_have_the_same_cover() -> None:
    view = with_undefined_row(with_mixed_diagonal(sample_view(dropout=0.5)), 0, 5)
    view.cells.setflags(write=True)
    view.cells[1, 5, 2] = Cell.ABSENT
    found = covers(view)
    assert set(found.flat) == set(Cover)
    assert all(found[place] == cover(view, *place) for place in np.ndindex(found.shape))
