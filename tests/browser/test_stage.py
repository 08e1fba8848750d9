"""The projector and the keys in a real browser: large enough for the last row, and never in the reader's way."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

from attention.texts import text
from attention.ui.chapter.contents import LESSONS
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage
from tests.browser.turning import reveal, settle, turn_to

WALL = (1280, 720)
# Every text that is seen: [what, its size in pixels on the screen, its contrast to what is behind it, in a figure?,
# on something drawn there?]. What is behind a number in a cell or a word in a box is not known.
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
    const drawnOn = sheet && !element.closest('.xtick, .ytick, .g-xtitle, .g-ytitle, .legend, .colorbar')
    const size = parseFloat(style.fontSize) * scale
    found.push([words.slice(0, 40), size, (bright + 0.05) / (dark + 0.05), !!sheet, !!drawnOn])
  }
  return found
}"""
PLACES_OF_FIGURES = """() => {
  const main = document.querySelector('[data-testid=stMain]')
  return [...main.querySelectorAll('.live-figure')].map(figure => figure.getBoundingClientRect())
    .filter(box => box.height).map(box => [box.top + main.scrollTop, box.bottom + main.scrollTop])
}"""
SCROLLED = "element => new Promise(done => requestAnimationFrame(() => done(element.scrollTop)))"
PAGES = ("", "comparar", *(lesson.url_path for lesson in LESSONS), "modelo")
# Of Compare's other tools those most unlike each other: points and a table, bars, lines.
TOOLS = tuple(f"comparar?tool={tool}" for tool in ("find&find=measure", "worth&worth=off&off=2.1", "lines"))
MIXED = ("", "comparar", "intuicao", "treinar", "dropout", "modelo", *TOOLS)  # of every kind one: the inks are the same


