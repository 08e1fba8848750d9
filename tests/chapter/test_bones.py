"""What every page of the lesson has, and what its shared parts say."""

from __future__ import annotations

import re

import pytest

from attention.lesson_model.source import trace_lesson
from attention.snippets import Snippet
from attention.texts import LANGUAGES, Language, percent, power_of_ten, text
from attention.ui.chapter.contents import LESSONS, Lesson
from attention.ui.chapter.pencil import sum_formula
from attention.ui.layout import Frame
from attention.ui.state import LESSON_FOCUS
from tests.chapter.visiting import SKIPPED, keys, prose, run, visit

HEAD = LESSON_FOCUS[1]  # of the second layer: the head in focus on a first visit

COURSE = "O gato que estava no telhado miou"
MOST_WORDS = 120  # before the first figure


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_every_page_opens_with_its_question_its_place_and_few_words(lesson: Lesson, language: Language) -> None:
    app = visit(lesson.name, lang=language.lower())
    assert app.title[0].value == text(f"{lesson.name}.question", language)
    place = LESSONS.index(lesson) + 1
    title = text(f"{lesson.name}.title", language)
    assert text("chapter.place", language, number=place, total=len(LESSONS), title=title) in prose(app)
    assert text("chapter.guess", language) in prose(app)
    assert len(text(f"{lesson.name}.intro", language).split()) <= MOST_WORDS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_every_page_names_a_misconception_and_leads_to_its_neighbours(lesson: Lesson, language: Language) -> None:
    app = visit(lesson.name, guessed=SKIPPED, lang=language.lower())
    assert text(f"{lesson.name}.misconception", language) in prose(app)
    place = LESSONS.index(lesson)
    links = [link.proto.label for link in app.get("page_link")]
    for way, other in (("previous", place - 1), ("next", place + 1)):
        if 0 <= other < len(LESSONS):
            title = text(f"{LESSONS[other].name}.title", language)
            assert text(f"chapter.{way}", language, title=title) in links


def test_the_cell_worked_by_hand_ends_in_the_share_of_the_map() -> None:
    trace = trace_lesson(COURSE)
    app = visit("causal_mask", guessed=SKIPPED)
    app.session_state["causal_mask_pencil"] = True
    run(app)
    row, head = len(trace.tokens) - 1, HEAD
    for column in (2, 6, 0):
        app.selectbox(key=f"causal_mask_pencil_cell_{row}_{len(trace.tokens)}").set_value(column)
        run(app)
        last = app.latex[-1].value.strip("$\n").replace("{,}", ",").replace("\\%", "%")
        assert last.endswith(f"= {percent(float(trace.layers[1].weights[0, head, row, column]), 'pt-BR', 1)}")


def test_the_products_worked_by_hand_add_up_to_the_score() -> None:
    app = visit("causal_mask", guessed=SKIPPED, lang="en")
    app.session_state["causal_mask_pencil"] = True
    run(app)
    formula = app.latex[0].value.strip("$\n ").replace(r"\end{aligned}", "")
    terms, total = formula.split(" = ")
    numbers = [float(number.replace("{-}", "-")) for number in re.findall(r"(?:\{-\})?\d+\.\d+", terms)]
    *factors, rest = numbers
    products = [one * other for one, other in zip(factors[::2], factors[1::2], strict=True)]
    assert sum(products) + rest == pytest.approx(float(total.replace("{-}", "-")), abs=0.2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_small_numbers_are_written_with_their_power_of_ten(language: Language) -> None:
    assert power_of_ten(0.0, language) == "0"
    assert power_of_ten(3.7e-9, language) == "4 × 10⁻⁹"
    assert power_of_ten(-1e-12, language) == "−1 × 10⁻¹²"
    assert power_of_ten(0.25, language) == ("0,250" if language == "pt-BR" else "0.250")


def test_a_long_sum_is_broken_into_lines_and_loses_no_term() -> None:
    terms = [f"({number})" for number in range(9)]
    assert sum_formula(terms[:4], "6", per_line=4) == "(0) + (1) + (2) + (3) = 6"
    broken = sum_formula(terms, "36", per_line=4)
    assert re.findall(r"\(\d\)", broken) == terms
    assert broken.count(r"\\") == 3  # three lines of terms, and the total


# What a page of the lesson draws of the frame's switches; the others are as on a first visit, whatever Explore left.
DRAWN = {
    "why_context": "causal",
    "intuition": "causal",
    "context_vector": "dropout",
    "query_key_value": "scale",
    "causal_mask": "causal",
    "many_heads": "causal",
    "transformer": "causal",
}
CARRIED = {"causal": "0", "scale": "0", "dropout": "1", "mask": "zero-after"}


@pytest.mark.parametrize("name", [lesson.name for lesson in LESSONS if lesson.name != "training"])
def test_a_switch_a_page_does_not_draw_changes_nothing_on_it(name: str) -> None:
    carried = {slug: value for slug, value in CARRIED.items() if slug != DRAWN.get(name)}
    usual, left_over = visit(name, guessed=SKIPPED), visit(name, guessed=SKIPPED, **carried)
    assert prose(left_over) == prose(usual)
    assert keys(left_over) == keys(usual)


def test_what_explore_was_left_with_is_there_when_one_goes_back() -> None:
    app = visit("causal_mask", guessed=SKIPPED, scale="0")
    app.switch_page("pages/explore.py")
    assert run(app).toggle(key="scaled").value is False


def test_no_code_is_written_until_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def snippet(frame: Frame) -> Snippet:
        asked.append(frame.state.text)
        return Snippet("print(1)", "1")

    monkeypatch.setattr("attention.ui.chapter.row_code", snippet)
    app = visit("causal_mask", guessed=SKIPPED)
    assert asked == []
    app.session_state["causal_mask_code"] = True
    run(app)
    assert len(asked) == 1
    assert [element.value for element in app.code] == ["print(1)", "1"]
