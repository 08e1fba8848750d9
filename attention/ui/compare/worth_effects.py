"""What switching heads off does to the row in focus, of either model, as numbers: each alone, the chosen, controls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from attention.config import AttentionConfig
from attention.importance import change_without, control_sets, map_changes
from attention.lesson_model.predictions import Compared, compare_next
from attention.lesson_model.results import claims
from attention.metrics import head_contributions
from attention.trace import AttentionTrace
from attention.ui import chapter
from attention.ui.cache import cached_output_matrix, cached_sets_off, cached_without
from attention.ui.layout import Frame

Heads = tuple[tuple[int, int], ...]  # layer and head, counted from 0
PREDICTIONS = 4  # likeliest tokens shown of before, and of after


@dataclass(frozen=True, slots=True)
class Effect:
    """What became of one position without some heads."""

    heads: Heads
    change: float  # ‖after − before‖ ÷ ‖before‖ of the vector that is read
    cosine: float
    bits: float | None = None  # KL(before ‖ after) of the next token; None where no next token is foreseen
    changes_top: bool = False

    @property
    def amount(self) -> float:
        """The number that bars show: bits where there are, else the change of the vector."""
        return self.change if self.bits is None else self.bits


@dataclass(frozen=True, eq=False, slots=True)
class Effects:
    """Every effect on the position in focus."""

    row: int
    alone: tuple[Effect, ...]  # each head of the model
    chosen: Effect | None  # the heads that are off; None where none is
    controls: tuple[Effect, ...]
    left_out: Heads  # heads of the same layers that carry the prediction as some of the chosen do: they are no controls
    next_tokens: tuple[Compared, ...]  # of nothing off twice where none is


@dataclass(frozen=True, eq=False, slots=True)
class MovedMap:
    """The head of a later layer whose map changed most."""

    layer: int
    head: int
    moved: float  # share of its weight that went elsewhere, mean over rows
    before: AttentionTrace
    after: AttentionTrace


def without_dropout(frame: Frame) -> AttentionConfig:
    """Return the settings with dropout left out: its draw would be a second change."""
    return replace(frame.state.config, dropout=0.0, dropout_seed=0)


def measure(frame: Frame) -> Effects:
    """Return what switching heads off does to the token in focus."""
    now, row = frame.state, chapter.token_row(frame)
    alone = tuple((place,) for place in product(range(now.layers_shown), range(now.heads_shown)))
    off = now.heads_off
    controls = control_sets(off, now.heads_shown)
    left_out = _like_carriers(off) if now.is_lesson and controls else ()
    asked = [off, *(control for control in controls if not set(control) & set(left_out))]
    effects = _lesson if now.is_lesson else _random
    chosen = effects(frame, row, tuple(asked)) if off else ()
    return Effects(
        row=row,
        alone=effects(frame, row, alone),
        chosen=chosen[0] if chosen else None,
        controls=chosen[1:],
        left_out=left_out,
        next_tokens=_next(frame, row) if now.is_lesson else (),
    )


def _like_carriers(off: Heads) -> Heads:
    """Return the heads that carry the prediction together with one of `off`, in its layers, and are not off."""
    carriers = [(layer, head) for layer, head in claims()["carriers"]]
    layers = {layer for layer, _ in off}
    return tuple(head for head in carriers if head not in off and head[0] in layers) if set(carriers) & set(off) else ()


def _lesson(frame: Frame, row: int, sets: tuple[Heads, ...]) -> tuple[Effect, ...]:
    now = frame.state
    found = cached_sets_off(now.text, without_dropout(frame), row, sets, now.filling)
    return tuple(Effect(one.heads, one.change, one.cosine, one.bits, one.changes_top) for one in found)


def _random(frame: Frame, row: int, sets: tuple[Heads, ...]) -> tuple[Effect, ...]:
    now, config = frame.state, without_dropout(frame)
    context = frame.trace(config).layers[0].context[0, :, row : row + 1]
    parts = head_contributions(context, cached_output_matrix(now.vocabulary, config, 0))[:, 0]
    return tuple(Effect(heads, *change_without(parts, [head for _, head in heads])) for heads in sets)


def _next(frame: Frame, row: int) -> tuple[Compared, ...]:
    now, config = frame.state, without_dropout(frame)
    runs = [cached_without(now.text, config, heads, now.filling) for heads in ((), now.heads_off)]
    before, after = (run.logits[:, row : row + 1] for run in runs)
    return tuple(compare_next(before, after, PREDICTIONS))


def moved_map(frame: Frame) -> MovedMap | None:
    """Return the map that changed most in a layer after the first with a head off; None if no layer comes after."""
    now, config = frame.state, without_dropout(frame)
    before, after = (cached_without(now.text, config, heads, now.filling).layers for heads in ((), now.heads_off))
    first = min(layer for layer, _ in now.heads_off)
    changes = {
        layer: map_changes(before[layer].weights[0], after[layer].weights[0])
        for layer in range(first + 1, now.layers_shown)
    }
    if not changes:
        return None
    layer = max(changes, key=lambda one: float(changes[one].max()))
    head = int(np.argmax(changes[layer]))
    return MovedMap(layer, head, float(changes[layer][head]), before[layer], after[layer])
