"""What is taken home holds the numbers that were on screen, and nothing that could run or call out."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plotly.offline import get_plotlyjs

from attention import exports
from attention.config import AttentionConfig
from attention.errors import AttentionError
from attention.exports import (
    AXES,
    fits_text,
    introduction,
    stages,
    trace_json,
    trace_npz,
    vectors_csv,
    weights_csv,
)
from attention.html_pages import State, figure_html
from attention.lesson_model.source import trace_lesson
from attention.sources import trace_random
from attention.texts import LANGUAGES, Language, text
from attention.tokens import tokenize
from attention.trace import AttentionTrace, ModelTrace
from attention.views import view_tokens, view_words

SENTENCE = "O gato que estava no telhado miou"
SMALL = AttentionConfig(n_heads=2, d_model=8)
DROPPED = AttentionConfig(n_heads=2, d_model=8, dropout=0.5)
HOSTILE = "</script><script>alert(1)</script> <img src=//x.y/z onerror=alert(1)> &amp; “é”"


def traced(typed: str, config: AttentionConfig) -> ModelTrace:
    return trace_random(tokenize(typed, "cl100k_base"), config)


def rows_of(content: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content), delimiter=delimiter))


# --- JSON ------------------------------------------------------------------------------------------------------------


def test_json_has_the_promised_keys_and_the_tokens_words() -> None:
    content = json.loads(trace_json(traced(SENTENCE, DROPPED), DROPPED, model="random"))
    assert list(content) == (
        ["text", "tokens", "ids", "words", "word_labels", "model", "provenance", "settings", "axes", "layers"]
    )
    assert content["text"] == SENTENCE
    assert content["words"] == [0, 1, 1, 2, 3, 4, 5, 5, 5, 6, 6]
    assert content["word_labels"] == SENTENCE.split()
    assert (content["model"], content["provenance"]) == ("random", "random")
    assert content["settings"] == {"encoding": "cl100k_base", **asdict(DROPPED)}


def test_every_stage_of_a_layer_is_taken_home_with_its_axes_in_the_order_of_the_computation() -> None:
    layer = traced(SENTENCE, DROPPED).layers[0]
    assert list(AXES) == [field.name for field in fields(AttentionTrace)]
    lengths = {"head": 2, "position": 11, "query": 11, "key": 11}
    for stage, values in stages(layer).items():
        expected = [lengths.get(axis, values.shape[-1]) for axis in AXES[stage]]
        assert list(values.shape) == expected
    assert np.array_equal(stages(layer)["weights"], layer.weights[0])


def trained_and_random() -> list[ModelTrace]:
    return [traced(SENTENCE, DROPPED), trace_lesson(SENTENCE, DROPPED)]


@pytest.mark.parametrize("trace", trained_and_random(), ids=["random", "lesson"])
def test_json_holds_every_stage_to_the_last_bit_and_null_for_what_is_minus_infinity(trace: ModelTrace) -> None:
    content = json.loads(trace_json(trace, DROPPED, model="random"))
    for written, layer in zip(content["layers"], trace.layers, strict=True):
        assert list(written) == list(AXES)
        for stage, values in stages(layer).items():
            numbers = np.array(written[stage], dtype=object)
            assert np.array_equal(numbers == None, np.isneginf(values))  # noqa: E711 - cell by cell
            assert np.array_equal(np.where(numbers == None, -np.inf, numbers).astype(values.dtype), values)  # noqa: E711


# --- NPZ -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trace", trained_and_random(), ids=["random", "lesson"])
def test_npz_holds_every_stage_of_every_layer_bit_by_bit_without_pickle(trace: ModelTrace) -> None:
    with np.load(io.BytesIO(trace_npz(trace, DROPPED, model="random")), allow_pickle=False) as stored:
        expected = {
            f"layer_{number}.{stage}": values
            for number, layer in enumerate(trace.layers)
            for stage, values in stages(layer).items()
        }
        if trace.logits is not None:
            expected["logits"] = trace.logits[0]
        assert set(stored.files) == {"about", *expected}
        for name, values in expected.items():
            assert stored[name].dtype == values.dtype
            assert stored[name].tobytes() == values.tobytes()


@pytest.mark.parametrize("trace", trained_and_random(), ids=["random", "lesson"])
def test_npz_says_inside_what_its_numbers_are_of(trace: ModelTrace) -> None:
    with np.load(io.BytesIO(trace_npz(trace, DROPPED, model="lesson")), allow_pickle=False) as stored:
        about = json.loads(str(stored["about"]))
        said = json.loads(trace_json(trace, DROPPED, model="lesson"))
        assert {name: about[name] for name in said if name != "layers"} == {
            name: value for name, value in said.items() if name != "layers"
        }
        shapes = about["shapes"]
        assert {name: tuple(axes.values()) for name, axes in shapes.items()} == {
            name: stored[name].shape for name in stored.files if name != "about"
        }
    assert all(list(axes) == list(AXES[name.partition(".")[2]]) for name, axes in shapes.items() if name != "logits")


def test_two_npz_of_the_same_trace_are_the_same_file() -> None:
    trace = traced(SENTENCE, DROPPED)
    assert trace_npz(trace, DROPPED, model="random") == trace_npz(trace, DROPPED, model="random")


@given(st.text(st.characters(exclude_categories=()), max_size=12).filter(str.strip))
def test_json_is_standard_json_whatever_was_typed(typed: str) -> None:
    def refuse(constant: str) -> Any:  # noqa: ANN401 - as json.loads asks
        raise AssertionError(constant)

    trace = traced(typed, SMALL)
    content = json.loads(trace_json(trace, SMALL, model="random"), parse_constant=refuse)
    assert content["text"] == trace.tokens.text
    assert len(content["tokens"]) == len(content["ids"]) == len(content["layers"][0]["weights"][0])


# --- CSV -------------------------------------------------------------------------------------------------------------


def test_csv_has_a_line_for_every_cell_with_every_stage_of_its_number() -> None:
    trace = traced("O gato miou", DROPPED)
    layer = trace.layers[0]
    rows = rows_of(weights_csv(view_tokens(layer, trace.tokens), layer))
    n = len(trace.tokens)
    assert len(rows) == DROPPED.n_heads * n * n
    for row in rows:
        place = tuple(int(row[name]) - 1 for name in ("head", "query_position", "key_position"))
        assert row["query"] == trace.tokens.labels[place[1]]
        assert row["key"] == trace.tokens.labels[place[2]]
        assert np.float32(row["score"]) == layer.scores[0][place]
        assert np.float32(row["scaled_score"]) == layer.scaled_scores[0][place]
        assert np.float32(row["masked_score"]) == layer.masked_scores[0][place]
        assert np.float32(row["weight"]) == layer.weights[0][place]
        assert np.float32(row["dropped_weight"]) == layer.dropped_weights[0][place]
        if not layer.mask[place[1:]]:
            assert (row["cell"], row["masked_score"]) == ("masked", "-inf")
        else:
            assert row["cell"] == ("seen" if layer.kept[0][place] else "dropped")


def test_csv_by_word_has_the_words_and_weights_only() -> None:
    trace = traced(SENTENCE, SMALL)
    view = view_words(trace.layers[0], trace.tokens)
    rows = rows_of(weights_csv(view, trace.layers[0], heads=[1]))
    assert list(rows[0]) == (
        ["head", "query_position", "query", "key_position", "key", "weight", "dropped_weight", "cell"]
    )
    assert {row["head"] for row in rows} == {"2"}
    assert [row["key"] for row in rows[:7]] == SENTENCE.split()
    shares = [sum(float(row["weight"]) for row in rows if row["query"] == word) for word in SENTENCE.split()]
    assert shares == pytest.approx([1] * 7, abs=1e-6)


def test_csv_for_a_portuguese_spreadsheet_says_the_same_with_a_comma_for_the_decimals() -> None:
    trace = traced("O gato, que miou; e dormiu", SMALL)
    view = view_tokens(trace.layers[0], trace.tokens)
    english = rows_of(weights_csv(view, trace.layers[0]))
    exported = weights_csv(view, trace.layers[0], language="pt-BR")
    assert exported.encode().startswith(codecs.BOM_UTF8)
    portuguese = rows_of(exported.removeprefix("\N{BYTE ORDER MARK}"), delimiter=";")
    texts = {"query", "key", "cell"}
    assert english == [
        {name: value if name in texts else value.replace(",", ".").replace("−∞", "-inf") for name, value in row.items()}
        for row in portuguese
    ]
    assert any("," in row["score"] for row in portuguese)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_spreadsheet_is_never_given_minus_infinity_as_a_formula(language: Language) -> None:
    trace = traced("O gato", SMALL)
    exported = weights_csv(view_tokens(trace.layers[0], trace.tokens), trace.layers[0], language=language)
    forbidden = {
        row["masked_score"] for row in rows_of(exported, ";" if language == "pt-BR" else ",") if row["cell"] == "masked"
    }
    assert forbidden == {"−∞"}


def test_vectors_csv_has_a_line_for_every_vector_with_all_its_components() -> None:
    trace = traced(SENTENCE, DROPPED)
    rows = rows_of(vectors_csv(trace, 0))
    expected = stages(trace.layers[0])
    of_heads = ["query", "key", "value", "context"]
    n = len(trace.tokens)
    assert [row["stage"] for row in rows] == (
        ["embeddings"] * n
        + [stage for stage in of_heads[:3] for _ in range(2 * n)]
        + ["context"] * 2 * n
        + ["output"] * n
    )
    for row in rows:
        place = int(row["position"]) - 1
        assert row["token"] == trace.tokens.labels[place]
        vectors = expected[row["stage"]]
        vector = vectors[int(row["head"]) - 1, place] if row["stage"] in of_heads else vectors[place]
        assert bool(row["head"]) == (row["stage"] in of_heads)
        numbers = [row[str(component)] for component in range(1, 9) if row[str(component)]]
        assert np.array_equal(np.array(numbers, np.float32), vector)


def test_vectors_of_a_portuguese_spreadsheet_have_a_comma_for_the_decimals() -> None:
    trace = traced("=1+1; olá", SMALL)
    exported = vectors_csv(trace, 0, language="pt-BR").removeprefix("\N{BYTE ORDER MARK}")
    for row, english in zip(rows_of(exported, ";"), rows_of(vectors_csv(trace, 0)), strict=True):
        assert {name: (value or "").replace(",", ".") for name, value in row.items() if name != "token"} == {
            name: value or "" for name, value in english.items() if name != "token"
        }
        assert row["token"] == english["token"]
    assert rows_of(exported, ";")[0]["token"].startswith("'=")


def test_more_numbers_than_a_file_of_text_may_hold_are_refused_before_any_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trace = traced(SENTENCE, SMALL)
    view = view_tokens(trace.layers[0], trace.tokens)
    cells = 2 * len(trace.tokens) ** 2
    monkeypatch.setattr(exports, "MOST_CELLS", cells)
    assert fits_text(trace)
    weights_csv(view, trace.layers[0])
    monkeypatch.setattr(exports, "MOST_CELLS", cells - 1)
    monkeypatch.setattr(exports, "_digits", None)  # whoever begins to write fails otherwise
    monkeypatch.setattr(exports, "_shortest", None)
    assert not fits_text(trace)
    writers: list[Callable[[], str]] = [
        lambda: weights_csv(view, trace.layers[0]),
        lambda: vectors_csv(trace, 0),
        lambda: trace_json(trace, SMALL, model="random"),
    ]
    for write in writers:
        with pytest.raises(AttentionError) as refused:
            write()
        assert refused.value.code == "too_much_text"
        assert refused.value.details == {"cells": cells, "maximum": cells - 1}
    assert trace_npz(trace, SMALL, model="random")


@given(
    st.lists(st.sampled_from(["=", "+", "-", "@", "=1+1", "\t", "\r", "＝", '"', ";", ",", "\n", "gato"]), min_size=1)
)
def test_no_typed_text_becomes_a_formula(pieces: list[str]) -> None:
    trace = traced("x " + " ".join(pieces), AttentionConfig(n_heads=1, d_model=2))
    rows = rows_of(weights_csv(view_tokens(trace.layers[0], trace.tokens), trace.layers[0]))
    assert [row["key"].removeprefix("'") for row in rows[: len(trace.tokens)]] == list(trace.tokens.labels)
    assert not any(row[name].startswith(tuple("=+-@\t\r＝＋－＠")) for row in rows for name in ("query", "key"))


def test_a_row_that_is_zero_over_zero_is_called_undefined() -> None:
    # Unscaled scores of 1,024 dimensions are so far apart that with this seed the first row's one allowed weight is 0.
    config = AttentionConfig(n_heads=1, d_model=1024, mask_mode="renormalise", scaled=False, seed=9)
    trace = trace_random(tokenize(SENTENCE), config)
    rows = rows_of(weights_csv(view_tokens(trace.layers[0], trace.tokens), trace.layers[0]))
    undefined = [(row["query"], row["key"], row["weight"]) for row in rows if row["cell"] == "undefined"]
    assert undefined == [("O", "O", "0.0")]


# --- HTML ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_carries_everything_it_needs_and_calls_nobody(language: Any) -> None:  # noqa: ANN401
    page = figure_html(State([go.Figure(go.Heatmap(z=[[1]]))], ["uma nota"]), title="O gato", language=language)
    own = page.replace(get_plotlyjs(), "")
    assert len(own) < len(page)
    assert f'<html lang="{language}">' in own
    assert "<p>uma nota</p>" in own
    assert not re.search(r"""(src|href)\s*=|@import|url\(|https?:""", own)
    assert '"showSendToCloud": false' in own


def test_typed_text_stays_text_in_the_page() -> None:
    figure = go.Figure(go.Bar(x=[HOSTILE], y=[1]), layout={"title": {"text": HOSTILE}})
    page = figure_html(State([figure], [HOSTILE]), title=HOSTILE, language="pt-BR")
    own = page.replace(get_plotlyjs(), "")
    assert "<script>alert" not in own
    assert "<img" not in own
    assert own.count("&lt;img src=//x.y/z onerror=alert(1)&gt; &amp;amp; “é”") == 3


def test_the_page_has_the_colours_of_its_figures() -> None:
    figure = go.Figure(layout={"paper_bgcolor": "#101010", "font": {"color": "#efefef"}})
    page = figure_html(State([figure]), title="a", language="en").replace(get_plotlyjs(), "")
    assert "background: #101010; color: #efefef" in page


def test_two_exports_of_the_same_figure_are_the_same_file() -> None:
    figure = go.Figure(go.Heatmap(z=[[1]]))
    assert figure_html(State([figure]), title="a", language="en") == figure_html(
        State([figure]), title="a", language="en"
    )


# --- What a file says of its numbers ---------------------------------------------------------------------------------


def test_a_file_says_what_its_numbers_are_of_and_names_every_setting_that_is_not_the_usual() -> None:
    usual = AttentionConfig()
    trace = traced("O gato miou", usual)
    assert introduction(trace, usual, "en") == [
        "tokens: 5 · words: 3 · vocabulary: cl100k_base",
        "heads: 4 · dimensions: 96 · draw of the weights: 0",
        text("frame.badge_random", "en"),
    ]
    odd = AttentionConfig(mask_mode="zero_after", scaled=False, positions=False, dropout=0.5, dropout_seed=3, seed=8)
    *_, layer, _, changed = introduction(trace, odd, "en")
    assert layer.endswith("draw of the weights: 8")
    assert changed == " · ".join(
        [text(f"export.says_{name}", "en") for name in ("zero_after", "no_scale", "no_positions")]
        + ["dropout of 50% in training, draw 3"]
    )
    free = AttentionConfig(causal=False, mask_mode="zero_after", dropout=0.5, training=False)
    assert introduction(trace, free, "pt-BR")[3:] == [text("export.says_no_causal", "pt-BR")]


def test_exports_never_import_torch() -> None:
    program = "import attention.exports, sys; sys.exit('torch' in sys.modules or 'plotly' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
