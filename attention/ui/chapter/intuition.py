"""The parts of the page on the intuition: where each word looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
import streamlit as st

from attention import figures
from attention.figures.covers import Cover, cover
from attention.figures.labels import named
from attention.figures.sentences import share
from attention.lesson_model.predictions import chance_of, next_tokens
from attention.lesson_model.tokenizer import START_LABEL
from attention.metrics import strongest_keys
from attention.texts import percent, text
from attention.ui import chapter, inputs, layout, lesson, reading, state
from attention.ui.cache import cached_random_trace, cached_tokens
from attention.ui.layout import NARROW_LINE, WIDE_LINE, Frame
from attention.ui.live_figure import Click, PointClick, live_figure
from attention.ui.markdown import escape_markdown
from attention.views import Cell, WeightsView, view_tokens, view_words

NAME = "intuition"
COURSE = ("gato", "telhado")  # who did it, and who did not, in the course's sentence
PREDICTIONS = 4
BESIDE = 300  # pixels of a sentence that stands beside another one
N_HEADS, D_MODEL = 4, 96  # the lesson model's, for weights nobody trained


@dataclass(frozen=True, eq=False, slots=True)
class Duel:
    """Two words, and who gives them how much: the trained rows beside the same rows of random weights."""

    keys: tuple[int, int]
    rows: tuple[int, ...]  # the row before the one in focus, if there is one, and that one
    view: WeightsView
    other: WeightsView
    seed: int  # of the random weights


def controls(frame: Frame) -> None:
    """Draw the one switch this page needs."""
    inputs.switches(frame.state, only=("causal",))


def guess(frame: Frame) -> chapter.Guess[int]:
    """Ask where the row in focus looks most."""
    view, now = frame.view(frame.state.config), frame.state
    names = named(view.labels, frame.language)
    question = text(
        "intuition.guess", frame.language, query=names[frame.row], head=reading.head_in_layer(now, now.head)
    )
    subject = (now.text, now.vocabulary, now.config, now.layer, now.head, frame.row, now.grouped)
    return chapter.guess_token(frame, NAME, question, view.labels, subject=subject)


def truth(frame: Frame, guessed: chapter.Guess[int]) -> None:
    """Show the guess beside the token that got most."""
    view, head, language = frame.view(frame.state.config), frame.state.head, frame.language
    names = named(view.labels, language)
    most = _strongest(view, head, frame.row)
    told = text("intuition.nowhere", language)
    if most is not None:
        told = f"{names[most]} ({share(float(view.weights[head, frame.row, most]), language)})"
    yours = None if guessed.choice is None else names[guessed.choice]
    chapter.reveal(frame, NAME, yours=yours, truth=told, right=most is not None and guessed.choice == most)


def sentence_with_arcs(frame: Frame) -> None:
    """Draw the sentence with the arcs of the row in focus, coloured below, and say what is known of this head."""
    language, view = frame.language, frame.view(frame.state.config)
    name = named(view.labels, language)[frame.row]
    st.markdown(text("intuition.arcs", language, query=escape_markdown(name)))
    _arcs(frame, view, frame.row, key="intuition_arcs", wide=WIDE_LINE)
    few = figures.left_out(view, frame.state.head, frame.row)
    if few.n:
        limit = percent(figures.TINY, language)
        key = "intuition.left_out_one" if few.n == 1 else "intuition.left_out"
        st.caption(text(key, language, n=few.n, share=share(few.share, language), limit=limit))
    st.markdown(text("intuition.coloured", language))
    layout.sentence_strip(frame)
    st.caption(reading.legend(view, frame.state.head, language, row=frame.row))
    if frame.state.is_lesson:
        lesson.unknown_words(frame)
        lesson.head_role(frame)
        lesson.course_sentence(frame)


def duel(frame: Frame) -> Duel | None:
    """Ask for two words and draw what each gets, from trained weights beside random ones; None where there is one."""
    language, now = frame.language, frame.state
    view, row = frame.view(now.config), frame.row
    names = named(view.labels, language)
    visible = [key for key in range(len(names)) if view.cells[now.head, row, key] != Cell.MASKED]
    st.header(text("intuition.duel", language), anchor=False)
    if len(visible) < 2:
        st.markdown(text("intuition.duel_one", language))
        return None
    first, second = _usual_keys(view, now.head, row, visible)
    about = f"{crc32(now.text.encode('utf-8', 'replace'))}_{row}_{now.grouped}_{now.vocabulary}_{now.causal}"
    boxes = st.columns(2)
    one = boxes[0].selectbox(
        text("intuition.word_a", language),
        visible,
        index=visible.index(first),
        format_func=names.__getitem__,
        key=f"intuition_a_{about}",
    )
    rest = [key for key in visible if key != one]
    two = boxes[1].selectbox(
        text("intuition.word_b", language),
        rest,
        index=rest.index(second) if second in rest else 0,
        format_func=names.__getitem__,
        key=f"intuition_b_{about}_{one}",
    )
    extra = int(st.session_state.get("intuition_seed", 0))
    seed = extra if now.is_lesson else (now.seed + 1 + extra) % state.MAX_DRAWS
    made = Duel((one, two), tuple(range(max(row - 1, 0), row + 1)), view, _untrained(frame, seed), seed)
    left, right = st.columns(2, gap="large")
    with left:
        title = "intuition.trained" if now.is_lesson else "intuition.random"
        _side(frame, made, made.view, "trained", text(title, language, seed=now.seed))
    with right:
        _side(frame, made, made.other, "random", text("intuition.random", language, seed=seed))
        st.button(
            text("intuition.draw", language),
            key="intuition_draw",
            icon=":material/casino:",
            on_click=state.assign,
            kwargs={"intuition_seed": (extra + 1) % state.MAX_DRAWS},
        )
    return made


def who_predicts(frame: Frame) -> None:
    """Draw the row before the one in focus beside it, each with what it expects next."""
    language, now, row = frame.language, frame.state, frame.row
    view = frame.view(now.config)
    plain = named(view.labels, language)
    names = [escape_markdown(name) for name in plain]
    st.header(text("intuition.predicts", language, word=f"“{escape_markdown(view.labels[row])}”"), anchor=False)
    if row == 0:
        st.markdown(text("intuition.first_row", language, token=names[row]))
        return
    trace = frame.trace(now.config)
    foresees = trace.logits is not None
    what = "predicts_what" if foresees else "predicts_nothing"
    st.markdown(text(f"intuition.{what}", language, before=names[row - 1], token=names[row]))
    for column, place, slot in zip(st.columns(2, gap="large"), (row - 1, row), ("before", "row"), strict=True):
        with column:
            key = f"intuition.{slot}" if foresees else "intuition.row_of"
            title = text(key, language, query=plain[place], next=plain[row])
            st.markdown(f"**{escape_markdown(title)}**")
            _arcs(frame, view, place, key=f"intuition_arcs_{slot}", wide=BESIDE, under=title)
            if trace.logits is None:
                continue
            lesson.draw_next_tokens(
                frame,
                next_tokens(trace.logits, _last_piece(frame, place), PREDICTIONS),
                key=f"intuition_next_{slot}",
                alt=text("intuition.next_alt", language, query=named(view.labels, language)[place]),
                file_name=text("intuition.file_next", language),
            )
    if trace.logits is None:
        st.caption(text("intuition.no_predictions", language))
    elif not now.causal:
        st.caption(text("lesson.next_without_mask", language))


def observations(frame: Frame, made: Duel | None) -> list[str]:
    """Say where the row looks, who wins of the two words, and what random weights say."""
    language, now = frame.language, frame.state
    sentences = reading.about_row(frame.view(now.config), now, frame.row)
    if made is None:
        return sentences
    names = named(made.view.labels, language)
    one, two = made.keys
    rows = [row for row in reversed(made.rows) if row != frame.row or not _told(made, now.head, row)]
    told = [("intuition.pair", made.view, row) for row in rows]
    for key, view, row in [*told, ("intuition.pair_random", made.other, frame.row)]:
        shares = _shares(view, now.head, row, made.keys, frame)
        if shares:
            sentences.append(
                text(
                    key,
                    language,
                    query=names[row],
                    one=names[one],
                    two=names[two],
                    one_share=shares[0],
                    two_share=shares[1],
                    seed=made.seed,
                )
            )
    return [*sentences, *_bet(frame)]


def shown_false(frame: Frame) -> str:
    """Say in how many rows the token looked at most is neither the row's own nor its neighbour, with an example.

    A row that rests on ⟨início⟩ looks for nothing: it is counted apart.
    """
    language, now = frame.language, frame.state
    view = frame.view(now.config)
    most = {row: key for row in range(len(view.labels)) if (key := _strongest(view, now.head, row)) is not None}
    if len(view.labels) == 1:
        return text("intuition.one_row", language)
    distant = {row: key for row, key in most.items() if abs(row - key) > 1}
    where = reading.head_in_layer(now, now.head)
    far = {row: key for row, key in distant.items() if view.labels[key] != START_LABEL}
    resting = len(distant) - len(far)
    rest = text(f"intuition.resting_{'one' if resting == 1 else 'many'}", language, n=resting) if resting else ""
    if not far:
        near = len(most) - resting
        said = text("intuition.only_near", language, near=near, total=len(view.labels), head=where)
        return f"{said} {rest}".rstrip()
    row = frame.row if frame.row in far else max(far, key=lambda row: float(view.weights[now.head, row, far[row]]))
    names = named(view.labels, language)
    said = text(
        "intuition.far",
        language,
        far=len(far),
        total=len(view.labels),
        head=where,
        query=names[row],
        key=names[far[row]],
        share=share(float(view.weights[now.head, row, far[row]]), language),
        steps=abs(row - far[row]),
    )
    return f"{said} {rest}".rstrip()


def _strongest(view: WeightsView, head: int, row: int) -> int | None:
    """Return the position a row looks at most; None where it is 0/0 or has lost everything."""
    found = [] if view.undefined[head, row] else strongest_keys(view, head, row, 1)
    return found[0] if found else None


def _told(made: Duel, head: int, row: int) -> bool:
    """Tell whether `reading.about_row` already names both words."""
    return {*made.keys} <= {*strongest_keys(made.view, head, row, 3)}


def _usual_keys(view: WeightsView, head: int, row: int, visible: Sequence[int]) -> tuple[int, int]:
    """Return the course's two words where both are there, else the two that get most, ⟨início⟩ only if needed."""
    labels = view.labels
    course = [next((key for key in visible if labels[key] == word), None) for word in COURSE]
    if None not in course:
        return (course[0] or 0, course[1] or 0)
    order = [key for key in strongest_keys(view, head, row, len(labels)) if labels[key] != START_LABEL]
    first, second, *_ = dict.fromkeys([*order, *(key for key in reversed(visible))])
    return first, second


