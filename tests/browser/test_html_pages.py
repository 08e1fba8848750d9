"""What is taken home, opened without any network: figures hover, the mask switches, the handout is one page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page

from attention import figures
from attention.config import AttentionConfig
from attention.exports import introduction
from attention.figures import LIGHT
from attention.figures.pairs import pair
from attention.html_pages import State, figure_html, handout_html, sides_handout_html
from attention.lesson_model.source import trace_lesson
from attention.ui.share import qr_code
from attention.views import view_tokens

SENTENCE = "O gato que estava no telhado miou"
SHOWN = """() => Array.from(document.querySelector('#figure-1')._fullData.find(one => one.meta?.role === 'cells').z[0])
  .filter(Number.isFinite).length"""


def offline(browser: Browser, path: Path) -> Page:
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(path.as_uri())
    return page


def test_the_page_hovers_and_switches_the_mask_without_a_network(browser: Browser, tmp_path: Path) -> None:
    states = []
    for causal in (True, False):
        config = AttentionConfig(causal=causal)
        trace = trace_lesson(SENTENCE, config)
        drawn = figures.head_map(view_tokens(trace.layers[1], trace.tokens), 0, language="pt-BR", theme=LIGHT)
        states.append(State([drawn], introduction(trace, config, "pt-BR")))
    path = tmp_path / "page.html"
    path.write_text(
        figure_html(states[0], otherwise=states[1], switch="máscara causal", title=SENTENCE, language="pt-BR"),
        encoding="utf-8",
    )
    page = offline(browser, path)
    page.wait_for_selector("#figure-1 .heatmaplayer image", state="attached")
    assert page.evaluate(SHOWN) == 1  # ⟨início⟩ may look at itself only
    page.get_by_label("máscara causal").uncheck()
    page.wait_for_function(f"() => ({SHOWN})() === 8")
    assert page.get_by_text("sem máscara causal").is_visible()
    box = page.locator("#figure-1 .heatmaplayer image").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.wait_for_selector("#figure-1 .hoverlayer .hovertext")
    page.context.close()


def test_a_page_that_begins_without_the_mask_shows_no_mask_until_it_is_switched_on(
    browser: Browser, tmp_path: Path
) -> None:
    states = []
    for causal in (False, True):
        trace = trace_lesson(SENTENCE, AttentionConfig(causal=causal))
        drawn = figures.head_map(view_tokens(trace.layers[1], trace.tokens), 0, language="pt-BR", theme=LIGHT)
        states.append(State([drawn], [f"causal={causal}"]))
    path = tmp_path / "page.html"
    html = figure_html(states[0], otherwise=states[1], switch="máscara", ticked=False, title="a", language="pt-BR")
    path.write_text(html, encoding="utf-8")
    page = offline(browser, path)
    page.wait_for_selector("#figure-1 .heatmaplayer image", state="attached")
    box = page.get_by_label("máscara")
    for causal in (False, True, False):
        box.set_checked(causal)
        page.wait_for_function(f"() => ({SHOWN})() === {1 if causal else 8}")
        assert page.get_by_text(f"causal={causal}").is_visible()
        assert page.get_by_text(f"causal={not causal}").is_hidden()
    page.context.close()


def test_a_handout_is_one_sheet_of_paper(browser: Browser, tmp_path: Path) -> None:
    for words in (7, 16, 90):
        trace = trace_lesson(" ".join((SENTENCE.split() * 20)[:words]), AttentionConfig())
        view = view_tokens(trace.layers[1], trace.tokens)
        html = handout_html(
            view,
            0,
            3,
            heading="h",
            title=trace.tokens.text,
            language="pt-BR",
            notes=introduction(trace, AttentionConfig(), "pt-BR"),
            sentences=["Uma frase."] * 3,
            qr=qr_code("http://192.168.0.7:8501/?v=1"),
        )
        path = tmp_path / f"{words}.html"
        path.write_text(html, encoding="utf-8")
        page = offline(browser, path)
        assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
        assert page.locator(".lines").evaluate("lines => lines.clientHeight") > 100
        assert page.locator("table").evaluate("table => table.scrollWidth <= document.body.clientWidth")
        page.context.close()


def test_a_handout_of_two_sides_is_one_sheet_and_every_table_keeps_to_its_place(
    browser: Browser, tmp_path: Path
) -> None:
    for words in (2, 7, 8, 90):
        config = AttentionConfig(dropout=0.3, training=True)
        typed = " ".join((SENTENCE.split() * 20)[:words])
        views = [
            view_tokens(trace.layers[1], trace.tokens) for trace in (trace_lesson(typed, config), trace_lesson(typed))
        ]
        html = sides_handout_html(
            pair(views[0], views[1], (0, 3), "position"),
            words,
            title=f"A e B lado a lado · A: “{typed[:95]}…” · B: “{typed[:95]}…”",
            names=("A: camada 2, cabeça 1, com dropout", "B: camada 2, cabeça 4"),
            heading="A linha",
            language="pt-BR",
            notes=["Uma nota."] * 3,
            sentences=["Uma frase."] * 4,
            qr=qr_code("http://192.168.0.7:8501/?v=1"),
        )
        path = tmp_path / f"sides-{words}.html"
        path.write_text(html, encoding="utf-8")
        page = offline(browser, path)
        assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
        assert page.locator(".lines").evaluate("lines => lines.clientHeight") > 100
        assert page.locator("h1").evaluate("heading => heading.scrollHeight <= heading.clientHeight")
        assert page.locator("table").count() == (4 if words <= 8 else 1)
        places = page.locator(".parts > div").evaluate_all("all => all.map(one => [one.scrollWidth, one.clientWidth])")
        assert all(drawn <= room for drawn, room in places), places
        wide = page.locator("td").evaluate_all(
            "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.textContent)"
        )
        assert wide == []
        page.context.close()
