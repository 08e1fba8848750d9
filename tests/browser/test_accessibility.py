"""Every page for everyone: axe's rules, the page's language and title, words for each figure, room on small screens."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as StillWaitingError

from attention.texts import LANGUAGES, Language, text
from attention.ui.chapter.contents import LESSONS
from attention.ui.state import SEARCHES, SIDES_VIEWS, TABS, WORTHS
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
GRAVE = ("serious", "critical")


class Place(NamedTuple):
    """Something to look at: the table of its page's title, the page's path, its state, and what is opened there."""

    name: str
    path: str
    query: str = ""
    opened: str = ""


def numbered(name: str, language: Language) -> str:
    """Return the title of a page as the menu and the window show it: a lesson's has its number."""
    names = [lesson.name for lesson in LESSONS]
    title = text(f"{name}.title", language)
    return f"{names.index(name) + 1}. {title}" if name in names else title


EXPLORE = Place("explore", "")
PLACES = [
    EXPLORE,
    Place("explore", "", "dropout=1&effect=dropout&words=1"),
    Place("explore", "", "model=random&more=1"),
    *(Place("explore", "", f"more=1&tab={tab}") for tab in TABS[1:]),
    *(Place("compare", "comparar", f"show={view}") for view in SIDES_VIEWS),
    *(Place("compare", "comparar", f"tool=find&find={search}") for search in SEARCHES),
    *(Place("compare", "comparar", f"tool=worth&worth={worth}") for worth in WORTHS),
    Place("compare", "comparar", "tool=lines"),
    *(Place(lesson.name, lesson.url_path) for lesson in LESSONS),
    Place("training", "treinar", "story=induction"),
    Place("lesson_model", "modelo"),
    Place("explore", "", opened="share"),
    Place("explore", "", opened="keys"),
    Place("explore", "", "projector=1"),
    Place("intuition", "intuicao", "projector=1"),
]
CROSSED = [EXPLORE, Place("compare", "comparar"), Place("intuition", "intuicao"), Place("training", "treinar")]
# Skips the first guess, and tells whether there was one.
SKIP = """() => {
  const skip = document.querySelector('[class*=_guess_skip] button')
  skip?.click()
  return !!skip
}"""
# What the names of a page's figures are, of which kind each figure is, and what is said at the cursor of each.
DRAWN = """() => {
  const figures = [...document.querySelectorAll('.live-figure')].filter(figure => figure.clientWidth)
  return figures.every(figure => figure.querySelector('.main-svg') && figure.querySelector('.keys[role]'))
}"""
FIGURES = """() => [...document.querySelectorAll('.live-figure')].filter(one => one.checkVisibility()).map(figure => {
  const keys = figure.querySelector('.keys')
  keys.focus()
  keys.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home', bubbles: true }))
  const said = figure.querySelector('[aria-live]').textContent
  keys.blur()
  return [keys.getAttribute('aria-label'), keys.getAttribute('role'), said]
})"""
# The same once all are drawn: asked in one turn, since a figure drawn anew in between has no name for a moment.
NAMED = f"""() => {{
  const figures = ({FIGURES})()
  return figures.every(([name]) => name) && figures
}}"""


def visit(page: Page, server: str, place: Place, language: Language) -> None:
    """Open a place, its guesses skipped, and wait until all is drawn."""
    page.goto(f"{server}/{place.path}?v=1&lang={language.lower()}&{place.query}")
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=30_000)
    wait_idle(page)  # the script has begun, so that idle means done
    while page.evaluate(SKIP):
        page.wait_for_timeout(300)
        wait_idle(page)
    if place.opened == "share":
        page.get_by_role("button", name=text("share.button", language)).click()
    elif place.opened == "keys":
        page.wait_for_function("() => document.documentElement.dataset.keys")  # from now on they are heard
        page.keyboard.press("?")
    if place.opened:
        expect(page.get_by_role("dialog")).to_be_visible(timeout=20_000)
        wait_idle(page)
    page.wait_for_function(DRAWN, timeout=60_000)
    wait_idle(page)


