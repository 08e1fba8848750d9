"""The frame around every page: language, model and its badge, the sentence and its examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from attention.config import AttentionConfig
from attention.errors import AttentionError
from attention.figures import Figure, Plot, ThemeName, plain_tokens, theme_named
from attention.lesson_model.results import claims
from attention.lesson_model.tokenizer import LONGEST_TRAINED
from attention.presets import PRESETS, Preset
from attention.texts import LANGUAGES, Language, count, text
from attention.tokens import LONG_TOKENS, MAX_TOKENS, Tokens
from attention.trace import AttentionTrace, ModelTrace
from attention.ui import state
from attention.ui.cache import (
    Shown,
    cached_beginning,
    cached_figure,
    cached_long_tokens,
    cached_long_trace,
    cached_tokens,
    cached_trace,
    cached_view,
    cached_widths,
    draw_figure,
)
from attention.ui.errors import end_page, show_error, show_refused
from attention.ui.live_figure import Click, Drawing, PointClick, live_figure, note_pictures
from attention.ui.share import share_button
from attention.ui.stage import projector_button
from attention.views import WeightsView

NOTED_CHARACTERS = 600  # of a text, on a picture that is downloaded
WIDE_LINE, NARROW_LINE = 700, 330  # pixels of tokens to a line, on a screen and on a phone


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page starts from: the reader's choices, the tokens of the sentence, and how to draw."""

    state: state.ViewState
    tokens: Tokens
    theme: ThemeName

    @property
    def language(self) -> Language:
        """The reader's language."""
        return self.state.language

    def trace(self, config: AttentionConfig) -> ModelTrace:
        """Return the trace of the reader's sentence under `config`."""
        return cached_trace(self.state.text, self.state.vocabulary, config)

    def shown(self, config: AttentionConfig) -> Shown:
        """Return which weights are on the screen under `config`: by token or by word as the reader chose."""
        now = self.state
        return Shown(now.text, now.vocabulary, config, layer=now.layer, grouped=now.grouped)

    def view(self, config: AttentionConfig) -> WeightsView:
        """Return the weights on the screen under `config`."""
        return cached_view(self.shown(config))

    def figure(self, name: str, **options: object) -> Drawing:
        """Return the figure called `name` of what is on the screen."""
        given = {"language": self.language, **options}
        return cached_figure(name, (self.shown(self.state.config),), self.theme, tuple(given.items()))

    def comparisons(self, before: AttentionConfig, **options: object) -> tuple[Drawing, Drawing]:
        """Return what is on the screen compared with the settings `before`, for a screen and for a phone."""
        given = {"language": self.language, **options}
        views = (self.shown(before), self.shown(self.state.config))
        return cached_widths("comparisons", views, self.theme, tuple(given.items()))

    def figure_under(self, config: AttentionConfig, name: str, **options: object) -> Figure:
        """Return the figure called `name` of what would be on the screen under `config`."""
        given = {"language": self.language, **options}
        return draw_figure(name, (self.shown(config),), self.theme, tuple(given.items()))

    def layer(self, config: AttentionConfig) -> AttentionTrace:
        """Return every step of the layer in focus under `config`, by token."""
        return self.trace(config).layers[self.state.layer]

    @property
    def row(self) -> int:
        """The position in focus: the last one unless the reader chose another that exists."""
        n_rows = len(self.tokens.word_labels) if self.state.grouped else len(self.tokens)
        return self.state.row if 0 <= self.state.row < n_rows else n_rows - 1


def current_theme() -> ThemeName:
    """Return the theme the reader's browser shows, in letters for the wall in projector mode."""
    dark, projector = st.context.theme.type == "dark", state.current().projector
    return ("dark_projector" if dark else "light_projector") if projector else ("dark" if dark else "light")


def open_page(page: str, *, badge: Callable[[Language], object] | None = None, heading: str = "title") -> Language:
    """Draw the head of a page (title, badge, language) and return the reader's language.

    `page` is the table of its texts, with `heading` in it; `badge` draws where the page's numbers come from.
    """
    state.restore()  # a page may be asked for by its file's name before the router has run
    state.carry_to(page)
    now = state.current()
    language = now.language
    note_pictures("")
    state.assign(**{state.SHOWN_FOCUS: (), state.SHOWN_SWITCHES: (), state.SHOWN_ROWS: ()})
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(text(f"{page}.{heading}", language), anchor=False, width="stretch")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):  # they wrap together
            if badge:
                badge(language)
            st.segmented_control(
                text("frame.language", language),
                LANGUAGES,
                format_func=lambda code: text("frame.own_name", code),
                key="language",
                required=True,
                label_visibility="collapsed",
                persist_state="session",
            )
            share_button(now)
            projector_button(now)
    show_refused(page, now)
    return language


