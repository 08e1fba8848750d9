"""The parts of the page on why context matters."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from attention import figures
from attention.config import AttentionConfig
from attention.errors import AttentionError
from attention.figures.change_bars import ROUNDING
from attention.figures.labels import named
from attention.lesson_model.tokenizer import is_known
from attention.metrics import cosines, relative_changes
from attention.notebooks import NotebookCell, code, prose
from attention.presets import TRANSLATIONS
from attention.shared_words import SharedWord, shared_words
from attention.snippets import Snippet
from attention.snippets_why_context import cosine_snippet, shuffle_code
from attention.texts import Language, number, power_of_ten, text, told_apart
from attention.trace import Floats
from attention.ui import chapter, inputs, lesson, state
from attention.ui.cache import cached_shuffle, cached_streams, cached_tokens
from attention.ui.errors import show_error
from attention.ui.layout import NARROW_LINE, WIDE_LINE, Frame
from attention.ui.live_figure import live_figure
from attention.ui.markdown import escape_markdown

NAME = "why_context"
WORD = "banco"
BEFORE = (  # what tells the meaning stands before the word
    ("sentei no banco", "paguei no banco"),
    ("O homem dormiu no banco", "O homem trabalhou no banco"),
)
AFTER = (("O banco de madeira", "O banco da cidade"),)

CLOSE = 0.5  # from this cosine on, two vectors are called alike
LITTLE = 0.05  # a fall of the cosine by less is little
ALIKE = ("same", "close", "far")


@dataclass(frozen=True, eq=False, slots=True)
class Pair:
    """One word in two sentences, and its vectors [stage, d_model] in each, with the mask and without."""

    sentences: tuple[str, str]
    word: SharedWord
    name: str  # as sentences quote it
    masked: tuple[Floats, Floats]
    open: tuple[Floats, Floats]

    def vectors(self, *, causal: bool) -> tuple[Floats, Floats]:
        """Return the word's vectors in the one sentence and in the other."""
        return self.masked if causal else self.open

    def cosines(self, *, causal: bool) -> Floats:
        """Return their cosines, a stage each."""
        return cosines(*self.vectors(causal=causal))

    def sees_the_same(self, *, causal: bool) -> bool:
        """Tell whether nothing that the word may look at differs."""
        return self.word.same_before and (causal or self.word.same_after)

    def alike(self, *, causal: bool) -> str:
        """Return in a word how alike they leave the model: a slug of `ALIKE`."""
        one, other = self.vectors(causal=causal)
        if relative_changes(one, other).max() <= ROUNDING:
            return ALIKE[0]
        return ALIKE[1] if self.cosines(causal=causal)[-1] >= CLOSE else ALIKE[2]


def guess_last_word(frame: Frame) -> chapter.Guess[int]:
    """Ask which word of the German sentence ends the translation."""
    question = text("why_context.guess_german", frame.language)
    return chapter.guess_token(frame, NAME, question, TRANSLATIONS[frame.language].source, subject="german")


def translation(frame: Frame, guessed: chapter.Guess[int]) -> None:
    """Show the guess beside the truth, and the two sentences with their crossing lines."""
    language, translated = frame.language, TRANSLATIONS[frame.language]
    source, target = translated.source, translated.target
    yours = None if guessed.choice is None else f"“{source[guessed.choice]}”"
    truth = f"“{source[translated.last]}” → “{target[-1]}”"
    chapter.reveal(frame, NAME, yours=yours, truth=truth, right=guessed.choice == translated.last, computed=False)
    wide, narrow = (
        figures.alignment.plot(
            source,
            target,
            translated.links,
            notes=translated.word_by_word,
            language=language,
            theme=figures.theme_named(frame.theme),
            line_width=line_width,
        )
        for line_width in (WIDE_LINE, NARROW_LINE)
    )
    live_figure(
        wide,
        narrow=narrow,
        key="why_context_alignment",
        alt=text("why_context.alignment_alt", language),
        language=language,
        file_name=text("why_context.file_alignment", language),
    )
    st.caption(text("why_context.by_hand", language))
    literally = " ".join(translated.word_by_word)
    st.markdown(text("why_context.crossings", language, literally=literally, n=translated.crossings))


