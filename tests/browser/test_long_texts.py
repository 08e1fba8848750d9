"""A long text in a real browser: labels come back when zoomed, a block is its largest cell, the hover tells cells."""

from __future__ import annotations

import re
from urllib.parse import quote

from playwright.sync_api import Page

from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage

WORDS = [f"{word}{i}" for i in range(40) for word in ("gato", "telha", "rio", "mesa")]
LONG = " ".join(WORDS)  # some 400 tokens
PLOT = "document.querySelector('.st-key-head_map .plot')"
STATE = f"""() => {{
  const plot = {PLOT}
  const {{ z, x0, dx, y0, dy }} = plot._fullData[0]
  const labels = [...plot.querySelectorAll('.ytick text')].map(tick => tick.textContent)
  return {{ z: z.map(row => [...row].map(value => Number.isNaN(value) ? -1 : value)), x0, dx, y0, dy, labels,
    sent: plot._fullData[0].meta.n }}
}}"""


def opened(open_page: OpenPage, server: str, viewport: tuple[int, int]) -> Page:
    page = open_page(f"{server}?v=1&model=random&heads=2&dims=24&text={quote(LONG)}", viewport=viewport)
    page.locator(".st-key-head_map .heatmaplayer image").first.wait_for(timeout=40_000)
    wait_idle(page)
    return page


def test_on_a_phone_a_block_is_the_largest_of_its_cells_and_zoom_shows_each(server: str, open_page: OpenPage) -> None:
    page = opened(open_page, server, (390, 844))
    before = page.evaluate(STATE)
    assert before["dx"] > 1
    assert 1 < len(before["labels"]) < 40
    for _ in range(4):
        page.evaluate(f"{PLOT}.querySelector('.modebar-btn[data-title=\"Ampliar\"]').click()")
        page.wait_for_timeout(600)
    after = page.evaluate(STATE)
    assert (after["dx"], after["dy"]) == (1, 1)
    assert not set(after["labels"]) <= set(before["labels"])
    # every cell now seen lies in a block that was drawn with at least its value
    for i, row in enumerate(after["z"]):
        for j, value in enumerate(row):
            block = before["z"][int((after["y0"] + i) // before["dy"])][int((after["x0"] + j) // before["dx"])]
            assert value <= block


def test_the_hover_and_the_keyboard_tell_two_tokens_and_their_share(server: str, open_page: OpenPage) -> None:
    page = opened(open_page, server, (1280, 900))
    plot = page.locator(".st-key-head_map .plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.6 * box["height"])
    page.locator(".st-key-head_map .hoverlayer text").first.wait_for()
    said = "".join(page.locator(".st-key-head_map .hoverlayer text").all_text_contents())
    assert re.search(r"\(posição \d+\) dedica (menos de )?\d+,\d% da atenção a .+\(posição \d+\).+±0,25", said)
    keys = page.locator(".st-key-head_map .keys")
    keys.focus()
    page.keyboard.press("Home")
    aloud = page.locator(".st-key-head_map [aria-live]").text_content() or ""
    assert "(posição 1) dedica 100,0% da atenção a" in aloud
    page.keyboard.press("End")
    page.wait_for_timeout(100)
    assert "máscara causal" in (page.locator(".st-key-head_map [aria-live]").text_content() or "")
