"""Every page runs, in both languages, with every switch, and on every text a person may type."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from attention.config import AttentionConfig
from attention.presets import PRESETS
from attention.sources import trace_random
from attention.texts import LANGUAGES, Language, percent, text
from attention.tokens import tokenize
from attention.ui.state import TABS, ViewState, write
from tests.chapter.visiting import keys

APP = str(Path(__file__).parents[1] / "app.py")
COURSE = PRESETS[0].text

HOSTILE = [
    "",
    "   ",
    "a",
    "a" * 100_000,
    "👨‍👩‍👧‍👦 🏳️‍🌈",
    "a\u0301o\u0303 n\u0303",
    "שלום עולם \u202eabc",
    "a\x00b\x07c\x1b[31m",
    "<b>oi</b> <script>alert(1)</script>",
    '<a href="https://example.org">x</a>',
    "![x](https://example.org/x.png) **b** [l](https://example.org)",
    "$x^2$ $$y$$ :material/home: :red[x] :smile:",
    "%{z} {} {0} %s \\n {text}",
    "linha um\nlinha dois\ttab",
    "<|endoftext|>",
    "=1+1",
]


def visit(**address: str) -> AppTest:
    """Open the app at an address, with random weights unless it says otherwise."""
    return open_at({"model": "random"} | address)


def open_at(address: dict[str, str]) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=30)
    for slug, value in address.items():
        app.query_params[slug] = value
    return run(app)


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def figure(app: AppTest, key: str) -> dict[str, Any]:
    """Return the figure that the live figure called `key` was given."""
    (live,) = (element for element in app.get("bidi_component") if element.key == key)
    drawn: dict[str, Any] = json.loads(live.proto.bytes)["figure"]
    return drawn


def numbers(sent: dict[str, str]) -> np.ndarray[Any, Any]:
    """Return the array that plotly sends as bytes in base64."""
    shape = [int(length) for length in sent["shape"].split(",")] if "shape" in sent else -1
    return np.frombuffer(base64.b64decode(sent["bdata"]), dtype=sent["dtype"]).reshape(shape)


def prose(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_first_visit_shows_the_sentence_its_maps_and_what_they_say(language: Language) -> None:
    app = visit(lang=language.lower())
    assert app.title[0].value == text("explore.title", language)
    assert text("frame.badge_random_help", language) in prose(app)
    assert app.text_input(key="text").value == COURSE
    assert keys(app) == ["sentence", "heads", "head_map"]


def test_the_page_draws_the_numbers_of_the_core() -> None:
    weights = trace_random(tokenize(COURSE), AttentionConfig()).layers[0].weights[0, 0]
    shown = numbers(figure(visit(head="1"), "head_map")["data"][0]["z"])
    allowed = np.tril(np.ones_like(shown, dtype=bool))
    assert np.array_equal(np.isnan(shown), ~allowed)
    assert np.allclose(shown[allowed], weights[allowed], atol=1e-6)


def test_the_sentence_under_the_text_names_the_strongest_key_of_the_focused_row() -> None:
    app = visit(head="2", row="4")
    weights = trace_random(tokenize(COURSE), AttentionConfig()).layers[0].weights[0, 1, 3]
    strongest = max(range(4), key=lambda key: weights[key])
    label = tokenize(COURSE).labels[strongest]
    assert f"“{label}” \\({percent(weights[strongest], 'pt-BR')}".replace("%", "\\%") in prose(app)


def test_a_moved_switch_shows_before_after_and_difference_until_it_is_closed() -> None:
    app = visit()
    app.toggle(key="causal").set_value(False)
    run(app)
    assert "comparison" in keys(app)
    assert app.query_params["causal"] == "0"
    assert app.query_params["effect"] == "causal"
    app.button(key="close").click()
    run(app)
    assert "comparison" not in keys(app)
    assert app.query_params["causal"] == "0"


def test_dropout_in_training_says_why_the_row_no_longer_sums_to_one_and_draws_again() -> None:
    app = visit(dropout="1")
    assert "100" in prose(app)
    first = figure(app, "head_map")
    app.button(key="draw_again").click()
    run(app)
    assert app.query_params["draw"] == "1"
    assert figure(app, "head_map") != first


def test_dropout_at_inference_does_nothing_and_says_so() -> None:
    app = visit(dropout="1", train="0", effect="dropout")
    assert text("reading.inference", "pt-BR") in prose(app).replace("\\", "")
    assert text("reading.no_change", "pt-BR", head=1) in prose(app).replace("\\", "")


def test_choices_that_are_off_the_screen_are_remembered() -> None:
    app = visit(dropout="1", p="0.2")
    app.toggle(key="dropout_on").set_value(False)
    run(app)
    app.toggle(key="dropout_on").set_value(True)
    run(app)
    assert app.select_slider(key="dropout").value == 0.2


def test_an_example_replaces_the_sentence() -> None:
    app = visit(row="2")
    app.button(key="preset_journey").click()
    run(app)
    assert app.text_input(key="text").value == "Your journey starts with one step"
    assert "row" not in app.query_params


@pytest.mark.parametrize("words", ["0", "1"])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_any_text_gets_a_picture_or_a_clear_message_and_stays_in_its_box(hostile: str, words: str) -> None:
    app = visit(text=hostile, words=words) if hostile.isprintable() else visit(words=words)
    app.text_input(key="text").set_value(hostile)
    run(app)
    assert app.text_input(key="text").value == hostile
    assert app.info or keys(app) == ["sentence", "heads", "head_map"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_sentence_is_explained_in_the_readers_language(language: Language) -> None:
    assert visit(text=" ", lang=language.lower()).info[0].value == text("errors.empty_text", language)


def test_more_is_closed_at_first_and_its_tabs_are_in_the_address() -> None:
    app = visit()
    assert not app.get("download_button")
    assert len(visit(more="1", tab="downloads").get("download_button")) == 6
    tokens = visit(more="1", tab="tokens").table[0].value
    assert tokens["id"].tolist() == [str(token) for token in tokenize(COURSE).ids]
    table = visit(more="1", tab="numbers").table[0].value
    assert list(table.iloc[:, -1]) == ["100%"] * 9


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("words", ["0", "1"])
@pytest.mark.parametrize(
    "mode", [{"dropout": "1"}, {"mask": "zero-after"}, {"causal": "0"}, {"heads": "1", "scale": "0"}]
)
def test_every_tab_opens_in_every_mode(tab: str, words: str, mode: dict[str, str]) -> None:
    app = visit(more="1", tab=tab, words=words, **mode)
    assert ("row_bars" in keys(app)) == (tab == "numbers")


def test_changing_the_language_leaves_the_panel_open() -> None:
    app = visit(more="1", tab="tokens")
    app.button_group(key="language").set_value("en")
    run(app)
    assert app.query_params["more"] == "1"
    assert len(app.table) == 1


def test_what_cannot_act_is_not_offered() -> None:
    assert [slider.key for slider in visit(dropout="1").select_slider] == ["dropout"]
    assert not visit(dropout="1", train="0").select_slider
    assert not [button for button in visit(dropout="1", train="0").button if button.key == "draw_again"]


def test_a_text_too_long_for_a_link_says_so() -> None:
    app = visit()
    app.text_input(key="text").set_value("gato " * 320)
    run(app)
    assert any("1.500" in caption.value for caption in app.caption)


def test_the_settings_reach_the_core() -> None:
    app = visit(more="1")
    app.select_slider(key="n_heads").set_value(12)
    run(app)
    assert figure(app, "heads")["data"][0]["meta"]["heads"] == 12
    app.toggle(key="grouped").set_value(True)
    run(app)
    assert figure(app, "head_map")["data"][0]["meta"]["n"] == 7


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "text",
                "lang",
                "model",
                "layer",
                "heads",
                "head",
                "row",
                "words",
                "causal",
                "mask",
                "dropout",
                "p",
                "effect",
                "v",
            ]
        ),
        st.one_of(
            st.text(max_size=30), st.sampled_from(["0", "1", "12", "-1", "zero-after", "dropout", "en", "random"])
        ),
    )
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_no_address_breaks_the_page(address: dict[str, str]) -> None:
    assert open_at(address).title


@pytest.mark.parametrize("sentence", ["O gato miou. " * 80, ""])
def test_the_address_follows_also_where_a_page_ends_early(sentence: str) -> None:
    app = open_at({"text": "A menina dormiu", "causal": "0"})
    app.text_input(key="text").set_value(sentence).run()
    written = write(ViewState(text=sentence, causal=False))
    assert {name: "".join(value) for name, value in app.query_params.items()} == written
