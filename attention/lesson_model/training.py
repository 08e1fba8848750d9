"""How the lesson model is trained, from nothing, on sentences the grammar writes as it goes.

Each batch tosses a coin: with a causal mask the model foresees the next token, without one it recovers
hidden words. Both times it also says of each word that depends on its subject whether it fits (replaced-token
detection, Clark et al. 2020). Nothing tells a head where to look.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from random import Random

import torch
from torch import Generator, Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy
from torch.nn.utils import clip_grad_norm_

from attention.lesson_model.grammar import write
from attention.lesson_model.network import LessonModel, Shape, random_model
from attention.lesson_model.phrases import Sentence
from attention.lesson_model.tokenizer import encode, encoding, hidden_id, start_id, vocabulary_size


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train. Shares are of 1."""

    steps: int = 4000
    batch: int = 48
    learning_rate: float = 5e-3  # of embeddings, norms and biases
    matrix_learning_rate: float = 0.01
    warmup: int = 100
    weight_decay: float = 0.05
    telling_weight: float = 4.0  # of a word that depends on which noun the subject is, in the loss
    other_weight: float = 0.4  # of any other word
    other_asked: float = 1 / 3  # of other words are asked for, each counting for three: most of a step is this sum
    next_token_share: float = 2.0
    misfit_share: float = 2.0
    hidden: float = 0.15  # of words, when there is no mask
    hidden_telling: float = 0.4
    in_pieces: float = 0.06  # of known words, spelled as if unknown
    first_dropout: float = 0.15  # of the first layer's attention weights


@dataclass(frozen=True, slots=True)
class Batch:
    """Sentences as tensors, all [batch, position] but `lengths` [batch]."""

    ids: Tensor
    lengths: Tensor
    targets: Tensor  # the token to foresee or recover at this position
    weights: Tensor  # what that counts; 0 where nothing is asked
    misfits: Tensor  # 1 where a word that does not fit ends, 0 where one that does, -1 where nothing is asked


@lru_cache(maxsize=50_000)
def word_ids(text: str, *, whole: bool = True) -> tuple[int, ...]:
    """Return the ids of one word of a sentence; punctuation stands without a space before it."""
    if text in {",", ".", "!"}:
        return tuple(text.encode())
    return tuple(encode(text, whole_words=whole))


def split_ids(text: str, rng: Random) -> tuple[int, ...]:
    """Return the ids of one word cut at random places, each part written in pieces, as unknown words are."""
    cuts = sorted(rng.sample(range(1, len(text)), min(len(text) - 1, rng.choice((1, 1, 2)))))
    parts = [text[start:end] for start, end in zip([0, *cuts], [*cuts, None], strict=True)]
    pieces = encoding(whole_words=False)
    return tuple(
        token for start, part in enumerate(parts) for token in pieces.encode_ordinary(part if start else " " + part)
    )


def sentence_ids(sentence: Sentence) -> tuple[list[int], list[int]]:
    """Return the ids of a sentence, ⟨início⟩ first, and the place where each of its words ends."""
    ids, ends = [start_id()], []
    for word in sentence.words:
        ids += word_ids(word.text)
        ends.append(len(ids) - 1)
    return ids, ends


def pad(rows: Sequence[Sequence[float]], filling: float = 0.0) -> Tensor:
    """Return rows of different lengths as one tensor."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[filling] * (longest - len(row))] for row in rows])


def make_batch(sentences: list[Sentence], rng: Random, recipe: Recipe, *, causal: bool) -> Batch:
    """Turn sentences into one training step's questions."""
    ids, targets, weights, misfits = [], [], [], []
    for sentence in sentences:
        row, loss, fits = [start_id()], [0.0], [-1.0]
        hidden = [False]
        for word in sentence.words:
            parts = word_ids(word.text)
            if word.text.isalpha() and rng.random() < recipe.in_pieces:
                parts = split_ids(word.text, rng) if rng.random() < 0.5 else word_ids(word.text, whole=False)
            hide = not causal and rng.random() < (recipe.hidden_telling if word.telling else recipe.hidden)
            asked = word.fits and (hide or (causal and (word.telling or rng.random() < recipe.other_asked)))
            row += parts
            share = recipe.other_asked if causal else 1.0
            weight = recipe.telling_weight if word.telling else recipe.other_weight / share
            loss += [weight if asked else 0.0] * len(parts)
            hidden += [hide] * len(parts)
            fits += [-1.0] * (len(parts) - 1) + [float(not word.fits) if word.rivals and not hide else -1.0]
        seen = [hidden_id() if hide else token for token, hide in zip(row, hidden, strict=True)]
        ids.append(seen)
        targets.append([*row[1:], 0] if causal else row)
        weights.append([*loss[1:], 0.0] if causal else loss)
        misfits.append(fits)
    return Batch(
        ids=pad(ids, start_id()).long(),
        lengths=torch.tensor([len(row) for row in ids]),
        targets=pad(targets).long(),
        weights=pad(weights),
        misfits=pad(misfits, -1.0),
    )


