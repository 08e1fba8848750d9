"""Every page for everyone: axe's rules, the page's language and title, words for each figure, room on small screens.

The same visits show that no page asks another host: `open_page` fails a test at any request to one, by websocket too.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as StillWaitingError

from attention.texts import Language, text
from attention.ui.state import SIDES_VIEWS, TABS
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage
from tests.browser.turning import settle, turn_to
from tests.places import every_page, every_place

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
GRAVE = ("serious", "critical")


class Place(NamedTuple):
    """Something to look at: a page's path, its state, and what is opened there."""

    path: str
    query: str = ""
    opened: str = ""


PLACES = [Place(place.path, urlencode(place.query)) for place in every_place()]
DIALOGS = [Place("", opened="share"), Place("", opened="keys")]
# What else Explore and Compare show, and the wall: visited in one language and one theme.
PARTS = [
    Place("", "dropout=1&effect=dropout&words=1"),
    Place("", "model=random&more=1"),
    *(Place("", f"more=1&tab={tab}") for tab in TABS[1:]),
    *(Place("comparar", f"show={view}") for view in SIDES_VIEWS[1:]),
    Place("", "projector=1"),
    Place("intuicao", "projector=1"),
]
DESK, PHONE = (1280, 900), (390, 844)
SMALL = ((640, 450), PHONE)  # half of the desk's, as at twice the size; and a phone
FOLDED_MENU = "[data-testid=stSidebarNav]"  # on a phone: Streamlit's own, whose sections are no items of its list
# What the names of a page's figures are, of which kind each figure is, and what is said at the cursor of each.
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


def visit(page: Page, place: Place, language: Language) -> None:
    """Turn to a place, its guesses skipped, and wait until all is drawn."""
    turn_to(page, f"/{place.path}?v=1&lang={language.lower()}&{place.query}")
    expect(page.get_by_role("dialog")).to_have_count(0)
    if place.opened == "share":
        page.get_by_role("button", name=text("share.button", language)).click()
    elif place.opened == "keys":
        page.keyboard.press("?")
    if place.opened:
        expect(page.get_by_role("dialog")).to_be_visible(timeout=20_000)
        settle(page)


def violations(page: Page, where: str, without: str = "") -> list[str]:
    """Return what axe finds grave on the page, a line for each element; not in what a selector is `without`."""
    options = {"runOnly": list(RULES), "resultTypes": ["violations"]}
    context = {"exclude": [[without]]} if without else None
    found: list[dict[str, Any]] = Axe().run(page, context=context, options=options).response["violations"]
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
    ("language", "scheme", "size", "places"),
    [
        ("pt-BR", "light", DESK, [*PLACES, *DIALOGS, *PARTS]),
        ("en", "dark", DESK, [*PLACES, *DIALOGS]),
        ("pt-BR", "dark", PHONE, [Place(""), Place("treinar")]),
        ("en", "light", PHONE, [Place("comparar"), Place("intuicao")]),
    ],
)
def test_every_page_is_for_everyone_at_every_size_and_asks_no_other_host(
    server: str, open_page: OpenPage, language: Language, scheme: str, size: tuple[int, int], places: list[Place]
) -> None:
    titles = {page.path: page.title for page in every_page(language)}
    # It fails the test at a request to another host.
    page = open_page(f"{server}?v=1&lang={language.lower()}", color_scheme=scheme, viewport=size)
    wrong = []
    for place in places:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        visit(page, place, language)
        where = f"{place.path}?{place.query} {place.opened}"
        wrong += violations(page, where, without=FOLDED_MENU if size == PHONE else "")
        wrong += [] if place.opened else unnamed(page, where)  # a dialog has the focus
        if place.path != "modelo" and not page.locator(".live-figure").count():
            wrong.append(f"{where}: it shows no figure")
        if (here := page.evaluate("() => document.documentElement.lang")) != language:
            wrong.append(f"{where}: the document says it is in {here}")
        if (title := page.title()) != f"{titles[place.path]} · {text('frame.name', language)}":
            wrong.append(f"{where}: its title is {title}")
        if page.get_by_test_id("stException").count():
            wrong.append(f"{where}: it has failed")
        if "projector" not in place.query:  # a wall is no phone
            small = [one for one in (size, *SMALL) if one[0] <= size[0]]
            wrong += [
                f"{where}: it scrolls sideways at {one[0]}" for one in dict.fromkeys(small) if sideways(page, *one)
            ]
    assert not wrong, "\n".join(wrong)


def sideways(page: Page, width: int, height: int) -> bool:
    """Tell whether the page can be scrolled sideways at a size, once its figures have found their width."""
    page.set_viewport_size({"width": width, "height": height})
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
    settle(page)
    page.evaluate(WATCH_MOTION)
    page.get_by_text(text("switch.causal", "pt-BR"), exact=True).click()
    page.wait_for_function("() => location.search.includes('causal=0')", timeout=30_000)
    page.locator(".st-key-examples button").first.click()
    expect(page.locator(".st-key-preset_cat")).to_be_visible(timeout=20_000)
    page.locator(".st-key-more summary").click()
    wait_idle(page)
    assert page.evaluate("() => window.longest") <= 1
