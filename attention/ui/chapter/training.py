"""The lesson's bones around the two stories of the page on training, and one step of training by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from attention.errors import AttentionError
from attention.figures.labels import named
from attention.figures.sentences import share
from attention.induction.runs import NAMED_FROM, Run, recorded_run, strongest
from attention.lesson_model.history import MEASURED_ON, Birth, History, birth
from attention.presets import PRESETS
from attention.snippets_training import MATRIX_NAMES, step_snippet
from attention.texts import Language, count, number, percent, text
from attention.trace import Floats
from attention.ui import chapter, layout, state, training
from attention.ui.cache import cached_gradient_step, cached_tokens
from attention.ui.chapter.bones import say_place
from attention.ui.chapter.pencil import Step, draw_steps, formula, pencil
from attention.ui.layout import Frame, current_theme
from attention.ui.markdown import escape_markdown

if TYPE_CHECKING:
    from attention.gradient_step import GradientStep

PAGE = "training"
LESSON, INDUCTION = (
    PAGE,
    f"{PAGE}_induction",
)  # the two stories: their tables of texts, and what their guesses are kept as
TERMS = ("training", "loss", "gradient", "learning_rate", "checkpoint", "random_weights", "induction_head", "held_out")
DIGITS, FINE_DIGITS = 4, 6  # after the point; the fine ones show what a nudge does


def open_story(name: str, badge: Callable[[Language], object]) -> Language:
    """Draw the head of a story, its place in the lesson, the choice between both, and what to know before it."""
    language = layout.open_page(name, badge=badge, heading="question")
    say_place(PAGE, language)
    training.choose_story(language)
    st.markdown(text(f"{name}.intro", language))
    return language


def any_frame() -> Frame:
    """Return the frame of the reader's sentence, or of the first example where theirs cannot be read."""
    now = state.current()
    try:
        tokens = cached_tokens(now.text, now.vocabulary)
    except AttentionError:
        now = replace(now, text=PRESETS[0].text, row=-1)
        tokens = cached_tokens(now.text, now.vocabulary)
    return Frame(now, tokens, current_theme())


# --- The lesson model's story


def lesson_birth(history: History) -> Birth | None:
    """Return when the head of the strongest claim was born, if it was."""
    layer, head = state.LESSON_FOCUS
    return birth(history.steps, history.predicts[:, layer, head].tolist())


def guess_birth(frame: Frame, history: History) -> chapter.Guess[float]:
    """Ask at which step the head of the strongest claim was born; the measured steps are the choices."""
    language = frame.language
    layer, head = state.LESSON_FOCUS
    question = text(
        f"{LESSON}.guess",
        language,
        last=count(history.steps[-1], language),
        name=_lesson_head(language),
        layer=layer + 1,
        head=head + 1,
    )
    return chapter.guess_number(
        frame,
        LESSON,
        question,
        history.steps,
        subject=history.steps[-1],
        written=lambda step: text(f"{LESSON}.guess_step", language, step=count(int(step), language)),
    )


def reveal_birth(frame: Frame, history: History, guessed: chapter.Guess[float]) -> None:
    """Show the guess beside the two measured steps between which the head was born."""
    language, born = frame.language, lesson_birth(history)
    step = guessed.choice
    said = (
        text(f"{LESSON}.truth_never", language)
        if born is None
        else text(f"{LESSON}.truth", language, start=count(born.start, language), end=count(born.end, language))
    )
    yours = None if step is None else text(f"{LESSON}.guess_step", language, step=count(int(step), language))
    right = born is not None and step is not None and born.start <= step <= born.end
    chapter.reveal(frame, LESSON, yours=yours, truth=said, right=right)


def lesson_observations(history: History, language: Language) -> list[str]:
    """Say how the loss and the right verb moved over the whole training."""
    losses = [(step, loss) for step, loss in zip(history.steps, history.loss, strict=True) if loss == loss]
    (first, before), (last, after) = losses[0], losses[-1]
    return [
        text(
            f"{LESSON}.observe_loss",
            language,
            first=count(first, language),
            last=count(last, language),
            before=number(before, language),
            after=number(after, language),
        ),
        text(
            f"{LESSON}.observe_foresees",
            language,
            first=count(history.steps[0], language),
            last=count(history.steps[-1], language),
            before=percent(history.foresees[0], language),
            after=percent(history.foresees[-1], language),
            n=count(MEASURED_ON, language),
        ),
    ]


def lesson_shown_false(history: History, language: Language) -> str:
    """Say how much of its climb the head made in how little of the training."""
    born, name = lesson_birth(history), _lesson_head(language)
    if born is None:
        return text(f"{LESSON}.shown_false_flat", language, name=name)
    return text(
        f"{LESSON}.shown_false",
        language,
        name=name,
        start=count(born.start, language),
        end=count(born.end, language),
        steps=percent(born.share_of_steps, language),
        climb=percent(born.share_of_climb, language),
    )


def _lesson_head(language: Language) -> str:
    return _head_name(state.LESSON_FOCUS, language)


# --- The story of the network that copies


def guess_layer(frame: Frame) -> chapter.Guess[str]:
    """Ask in which layer of the recorded network the copying head is born."""
    language = frame.language
    choices = [(slug, text(f"{INDUCTION}.guess_{slug}", language)) for slug in ("first", "second", "both")]
    return chapter.guess_choice(frame, INDUCTION, text(f"{INDUCTION}.guess", language), choices, subject=INDUCTION)


