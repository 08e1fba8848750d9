"""The page on the Transformer's block says what the network computes, part by part."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import gelu, layer_norm

from attention import figures
from attention.anatomy import dissect_lesson, dissect_random
from attention.blocks import PARTS
from attention.config import AttentionConfig
from attention.figures.addition_bars import times
from attention.figures.vector_bars import HEIGHT
from attention.lesson_model.source import load_lesson_model, trace_lesson
from attention.metrics import cosines, relative_lengths
from attention.snippets_block import block_snippet
from attention.sources import trace_random
from attention.steps import sinusoidal_positions
from attention.texts import LANGUAGES, Language, count, number, percent, text
from attention.tokens import tokenize
from attention.ui.cache import cached_tokens
from attention.ui.chapter import transformer as page
from attention.ui.chapter.take_away import page_notebook
from attention.ui.layout import Frame
from attention.ui.state import ViewState
from tests.chapter.running import executed, imports_of, outputs_of, printed_by
from tests.chapter.visiting import SKIPPED, figure, keys, prose, run, visit

NAME = "transformer"
COURSE = "O gato que estava no telhado miou"
SENTENCES = (COURSE, "A vaca que viu o boi mugiu", 'a "aspas" \\ <b>\n{x} %{z} 👨‍👩‍👧')
HOSTILE = ("a", "<b>x</b> ![i](https://x.org/i.png)", "$x$ %{z} {} `q` :smile:", "👨‍👩‍👧 שלום a\u0301", "gato " * 250)
CONFIGS = (AttentionConfig(), AttentionConfig(causal=False), AttentionConfig(scaled=False))
LIGHT = figures.theme_named("light")


@pytest.mark.parametrize("config", CONFIGS)
def test_the_parts_of_the_lesson_models_blocks_are_those_of_its_trace(config: AttentionConfig) -> None:
    trace, blocks = trace_lesson(COURSE, config), dissect_lesson(COURSE, config)
    assert trace.logits is not None
    for layer, block in zip(trace.layers, blocks, strict=True):
        assert list(block.parts) == list(PARTS)
        assert np.allclose(block.parts["norm_1"], layer.embeddings[0], atol=1e-5)
        assert np.allclose(block.parts["attention"], layer.output[0], atol=1e-5)
        heads = layer.query[0].transpose(1, 0, 2).reshape(block.parts["position"].shape)
        assert np.allclose(block.parts["position"], heads, atol=1e-5)
        assert np.allclose(block.parts["logits"], trace.logits[0], atol=1e-5)
        assert not any(vectors.flags.writeable for vectors in block.parts.values())
    assert np.allclose(blocks[0].parts["sum_2"], blocks[1].parts["stream"], atol=1e-5)
    assert np.array_equal(blocks[0].parts["embedding"], blocks[0].parts["stream"])


def test_every_part_follows_from_the_one_before_by_torchs_own_functions() -> None:
    model = load_lesson_model()
    for layer, block in zip(model.each_layer(), dissect_lesson(COURSE, AttentionConfig()), strict=True):
        vectors = {name: torch.tensor(part) for name, part in block.parts.items()}
        width = vectors["stream"].shape[-1:]
        norm = layer.attention_norm
        assert torch.allclose(
            layer_norm(vectors["stream"], width, norm.weight, norm.bias), vectors["norm_1"], atol=1e-5
        )
        assert torch.allclose(vectors["stream"] + vectors["attention"], vectors["sum_1"], atol=1e-5)
        inner = gelu(vectors["norm_2"] @ layer.mlp_in.weight.T + layer.mlp_in.bias)
        assert torch.allclose(inner @ layer.mlp_out.weight.T + layer.mlp_out.bias, vectors["mlp"], atol=1e-4)
        assert torch.allclose(vectors["sum_1"] + vectors["mlp"], vectors["sum_2"], atol=1e-5)
        assert torch.allclose(vectors["final_norm"] @ model.embedding.weight.T, vectors["logits"], atol=1e-3)


def test_an_embedding_is_the_same_in_any_sentence_and_what_leaves_the_block_is_not() -> None:
    one, other = (dissect_lesson(sentence, AttentionConfig())[0].parts for sentence in ("A vaca mugiu", "O boi mugiu"))
    assert np.array_equal(one["embedding"][-1], other["embedding"][-1])
    assert not np.allclose(one["sum_2"][-1], other["sum_2"][-1], atol=1e-2)


def test_turning_queries_changes_them_and_keeps_their_length() -> None:
    for block in dissect_lesson(COURSE, AttentionConfig()):
        assert block.unturned is not None
        turned = block.parts["position"]
        assert np.allclose(np.linalg.norm(turned, axis=-1), np.linalg.norm(block.unturned, axis=-1), rtol=1e-4)
        assert not np.allclose(turned[1:], block.unturned[1:], atol=1e-2)
        assert np.allclose(turned[0], block.unturned[0], atol=1e-5)  # the first position turns by nothing


def test_feed_forward_asks_nobody_else() -> None:
    model = load_lesson_model()
    block = dissect_lesson(COURSE, AttentionConfig())[1].parts
    layer = model.each_layer()[1]
    alone = layer.think(torch.tensor(block["sum_1"][3:4]))
    assert np.allclose(alone.detach().numpy()[0], block["sum_2"][3], atol=1e-4)


def test_dropout_does_not_act_on_what_flows_from_block_to_block() -> None:
    dropped = dissect_lesson(COURSE, AttentionConfig(dropout=0.5))
    for block, clean in zip(dropped, dissect_lesson(COURSE, AttentionConfig()), strict=True):
        assert all(np.array_equal(block.parts[part], clean.parts[part]) for part in PARTS)


@pytest.mark.parametrize("positions", [True, False])
def test_the_random_source_has_embeddings_positions_and_attention_and_no_more(*, positions: bool) -> None:
    config = AttentionConfig(positions=positions)
    tokens = tokenize(COURSE)
    parts = dissect_random(tokens, config).parts
    assert set(parts) == {"embedding", "stream", "attention"} | ({"position"} if positions else set())
    added = sinusoidal_positions(len(tokens), config.d_model).numpy() if positions else 0
    assert np.allclose(parts["embedding"] + added, parts["stream"], atol=1e-6)
    assert np.array_equal(parts["attention"], trace_random(tokens, config).layers[0].output[0])


def test_how_much_is_added_is_a_ratio_of_lengths_and_its_direction_a_cosine() -> None:
    added, before = (
        np.array([[3.0, 4.0], [0.0, 2.0], [0.0, 0.0], [1.0, 0.0]]),
        np.array([[0.0, 10.0], [0, -1], [0, 0], [0, 0]]),
    )
    assert relative_lengths(added, before).tolist() == [0.5, 2.0, 0.0, np.inf]
    assert cosines(added, before).tolist() == [0.8, -1.0, 0.0, 0.0]
    assert times(0.5, "pt-BR") == "0,50 ×"


def test_the_diagram_has_a_point_a_part_and_says_which_are_absent() -> None:
    drawn = figures.block_diagram(
        {"embedding": 1.0, "stream": 2.0, "attention": 0.5},
        "attention",
        layer=0,
        n_layers=1,
        positions_added=True,
        language="en",
        theme=LIGHT,
    )
    boxes = drawn.data[0]
    assert len(boxes.x) == len(PARTS)
    assert boxes.meta == {"role": "points", "n": len(PARTS)}
    absent = {part for part, said in zip(PARTS, boxes.hovertext, strict=True) if "has none" in said}
    assert absent == set(PARTS) - {"embedding", "stream", "attention"}
    assert [PARTS[i] for i, width in enumerate(boxes.marker.line.width) if width == 3] == ["attention"]
    assert boxes.hovertext[PARTS.index("stream")].endswith("length 2.00")


@pytest.mark.parametrize("positions_added", [True, False])
def test_no_two_boxes_of_the_diagram_overlap(*, positions_added: bool) -> None:
    boxes = figures.block_diagram(
        dict.fromkeys(PARTS, 1.0),
        "mlp",
        layer=1,
        n_layers=2,
        positions_added=positions_added,
        language="pt-BR",
        theme=LIGHT,
    ).data[0]
    assert len(set(zip(boxes.base, boxes.y, strict=True))) == len(PARTS)
    assert boxes.width < 1


def test_bars_are_the_numbers_themselves() -> None:
    drawn = figures.vector_bars(np.array([0.5, -2.0]), language="pt-BR", theme=LIGHT)
    assert list(drawn.data[0].y) == [0.5, -2.0]
    assert list(drawn.data[0].hovertext) == ["componente 1: 0,500", "componente 2: −2,000"]
    assert drawn.data[0].marker.color[0] != drawn.data[0].marker.color[1]
    assert drawn.layout.height == HEIGHT
    ratios = np.array([[0.5, 2.0], [np.inf, 1.0]])
    added = figures.addition_bars(["<b>", "b"], ratios, 1, 0, language="en", theme=LIGHT)
    assert [list(bars.x) for bars in added.data[:2]] == [[0.5, 2.0], [0.0, 1.0]]
    assert added.data[0].hovertext[0] == "layer 1: attention brings “&lt;b&gt;” 0.50 × what was there"
    assert [list(numbers.text) for numbers in added.data[2:]] == [["0.50 ×", "2.00 ×"], ["∞", "1.00 ×"]]
    assert min(min(numbers.x) for numbers in added.data[2:]) > 1.3 * 2.0  # beyond every bar and the line at 1
    assert list(added.data[2].y) == pytest.approx([-0.1875, 0.8125])  # the first of two bars


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_block_waits_for_the_guess(language: Language) -> None:
    app = visit(NAME, lang=language.lower())
    assert keys(app) == ["transformer_tokens"]
    parts = dissect_lesson(COURSE, AttentionConfig())[1].parts
    ratio = float(np.linalg.norm(parts["attention"][-1]) / np.linalg.norm(parts["stream"][-1]))
    right = "little" if ratio < 0.5 else "half" if ratio <= 1 else "more"
    app.button(key=f"transformer_guess_{right}").click()
    run(app)
    assert keys(app) == ["transformer_tokens", "transformer_block", "transformer_vector", "transformer_additions"]
    assert text("chapter.right", language) in prose(app)
    assert text("transformer.truth", language, times=times(ratio, language), token="“miou”") in prose(app)  # noqa: S106


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("model", ["lesson", "random"])
def test_every_part_opens_with_its_shape_and_its_own_numbers(part: str, model: str) -> None:
    app = visit(NAME, guessed=SKIPPED, model=model, row="2")
    app.session_state["transformer_part"] = part
    run(app)
    random = dissect_random(tokenize(COURSE), AttentionConfig())
    parts = (dissect_lesson(COURSE, AttentionConfig())[1] if model == "lesson" else random).parts
    said = prose(app)
    if part not in parts:
        assert text("transformer.what_absent", "pt-BR") in said
        assert "transformer_vector" not in keys(app)
        return
    rows, width = parts[part].shape
    assert f"Forma: {rows} × {count(width, 'pt-BR')}" in said
    first = "; ".join(number(value, "pt-BR", 3) for value in parts[part][1, :3].tolist())
    assert f"começa com {first}." in said
    if part == "logits":
        assert keys(app).count("transformer_logits") == 1
    else:
        assert len(figure(app, "transformer_vector")["data"][0]["hovertext"]) == width


def test_what_is_observed_can_be_computed_again_and_follows_the_sentence() -> None:
    for sentence in SENTENCES[:2]:
        said = prose(visit(NAME, guessed=SKIPPED, text=sentence))
        blocks = dissect_lesson(sentence, AttentionConfig())
        parts, labels = blocks[1].parts, trace_lesson(sentence).tokens.labels
        lengths = np.linalg.norm(parts["attention"], axis=1) / np.linalg.norm(parts["stream"], axis=1)
        most = int(lengths.argmax())
        if labels.count(labels[most]) == 1:
            assert f"quem mais recebe nesta camada é “{labels[most]}” ({times(lengths[most], 'pt-BR')})" in said
        cosine = float(parts["attention"][-1] @ parts["stream"][-1])
        cosine /= float(np.linalg.norm(parts["attention"][-1]) * np.linalg.norm(parts["stream"][-1]))
        assert f"O cosseno entre os dois é {number(cosine, 'pt-BR')}" in said
        layer = load_lesson_model().each_layer()[1]
        in_all = sum(weight.numel() for weight in layer.parameters())
        in_attention = sum(weight.numel() for weight in layer.attention.parameters())
        assert f"{percent(in_attention / in_all, 'pt-BR')} estão na atenção" in said


@pytest.mark.parametrize(
    ("degrees", "named"),
    [
        *((0, "same"), (44, "same"), (66, "partly_same"), (71, "partly_same"), (78, "partly_same"), (85, "new")),
        *((90, "new"), (95, "new"), (102, "partly_against"), (130, "partly_against"), (136, "against")),
        (180, "against"),
    ],
)
def test_a_direction_is_named_by_its_angle(degrees: float, named: str) -> None:
    assert page.way(float(np.cos(np.radians(degrees)))) == named


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("model", ["lesson", "random"])
def test_the_direction_of_what_is_added_is_said_with_its_angle(language: Language, model: str) -> None:
    blocks = dissect_lesson(COURSE, AttentionConfig())
    block = blocks[0] if model == "lesson" else dissect_random(tokenize(COURSE), AttentionConfig())
    said = []
    for row in range(len(block.parts["stream"])):
        added, before = (block.parts[part][row].astype(float) for part in ("attention", "stream"))
        cosine = added @ before / np.linalg.norm(added) / np.linalg.norm(before)
        now = ViewState(model=model, layer=0, head=0, row=row, language=language)
        frame = Frame(now, cached_tokens(now.text, now.vocabulary), "light")
        sentence = page.observations(frame, page.opened(frame))[0]
        direction = text(f"transformer.way_{page.way(float(cosine))}", language)
        assert f" {np.degrees(np.arccos(cosine)):.0f}°: {direction}." in sentence
        said.append(direction)
    assert len(set(said)) > 1


@pytest.mark.parametrize("model", ["lesson", "random"])
def test_only_the_lesson_model_is_said_to_add(model: str) -> None:
    said = prose(visit(NAME, guessed=SKIPPED, model=model))
    assert ("volta o vetor que entrou" in said) is (model == "lesson")
    assert ("falta a soma residual" in said) is (model == "random")
    assert ("estão na atenção" in said) is (model == "lesson")


def test_the_component_by_hand_adds_up() -> None:
    app = visit(NAME, guessed=SKIPPED, lang="en")
    app.session_state["transformer_pencil"] = True
    run(app)
    parts = dissect_lesson(COURSE, AttentionConfig())[1].parts
    app.selectbox(key=f"transformer_component_1_7_{parts['stream'].shape[1]}").set_value(5)
    run(app)
    assert len(app.latex) == 3
    for written, names in zip(app.latex, (("stream", "attention", "sum_1"), ("sum_1", "mlp", "sum_2")), strict=False):
        plain = written.value.strip("$\n ").replace("{-}", "-").replace("(", "").replace(")", "")
        terms, total = plain.split(" = ")
        numbers = [*map(float, terms.split(" + ")), float(total)]
        assert numbers == [round(float(parts[name][-1, 5]), 3) for name in names]
        assert numbers[0] + numbers[1] == pytest.approx(numbers[2], abs=0.0021)


@pytest.mark.parametrize("sentence", HOSTILE)
@pytest.mark.parametrize("model", ["lesson", "random"])
def test_any_sentence_is_taken_apart(sentence: str, model: str) -> None:
    app = visit(NAME, guessed=SKIPPED, text=sentence, model=model, words="1", causal="0", positions="0", dropout="1")
    app.session_state["transformer_pencil"] = app.session_state["transformer_code"] = True
    run(app)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_code_prints_the_sum_and_the_norm(sentence: str, tmp_path: Path) -> None:
    for layer, block in enumerate(dissect_lesson(sentence, AttentionConfig())):
        for row in (1, len(block.parts["stream"]) - 1):
            snippet = block_snippet(block, row, LANGUAGES[layer])
            ratio, after, normed = snippet.prints.splitlines()
            parts = block.parts
            length = np.linalg.norm(parts["attention"][row]) / np.linalg.norm(parts["stream"][row])
            assert ratio == f"{length:.2f}"
            assert after == str([f"{value:.3f}" for value in parts["sum_1"][row, :3].tolist()])
            assert normed == str([f"{value:.3f}" for value in parts["norm_2"][row, :3].tolist()])
            assert imports_of(snippet.code) == {"torch"}
            assert printed_by(snippet, tmp_path) == snippet.prints


def test_the_code_of_the_random_layer_prints_what_attention_gives(tmp_path: Path) -> None:
    block = dissect_random(tokenize(SENTENCES[2]), AttentionConfig())
    snippet = block_snippet(block, 2, "en")
    assert snippet.prints.splitlines()[1] == str([f"{value:.3f}" for value in block.parts["attention"][2, :3].tolist()])
    assert printed_by(snippet, tmp_path) == snippet.prints
    broken = replace(snippet, code=snippet.code.replace("attention.norm()", "attention.sum()"))
    assert printed_by(broken, tmp_path) != snippet.prints


@pytest.mark.parametrize("model", ["lesson", "random"])
def test_the_notebook_runs_and_prints_the_same(model: str, tmp_path: Path) -> None:
    now = ViewState(model=model, layer=0, head=0)
    frame = Frame(now, cached_tokens(now.text, now.vocabulary), "light")
    snippet = page.snippet(frame, page.opened(frame))
    assert outputs_of(executed(page_notebook(frame, NAME, snippet), tmp_path)) == snippet.prints
