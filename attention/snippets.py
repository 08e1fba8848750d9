"""Python to paste: a few lines of torch that compute again, from literals, what stands on the screen.

A snippet imports torch and nothing else, carries the reader's own numbers, and prints digits that the screen shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attention.config import AttentionConfig
from attention.texts import Language, text
from attention.trace import AttentionTrace


@dataclass(frozen=True, slots=True)
class Snippet:
    """Python source, and exactly what it prints."""

    code: str
    prints: str


def literal(values: NDArray[np.generic]) -> str:
    """Return an array as nested Python lists, each number as short as float32 allows; a matrix has a line a row."""
    if values.ndim > 1:
        return "[\n" + "".join(f"    {literal(row)},\n" for row in values) + "]"
    if values.dtype == np.bool_:
        return f"[{', '.join(map(str, values.tolist()))}]"
    return f"[{', '.join(str(float(digits)) for digits in values.astype(np.float32).astype(str))}]"


def comment(key: str, language: Language, **values: object) -> str:
    """Return the text called `key` as a comment of one line; what it quotes cannot end the line."""
    return "# " + " ".join(text(key, language, **values).split())


def names_literal(labels: Sequence[str]) -> str:
    """Return labels as a Python list of strings, whatever is in them."""
    return f"[{', '.join(map(repr, labels))}]"


def shares(labels: Sequence[str], weights: Sequence[float]) -> str:
    """Return what a snippet prints of weights: a line a token, its share with one digit after the point."""
    return "".join(f"{label}: {weight:.1%}\n" for label, weight in zip(labels, weights, strict=True))


PRINT_SHARES = 'for token, weight in zip(tokens, weights.tolist()):\n    print(f"{token}: {weight:.1%}")'


def row_snippet(
    layer: AttentionTrace, config: AttentionConfig, head: int, row: int, labels: Sequence[str], language: Language
) -> Snippet:
    """Return the focused row step by step: its query, every key and value, the mask, the softmax, dropout, the sum.

    It prints each token's share and the first three components of the context vector.
    """
    d_head = layer.query.shape[-1]
    lines = [
        "import torch",
        "",
        f"tokens = {names_literal(labels)}",
        comment("code.query", language, position=row + 1, head=head + 1, d_head=d_head),
        f"query = torch.tensor({literal(layer.query[0, head, row])})",
        comment("code.keys", language),
        f"keys = torch.tensor({literal(layer.key[0, head])})",
        comment("code.values", language),
        f"values = torch.tensor({literal(layer.value[0, head])})",
        "",
        comment("code.scores", language),
        "scores = keys @ query",
    ]
    if config.scaled:
        lines += [comment("code.scale", language), "scores = scores / query.shape[-1] ** 0.5"]
    lines += mask_lines(layer, config, row, language)
    if config.active_dropout:
        lines += [
            comment("code.dropout", language),
            f"kept = torch.tensor({literal(layer.kept[0, head, row])})",
            f"weights = torch.where(kept, weights / (1 - {config.active_dropout}), 0.0)",
        ]
    lines += [
        comment("code.context", language),
        "context = weights @ values",
        "",
        PRINT_SHARES,
        'print([f"{component:.3f}" for component in context[:3].tolist()])',
    ]
    context = [f"{component:.3f}" for component in layer.context[0, head, row, :3].tolist()]
    prints = shares(labels, layer.dropped_weights[0, head, row].tolist()) + f"{context}\n"
    return Snippet("\n".join(lines) + "\n", prints)


def mask_lines(layer: AttentionTrace, config: AttentionConfig, row: int, language: Language) -> list[str]:
    """Return the lines from `scores` to `weights`: the softmax, and the mask in its mode."""
    softmax = [comment("code.softmax", language), "weights = torch.softmax(scores, dim=-1)"]
    if not config.causal:
        return softmax
    mask = [comment("code.mask", language), f"may_look = torch.tensor({literal(layer.mask[row])})"]
    if config.mask_mode == "before_softmax":
        return [*mask, 'scores = scores.masked_fill(~may_look, float("-inf"))', *softmax]
    zeros = [comment("code.zero_after", language), "weights = torch.where(may_look, weights, 0.0)"]
    if config.mask_mode == "renormalise":
        zeros += [
            comment("code.renormalise", language),
            "total = weights.sum()",
            "weights = torch.where(total > 0, weights / total, 0.0)",
        ]
    return [*softmax, *mask, *zeros]
