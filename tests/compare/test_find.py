"""Finding a head: what the page says is computed again from the trace, and nothing is said that one sentence cannot."""

from __future__ import annotations

import re
import subprocess
import sys
from base64 import b64decode
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from attention.config import AttentionConfig
from attention.head_measures import MEASURES, measure_heads
from attention.head_similarity import head_divergences
from attention.lesson_model.results import role_names, scores_at
from attention.lesson_model.source import trace_lesson
from attention.presets import PRESETS
from attention.texts import LANGUAGES, Language, number, percent, templates, text
from attention.trace import Floats
from attention.ui import state
from attention.ui.cache import cached_trace
from attention.ui.compare import by_example, by_measure, by_role, by_similarity, heads
from attention.ui.live_figure import CellClick, PointClick
from attention.ui.state import ViewState
from attention.views import Cell, WeightsView, join_heads, view_tokens
from tests.chapter.visiting import APP, figure, keys, prose, run
from tests.figures.samples import sample_view, with_undefined_row

COURSE = PRESETS[0].text
LESSON = ViewState()


def visit(**address: str) -> AppTest:
    """Open the tool at an address."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    for slug, value in {"v": "1", "tool": "find", **address}.items():
        app.query_params[slug] = value
    app.switch_page("pages/compare.py")
    return run(app)


def lesson_view(sentence: str = COURSE, config: AttentionConfig | None = None) -> WeightsView:
    trace = trace_lesson(sentence, config or AttentionConfig())
    return join_heads([view_tokens(layer, trace.tokens) for layer in trace.layers])


def cells_of(app: AppTest, key: str) -> Floats:
    """Return the cells of a drawn map."""
    z = figure(app, key)["data"][0]["z"]
    rows, columns = map(int, z["shape"].split(","))
    return np.frombuffer(b64decode(z["bdata"]), dtype=z["dtype"]).reshape(rows, columns)


def masked(view: WeightsView, head: int) -> Floats:
    """Return a head's weights with nothing where the mask forbids."""
    return np.where(view.cells[head] == Cell.MASKED, np.nan, view.weights[head])


def eight(weights: list[float], row: int = 3, column: int = 2) -> WeightsView:
    """Return eight heads whose weights of one cell are these."""
    view = sample_view(heads=8)
    changed = view.weights.copy()
    changed[:, row, column] = weights
    return replace(view, weights=changed)


# ---- by example ------------------------------------------------------------------------------------------------------


def test_the_tool_opens_on_the_example_and_offers_the_two_cells_that_the_lexicon_knows() -> None:
    app = visit()
    offered = [button.label for button in app.button if (button.key or "").startswith("try_")]
    assert offered == [
        "a linha que prevê o verbo: “telhado” → “gato”",
        "a linha do verbo: “miou” → “gato”",
    ]
    assert keys(app) == ["example_map", "example_bars"]


@pytest.mark.parametrize(("button", "query"), [("try_predicts", "telhado"), ("try_verb", "miou")])
def test_an_example_lines_all_heads_up_by_the_weight_of_its_cell(button: str, query: str) -> None:
    app = visit()
    app.button(key=button).click()
    run(app)
    view = lesson_view()
    row, column = view.labels.index(query), view.labels.index("gato")
    assert (app.session_state["row"], app.session_state["column"]) == (row, column)
    cell = view.weights[:, row, column]
    bars = figure(app, "example_bars")["data"][0]
    assert bars["x"] == pytest.approx(np.sort(cell)[::-1].tolist())
    layer, head = divmod(int(cell.argmax()), 4)
    said = f"Nesta frase, quem mais leva de “{query}” a “gato” é a **cabeça {head + 1} da camada {layer + 1}**"
    assert said in prose(app)
    assert (app.session_state["layer"], app.session_state["head"]) == (layer, head)
    assert f"Camada {layer + 1}, cabeça {head + 1}" in figure(app, "example_map")["layout"]["xaxis"]["title"]["text"]
    assert figure(app, "example_bars")["layout"]["yaxis"]["ticktext"][0].startswith("<b>")
    assert app.button(key="beside").label == f"Ver a cabeça {head + 1} da camada {layer + 1} lado a lado"
    assert "O mapa é o da" not in prose(app)


