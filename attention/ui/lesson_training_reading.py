"""What the lesson model's training shows, as sentences and names computed from its own numbers."""

from __future__ import annotations

from attention.figures.difference import ROUNDING
from attention.figures.labels import named
from attention.figures.sentences import share
from attention.lesson_model.history import MEASURED_ON, Birth, History
from attention.metrics import largest_change, strongest_keys
from attention.texts import Language, count, percent, text
from attention.ui.state import LESSON_HEADS, LESSON_LAYERS
from attention.views import WeightsView

Head = tuple[int, int]  # layer and head, counted from 0


def place(head: Head, language: Language) -> str:
    """Return what people call a head: layer and head, counted from 1."""
    return text("training.head_name", language, layer=head[0] + 1, head=head[1] + 1)


def head_names(history: History, subject: Head, step: int, language: Language) -> tuple[str, ...]:
    """Return a name a head, those of the first layer first; the subject's head also says its measured weight."""
    weight = history.predicts[history.nearest_point(step)][subject]
    role = text("training.lesson_role", language, name=place(subject, language), share=share(weight, language))
    heads = ((layer, head) for layer in range(LESSON_LAYERS) for head in range(LESSON_HEADS))
    return tuple(role if head == subject else place(head, language) for head in heads)


def curves(history: History, subject: Head, language: Language) -> dict[str, list[float]]:
    """Return the named curves of the claims: the subject's weight in two rows of one head, and the right verb."""
    layer, head = subject
    name = place(subject, language)
    return {
        text("training.lesson_predicts", language, head=name): history.predicts[:, layer, head].tolist(),
        text("training.lesson_verb", language, head=name): history.verb[:, layer, head].tolist(),
        text("training.lesson_foresees", language, n=count(MEASURED_ON, language)): list(history.foresees),
    }


def about_step(history: History, subject: Head, point: int, language: Language) -> str:
    """Say what was measured at one point of the curves."""
    return text(
        "training.reads_lesson_step",
        language,
        step=count(history.steps[point], language),
        name=place(subject, language),
        share=share(float(history.predicts[point][subject]), language),
        foresees=percent(history.foresees[point], language),
        n=count(MEASURED_ON, language),
    )


def about_birth(born: Birth, subject: Head, language: Language) -> str:
    """Say between which steps the head was born, and how sudden that was."""
    return text(
        "training.reads_birth",
        language,
        name=place(subject, language),
        start=count(born.start, language),
        end=count(born.end, language),
        before=share(born.before, language),
        after=share(born.after, language),
        steps=percent(born.share_of_steps, language),
        climb=percent(born.share_of_climb, language),
    )


def about_row(
    first: WeightsView, now: WeightsView, head: int, row: int, first_step: int, step: int, language: Language
) -> str:
    """Say where the row in focus looks most at `step`, and how much it looked there at the first checkpoint."""
    (key,) = strongest_keys(now, head, row, 1)
    names = named(now.labels, language)
    said = text(
        "training.reads_lesson_row",
        language,
        step=count(step, language),
        name=place(divmod(head, LESSON_HEADS), language),
        query=names[row],
        key=names[key],
        share=share(float(now.weights[head, row, key]), language),
    )
    if step == first_step:
        return said
    before = share(float(first.weights[head, row, key]), language)
    return f"{said} {text('training.reads_lesson_before', language, step=count(first_step, language), share=before)}"


def about_change(
    before: WeightsView, after: WeightsView, head: int, name: str, sides: tuple[str, ...], language: Language
) -> str:
    """Say which cell of the head changed most between two moments."""
    row, key = largest_change(before, after, head)
    old, new = float(before.weights[head, row, key]), float(after.weights[head, row, key])
    if abs(new - old) <= ROUNDING:
        return text("training.reads_no_change", language, name=name)
    names = named(after.labels, language)
    return text(
        "training.reads_change",
        language,
        name=name,
        query=names[row],
        key=names[key],
        before=share(old, language),
        after=share(new, language),
        first=sides[0],
        last=sides[1],
    )
