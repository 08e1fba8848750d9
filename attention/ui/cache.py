"""Everything that is remembered between reruns, and the warm-up that hides torch's import from the first visitor."""

from __future__ import annotations

import atexit
import gc
import json
import logging
import sys
import threading
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from attention import figures
from attention.config import AttentionConfig
from attention.dot_products import Saturation, saturation
from attention.errors import AttentionError
from attention.head_measures import HeadMeasures, measure_heads
from attention.head_similarity import head_divergences, order_heads
from attention.importance import Filling, added_lengths, rollout
from attention.induction.runs import Snapshot, read_line
from attention.induction.settings import TrainingSettings
from attention.lesson_model.tokenizer import ENCODING as LESSON
from attention.lesson_model.tokenizer import tokenize_lesson
from attention.precomputed import stored_trace
from attention.presets import PRESETS
from attention.race.settings import Measurement, RaceSettings, read_measurement
from attention.texts import Language
from attention.tokens import DEFAULT_ENCODING, LONG_TOKENS, MAX_CHARACTERS, Tokens, first_words, tokenize
from attention.trace import Floats, HeadMatrices, LongTrace, ModelTrace, QueriesKeys
from attention.ui.jobs import Desk
from attention.ui.kept import kept
from attention.ui.live_figure import Drawing, drawing_of
from attention.views import WeightsView, join_heads, pool, view_tokens, view_words

if TYPE_CHECKING:
    from attention.blocks import Anatomy
    from attention.draws import Draws, LostRow
    from attention.figures import Figure, ThemeName
    from attention.gradient_step import GradientStep
    from attention.lesson_model.heads_off import HeadsOff, Without
    from attention.lesson_model.later_layers import LaterDraws
    from attention.lesson_model.network import LessonModel
    from attention.texts import Language
    from attention.word_order import Shuffled

_LOGGER = logging.getLogger(__name__)


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


# A result that grows with a text, or with the model's width, is `kept`: these caches are bounded by bytes. What is
# counted is small, at its largest too. `tests/test_cache.py` asks every cache for its largest results.

# Keys by what they say: walking through their fields takes Streamlit milliseconds of every click.
BY_REPR: dict[str | type, Any] = {AttentionConfig: repr, Shown: repr}


@st.cache_resource(max_entries=64, show_spinner=False)
def cached_tokens(text: str, encoding: str) -> Tokens:
    """Return `tokenize(text, encoding)`; the presets' are stored, so that the first visitor waits for nothing."""
    stored = stored_trace(text, encoding, AttentionConfig())
    if stored:
        return stored.tokens
    return tokenize_lesson(text) if encoding == LESSON else tokenize(text, encoding)


@st.cache_resource(max_entries=32, show_spinner=False)
def cached_long_tokens(text: str, encoding: str) -> Tokens:
    """Return the tokens of a text that may be long: what keeps every step of every head takes `cached_tokens`."""
    stored = stored_trace(text, encoding, AttentionConfig())
    if stored:
        return stored.tokens
    if encoding == LESSON:
        return tokenize_lesson(text, max_tokens=LONG_TOKENS)
    return tokenize(text, encoding, max_tokens=LONG_TOKENS)


@st.cache_resource(max_entries=16, show_spinner=False)
def cached_beginning(text: str, encoding: str, most: int) -> str:
    """Return the beginning of a text that is too long, in whole words of at most `most` tokens together."""
    if encoding == LESSON:
        return first_words(text, lambda begun: tokenize_lesson(begun, max_tokens=MAX_CHARACTERS * 4), most)
    return first_words(text, lambda begun: tokenize(begun, encoding, max_tokens=MAX_CHARACTERS * 4), most)


# Of long texts: at 1,024 tokens a trace has 15 MB, a head 17, an overview 2, a figure 3.
@kept(megabytes=48)
def cached_long_trace(text: str, encoding: str, config: AttentionConfig) -> LongTrace:
    """Return what the weights of a long text are computed from; heads are computed as they are shown."""
    tokens = cached_long_tokens(text, encoding)
    if encoding == LESSON:
        from attention.lesson_model.source import outline_lesson

        return outline_lesson(tokens, config)
    from attention.sources import outline_random

    return outline_random(tokens, config)


