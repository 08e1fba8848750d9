"""Turning from page to page of an app that is open, as Back and Forward do: nothing is fetched or compiled again."""

from __future__ import annotations

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as StillWaitingError

from tests.browser.conftest import SKIP

# The page's title is given anew by every run of the script, so that a name that came back tells of a run.
TURN = """address => {
  document.title = ''
  history.pushState({}, '', address)
  dispatchEvent(new PopStateEvent('popstate'))
}"""
SKIP_ANEW = f"""() => {{
  const skipped = ({SKIP})()
  if (skipped) document.title = ''
  return skipped
}}"""
# What of the page is still on its way: the script, an element, a fade, a seen figure that does not fill its room.
UNREST = """() => {
  const endless = motion => motion.effect.getComputedTiming().endTime === Infinity
  const told = element => element.outerHTML.slice(0, 200)
  const drawn = figure => {
    const drawing = figure.querySelector('.main-svg')
    return drawing && figure.querySelector('.keys[aria-label][role]')
      && Math.abs(drawing.getBoundingClientRect().width - figure.clientWidth) < 2
  }
  const app = document.querySelector('[data-testid=stApp]')
  return [
    ...(app?.dataset.testScriptState === 'notRunning' ? [] : ['the script runs']),
    ...(document.title ? [] : ['no title']),
    ...(document.documentElement.dataset.keys ? [] : ['no keys are heard']),
    ...(document.querySelector('h1') ? [] : ['no heading']),
    ...[...document.querySelectorAll('[data-testid=stSkeleton], [data-stale=true]')].map(told),
    ...document.getAnimations().filter(one => one.playState === 'running' && !endless(one))
      .map(one => `${one.transitionProperty ?? one.animationName} of ${told(one.effect.target)}`),
    ...[...document.querySelectorAll('.live-figure')].filter(one => one.checkVisibility() && !drawn(one)).map(told),
  ]
}"""
# True once nothing is on its way and the page stands still for ten frames: the browser puts what arrives in place some
# moments after Streamlit says that the script has run.
STILL = f"""() => new Promise(settled => {{
  let frames = 0
  const moved = new MutationObserver(() => {{ frames = 0 }})
  moved.observe(document, {{ subtree: true, childList: true, attributes: true, characterData: true }})
  const look = () => {{
    frames = ({UNREST})().length ? 0 : frames + 1
    if (frames < 10) return requestAnimationFrame(look)
    moved.disconnect()
    settled(true)
  }}
  look()
}})"""


def settle(page: Page) -> None:
    """Wait until the page is whole and at rest: its script has run, and all its figures are drawn for their room."""
    try:
        page.wait_for_function(STILL, timeout=30_000)
    except StillWaitingError as error:
        error.add_note(f"{page.url} is not at rest: {page.evaluate(UNREST) or 'it moves'}")
        raise


def reveal(page: Page) -> None:
    """Skip the guesses of the page that stands still, and wait until it does so again."""
    while page.evaluate(SKIP_ANEW):
        settle(page)


def turn_to(page: Page, address: str) -> None:
    """Show another address of the app that the page has open, and wait until it stands still, its guesses skipped."""
    page.evaluate(TURN, address)
    settle(page)
    reveal(page)
