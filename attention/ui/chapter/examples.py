"""The glossary's examples: every number they quote, computed from the reader's sentence and the row in focus.

One table of values fills all the texts `glossary.<term>_eg`; a few terms have another text where the first would not
be true (`_eg_random`, `_eg_one`, …), and `variants` says which. The row is shown without dropout and with the mask,
where there is one, applied the right way.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from attention.config import AttentionConfig
from attention.figures.labels import named
from attention.figures.sentences import share
from attention.induction.runs import recorded_run, strongest
from attention.lesson_model.files import record
from attention.lesson_model.predictions import next_tokens
from attention.lesson_model.results import role
from attention.metrics import strongest_keys
from attention.snippets_training import MATRIX_NAMES
from attention.texts import Language, count, number, percent, text
from attention.trace import AttentionTrace, Floats
from attention.ui.cache import cached_gradient_step, cached_random_trace, cached_streams
from attention.ui.chapter.pencil import token_row
from attention.ui.layout import Frame
from attention.views import view_tokens

MOST_NAMED = 8  # tokens in a list; the others are counted
MOST_HEADS = 4
FILLERS = 2  # tokens of padding in the example
USUAL_DROPOUT = 0.5
RANDOM_ONES = ("start_token", "rope", "residual", "layer_norm", "logits", "next_token", "loss", "random_weights")
SINGLE_ONES = ("self_attention", "weighted_mean", "convex_hull")  # where the row sees one token
LONE_ONES = ("attention_map", "cosine", "pca", "attention_sink")  # where the sentence is one token
WIDENING = 4  # how many times as wide the lesson model's perceptron is


@dataclass(frozen=True, eq=False, slots=True)
class Row:
    """The row in focus, without dropout and rightly masked, and whom it looks at most."""

    config: AttentionConfig
    layer: AttentionTrace
    head: int
    row: int
    key: int
    names: list[str]
    language: Language

    @property
    def weights(self) -> Floats:
        """Its weights, [key]."""
        return np.asarray(self.layer.weights[0, self.head, self.row])

    @property
    def seen(self) -> list[int]:
        """The positions it may look at."""
        return [int(position) for position in np.flatnonzero(self.layer.mask[self.row])]


def focused(frame: Frame) -> Row:
    """Return the row the examples speak of."""
    config = replace(frame.state.config, dropout=0.0, dropout_seed=0, mask_mode="before_softmax")
    layer, head, row = frame.layer(config), frame.state.head, token_row(frame)
    (key,) = strongest_keys(view_tokens(layer, frame.tokens), head, row, 1)
    return Row(config, layer, head, row, key, named(frame.tokens.labels, frame.language), frame.language)


def example(term: str, values: dict[str, object], variant: str, language: Language) -> str:
    """Return a term's example in the reader's sentence."""
    return text(f"glossary.{term}_eg{variant}", language, **values)


def variants(frame: Frame) -> dict[str, str]:
    """Return the terms whose usual example is not true here, each with the ending of the one that is."""
    row = focused(frame)
    dropped, allowed = _struck(frame, row)
    n_heads, d_head = row.layer.query.shape[1], row.layer.query.shape[-1]
    ones = {
        **dict.fromkeys(LONE_ONES, len(row.names) == 1),
        **dict.fromkeys(SINGLE_ONES, len(row.seen) == 1),
        "rope": abs(row.row - _other(row)) == 1,
        "dot_product": d_head == 2,
        "w_matrices": n_heads == 1,
        "multi_head": n_heads == 1,
        "seed": dropped == 1,
    }
    return (
        {term: "_one" for term, is_one in ones.items() if is_one}
        | ({"bpe": "_whole"} if Counter(frame.tokens.words).most_common(1)[0][1] == 1 else {})
        | ({"dropout": "_all"} if dropped == allowed else {})
        | ({"dropout": "_none", "seed": "_none"} if dropped == 0 else {})
        | ({"dot_product": "_whole"} if d_head == 1 else {})
        | ({} if frame.state.is_lesson else dict.fromkeys(RANDOM_ONES, "_random"))
    )


def example_values(frame: Frame) -> dict[str, object]:
    """Return everything the examples quote, already written in the reader's language."""
    row = focused(frame)
    return (
        _sizes(frame, row)
        | _words(frame, row)
        | _steps(row)
        | _vectors(frame, row)
        | _dropout(frame, row)
        | _heads(row)
        | _predictions(frame, row)
        | _learning(frame, row)
    )


