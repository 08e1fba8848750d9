"""The page on many heads in a real browser: guess, switch a head off by a click, take the notebook home."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from attention.texts import LANGUAGES, Language, text
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage
from tests.chapter.running import executed, outputs_of


@pytest.mark.parametrize("language", LANGUAGES)
def test_guess_then_switch_a_head_off_then_download(
    server: str, open_page: OpenPage, language: Language, tmp_path: Path
) -> None:
    page = open_page(f"{server}/varias-cabecas?v=1&lang={language.lower()}", accept_downloads=True)
    expect(page.get_by_role("heading", name=text("many_heads.question", language))).to_be_visible(timeout=30_000)
    assert page.locator(".js-plotly-plot").count() == 0
    page.get_by_role("button", name=text("chapter.guess_send", language)).click()
    expect(page.get_by_role("heading", name=text("many_heads.off", language))).to_be_visible(timeout=20_000)
    bars = page.locator(".st-key-heads_off .barlayer .point")
    expect(bars).to_have_count(8, timeout=20_000)
    wait_idle(page)
    bars.nth(1).click(force=True)
    without = text("many_heads.without", language, layer=1, head=2)
    expect(page.get_by_text(without, exact=True)).to_be_visible(timeout=20_000)
    page.wait_for_function("() => location.search.includes('head=2')", timeout=20_000)
    page.locator(".st-key-many_heads_code summary").press("Enter")
    expect(page.get_by_text(text("chapter.code_prints", language))).to_be_visible(timeout=20_000)
    wait_idle(page)  # each run gives the button another file to ask for
    with page.expect_download() as waiting:
        page.get_by_role("button", name=text("chapter.notebook", language)).click()
    ran = executed(waiting.value.path().read_text(encoding="utf-8"), tmp_path)
    prints = page.locator("[data-testid=stCode]").last.inner_text()
    assert outputs_of(ran).strip() == prints.strip()


def test_nothing_scrolls_sideways_on_a_phone(server: str, open_page: OpenPage) -> None:
    page = open_page(f"{server}/varias-cabecas?v=1", viewport=(390, 844))
    page.get_by_role("button", name=text("chapter.skip", "pt-BR")).click()
    page.locator(".st-key-heads_cost_many .js-plotly-plot").wait_for(timeout=20_000)
    assert page.get_by_test_id("stMain").evaluate("element => element.scrollWidth <= element.clientWidth")