def test_where_the_map_is_not_that_of_the_first_head_it_says_whose_it_is() -> None:
    app = visit(layer="2", head="1", row="7", column="3")
    view = lesson_view()
    own = percent(view.weights[4, view.labels.index("telhado"), view.labels.index("gato")], "pt-BR")
    assert f"O mapa é o da cabeça em foco, a cabeça 1 da camada 2 ({own})." in prose(app)


def test_without_the_mask_or_without_training_no_row_is_said_to_predict() -> None:
    for address in ({"causal": "0"}, {"model": "random"}):
        labels = [button.label for button in visit(**address).button]
        assert not any("prevê" in label for label in labels)
        assert any(label.startswith("a linha antes do verbo") for label in labels)


def test_where_the_lexicon_cannot_tell_nothing_is_offered() -> None:
    app = visit(text="Your journey starts with one step", model="random")
    assert not [button for button in app.button if (button.key or "").startswith("try_")]
    assert "find_example" not in prose(app)


def test_the_map_shows_the_head_in_focus_and_outlines_the_cell() -> None:
    app = visit(layer="1", head="3", row="7", column="3")
    drawn = figure(app, "example_map")
    assert "Camada 1, cabeça 3" in drawn["layout"]["xaxis"]["title"]["text"]
    outline = next(shape for shape in drawn["layout"]["shapes"] if shape.get("path", "").startswith("M1.5,5.5"))
    assert outline["path"] == "M1.5,5.5H2.5V6.5H1.5Z"


def test_without_a_chosen_cell_it_is_the_one_the_row_looks_at_most() -> None:
    app = visit(layer="1", head="3")
    view = lesson_view()
    most = view.labels[int(view.weights[2, -1].argmax())]
    assert f"“miou” → “{most}”" in figure(app, "example_bars")["layout"]["annotations"][0]["text"]


def test_a_column_kept_from_another_row_or_sentence_is_not_a_choice() -> None:
    assert "“miou” a “gato”" in prose(visit(column="2"))
    assert "“miou”" in prose(visit(row="8", column="99"))


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([0.5, 0.2, 0.1, 0, 0, 0, 0, 0], "é a **cabeça 1 da camada 1**: 50% do peso da linha. Depois vem a cabeça 2"),
        ([0.5, 0.2, 0.2, 0, 0, 0, 0, 0], "Depois empatam a cabeça 2 da camada 1 e a cabeça 3 da camada 1, com 20%"),
        ([0.5, 0.501, 0, 0, 0, 0, 0, 0], "a cabeça 2 da camada 1 e a cabeça 1 da camada 1 empatam na frente"),
        ([0.3] * 8, "todas as cabeças empatam: na linha de “estava”, “que” recebe 30% de cada uma"),
        ([0.3] * 5 + [0.1] * 3, "5 cabeças empatam na frente"),
        ([0.0] * 8, "nenhuma cabeça dá peso a “que” na linha de “estava”"),
        ([0.0002] + [0.0] * 7, "menos de 0,1% do peso da linha. Depois empatam 7 cabeças, com 0%"),
    ],
)
def test_the_sentence_names_the_first_and_the_ties(weights: list[float], said: str) -> None:
    assert said in by_example.about_cell(eight(weights), 3, 2, LESSON)[0].replace("\\", "")


def test_a_cell_that_says_nothing_of_the_heads_says_why() -> None:
    view = sample_view(heads=8)
    assert "máscara causal" in by_example.about_cell(view, 2, 5, LESSON)[0]
    assert "toda cabeça lhe dá a linha inteira" in by_example.about_cell(view, 0, 0, LESSON)[0]
    one_out = by_example.about_cell(with_undefined_row(view, 1, 3), 3, 2, LESSON)
    assert "Fora da fila: cabeça 2 da camada 1." in one_out[-1]
    all_out = view
    for head in range(8):
        all_out = with_undefined_row(all_out, head, 3)
    assert "não está definida em nenhuma cabeça" in by_example.about_cell(all_out, 3, 2, LESSON)[0]


