"""The parts of the page on where attention sits in the Transformer."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from attention import figures
from attention.blocks import PARTS
from attention.figures.addition_bars import times
from attention.figures.labels import named
from attention.lesson_model.predictions import next_tokens
from attention.metrics import cosines, relative_lengths
from attention.snippets import Snippet
from attention.snippets_block import SHOWN, block_snippet
from attention.texts import count, number, percent, power_of_ten, text
from attention.trace import Floats
from attention.ui import chapter, inputs, state
from attention.ui.cache import cached_anatomy
from attention.ui.layout import NARROW_LINE, WIDE_LINE, Frame, fitting_figure
from attention.ui.live_figure import Click, PointClick, live_figure
from attention.ui.markdown import escape_markdown

if TYPE_CHECKING:
    from attention.blocks import Anatomy

TERMS = ("transformer", "residual", "layer_norm", "feed_forward", "logits", "positions", "layer")
FIRST_PART = "attention"  # the part that is open at first
ALONG, ACROSS = 0.7, 0.1  # cosines: from the first on almost one line (under 46°), up to the second a right angle
EXPECTED = 6  # tokens shown of the logits


@dataclass(frozen=True, eq=False, slots=True)
class Opened:
    """Every block of the model taken apart, the one in focus, and what its attention adds to each token."""

    blocks: tuple[Anatomy, ...]
    layer: int
    row: int  # the token in focus
    ratios: Floats  # [layer, position], ‖attention‖ ÷ ‖stream‖
    cosines: Floats  # [layer, position], between attention and stream

    @property
    def block(self) -> Anatomy:
        """The block in focus."""
        return self.blocks[self.layer]

    @property
    def ratio(self) -> float:
        """How much attention adds to the token in focus, in the block in focus."""
        return float(self.ratios[self.layer, self.row])

    def vector(self, part: str) -> Floats:
        """Return the vector of the token in focus at `part`."""
        return np.asarray(self.block.parts[part][self.row])

    def length(self, part: str) -> float:
        """Return how long that vector is."""
        return float(np.linalg.norm(self.vector(part)))


def controls(frame: Frame) -> None:
    """Draw the tokens to choose one from, the layer, and the mask's switch."""
    language = frame.language

    wide, narrow = (
        figures.plain_tokens.plot(
            frame.tokens.labels,
            chosen=chapter.token_row(frame),
            line_width=width,
            language=language,
            theme=figures.theme_named(frame.theme),
        )
        for width in (WIDE_LINE, NARROW_LINE)
    )
    st.caption(text("transformer.choose_token", language))
    live_figure(
        wide,
        narrow=narrow,
        key="transformer_tokens",
        alt=text("transformer.tokens_alt", language),
        language=language,
        file_name=text("frame.file_sentence", language),
        on_click=chapter.focus_token(frame),
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        inputs.layer_picker(frame.state)
        with st.container():
            inputs.switches(frame.state, only=("causal",))


def opened(frame: Frame) -> Opened:
    """Take every block of the model apart, for the reader's sentence."""
    now = frame.state
    config = replace(now.config, dropout=0.0, dropout_seed=0)
    blocks = cached_anatomy(now.text, now.vocabulary, config)
    pairs = [(block.parts["attention"], block.parts["stream"]) for block in blocks]
    return Opened(
        blocks=blocks,
        layer=now.layer,
        row=chapter.token_row(frame),
        ratios=np.stack([relative_lengths(added, before) for added, before in pairs]),
        cosines=np.stack([cosines(added, before) for added, before in pairs]),
    )


def guess(frame: Frame, name: str, opened: Opened) -> chapter.Guess[str]:
    """Ask how much attention adds to the vector of the token in focus."""
    key = "transformer.guess" if frame.state.is_lesson else "transformer.guess_alone"
    question = text(key, frame.language, token=_token(frame, opened.row), layer=opened.layer + 1)
    choices = [(slug, text(f"transformer.guess_{slug}", frame.language)) for slug in ("little", "half", "more")]
    subject = (frame.state.text, frame.state.vocabulary, frame.state.config, opened.layer, opened.row)
    return chapter.guess_choice(frame, name, question, choices, subject=subject)


def truth(frame: Frame, name: str, opened: Opened, guessed: chapter.Guess[str]) -> None:
    """Show the guess beside how much it is."""
    language = frame.language
    answer = "little" if opened.ratio < 0.5 else "half" if opened.ratio <= 1 else "more"
    yours = None if guessed.choice is None else text(f"transformer.guess_{guessed.choice}", language)
    said = text("transformer.truth", language, times=times(opened.ratio, language), token=_token(frame, opened.row))
    chapter.reveal(frame, name, yours=yours, truth=said, right=guessed.choice == answer)


def diagram(frame: Frame, opened: Opened) -> None:
    """Draw the block, and beside it the part that is open."""
    language, theme = frame.language, figures.theme_named(frame.theme)
    st.header(text("transformer.block", language), anchor=False)
    part = st.session_state.get("transformer_part", FIRST_PART)
    lengths = {name: opened.length(name) for name in PARTS if name in opened.block.parts}

    def open_part(click: Click) -> None:
        if isinstance(click, PointClick):
            state.assign(transformer_part=PARTS[click.point])

    drawing, beside = st.columns([6, 5], gap="large")
    with drawing:
        st.caption(text("transformer.click_part", language))
        fitting_figure(
            partial(
                figures.block_diagram.plot,
                lengths,
                part,
                layer=opened.layer,
                n_layers=len(opened.blocks),
                positions_added=not frame.state.is_lesson,
                language=language,
                theme=theme,
            ),
            key="transformer_block",
            alt=text("transformer.block_alt", language, token=_token(frame, opened.row)),
            language=language,
            file_name=text("transformer.file_block", language),
            on_click=open_part,
        )
    with beside:
        _part(frame, opened, part)


def _part(frame: Frame, opened: Opened, part: str) -> None:
    """Draw one part: what it is, its shape, and its numbers for the token in focus."""
    language = frame.language
    st.markdown(f"#### {text(f'transformer.part_{part}', language)}")
    if part not in opened.block.parts:
        st.markdown(text("transformer.what_absent", language))
        return
    alone = (
        {}
        if frame.state.is_lesson
        else {
            "embedding": "embedding_alone",
            "stream": "stream_alone",
            "position": "added",
            "attention": "attention_alone",
        }
    )
    kind = alone.get(part, part)
    st.markdown(text(f"transformer.what_{kind}", language))
    rows, width = opened.block.parts[part].shape
    vector = opened.vector(part)
    shown = "; ".join(number(value, language, 3) for value in vector[:SHOWN].tolist())
    said = text(
        "transformer.shape",
        language,
        n=rows,
        width=width,
        token=_token(frame, opened.row),
        length=number(opened.length(part), language),
        first=shown,
    )
    st.markdown(escape_markdown(said))
    if aside := _aside(frame, opened, part):
        st.markdown(escape_markdown(aside))
    theme = figures.theme_named(frame.theme)
    if part == "logits":
        expected = next_tokens(opened.block.parts["logits"][None], opened.row, EXPECTED)
        figure = figures.next_tokens.plot(
            [each.label for each in expected],
            [each.probability for each in expected],
            language=language,
            theme=theme,
        )
    else:
        figure = figures.vector_bars.plot(vector, language=language, theme=theme)
    live_figure(
        figure,
        key="transformer_logits" if part == "logits" else "transformer_vector",
        alt=text("transformer.vector_alt", language, part=text(f"transformer.part_{part}", language)),
        language=language,
        file_name=text("transformer.file_vector", language),
    )


def _aside(frame: Frame, opened: Opened, part: str) -> str:
    """Say what only this part has: how much is added, that a turn keeps lengths, which logit is the largest."""
    language, token = frame.language, _token(frame, opened.row)
    if part == "position" and opened.block.unturned is not None:
        before = float(np.linalg.norm(opened.block.unturned[opened.row]))
        after = opened.length(part)
        said = {"before": number(before, language), "after": number(after, language)}
        return text("transformer.turn_keeps", language, token=token, **said)
    added_to = {"attention": "stream", "mlp": "sum_1", "position": "embedding"}.get(part)
    if added_to:
        ratio = float(relative_lengths(opened.vector(part)[None], opened.vector(added_to)[None])[0])
        beside = text(f"transformer.part_{added_to}", language)
        return text("transformer.beside", language, times=times(ratio, language), part=beside)
    if part == "logits":
        logits = opened.vector("logits")
        largest = next_tokens(logits[None, None], 0, 1)[0].label
        return text("transformer.largest_logit", language, token=largest, logit=number(float(logits.max()), language))
    return ""


def additions(frame: Frame, opened: Opened) -> None:
    """Draw how much attention adds to every token, in every layer; a click on a bar chooses its token."""
    language = frame.language
    st.header(text("transformer.additions", language), anchor=False)
    st.markdown(text("transformer.additions_what" if frame.state.is_lesson else "transformer.would_add", language))

    live_figure(
        figures.addition_bars.plot(
            frame.tokens.labels,
            opened.ratios,
            opened.layer,
            opened.row,
            language=language,
            theme=figures.theme_named(frame.theme),
        ),
        key="transformer_additions",
        alt=text("transformer.additions_alt", language),
        language=language,
        file_name=text("transformer.file_additions", language),
        on_click=chapter.focus_token(frame),
    )


def observations(frame: Frame, opened: Opened) -> list[str]:
    """Say what attention adds, in these numbers, and what else the block does."""
    language, names = frame.language, named(frame.tokens.labels, frame.language)
    layer, row = opened.layer, opened.row
    cosine = float(opened.cosines[layer, row])
    key = "transformer.brings" if frame.state.is_lesson else "transformer.brings_random"
    sentences = [
        text(
            key,
            language,
            layer=layer + 1,
            token=names[row],
            times=times(opened.ratio, language),
            cosine=number(cosine, language),
            angle=round(math.degrees(math.acos(min(1.0, max(-1.0, cosine))))),
            way=text(f"transformer.way_{way(cosine)}", language),
        )
    ]
    ratios = opened.ratios[layer]
    most, least = int(ratios.argmax()), int(ratios.argmin())
    if most != least:
        sentences.append(
            text(
                "transformer.most_and_least",
                language,
                most=names[most],
                most_times=times(float(ratios[most]), language),
                least=names[least],
                least_times=times(float(ratios[least]), language),
            )
        )
    if len(opened.blocks) > 1:
        means = [
            text("transformer.layer_mean", language, layer=number_ + 1, times=times(float(mean), language))
            for number_, mean in enumerate(opened.ratios.mean(axis=1))
        ]
        sentences.append(text("transformer.means", language, layers="; ".join(means)))
    if "mlp" in opened.block.parts:
        parts = opened.block.parts
        thought = float(relative_lengths(parts["mlp"][row][None], parts["sum_1"][row][None])[0])
        sizes = opened.block.sizes
        total = sum(sizes.values())
        sentences += [
            text("transformer.thinks", language, token=names[row], times=times(thought, language)),
            text(
                "transformer.sizes",
                language,
                total=count(total, language),
                attention=percent(sizes["attention"] / total, language),
                mlp=percent(sizes["mlp"] / total, language),
            ),
        ]
    return sentences


def way(cosine: float) -> str:
    """Return the name of how two vectors with this cosine point."""
    if abs(cosine) <= ACROSS:
        return "new"
    along = "same" if cosine > 0 else "against"
    return along if abs(cosine) >= ALONG else f"partly_{along}"


def shown_false(frame: Frame, opened: Opened) -> str:
    """Say how much of what came in is still there after attention."""
    language, token = frame.language, _token(frame, opened.row)
    if "sum_1" not in opened.block.parts:
        return text("transformer.shown_false_random", language, token=token)
    after, before, added = (opened.vector(part) for part in ("sum_1", "stream", "attention"))
    return text(
        "transformer.shown_false",
        language,
        layer=opened.layer + 1,
        token=token,
        before=number(float(np.linalg.norm(before)), language),
        added=number(float(np.linalg.norm(added)), language),
        apart=power_of_ten(float(np.abs(after - added - before).max()), language),
    )


def by_hand(frame: Frame, opened: Opened) -> None:
    """Draw one component on its way through the block's sums; the reader chooses which."""
    language = frame.language
    width = len(opened.vector("attention"))
    place = st.selectbox(
        text("transformer.pencil_component", language),
        range(width),
        index=int(np.abs(opened.vector("attention")).argmax()),
        format_func=lambda position: str(position + 1),
        key=f"transformer_component_{opened.layer}_{opened.row}_{width}",
        width=320,
    )
    st.caption(escape_markdown(text("transformer.pencil_intro", language, token=_token(frame, opened.row))))
    chapter.draw_steps(hand_steps(frame, opened, place))


def hand_steps(frame: Frame, opened: Opened, place: int) -> list[chapter.Step]:
    """Return the steps of one component, and of how large attention's addition is, with their real numbers."""
    language = frame.language

    def tex(value: float, digits: int = 3) -> str:
        written = chapter.formula(value, language, digits)
        return f"({written})" if value < 0 else written

    def component(part: str) -> float:
        return float(opened.vector(part)[place])

    steps = []
    for key, before, added, after in (
        ("position", "embedding", "position", "stream"),
        ("attention", "stream", "attention", "sum_1"),
        ("mlp", "sum_1", "mlp", "sum_2"),
    ):
        turned = key == "position" and frame.state.is_lesson
        if turned or any(part not in opened.block.parts for part in (before, added, after)):
            continue
        total = chapter.formula(component(after), language, 3)
        sum_ = f"{tex(component(before))} + {tex(component(added))} = {total}"
        steps.append(chapter.Step(text(f"transformer.step_{key}", language), sum_))
    length, beside = opened.length("attention"), opened.length("stream")
    if beside > 0:
        fraction = rf"\frac{{{tex(length)}}}{{{tex(beside)}}} = {tex(opened.ratio, 2)}"
        steps.append(chapter.Step(text("transformer.step_ratio", language), fraction))
    return steps


def snippet(frame: Frame, opened: Opened) -> Snippet:
    """Return the code of the focused token's sum and norm."""
    return block_snippet(opened.block, opened.row, frame.language)


def _token(frame: Frame, row: int) -> str:
    return named(frame.tokens.labels, frame.language)[row]
