"""The parts of the page on many heads: cut, mix, join; what each head does, and what changes without it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from attention import figures
from attention.config import AttentionConfig
from attention.figures.labels import escape, isolate, named
from attention.figures.sentences import head_name
from attention.lesson_model.predictions import Prediction, next_tokens
from attention.metrics import head_contributions, layer_cost, share_of_output, strongest_keys
from attention.texts import count, number, percent, text
from attention.trace import AttentionTrace, Floats
from attention.ui import chapter, inputs, lesson, state
from attention.ui.cache import cached_output_matrix, cached_random_trace, each_head_off
from attention.ui.layout import Frame, focus
from attention.ui.live_figure import Click, PointClick, live_figure
from attention.ui.markdown import escape_markdown
from attention.views import view_tokens

if TYPE_CHECKING:
    from attention.lesson_model.heads_off import HeadsOff

PREDICTIONS = 4  # tokens shown before and without a head
HARDLY = 0.05  # bits up to which a prediction is said to hardly change
USUAL_HEADS = 4  # beside one wide head, where the reader's own layer has one head only
NEAR = 0.1  # how far a guess of a share may be off
WIDE_ROOM, NARROW_ROOM = 0.3, 0.5  # share of the bars' axis that is left for what is written at their ends


@dataclass(frozen=True, eq=False, slots=True)
class Page:
    """The row in focus in the layer in focus, and what its heads add to the output."""

    frame: Frame
    layer: AttentionTrace
    w_output: Floats  # [d_model out, d_model in]
    row: int
    parts: Floats  # [head, d_model], what each head adds to the row's output

    @property
    def query(self) -> str:
        """The name of the token in focus."""
        return named(self.frame.tokens.labels, self.frame.language)[self.row]

    @property
    def n_heads(self) -> int:
        """How many heads the layer has."""
        return len(self.parts)

    @property
    def shares(self) -> Floats:
        """How much the output changes without each head, as a share of its length, [head]."""
        return share_of_output(self.parts[:, None])[:, 0]

    @property
    def off(self) -> tuple[HeadsOff, ...]:
        """The next token without each head of the lesson model, layer by layer."""
        now = self.frame.state
        return each_head_off(now.text, replace(now.config, dropout=0.0, dropout_seed=0), self.row)


def controls(frame: Frame) -> None:
    """Draw the choice of layer and head, and the mask's switch, on one line where there is room."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        inputs.head_picker(frame.state)
    inputs.switches(frame.state, only=("causal",))


def look_at(frame: Frame) -> Page:
    """Return the page's numbers for what is in focus."""
    now, row = frame.state, chapter.token_row(frame)
    layer = frame.layer(now.config)
    w_output = cached_output_matrix(now.vocabulary, now.config, now.layer)
    parts = head_contributions(layer.context[0, :, row : row + 1], w_output)[:, 0]
    return Page(frame, layer, w_output, row, parts)


def guess(page: Page, name: str) -> chapter.Guess[float]:
    """Ask how many heads matter for the next token; of random weights, how much of the output one head is."""
    frame, now, language = page.frame, page.frame.state, page.frame.language
    if now.is_lesson:
        n = len(page.off)
        question = text("many_heads.guess", language, n=n, query=page.query)
        return chapter.guess_number(
            frame,
            name,
            question,
            range(n + 1),
            subject=(now.text, now.vocabulary, now.config, page.row),
            written=lambda choice: number(choice, language, 0),
        )
    key = "many_heads.guess_random_one" if page.n_heads == 1 else "many_heads.guess_random"
    question = text(key, language, n=page.n_heads, head=now.head + 1, query=page.query)
    return chapter.guess_number(
        frame,
        name,
        question,
        [tenths / 10 for tenths in range(11)],
        subject=(now.text, now.vocabulary, now.config, page.row, now.head),
        written=lambda choice: percent(choice, language),
    )


