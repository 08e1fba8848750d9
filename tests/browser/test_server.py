"""A server that has just started: its first visitor is served like every other."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from attention.texts import text
from scripts.live_app import ROOT, running_app
from tests.browser.conftest import OpenPage


@pytest.mark.parametrize(("path", "heading"), [("treinar", "training.question"), ("modelo", "lesson_model.title")])
def test_the_first_visit_ever_may_be_to_any_page(open_page: OpenPage, path: str, heading: str) -> None:
    with running_app(ROOT / "app.py") as server:
        visit = open_page(f"{server}/{path}")
        expect(visit.get_by_role("heading", name=text(heading, "pt-BR"), level=1)).to_be_visible()
        visit.wait_for_timeout(500)  # Streamlit's "Page not found" would have come by now
        expect(visit.get_by_role("dialog")).to_have_count(0)


def test_an_address_that_names_no_page_is_told_so(open_page: OpenPage) -> None:
    with running_app(ROOT / "app.py") as server:
        expect(open_page(f"{server}/nada").get_by_role("dialog")).to_be_visible()


def test_a_mistake_in_a_page_shows_a_visitor_a_message_and_nothing_of_the_server(open_page: OpenPage) -> None:
    with running_app(ROOT / "tests/browser/apps/broken.py") as server:
        page = open_page(server)
        expect(page.get_by_role("heading", name="before the mistake")).to_be_visible()
        expect(page.get_by_test_id("stException")).to_contain_text("error")
        shown = page.locator("body").inner_text()
        for secret in ("a secret of the server", "RuntimeError", "Traceback", "broken.py", str(ROOT)):
            assert secret not in shown
            assert secret not in page.content()


def pretend_to_open(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put in the way of what opens browsers, here or on a Mac, a script that notes the address it was given."""
    noted = folder / "opened"
    for name in ("xdg-open", "open"):
        (folder / name).write_text(f'#!/bin/sh\necho "$1" > "{noted}"\n')
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return noted


def test_a_browser_is_opened_where_there_is_a_display(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = pretend_to_open(tmp_path, monkeypatch)
    with running_app(ROOT / "app.py", "--server.headless", "false") as server:
        end = time.monotonic() + 20
        while not (noted.exists() and noted.read_text()) and time.monotonic() < end:
            time.sleep(0.1)
        assert noted.read_text().strip() == server.replace("127.0.0.1", "localhost")


def test_no_browser_is_opened_where_there_is_no_display(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = pretend_to_open(tmp_path, monkeypatch)
    with running_app(ROOT / "app.py"):
        time.sleep(1)
        assert not noted.exists()
