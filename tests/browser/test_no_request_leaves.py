"""Nothing leaves the browser either: the guard sees what would, and typed addresses and pages taken home ask nobody.

`open_page` fails a test at any request to another host, websockets among them. Under it test_accessibility.py visits
every page in both languages and with its parts open.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from attention.config import AttentionConfig
from attention.figures import LIGHT, head_map
from attention.html_pages import State, figure_html
from attention.sources import trace_random
from attention.tokens import tokenize
from attention.ui.state import TABS
from attention.views import view_tokens
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage

CALLING = "![x](https://example.org/x.png) <img src=https://example.org/y.png> https://example.org"


def visit(page: Page, url: str) -> None:
    """Open an address and see that it is a page of the app."""
    page.goto(url)
    wait_idle(page)
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_a_sentence_that_calls_out_is_not_answered(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    for tab in TABS:
        visit(page, f"{server}/?v=1&more=1&tab={tab}&text={CALLING}")
    for path in ("glossario", "contexto", "intuicao"):
        visit(page, f"{server}/{path}?v=1&text={CALLING}&term={CALLING[:50]}")
    page.wait_for_timeout(300)


def test_the_guard_sees_a_request_to_another_host(server: str, open_page: OpenPage, trouble: list[str]) -> None:
    page = open_page(server)
    with page.expect_request("https://example.org/*") as asked:
        page.evaluate("() => { new Image().src = 'https://example.org/x.png' }")
    assert asked.value.url == "https://example.org/x.png"
    assert trouble == ["request to https://example.org/x.png"]
    trouble.clear()


def test_the_page_taken_home_is_drawn_without_a_network(browser: Browser, tmp_path: Path) -> None:
    trace = trace_random(tokenize(CALLING), AttentionConfig(n_heads=1, d_model=2))
    figure = head_map(view_tokens(trace.layers[0], trace.tokens), 0, language="pt-BR", theme=LIGHT)
    home = tmp_path / "atencao.html"
    home.write_text(figure_html(State([figure]), title=CALLING, language="pt-BR"), encoding="utf-8")
    context = browser.new_context(offline=True)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(home.as_uri())
    expect(page.locator(".main-svg .cartesianlayer")).to_have_count(1)
    page.locator(".nsewdrag").hover()
    expect(page.locator(".hoverlayer text").first).to_be_visible()
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [home.as_uri()]
    context.close()
