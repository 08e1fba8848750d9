"""Compare's lines in a real browser: a token pointed at, or walked to, keeps only its own lines."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage

LINES = ".st-key-lines .js-plotly-plot"
# [drawn, seen]: lines in the page, and those of them that are not hidden.
COUNT = f"""() => {{
  const lines = [...document.querySelectorAll('{LINES} .scatterlayer .js-line')].filter(line => line.getAttribute('d'))
  return [lines.length, lines.filter(line => line.style.display !== 'none').length]
}}"""
# How many lines the figure's own data has of a token at one side.
OF_TOKEN = f"""([side, token]) => document.querySelector('{LINES}').data
  .filter(({{ meta }}) => meta?.role === 'lines').flatMap(({{ meta }}) => meta[side])
  .filter(one => one === token).length"""


def seen(page: Page) -> int:
    return int(page.evaluate(COUNT)[1])


def test_a_token_keeps_only_its_lines_under_the_pointer_and_under_the_keyboards_cursor(
    server: str, open_page: OpenPage
) -> None:
    page = open_page(f"{server}/comparar?v=1&tool=lines")
    expect(page.locator(f"{LINES} .barlayer .point")).to_have_count(16, timeout=60_000)
    wait_idle(page)
    drawn, shown = page.evaluate(COUNT)
    assert drawn == shown > 0

    page.locator(f"{LINES} .barlayer .point").nth(6).hover(force=True)
    page.wait_for_function(f"wanted => ({COUNT})()[1] === wanted", arg=page.evaluate(OF_TOKEN, ["query", 6]))
    assert 0 < seen(page) < drawn
    page.mouse.move(5, 5)
    page.wait_for_function(f"wanted => ({COUNT})()[1] === wanted", arg=drawn)

    keys = page.locator(".st-key-lines .keys")
    keys.focus()
    page.keyboard.press("PageDown")  # shows the cursor
    page.keyboard.press("PageDown")
    page.wait_for_function(f"wanted => ({COUNT})()[1] === wanted", arg=page.evaluate(OF_TOKEN, ["key", 0]))
    page.keyboard.press("Escape")
    page.wait_for_function(f"wanted => ({COUNT})()[1] === wanted", arg=drawn)


def test_heads_are_chosen_and_the_link_keeps_them(server: str, open_page: OpenPage) -> None:
    page = open_page(f"{server}/comparar?v=1&tool=lines")
    expect(page.locator(f"{LINES} .barlayer .point")).to_have_count(16, timeout=60_000)
    wait_idle(page)
    drawn = seen(page)
    page.locator(".st-key-line_pills button").nth(0).press("Enter")
    page.wait_for_function("() => location.search.includes('lines=2-3-4')", timeout=20_000)
    page.wait_for_function(
        f"before => {{ const [, shown] = ({COUNT})(); return shown > 0 && shown < before }}", arg=drawn
    )
    page.keyboard.press("3")  # the button that has the focus leaves digits to the page
    page.wait_for_function("() => location.search.includes('lines=2-4')", timeout=20_000)
    assert "&head=" not in page.url
