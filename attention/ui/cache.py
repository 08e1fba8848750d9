"""Everything that is remembered between reruns, and the warm-up that hides torch's import from the first visitor."""

from __future__ import annotations

import gc
import threading

import streamlit as st

from attention.config import AttentionConfig
from attention.precomputed import stored_trace
from attention.tokens import DEFAULT_ENCODING, Tokens, tokenize
from attention.trace import ModelTrace


@st.cache_resource(max_entries=64, show_spinner=False)
def cached_tokens(text: str, encoding: str) -> Tokens:
    """Return `tokenize(text, encoding)`; the presets' are stored, so that the first visitor waits for nothing."""
    stored = stored_trace(text, encoding, AttentionConfig())
    return stored.tokens if stored else tokenize(text, encoding)


@st.cache_resource(max_entries=16, show_spinner=False)  # at 256 tokens × 12 heads one trace is 25 MB
def cached_trace(text: str, encoding: str, config: AttentionConfig) -> ModelTrace:
    """Return the random source's trace; the presets' are stored, so that the first visitor waits for nothing."""
    stored = stored_trace(text, encoding, config)
    if stored is not None:
        return stored
    from attention.sources import trace_random

    return trace_random(cached_tokens(text, encoding), config)


@st.cache_resource(show_spinner=False)
def warm_up() -> threading.Thread:
    """Import torch and load the default vocabulary behind the first page, once a process."""
    thread = threading.Thread(target=_warm, name="warm-up")  # no daemon: torch aborts when cut off in its import
    thread.start()
    return thread


def _warm() -> None:
    from attention.sources import trace_random

    trace_random(tokenize("a", DEFAULT_ENCODING), AttentionConfig())
    gc.collect()
    gc.freeze()  # Streamlit collects after every rerun: torch's million objects need not be walked each time
