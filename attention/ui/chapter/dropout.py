"""The parts of the page on dropout: one draw, the mean of many, and what later layers make of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from attention import figures
from attention.config import AttentionConfig
from attention.figures.labels import named
from attention.figures.sentences import share
from attention.metrics import SUM_TOLERANCE
from attention.notebooks import NotebookCell, draws_cell, prose
from attention.texts import count, number, percent, text
from attention.trace import Floats
from attention.ui import chapter, reading, state
from attention.ui.cache import cached_draws, cached_later_draws, cached_lost_row
from attention.ui.layout import Frame, fitting_figure, focus
from attention.ui.live_figure import Click, PointClick, live_figure
from attention.ui.markdown import escape_markdown
from attention.views import WeightsView, view_tokens, view_words

if TYPE_CHECKING:
    from attention.draws import Draws

P_CHOICES = tuple(tenths / 10 for tenths in range(1, 10))
LATER_LAYER = 1  # of the lesson model: the one above the layer that is dropped
SEARCHED = 1_000  # draws in which a row that loses everything is looked for
FIRST_MEAN = 16  # draws in the mean at first
STOPPED = 0.8  # of its error a mean keeps over four times as many draws, where 1/√N would leave half
P, TRAINING, DRAW, MEAN = "dropout_page_p", "dropout_page_training", "dropout_page_draw", "dropout_page_mean"
P_AGAIN = "dropout_page_p_again"


@dataclass(frozen=True, eq=False, slots=True)
class Page:
    """The reader's frame with this page's own dropout in it; the frame outside is left as it was."""

    frame: Frame
    before: AttentionConfig  # the same without dropout
    p: float
    training: bool

    @property
    def draws(self) -> Draws:
        """Many draws on the head in focus."""
        now = self.frame.state
        return cached_draws(now.text, now.vocabulary, self.before, now.layer, now.head, self.p)

    @property
    def sums(self) -> Floats:
        """What the row in focus sums to in each draw, [draw]; that of a word is its pieces' mean."""
        frame = self.frame
        pieces = [i for i, word in enumerate(frame.tokens.words) if word == frame.row]
        return np.asarray(self.draws.sums[:, pieces if frame.state.grouped else [frame.row]].mean(axis=-1))

    @property
    def query(self) -> str:
        """The name of the row in focus."""
        return named(self.frame.view(self.before).labels, self.frame.language)[self.frame.row]


def controls(frame: Frame) -> Page:
    """Draw training or inference, p and another draw, which are this page's own, and return the page under them."""
    language = frame.language
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        training = st.segmented_control(
            text("switch.mode", language),
            (True, False),
            default=True,
            format_func=lambda mode: text("switch.training" if mode else "switch.inference", language),
            key=TRAINING,
            required=True,
            persist_state="session",
        )
        p = st.select_slider(
            text("switch.p", language),
            P_CHOICES,
            value=0.5,
            format_func=lambda choice: number(choice, language, 1),
            key=P,
            help=text("switch.p_help", language),
            persist_state="session",
            width=240,
            disabled=not training,
        )
        draw = st.session_state.get(DRAW, 0)
        st.button(
            text("switch.draw", language),
            key="dropout_page_again",
            icon=":material/casino:",
            on_click=state.assign,
            kwargs={DRAW: (draw + 1) % state.MAX_DRAWS},
            disabled=not training,
        )
    now = replace(frame.state, dropout_on=True, dropout=p, dropout_seed=draw, training=bool(training))
    without = replace(frame.state, dropout_on=False)
    return Page(replace(frame, state=now), without.config, p, bool(training))


def guess(page: Page, name: str) -> chapter.Guess[str]:
    """Ask what the row in focus will sum to."""
    frame, now = page.frame, page.frame.state
    question = text("dropout.guess", frame.language, p=number(page.p, frame.language, 1), query=page.query)
    choices = [(slug, text(f"dropout.guess_{slug}", frame.language)) for slug in ("same", "less", "depends")]
    # Not p: it moves the sums, and leaves what they do as it is.
    subject = (now.text, now.vocabulary, page.before, now.layer, now.head, frame.row, now.grouped)
    return chapter.guess_choice(frame, name, question, choices, subject=subject)


def truth(page: Page, name: str, guessed: chapter.Guess[str]) -> None:
    """Show the guess beside the sums of many draws."""
    language, sums = page.frame.language, page.sums
    answer = "depends" if sums.any() else "less"  # a row that gives nothing has nothing to draw
    yours = None if guessed.choice is None else text(f"dropout.guess_{guessed.choice}", language)
    low, high = (percent(float(end), language) for end in (sums.min(), sums.max()))
    counted = text("dropout.truth", language, n=count(len(sums), language), low=low, high=high)
    chapter.reveal(page.frame, name, yours=yours, truth=counted, right=guessed.choice == answer)


