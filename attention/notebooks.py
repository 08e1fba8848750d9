"""A page to take home as a Jupyter notebook: its words, the reader's numbers, and code for torch and plotly alone."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from attention.snippets import Snippet, comment, literal, names_literal
from attention.texts import Language, text
from attention.trace import AttentionTrace


@dataclass(frozen=True, slots=True)
class NotebookCell:
    """One cell: prose in Markdown, or Python."""

    kind: Literal["markdown", "code"]
    source: str


def prose(markdown: str) -> NotebookCell:
    """Return a cell of prose; Streamlit's own `:material/…:` and `:blue[…]` directives lose their dress."""
    plain = re.sub(r":material/\w+:\s*", "", markdown)
    return NotebookCell("markdown", re.sub(r":\w+\[([^\]]*)\]", r"\1", plain))


def code(source: str | Snippet) -> NotebookCell:
    """Return a cell of Python."""
    return NotebookCell("code", source.code if isinstance(source, Snippet) else source)


def install_cell(language: Language) -> NotebookCell:
    """Return the first code cell: a comment that says what to install where torch or plotly is missing."""
    return code(f"{comment('notebook.install', language)}\n# pip install torch plotly\nimport plotly\nimport torch\n")


def map_cell(layer: AttentionTrace, head: int, labels: Sequence[str], language: Language) -> NotebookCell:
    """Return code that computes one head's weights from its queries and keys and draws them; it shows a figure.

    Scale and mask are as in the layer; where the screen's mask came after the softmax, it comes before it here, and
    dropout is left out.
    """
    causal, scaled = not layer.mask.all(), not np.array_equal(layer.scores, layer.scaled_scores)
    lines = [
        "import torch",
        "import plotly.graph_objects as go",
        "",
        f"tokens = {names_literal(labels)}",
        comment("notebook.all_queries", language, head=head + 1),
        f"queries = torch.tensor({literal(layer.query[0, head])})",
        f"keys = torch.tensor({literal(layer.key[0, head])})",
        "",
        f"scores = queries @ keys.T{' / queries.shape[-1] ** 0.5' if scaled else ''}",
        *(["may_look = torch.ones_like(scores, dtype=torch.bool).tril()"] if causal else []),
        *(['scores = scores.masked_fill(~may_look, float("-inf"))'] if causal else []),
        "weights = torch.softmax(scores, dim=-1)",
        "",
        "names = [f'{position} {token}' for position, token in enumerate(tokens, start=1)]",
        "figure = go.Figure(go.Heatmap(z=weights.tolist(), x=names, y=names, zmin=0, zmax=1, colorscale='Blues'))",
        f"figure.update_layout(title={text('notebook.map_title', language, head=head + 1)!r}, height=560, width=640)",
        "figure.update_yaxes(autorange='reversed')",
        "figure",
    ]
    return code("\n".join(lines) + "\n")


def draws_cell(layer: AttentionTrace, head: int, dropout: float, language: Language) -> NotebookCell:
    """Return code that drops one head's weights many times and draws the error of the mean; it shows a figure."""
    lines = [
        "import torch",
        "import plotly.graph_objects as go",
        "",
        comment("notebook.undropped", language, head=head + 1),
        f"undropped = torch.tensor({literal(layer.weights[0, head])})",
        f"allowed = torch.tensor({literal(layer.mask)})",
        f"p, counts = {dropout}, [2**power for power in range(9)]",
        "generator = torch.Generator().manual_seed(0)",
        "figure = go.Figure()",
        "for run in range(8):",
        "    kept = torch.rand((counts[-1], *undropped.shape), generator=generator) >= p",
        "    totals = torch.where(kept, undropped / (1 - p), 0.0).cumsum(dim=0)",
        "    means = [totals[n - 1] / n for n in counts]",
        "    errors = [(mean - undropped)[allowed].square().mean().sqrt().item() for mean in means]",
        "    figure.add_scatter(x=counts, y=errors, name=str(run + 1))",
        "one_draw = (p / (1 - p) * undropped[allowed].square().mean()) ** 0.5",
        "expected = [one_draw.item() / n**0.5 for n in counts]",
        "figure.add_scatter(x=counts, y=expected, name='1/√N', line={'dash': 'dash'})",
        f"figure.update_layout(title={text('notebook.draws_title', language)!r})",
        "figure.update_xaxes(type='log', title='N')",
        "figure.update_yaxes(type='log')",
        "figure",
    ]
    return code("\n".join(lines) + "\n")


def notebook(cells: Sequence[NotebookCell], language: Language) -> str:
    """Return the cells as a notebook file (nbformat 4.5) that runs from top to bottom."""
    written: list[dict[str, object]] = [
        {
            "id": f"cell-{number}",
            "cell_type": cell.kind,
            "metadata": {},
            "source": cell.source.splitlines(keepends=True),
            **({"execution_count": None, "outputs": []} if cell.kind == "code" else {}),
        }
        for number, cell in enumerate(cells, start=1)
    ]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "title": text("frame.name", language),
    }
    return json.dumps(
        {"cells": written, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False, indent=1
    )