def layer_of_birth(run: Run) -> str:
    """Return where the heads named for induction ended: "first", "second", "both", or "none"."""
    first, second = (float(scores.max()) >= NAMED_FROM for scores in run.snapshots[-1].induction[:2])
    return {(True, False): "first", (False, True): "second", (True, True): "both"}.get((first, second), "none")


def reveal_layer(frame: Frame, guessed: chapter.Guess[str]) -> None:
    """Show the guess beside the layer of the recorded network's copying head."""
    language = frame.language
    answer = layer_of_birth(recorded_run())
    said = text(f"{INDUCTION}.truth_none" if answer == "none" else f"{INDUCTION}.guess_{answer}", language)
    yours = None if guessed.choice is None else text(f"{INDUCTION}.guess_{guessed.choice}", language)
    chapter.reveal(frame, INDUCTION, yours=yours, truth=said, right=guessed.choice == answer)


def induction_observations(run: Run, language: Language) -> list[str]:
    """Say when the two jobs of the shown run were found, if they were, and how its copies improved."""
    first, last = run.snapshots[0], run.snapshots[-1]
    sentences = [
        _birth_of(run, job, scores, language)
        for job, scores in (("previous", last.previous), ("induction", last.induction))
        if float(scores.max()) >= NAMED_FROM
    ]
    copies = text(
        f"{INDUCTION}.observe_copies",
        language,
        first=first.step,
        last=last.step,
        before=share(first.accuracy, language),
        after=share(last.accuracy, language),
    )
    return [*(sentence for sentence in sentences if sentence), copies]


def _birth_of(run: Run, job: str, scores: Floats, language: Language) -> str:
    """Say between which steps the best head at a job rose most steeply; nothing where it never rose."""
    best = strongest(scores)
    born = birth(run.steps, [float(getattr(snapshot, job)[best]) for snapshot in run.snapshots])
    if born is None:
        return ""
    return text(
        f"{INDUCTION}.observe_birth",
        language,
        name=_head_name(best, language),
        what=text(f"{INDUCTION}.observe_{job}", language),
        start=born.start,
        end=born.end,
        before=share(born.before, language),
        after=share(born.after, language),
    )


def induction_shown_false(run: Run, language: Language) -> str:
    """Say what the best copying head did before and after the training, of which only the loss was told."""
    first, last = run.snapshots[0], run.snapshots[-1]
    best = strongest(last.induction)
    after = float(last.induction[best])
    if after < NAMED_FROM:
        return text(f"{INDUCTION}.shown_false_failed", language, after=share(after, language))
    return text(
        f"{INDUCTION}.shown_false",
        language,
        first=first.step,
        last=last.step,
        name=_head_name(best, language),
        before=share(float(first.induction.max()), language),
        after=share(after, language),
    )


def _head_name(head: tuple[int, int], language: Language) -> str:
    return text("training.head_name", language, layer=head[0] + 1, head=head[1] + 1)


# --- One step by hand, and the end of both stories


def close_story(frame: Frame, name: str) -> None:
    """Draw one step of training by hand, its code, the notebook, and the links."""
    step = cached_gradient_step(frame.tokens.ids)
    labels = frame.tokens.labels[-len(step.embeddings) :]
    pencil(frame, name, lambda: _draw_step(frame, step, labels))
    chapter.show_code(
        frame,
        name,
        lambda: step_snippet(step, labels, frame.language),
        about=text("gradient_step.snippet", frame.language),
    )
    chapter.close_lesson(frame, PAGE, terms=TERMS)


def _draw_step(frame: Frame, step: GradientStep, labels: tuple[str, ...]) -> None:
    language = frame.language
    names = [escape_markdown(name) for name in named(labels, language)]
    said = {"n": len(names), "tokens": ", ".join(names), "token": names[-1]}
    st.caption(text("gradient_step.intro" if len(names) > 1 else "gradient_step.intro_one", language, **said))
    draw_steps(gradient_steps(step, language))


def gradient_steps(step: GradientStep, language: Language) -> list[Step]:
    """Return the correction of one weight, and then of all, each with its real numbers."""

    def tex(value: float, digits: int = DIGITS) -> str:
        return formula(value, language, digits)

    matrix, row, column = step.watched
    weight = rf"w = {tex(float(step.before[step.watched]), 2)}"
    gradient, after = float(step.gradients[step.watched]), float(step.after[step.watched])
    factor = f"({tex(gradient)})" if gradient < 0 else tex(gradient)
    place = {"matrix": MATRIX_NAMES[matrix], "row": row + 1, "column": column + 1}
    loss, nudged = tex(step.loss_before, FINE_DIGITS), tex(step.nudged_loss, FINE_DIGITS)
    many = {"n_weights": step.before.size}
    falls = step.loss_after < step.loss_before
    steps = [
        Step(text("gradient_step.now", language, **place), rf"{weight} \qquad L = {loss}"),
        Step(
            text("gradient_step.nudge", language, nudge=number(step.nudge, language)),
            rf"\frac{{{nudged} - {loss}}}{{{tex(step.nudge, 2)}}} = {tex(step.slope)}",
        ),
        Step(text("gradient_step.gradient", language, **many), rf"g = {tex(gradient)}"),
        Step(
            text("gradient_step.step", language, rate=number(step.rate, language, 1)),
            rf"{tex(float(step.before[step.watched]), 2)} - {tex(step.rate, 1)} \times {factor} = {tex(after)}",
        ),
        Step(
            text("gradient_step.down" if falls else "gradient_step.up", language, **many),
            rf"{tex(step.loss_before)} \;\to\; {tex(step.loss_after)}",
        ),
    ]
    unmoved = [Step(text("gradient_step.one_token", language))] if matrix else []
    return [*unmoved, *steps]
