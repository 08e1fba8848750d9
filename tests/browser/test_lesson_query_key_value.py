"""The page on query, key and value in a real browser: guess, switch the scale, take the notebook home."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from attention.texts import text
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage
from tests.chapter.running import executed, outputs_of

# The height at which the head in focus stands among the draws.
STAR = (
    "() => document.querySelector('.st-key-query_key_value_saturation .js-plotly-plot')?.data"
    "?.find(trace => trace.mode === 'markers')?.y[0]"
)


def test_guess_then_switch_then_download(server: str, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(f"{server}/query-key-value?v=1&lang=en", locale="en", accept_downloads=True)
    expect(page.get_by_role("heading", name=text("query_key_value.question", "en"))).to_be_visible(timeout=30_000)
    assert page.locator(".js-plotly-plot").count() == 0
    page.locator(".st-key-query_key_value_guess_number").get_by_role("slider").press("ArrowLeft")
    page.get_by_role("button", name=text("chapter.guess_send", "en")).click()
    expect(page.get_by_text(text("chapter.right", "en"))).to_be_visible(timeout=20_000)

    page.wait_for_function(f"({STAR})() > 0", timeout=20_000)
    scaled = page.evaluate(STAR)
    page.get_by_role("switch", name=text("switch.scaled", "en")).first.press("Space")
    page.wait_for_function(f"({STAR})() > 2 * {scaled}", timeout=20_000)
    page.locator(".st-key-query_key_value_code summary").press("Enter")
    expect(page.get_by_text(text("chapter.code_prints", "en"))).to_be_visible(timeout=20_000)
    wait_idle(page)  # each run gives the button another file to ask for
    with page.expect_download() as waiting:
        page.get_by_role("button", name=text("chapter.notebook", "en")).click()
    ran = executed(waiting.value.path().read_text(encoding="utf-8"), tmp_path)
    prints = page.locator("[data-testid=stCode]").last.inner_text().strip()
    assert outputs_of(ran).startswith(prints)


@pytest.mark.parametrize("viewport", [(1440, 900), (390, 844)])
def test_nothing_scrolls_sideways(server: str, open_page: OpenPage, viewport: tuple[int, int]) -> None:
    page = open_page(f"{server}/query-key-value?v=1", viewport=viewport)
    page.get_by_role("button", name=text("chapter.skip", "pt-BR")).click()
    page.locator(".st-key-query_key_value_saturation .js-plotly-plot").wait_for(timeout=20_000)
    assert page.get_by_test_id("stMain").evaluate("element => element.scrollWidth <= element.clientWidth")
