"""The tool “weight is not importance”: its numbers are recomputed, its link restores it, and what is absent is said."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch.nn.functional import kl_div

from attention.config import AttentionConfig
from attention.figures.sentences import share as share_of
from attention.importance import Filling
from attention.lesson_model import heads_off
from attention.lesson_model.heads_off import head_means, last_stream
from attention.lesson_model.results import claims
from attention.lesson_model.source import lesson_output_matrix, load_lesson_model, trace_lesson
from attention.sources import random_output_matrix, trace_random
from attention.texts import LANGUAGES, Language, number, percent, templates, text
from attention.tokens import Tokens, tokenize
from attention.trace import Floats
from attention.ui import state
from attention.ui.compare import worth_norms, worth_sink
from attention.ui.state import WORTHS, ViewState
from tests.chapter.visiting import SKIPPED, figure, keys, prose, run
from tests.figures.samples import sample_view, with_row

COURSE = "O gato que estava no telhado miou"
TELHADO = 6  # the row that predicts the verb, ⟨início⟩ being 0
HOSTILE = "<b>x</b> ![i](https://x.org/i.png) $x$ %{z} {} `q` :smile: 👨‍👩‍👧 שלום"


def visit(**address: str) -> AppTest:
    """Open the tool at an address."""
    app = AppTest.from_file(str(Path(__file__).parents[2] / "app.py"), default_timeout=60)
    for slug, value in ({"tool": "worth"} | address).items():
        app.query_params[slug] = value
    app.switch_page("pages/compare.py")
    return run(app)


def cells(drawn: dict[str, Any], part: str) -> np.ndarray:
    """Return the numbers of one map, [query, key], NaN where it has none."""
    (trace,) = (each for each in drawn["data"] if each.get("meta", {}).get("part") == part)
    z = trace["z"]
    rows, columns = map(int, z["shape"].split(","))
    return np.frombuffer(base64.b64decode(z["bdata"]), dtype=z["dtype"]).reshape(rows, columns)


@torch.inference_mode()
def bits_without(heads: list[tuple[int, int]], position: int = TELHADO) -> float:
    """Return KL(before ‖ after) in bits by the network's own forward pass."""
    model = load_lesson_model()
    ids = torch.tensor([trace_lesson(COURSE).tokens.ids])
    before, after = (model.next_token(model(ids, off=off).final)[0, position].log_softmax(-1) for off in ((), heads))
    return float(kl_div(after, before, log_target=True, reduction="sum")) / float(np.log(2))


