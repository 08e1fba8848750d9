"""The subject a verb belongs to, told from the lexicon alone, and checked against the grammar that writes sentences."""

from __future__ import annotations

import pytest

from attention.lesson_model.claims import SETS, SentenceSet, sentences_of
from attention.lesson_model.subjects import find_subject
from attention.presets import PRESETS


def test_in_the_courses_sentence_the_cat_meows_and_the_word_before_the_verb_foresees_it() -> None:
    words = PRESETS[0].text.split()
    found = find_subject(words)
    assert found is not None
    assert found.predicts is not None
    assert (words[found.subject], words[found.verb], words[found.predicts]) == ("gato", "miou", "telhado")


@pytest.mark.parametrize("each", SETS, ids=lambda each: each.name)
def test_it_names_the_subject_that_the_grammar_wrote_or_none(each: SentenceSet) -> None:
    named = 0
    for sentence in sentences_of(each, 60, "held_out", 0):
        found = find_subject([word.text for word in sentence.words])
        if found is not None and found.verb == sentence.where("verb")[0]:
            named += 1
            assert found.subject == sentence.where("subject")[0]
    assert named > 20


def test_signs_capitals_plural_and_present_are_understood() -> None:
    found = find_subject(["Os", "gatos", "do", "vizinho", "miam!"])
    assert found is not None
    assert (found.subject, found.verb) == (1, 4)


def test_right_after_its_subject_a_verb_has_no_row_that_foresees_it_from_afar() -> None:
    found = find_subject(["O", "gato", "miou"])
    assert found is not None
    assert found.predicts is None


@pytest.mark.parametrize("sentence", ["", "miou", "gato", "O gato dormiu", "Um gato e o gato miou", "Os gatos miou"])
def test_where_the_lexicon_cannot_tell_there_is_no_answer(sentence: str) -> None:
    assert find_subject(sentence.split()) is None
