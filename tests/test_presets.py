"""Every example sentence is what its place in the list says."""

from __future__ import annotations

import re

import pytest

from attention.presets import PRESETS, Preset
from attention.texts import LANGUAGES, templates, text
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


def test_the_family_is_one_word_of_many_tokens() -> None:
    tokens = tokenize(next(preset.text for preset in PRESETS if preset.slug == "emoji"))
    family = tokens.word_labels.index("👨‍👩‍👧")
    assert tokens.words.count(family) > 5
