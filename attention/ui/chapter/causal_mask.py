"""The parts of the page on the causal mask."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import streamlit as st

from attention import figures
from attention.config import AttentionConfig, MaskMode
from attention.errors import AttentionError
from attention.figures.change_bars import ROUNDING
from attention.figures.labels import named
from attention.figures.sentences import row_sum, share
from attention.metrics import first_difference, output_changes
from attention.mixing import mask_late
from attention.texts import percent, power_of_ten, text
from attention.trace import Floats, ModelTrace
from attention.ui import chapter
from attention.ui.cache import cached_trace
from attention.ui.errors import show_error
from attention.ui.layout import Frame, fitting_figure, focus
from attention.ui.live_figure import live_figure
from attention.ui.markdown import escape_markdown
from attention.ui.reading import head_in_layer
from attention.views import WeightsView, view_tokens, view_words

LATE: tuple[MaskMode, ...] = ("zero_after", "renormalise")
SWAPS = ("dormiu", "latiu")  # the word put last: the first that is not there already
FILLERS = 2  # padding tokens in the picture of padding
ADVANTAGES = (0, 1, 2, 5, 10, 20, 50, 80, 100, 105, 110, 150, 200)  # of a forbidden score over an allowed one


@dataclass(frozen=True, eq=False, slots=True)
class Swap:
    """The reader's sentence with another last word: both traces, and how much each shared position changed."""

    old: str
    new: str
    text: str
    place: int  # the first token that differs
    before: ModelTrace
    after: ModelTrace
    changes: Floats  # [position], of the tokens before `place`

    @property
    def n_changed(self) -> int:
        """How many of the earlier rows changed by more than rounding."""
        return int((self.changes > ROUNDING).sum())


def swapped_word(frame: Frame, name: str) -> Swap | None:
    """Ask for another last word and return what it does to every row before it; None where it cannot be drawn."""
    language, words = frame.language, frame.state.text.split() or [frame.state.text]
    old = words[-1]
    usual = next(word for word in SWAPS if word != old)
    new = st.text_input(
        text("causal_mask.swap", language, word=escape_markdown(old)),
        value=usual,
        max_chars=60,
        key=f"{name}_swap",
        width=320,
    ).strip()
    new = " ".join(new.encode("utf-8", "replace").decode().split())
    if not new:
        new = usual
        st.caption(text("causal_mask.empty", language, word=usual))
    kept, _, ending = frame.state.text.rpartition(old)
    written = f"{kept}{new}{ending}"
    try:
        before, after = (
            cached_trace(sentence, frame.state.vocabulary, frame.state.config)
            for sentence in (frame.state.text, written)
        )
    except AttentionError as error:
        show_error(error, language)
        return None
    place = first_difference(before, after)
    if new == old:
        st.caption(text("causal_mask.same", language))
        place = before.tokens.words.index(before.tokens.words[-1])  # nothing differs: where the word stands
    return Swap(old, new, written, place, before, after, output_changes(before, after, place))


def guess(frame: Frame, name: str, swap: Swap) -> chapter.Guess[str]:
    """Ask which of the earlier rows will change."""
    language = frame.language
    question = text("causal_mask.guess", language, old=swap.old, new=swap.new)
    choices = [(slug, text(f"causal_mask.guess_{slug}", language)) for slug in ("none", "some", "all")]
    return chapter.guess_choice(frame, name, question, choices, subject=_subject(frame, swap))


def truth(frame: Frame, name: str, swap: Swap, guessed: chapter.Guess[str]) -> None:
    """Show the guess beside how many rows changed."""
    language = frame.language
    answer = "none" if not swap.n_changed else "all" if swap.n_changed == swap.place else "some"
    yours = None if guessed.choice is None else text(f"causal_mask.guess_{guessed.choice}", language)
    key = "causal_mask.changed_count_one" if 1 in (swap.n_changed, swap.place) else "causal_mask.changed_count"
    counted = text(key if swap.place else "causal_mask.too_short", language, changed=swap.n_changed, earlier=swap.place)
    chapter.reveal(frame, name, yours=yours, truth=counted, right=guessed.choice == answer)


