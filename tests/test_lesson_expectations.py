"""Beside what the lesson model expects next stands only what holds for this sentence and these switches."""

from __future__ import annotations

import pytest

from attention.lesson_model.claims import SETS, sentences_of
from attention.lesson_model.lexicon import ANIMALS, PEOPLE, PLACES, THINGS, plural, verb_forms
from attention.texts import LANGUAGES, Language, text
from tests.test_pages import open_at, prose


def said(**address: str) -> str:
    return prose(open_at(address)).replace("\\", "")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("sentence", "verb", "before"),
    [
        ("O gato que estava no telhado miou", "miou", "telhado"),
        ("As vacas que viram o boi mugem muito", "mugem", "boi"),
        ("O gato dormiu", "dormiu", "gato"),
    ],
)
def test_the_word_before_the_last_verb_is_said_to_need_the_subject(
    language: Language, sentence: str, verb: str, before: str
) -> None:
    written = text("lesson.next_verb", language, verb=f"“{verb}”", before=f"“{before}”")
    assert written in said(lang=language.lower(), text=sentence)
    assert written not in said(lang=language.lower(), text=sentence, causal="0")


@pytest.mark.parametrize(
    "sentence", ["gato", ")", "🐱 🐱", "Miou", "A cobra do vizinho", "Your journey starts with one step"]
)
def test_where_the_model_knows_no_verb_with_a_word_before_it_nothing_is_said_of_one(sentence: str) -> None:
    assert "quem fez" not in said(text=sentence)


def test_every_verb_the_grammar_writes_for_a_subject_is_a_known_form_unless_it_is_a_noun_too() -> None:
    nouns = (*ANIMALS, *PEOPLE, *THINGS, *PLACES)
    words = {form for noun in nouns for form in (noun.word, plural(noun.word))}
    for kind in SETS:
        for sentence in sentences_of(kind, 100, "train", 7):
            verbs = {sentence.words[place].text for place in sentence.where("verb")}
            assert verbs - words <= verb_forms(), str(sentence)
    assert not verb_forms() & words


def test_bets_are_said_to_be_made_without_dropout_where_dropout_acts() -> None:
    note = text("lesson.next_without_dropout", "pt-BR")
    assert note in said(dropout="1", p="0.5")
    assert note not in said(dropout="1", train="0")
    assert note not in said()
