"""Opening a page of the lesson without a browser: its words, its figures, its guess."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from attention.ui.chapter.contents import lesson_named

APP = Path(__file__).parents[2] / "app.py"


def visit(name: str, *, guessed: object = None, **address: str) -> AppTest:
    """Open the page called `name` at an address; with `guessed`, as a reader who skipped or made that guess.

    `guessed` is a pair of subject and choice; a subject that is not the page's own counts as a guess about another one.
    """
    app = AppTest.from_file(str(APP), default_timeout=60)
    for slug, value in address.items():
        app.query_params[slug] = value
    if guessed is not None:
        app.session_state[f"guess_of_{name}"] = guessed
        app.session_state[f"guess_of_{name}_alike"] = guessed  # the second guess of the page that has two
    app.switch_page(lesson_named(name).script)
    return run(app)


SKIPPED = ("about something else", None)


def run(app: AppTest) -> AppTest:
    """Run the script again, and see that it came to its end."""
    app.run()
    assert not app.exception
    return app


def keys(app: AppTest) -> list[str]:
    """Return the keys of the live figures on the page, in order."""
    others = {"live_figure_preload", "share", "stage"}  # components that are no figures
    return [element.key or "" for element in app.get("bidi_component") if element.key not in others]


def figure(app: AppTest, key: str) -> dict[str, Any]:
    """Return the figure that the live figure called `key` was given."""
    (live,) = (element for element in app.get("bidi_component") if element.key == key)
    drawn: dict[str, Any] = json.loads(live.proto.bytes)["figure"]
    return drawn


def prose(app: AppTest) -> str:
    """Return all the Markdown of the page, what was escaped in it as it is read."""
    written = "\n".join(element.value for element in [*app.markdown, *app.caption, *app.header])
    return written.replace("\\", "")
