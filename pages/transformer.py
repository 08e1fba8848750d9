"""Where attention sits in the Transformer: one block taken apart, and how much attention adds to the stream."""

from __future__ import annotations

from attention.ui import chapter
from attention.ui.chapter import transformer as page

NAME = "transformer"

frame = chapter.open_lesson(NAME, switches=("causal",), shows=("row",))
page.controls(frame)
block = page.opened(frame)
guess = page.guess(frame, NAME, block)
if guess.made:
    page.truth(frame, NAME, block, guess)
    page.diagram(frame, block)
    page.additions(frame, block)
    chapter.observe(frame, page.observations(frame, block))
    chapter.misconception(frame, NAME, page.shown_false(frame, block))
    chapter.pencil(frame, NAME, lambda: page.by_hand(frame, block))
    chapter.show_code(frame, NAME, lambda: page.snippet(frame, block))
chapter.close_lesson(frame, NAME, terms=page.TERMS)
