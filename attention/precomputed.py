"""The presets' traces, computed beforehand: the first page is there before torch or a vocabulary has been read.

`scripts/precompute_presets.py` makes the file; a test proves that its traces equal live ones.
"""

from __future__ import annotations

import json
import logging
import zlib
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from attention.config import AttentionConfig
from attention.presets import PRESETS
from attention.tokens import DEFAULT_ENCODING, Tokens
from attention.trace import AttentionTrace, ModelTrace, Provenance

SOURCES: dict[str, Provenance] = {DEFAULT_ENCODING: "random", "lesson": "lesson"}
FILE = Path(__file__).with_name("precomputed.npz")
_LOGGER = logging.getLogger(__name__)


def stored_trace(text: str, encoding: str, config: AttentionConfig) -> ModelTrace | None:
    """Return the stored trace of a preset under the default settings, None for anything else.

    The lesson model's own encoding means the lesson model, the default encoding the random source. Settings of
    dropout that do not act do not count. Where the file cannot be read there are no stored traces, and the log says so.
    """
    acting = config if config.active_dropout else replace(config, dropout=0.0, dropout_seed=0, training=True)
    if encoding not in SOURCES or acting != AttentionConfig():
        return None
    try:
        return next((_load(preset.slug, encoding) for preset in PRESETS if preset.text == text), None)
    except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile, zlib.error):
        _LOGGER.warning("%s is missing or damaged: the first page computes its numbers, and is slower.", FILE.name)
        return None


@cache
def _load(slug: str, encoding: str) -> ModelTrace:
    with FILE.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        written: dict[str, Any] = json.loads(str(stored[f"{slug}.{encoding}.tokens"]))
        n_layers = sum(name.startswith(f"{slug}.{encoding}.") and name.endswith(".query") for name in stored.files)
        layers = tuple(
            AttentionTrace(
                **{field.name: stored[f"{slug}.{encoding}.{layer}.{field.name}"] for field in fields(AttentionTrace)}
            )
            for layer in range(n_layers)
        )
        logits = stored.get(f"{slug}.{encoding}.logits")
    if logits is not None:
        logits.setflags(write=False)
    written["pieces"] = [bytes.fromhex(piece) for piece in written["pieces"]]
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in written.items()}
    return ModelTrace(tokens=Tokens(**values), provenance=SOURCES[encoding], layers=layers, logits=logits)


def store(traces: dict[str, list[ModelTrace]]) -> None:
    """Write the traces of presets, by slug, into the file `stored_trace` reads."""
    arrays = {}
    for slug, of_models in traces.items():
        for trace in of_models:
            name = f"{slug}.{trace.tokens.encoding}"
            written = {field.name: getattr(trace.tokens, field.name) for field in fields(Tokens)}
            written["pieces"] = [piece.hex() for piece in trace.tokens.pieces]
            arrays[f"{name}.tokens"] = np.array(json.dumps(written))
            for number, layer in enumerate(trace.layers):
                for field in fields(AttentionTrace):
                    arrays[f"{name}.{number}.{field.name}"] = getattr(layer, field.name)
            if trace.logits is not None:
                arrays[f"{name}.logits"] = trace.logits
    np.savez_compressed(FILE, allow_pickle=False, **arrays)
