"""Every example sentence is what its place in the list says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from attention.lesson_model.results import claims
from attention.lesson_model.source import trace_lesson
from attention.lesson_model.tokenizer import is_known
from attention.presets import PRESETS, Preset
from attention.texts import LANGUAGES, Language, templates, text
from attention.tokens import ENCODINGS, tokenize

every_preset = pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.slug)


@every_preset
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_preset_fits_on_one_screen_in_every_encoding(preset: Preset, encoding: str) -> None:
    tokens = tokenize(preset.text, encoding)
    assert tokens.text == preset.text
    assert 5 <= len(tokens.word_labels) <= len(tokens) <= 32


@every_preset
def test_a_preset_has_a_title_in_every_language(preset: Preset) -> None:
    assert all(text(f"presets.{preset.slug}", language) for language in LANGUAGES)


def test_slugs_are_different_and_fit_an_address() -> None:
    slugs = [preset.slug for preset in PRESETS]
    assert len(set(slugs)) == len(slugs)
    assert all(re.fullmatch("[a-z]+", slug) for slug in slugs)


def test_no_title_is_left_without_its_preset() -> None:
    titles = {key.removeprefix("presets.") for key in templates("en") if key.startswith("presets.")}
    assert titles == {preset.slug for preset in PRESETS}


def test_the_course_sentence_comes_first() -> None:
    assert PRESETS[0].text == "O gato que estava no telhado miou"


def test_the_repeated_word_is_the_same_token_twice() -> None:
    tokens = tokenize(next(preset.text for preset in PRESETS if preset.slug == "repeated"))
    first, second = (position for position, label in enumerate(tokens.labels) if label == "gato")
    assert tokens.ids[first] == tokens.ids[second]


@every_preset
def test_the_lesson_model_knows_every_word_of_an_example_made_for_it(preset: Preset) -> None:
    if preset.role or preset.slug == "repeated":
        assert [word for word in preset.text.split() if not is_known(word)] == []


@every_preset
@pytest.mark.parametrize("grouped", ["0", "1"])
def test_an_example_puts_the_head_that_was_measured_at_its_question_into_focus(preset: Preset, grouped: str) -> None:
    app = AppTest.from_file(str(Path(__file__).parents[1] / "app.py"), default_timeout=60)
    app.query_params |= {"v": "1", "layer": "1", "head": "4", "row": "1", "words": grouped}
    app.session_state["examples"] = True
    app.run().button(key=f"preset_{preset.slug}").click().run()
    assert not app.exception
    assert app.session_state["text"] == preset.text
    focus = [app.session_state[name] for name in ("layer", "head")]
    assert focus == (claims()["heads"][preset.role] if preset.role else [0, 3])
    if preset.asks:
        assert trace_lesson(preset.text).tokens.labels[app.session_state["row"]] == preset.asks
    else:
        assert app.session_state["row"] == -1


@every_preset
@pytest.mark.parametrize("language", LANGUAGES)
def test_who_reads_english_is_told_what_a_portuguese_example_means(preset: Preset, language: Language) -> None:
    assert bool(preset.english) is (preset.language == "pt-BR")
    app = AppTest.from_file(str(Path(__file__).parents[1] / "app.py"), default_timeout=60)
    app.query_params |= {"v": "1", "model": "random", "lang": language.lower(), "text": preset.text}
    told = [f"In English: “{preset.english}”"] if preset.english and language == "en" else []
    assert [caption.value for caption in app.run().caption if caption.value.startswith("In English")] == told
    app.text_input(key="text").set_value(preset.text + "!").run()
    assert not app.exception
    assert not [caption.value for caption in app.caption if caption.value.startswith("In English")]


def test_in_the_head_of_the_pronouns_example_it_looks_at_the_noun_it_agrees_with() -> None:
    (preset,) = (preset for preset in PRESETS if preset.slug == "pronoun")
    layer, head = claims()["heads"]["pronoun"]
    trace = trace_lesson(preset.text)
    weights = trace.layers[layer].weights[0, head, trace.tokens.labels.index(preset.asks)]
    assert trace.tokens.labels[int(weights.argmax())] == "cachorro"
    assert weights.max() > 0.9


def test_the_family_is_one_word_of_many_tokens() -> None:
    tokens = tokenize(next(preset.text for preset in PRESETS if preset.slug == "emoji"))
    family = tokens.word_labels.index("👨‍👩‍👧")
    assert tokens.words.count(family) > 5
