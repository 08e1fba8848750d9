"""The intuition: where each word looks, which row asks the question, and that random weights answer nothing."""

from __future__ import annotations

from attention.ui import chapter
from attention.ui.chapter import intuition as page

NAME = page.NAME

frame = chapter.open_lesson(NAME, switches=("causal",))
page.controls(frame)
guess = page.guess(frame)
if guess.made:
    page.truth(frame, guess)
    page.sentence_with_arcs(frame)
    duel = page.duel(frame)
    page.who_predicts(frame)
    chapter.observe(frame, page.observations(frame, duel))
    chapter.misconception(frame, NAME, page.shown_false(frame))
    chapter.pencil_cell(frame, NAME)
    chapter.show_code(frame, NAME, lambda: chapter.row_code(frame))
chapter.close_lesson(
    frame,
    NAME,
    terms=("token", "attention_weight", "self_attention", "head", "random_weights", "lesson_model", "next_token"),
)
