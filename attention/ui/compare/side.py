"""The two sides of a comparison: what each shows, how one lies on the other, and the cell in focus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from attention import exports
from attention.alignment import By
from attention.config import MASK_MODES
from attention.figures import Figure
from attention.figures.pairs import Pair, pair, pair_names
from attention.lesson_model.history import lesson_history
from attention.metrics import strongest_keys
from attention.texts import Language, count, text
from attention.tokens import Tokens
from attention.ui.cache import (
    Shown,
    cached_figure,
    cached_tokens,
    cached_trace,
    cached_view,
    cached_widths,
    draw_figure,
)
from attention.ui.compare.heads import head_label
from attention.ui.layout import Frame
from attention.ui.live_figure import Drawing
from attention.ui.regrouping import token_of, word_of
from attention.ui.state import ViewState
from attention.views import WeightsView

Letter = Literal["a", "b"]


@dataclass(frozen=True, slots=True)
class Side:
    """One side: `now` is the state as this side sees it, its own choices under A's names."""

    letter: Letter
    now: ViewState
    grouped: bool

    @property
    def shown(self) -> Shown:
        """Which weights the side shows: one layer of its model, at one moment of its training."""
        return self._shown(self.now.layer)

    @property
    def all_heads(self) -> Shown:
        """The weights of every head the side could show instead."""
        return self._shown(None)

    @property
    def view(self) -> WeightsView:
        """The weights the side shows. Raises AttentionError about its text or its model."""
        return cached_view(self.shown)

    @property
    def tokens(self) -> Tokens:
        """The tokens of the side's sentence. Raises AttentionError about it."""
        return cached_tokens(self.now.text, self.now.vocabulary)

    @property
    def by_words_only(self) -> bool:
        """Whether the side is shown by words where the reader's rows and columns count tokens."""
        return self.grouped and not self.now.grouped

    @property
    def place(self) -> int:
        """The place of the side's head among the heads of all layers."""
        return self.now.layer * self.now.heads_shown + self.now.head

    def name(self, language: Language) -> str:
        """Return what the side is called: its letter, layer and head, as people count, and a moment before the end."""
        name = f"{self.letter.upper()}: {head_label((self.now.layer, self.now.head), self.now)}"
        return f"{name}, {self.moment(language)}" if self.shown.checkpoint else name

    def introduction(self, language: Language) -> list[str]:
        """Return, in a few lines, what the side's numbers are of. Raises AttentionError about its text."""
        now = self.now
        moment = [self.moment(language)] if self.shown.checkpoint else []
        return [
            *exports.introduction(cached_trace(now.text, now.vocabulary, now.config), now.config, language),
            *moment,
        ]

    def moment(self, language: Language) -> str:
        """Return at which moment of its training the side's model is."""
        if not self.shown.checkpoint:
            return text("sides.moment_trained", language)
        step = int(PurePosixPath(self.shown.checkpoint).stem)
        return text("training.at_step", language, step=count(step, language))

    def _shown(self, layer: int | None) -> Shown:
        now = self.now
        return Shown(now.text, now.vocabulary, now.config, layer, self.grouped, _checkpoint(now))


def _checkpoint(now: ViewState) -> str:
    """Return the file of weights of the moment that is compared; none is the trained model."""
    if not now.is_lesson or now.moment < 0:
        return ""
    history = lesson_history()
    step = history.nearest_checkpoint(now.moment)
    return "" if step == max(history.checkpoints) else history.checkpoints[step]


def side_names(a: Side, b: Side, language: Language) -> tuple[str, str]:
    """Return what two sides are called beside each other: what tells them apart is in the name of the one it marks."""
    one, other = (
        ", ".join([side.name(language), *_marks(*pair, language)]) for side, pair in ((a, (a, b)), (b, (b, a)))
    )
    return one, other


def _marks(side: Side, beside: Side, language: Language) -> Iterator[str]:
    """Yield, in a few words each, what a side has unlike the other and unlike a first visit."""
    now, other = side.now, beside.now
    if now.model != other.model:
        yield from () if now.is_lesson else (text("sides.short_random", language),)
    elif not now.is_lesson and now.seed != other.seed:
        yield text("sides.short_seed", language, seed=now.seed)
    if now.causal != other.causal:
        yield from () if now.causal else (text("sides.short_unmasked", language),)
    elif now.causal and now.mask_mode != other.mask_mode and now.mask_mode != MASK_MODES[0]:
        yield text("sides.short_masked_late", language)
    if other.scaled and not now.scaled:
        yield text("sides.short_unscaled", language)
    if now.config.active_dropout and not other.config.active_dropout:
        yield text("sides.short_dropout", language)


def side_a(frame: Frame, *, grouped: bool) -> Side:
    """Return A: what the frame's own choices show."""
    return Side("a", frame.state, grouped)


