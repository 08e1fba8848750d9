"""The parts of the page on the context vector."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from attention import figures
from attention.figures.labels import named
from attention.figures.sentences import share
from attention.metrics import SUM_TOLERANCE
from attention.mixing import (
    MixedRow,
    convex_hull,
    distance_outside,
    distances,
    mix_row,
    nearest_value,
    principal_plane,
)
from attention.texts import number, percent, text
from attention.trace import AttentionTrace, Booleans, Floats
from attention.ui import chapter, state
from attention.ui.layout import Frame, fitting_figure, sentence_strip
from attention.ui.live_figure import live_figure
from attention.ui.markdown import escape_markdown
from attention.ui.reading import head_in_layer

MOST_SLIDERS = 5
STEP = 0.1  # of a slider
REACH = 5.0  # how far the sliders go beyond the row's scores
COPIED = 0.995  # of what a row spends, on one token, from which it reads as a copy
FIRST = 3  # components written out, as the code prints them
OUTSIDE = 1e-4  # of the values' extent; nearer to the hull is on it, up to rounding


@dataclass(frozen=True, eq=False, slots=True)
class Row:
    """The focused row of the focused head: whom it may see, its weights, the values and their mixture."""

    layer: AttentionTrace
    position: int
    names: list[str]  # of all tokens
    may_look: Booleans  # [key]
    scores: Floats  # [key], scaled
    weights: Floats  # [key], after dropout
    values: Floats  # [key, d_head]
    context: Floats  # [d_head]
    struck: Booleans  # [key], True = it may look there, and dropout struck the weight out

    @property
    def name(self) -> str:
        """The token that looks, in quotes."""
        return self.names[self.position]

    @property
    def total(self) -> float:
        """What the row spends in all."""
        return float(self.weights.sum())

    @property
    def strongest(self) -> int:
        """The position of the largest weight."""
        return int(self.weights.argmax())

    @property
    def nearest(self) -> int:
        """The position whose value is closest to the context vector."""
        return nearest_value(self.context, self.values, self.may_look)

    @property
    def mixes(self) -> bool:
        """Whether more than one token has a share worth the name of what the row spends."""
        return 0 < float(self.weights.max()) < COPIED * self.total

    @property
    def is_mean(self) -> bool:
        """Whether the weights sum to 1."""
        return abs(self.total - 1) < SUM_TOLERANCE

    @property
    def moving(self) -> Booleans:
        """Whose score moves the vector, [key]: those whose value it takes, where they share with any other."""
        seen = self.may_look & ~self.struck
        return seen if self.may_look.sum() > 1 else np.zeros_like(seen)


def read_row(frame: Frame) -> Row:
    """Return the focused row, by token."""
    layer, head, position = frame.layer(frame.state.config), frame.state.head, chapter.token_row(frame)
    return _row(frame, layer, head, position)


def guess(frame: Frame, name: str, row: Row) -> chapter.Guess[int]:
    """Ask which value the context vector will be closest to."""
    question = text("context_vector.guess", frame.language, query=row.name)
    now = frame.state
    subject = (now.text, now.model, now.vocabulary, now.config, now.layer, now.head, row.position)
    return chapter.guess_token(frame, name, question, frame.tokens.labels, subject=subject)


def truth(frame: Frame, name: str, row: Row, guessed: chapter.Guess[int]) -> None:
    """Show the guess beside the nearest value and its weight."""
    n = len(row.names)
    yours = row.names[guessed.choice] if guessed.choice is not None and guessed.choice < n else None
    answer = text(
        "context_vector.truth_struck" if row.struck[row.nearest] else "context_vector.truth",
        frame.language,
        key=row.names[row.nearest],
        share=share(float(row.weights[row.nearest]), frame.language),
    )
    chapter.reveal(frame, name, yours=yours, truth=answer, right=guessed.choice == row.nearest)


def who_looks(frame: Frame) -> None:
    """Draw the sentence by the weights of the row; a click takes another row."""
    st.caption(text("context_vector.who", frame.language))
    sentence_strip(frame)


def added_up(frame: Frame, row: Row) -> int:
    """Draw weights × values, all components as colours and one as bars; return the component the reader chose."""
    language, d_head = frame.language, row.values.shape[-1]
    st.header(text("context_vector.sum", language), anchor=False)
    st.caption(text("context_vector.sum_how", language, d_head=d_head))
    strips = st.container()
    largest = int(np.abs(row.context).argmax())
    component = 0
    if d_head > 1:
        component = (
            st.select_slider(
                text("context_vector.component", language),
                range(1, d_head + 1),
                value=largest + 1,
                key=f"context_vector_component_{_digest(frame, row)}",
                width=420,
            )
            - 1
        )
    labels, theme = frame.tokens.labels, figures.theme_named(frame.theme)
    options: dict[str, Any] = {"component": component, "struck": row.struck, "language": language, "theme": theme}
    with strips:
        live_figure(
            figures.value_strips.plot(labels, row.weights, row.values, row.may_look, **options),
            key="context_vector_strips",
            alt=text("context_vector.strips_alt", language, query=row.name),
            language=language,
            file_name=text("context_vector.file_sum", language),
        )
    st.markdown(f"**{text('context_vector.bars', language, component=component + 1)}**")
    live_figure(
        figures.running_sum.plot(labels, row.weights, row.values, row.may_look, **options),
        key="context_vector_bars",
        alt=text("context_vector.bars_alt", language, component=component + 1, query=row.name),
        language=language,
        file_name=text("context_vector.file_sum", language),
    )
    st.caption(text("context_vector.rounded", language))
    return component


def among_the_values(frame: Frame, name: str, row: Row) -> None:
    """Draw the context vector among the values on their principal plane, beside sliders that move the scores."""
    language = frame.language
    st.header(text("context_vector.plane", language), anchor=False)
    st.caption(text("context_vector.plane_how", language))
    drawing, sliders = st.columns([3, 2], gap="large")
    with sliders:
        scores, moved = _sliders(frame, name, row)
    mixed = _mixed(frame, row, scores) if moved else None
    weights, context = (mixed.dropped_weights, mixed.context) if mixed else (row.weights, row.context)
    plane = principal_plane(row.values)
    seen = np.flatnonzero(row.may_look)
    points = plane.project(row.values[seen])
    labels = tuple(frame.tokens.labels[position] for position in seen)
    with drawing:
        fitting_figure(
            partial(
                figures.context_plane.plot,
                labels,
                points,
                weights[seen],
                convex_hull(points),
                plane.project(context),
                before=plane.project(row.context) if mixed else None,
                shares=plane.shares,
                struck=row.struck[seen],
                language=language,
                theme=figures.theme_named(frame.theme),
            ),
            key="context_vector_plane",
            alt=text("context_vector.plane_alt", language, query=row.name),
            language=language,
            file_name=text("context_vector.file_plane", language),
        )
    with sliders:
        st.markdown(escape_markdown(_what_moved(frame, row, mixed)))


def observations(frame: Frame, row: Row) -> list[str]:
    """Say what the row's sum means for where its vector is, what is nearest, and what the picture cannot show."""
    language, d_head = frame.language, row.values.shape[-1]
    first = "; ".join(number(float(component), language, 3) for component in row.context[:FIRST])
    near, strong = row.nearest, row.strongest
    other = "context_vector.nearest_is_other" if row.is_mean else "context_vector.nearest_is_other_dropped"
    key = "context_vector.nearest_is_strongest" if near == strong else other
    plane = principal_plane(row.values)
    said = {"near": row.names[near], "strong": row.names[strong], "sum": share(row.total, language)}
    said["share"] = share(float(row.weights[strong]), language)
    apart = number(float(distances(row.context, row.values)[near]), language)
    return [
        _about_the_sum(frame, row),
        text(key, language, distance=apart, **said)
        if row.weights.any()
        else text("context_vector.nothing", language, query=row.name),
        text("context_vector.first", language, n=min(FIRST, d_head), d_head=d_head, components=first),
        *(
            [text("context_vector.kept", language, share=percent(sum(plane.shares), language), d_head=d_head)]
            if len(frame.tokens) > 1
            else []
        ),
        *_most_mixed(frame, row),
    ]


