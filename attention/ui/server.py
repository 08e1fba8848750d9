"""What happens once, when the server starts and before its first visitor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from streamlit.cli_util import open_browser
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.server.server_util import get_url

from attention.ui.cache import warm_up
from attention.ui.readiness import warms_first


@asynccontextmanager
async def server_starts(_: st.App) -> AsyncIterator[None]:
    """Make the first visit like every other, warm up if told to, and open a browser where there is a display.

    Until `st.navigation` has run once in the process, Streamlit takes a folder called pages/ for its older kind of
    pages, and tells who asks for /treinar first that there is no such page. `streamlit run` opens a browser for a
    script, but leaves that to a server that is named in it.
    """
    if warms_first():
        warm_up(0.0)
    PagesManager.uses_pages_directory = False  # as st.navigation does
    if not st.get_option("server.headless"):
        address = get_url(st.get_option("browser.serverAddress"))
        asyncio.get_running_loop().call_soon(open_browser, address)
    yield
