"""Python to paste for the page on context: the cosine of two vectors, stage by stage."""

from __future__ import annotations

from collections.abc import Sequence

from attention.figures import COSINE_DIGITS
from attention.metrics import cosines
from attention.snippets import Snippet, comment, literal, names_literal
from attention.texts import Language
from attention.trace import Floats


def cosine_snippet(stages: Sequence[str], one: Floats, other: Floats, word: str, language: Language) -> Snippet:
    """Return the cosines between two words' vectors, both [stage, d_model], a line a stage."""
    lines = [
        "import torch",
        "",
        f"stages = {names_literal(stages)}",
        comment("why_context.code_one", language, word=word, d_model=one.shape[-1]),
        f"one = torch.tensor({literal(one)}, dtype=torch.float64)",
        comment("why_context.code_other", language),
        f"other = torch.tensor({literal(other)}, dtype=torch.float64)",
        "",
        comment("why_context.code_cosine", language),
        "products = (one * other).sum(dim=-1)",
        "cosines = products / (one.norm(dim=-1) * other.norm(dim=-1))",
        "",
        "for stage, cosine in zip(stages, cosines.tolist()):",
        f'    print(f"{{stage}}: {{cosine:.{COSINE_DIGITS}f}}")',
    ]
    prints = "".join(
        f"{stage}: {cosine:.{COSINE_DIGITS}f}\n"
        for stage, cosine in zip(stages, cosines(one, other).tolist(), strict=True)
    )
    return Snippet("\n".join(lines) + "\n", prints)


def shuffle_code(language: Language) -> str:
    """Return the experiment on word order, with random weights of its own; it prints two errors."""
    lines = [
        comment("why_context.code_order", language),
        "generator = torch.Generator().manual_seed(0)",
        "n, d = 7, 16",
        "embeddings = torch.randn(n, d, generator=generator)",
        "w_query, w_key, w_value = (torch.randn(d, d, generator=generator) / d**0.5 for _ in range(3))",
        "",
        "",
        "def attention(vectors, causal):",
        "    query, key, value = vectors @ w_query, vectors @ w_key, vectors @ w_value",
        "    scores = query @ key.T / d**0.5",
        "    if causal:",
        '        scores = scores.masked_fill(~torch.ones(n, n).tril().bool(), float("-inf"))',
        "    return torch.softmax(scores, dim=-1) @ value",
        "",
        "",
        "order = torch.randperm(n, generator=generator)",
        "for causal in (False, True):",
        "    error = (attention(embeddings[order], causal) - attention(embeddings, causal)[order]).abs().max()",
        '    print(f"causal={causal}: {error.item():.0e}")',
    ]
    return "\n".join(lines) + "\n"
