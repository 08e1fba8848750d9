"""The live figure in a real browser: it stays mounted, answers exactly, and keeps hover and cursor to itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from attention.texts import text
from scripts.live_app import running_app, wait_idle
from tests.browser.conftest import OpenPage

APPS = Path(__file__).parent / "apps"
APP = APPS / "two_states.py"
# Five labels by five, three heads, two to a line, one empty row and column between heads: as in the app.
N, STEP = 5, 6
AT = """([row, column, right, down]) => {
  const plot = document.querySelector('.js-plotly-plot'), { xaxis, yaxis } = plot._fullLayout
  const share = (axis, value) => (value - axis.range[0]) / (axis.range[1] - axis.range[0])
  const edge = plot.getBoundingClientRect()
  return {
    x: edge.x + xaxis._offset + xaxis._length * share(xaxis, column + right),
    y: edge.y + yaxis._offset + yaxis._length * (1 - share(yaxis, row + down)),
  }
}"""
TOP_LEFT, TOP_RIGHT, BOTTOM_RIGHT = (-0.45, -0.45), (0.45, -0.45), (0.45, 0.45)


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    with running_app(APP) as url:
        yield url


def drawn(page: Page, count: int = 2) -> Page:
    expect(page.locator(".live-figure .main-svg .cartesianlayer")).to_have_count(count, timeout=30_000)
    return page


def switch(page: Page, label: str) -> None:
    page.locator("label", has_text=label).click()
    page.wait_for_timeout(150)
    wait_idle(page)


def point(page: Page, head: int, row: int, column: int, place: tuple[float, float] = (0.0, 0.0)) -> tuple[float, float]:
    """Where that place of the cell is on the screen, by the axes' own ranges."""
    at = page.evaluate(AT, [head // 2 * STEP + row, head % 2 * STEP + column, *place])
    return at["x"], at["y"]


def clicks(page: Page) -> str:
    wait_idle(page)
    return page.get_by_text("clicks:").inner_text().removeprefix("clicks: ")


def drawn_z(page: Page) -> float:
    return float(page.evaluate("() => document.querySelector('.js-plotly-plot')._fullData[0].z[4][0]"))


def keys(page: Page) -> Locator:
    return page.get_by_role("application", name="Três cabeças")


def aloud(page: Page) -> Locator:
    return page.locator(".live-figure").first.locator("[aria-live=polite]")


def test_plotly_is_fetched_once_a_page_and_loading_it_early_takes_no_room(app: str, open_page: OpenPage) -> None:
    page = drawn(open_page(app))
    fetched = "() => performance.getEntriesByType('resource').filter(entry => entry.name.includes('plotly-')).length"
    assert page.evaluate(fetched) == 1
    expect(page.locator(".st-key-live_figure_preload")).to_be_hidden()
    switch(page, "shown")
    switch(page, "shown")
    drawn(page)
    assert page.evaluate(fetched) == 1


def test_it_stays_mounted_while_its_numbers_change(app: str, open_page: OpenPage) -> None:
    page = drawn(open_page(app))
    page.evaluate("() => { document.querySelector('.js-plotly-plot').marked = 'the same element' }")
    before = drawn_z(page)
    for turn in range(6):
        switch(page, "mirrored")
        expected = N * N - before if turn % 2 == 0 else before
        page.wait_for_function(
            "z => document.querySelector('.js-plotly-plot')._fullData[0].z[4][0] === z", arg=expected, timeout=10_000
        )
        assert page.evaluate("() => document.querySelector('.js-plotly-plot').marked") == "the same element"
    expect(page.locator(".js-plotly-plot")).to_have_count(2)


def test_figures_that_change_together_are_drawn_one_by_one_by_their_turn_and_then_as_they_stand(
    open_page: OpenPage,
) -> None:
    with running_app(APPS / "turns.py") as url:
        page = drawn(open_page(url), 3)
        page.evaluate("""() => {
          window.drawings = []
          let frame = 0
          const count = () => { frame += 1; requestAnimationFrame(count) }
          count()
          for (const name of ['first', 'second', 'third']) {
            const plot = document.querySelector(`.st-key-${name} .js-plotly-plot`)
            plot.on('plotly_afterplot', () => window.drawings.push([name, frame]))
          }
        }""")
        for _ in range(3):
            page.evaluate("() => { window.drawings.length = 0 }")
            switch(page, "higher")
            page.wait_for_function("() => window.drawings.length === 3")
            names, frames = zip(*page.evaluate("() => window.drawings"), strict=True)
            assert names == ("second", "third", "first")
            assert all(later - earlier >= 2 for earlier, later in pairwise(frames))  # each was seen before the next


def test_the_zoom_is_kept_when_numbers_change_and_one_button_undoes_it(app: str, open_page: OpenPage) -> None:
    page = drawn(open_page(app))
    ranges = "() => ['xaxis', 'yaxis'].map(a => document.querySelector('.js-plotly-plot')._fullLayout[a].range)"
    whole = page.evaluate(ranges)
    start, end = point(page, 0, 0, 0), point(page, 0, 3, 3)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    page.mouse.up()
    page.wait_for_function(f"whole => JSON.stringify(({ranges})()) !== whole", arg=str(whole).replace(" ", ""))
    zoomed = page.evaluate(ranges)
    assert abs(zoomed[0][1] - zoomed[0][0]) < abs(whole[0][1] - whole[0][0])
    switch(page, "mirrored")
    page.wait_for_function("() => document.querySelector('.js-plotly-plot')._fullData[0].z[4][0] === 4")
    assert page.evaluate(ranges) == zoomed
    assert clicks(page) == "[]"
    page.get_by_role("button", name="Ver o desenho inteiro").click()
    page.wait_for_function(f"whole => JSON.stringify(({ranges})()) === JSON.stringify(whole)", arg=whole)


@pytest.mark.parametrize(("head", "row", "column"), [(0, 0, 0), (1, 3, 2), (2, 4, 4), (1, 0, 4)])
def test_a_clicked_cell_is_told_exactly_also_off_its_centre_and_when_it_is_empty(
    app: str, open_page: OpenPage, head: int, row: int, column: int
) -> None:
    page = drawn(open_page(app))
    for times, place in enumerate([(0.0, 0.0), TOP_LEFT, TOP_RIGHT, BOTTOM_RIGHT], start=1):
        page.mouse.click(*point(page, head, row, column, place))
        told = [f"CellClick(part='heads', head={head}, row={row}, column={column})"] * times
        expect(page.get_by_text("clicks:")).to_have_text(f"clicks: [{', '.join(told)}]", timeout=10_000)


def test_each_click_is_acted_on_once_and_the_same_cell_may_be_clicked_again(app: str, open_page: OpenPage) -> None:
    page = drawn(open_page(app))
    for times in (1, 2, 3):
        page.mouse.click(*point(page, 1, 2, 1))
        expect(page.get_by_text("clicks:")).to_have_text(
            "clicks: [" + ", ".join(["CellClick(part='heads', head=1, row=2, column=1)"] * times) + "]", timeout=10_000
        )
        page.wait_for_timeout(400)  # a quick second click would be a double click, which undoes a zoom
    switch(page, "mirrored")
    assert clicks(page).count("CellClick") == 3


def test_the_gaps_between_heads_and_the_place_of_a_missing_head_are_no_cells(app: str, open_page: OpenPage) -> None:
    page = drawn(open_page(app))
    page.mouse.click(*point(page, 0, 2, N))
    page.mouse.click(*point(page, 3, 2, 2))
    page.wait_for_timeout(500)
    assert clicks(page) == "[]"


def test_a_bar_is_chosen_by_mouse_and_by_keyboard(app: str, open_page: OpenPage) -> None:
    page = drawn(open_page(app))
    bars = page.locator(".live-figure").nth(1)
    bars.locator(".plot").hover(position={"x": 350, "y": 150})
    bars.locator(".plot").click(position={"x": 350, "y": 150})
    expect(page.get_by_text("returned: PointClick(part='points', point=1)")).to_be_visible(timeout=10_000)
    page.get_by_role("application", name="Barras").focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(bars.locator("[aria-live=polite]")).to_have_text("três: 30%")
    page.keyboard.press("Enter")
    expect(page.get_by_text("returned: PointClick(part='points', point=2)")).to_be_visible(timeout=10_000)


def test_the_keyboard_walks_the_cells_and_chooses(app: str, open_page: OpenPage) -> None:
    page = drawn(open_page(app))
    keys(page).focus()
    page.keyboard.press("ArrowDown")  # the first key only shows where the cursor is
    expect(aloud(page)).to_have_text("0: <b>a</b> → <b>a</b>")
    for key, sentence in [
        ("ArrowDown", '0: <a href="http://example.invalid/">b</a> → <b>a</b>'),
        ("ArrowRight", '0: <a href="http://example.invalid/">b</a> → <a href="http://example.invalid/">b</a>'),
        ("End", '0: <a href="http://example.invalid/">b</a> → $x$'),
        ("ArrowRight", '0: <a href="http://example.invalid/">b</a> → $x$'),
        ("PageDown", '1: <a href="http://example.invalid/">b</a> → $x$'),
        ("PageDown", '2: <a href="http://example.invalid/">b</a> → $x$'),
        ("PageDown", '2: <a href="http://example.invalid/">b</a> → $x$'),
        ("Home", '2: <a href="http://example.invalid/">b</a> → <b>a</b>'),
        ("ArrowUp", "2: <b>a</b> → <b>a</b>"),
        ("ArrowUp", "2: <b>a</b> → <b>a</b>"),
        ("PageUp", "1: <b>a</b> → <b>a</b>"),
    ]:
        page.keyboard.press(key)
        expect(aloud(page)).to_have_text(sentence)
    page.keyboard.press("Enter")
    expect(page.get_by_text("clicks: [CellClick(part='heads', head=1, row=0, column=0)]")).to_be_visible(timeout=10_000)
    page.keyboard.press("Escape")
    expect(page.locator(".live-figure .cursor").first).to_be_hidden()
    expect(aloud(page)).to_have_text("")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Baixar como imagem (PNG)").first).to_be_focused()


def test_the_cursor_lies_on_its_cell_and_follows_the_figure(app: str, open_page: OpenPage) -> None:
    page = drawn(open_page(app))
    keys(page).focus()
    for key in ("PageDown", "PageDown", "ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    for width in (1280, 700):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(500)
        box = page.locator(".live-figure .cursor").first.bounding_box()
        assert box
        left, top = point(page, 1, 2, 1, (-0.5, -0.5))
        right, bottom = point(page, 1, 2, 1, (0.5, 0.5))
        assert (box["x"], box["y"]) == pytest.approx((left, top), abs=1)
        assert (box["width"], box["height"]) == pytest.approx((right - left, bottom - top), abs=1)


def test_the_sentence_read_aloud_is_the_hover_labels(app: str, open_page: OpenPage) -> None:
    page = drawn(open_page(app))
    label = page.locator(".live-figure").first.locator(".hoverlayer .hovertext")
    page.mouse.move(*point(page, 2, 3, 1))
    expect(label).to_have_count(1)
    hovered = str(label.text_content())
    page.mouse.move(5, 5)
    keys(page).focus()
    for key in ["Home", "PageDown", "PageDown", *["ArrowDown"] * 3, "ArrowRight"]:
        page.keyboard.press(key)
    expect(aloud(page)).to_have_text(hovered)
    expect(label).to_have_text(hovered)  # whoever sees the cursor sees the sentence too


def test_a_map_too_large_for_a_sentence_a_cell_is_read_aloud_all_the_same(open_page: OpenPage) -> None:
    with running_app(APPS / "large_map.py") as url:
        page = drawn(open_page(url), 1)
        page.get_by_role("application", name="Mapa").focus()
        for key, sentence in [
            ("ArrowDown", "“t1” dedica 12,5% da atenção a “t1”"),
            ("ArrowRight", "“t1” → “t2”: máscara"),
            ("ArrowDown", "“t2” dedica 12,5% da atenção a “t2”"),
            ("ArrowLeft", "“t2” → “t1”: zerado"),
            ("ArrowDown", "“t3” → “t1”: 0÷0"),
            ("End", "“t3” → “t80”: máscara"),
        ]:
            page.keyboard.press(key)
            expect(aloud(page)).to_have_text(sentence)


def test_hovering_and_moving_the_cursor_never_reach_the_server(app: str, open_page: OpenPage) -> None:
    page = drawn(open_page(app))
    before = page.evaluate("framesSent")
    for row in range(N):
        page.mouse.move(*point(page, 1, row, row))
        page.wait_for_timeout(60)
    keys(page).focus()
    for key in ("ArrowDown", "ArrowRight", "PageDown", "End", "Home", "Escape"):
        page.keyboard.press(key)
    page.wait_for_timeout(500)
    assert page.evaluate("framesSent") == before
    page.mouse.click(*point(page, 0, 1, 1))
    page.wait_for_timeout(500)
    assert page.evaluate("framesSent") > before


def test_downloads_have_sensible_names_and_the_pages_background(app: str, open_page: OpenPage) -> None:
    page = drawn(open_page(app, color_scheme="dark"))
    first = page.locator(".live-figure").first
    first.locator(".plot").hover()
    with page.expect_download() as png:
        first.get_by_role("button", name="Baixar como imagem (PNG)").click()
    assert png.value.suggested_filename == "Atencao-3-cabecas-b.png"
    assert png.value.path().read_bytes().startswith(b"\x89PNG")
    for figure, name, background in [
        (first, "Atencao-3-cabecas-b.svg", "rgb(255, 255, 255)"),  # its own
        (page.locator(".live-figure").nth(1), "atencao.svg", "rgb(14, 17, 23)"),  # it has none: the page's
    ]:
        figure.locator(".plot").hover()
        with page.expect_download() as svg:
            figure.get_by_role("button", name="SVG").click()
        assert svg.value.suggested_filename == name
        assert f"fill: {background}" in svg.value.path().read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_its_container(app: str, open_page: OpenPage, width: int) -> None:
    page = drawn(open_page(app, viewport=(800, 900)))
    page.set_viewport_size({"width": width, "height": 844})
    page.wait_for_function(
        """() => [...document.querySelectorAll('.live-figure')].every(figure =>
             figure.querySelector('.main-svg').getBoundingClientRect().width === figure.clientWidth)"""
    )
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_a_finger_chooses_a_cell_and_still_scrolls_the_page(app: str, open_page: OpenPage) -> None:
    page = drawn(open_page(app, viewport=(390, 500), has_touch=True, is_mobile=True))
    page.touchscreen.tap(*point(page, 1, 4, 3))
    expect(page.get_by_text("clicks: [CellClick(part='heads', head=1, row=4, column=3)]")).to_be_attached(
        timeout=10_000
    )
    top = "document.querySelector('.live-figure').getBoundingClientRect().top"
    before = page.evaluate(top)
    x, y = point(page, 0, 3, 2)
    touch = page.context.new_cdp_session(page)
    for slide in range(0, 100, 10):
        kind = "touchMove" if slide else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y - slide}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function(f"before => {top} < before", arg=before)
    assert clicks(page).count("CellClick") == 1


def test_on_a_touch_screen_the_mode_bar_covers_nothing_and_still_downloads(app: str, open_page: OpenPage) -> None:
    page = drawn(open_page(app, viewport=(390, 844), has_touch=True, is_mobile=True))
    figures = page.locator(".live-figure")
    for figure in figures.all():
        drawing = figure.locator(".svg-container").bounding_box()
        whole = figure.bounding_box()
        assert drawing
        assert whole
        for button in figure.get_by_role("button").all():
            box = button.bounding_box()
            assert box
            assert min(box["width"], box["height"]) >= 24  # of a target for a finger
            assert box["y"] >= drawing["y"] + drawing["height"]
            assert box["y"] + box["height"] <= whole["y"] + whole["height"]
    with page.expect_download() as png:
        figures.first.get_by_role("button", name="Baixar como imagem (PNG)").tap()
    assert png.value.suggested_filename == "Atencao-3-cabecas-b.png"
    assert clicks(page) == "[]"


def test_with_a_mouse_the_mode_bar_takes_no_room(app: str, open_page: OpenPage) -> None:
    for figure in drawn(open_page(app)).locator(".live-figure").all():
        drawing, whole = figure.locator(".svg-container").bounding_box(), figure.bounding_box()
        assert drawing
        assert whole
        assert whole["height"] == pytest.approx(drawing["height"], abs=1)


def test_hostile_labels_stay_text(app: str, open_page: OpenPage) -> None:
    page = drawn(open_page(app))
    for row in range(N):
        page.mouse.move(*point(page, 0, row, row))
        page.wait_for_timeout(120)
        assert page.locator(".live-figure :is(a, img, script, iframe, foreignObject)").count() == 0
    ticks = page.locator(".live-figure").first.locator(".ytick text")
    assert ticks.all_text_contents() == [
        "<b>a</b>",
        '<a href="http://example.invalid/">b</a>',
        "<img src=x onerror=alert(1)>",
        "%{z}",
        "$x$",
    ]


def test_it_survives_a_change_of_theme(app: str, open_page: OpenPage) -> None:
    page = drawn(open_page(app))
    page.evaluate("() => { document.querySelector('.js-plotly-plot').marked = 'the same element' }")
    ring = "() => getComputedStyle(document.querySelector('.live-figure')).getPropertyValue('--st-background-color')"
    light = page.evaluate(ring)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"light => ({ring})() !== light", arg=light)
    wait_idle(page)
    assert page.evaluate("() => document.querySelector('.js-plotly-plot').marked") == "the same element"
    page.mouse.click(*point(page, 1, 3, 2))
    expect(page.get_by_text("clicks: [CellClick(part='heads', head=1, row=3, column=2)]")).to_be_visible(timeout=10_000)


def test_nothing_is_left_behind_when_it_leaves_the_page(app: str, open_page: OpenPage) -> None:
    page = drawn(open_page(app))
    inspector = page.context.new_cdp_session(page)
    inspector.send("Performance.enable")

    def leave_and_return(times: int) -> dict[str, float]:
        for _ in range(times):
            switch(page, "shown")
            expect(page.locator(".js-plotly-plot")).to_have_count(1)
            switch(page, "shown")
            drawn(page)
        inspector.send("HeapProfiler.collectGarbage")
        metrics = inspector.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: metric["value"] for metric in metrics}

    before, after = leave_and_return(3), leave_and_return(6)
    assert after["JSEventListeners"] <= before["JSEventListeners"] + 20
    assert after["Nodes"] <= before["Nodes"] + 200
    assert page.evaluate("() => document.querySelectorAll('style[id^=\"plotly.js-style-\"]').length") <= 3


def test_it_works_under_a_sub_path(open_page: OpenPage) -> None:
    with running_app(APP, "--server.baseUrlPath", "sala/tarde") as url:
        page = drawn(open_page(f"{url}/sala/tarde"))
        page.mouse.click(*point(page, 0, 1, 1))
        expect(page.get_by_text(re.compile("head=0, row=1, column=1"))).to_be_visible(timeout=10_000)


def test_it_says_so_when_plotly_does_not_come(app: str, open_page: OpenPage) -> None:
    page = open_page(app)
    page.route("**/plotly-*.js.gz", lambda route: route.abort())
    page.reload()
    expect(page.get_by_text("O desenho não pôde ser carregado.")).to_be_visible(timeout=20_000)
    expect(page.get_by_text(text("live_figure.failed", "en"))).to_be_visible(timeout=20_000)  # the other figure too
    page.unroute("**/plotly-*.js.gz")
    switch(page, "mirrored")
    drawn(page, 1)
    expect(page.get_by_text("O desenho não pôde ser carregado.")).to_be_hidden()
