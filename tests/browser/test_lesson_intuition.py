"""The page on the intuition in a real browser: a token guessed, a row chosen, the mask off."""

from __future__ import annotations

import nbformat
from playwright.sync_api import Page, expect

from attention.texts import text
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage

ARCS = "() => document.querySelector('.js-plotly-plot')?.layout?.shapes?.filter(shape => shape.name).length"


def choose(page: Page, position: int) -> None:
    token = page.locator(".js-plotly-plot").first.locator(".barlayer .point").nth(position)
    token.hover(force=True)
    page.wait_for_timeout(200)  # plotly clicks what it has seen hovered
    token.click(force=True)


def test_a_token_is_guessed_a_row_chosen_the_mask_switched_off_and_the_page_taken_home(
    server: str, open_page: OpenPage
) -> None:
    open_page(server)  # a reader comes from the first page
    page = open_page(f"{server}/intuicao?v=1", viewport=(390, 844), accept_downloads=True)
    tokens = page.locator(".js-plotly-plot").first.locator(".barlayer .point")
    expect(tokens).to_have_count(8, timeout=60_000)
    wait_idle(page)
    choose(page, 6)
    expect(page.get_by_text(text("chapter.yours", "pt-BR"))).to_be_visible(timeout=20_000)
    expect(page.get_by_role("heading", name=text("intuition.duel", "pt-BR"))).to_be_visible(timeout=20_000)

    page.wait_for_function(ARCS, timeout=20_000)
    choose(page, 2)
    page.wait_for_function("() => location.search.includes('row=3')", timeout=20_000)
    heading = text("intuition.predicts", "pt-BR", word="“gato”")
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    page.locator("label", has_text=text("switch.causal", "pt-BR")).first.click()
    expect(page.get_by_text(text("lesson.next_without_mask", "pt-BR"))).to_be_visible(timeout=20_000)
    wait_idle(page)
    assert page.get_by_test_id("stMain").evaluate("element => element.scrollWidth <= element.clientWidth")

    page.get_by_text(text("chapter.code", "pt-BR"), exact=True).click()
    wait_idle(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name=text("chapter.notebook", "pt-BR")).click()
    assert waiting.value.suggested_filename.endswith(".ipynb")
    nbformat.validate(nbformat.read(waiting.value.path(), as_version=4))  # type: ignore[no-untyped-call]