def _sizes(frame: Frame, row: Row) -> dict[str, object]:
    language, n, d_model = frame.language, len(frame.tokens), row.layer.embeddings.shape[-1]
    n_heads, d_head = row.layer.query.shape[1], row.layer.query.shape[-1]
    shape = record()["shape"]
    return {
        "n": n,
        "longer": n + FILLERS,
        "fillers": FILLERS,
        "longer_by_one": n + 1,
        "cells": count(n * n, language),
        "cells_doubled": count((2 * n) ** 2, language),
        "d_model": d_model,
        "d_head": d_head,
        "matrix_size": count(d_model * d_model, language),
        "heads": n_heads,
        "head": row.head + 1,
        "layers": frame.state.layers_shown,
        "layer": frame.state.layer + 1,
        "lesson_layers": shape["n_layers"],
        "lesson_heads": shape["n_heads"],
        "lesson_d_model": shape["d_model"],
        "lesson_wide": WIDENING * shape["d_model"],
        "lesson_vocabulary": count(shape["vocabulary"], language),
    }


def _words(frame: Frame, row: Row) -> dict[str, object]:
    labels, words = frame.tokens.labels, frame.tokens.words
    longest, n_pieces = Counter(words).most_common(1)[0]
    if n_pieces == 1:
        first = int(frame.state.is_lesson and len(frame.tokens) > 1)  # not the mark of the start
        longest = max(range(first, len(frame.tokens.word_labels)), key=lambda word: len(frame.tokens.word_labels[word]))
    pieces = [label for label, word in zip(labels, words, strict=True) if word == longest]
    return {
        "tokens": _listed(labels, " | "),
        "id": frame.tokens.ids[row.row],
        "word": f"“{frame.tokens.word_labels[longest]}”",
        "pieces": _listed(pieces, " | "),
        "query": row.names[row.row],
        "key": row.names[row.key],
        "first": row.names[0],
        "position": row.row + 1,
        "before": row.row,
        "distance": abs(row.row - _other(row)),
        "seen": len(row.seen),
        "seen_tokens": _listed(row.names[: row.row + 1], ", "),
    }


def _steps(row: Row) -> dict[str, object]:
    language = row.language
    query, key = row.layer.query[0, row.head, row.row], row.layer.key[0, row.head, row.key]
    score = float(row.layer.scores[0, row.head, row.row, row.key])
    used = float(row.layer.scaled_scores[0, row.head, row.row, row.key])
    products = query * key
    largest = int(np.abs(products).argmax())
    order = sorted(row.seen, key=lambda position: -row.weights[position])
    shown = ", ".join(
        f"{row.names[position]} {share(float(row.weights[position]), language)}" for position in order[:MOST_HEADS]
    )
    return {
        "score": number(score, language),
        "scaled": number(score / math.sqrt(len(query)), language),
        "used_score": number(used, language, 4),
        "exponential": _compact(math.exp(min(used, 700.0)), language),
        "first_product": f"{_factor(float(query[largest]), language)} × {_factor(float(key[largest]), language)}",
        "rest_count": len(products) - 1,
        "share": share(float(row.weights[row.key]), language),
        "row_weights": shown + (", …" if len(order) > MOST_HEADS else ""),
        "row_sum": percent(float(row.weights.sum()), language),
    }


def _vectors(frame: Frame, row: Row) -> dict[str, object]:
    language, head = row.language, row.head
    value, entering = row.layer.value[0, head], row.layer.embeddings[0, row.row].astype(np.float64)
    streams = cached_streams(frame.state.text, frame.state.vocabulary, row.config)  # before any layer norm
    first_layer, arriving = streams[0], streams[frame.state.layer]
    context = row.layer.context[0, head, row.row]
    first_values = value[row.seen, 0]
    return {
        "embedding": _vector(first_layer[row.row], language),
        "arriving": _vector(arriving[row.row], language),
        "entering_mean": number(float(entering.mean()), language),
        "entering_spread": number(float(entering.std()), language),
        "query_vector": _vector(row.layer.query[0, head, row.row], language),
        "key_vector": _vector(row.layer.key[0, head, row.key], language),
        "value_vector": _vector(value[row.key], language),
        "value_norm": number(float(np.linalg.norm(value[row.key])), language),
        "value_first": _factor(float(value[row.key, 0]), language),
        "value_least": number(float(first_values.min()), language),
        "value_most": number(float(first_values.max()), language),
        "context_vector": _vector(context, language),
        "context_first": number(float(context[0]), language),
        "output_norm": number(float(np.linalg.norm(row.layer.output[0, row.row])), language),
        "other": row.names[_other(row)],
        "cosine": number(_cosine(first_layer[row.row], first_layer[_other(row)]), language),
        "pca_share": percent(_plane_share(value), language),
    }


def _dropout(frame: Frame, row: Row) -> dict[str, object]:
    p = frame.state.dropout or USUAL_DROPOUT
    dropped, allowed = _struck(frame, row)
    return {
        "p": number(p, row.language, 1),
        "allowed": allowed,
        "dropped": dropped,
        "factor": number(1 / (1 - p), row.language),
        "seed": frame.state.dropout_seed,
    }


