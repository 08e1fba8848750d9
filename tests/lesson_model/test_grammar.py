"""The sentences are what they say they are, and what is held out is held out."""

from __future__ import annotations

from itertools import combinations
from random import Random

import pytest

from attention.lesson_model.claims import ADJECTIVE, NONCE, PRONOUN, SETS, UNSEEN, places_of, sentences_of
from attention.lesson_model.grammar import spoil, write
from attention.lesson_model.lexicon import (
    ANIMALS,
    NAMES,
    PEOPLE,
    PLACES,
    THINGS,
    adjective_form,
    diminutive,
    nonce_noun,
    plural,
    rehearsal_nouns,
    unseen_nouns,
    verb_form,
)
from attention.lesson_model.phrases import LITTLE_ONES, Mix, Sentence, held_out
from attention.lesson_model.tokenizer import is_known

NOUNS = ANIMALS + PEOPLE + THINGS + PLACES + NAMES


@pytest.fixture(scope="module")
def training() -> list[Sentence]:
    rng = Random(7)
    return [write(rng) for _ in range(20_000)]


def test_no_two_held_out_nouns_ever_meet_in_training_in_any_form(training: list[Sentence]) -> None:
    known = [noun for noun in NOUNS if noun.word not in LITTLE_ONES]
    lemma_of = {form: noun.lemma for noun in known for form in (noun.word, plural(noun.word))}
    for sentence in training:
        lemmas = {
            lemma_of[word.text] for word in sentence.words if word.role in {"subject", "noun"} and word.text in lemma_of
        }
        assert not [pair for pair in combinations(sorted(lemmas), 2) if held_out(*pair)], str(sentence)


def test_one_pair_in_five_is_held_out_whichever_noun_comes_first() -> None:
    pairs = list(combinations(sorted({noun.lemma for noun in NOUNS}), 2))
    assert all(held_out(first, second) == held_out(second, first) for first, second in pairs)
    assert 0.19 < sum(held_out(*pair) for pair in pairs) / len(pairs) < 0.21
    assert held_out("gato", "telhado")
    assert held_out("gato", "cachorro")


def test_the_held_out_template_one_relative_clause_in_another_never_occurs_in_training(
    training: list[Sentence],
) -> None:
    for sentence in training:
        after_subject = [word.text for place in sentence.where("subject") for word in sentence.words[place:]]
        assert after_subject.count("que") <= 1, str(sentence)
    nested = next(kind for kind in SETS if kind.held_out_template)
    assert all(str(sentence).count(" que ") >= 2 for sentence in sentences_of(nested, 50, "held_out", 5))


@pytest.mark.parametrize("kind", SETS, ids=lambda kind: kind.name)
def test_a_measured_sentence_has_only_held_out_pairs_around_its_subject(kind: object) -> None:
    lemma_of = {form: noun.lemma for noun in NOUNS for form in (noun.word, plural(noun.word))}
    for sentence in sentences_of(kind, 100, "held_out", 5):  # type: ignore[arg-type]
        subject = lemma_of[sentence.words[sentence.where("subject")[0]].text]
        others = [lemma_of[sentence.words[place].text] for place in sentence.where("noun")]
        assert all(held_out(subject, other) for other in others), str(sentence)


def test_unseen_words_are_in_no_training_sentence(training: list[Sentence]) -> None:
    unseen, rehearsal = (
        {form for noun in nouns for form in (noun.word, plural(noun.word), *noun.verbs)}
        for nouns in (unseen_nouns(), rehearsal_nouns())
    )
    assert not unseen & rehearsal
    assert not (unseen | rehearsal) & {word.text for sentence in training for word in sentence.words}
    assert not (unseen | rehearsal) & {noun.word for noun in NOUNS}


def test_foods_are_never_nouns_that_act() -> None:
    assert not {food for noun in NOUNS for food in noun.foods} & {noun.word for noun in NOUNS}


def test_a_pronoun_agrees_with_what_it_stands_for_and_with_nothing_else() -> None:
    for sentence in sentences_of(PRONOUN, 200, "train", 5):
        looker, antecedent, _ = places_of(sentence, "pronoun")
        words = sentence.words
        assert looker > antecedent
        assert words[looker].text in {"ele", "ela", "eles", "elas"}
        assert words[looker].text.endswith("s") == (words[antecedent + 0].text in _PLURALS)


_PLURALS = {plural(noun.word) for noun in NOUNS if plural(noun.word) != noun.word}


def test_a_spoiled_sentence_differs_in_one_word_that_no_longer_fits() -> None:
    rng = Random(3)
    for kind in (*SETS, ADJECTIVE, NONCE, UNSEEN):
        for sentence in sentences_of(kind, 20, "train", 5):
            changed = [
                (old, new) for old, new in zip(sentence.words, spoil(sentence, rng).words, strict=True) if old != new
            ]
            assert len(changed) == 1
            (old, new) = changed[0]
            assert new.text in old.rivals
            assert new.text != old.text
            assert not new.fits


