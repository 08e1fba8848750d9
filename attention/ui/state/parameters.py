"""How each choice travels in the address, which may hold anything: what is hostile, unknown or out of range raises.

A set of heads is written with hyphens between them, each counted from 1, its layer before a dot: "2.1-2.4".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from attention.config import MASK_MODES, MAX_SEED
from attention.head_measures import MEASURES
from attention.importance import FILLINGS
from attention.lesson_model.history import lesson_history
from attention.texts import LANGUAGES
from attention.tokens import ENCODINGS
from attention.ui.state.choices import (
    ALIGNMENTS,
    D_MODEL_CHOICES,
    DROPOUT_CHOICES,
    HEAD_CHOICES,
    LESSON_LAYERS,
    MAX_STEP,
    MAX_TERM_CHARACTERS,
    MEASURED_ROWS,
    MODELS,
    MOST_SEVERAL,
    ORDERS,
    ROLES,
    SEARCHES,
    SIDES_VIEWS,
    STORIES,
    SWITCHES,
    TABS,
    TOOLS,
    WORTHS,
)

MOST_HEADS = max(HEAD_CHOICES)  # of a layer


@dataclass(frozen=True, slots=True)
class Parameter:
    """How one field of `ViewState` travels in the address."""

    slug: str
    read: Callable[[str], Any]  # raises ValueError or KeyError for what it does not accept
    write: Callable[[Any], str] = str


def _writable(written: str) -> str:
    """Return the text as a box of one line can hold it: no lone surrogates, line breaks as spaces."""
    return " ".join(written.encode("utf-8", "replace").decode().splitlines())


def _searched(written: str) -> str:
    """Return what the glossary is asked for, as its box can hold it."""
    if len(written) > MAX_TERM_CHARACTERS:
        raise ValueError(written)
    return _writable(written)


def _flag(written: str) -> bool:
    return {"0": False, "1": True}[written]


def _whole(minimum: int, maximum: int) -> Callable[[str], int]:
    def read(written: str) -> int:
        if len(written) > len(str(maximum)) + 1 or not minimum <= (value := int(written)) <= maximum:
            raise ValueError(written)
        return value

    return read


def _moment(written: str) -> int:
    """Return the step nearest to the one written of those whose weights were kept; -1 is the end."""
    if written == "end":
        return -1
    history = lesson_history()
    step = history.nearest_checkpoint(_whole(0, MAX_STEP)(written))
    return -1 if step == max(history.checkpoints) else step


def _named(slug: str, choices: Mapping[str, Any]) -> Parameter:
    by_value = {value: written for written, value in choices.items()}
    return Parameter(slug, choices.__getitem__, by_value.__getitem__)


def _one_of(slug: str, choices: Iterable[str]) -> Parameter:
    """Return a choice written as the code names it, with hyphens."""
    return _named(slug, {choice.replace("_", "-"): choice for choice in choices})


def _switch(slug: str) -> Parameter:
    return Parameter(slug, _flag, lambda on: str(int(on)))


def _counted(slug: str, maximum: int) -> Parameter:
    """Return a position that people count from 1 and the code from 0."""
    return Parameter(slug, lambda written: _whole(1, maximum)(written) - 1, lambda position: str(position + 1))


def _set_of(slug: str, most: int, read: Callable[[str], Any], write: Callable[[Any], str]) -> Parameter:
    """Return a set of at most `most`, as a tuple in order; the address has hyphens between them."""

    def read_all(written: str) -> tuple[Any, ...]:
        parts = written.split("-", most) if written else []
        if len(parts) > most:
            raise ValueError(written)
        return tuple(sorted({read(part) for part in parts}))

    return Parameter(slug, read_all, lambda chosen: "-".join(map(write, chosen)))


def _heads_of_a_layer(slug: str) -> Parameter:
    head = _counted("", MOST_HEADS)
    return _set_of(slug, MOST_HEADS, head.read, head.write)


def _heads(slug: str, most: int) -> Parameter:
    """Return a set of heads, each a layer and a head of it."""
    layer, head = _counted("", LESSON_LAYERS), _counted("", MOST_HEADS)

    def read(written: str) -> tuple[int, int]:
        of_layer, number = written.split(".")
        return layer.read(of_layer), head.read(number)

    return _set_of(slug, most, read, lambda place: f"{layer.write(place[0])}.{head.write(place[1])}")


PARAMETERS: dict[str, Parameter] = {
    "text": Parameter("text", _writable),
    "language": _named("lang", {language.lower(): language for language in LANGUAGES}),
    # The model, its switches, and the cell in focus.
    "model": _one_of("model", MODELS),
    "encoding": _named("encoding", {encoding: encoding for encoding in ENCODINGS}),
    "n_heads": _named("heads", {str(n): n for n in HEAD_CHOICES}),
    "d_model": _named("dims", {str(n): n for n in D_MODEL_CHOICES}),
    "positions": _switch("positions"),
    "seed": Parameter("seed", _whole(0, MAX_SEED)),
    "causal": _switch("causal"),
    "mask_mode": _one_of("mask", MASK_MODES),
    "scaled": _switch("scale"),
    "dropout_on": _switch("dropout"),
    "dropout": _named("p", {str(p): p for p in DROPOUT_CHOICES}),
    "dropout_seed": Parameter("draw", _whole(0, MAX_SEED)),
    "training": _switch("train"),
    "moved": _named("effect", {switch.replace("_on", "").replace("_", "-"): switch for switch in SWITCHES}),
    "grouped": _switch("words"),
    "layer": _counted("layer", LESSON_LAYERS),
    "head": _counted("head", MOST_HEADS),
    "row": _counted("row", 9_999),
    "column": _counted("column", 9_999),
    # The frame, the page on training, the glossary.
    "more": _switch("more"),
    "tab": _one_of("tab", TABS),
    "projector": _switch("projector"),
    "keys": _switch("keys"),
    "story": _one_of("story", STORIES),
    "step": Parameter("step", _whole(0, MAX_STEP)),
    "term": Parameter("term", _searched),
    # The page that compares, tool by tool.
    "tool": _one_of("tool", TOOLS),
    "sides_view": _one_of("show", SIDES_VIEWS),
    "moment": Parameter("moment", _moment, lambda step: "end" if step < 0 else str(step)),
    "align": _one_of("align", ALIGNMENTS),
    "several": _heads("several", MOST_SEVERAL),
    "target": _one_of("into", ("a", "b")),
    "search": _one_of("find", SEARCHES),
    "x_measure": _one_of("x", MEASURES),
    "y_measure": _one_of("y", MEASURES),
    "measured_rows": _one_of("rows", MEASURED_ROWS),
    "only_layer": _counted("only", LESSON_LAYERS),
    "ordered_by": _one_of("sort", ORDERS),
    "rising": _switch("rising"),
    "role": _one_of("role", ROLES),
    "worth": _one_of("worth", WORTHS),
    "off": _heads("off", LESSON_LAYERS * MOST_HEADS),
    "filling": _one_of("fill", FILLINGS),
    "line_heads": _heads_of_a_layer("lines"),
    # Side B.
    "b_layer": _counted("blayer", LESSON_LAYERS),
    "b_head": _counted("bhead", MOST_HEADS),
}
"""One entry a field of `ViewState`, in the order of the address."""

SIDE_FIELDS = (
    *("text", "model", "moment", "encoding", "n_heads", "d_model", "positions", "seed"),
    *("causal", "mask_mode", "scaled", "dropout_on", "dropout", "dropout_seed", "training"),
)
"""What B may have otherwise than A, beside its layer and head."""


def _of_side_b(name: str) -> Parameter:
    """Return how B's choice travels: written as A's would be, under A's slug with a "b" before it."""
    of_a = PARAMETERS[name]
    return Parameter(f"b{of_a.slug}", lambda written: of_a.write(of_a.read(written)) if written else "")


PARAMETERS |= {f"b_{name}": _of_side_b(name) for name in SIDE_FIELDS}
