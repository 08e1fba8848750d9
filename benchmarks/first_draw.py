"""How long until the picture is there: this project's and its peers', the same weights, one clock, one run.

In a real browser, from the moment the data has reached a page whose libraries are loaded, to the second animation frame
after the picture is drawn; the main thread's processor time of the same stretch; and the cold total, from an empty page
with an empty cache. The tools take turns; nothing is fetched from anywhere but this machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Browser, CDPSession, Route
from playwright.sync_api import TimeoutError as TooLate

from attention.trace import Floats
from benchmarks.peers import OURS, Peer, bertviz, circuitsvis, our_explore, our_lines, our_maps, random_weights
from scripts.live_app import open_browser

PATIENCE = 60.0  # seconds a tool has for one picture

CLOCK = """async ([draw, drawn, patience]) => {
  const text = await (await fetch('data')).text()
  const start = performance.now()
  window.startedAt = start
  eval(draw)(text)
  const there = eval(drawn)
  while (!there()) {
    if (performance.now() - start > patience) return null
    await new Promise(requestAnimationFrame)
  }
  await new Promise(requestAnimationFrame)
  await new Promise(requestAnimationFrame)
  return { warm: performance.now() - start, cold: performance.now() }
}"""


@dataclass(frozen=True, slots=True)
class Case:
    """Some weights and the tools that draw them; `ours` must be `target` × faster than the peer `against`."""

    name: str
    layers: int
    heads: int
    tokens: int
    ours: Callable[[Floats], Peer]
    peers: tuple[Callable[[Floats], Peer], ...]
    against: str
    target: float = 0.0
    most_cpu: float | None = None  # milliseconds the main thread may work on ours


CASES = (
    Case(
        "every head of 12 layers × 12 heads × 32 tokens",
        12,
        12,
        32,
        our_maps,
        (lambda weights: bertviz(weights, "model_view"),),
        "bertviz model_view",
        5.0,
    ),
    Case(
        "1 layer × 12 heads × 128 tokens",
        1,
        12,
        128,
        our_explore,
        (lambda weights: bertviz(weights, "head_view"), circuitsvis),
        "bertviz head_view",
        10.0,
    ),
    Case(
        "long: 1 layer × 12 heads × 512 tokens",
        1,
        12,
        512,
        our_explore,
        (lambda weights: bertviz(weights, "head_view"), circuitsvis),
        "bertviz head_view",
        most_cpu=2000.0,
    ),
    Case(
        "long: 1 layer × 1 head × 1,024 tokens",
        1,
        1,
        1024,
        our_explore,
        (lambda weights: bertviz(weights, "head_view"), circuitsvis),
        "bertviz head_view",
        most_cpu=2000.0,
    ),
    Case(
        "long: 1 layer × 12 heads × 1,024 tokens",
        1,
        12,
        1024,
        our_explore,
        (),
        OURS,
        most_cpu=2000.0,
    ),
    Case(
        "lines: 1 layer × 12 heads × 64 tokens",
        1,
        12,
        64,
        our_lines,
        (lambda weights: bertviz(weights, "head_view"),),
        "bertviz head_view",
        2.0,
    ),
)


@contextmanager
def served(peer: Peer) -> Iterator[str]:
    """Serve one tool's page, its libraries and its data from this machine, and yield the address."""
    found = {"/": b"<!doctype html><meta charset='utf-8'>" + peer.page.encode(), "/data": peer.data}
    found |= {f"/{name}": content for name, content in peer.files.items()}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = found.get(self.path)
            self.send_response(404 if content is None else 200)
            kind = "text/javascript" if self.path.endswith(".js") else "text/html" if self.path == "/" else "text/plain"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def time_once(browser: Browser, peer: Peer, address: str) -> dict[str, float] | None:
    """Return milliseconds `warm`, `cold` and `cpu` of one picture in a fresh browser context, or None if it is late."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        page.route("**/*", lambda route: _only_from(address, route))
        page.goto(address)
        page.wait_for_function("() => window.ready", polling="raf")
        session = context.new_cdp_session(page)
        session.send("Performance.enable")
        before = _cpu(session)
        page.set_default_timeout(1000 * (PATIENCE + 30))
        times: dict[str, float] | None = page.evaluate(CLOCK, [peer.draw, peer.drawn, 1000 * PATIENCE])
        return None if times is None else times | {"cpu": _cpu(session) - before}
    except TooLate:
        return None
    finally:
        context.close()


def _only_from(address: str, route: Route) -> None:
    if route.request.url.startswith((address, "blob:", "data:")):
        route.continue_()
    else:
        route.abort()


def _cpu(session: CDPSession) -> float:
    """Return the milliseconds the page's main thread has worked so far."""
    metrics = {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
    return 1000 * float(metrics["TaskDuration"])


def measure(browser: Browser, case: Case, n: int) -> list[dict[str, Any]]:
    """Return one line a tool: the medians of `n` pictures, in turns with the others."""
    weights = random_weights(case.layers, case.heads, case.tokens)
    tools = [case.ours(weights), *(peer(weights) for peer in case.peers)]
    times: dict[str, list[dict[str, float] | None]] = {tool.name: [] for tool in tools}
    for _ in range(n):
        for tool in tools:
            if any(map(_is_late, times[tool.name])):
                continue  # once is enough: minutes more would say the same
            with served(tool) as address:
                times[tool.name].append(time_once(browser, tool, address))
    return [
        {"tool": tool.name, "megabytes": round(len(tool.data) / 1e6, 2)} | _medians(times[tool.name]) for tool in tools
    ]


def _is_late(run: dict[str, float] | None) -> bool:
    """Tell whether a picture took longer than anyone waits; a page too busy to look at the clock says so afterwards."""
    return run is None or run["warm"] > 1000 * PATIENCE


def _medians(runs: list[dict[str, float] | None]) -> dict[str, float | None]:
    finished = [run for run in runs if run is not None and not _is_late(run)]
    if len(finished) < len(runs):
        return dict.fromkeys(("warm", "cpu", "cold"))
    return {name: round(statistics.median(run[name] for run in finished), 1) for name in ("warm", "cpu", "cold")}


def main() -> int:
    """Measure, print the tables, and return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=5, help="pictures a tool (default 5)")
    parser.add_argument("--only", default="", help="only the cases with this in their name")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    options = parser.parse_args()
    with open_browser() as browser:
        found = [(case, measure(browser, case, options.n)) for case in CASES if options.only in case.name]
    kept = all(_is_kept(case, lines) for case, lines in found)
    if options.json:
        tables = {case.name: {"lines": lines, "times_faster": _times_faster(case, lines)} for case, lines in found}
        print(json.dumps({"tables": tables, "kept": kept}, indent=2))
        return 0 if kept else 1
    for case, lines in found:
        print(f"\n{case.name}   ({_target(case)})")
        print(f"{'tool':<28} {'data':>9} {'drawn':>10} {'processor':>10} {'cold':>10}")
        for line in lines:
            cells = (
                f"{line[name]:>7.0f} ms" if line[name] is not None else f"> {PATIENCE:.0f} s"
                for name in ("warm", "cpu", "cold")
            )
            print(f"{line['tool']:<28} {line['megabytes']:>6.2f} MB {' '.join(f'{cell:>10}' for cell in cells)}")
        if case.target:
            print(f"{_times_faster(case, lines):.1f} × faster")
    return 0 if kept else 1


def _target(case: Case) -> str:
    if case.most_cpu is not None:
        return f"target: less than {case.most_cpu / 1000:g} s of the processor"
    return f"target: {case.target:g} × faster than {case.against}"


def _is_kept(case: Case, lines: list[dict[str, Any]]) -> bool:
    """Tell whether ours was drawn at all, as fast as it must, and within the work it may take."""
    (ours,) = (line for line in lines if line["tool"] == OURS)
    in_time = ours["cpu"] is not None and (case.most_cpu is None or ours["cpu"] < case.most_cpu)
    return in_time and _times_faster(case, lines) >= case.target


def _times_faster(case: Case, lines: list[dict[str, Any]]) -> float:
    """Return how many times sooner ours is drawn than the peer it is measured against; infinite if that never is."""
    warm = {line["tool"]: line["warm"] for line in lines}
    if warm[OURS] is None:
        return 0.0
    return float("inf") if warm[case.against] is None else float(warm[case.against] / warm[OURS])


if __name__ == "__main__":
    sys.exit(main())
