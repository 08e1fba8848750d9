"""Nothing leaves the machine: the app and the command line work while every outgoing connection is refused."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from attention.ui.state import MODELS
from scripts.live_app import free_port, wait_idle
from tests.places import every_place

ROOT = Path(__file__).parent.parent

# Python runs a `sitecustomize` it finds before anything else. This one listens to the interpreter's own audit events,
# which every socket raises, writes down who asks for another machine, and refuses.
GUARD = """
import os, socket, sys

NOBODY = "192.0.2.1"  # an address reserved for documentation
HERE = ("", "localhost", "127.0.0.1", "::1", "0.0.0.0", "::", None)

def refuse(event, details):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = details[1]
        host = address[0] if isinstance(address, tuple) else ""  # a path is a socket of this machine
        if event == "socket.connect" and host == NOBODY and details[0].type == socket.SOCK_DGRAM:
            return  # asks this machine which way out it has; a datagram's connect sends nothing
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = details[0]
    else:
        return
    if (host.decode() if isinstance(host, bytes) else host) not in HERE:
        with open(os.environ["ATTEMPTS"], "a") as attempts:
            attempts.write(f"{event} {host}\\n")
        raise ConnectionRefusedError(f"outgoing connection to {host}")

sys.addaudithook(refuse)
"""

EVERY_PLACE = """
import sys

from streamlit.testing.v1 import AppTest

from tests.places import every_place

for place in every_place():
    app = AppTest.from_file("app.py", default_timeout=120)
    app.query_params["model"] = sys.argv[1]
    app.query_params["text"] = "A pipa subiu e o menino sorriu"
    app.query_params["more"] = "1"
    app.query_params["tab"] = "downloads"
    app.query_params.update(place.query)
    app.run()
    app.switch_page(place.script).run()
    assert not app.exception, (str(place), app.exception)
    assert app.title, str(place)
    skip = [button for button in app.button if button.key and button.key.endswith("_guess_skip")]
    if skip:
        skip[0].click().run()
        assert not app.exception, (str(place), app.exception)
    print(place)
"""


class Guard:
    """A place where programs run without a way out, and the list of who tried."""

    def __init__(self, folder: Path) -> None:
        (folder / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
        self.attempts_file = folder / "attempts.txt"
        # A home of its own, so that nothing a former run left behind (a vocabulary, a setting) can help.
        home = {"HOME": str(folder), "USERPROFILE": str(folder), "TIKTOKEN_CACHE_DIR": str(folder)}
        self.environment = os.environ | home | {"PYTHONPATH": str(folder), "ATTEMPTS": str(self.attempts_file)}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python with `arguments` to its end."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=240,
        )

    @property
    def attempts(self) -> str:
        """Return who asked for another machine, a line each."""
        return self.attempts_file.read_text(encoding="utf-8") if self.attempts_file.exists() else ""


@pytest.fixture
def guard(tmp_path: Path) -> Guard:
    return Guard(tmp_path)


def test_the_guard_refuses_and_tells(guard: Guard) -> None:
    asked = guard.run("-c", "import urllib.request; urllib.request.urlopen('http://192.0.2.1', timeout=5)")
    assert asked.returncode != 0
    assert "192.0.2.1" in guard.attempts


@pytest.mark.parametrize("format_", ["text", "json", "csv", "vectors-csv", "html"])
def test_the_command_line_works_offline(guard: Guard, format_: str) -> None:
    said = guard.run("-m", "attention", "O gato que estava no telhado miou", "--format", format_)
    assert (said.returncode, said.stderr, guard.attempts) == (0, "", "")
    assert "gato" in said.stdout


@pytest.mark.parametrize("model", MODELS)
def test_every_page_works_offline(guard: Guard, model: str) -> None:
    ran = guard.run("-c", EVERY_PLACE, model)
    assert (ran.returncode, guard.attempts) == (0, ""), ran.stderr
    assert ran.stdout.splitlines() == [str(place) for place in every_place()]


def test_the_server_answers_a_browser_offline(guard: Guard, browser: Browser) -> None:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", "--server.headless=true"],
        cwd=ROOT,
        env=guard.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert status(f"http://127.0.0.1:{port}/_stcore/health", seconds=60) == 200
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{port}/")
        wait_idle(page)
        assert page.get_by_test_id("stException").count() == 0
        page.close()
    finally:
        server.terminate()
        server.wait(timeout=30)
    assert guard.attempts == ""


def status(url: str, *, seconds: float) -> int:
    """Return the HTTP status of `url`, asking again until it answers or `seconds` have passed."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own server, over plain HTTP
                code: int = answer.status
                return code
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
