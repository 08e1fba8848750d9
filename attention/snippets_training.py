"""Python to paste: one step of training by hand, with the numbers of the training page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attention.snippets import Snippet, comment, literal, names_literal
from attention.texts import Language

if TYPE_CHECKING:
    from attention.gradient_step import GradientStep

MATRIX_NAMES = ("Wq", "Wk", "Wv")  # as people write them, in the order of a `GradientStep`


def step_snippet(step: GradientStep, labels: Sequence[str], language: Language) -> Snippet:
    """Return a tiny attention with trainable Wq, Wk and Wv, and one step of gradient descent written out.

    `labels` are those of the step's tokens. It prints the loss before and after, and the watched weight's gradient
    and its value before and after.
    """
    matrix, row, column = step.watched
    name = f"{MATRIX_NAMES[matrix]}[{row}, {column}]"
    lines = [
        "import torch",
        "",
        f"tokens = {names_literal(labels)}",
        comment("code.step_embeddings", language, n=step.embeddings.shape[1]),
        f"embeddings = torch.tensor({literal(step.embeddings)}, dtype=torch.float64)",
        comment("code.step_target", language),
        f"target = torch.tensor({literal(step.target)}, dtype=torch.float64)",
        comment("code.step_matrices", language),
        *(
            f"{called} = torch.tensor({literal(values)}, dtype=torch.float64, requires_grad=True)"
            for called, values in zip(MATRIX_NAMES, step.before, strict=True)
        ),
        f"rate = {step.rate}",
        "",
        "",
        "def loss():",
        "    queries, keys, values = embeddings @ Wq, embeddings @ Wk, embeddings @ Wv",
        "    weights = torch.softmax(queries[-1] @ keys.T / keys.shape[-1] ** 0.5, dim=-1)",
        "    context = weights @ values",
        "    return ((context - target) ** 2).mean()",
        "",
        "",
        "before = loss()",
        comment("code.step_backward", language),
        "before.backward()",
        f'print(f"{name}: {{{name}.item():.4f}}")',
        f'print(f"gradient: {{{MATRIX_NAMES[matrix]}.grad[{row}, {column}].item():.4f}}")',
        "with torch.no_grad():",
        "    for matrix in (Wq, Wk, Wv):",
        f"        {comment('code.step_correct', language)}",
        "        matrix -= rate * matrix.grad",
        f'print(f"{name}: {{{name}.item():.4f}}")',
        'print(f"loss: {before.item():.4f} -> {loss().item():.4f}")',
    ]
    prints = (
        f"{name}: {step.before[step.watched]:.4f}\n"
        f"gradient: {step.gradients[step.watched]:.4f}\n"
        f"{name}: {step.after[step.watched]:.4f}\n"
        f"loss: {step.loss_before:.4f} -> {step.loss_after:.4f}\n"
    )
    return Snippet("\n".join(lines) + "\n", prints)