@pytest.mark.parametrize("page", ["compare", "many_heads"])
def test_where_only_the_row_moves_nothing_is_run_through_the_model_again(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[state.Heads] = []

    def run_and_count(tokens: Tokens, config: AttentionConfig, heads: state.Heads, filling: Filling) -> Floats:
        ran.append(heads)
        return last_stream(tokens, config, heads, filling)

    monkeypatch.setattr(heads_off, "last_stream", run_and_count)
    app = AppTest.from_file(str(Path(__file__).parents[2] / "app.py"), default_timeout=60)
    address = {"tool": "worth", "worth": "off", "off": "2.1-2.4", "row": "7", "text": f"O gato e a vaca de {page}"}
    for slug, value in address.items():
        app.query_params[slug] = value
    app.session_state["guess_of_many_heads"] = SKIPPED
    app.switch_page(f"pages/{page}.py")
    run(app)
    assert len(ran) == len(set(ran)) >= 1 + 8  # nothing off, and each head
    key = "worth_alone" if page == "compare" else "heads_off"
    bars, before = figure(app, key)["data"][0]["x"], len(ran)
    app.session_state["row"] = 3
    run(app)
    assert figure(app, key)["data"][0]["x"] != bars
    assert len(ran) == before


# --- Weight and what it adds ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_maps_are_the_weights_the_lengths_and_the_difference_of_their_shares(language: Language) -> None:
    app = visit(layer="2", head="3", row="6", lang=language.lower())
    assert keys(app) == ["sentence", "worth_norms", "worth_norms_row"]
    layer = trace_lesson(COURSE).layers[1]
    weights = layer.weights[0, 2].astype(float)
    slice_of_w = lesson_output_matrix(1)[:, 48:72].astype(float)
    lengths = np.array(
        [[np.linalg.norm(slice_of_w @ (a * v)) for a, v in zip(row, layer.value[0, 2], strict=True)] for row in weights]
    )
    seen = np.tril(np.ones_like(weights, dtype=bool))
    drawn = figure(app, "worth_norms")
    np.testing.assert_allclose(cells(drawn, "weight")[seen], weights[seen], atol=1e-6)
    np.testing.assert_allclose(cells(drawn, "length")[seen], lengths[seen], rtol=1e-4, atol=1e-6)
    shares = lengths / lengths.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(cells(drawn, "difference")[seen], (shares - weights)[seen], atol=1e-5)
    assert np.isnan(cells(drawn, "length")[~seen]).all()
    top, longest = int(weights[5].argmax()), int(lengths[5].argmax())
    assert top != longest  # “estava” has most weight, “que” adds most
    said = prose(app)
    assert number(float(lengths[5, longest]), language) in said
    assert {"pt-BR": "discordam", "en": "differ"}[language] in said
    together = np.linalg.norm(slice_of_w @ layer.context[0, 2, 5])
    assert number(float(together), language) in said
    assert number(float(lengths[5].sum()), language) in said


def test_where_weight_and_contribution_agree_it_says_so() -> None:
    assert "peso e contribuição concordam. “gato” tem o maior peso" in prose(visit(row=str(TELHADO + 1)))


@pytest.mark.parametrize(
    "address", [{}, {"dropout": "1", "p": "0.5", "draw": "2"}, {"scale": "0", "mask": "zero-after"}]
)
def test_the_bars_of_the_row_are_its_shares_of_the_weight_and_of_the_length(address: dict[str, str]) -> None:
    app = visit(row="6", layer="2", head="3", **address)
    config = AttentionConfig(
        dropout=0.5 if "dropout" in address else 0.0,
        dropout_seed=2 if "dropout" in address else 0,
        scaled="scale" not in address,
        mask_mode="zero_after" if "mask" in address else "before_softmax",
    )
    layer = trace_lesson(COURSE, config).layers[1]
    weights = layer.dropped_weights[0, 2, 5].astype(float)
    lengths = weights * np.linalg.norm(layer.value[0, 2] @ lesson_output_matrix(1)[:, 48:72].T, axis=-1)
    of_weight, of_length = (bars["x"] for bars in figure(app, "worth_norms_row")["data"][:2])
    np.testing.assert_allclose(of_weight, weights / weights.sum(), atol=1e-5)
    np.testing.assert_allclose(of_length, lengths / lengths.sum(), atol=1e-5)
    assert np.abs(np.array(of_weight) - of_length).max() > 0.01


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_they_agree_the_part_is_that_of_the_length(language: Language) -> None:
    said = prose(visit(row=str(TELHADO + 1), lang=language.lower()))
    layer = trace_lesson(COURSE).layers[1]
    weights = layer.weights[0, 0, TELHADO].astype(float)
    lengths = weights * np.linalg.norm(layer.value[0, 0] @ lesson_output_matrix(1)[:, :24].T, axis=-1)
    assert weights.argmax() == lengths.argmax()
    weight, part = (percent(float(each.max() / each.sum()), language) for each in (weights, lengths))
    assert weight != part
    assert f"({weight})" in said
    assert f"‖α·v·Wo‖ = {number(float(lengths.max()), language)}, {part} " in said


def test_of_two_keys_with_the_largest_weight_the_one_that_adds_more_is_named() -> None:
    view = with_row(sample_view(("a", "b", "c"), heads=1), 0, 2, [0.4, 0.4, 0.2])
    lengths = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 3.0, 1.0]])
    looked = worth_norms.Looked(view, 0, 2, lengths, view.weights[0], lengths / lengths.sum(axis=-1, keepdims=True))
    seen: Any = Seen(ViewState(model="random"), "pt-BR", tokenize("a b c"))
    said = worth_norms.reading(seen, looked)
    assert "“b” tem o maior peso (40%) e acrescenta o vetor mais comprido: ‖α·v·Wo‖ = 3,00, 60%" in said


def test_of_a_row_that_lost_everything_no_sum_is_told() -> None:
    app = visit(model="random", dropout="1", p="0.9", row="1", text="a b")
    assert "nenhum peso restou" in prose(app)
    assert "medem o mesmo" not in prose(app)


def test_a_row_with_one_key_has_all_of_it() -> None:
    assert "só há um token para olhar, “⟨início⟩”" in prose(visit(row="1"))


