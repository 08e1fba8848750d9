"""Downloaded pictures: what is written in them lies in them, and nothing is written over the lines above the figure."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage
from tests.browser.turning import settle, turn_to

EXPLORE = ("sentence", "heads", "head_map", "next_tokens")
COMPARE = ("side_by_side", "side_bars")
DESK, PHONE = (1280, 720), (390, 844)
# Where each text of the only drawing in the page is: [its words, in the heading?, left, top, right, bottom].
WRITTEN = """() => {
  const { left, top } = document.querySelector('svg').getBoundingClientRect()
  return [...document.querySelectorAll('svg text')].filter(text => text.textContent.trim()).map(text => {
    const box = text.getBoundingClientRect()
    const place = [box.left - left, box.top - top, box.right - left, box.bottom - top]
    return [text.textContent, !!text.closest('.heading'), ...place]
  })
}"""
SIZE = """() => {
  const { width, height } = document.querySelector('svg').getBoundingClientRect()
  return [width, height]
}"""
AS_IMAGE = """async source => {
  const image = new Image()
  image.src = 'data:image/svg+xml,' + encodeURIComponent(source)
  await image.decode()
  return [image.naturalWidth, image.naturalHeight]
}"""
Box = tuple[float, float, float, float]


def downloaded(page: Page, key: str, kind: str) -> tuple[str, Path]:
    """The name and the place of the picture of one figure."""
    figure = page.locator(f".st-key-{key} .live-figure")
    figure.locator(".main-svg").first.wait_for()
    wait_idle(page)
    figure.scroll_into_view_if_needed()
    figure.locator(".plot").hover()
    with page.expect_download() as waiting:
        figure.locator(f".modebar-btn[data-title*={kind}]").click()
    return waiting.value.suggested_filename, waiting.value.path()


def meet(one: Box, other: Box) -> bool:
    """Whether two boxes share more than a pixel."""
    return all(min(one[i + 2], other[i + 2]) - max(one[i], other[i]) > 1 for i in (0, 1))


@pytest.mark.parametrize(
    ("address", "keys", "viewports"),
    [
        ("/", EXPLORE, [DESK, PHONE]),
        ("/comparar", COMPARE, [DESK, PHONE]),
        ("/?projector=1", EXPLORE, [DESK]),
    ],
)
def test_what_a_picture_says_above_its_figure_is_whole_and_nothing_is_written_over_it(
    server: str,
    browser: Browser,
    open_page: OpenPage,
    address: str,
    keys: tuple[str, ...],
    viewports: list[tuple[int, int]],
) -> None:
    page = open_page(server + address, viewport=viewports[0])
    # A page without the app's fonts, as whatever shows the picture, and in a window of its own: a page behind another
    # of the same window is painted once a second, and every click waits for that.
    with browser.new_context() as beside:
        outside = beside.new_page()
        for width, height in viewports:
            page.set_viewport_size({"width": width, "height": height})
            settle(page)
            for key in keys:
                _, path = downloaded(page, key, "SVG")
                outside.set_content(f"<style>body {{ margin: 0 }}</style>{path.read_text(encoding='utf-8')}")
                check_what_is_written(outside, f"{key} at {width}")


def check_what_is_written(outside: Page, where: str) -> None:
    """Hold that the drawing in the page has its heading whole, that nothing meets it and nothing is cut off."""
    width, height = outside.evaluate(SIZE)
    written = [(words, above, tuple(box)) for words, above, *box in outside.evaluate(WRITTEN)]
    headings = [(words, box) for words, above, box in written if above]
    others = [(words, box) for words, above, box in written if not above]
    assert "“O gato que estava no telhado miou”" in " ".join(words for words, _ in headings), where
    assert others, where
    over = [(words, other) for words, box in headings for other, place in others if meet(box, place)]
    assert over == [], where
    cut = [
        words for words, _, (left, top, right, bottom) in written if min(left, top, width - right, height - bottom) < -1
    ]
    assert cut == [], where


def test_a_picture_is_as_large_as_its_figure_and_the_lines_above_it(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    figure = page.locator(".st-key-head_map .live-figure .main-svg").first
    _, drawing = downloaded(page, "head_map", "SVG")
    _, points = downloaded(page, "head_map", "PNG")
    width, height = page.evaluate(AS_IMAGE, drawing.read_text(encoding="utf-8"))  # a drawing that no program refuses
    box = figure.bounding_box()
    assert box
    assert width == box["width"]
    assert height > box["height"]
    head = points.read_bytes()[16:24]
    assert (int.from_bytes(head[:4]), int.from_bytes(head[4:])) == (2 * width, 2 * height)


def test_the_name_of_a_picture_says_the_layer_in_the_readers_language(server: str, open_page: OpenPage) -> None:
    page = open_page(f"{server}/?layer=1")
    assert downloaded(page, "head_map", "PNG")[0] == "atencao-cabeca-1-da-camada-1.png"
    assert downloaded(page, "heads", "PNG")[0] == "atencao-cabecas-camada-1.png"
    assert downloaded(page, "next_tokens", "PNG")[0] == "atencao-proximo-token.png"
    turn_to(page, "/?lang=en")
    assert downloaded(page, "head_map", "PNG")[0] == "attention-head-1-of-layer-2.png"
    assert downloaded(page, "next_tokens", "PNG")[0] == "attention-next-token.png"
