"""What is written small can be read from the last row: its colours as the browser shows them."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Locator, expect

from attention.figures.theme import contrast, theme_named
from tests.browser.conftest import OpenPage

READABLE = 4.5  # WCAG 2.2, contrast of text, level AA
COLOUR = "element => getComputedStyle(element).color"
OPACITY = """element => {
  let opacity = 1
  for (let at = element; at; at = at.parentElement) opacity *= getComputedStyle(at).opacity
  return opacity
}"""


def seen(element: Locator, background: str) -> str:
    """Return the colour of an element's text, mixed with what is behind it, as #rrggbb."""
    red, green, blue, *alpha = (float(part) for part in re.findall(r"[\d.]+", element.evaluate(COLOUR)))
    part = element.evaluate(OPACITY) * (alpha[0] if alpha else 1.0)
    behind = [int(background[at : at + 2], 16) for at in (1, 3, 5)]
    mixed = (part * upper + (1 - part) * lower for upper, lower in zip((red, green, blue), behind, strict=True))
    return "#" + "".join(f"{round(channel):02x}" for channel in mixed)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_captions_and_examples_can_be_read(server: str, open_page: OpenPage, scheme: Literal["light", "dark"]) -> None:
    page = open_page(f"{server}/glossario?v=1&term=softmax", color_scheme=scheme)
    background = theme_named(scheme).background
    captions = page.get_by_test_id("stCaptionContainer")
    expect(captions.first).to_be_visible(timeout=60_000)
    example = page.locator(".st-key-glossary_term_softmax span").filter(has_text="%").first
    for small in (captions.first.locator("p").first, example):
        assert contrast(seen(small, background), background) >= READABLE
