"""Many heads by hand and in code: one component of the output, head by head."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from attention.snippets import Snippet
from attention.snippets_heads import output_snippet
from attention.texts import text
from attention.trace import Floats
from attention.ui import chapter
from attention.ui.chapter.many_heads import Page
from attention.ui.markdown import escape_markdown

TERMS = 4  # products written out one by one
MOST_PARTS = 5  # heads whose parts are written out one by one
DIGITS = 3


def pencil(page: Page, name: str) -> None:
    """Draw, closed, one component of the output by hand: what each head adds to it."""

    def draw() -> None:
        language, d_model = page.frame.language, page.parts.shape[-1]
        component = st.selectbox(
            text("many_heads.pencil_component", language),
            range(d_model),
            format_func=lambda i: str(i + 1),
            key=f"{name}_pencil_component_{d_model}",
            width=320,
        )
        st.caption(escape_markdown(text("many_heads.pencil_intro", language, i=component + 1, query=page.query)))
        chapter.draw_steps(output_steps(page, component))

    chapter.pencil(page.frame, name, draw)


def output_steps(page: Page, component: int) -> list[chapter.Step]:
    """Return how one component of the output comes from the heads, each step with its real numbers."""
    language, head = page.frame.language, page.frame.state.head
    d_head = page.layer.context.shape[-1]
    context = page.layer.context[0, head, page.row].astype(np.float64)
    slice_of_w = page.w_output[component, head * d_head : (head + 1) * d_head].astype(np.float64)
    parts = page.parts[:, component]

    def tex(value: float) -> str:
        return chapter.formula(value, language, DIGITS)

    def signed(value: float) -> str:
        return tex(value) if value >= 0 else f"({tex(value)})"

    def product(i: int) -> str:
        return rf"({tex(slice_of_w[i])} \times {tex(context[i])})"

    def written(values: Floats, write: Callable[[int], str], most: int) -> str:
        shown = sorted(chapter.largest(values, most))
        terms = chapter.terms_and_rest(values, write, shown, language, DIGITS)
        return chapter.sum_formula(terms, tex(float(values.sum())), per_line=2)

    total, own = float(parts.sum()), float(parts[head])
    said = {"head": head + 1, "n": page.n_heads, "i": component + 1}
    return [
        chapter.Step(text("many_heads.step_head", language, **said), written(slice_of_w * context, product, TERMS)),
        chapter.Step(
            text("many_heads.step_sum_one" if page.n_heads == 1 else "many_heads.step_sum", language, **said),
            written(parts, lambda i: signed(float(parts[i])), MOST_PARTS),
        ),
        chapter.Step(
            text("many_heads.step_off", language, **said), f"{tex(total)} - {signed(own)} = {tex(total - own)}"
        ),
    ]


def snippet(page: Page) -> Snippet:
    """Return the code that joins the row's contexts and multiplies them by Wo."""
    return output_snippet(page.layer, page.w_output, page.frame.state.head, page.row, page.frame.language)