def test_the_only_head_is_not_ranked() -> None:
    now = ViewState(model="random", n_heads=1, layer=0, head=0)
    assert "a única cabeça dá" in by_example.about_cell(sample_view(heads=1), 3, 2, now)[0]


def test_by_word_the_examples_are_words() -> None:
    app = visit(words="1", model="random")
    app.button(key="try_before").click()
    run(app)
    assert "“telhado”" in figure(app, "example_bars")["layout"]["annotations"][0]["text"]
    assert (app.session_state["row"], app.session_state["column"]) == (5, 1)


def test_a_click_on_a_bar_brings_the_head_of_that_bar_up(monkeypatch: pytest.MonkeyPatch) -> None:
    moved: dict[str, object] = {}
    monkeypatch.setattr(state, "assign", moved.update)
    by_example._choose_head([(1, 3), (1, 0)], PointClick("points", 1))
    assert moved == {"layer": 1, "head": 0}


@pytest.mark.parametrize(
    ("search", "shown"),
    [
        ("example", ["causal", "scaled", "dropout_on"]),
        ("measure", ["causal", "scaled"]),
        ("similar", ["causal", "scaled"]),
        ("role", []),
    ],
)
def test_the_switches_that_act_on_a_search_stand_there_and_no_others(search: str, shown: list[str]) -> None:
    app = visit(find=search, scale="0", dropout="1")
    switches = ("causal", "scaled", "dropout_on")
    assert [toggle.key for toggle in app.toggle if toggle.key in switches] == shown
    assert app.session_state[state.SHOWN_SWITCHES] == tuple(shown)
    assert (text("switch.beyond_training", "pt-BR") in prose(app)) == bool(shown)


def test_dropout_alone_takes_no_measure_beyond_training() -> None:
    told = [
        text("switch.beyond_training", "pt-BR") in prose(visit(find=f, dropout="1")) for f in ("example", "measure")
    ]
    assert told == [True, False]


def test_where_dropout_struck_a_cell_out_in_every_head_it_says_so() -> None:
    view = eight([0.0] * 8)
    cells = view.cells.copy()
    cells[:, 3, 2] = Cell.DROPPED
    (said,) = by_example.about_cell(replace(view, cells=cells), 3, 2, LESSON)
    assert said.endswith("neste sorteio, o dropout zerou todas.")
    seen = cells.copy()
    seen[0, 3, 2] = Cell.SEEN
    (said,) = by_example.about_cell(replace(view, cells=seen), 3, 2, LESSON)
    assert "dropout" not in said


# ---- by a measure ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_holds_every_measure_of_every_head_in_the_reader_s_numbers(language: Language) -> None:
    app = visit(find="measure", lang=language.lower())
    table = app.table[0].value
    means = measure_heads(lesson_view()).means
    assert table.shape == (8, 1 + len(MEASURES))
    for column, name in enumerate(MEASURES, start=1):
        shown = [cell.strip("*").replace("\\", "") for cell in table.iloc[:, column]]
        in_shares = name not in ("entropy", "effective", "distance")
        expected = [f"{100 * value:.1f}%" if in_shares else f"{value:.2f}" for value in means[name]]
        assert shown == [value.replace(".", "," if language == "pt-BR" else ".") for value in expected]
    assert [cell for cell in table.iloc[:, 0] if cell.startswith("**")] == ["**2\\.1**"]


def test_the_mean_is_said_to_be_over_the_rows_that_have_a_choice() -> None:
    said = prose(visit(find="measure"))
    assert f"A média é das {len(lesson_view().labels) - 1} linhas" in said  # all but the first
    assert f"A média é das {len(lesson_view().labels)} linhas" in prose(visit(find="measure", causal="0"))


