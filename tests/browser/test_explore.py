"""The Explore page in a real browser, as a teacher, a pupil on a phone and a mischievous one use it."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from attention.presets import PRESETS
from attention.texts import LANGUAGES, Language, text
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage
from tests.browser.turning import settle

HOSTILE = (
    "<b>oi</b> <a href=https://example.org>x</a> <img src=https://example.org/x.png onerror=alert(1)> "
    "![i](https://example.org/y.png) [l](https://example.org) %{z} $x^2$ :material/home: <script>alert(2)</script>"
)
WIDTHS = [(1440, 900), (1024, 768), (390, 844)]


def drawn(page: Page, count: int = 3) -> Page:
    expect(page.locator(".live-figure .main-svg .cartesianlayer")).to_have_count(count, timeout=60_000)
    wait_idle(page)
    return page


def address(page: Page) -> dict[str, str]:
    return {slug: values[0] for slug, values in parse_qs(urlsplit(page.url).query).items()}


def flip(page: Page, label: str) -> None:
    page.locator("label", has_text=label).first.click()
    page.wait_for_timeout(200)
    wait_idle(page)


@pytest.mark.parametrize(
    ("language", "scheme", "viewports"),
    [
        ("pt-BR", "light", WIDTHS),
        ("en", "dark", WIDTHS[::-1]),  # opened on a phone
    ],
)
def test_the_first_visit_shows_the_sentence_and_every_head_without_scrolling_sideways(
    server: str, open_page: OpenPage, language: Language, scheme: str, viewports: list[tuple[int, int]]
) -> None:
    url = f"{server}?v=1&model=random&lang={language.lower()}"
    page = drawn(open_page(url, color_scheme=scheme, viewport=viewports[0]))
    for width, height in viewports:
        page.set_viewport_size({"width": width, "height": height})
        settle(page)
        expect(page.get_by_role("heading", name=text("explore.title", language))).to_be_visible()
        expect(page.get_by_label(text("frame.sentence", language))).to_have_value(PRESETS[0].text)
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
        main = page.get_by_test_id("stMain")
        assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
        background = page.locator(".js-plotly-plot .main-svg").first.evaluate("svg => getComputedStyle(svg).background")
        assert ("rgb(14, 17, 23)" in background) == (scheme == "dark")


def test_a_switch_shows_its_effect_and_the_link_reopens_exactly_that(server: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{server}?v=1&model=random"))
    flip(page, text("switch.causal", "pt-BR"))
    drawn(page, 4)
    expect(page.get_by_text(text("explore.effect_causal", "pt-BR"))).to_be_visible()
    page.get_by_test_id("stButtonGroup").get_by_role("radio", name="3", exact=True).click()
    page.wait_for_timeout(200)
    wait_idle(page)
    assert address(page) == {"v": "1", "model": "random", "causal": "0", "head": "3", "effect": "causal"}

    again = drawn(open_page(page.url), 4)
    expect(again.get_by_text(text("explore.effect_causal", "pt-BR"))).to_be_visible()
    expect(again.get_by_text("Na cabeça 3,").first).to_be_visible()
    maps = "() => [...document.querySelectorAll('.js-plotly-plot')].map(plot => JSON.stringify(plot.data))"
    assert again.evaluate(maps) == page.evaluate(maps)


def test_typing_a_sentence_redraws_without_leaving_the_keyboard(server: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{server}?v=1&model=random"))
    page.get_by_label(text("frame.sentence", "pt-BR")).fill("A vaca mugiu")
    page.wait_for_function("() => location.search.includes('vaca')", timeout=20_000)
    page.wait_for_function(
        "() => document.querySelectorAll('.js-plotly-plot')[2].layout.yaxis.ticktext[0] === 'A'", timeout=20_000
    )
    assert address(page)["text"] == "A vaca mugiu"


def test_a_click_on_a_token_or_a_cell_moves_the_focus(server: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{server}?v=1&model=random"))
    page.locator(".js-plotly-plot .barlayer .point").nth(2).click(force=True)
    page.wait_for_function("() => location.search.includes('row=3')", timeout=20_000)
    expect(page.get_by_text("Na cabeça 1, “que” dedica")).to_be_visible()
    box = page.locator(".js-plotly-plot").nth(1).locator(".heatmaplayer").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.75 * box["height"])
    page.wait_for_function("() => location.search.includes('head=4')", timeout=20_000)


def test_going_back_takes_back_a_switch(server: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{server}?v=1&model=random"))
    flip(page, text("switch.scaled", "pt-BR"))
    page.wait_for_function("() => location.search.includes('scale=0')", timeout=20_000)
    page.go_back()
    page.wait_for_function("() => !location.search.includes('scale=0')", timeout=20_000)
    wait_idle(page)
    expect(page.get_by_role("switch", name=text("switch.scaled", "pt-BR"))).to_be_checked()


def test_the_keyboard_moves_the_focus(server: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{server}?v=1&model=random"))
    page.locator("[role=application]").nth(1).focus()
    page.keyboard.press("Home")  # the first key only shows where the cursor is
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.search.includes('head=2')", timeout=20_000)
    expect(page.get_by_text("Na cabeça 2,").first).to_be_visible()
    assert "row" in address(page)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("hostile", [HOSTILE, "שלום \u202eabc\u202c 👨‍👩‍👧 a\u0301 \u200b ${1+1} `x` <|endoftext|>"])
def test_hostile_text_stays_text(server: str, open_page: OpenPage, language: Language, hostile: str) -> None:
    page = open_page(f"{server}?v=1&model=random&lang={language.lower()}&text={quote(hostile)}&more=1")
    drawn(page)
    for tab in ("numbers", "tokens", "downloads"):
        page.get_by_role("radio", name=text(f"more.{tab}", language)).click()
        page.wait_for_timeout(300)
        wait_idle(page)
        assert page.locator("main a[href], main img, .katex, main script, main b:not(.slice *)").count() == 0
    assert page.get_by_label(text("frame.sentence", language)).input_value() == hostile


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_too_long_is_explained_and_kept(server: str, open_page: OpenPage, language: Language) -> None:
    page = drawn(open_page(f"{server}?v=1&model=random&lang={language.lower()}"))
    long = "gato " * 20_000
    page.get_by_label(text("frame.sentence", language)).fill(long)
    expect(page.locator("[data-testid=stAlert]")).to_be_visible(timeout=30_000)
    assert page.get_by_label(text("frame.sentence", language)).input_value() == long


def test_the_downloads_carry_the_numbers_on_the_screen(server: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{server}?v=1&model=random", accept_downloads=True))
    page.get_by_text(text("more.title", "pt-BR")).click()
    page.get_by_role("radio", name=text("more.downloads", "pt-BR")).click()
    wait_idle(page)  # each run gives the button another file to ask for
    with page.expect_download() as waiting:
        page.get_by_role("button", name=text("more.download_csv", "pt-BR")).click()
    assert waiting.value.suggested_filename == "atencao.csv"
    lines = waiting.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 1 + 4 * 9 * 9  # a header, then four heads of nine tokens by nine


def test_the_lesson_model_is_first_and_its_claims_are_one_click_away(server: str, open_page: OpenPage) -> None:
    page = drawn(open_page(server, viewport=WIDTHS[0]), 4)
    fits_every_screen(page)
    expect(page.get_by_text("Esta cabeça procura quem faz a ação")).to_be_visible()
    page.get_by_role("button", name=text("frame.badge_lesson", "pt-BR")).click()  # on a phone
    page.get_by_role("link", name=text("frame.claims_link", "pt-BR")).click()
    expect(page.get_by_role("heading", name=text("lesson_model.title", "pt-BR"))).to_be_visible(timeout=20_000)
    expect(page.get_by_role("table").first).to_be_visible()
    fits_every_screen(page)


def fits_every_screen(page: Page) -> None:
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        settle(page)
        assert page.get_by_test_id("stMain").evaluate("element => element.scrollWidth <= element.clientWidth")
