"""Compare's lines: which heads are drawn, and what is said of what is left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from attention.config import AttentionConfig
from attention.figures import Lines, drawn_lines
from attention.lesson_model.source import trace_lesson
from attention.texts import text
from attention.ui.compare.lines import said
from attention.views import view_tokens

APP = Path(__file__).parents[2] / "app.py"
SENTENCE = "O gato que estava no telhado miou"


def visit(**address: str) -> AppTest:
    """Open Compare's lines at an address."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    for slug, value in {"tool": "lines", **address}.items():
        app.query_params[slug] = value
    app.switch_page("pages/compare.py")
    app.run()
    assert not app.exception
    return app


def drawn_heads(app: AppTest) -> set[int]:
    (live,) = (element for element in app.get("bidi_component") if element.key == "lines")
    figure: dict[str, Any] = json.loads(live.proto.bytes)["figure"]
    return {trace["meta"]["head"] for trace in figure["data"] if (trace.get("meta") or {}).get("role") == "lines"}


def test_a_first_visit_draws_every_head_of_the_layer() -> None:
    assert drawn_heads(visit()) == {0, 1, 2, 3}


def test_a_link_restores_the_heads_and_one_that_names_none_there_draws_all() -> None:
    assert drawn_heads(visit(lines="2-4")) == {1, 3}
    assert drawn_heads(visit(lines="11-12")) == {0, 1, 2, 3}


def test_the_caption_counts_what_is_drawn_and_what_is_left_out() -> None:
    trace = trace_lesson(SENTENCE, AttentionConfig())
    view = view_tokens(trace.layers[1], trace.tokens)
    drawn = drawn_lines(view, range(4))
    n, missing = int((view.weights >= 0.02).sum()), int(((view.weights > 0) & (view.weights < 0.02)).sum())
    caption = said(drawn, "pt-BR")
    assert caption.startswith(f"{n} linhas")
    assert f"Ficaram de fora {missing} pesos" in caption
    assert caption in "\n".join(element.value for element in visit().caption).replace("\\", "")


@pytest.mark.parametrize("n", [0, 1, 2])
def test_a_caption_agrees_in_number(n: int) -> None:
    def lines_of(drawn: int, left_out: int) -> Lines:
        some = np.zeros(drawn, dtype=np.intp)
        return Lines(some, some, some, np.full(drawn, 0.5), left_out, 0.01 * left_out)

    assert said(lines_of(n, 0), "en").startswith("1 line drawn." if n == 1 else f"{n} lines drawn.")
    told = said(lines_of(1, n), "en")
    assert told.endswith(
        {0: text("lines.none_left_out", "en"), 1: "1% of all the attention of these heads."}.get(n, "these heads.")
    )
    assert ("1 weight below" in told) == (n == 1)
