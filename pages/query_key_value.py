"""Query, key and value: one vector becomes three, a score term by term, and why it is divided by √d_head."""

from __future__ import annotations

from attention.ui import chapter, inputs
from attention.ui.chapter import query_key_value as page

NAME = "query_key_value"

frame = chapter.open_lesson(NAME, switches=("scaled",))
inputs.switches(frame.state, only=("scaled",))
guess = page.guess(frame, NAME)
if guess.made:
    page.truth(frame, NAME, guess)
    page.three_vectors(frame)
    pair = page.term_by_term(frame, NAME)
    page.swapped(frame)
    page.why_scale(frame)
    chapter.observe(frame, page.observations(frame, pair))
    chapter.misconception(frame, NAME, page.shown_false(frame))
    chapter.pencil_cell(frame, NAME)
    chapter.show_code(frame, NAME, lambda: page.snippet(frame, pair), more=lambda: page.more_code(frame))
chapter.close_lesson(
    frame, NAME, terms=("query", "key", "value", "w_matrices", "dot_product", "score", "scale", "softmax")
)