def test_a_row_where_a_measure_is_not_defined_is_not_counted_for_it() -> None:
    n = len(lesson_view().labels)
    said = prose(visit(find="measure", causal="0", x="previous", y="entropy"))
    assert f"entropia (bits), {n} linhas; peso no anterior, {n - 1} linhas." in said
    assert "A média é das 7 linhas" in prose(visit(find="measure", causal="0", x="previous", y="previous"))
    late = visit(find="measure", mask="zero-after", scale="0", model="random", text="a b")
    assert "A média é da única linha" in prose(late)


def test_heads_with_rows_that_are_zero_over_zero_are_counted_apart() -> None:
    names: dict[str, str] = {name: name for name in MEASURES}
    counts = {name: np.array([6, 7]) for name in MEASURES}
    measured = by_measure.Measured([(0, 0), (0, 1)], {}, counts, names, names)
    assert "distance, de 6 a 7 linhas conforme a cabeça" in by_measure._mean_of(measured, LESSON)


@pytest.mark.parametrize(("rising", "sign"), [("0", -1), ("1", 1)])
def test_the_table_stands_in_the_order_that_was_chosen(rising: str, sign: int) -> None:
    app = visit(find="measure", sort="distance", rising=rising)
    means = measure_heads(lesson_view()).means["distance"]
    order = np.argsort(sign * means, kind="stable")
    shown = [cell.strip("*").replace("\\", "") for cell in app.table[0].value.iloc[:, 0]]
    assert shown == [f"{head // 4 + 1}.{head % 4 + 1}" for head in order]


def test_a_sentence_about_a_measure_gives_its_unit() -> None:
    said = prose(visit(find="measure"))
    means = measure_heads(lesson_view()).means["entropy"]
    assert f"Nesta frase, a **entropia** vai de {number(float(means.min()), 'pt-BR')} bit (" in said
    assert f" a {number(float(means.max()), 'pt-BR')} bit (" in said
    assert "Nesta frase, a **distância média** vai de " in said


def test_heads_without_a_value_come_last_in_either_order() -> None:
    values = {name: np.array([np.nan, 0.2, 0.4]) for name in MEASURES}
    names: dict[str, str] = {name: name for name in MEASURES}
    measured = by_measure.Measured([(0, 0), (0, 1), (0, 2)], values, {}, names, names)
    for rising, expected in ((True, ["1.2", "1.3", "1.1"]), (False, ["1.3", "1.2", "1.1"])):
        table = by_measure.measures_table(measured, replace(LESSON, ordered_by="first", rising=rising))
        assert [cell.replace("\\", "") for cell in table["cabeça"]] == expected
        assert table["entropy"][-1] == "—"


def test_the_scatter_shows_the_two_measures_of_the_link() -> None:
    app = visit(find="measure", x="first", y="entropy-share", layer="1", head="2")
    view, drawn = lesson_view(), figure(app, "head_scatter")
    means = measure_heads(view).means
    assert drawn["data"][0]["x"] == pytest.approx(means["first"].tolist())
    assert drawn["data"][0]["y"] == pytest.approx(means["entropy_share"].tolist())
    assert "⟨início⟩" in drawn["layout"]["xaxis"]["title"]["text"]
    assert drawn["data"][0]["text"][1] == "<b>1.2</b>"
    least, most = means["first"].argmin(), means["first"].argmax()
    said = f"({heads.head_name(divmod(int(least), 4), LESSON)}) a"
    assert said in prose(app)
    assert heads.head_name(divmod(int(most), 4), LESSON) in prose(app)


