"""The glossary: every term in a sentence, with an example in the reader's own and the page where it lives."""

from __future__ import annotations

from attention.ui import chapter
from attention.ui.chapter import glossary as page

NAME = "glossary"

frame = chapter.open_lesson(NAME, shows=("head", "row"))
page.search_box(frame)
looking_up = bool(frame.state.term)  # whoever comes for a word is not asked to guess first
guess = None if looking_up else page.guess(frame, NAME)
if guess and guess.made:
    page.truth(frame, NAME, guess)
if looking_up or (guess and guess.made):
    page.entries(frame)
    shown = page.compared(frame)
    page.weights_beside_contributions(frame, shown)
    chapter.observe(frame, page.observations(frame, shown))
    chapter.misconception(frame, NAME, page.shown_false(frame, shown))
    chapter.pencil_cell(frame, NAME)
    chapter.show_code(frame, NAME, lambda: chapter.row_code(frame), more=lambda: page.more_cells(frame))
chapter.close_lesson(frame, NAME)
