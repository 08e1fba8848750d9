"""Several heads at once: up to four on one scale, or all of them, layers down and heads across."""

from __future__ import annotations

import streamlit as st

from attention.figures.labels import named
from attention.figures.sentences import share
from attention.metrics import strongest_keys
from attention.texts import text
from attention.ui import state
from attention.ui.cache import cached_figure, cached_view
from attention.ui.compare import side_controls
from attention.ui.compare.heads import head_label, places, short_name
from attention.ui.compare.side import Side, Sides
from attention.ui.layout import Frame, picture_note
from attention.ui.live_figure import CellClick, Click, Drawing, live_figure
from attention.ui.markdown import escape_markdown

NARROW_COLUMNS = 2
LARGE_HEAD = 300  # pixels for one of a few heads
MOST_LABELLED = 18  # rows of such a head that have room for their tokens
MOST_ACROSS = 36  # columns of all heads side by side that have; on a phone half as many


def all_heads(frame: Frame, sides: Sides | None, a: Side) -> None:
    """Draw every head of one side's model; a click puts one into that side."""
    now, language = frame.state, frame.language
    side_controls.choose_target(now)
    side = sides.b if sides and now.target == "b" else a
    other = (sides.a if side is sides.b else sides.b) if sides else None
    beside = other.place if other and other.all_heads == side.all_heads and other.place != side.place else None
    names = [
        _marked(head_label(head, side.now), place, side, other, beside) for place, head in enumerate(places(side.now))
    ]
    short = [
        _marked(short_name(head, side.now), place, side, other, beside) for place, head in enumerate(places(side.now))
    ]
    focus = {"focus_head": side.place, "second_head": beside, "columns": side.now.heads_shown, "language": language}
    crowded = side.now.heads_shown > 4  # short names everywhere, so that one drawing serves every width

    def drawn(each: list[str]) -> Drawing:
        return cached_figure(
            "heads_mosaic", (side.all_heads,), frame.theme, tuple({"names": tuple(each), **focus}.items())
        )

    def put(click: Click) -> None:
        if isinstance(click, CellClick) and click.head is not None:
            layer, head = divmod(click.head, side.now.heads_shown)
            state.assign(
                **({"b_layer": layer, "b_head": head} if side.letter == "b" else {"layer": layer, "head": head})
            )

    live_figure(
        drawn(short if crowded else names),
        narrow=None if crowded else drawn(short),
        key="overview",
        turn=1,  # a head that was chosen is drawn first
        alt=text("sides.all_alt", language, layers=side.now.layers_shown, heads=side.now.heads_shown),
        language=language,
        file_name=text("explore.file_heads", language),
        note=picture_note(side.now),
        on_click=put,
    )


def some_heads(frame: Frame, a: Side) -> None:
    """Draw up to four of A's heads on one scale, and say where the row in focus looks most in each."""
    now, language = frame.state, frame.language
    there = places(now)
    chosen = [place for place in now.several if place in there] or [place for place in there if place[0] == now.layer][
        : state.MOST_SEVERAL
    ]
    if len(there) > state.MOST_SEVERAL:
        _choose_several(there, chosen, now)
    if a.shown.checkpoint:
        st.caption(f"{text('sides.moment', language)}: {a.moment(language)}")
    if now.beyond_training:
        st.caption(f":material/warning: {text('switch.beyond_training', language)}")
    view = cached_view(a.all_heads)
    row = now.row if 0 <= now.row < len(view.labels) else len(view.labels) - 1
    options = {
        "only": tuple(there.index(place) for place in chosen),
        "names": tuple(head_label(place, now) for place in chosen),
        "focus_row": row,
        "head_height": LARGE_HEAD,
        "language": language,
    }

    def drawn(columns: int, most: int) -> Drawing:
        laid_out = {"columns": columns, "key_labels": len(view.labels) <= min(most // columns, MOST_LABELLED)}
        return cached_figure("heads_mosaic", (a.all_heads,), frame.theme, tuple((options | laid_out).items()))

    wide = drawn(len(chosen), MOST_ACROSS)
    narrow = drawn(min(NARROW_COLUMNS, len(chosen)), MOST_ACROSS // 2)

    def focus(click: Click) -> None:
        if isinstance(click, CellClick):
            state.assign(row=click.row, column=click.column)

    live_figure(
        wide,
        narrow=narrow,
        key="some_heads",
        alt=text("sides.four_alt", language, heads=len(chosen)),
        language=language,
        file_name=text("explore.file_heads", language),
        on_click=focus,
    )
    names = named(view.labels, language)
    st.markdown(escape_markdown(text("sides.four_row", language, query=names[row])))
    for head in chosen:
        place, name = there.index(head), head_label(head, now)
        keys = strongest_keys(view, place, row, 1)
        said = (
            text("sides.four_nothing", language, name=name)
            if not keys or view.undefined[place, row]
            else text(
                "sides.four_most",
                language,
                name=name,
                key=names[keys[0]],
                share=share(float(view.weights[place, row, keys[0]]), language),
            )
        )
        st.markdown(f"- {escape_markdown(said)}")


def _choose_several(there: list[tuple[int, int]], chosen: list[tuple[int, int]], now: state.ViewState) -> None:
    """Draw the choice of the heads; a fifth takes the place of the first chosen, and that is said."""

    def keep() -> None:
        picked = st.session_state["several_heads"]
        left = picked[: -state.MOST_SEVERAL]
        state.assign(several=tuple(sorted(picked[-state.MOST_SEVERAL :])), several_left=left)

    state.assign(several_heads=chosen)
    st.pills(
        text("sides.several" if now.layers_shown > 1 else "sides.several_alone", now.language, most=state.MOST_SEVERAL),
        there,
        selection_mode="multi",
        format_func=lambda place: short_name(place, now),
        key="several_heads",
        on_change=keep,
    )
    with st.container():  # holds its place, so that the figure below stays mounted
        for head in st.session_state.pop("several_left", ()):
            said = {"most": state.MOST_SEVERAL, "name": head_label(head, now)}
            st.caption(text("sides.several_left", now.language, **said))


def _marked(name: str, place: int, side: Side, other: Side | None, beside: int | None) -> str:
    """Return a head's name, the side's letter before it where the head is in a side."""
    letters = [side.letter] if place == side.place else []
    if other and (place == beside or (letters and other.all_heads == side.all_heads and other.place == place)):
        letters.append(other.letter)
    return f"{' = '.join(sorted(letter.upper() for letter in letters))}: {name}" if letters else name
