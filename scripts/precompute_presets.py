"""Compute the presets' traces and store them with the package. Run it when the core, a preset or a default changes."""

from __future__ import annotations

from attention.config import AttentionConfig
from attention.lesson_model.source import trace_lesson
from attention.precomputed import store
from attention.presets import PRESETS
from attention.sources import trace_random
from attention.tokens import tokenize

if __name__ == "__main__":
    store(
        {
            preset.slug: [trace_random(tokenize(preset.text), AttentionConfig()), trace_lesson(preset.text)]
            for preset in PRESETS
        }
    )
