"""What is claimed of the lesson model, as data, and how it is measured: on sentences it never saw, head by head."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from random import Random
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from attention.lesson_model.grammar import write
from attention.lesson_model.lexicon import (
    ANIMALS,
    NAMES,
    PEOPLE,
    THINGS,
    Noun,
    nonce_noun,
    nonce_verb,
    rehearsal_nouns,
    unseen_nouns,
    verb_form,
)
from attention.lesson_model.network import Head, LessonModel
from attention.lesson_model.phrases import Ending, Mix, Sentence, Split
from attention.lesson_model.training import pad, sentence_ids, word_ids

Row = Literal["predicts", "verb", "adjective", "pronoun"]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SentenceSet:
    """Sentences of one shape. `words` says where their subjects and verbs come from."""

    name: str
    openings: tuple[str, ...]
    modifiers: tuple[str, ...]
    ending: Ending = "verb"
    words: Literal["known", "nonce", "unseen", "rehearsal"] = "known"
    held_out_template: bool = False
    rivals: bool = True  # in some of its sentences another noun has verbs of its own, as no place has


SETS = (
    SentenceSet("place", ("none",), ("place",), rivals=False),
    SentenceSet("animal", ("none",), ("animal",)),
    SentenceSet("object", ("none",), ("object",)),
    SentenceSet("phrase", ("none",), ("phrase",)),
    SentenceSet("two", ("none",), ("two",)),
    SentenceSet("fronted", ("place",), ("none", "place", "animal")),
    SentenceSet("coordination", ("clause",), ("none",)),
    SentenceSet("coordination_relative", ("clause",), ("place", "animal", "object")),
    SentenceSet("said", ("said",), ("none", "place", "animal")),
    SentenceSet("nested", ("none", "clause"), ("nested",), held_out_template=True),
    SentenceSet("said_clause", ("said_clause",), ("none", "place")),
)
TRAINING_SETS = tuple(each for each in SETS if not each.held_out_template)
NONCE = SentenceSet("nonce", ("none", "place", "clause", "said"), ("place", "animal", "object"), words="nonce")
UNSEEN = SentenceSet("unseen", ("none", "place", "clause", "said"), ("place", "animal", "object"), words="unseen")
REHEARSAL = replace(UNSEEN, name="rehearsal", words="rehearsal")  # what `UNSEEN` is for, before anything is chosen
ADJECTIVE = SentenceSet("adjective", ("none", "clause"), ("place", "animal", "object", "two"), ending="adjective")
PRONOUN = SentenceSet("pronoun", ("none", "place"), ("none", "place"), ending="pronoun")


def sentences_of(each: SentenceSet, n: int, split: Split, seed: int, *, with_rival: bool = False) -> list[Sentence]:
    """Return n different sentences of a set, only those that name a rival if asked; a set has to have such ones."""
    rng, found = Random(f"{each.name}/{split}/{seed}"), dict[str, Sentence]()
    mix = Mix(nonce=0.0, nonce_verb=0.0)
    while len(found) < n:
        with suppress(LookupError):
            sentence = write(
                rng,
                split=split,
                opening=rng.choice(each.openings),
                modifier=rng.choice(each.modifiers),
                ending=each.ending,
                subject=_SUBJECTS[each.words](rng),
                mix=mix,
            )
            if not with_rival or names_rival(sentence):
                found[str(sentence)] = sentence
    return list(found.values())


def names_rival(sentence: Sentence) -> bool:
    """Say whether the first rival of the sentence's verb is what another noun of the sentence does."""
    deeds = _deeds()
    verb = sentence.words[sentence.where("verb")[0]]
    return any(verb.rivals[0] in deeds.get(lemma, ()) for lemma in sentence.lemmas)


@cache
def _deeds() -> dict[str, frozenset[str]]:
    """Return every form of every noun's own verbs, by lemma."""
    forms = tuple(product((False, True), repeat=2))
    return {
        noun.lemma: frozenset(
            verb_form(base, is_plural=many, present=now) for base in noun.verbs for many, now in forms
        )
        for noun in (*ANIMALS, *PEOPLE, *THINGS, *NAMES)
    }


def _nonce_subject(rng: Random) -> Noun:
    noun = nonce_noun(rng)
    return Noun(noun.word, noun.feminine, "nonce", noun.word, (nonce_verb(rng),))


