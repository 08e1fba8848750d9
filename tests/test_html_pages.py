"""Pages to take home: the page that switches the mask, and the sheet that is printed."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plotly.offline import get_plotlyjs

from attention.figures.pairs import pair
from attention.figures.sentences import SIGNS, cell_sign, row_sum
from attention.html_pages import (
    PRINTED_BESIDE,
    PRINTED_KEYS,
    PRINTED_POSITIONS,
    State,
    figure_html,
    handout_html,
    sides_handout_html,
)
from attention.texts import LANGUAGES
from attention.views import WeightsView
from tests.figures.samples import sample_view, with_undefined_row

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


class Table(HTMLParser):
    """Reads the texts of every table's cells, row by row, and which tags the page has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self.inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base class asks
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        self.inside = tag in ("td", "th")
        if self.inside:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] += data


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_printed_map_has_every_cell_and_every_rows_sum(language: Any) -> None:  # noqa: ANN401
    view = with_undefined_row(sample_view(dropout=0.3), 1, 2)
    rows = Table(handout_html(view, 1, 3, heading="h", title="x", language=language)).rows
    assert rows[0][1:-1] == list(view.labels)
    for query, row in enumerate(rows[1:]):
        assert row[0] == view.labels[query]
        assert row[1:-1] == [cell_sign(view, 1, query, key, language) for key in range(len(view.labels))]
        assert row[-1] == row_sum(view, 1, query, language)


def test_of_a_long_text_the_strongest_of_one_row_are_printed_and_the_rest_counted() -> None:
    n = PRINTED_POSITIONS + 4
    view = sample_view(tuple(f"t{i}" for i in range(n)), heads=1)
    page = handout_html(view, 0, n - 1, heading="h", title="x", language="en")
    rows = Table(page).rows
    strongest = (-view.weights[0, -1]).argsort(kind="stable")[:PRINTED_KEYS]
    assert [row[0].strip("“”") for row in rows] == [view.labels[key] for key in strongest]
    assert f"The other {n - PRINTED_KEYS} tokens" in unescape(page)
    widths = [float(width) for width in re.findall(r"style='width: ([\d.]+)%", page)]
    assert widths == pytest.approx([100 * view.weights[0, -1, key] for key in strongest], abs=0.06)


def beside(a: WeightsView, b: WeightsView, row: int) -> str:
    found = pair(a, b, (0, 1), "position")
    return sides_handout_html(found, row, title="x", names=("A: one", "B: other"), heading="h", language="en")


def test_the_printed_sides_have_every_cell_of_a_of_b_and_of_their_difference() -> None:
    a, b = with_undefined_row(sample_view(), 0, 2), sample_view(dropout=0.3)
    n, rows = len(a.labels), Table(beside(a, b, 3)).rows
    maps = [rows[part * (n + 1) + 1 : (part + 1) * (n + 1)] for part in range(3)]
    for side, (view, head) in enumerate(((a, 0), (b, 1))):
        signs = [[cell_sign(view, head, query, key, "en") for key in range(n)] for query in range(n)]
        assert [row[1:-1] for row in maps[side]] == signs
    for query in range(n):
        for key in range(n):
            written = maps[2][query][key + 1]
            one, other = (float(view.weights[head, query, key]) for view, head in ((a, 0), (b, 1)))
            if query == 2 or key > query:  # 0 ÷ 0 in A, or masked in both
                assert written in SIGNS.values()
            elif written == "≈ 0":
                assert abs(other - one) <= 0.001
            else:
                assert float(written.replace("−", "-")) == pytest.approx(100 * (other - one), abs=1.01)
    assert [row[0].strip("“”") for row in rows[3 * (n + 1) + 1 :]] == list(a.labels)


def test_of_two_long_texts_the_keys_that_either_side_looks_at_most_are_printed_and_the_rest_counted() -> None:
    n = PRINTED_BESIDE + 9
    view = sample_view(tuple(f"t{i}" for i in range(n)), heads=2)
    page = beside(view, view, n - 1)
    strongest = (-view.weights[:, -1].max(axis=0)).argsort(kind="stable")[:PRINTED_KEYS]
    assert [row[0].strip("“”") for row in Table(page).rows[1:]] == [view.labels[key] for key in strongest]
    assert f"The other {n - PRINTED_KEYS} " in unescape(page)
    widths = [float(width) for width in re.findall(r"style='width: ([\d.]+)%", page)]
    assert widths == pytest.approx(
        [100 * view.weights[side, -1, key] for key in strongest for side in (0, 1)], abs=0.06
    )


@settings(deadline=None, max_examples=40)
@given(st.lists(ANY, min_size=1, max_size=4).map(tuple), ANY, ANY)
def test_typed_text_is_only_text_on_paper(labels: tuple[str, ...], title: str, sentence: str) -> None:
    view = sample_view(labels, heads=1)
    page = handout_html(view, 0, 0, heading="h", title=title, language="pt-BR", notes=[title], sentences=[sentence])
    plain = handout_html(
        sample_view(("a",) * len(labels), heads=1),
        0,
        0,
        heading="h",
        title="a",
        language="pt-BR",
        notes=["a"],
        sentences=["a"],
    )
    assert Table(page).tags == Table(plain).tags
    assert "<script" not in page
    both = sides_handout_html(
        pair(view, view, (0, 0), "position"),
        0,
        title=title,
        names=(sentence, title),
        heading=sentence,
        language="en",
        notes=[title],
        sentences=[sentence],
    )
    assert Table(both).tags <= Table(plain).tags | {"span", "small"}
    assert not re.search(r"""(src|href)\s*=|@import|url\(|https?:""", plain)


def test_the_page_with_a_switch_holds_both_states_and_says_of_each_what_it_is() -> None:
    one, other = (go.Figure(go.Heatmap(z=[[value]], hovertext=[["</script><b>"]])) for value in (0.25, 0.75))
    page = figure_html(
        State([one], ["with <b>"]), otherwise=State([other], ["without"]), switch="the <mask>", title="a", language="en"
    ).replace(get_plotlyjs(), "")
    assert "with &lt;b&gt;" in page
    assert "the &lt;mask&gt;" in page
    assert page.count("</script>") == 3
    assert page.index("0.25") < page.index("0.75")
    assert page.count("class='notes'") == 2
    assert page.count("class='notes' hidden") == 1


def test_a_page_of_one_state_has_no_switch() -> None:
    page = figure_html(State([go.Figure()]), title="a", language="en").replace(get_plotlyjs(), "")
    assert "type='checkbox'" not in page