def loss_of(model: LessonModel, batch: Batch, recipe: Recipe, generator: Generator, *, causal: bool) -> Tensor:
    """Return the loss of one batch: the weighted surprise at the tokens asked for, and at which words do not fit."""
    run = model(
        batch.ids, causal=causal, lengths=batch.lengths, first_dropout=recipe.first_dropout, generator=generator
    )
    asked = batch.weights > 0
    surprise = cross_entropy(model.next_token(run.final[asked]), batch.targets[asked], reduction="none")
    weights = batch.weights[asked]
    judged = batch.misfits >= 0
    misfit = binary_cross_entropy_with_logits(model.misfit(run.final[judged]), batch.misfits[judged])
    return recipe.next_token_share * (surprise * weights).sum() / weights.sum() + recipe.misfit_share * misfit


def train(seed: int, recipe: Recipe, watch: Callable[[int, float, LessonModel], None] | None = None) -> LessonModel:
    """Train a network from nothing. `watch(step, loss, model)` is called before the first step and after each."""
    rng, generator = Random(seed), Generator().manual_seed(seed)
    model = random_model(Shape(vocabulary_size()), seed)
    optimizers = optimizers_of(model, recipe)
    if watch:
        watch(0, math.nan, model)
    for step, (batch, causal) in enumerate(islice(batches(rng, recipe), recipe.steps), start=1):
        for optimizer, learning_rate in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = learning_rate * _warm_cosine(step, recipe)
        loss = loss_of(model, batch, recipe, generator, causal=causal)
        model.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        clip_grad_norm_(model.parameters(), 1.0)
        for optimizer, _ in optimizers:
            optimizer.step()
        if watch:
            watch(step, loss.item(), model)
    return model.eval()


def optimizers_of(model: LessonModel, recipe: Recipe) -> list[tuple[torch.optim.Optimizer, float]]:
    """Return the optimizers and their learning rates: Muon (Jordan 2024) for the layers' matrices, AdamW for the rest.

    Muon's steps are of equal size in every direction of a matrix; with them the heads find their jobs in fewer steps
    than with AdamW alone (decision 7 has the numbers).
    """
    matrices = [weight for weight in model.layers.parameters() if weight.ndim == 2]
    taken = {id(weight) for weight in matrices}
    others = [weight for weight in model.parameters() if id(weight) not in taken]
    return [
        (torch.optim.Muon(matrices, weight_decay=recipe.weight_decay), recipe.matrix_learning_rate),
        (torch.optim.AdamW(others, betas=(0.9, 0.98), weight_decay=recipe.weight_decay), recipe.learning_rate),
    ]


def batches(rng: Random, recipe: Recipe) -> Iterator[tuple[Batch, bool]]:
    """Yield each step's batch, and whether it is read with a causal mask.

    Sentences of like length go together, eight batches at a time: half of the work would be padding otherwise.
    """
    for _ in range(-(-recipe.steps // _POOL)):
        pool = sorted(
            (write(rng) for _ in range(_POOL * recipe.batch)), key=lambda sentence: len(sentence_ids(sentence)[0])
        )
        starts = list(range(0, len(pool), recipe.batch))
        rng.shuffle(starts)
        for start in starts:
            causal = rng.random() < 0.5
            yield make_batch(pool[start : start + recipe.batch], rng, recipe, causal=causal), causal


_POOL = 8


def _warm_cosine(step: int, recipe: Recipe) -> float:
    if step < recipe.warmup:
        return step / recipe.warmup
    return 0.5 * (1 + math.cos(math.pi * (step - recipe.warmup) / (recipe.steps - recipe.warmup)))