def changed_rows(frame: Frame, swap: Swap) -> None:
    """Draw how much each row before the swapped word changed."""
    language = frame.language
    if not swap.place:
        st.caption(text("causal_mask.too_short", language))
        return
    st.header(text("causal_mask.changes", language), anchor=False)
    live_figure(
        figures.change_bars.plot(
            frame.tokens.labels[: swap.place],
            swap.changes,
            language=language,
            theme=figures.theme_named(frame.theme),
        ),
        key="mask_changes",
        alt=text("causal_mask.changes_alt", language, old=swap.old, new=swap.new),
        language=language,
        file_name=text("causal_mask.file_changes", language),
    )


def mask_and_targets(frame: Frame) -> None:
    """Draw the mask of the sentence: what each row may see, and the token it has to predict."""
    language, labels = frame.language, frame.tokens.labels
    mask = frame.layer(frame.state.config).mask
    st.header(text("causal_mask.mask", language), anchor=False)
    drawing, words = st.columns([3, 2], gap="large")
    with drawing:
        live_figure(
            figures.mask_map.plot(
                labels,
                mask,
                targets=(*labels[1:], None),
                focus_row=chapter.token_row(frame),
                language=language,
                theme=figures.theme_named(frame.theme),
            ),
            key="mask_map",
            alt=text("causal_mask.mask_alt", language),
            language=language,
            file_name=text("causal_mask.file_mask", language),
            on_click=chapter.focus_token(frame),
        )
    words.markdown(text("causal_mask.targets" if frame.state.causal else "causal_mask.targets_off", language))


def right_and_wrong(frame: Frame) -> None:
    """Draw the right way beside a wrong one, with the sums of their rows, and the place where renormalising breaks."""
    now, language = frame.state, frame.language
    st.header(text("causal_mask.ways", language), anchor=False)
    st.markdown(text("causal_mask.ways_what", language))
    chosen = st.segmented_control(
        text("causal_mask.way", language),
        LATE,
        default=LATE[0],
        format_func=lambda late: text(f"causal_mask.way_{late}", language),
        key="mask_page_mode",
        required=True,
        label_visibility="collapsed",
    )
    mode = chosen or LATE[0]
    right, wrong = _right(frame), _late(frame, mode)
    fitting_figure(
        partial(
            figures.comparison.plot,
            right,
            wrong,
            now.head,
            language=language,
            theme=figures.theme_named(frame.theme),
            focus_row=frame.row,
            names=(text("causal_mask.way_before_softmax", language), text(f"causal_mask.way_{mode}", language)),
        ),
        key="mask_ways",
        alt=text("causal_mask.ways_alt", language, head=head_in_layer(now, now.head)),
        language=language,
        file_name=text("causal_mask.file_ways", language),
        on_click=focus,
    )
    st.markdown(escape_markdown(_sums(frame, right, wrong, mode)))
    _underflow(frame, mode)


def _underflow(frame: Frame, mode: MaskMode) -> None:
    """Show on two scores where zero-and-renormalise becomes 0/0, in the float32 the models compute with."""
    language = frame.language
    st.markdown(f"{text(f'causal_mask.underflow_{mode}', language)} {text('causal_mask.underflow', language)}")
    advantage = st.select_slider(
        text("causal_mask.advantage", language), ADVANTAGES, value=ADVANTAGES[3], key="mask_advantage", width=420
    )
    allowed = np.exp(np.float32(-advantage)) / (1 + np.exp(np.float32(-advantage)))
    said = text(
        "causal_mask.underflow_zero" if allowed == 0 else "causal_mask.underflow_fine",
        language,
        advantage=advantage,
        share=power_of_ten(float(allowed), language),
    )
    st.markdown(said)


def observations(frame: Frame, swap: Swap) -> list[str]:
    """Say what the swap and the mask did, in these numbers."""
    language, now = frame.language, frame.state
    names = named(frame.tokens.labels, language)
    if len(names) == 1:
        return [text("causal_mask.too_short", language)]
    row = chapter.token_row(frame)
    edge = ("_first" if row == 0 else "") if now.causal else ("_last" if row == len(names) - 1 else "")
    key = f"causal_mask.sees_{'on' if now.causal else 'off'}{edge}"
    seen = int(frame.layer(now.config).mask[row].sum())
    sees = text(key, language, query=names[row], n=seen, total=len(names), first=names[0])
    if not swap.place:
        return [sees, text("causal_mask.too_short", language)]
    largest = float(swap.changes.max(initial=0.0))
    said = {"old": swap.old, "new": swap.new, "changed": swap.n_changed, "earlier": swap.place}
    changed = "rows_changed" if swap.n_changed else "no_row_changed"
    sentences = [
        sees,
        text(
            f"causal_mask.{changed}_one" if swap.place == 1 else f"causal_mask.{changed}",
            language,
            largest=percent(largest, language, 1) if np.isfinite(largest) else "∞",
            **said,
        ),
    ]
    last = (
        text("causal_mask.first_row", language, query=names[0]) if now.causal else text("causal_mask.turn_on", language)
    )
    return [*sentences, last]


