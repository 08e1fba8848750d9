"""Heads switched off, one or several: chosen by pills or bars, and what changes beside controls of the same layers."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from attention import figures
from attention.figures.labels import escape, named
from attention.importance import FILLINGS
from attention.lesson_model.files import MEAN_SENTENCES
from attention.lesson_model.results import claims
from attention.texts import count, text
from attention.ui import chapter, inputs, state
from attention.ui.compare import worth_off_reading as reading
from attention.ui.compare.heads import head_label
from attention.ui.compare.worth_effects import Effects, measure, moved_map
from attention.ui.compare.worth_names import codes, set_name
from attention.ui.layout import Frame
from attention.ui.live_figure import Click, PointClick, live_figure
from attention.ui.markdown import escape_markdown
from attention.views import view_tokens

MOST_CONTROLS = 9  # sets drawn one by one; of more only mean, least and most are told
WIDE_ROOM, NARROW_ROOM = 0.3, 0.5  # share of the bars' axis that is left for what is written at their ends


def draw(frame: Frame) -> None:
    """Draw the choice of heads, what each alone is worth, and with some off what changes."""
    now, language = frame.state, frame.language
    st.markdown(text(f"worth.off_what_{now.model}", language))
    _pills(frame)
    with st.container():  # each holds its place, so that what comes and goes leaves the figures below mounted
        _settings(frame)
    effects = measure(frame)
    with st.container():
        for sentence in reading.effect(frame, effects):
            st.markdown(escape_markdown(sentence))
    alone, after = st.columns(2, gap="large")
    with alone:
        _each_alone(frame, effects)
        if effects.chosen:
            _controls(frame, effects)
    with after:
        _next_tokens(frame, effects)
    if effects.chosen:
        _later(frame)
    if now.is_lesson:
        st.markdown(escape_markdown(reading.measured(now, language)))


def _settings(frame: Frame) -> None:
    """Draw what is other than usual: a switch that was moved elsewhere, and what is left out or not there."""
    now, language = frame.state, frame.language
    if not (now.causal and now.scaled):
        inputs.switches(now, only=("causal", "scaled"))
    if now.config.active_dropout:
        st.caption(text("worth.off_without_dropout", language))
    if now.grouped:
        st.caption(text("worth.by_token", language))
    if missing := [place for place in now.off if place not in now.heads_off]:
        st.caption(text("worth.off_missing", language, heads=codes(missing)))


def _pills(frame: Frame) -> None:
    now, language = frame.state, frame.language
    keys = {layer: f"worth_off_{layer}" for layer in range(now.layers_shown)}

    def pick() -> None:
        state.assign(
            off=tuple((layer, head) for layer, key in keys.items() for head in sorted(st.session_state.get(key, ())))
        )

    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        for layer, key in keys.items():
            state.assign(**{key: [head for of_layer, head in now.heads_off if of_layer == layer]})
            st.pills(
                text("worth.off_layer" if now.layers_shown > 1 else "worth.off_heads", language, layer=layer + 1),
                range(now.heads_shown),
                format_func=lambda head: str(head + 1),
                key=key,
                selection_mode="multi",
                on_change=pick,
            )
        if now.is_lesson:
            st.segmented_control(
                text("worth.filling", language),
                FILLINGS,
                format_func=lambda filling: text(f"worth.filling_{filling}", language),
                key="filling",
                required=True,
                help=text("worth.filling_help", language, n=count(MEAN_SENTENCES, language)),
                persist_state="session",
            )
        carriers = tuple(sorted((layer, head) for layer, head in claims()["carriers"])) if now.is_lesson else ()
        if carriers and now.heads_off != carriers:
            _sets_off(frame, "worth.off_carriers", ":material/power_settings_new:", carriers)
        if now.heads_off:
            _sets_off(frame, "worth.off_none", ":material/restart_alt:", ())


def _sets_off(frame: Frame, label: str, icon: str, off: state.Heads) -> None:
    st.button(
        text(label, frame.language),
        key=label.replace(".", "_"),
        icon=icon,
        type="tertiary",
        on_click=state.assign,
        kwargs={"off": off},
    )


def _each_alone(frame: Frame, effects: Effects) -> None:
    now, language = frame.state, frame.language
    places = [effect.heads[0] for effect in effects.alone]

    def toggle(click: Click) -> None:
        if isinstance(click, PointClick):
            state.assign(off=tuple(sorted({*now.heads_off} ^ {places[click.point]})))

    names = [head_label(place, now) for place in places]
    written = [reading.amount(now, effect, language) for effect in effects.alone]
    _bars(
        frame,
        names,
        [effect.amount for effect in effects.alone],
        written,
        [
            text("worth.off_alone_at", language, head=set_name(now, effect.heads, language), amount=value)
            for effect, value in zip(effects.alone, written, strict=True)
        ],
        title=text(
            f"worth.off_axis_{now.model}", language, query=escape(named(frame.tokens.labels, language)[effects.row])
        ),
        marked=[place in now.heads_off for place in places],
        key="worth_alone",
        alt=text("worth.off_alone_alt", language),
        on_click=toggle,
    )
    st.caption(text(f"worth.off_alone_{now.model}", language))


def _controls(frame: Frame, effects: Effects) -> None:
    now, language = frame.state, frame.language
    st.markdown(escape_markdown(reading.controls(now, effects, language)))
    if not effects.chosen or not 0 < len(effects.controls) <= MOST_CONTROLS:
        return
    shown = (effects.chosen, *effects.controls)
    names = [codes(effect.heads) for effect in shown]
    written = [reading.amount(now, effect, language) for effect in shown]
    _bars(
        frame,
        names,
        [effect.amount for effect in shown],
        written,
        [
            text("worth.off_alone_at", language, head=set_name(now, effect.heads, language), amount=value)
            for effect, value in zip(shown, written, strict=True)
        ],
        title=text("worth.off_controls", language),
        marked=[place == 0 for place in range(len(shown))],
        key="worth_controls",
        alt=text("worth.off_controls_alt", language),
    )
    st.caption(text("worth.off_codes" if now.layers_shown > 1 else "worth.off_codes_one", language))


def _bars(
    frame: Frame,
    names: list[str],
    values: list[float],
    written: list[str],
    sentences: list[str],
    *,
    title: str,
    marked: list[bool],
    key: str,
    alt: str,
    on_click: Callable[[Click], None] | None = None,
) -> None:
    what, colon, where = title.partition(": ")
    broken = (
        what.replace(", ", ",<br>") + colon.replace(" ", "<br>") + where
    )  # beside the names a phone has little room
    wide, narrow = (
        figures.head_bars.plot(
            names,
            [min(value, reading.MOST_SHOWN) for value in values],
            written,
            sentences,
            title=title if room == WIDE_ROOM else broken,
            language=frame.language,
            theme=figures.theme_named(frame.theme),
            marked=marked,
            room=room,
        )
        for room in (WIDE_ROOM, NARROW_ROOM)
    )
    live_figure(
        wide,
        narrow=narrow,
        key=key,
        alt=alt,
        language=frame.language,
        file_name=text("worth.file_off", frame.language),
        on_click=on_click,
    )


def _next_tokens(frame: Frame, effects: Effects) -> None:
    now, language = frame.state, frame.language
    compared = effects.next_tokens
    if not now.is_lesson:
        st.caption(text("worth.off_no_next", language))
        return
    query = named(frame.tokens.labels, language)[effects.row]
    st.markdown(f"**{escape_markdown(text('worth.off_next', language, query=query))}**")
    live_figure(
        figures.paired_bars.plot(
            [token.label for token in compared],
            (
                figures.Series(text("figures.before", language), [token.before for token in compared], "quiet"),
                figures.Series(text("figures.after", language), [token.after for token in compared], "context"),
            ),
            language=language,
            theme=figures.theme_named(frame.theme),
        ),
        key="worth_next",
        alt=text("worth.off_next_alt", language, query=query),
        language=language,
        file_name=text("worth.file_next", language),
        turn=1,
    )
    if not now.causal:
        st.caption(text("lesson.next_without_mask", language))


def _later(frame: Frame) -> None:
    """Draw the map of a later layer that changed most, before, after and their difference."""
    now, language = frame.state, frame.language
    if not now.is_lesson:
        return
    st.header(text("worth.later", language), anchor=False)
    moved = moved_map(frame)
    if moved is None:
        st.markdown(text("worth.later_none", language, layer=now.layers_shown))
        return
    views = [view_tokens(layer, frame.tokens) for layer in (moved.before, moved.after)]
    called = head_label((moved.layer, moved.head), now).capitalize()
    names = (
        text("worth.title_before", language, head=called),
        text("worth.title_after", language, head=called),
    )
    st.markdown(escape_markdown(reading.later(frame, moved, views[0], views[1])))
    wide, narrow = (
        figures.comparison.plot(
            views[0],
            views[1],
            moved.head,
            language=language,
            theme=figures.theme_named(frame.theme),
            focus_row=chapter.token_row(frame),
            narrow=narrow,
            names=names,
        )
        for narrow in (False, True)
    )
    live_figure(
        wide,
        narrow=narrow,
        key="worth_later",
        alt=text("worth.later_alt", language, layer=moved.layer + 1, head=moved.head + 1),
        language=language,
        file_name=text("worth.file_later", language),
        turn=2,
        on_click=chapter.focus_token(frame),
    )
