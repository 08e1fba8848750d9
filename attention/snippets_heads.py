"""Python to paste for the page on many heads: the contexts side by side, times Wo."""

from __future__ import annotations

import numpy as np

from attention.snippets import Snippet, comment, literal
from attention.texts import Language
from attention.trace import AttentionTrace, Floats

SHOWN = 3  # components of the output; each takes a row of Wo with it


def output_snippet(layer: AttentionTrace, w_output: Floats, head: int, row: int, language: Language) -> Snippet:
    """Return how the heads' contexts of one row become the output, and what is left without `head`.

    `w_output` is [d_model out, d_model in]. It prints the first components of both outputs.
    """
    contexts = layer.context[0, :, row]  # [head, d_head]
    n_heads, d_head = contexts.shape
    lines = [
        "import torch",
        "",
        comment("code.contexts", language, position=row + 1, d_head=d_head),
        f"contexts = torch.tensor({literal(contexts)})",
        comment("code.w_output", language, n=SHOWN, d_model=n_heads * d_head),
        f"w_output = torch.tensor({literal(w_output[:SHOWN])})",
        "",
        comment("code.concatenate", language, n=n_heads),
        "joined = contexts.flatten()",
        "output = w_output @ joined",
        'print([f"{component:.3f}" for component in output.tolist()])',
        "",
        comment("code.without_head", language, head=head + 1),
        f"working = torch.tensor({literal(np.arange(n_heads) != head)})",
        "without = w_output @ torch.where(working[:, None], contexts, 0.0).flatten()",
        'print([f"{component:.3f}" for component in without.tolist()])',
    ]
    working = np.where((np.arange(n_heads) != head)[:, None], contexts, np.float32(0))
    without = w_output[:SHOWN] @ working.ravel()
    return Snippet("\n".join(lines) + "\n", "".join(_digits(v) for v in (layer.output[0, row, :SHOWN], without)))


def _digits(components: Floats) -> str:
    return f"{[f'{component:.3f}' for component in components.tolist()]}\n"