def one_draw(page: Page) -> None:
    """Draw the head before and after this draw, and offer one in which a row loses everything."""
    frame, now, language = page.frame, page.frame.state, page.frame.language
    title = "dropout.draw" if page.training else "dropout.at_inference"
    st.header(text(title, language, draw=now.dropout_seed + 1, head=now.head + 1), anchor=False)
    wide, narrow = frame.comparisons(page.before, head=now.head, focus_row=frame.row)
    live_figure(
        wide,
        narrow=narrow,
        key="dropout_draw",
        alt=text("dropout.draw_alt", language, head=reading.head_in_layer(now, now.head)),
        language=language,
        file_name=text("dropout.file_draw", language),
        on_click=focus,
    )
    st.caption(escape_markdown(reading.legend(frame.view(now.config), now.head, language)))
    with st.container():
        if page.training:
            _lost_rows(page)


def _lost_rows(page: Page) -> None:
    """Name the rows that this draw took everything from, and offer the first such draw."""
    frame, now, language = page.frame, page.frame.state, page.frame.language
    layer = frame.layer(now.config)
    kept = layer.kept[0, now.head] & layer.mask
    lost = np.flatnonzero(~kept.any(axis=-1))
    if lost.size:
        row = int(lost[-1])
        n = int(layer.mask[row].sum())
        names = named(frame.tokens.labels, language)
        said = text(
            "dropout.lost" if n > 1 else "dropout.lost_only",
            language,
            query=names[row],
            n=n,
            chance=share(page.p**n, language),
        )
        if lost.size > 1:
            key = "dropout.lost_too_one" if lost.size == 2 else "dropout.lost_too"
            said += " " + text(key, language, rows=", ".join(names[other] for other in lost[:-1]))
        st.markdown(escape_markdown(said))
    row = chapter.token_row(frame)
    found = cached_lost_row(now.text, now.vocabulary, page.before, now.layer, now.head, page.p, row, SEARCHED)
    if found is None:
        st.caption(text("dropout.never_lost", language))
    elif found.draw != now.dropout_seed:
        st.button(
            text("dropout.show_lost", language),
            key="dropout_page_lost",
            icon=":material/search:",
            on_click=state.assign,
            kwargs={DRAW: found.draw},
        )


def mean_of_draws(page: Page) -> None:
    """Draw the mean of the first N draws beside the map it returns to, and how its error falls with N."""
    frame, now, language = page.frame, page.frame.state, page.frame.language
    draws = page.draws
    st.header(text("dropout.mean", language), anchor=False)
    st.markdown(text("dropout.mean_what", language))
    if st.session_state.get(MEAN) not in draws.counts:
        state.assign(**{MEAN: min(FIRST_MEAN, draws.counts[-1])})
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        n = st.select_slider(text("dropout.how_many", language), draws.counts, key=MEAN, width=420)
        _p_again(page)
    before, after = frame.view(page.before), _mean_view(page, draws.means[draws.counts.index(n)])
    names = (text("dropout.undropped", language), text("dropout.mean_of", language, n=n))
    fitting_figure(
        partial(
            figures.comparison.plot,
            before,
            after,
            now.head,
            language=language,
            theme=figures.theme_named(frame.theme),
            focus_row=frame.row,
            names=names,
        ),
        key="dropout_mean",
        alt=text("dropout.mean_alt", language, head=reading.head_in_layer(now, now.head), n=n),
        language=language,
        file_name=text("dropout.file_mean", language),
        on_click=focus,
    )
    st.markdown(text("dropout.error_what", language, p=number(page.p, language, 1)))

    def choose(click: Click) -> None:
        if isinstance(click, PointClick):
            state.assign(**{MEAN: draws.counts[click.point]})

    curve = figures.ErrorCurve(text("dropout.curve_held", language), draws.counts, draws.errors, draws.expected)
    live_figure(
        figures.error_curves.plot([curve], language=language, theme=figures.theme_named(frame.theme), chosen=n),
        key="dropout_error",
        alt=text("dropout.error_alt", language),
        language=language,
        file_name=text("dropout.file_error", language),
        on_click=choose,
    )


def _p_again(page: Page) -> None:
    """Draw p a second time, at the means it acts on: both sliders always say the same."""
    language = page.frame.language
    st.session_state[P_AGAIN] = page.p
    st.select_slider(
        text("switch.p", language),
        P_CHOICES,
        format_func=lambda choice: number(choice, language, 1),
        key=P_AGAIN,
        on_change=lambda: state.assign(**{P: st.session_state[P_AGAIN]}),
        width=240,
    )


