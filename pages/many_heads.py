"""Many heads: cut, mix, join; what each head does, and what changes without it."""

from __future__ import annotations

from attention.ui import chapter
from attention.ui.chapter import many_heads as parts
from attention.ui.chapter import many_heads_by_hand as by_hand

NAME = "many_heads"

frame = chapter.open_lesson(NAME, switches=("causal",))
parts.controls(frame)
page = parts.look_at(frame)
guess = parts.guess(page, NAME)
if guess.made:
    parts.truth(page, NAME, guess)
    parts.switched_off(page)
    parts.slices(page)
    parts.maps_and_roles(page)
    parts.one_or_many(page)
    chapter.observe(frame, parts.observations(page))
    chapter.misconception(frame, NAME, parts.shown_false(page))
    by_hand.pencil(page, NAME)
    chapter.show_code(frame, NAME, lambda: by_hand.snippet(page))
chapter.close_lesson(frame, NAME, terms=("head", "multi_head", "w_output", "d_model", "d_head", "logits"))