def test_the_map_of_the_head_in_focus_stands_beside_the_scatter() -> None:
    app = visit(find="measure", layer="1", head="3", row="5")
    assert keys(app) == ["head_scatter", "measure_map"]
    drawn = figure(app, "measure_map")
    assert "Camada 1, cabeça 3" in drawn["layout"]["xaxis"]["title"]["text"]
    np.testing.assert_array_equal(cells_of(app, "measure_map"), masked(lesson_view(), 2))
    assert drawn["layout"]["yaxis"]["ticktext"][4] == "<b>estava</b>"
    app.session_state["layer"], app.session_state["head"] = 1, 3
    assert "Camada 2, cabeça 4" in figure(run(app), "measure_map")["layout"]["xaxis"]["title"]["text"]


def test_the_map_beside_the_scatter_is_of_the_weights_that_are_measured() -> None:
    plain, dropped = visit(find="measure"), visit(find="measure", dropout="1")
    assert figure(plain, "measure_map")["data"] == figure(dropped, "measure_map")["data"]


@pytest.mark.parametrize(("search", "key"), [("similar", "similar_map"), ("role", "role_map")])
def test_the_head_in_focus_is_shown_where_heads_are_likened_and_where_they_have_roles(search: str, key: str) -> None:
    app = visit(find=search, layer="1", head="3")
    assert "Camada 1, cabeça 3" in figure(app, key)["layout"]["xaxis"]["title"]["text"]
    np.testing.assert_array_equal(cells_of(app, key), masked(lesson_view(), 2))
    app.session_state["layer"], app.session_state["head"] = 1, 3
    assert "Camada 2, cabeça 4" in figure(run(app), key)["layout"]["xaxis"]["title"]["text"]


def test_beside_roles_the_map_is_under_the_switches_they_were_measured_with() -> None:
    measured = cells_of(visit(find="role"), "role_map")
    np.testing.assert_array_equal(measured, masked(lesson_view(), 4))
    other = visit(find="role", causal="0", scale="0", dropout="1")
    np.testing.assert_array_equal(cells_of(other, "role_map"), measured)


def test_one_layer_can_be_listed_alone_and_one_row_be_measured() -> None:
    app = visit(find="measure", only="2", rows="row", row="3")
    table = app.table[0].value
    rows = measure_heads(lesson_view()).rows["maximum"]
    shown = [cell.strip("*").replace("\\", "") for cell in table.iloc[:, -1]]
    assert shown == [by_measure.written("maximum", value, "pt-BR") for value in rows[4:, 2]]
    assert "Nesta linha da frase" in prose(app)
    assert "sentence" in keys(app)


def test_a_row_with_one_allowed_key_has_no_share_of_a_maximum_and_it_is_said_why() -> None:
    app = visit(find="measure", rows="row", row="1")
    assert set(app.table[0].value.iloc[:, 2]) <= {"—", "**—**"}
    assert "0 ÷ 0" in prose(app)


def test_a_sentence_without_a_choice_has_no_mean_and_no_empty_figure() -> None:
    app = visit(find="measure", model="random", text="oi")
    assert "não há média" in app.info[0].value
    assert keys(app) == []
    assert not app.table


def test_the_treatment_of_rows_that_do_not_spend_one_is_said_where_there_are_any() -> None:
    plain, dropped, late = (
        visit(find="measure"),
        visit(find="measure", dropout="1"),
        visit(find="measure", mask="zero-after"),
    )
    dropout, divided = (text(f"find_measure.{key}", "pt-BR") for key in ("before_dropout", "divided"))
    assert [dropout in prose(app) for app in (plain, dropped, late)] == [False, True, False]
    assert [divided in prose(app) for app in (plain, dropped, late)] == [False, False, True]
    assert plain.table[0].value.equals(dropped.table[0].value)


def test_small_shares_are_not_zero_and_undefined_is_a_dash() -> None:
    assert by_measure.written("first", 0.0001, "pt-BR") == "<0,1%"
    assert by_measure.written("first", 0.0, "en") == "0.0%"
    assert by_measure.written("entropy_share", np.nan, "en") == "—"
    assert by_measure.written("effective", 2.5, "en") == "2.50"