def test_rows_that_dropout_changed_are_counted_and_a_row_that_lost_all_says_so() -> None:
    app = visit(model="random", dropout="1", p="0.9", row="1", text="a b")
    weights = trace_random(tokenize("a b"), AttentionConfig(dropout=0.9)).layers[0].dropped_weights[0, 0]
    leaving = int((np.abs(weights.sum(axis=-1) - 1) > 5e-3).sum())
    key = "worth.row_leaves" if leaving == 1 else "worth.rows_leave"
    assert text(key, "pt-BR", n=leaving, total=2) in prose(app)
    assert not weights[0].any()
    assert "nenhum peso restou" in prose(app)
    assert "worth_norms_row" not in keys(app)


# --- Heads off --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_link_with_the_carriers_off_shows_what_was_measured_and_what_happens_here(language: Language) -> None:
    app = visit(worth="off", off="2.1-2.4", row=str(TELHADO + 1), lang=language.lower())
    assert keys(app) == ["sentence", "worth_alone", "worth_controls", "worth_next"]
    shown, control = figure(app, "worth_controls")["data"][0]["x"]
    assert shown == pytest.approx(bits_without([(1, 0), (1, 3)]), abs=1e-3)
    assert control == pytest.approx(bits_without([(1, 1), (1, 2)]), abs=1e-3)
    alone = figure(app, "worth_alone")["data"][0]["x"]
    assert alone == pytest.approx([bits_without([(i, j)]) for i in range(2) for j in range(4)], abs=1e-3)
    said = prose(app)
    off = claims()["off"]
    for share in (off["nothing"], off["carriers"], min(share for layer, _, share in off["others"] if layer == 1)):
        assert percent(share, language, 1) in said
    assert said.count(percent(off["carriers"], language, 1)) == 2  # as measured, and as what is off now
    assert (
        text("worth.verdict_one_more", language, own=text("worth.bits", language, bits=number(shown, language))) in said
    )
    assert text("worth.later_none", language, layer=2) in said


@torch.inference_mode()
def test_the_bars_of_the_next_token_are_the_two_distributions() -> None:
    app = visit(worth="off", off="2.1-2.4", row=str(TELHADO + 1))
    before, after = figure(app, "worth_next")["data"]
    model, ids = load_lesson_model(), torch.tensor([trace_lesson(COURSE).tokens.ids])
    for bars, off in ((before, []), (after, [(1, 0), (1, 3)])):
        probabilities = model.next_token(model(ids, off=off).final)[0, TELHADO].softmax(-1)
        assert max(bars["x"]) == pytest.approx(float(probabilities.max()), abs=1e-4)
    assert len(before["x"]) == len(after["x"])


def test_with_no_head_off_the_page_says_that_nothing_changes() -> None:
    app = visit(worth="off", row=str(TELHADO + 1))
    assert keys(app) == ["sentence", "worth_alone", "worth_next"]
    before, after = figure(app, "worth_next")["data"]
    assert before["x"] == after["x"]
    assert text("worth.off_nothing", "pt-BR") in prose(app)


def test_a_later_map_that_moves_is_drawn_before_after_and_as_difference() -> None:
    app = visit(worth="off", off="1.3", row=str(TELHADO + 1))
    assert keys(app)[-1] == "worth_later"
    drawn = figure(app, "worth_later")
    model = load_lesson_model()
    ids = torch.tensor([trace_lesson(COURSE).tokens.ids])
    with torch.inference_mode():
        maps = [model(ids, off=off).weights[1][0].numpy() for off in ([], [(0, 2)])]
    moved = np.abs(maps[1] - maps[0]).sum(axis=-1).mean(axis=-1) / 2
    head = int(moved.argmax())
    seen = np.tril(np.ones(maps[0].shape[-2:], dtype=bool))
    for part, expected in (
        ("before", maps[0][head]),
        ("after", maps[1][head]),
        ("difference", (maps[1] - maps[0])[head]),
    ):
        np.testing.assert_allclose(cells(drawn, part)[seen], expected[seen], atol=1e-5)
    assert f"camada 2, cabeça {head + 1}" in prose(app)
    assert f"Na cabeça {head + 1} da camada 2, a maior mudança: " in prose(app)
    titles = [drawn["layout"][axis]["title"]["text"] for axis in ("xaxis", "xaxis2")]
    assert f"Camada 2, cabeça {head + 1}: antes" in titles[0]
    assert f"Camada 2, cabeça {head + 1}: depois" in titles[1]


