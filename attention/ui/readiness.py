"""Ready told apart from alive: who may visit a process that is still loading torch and the lesson model.

`/_stcore/health` is Streamlit's own and answers as soon as the server listens: the process is alive. `/ready` answers
200 once a visitor would wait for nothing, and 503 until then. A process told to warm up first also refuses every other
request until then, so that a proxy which only looks at answers goes to another one.
"""

from __future__ import annotations

import os

import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from attention.ui.cache import is_warm

WARM_FIRST = "ATTENTION_WARM_FIRST"  # set to 1 behind a proxy; unset, a process warms up soon after its first visit
READY_PATH, ALIVE_PATH = "/ready", "/_stcore/health"


def warms_first() -> bool:
    """Say whether this process loads everything before its first visitor."""
    return os.environ.get(WARM_FIRST) == "1"


class Readiness:
    """ASGI middleware that answers `/ready`, and refuses visitors who would come too early."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.refuses = warms_first()
        base = st.get_option("server.baseUrlPath").strip("/")
        self.root = f"/{base}" if base else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or pass it on; what is no request (the server's start and end) is passed on."""
        path = scope.get("path", "").removeprefix(self.root)
        if scope["type"] == "http" and path == READY_PATH:
            answer = _answer("ready", 200) if is_warm() else _answer("warming up", 503)
            await answer(scope, receive, send)
        elif scope["type"] in ("http", "websocket") and self.refuses and not is_warm() and path != ALIVE_PATH:
            await _answer("warming up", 503)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _answer(words: str, status: int) -> PlainTextResponse:
    return PlainTextResponse(words, status, headers={"Cache-Control": "no-store", "Retry-After": "2"})
