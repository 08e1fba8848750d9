"""Sharing in a real browser: the link is copied and shown, a saved file reopens the screen, on its page."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from playwright.sync_api import expect

from attention.texts import text
from attention.ui.share.files import write_state
from attention.ui.state import ViewState
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage

ADDRESS = "/comparar?v=1&text=O+cachorro+latiu&row=2&tool=lines"


def test_one_button_copies_the_link_and_a_saved_file_opens_the_same_screen_elsewhere(
    server: str, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(server + ADDRESS, permissions=["clipboard-read", "clipboard-write"], accept_downloads=True)
    expect(page.get_by_role("heading", name=text("compare.title", "pt-BR"))).to_be_visible(timeout=60_000)
    wait_idle(page)
    page.get_by_role("button", name=text("share.button", "pt-BR"), exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(text("share.copied", "pt-BR"))).to_be_visible(timeout=20_000)
    copied, here = (urlsplit(address) for address in (page.evaluate("() => navigator.clipboard.readText()"), page.url))
    assert (copied.path, copied.query) == (here.path, here.query)
    shown = urlsplit(dialog.get_by_test_id("stCode").inner_text().replace("\n", ""))
    assert (shown.netloc, shown.path, shown.query) == (copied.netloc, copied.path, copied.query)

    wait_idle(page)  # each run gives the button another file to ask for
    with page.expect_download() as waiting:
        dialog.get_by_role("button", name=text("share.save", "pt-BR")).click()
    saved = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(saved)
    assert json.loads(saved.read_text(encoding="utf-8"))["address"]["text"] == "O cachorro latiu"

    other = open_page(f"{server}/?v=1&lang=en")
    expect(other.get_by_role("heading", name=text("explore.title", "en"))).to_be_visible(timeout=60_000)
    wait_idle(other)
    other.get_by_role("button", name=text("share.button", "en"), exact=True).click()
    upload = other.get_by_role("dialog").locator("input[type=file]")
    (bad := tmp_path / "bad.json").write_text("{}", encoding="utf-8")
    upload.set_input_files(bad)
    expect(other.get_by_text(text("share.bad_file", "en"))).to_be_visible(timeout=20_000)
    upload.set_input_files(saved)
    other.wait_for_url("**/comparar?**", timeout=20_000)
    expect(other.get_by_role("heading", name=text("compare.title", "pt-BR"))).to_be_visible(timeout=20_000)
    expect(other.get_by_label(text("frame.sentence", "pt-BR"))).to_have_value("O cachorro latiu")
    expect(other.get_by_role("dialog")).to_have_count(0)


def test_outside_of_https_and_localhost_the_link_is_copied_too_and_the_focus_comes_back(
    server: str, open_page: OpenPage
) -> None:
    page = open_page(server)
    page.add_init_script("delete Navigator.prototype.clipboard")  # as where a browser does not trust the connection
    page.goto(f"{server}/?v=1&text=O+cachorro+latiu")
    wait_idle(page)
    share = page.get_by_role("button", name=text("share.button", "pt-BR"), exact=True)
    share.press("Enter")
    expect(page.get_by_role("dialog").get_by_text(text("share.copied", "pt-BR"))).to_be_visible(timeout=20_000)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(share).to_be_focused()
    sentence = page.get_by_label(text("frame.sentence", "pt-BR"))
    sentence.press("Control+a")
    sentence.press("Control+v")
    assert "text=O+cachorro+latiu" in sentence.input_value()


def test_what_fits_in_no_link_is_not_copied_and_the_file_is_offered(server: str, open_page: OpenPage) -> None:
    address = f"{server}/comparar?v=1&text={'gato+' * 160}&btext={'vaca+' * 160}"
    page = open_page(address, permissions=["clipboard-read", "clipboard-write"])
    expect(page.get_by_role("heading", name=text("compare.title", "pt-BR"))).to_be_visible(timeout=60_000)
    wait_idle(page)
    assert "btext" not in page.url
    page.evaluate("() => navigator.clipboard.writeText('what was there')")
    page.get_by_role("button", name=text("share.button", "pt-BR"), exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(text("share.too_long", "pt-BR", maximum=1_500))).to_be_visible(timeout=20_000)
    expect(dialog.get_by_role("button", name=text("share.save", "pt-BR"))).to_be_visible()
    expect(dialog.get_by_test_id("stCode")).to_have_count(0)
    assert page.evaluate("() => navigator.clipboard.readText()") == "what was there"


def test_a_picture_says_what_it_shows_of_which_text_and_where_the_numbers_come_from(
    server: str, open_page: OpenPage
) -> None:
    page = open_page(f"{server}/?v=1&text=O+%3Cb%3Egato%3C/b%3E+miou", accept_downloads=True)
    figure = page.locator(".st-key-heads .live-figure")
    expect(figure.locator(".heatmaplayer image")).to_have_count(2, timeout=60_000)
    wait_idle(page)
    before = figure.bounding_box()
    figure.locator(".plot").hover()
    with page.expect_download() as waiting:
        figure.get_by_role("button", name="SVG").click()
    drawing = ElementTree.parse(waiting.value.path()).getroot()  # noqa: S314 - our own drawing
    heading = next(part for part in drawing.iter() if part.get("class") == "heading")
    written = " ".join(" ".join(heading.itertext()).split())
    assert text("explore.all_heads_alt", "pt-BR", heads=4) in written
    source = text("frame.badge_lesson", "pt-BR")
    assert text("frame.picture_note", "pt-BR", sentence="“O <b>gato</b> miou”", source=source) in written
    assert before is not None
    assert float(drawing.get("height", "0")) > before["height"]


def test_a_file_with_a_text_too_long_for_a_link_leaves_nothing_of_the_earlier_address(
    server: str, open_page: OpenPage, tmp_path: Path
) -> None:
    saved = tmp_path / "long.json"
    saved.write_bytes(write_state(ViewState(text="O gato miou. " * 180, scaled=False), ""))
    page = open_page(f"{server}/?v=1&text=A+menina+dormiu&causal=0&head=3")
    wait_idle(page)
    page.get_by_role("button", name=text("share.button", "pt-BR"), exact=True).click()
    page.get_by_role("dialog").locator("input[type=file]").set_input_files(saved)
    page.wait_for_url(lambda address: "A+menina" not in address, timeout=20_000)
    assert parse_qs(urlsplit(page.url).query) == {"v": ["1"], "scale": ["0"]}