_SUBJECTS: dict[str, Callable[[Random], Noun | None]] = {
    "known": lambda _: None,
    "nonce": _nonce_subject,
    "unseen": lambda rng: rng.choice(unseen_nouns()),
    "rehearsal": lambda rng: rng.choice(rehearsal_nouns()),
}


# --- Where heads look ------------------------------------------------------------------------------------------------


def places_of(sentence: Sentence, row: Row) -> tuple[int, int, tuple[int, ...]]:
    """Return three places in words: who looks, at whom it should, and the other nouns.

    `predicts` is the word before the verb: in a decoder its row foresees the verb.
    """
    others = sentence.where("noun", "subject")
    looker = sentence.where("verb" if row == "predicts" else row)[0] - (row == "predicts")
    target = sentence.antecedent if row == "pronoun" else sentence.where("subject")[0]
    assert target is not None  # noqa: S101
    return looker, target, tuple(place for place in others if place != target)


@torch.inference_mode()
def looks(model: LessonModel, sentences: list[Sentence], row: Row, *, causal: bool = True) -> tuple[Floats, Floats]:
    """Return two arrays [sentence, layer, head]: the weight on the right word, and on the best of the other nouns.

    A word looks with its last piece, the only one that has seen all of it; it is looked at in all its pieces.
    """
    right, best = [], []
    for start in range(0, len(sentences), 256):
        part = sentences[start : start + 256]
        encoded = [sentence_ids(sentence) for sentence in part]
        ids = pad([row_ids for row_ids, _ in encoded]).long()
        lengths = torch.tensor([len(row_ids) for row_ids, _ in encoded])
        weights = torch.stack(model(ids, causal=causal, lengths=lengths).weights).double().numpy()
        for number, (sentence, (_, ends)) in enumerate(zip(part, encoded, strict=True)):
            looker, target, others = places_of(sentence, row)
            seen = weights[:, number, :, ends[looker]]  # [layer, head, key]

            def mass(place: int, seen: Floats = seen, ends: list[int] = ends) -> Floats:
                first = ends[place - 1] + 1 if place else 1
                return np.asarray(seen[..., first : ends[place] + 1].sum(axis=-1))

            right.append(mass(target))
            best.append(np.max([mass(place) for place in others], axis=0) if others else np.zeros_like(right[-1]))
    return np.array(right), np.array(best)


def choose_head(model: LessonModel, row: Row, sets: Iterable[SentenceSet], n: int = 200) -> tuple[Head, float]:
    """Return the head that puts most weight on the right word in its worst set, on training-split sentences only."""
    worst = np.min([looks(model, sentences_of(each, n, "train", 1), row)[0].mean(axis=0) for each in sets], axis=0)
    layer, head = np.unravel_index(worst.argmax(), worst.shape)
    return (int(layer), int(head)), float(worst.max())


# --- What the model foresees -----------------------------------------------------------------------------------------


@torch.inference_mode()
def prefers_right_verb(model: LessonModel, sentences: list[Sentence], *, off: Iterable[Head] = ()) -> NDArray[np.bool_]:
    """Say of each sentence whether the model foresees the subject's verb rather than the other noun's; True = yes."""
    encoded = [sentence_ids(sentence) for sentence in sentences]
    ids = pad([row for row, _ in encoded]).long()
    final = model(ids, off=off).final
    prefers = []
    for number, (sentence, (_, ends)) in enumerate(zip(sentences, encoded, strict=True)):
        verb = sentence.words[place := sentence.where("verb")[0]]
        logits = model.next_token(final[number, ends[place - 1]])
        prefers.append(bool(logits[word_ids(verb.text)[0]] > logits[word_ids(verb.rivals[0])[0]]))
    return np.array(prefers)


def wilson(right: int, n: int) -> tuple[float, float]:
    """Return the 95% confidence interval of a share by Wilson's score (1927), good near 0 and 1 too."""
    z = 1.959964
    share, spread = right / n, z * math.sqrt(right * (n - right) / n + z * z / 4) / n
    middle, stretch = share + z * z / (2 * n), 1 + z * z / n
    return max(0.0, (middle - spread) / stretch), min(1.0, (middle + spread) / stretch)