def shown_false(frame: Frame) -> str:
    """Say what zeroing after the softmax costs the row that loses most, in these numbers."""
    view = _late(frame, "zero_after")
    sums = view.row_sums[frame.state.head]
    row = int(sums.argmin())
    names = named(view.labels, frame.language)
    if len(names) == 1:
        return text("causal_mask.no_future", frame.language)
    return text(
        "causal_mask.shown_false",
        frame.language,
        head=head_in_layer(frame.state, frame.state.head),
        query=names[row],
        sum=percent(float(sums[row]), frame.language),
        lost=percent(1 - float(sums[row]), frame.language),
    )


def padding(frame: Frame) -> None:
    """Draw the causal mask beside a padding mask: one hides what comes later, the other what is only filling."""
    language = frame.language
    labels = (*frame.tokens.labels, *[text("causal_mask.filler", language)] * FILLERS)
    n = len(labels)
    causal = np.tril(np.ones((n, n), dtype=bool))
    real = np.broadcast_to(np.arange(n) < len(frame.tokens), (n, n))
    with st.expander(text("causal_mask.padding", language), icon=":material/help:"):
        st.markdown(text("causal_mask.padding_what", language, n=FILLERS))
        for column, mask, name in zip(st.columns(2), (causal, real), ("causal", "real"), strict=True):
            with column:
                live_figure(
                    figures.mask_map.plot(
                        labels,
                        mask,
                        title=text(f"causal_mask.padding_{name}", language),
                        language=language,
                        theme=figures.theme_named(frame.theme),
                    ),
                    key=f"mask_padding_{name}",
                    alt=text(f"causal_mask.padding_{name}_alt", language),
                    language=language,
                    file_name=text("causal_mask.file_mask", language),
                )


def _masked(frame: Frame) -> AttentionConfig:
    return replace(frame.state.config, causal=True, mask_mode="before_softmax")


def _right(frame: Frame) -> WeightsView:
    """Return the weights on the screen with the mask before the softmax."""
    return frame.view(_masked(frame))


def _late(frame: Frame, mode: MaskMode) -> WeightsView:
    """Return what masking late makes of the very scores that `_right` has, in the layer in focus alone."""
    layer = frame.layer(_masked(frame))
    weights, undefined = mask_late(layer.scaled_scores, layer.mask, renormalise=mode == "renormalise")
    late = replace(layer, weights=weights, dropped_weights=weights, undefined=undefined)
    return (view_words if frame.state.grouped else view_tokens)(late, frame.tokens)


def _sums(frame: Frame, right: WeightsView, view: WeightsView, mode: MaskMode) -> str:
    """Say what the row that loses most sums to the wrong way, and how far renormalising is from the right way."""
    language, head = frame.language, frame.state.head
    if len(view.labels) == 1:
        return text("causal_mask.no_future", language)
    row = int(view.row_sums[head].argmin())
    query = named(view.labels, language)[row]
    if mode == "zero_after":
        total = row_sum(view, head, row, language)
        said = text("causal_mask.sums_zero_after", language, query=query, sum=total)
        first = share(float(view.weights[head, 0, 0]), language)
        return f"{said} {text('causal_mask.sums_first', language, first=first)}" if row else said
    apart = float(np.abs(view.weights[head] - right.weights[head]).max())
    key = "causal_mask.sums_renormalise" if apart else "causal_mask.sums_renormalise_exact"
    return text(key, language, apart=power_of_ten(apart, language))


def _subject(frame: Frame, swap: Swap) -> tuple[object, ...]:
    return frame.state.text, frame.state.vocabulary, frame.state.config, swap.new
