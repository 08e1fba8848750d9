"""The settings the app runs with: private, calm, and in the colours of the figures."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from attention.figures.theme import DARK, LIGHT, Theme

SETTINGS = tomllib.loads((Path(__file__).parent.parent / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_page_and_the_figures_share_their_colours(theme: Theme) -> None:
    page = SETTINGS["theme"][theme.name]
    names = ("backgroundColor", "textColor", "primaryColor", "grayTextColor")
    assert tuple(page[name] for name in names) == (theme.background, theme.ink, theme.query, theme.muted)


def test_nothing_is_reported_to_anyone() -> None:
    assert SETTINGS["browser"]["gatherUsageStats"] is False


def test_a_mistake_of_ours_shows_no_stack_trace_to_a_reader() -> None:
    assert SETTINGS["client"]["showErrorDetails"] == "none"


def test_no_font_is_fetched() -> None:
    assert not {"font", "fontFaces", "headingFont", "codeFont"} & SETTINGS["theme"].keys()