def shown_false(frame: Frame, row: Row) -> str:
    """Say how a row shares itself out, and how far its vector stays from the value it looks at most."""
    language = frame.language
    found = row if row.mixes else _mixing_row(frame, row)
    if found is None:
        if len(frame.tokens) == 1:
            return _alone(frame, row)
        return text("context_vector.no_mixture", language, head=head_in_layer(frame.state, frame.state.head))
    strong = found.strongest
    value = found.values[strong]
    return text(
        "context_vector.shown_false",
        language,
        head=head_in_layer(frame.state, frame.state.head),
        query=found.name,
        key=found.names[strong],
        share=share(float(found.weights[strong]), language),
        n=int((found.weights > 0).sum()) - 1,
        distance=number(float(distances(found.context, found.values)[strong]), language),
        length=number(float(np.linalg.norm(value)), language),
    )


def _row(frame: Frame, layer: AttentionTrace, head: int, position: int) -> Row:
    return Row(
        layer=layer,
        position=position,
        names=named(frame.tokens.labels, frame.language),
        may_look=layer.mask[position],
        scores=layer.scaled_scores[0, head, position],
        weights=layer.dropped_weights[0, head, position],
        values=layer.value[0, head],
        context=layer.context[0, head, position],
        struck=layer.mask[position] & ~layer.kept[0, head, position],
    )


def _mixed(frame: Frame, row: Row, scores: Floats) -> MixedRow:
    kept = row.layer.kept[0, frame.state.head, row.position]
    return mix_row(scores, row.values, row.may_look, kept, frame.state.config)