@pytest.mark.parametrize("worth", ["off", "sink", "rollout"])
def test_where_every_head_is_meant_the_sentence_above_shows_the_weights_of_none(worth: str) -> None:
    assert "%" not in "".join(figure(visit(worth=worth), "sentence")["data"][0]["text"])
    assert "%" in "".join(figure(visit(worth="norms"), "sentence")["data"][0]["text"])


def test_to_the_mean_is_another_run_than_to_zero_and_is_not_among_the_measured() -> None:
    zero, mean = (visit(worth="off", off="2.1-2.4", row=str(TELHADO + 1), fill=fill) for fill in ("zero", "mean"))
    bits = [figure(app, "worth_controls")["data"][0]["x"][0] for app in (zero, mean)]
    assert abs(bits[0] - bits[1]) > 0.01
    assert np.linalg.norm(head_means(causal=True)) > 0
    assert "(as cabeças 1 e 4 da camada 2) foi medido com zero; aqui no lugar está a média" in prose(mean)
    other = visit(worth="off", off="2.1-2.2", row=str(TELHADO + 1), fill="mean")
    assert text("worth.measured_not", "pt-BR") in prose(other)


def test_a_click_on_a_pill_switches_a_head_off_and_the_button_all_on() -> None:
    app = visit(worth="off")
    app.button_group(key="worth_off_1").set_value([0])
    run(app)
    assert app.session_state["off"] == ((1, 0),)
    app.button_group(key="worth_off_0").set_value([2, 3])
    run(app)
    assert app.session_state["off"] == ((0, 2), (0, 3), (1, 0))
    app.button(key="worth_off_none").click()
    run(app)
    assert app.session_state["off"] == ()
    app.button(key="worth_off_carriers").click()
    run(app)
    assert app.session_state["off"] == ((1, 0), (1, 3))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({"off": "2.1-2.2-2.3"}, "na camada 2 sobram menos cabeças (1) do que as desligadas (3)."),
        ({"off": "1.1-1.2-1.3-2.1"}, "na camada 1 sobram menos cabeças (1) do que as desligadas (3)."),
        ({"off": "1.1-1.2-1.3-2.1-2.2-2.3-2.4"}, "nas camadas 1 e 2 sobram menos cabeças"),
        ({"off": "1.1-1.2-1.3", "model": "random"}, "Não há controle: sobram menos cabeças do que as desligadas."),
    ],
)
def test_where_too_few_heads_are_left_there_is_no_control_and_it_is_said_in_which_layer(
    address: dict[str, str], said: str
) -> None:
    app = visit(worth="off", **address)
    assert "worth_controls" not in keys(app)
    assert said in prose(app)


@pytest.mark.parametrize(("off", "other"), [((1, 0), (1, 3)), ((1, 3), (1, 0))])
def test_a_head_that_carries_the_prediction_too_is_no_control_and_is_told_beside_them(
    off: tuple[int, int], other: tuple[int, int]
) -> None:
    assert {off, other} == set(map(tuple, claims()["carriers"]))
    app = visit(worth="off", off=f"{off[0] + 1}.{off[1] + 1}", row="7")
    free = sorted(number(bits_without([(1, head)]), "pt-BR") for head in (1, 2))
    (controls,) = (line for line in prose(app).splitlines() if line.startswith("Controles"))
    assert re.findall(r"\d+,\d+", controls)[1:3] == free
    assert f"fica a cabeça {other[1] + 1} da camada 2, que também leva" in controls
    assert controls.endswith(f"muda {number(bits_without([other]), 'pt-BR')} bit.")
    (share,) = (share for *head, share in claims()["off"]["alone"] if tuple(head) == off)
    assert f"é um desses casos: {percent(share, 'pt-BR', 1)}." in prose(app)


def test_where_every_control_holds_a_head_that_carries_the_prediction_there_is_none() -> None:
    app = visit(worth="off", off="2.1-2.2", row="7")
    assert text("worth.controls_none_free", "pt-BR") in prose(app)
    assert "worth_controls" not in keys(app)


def test_several_controls_are_told_by_their_mean_their_least_and_their_most() -> None:
    said = prose(visit(worth="off", off="1.2", row=str(TELHADO + 1)))
    found = [bits_without([(0, head)]) for head in (0, 2, 3)]
    mean, least, most, middle = (
        number(float(value), "pt-BR") for value in (np.mean(found), min(found), max(found), np.median(found))
    )
    assert mean != middle
    (controls,) = (line for line in said.splitlines() if line.startswith("Controles"))
    assert re.findall(r"\d+,\d+", controls)[:3] == [mean, least, most]