def violations(page: Page, where: str) -> list[str]:
    """Return what axe finds grave on the page, a line for each element."""
    options = {"runOnly": list(RULES), "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [
        f"{where}: {rule['id']} at {node['target']}: {node['html'][:200]}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


def unnamed(page: Page, where: str) -> list[str]:
    """Return which figures have no name of their own, or no words where the keyboard's cursor stands."""
    wait_idle(page)
    figures = page.wait_for_function(NAMED, timeout=60_000).json_value()  # what it saw when it was satisfied
    times = Counter(name for name, _, _ in figures)
    return [
        f"{where}: figure “{name}” ({role}) says “{said}”"
        for name, role, said in figures
        if not name or times[name] > 1 or (role == "application" and not said.strip())
    ]


@pytest.mark.parametrize(
    ("language", "scheme", "places"),
    [("pt-BR", "light", PLACES), ("en", "dark", PLACES), ("pt-BR", "dark", CROSSED), ("en", "light", CROSSED)],
)
def test_every_page_is_for_everyone(
    server: str, open_page: OpenPage, language: Language, scheme: str, places: list[Place]
) -> None:
    page = open_page(server, color_scheme=scheme)  # wakes the router
    wrong = []
    for place in places:
        visit(page, server, place, language)
        where = f"{place.path}?{place.query} {place.opened}"
        wrong += violations(page, where) + ([] if place.opened else unnamed(page, where))  # a dialog has the focus
        if (here := page.evaluate("() => document.documentElement.lang")) != language:
            wrong.append(f"{where}: the document says it is in {here}")
        if (title := page.title()) != f"{numbered(place.name, language)} · {text('frame.name', language)}":
            wrong.append(f"{where}: its title is {title}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_scrolls_sideways_at_twice_the_size_or_on_a_phone(
    server: str, open_page: OpenPage, language: Language
) -> None:
    page = open_page(server, viewport=(640, 450))
    wide = []
    for place in PLACES:
        if "projector" in place.query:
            continue  # a wall is no phone
        page.set_viewport_size({"width": 640, "height": 450})
        visit(page, server, place, language)
        for size in ({"width": 640, "height": 450}, {"width": 390, "height": 844}):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            wide += [f"{place.path}?{place.query} {place.opened} at {size['width']}"] if sideways(page) else []
    assert not wide, "\n".join(wide)


def sideways(page: Page) -> bool:
    """Tell whether the page can be scrolled sideways, once its figures have found their width."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    fits = """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
      .every(one => one.scrollWidth <= one.clientWidth)"""
    try:
        page.wait_for_function(fits, timeout=15_000)
    except StillWaitingError:
        return True
    return False


# The longest motion from now on, in milliseconds. Streamlit unfolds its expanders by a script, half a second long,
# whatever the system asks: no style sheet reaches that, and it moves only what the reader has just opened.
WATCH_MOTION = """() => {
  window.longest = 0
  const watch = () => {
    for (const motion of document.getAnimations()) {
      if (motion.constructor === Animation && motion.effect.target.closest('[data-testid=stExpander]')) continue
      const { duration, iterations } = motion.effect.getComputedTiming()
      window.longest = Math.max(window.longest, duration * iterations)
    }
    requestAnimationFrame(watch)
  }
  watch()
}"""


def test_who_asks_for_stillness_gets_it(server: str, open_page: OpenPage) -> None:
    page = open_page(server, reduced_motion="reduce")
    visit(page, server, EXPLORE, "pt-BR")
    page.evaluate(WATCH_MOTION)
    page.get_by_text(text("switch.causal", "pt-BR"), exact=True).click()
    page.wait_for_function("() => location.search.includes('causal=0')", timeout=30_000)
    page.locator(".st-key-examples button").first.click()
    expect(page.locator(".st-key-preset_cat")).to_be_visible(timeout=20_000)
    page.locator(".st-key-more summary").click()
    wait_idle(page)
    assert page.evaluate("() => window.longest") <= 1
