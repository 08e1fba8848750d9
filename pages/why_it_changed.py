"""Why it changed everything: a race measured now, and what a single core cannot show."""

from __future__ import annotations

from attention.ui import chapter
from attention.ui.chapter import why_it_changed as page

NAME = "why_it_changed"

frame = chapter.open_lesson(NAME, shows=("row",))
guess = page.guess(frame, NAME)
if guess.made:
    page.race(frame, NAME, guess)
    counted = page.counted(frame)
    page.growth(frame, counted)
    chapter.observe(frame, page.observations(frame, counted))
    chapter.misconception(frame, NAME, page.shown_false(frame))
    chapter.pencil(frame, NAME, lambda: page.by_hand(frame, counted))
    chapter.show_code(frame, NAME, lambda: page.snippet(frame, counted), more=lambda: page.timing_cells(frame))
chapter.close_lesson(frame, NAME, terms=page.TERMS)
