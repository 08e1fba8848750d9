"""What each key moves: the page's own choices, and only those it shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from attention.lesson_model.tokenizer import tokenize_lesson
from attention.texts import LANGUAGES, text
from attention.ui.cache import cached_tokens
from attention.ui.stage import keys
from attention.ui.state import FOCUS, SHOWN_FOCUS, SHOWN_ROWS, SHOWN_SWITCHES, ViewState
from tests.chapter.visiting import APP, run
from tests.places import Place, every_place

ORDER = ("", "comparar", "contexto", "intuicao")
START = ViewState()
ROWS = len(tokenize_lesson(START.text))
PLACES = every_place()
OPENS = {place.path: place for place in reversed(PLACES)}
FURTHER = [
    OPENS[path]._replace(query=query)
    for path, query in (
        ("", {"text": "inteligível " * 60, "model": "random"}),  # a long text
        (keys.COMPARE, {"show": "four"}),
        (keys.COMPARE, {"show": "all"}),
        (keys.COMPARE, {"tool": "find", "find": "role", "model": "random"}),  # says why there is nothing to see
        (keys.COMPARE, {"tool": "find", "find": "similar", "model": "random", "heads": "1"}),
        ("treinar", {"model": "random"}),
    )
]


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the keys assign, on a page that shows a sentence and every switch."""
    session: dict[str, Any] = {SHOWN_FOCUS: FOCUS, SHOWN_SWITCHES: ("causal", "scaled", "dropout_on")}
    monkeypatch.setattr("streamlit.session_state", session)
    return session


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("1", {"head": 0}),
        ("4", {"head": 3}),
        ("ArrowUp", {"row": ROWS - 2}),
        ("ArrowDown", {"row": ROWS - 1}),
        ("ArrowRight", {"go_to": "intuicao"}),
        ("ArrowLeft", {"go_to": "comparar"}),
        ("m", {"causal": False, "moved": "causal"}),
        ("s", {"scaled": False, "moved": "scaled"}),
        ("d", {"dropout_on": True, "training": True, "moved": "dropout_on"}),
        ("g", {"grouped": True, "row": -1, "column": -1}),
        ("v", {"go_to": "comparar"}),
        ("p", {"projector": True}),
        ("?", {"keys_asked": True}),
    ],
)
def test_a_key_moves_one_thing(moved: dict[str, Any], key: str, expected: dict[str, Any]) -> None:
    keys.act(key, START, ORDER, "contexto")
    assert moved == {SHOWN_FOCUS: FOCUS, SHOWN_SWITCHES: moved[SHOWN_SWITCHES], **expected}


@pytest.mark.parametrize("key", ["5", "9", "0", "x", "٣", "", None, 7, ["m"], "ArrowRightArrowRight"])
def test_a_key_that_means_nothing_moves_nothing(moved: dict[str, Any], key: object) -> None:
    keys.act(key, START, ORDER, "contexto")
    assert set(moved) == {SHOWN_FOCUS, SHOWN_SWITCHES}


@pytest.mark.parametrize(("key", "what"), [("1", "head"), ("ArrowUp", "row"), ("ArrowDown", "row"), ("g", "words")])
def test_where_head_row_or_words_are_not_shown_they_are_not_moved(moved: dict[str, Any], key: str, what: str) -> None:
    for shown in ([one for one in FOCUS if one != what], ()):
        moved[SHOWN_FOCUS] = tuple(shown)
        keys.act(key, START, ORDER, "contexto")
        assert set(moved) == {SHOWN_FOCUS, SHOWN_SWITCHES}


@pytest.mark.parametrize(
    ("drawn", "key", "left"),
    [((), "3", (0, 1, 3)), ((0, 1, 3), "3", ()), ((1, 11), "4", (1, 3)), ((0, 1, 3), "1", (1, 3)), ((1,), "2", ())],
)
def test_where_lines_of_several_heads_are_shown_a_head_is_switched_on_and_off(
    moved: dict[str, Any], drawn: tuple[int, ...], key: str, left: tuple[int, ...]
) -> None:
    moved[SHOWN_FOCUS] = ("lines", "row", "words")
    keys.act(key, replace(START, line_heads=drawn), ORDER, "comparar")
    assert moved["line_heads"] == left  # none is all
    assert moved["no_line_head"] == (drawn == (1,))
    assert "head" not in moved


# What keys move in a sentence, and a value of it whose change is to be seen where they act.
MOVES: dict[str, tuple[str, object]] = {
    "head": ("head", 2),
    "row": ("row", 3),
    "words": ("grouped", True),
    "lines": ("line_heads", (1,)),
}
# With a word that is cut into pieces.
SPLIT = "O gato que estava no inteligível miou"


