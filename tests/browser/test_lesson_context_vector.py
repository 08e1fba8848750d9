"""The page on the context vector in a real browser: guess, move a score, switch, take the notebook home."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from attention.lesson_model.source import trace_lesson
from attention.presets import PRESETS
from attention.texts import text
from attention.ui.state import LESSON_FOCUS
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage
from tests.chapter.running import executed, outputs_of

HEAD = LESSON_FOCUS[1]
# Where the context vector is drawn: where it began, and where it is.
DIAMONDS = "() => Array.from(document.querySelector('.st-key-context_vector_plane .js-plotly-plot')?.data?.[2].x ?? [])"


def test_guess_then_move_a_score_then_download(server: str, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(f"{server}/vetor-de-contexto?v=1&row=6", accept_downloads=True)
    expect(page.get_by_role("heading", name=text("context_vector.question", "pt-BR"))).to_be_visible(timeout=30_000)
    tokens = page.locator(".st-key-context_vector_guess_tokens .js-plotly-plot .barlayer .point")
    tokens.first.wait_for(timeout=30_000)
    assert page.locator(".js-plotly-plot").count() == 1
    layer = trace_lesson(PRESETS[0].text).layers[1]
    apart = ((layer.value[0, HEAD, :6] - layer.context[0, HEAD, 5]) ** 2).sum(axis=-1)
    tokens.nth(int(apart.argmin())).click(force=True)
    expect(page.get_by_text(text("chapter.right", "pt-BR"))).to_be_visible(timeout=20_000)

    page.wait_for_function(f"({DIAMONDS})().length === 2", timeout=20_000)
    assert page.evaluate(f"({DIAMONDS})()[0] === ({DIAMONDS})()[1]")
    page.evaluate("() => document.querySelector('.st-key-context_vector_plane .js-plotly-plot').mark = 'mounted once'")
    score = page.locator("[class*=st-key-context_vector_score]").nth(1).get_by_role("slider")
    score.press("End")
    page.wait_for_function(f"({DIAMONDS})()[0] !== ({DIAMONDS})()[1]", timeout=20_000)
    mark = "() => document.querySelector('.st-key-context_vector_plane .js-plotly-plot').mark"
    assert page.evaluate(mark) == "mounted once"
    page.get_by_role("button", name=text("context_vector.back", "pt-BR")).click()
    page.wait_for_function(f"({DIAMONDS})()[0] === ({DIAMONDS})()[1]", timeout=20_000)

    page.get_by_role("switch", name=text("switch.dropout_on", "pt-BR")).press("Space")
    expect(page.get_by_text("não 100%").first).to_be_visible(timeout=20_000)
    page.locator(".st-key-context_vector_code summary").press("Enter")
    expect(page.get_by_text(text("chapter.code_prints", "pt-BR"))).to_be_visible(timeout=20_000)
    wait_idle(page)  # each run gives the button another file to ask for
    with page.expect_download() as waiting:
        page.get_by_role("button", name=text("chapter.notebook", "pt-BR")).click()
    ran = executed(waiting.value.path().read_text(encoding="utf-8"), tmp_path)
    assert outputs_of(ran).strip() == page.locator("[data-testid=stCode]").last.inner_text().strip()


@pytest.mark.parametrize("viewport", [(1440, 900), (390, 844)])
def test_nothing_scrolls_sideways(server: str, open_page: OpenPage, viewport: tuple[int, int]) -> None:
    page = open_page(f"{server}/vetor-de-contexto?v=1", viewport=viewport)
    page.get_by_role("button", name=text("chapter.skip", "pt-BR")).click()
    page.locator(".st-key-context_vector_plane .js-plotly-plot").wait_for(timeout=20_000)
    assert page.get_by_test_id("stMain").evaluate("element => element.scrollWidth <= element.clientWidth")
