"""The presets' traces, computed beforehand: the first page is there before torch or a vocabulary has been read.

`scripts/precompute_presets.py` makes the file; a test proves that its traces equal live ones.
"""

from __future__ import annotations

import json
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from attention.config import AttentionConfig
from attention.presets import PRESETS
from attention.tokens import DEFAULT_ENCODING, Tokens
from attention.trace import AttentionTrace, ModelTrace

FILE = Path(__file__).with_name("precomputed.npz")


def stored_trace(text: str, encoding: str, config: AttentionConfig) -> ModelTrace | None:
    """Return the random source's stored trace of a preset under the default settings, None for anything else.

    Settings of dropout that do not act do not count.
    """
    acting = config if config.active_dropout else replace(config, dropout=0.0, dropout_seed=0, training=True)
    if encoding != DEFAULT_ENCODING or acting != AttentionConfig():
        return None
    return next((_load(preset.slug) for preset in PRESETS if preset.text == text), None)


@cache
def _load(slug: str) -> ModelTrace:
    with np.load(FILE, allow_pickle=False) as stored:
        written: dict[str, Any] = json.loads(str(stored[f"{slug}.tokens"]))
        layer = AttentionTrace(**{field.name: stored[f"{slug}.{field.name}"] for field in fields(AttentionTrace)})
    written["pieces"] = [bytes.fromhex(piece) for piece in written["pieces"]]
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in written.items()}
    return ModelTrace(tokens=Tokens(**values), provenance="random", layers=(layer,))


def store(traces: dict[str, ModelTrace]) -> None:
    """Write the traces of presets, by slug, into the file `stored_trace` reads."""
    arrays = {}
    for slug, trace in traces.items():
        written = {field.name: getattr(trace.tokens, field.name) for field in fields(Tokens)}
        written["pieces"] = [piece.hex() for piece in trace.tokens.pieces]
        arrays[f"{slug}.tokens"] = np.array(json.dumps(written))
        for field in fields(AttentionTrace):
            arrays[f"{slug}.{field.name}"] = getattr(trace.layers[0], field.name)
    np.savez_compressed(FILE, allow_pickle=False, **arrays)
