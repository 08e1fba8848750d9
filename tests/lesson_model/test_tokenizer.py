"""Any text can be written with the lesson's tokens, and read back."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.errors import AttentionError
from attention.lesson_model.grammar import write
from attention.lesson_model.phrases import Mix
from attention.lesson_model.tokenizer import (
    START_LABEL,
    encode,
    encoding,
    hidden_id,
    is_known,
    learn_pieces,
    start_id,
    tokenize_lesson,
    vocabulary_size,
)
from attention.lesson_model.training import sentence_ids
from attention.tokens import MAX_CHARACTERS, clean


@given(st.text(min_size=1, max_size=60).filter(str.strip))
def test_pieces_and_ids_give_the_text_back(text: str) -> None:
    tokens = tokenize_lesson(text)
    assert b"".join(tokens.pieces).decode() == tokens.text == clean(text)
    assert encoding().decode(list(tokens.ids[1:])).removeprefix(" ") == tokens.text.removeprefix(" ")
    assert all(tokens.labels)
    assert all(piece for piece in tokens.pieces[1:])


def test_the_course_sentence_is_one_token_a_word() -> None:
    tokens = tokenize_lesson("O gato que estava no telhado miou")
    assert tokens.labels == (START_LABEL, "O", "gato", "que", "estava", "no", "telhado", "miou")
    assert tokens.words == tuple(range(8))
    assert tokens.word_labels == tokens.labels
    assert tokens.pieces[0] == b""


def test_the_start_and_the_hidden_word_are_beyond_all_text() -> None:
    assert (start_id(), hidden_id()) == (vocabulary_size() - 2, vocabulary_size() - 1)
    assert max(encode("O gato miou 😀 ⟨início⟩")) < start_id()


def test_a_word_is_the_same_token_wherever_it_stands() -> None:
    assert encode("gato") == encode(" gato") == encode("o gato")[1:]


def test_an_unknown_word_falls_in_pieces_of_one_word() -> None:
    tokens = tokenize_lesson("O hipopótamo espirrou")
    assert tokens.word_labels == (START_LABEL, "O", "hipopótamo", "espirrou")
    assert [is_known(word) for word in tokens.word_labels[1:]] == [True, False, False]
    assert all(is_known(word) for word in ("gato", "algodão-doce", ",", "miaram"))


def test_sentences_are_trained_on_as_they_are_read() -> None:
    rng = Random(4)
    for sentence in (write(rng) for _ in range(300)):
        assert sentence_ids(sentence)[0] == [start_id(), *encode(str(sentence))]


def test_bpe_merges_the_pair_in_most_words_first() -> None:
    pieces = learn_pieces({f"a{vowel}{consonant}" for vowel in "bcd" for consonant in "xyz"} | {"abab"})
    assert pieces[256] == b" a"


def test_nearly_every_word_of_the_grammar_is_known_whole() -> None:
    rng = Random(8)
    words = [word.text for _ in range(2_000) for word in write(rng, mix=Mix(nonce=0, nonce_verb=0)).words]
    assert sum(map(is_known, words)) > 0.999 * len(words)


@pytest.mark.parametrize(
    ("text", "code"),
    [(" ", "empty_text"), ("a" * (MAX_CHARACTERS + 1), "text_too_long"), ("xk" * 500, "too_many_tokens")],
)
def test_what_cannot_be_tokenised_is_said(text: str, code: str) -> None:
    with pytest.raises(AttentionError) as caught:
        tokenize_lesson(text)
    assert caught.value.code == code
