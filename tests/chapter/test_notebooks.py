"""Every page's own notebook, as its button gives it, runs from top to bottom and prints what the page says."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from importlib import import_module
from itertools import cycle
from typing import Any

import pytest

from attention.texts import LANGUAGES, Language, text
from attention.ui.chapter.contents import LESSONS
from tests.chapter.running import imports_of, read_notebook
from tests.chapter.visiting import SKIPPED, run, visit

SENTENCE = "A gata assustou o cachorro e ele fugiu"
PAGES = [*(lesson.name for lesson in LESSONS), "training_induction"]
WHAT_A_NOTEBOOK_NEEDS = {"torch", "plotly", "time", "statistics"}  # the last two come with Python


@pytest.mark.parametrize(("name", "language"), list(zip(PAGES, cycle(LANGUAGES))))
def test_the_notebook_of_a_page_runs_and_prints_what_the_page_says(
    name: str, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def keep(_frame: object, _name: str, make: Callable[[], str]) -> None:
        made.append(make())

    monkeypatch.setitem(vars(import_module("attention.ui.chapter.take_away")), "take_away", keep)
    page, of_induction, _ = name.partition("_induction")
    address = {"story": "induction"} if of_induction else {}
    app = visit(page, guessed=SKIPPED, text=SENTENCE, lang=language.lower(), **address)
    app.session_state[f"guess_of_{name}"] = SKIPPED
    app.session_state[f"{name}_code"] = True
    run(app)
    prints = app.code[-1].value
    (notebook,) = made
    cells = read_notebook(notebook).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    assert imports_of(code) <= WHAT_A_NOTEBOOK_NEEDS
    assert text(f"{name}.misconception", language) in cells[-1].source
    printed, names = io.StringIO(), dict[str, Any]()
    with contextlib.redirect_stdout(printed):
        exec(code, names)  # noqa: S102 - the project's own code
    assert prints.strip()
    assert prints.strip() in printed.getvalue()
    assert names["torch"].is_tensor(names["weights"])  # of the map, drawn before the snippet
