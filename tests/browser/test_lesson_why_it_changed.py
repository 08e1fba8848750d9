"""The page on why attention changed everything in a real browser: guess, measure, slide, take it home."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from attention.race.settings import LENGTHS
from attention.texts import LANGUAGES, Language, text
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage
from tests.chapter.running import executed, outputs_of

MEASURED = "() => document.querySelector('.st-key-race_lines .js-plotly-plot')?.data?.[0].x.length"
MARKED = "() => document.querySelector('.st-key-growth_lines .js-plotly-plot')?.data?.[3]?.x?.[0]"


@pytest.mark.parametrize("language", LANGUAGES)
def test_guess_then_measure_then_slide_then_download(
    server: str, open_page: OpenPage, language: Language, tmp_path: Path
) -> None:
    page = open_page(f"{server}/por-que-mudou?v=1&lang={language.lower()}", accept_downloads=True)
    expect(page.get_by_role("heading", name=text("why_it_changed.question", language))).to_be_visible(timeout=30_000)
    assert page.locator(".js-plotly-plot").count() == 0
    page.get_by_role("button", name=text("why_it_changed.guess_lstm_last", language)).click()
    page.get_by_role("button", name=text("why_it_changed.measure", language)).click()
    page.wait_for_function(f"({MEASURED})() === {len(LENGTHS)}", timeout=60_000)
    expect(page.get_by_text(text("chapter.yours", language), exact=True)).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name=text("why_it_changed.measure_again", language))).to_be_visible()
    wait_idle(page)

    slider = page.get_by_role("slider", name=text("why_it_changed.n", language))
    slider.focus()
    slider.press("End")
    page.wait_for_function(f"({MARKED})() === 4096", timeout=20_000)

    page.get_by_text(text("chapter.code", language), exact=True).click()
    wait_idle(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name=text("chapter.notebook", language)).click()
    ran = executed(waiting.value.path().read_text(encoding="utf-8"), tmp_path)
    prints = page.locator("[data-testid=stCode]").last.inner_text().strip()
    assert outputs_of(ran).startswith(prints)


def test_nothing_scrolls_sideways_on_a_phone(server: str, open_page: OpenPage) -> None:
    page = open_page(f"{server}/por-que-mudou?v=1", viewport=(390, 844))
    page.get_by_role("button", name=text("chapter.skip", "pt-BR")).click()
    page.locator(".st-key-growth_lines .js-plotly-plot").wait_for(timeout=20_000)
    assert page.get_by_test_id("stMain").evaluate("element => element.scrollWidth <= element.clientWidth")
