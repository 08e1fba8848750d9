"""The keyboard alone: what Explore and Compare are for, done with keys, and no pointer that moves or presses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from attention.lesson_model.tokenizer import tokenize_lesson
from attention.presets import PRESETS
from attention.texts import text
from attention.ui.chapter.query_key_value import GUESSES
from attention.ui.share.files import write_state
from attention.ui.state import ViewState
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage

# A click that a key makes has no detail: it says how often a pointer was pressed.
COUNT_POINTERS = """
window.pointers = []
for (const kind of ['pointerdown', 'mousedown', 'pointermove', 'mousemove', 'touchstart', 'click']) {
  addEventListener(kind, event => {
    if (event.isTrusted && (kind !== 'click' || event.detail)) window.pointers.push(kind)
  }, true)
}"""
HAS_FOCUS = "element => element.contains(document.activeElement)"
COMPONENTS = """key => {
  const plot = document.querySelector(`.st-key-${key} .js-plotly-plot`)
  return plot._fullData.filter(({ meta }) => meta?.role === 'grid')
    .map(({ z }) => [...z].map(row => [...row].filter(Number.isFinite).length).filter(n => n))
}"""
MANY = 120  # stops of Tab: more than any page has


@contextmanager
def keys_only(page: Page) -> Iterator[Page]:
    """Fail where a pointer was used meanwhile."""
    page.evaluate(COUNT_POINTERS)
    yield page
    assert page.evaluate("() => window.pointers") == []


def opened(server: str, open_page: OpenPage, address: str) -> Page:
    open_page(server)  # wakes the router
    page = open_page(f"{server}/{address}")
    expect(page.locator(".live-figure .main-svg, [class*=_guess_skip]").first).to_be_attached(timeout=60_000)
    wait_idle(page)
    return page


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press Tab until the focus is where it is wanted, as a reader would who sees the page."""
    for _ in range(MANY):
        if wanted.count() and wanted.first.evaluate(HAS_FOCUS):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{MANY} times {key} do not lead to {wanted}")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def address_has(page: Page, part: str) -> None:
    page.wait_for_function("part => location.search.includes(part)", arg=part, timeout=30_000)
    wait_idle(page)


def widget(page: Page, key: str) -> Locator:
    return page.locator(f".st-key-{key}")


def figure(page: Page, key: str) -> Locator:
    return page.locator(f".st-key-{key} [role=application]")


def choose(page: Page, key: str, place: int) -> None:
    """Choose an option of a row of options, counted from 0: Tab to the row, arrows along it, Enter."""
    tab_to(page, widget(page, key).get_by_role("radiogroup"))
    options = widget(page, key).get_by_role("radio")
    at = next(i for i in range(options.count()) if options.nth(i).evaluate(HAS_FOCUS))
    press(page, *["ArrowRight" if place > at else "ArrowLeft"] * abs(place - at), "Enter")