@kept(megabytes=48)
def cached_long_head(shown: Shown, head: int) -> WeightsView:
    """Return the weights of one head of a long text, in a view that holds it alone."""
    from attention.sources import weigh_heads

    trace = cached_long_trace(shown.text, shown.encoding, shown.config)
    (weights,) = weigh_heads(_layer_of(trace, shown), shown.config, [head])
    return (view_words if shown.grouped else view_tokens)(weights, trace.tokens)


@kept(megabytes=8)
def cached_long_overview(shown: Shown, side: int) -> WeightsView:
    """Return every head of a layer of a long text, `side` × `side` positions to a cell; one head is whole at a time."""
    from attention.sources import weigh_heads

    trace = cached_long_trace(shown.text, shown.encoding, shown.config)
    layer, view = _layer_of(trace, shown), view_words if shown.grouped else view_tokens
    heads = weigh_heads(layer, shown.config, range(layer.n_heads))
    return join_heads([pool(view(weights, trace.tokens), side) for weights in heads])


def _layer_of(trace: LongTrace, shown: Shown) -> QueriesKeys:
    return trace.layers[shown.layer or 0]


@kept(megabytes=16)
def cached_long_figure(shown: Shown, head: int, row: int, theme: ThemeName, language: Language) -> Drawing:
    """Return the map of one head of a long text, ready to be sent."""
    return drawing_of(
        figures.long_head_map.plot(cached_long_head(shown, head), **_long_look(head, row, theme, language))
    )


def draw_long_figure(shown: Shown, head: int, row: int, theme: ThemeName, language: Language) -> Figure:
    """Return the map of one head of a long text, looked over by plotly."""
    drawn: Figure = figures.long_head_map(cached_long_head(shown, head), **_long_look(head, row, theme, language))
    return drawn


def _long_look(head: int, row: int, theme: ThemeName, language: Language) -> dict[str, Any]:
    return {"head": head, "language": language, "theme": figures.theme_named(theme), "focus_row": row}


# At 12 tokens one trace of the lesson model is 0.2 MB, at 256 tokens × 12 heads 17 MB.
@kept(megabytes=96)
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


@kept(megabytes=16)
def cached_anatomy(text: str, encoding: str, config: AttentionConfig) -> tuple[Anatomy, ...]:
    """Return every part of each block: those of the lesson model, or the random source's one layer."""
    from attention.anatomy import dissect_lesson, dissect_random

    tokens = cached_tokens(text, encoding)
    return dissect_lesson(tokens, config) if encoding == LESSON else (dissect_random(tokens, config),)


@kept(megabytes=8)
def cached_streams(text: str, encoding: str, config: AttentionConfig) -> Floats:
    """Return each token's vector stage by stage, [stage, position, d_model].

    Of the lesson model: as it comes in and after each layer. Of random weights: as it comes in, and attention's output.
    """
    tokens = cached_tokens(text, encoding)
    if encoding == LESSON:
        from attention.lesson_model.streams import lesson_streams

        return lesson_streams(tokens, config)
    (layer,) = cached_random_trace(text, encoding, config).layers
    return np.stack([layer.embeddings[0], layer.output[0]])


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=BY_REPR)
def cached_shuffle(text: str, encoding: str, seed: int, config: AttentionConfig) -> Shuffled:
    """Return what shuffling the tokens does in a layer of random weights; ⟨início⟩ stays out."""
    from attention.word_order import shuffle_words

    tokens = cached_tokens(text, encoding)
    skip = 1 if encoding == LESSON else 0
    return shuffle_words(replace(tokens, ids=tokens.ids[skip:], labels=tokens.labels[skip:]), seed, config)


@kept(megabytes=40)
def cached_random_trace(text: str, encoding: str, config: AttentionConfig) -> ModelTrace:
    """Return the random source's trace of a text, whatever vocabulary cut it: for what a trained model cannot show."""
    from attention.sources import trace_random

    return trace_random(cached_tokens(text, encoding), config)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_REPR)
def cached_output_matrix(encoding: str, config: AttentionConfig, layer: int) -> Floats:
    """Return Wo of a layer, [d_model out, d_model in], of the model that `cached_trace` traces."""
    if encoding == LESSON:
        from attention.lesson_model.source import lesson_output_matrix

        return lesson_output_matrix(layer)
    from attention.sources import random_output_matrix

    return random_output_matrix(config)


@kept(megabytes=8)
def cached_draws(text: str, encoding: str, config: AttentionConfig, layer: int, head: int, dropout: float) -> Draws:
    """Return many draws of dropout on one head with its inputs held; `config` is without dropout."""
    from attention.draws import repeat_dropout

    return repeat_dropout(cached_trace(text, encoding, config).layers[layer], head, dropout)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=BY_REPR)
