"""The projector and the keys in a real browser: large enough for the last row, and never in the reader's way."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from attention.texts import text
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage

WALL = (1280, 720)
# Every text that is seen: [what, its size in pixels on the screen, its contrast to what is behind it, in a figure?].
TEXTS = """() => {
  const parse = css => (css.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number)
  const linear = c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  const light = rgb => [0.2126, 0.7152, 0.0722].reduce((sum, share, i) => sum + share * linear(rgb[i] / 255), 0)
  const over = ([r, g, b, a = 1], under) => [r, g, b].map((c, i) => a * c + (1 - a) * under[i])
  const behind = element => element
    ? over(parse(getComputedStyle(element).backgroundColor), behind(element.parentElement)) : [255, 255, 255]
  const faded = element => element ? getComputedStyle(element).opacity * faded(element.parentElement) : 1
  const found = []
  const walker = document.createTreeWalker(document.querySelector('[data-testid=stMain]'), NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, words = walker.currentNode.textContent.trim()
    if (!words || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    // Icons are drawn as words; the value of a slider stands above its thumb, not on it.
    if (element.closest('[data-testid=stIconMaterial], .aloud, style, [role=slider], [data-testid=stSlider]')) continue
    const box = element.getBoundingClientRect()
    if (!box.width || !box.height) continue
    const sheet = element.closest('.sheet'), style = getComputedStyle(element)
    const scale = sheet ? sheet.getBoundingClientRect().width / sheet.offsetWidth : 1
    const ink = parse(element.closest('svg') ? style.fill : style.color)
    const ground = behind(element)
    const seen = over([...ink.slice(0, 3), (ink[3] ?? 1) * faded(element)], ground)
    const [dark, bright] = [light(seen), light(ground)].sort((a, b) => a - b)
    found.push([words.slice(0, 40), parseFloat(style.fontSize) * scale, (bright + 0.05) / (dark + 0.05), !!sheet])
  }
  return found
}"""
PLACES_OF_FIGURES = """() => {
  const main = document.querySelector('[data-testid=stMain]')
  return [...main.querySelectorAll('.live-figure')].map(figure => figure.getBoundingClientRect())
    .filter(box => box.height).map(box => [box.top + main.scrollTop, box.bottom + main.scrollTop])
}"""
PAGES = ("", "comparar", "intuicao", "mascara-causal", "dropout", "treinar", "por-que-mudou", "modelo", "glossario")


def opened(server: str, open_page: OpenPage, address: str, **options: object) -> Page:
    open_page(server)  # wakes the router
    page = open_page(f"{server}/{address}", **options)
    page.wait_for_function("() => document.documentElement.dataset.keys", timeout=60_000)  # from now on they are heard
    wait_idle(page)
    return page


def skip_guesses(page: Page) -> None:
    """Show what is hidden until the reader has guessed."""
    skip = page.locator("[class*=_guess_skip] button")
    while skip.count():
        skip.first.click()
        page.wait_for_timeout(300)
        wait_idle(page)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_letter_on_the_wall_is_large_and_clear(server: str, open_page: OpenPage, path: str, scheme: str) -> None:
    page = opened(server, open_page, f"{path}?v=1&projector=1", viewport=WALL, color_scheme=scheme)
    page.wait_for_function("() => document.documentElement.hasAttribute('data-projector')")
    skip_guesses(page)
    page.wait_for_timeout(1500)
    found = page.evaluate(TEXTS)
    assert len(found) > 5
    small = [one for one in found if one[1] < (19.9 if one[3] else 26)]
    assert not small
    faint = [one for one in found if one[2] < 7 and not one[3]]
    assert not faint
    assert page.get_by_test_id("stHeader").count() == 0 or not page.get_by_test_id("stHeader").is_visible()
    assert page.get_by_test_id("stMain").evaluate("element => element.scrollWidth <= element.clientWidth")


def test_keys_lead_the_class(server: str, open_page: OpenPage) -> None:
    page = opened(server, open_page, "?v=1", viewport=WALL)
    expect(page.locator(".st-key-head_map .heatmaplayer image").first).to_be_attached(timeout=60_000)
    for key, slug in (
        ("3", "head=3"),
        ("ArrowUp", "row=7"),
        ("m", "causal=0"),
        ("d", "dropout=1"),
        ("g", "words=1"),
        ("p", "projector=1"),
    ):
        page.keyboard.press(key)
        page.wait_for_function("slug => location.search.includes(slug)", arg=slug, timeout=20_000)
        wait_idle(page)
    assert page.evaluate("() => document.documentElement.hasAttribute('data-projector')")
    page.keyboard.press("Shift+?")
    expect(page.get_by_role("dialog").get_by_text(text("stage.key_causal", "pt-BR"))).to_be_visible(timeout=20_000)
    page.keyboard.press("m")  # a dialog has the keys
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert "causal=0" in page.url


def test_a_text_box_a_radio_and_a_figure_keep_their_keys(server: str, open_page: OpenPage) -> None:
    page = opened(server, open_page, "?v=1", viewport=WALL)
    expect(page.locator(".st-key-head_map .heatmaplayer image").first).to_be_attached(timeout=60_000)
    page.get_by_label(text("frame.sentence", "pt-BR")).focus()
    page.keyboard.type("mps")
    page.locator(".st-key-head_map .keys").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("m")
    page.locator(".st-key-head button").first.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(1000)
    wait_idle(page)
    assert all(slug not in page.url for slug in ("causal=", "scale=", "projector=", "row="))
    assert page.get_by_label(text("frame.sentence", "pt-BR")).input_value().endswith("mps")


def test_keys_that_are_off_do_nothing(server: str, open_page: OpenPage) -> None:
    page = opened(server, open_page, "?v=1&keys=0", viewport=WALL)
    page.keyboard.press("m")
    page.wait_for_timeout(1000)
    assert "causal=" not in page.url


def test_the_arrow_steps_from_idea_to_idea_and_then_to_the_next_page(server: str, open_page: OpenPage) -> None:
    page = opened(server, open_page, "intuicao?v=1&projector=1", viewport=WALL, reduced_motion="reduce")
    skip_guesses(page)
    main, places = page.get_by_test_id("stMain"), [0.0]
    screen = main.evaluate("element => element.clientHeight")
    figures = page.evaluate(PLACES_OF_FIGURES)
    for _ in range(30):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(150)
        if "vetor-de-contexto" in page.url:
            break
        places.append(main.evaluate("element => element.scrollTop"))
    page.wait_for_url("**/vetor-de-contexto?**", timeout=20_000)
    assert len(places) > 1
    assert all(0 < after - before <= screen for before, after in pairwise(places))  # nothing is passed unseen
    for top, bottom in figures:
        if bottom - top < 0.9 * screen:
            assert any(place <= top and bottom <= place + 1.06 * screen for place in places)  # each is seen whole


def test_a_cell_chosen_on_the_wall_is_the_one_that_was_clicked(server: str, open_page: OpenPage) -> None:
    page = opened(server, open_page, "?v=1&projector=1", viewport=WALL)
    cells = page.locator(".st-key-head_map .heatmaplayer image").first
    expect(cells).to_be_attached(timeout=60_000)
    wait_idle(page)
    cells.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box = cells.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * (4.5 / 8))
    page.wait_for_function("() => location.search.includes('row=5')", timeout=20_000)
