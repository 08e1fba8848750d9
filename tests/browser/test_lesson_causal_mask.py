"""The page on the causal mask in a real browser: guess, switch, take the notebook home."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from attention.texts import LANGUAGES, Language, text
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage
from tests.chapter.running import executed, outputs_of

# What is written on the bars, once they are drawn.
CHANGES = "() => document.querySelector('.st-key-mask_changes .js-plotly-plot')?.data?.[0].text"


@pytest.mark.parametrize("language", LANGUAGES)
def test_guess_then_switch_then_download(server: str, open_page: OpenPage, language: Language, tmp_path: Path) -> None:
    page = open_page(f"{server}/mascara-causal?v=1&lang={language.lower()}", accept_downloads=True)
    expect(page.get_by_role("heading", name=text("causal_mask.question", language))).to_be_visible(timeout=30_000)
    assert page.locator(".js-plotly-plot").count() == 0
    page.get_by_role("button", name=text("causal_mask.guess_none", language)).click()
    expect(page.get_by_text(text("chapter.right", language))).to_be_visible(timeout=20_000)
    page.wait_for_function(f"({CHANGES})()?.every(share => share === '0%')", timeout=20_000)
    page.get_by_role("switch", name=text("switch.causal", language)).press("Space")
    page.wait_for_function(f"({CHANGES})()?.every(share => share !== '0%')", timeout=20_000)
    page.locator(".st-key-causal_mask_code summary").press("Enter")
    expect(page.get_by_text(text("chapter.code_prints", language))).to_be_visible(timeout=20_000)
    wait_idle(page)  # each run gives the button another file to ask for
    with page.expect_download() as waiting:
        page.get_by_role("button", name=text("chapter.notebook", language)).click()
    assert waiting.value.suggested_filename.endswith(".ipynb")
    ran = executed(waiting.value.path().read_text(encoding="utf-8"), tmp_path)
    prints = page.locator("[data-testid=stCode]").last.inner_text()
    assert outputs_of(ran).strip() == prints.strip()


@pytest.mark.parametrize("viewport", [(1440, 900), (390, 844)])
def test_nothing_scrolls_sideways(server: str, open_page: OpenPage, viewport: tuple[int, int]) -> None:
    page = open_page(f"{server}/mascara-causal?v=1", viewport=viewport)
    page.get_by_role("button", name=text("chapter.skip", "pt-BR")).click()
    page.locator(".st-key-mask_ways .js-plotly-plot").wait_for(timeout=20_000)
    assert page.get_by_test_id("stMain").evaluate("element => element.scrollWidth <= element.clientWidth")
