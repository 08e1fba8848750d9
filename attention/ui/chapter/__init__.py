"""The bones every page of the lesson shares.

A page asks one question, lets the reader guess, shows the live figure, says what to observe in these very numbers,
names the misconception it breaks, and offers one cell by hand, the code, and itself as a notebook.
"""

from attention.ui.chapter.bones import close_lesson, misconception, observe, open_lesson
from attention.ui.chapter.contents import LESSONS, Lesson, lesson_named
from attention.ui.chapter.guess import Guess, guess_choice, guess_number, guess_token, reveal
from attention.ui.chapter.pencil import (
    Step,
    draw_steps,
    focus_token,
    formula,
    largest,
    pencil,
    pencil_cell,
    pencil_intro,
    product_formula,
    sum_formula,
    terms_and_rest,
    token_row,
)
from attention.ui.chapter.take_away import row_code, show_code, take_away

__all__ = [
    "LESSONS",
    "Guess",
    "Lesson",
    "Step",
    "close_lesson",
    "draw_steps",
    "focus_token",
    "formula",
    "guess_choice",
    "guess_number",
    "guess_token",
    "largest",
    "lesson_named",
    "misconception",
    "observe",
    "open_lesson",
    "pencil",
    "pencil_cell",
    "pencil_intro",
    "product_formula",
    "reveal",
    "row_code",
    "show_code",
    "sum_formula",
    "take_away",
    "terms_and_rest",
    "token_row",
]
