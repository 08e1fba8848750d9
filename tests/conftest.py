"""What holds for every test: one thread, examples that are the same everywhere, figures that plotly would send too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import plotly.graph_objects as go
import pytest
from hypothesis import settings
from playwright.sync_api import Browser

from attention.figures.plot import Plot, figure
from scripts.live_app import open_browser
from tests.figures.sent import check_sent

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


@pytest.fixture(autouse=True)
def sent_as_plotly_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare every figure that is drawn or sent in this process with what plotly, looking it over, would send."""
    write = Plot.to_json

    def write_and_compare(self: Plot) -> str:
        sent = write(self)
        check_sent(go.Figure(*self), sent)
        return sent

    def draw_and_compare(self: figure[...], *args: Any, **kwargs: Any) -> go.Figure:  # noqa: ANN401 - any figure's
        plot = self.plot(*args, **kwargs)
        looked_over = go.Figure(*plot)
        check_sent(looked_over, write(plot))
        return looked_over

    monkeypatch.setattr(Plot, "to_json", write_and_compare)
    monkeypatch.setattr(figure, "__call__", draw_and_compare)