def _sliders(frame: Frame, name: str, row: Row) -> tuple[Floats, bool]:
    """Draw a slider for each of the strongest tokens; return the row's scores and whether any was moved."""
    language, digest = frame.language, _digest(frame, row)
    seen = np.flatnonzero(row.moving)
    if not len(seen):
        return row.scores, False
    before_dropout = row.layer.weights[0, frame.state.head, row.position]
    strongest = seen[np.argsort(-before_dropout[seen], kind="stable")][:MOST_SLIDERS].tolist()
    starts = {position: round(float(row.scores[position]), 1) for position in strongest}
    low, high = min(starts.values()) - REACH, max(starts.values()) + REACH
    choices = [round(low + STEP * i, 1) for i in range(round((high - low) / STEP) + 1)]
    keys = {position: f"{name}_score_{digest}_{position}" for position in strongest}
    scores = row.scores.astype(np.float64)
    for position in strongest:
        chosen = st.select_slider(
            text("context_vector.score", language, key=escape_markdown(row.names[position])),
            choices,
            value=starts[position],
            format_func=lambda score: number(score, language, 1),
            key=keys[position],
        )
        if chosen != starts[position]:
            scores[position] = chosen
    notes = [text("context_vector.sliders_strongest", language, n=MOST_SLIDERS)] if len(seen) > MOST_SLIDERS else []
    notes += [text("context_vector.sliders_struck", language)] if row.struck.any() else []
    if notes:
        st.caption(" ".join(notes))
    moved = any(st.session_state[keys[position]] != starts[position] for position in strongest)
    if moved:
        st.button(
            text("context_vector.back", language),
            key=f"{name}_back",
            icon=":material/undo:",
            on_click=state.assign,
            kwargs={keys[position]: starts[position] for position in strongest},
        )
    return scores, moved


def _what_moved(frame: Frame, row: Row, mixed: MixedRow | None) -> str:
    """Say which token now weighs most and how far the context vector went."""
    language = frame.language
    if row.may_look.sum() == 1:
        return _alone(frame, row)
    if not row.moving.any():
        return text("context_vector.nothing", language, query=row.name)
    if mixed is None:
        key = "context_vector.move_dropped" if frame.state.config.active_dropout else "context_vector.move"
        return text(key, language, factor=_factor(frame))
    strong = int(mixed.dropped_weights.argmax())
    said = text(
        "context_vector.moved",
        language,
        key=row.names[strong],
        before=share(float(row.weights[strong]), language),
        after=share(float(mixed.dropped_weights[strong]), language),
        distance=number(float(np.linalg.norm(mixed.context - row.context)), language),
        sum=share(float(mixed.dropped_weights.sum()), language),
    )
    if not row.struck.any():
        return said
    lost = share(float(mixed.weights[row.struck].sum()), language)
    return f"{said} {text('context_vector.moved_struck', language, share=lost)}"


def _alone(frame: Frame, row: Row) -> str:
    """Say what is left to a row that may see one token only."""
    if row.struck.any():
        return text("context_vector.nothing", frame.language, query=row.name)
    key = "context_vector.alone_kept" if frame.state.config.active_dropout else "context_vector.alone"
    return text(key, frame.language, query=row.name, factor=_factor(frame), sum=percent(row.total, frame.language))


def _factor(frame: Frame) -> str:
    """Write what dropout multiplies the weights by that it spares."""
    return number(1 / (1 - frame.state.config.active_dropout), frame.language)


def _about_the_sum(frame: Frame, row: Row) -> str:
    """Say whether the vector must lie among the values, and what the picture can and cannot prove."""
    language, d_head = frame.language, row.values.shape[-1]
    said = {"query": row.name, "sum": share(row.total, language), "d_head": d_head}
    if row.is_mean:
        return text("context_vector.inside", language, **said)
    plane = principal_plane(row.values)
    points = plane.project(row.values[row.may_look])
    extent = max(float(np.ptp(points, axis=0).max()), 1e-9)
    outside = distance_outside(plane.project(row.context), convex_hull(points)) > OUTSIDE * extent
    return text("context_vector.sum_outside" if outside else "context_vector.sum_unknown", language, **said)


def _mixing_row(frame: Frame, row: Row) -> Row | None:
    """Return the row whose largest weight is the smallest part of its sum, or None where every row copies one value."""
    weights = row.layer.dropped_weights[0, frame.state.head]
    totals = weights.sum(axis=-1)
    largest = np.divide(weights.max(axis=-1), totals, out=np.ones_like(totals), where=totals > 0)
    found = _row(frame, row.layer, frame.state.head, int(largest.argmin()))
    return found if found.mixes else None


def _most_mixed(frame: Frame, row: Row) -> list[str]:
    """Name the row that mixes most, where the one on the screen all but copies."""
    found = None if row.mixes or not row.weights.any() else _mixing_row(frame, row)
    if found is None:
        return []
    strongest = share(float(found.weights.max()), frame.language)
    key = "context_vector.most_mixed" if row.is_mean else "context_vector.most_mixed_dropped"
    return [text(key, frame.language, query=row.name, other=found.name, share=strongest)]


def _digest(frame: Frame, row: Row) -> str:
    """Return a short name of what the sliders are about: when it changes, they begin anew."""
    now = frame.state
    about = (now.text, now.vocabulary, now.config, now.layer, now.head, row.position)
    return hashlib.blake2b(repr(about).encode("utf-8", "replace"), digest_size=6).hexdigest()
