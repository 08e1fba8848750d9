"""How long a reader waits: from a click to the new picture, and from a cold start to the first one.

The click is on the causal mask, or on a head of the overview, which then stands in A. All is measured in a real
browser, in turns with a plain Streamlit page whose mask is clicked, so that a machine that slows down slows down both.
A click is timed inside the page, from the browser's own event to the second animation frame after the drawn pixels
changed: the first frame the eye can see.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from playwright.sync_api import Browser, Error, Page

from attention.config import AttentionConfig
from attention.sources import trace_random
from attention.tokens import DEFAULT_ENCODING, tokenize
from scripts.live_app import ROOT, open_browser, running_app, wait_idle

PAGES = Path(__file__).parent / "pages"
SENTENCE = "O gato que estava no telhado miou bem alto ontem"  # 12 tokens in the default encoding
N_HEADS = 12
SWITCH_TARGET = 0.35
COLD_TARGET = 1.5
WARM_UP = 4  # clicks that are not counted: caches fill, and the comparison appears
HEADS = ".st-key-heads .heatmaplayer image"
SIDES = ".st-key-side_by_side .heatmaplayer image"
OVERVIEW = ".st-key-overview .heatmaplayer"
SENTENCE_DRAWN = ".st-key-sentence .js-plotly-plot .barlayer .point"

# Resolves with milliseconds from the click: `heads` when the heads have changed, `page` when the last map of the page
# has (and all has been still for 400 ms).
TIMER = """heads => new Promise((resolve, reject) => {
  const pixels = css => Array.from(document.querySelectorAll(css), image => image.getAttribute('href')).join()
  const [headsBefore, begun] = [pixels(heads), performance.now()]
  let clicked = null, changed = null, last = pixels('.heatmaplayer image')
  const times = {}
  addEventListener('click', event => { clicked ??= event.timeStamp }, { capture: true, once: true })
  const seen = name => requestAnimationFrame(() =>
    requestAnimationFrame(() => { times[name] = performance.now() - clicked }))
  const look = () => {
    const now = performance.now()
    if (now - begun > 30000) return reject(new Error('nothing changed within 30 seconds'))
    const maps = pixels('.heatmaplayer image'), shown = pixels(heads)
    if (clicked !== null && !('heads' in times) && shown && shown !== headsBefore) {
      times.heads = null
      seen('heads')
    }
    if (maps !== last) {
      last = maps
      changed = now
      if (clicked !== null) seen('page')
    }
    if (times.heads && times.page && now - changed > 400) return resolve(times)
    requestAnimationFrame(look)
  }
  look()
})"""


def switch_times(browser: Browser, n: int) -> dict[str, list[float]]:
    """Return milliseconds from click to picture for `n` clicks on each page, the pages taking turns."""
    with ExitStack() as stack:
        weights = stack.enter_context(stored_weights())
        plain = stack.enter_context(running_app(PAGES / "plain_heads.py", "--", str(weights)))
        ours = stack.enter_context(running_app(ROOT / "app.py"))
        asked = f"v=1&model=random&heads={N_HEADS}&text={quote(SENTENCE)}"
        pages = {
            "plain": (opened(browser, plain, HEADS), HEADS, click_mask),
            "ours": (opened(browser, f"{ours}/?{asked}", HEADS), HEADS, click_mask),
            "overview": (opened(browser, f"{ours}/comparar?{asked}&show=all", SIDES), SIDES, click_overview),
        }
        times: dict[str, list[float]] = {"plain": [], "ours": [], "ours, every map": [], "overview": []}
        for turn in range(WARM_UP + n):
            for name, (page, maps, click) in pages.items():
                measured = time_click(page, maps, click, turn)
                if turn >= WARM_UP:
                    times[name].append(measured["heads"])
                    if name == "ours":
                        times["ours, every map"].append(measured["page"])
    return times


@contextmanager
def stored_weights() -> Iterator[Path]:
    """Write the weights our page shows for the plain page to draw: it needs no torch, which would slow it down."""
    tokens = tokenize(SENTENCE, DEFAULT_ENCODING)
    free, causal = (
        trace_random(tokens, AttentionConfig(n_heads=N_HEADS, causal=causal)).layers[0].weights[0]
        for causal in (False, True)
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.npz"
        np.savez(path, free=free, causal=causal, labels=np.array(tokens.labels))
        yield path


def opened(browser: Browser, address: str, maps: str) -> Page:
    """Open a page and wait until its maps are drawn."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address)
    page.locator(maps).first.wait_for(state="attached", timeout=60_000)
    wait_idle(page)
    return page