def _untrained(frame: Frame, seed: int) -> WeightsView:
    """Return the same sentence, cut into the same tokens, under random weights."""
    now = frame.state
    config = replace(now.config, seed=seed)
    if now.is_lesson:
        config = replace(config, n_heads=N_HEADS, d_model=D_MODEL)
    layer = cached_random_trace(now.text, now.vocabulary, config).layers[0]
    return (view_words if now.grouped else view_tokens)(layer, cached_tokens(now.text, now.vocabulary))


def _side(frame: Frame, made: Duel, view: WeightsView, slot: str, title: str) -> None:
    """Draw one side of the comparison under its title: the row's arcs, and what the two words get."""
    language = frame.language
    st.markdown(f"**{title}**")
    _arcs(frame, view, frame.row, key=f"intuition_arcs_{slot}", wide=BESIDE, under=title)
    names = named(view.labels, language)
    live_figure(
        figures.pair_bars.plot(
            view, frame.state.head, made.rows, made.keys, language=language, theme=figures.theme_named(frame.theme)
        ),
        key=f"intuition_pair_{slot}",
        alt=f"{title}. {text('intuition.pair_alt', language, one=names[made.keys[0]], two=names[made.keys[1]])}",
        language=language,
        file_name=text("intuition.file_pair", language),
    )


