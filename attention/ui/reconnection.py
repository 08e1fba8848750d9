"""A page whose server went away: what makes it whole again on another one."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

NEVER = timedelta(days=7)  # no page stays open for so long, so the timer itself costs nothing


@st.fragment(run_every=NEVER)
def run_when_reconnected() -> None:
    """Draw nothing, and make the browser ask for a run as soon as it has found a server again.

    Streamlit's browser asks for one on a new connection only if the page has something on a timer. Without it, a page
    taken over by another replica would meet its new session with the reader's next click, which that session, busy
    restoring itself from the address, would lose.
    """