def truth(page: Page, name: str, guessed: chapter.Guess[float]) -> None:
    """Show the guess beside the count, or beside the change."""
    frame, now, language, choice = page.frame, page.frame.state, page.frame.language, guessed.choice
    if now.is_lesson:
        n = sum(off.changes_top for off in page.off)
        counted = text("many_heads.truth_one" if n == 1 else "many_heads.truth", language, n=n, total=len(page.off))
        yours = None if choice is None else number(choice, language, 0)
        right = choice == n
    else:
        share = float(page.shares[now.head])
        counted = text("many_heads.truth_random", language, share=_share(page, now.head))
        yours = None if choice is None else percent(choice, language)
        right = choice is not None and abs(choice - share) <= NEAR
    chapter.reveal(frame, name, yours=yours, truth=counted, right=right)


def switched_off(page: Page) -> None:
    """Draw what changes without each head, a click choosing one; and the next token with and without it."""
    frame, now, language = page.frame, page.frame.state, page.frame.language
    st.header(text("many_heads.off", language), anchor=False)
    st.markdown(escape_markdown(text(f"many_heads.off_what_{now.model}", language, query=page.query)))
    places = _heads(page)

    def choose(click: Click) -> None:
        if isinstance(click, PointClick):
            layer, head = places[click.point]
            state.assign(layer=layer, head=head)

    wide, narrow = (_off_figure(page, room) for room in (WIDE_ROOM, NARROW_ROOM))
    live_figure(
        wide,
        narrow=narrow,
        key="heads_off",
        alt=text("many_heads.off_alt", language),
        language=language,
        file_name=text("many_heads.file_off", language),
        on_click=choose,
    )
    if not now.is_lesson:
        return
    trace = frame.trace(now.config)
    off = page.off[places.index((now.layer, now.head))]
    if trace.logits is not None:
        before = next_tokens(trace.logits, page.row, PREDICTIONS)
        after = next_tokens(off.logits, 0, PREDICTIONS)
        names = ("many_heads.with_all", "many_heads.without")
        for column, title, predictions in zip(st.columns(2, gap="large"), names, (before, after), strict=True):
            with column:
                _next_tokens(page, title, predictions)
        st.markdown(escape_markdown(_change(page, off, before[0], after[0])))
    if not now.causal:
        st.caption(text("lesson.next_without_mask", language))


def _heads(page: Page) -> list[tuple[int, int]]:
    """Return layer and head of each bar."""
    if page.frame.state.is_lesson:
        return [(off.layer, off.head) for off in page.off]
    return [(page.frame.state.layer, head) for head in range(page.n_heads)]


def _name(page: Page, layer: int, head: int) -> str:
    language = page.frame.language
    if page.frame.state.is_lesson:
        return text("many_heads.head_of_layer", language, layer=layer + 1, head=head + 1)
    return head_name(head, language)


def _off_figure(page: Page, room: float) -> figures.Plot:
    frame, now, language = page.frame, page.frame.state, page.frame.language
    places = _heads(page)
    names = [_name(page, *place) for place in places]
    if now.is_lesson:
        tops = [next_tokens(off.logits, 0, 1)[0].label for off in page.off]
        values = [off.bits for off in page.off]
        marked = [off.changes_top for off in page.off]
        written = [
            text("many_heads.bits", language, bits=number(off.bits, language))
            + (f" → “{escape(top)}”" if off.changes_top else "")
            for off, top in zip(page.off, tops, strict=True)
        ]
        sentences = [
            text(
                "many_heads.off_changes" if off.changes_top else "many_heads.off_keeps",
                language,
                head=name,
                bits=number(off.bits, language),
                token=f"“{escape(top)}”",
            )
            for name, off, top in zip(names, page.off, tops, strict=True)
        ]
    else:
        values = [float(min(share, 9.99)) for share in page.shares]
        marked = [True] * len(values)
        written = [_share(page, head) for head in range(page.n_heads)]
        sentences = [
            text("many_heads.off_output", language, head=name, share=share)
            for name, share in zip(names, written, strict=True)
        ]
    return figures.head_bars.plot(
        names,
        values,
        written,
        sentences,
        title=text(f"many_heads.axis_{now.model}", language),
        language=language,
        theme=figures.theme_named(frame.theme),
        chosen=places.index((now.layer, now.head)),
        marked=marked,
        room=room,
    )


def _share(page: Page, head: int) -> str:
    """Write how much the output changes without a head; beyond measure where the heads cancel out."""
    share = float(page.shares[head])
    return percent(share, page.frame.language) if np.isfinite(share) else "∞"


