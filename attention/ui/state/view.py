"""The state of the screen: everything the reader chose, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from attention.config import AttentionConfig, MaskMode
from attention.head_measures import Measure
from attention.importance import FILLINGS, Filling
from attention.presets import PRESETS
from attention.texts import Language
from attention.tokens import DEFAULT_ENCODING
from attention.ui.state.choices import (
    ALIGNMENTS,
    LESSON_FOCUS,
    LESSON_HEADS,
    LESSON_LAYERS,
    LESSON_SECOND,
    MEASURED_ROWS,
    MODELS,
    ORDERS,
    ROLES,
    SEARCHES,
    SIDES_VIEWS,
    STORIES,
    TABS,
    TOOLS,
    WORTHS,
)
from attention.ui.state.parameters import PARAMETERS, SIDE_FIELDS

Heads = tuple[tuple[int, int], ...]  # a set of them, in order: layer and head of each, counted from 0


@dataclass(frozen=True, slots=True)
class ViewState:
    """Everything the reader chose, with the values of a first visit. Field names are session and widget keys."""

    # What is read, and in which language the page speaks.
    text: str = PRESETS[0].text
    language: Language = "pt-BR"

    # The model: where the numbers come from, and the sizes of the one with random weights.
    model: str = MODELS[0]
    encoding: str = DEFAULT_ENCODING
    n_heads: int = 4
    d_model: int = 96
    positions: bool = True
    seed: int = 0

    # The switches, and which of them the page compares with its other position.
    causal: bool = True
    mask_mode: MaskMode = "before_softmax"
    scaled: bool = True
    dropout_on: bool = False
    dropout: float = 0.5
    dropout_seed: int = 0
    training: bool = True
    moved: str = ""  # the switch whose effect is shown, or the mode the mask had before, or none

    # The cell in focus.
    grouped: bool = False  # by words, not by tokens
    layer: int = LESSON_FOCUS[0]
    head: int = LESSON_FOCUS[1]
    row: int = -1  # -1 is the last position, whatever the sentence
    column: int = -1  # -1 is the one its row looks at most

    # The frame of every page.
    more: bool = False  # the panel below the page
    tab: str = TABS[0]  # what the panel shows
    projector: bool = False  # whether the page is laid out for a wall
    keys: bool = True  # whether single keys act

    # The page on training.
    story: str = STORIES[0]
    step: int = -1  # of the lesson model's training; -1 is its end

    # The glossary.
    term: str = ""  # what it is asked for: a term's slug, or any words

    # The page that compares.
    tool: str = TOOLS[0]

    # Its tool “sides”.
    sides_view: str = SIDES_VIEWS[0]
    moment: int = -1  # the step of its training at which A's lesson model is taken; -1 is its end
    align: str = ALIGNMENTS[0]
    several: Heads = ()  # looked at together; none: the first of A's layer
    target: str = "a"  # the side a head of the overview is put into

    # Its tool “find”.
    search: str = SEARCHES[0]
    x_measure: Measure = "distance"  # of the heads' scatter
    y_measure: Measure = "entropy"
    measured_rows: str = MEASURED_ROWS[0]  # all that have a choice, or the one in focus
    only_layer: int = -1  # whose heads are listed; -1 is all
    ordered_by: str = ORDERS[0]  # the list of heads
    rising: bool = False  # the least first
    role: str = ROLES[0]  # at which every head is shown

    # Its tool “worth”.
    worth: str = WORTHS[0]
    off: Heads = ()  # those switched off, whether or not the model has them; `heads_off` are those it has
    filling: Filling = FILLINGS[0]  # what a head that is off gives instead

    # Its tool “lines”.
    line_heads: tuple[int, ...] = ()  # of the layer in focus, none means all; `lines_drawn` are those it has

    # Side B of a comparison: its layer and head; all else is as the address writes it, "" being as in A.
    b_layer: int = LESSON_SECOND[0]
    b_head: int = LESSON_SECOND[1]
    b_text: str = ""
    b_model: str = ""
    b_moment: str = ""
    b_encoding: str = ""
    b_n_heads: str = ""
    b_d_model: str = ""
    b_positions: str = ""
    b_seed: str = ""
    b_causal: str = ""
    b_mask_mode: str = ""
    b_scaled: str = ""
    b_dropout_on: str = ""
    b_dropout: str = ""
    b_dropout_seed: str = ""
    b_training: str = ""

    @property
    def side_b(self) -> ViewState:
        """The same state as B sees it: B's own choices under A's names, its layer and head among those there are."""
        own = {name: getattr(self, f"b_{name}") for name in SIDE_FIELDS}
        chosen = {name: PARAMETERS[name].read(written) for name, written in own.items() if written}
        return existing(replace(self, **chosen, layer=self.b_layer, head=self.b_head))

    def as_b(self, of_a: ViewState) -> dict[str, Any]:
        """Return the fields of B that make it what this state's A is, beside `of_a`."""
        written = {
            f"b_{name}": ""
            if getattr(self, name) == getattr(of_a, name)
            else PARAMETERS[name].write(getattr(self, name))
            for name in SIDE_FIELDS
        }
        return {**written, "b_layer": self.layer, "b_head": self.head}

    @property
    def is_lesson(self) -> bool:
        """Whether the numbers are those of the trained lesson model, which fixes its sizes and its tokens."""
        return self.model == "lesson"

    @property
    def vocabulary(self) -> str:
        """The encoding the text is cut with: the lesson model has its own."""
        return "lesson" if self.is_lesson else self.encoding

    @property
    def heads_shown(self) -> int:
        """How many heads a layer of the chosen model has."""
        return LESSON_HEADS if self.is_lesson else self.n_heads

    @property
    def layers_shown(self) -> int:
        """How many layers the chosen model has."""
        return LESSON_LAYERS if self.is_lesson else 1

    @property
    def heads_off(self) -> Heads:
        """The heads that are off; none that the chosen model does not have."""
        return tuple((layer, head) for layer, head in self.off if layer < self.layers_shown and head < self.heads_shown)

    @property
    def lines_drawn(self) -> tuple[int, ...]:
        """The heads whose lines are drawn: those chosen that the model has, or all."""
        chosen = tuple(head for head in self.line_heads if head < self.heads_shown)
        return chosen or tuple(range(self.heads_shown))

    @property
    def config(self) -> AttentionConfig:
        """The settings of the attention layer; what cannot act is left at its default, so that equal means equal."""
        switches = AttentionConfig(
            causal=self.causal,
            mask_mode=self.mask_mode if self.causal else "before_softmax",
            scaled=self.scaled,
            dropout=self.dropout if self.dropout_on and self.training else 0.0,
            dropout_seed=self.dropout_seed if self.dropout_on and self.training else 0,
        )
        if self.is_lesson:
            return switches
        return replace(switches, n_heads=self.n_heads, d_model=self.d_model, positions=self.positions, seed=self.seed)

    @property
    def beyond_training(self) -> bool:
        """Whether a switch asks of the lesson model what it was never trained for; either mask position was trained."""
        config = self.config
        return self.is_lesson and (not config.scaled or config.dropout > 0 or config.mask_mode != "before_softmax")

    @property
    def before(self) -> ViewState:
        """The same state before the last switch moved: a two-way switch the other way, the mask's mode as it was."""
        match self.moved:
            case "causal":
                return replace(self, causal=not self.causal)
            case "scaled":
                return replace(self, scaled=not self.scaled)
            case "dropout_on":
                return replace(self, dropout_on=not self.dropout_on)
            case "before_softmax" | "zero_after" | "renormalise":
                return replace(self, mask_mode=self.moved)
            case _:
                return self


def first_visit(model: str = MODELS[0]) -> ViewState:
    """Return what is shown of a model at first: its strongest claim, or its first head."""
    if model == "lesson":
        return ViewState(model=model)
    return ViewState(model=model, layer=0, head=0, b_layer=0, b_head=1)


def existing(state: ViewState) -> ViewState:
    """Return the state with A's first layer or head for one that its model does not have."""
    layer = state.layer if state.layer < state.layers_shown else 0
    head = state.head if state.head < state.heads_shown else 0
    return replace(state, layer=layer, head=head)
