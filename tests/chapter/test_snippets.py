"""The code of the focused row, pasted into a fresh Python, prints the numbers that the core computed."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from attention.config import MASK_MODES, AttentionConfig
from attention.lesson_model.source import trace_lesson
from attention.notebooks import code, install_cell, map_cell, notebook, prose
from attention.snippets import Snippet, row_snippet
from attention.sources import trace_random
from attention.texts import LANGUAGES, Language
from attention.tokens import tokenize
from tests.chapter.running import executed, imports_of, outputs_of, printed_by, read_notebook

SENTENCES = ("O gato que estava no telhado miou", 'a "aspas" \\ <b>\n{x} %{z} 👨‍👩‍👧', "A")
CONFIGS = (
    AttentionConfig(),
    AttentionConfig(causal=False, scaled=False),
    AttentionConfig(dropout=0.5, dropout_seed=3),
    *(AttentionConfig(mask_mode=mode) for mode in MASK_MODES[1:]),
)


@pytest.mark.parametrize("text", SENTENCES)
def test_what_a_row_prints_are_the_weights_and_context_of_the_core(text: str, tmp_path: Path) -> None:
    for number, (config, trained) in enumerate(product(CONFIGS, (False, True))):
        trace = trace_lesson(text, config) if trained else trace_random(tokenize(text), config)
        layer, labels = trace.layers[-1], trace.tokens.labels
        row = len(labels) - 1
        snippet = row_snippet(layer, config, head=number % 4, row=row, labels=labels, language="pt-BR")
        shares = [line.rpartition(": ")[2] for line in snippet.prints.splitlines()[:-1]]
        assert shares == [f"{weight:.1%}" for weight in layer.dropped_weights[0, number % 4, row].tolist()]
        assert imports_of(snippet.code) == {"torch"}
        assert printed_by(snippet, tmp_path) == snippet.prints


def test_a_wrong_number_in_the_code_prints_something_else(tmp_path: Path) -> None:
    layer = trace_lesson(SENTENCES[0]).layers[1]
    labels = tuple("abcdefgh")
    snippet = row_snippet(layer, AttentionConfig(), 3, 7, labels, "en")
    unscaled = snippet.code.replace("query.shape[-1] ** 0.5", "query.shape[-1]")
    assert printed_by(Snippet(unscaled, ""), tmp_path) != snippet.prints


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("scaled", [True, False])
def test_the_notebook_s_map_is_that_of_the_layer(*, causal: bool, scaled: bool, tmp_path: Path) -> None:
    layer = trace_lesson(SENTENCES[0], AttentionConfig(causal=causal, scaled=scaled)).layers[1]
    ran = executed(notebook([map_cell(layer, 3, tuple("abcdefgh"), "en")], "en"), tmp_path)
    drawn = ran.cells[0].outputs[0].data["application/vnd.plotly.v1+json"]["data"][0]
    assert np.allclose(drawn["z"], layer.weights[0, 3], atol=1e-5)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notebook_runs_from_top_to_bottom_with_torch_and_plotly_alone(language: Language, tmp_path: Path) -> None:
    trace = trace_lesson(SENTENCES[1])
    layer, labels = trace.layers[1], trace.tokens.labels
    snippet = row_snippet(layer, AttentionConfig(), 3, 2, labels, language)
    cells = [
        prose(":material/help: **a**"),
        install_cell(language),
        map_cell(layer, 3, labels, language),
        code(snippet),
    ]
    written = notebook(cells, language)
    read = read_notebook(written)
    assert read.cells[0].source == "**a**"
    assert imports_of("\n".join(cell.source for cell in read.cells if cell.cell_type == "code")) == {"torch", "plotly"}
    ran = executed(written, tmp_path)
    assert outputs_of(ran) == snippet.prints
    drawn = ran.cells[2].outputs[0].data["application/vnd.plotly.v1+json"]["data"][0]
    assert abs(drawn["z"][2][1] - layer.weights[0, 3, 2, 1]) < 1e-6
