"""Training asks what it says it asks, is repeatable, and tells no head where to look."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
import torch

from attention.lesson_model.claims import SETS, sentences_of
from attention.lesson_model.files import from_safetensors
from attention.lesson_model.grammar import spoil, write
from attention.lesson_model.network import Shape, random_model
from attention.lesson_model.recording import record_training, weights_file
from attention.lesson_model.tokenizer import encoding, hidden_id, start_id
from attention.lesson_model.training import Recipe, make_batch, optimizers_of, sentence_ids, split_ids, train

WHOLE = Recipe(steps=3, in_pieces=0.0, other_asked=1.0)


def test_with_the_mask_each_row_is_asked_for_the_token_after_it() -> None:
    rng = Random(1)
    sentences = sentences_of(SETS[0], 20, "train", 1)
    batch = make_batch(sentences, rng, WHOLE, causal=True)
    for row, sentence in enumerate(sentences):
        ids, _ = sentence_ids(sentence)
        n = len(ids)
        assert batch.ids[row, :n].tolist() == ids
        assert batch.targets[row, : n - 1].tolist() == ids[1:]
        assert batch.lengths[row] == n
        assert (batch.weights[row, : n - 1] > 0).all()
        assert (batch.weights[row, n - 1 :] == 0).all()


def test_without_the_mask_only_hidden_words_are_asked_for() -> None:
    sentences = sentences_of(SETS[0], 50, "train", 1)
    batch = make_batch(sentences, Random(1), WHOLE, causal=False)
    hidden = batch.ids == hidden_id()
    assert torch.equal(batch.weights > 0, hidden)
    assert (batch.targets[hidden] != hidden_id()).all()
    assert (batch.ids[:, 0] == start_id()).all()


def test_a_word_that_does_not_fit_is_labelled_and_never_a_target() -> None:
    rng = Random(2)
    sentences = [spoil(sentence, rng) for sentence in sentences_of(SETS[1], 50, "train", 1)]
    batch = make_batch(sentences, rng, WHOLE, causal=True)
    for row, sentence in enumerate(sentences):
        _, ends = sentence_ids(sentence)
        wrong = [ends[place] for place, word in enumerate(sentence.words) if not word.fits]
        assert (batch.misfits[row] == 1).nonzero().flatten().tolist() == wrong
        assert all(batch.weights[row, end - 1] == 0 for end in wrong)


def test_words_that_follow_from_their_subject_weigh_ten_times_as_much() -> None:
    sentence = next(each for each in (write(Random(seed)) for seed in range(99)) if each.where("verb"))
    batch = make_batch([sentence], Random(1), WHOLE, causal=True)
    _, ends = sentence_ids(sentence)
    for place, word in enumerate(sentence.words):
        expected = (4.0 if word.telling else 0.4) if word.fits else 0.0
        assert batch.weights[0, ends[place] - 1].item() == pytest.approx(expected)


def test_of_words_that_many_nouns_could_have_some_are_asked_for_and_count_for_all() -> None:
    rng = Random(3)
    sentences = [write(rng) for _ in range(800)]
    every, some = (
        make_batch(sentences, Random(1), recipe, causal=True) for recipe in (WHOLE, replace(WHOLE, other_asked=0.5))
    )
    telling = every.weights == WHOLE.telling_weight
    assert torch.equal(telling, some.weights == WHOLE.telling_weight)
    counted, sampled = every.weights[~telling], some.weights[~telling]
    assert (sampled > 0).sum().item() == pytest.approx(0.5 * (counted > 0).sum().item(), rel=0.05)
    assert sampled.sum().item() == pytest.approx(counted.sum().item(), rel=0.05)


def test_a_word_cut_at_random_places_is_still_that_word() -> None:
    rng = Random(5)
    cuts = {split_ids("telhado", rng) for _ in range(50)}
    assert len(cuts) > 5
    assert all(encoding().decode(list(ids)) == " telhado" for ids in cuts)


def test_every_weight_has_one_optimizer() -> None:
    model = random_model(Shape(vocabulary=50, d_model=16, n_heads=2), seed=1)
    given = [
        weight
        for optimizer, _ in optimizers_of(model, Recipe())
        for group in optimizer.param_groups
        for weight in group["params"]
    ]
    assert len(given) == len({id(weight) for weight in given}) == len(list(model.parameters()))


def test_training_again_gives_the_same_weights_bit_for_bit() -> None:
    recipe = replace(WHOLE, batch=4)
    assert weights_file(train(5, recipe)) == weights_file(train(5, recipe))
    assert weights_file(train(5, recipe)) != weights_file(train(6, recipe))


def test_a_few_steps_teach_something() -> None:
    losses: list[float] = []
    train(0, Recipe(steps=60, batch=16, warmup=5), lambda step, loss, _: losses.append(loss) if step else None)
    assert sum(losses[-5:]) < 0.95 * sum(losses[:5])


def test_a_run_keeps_its_weights_and_its_curves() -> None:
    kept = record_training(0, replace(WHOLE, batch=4), lambda _step, _loss: None)
    assert set(kept) == {"weights.safetensors", "curves.json", "head_means.safetensors"}
    weights = from_safetensors(kept["weights.safetensors"], "weights.safetensors")
    assert "embedding.weight" in weights
