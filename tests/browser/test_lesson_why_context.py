"""The page on context in a real browser: a word guessed, the mask off, the notebook taken home."""

from __future__ import annotations

import nbformat
from playwright.sync_api import expect

from attention.texts import text
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage

LINES = "() => [...document.querySelectorAll('.js-plotly-plot')].find(plot => plot.data.length === 2)"


def test_a_word_is_guessed_the_mask_switched_off_and_the_page_taken_home(server: str, open_page: OpenPage) -> None:
    open_page(server)  # a reader comes from the first page
    page = open_page(f"{server}/contexto?v=1", viewport=(390, 844), accept_downloads=True)
    words = page.locator(".js-plotly-plot .barlayer .point")
    expect(words).to_have_count(8, timeout=60_000)
    wait_idle(page)
    words.nth(5).hover(force=True)
    page.wait_for_timeout(200)  # plotly clicks what it has seen hovered
    words.nth(5).click(force=True)
    expect(page.get_by_text(text("chapter.right", "pt-BR"))).to_be_visible(timeout=20_000)
    expect(page.get_by_text(text("why_context.by_hand", "pt-BR"))).to_be_visible()

    page.get_by_role("button", name=text("why_context.alike_close", "pt-BR")).click()
    expect(page.get_by_role("heading", name=text("why_context.order", "pt-BR"))).to_be_visible(timeout=20_000)
    page.wait_for_function(f"() => ({LINES})()?.data[1].name.startsWith('com a')", timeout=20_000)
    page.locator("label", has_text=text("switch.causal", "pt-BR")).first.click()
    page.wait_for_function(f"() => ({LINES})()?.data[1].name === 'sem máscara'", timeout=20_000)
    assert page.get_by_test_id("stMain").evaluate("element => element.scrollWidth <= element.clientWidth")

    page.get_by_text(text("chapter.code", "pt-BR"), exact=True).click()
    wait_idle(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name=text("chapter.notebook", "pt-BR")).click()
    assert waiting.value.suggested_filename.endswith(".ipynb")
    nbformat.validate(nbformat.read(waiting.value.path(), as_version=4))  # type: ignore[no-untyped-call]
