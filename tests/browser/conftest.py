"""A real browser and a real server: without a browser these tests fail and say what to install."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page

from scripts.live_app import ROOT, running_app, wait_idle

OpenPage = Callable[..., Page]
# `framesSent` is how often the page has spoken to the server.
COUNT_FRAMES = """
window.framesSent = 0
const { send } = WebSocket.prototype
WebSocket.prototype.send = function (...data) { window.framesSent += 1; return send.apply(this, data) }
"""
# Skips the first guess, and tells whether there was one.
SKIP = """() => {
  const skip = document.querySelector('[class*=_guess_skip] button')
  skip?.click()
  return !!skip
}"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test in a browser a second try, which the run tells: docs/decisions/0013 says why."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Serve the real app, as it is in production."""
    with running_app(ROOT / "app.py") as url:
        yield url


@pytest.fixture
def trouble() -> list[str]:
    """What the pages of a test did that none may do; a test that means it clears it."""
    return []


@pytest.fixture
def open_page(browser: Browser, trouble: list[str]) -> Iterator[OpenPage]:
    """Open pages that watch themselves: a script error or a request to any other host fails the test."""
    contexts: list[BrowserContext] = []

    def open_at(
        url: str,
        *,
        locale: str = "pt-BR",
        color_scheme: Any = "light",  # noqa: ANN401 - Playwright's own literal
        viewport: tuple[int, int] = (1280, 900),
        **options: Any,  # noqa: ANN401 - further options of Playwright's new_context
    ) -> Page:
        size = {"width": viewport[0], "height": viewport[1]}
        context = browser.new_context(locale=locale, color_scheme=color_scheme, viewport=size, **options)  # type: ignore[arg-type]
        contexts.append(context)
        home = urlsplit(url).netloc

        def watch(address: str) -> None:
            parts = urlsplit(address)
            if parts.scheme not in ("data", "blob") and parts.netloc != home:
                trouble.append(f"request to {address}")

        def refuse(dialog: Dialog) -> None:
            trouble.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        page = context.new_page()
        page.add_init_script(COUNT_FRAMES)
        page.on("request", lambda request: watch(request.url))
        page.on("websocket", lambda socket: watch(socket.url))
        page.on("pageerror", lambda error: trouble.append(f"script error: {error}"))
        page.on("dialog", refuse)
        page.goto(url)
        wait_idle(page)
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert trouble == []


def skip_guesses(page: Page) -> None:
    """Show what is hidden until the reader has guessed."""
    while page.evaluate(SKIP):
        page.wait_for_timeout(300)
        wait_idle(page)
