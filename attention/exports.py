"""What a reader takes home: the numbers as CSV, JSON or NPZ, the figures as one HTML file that opens offline."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attention.config import AttentionConfig
from attention.errors import AttentionError
from attention.lesson_model.tokenizer import ENCODING as LESSON
from attention.texts import Language, percent, text
from attention.trace import AttentionTrace, LongTrace, ModelTrace
from attention.views import Cell, WeightsView

MOST_CELLS = 1_000_000  # of all heads together, that a file of text may hold: it is made in memory, 50 MB a file
AXES: dict[str, tuple[str, ...]] = {
    "embeddings": ("position", "component"),
    "query": ("head", "position", "component"),
    "key": ("head", "position", "component"),
    "value": ("head", "position", "component"),
    "scores": ("head", "query", "key"),
    "scaled_scores": ("head", "query", "key"),
    "mask": ("query", "key"),
    "masked_scores": ("head", "query", "key"),
    "weights": ("head", "query", "key"),
    "undefined": ("head", "query"),
    "kept": ("head", "query", "key"),
    "dropped_weights": ("head", "query", "key"),
    "context": ("head", "position", "component"),
    "output": ("position", "component"),
}
"""What each axis of a stage is, in the order of the computation; one text has no axis for a batch."""
VECTORS = tuple(stage for stage, axes in AXES.items() if axes[-1] == "component")


def introduction(trace: ModelTrace | LongTrace, config: AttentionConfig, language: Language) -> list[str]:
    """Return, in a few lines, what the numbers are of: tokens, layer, their source, settings that are not the usual."""
    tokens = trace.tokens
    encoding = text("export.lesson_vocabulary", language) if tokens.encoding == LESSON else tokens.encoding
    counts = {"tokens": len(tokens), "words": len(tokens.word_labels), "encoding": encoding}
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


def stages(layer: AttentionTrace) -> dict[str, NDArray[Any]]:
    """Return every stage of a layer on its one text, with the axes `AXES` names."""
    arrays: dict[str, NDArray[Any]] = {stage: getattr(layer, stage) for stage in AXES}
    return {stage: values if stage == "mask" else values[0] for stage, values in arrays.items()}


def fits_text(trace: ModelTrace) -> bool:
    """Tell whether the numbers of a trace are few enough for a file of text."""
    return _cells(trace) <= MOST_CELLS


def trace_json(trace: ModelTrace, config: AttentionConfig, *, model: str) -> str:
    """Return everything about one text as JSON: its tokens, the settings, every stage of every layer.

    Positions count from 0: `words[i]` is the index in `word_labels` of the word token `i` belongs to. JSON has no
    infinity: a `null` in `masked_scores` is the -inf of a pair the mask forbids. Raises AttentionError
    `too_much_text`.
    """
    _check_cells(_cells(trace))
    layers = [{stage: _shortest(values) for stage, values in stages(layer).items()} for layer in trace.layers]
    content = _about(trace, config, model) | {"layers": layers}
    return json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"


def trace_npz(trace: ModelTrace, config: AttentionConfig, *, model: str) -> bytes:
    """Return everything about one text as NumPy's compressed file, which `numpy.load` opens without pickle.

    `layer_0.query` is a stage of the first layer, its axes as in `AXES`, its bits those of the trace; `logits`,
    [position, vocabulary], is there where the model has them. `about` is JSON: the tokens, the settings, and the length
    of every array's axes.
    """
    arrays = {
        f"layer_{number}.{stage}": values
        for number, layer in enumerate(trace.layers)
        for stage, values in stages(layer).items()
    }
    axes = {name: AXES[name.partition(".")[2]] for name in arrays}
    if trace.logits is not None:
        arrays["logits"] = trace.logits[0]
        axes["logits"] = ("position", "vocabulary")
    shapes = {name: dict(zip(axes[name], values.shape, strict=True)) for name, values in arrays.items()}
    about = _about(trace, config, model) | {"shapes": shapes}
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, about=np.array(json.dumps(about, ensure_ascii=False)), **arrays)
    return file.getvalue()


def _about(trace: ModelTrace, config: AttentionConfig, model: str) -> dict[str, Any]:
    """Return what the numbers of a trace are of: its text, its model, its settings, the axes of its stages."""
    tokens = trace.tokens
    return {
        "text": tokens.text,
        "tokens": tokens.labels,
        "ids": tokens.ids,
        "words": tokens.words,
        "word_labels": tokens.word_labels,
        "model": model,
        "provenance": trace.provenance,
        "settings": {"encoding": tokens.encoding, **asdict(config)},
        "axes": AXES,
    }


def vectors_csv(trace: ModelTrace, layer: int, *, language: Language | None = None) -> str:
    """Return the vectors of one layer as CSV, a line each: of which stage, head and token, then its components.

    Heads and positions count from 1, as on screen; the input and the output of a layer belong to no head. Vectors of
    different stages have different lengths. With a `language` as in `weights_csv`. Raises AttentionError
    `too_much_text`.
    """
    _check_cells(_cells(trace))
    found = {stage: values for stage, values in stages(trace.layers[layer]).items() if stage in VECTORS}
    width = max(values.shape[-1] for values in found.values())
    names = [_cell_of_text(label) for label in trace.tokens.labels]
    file = io.StringIO()
    writer = _writer(file, language)
    writer.writerow(["stage", "head", "position", "token", *range(1, width + 1)])
    for stage, values in found.items():
        for head, vectors in enumerate(values if values.ndim == 3 else values[None], start=1):
            for position, numbers in enumerate(_digits(vectors, language)):
                belongs = head if values.ndim == 3 else ""
                writer.writerow([stage, belongs, position + 1, names[position], *numbers])
    return _opening(language) + file.getvalue()


def weights_csv(
    view: WeightsView, layer: AttentionTrace, *, heads: Sequence[int] | None = None, language: Language | None = None
) -> str:
    """Return what a view shows as CSV, one line a cell: who looks, at whom, every stage of the number, what it is.

    Heads and positions count from 1, as on screen; `heads` (from 0) chooses some. By word there are only
    weights: the scores of pieces do not add up to a word's. With a `language` the file opens by a double click
    in its spreadsheets: a byte order mark tells it is UTF-8, and in pt-BR a semicolon parts the columns and a
    comma the decimals. The header is the same in every language. Raises AttentionError `too_much_text`.
    """
    scores = {"score": layer.scores[0], "scaled_score": layer.scaled_scores[0], "masked_score": layer.masked_scores[0]}
    written = ({} if view.grouped else scores) | {"weight": view.before_dropout, "dropped_weight": view.weights}
    chosen = range(view.n_heads) if heads is None else heads
    _check_cells(len(chosen) * len(view.labels) ** 2)
    names = [_cell_of_text(label) for label in view.labels]
    file = io.StringIO()
    writer = _writer(file, language)
    writer.writerow(["head", "query_position", "query", "key_position", "key", *written, "cell"])
    for head in chosen:
        numbers = [_digits(stage[head], language) for stage in written.values()]
        for query, query_name in enumerate(names):
            for key, key_name in enumerate(names):
                values = (number[query][key] for number in numbers)
                kind = _kind(view, head, query, key)
                writer.writerow([head + 1, query + 1, query_name, key + 1, key_name, *values, kind])
    return _opening(language) + file.getvalue()


def row_csv(view: WeightsView, head: int, row: int, *, language: Language | None = None) -> str:
    """Return one row of a view that holds `head` alone as CSV, a line a key; written as in `weights_csv`."""
    weights = view.before_dropout[:, row : row + 1], view.weights[:, row : row + 1]
    (before,), (after,) = (_digits(stage[0], language) for stage in weights)
    names = [_cell_of_text(label) for label in view.labels]
    file = io.StringIO()
    writer = _writer(file, language)
    writer.writerow(["head", "query_position", "query", "key_position", "key", "weight", "dropped_weight", "cell"])
    for key, name in enumerate(names):
        kind = _kind(view, 0, row, key)
        writer.writerow([head + 1, row + 1, names[row], key + 1, name, before[key], after[key], kind])
    return _opening(language) + file.getvalue()


def _cells(trace: ModelTrace) -> int:
    return sum(layer.weights.size for layer in trace.layers)


def _check_cells(cells: int) -> None:
    """Raise AttentionError `too_much_text` where a file of text would be too large, before it is begun."""
    if cells > MOST_CELLS:
        raise AttentionError(
            "too_much_text",
            f"A file of text may hold {MOST_CELLS} cells, and these are {cells}: take the NPZ or a shorter text.",
            cells=cells,
            maximum=MOST_CELLS,
        )


def _shortest(values: NDArray[Any]) -> Any:  # noqa: ANN401 - nested lists as deep as the array
    """Return an array as lists of the shortest numbers that are still the same in float32: 0.1, not 0.10000000149."""
    if values.dtype == np.bool_:
        return values.tolist()
    numbers = values.astype(np.float32).astype(str).astype(float)
    if np.isneginf(numbers).any():
        return np.where(np.isneginf(numbers), np.array(None), numbers).tolist()
    return numbers.tolist()


def _writer(file: io.StringIO, language: Language | None) -> Any:  # noqa: ANN401 - csv's own writer has no name
    return csv.writer(file, delimiter=";" if language == "pt-BR" else ",", lineterminator="\n")


def _opening(language: Language | None) -> str:
    return "\N{BYTE ORDER MARK}" if language else ""


def _digits(stage: NDArray[Any], language: Language | None) -> list[list[str]]:
    """Return rows of numbers with the digits float32 holds; a forbidden score is -inf, for spreadsheets the text −∞.

    A spreadsheet would take “-inf” for a formula, and show an error.
    """
    rows: list[list[str]] = stage.astype(np.float32).astype(str).tolist()
    if language is None:
        return rows
    point = "," if language == "pt-BR" else "."
    return [["−∞" if digits == "-inf" else digits.replace(".", point) for digits in row] for row in rows]


def _kind(view: WeightsView, head: int, query: int, key: int) -> str:
    """Return what stands in a cell: seen, masked, dropped, mixed, or undefined in a row that is 0/0."""
    cell = Cell(int(view.cells[head, query, key]))
    return "undefined" if view.undefined[head, query] and cell is not Cell.MASKED else cell.name.lower()


def _cell_of_text(label: str) -> str:
    """Return a label that no spreadsheet takes for a formula: typed text is never run."""
    return f"'{label}" if label.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")) else label