def side_b(frame: Frame, *, grouped: bool) -> Side:
    """Return B: what its own choices show, and A's wherever it has none."""
    return Side("b", frame.state.side_b, grouped)


@dataclass(frozen=True, eq=False, slots=True)
class Sides:
    """A and B laid on each other. `focus` is a row and a column of their common axis."""

    frame: Frame
    a: Side
    b: Side
    by: By
    found: Pair
    focus: tuple[int, int]

    @property
    def language(self) -> Language:
        """The reader's language."""
        return self.frame.language

    @property
    def names(self) -> list[str]:
        """What the positions of the common axis are called in sentences."""
        return pair_names(self.found, self.language)

    @property
    def rows(self) -> tuple[int, ...]:
        """The numbers that the address gives the rows of the common axis, in order."""
        return tuple(map(self.found.alignment.position, range(len(self.found.alignment.pairs))))

    def figure(self, name: str, **options: object) -> Drawing:
        """Return the figure called `name` of A and B."""
        return cached_figure(name, (self.a.shown, self.b.shown), self.frame.theme, self._given(options))

    def widths(self, name: str, **options: object) -> tuple[Drawing, Drawing]:
        """Return the two figures of A and B that are drawn together under `name`, for a screen and for a phone."""
        return cached_widths(name, (self.a.shown, self.b.shown), self.frame.theme, self._given(options))

    def page_figure(self, name: str, **options: object) -> Figure:
        """Return the figure called `name` of A and B as a page to take home holds it."""
        return draw_figure(name, (self.a.shown, self.b.shown), self.frame.theme, self._given(options))

    def _given(self, options: dict[str, object]) -> tuple[tuple[str, object], ...]:
        heads = (self.a.now.head, self.b.now.head)
        return tuple({"heads": heads, "by": self.by, "language": self.language, **options}.items())

    def position(self, part: str, position: int) -> int:
        """Return the number that the address gives a position of A, of B, or of the common axis (“difference”)."""
        alignment = self.found.alignment
        place = position if part == "difference" else alignment.of_side("ab".index(part)).index(position)
        counted = alignment.position(place)
        return token_of(counted, self.a.tokens) if self.a.by_words_only else counted

    @property
    def swapped_focus(self) -> dict[str, int]:
        """The chosen row and column as they are counted once B is A: where B has none, after B's last position."""
        chosen = {"row": self.frame.state.row, "column": self.frame.state.column}
        found = {}
        for (name, number), place in zip(chosen.items(), self.focus, strict=True):
            a, b = self.found.alignment.pairs[place]
            counted = b if b is not None else len(self.found.sides[1].labels) + (a or 0)
            found[name] = -1 if number < 0 else token_of(counted, self.b.tokens) if self.b.by_words_only else counted
        return found


def differ(frame: Frame) -> bool:
    """Tell whether the tokens of the two sides differ. Raises AttentionError about a text."""
    return side_a(frame, grouped=False).tokens.labels != side_b(frame, grouped=False).tokens.labels


def way(frame: Frame) -> By:
    """Return how B is laid on A: by words across vocabularies, where tokens cannot be compared, else as chosen."""
    now = frame.state
    if now.vocabulary != now.side_b.vocabulary:
        return "word"
    return "word" if now.align == "word" and differ(frame) else "position"


def lay(frame: Frame) -> Sides:
    """Return A and B laid on each other. Raises AttentionError about a text or a model."""
    now, by = frame.state, way(frame)
    grouped = now.grouped or by == "word"
    a, b = side_a(frame, grouped=grouped), side_b(frame, grouped=grouped)
    found = pair(a.view, b.view, (a.now.head, b.now.head), by)
    chosen = [word_of(number, a.tokens) if a.by_words_only else number for number in (now.row, now.column)]
    return Sides(frame, a, b, by, found, _focus(found, *chosen))


def _focus(found: Pair, chosen_row: int, chosen_column: int) -> tuple[int, int]:
    """Return the cell in focus on the common axis: the chosen one, else what the last row of both looks at most."""
    alignment = found.alignment
    row = alignment.place(chosen_row)
    if row is None:
        both = [place for place, (a, b) in enumerate(alignment.pairs) if a is not None and b is not None]
        row = both[-1] if both else alignment.of_side(0).index(alignment.n_a - 1)
    column = alignment.place(chosen_column)
    return row, _strongest(found, row) if column is None else column


def _strongest(found: Pair, row: int) -> int:
    """Return the place the row looks at most in A, else in B; its own where it looks at nothing."""
    for side, view in enumerate(found.sides):
        own = found.alignment.pairs[row][side]
        keys = [] if own is None else strongest_keys(view, found.heads[side], own, 1)
        if keys and own is not None and not view.undefined[found.heads[side], own]:
            return found.alignment.of_side(side).index(keys[0])
    return row
