"""By measured role: what every head of the lesson model does in many sentences it never saw; never from one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from attention import figures
from attention.lesson_model.results import HeadScore, RoleScores, scores_at
from attention.texts import Language, count, number, percent, text
from attention.ui import state
from attention.ui.compare.heads import Head, bring_up, chosen_head, head_label, head_name
from attention.ui.layout import Frame
from attention.ui.lesson import measured_share
from attention.ui.live_figure import Click, PointClick, live_figure

LITTLE = 0.1  # mean weight with which being right says little


def draw(frame: Frame) -> None:
    """Draw all heads at one role beside the map of the one in focus; of random weights, why there are none."""
    now, language = frame.state, frame.language
    if not now.is_lesson:
        st.info(text("find_role.random", language))
        state.assign(**{state.SHOWN_FOCUS: ()})
        return
    st.segmented_control(
        text("find_role.role", language),
        state.ROLES,
        format_func=lambda role: text(f"find_role.{role}", language),
        key="role",
        required=True,
        persist_state="session",
        wrap=True,
    )
    scores = scores_at(now.role)
    for sentence in about_role(scores, now):
        st.markdown(sentence)
    bars, chosen = st.columns([6, 5], gap="large")
    with bars:
        _bars(frame, scores)
        st.caption(text("find_role.bars_how", language))
    with chosen:
        chosen_head(replace(frame, state=replace(now, causal=True, scaled=True)), "role_map")  # as roles are measured
        st.caption(text("find_role.map_how", language))
    with st.expander(text("find_role.all", language), key="all_roles"):
        st.table(roles_table(now))
        st.caption(text("find_role.all_share", language))
        st.caption(text("find_role.all_weight", language))


def about_role(scores: RoleScores, now: state.ViewState) -> list[str]:
    """Say what the role is, how the head that was chosen for it does, and who comes nearest or does better."""
    language = now.language
    (chosen,) = (each for each in scores.heads if (each.layer, each.head) == scores.chosen)
    other = max((each for each in scores.heads if each is not chosen), key=lambda each: each.score)
    kind = "weight" if chosen.mass is None else "share"
    standing = "better" if other.score > chosen.score else "others"
    sentences = [
        text(f"find_role.means_{scores.name}", language)
        + " "
        + text("find_role.held_out", language, n=count(scores.n, language)),
        text(f"find_role.chosen_{kind}", language, n=count(scores.n, language), **_said(chosen, now))
        + " "
        + text(f"find_role.{standing}_{kind}", language, **_said(other, now)),
    ]
    if any(each.mass is not None and each.mass < LITTLE for each in scores.heads):
        sentences.append(text("find_role.mass_matters", language))
    return sentences


def roles_table(now: state.ViewState) -> dict[str, list[str]]:
    """Return every head at every role as columns of text."""
    language = now.language
    roles = [scores_at(name) for name in state.ROLES]
    columns = {text("find_role.head", language): [head_label((each.layer, each.head), now) for each in roles[0].heads]}
    for scores in roles:
        key = "find_role.column" if scores.heads[0].mass is not None else "find_role.column_weight"
        role = text(f"find_role.{scores.name}", language)
        columns[text(key, language, role=role, n=count(scores.n, language))] = [
            _written(each, now) for each in scores.heads
        ]
    return columns


def _bars(frame: Frame, scores: RoleScores) -> None:
    """Draw a bar for each head, the best first; a click brings its head into focus."""
    now, language = frame.state, frame.language
    ranked = sorted(scores.heads, key=lambda each: -each.score)
    line = [(each.layer, each.head) for each in ranked]
    names = [head_label(place, now) for place in line]
    written = [_written(each, now) for each in ranked]
    role, theme = text(f"find_role.{scores.name}", language), figures.theme_named(frame.theme)

    def drawn(beside: list[str], room: float) -> figures.Plot:
        return figures.head_bars.plot(
            names,
            [each.score for each in ranked],
            beside,
            [
                text("find_role.bar", language, head=name, written=said)
                for name, said in zip(names, written, strict=True)
            ],
            title=role,
            language=language,
            theme=theme,
            chosen=line.index((now.layer, now.head)),
            colour=theme.muted,
            full=1.0,
            room=room,
        )

    live_figure(
        drawn(written, 0.45),
        narrow=drawn([_said(each, now)["score"] for each in ranked], 0.3),
        key="role_bars",
        alt=text("find_role.bars_alt", language, role=role),
        language=language,
        file_name=role,
        on_click=partial(_choose, line),
    )


def _said(each: HeadScore, now: state.ViewState) -> dict[str, str]:
    language = now.language
    return {
        "head": head_name((each.layer, each.head), now),
        "score": _score(each.score, each, language),
        "low": _score(each.low, each, language),
        "high": _score(each.high, each, language),
        "mass": "" if each.mass is None else number(each.mass, language),
    }


def _written(each: HeadScore, now: state.ViewState) -> str:
    key = "find_role.written_weight" if each.mass is None else "find_role.written_share"
    said = {name: value for name, value in _said(each, now).items() if name != "head"}
    return text(key, now.language, **said)


def _score(score: float, each: HeadScore, language: Language) -> str:
    """Write a share so that a failure is not rounded away, or a mean weight."""
    return percent(score, language, 1) if each.mass is None else measured_share(score, language)


def _choose(line: list[Head], click: Click) -> None:
    if isinstance(click, PointClick):
        bring_up(line[click.point])
