"""Python to paste: one token's vector through attention's addition and the layer norm after it."""

from __future__ import annotations

import numpy as np

from attention.blocks import Anatomy
from attention.snippets import Snippet, comment, literal
from attention.texts import Language
from attention.trace import Floats

SHOWN = 3  # components that are printed


def block_snippet(anatomy: Anatomy, row: int, language: Language) -> Snippet:
    """Return the sum and the layer norm of one row; of a model without them, what attention gives beside the input.

    It prints ‖attention‖ ÷ ‖stream‖ and the first components of each result.
    """
    stream, attention = (anatomy.parts[name][row] for name in ("stream", "attention"))
    lines = [
        "import torch",
        "",
        comment("transformer.code_stream", language, position=row + 1),
        f"stream = torch.tensor({literal(stream)})",
        comment("transformer.code_attention", language),
        f"attention = torch.tensor({literal(attention)})",
        "",
        comment("transformer.code_ratio", language),
        'print(f"{attention.norm() / stream.norm():.2f}")',
    ]
    prints = f"{np.linalg.norm(attention) / np.linalg.norm(stream):.2f}\n"
    if anatomy.norm_weight is None or anatomy.norm_bias is None:
        lines.append(f'print([f"{{number:.3f}}" for number in attention[:{SHOWN}].tolist()])')
        return Snippet("\n".join(lines) + "\n", prints + first_numbers(attention))
    lines += [
        "",
        comment("transformer.code_sum", language),
        "after = stream + attention",
        f'print([f"{{number:.3f}}" for number in after[:{SHOWN}].tolist()])',
        "",
        comment("transformer.code_norm", language),
        f"weight = torch.tensor({literal(anatomy.norm_weight)})",
        f"bias = torch.tensor({literal(anatomy.norm_bias)})",
        "centred = after - after.mean()",
        f"spread = (centred.square().mean() + {anatomy.norm_epsilon}).sqrt()",
        "normed = centred / spread * weight + bias",
        f'print([f"{{number:.3f}}" for number in normed[:{SHOWN}].tolist()])',
    ]
    prints += first_numbers(anatomy.parts["sum_1"][row]) + first_numbers(anatomy.parts["norm_2"][row])
    return Snippet("\n".join(lines) + "\n", prints)


def first_numbers(vector: Floats) -> str:
    """Return what the code prints of a vector: its first components, three digits after the point."""
    return f"{[f'{number:.3f}' for number in vector[:SHOWN].tolist()]}\n"
