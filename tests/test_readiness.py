"""Alive is not ready: a process behind a proxy lets nobody in before everything is loaded."""

from __future__ import annotations

import http.client
import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from attention.ui.readiness import ALIVE_PATH, READY_PATH, WARM_FIRST
from scripts.live_app import ROOT, Served, running_process, wait_idle

# Python runs a `sitecustomize` it finds before anything else: this one lets nobody import torch until a file is there.
HOLD_TORCH = """
import os, sys, time

class Hold:
    def find_spec(self, name, path=None, target=None):
        while name == "torch" and not os.path.exists(os.environ["TORCH_MAY_COME"]):
            time.sleep(0.05)

sys.meta_path.insert(0, Hold())
"""
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture
def torch_may_come(tmp_path: Path) -> Path:
    """The file that torch waits for."""
    (tmp_path / "sitecustomize.py").write_text(HOLD_TORCH, encoding="utf-8")
    return tmp_path / "torch-may-come"


@pytest.fixture
def warms_first(torch_may_come: Path) -> Iterator[Served]:
    """A process as it runs behind a proxy, held where it would import torch."""
    path = os.pathsep.join([str(torch_may_come.parent), str(ROOT)])
    environment = {WARM_FIRST: "1", "TORCH_MAY_COME": str(torch_may_come), "PYTHONPATH": path}
    with running_process(ROOT / "app.py", environment=environment) as served:
        try:
            yield served
        finally:
            torch_may_come.touch()  # a thread that waits for torch would keep the process


def test_until_all_is_loaded_a_process_is_alive_and_not_ready_and_refuses_visitors(
    warms_first: Served, torch_may_come: Path
) -> None:
    assert status(warms_first, ALIVE_PATH) == 200
    assert status(warms_first, READY_PATH) == 503
    for path in ("/", "/treinar", "/_stcore/host-config", "/_stcore/stream"):
        assert status(warms_first, path) == 503
    assert status(warms_first, "/_stcore/stream", HANDSHAKE) == 503

    torch_may_come.touch()
    wait_ready(warms_first)
    assert status(warms_first, ALIVE_PATH) == 200
    for path in ("/", "/treinar", "/_stcore/host-config"):
        assert status(warms_first, path) == 200
    assert status(warms_first, "/_stcore/stream", HANDSHAKE) == 101


def test_on_a_laptop_the_first_page_comes_before_torch(torch_may_come: Path, browser: Browser) -> None:
    path = os.pathsep.join([str(torch_may_come.parent), str(ROOT)])
    environment = {"TORCH_MAY_COME": str(torch_may_come), "PYTHONPATH": path}
    with running_process(ROOT / "app.py", environment=environment) as served:
        try:
            page = browser.new_page()
            page.goto(served.address)
            wait_idle(page)
            assert page.get_by_test_id("stException").count() == 0
            page.close()
            assert status(served, READY_PATH) == 503
        finally:
            torch_may_come.touch()
        wait_ready(served)  # it warms up behind its first page


def test_readiness_is_asked_for_under_the_server_s_own_path(torch_may_come: Path) -> None:
    torch_may_come.touch()
    with running_process(ROOT / "app.py", "--server.baseUrlPath", "aula", environment={WARM_FIRST: "1"}) as served:
        wait_ready(served, f"/aula{READY_PATH}")
        assert status(served, f"/aula{ALIVE_PATH}") == 200


def status(served: Served, path: str, headers: dict[str, str] | None = None) -> int:
    """Return the status of the answer to one request."""
    connection = http.client.HTTPConnection(urlsplit(served.address).netloc, timeout=30)
    try:
        connection.request("GET", path, headers=headers or {})
        return connection.getresponse().status
    finally:
        connection.close()


def wait_ready(served: Served, path: str = READY_PATH) -> None:
    """Ask until the process says that it is ready."""
    end = time.monotonic() + 120
    while status(served, path) != 200:
        assert time.monotonic() < end, "never ready"
        time.sleep(0.1)
