"""`live_figure`: any plotly figure, mounted once and updated in place, that answers clicks and the keyboard."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.file_util import get_app_static_dir
from streamlit.runtime.scriptrunner import get_script_run_ctx

from attention.figures.labels import isolate
from attention.figures.plot import Plot
from attention.texts import Language, templates
from attention.ui.live_figure.plotly_js import published_plotly_js

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from streamlit.components.v2.types import ComponentRenderer

FILE_NAME = "atencao"  # of a picture that has no name of its own
_NOTE = "note_on_pictures"
_PROGRAM = ("live_figure.js", "byte_maps.js", "pictures.js")


@dataclass(frozen=True, slots=True)
class CellClick:
    """A chosen cell of a heatmap: row = who looks, column = at whom. `head` is None where the figure names none."""

    part: str
    head: int | None
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class PointClick:
    """A chosen bar, marker or word: the position of the point in its trace."""

    part: str
    point: int


Click = CellClick | PointClick


@dataclass(frozen=True, eq=False, slots=True)
class Drawing:
    """A figure as it is sent, and what is needed to understand a click on it: a fraction of a `go.Figure`."""

    json: bytes
    walkable: dict[int, dict[str, Any]]  # by the position of the trace: its meta, where it has a role
    n_points: dict[int, int]  # the same: how many points it has


def drawing_of(figure: go.Figure | Plot) -> Drawing:
    """Return the figure as it is sent."""
    read = ("meta", "x")
    traces = (
        figure.traces
        if isinstance(figure, Plot)
        else [{name: trace[name] for name in read if name in trace} for trace in figure.data]
    )
    metas = {position: trace.get("meta") for position, trace in enumerate(traces)}
    walkable = {
        position: meta
        for position, meta in metas.items()
        if isinstance(meta, dict) and meta.get("role") in ("cells", "points")
    }
    points = {position: traces[position].get("x") for position in walkable}
    return Drawing(
        json=figure.to_json().encode(),
        walkable=walkable,
        n_points={position: len(x) for position, x in points.items() if x is not None},
    )


def live_figure(
    figure: go.Figure | Plot | Drawing,
    *,
    key: str,
    alt: str,
    language: Language,
    narrow: go.Figure | Plot | Drawing | None = None,
    height: int | None = None,
    file_name: str = FILE_NAME,
    note: str | None = None,
    turn: int = 0,
    on_click: Callable[[Click], None] | None = None,
) -> Click | None:
    """Show `figure` and return what the reader has just chosen in it, or None; each choice is returned once.

    A downloaded picture bears `alt` and `note`, which says of which text and where the numbers come from; without one,
    what the page said last with `note_pictures`.

    With the same `key` the drawing stays mounted and changes in place; its zoom is kept while its shape is.
    `alt` says to a screen reader what the figure shows. `narrow` is the same figure (trace by trace) laid out for a
    phone, which the browser shows where there is little room. `height` is in pixels (else the figure's own).
    Figures that change together are drawn one after another, each seen before the next: those of a lower `turn` first,
    then as they stand on the page. A script that shows them in that order too, in containers made before, is sooner
    done with the first. A figure is not changed once it has been shown.

    `on_click` is called before the script runs again, with what the reader saw when choosing. Hovering and moving
    the keyboard's cursor never reach the server.

    What can be walked and clicked; `part`, "cells" or "points" unless `meta["part"]` names it:

    - one head: a heatmap with `meta={"role": "cells", "n": n, "head": head}`, n × n cells;
    - many heads in one heatmap: `meta={"role": "cells", "n": n, "heads": heads, "columns": columns, "gap": gap}`, the
      heads in reading order, `columns` to a line, `gap` empty rows and columns between them;
    - the bars or markers of a bar or scatter trace with `meta={"role": "points"}`.

    - a heatmap of any shape that is only read, with `meta={"role": "grid"}`: the cursor steps over its rows and columns
      that hold no number, and choosing does nothing.
    - bars or markers with `meta={"role": "points", "isolates": side}`: while the pointer or the cursor is on a point,
      scatter traces with `meta={"role": "lines", side: points}` show only their lines of that point; `points` names one
      for each line between gaps.

    A heatmap of one head with `meta={"bytes": True, "sentences": {…}}` beside its role may have more cells than a
    screen has pixels: its bytes (round(255 · weight)) are drawn in blocks, and its sentences told exactly, as in
    `long_head_map`. With `layout.meta={"zooms": True, "whole": [first, last], "focus": [row, column]}` the figure has
    buttons to zoom. With `layout.meta={"least": pixels}` a projector draws it no higher than its screen,
    where that is not lower.

    What is read aloud at the cursor is the hover's sentence: `hovertext` where the trace has it. Where it has none, a
    heatmap on the same axes with `meta={"role": "covers", "sentences": [None, template, …]}` says by its z which
    template is read instead, at cells that hold no number.
    """
    drawing, small = _drawn(figure), narrow and _drawn(narrow)

    def chosen() -> None:
        click = read_click(st.session_state[key].get("clicked"), drawing)
        if click and on_click:
            on_click(click)

    said = st.session_state.get(_NOTE, "") if note is None else note
    frame = {
        "alt": alt,
        "heading": [isolate(line) for line in (alt, said) if line],
        "height": height,
        "turn": turn,
        "fileName": safe_file_name(file_name),
    }
    result = _component()(key=key, data=_message(drawing, small, frame, language), on_clicked_change=chosen)
    return read_click(result.get("clicked"), drawing)


def note_pictures(note: str) -> None:
    """Say what the pictures of this page that are downloaded bear: of which text, and where the numbers come from."""
    st.session_state[_NOTE] = note


def preload() -> None:
    """Let the browser fetch and compile plotly.js while the script still computes; call it before anything slow.

    It takes no room on the page.
    """
    _component()(key="live_figure_preload", data=json.dumps({"plotlyJs": _plotly_js()}).encode())


def read_click(sent: object, figure: go.Figure | Plot | Drawing) -> Click | None:
    """Return what the browser `sent` as a choice in `figure`, or None when the figure holds no such thing.

    A browser may send anything; even an honest one may send a click on a figure that has just changed.
    """
    drawing = _drawn(figure)
    match sent:
        case {"trace": int(trace), "head": int(head), "row": int(row), "column": int(column)}:
            meta = _walkable(drawing, trace, "cells")
            n, heads = meta.get("n", 0), meta.get("heads", 1)
            if 0 <= head < heads and 0 <= row < n and 0 <= column < n:
                return CellClick(meta.get("part", "cells"), head if "heads" in meta else meta.get("head"), row, column)
        case {"trace": int(trace), "point": int(point)}:
            meta = _walkable(drawing, trace, "points")
            if meta and 0 <= point < drawing.n_points.get(trace, 0):
                return PointClick(meta.get("part", "points"), point)
    return None


def _drawn(figure: go.Figure | Plot | Drawing) -> Drawing:
    return figure if isinstance(figure, Drawing) else drawing_of(figure)


def _walkable(drawing: Drawing, trace: int, role: str) -> dict[str, Any]:
    """Return the meta of that trace, or nothing if it does not exist or plays another role."""
    meta = drawing.walkable.get(trace, {})
    return meta if meta.get("role") == role else {}


@cache
def _component() -> ComponentRenderer:
    """Register the component, once: its JavaScript and CSS are the files beside this one."""
    folder = Path(__file__).parent
    return st.components.v2.component(
        "attention.live_figure",
        js=javascript(),
        css=(folder / "live_figure.css").read_text(encoding="utf-8"),
        isolate_styles=False,  # plotly.js puts its style sheet into the page, where a shadow root would not see it
    )


def javascript() -> str:
    """Return the component's program, one module of three files."""
    folder = Path(__file__).parent
    return "".join((folder / name).read_text(encoding="utf-8") for name in _PROGRAM)


def _message(drawing: Drawing, narrow: Drawing | None, frame: dict[str, Any], language: Language) -> bytes:
    """Return what the browser needs, as JSON in bytes: Streamlit would encode a dictionary twice on every run."""
    whole = frame | {"plotlyJs": _plotly_js(), "texts": _texts(language)}
    small = narrow.json if narrow else b"null"
    return b'{"figure":%b,"narrow":%b,"frame":%b}' % (drawing.json, small, json.dumps(whole).encode())


@cache
def _texts(language: Language) -> dict[str, str]:
    """Return what the component itself says."""
    texts = templates(language).items()
    return {key.partition(".")[2]: text for key, text in texts if key.startswith("live_figure.")}


def _plotly_js() -> str:
    """Return the name of the plotly.js that the running app serves; outside of an app there is none."""
    context = get_script_run_ctx()
    return published_plotly_js(Path(get_app_static_dir(context.main_script_path))) if context else ""


def safe_file_name(name: str) -> str:
    """Return `name` in plain letters, digits and hyphens, at most 60 of them: a name for every file system."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:60] or "atencao"
