"""The training page in a real browser: a run is watched, cancelled and queued; the slider moves the maps in place."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from attention.lesson_model.history import lesson_history
from attention.texts import LANGUAGES, Language, count, text
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage
from tests.browser.turning import settle

WIDTHS = [(1440, 900), (1024, 768), (390, 844)]
PATIENCE = 90_000  # milliseconds for a process to import torch on a busy machine


def say(key: str, language: Language = "pt-BR", **values: object) -> str:
    return text(f"training.{key}", language, **values)


def drawn(page: Page, figures: int = 3) -> Page:
    expect(page.locator(".live-figure .main-svg .cartesianlayer")).to_have_count(figures, timeout=60_000)
    wait_idle(page)
    return page


def open_training(open_page: OpenPage, server: str, **options: Any) -> Page:  # noqa: ANN401 - the fixture's own options
    """Come from the first page, as a reader does, to the story of induction, and skip its guess."""
    language: Language = options.pop("language", "pt-BR")
    page = follow_link(open_page, f"{server}?v=1&lang={language.lower()}&story=induction", language, **options)
    question = text("training_induction.question", language)
    expect(page.get_by_role("heading", name=question)).to_be_visible(timeout=20_000)
    return drawn(page)


def follow_link(open_page: OpenPage, url: str, language: Language, **options: Any) -> Page:  # noqa: ANN401 - the same
    page = open_page(url, **options)
    narrow = options.get("viewport", WIDTHS[0])[0] < 768
    page.get_by_test_id("stExpandSidebarButton" if narrow else "stTopNavSection").first.click()
    page.get_by_text(say("title", language)).first.click()
    if narrow:  # the menu lies over the page
        page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    page.get_by_role("button", name=text("chapter.skip", language)).click(timeout=20_000)
    return page


def choose_few_steps(page: Page) -> None:
    """Move the settings to one layer and 50 steps, by keyboard."""
    page.get_by_role("button", name=say("settings")).click()
    for label in (say("n_layers"), say("steps")):
        page.get_by_role("slider", name=label).press("Home")
        wait_idle(page)
    expect(page.get_by_text("Previsão: com")).to_be_visible(timeout=20_000)
    page.keyboard.press("Escape")


def train(page: Page) -> None:
    page.get_by_role("button", name=say("train")).click()


@pytest.mark.parametrize(
    ("viewports", "scheme", "language"),
    [
        (WIDTHS, "dark", "en"),
        (WIDTHS[::-1], "light", "pt-BR"),  # come from the menu of a phone
    ],
)
def test_the_recorded_run_is_there_at_once_and_nothing_scrolls_sideways(
    server: str, open_page: OpenPage, viewports: list[tuple[int, int]], scheme: str, language: Language
) -> None:
    page = open_training(open_page, server, language=language, color_scheme=scheme, viewport=viewports[0])
    expect(page.get_by_role("heading", name=say("maps", language, step=400))).to_be_visible()
    fits(page, viewports)


def fits(page: Page, viewports: list[tuple[int, int]]) -> None:
    """Hold that nothing scrolls sideways at any of the sizes."""
    for width, height in viewports:
        page.set_viewport_size({"width": width, "height": height})
        settle(page)
        assert page.get_by_test_id("stMain").evaluate("element => element.scrollWidth <= element.clientWidth"), width


def test_the_slider_moves_the_maps_in_place(server: str, open_page: OpenPage) -> None:
    page = open_training(open_page, server)
    page.evaluate("() => document.querySelectorAll('.js-plotly-plot').forEach(plot => { plot.stayed = true })")
    before = page.evaluate("() => JSON.stringify(document.querySelectorAll('.js-plotly-plot')[1].data[0].z)")
    page.get_by_role("slider", name=say("step")).press("Home")
    expect(page.get_by_role("heading", name=say("maps", step=0), exact=True)).to_be_visible(timeout=20_000)
    page.wait_for_function(
        "before => JSON.stringify(document.querySelectorAll('.js-plotly-plot')[1].data[0].z) !== before", arg=before
    )
    assert (
        page.evaluate("() => [...document.querySelectorAll('.js-plotly-plot')].map(plot => plot.stayed)") == [True] * 3
    )


def test_a_run_is_watched_to_its_end_and_walked_with_the_same_slider(server: str, open_page: OpenPage) -> None:
    page = open_training(open_page, server)
    choose_few_steps(page)
    train(page)
    expect(page.get_by_test_id("stProgress")).to_be_visible(timeout=20_000)
    expect(page.get_by_text(text("frame.badge_live", "pt-BR")).first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Como previsto, com uma camada")).to_be_visible(timeout=PATIENCE)
    drawn(page)
    page.get_by_role("slider", name=say("step")).press("Home")
    expect(page.get_by_role("heading", name=say("maps", step=0), exact=True)).to_be_visible(timeout=20_000)


def test_two_pages_that_train_at_once_share_the_desk(server: str, open_page: OpenPage) -> None:
    first, second = open_training(open_page, server), open_training(open_page, server)
    train(first)
    expect(first.get_by_test_id("stProgress")).to_be_visible(timeout=20_000)
    train(second)
    expect(second.get_by_text(say("place", place=1))).to_be_visible(timeout=20_000)
    expect(first.get_by_text("Passo ", exact=False).first).to_be_visible(timeout=PATIENCE)
    first.get_by_role("button", name=say("cancel")).click()
    expect(first.get_by_role("button", name=say("train"))).to_be_visible(timeout=20_000)
    expect(second.get_by_text(text("frame.badge_live", "pt-BR")).first).to_be_visible(timeout=PATIENCE)
    second.get_by_role("button", name=say("cancel")).click()
    expect(second.get_by_role("button", name=say("train"))).to_be_visible(timeout=20_000)


MAPS = "() => document.querySelectorAll('.js-plotly-plot')"
LESSON_FIGURES = 4


def shown_after(page: Page) -> str:
    """Return the weights that the comparison draws of the chosen checkpoint, as the browser holds them."""
    found: str = page.evaluate(
        f"() => JSON.stringify(({MAPS})()[3].data.find(trace => (trace.meta || {{}}).part === 'after').z)"
    )
    return found


@pytest.mark.parametrize(
    ("viewports", "scheme", "language"),
    [
        (WIDTHS, "light", "pt-BR"),
        (WIDTHS[::-1], "dark", "en"),
    ],
)
def test_the_lesson_models_training_reads_the_sentence_of_the_first_page(
    server: str, open_page: OpenPage, viewports: list[tuple[int, int]], scheme: str, language: Language
) -> None:
    url = f"{server}?v=1&lang={language.lower()}&text=A%20vaca%20mugiu"
    page = drawn(follow_link(open_page, url, language, color_scheme=scheme, viewport=viewports[0]), LESSON_FIGURES)
    expect(page.get_by_role("textbox", name=text("frame.sentence", language))).to_have_value("A vaca mugiu")
    last = count(lesson_history().steps[-1], language)
    expect(page.get_by_role("heading", name=say("maps", language, step=last))).to_be_visible()
    expect(page.locator(".annotation-text", has_text=text("figures.born", language))).to_be_visible()
    fits(page, viewports)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_slider_over_the_lesson_models_checkpoints_changes_the_map_in_place(
    server: str, open_page: OpenPage, language: Language
) -> None:
    page = drawn(follow_link(open_page, f"{server}?v=1&lang={language.lower()}", language), LESSON_FIGURES)
    page.evaluate(f"() => ({MAPS})().forEach(plot => {{ plot.stayed = true }})")
    before = shown_after(page)
    page.get_by_role("slider", name=say("step", language)).press("Home")
    first = next(iter(lesson_history().checkpoints))
    heading = page.get_by_role("heading", name=say("maps", language, step=count(first, language)), exact=True)
    expect(heading).to_be_visible(timeout=20_000)
    page.wait_for_function(
        f"before => JSON.stringify(({MAPS})()[3].data.find(t => (t.meta || {{}}).part === 'after').z) !== before",
        arg=before,
    )
    page.wait_for_url(re.compile(rf"[?&]step={first}$"))
    assert page.evaluate(f"() => [...({MAPS})()].map(plot => plot.stayed)") == [True] * LESSON_FIGURES
    page.reload()  # another visit: it is asked to guess again
    page.get_by_role("button", name=text("chapter.skip", language)).click(timeout=20_000)
    expect(heading).to_be_visible(timeout=20_000)


def test_a_click_on_a_head_compares_that_head(server: str, open_page: OpenPage) -> None:
    page = drawn(follow_link(open_page, f"{server}?v=1", "pt-BR"), LESSON_FIGURES)
    sheet = page.locator(".js-plotly-plot").nth(2).locator(".nsewdrag")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.05 * box["width"], box["y"] + 0.2 * box["height"])
    expect(page.get_by_role("heading", name=say("lesson_comparison", name="1.1"))).to_be_visible(timeout=20_000)
    page.wait_for_url(re.compile(r"[?&]layer=1&"))


def test_a_step_is_guessed_and_the_step_by_hand_taken_home(server: str, open_page: OpenPage) -> None:
    page = open_page(f"{server}/treinar?v=1", viewport=WIDTHS[2])
    page.get_by_role("button", name=text("chapter.guess_send", "pt-BR")).click(timeout=60_000)
    expect(page.get_by_text(text("chapter.truth", "pt-BR"))).to_be_visible(timeout=20_000)
    drawn(page, LESSON_FIGURES)
    page.get_by_text(text("chapter.pencil", "pt-BR"), exact=True).click()
    expect(page.locator(".st-key-training_pencil .katex-display")).to_have_count(5, timeout=20_000)
    page.get_by_text(text("chapter.code", "pt-BR"), exact=True).click()
    wait_idle(page)  # each run gives the button another file to ask for
    with page.expect_download() as download:
        page.get_by_role("button", name=text("chapter.notebook", "pt-BR")).click()
    written = download.value.path().read_text(encoding="utf-8")
    assert download.value.suggested_filename.endswith(".ipynb")
    assert "before.backward()" in written
    assert page.get_by_test_id("stMain").evaluate("element => element.scrollWidth <= element.clientWidth")
