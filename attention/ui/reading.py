"""What the numbers on the screen say, as sentences computed from these very numbers."""

from __future__ import annotations

from attention.figures.difference import ROUNDING
from attention.figures.labels import named
from attention.figures.panels import MARKS_LIMIT
from attention.figures.sentences import share
from attention.lesson_model.tokenizer import START_LABEL
from attention.metrics import SUM_TOLERANCE, largest_change, row_spends_one, strongest_keys
from attention.texts import Language, number, percent, text
from attention.ui.state import ViewState
from attention.views import Cell, WeightsView

MARKED = ("masked", "dropped")  # signs that are strokes in a map of few cells


def about_row(view: WeightsView, now: ViewState, row: int, *, place: int | None = None) -> list[str]:
    """Say what the row in focus does, one sentence an idea: where it looks most, and why it spends other than 100%.

    The head in focus stands at `place` in the view: at its own number unless told otherwise.
    """
    place = now.head if place is None else place
    sentences = [_strongest(view, now, place, row)]
    if not (row_spends_one(view, place, row) or view.undefined[place, row]):
        sentences.append(_row_sum(view, now, place, row))
    if now.dropout_on and not now.training:
        sentences.append(text("reading.inference", now.language))
    return sentences


def head_in_layer(now: ViewState, head: int) -> str:
    """Return the number of a head of the layer in focus, and of the layer where the model has several."""
    if now.layers_shown == 1:
        return str(head + 1)
    return text("reading.head_of_layer", now.language, head=head + 1, layer=now.layer + 1)


def head_title(now: ViewState, head: int) -> str:
    """Return what stands over a head of the layer in focus."""
    return text("figures.head", now.language, head=head_in_layer(now, head))


def in_layer(said: str, now: ViewState) -> str:
    """Return what is said of all heads of the layer in focus, and which it is where the model has several."""
    return said if now.layers_shown == 1 else text("reading.in_layer", now.language, said=said, layer=now.layer + 1)


def _strongest(view: WeightsView, now: ViewState, head: int, row: int) -> str:
    language = now.language
    names = named(view.labels, language)
    query, where = names[row], head_in_layer(now, now.head)
    if view.undefined[head, row]:
        return text("reading.undefined", language, head=where, query=query)
    strongest = strongest_keys(view, head, row, 3)
    if not strongest:
        return text("reading.nothing_left", language, head=where, query=query)
    first, *others = strongest
    top = share(float(view.weights[head, row, first]), language)
    if not others:
        allowed = int((view.cells[head, row] != Cell.MASKED).sum())
        key = "reading.only" if allowed == 1 else "reading.only_left"
        return text(key, language, head=where, query=query, key=names[first], share=top)
    rest = text("reading.and", language).join(
        f"{names[key]} ({share(float(view.weights[head, row, key]), language)})" for key in others
    )
    return text("reading.strongest", language, head=where, query=query, key=names[first], share=top, others=rest)


def _row_sum(view: WeightsView, now: ViewState, head: int, row: int) -> str:
    config, language = now.config, now.language
    values = {
        "query": named(view.labels, language)[row],
        "sum": percent(float(view.row_sums[head, row]), language),
    }
    before = float(view.before_dropout[head, row].sum())
    if config.active_dropout > 0 and abs(before - 1) < SUM_TOLERANCE:
        values["factor"] = number(1 / (1 - config.dropout), language)
        if view.grouped:
            return text("reading.sum_dropout_words", language, **values)
        dropped = int((view.cells[head, row] == Cell.DROPPED).sum())
        allowed = int((view.cells[head, row] != Cell.MASKED).sum())
        left = allowed - dropped
        key = {0: "reading.sum_dropout_all", 1: "reading.sum_dropout_one"}.get(left, "reading.sum_dropout")
        key = key if dropped else "reading.sum_dropout_none"
        return text(key, language, dropped=dropped, allowed=allowed, **values)
    if config.active_dropout > 0:
        return text("reading.sum_both", language, before=percent(before, language), **values)
    return text("reading.sum_mask", language, lost=percent(1 - before, language), **values)


def change(
    before: WeightsView,
    after: WeightsView,
    head: int,
    language: Language,
    *,
    place: int | None = None,
    called: str = "",
) -> str:
    """Say what a switch changed most in this head, or that it changed nothing; `place` is as in `about_row`.

    The head is `called` so where its number does not do.
    """
    where, head = called or head + 1, head if place is None else place
    row, key = largest_change(before, after, head)
    old, new = float(before.weights[head, row, key]), float(after.weights[head, row, key])
    if abs(new - old) <= ROUNDING:
        return text("reading.no_change" if old == new else "reading.only_rounding", language, head=where)
    names = named(after.labels, language)
    return text(
        "reading.change",
        language,
        head=where,
        query=names[row],
        key=names[key],
        before=share(old, language),
        after=share(new, language),
    )


def legend(view: WeightsView, head: int, language: Language, *, row: int | None = None) -> str:
    """Say what the signs in this head's map mean, those that are in it and no others; or in `row` of it alone."""
    marked = len(view.labels) <= MARKS_LIMIT  # beyond, colour alone has room
    named_here = (f"{sign}_plain" if sign in MARKED and not marked else sign for sign in signs(view, head, row=row))
    return " ".join(text(f"reading.legend_{sign}", language) for sign in named_here)


def signs(view: WeightsView, head: int, *, row: int | None = None) -> list[str]:
    """Return the names of the signs in this head's map, or in `row` of it alone."""
    rows = slice(None) if row is None else row
    cells = view.cells[head, rows]
    present = {
        "masked": (cells == Cell.MASKED).any(),
        "dropped": (cells == Cell.DROPPED).any(),
        "mixed": (cells == Cell.MIXED).any(),
        "above_one": (view.weights[head, rows] > 1 + ROUNDING).any(),
        "space": any("␣" in label for label in view.labels),
        "line_break": any("↵" in label for label in view.labels),
        "tab": any("⇥" in label for label in view.labels),
        "continues": any(label.startswith("·") for label in view.labels),
        "start": START_LABEL in view.labels,
        "bytes": any("⟨" in label and label != START_LABEL for label in view.labels),
    }
    return [sign for sign, there in present.items() if there]