def context_before(frame: Frame) -> Pair | None:
    """Ask for two sentences whose context stands before the word they share."""
    st.header(text("why_context.before", frame.language), anchor=False)
    st.markdown(text("why_context.before_what", frame.language))
    return _two_sentences(frame, "before", BEFORE)


def guess_alike(frame: Frame, pair: Pair) -> chapter.Guess[str]:
    """Ask how alike the two vectors leave the model."""
    language = frame.language
    choices = [(slug, text(f"why_context.alike_{slug}", language)) for slug in ALIKE]
    question = text("why_context.guess_alike", language, word=pair.name)
    subject = (frame.state.vocabulary, _settings(frame, causal=frame.state.causal), pair.sentences, pair.word)
    return chapter.guess_choice(frame, f"{NAME}_alike", question, choices, subject=subject)


def cosines_before(frame: Frame, pair: Pair, guessed: chapter.Guess[str]) -> None:
    """Show the guess beside the truth, the switch, and the cosines stage by stage."""
    language, causal = frame.language, frame.state.causal
    answer = pair.alike(causal=causal)
    chapter.reveal(
        frame,
        f"{NAME}_alike",
        yours=None if guessed.choice is None else text(f"why_context.alike_{guessed.choice}", language),
        truth=text("why_context.last_cosine", language, cosine=_written(pair.cosines(causal=causal)[-1], language)),
        right=guessed.choice == answer,
    )
    inputs.switches(frame.state, only=("causal",))
    _draw_cosines(frame, "before", pair)
    key = "why_context.positions_lesson" if frame.state.is_lesson else "why_context.positions_random"
    st.caption(text(key, language))


def context_after(frame: Frame) -> Pair | None:
    """Ask for two sentences whose context stands after the word, and draw the cosines, with the mask and without."""
    st.header(text("why_context.after", frame.language), anchor=False)
    st.markdown(text("why_context.after_what", frame.language))
    pair = _two_sentences(frame, "after", AFTER)
    if pair:
        _draw_cosines(frame, "after", pair)
    return pair


def word_order(frame: Frame) -> list[str]:
    """Shuffle the reader's sentence, draw what that does without a mask and with one, and say it."""
    language = frame.language
    st.header(text("why_context.order", language), anchor=False)
    skip = 1 if frame.state.is_lesson else 0  # ⟨início⟩ stays out
    labels = frame.tokens.labels[skip:]
    if len(labels) < 2:
        st.markdown(text("why_context.order_one", language))
        return []
    now, seed = frame.state, int(st.session_state.get("why_context_seed", 0))
    st.markdown(text("why_context.order_what", language, seed=now.seed))
    settings = AttentionConfig(positions=False, seed=now.seed)
    loose, masked = (
        cached_shuffle(now.text, now.vocabulary, seed, replace(settings, causal=causal)) for causal in (False, True)
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            text("why_context.shuffle", language),
            key="why_context_shuffle",
            icon=":material/shuffle:",
            on_click=state.assign,
            kwargs={"why_context_seed": (seed + 1) % state.MAX_DRAWS},
        )
        st.text(" ".join(labels[place] for place in loose.order))
    for column, shuffled, way in zip(st.columns(2, gap="large"), (loose, masked), ("off", "on"), strict=True):
        with column:
            st.markdown(f"**{text(f'why_context.mask_{way}', language)}**")
            live_figure(
                figures.change_bars.plot(
                    labels, shuffled.changes, language=language, theme=figures.theme_named(frame.theme)
                ),
                key=f"why_context_order_{way}",
                alt=text(f"why_context.order_alt_{way}", language),
                language=language,
                file_name=text("why_context.file_order", language),
            )
            key = "why_context.error" if shuffled.largest_error else "why_context.error_none"
            st.caption(text(key, language, error=power_of_ten(shuffled.largest_error, language)))
    key = "why_context.order_off" if loose.largest_error else "why_context.order_off_exact"
    said = [text(key, language, error=power_of_ten(loose.largest_error, language), total=len(labels))]
    changed = int((masked.changes > ROUNDING).sum())
    if changed:
        error = power_of_ten(masked.largest_error, language)
        said.append(text("why_context.order_on", language, changed=changed, total=len(labels), error=error))
    return said


