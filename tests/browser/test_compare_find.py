"""Finding a head in a real browser, as a new user does: from the page's front door, by pointing at what it does."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from attention.texts import Language, text
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage
from tests.browser.test_explore import WIDTHS, address, drawn
from tests.browser.turning import settle

FIND = "comparar?v=1&tool=find"


def click_cell(page: Page, row: float, column: float) -> None:
    """Click a cell of the map, given as shares of its height and width."""
    box = page.locator(".js-plotly-plot").first.locator(".heatmaplayer").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + column * box["width"], box["y"] + row * box["height"])


def test_a_new_user_finds_the_head_that_leads_from_the_row_that_predicts_the_verb_to_its_subject(
    server: str, open_page: OpenPage
) -> None:
    page = open_page(f"{server}/comparar")
    page.get_by_text(text("compare.tool_find", "pt-BR"), exact=True).click()
    drawn(page, 2)
    page.get_by_role("button", name="a linha que prevê o verbo: “telhado” → “gato”").click()
    expect(page.get_by_text("Nesta frase, quem mais leva de “telhado” a “gato” é a")).to_be_visible(timeout=20_000)
    wait_idle(page)
    page.wait_for_function("() => location.search.includes('row=7&column=3')", timeout=20_000)
    first = page.locator(".js-plotly-plot .barlayer .point").first
    first.click(force=True)
    page.wait_for_function("() => location.search.includes('head=4')", timeout=20_000)
    expect(page.get_by_role("button", name="Ver a cabeça 4 da camada 2 lado a lado")).to_be_visible()

    again = drawn(open_page(page.url), 2)
    expect(again.get_by_text("Nesta frase, quem mais leva de “telhado” a “gato” é a")).to_be_visible()
    again.get_by_role("button", name="Ver a cabeça 4 da camada 2 lado a lado").click()
    again.wait_for_function("() => !location.search.includes('tool=find')", timeout=20_000)
    assert address(again) == {"v": "1", "head": "4", "row": "7", "column": "3"}


def test_a_click_on_a_cell_lines_the_heads_up_by_it(server: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{server}/{FIND}"), 2)
    click_cell(page, 3.5 / 8, 1.5 / 8)  # “que” → “O”
    page.wait_for_function("() => location.search.includes('row=4&column=2')", timeout=20_000)
    expect(page.get_by_text("de “que” a “O”")).to_be_visible()
    click_cell(page, 1.5 / 8, 6.5 / 8)  # above the diagonal
    expect(page.get_by_text("a máscara causal fecha esta célula")).to_be_visible(timeout=20_000)


def test_a_bar_too_short_to_hit_answers_a_click_beside_it(server: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{server}/{FIND}&row=7&column=3"), 2)
    page.locator(".js-plotly-plot .barlayer .point").last.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    last = page.locator(".js-plotly-plot .barlayer .point").last.bounding_box()
    across = page.locator(".js-plotly-plot").nth(1).bounding_box()
    assert last is not None
    assert across is not None
    page.mouse.click(across["x"] + 0.8 * across["width"], last["y"] + last["height"] / 2)
    page.wait_for_function("() => location.search.includes('head=2')", timeout=20_000)


def test_the_keyboard_alone_finds_and_chooses(server: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{server}/{FIND}"), 2)
    page.locator("[role=application]").first.focus()
    for key in ("Home", "ArrowDown", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.wait_for_function("() => location.search.includes('row=4&column=1')", timeout=20_000)
    wait_idle(page)
    page.locator("[role=application]").nth(1).focus()
    before = page.url
    for key in ("Home", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.wait_for_function("before => location.href !== before", arg=before, timeout=20_000)


def test_a_point_and_a_pair_can_be_chosen(server: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{server}/{FIND}&find=measure"), 2)
    opened = page.locator(".st-key-measure_map .xtitle")
    expect(opened).to_contain_text("Camada 2, cabeça 1")
    point = page.locator(".st-key-head_scatter .scatterlayer .point").nth(2)
    point.hover(force=True)
    page.wait_for_timeout(200)
    point.click(force=True)
    page.wait_for_function("() => location.search.includes('layer=1&head=3')", timeout=20_000)
    expect(opened).to_contain_text("Camada 1, cabeça 3")
    wait_idle(page)
    page.get_by_text(text("find.search_similar", "pt-BR"), exact=True).click()
    drawn(page, 2)
    click_cell(page, 0.5 / 8, 1.5 / 8)
    page.wait_for_function("() => !location.search.includes('tool=find')", timeout=20_000)


@pytest.mark.parametrize(("language", "scheme"), [("pt-BR", "light"), ("en", "dark")])
def test_every_search_fits_every_screen(server: str, open_page: OpenPage, language: Language, scheme: str) -> None:
    page = drawn(open_page(f"{server}/{FIND}&lang={language.lower()}", color_scheme=scheme), 2)
    for search, figures in (("example", 2), ("measure", 2), ("similar", 2), ("role", 2)):
        page.get_by_text(text(f"find.search_{search}", language), exact=True).first.click()
        drawn(page, figures)
        for width, height in WIDTHS:
            page.set_viewport_size({"width": width, "height": height})
            settle(page)
            assert page.get_by_test_id("stMain").evaluate("element => element.scrollWidth <= element.clientWidth")
        assert page.get_by_test_id("stException").count() == 0
