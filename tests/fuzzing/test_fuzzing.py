"""Hostile texts, settings and links break nothing: a few hundred cases here, as many as you like with `make fuzz`."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from attention.config import AttentionConfig
from attention.exports import row_csv
from attention.sources import trace_random
from attention.tokens import tokenize
from attention.ui.share import shared_link
from attention.ui.share.files import write_state
from attention.views import view_tokens
from scripts.live_app import ROOT
from tests.figures.samples import sample_view
from tests.fuzzing import checks
from tests.fuzzing.cases import FRAGMENTS, LONGEST, draw_case
from tests.fuzzing.checks import (
    alone,
    check,
    check_drawing,
    check_handout,
    check_html,
    check_layer,
    check_npz,
    check_shared_link,
    check_state_file,
    check_text_cell,
    check_tokens,
    check_weights_csv,
    drawings_of,
)

SEED, CASES, PARTS = 7, 300, 12
CONFIG = AttentionConfig(n_heads=2, d_model=4)


@pytest.mark.parametrize("number", range(CASES))
def test_a_hostile_case_breaks_nothing(number: int) -> None:
    check(draw_case(SEED, number))


@pytest.mark.parametrize("part", range(PARTS))
def test_every_fragment_is_a_harmless_label_in_every_figure(part: int) -> None:
    case = draw_case(SEED, part)
    labels = tuple(label for label in FRAGMENTS[part::PARTS] for label in tokenize(f"x {label}").word_labels[1:])
    layer = trace_random(tokenize("a " * len(labels)), CONFIG).layers[0]
    view = sample_view(labels, heads=2)
    harmless = replace(view, labels=tuple("x" * len(label) for label in labels))
    for draw in drawings_of(view, layer, case).values():
        check_drawing(draw(view), draw(harmless))


def test_a_case_is_the_same_on_every_machine_and_says_how_to_run_it_again() -> None:
    assert draw_case(3, 14) == draw_case(3, 14)
    assert draw_case(3, 14) != draw_case(3, 15)
    assert "--seed 3 --case 14" in str(draw_case(3, 14))


def test_the_cases_reach_what_they_are_meant_to_reach() -> None:
    cases = [draw_case(SEED, number) for number in range(2000)]
    texts = [case.text for case in cases]
    assert all(any(fragment in text for text in texts) for fragment in FRAGMENTS)
    assert any(len(text) == LONGEST for text in texts)
    assert any(not text.strip() for text in texts)
    assert len({case.encoding for case in cases}) == 4


def test_a_case_that_fails_is_printed_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(checks, "check_address", fail)
    with pytest.raises(AssertionError) as failed:
        check(draw_case(3, 14))
    assert "--seed 3 --case 14" in failed.value.__notes__[0]


def test_the_script_runs_cases_and_counts_them() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "scripts.fuzz", "--cases", "5", "--seed", "11"],
        cwd=ROOT, check=False, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert said.returncode == 0, said.stdout
    assert "seed 11" in said.stdout
    assert "5 cases, 0 failed" in said.stdout


# --- The checks see what they are there for --------------------------------------------------------------------------


@pytest.mark.parametrize("planted", ["<b>x</b>", "%{z}", "$x$", "a & b", "\x07"])
def test_live_markup_is_seen(planted: str) -> None:
    figure, harmless = (go.Figure(go.Bar(x=[1], y=[0], hovertemplate=label)) for label in (planted, "x" * len(planted)))
    with pytest.raises(AssertionError):
        check_drawing(figure, harmless)


@pytest.mark.parametrize(
    "figure",
    [
        go.Figure(go.Bar(x=[1], y=[0], text=["nan%"])),
        go.Figure(go.Bar(x=np.array([np.nan, 1.0]), y=[0, 1])),
        go.Figure(go.Bar(x=[float("inf")], y=[0])),
        go.Figure(layout={"xaxis": {"range": [0, float("nan")]}}),
    ],
)
def test_a_number_that_is_none_is_seen(figure: go.Figure) -> None:
    with pytest.raises(AssertionError):
        check_drawing(figure, figure)


def test_wrong_numbers_and_wrong_tokens_are_seen() -> None:
    trace = trace_random(tokenize("O gato"), CONFIG)
    layer = trace.layers[0]
    with pytest.raises(AssertionError):
        check_layer(replace(layer, weights=np.full_like(layer.weights, 0.5)), CONFIG)
    with pytest.raises(AssertionError):
        check_layer(replace(layer, output=np.full_like(layer.output, np.nan)), CONFIG)
    with pytest.raises(AssertionError):
        check_tokens(replace(trace.tokens, labels=("a\x00", *trace.tokens.labels[1:])))
    with pytest.raises(AssertionError):
        check_tokens(replace(trace.tokens, text="O rato"))


def test_formulas_scripts_and_pickles_are_seen() -> None:
    trace = trace_random(tokenize("O gato"), CONFIG)
    with pytest.raises(AssertionError):
        check_text_cell("=1+1", "=1+1")
    with pytest.raises(AssertionError):
        check_html("<html><script>alert(1)</script></html>")
    with pytest.raises(ValueError, match="pickle"):
        check_npz(pickled(), trace)


def test_tags_on_the_printed_page_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = trace_random(tokenize("O <b>gato</b>"), CONFIG)
    view, case = view_tokens(trace.layers[0], trace.tokens), draw_case(SEED, 0)
    check_handout(view, 0, 1, trace, CONFIG, case)
    monkeypatch.setattr("attention.html_pages.escape", str)
    with pytest.raises(AssertionError):
        check_handout(view, 0, 1, trace, CONFIG, case)


def test_the_wrong_row_of_a_csv_is_seen() -> None:
    trace = trace_random(tokenize("O gato miou"), CONFIG)
    view = view_tokens(trace.layers[0], trace.tokens)
    for row, wrong in ((1, 2), (2, 1)):
        content = row_csv(alone(view, 1), 1, row)
        check_weights_csv(content, view, 1, [row], None)
        with pytest.raises(AssertionError):
            check_weights_csv(content, view, 1, [wrong], None)
        with pytest.raises(AssertionError):
            check_weights_csv(content, view, 0, [row], None)


def test_a_file_or_a_link_that_does_not_lead_back_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    case = draw_case(SEED, 0)
    check_state_file(case)
    check_shared_link(case.address)
    with monkeypatch.context() as patched:
        patched.setattr(checks, "write_state", lambda now, page: write_state(replace(now, row=now.row + 1), page))
        with pytest.raises(AssertionError):
            check_state_file(case)
    with monkeypatch.context() as patched:
        patched.setattr(checks, "shared_link", lambda url, now: shared_link(url, replace(now, row=now.row + 1)))
        with pytest.raises(AssertionError):
            check_shared_link(case.address)
    monkeypatch.setattr(checks, "qr_code", lambda _: "<svg viewBox='0 0 9 9'><script/></svg>")
    with pytest.raises(AssertionError):
        check_shared_link(case.address)


def pickled() -> bytes:
    """Return a file of NumPy with an object in it, which only pickle could read."""
    import io

    file = io.BytesIO()
    np.savez(file, about=np.array([object()], dtype=object))
    return file.getvalue()