def observations(frame: Frame, before: Pair | None, after: Pair | None, order: list[str]) -> list[str]:
    """Say what context and order did, in these numbers."""
    sentences = [] if before is None else [_about_before(frame, before)]
    return [*sentences, *([] if after is None else _about_after(frame, after)), *order]


def shown_false(frame: Frame, pair: Pair) -> str:
    """Say how far the word's two vectors stand apart at the end, or that here they do not."""
    return _about_exit(frame, pair, same="one_vector", unseen="one_vector_anyway", apart="two_vectors")


def cosine_by_hand(frame: Frame, pair: Pair) -> None:
    """Draw, closed, the last cosine worked by hand."""
    chapter.pencil(frame, NAME, lambda: chapter.draw_steps(cosine_steps(frame, pair)))


def cosine_steps(frame: Frame, pair: Pair) -> list[chapter.Step]:
    """Return the steps from two vectors to their cosine, each with its real numbers."""
    language = frame.language
    one, other = (vectors[-1].astype(np.float64) for vectors in pair.vectors(causal=frame.state.causal))

    def tex(value: float, digits: int = 2) -> str:
        return chapter.formula(value, language, digits)

    shown, written = chapter.product_formula(one, other, language)
    product, lengths = float(one @ other), [float(np.linalg.norm(vector)) for vector in (one, other)]
    cosine = float(pair.cosines(causal=frame.state.causal)[-1])
    words = text("why_context.step_product", language, word=escape_markdown(pair.name), shown=shown)
    return [
        chapter.Step(words, written),
        chapter.Step(
            text("why_context.step_lengths", language),
            rf"\sqrt{{{tex(lengths[0] ** 2)}}} = {tex(lengths[0])} \qquad "
            rf"\sqrt{{{tex(lengths[1] ** 2)}}} = {tex(lengths[1])}",
        ),
        chapter.Step(
            text("why_context.step_divide", language),
            rf"\frac{{{tex(product)}}}{{{tex(lengths[0])} \times {tex(lengths[1])}}} = {tex(cosine, 3)}",
        ),
    ]


def snippet(frame: Frame, pair: Pair) -> Snippet:
    """Return the code of the cosines on the screen."""
    one, other = pair.vectors(causal=frame.state.causal)
    return cosine_snippet(_stages(frame), one, other, pair.word.label, frame.language)


def order_cells(frame: Frame) -> list[NotebookCell]:
    """Return the notebook's cells on word order."""
    return [prose(text("why_context.notebook_order", frame.language)), code(shuffle_code(frame.language))]


def _two_sentences(frame: Frame, slot: str, choices: tuple[tuple[str, str], ...]) -> Pair | None:
    """Ask for two sentences and the word to compare; None, with a kind word, where they cannot be compared."""
    language, now = frame.language, frame.state
    usual = _usual(frame, choices)
    columns = st.columns([5, 5, 3], vertical_alignment="bottom")
    written = [
        column.text_input(
            text(f"why_context.sentence_{place}", language),
            value=sentence,
            max_chars=200,
            key=f"why_context_{slot}_{place}_{now.vocabulary}",
        )
        for column, sentence, place in zip(columns, usual, ("one", "other"), strict=False)
    ]
    try:
        one, other = (cached_tokens(sentence, now.vocabulary) for sentence in written)
    except AttentionError as error:
        show_error(error, language)
        return None
    found = shared_words(one, other)
    if not found:
        st.info(text("why_context.nothing_shared", language))
        return None
    names = [word.label for word in found]
    place = columns[2].selectbox(
        text("why_context.word", language),
        range(len(found)),
        index=names.index(WORD) if WORD in names else len(names) - 1,
        format_func=names.__getitem__,
        key=f"why_context_{slot}_word_{'_'.join(names)}",
    )
    word = found[place]
    if now.is_lesson:
        lesson.unknown_words(frame, one, other)
    masked, loose = (
        (
            cached_streams(one.text, now.vocabulary, config)[:, word.one],
            cached_streams(other.text, now.vocabulary, config)[:, word.other],
        )
        for config in (_settings(frame, causal=True), _settings(frame, causal=False))
    )
    return Pair((one.text, other.text), word, named((word.label,), language)[0], masked, loose)


