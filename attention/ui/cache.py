"""Everything that is remembered between reruns, and the warm-up that hides torch's import from the first visitor."""

from __future__ import annotations

import atexit
import gc
import json
import sys
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from attention import figures
from attention.config import AttentionConfig
from attention.induction.settings import TrainingSettings
from attention.lesson_model.tokenizer import ENCODING as LESSON
from attention.lesson_model.tokenizer import tokenize_lesson
from attention.precomputed import stored_trace
from attention.tokens import DEFAULT_ENCODING, Tokens, tokenize
from attention.trace import ModelTrace
from attention.ui.jobs import Desk
from attention.views import WeightsView, join_heads, view_tokens, view_words

if TYPE_CHECKING:
    from attention.figures import Figure, ThemeName
    from attention.gradient_step import GradientStep
    from attention.lesson_model.network import LessonModel


@dataclass(frozen=True, slots=True)
class Shown:
    """Which weights a figure shows: of which text, under which settings, of which layer, by token or by word.

    With `checkpoint`, a file of weights, they are those the lesson model had at that moment of its training.
    """

    text: str
    encoding: str
    config: AttentionConfig
    layer: int | None  # None: the heads of every layer, those of the first layer first
    grouped: bool
    checkpoint: str = ""


# Keys by what they say: walking through their fields takes Streamlit milliseconds of every click.
BY_REPR: dict[str | type, Any] = {AttentionConfig: repr, Shown: repr}


@st.cache_resource(max_entries=64, show_spinner=False)
def cached_tokens(text: str, encoding: str) -> Tokens:
    """Return `tokenize(text, encoding)`; the presets' are stored, so that the first visitor waits for nothing."""
    stored = stored_trace(text, encoding, AttentionConfig())
    if stored:
        return stored.tokens
    return tokenize_lesson(text) if encoding == LESSON else tokenize(text, encoding)


# At 256 tokens × 12 heads one trace is 17 MB.
@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_REPR)
def cached_trace(text: str, encoding: str, config: AttentionConfig) -> ModelTrace:
    """Return the lesson model's trace, or for other encodings the random source's; the presets' are stored."""
    stored = stored_trace(text, encoding, config)
    if stored is not None:
        return stored
    tokens = cached_tokens(text, encoding)
    if encoding == LESSON:
        from attention.lesson_model.source import trace_lesson

        return trace_lesson(tokens, config)
    from attention.sources import trace_random

    return trace_random(tokens, config)


@st.cache_resource(max_entries=4, show_spinner=False)
def cached_random_trace(text: str, encoding: str) -> ModelTrace:
    """Return the random source's trace of the very tokens of any encoding, to set beside what was learned."""
    from attention.sources import trace_random

    return trace_random(cached_tokens(text, encoding), AttentionConfig())


@st.cache_resource(max_entries=64, show_spinner=False)
def cached_gradient_step(ids: tuple[int, ...]) -> GradientStep:
    """Return one step of training by hand, on the last of these tokens."""
    from attention.gradient_step import gradient_step

    return gradient_step(ids)


WARM_UP_AFTER = 2.0  # seconds: until then the first page has the processor to itself


@st.cache_resource(max_entries=12, show_spinner=False)  # 2 MB each
def cached_network(checkpoint: str) -> LessonModel:
    """Return the lesson model as it was when the file `checkpoint` was kept."""
    from attention.lesson_model.source import load_network

    return load_network(checkpoint)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=BY_REPR)
def cached_view(shown: Shown) -> WeightsView:
    """Return the weights of one layer, or of all, as a reader sees them."""
    view, trace = view_words if shown.grouped else view_tokens, _trace_of(shown)
    if shown.layer is None:
        return join_heads([view(layer, trace.tokens) for layer in trace.layers])
    return view(trace.layers[shown.layer], trace.tokens)


def _trace_of(shown: Shown) -> ModelTrace:
    if not shown.checkpoint:
        return cached_trace(shown.text, shown.encoding, shown.config)
    from attention.lesson_model.source import trace_model

    tokens = cached_tokens(shown.text, shown.encoding)
    return trace_model(cached_network(shown.checkpoint), tokens, shown.config)  # not kept: the view has all layers


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=BY_REPR)
def cached_figure(
    name: str, views: tuple[Shown, ...], theme: ThemeName, options: tuple[tuple[str, Any], ...]
) -> Figure:
    """Return the figure called `name` in `attention.figures`, of these views: a shared sentence is drawn once."""
    draw = getattr(figures, name)
    drawn: Figure = draw(*map(cached_view, views), theme=figures.theme_named(theme), **dict(options))
    return drawn


@st.cache_resource(show_spinner=False)
def training_desk() -> Desk:
    """Return the one desk where every visitor's trainings queue; what it runs ends with the server."""
    desk = Desk(_training_command)
    atexit.register(desk.close)
    return desk


def _training_command(settings: TrainingSettings) -> list[str]:
    return [sys.executable, "-m", "attention.induction", json.dumps(asdict(settings))]


@st.cache_resource(show_spinner=False)
def warm_up() -> threading.Thread:
    """Import torch, and load the vocabulary and the lesson model, once a process, when its first page is drawn."""
    thread = threading.Timer(WARM_UP_AFTER, _warm)  # no daemon: torch aborts when cut off in its import
    thread.start()
    return thread


def _warm() -> None:
    from attention.lesson_model.source import trace_lesson
    from attention.sources import trace_random

    trace_random(tokenize("a", DEFAULT_ENCODING), AttentionConfig())
    trace_lesson("a")
    gc.collect()
    gc.freeze()  # Streamlit collects after every rerun: torch's million objects need not be walked each time
