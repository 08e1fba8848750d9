"""The glossary in a real browser: guessed, searched, reached by a link from another page, and taken home."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from attention.texts import text
from attention.ui.chapter import terms
from scripts.live_app import wait_idle
from tests.browser.conftest import OpenPage
from tests.chapter.running import outputs_of, read_notebook

COURSE = "O gato que estava no telhado miou"


def said(key: str, **values: object) -> str:
    return text(f"glossary.{key}", "pt-BR", **values)


def count(page: Page, shown: int) -> None:
    expect(page.get_by_text(said("count", shown=shown, total=len(terms.TERMS)))).to_be_visible(timeout=20_000)


def test_a_term_is_guessed_searched_linked_to_and_the_page_taken_home(server: str, open_page: OpenPage) -> None:
    page = open_page(f"{server}/glossario?v=1", viewport=(390, 844))
    expect(page.get_by_role("heading", name=said("question"))).to_be_visible(timeout=60_000)
    right, _ = terms.quiz(COURSE)
    page.get_by_role("button", name=terms.name_of(right, "pt-BR"), exact=True).click()
    expect(page.get_by_text(text("chapter.right", "pt-BR"))).to_be_visible(timeout=20_000)
    count(page, len(terms.TERMS))
    expect(page.locator(".live-figure .main-svg .cartesianlayer")).to_have_count(1, timeout=60_000)
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")

    page.get_by_label(said("search")).fill("mascara causal")
    page.wait_for_function("() => location.search.includes('term=causal_mask')", timeout=20_000)
    wait_idle(page)
    count(page, len(terms.search("mascara causal", "pt-BR")))

    page.get_by_text(text("chapter.code", "pt-BR"), exact=True).click()
    wait_idle(page)  # each run gives the button another file to ask for
    with page.expect_download() as download:
        page.get_by_role("button", name=text("chapter.notebook", "pt-BR")).click()
    written = read_notebook(Path(download.value.path()).read_text(encoding="utf-8"))
    assert download.value.suggested_filename.endswith(".ipynb")
    assert any("keys = torch.tensor" in cell.source for cell in written.cells)
    assert outputs_of(written) == ""

    # The link to the page where the term lives, and from there the link back, which brings its term.
    entry = page.locator(".st-key-glossary_term_causal_mask")
    entry.get_by_role("link", name=text("causal_mask.title", "pt-BR")).click()
    expect(page.get_by_role("heading", name=text("causal_mask.question", "pt-BR"))).to_be_visible(timeout=20_000)
    wait_idle(page)
    assert "term=" not in page.url
    page.get_by_role("link", name=said("padding"), exact=True).click()
    expect(page.get_by_label(said("search"))).to_have_value(said("padding"), timeout=20_000)
    expect(page.locator(".st-key-glossary_term_padding")).to_be_visible()
    wait_idle(page)
    assert "term=padding" in page.url
    assert "v=1" in page.url
    page.get_by_role("button", name=said("show_all")).click()
    page.wait_for_function("() => !location.search.includes('term=')", timeout=20_000)


def test_a_name_of_several_words_can_be_typed_slowly_though_its_first_word_is_a_term_too(
    server: str, open_page: OpenPage
) -> None:
    page = open_page(f"{server}/glossario?v=1")
    box = page.get_by_label(said("search"))
    expect(box).to_have_value("", timeout=60_000)
    for piece, searched in (("vetor", "vector"), (" ", "vector"), ("de", "vetor+de"), (" contexto", "context_vector")):
        box.press_sequentially(piece)
        page.wait_for_timeout(900)  # longer than the box waits before it tells the server
        wait_idle(page)
        page.wait_for_function(f"() => location.search.endsWith('term={searched}')", timeout=20_000)
    expect(box).to_have_value("vetor de contexto")