@pytest.mark.parametrize("place", [*PLACES, *FURTHER], ids=lambda place: str(place)[:50])
def test_a_key_of_the_sentence_acts_exactly_where_what_it_moves_changes_what_is_shown(place: Place) -> None:
    app = AppTest.from_file(str(APP), default_timeout=60)
    for slug, value in {"text": SPLIT, **place.query}.items():
        app.query_params[slug] = value
    app.switch_page(place.script)
    run(app)
    while skips := [button for button in app.button if (button.key or "").endswith("_guess_skip")]:
        skips[0].click()
        run(app)
    acts, changes, seen = set(app.session_state[SHOWN_FOCUS]), set(), shown(app)
    for what, (field, moved) in MOVES.items():
        app.session_state[field] = moved
        before, seen = seen, shown(run(app))
        changes |= {what} if seen != before else set()
    assert acts == changes


def test_the_wall_begins_with_what_is_to_be_seen_and_not_with_a_subtitle() -> None:
    for projector in ("0", "1"):
        app = AppTest.from_file(str(APP), default_timeout=60)
        app.query_params["projector"] = projector
        run(app)
        subtitle = text("explore.subtitle", "pt-BR")
        assert (subtitle in [caption.value for caption in app.caption]) == (projector == "0")


def shown(app: AppTest) -> list[bytes]:
    """Return all that is drawn and written; the controls are left out."""
    kinds = ("bidi_component", "markdown", "caption", "table", "heading")
    drawn = [each for kind in kinds for each in app.get(kind) if each.key != "stage"]
    return [each.proto.SerializeToString(deterministic=True) for each in drawn]


@pytest.mark.parametrize("key", ["m", "s", "d"])
def test_a_switch_that_is_not_on_the_page_is_not_moved(moved: dict[str, Any], key: str) -> None:
    moved[SHOWN_SWITCHES] = ()
    keys.act(key, START, ORDER, "contexto")
    assert set(moved) == {SHOWN_FOCUS, SHOWN_SWITCHES}


def test_the_rows_end_at_the_first_and_the_last(moved: dict[str, Any]) -> None:
    keys.act("ArrowUp", replace(START, row=0), ORDER, "")
    assert moved["row"] == 0
    keys.act("ArrowDown", replace(START, row=ROWS - 1), ORDER, "")
    assert moved["row"] == ROWS - 1


def test_where_the_page_has_rows_of_its_own_the_arrows_walk_along_them(moved: dict[str, Any]) -> None:
    moved[SHOWN_ROWS] = ((0, 1, 9, 2), 2)  # the third has a row of B alone
    for row, key, expected in ((1, "ArrowDown", 9), (9, "ArrowDown", 2), (2, "ArrowDown", 2), (-1, "ArrowUp", 1)):
        keys.act(key, replace(START, row=row), ORDER, "")
        assert moved["row"] == expected


def test_tokens_and_words_keep_the_same_word_in_focus(moved: dict[str, Any]) -> None:
    spoken = replace(START, model="random", text="A inteligibilidade incomoda", row=3, column=1)
    tokens = cached_tokens(spoken.text, spoken.vocabulary)
    keys.act("g", spoken, ORDER, "contexto")
    assert (moved["row"], moved["column"]) == (tokens.words[3], tokens.words[1])
    keys.act("g", replace(spoken, grouped=True, row=1, column=2), ORDER, "contexto")
    last = [max(place for place, word in enumerate(tokens.words) if word == of) for of in (1, 2)]
    assert [moved["row"], moved["column"]] == last


def test_the_list_says_that_dropout_is_first_switched_on_and_then_drawn_again() -> None:
    assert (
        text("stage.key_dropout", "pt-BR")
        == "liga o dropout; de novo, sorteia outra vez (para desligar, a chave na página)"
    )
    assert text("sides.more_a", "pt-BR") in text("stage.not_while", "pt-BR")
    assert text("sides.more_a", "en") in text("stage.not_while", "en")


def test_dropout_that_is_on_is_drawn_again(moved: dict[str, Any]) -> None:
    keys.act("d", replace(START, dropout_on=True, dropout_seed=4), ORDER, "")
    assert moved["dropout_seed"] == 5
    assert "dropout_on" not in moved


@pytest.mark.parametrize("text", ["", " ", "a" * 100_000])
def test_a_text_that_cannot_be_cut_has_no_rows_to_move(moved: dict[str, Any], text: str) -> None:
    keys.act("ArrowUp", replace(START, text=text), ORDER, "")
    assert "row" not in moved


def test_the_first_and_the_last_page_have_an_end(moved: dict[str, Any]) -> None:
    keys.act("ArrowLeft", START, ORDER, "")
    keys.act("ArrowRight", START, ORDER, "intuicao")
    assert "go_to" not in moved


def test_no_key_is_one_of_streamlits_and_each_is_told_in_every_language() -> None:
    used = [key for one in keys.KEYS for key in one.keys]
    assert len(used) == len(set(used))
    assert not {"c", "r"} & set(used)
    assert all(text(f"stage.key_{one.name}", language) for one in keys.KEYS for language in LANGUAGES)
