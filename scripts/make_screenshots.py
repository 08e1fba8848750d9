"""Take the pictures of the READMEs from the real app: `make screenshots`."""

from __future__ import annotations

from playwright.sync_api import Page

from attention.ui.chapter.contents import lesson_named
from scripts.live_app import ROOT, open_browser, running_app, wait_idle

IMAGES = ROOT / "docs" / "images"
LESSON = lesson_named("intuition")
LANGUAGES = {"en": "en", "pt-br": "pt-BR"}  # the slug in the address, and the name of the picture


def main() -> None:
    """Write a picture of Explore, one of a page of the lesson and one of Compare for each language."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with running_app(ROOT / "app.py") as address, open_browser() as browser:
        for slug, language in LANGUAGES.items():
            context = browser.new_context(viewport={"width": 1280, "height": 1020}, device_scale_factor=1.5)
            page = context.new_page()
            page.goto(f"{address}/?v=1&lang={slug}")
            picture(page, f"explore-{language}")
            page.goto(f"{address}/{LESSON.url_path}?v=1&lang={slug}")
            wait_idle(page)
            page.locator(f".st-key-{LESSON.name}_guess_skip button").click()
            picture(page, f"lesson-{language}")
            page.goto(f"{address}/comparar?v=1&lang={slug}&row=7")
            picture(page, f"compare-{language}")
            context.close()


def picture(page: Page, name: str) -> None:
    """Write what the page shows, once its figures are drawn, as the picture called `name`."""
    wait_idle(page)
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    page.wait_for_timeout(2_000)  # plotly's last drawing has no event of its own
    target = IMAGES / f"{name}.png"
    page.screenshot(path=target)
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