def click_mask(page: Page, _: int) -> None:
    """Click the causal switch."""
    page.locator(".st-key-causal label").first.click()


def click_overview(page: Page, turn: int) -> None:
    """Click a head of the overview, another one every turn; the first is in A from the start."""
    heads = page.locator(OVERVIEW)
    heads.scroll_into_view_if_needed()
    box = heads.bounding_box()
    if box is None:
        raise RuntimeError("the overview is not drawn")
    page.mouse.click(box["x"] + ((turn + 1) % N_HEADS + 0.5) / N_HEADS * box["width"], box["y"] + box["height"] / 2)


def time_click(page: Page, maps: str, click: Callable[[Page, int], None], turn: int) -> dict[str, float]:
    """Click and return when the maps changed."""
    page.bring_to_front()
    page.evaluate(f"heads => {{ window.timed = ({TIMER})(heads) }}", maps)
    click(page, turn)
    times: dict[str, float] = page.evaluate("() => window.timed")
    wait_idle(page)
    return times


def cold_times(browser: Browser, n: int) -> dict[str, list[float]]:
    """Return milliseconds from starting a server to its first visitor's picture, `n` fresh servers a page, in turns."""
    times: dict[str, list[float]] = {"bare": [], "ours": []}
    for _ in range(n):
        times["bare"].append(first_visit(browser, PAGES / "bare_chart.py", HEADS))
        times["ours"].append(first_visit(browser, ROOT / "app.py", HEADS, SENTENCE_DRAWN))
    return times


def first_visit(browser: Browser, script: Path, *needed: str) -> float:
    """Start a server, ask for its page at once and return the milliseconds until all that is `needed` is drawn."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})  # an empty cache, as a first visitor has
    page = context.new_page()
    start = time.perf_counter()
    with running_app(script, wait=False) as address:
        while True:
            try:
                page.goto(address, wait_until="commit")
                break
            except Error:  # it does not listen yet
                if time.perf_counter() - start > 90:
                    raise
                time.sleep(0.02)
        drawn = "all => all.every(css => document.querySelector(css))"
        page.wait_for_function(drawn, arg=list(needed), timeout=90_000, polling="raf")
        elapsed = 1000 * (time.perf_counter() - start)
        context.close()
    return elapsed


def summary(times: dict[str, list[float]], against: str) -> list[dict[str, Any]]:
    """Return one line a page: its median and 95th percentile, and the ratio of its median to that of `against`."""
    reference = statistics.median(times[against])
    return [
        {
            "page": name,
            "n": len(values),
            "median_ms": round(statistics.median(values), 1),
            "p95_ms": round(float(np.percentile(values, 95)), 1),
            "ratio": round(statistics.median(values) / reference, 3),
        }
        for name, values in times.items()
    ]


def main() -> int:
    """Measure, print the tables, and return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=30, help="clicks a page (default 30)")
    parser.add_argument("--cold", type=int, default=5, help="cold starts a page (default 5)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    options = parser.parse_args()
    with open_browser() as browser:
        tables = {
            "switch": summary(switch_times(browser, options.n), against="plain") if options.n else [],
            "cold start": summary(cold_times(browser, options.cold), against="bare") if options.cold else [],
        }
    targets = {"switch": SWITCH_TARGET, "cold start": COLD_TARGET}
    kept = all(
        line["ratio"] <= targets[name]
        for name, lines in tables.items()
        for line in lines
        if line["page"] in ("ours", "overview")
    )
    if options.json:
        print(json.dumps({"tables": tables, "targets": targets, "kept": kept}, indent=2))
    else:
        for name, lines in filter(itemgetter(1), tables.items()):
            print(f"\n{name:<16} {'n':>4} {'median':>10} {'p95':>10} {'ratio':>7}   (target {targets[name]} ×)")
            for line in lines:
                milliseconds = f"{line['median_ms']:>7.0f} ms {line['p95_ms']:>7.0f} ms"
                print(f"{line['page']:<16} {line['n']:>4} {milliseconds} {line['ratio']:>7.2f}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
