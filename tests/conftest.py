"""What holds for every test: one thread, and examples that are the same on every machine."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser

from scripts.live_app import open_browser

# Set before anything imports torch, and inherited by every process a test starts: two threads only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Without a deadline because a busy machine is not a mistake; derandomised so that a red run stays red when repeated.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one real browser of a run; without any, every test that needs it fails and says what to install."""
    with open_browser() as opened:
        yield opened
