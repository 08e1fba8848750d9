"""The page on the Transformer's block in a real browser: guess, open a part, follow another token, take it home."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from attention.blocks import PARTS
from attention.texts import LANGUAGES, Language, text
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage
from tests.chapter.running import executed, outputs_of

# Which box is outlined, once the block is drawn.
OUTLINED = (
    "() => document.querySelector('.st-key-transformer_block .js-plotly-plot')?.data?.[0].marker.line.width.indexOf(3)"
)
LENGTHS = (
    "() => document.querySelector('.st-key-transformer_block .js-plotly-plot')?.data?.[0]?.hovertext?.join() ?? ''"
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_guess_then_open_a_part_then_download(
    server: str, open_page: OpenPage, language: Language, tmp_path: Path
) -> None:
    page = open_page(f"{server}/transformer?v=1&row=3&lang={language.lower()}", accept_downloads=True)
    expect(page.get_by_role("heading", name=text("transformer.question", language))).to_be_visible(timeout=30_000)
    assert page.locator(".st-key-transformer_block").count() == 0
    page.get_by_role("button", name=text("transformer.guess_more", language)).click()
    page.wait_for_function(f"({OUTLINED})() === {PARTS.index('attention')}", timeout=20_000)

    block = page.locator(".st-key-transformer_block .keys")  # by the keyboard: to the last part, and choose it
    block.focus()
    block.press("End")  # the first key only shows where the cursor is
    block.press("End")
    block.press("Enter")
    page.wait_for_function(f"({OUTLINED})() === {PARTS.index('logits')}", timeout=20_000)
    expect(page.get_by_role("heading", name=text("transformer.part_logits", language))).to_be_visible()
    page.locator(".st-key-transformer_logits .js-plotly-plot").wait_for(timeout=20_000)

    before = page.evaluate(LENGTHS)
    page.locator("label", has_text=text("switch.causal", language)).first.click()
    page.wait_for_function(f"before => !['', before].includes(({LENGTHS})())", arg=before, timeout=20_000)
    wait_idle(page)

    page.get_by_text(text("chapter.code", language), exact=True).click()
    wait_idle(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name=text("chapter.notebook", language)).click()
    ran = executed(waiting.value.path().read_text(encoding="utf-8"), tmp_path)
    prints = page.locator("[data-testid=stCode]").last.inner_text()
    assert outputs_of(ran).strip() == prints.strip()


@pytest.mark.parametrize("model", ["lesson", "random"])
@pytest.mark.parametrize("viewport", [(1440, 900), (390, 844)])
def test_nothing_scrolls_sideways(server: str, open_page: OpenPage, viewport: tuple[int, int], model: str) -> None:
    page = open_page(f"{server}/transformer?v=1&model={model}", viewport=viewport)
    page.get_by_role("button", name=text("chapter.skip", "pt-BR")).click()
    page.locator(".st-key-transformer_additions .js-plotly-plot").wait_for(timeout=20_000)
    assert page.get_by_test_id("stMain").evaluate("element => element.scrollWidth <= element.clientWidth")