def _next_tokens(page: Page, title: str, predictions: list[Prediction]) -> None:
    frame, now, language = page.frame, page.frame.state, page.frame.language
    said = text(title, language, layer=now.layer + 1, head=now.head + 1)
    st.markdown(f"**{said}**")
    lesson.draw_next_tokens(frame, predictions, key=title.replace(".", "_"), alt=said)


def _change(page: Page, off: HeadsOff, before: Prediction, after: Prediction) -> str:
    """Say what became of the output and of the next token without the head in focus."""
    now, language = page.frame.state, page.frame.language
    hardly = off.bits < HARDLY
    kind = ("tie" if hardly else "changed") if off.changes_top else ("hardly" if hardly else "kept")
    return text(
        f"many_heads.change_{kind}",
        language,
        layer=now.layer + 1,
        head=now.head + 1,
        query=page.query,
        share=_share(page, now.head),
        bits=number(off.bits, language),
        before=f"“{isolate(before.label)}”",
        after=f"“{isolate(after.label)}”",
        before_share=percent(before.probability, language),
        after_share=percent(after.probability, language),
    )


def slices(page: Page) -> None:
    """Draw the focused token's numbers cut into heads, mixed, joined and multiplied by Wo."""
    frame, now, language = page.frame, page.frame.state, page.frame.language
    n_heads, d_head = page.layer.context.shape[1], page.layer.context.shape[-1]
    st.header(text("many_heads.slices", language), anchor=False)
    sizes = {"n": n_heads, "d_head": d_head, "d_model": n_heads * d_head}
    one = "_one" if n_heads == 1 else ""
    st.markdown(escape_markdown(text(f"many_heads.slices_what{one}", language, query=page.query, **sizes)))
    live_figure(
        figures.head_slices.plot(
            page.layer.value[0, :, page.row],
            page.layer.context[0, :, page.row],
            page.layer.output[0, page.row],
            language=language,
            theme=figures.theme_named(frame.theme),
            focus_head=now.head,
        ),
        key="heads_slices",
        alt=text(f"many_heads.slices_alt{one}", language, **sizes),
        language=language,
        file_name=text("many_heads.file_slices", language),
    )


def maps_and_roles(page: Page) -> None:
    """Draw every head's map and say what each was measured to do; a head without a measured role has no name."""
    frame, now, language = page.frame, page.frame.state, page.frame.language
    st.header(text("many_heads.maps", language), anchor=False)
    drawing, words = st.columns([1, 1], gap="large")
    with drawing:
        live_figure(
            frame.figure("heads_mosaic", focus_head=now.head, focus_row=frame.row),
            key="heads_maps",
            alt=text(
                "many_heads.maps_alt_one" if page.n_heads == 1 else "many_heads.maps_alt", language, n=page.n_heads
            ),
            language=language,
            file_name=text("many_heads.file_maps", language),
            on_click=focus,
        )
    with words:
        if not now.is_lesson:
            st.markdown(text("many_heads.no_roles_one" if page.n_heads == 1 else "many_heads.no_roles", language))
            return
        st.markdown(text("many_heads.roles", language))
        roles = {place: lesson.role_sentences(*place, language, causal=now.causal) for place in _heads(page)}
        lines = [
            f"- **{_name(page, *place)}.** {escape_markdown(sentences[0])}"
            for place, sentences in roles.items()
            if sentences
        ]
        unnamed = [_name(page, *place) for place, sentences in roles.items() if not sentences]
        if unnamed:
            lines.append(f"- {text('many_heads.unnamed', language, heads='; '.join(unnamed))}")
        st.markdown("\n".join(lines))


