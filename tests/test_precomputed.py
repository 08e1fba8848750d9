"""The stored traces are the live ones, and cost neither torch nor a vocabulary."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace

import numpy as np
import pytest

from attention.config import AttentionConfig
from attention.lesson_model.source import trace_lesson
from attention.precomputed import FILE, SOURCES, stored_trace
from attention.presets import PRESETS, Preset
from attention.sources import trace_random
from attention.tokens import DEFAULT_ENCODING, tokenize
from attention.trace import AttentionTrace

TOLERANCE = 1e-5  # machines add 96 float32 products in different orders; a screen shows four digits at most
REMEDY = "compute the presets again: python -m scripts.precompute_presets"


@pytest.mark.parametrize("encoding", SOURCES)
@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.slug)
def test_a_stored_trace_equals_the_live_one(preset: Preset, encoding: str) -> None:
    stored = stored_trace(preset.text, encoding, AttentionConfig())
    lesson = SOURCES[encoding] == "lesson"
    live = trace_lesson(preset.text) if lesson else trace_random(tokenize(preset.text), AttentionConfig())
    assert stored is not None, REMEDY
    assert stored.tokens == live.tokens
    assert stored.provenance == live.provenance
    assert len(stored.layers) == len(live.layers)
    pairs = [
        (getattr(ours, field.name), getattr(theirs, field.name))
        for ours, theirs in zip(stored.layers, live.layers, strict=True)
        for field in fields(AttentionTrace)
    ]
    assert (stored.logits is None) == (live.logits is None)
    if stored.logits is not None and live.logits is not None:
        pairs.append((stored.logits, live.logits))
    for ours, theirs in pairs:
        assert (ours.dtype, ours.flags.writeable) == (theirs.dtype, False)
        np.testing.assert_allclose(ours, theirs, rtol=TOLERANCE, atol=TOLERANCE, err_msg=REMEDY)


def test_only_what_is_stored_is_returned() -> None:
    text = PRESETS[0].text
    default = AttentionConfig()
    assert stored_trace(text + ".", DEFAULT_ENCODING, default) is None
    assert stored_trace(text, "gpt2", default) is None
    assert stored_trace(text, DEFAULT_ENCODING, replace(default, causal=False)) is None
    assert stored_trace(text, DEFAULT_ENCODING, replace(default, dropout=0.5)) is None
    assert stored_trace(text, DEFAULT_ENCODING, replace(default, dropout=0.5, training=False)) is not None


def test_a_stored_trace_needs_neither_torch_nor_tiktoken() -> None:
    read = (
        "import sys; from attention.precomputed import stored_trace; from attention.config import AttentionConfig; "
        "from attention.presets import PRESETS; "
        f"assert stored_trace(PRESETS[0].text, {DEFAULT_ENCODING!r}, AttentionConfig()); "
        "sys.exit(bool({'torch', 'tiktoken'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", read], cwd=FILE.parent.parent, check=False).returncode == 0


def test_the_first_page_needs_neither_torch_nor_tiktoken() -> None:
    visit = (
        "import sys; from streamlit.testing.v1 import AppTest; from attention.ui import cache; "
        "cache.warm_up = lambda: None; "  # the next visitor's torch is imported behind the first one's page
        "app = AppTest.from_file('app.py', default_timeout=60).run(); "
        "assert not app.exception and len(app.get('bidi_component')) >= 3; "
        "sys.exit(' '.join({'torch', 'tiktoken'} & set(sys.modules)) or None)"
    )
    program = [sys.executable, "-c", visit]
    visited = subprocess.run(program, cwd=FILE.parent.parent, check=False, capture_output=True, text=True)
    assert visited.returncode == 0, visited.stderr
