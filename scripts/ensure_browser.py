"""Find the browser the tests and benchmarks drive, or install one: `python scripts/ensure_browser.py`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge")
PLACES = (  # where installers put them without telling the path
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
WAY_OUT = """\
No browser was found for the tests, and none could be installed. Install Chrome or Chromium:
  Debian        sudo apt-get install chromium
  Fedora        sudo dnf install chromium
  macOS         brew install --cask google-chrome
  Windows       winget install Google.Chrome
or let Playwright fetch its own: python -m playwright install --with-deps chromium
or say where one is: ATTENTION_BROWSER=/path/to/chrome"""


def find_browser() -> str | None:
    """Return the path of a browser that runs: the one ATTENTION_BROWSER names, a system one, or Playwright's own."""
    return next((path for path in _candidates() if _runs(path)), None)


def _candidates() -> Iterator[str]:
    if chosen := os.environ.get("ATTENTION_BROWSER"):
        yield chosen
        return
    yield from (path for name in NAMES if (path := shutil.which(name)))
    yield from (place for place in PLACES if Path(place).exists())
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if Path(own).exists():
        yield own


def _runs(path: str) -> bool:
    """Say whether the program starts: some systems carry a stub, or a browser without its libraries."""
    if sys.platform == "win32":
        return Path(path).exists()  # there, asking for the version opens a window
    return _succeeds([path, "--version"], seconds=30, quiet=True)


def _succeeds(command: list[str], *, seconds: float, quiet: bool = False) -> bool:
    output = subprocess.DEVNULL if quiet else None
    # A connection that does not come is given up soon; a slow one may take its time.
    environment = os.environ | {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "10000", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        return not subprocess.run(
            command, stdout=output, stderr=output, timeout=seconds, env=environment, check=False
        ).returncode
    except (OSError, subprocess.TimeoutExpired):
        return False


def _install() -> str | None:
    """Return the path of a browser just installed: Playwright's own, else, as root, the system's package."""
    print("Fetching Playwright's Chromium …", flush=True)
    _succeeds([sys.executable, "-m", "playwright", "install", "chromium"], seconds=600)
    if path := find_browser():
        return path
    apt_get = shutil.which("apt-get")
    if apt_get and hasattr(os, "geteuid") and os.geteuid() == 0:
        print("Installing the system's chromium …", flush=True)
        _succeeds([apt_get, "update"], seconds=180)
        _succeeds([apt_get, "install", "-y", "--no-install-recommends", "chromium"], seconds=600)
    return find_browser()


def main() -> int:
    """Make sure there is a browser; return 1, having said what to do, if there is none."""
    path = find_browser()
    if not path and "ATTENTION_BROWSER" not in os.environ:
        path = _install()
    if not path:
        print(WAY_OUT, file=sys.stderr)
        return 1
    print(f"Browser for the tests: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