def test_explore_is_used_and_a_saved_file_opened_by_keys_alone(
    server: str, open_page: OpenPage, tmp_path: Path
) -> None:
    with keys_only(opened(server, open_page, "?v=1")) as page:
        page.on("filechooser", lambda _: None)  # from now on none is the system's own: asked for at the key, it is late
        tab_to(page, page.get_by_label(text("frame.sentence", "pt-BR")))
        press(page, "Control+a")
        page.keyboard.type("O gato dormiu")
        address_has(page, "text=O+gato+dormiu")

        tab_to(page, figure(page, "sentence"))
        press(page, "Home", "ArrowRight", "Enter")
        address_has(page, "row=2")
        tab_to(page, widget(page, "causal").get_by_role("switch"))
        press(page, "Space")
        address_has(page, "causal=0")
        tab_to(page, widget(page, "dropout_on").get_by_role("switch"))
        press(page, "Space")
        address_has(page, "dropout=1")

        choose(page, "layer", 0)
        address_has(page, "layer=1")
        choose(page, "head", 2)
        address_has(page, "head=3")
        tab_to(page, figure(page, "head_map"))
        press(page, "Home", "PageUp", "ArrowDown", "ArrowDown", "ArrowRight")
        expect(widget(page, "head_map").locator("[aria-live]")).to_contain_text("“")
        press(page, "Enter")
        address_has(page, "row=3")

        tab_to(page, widget(page, "more").locator("summary"))
        press(page, "Enter")
        address_has(page, "more=1")
        choose(page, "tab", 1)
        address_has(page, "tab=numbers")
        expect(page.get_by_role("table").first).to_be_visible()
        choose(page, "tab", 3)
        expect(page.get_by_role("button", name=text("more.download_csv", "pt-BR"))).to_be_visible(timeout=20_000)

        tab_to(page, widget(page, "share").get_by_role("button"), "Shift+Tab")
        press(page, "Enter")
        expect(page.get_by_role("dialog")).to_be_visible(timeout=20_000)
        tab_to(page, widget(page, "state_save").get_by_role("button"))
        press(page, "Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert widget(page, "share").evaluate(HAS_FOCUS)  # back where it was

        (saved := tmp_path / "saved.json").write_bytes(write_state(ViewState(text="A vaca mugiu", row=1), "comparar"))
        press(page, "Enter")
        expect(page.get_by_role("dialog")).to_be_visible(timeout=20_000)
        wait_idle(page)
        page.wait_for_function("() => document.querySelector('[role=dialog]').contains(document.activeElement)")
        tab_to(page, widget(page, "state_file").locator("button"))
        with page.expect_file_chooser() as system:
            press(page, "Enter")
        system.value.set_files(saved)  # what the system's own dialog answers: no browser walks in it
        page.wait_for_url("**/comparar?**", timeout=30_000)
        address_has(page, "text=A+vaca+mugiu&row=2")


def test_what_a_button_opens_comes_next_on_the_way_of_tab(server: str, open_page: OpenPage) -> None:
    with keys_only(opened(server, open_page, "?v=1")) as page:
        examples = widget(page, "examples").get_by_role("button").first
        tab_to(page, examples)
        press(page, "Enter")
        body = page.get_by_test_id("stPopoverBody")
        expect(widget(page, "preset_cat")).to_be_visible(timeout=20_000)
        press(page, "Tab")
        assert widget(page, "preset_cat").evaluate(HAS_FOCUS)
        press(page, "Shift+Tab")
        assert examples.evaluate(HAS_FOCUS)
        press(page, "Tab")
        while body.evaluate(HAS_FOCUS):
            press(page, "Tab")
        assert figure(page, "sentence").evaluate(HAS_FOCUS)
        tab_to(page, examples, "Shift+Tab")
        if not body.count():
            press(page, "Enter")
            expect(widget(page, "preset_cat")).to_be_visible(timeout=20_000)
        press(page, "Tab", "Tab", "Enter")
        address_has(page, "text=")


def test_compare_sets_side_by_side_by_keys_alone(server: str, open_page: OpenPage) -> None:
    with keys_only(opened(server, open_page, "comparar?v=1&tool=lines")) as page:
        choose(page, "tool", 0)
        page.wait_for_function("() => !location.search.includes('tool=')", timeout=30_000)
        expect(figure(page, "side_by_side")).to_be_attached(timeout=30_000)
        choose(page, "sides_view", 2)
        address_has(page, "show=all")
        choose(page, "target", 1)
        address_has(page, "into=b")
        expect(figure(page, "overview")).to_be_attached(timeout=30_000)
        expect(widget(page, "overview").locator(".heatmaplayer image").first).to_be_attached(timeout=30_000)
        wait_idle(page)
        tab_to(page, figure(page, "overview"))
        press(page, "Home", "PageDown", "PageDown", "Enter")
        address_has(page, "bhead=3")
        tab_to(page, widget(page, "swap").get_by_role("button"), "Shift+Tab")
        press(page, "Enter")
        address_has(page, "&head=3")
        tab_to(page, widget(page, "door_b").get_by_role("button").first)
        press(page, "Enter")
        sentence = widget(page, "b_text").get_by_role("textbox")
        expect(sentence).to_be_visible(timeout=20_000)
        tab_to(page, sentence)
        page.keyboard.type("A vaca mugiu")
        address_has(page, "btext=A+vaca+mugiu")


def test_compare_finds_in_all_four_ways_by_keys_alone(server: str, open_page: OpenPage) -> None:
    with keys_only(opened(server, open_page, "comparar?v=1")) as page:
        choose(page, "tool", 1)
        address_has(page, "tool=find")
        expect(figure(page, "example_map")).to_be_attached(timeout=30_000)
        tab_to(page, figure(page, "example_map"))
        press(page, "Home", *["ArrowDown"] * 3, "Enter")
        address_has(page, "row=4&column=1")
        tab_to(page, figure(page, "example_bars"))
        before = page.url
        press(page, "Home", "ArrowRight", "ArrowRight", "Enter")
        page.wait_for_function("before => location.href !== before", arg=before, timeout=30_000)

        choose(page, "search", 1)
        address_has(page, "find=measure")
        choose(page, "measured_rows", 1)
        address_has(page, "rows=row")
        tab_to(page, widget(page, "x_measure").get_by_role("combobox"))
        press(page, "ArrowDown", "ArrowDown", "Enter")
        address_has(page, "x=")
        chooses_a_head(page, "head_scatter")
        tab_to(page, widget(page, "ordered_by").get_by_role("combobox"))
        press(page, "ArrowDown", "ArrowDown", "Enter")
        address_has(page, "sort=")

        choose(page, "search", 3)
        address_has(page, "find=role")
        choose(page, "role", 2)
        address_has(page, "role=adjective")
        chooses_a_head(page, "role_bars")

        choose(page, "search", 2)
        address_has(page, "find=similar")
        tab_to(page, figure(page, "similarity"))
        press(page, "Home", "ArrowDown", "Enter")  # two heads, which are then side by side
        page.wait_for_function("() => !location.search.includes('tool=')", timeout=30_000)
        expect(figure(page, "side_by_side")).to_be_attached(timeout=30_000)


def chooses_a_head(page: Page, key: str) -> None:
    """Walk to two of a figure's points in turn and choose each: they are two heads, so that one is not yet in focus."""
    head = "() => ['layer', 'head'].map(slug => new URLSearchParams(location.search).get(slug)).join()"
    tab_to(page, figure(page, key))
    before = page.evaluate(head)
    press(page, "Home", "Enter")
    wait_idle(page)
    press(page, "ArrowRight", "Enter")
    page.wait_for_function(f"before => ({head})() !== before", arg=before, timeout=30_000)
    wait_idle(page)


def test_compare_tells_what_a_head_is_worth_and_chooses_lines_by_keys_alone(server: str, open_page: OpenPage) -> None:
    with keys_only(opened(server, open_page, "comparar?v=1&row=7")) as page:
        choose(page, "tool", 2)
        address_has(page, "tool=worth")
        chooses_a_row(page, "worth_norms", 3)
        choose(page, "worth", 2)
        address_has(page, "worth=sink")
        chooses_a_head(page, "worth_sink")
        chooses_a_row(page, "worth_hidden", 4)
        choose(page, "worth", 3)
        address_has(page, "worth=rollout")
        chooses_a_row(page, "worth_rollout", 5)
        choose(page, "worth", 1)
        address_has(page, "worth=off")
        tab_to(page, widget(page, "worth_off_1").get_by_role("button").first)
        press(page, "Enter")
        address_has(page, "off=2.1")
        choose(page, "tool", 3)
        address_has(page, "tool=lines")
        tab_to(page, widget(page, "line_pills").get_by_role("button").first)
        press(page, "Enter")
        address_has(page, "lines=2-3-4")


def pick(page: Page, key: str, place: int) -> None:
    """Choose the option of a closed list that is `place` below the chosen one: Tab to it, arrows down it, Enter."""
    tab_to(page, widget(page, key).get_by_role("combobox"))
    press(page, "ArrowDown")
    expect(page.get_by_role("listbox")).to_be_visible(timeout=20_000)
    press(page, *["ArrowDown"] * place, "Enter")


def test_compare_gives_b_what_it_has_otherwise_by_keys_alone(server: str, open_page: OpenPage) -> None:
    with keys_only(opened(server, open_page, "comparar?v=1&btext=A+vaca+que+mugiu")) as page:
        choose(page, "align", 1)
        address_has(page, "align=word")
        tab_to(page, widget(page, "copy").get_by_role("button"))
        press(page, "Enter")
        address_has(page, "bhead=1")
        assert "btext" not in page.url

        tab_to(page, widget(page, "door_b").get_by_role("button").first)
        press(page, "Enter")
        expect(widget(page, "b_moment")).to_be_visible(timeout=20_000)
        for key, place, slug in (
            ("b_moment", 2, "bmoment="),
            ("b_model", 2, "bmodel=random"),
            ("b_causal", 2, "bcausal=0"),
            ("b_scaled", 2, "bscale=0"),
        ):
            pick(page, key, place)
            address_has(page, slug)
        press(page, "Escape")

        choose(page, "sides_view", 1)
        address_has(page, "show=four")
        tab_to(page, widget(page, "several_heads").get_by_role("button").first)
        press(page, "Enter")
        address_has(page, "several=")


def test_compare_reads_formulas_and_takes_files_home_by_keys_alone(server: str, open_page: OpenPage) -> None:
    with keys_only(opened(server, open_page, "comparar?v=1&tool=find&find=measure")) as page:
        choose(page, "only_layer", 1)
        address_has(page, "only=1")
        tab_to(page, page.get_by_role("button", name=text("find_measure.formulas", "pt-BR")))
        press(page, "Enter")
        expect(page.get_by_test_id("stPopoverBody").locator(".katex").first).to_be_visible(timeout=20_000)
        press(page, "Escape")
        tab_to(page, widget(page, "head_scatter").locator(".modebar-btn[data-title*=SVG]"))
        with page.expect_download() as picture:
            press(page, "Enter")
        assert picture.value.suggested_filename.endswith(".svg")
        tab_to(page, widget(page, "beside").get_by_role("button"))
        press(page, "Enter")
        page.wait_for_function("() => !location.search.includes('tool=')", timeout=30_000)
        expect(figure(page, "side_by_side")).to_be_attached(timeout=30_000)

        choose(page, "tool", 2)
        address_has(page, "tool=worth")
        choose(page, "worth", 1)
        address_has(page, "worth=off")
        choose(page, "filling", 1)
        address_has(page, "fill=")
        tab_to(page, widget(page, "worth_off_carriers").get_by_role("button"))
        press(page, "Enter")
        address_has(page, "off=")

        tab_to(page, widget(page, "share").get_by_role("button"), "Shift+Tab")
        press(page, "Enter")
        expect(page.get_by_role("dialog")).to_be_visible(timeout=20_000)
        tab_to(page, widget(page, "state_save").get_by_role("button"))
        with page.expect_download() as saved:
            press(page, "Enter")
        assert saved.value.suggested_filename.endswith(".json")


def chooses_a_row(page: Page, key: str, row: int) -> None:
    """Walk down the map of a figure to a row, counted from 1, and choose it."""
    tab_to(page, figure(page, key))
    press(page, "Home", *["ArrowUp"] * MANY, *["ArrowDown"] * (row - 1), "Enter")
    address_has(page, f"row={row}")


def guess_a_token(page: Page) -> Locator:
    """Guess the second token of the page on the context vector; return where it is said to be the reader's."""
    tab_to(page, figure(page, "context_vector_guess_tokens"))
    press(page, "Home", "ArrowRight", "Enter")
    return page.locator("strong").get_by_text(f"“{tokenize_lesson(PRESETS[0].text).labels[1]}”", exact=True)


def guess_a_number(page: Page) -> Locator:
    """Guess the number next to the one that the page on query, key and value begins with; return where it is said."""
    tab_to(page, widget(page, "query_key_value_guess_number").get_by_role("slider"))
    press(page, "ArrowRight")
    wait_idle(page)
    tab_to(page, widget(page, "query_key_value_guess_send").get_by_role("button"))
    press(page, "Enter")
    return page.locator("strong").get_by_text(str(GUESSES[len(GUESSES) // 2 + 1]), exact=True)


def skip(page: Page) -> Locator:
    """Go around the guess; return where the page says so."""
    tab_to(page, page.locator("[class*=_guess_skip] button"))
    press(page, "Enter")
    return page.get_by_text(text("chapter.skipped", "pt-BR"), exact=True)


@pytest.mark.parametrize(
    ("path", "guess", "key", "maps"),
    [
        ("vetor-de-contexto", guess_a_token, "context_vector_strips", 2),
        ("query-key-value", guess_a_number, "query_key_value_projections", 7),
        ("varias-cabecas", skip, "heads_slices", 4),
    ],
)
def test_a_guess_is_made_and_maps_of_components_are_walked_cell_by_cell_over_what_is_empty(
    server: str, open_page: OpenPage, path: str, guess: Callable[[Page], Locator], key: str, maps: int
) -> None:
    page = opened(server, open_page, f"{path}?v=1")
    with keys_only(page):
        expect(guess(page)).to_be_visible(timeout=30_000)
        expect(page.locator("[class*=_guess_skip] button")).to_have_count(0)
        expect(widget(page, key).locator(".main-svg").first).to_be_attached(timeout=30_000)
        sizes = page.evaluate(COMPONENTS, key)
        assert len(sizes) == maps
        tab_to(page, figure(page, key))
        aloud = widget(page, key).locator("[aria-live]")
        press(page, "Home")
        for place, rows in enumerate(sizes):
            press(page, "Home", *["ArrowUp"] * len(rows))
            said = [aloud.inner_text()]
            for _ in range(rows[0] + 2):  # no further than the last
                press(page, "ArrowRight")
                said.append(aloud.inner_text())
            assert len(set(said)) == rows[0]
            assert all(said)
            press(page, "Home")
            down = [aloud.inner_text()]
            for _ in range(len(rows) + 1):
                press(page, "ArrowDown")
                down.append(aloud.inner_text())
            assert len(set(down)) == len(rows)
            before = page.url
            press(page, "Enter")  # reads, and chooses nothing
            assert page.url == before
            if place < maps - 1:
                press(page, "PageDown")
