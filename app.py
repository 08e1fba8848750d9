"""Atenção ao Vivo: the router and the frame. Each page is one idea in `pages/`.

`streamlit run app.py` imports this file once, for the server it names `app`, and runs it as a script at every visit.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: two threads on small maps only wait

import streamlit as st
from starlette.middleware import Middleware
from streamlit.navigation.page import StreamlitPage

from attention.errors import AttentionError
from attention.texts import Language, text
from attention.ui import state
from attention.ui.cache import warm_up
from attention.ui.chapter.contents import LESSONS
from attention.ui.errors import show_error
from attention.ui.live_figure import preload
from attention.ui.readiness import Readiness
from attention.ui.reconnection import run_when_reconnected
from attention.ui.server import server_starts
from attention.ui.stage import keys_button, set_stage
from attention.ui.uploads import Uploads


def pages(language: Language) -> dict[str, list[StreamlitPage]]:
    """Return every page by its section of the menu, in order."""
    return {
        "": [
            st.Page(
                "pages/explore.py",
                title=text("explore.title", language),
                icon=":material/grid_view:",
                url_path="explorar",
                default=True,
            ),
            st.Page(
                "pages/compare.py",
                title=text("compare.title", language),
                icon=":material/compare:",
                url_path="comparar",
            ),
        ],
        text("chapter.name", language): [
            st.Page(
                lesson.script,
                title=f"{number}. {text(f'{lesson.name}.title', language)}",
                icon=lesson.icon,
                url_path=lesson.url_path,
            )
            for number, lesson in enumerate(LESSONS, start=1)
        ],
        text("frame.about", language): [
            st.Page(
                "pages/lesson_model.py",
                title=text("lesson_model.title", language),
                icon=":material/fact_check:",
                url_path="modelo",
            )
        ],
    }


def visit() -> None:
    """Draw the frame and in it the page that was asked for."""
    state.restore()
    language = state.current().language
    st.set_page_config(page_icon="attention/ui/icon.png", layout="wide")
    preload()
    run_when_reconnected()
    there = pages(language)
    page = st.navigation(there, position="top")  # a side bar would take a third of a small screen
    by_address = {other.url_path: other for section in there.values() for other in section}
    asked = st.session_state.pop("go_to", None)  # by a key, or a saved file that was opened
    if asked in by_address and asked != page.url_path:
        st.switch_page(by_address[asked])
    st.set_page_config(page_title=f"{page.title} · {text('frame.name', language)}")
    set_stage(tuple(by_address), page.url_path)
    try:
        page.run()
    except AttentionError as error:  # such as a damaged file of the model, which says how to mend it
        show_error(error, language)
    except Exception:
        st.error(text("errors.unexpected", language), icon=":material/error:")
        raise  # the log has all of it; what Streamlit shows of it to a visitor is in .streamlit/config.toml
    finally:  # also where a page stops early, with a message
        state.publish()
        warm_up()
        keys_button(language)


if __name__ == "__main__":
    visit()
else:
    app = st.App(__file__, lifespan=server_starts, middleware=[Middleware(Readiness), Middleware(Uploads)])