def test_every_measure_has_its_formula_and_its_source_one_click_away() -> None:
    app = visit(find="measure")
    assert [element.value.strip("$\n ") for element in app.latex] == list(by_measure.FORMULAS.values())
    assert list(by_measure.FORMULAS) == list(MEASURES)
    for name in MEASURES:
        assert text(f"find_measure.{name}_source", "pt-BR") in prose(app)


# ---- by similarity ---------------------------------------------------------------------------------------------------


def test_the_most_and_the_least_alike_pair_are_named_with_their_bits() -> None:
    app = visit(find="similar")
    found = head_divergences(lesson_view())
    pairs = sorted(combinations(range(8), 2), key=lambda pair: found[pair])
    for pair in (pairs[0], pairs[-1]):
        names = " e ".join(f"a {heads.head_name(divmod(head, 4), LESSON)}" for head in pair)
        assert f"{names} ({number(found[pair], 'pt-BR')} bit)" in prose(app)
    cells = figure(app, "similarity")["data"][0]
    ticks = [re.sub("</?b>", "", tick) for tick in figure(app, "similarity")["layout"]["xaxis"]["ticktext"]]
    order = [4 * (int(tick[0]) - 1) + int(tick[2]) - 1 for tick in ticks]
    drawn = np.frombuffer(b64decode(cells["z"]["bdata"]), dtype=cells["z"]["dtype"]).reshape(8, 8)
    np.testing.assert_array_equal(drawn, found[np.ix_(order, order)])
    assert cells["meta"] == {"role": "cells", "part": "similarity", "n": 8}


def test_one_head_or_no_choice_has_nothing_to_compare() -> None:
    assert text("find_similar.one_head", "pt-BR") == visit(find="similar", model="random", heads="1").info[0].value
    assert text("find_similar.no_rows", "pt-BR") == visit(find="similar", model="random", text="oi").info[0].value


def test_two_heads_are_one_pair_and_equal_heads_are_all_alike() -> None:
    two = ViewState(model="random", n_heads=2)
    assert "a cabeça 1 e a cabeça 2 estão a" in by_similarity.about_pairs(head_divergences(sample_view(heads=2)), two)
    level = by_similarity.about_pairs(np.zeros((8, 8)), LESSON)
    assert level == "Nesta frase, todos os pares de cabeças estão à mesma distância: 0,00 bit."


def test_pairs_whose_divergences_are_written_alike_share_the_place() -> None:
    three = ViewState(model="random", n_heads=4)
    found = np.full((4, 4), 0.5)
    for one, other, value in ((0, 1, 0.1), (2, 3, 0.101), (0, 3, 0.9)):
        found[one, other] = found[other, one] = value
    said = by_similarity.about_pairs(found, three)
    tied = "empatam como as mais parecidas (0,10 bit): a cabeça 1 e a cabeça 2; a cabeça 3 e a cabeça 4"
    assert said == f"Nesta frase, {tied}, e as mais diferentes são a cabeça 1 e a cabeça 4 (0,90 bit)."
    found[:] = 0.9
    found[0, 1] = found[1, 0] = 0.1
    assert by_similarity.about_pairs(found, three).endswith("e 5 pares empatam como os mais diferentes (0,90 bit).")


def test_a_small_divergence_is_not_zero_and_rounding_is() -> None:
    assert by_similarity.bits(0.001, "pt-BR") == "menos de 0,005 bit"
    assert by_similarity.bits(1e-13, "en") == "0.00 bits"


def test_a_click_on_a_cell_opens_its_pair_and_on_the_diagonal_only_brings_a_head_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for column, expected in ((1, {"b_layer": 0, "b_head": 2, "tool": "sides"}), (0, {})):
        moved: dict[str, object] = {}
        monkeypatch.setattr(state, "assign", moved.update)
        by_similarity._choose_pair([(1, 3), (0, 2)], CellClick("similarity", None, 0, column))
        assert moved == {"layer": 1, "head": 3, **expected}