def test_a_link_that_names_heads_the_model_does_not_have_says_which() -> None:
    app = visit(worth="off", off="1.9-2.1")
    assert text("worth.off_missing", "pt-BR", heads="1.9") in prose(app)
    assert "worth_controls" in keys(app)


def test_random_weights_show_the_output_and_say_what_they_do_not_have() -> None:
    app = visit(worth="off", model="random", off="1.1-1.3")
    assert keys(app) == ["sentence", "worth_alone", "worth_controls"]
    layer = trace_random(tokenize(COURSE), AttentionConfig()).layers[0]
    context, w_output = layer.context[0, :, -1].astype(float), random_output_matrix(AttentionConfig()).astype(float)
    before = w_output @ context.ravel()
    context[[0, 2]] = 0.0
    after = w_output @ context.ravel()
    change = float(np.linalg.norm(after - before) / np.linalg.norm(before))
    cosine = float(after @ before / np.linalg.norm(after) / np.linalg.norm(before))
    said = prose(app)
    assert percent(change, "pt-BR", 1) in said
    assert number(cosine, "pt-BR") in said
    assert text("worth.off_no_next", "pt-BR") in said
    assert figure(app, "worth_controls")["data"][0]["x"][0] == pytest.approx(change, abs=1e-4)
    assert "filling" not in [widget.key for widget in app.get("button_group")]


# --- The first token and the rollout ----------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["lesson", "random"])
def test_the_bars_of_the_first_token_are_each_heads_mean_share(model: str) -> None:
    app = visit(worth="sink", model=model)
    trace = trace_lesson(COURSE) if model == "lesson" else trace_random(tokenize(COURSE), AttentionConfig())
    expected = [float(share) for layer in trace.layers for share in layer.weights[0, :, 1:, 0].mean(axis=-1)]
    assert figure(app, "worth_sink")["data"][0]["x"] == pytest.approx(expected, abs=1e-5)
    assert f"“{trace.tokens.labels[0]}”" in prose(app)


def test_the_least_share_on_the_first_token_is_told_beside_the_most() -> None:
    weights = np.concatenate([layer.weights[0] for layer in trace_lesson(COURSE).layers]).astype(float)
    shares = weights[:, 1:, 0].mean(axis=-1)
    said = prose(visit(worth="sink"))
    assert f"{percent(float(shares.max()), 'pt-BR')}. Quem menos põe" in said
    assert f"{share_of(float(shares.min()), 'pt-BR')}." in said.partition("Quem menos põe")[2].splitlines()[0]


def test_the_share_on_the_first_token_is_the_one_that_find_measures_and_dropout_is_said_not_to_enter() -> None:
    plain, dropped = (visit(worth="sink", **address) for address in ({}, {"dropout": "1", "p": "0.9"}))
    assert figure(plain, "worth_sink")["data"][0]["x"] == figure(dropped, "worth_sink")["data"][0]["x"]
    told = text("worth.sink_before_dropout", "pt-BR")
    assert [told in prose(app) for app in (plain, dropped)] == [False, True]
    scatter = figure(visit(tool="find", find="measure", x="first"), "head_scatter")["data"][0]["x"]
    assert figure(plain, "worth_sink")["data"][0]["x"] == scatter


@dataclass(frozen=True)
class Seen:
    """What a sentence about the first token needs of a page."""

    state: ViewState
    language: Language
    tokens: Tokens


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([0.5, 0.2, 0.3, 0.1], "põe peso em “a” é a cabeça 1: em média, 50%. Quem menos põe é a cabeça 4: 10%."),
        ([0.5, 0.501, 0.3, 0.1], "em “a”, em empate, são as cabeças 1 e 2: em média, 50% cada uma. Quem menos põe é"),
        ([0.5, 0.1, 0.101, 0.1], "Quem menos põe, em empate, são as cabeças 2, 3 e 4: 10% cada uma."),
        ([0.3, 0.3, 0.301, 0.3], "todas as cabeças põem em média o mesmo em “a”: 30%."),
        ([0.3, np.nan, np.nan, np.nan], "a cabeça 1 põe em média 30% em “a”."),
        ([np.nan] * 4, "nenhuma linha pode escolher"),
    ],
)
def test_heads_whose_shares_are_written_alike_share_the_place(shares: list[float], said: str) -> None:
    seen: Any = Seen(ViewState(model="random"), "pt-BR", tokenize("a b"))
    sentence = worth_sink.reading(seen, [(0, head) for head in range(4)], np.array(shares))
    assert said in sentence
    assert sentence.startswith("Nesta frase, ")


