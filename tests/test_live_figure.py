"""The bridge to the live figure: what goes to the browser, what may come back, and where plotly.js is served from."""

from __future__ import annotations

import gzip
import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from attention.texts import LANGUAGES
from attention.ui.live_figure import CellClick, Click, PointClick, drawing_of, read_click, safe_file_name
from attention.ui.live_figure.plotly_js import published_plotly_js


def figure() -> go.Figure:
    """One head (3 × 3), a mosaic of 4 heads (2 × 2), three bars, and a trace that cannot be walked."""
    return go.Figure(
        [
            go.Heatmap(z=np.eye(3), meta={"role": "cells", "n": 3, "head": 7}),
            go.Heatmap(
                z=np.eye(5), meta={"role": "cells", "n": 2, "heads": 4, "columns": 2, "gap": 1, "part": "heads"}
            ),
            go.Bar(x=[0, 1, 2], y=[1, 2, 3], meta={"role": "points", "part": "row"}),
            go.Scatter(x=[0], y=[0]),
        ]
    )


@pytest.mark.parametrize(
    ("sent", "click"),
    [
        ({"trace": 0, "head": 0, "row": 2, "column": 1}, CellClick("cells", 7, 2, 1)),
        ({"trace": 1, "head": 3, "row": 0, "column": 1}, CellClick("heads", 3, 0, 1)),
        ({"trace": 2, "point": 2}, PointClick("row", 2)),
    ],
)
def test_a_choice_names_its_part_and_its_place(sent: dict[str, int], click: Click) -> None:
    assert read_click(sent, figure()) == click


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "0",
        {"trace": 0},
        {"trace": 0, "head": 0, "row": 3, "column": 0},
        {"trace": 0, "head": 1, "row": 0, "column": 0},
        {"trace": 1, "head": 4, "row": 0, "column": 0},
        {"trace": 1, "head": 0, "row": 0, "column": -1},
        {"trace": 9, "head": 0, "row": 0, "column": 0},
        {"trace": -1, "head": 0, "row": 0, "column": 0},
        {"trace": 2, "head": 0, "row": 0, "column": 0},
        {"trace": 2, "point": 3},
        {"trace": 3, "point": 0},
        {"trace": 0, "head": 0, "row": "2", "column": 0},
    ],
)
def test_a_choice_the_figure_does_not_hold_is_no_choice(sent: object) -> None:
    assert read_click(sent, figure()) is None


json_values = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5)


@given(st.dictionaries(st.sampled_from(["trace", "head", "row", "column", "point"]), json_values))
def test_whatever_a_browser_sends_is_a_choice_inside_the_figure_or_nothing(sent: dict[str, object]) -> None:
    match read_click(sent, figure()):
        case CellClick(part, _, row, column):
            size = {"cells": 3, "heads": 2}[part]
            assert 0 <= row < size
            assert 0 <= column < size
        case PointClick(_, point):
            assert 0 <= point < 3
        case nothing:
            assert nothing is None


@given(st.text())
def test_a_file_name_is_plain_short_and_never_empty(name: str) -> None:
    safe = safe_file_name(name)
    assert safe.isascii()
    assert 0 < len(safe) <= 60
    assert safe.replace("-", "a").isalnum()


def test_a_file_name_keeps_its_letters_without_their_accents() -> None:
    assert safe_file_name("Atenção: cabeça 3 / “gato”") == "Atencao-cabeca-3-gato"


def test_the_published_script_is_the_installed_one_compressed(tmp_path: Path) -> None:
    name = published_plotly_js(tmp_path / "static")
    served = gzip.decompress((tmp_path / "static" / name).read_bytes())
    assert served == files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    assert [path.name for path in (tmp_path / "static").iterdir()] == [name]


def test_a_script_already_published_is_left_alone(tmp_path: Path) -> None:
    name = published_plotly_js(tmp_path / "one")
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / name).write_bytes(b"as prepared by an installer")
    assert published_plotly_js(tmp_path / "two") == name
    assert (tmp_path / "two" / name).read_bytes() == b"as prepared by an installer"


def test_a_folder_that_cannot_be_written_is_logged_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert published_plotly_js(tmp_path / "file").endswith(".js.gz")
    assert "cannot be written" in caplog.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_browser_is_sent_the_figure_its_description_and_its_words(language: str) -> None:
    app = AppTest.from_file(str(Path(__file__).parent / "browser" / "apps" / "two_states.py"), default_timeout=30).run()
    assert not app.exception
    messages = [json.loads(element.proto.bytes) for element in app.get("bidi_component")]
    assert messages.pop(0)["plotlyJs"].endswith(".js.gz")  # to be loaded before anything else
    message = messages[{"pt-BR": 0, "en": 1}[language]]
    assert message["figure"]["data"][0]["meta"]["role"] == {"pt-BR": "cells", "en": "points"}[language]
    assert message["frame"]["alt"] == {"pt-BR": "Três cabeças", "en": "Barras"}[language]
    assert (
        message["frame"]["texts"]["loading"]
        == {"pt-BR": "Preparando o desenho…", "en": "Preparing the figure…"}[language]
    )


def test_a_drawing_is_sent_as_its_figure_is_and_is_not_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    shared, as_json = drawing_of(figure()), figure().to_json()

    def never(_: go.Figure) -> str:
        raise AssertionError

    monkeypatch.setattr(go.Figure, "to_json", never)

    def page(figures: list[object]) -> None:  # its source runs alone, where go is not known
        from attention.ui.live_figure import live_figure

        for place, shown in enumerate(figures):
            live_figure(shown, key=str(place), alt="", language="en", narrow=shown)

    app = AppTest.from_function(page, args=([shared, shared],), default_timeout=30).run().run()
    assert not app.exception
    sent = [json.loads(element.proto.bytes) for element in app.get("bidi_component")]
    assert [(one["figure"], one["narrow"]) for one in sent] == [(json.loads(as_json),) * 2] * 2


CELLS = st.integers(-2, 30)


@given(
    st.one_of(
        st.fixed_dictionaries({"trace": CELLS, "head": CELLS, "row": CELLS, "column": CELLS}),
        st.fixed_dictionaries({"trace": CELLS, "point": CELLS}),
    )
)
def test_a_click_means_the_same_in_a_figure_and_in_its_drawing(sent: dict[str, int]) -> None:
    assert read_click(sent, drawing_of(figure())) == read_click(sent, figure())