def _struck(frame: Frame, row: Row) -> tuple[int, int]:
    """Return how many weights of the row the example's draw strikes out, and of how many."""
    p = frame.state.dropout or USUAL_DROPOUT
    drawn = frame.layer(replace(row.config, dropout=p, dropout_seed=frame.state.dropout_seed))
    kept = drawn.kept[0, row.head, row.row, row.seen]
    return int((~kept).sum()), len(kept)


def _other(row: Row) -> int:
    """Return a token that is not the one in focus, where there is one: whom it looks at, or its neighbour."""
    if row.key != row.row:
        return row.key
    return row.row - 1 if row.row else min(1, len(row.names) - 1)


def _heads(row: Row) -> dict[str, object]:
    tops = row.layer.weights[0, :, row.row].argmax(axis=-1)
    favourites = [f"{head}: {row.names[key]}" for head, key in enumerate(tops[:MOST_HEADS].tolist(), start=1)]
    others = row.layer.weights[0, row.head, 1:, 0] if len(row.names) > 1 else row.weights[:1]
    return {
        "favourites": "; ".join(favourites) + ("; …" if len(tops) > MOST_HEADS else ""),
        "sink_share": share(float(others.mean()), row.language),
        "start_share": share(float(row.weights[0]), row.language),
    }


def _predictions(frame: Frame, row: Row) -> dict[str, object]:
    """Return what a model with a next token expects, always under the mask: without it the answer is in sight."""
    language = row.language
    bounds: dict[str, object] = {
        "loss_half": number(math.log(2), language),
        "loss_hundredth": number(math.log(100), language),
    }
    logits = frame.trace(replace(row.config, causal=True)).logits
    if logits is None:
        return bounds
    asked = min(row.row, len(row.names) - 2)  # the last row's answer is not in the sentence
    marks = logits[0, asked].astype(np.float64)
    surprise = float(np.logaddexp.reduce(marks) - marks[frame.tokens.ids[asked + 1]])
    (best,) = next_tokens(logits, row.row, 1)
    return bounds | {
        "best": f"“{best.label}”",
        "best_share": share(best.probability, language),
        "best_logit": number(float(logits[0, row.row].max()), language),
        "asked": row.names[asked],
        "truth": row.names[asked + 1],
        "true_share": share(math.exp(-surprise), language),
        "true_loss": number(surprise, language),
    }


def _learning(frame: Frame, row: Row) -> dict[str, object]:
    language = row.language
    run = recorded_run()
    first, last = run.snapshots[0], run.snapshots[-1]
    layer, head = strongest(last.induction)
    step = cached_gradient_step(frame.tokens.ids)
    drawn = (
        cached_random_trace(frame.state.text, frame.state.vocabulary, AttentionConfig())
        .layers[0]
        .weights[0, 0, row.row]
    )
    claim = role("predicts")
    return {
        "steps": last.step,
        "snapshots": len(run.snapshots),
        "first_loss": number(first.loss, language),
        "last_loss": number(last.loss, language),
        "induction_head": text("training.head_name", language, layer=layer + 1, head=head + 1),
        "induction_share": share(float(last.induction[layer, head]), language),
        "gradient_matrix": MATRIX_NAMES[step.watched[0]],
        "gradient": number(float(step.gradients[step.watched]), language, 4),
        "rate": number(step.rate, language, 1),
        "weight_before": number(float(step.before[step.watched]), language, 4),
        "weight_after": number(float(step.after[step.watched]), language, 4),
        "random_key": row.names[int(drawn.argmax())],
        "random_share": share(float(drawn.max()), language),
        "claim_right": claim.right,
        "claim_n": claim.n,
    }


def _vector(values: Floats, language: Language) -> str:
    """Write the first numbers of a vector; where the comma is the decimal mark, semicolons part them."""
    between = "; " if language == "pt-BR" else ", "
    return f"({between.join(number(float(value), language) for value in values[:3])}{between}…)"


def _listed(items: Sequence[str], between: str) -> str:
    """Join items; of many, the first ones and the last."""
    shown = items if len(items) <= MOST_NAMED else [*items[: MOST_NAMED - 2], "…", items[-1]]
    return between.join(shown)


def _factor(value: float, language: Language) -> str:
    """Write a number inside a product: a negative one in brackets."""
    written = number(value, language)
    return f"({written})" if value < 0 else written


def _compact(value: float, language: Language) -> str:
    """Write a number that may be very large or very small."""
    if 0.01 <= value < 100_000:
        return number(value, language)
    return f"{value:.1e}".replace(".", "," if language == "pt-BR" else ".")


def _cosine(one: Floats, other: Floats) -> float:
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / lengths if lengths else 0.0


def _plane_share(vectors: Floats) -> float:
    """Return how much of the spread of `vectors` [position, width] their two main directions hold, from 0 to 1."""
    spread = np.linalg.svd(vectors.astype(np.float64) - vectors.mean(axis=0), compute_uv=False) ** 2
    return float(spread[:2].sum() / spread.sum()) if spread.sum() else 1.0
