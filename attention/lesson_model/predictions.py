"""What the lesson model expects next: the row of a token turned into the most likely tokens to follow it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from attention.lesson_model.tokenizer import vocabulary
from attention.trace import Floats


class Prediction(NamedTuple):
    """One token that may come next, and its probability."""

    label: str
    probability: float


def next_tokens(logits: Floats, position: int, n: int) -> list[Prediction]:
    """Return the `n` most likely tokens after `position`, likeliest first. `logits`: [batch, position, vocabulary]."""
    probabilities = _probabilities(logits, position)
    likeliest = np.argsort(-probabilities, kind="stable")[:n]
    return [Prediction(_label(int(token)), float(probabilities[token])) for token in likeliest]


class Compared(NamedTuple):
    """One token that may come next, and its probability in two cases."""

    label: str
    before: float
    after: float


def compare_next(before: Floats, after: Floats, n: int) -> list[Compared]:
    """Return the `n` likeliest next tokens of either case, those likeliest before first.

    Both are the logits of one position, [batch, position, vocabulary].
    """
    one, other = _probabilities(before, 0), _probabilities(after, 0)
    likeliest = {int(token) for row in (one, other) for token in np.argsort(-row, kind="stable")[:n]}
    order = sorted(likeliest, key=lambda token: (-one[token], -other[token], token))
    return [Compared(_label(token), float(one[token]), float(other[token])) for token in order]


def chance_of(logits: Floats, position: int, token: int) -> float:
    """Return the probability that the token with that id comes right after `position`; logits as in `next_tokens`."""
    return float(_probabilities(logits, position)[token])


def _probabilities(logits: Floats, position: int) -> Floats:
    row = logits[0, position].astype(np.float64)
    exponentials = np.exp(row - row.max())
    return np.asarray(exponentials / exponentials.sum())


def _label(token: int) -> str:
    if token >= len(vocabulary()):
        return "⟨…⟩"  # the start of a text, or the hidden word of training: never really next
    return vocabulary()[token].decode("utf-8", "backslashreplace").strip(" ") or "␣"