def _mean_view(page: Page, mean: Floats) -> WeightsView:
    """Return the head's mean as the screen shows weights, by token or by word."""
    frame = page.frame
    layer = frame.layer(page.before)
    weights = layer.weights.astype(np.float64)
    weights[0, frame.state.head] = mean
    averaged = replace(layer, dropped_weights=weights)
    return (view_words if frame.state.grouped else view_tokens)(averaged, frame.tokens)


def later_layers(page: Page) -> None:
    """Say why later layers do not return to their maps, and draw it for the lesson model, which has two layers."""
    frame, now, language = page.frame, page.frame.state, page.frame.language
    st.header(text("dropout.later", language), anchor=False)
    st.markdown(text("dropout.later_why", language))
    if not now.is_lesson:
        st.caption(text("dropout.later_one_layer", language))
        return
    held = cached_draws(now.text, now.vocabulary, page.before, LATER_LAYER, now.head, page.p)
    again = cached_later_draws(now.text, page.before, now.head, page.p)
    curves = [
        figures.ErrorCurve(text("dropout.curve_held_later", language), held.counts, held.errors),
        figures.ErrorCurve(text("dropout.curve_again", language), again.counts, again.errors),
    ]
    st.markdown(text("dropout.later_what", language, head=now.head + 1))
    live_figure(
        figures.error_curves.plot(curves, language=language, theme=figures.theme_named(frame.theme)),
        key="dropout_later",
        alt=text("dropout.later_alt", language, head=now.head + 1),
        language=language,
        file_name=text("dropout.file_later", language),
    )
    many = min(held.counts[-1], again.counts[-1])
    few = max(many // 4, 1)
    (held_few, held_many), (few_error, many_error) = (
        [float(curve.middle[list(curve.counts).index(n)]) for n in (few, many)] for curve in curves
    )
    said = {
        "few": few,
        "many": many,
        **{
            name: number(100 * error, language, 1)
            for name, error in (
                ("held_few", held_few),
                ("held_many", held_many),
                ("again_few", few_error),
                ("again_many", many_error),
            )
        },
    }
    st.markdown(text("dropout.later_numbers", language, **said))
    if many_error > STOPPED * few_error > 0:
        st.markdown(text("dropout.later_stopped", language))


def observations(page: Page) -> list[str]:
    """Say what this draw did to the row and the head, and what the mean of many does, in these numbers."""
    frame, now, language = page.frame, page.frame.state, page.frame.language
    sentences = reading.about_row(frame.view(now.config), now, frame.row)
    if not page.training:
        return sentences
    first, *others = sentences
    sentences = [text("dropout.this_draw", language, said=first[0].lower() + first[1:]), *others]
    layer, draws = frame.layer(now.config), page.draws
    allowed = int(layer.mask.sum())
    struck = allowed - int((layer.kept[0, now.head] & layer.mask).sum())
    shares = {"share": percent(struck / allowed, language), "p": percent(page.p, language)}
    only = "dropout.struck_only_lost" if struck else "dropout.struck_only_kept"
    total = percent(float(layer.dropped_weights[0, now.head].sum()), language)
    n = draws.counts.index(st.session_state.get(MEAN, draws.counts[-1]))
    errors = {
        name: number(100 * float(value), language, 1)
        for name, value in (("error", draws.errors[0, n]), ("expected", draws.expected[n]))
    }
    return [
        *sentences,
        text(
            "dropout.struck" if allowed > 1 else only,
            language,
            head=now.head + 1,
            struck=struck,
            allowed=allowed,
            sum=total,
            **shares,
        ),
        text(
            "dropout.mean_error" if draws.counts[n] > 1 else "dropout.mean_error_one",
            language,
            n=draws.counts[n],
            **errors,
        ),
    ]


def shown_false(page: Page) -> str:
    """Say what the row in focus is expected to sum to, and in how many draws it summed to more and to less."""
    language, sums = page.frame.language, page.sums
    before = float(page.frame.view(page.before).row_sums[page.frame.state.head, page.frame.row])
    return text(
        "dropout.shown_false",
        language,
        n=count(len(sums), language),
        query=page.query,
        p=percent(page.p, language),
        more=count(int((sums > before + SUM_TOLERANCE).sum()), language),
        less=count(int((sums < before - SUM_TOLERANCE).sum()), language),
        before=percent(before, language),
        factor=number(1 / (1 - page.p), language),
    )


def more_cells(page: Page) -> list[NotebookCell]:
    """Return the notebook's cells on the mean of many draws."""
    frame = page.frame
    cell = draws_cell(frame.layer(page.before), frame.state.head, page.p, frame.language)
    return [prose(text("notebook.draws", frame.language)), cell]
