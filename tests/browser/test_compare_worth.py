"""Weight is not importance, in a real browser: a head goes off by a click, comes into the address, and back on."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from attention.texts import LANGUAGES, Language, text
from attention.ui.state import WORTHS
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage


@pytest.mark.parametrize("language", LANGUAGES)
def test_switch_heads_off_by_bar_and_by_pill_and_open_the_link_again(
    server: str, open_page: OpenPage, language: Language
) -> None:
    page = open_page(f"{server}/comparar?v=1&tool=worth&worth=off&row=7&lang={language.lower()}")
    expect(page.get_by_text(text("worth.off_nothing", language))).to_be_visible(timeout=30_000)
    bars = page.locator(".st-key-worth_alone .barlayer .point")
    expect(bars).to_have_count(8, timeout=20_000)
    wait_idle(page)
    bars.nth(4).hover(force=True)  # layer 2, head 1
    page.wait_for_timeout(200)  # plotly clicks what it has seen hovered
    bars.nth(4).click(force=True)
    page.wait_for_function("() => location.search.includes('off=2.1')", timeout=20_000)
    points = page.locator(".st-key-worth_controls .barlayer .point")
    expect(points).to_have_count(3, timeout=20_000)  # itself and the two of its layer that do not carry the prediction
    page.locator(".st-key-worth_off_1 button").nth(3).click()  # and head 4
    page.wait_for_function("() => location.search.includes('off=2.1-2.4')", timeout=20_000)
    expect(page.locator(".st-key-worth_controls .barlayer .point")).to_have_count(2, timeout=20_000)
    again = open_page(page.url)
    expect(again.locator(".st-key-worth_controls .barlayer .point")).to_have_count(2, timeout=30_000)
    again.get_by_role("button", name=text("worth.off_none", language)).click()
    expect(again.get_by_text(text("worth.off_nothing", language))).to_be_visible(timeout=20_000)


@pytest.mark.parametrize("worth", WORTHS)
def test_nothing_scrolls_sideways_on_a_phone(server: str, open_page: OpenPage, worth: str) -> None:
    page = open_page(f"{server}/comparar?v=1&tool=worth&worth={worth}&off=1.3", viewport=(390, 844))
    page.locator(".js-plotly-plot").nth(1).wait_for(timeout=30_000)
    wait_idle(page)
    assert page.get_by_test_id("stMain").evaluate("element => element.scrollWidth <= element.clientWidth")