def test_scipy_is_loaded_only_where_heads_are_compared() -> None:
    program = (
        "import sys\n"
        "from tests.compare.test_find import visit\n"
        "sys.modules.pop('scipy', None)\n"
        "for search in ('example', 'measure', 'role'):\n"
        "    visit(find=search)\n"
        "assert 'scipy' not in sys.modules\n"
        "visit(find='similar')\n"
        "assert 'scipy' in sys.modules\n"
    )
    root = Path(__file__).parents[2]
    ran = subprocess.run([sys.executable, "-c", program], cwd=root, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


# ---- by measured role ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", role_names())
def test_a_role_is_told_with_its_score_its_interval_and_its_number_of_sentences(role: str) -> None:
    app = visit(find="role", role=role)
    scores, said = scores_at(role), prose(app)
    layer, head = scores.chosen
    assert f"cabeça {head + 1} da camada {layer + 1}" in said
    assert text("find_role.held_out", "pt-BR", n=f"{scores.n:,}".replace(",", ".")) in said
    bars = figure(app, "role_bars")["data"][0]
    assert bars["x"] == sorted((each.score for each in scores.heads), reverse=True)
    chosen = next(each for each in scores.heads if (each.layer, each.head) == scores.chosen)
    assert by_role._said(chosen, LESSON)["low"] in said
    assert by_role._said(chosen, LESSON)["high"] in said
    better = any(each.score > chosen.score for each in scores.heads)
    assert ("ainda mais" in said) == better


def test_all_heads_are_told_at_all_roles() -> None:
    table = by_role.roles_table(LESSON)
    assert len(table) == 1 + len(role_names())
    assert all(len(column) == 8 for column in table.values())


def test_random_weights_are_given_no_role_and_it_is_said_why() -> None:
    app = visit(find="role", model="random")
    assert app.info[0].value == text("find_role.random", "pt-BR")
    assert keys(app) == []
    assert not app.table


def test_one_sentence_never_says_what_a_head_is() -> None:
    for language, claim, within in (
        ("pt-BR", "esta cabeça é", "nesta frase"),
        ("en", "this head is", "in this sentence"),
    ):
        found = {key: said.lower() for key, said in templates(language).items() if re.match(r"find(_\w+)?\.", key)}
        assert not [key for key, said in found.items() if claim in said]
        computed = ("top", "tied_next", "tied", "tied_all", "zero", "single")
        assert all(found[f"find_example.{key}"].startswith(within) for key in computed)
        assert all(found[f"find_similar.{key}"].startswith(within) for key in ("extremes", "level", "two"))
        assert found["find_measure.where_mean"] == within


# ---- any sentence ----------------------------------------------------------------------------------------------------


HOSTILE = "<b>oi</b> *x* $y$ [l](https://example.org) ![i](https://example.org/y.png)"


@pytest.mark.parametrize("search", state.SEARCHES)
@pytest.mark.parametrize("model", state.MODELS)
@pytest.mark.parametrize("sentence", [HOSTILE, "a", "gato gato", "👨‍👩‍👧 שלום"])
def test_any_sentence_is_drawn_and_stays_text(search: str, model: str, sentence: str) -> None:
    app = visit(find=search, model=model, text=sentence, lang="en", dropout="1", mask="zero-after", scale="0")
    written: list[Any] = [*app.markdown, *app.caption]
    assert not any(re.search(r"(?<!\\)<b|(?<!\\)!\[|(?<!\\)\]\(http", element.value) for element in written)


def test_cells_that_dropout_struck_out_say_so() -> None:
    now = ViewState(model="random", dropout_on=True, dropout=0.9)
    trace = cached_trace(now.text, now.vocabulary, now.config)
    view = view_tokens(trace.layers[0], trace.tokens)
    row, column = (int(place) for place in np.argwhere((view.cells == Cell.DROPPED).any(axis=0))[-1])
    app = visit(dropout="1", p="0.9", model="random", row=str(row + 1), column=str(column + 1))
    struck = int((view.cells[:, row, column] == Cell.DROPPED).sum())
    assert figure(app, "example_bars")["data"][0]["text"].count("zerado") == struck > 0