def cached_lost_row(
    text: str, encoding: str, config: AttentionConfig, layer: int, head: int, dropout: float, row: int, most: int
) -> LostRow | None:
    """Return the first draw in which a row of the head loses everything, `row` before others."""
    from attention.draws import first_lost_row

    return first_lost_row(cached_trace(text, encoding, config).layers[layer], head, dropout, row, most)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_REPR)
def cached_later_draws(text: str, config: AttentionConfig, head: int, dropout: float) -> LaterDraws:
    """Return what many draws in the lesson model's first layer do to a head of its second."""
    from attention.lesson_model.later_layers import repeat_below

    return repeat_below(cached_tokens(text, LESSON), config, head, dropout)


@kept(megabytes=8)
def cached_last_stream(
    text: str, config: AttentionConfig, heads: tuple[tuple[int, int], ...], filling: Filling
) -> Floats:
    """Return the vectors that leave the lesson model's last layer with some heads off, whichever of them is read."""
    from attention.lesson_model.heads_off import last_stream

    return last_stream(cached_tokens(text, LESSON), config, heads, filling)


def each_head_off(text: str, config: AttentionConfig, position: int) -> tuple[HeadsOff, ...]:
    """Return what switching off each head of the lesson model does to the token after `position`."""
    from attention.lesson_model.heads_off import each_head

    return cached_sets_off(text, config, position, each_head(), "zero")


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=BY_REPR)
def cached_sets_off(
    text: str,
    config: AttentionConfig,
    position: int,
    sets: tuple[tuple[tuple[int, int], ...], ...],
    filling: Filling,
) -> tuple[HeadsOff, ...]:
    """Return what switching off each set of heads of the lesson model does to `position`."""
    from attention.lesson_model.heads_off import read_sets

    before, *after = (cached_last_stream(text, config, heads, filling) for heads in ((), *sets))
    return read_sets(sets, before, after, position)


@kept(megabytes=32)
def cached_without(text: str, config: AttentionConfig, heads: tuple[tuple[int, int], ...], filling: Filling) -> Without:
    """Return the lesson model's run with some heads off."""
    from attention.lesson_model.heads_off import lesson_without

    return lesson_without(cached_tokens(text, LESSON), config, heads, filling)


@kept(megabytes=16)
def cached_added_lengths(text: str, encoding: str, config: AttentionConfig, layer: int) -> Floats:
    """Return ‖α · v · Wo‖ of a layer, [head, query, key]."""
    traced = cached_trace(text, encoding, config).layers[layer]
    return added_lengths(traced, cached_output_matrix(encoding, config, layer))


@kept(megabytes=4)
def cached_rollout(text: str, encoding: str, config: AttentionConfig) -> Floats:
    """Return the attention rollout through all layers, [query, key]."""
    return rollout([layer.dropped_weights[0] for layer in cached_trace(text, encoding, config).layers])


@kept(megabytes=4)
def cached_matrices(encoding: str, config: AttentionConfig, layer: int, head: int) -> HeadMatrices:
    """Return the matrices of one head: the lesson model's, or for other encodings the random source's."""
    if encoding == LESSON:
        from attention.lesson_model.source import lesson_matrices

        return lesson_matrices(layer, head)
    from attention.sources import random_matrices

    return random_matrices(config, head)


@st.cache_resource(max_entries=64, show_spinner=False)
def cached_saturation(n_keys: int) -> Saturation:
    """Return `saturation(n_keys)`, which draws some hundred thousand numbers."""
    return saturation(n_keys)


@st.cache_resource(max_entries=64, show_spinner=False)
def cached_gradient_step(ids: tuple[int, ...]) -> GradientStep:
    """Return one step of training by hand, on the last of these tokens."""
    from attention.gradient_step import gradient_step

    return gradient_step(ids)


WARM_UP_AFTER = 2.0  # seconds from the first run of the script: nothing tells whether its page has been drawn by then


@st.cache_resource(max_entries=12, show_spinner=False)  # 2 MB each
def cached_network(checkpoint: str) -> LessonModel:
    """Return the lesson model as it was when the file `checkpoint` was kept."""
    from attention.lesson_model.source import load_network

    return load_network(checkpoint)


@kept(megabytes=96)
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