def _arcs(frame: Frame, view: WeightsView, row: int, *, key: str, wide: int, under: str = "") -> None:
    """Draw a row's arcs, `wide` pixels or a phone's; a click on a token moves the focus to its row.

    `under` is the title they stand under, which tells them from others of the same row.
    """
    language, head = frame.language, frame.state.head
    theme = figures.theme_named(frame.theme)
    drawings = [
        figures.arcs.plot(view, head, row, language=language, theme=theme, line_width=line_width)
        for line_width in (wide, min(wide, NARROW_LINE))
    ]
    tokens = figures.drawn_tokens(view, head, row)

    def choose(click: Click) -> None:
        if isinstance(click, PointClick) and click.point < len(tokens):
            state.assign(row=tokens[click.point])

    alt = text(
        "intuition.arcs_alt",
        language,
        query=named(view.labels, language)[row],
        head=reading.head_in_layer(frame.state, head),
    )
    live_figure(
        drawings[0],
        narrow=drawings[1],
        key=key,
        alt=f"{under}. {alt}" if under else alt,
        language=language,
        file_name=text("intuition.file_arcs", language),
        on_click=choose,
    )


def _shares(view: WeightsView, head: int, row: int, keys: tuple[int, int], frame: Frame) -> tuple[str, str] | None:
    """Return what a row gives to the two words, written; None where it may not look at one, or lost it."""
    if any(cover(view, head, row, key) is not Cover.NONE for key in keys):
        return None
    one, two = (share(float(view.weights[head, row, key]), frame.language) for key in keys)
    return one, two


def _bet(frame: Frame) -> list[str]:
    """Say what the row before the one in focus expected, beside what came; nothing where nothing is foretold."""
    now, language, row = frame.state, frame.language, frame.row
    trace = frame.trace(now.config)
    if trace.logits is None or row == 0 or not now.causal:
        return []
    names = named(frame.view(now.config).labels, language)
    position = _last_piece(frame, row - 1)
    (likeliest,) = next_tokens(trace.logits, position, 1)
    return [
        text(
            "intuition.bet",
            language,
            before=names[row - 1],
            bet=likeliest.label,
            probability=share(likeliest.probability, language),
            next=named(frame.tokens.labels, language)[position + 1],
            chance=share(chance_of(trace.logits, position, frame.tokens.ids[position + 1]), language),
        )
    ]


def _last_piece(frame: Frame, row: int) -> int:
    """Return the token of a row: itself, or the last piece of the word."""
    if not frame.state.grouped:
        return row
    return int(np.flatnonzero(np.array(frame.tokens.words) == row)[-1])
