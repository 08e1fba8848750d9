"""The causal mask: who may see what, why −∞ comes before the softmax, and which rows a later word can change."""

from __future__ import annotations

from attention.ui import chapter, inputs
from attention.ui.chapter import causal_mask as page

NAME = "causal_mask"

frame = chapter.open_lesson(NAME, switches=("causal",))
inputs.switches(frame.state, only=("causal",))
swap = page.swapped_word(frame, NAME)
guess = swap and page.guess(frame, NAME, swap)
if swap and guess and guess.made:
    page.truth(frame, NAME, swap, guess)
    page.changed_rows(frame, swap)
    page.mask_and_targets(frame)
    page.right_and_wrong(frame)
    chapter.observe(frame, page.observations(frame, swap))
    chapter.misconception(frame, NAME, page.shown_false(frame))
    page.padding(frame)
    chapter.pencil_cell(frame, NAME)
    chapter.show_code(frame, NAME, lambda: chapter.row_code(frame))
chapter.close_lesson(frame, NAME, terms=("causal_mask", "softmax", "autoregressive", "padding"))