def _usual(frame: Frame, choices: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """Return the first pair whose words the model knows, or the last pair."""
    if not frame.state.is_lesson:
        return choices[0]
    known = (pair for pair in choices if all(is_known(word) for word in " ".join(pair).split()))
    return next(known, choices[-1])


def _settings(frame: Frame, *, causal: bool) -> AttentionConfig:
    """Return the reader's model with the right mask or none, without dropout, without positions at the entrance."""
    now = frame.state.config
    plain = replace(now, causal=causal, mask_mode="before_softmax", dropout=0.0, dropout_seed=0)
    return plain if frame.state.is_lesson else replace(plain, positions=False)


def _draw_cosines(frame: Frame, slot: str, pair: Pair) -> None:
    language = frame.language
    lines = [
        figures.CosineLine(
            text(f"why_context.mask_{'on' if causal else 'off'}", language),
            pair.cosines(causal=causal),
            chosen=causal == frame.state.causal,
        )
        for causal in (True, False)
    ]
    live_figure(
        figures.cosine_lines.plot(_stages(frame), lines, language=language, theme=figures.theme_named(frame.theme)),
        key=f"why_context_cosines_{slot}",
        alt=text("why_context.cosines_alt", language, word=pair.name, one=pair.sentences[0], two=pair.sentences[1]),
        language=language,
        file_name=text("why_context.file_cosines", language),
    )


def _stages(frame: Frame) -> list[str]:
    """Return the names of the stages a vector is compared at."""
    language = frame.language
    if not frame.state.is_lesson:
        return [text("why_context.stage_entrance", language), text("why_context.stage_attention", language)]
    layers = range(1, frame.state.layers_shown + 1)
    return [
        text("why_context.stage_entrance", language),
        *(text("why_context.stage_layer", language, layer=layer) for layer in layers),
    ]


def _about_before(frame: Frame, pair: Pair) -> str:
    return _about_exit(frame, pair, same="stays", unseen="stays_anyway", apart="parts")


def _about_exit(frame: Frame, pair: Pair, *, same: str, unseen: str, apart: str) -> str:
    """Say how the word's two vectors leave: by the text `same`, or `unseen` though they see a difference, or `apart`.

    Vectors that differ never look equal: their cosine and angle get the decimals that takes.
    """
    language, causal = frame.language, frame.state.causal
    first, last = (float(pair.cosines(causal=causal)[stage]) for stage in (0, -1))
    said = {"word": pair.name, "entrance": _written(first, language)}
    if pair.alike(causal=causal) == ALIKE[0]:
        key = same if pair.sees_the_same(causal=causal) else unseen
        return text(f"why_context.{key}", language, **said, cosine=_written(last, language))
    cosine, _ = told_apart(last, 1.0, number, language, figures.COSINE_DIGITS)
    angle, _ = told_apart(_angle(last), 0.0, number, language, 0)
    return text(f"why_context.{apart}", language, **said, cosine=cosine, angle=angle)


def _about_after(frame: Frame, pair: Pair) -> list[str]:
    """Say what the mask hides of a context that comes after; nothing where it also differs before the word."""
    language = frame.language
    if not pair.word.same_before:
        return [text("why_context.not_after", language, word=pair.name)]
    masked, loose = (float(pair.cosines(causal=causal)[-1]) for causal in (True, False))
    said = {"word": pair.name, "masked": _written(masked, language), "loose": _written(loose, language)}
    if pair.word.same_after:
        return [text("why_context.same_later", language, **said)]
    little = "stays" if said["masked"] == said["loose"] else "little" if masked - loose < LITTLE else ""
    key = f"hidden_later_{little}" if little else "hidden_later"
    return [text(f"why_context.{key}", language, **said)]


def _written(cosine: float, language: Language) -> str:
    return number(float(cosine), language, figures.COSINE_DIGITS)


def _angle(cosine: float) -> float:
    """Return the angle of a cosine in degrees."""
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
