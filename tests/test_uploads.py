"""A file for a session that is not here is asked of the next replica; every other refusal stays what it is."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from starlette.types import Message, Receive, Scope, Send

from attention.ui import uploads
from attention.ui.uploads import Uploads

HERE = "0b0e"


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/_stcore/upload_file/elsewhere/1", 400, 404),
        ("/aula/_stcore/upload_file/elsewhere/1", 400, 404),
        ("/_stcore/upload_file/elsewhere/1", 403, 403),
        ("/_stcore/upload_file/elsewhere/1", 413, 413),
        (f"/_stcore/upload_file/{HERE}/1", 400, 400),  # a file's own fault
        (f"/_stcore/upload_file/{HERE}/1", 204, 204),
        ("/_stcore/host-config", 400, 400),
        ("/explorar", 400, 400),
    ],
)
def test_only_a_session_that_is_not_here_is_looked_for_elsewhere(
    monkeypatch: pytest.MonkeyPatch, path: str, status: int, told: int
) -> None:
    runtime = SimpleNamespace(is_active_session=lambda session: session == HERE)
    monkeypatch.setattr(uploads, "get_instance", lambda: runtime)
    sent: list[Message] = []

    async def streamlit(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"why"})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def ask() -> None:
        await Uploads(streamlit)({"type": "http", "path": path}, receive, send)

    with ThreadPoolExecutor() as thread:  # the browser's tests may have left a loop running in this one
        thread.submit(lambda: asyncio.run(ask())).result()
    assert [message.get("status", message.get("body")) for message in sent] == [told, b"why"]
