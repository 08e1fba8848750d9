"""What a reader takes home: the numbers as JSON or CSV, the figures as one HTML file that opens offline."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attention.config import AttentionConfig
from attention.texts import Language, percent, text
from attention.trace import AttentionTrace, LongTrace, ModelTrace
from attention.views import Cell, WeightsView

if TYPE_CHECKING:
    import plotly.graph_objects as go


def introduction(trace: ModelTrace | LongTrace, config: AttentionConfig, language: Language) -> list[str]:
    """Return, in a few lines, what the numbers are of: tokens, layer, their source, settings that are not the usual."""
    tokens = trace.tokens
    counts = {"tokens": len(tokens), "words": len(tokens.word_labels), "encoding": tokens.encoding}
    switches = {
        "no_causal": not config.causal,
        config.mask_mode: config.causal and config.mask_mode != "before_softmax",
        "no_scale": not config.scaled,
        "no_positions": not config.positions,
    }
    changed = [text(f"export.says_{name}", language) for name, moved in switches.items() if moved]
    if config.active_dropout:
        share = percent(config.dropout, language)
        changed.append(text("export.says_dropout", language, share=share, seed=config.dropout_seed))
    return [
        text("export.counts", language, **counts),
        *([_sizes(config, language)] if trace.provenance == "random" else []),  # a trained model's are its own
        text(f"frame.badge_{trace.provenance}", language),
        *([" · ".join(changed)] if changed else []),
    ]


def _sizes(config: AttentionConfig, language: Language) -> str:
    return text("export.layer", language, heads=config.n_heads, dimensions=config.d_model, seed=config.seed)


def trace_json(trace: ModelTrace, config: AttentionConfig, *, model: str) -> str:
    """Return everything about one text as JSON: its tokens, the settings, every layer's weights [head][query][key].

    Positions count from 0: `words[i]` is the index in `word_labels` of the word token `i` belongs to.
    """
    tokens = trace.tokens
    content = {
        "text": tokens.text,
        "tokens": tokens.labels,
        "ids": tokens.ids,
        "words": tokens.words,
        "word_labels": tokens.word_labels,
        "model": model,
        "provenance": trace.provenance,
        "settings": {"encoding": tokens.encoding, **asdict(config)},
        "layers": [
            {"weights": _shortest(layer.weights[0]), "dropped_weights": _shortest(layer.dropped_weights[0])}
            for layer in trace.layers
        ],
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"


def weights_csv(
    view: WeightsView, layer: AttentionTrace, *, heads: Sequence[int] | None = None, language: Language | None = None
) -> str:
    """Return what a view shows as CSV, one line a cell: who looks, at whom, every stage of the number, what it is.

    Heads and positions count from 1, as on screen; `heads` (from 0) chooses some. By word there are only
    weights: the scores of pieces do not add up to a word's. With a `language` the file opens by a double click
    in its spreadsheets: a byte order mark tells it is UTF-8, and in pt-BR a semicolon parts the columns and a
    comma the decimals. The header is the same in every language.
    """
    scores = {"score": layer.scores[0], "scaled_score": layer.scaled_scores[0], "masked_score": layer.masked_scores[0]}
    stages = ({} if view.grouped else scores) | {"weight": view.before_dropout, "dropped_weight": view.weights}
    names = [_cell_of_text(label) for label in view.labels]
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";" if language == "pt-BR" else ",", lineterminator="\n")
    writer.writerow(["head", "query_position", "query", "key_position", "key", *stages, "cell"])
    for head in range(view.n_heads) if heads is None else heads:
        numbers = [_digits(stage[head], "," if language == "pt-BR" else ".") for stage in stages.values()]
        for query, query_name in enumerate(names):
            for key, key_name in enumerate(names):
                values = (number[query][key] for number in numbers)
                kind = _kind(view, head, query, key)
                writer.writerow([head + 1, query + 1, query_name, key + 1, key_name, *values, kind])
    return ("\N{BYTE ORDER MARK}" if language else "") + file.getvalue()


def row_csv(view: WeightsView, head: int, row: int, *, language: Language | None = None) -> str:
    """Return one row of a view that holds `head` alone as CSV, a line a key; written as in `weights_csv`."""
    weights = view.before_dropout[:, row : row + 1], view.weights[:, row : row + 1]
    (before,), (after,) = (_digits(stage[0], "," if language == "pt-BR" else ".") for stage in weights)
    names = [_cell_of_text(label) for label in view.labels]
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";" if language == "pt-BR" else ",", lineterminator="\n")
    writer.writerow(["head", "query_position", "query", "key_position", "key", "weight", "dropped_weight", "cell"])
    for key, name in enumerate(names):
        kind = _kind(view, 0, row, key)
        writer.writerow([head + 1, row + 1, names[row], key + 1, name, before[key], after[key], kind])
    return ("\N{BYTE ORDER MARK}" if language else "") + file.getvalue()


def figure_html(figures: Sequence[go.Figure], *, title: str, language: Language, notes: Sequence[str] = ()) -> str:
    """Return one HTML page in its figures' colours, plotly's own program inside: it opens without a network."""
    from plotly.io import to_html
    from plotly.offline import get_plotlyjs

    config = {
        "responsive": True,
        "displaylogo": False,
        "showSendToCloud": False,  # plotly 7 shows, unless told not to, a button that uploads the figure
        "modeBarButtons": [["toImage"]],
        "locale": language,
    }
    spoken = {"Download plot as a PNG": text("export.download_png", language)}
    locale = {"moduleType": "locale", "name": language, "dictionary": spoken, "format": {}}
    drawings = "\n".join(
        to_html(figure, config=config, full_html=False, include_plotlyjs=False, div_id=f"figure-{number}")
        for number, figure in enumerate(figures, start=1)
    )
    layout = figures[0].layout
    colours = f"background: {layout.paper_bgcolor or 'white'}; color: {layout.font.color or 'black'}"
    paragraphs = "\n".join(f"<p>{escape(note)}</p>" for note in notes)
    return f"""<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>
html {{ {colours}; font-family: system-ui, sans-serif; }}
body {{ margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }}
</style>
<script>{get_plotlyjs()}</script>
<script>Plotly.register({json.dumps(locale)})</script>
</head>
<body>
<h1 dir="auto">{escape(title)}</h1>
{paragraphs}
{drawings}
</body>
</html>
"""


def _shortest(weights: NDArray[Any]) -> Any:  # noqa: ANN401 - nested lists as deep as the array
    """Return an array as lists of the shortest numbers that are still the same in float32: 0.1, not 0.10000000149."""
    return weights.astype(np.float32).astype(str).astype(float).tolist()


def _digits(stage: NDArray[Any], point: str) -> list[list[str]]:
    """Return the numbers of one head with the digits float32 holds; a forbidden score is -inf."""
    return [[digits.replace(".", point) for digits in row] for row in stage.astype(np.float32).astype(str).tolist()]


def _kind(view: WeightsView, head: int, query: int, key: int) -> str:
    """Return what stands in a cell: seen, masked, dropped, mixed, or undefined in a row that is 0/0."""
    cell = Cell(int(view.cells[head, query, key]))
    return "undefined" if view.undefined[head, query] and cell is not Cell.MASKED else cell.name.lower()


def _cell_of_text(label: str) -> str:
    """Return a label that no spreadsheet takes for a formula: typed text is never run."""
    return f"'{label}" if label.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")) else label
