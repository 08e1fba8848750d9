"""What a page gives to take home is what it shows: the page that opens offline, and the sheet that is printed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from attention.config import AttentionConfig
from attention.lesson_model.source import trace_lesson
from attention.presets import PRESETS
from attention.sources import trace_random
from attention.texts import text
from attention.tokens import tokenize
from attention.ui.share import Reach, Reachable
from attention.views import view_tokens, view_words
from tests.chapter.visiting import run
from tests.test_pages import numbers

APP = Path(__file__).parents[1] / "app.py"
COURSE = PRESETS[0].text
Take = Callable[..., dict[str, str]]


@pytest.fixture
def take(monkeypatch: pytest.MonkeyPatch) -> Take:
    """Open a page at an address, and return what its HTML downloads are, by their name."""
    made: dict[str, str] = {}

    def download(_label: str, *, data: Callable[[], str], key: str, mime: str, **_: object) -> None:
        if mime == "text/html":
            made[key.removeprefix("download_")] = data()  # as Streamlit does once the button is pressed

    monkeypatch.setattr("streamlit.download_button", download)

    def taken(script: str, **address: str) -> dict[str, str]:
        app = AppTest.from_file(str(APP), default_timeout=60)
        for slug, value in address.items():
            app.query_params[slug] = value
        app.switch_page(script)
        made.clear()
        run(app)
        return dict(made)

    return taken


def states(page: str, name: str = "states") -> list[list[dict[str, Any]]]:
    """Return the figures of each state a page holds, in the order it shows them; “narrow”: as phones show them."""
    (written,) = re.findall(rf"^const {name} = (.*)$", page, re.MULTILINE)
    found: list[list[dict[str, Any]]] = json.loads(written)
    return found


def notes(page: str) -> list[str]:
    """Return the notes of each state, those that are shown first."""
    found = re.findall(r"<div class='notes'( hidden)?>(.*?)</div>", page, re.DOTALL)
    assert [bool(hidden) for hidden, _ in found] == [bool(place) for place in range(len(found))]
    return [said for _, said in found]


@pytest.mark.parametrize("causal", [True, False])
def test_the_page_opens_as_the_view_was_and_its_switch_stands_as_the_masks(take: Take, causal: bool) -> None:  # noqa: FBT001
    page = take("pages/explore.py", more="1", tab="downloads", causal=str(int(causal)))["html"]
    row = trace_lesson(COURSE, AttentionConfig(causal=causal)).layers[1].weights[0, 0, 0]
    cells = [
        next(trace for trace in drawn[1]["data"] if (trace.get("meta") or {}).get("role") == "cells")
        for drawn in states(page)
    ]
    seen = [int(np.isfinite(numbers(trace["z"])[0]).sum()) for trace in cells]
    assert seen == ([1, len(row)] if causal else [len(row), 1])  # the first token looks at itself only, under the mask
    unmasked = text("export.says_no_causal", "pt-BR")
    assert [unmasked in said for said in notes(page)] == [not causal, causal]
    assert bool(re.search(r"<input [^>]*\bchecked\b", page)) == causal


@pytest.mark.parametrize("script", ["pages/explore.py", "pages/compare.py"])
@pytest.mark.parametrize("reach", ["everyone", "network", "nobody"])
def test_the_sheet_has_a_code_only_where_phones_can_follow_it(
    take: Take,
    script: str,
    reach: Reach,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("attention.ui.share.reachable", lambda _url: Reachable("school.example", reach))
    page = take(script, more="1", tab="downloads")["handout"]
    assert ("<svg" in page) == (reach != "nobody")
    assert (text("handout.qr", "pt-BR") in page) == (reach != "nobody")


BOTH = [
    ({}, (COURSE, COURSE), ("lesson", "lesson")),
    ({"btext": "O gato miou", "bmodel": "random"}, (COURSE, "O gato miou"), ("lesson", "random")),
]


@pytest.mark.parametrize(("apart", "typed", "models"), BOTH)
def test_the_page_of_two_sides_holds_their_maps_and_says_of_which_sentences_and_numbers_they_are(
    take: Take, apart: dict[str, str], typed: tuple[str, str], models: tuple[str, str]
) -> None:
    page = take("pages/compare.py", **apart)["html"]
    traces = [
        trace_lesson(said) if model == "lesson" else trace_random(tokenize(said), AttentionConfig())
        for said, model in zip(typed, models, strict=True)
    ]
    view = view_tokens if models[0] == models[1] else view_words  # tokens of two vocabularies cannot be compared
    views = [view(trace.layers[-1], trace.tokens) for trace in traces]
    ((maps, bars),) = states(page)
    for part, side, head in zip("ab", views, (0, 3), strict=True):
        (found,) = (trace["z"] for trace in maps["data"] if (trace.get("meta") or {}).get("part") == part)
        seen = np.tril(np.ones(side.weights.shape[-2:], dtype=bool))
        np.testing.assert_allclose(numbers(found)[seen], side.weights[head][seen], atol=1e-6)
    assert [trace.get("meta", {}).get("role") for trace in bars["data"]][:2] == ["points", "points"]
    ((narrow, _),) = states(page, "narrow")
    assert narrow["data"][0]["z"] == maps["data"][0]["z"]
    assert narrow["layout"]["height"] > maps["layout"]["height"]  # one map under another
    read = unescape(page)
    for sentence, model in zip(typed, models, strict=True):
        assert f"“{sentence}”" in read.partition("<h1")[2].partition("</h1>")[0]
        assert text(f"frame.badge_{model}", "pt-BR") in notes(page)[0]
    assert "A linha de “miou" in read
    assert "A maior diferença: “" in read
    assert "type='checkbox'" not in page


@pytest.mark.parametrize(("apart", "typed", "models"), BOTH)
def test_the_sheet_of_two_sides_says_of_which_sentences_and_numbers_it_is_and_what_they_show(
    take: Take, apart: dict[str, str], typed: tuple[str, str], models: tuple[str, str]
) -> None:
    page = unescape(take("pages/compare.py", **apart)["handout"])
    for sentence, model in zip(typed, models, strict=True):
        assert f"“{sentence}”" in page.partition("<h1")[2].partition("</h1>")[0]
        assert text(f"frame.badge_{model}", "pt-BR") in page.partition("</h1>")[2].partition("</header>")[0]
    assert "A linha de “miou" in page
    assert "A maior diferença: “" in page.partition("<ul>")[2]
    assert text("handout.notes", "pt-BR") in page