@pytest.fixture(scope="module")
def awake(server: str, browser: Browser) -> str:
    """Return the server's address once the router has been asked for its first page: only then it knows the others."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(server)
        wait_idle(page)
    return server


def opened(server: str, open_page: OpenPage, address: str, **options: object) -> Page:
    page = open_page(f"{server}/{address}", **options)
    page.wait_for_function("() => document.documentElement.dataset.keys", timeout=60_000)  # from now on they are heard
    settle(page)
    return page


def spoken(page: Page) -> int:
    """Return how often the page at rest has spoken to the server: a key that leads the class would have."""
    settle(page)
    times: int = page.evaluate("() => window.framesSent")
    return times


@pytest.mark.parametrize(("scheme", "language", "paths"), [("light", "pt-br", PAGES), ("dark", "en", MIXED)])
def test_every_letter_on_the_wall_is_large_and_clear(
    awake: str, open_page: OpenPage, scheme: str, language: str, paths: tuple[str, ...]
) -> None:
    page = opened(awake, open_page, "?v=1&projector=1", viewport=WALL, color_scheme=scheme)
    wrong = []
    for address in (*(f"{path}{'&' if '?' in path else '?'}" for path in paths), "?text=&"):
        turn_to(page, f"/{address}v=1&projector=1&lang={language}")
        page.wait_for_function("() => document.documentElement.hasAttribute('data-projector')")
        settle(page)
        found = page.evaluate(TEXTS)
        assert len(found) > 5
        small = [one for one in found if one[1] < (19.9 if one[3] else 26)]
        faint = [one for one in found if one[2] < 7 and not one[4]]
        wrong += [(address, one) for one in (*small, *faint)]
        header, main = page.get_by_test_id("stHeader"), page.get_by_test_id("stMain")
        assert header.count() == 0 or not header.is_visible()
        assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
    assert not wrong


def test_keys_lead_the_class(awake: str, open_page: OpenPage) -> None:
    page = opened(awake, open_page, "?v=1", viewport=WALL)
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


def test_a_text_box_a_radio_and_a_figure_keep_their_keys(awake: str, open_page: OpenPage) -> None:
    page = opened(awake, open_page, "?v=1", viewport=WALL)
    expect(page.locator(".st-key-head_map .heatmaplayer image").first).to_be_attached(timeout=60_000)
    page.get_by_label(text("frame.sentence", "pt-BR")).focus()
    page.keyboard.type("mps")
    page.locator(".st-key-head_map .keys").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("m")
    page.locator(".st-key-head button").first.focus()
    page.keyboard.press("ArrowDown")
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("d")  # this one is heard, and after whatever was heard before it
    page.wait_for_function("() => location.search.includes('dropout=1')", timeout=20_000)
    wait_idle(page)
    assert all(slug not in page.url for slug in ("causal=", "scale=", "projector=", "row="))
    assert page.get_by_label(text("frame.sentence", "pt-BR")).input_value().endswith("mps")


def test_keys_are_switched_off_and_on_again(awake: str, open_page: OpenPage) -> None:
    page = opened(awake, open_page, "?v=1", viewport=WALL)
    for on in (False, True):
        page.locator(".st-key-keys_button button").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible(timeout=20_000)
        dialog.locator(".st-key-keys input").press("Space")
        page.wait_for_function("on => document.documentElement.dataset.keys === (on ? 'on' : 'off')", arg=on)
        wait_idle(page)
        page.wait_for_function("on => location.search.includes('keys=0') !== on", arg=on)
        settle(page)  # the list has come back
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        before = spoken(page)
        page.keyboard.press("m")
        if on:
            page.wait_for_function("() => location.search.includes('causal=0')", timeout=20_000)
        else:
            assert spoken(page) == before
            assert "causal=" not in page.url


def test_keys_that_a_link_switches_off_do_nothing_and_can_be_switched_on(awake: str, open_page: OpenPage) -> None:
    page = opened(awake, open_page, "modelo?v=1&keys=0", viewport=WALL)
    before = spoken(page)
    for key in ("p", "Shift+?"):
        page.keyboard.press(key)
    assert spoken(page) == before
    assert "projector=" not in page.url
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator(".st-key-keys_button button").click()
    page.get_by_role("dialog").locator(".st-key-keys input").press("Space")
    page.wait_for_function("() => document.documentElement.dataset.keys === 'on'")


def test_where_no_row_and_no_head_is_shown_the_arrows_scroll(awake: str, open_page: OpenPage) -> None:
    page = opened(awake, open_page, "contexto?v=1", viewport=WALL, reduced_motion="reduce")
    main = page.get_by_test_id("stMain")
    main.click(position={"x": 5, "y": 300})
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollTop > 0")
    before = spoken(page)
    page.keyboard.press("3")
    page.wait_for_function("before => window.framesSent > before", arg=before)  # the server knows what the page shows
    settle(page)
    assert "row=" not in page.url
    assert "head=" not in page.url


def test_the_arrow_steps_from_idea_to_idea_and_then_to_the_next_page(awake: str, open_page: OpenPage) -> None:
    page = opened(awake, open_page, "intuicao?v=1&projector=1", viewport=WALL, reduced_motion="reduce")
    reveal(page)
    main, places = page.get_by_test_id("stMain"), [0.0]
    main.evaluate("element => element.scrollTo(0, 0)")
    screen = main.evaluate("element => element.clientHeight")
    figures = page.evaluate(PLACES_OF_FIGURES)
    for _ in range(30):
        page.keyboard.press("ArrowRight")
        place = main.evaluate(SCROLLED)
        if place <= places[-1]:
            break  # the next page is on its way
        places.append(place)
    page.wait_for_url("**/vetor-de-contexto?**", timeout=20_000)
    assert len(places) > 1
    assert all(after - before <= screen for before, after in pairwise(places))  # nothing is passed unseen
    for top, bottom in figures:
        if bottom - top < 0.9 * screen:
            assert any(place <= top and bottom <= place + 1.06 * screen for place in places)  # each is seen whole


def test_the_arrow_shows_what_a_guess_hides_and_the_next_page_begins_at_its_top(
    awake: str, open_page: OpenPage
) -> None:
    page = opened(awake, open_page, "intuicao?v=1&projector=1", viewport=WALL, reduced_motion="reduce")
    guess, main = page.locator(".st-key-intuition_guess"), page.get_by_test_id("stMain")
    expect(guess).to_be_visible(timeout=20_000)
    seen = []
    for _ in range(6):
        box = guess.bounding_box()
        seen.append(box is not None and box["y"] >= 0 and box["y"] + box["height"] <= WALL[1])
        before = spoken(page)
        page.keyboard.press("ArrowRight")
        if spoken(page) > before:
            break
    expect(guess).to_have_count(0, timeout=20_000)
    expect(page.locator(".st-key-intuition_revealed")).to_be_visible(timeout=20_000)
    assert seen[-1]  # the question was on the screen whole before it was answered
    settle(page)
    main.evaluate("element => element.scrollTo(0, element.scrollHeight)")
    page.evaluate("() => { document.title = '' }")  # the next page will give it again
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/vetor-de-contexto?**", timeout=20_000)
    settle(page)
    assert main.evaluate("element => element.scrollTop") == 0


def test_enter_and_escape_give_the_keys_back(awake: str, open_page: OpenPage) -> None:
    page = opened(awake, open_page, "?v=1&projector=1", viewport=WALL)
    box = page.locator(".st-key-text input")
    for key in ("Enter", "Escape"):
        box.focus()
        page.keyboard.press(key)
        page.wait_for_function("() => document.activeElement === document.body")
    box.fill("A gata miou")
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.search.includes('gata')", timeout=20_000)
    wait_idle(page)
    page.keyboard.press("m")
    page.wait_for_function("() => location.search.includes('causal=0')", timeout=20_000)
    assert box.input_value() == "A gata miou"


def test_who_guesses_by_keyboard_is_led_to_what_came_of_it(awake: str, open_page: OpenPage) -> None:
    page = opened(awake, open_page, "intuicao?v=1")
    skip = page.locator(".st-key-intuition_guess_skip button")
    skip.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement?.matches('.st-key-intuition_revealed')", timeout=20_000)


def test_a_cell_chosen_on_the_wall_is_the_one_that_was_clicked(awake: str, open_page: OpenPage) -> None:
    page = opened(awake, open_page, "?v=1&projector=1", viewport=WALL)
    cells = page.locator(".st-key-head_map .heatmaplayer image").first
    cells.scroll_into_view_if_needed()
    settle(page)
    box = cells.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * (4.5 / 8))
    page.wait_for_function("() => location.search.includes('row=5')", timeout=20_000)


def test_a_map_fits_the_wall_whole_while_its_rows_stand_apart(awake: str, open_page: OpenPage) -> None:
    words = "A menina que comprou o livro sorriu"  # 11 tokens: at their usual height they would not fit
    page = opened(awake, open_page, f"comparar?v=1&projector=1&text={words.replace(' ', '+')}", viewport=WALL)
    heights = "all => all.map(rows => rows.getBoundingClientRect().height)"
    figure = page.locator(".st-key-side_by_side .live-figure")
    assert figure.evaluate("figure => figure.getBoundingClientRect().height") < WALL[1]
    assert min(page.locator(".st-key-side_by_side .heatmaplayer").evaluate_all(heights)) > 11 * 26
