"""A file for a session of another replica: refused in a way that lets a proxy ask the next one."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import get_instance

UPLOAD = re.compile(r"/_stcore/upload_file/(?P<session>[^/]+)/[^/]+$")


class Uploads:
    """ASGI middleware that says 404 for a file whose session is not here, where Streamlit says 400.

    A session lives in one process. Once a replica is back, its readers' cookies lead to it again, while their open
    pages still speak to the one that stood in. A proxy can try another on a 404; a 400 may be the file's own fault.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back."""
        asked = UPLOAD.search(scope["path"]) if scope["type"] == "http" else None

        async def answer(message: Message) -> None:
            refused = message["type"] == "http.response.start" and message["status"] == 400
            if asked and refused and not get_instance().is_active_session(asked["session"]):
                message = {**message, "status": 404}
            await send(message)

        await self.app(scope, receive, answer if asked else send)