def provenance(name: str, icon: str) -> Callable[[Language], object]:
    """Return what draws the badge called `name` in the frame's texts, with its explanation."""
    return lambda language: st.badge(
        text(f"frame.{name}", language), icon=icon, color="gray", help=text(f"frame.{name}_help", language)
    )


def open_frame(page: str, *, long_texts: bool = False) -> Frame:
    """Draw the head of a page and the sentence, and return what the page starts from.

    `page` is the table of its texts, with `title` and `subtitle`; `long_texts` tells whether it can show them.

    Stops the script with a message in the reader's language when there is nothing to draw; the text stays in its box.
    """
    language = open_page(page, badge=model_badge)
    with st.container():  # holds its place, so that what follows stays mounted
        if not state.current().projector:  # on a wall every line counts
            st.caption(text(f"{page}.subtitle", language))
    return ask_sentence(language, long_texts=long_texts)


def ask_sentence(language: Language, *, long_texts: bool = False, shows: Sequence[str] = state.FOCUS) -> Frame:
    """Draw the sentence box and return what the page starts from; `long_texts` tells whether it can show them.

    `shows` is what of the sentence can be seen below, and may be moved by keys.
    Stops the script with a message in the reader's language when there is nothing to draw; the text stays in its box.
    """
    sentence_box(language)
    now = state.current()
    try:
        tokens = (cached_long_tokens if long_texts else cached_tokens)(now.text, now.vocabulary)
        trace = cached_trace if len(tokens) <= MAX_TOKENS else cached_long_trace
        trace(now.text, now.vocabulary, now.config)
    except AttentionError as error:
        show_error(error, language)
        offer_beginning(error, now, LONG_TOKENS if long_texts else MAX_TOKENS)
        end_page()
    with st.container():
        if now.is_lesson and len(tokens) > LONGEST_TRAINED:
            told = {"tokens": count(len(tokens), language), "longest": LONGEST_TRAINED}
            st.caption(f":material/warning: {text('lesson.beyond_length', language, **told)}")
    frame = Frame(now, tokens, current_theme())
    state.assign(**{state.SHOWN_FOCUS: tuple(shows)})
    with st.container():  # holds its place, so that what follows stays mounted
        b = now.side_b
        if now.row > frame.row and (b.text, b.vocabulary) == (now.text, now.vocabulary):  # else it may be one of B's
            said = text("refused.row", language, asked=now.row + 1, shown=frame.row + 1)
            st.caption(f":material/link_off: {said}")
    note_pictures(picture_note(now))
    return frame


def picture_note(now: state.ViewState, beside: state.ViewState | None = None) -> str:
    """Return what a picture bears: of which text it is and where its numbers come from.

    Of what is shown `beside` another, A and B, each is said once where they are alike, and of both where they differ.
    """
    other = beside or now
    a, b = (text(f"frame.badge_{side.model}", now.language) for side in (now, other))
    source = a if a == b else f"A: {a} · B: {b}"
    return text("frame.picture_note", now.language, sentence=quoted(now.text, other.text), source=source)


def quoted(a: str, b: str, most: int = NOTED_CHARACTERS) -> str:
    """Return the texts of A and of B in quotation marks, at `most` so many characters of each; once if they are one."""
    one, other = (f"“{each if len(each) <= most else each[:most].rstrip() + '…'}”" for each in (a, b))
    return one if a == b else f"A: {one} · B: {other}"


def offer_beginning(error: AttentionError, now: state.ViewState, most: int, *, field: str = "text") -> None:
    """Draw what helps where a text is too long: a button that keeps its beginning, the page that shows longer ones.

    `field` is where the state keeps the text.
    """
    if error.code not in ("text_too_long", "too_many_tokens"):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        beginning_button(now, most, field=field)
        if field == "text" and most < LONG_TOKENS and _is_long(now):
            label = text("frame.explore_long", now.language, maximum=count(LONG_TOKENS, now.language))
            st.page_link("pages/explore.py", label=label, icon=":material/grid_view:")


def beginning_button(now: state.ViewState, most: int, *, field: str = "text") -> None:
    """Draw the button that keeps of a text the whole words that fit in `most` tokens; it says how many it keeps."""
    begins = cached_beginning(now.text, now.vocabulary, most)
    tokens = len(cached_long_tokens(begins, now.vocabulary))
    st.button(
        text("frame.use_beginning", now.language, tokens=count(tokens, now.language)),
        key=f"use_beginning_of_{field}",
        icon=":material/content_cut:",
        on_click=state.assign,
        kwargs={field: begins, "row": -1, "column": -1},
    )


def _is_long(now: state.ViewState) -> bool:
    """Tell whether Explore can show the text."""
    try:
        cached_long_tokens(now.text, now.vocabulary)
    except AttentionError:
        return False
    return True


