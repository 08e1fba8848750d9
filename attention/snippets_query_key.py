"""The code of the page on query, key and value: one dot product, query and key swapped, and one projection."""

from __future__ import annotations

from collections.abc import Sequence

from attention.config import AttentionConfig
from attention.dot_products import swap_query_and_key
from attention.snippets import Snippet, comment, literal, names_literal
from attention.texts import Language
from attention.trace import AttentionTrace, HeadMatrices

WIDTHS = (1, 4, 16, 64, 256)


def pair_snippet(
    layer: AttentionTrace,
    config: AttentionConfig,
    head: int,
    pair: tuple[int, int],
    labels: Sequence[str],
    language: Language,
) -> Snippet:
    """Return the score of a pair (row, column) term by term, and what swapping query and key does to the weights.

    It prints the score with two digits after the point, and the largest difference between the swapped weights and
    the weights transposed, both without a mask.
    """
    row, column = pair
    divided = " / queries.shape[-1] ** 0.5" if config.scaled else ""
    lines = [
        "import torch",
        "",
        f"tokens = {names_literal(labels)}",
        comment("code.all_queries", language, head=head + 1),
        f"queries = torch.tensor({literal(layer.query[0, head])})",
        comment("code.keys", language),
        f"keys = torch.tensor({literal(layer.key[0, head])})",
        "",
        comment("code.terms", language, row=row + 1, column=column + 1),
        f"terms = queries[{row}] * keys[{column}]",
        "score = terms.sum()",
        'print(f"{score.item():.2f}")',
        "",
        comment("code.swapped", language),
        f"weights = torch.softmax(queries @ keys.T{divided}, dim=-1)",
        f"swapped = torch.softmax(keys @ queries.T{divided}, dim=-1)",
        'print(f"{(swapped - weights.T).abs().max().item():.1%}")',
    ]
    apart = swap_query_and_key(layer, head, scaled=config.scaled).weights_apart
    prints = f"{float(layer.scores[0, head, row, column]):.2f}\n{apart:.1%}\n"
    return Snippet("\n".join(lines) + "\n", prints)


def projection_snippet(layer: AttentionTrace, matrices: HeadMatrices, row: int, language: Language) -> Snippet:
    """Return one input vector times Wq; it prints the first three components of the query, before any rotation."""
    inputs = layer.embeddings[0, row]
    lines = [
        comment("code.input", language, position=row + 1),
        f"x = torch.tensor({literal(inputs)})",
        comment("code.w_query", language),
        f"w_query = torch.tensor({literal(matrices.query)})",
        "query = x @ w_query",
        'print([f"{component:.3f}" for component in query[:3].tolist()])',
    ]
    query = inputs @ matrices.query
    printed = [f"{component:.3f}" for component in query[:3].tolist()]
    return Snippet("\n".join(lines) + "\n", f"{printed}\n")


def widths_code(language: Language) -> str:
    """Return code that draws dot products of wider and wider vectors and prints their standard deviations."""
    return "\n".join(
        [
            comment("code.widths", language),
            f"for d_head in {WIDTHS}:",
            "    products = (torch.randn(4000, d_head) * torch.randn(4000, d_head)).sum(dim=-1)",
            '    print(d_head, f"{products.std().item():.1f}", f"{d_head ** 0.5:.1f}")',
            "",
        ]
    )