@kept(megabytes=16)
def cached_measures(shown: Shown) -> HeadMeasures:
    """Return every measure of every head that is shown."""
    return measure_heads(cached_view(shown))


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=BY_REPR)
def cached_similarity(shown: Shown) -> tuple[Floats, list[int]]:
    """Return how far apart each two heads are, and the order that puts like beside like."""
    divergences = head_divergences(cached_view(shown))
    return divergences, order_heads(divergences)


@kept(megabytes=64)
def cached_figure(
    name: str, views: tuple[Shown, ...], theme: ThemeName, options: tuple[tuple[str, Any], ...]
) -> Drawing:
    """Return what `draw_figure` draws, ready to be sent: of a class with sixty sentences each is drawn once."""
    plot = getattr(figures, name).plot
    return drawing_of(plot(*map(cached_view, views), theme=figures.theme_named(theme), **dict(options)))


def draw_figure(name: str, views: tuple[Shown, ...], theme: ThemeName, options: tuple[tuple[str, Any], ...]) -> Figure:
    """Return the figure called `name` in `attention.figures`, of these views, looked over by plotly."""
    draw = getattr(figures, name)
    drawn: Figure = draw(*map(cached_view, views), theme=figures.theme_named(theme), **dict(options))
    return drawn


@kept(megabytes=32)
def cached_widths(
    name: str, views: tuple[Shown, ...], theme: ThemeName, options: tuple[tuple[str, Any], ...]
) -> tuple[Drawing, Drawing]:
    """Return the two figures that are drawn together under `name`, for a screen and for a phone, ready to be sent."""
    draw = getattr(figures, name)
    wide, narrow = draw(*map(cached_view, views), theme=figures.theme_named(theme), **dict(options))
    return drawing_of(wide), drawing_of(narrow)


@kept(megabytes=4)
def cached_next_tokens(
    labels: tuple[str, ...], probabilities: tuple[float, ...], language: Language, theme: ThemeName
) -> Drawing:
    """Return the bars of what comes next, ready to be sent."""
    plot = figures.next_tokens.plot(labels, probabilities, language=language, theme=figures.theme_named(theme))
    return drawing_of(plot)


@st.cache_resource(show_spinner=False)
def training_desk() -> Desk[TrainingSettings, Snapshot]:
    """Return the one desk where every visitor's trainings queue; what it runs ends with the server."""
    desk: Desk[TrainingSettings, Snapshot] = Desk(_training_command, read_line)
    atexit.register(desk.close)
    return desk


def _training_command(settings: TrainingSettings) -> list[str]:
    return [sys.executable, "-m", "attention.induction", json.dumps(asdict(settings))]


@st.cache_resource(show_spinner=False)
def race_desk() -> Desk[RaceSettings, Measurement]:
    """Return the one desk where every visitor's races queue; what it runs ends with the server."""
    desk: Desk[RaceSettings, Measurement] = Desk(_race_command, read_measurement)
    atexit.register(desk.close)
    return desk


def _race_command(settings: RaceSettings) -> list[str]:
    return [sys.executable, "-m", "attention.race", json.dumps(asdict(settings))]


@st.cache_resource(show_spinner=False)
def warm_up(_after: float = WARM_UP_AFTER) -> threading.Thread:
    """Import torch, and load the vocabulary, the lesson model and the examples: once a process, `_after` some seconds.

    The underscore keeps the seconds out of the cache's key, so that whoever comes second starts nothing.
    """
    thread = threading.Timer(_after, _warm)  # no daemon: torch aborts when cut off in its import
    thread.start()
    return thread


def is_warm() -> bool:
    """Say whether everything is loaded: from now on no visitor waits for more than their own sentence."""
    return _WARM.is_set()


_WARM = threading.Event()


def _warm() -> None:
    from attention.lesson_model.source import trace_lesson
    from attention.sources import trace_random

    try:
        trace_random(tokenize("a", DEFAULT_ENCODING), AttentionConfig())
        trace_lesson("a")
        for preset in PRESETS:
            for encoding in (LESSON, DEFAULT_ENCODING):
                stored_trace(preset.text, encoding, AttentionConfig())
    except AttentionError as error:  # a damaged file: each page that needs it says so to its reader
        _LOGGER.error("%s", error)
    gc.collect()
    gc.freeze()  # Streamlit collects after every rerun: torch's million objects need not be walked each time
    _WARM.set()