def model_badge(language: Language) -> None:
    """Draw where the numbers come from; one click away stand what that means and the other models."""
    now = state.current()
    icon = ":material/school:" if now.is_lesson else ":material/casino:"
    with st.popover(text(f"frame.badge_{now.model}", language), icon=icon, type="tertiary"):
        st.markdown(text(f"frame.badge_{now.model}_help", language))
        if now.is_lesson:
            link = text("frame.claims_link", language)
            st.page_link("pages/lesson_model.py", label=link, icon=":material/fact_check:")
        st.radio(
            text("frame.model", language),
            state.MODELS,
            format_func=lambda model: text(f"frame.model_{model}", language),
            key="model",
            on_change=state.choose_model,
            persist_state="session",
        )


def sentence_box(language: Language) -> None:
    """Draw the box of the sentence, the same on every page, and its examples."""
    now, (box, examples) = state.current(), st.columns([5, 1], vertical_alignment="bottom")
    box.text_input(
        text("frame.sentence", language),
        key="text",
        label_visibility="collapsed" if now.projector else "visible",  # on a wall every line counts
        live="400ms",
        persist_state="session",
        on_change=state.assign,
        kwargs={"row": -1, "column": -1},
    )
    with examples.popover(text("frame.examples", language), width="stretch", key="examples", on_change="rerun"):
        for preset in PRESETS:
            st.caption(text(f"presets.{preset.slug}", language))
            st.button(
                preset.text,
                key=f"preset_{preset.slug}",
                type="tertiary",
                on_click=state.assign,
                kwargs={"text": preset.text, "row": -1, "column": -1, "examples": False, **_focus_of(preset, now)},
            )
    with st.container():  # holds its place, so that what follows stays mounted
        for preset in PRESETS if language == "en" else ():
            if preset.english and preset.text == now.text:
                st.caption(text("frame.gloss", language, english=preset.english))
        if not state.fits_link(replace(now, b_text="")):
            st.caption(text("frame.link_too_long", language, maximum=state.MAX_LINK_CHARACTERS))


def _focus_of(preset: Preset, now: state.ViewState) -> dict[str, int]:
    """Return the layer, head and row in focus that answer an example's question, once the examples are open."""
    if not (preset.role and now.is_lesson and st.session_state.get("examples")):
        return {}
    layer, head = claims()["heads"][preset.role]
    tokens = cached_tokens(preset.text, now.vocabulary)
    labels = tokens.word_labels if now.grouped else tokens.labels
    return {"layer": layer, "head": head, "row": labels.index(preset.asks) if preset.asks else -1}


def heading_with_close(title: str, *, closes: dict[str, object], language: Language) -> None:
    """Draw a heading with a button that puts it away by setting `closes`."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.header(title, anchor=False)
        st.button(
            text("frame.close", language),
            key="close",
            icon=":material/close:",
            type="tertiary",
            on_click=state.assign,
            kwargs=closes,
        )


def fitting_figure(
    draw: Callable[..., Plot | Drawing],
    *,
    key: str,
    alt: str,
    language: Language,
    file_name: str,
    on_click: Callable[[Click], None] | None = None,
) -> None:
    """Show `draw(narrow=False)` on a screen and `draw(narrow=True)` on a phone; the rest is that of `live_figure`."""
    live_figure(
        draw(narrow=False),
        narrow=draw(narrow=True),
        key=key,
        alt=alt,
        language=language,
        file_name=file_name,
        on_click=on_click,
    )


def sentence_strip(frame: Frame) -> None:
    """Draw the tokens coloured by the row in focus; a click on one moves the focus to its row."""
    coloured = partial(frame.figure, "sentence_colours", head=frame.state.head, row=frame.row)
    _strip(frame, coloured, "frame.sentence_alt")


def plain_strip(frame: Frame) -> None:
    """Draw the tokens without weights, where no one head is meant; a click on one moves the focus to its row."""
    labels = frame.tokens.word_labels if frame.state.grouped else frame.tokens.labels
    plain = partial(
        plain_tokens.plot, labels, chosen=frame.row, language=frame.language, theme=theme_named(frame.theme)
    )
    _strip(frame, plain, "frame.plain_alt")


def _strip(frame: Frame, draw: Callable[..., Plot | Drawing], alt: str) -> None:
    """Show `draw(line_width=…)`, a point a token, with lines for a screen and for a phone."""
    live_figure(
        draw(line_width=WIDE_LINE),
        narrow=draw(line_width=NARROW_LINE),
        key="sentence",
        alt=text(alt, frame.language),
        language=frame.language,
        file_name=text("frame.file_sentence", frame.language),
        on_click=focus,
    )


def focus(click: Click) -> None:
    """Move the focus to what was clicked: a head and a row in the maps, a row among the tokens."""
    if isinstance(click, PointClick):
        state.assign(row=click.point)
    elif click.head is None:
        state.assign(row=click.row)
    else:
        state.assign(row=click.row, head=click.head)