def test_the_first_token_hidden_is_renormalised_and_a_row_with_nothing_left_is_a_dash() -> None:
    app = visit(worth="sink", row="1")
    drawn = figure(app, "worth_hidden")
    weights = trace_lesson(COURSE).layers[1].weights[0, 0].astype(float)
    hidden = cells(drawn, "hidden")
    assert np.isnan(hidden[:, 0]).all()
    assert np.isnan(hidden[0]).all()
    for row in range(1, len(weights)):
        left = weights[row, 1 : row + 1]
        np.testing.assert_allclose(hidden[row, 1 : row + 1], left / left.sum(), atol=1e-5)
    written = [word for trace in drawn["data"] if trace.get("mode") == "text" for word in trace["text"]]
    assert written.count("—") == len(weights)  # the hidden column, which is all the first row had
    assert "nada resta (—)" in prose(app)
    assert "renormalizado" in str(drawn["layout"]["xaxis2"]["title"])


def test_one_token_has_no_share_to_measure() -> None:
    app = visit(worth="sink", model="random", text="a")
    assert text("worth.sink_none", "pt-BR", first="“a”") in prose(app)
    assert set(figure(app, "worth_sink")["data"][0]["text"]) == {"—"}


@pytest.mark.parametrize("model", ["lesson", "random"])
@pytest.mark.parametrize("dropout", ["0", "1"])
def test_the_map_is_the_rollout_and_its_rows_sum_to_one(model: str, dropout: str) -> None:
    app = visit(worth="rollout", model=model, dropout=dropout)
    config = AttentionConfig(dropout=0.5 if dropout == "1" else 0.0)
    trace = trace_lesson(COURSE, config) if model == "lesson" else trace_random(tokenize(COURSE), config)
    reached = cells(figure(app, "worth_rollout"), "rollout")
    np.testing.assert_allclose(np.nansum(reached, axis=-1), 1.0, atol=1e-5)
    expected = np.eye(len(reached))
    for layer in trace.layers:
        mixed = layer.dropped_weights[0].mean(axis=0) + np.eye(len(reached))
        expected = np.linalg.solve(np.diag(mixed.sum(axis=1)), mixed) @ expected
    np.testing.assert_allclose(np.nan_to_num(reached), expected, atol=1e-5)
    last, whole = (bars["x"] for bars in figure(app, "worth_rollout_row")["data"][:2])
    np.testing.assert_allclose(last, trace.layers[-1].dropped_weights[0, :, -1].mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(whole, expected[-1], atol=1e-5)
    told = templates("pt-BR")["worth.mended_rollout"] in prose(app)
    assert told == (dropout == "1")
    assert "ignora values" in prose(app)


# --- Whatever the reader types ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("worth", WORTHS)
@pytest.mark.parametrize("model", ["lesson", "random"])
@pytest.mark.parametrize(
    "address",
    [
        {"text": HOSTILE, "off": "1.1"},
        {"text": "a", "off": "1.1-1.2-1.3-1.4-2.1-2.2-2.3-2.4"},
        {"text": " ".join(["gato"] * 120), "off": "1.2", "head": "2"},
        {"words": "1", "row": "3", "off": "1.2-2.2", "text": "O trafelo desconhecidíssimo miou"},
        {"mask": "zero-after", "scale": "0", "dropout": "1", "p": "0.9", "off": "2.1"},
        {"mask": "renormalise", "scale": "0", "causal": "1", "fill": "mean", "off": "1.1"},
        {"causal": "0", "fill": "mean", "off": "2.2", "lang": "en"},
        {"heads": "1", "off": "1.1"},
        {"heads": "12", "off": "1.1-1.5-1.7"},
    ],
)
def test_any_sentence_and_any_setting_is_drawn(worth: str, model: str, address: dict[str, str]) -> None:
    app = visit(worth=worth, model=model, **address)
    assert text("worth.literature", "en" if "lang" in address else "pt-BR") in [each.label for each in app.expander]
    assert "nan" not in prose(app).lower().split()
    assert "https://x.org" not in prose(app) or "![i](" not in "".join(each.value for each in app.markdown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_literature_is_three_papers_and_none_is_said_to_be_about_this_model(language: Language) -> None:
    said = prose(visit(lang=language.lower()))
    for name in ("Jain", "Wiegreffe", "Voita"):
        assert said.count(name) == 1
    assert text("worth.papers_limit", language) in said
