"""The context vector: weights × values added up, and where it goes when the scores move."""

from __future__ import annotations

from attention.ui import chapter, inputs
from attention.ui.chapter import context_vector as page
from attention.ui.chapter.context_vector_by_hand import by_hand

NAME = "context_vector"

frame = chapter.open_lesson(NAME, switches=("dropout_on",))
inputs.switches(frame.state, only=("dropout_on",))
row = page.read_row(frame)
guess = page.guess(frame, NAME, row)
if guess.made:
    page.truth(frame, NAME, row, guess)
    page.who_looks(frame)
    component = page.added_up(frame, row)
    page.among_the_values(frame, NAME, row)
    chapter.observe(frame, page.observations(frame, row))
    chapter.misconception(frame, NAME, page.shown_false(frame, row))
    chapter.pencil(frame, NAME, lambda: by_hand(frame, row, component))
    chapter.show_code(frame, NAME, lambda: chapter.row_code(frame))
chapter.close_lesson(
    frame, NAME, terms=("context_vector", "value", "weighted_mean", "attention_weight", "softmax", "pca")
)
