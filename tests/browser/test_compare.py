"""The page that compares, in a real browser: two heads, the overview they come from, and the link that keeps it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from attention.texts import Language, text
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage
from tests.browser.turning import settle

WIDTHS = [(1440, 900), (1024, 768), (390, 844)]
DATA = "key => JSON.stringify(document.querySelector(`.st-key-${key} .js-plotly-plot`).data.map(trace => trace.z))"


def drawn(page: Page, count: int = 2) -> Page:
    expect(page.locator(".live-figure .main-svg .cartesianlayer")).to_have_count(count, timeout=60_000)
    wait_idle(page)
    return page


def address(page: Page) -> dict[str, str]:
    return {slug: values[0] for slug, values in parse_qs(urlsplit(page.url).query).items()}


def says(page: Page, words: str) -> None:
    expect(page.get_by_text(words).first).to_be_visible(timeout=20_000)


def asks(page: Page, words: str) -> None:
    """Wait until the address holds `words`."""
    page.wait_for_function("words => location.search.includes(words)", arg=words, timeout=20_000)
    wait_idle(page)


def lacks(page: Page, words: str) -> None:
    page.wait_for_function("words => !location.search.includes(words)", arg=words, timeout=20_000)
    wait_idle(page)


def title(page: Page, axis: str) -> str:
    """Return what stands over one of the three maps."""
    written: str = page.evaluate(
        "axis => document.querySelector('.st-key-side_by_side .js-plotly-plot').layout[axis].title.text", axis
    )
    return written


def shows(page: Page, axis: str, words: str) -> None:
    page.wait_for_function(
        "([axis, words]) => document.querySelector('.st-key-side_by_side .js-plotly-plot')"
        ".layout[axis].title.text.includes(words)",
        arg=[axis, words],
        timeout=20_000,
    )


def click_map(page: Page, key: str, x: float, y: float, number: int = 0) -> None:
    """Click the map of a figure at shares of its width and height."""
    drawn_map = page.locator(f".st-key-{key} .heatmaplayer").nth(number)
    drawn_map.evaluate("map => map.scrollIntoView({ block: 'center' })")
    box = drawn_map.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


@pytest.mark.parametrize(
    ("language", "viewports"),
    [
        ("pt-BR", WIDTHS),
        ("en", WIDTHS[::-1]),  # opened on a phone
    ],
)
def test_it_opens_on_two_heads_without_scrolling_sideways(
    server: str, open_page: OpenPage, language: Language, viewports: list[tuple[int, int]]
) -> None:
    page = drawn(open_page(f"{server}/comparar?v=1&lang={language.lower()}", viewport=viewports[0]))
    for width, height in viewports:
        page.set_viewport_size({"width": width, "height": height})
        settle(page)
        expect(page.get_by_role("heading", name=text("compare.title", language), exact=True)).to_be_visible()
        assert text("find.label", language, layer=2, head=1) in title(page, "xaxis")
        assert text("find.label", language, layer=2, head=4) in title(page, "xaxis2")
        assert page.get_by_test_id("stMain").evaluate("element => element.scrollWidth <= element.clientWidth")


def test_the_overview_fills_a_and_b_and_going_back_takes_it_back(server: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{server}/comparar?v=1"))
    page.get_by_role("radio", name=text("sides.sides_view_all", "pt-BR")).click()
    drawn(page, 3)
    click_map(page, "overview", 0.65, 0.2)
    asks(page, "layer=1")
    shows(page, "xaxis", "A: camada 1, cabeça 3")
    page.locator(".st-key-target").get_by_role("radio", name="B", exact=True).click()
    asks(page, "into=b")
    click_map(page, "overview", 0.4, 0.8)
    asks(page, "bhead=2")
    shows(page, "xaxis2", "B: camada 2, cabeça 2")
    assert address(page) == {"v": "1", "layer": "1", "head": "3", "show": "all", "into": "b", "bhead": "2"}

    again = drawn(open_page(page.url), 3)
    for key in ("overview", "side_by_side"):
        assert again.evaluate(DATA, key) == page.evaluate(DATA, key)
    assert title(again, "xaxis2") == title(page, "xaxis2")

    page.go_back()
    lacks(page, "bhead")
    shows(page, "xaxis2", "B: camada 2, cabeça 4")


def test_swapping_exchanges_the_two_sides_and_the_link_reopens_them(server: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{server}/comparar?v=1&btext=A+vaca+preta+mugiu&bcausal=0"))
    assert title(page, "xaxis").startswith("<b>A: camada 2, cabeça 1")
    page.get_by_role("button", name=text("sides.swap", "pt-BR")).click()
    asks(page, "btext=O+gato")
    shows(page, "xaxis", "A: camada 2, cabeça 4")
    expect(page.get_by_label(text("frame.sentence", "pt-BR"))).to_have_value("A vaca preta mugiu")
    again = drawn(open_page(page.url))
    assert again.evaluate(DATA, "side_by_side") == page.evaluate(DATA, "side_by_side")
    page.go_back()
    asks(page, "btext=A+vaca")
    expect(page.get_by_label(text("frame.sentence", "pt-BR"))).to_have_value("O gato que estava no telhado miou")


def test_a_click_in_any_of_the_three_maps_moves_the_cell_in_focus(server: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{server}/comparar?v=1&btext=O+gato+preto+miou&align=word"))
    click_map(page, "side_by_side", 0.06, 0.95)
    asks(page, "column=1")
    says(page, "“miou” → “⟨início⟩”")
    click_map(page, "side_by_side", 0.3, 0.7, number=1)  # only B has “preto”: it is counted after A's eight
    asks(page, "row=12")
    says(page, "A linha de “preto”")
    click_map(page, "side_by_side", 0.15, 0.17, number=2)
    asks(page, "row=2")
    says(page, "“O” → “O”")


def test_the_keyboard_walks_the_maps_of_a_b_and_their_difference(server: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{server}/comparar?v=1"))
    page.locator(".st-key-side_by_side [role=application]").focus()
    page.keyboard.press("Home")  # the first key only shows where the cursor is
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowDown")
    spoken = page.locator(".st-key-side_by_side .aloud").last
    expect(spoken).to_contain_text("em A")
    page.keyboard.press("Enter")
    asks(page, "row=")
    says(page, "em A, ")


def test_what_stands_behind_b_s_door_changes_b_alone(server: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{server}/comparar?v=1"))
    page.get_by_role("button", name=text("sides.more_b", "pt-BR")).click()
    page.get_by_label(text("sides.text_b", "pt-BR"), exact=True).fill("A vaca mugiu")
    asks(page, "btext=A+vaca+mugiu")
    says(page, "Em A, sem par e fora da diferença")
    expect(page.get_by_label(text("sides.text_b", "pt-BR"), exact=True)).to_be_visible()
    page.get_by_label(text("sides.text_b", "pt-BR"), exact=True).fill("   ")
    says(page, text("errors.empty_text", "pt-BR"))
    expect(page.locator(".st-key-a_alone .js-plotly-plot")).to_be_visible()


def test_four_heads_are_chosen_by_hand(server: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{server}/comparar?v=1&show=four"), 1)
    page.get_by_test_id("stPills").or_(page.locator(".st-key-several_heads")).get_by_text("1.1", exact=True).click()
    asks(page, "several=")
    assert address(page)["several"].count(".") == 4
    says(page, "camada 1, cabeça 1")


def links(page: Page) -> Any:  # noqa: ANN401 - whatever the browser finds
    return page.evaluate("() => document.querySelectorAll('.live-figure a[href]').length")


def test_a_hostile_sentence_of_b_stays_text(server: str, open_page: OpenPage) -> None:
    hostile = "<b>oi</b> <a href=https://example.org>x</a> ![i](https://example.org/y.png) $x^2$ :material/home:"
    page = open_page(f"{server}/comparar?v=1")
    drawn(page)
    page.get_by_role("button", name=text("sides.more_b", "pt-BR")).click()
    page.get_by_label(text("sides.text_b", "pt-BR"), exact=True).fill(hostile)
    asks(page, "btext=")
    says(page, "Em B, sem par e fora da diferença")
    assert links(page) == 0
    assert page.locator("main img, .katex").count() == 0
