"""The training page in a real browser: a run is watched, cancelled and queued; the slider moves the maps in place."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from attention.texts import Language, text
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage

WIDTHS = [(1440, 900), (1024, 768), (390, 844)]
PATIENCE = 90_000  # milliseconds for a process to import torch on a busy machine


def say(key: str, language: Language = "pt-BR", **values: object) -> str:
    return text(f"training.{key}", language, **values)


def drawn(page: Page) -> Page:
    expect(page.locator(".live-figure .main-svg .cartesianlayer")).to_have_count(3, timeout=60_000)
    wait_idle(page)
    return page


def open_training(open_page: OpenPage, server: str, **options: Any) -> Page:  # noqa: ANN401 - the fixture's own options
    """Come from the first page, as a reader does."""
    language: Language = options.pop("language", "pt-BR")
    page = open_page(f"{server}?v=1&lang={language.lower()}", **options)
    if options.get("viewport", WIDTHS[0])[0] < 768:
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("link", name=say("title", language)).click()
    expect(page.get_by_text(say("question", language))).to_be_visible(timeout=20_000)
    return drawn(page)


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
    ("viewport", "scheme", "language"),
    [
        (WIDTHS[0], "dark", "en"),
        (WIDTHS[1], "light", "pt-BR"),
        (WIDTHS[2], "light", "en"),
        (WIDTHS[2], "dark", "pt-BR"),
    ],
)
def test_the_recorded_run_is_there_at_once_and_nothing_scrolls_sideways(
    server: str, open_page: OpenPage, viewport: tuple[int, int], scheme: str, language: Language
) -> None:
    page = open_training(open_page, server, language=language, color_scheme=scheme, viewport=viewport)
    expect(page.get_by_role("heading", name=say("maps", language, step=400))).to_be_visible()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")


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
