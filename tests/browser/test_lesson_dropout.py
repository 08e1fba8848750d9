"""The page on dropout in a real browser: guess, draw again, turn it off, take the notebook home."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from attention.texts import LANGUAGES, Language, text
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage
from tests.chapter.running import executed, outputs_of

# The row sums written beside the map after the draw, once they are drawn.
PLOT = "document.querySelector('.st-key-dropout_draw .js-plotly-plot')"
SUMS = f"{PLOT}?.data?.filter(trace => trace.meta?.role === 'sums')[1]?.text.join()"


@pytest.mark.parametrize("language", LANGUAGES)
def test_guess_then_draw_then_download(server: str, open_page: OpenPage, language: Language, tmp_path: Path) -> None:
    page = open_page(f"{server}/dropout?v=1&lang={language.lower()}", accept_downloads=True)
    expect(page.get_by_role("heading", name=text("dropout.question", language))).to_be_visible(timeout=30_000)
    assert page.locator(".js-plotly-plot").count() == 0
    page.get_by_role("button", name=text("dropout.guess_depends", language)).click()
    expect(page.get_by_text(text("chapter.right", language))).to_be_visible(timeout=20_000)
    page.wait_for_function(f"() => {SUMS}?.includes('<b>')", timeout=20_000)
    first = page.evaluate(f"() => {SUMS}")
    page.get_by_role("button", name=text("switch.draw", language)).press("Enter")
    page.wait_for_function(f"first => {SUMS} && {SUMS} !== first", arg=first, timeout=20_000)
    page.locator(".st-key-dropout_code summary").press("Enter")
    expect(page.get_by_text(text("chapter.code_prints", language))).to_be_visible(timeout=20_000)
    wait_idle(page)  # each run gives the button another file to ask for
    with page.expect_download() as waiting:
        page.get_by_role("button", name=text("chapter.notebook", language)).click()
    ran = executed(waiting.value.path().read_text(encoding="utf-8"), tmp_path)
    prints = page.locator("[data-testid=stCode]").last.inner_text()
    assert outputs_of(ran).strip() == prints.strip()
    page.get_by_role("radio", name=text("switch.inference", language)).press("Space")
    page.wait_for_function(f"() => {SUMS} && !{SUMS}.includes('<b>')", timeout=20_000)
    expect(page.locator(".st-key-dropout_mean")).to_have_count(0)


def test_nothing_scrolls_sideways_on_a_phone(server: str, open_page: OpenPage) -> None:
    page = open_page(f"{server}/dropout?v=1", viewport=(390, 844))
    page.get_by_role("button", name=text("chapter.skip", "pt-BR")).click()
    page.locator(".st-key-dropout_later .js-plotly-plot").wait_for(timeout=20_000)
    assert page.get_by_test_id("stMain").evaluate("element => element.scrollWidth <= element.clientWidth")