def one_or_many(page: Page) -> None:
    """Draw one wide head and several narrow ones cut from the same random matrices, with what each costs."""
    frame, now, language = page.frame, page.frame.state, page.frame.language
    many = page.n_heads if page.n_heads > 1 else USUAL_HEADS
    st.header(text("many_heads.cost", language, n=many), anchor=False)
    key = "many_heads.cost_lesson" if now.is_lesson else "many_heads.cost_random"
    st.markdown(text(key, language, n=many))
    config = replace(now.config, dropout=0.0, dropout_seed=0)
    looks = {}
    for column, n_heads in zip(st.columns(2, gap="large"), (1, many), strict=True):
        recut = replace(config, n_heads=n_heads)
        trace = cached_random_trace(now.text, now.vocabulary, recut)
        view = view_tokens(trace.layers[0], trace.tokens)
        looks[n_heads] = {keys[0] for head in range(n_heads) if (keys := strongest_keys(view, head, page.row, 1))}
        with column:
            title = "many_heads.cost_one" if n_heads == 1 else "many_heads.cost_many"
            st.markdown(f"**{text(title, language, n=n_heads, d_head=recut.d_head)}**")
            st.caption(_cost(page, recut))
            live_figure(
                figures.heads_mosaic.plot(
                    view, language=language, theme=figures.theme_named(frame.theme), focus_row=page.row
                ),
                key=f"heads_cost_{'one' if n_heads == 1 else 'many'}",
                alt=text("many_heads.cost_alt_one" if n_heads == 1 else "many_heads.cost_alt", language, n=n_heads),
                language=language,
                file_name=text("many_heads.file_cost", language),
            )
    said = text("many_heads.cost_looks", language, query=page.query, n=many, different=len(looks[many]))
    st.markdown(escape_markdown(said))


def _cost(page: Page, config: AttentionConfig) -> str:
    language = page.frame.language
    cost = layer_cost(len(page.frame.tokens), config.d_model, config.n_heads)
    return text(
        "many_heads.cost_counts_one" if cost.exponentials == 1 else "many_heads.cost_counts",
        language,
        parameters=count(cost.parameters, language),
        products=count(cost.multiply_adds, language),
        exponentials=count(cost.exponentials, language),
    )


def observations(page: Page) -> list[str]:
    """Say what the heads bring to the row in focus, in these numbers."""
    now, language = page.frame.state, page.frame.language
    shares = page.shares
    most, least = int(shares.argmax()), int(shares.argmin())
    sentences = []
    if page.n_heads > 1 and np.isfinite(shares[most]):
        ends = {"most": most + 1, "most_share": _share(page, most), "least": least + 1}
        ends["least_share"] = _share(page, least)
        total = percent(float(shares.sum()), language)
        said = text("many_heads.contributions", language, query=page.query, **ends)
        apart = total != percent(1, language)  # nearly parallel parts need no explanation
        sentences.append(f"{said} {text('many_heads.contributions_sum', language, sum=total)}" if apart else said)
    if now.is_lesson:
        strongest = max(page.off, key=lambda off: off.bits)
        hardly = sum(round(off.bits, 2) < HARDLY for off in page.off)  # as the bars write them
        key = {0: "many_heads.bits_spread_none", 1: "many_heads.bits_spread_one"}.get(hardly, "many_heads.bits_spread")
        sentences.append(
            text(
                key,
                language,
                layer=strongest.layer + 1,
                head=strongest.head + 1,
                bits=number(strongest.bits, language),
                hardly=hardly,
                total=len(page.off),
                limit=number(HARDLY, language),
            )
        )
    sizes = {"n": page.n_heads, "d_head": page.layer.context.shape[-1], "d_model": page.parts.shape[-1]}
    sentences.append(text("many_heads.sizes_one" if page.n_heads == 1 else "many_heads.sizes", language, **sizes))
    return sentences


def shown_false(page: Page) -> str:
    """Say how many heads the next token does without, or that random heads have no work at all."""
    language = page.frame.language
    if not page.frame.state.is_lesson:
        key = "many_heads.shown_false_random_one" if page.n_heads == 1 else "many_heads.shown_false_random"
        return text(key, language, n=page.n_heads)
    total = len(page.off)
    unchanged = total - sum(off.changes_top for off in page.off)
    key = {0: "many_heads.shown_false_all", 1: "many_heads.shown_false_one"}.get(unchanged, "many_heads.shown_false")
    said = text(key, language, query=page.query, unchanged=unchanged, total=total)
    causal = page.frame.state.causal
    unnamed = sum(not lesson.role_sentences(*place, language, causal=causal) for place in _heads(page))
    key = "many_heads.without_role_one" if unnamed == 1 else "many_heads.without_role"
    return f"{said} {text(key, language, n=unnamed, total=total)}" if unnamed else said
