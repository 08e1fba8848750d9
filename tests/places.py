"""Every page there is, as the router names them, and with them what a page shows another address for."""

from __future__ import annotations

from typing import NamedTuple
from unittest.mock import patch

import app
from attention.texts import Language
from attention.ui.state import SEARCHES, STORIES, TOOLS, WORTHS


class Place(NamedTuple):
    """A page of the router and the state in which it is visited."""

    script: str
    path: str  # empty for the page that opens first
    title: str
    query: dict[str, str]

    def __str__(self) -> str:
        """Return the place as a link names it."""
        return f"{self.path}?{'&'.join(f'{slug}={value}' for slug, value in self.query.items())}"


# What one page shows instead of another view of its own: each is drawn by code of its own.
FURTHER: dict[str, list[dict[str, str]]] = {
    "comparar": [
        *({"tool": tool} for tool in TOOLS[1:]),
        *({"tool": "find", "find": search} for search in SEARCHES[1:]),
        *({"tool": "worth", "worth": worth} for worth in WORTHS[1:]),
    ],
    "treinar": [{"story": story} for story in STORIES[1:]],
}


def every_place(language: Language = "pt-BR") -> list[Place]:
    """Return every page of the router as it opens, and after it what else it can show."""
    places = []
    for page in every_page(language):
        places += [page, *(page._replace(query=query) for query in FURTHER.get(page.path, []))]
    return places


def every_page(language: Language = "pt-BR") -> list[Place]:
    """Return every page of the router, in the order of the menu."""

    def note(script: str, *, title: str, url_path: str, icon: str, default: bool = False) -> Place:
        assert icon
        return Place(script, "" if default else url_path, title, {})

    with patch("streamlit.Page", note):  # a page of Streamlit says nothing of itself outside of a visit
        sections: dict[str, list[Place]] = app.pages(language)  # type: ignore[assignment]
    return [page for section in sections.values() for page in section]
