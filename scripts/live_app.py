"""A served app and a real browser, for the tests, the benchmarks and the screenshots."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from scripts.ensure_browser import WAY_OUT, find_browser

ROOT = Path(__file__).parent.parent
FLAGS = ("--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync")
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Yield a real, headless browser; raise RuntimeError saying what to install when there is none."""
    path = find_browser()
    if path is None:
        raise RuntimeError(WAY_OUT)
    root = hasattr(os, "geteuid") and os.geteuid() == 0  # Chromium refuses its sandbox to root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *(["--no-sandbox"] if root else [])])
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True, slots=True)
class Served:
    """A server of ours that runs: where it answers, and its process."""

    address: str
    process: subprocess.Popen[bytes]


@contextmanager
def running_app(script: Path, *options: str, patience: float = 90, wait: bool = True) -> Iterator[str]:
    """Serve a Streamlit script from a process of its own and yield its address; see `running_process`."""
    with running_process(script, *options, patience=patience, wait=wait) as served:
        yield served.address


@contextmanager
def running_process(
    script: Path,
    *options: str,
    port: int | None = None,
    environment: Mapping[str, str] | None = None,
    patience: float = 90,
    wait: bool = True,
) -> Iterator[Served]:
    """Serve a Streamlit script from a process of its own and yield it once it answers.

    The project's production settings hold; `options` are further flags of `streamlit run`, `environment` further
    variables; without a `port` it gets a free one. With `wait=False` it is yielded at once. Raises RuntimeError, with
    what the server wrote, when it does not answer within `patience` seconds.
    """
    port = port or free_port()
    flags = ("--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true", *options)
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(script), *flags],
            cwd=ROOT,  # where .streamlit/config.toml is
            env=os.environ | {"PYTHONPATH": str(ROOT)} | dict(environment or {}),
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        try:
            if wait and not _answers(port, process, patience):
                log.seek(0)
                raise RuntimeError(f"{script} does not answer:\n{log.read().decode(errors='replace')}")
            yield Served(f"http://127.0.0.1:{port}", process)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int, process: subprocess.Popen[bytes], patience: float) -> bool:
    end = time.monotonic() + patience
    while time.monotonic() < end and process.poll() is None:
        try:
            # Any answer will do: under a sub-path the root itself is not found.
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5):
                return True
        except urllib.error.HTTPError as answer:
            answer.close()
            return True
        except OSError:
            time.sleep(0.1)
    return False


def wait_idle(page: Page, patience: float = 60) -> None:
    """Wait until Streamlit's script has run to its end."""
    page.locator(IDLE).wait_for(state="attached", timeout=patience * 1000)
