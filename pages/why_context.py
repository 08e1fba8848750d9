"""Why context matters: a translation that crosses, one word with two vectors, and a shuffled sentence."""

from __future__ import annotations

from functools import partial

from attention.ui import chapter
from attention.ui.chapter import why_context as page

NAME = page.NAME

frame = chapter.open_lesson(NAME, switches=("causal",), shows=())
last_word = page.guess_last_word(frame)
if last_word.made:
    page.translation(frame, last_word)
    before = page.context_before(frame)
    alike = before and page.guess_alike(frame, before)
    if before and alike and alike.made:
        page.cosines_before(frame, before, alike)
        after = page.context_after(frame)
        order = page.word_order(frame)
        chapter.observe(frame, page.observations(frame, before, after, order))
        chapter.misconception(frame, NAME, page.shown_false(frame, before))
        page.cosine_by_hand(frame, before)
        chapter.show_code(frame, NAME, partial(page.snippet, frame, before), more=lambda: page.order_cells(frame))
chapter.close_lesson(frame, NAME, terms=("token", "context", "embedding", "cosine", "positions", "rope", "residual"))