def test_nothing_is_random_but_the_seed() -> None:
    first, second = ([str(write(rng)) for _ in range(50)] for rng in (Random(1), Random(1)))
    assert first == second


def test_a_clause_stands_before_the_subject_often_enough_to_unlearn_the_first_noun(training: list[Sentence]) -> None:
    share = sum(s.where("noun")[:1] < s.where("subject") for s in training if s.where("noun", "subject")) / len(
        training
    )
    assert share > 0.4


@pytest.mark.parametrize(
    ("past", "present", "many", "many_now"),
    [("miou", "mia", "miaram", "miam"), ("latiu", "late", "latiram", "latem"), ("caiu", "cai", "caíram", "caem"),
     ("estava", "está", "estavam", "estão"), ("roeu", "rói", "roeram", "roem"), ("era", "é", "eram", "são")],
)  # fmt: skip
def test_verbs_are_conjugated(past: str, present: str, many: str, many_now: str) -> None:
    assert verb_form(past, is_plural=False, present=True) == present
    assert verb_form(past, is_plural=True, present=False) == many
    assert verb_form(past, is_plural=True, present=True) == many_now


@pytest.mark.parametrize(
    ("word", "many"),
    [
        ("leão", "leões"),
        ("pão", "pães"),
        ("animal", "animais"),
        ("homem", "homens"),
        ("flor", "flores"),
        ("sol", "sóis"),
    ],
)
def test_nouns_have_plurals(word: str, many: str) -> None:
    assert plural(word) == many


def test_adjectives_agree() -> None:
    assert adjective_form("arisco", is_feminine=True, is_plural=True) == "ariscas"
    assert adjective_form("trabalhador", is_feminine=True, is_plural=False) == "trabalhadora"
    assert adjective_form("feroz", is_feminine=True, is_plural=True) == "ferozes"


def test_a_mix_without_nonce_words_uses_the_lexicon_only() -> None:
    rng, mix = Random(2), Mix(nonce=0, nonce_verb=0)
    forms = {form for noun in NOUNS for form in (noun.word, plural(noun.word))}
    for _ in range(500):
        sentence = write(rng, mix=mix)
        assert {sentence.words[place].text for place in sentence.where("subject", "noun")} <= forms


def test_an_invented_noun_has_words_of_its_own_or_none_that_another_has_by_chance() -> None:
    rng = Random(4)
    nouns = [nonce_noun(rng) for _ in range(2_000)]
    real = {noun.verbs: noun for noun in ANIMALS + PEOPLE + THINGS}
    blends = [noun for noun in nouns if noun.verbs in real]
    stems = [noun for noun in nouns if noun.verbs and noun.verbs not in real]
    assert all(noun.word[:3] == noun.verbs[0][:3] for noun in stems)
    assert all(any(noun.word.endswith(other.word[-3:]) for other in NOUNS) for noun in blends)
    assert min(len(blends), len(stems), sum(not noun.verbs for noun in nouns)) > 150
    assert not {noun.word for noun in nouns} & {noun.word for noun in NOUNS}


def test_the_little_one_of_a_noun_is_written_as_in_portuguese_and_does_the_same() -> None:
    by_word = {noun.word: noun for noun in NOUNS}
    assert [diminutive(by_word[word]).word for word in ("gato", "vaca", "leão", "médico", "mulher", "amiga")] == [
        "gatinho",
        "vaquinha",
        "leãozinho",
        "mediquinho",
        "mulherzinha",
        "amiguinha",
    ]
    cat = by_word["gato"]
    assert (diminutive(cat).verbs, diminutive(cat).lemma) == (cat.verbs, cat.lemma)


def test_words_that_are_also_the_little_one_of_a_noun_are_in_no_measured_sentence() -> None:
    words = {noun.word for noun in NOUNS}
    assert {diminutive(noun).word for noun in ANIMALS + PEOPLE + THINGS} & words == LITTLE_ONES
    measured = {word.text for kind in SETS for each in sentences_of(kind, 60, "held_out", 1) for word in each.words}
    assert not measured & LITTLE_ONES


def test_what_follows_banco_depends_on_the_verb_before_it() -> None:
    rng, after = Random(6), {"sentei": set[str](), "paguei": set[str]()}
    for _ in range(4_000):
        sentence = write(rng, mix=Mix(banco=1.0, spoiled=0.0))
        words = [word.text.lower() for word in sentence.words]
        for verb in set(after) & set(words):
            after[verb] |= set(words[words.index("banco") + 1 :]) - {".", "!"}
    assert all(after.values())
    assert after["sentei"].isdisjoint(after["paguei"])
    assert all(is_known(word) for word in ("banco", *after, *after["sentei"], *after["paguei"]))
