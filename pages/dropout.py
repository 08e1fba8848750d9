"""Dropout: a row that no longer sums to 1, the mean that returns, and the later layers that do not."""

from __future__ import annotations

from attention.ui import chapter
from attention.ui.chapter import dropout as parts

NAME = "dropout"

page = parts.controls(chapter.open_lesson(NAME))
guess = parts.guess(page, NAME)
if guess.made:
    parts.truth(page, NAME, guess)
    parts.one_draw(page)
    if page.training:
        parts.mean_of_draws(page)
        parts.later_layers(page)
    chapter.observe(page.frame, parts.observations(page))
    chapter.misconception(page.frame, NAME, parts.shown_false(page))
    chapter.pencil_cell(page.frame, NAME)
    chapter.show_code(page.frame, NAME, lambda: chapter.row_code(page.frame), more=lambda: parts.more_cells(page))
chapter.close_lesson(page.frame, NAME, terms=("dropout", "training", "inference", "softmax"))
