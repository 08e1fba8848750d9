"""The settings the app runs with: private, calm, and in the colours of the figures."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from streamlit import config

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
    assert SETTINGS["client"]["showErrorLinks"] is False


def test_no_other_site_opens_a_session_sends_a_file_or_drives_the_app() -> None:
    server = SETTINGS["server"]
    assert server["enableCORS"] is True
    assert server["enableXsrfProtection"] is True
    assert server["enableAgentApi"] is False


def test_nothing_large_is_taken() -> None:
    assert SETTINGS["server"]["maxUploadSize"] == 1
    assert SETTINGS["server"]["maxMessageSize"] <= 32


def test_streamlit_knows_every_setting_and_reads_the_value_that_stands_here() -> None:
    read = {name: option.value for name, option in config.get_config_options(force_reparse=True).items()}
    assert {name: read.get(name) for name in settings_in(SETTINGS)} == dict(settings_in(SETTINGS))


def settings_in(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return every setting by its whole name, as Streamlit writes it."""
    found: dict[str, Any] = {}
    for name, value in table.items():
        found |= settings_in(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return found


def test_no_font_is_fetched() -> None:
    assert not {"font", "fontFaces", "headingFont", "codeFont"} & SETTINGS["theme"].keys()
