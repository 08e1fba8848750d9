"""Long texts: the same numbers head by head, blocks that hide nothing, limits that hold before anything is computed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import attention.lesson_model.source as lesson_source
import attention.sources as sources
from attention.config import MASK_MODES, AttentionConfig
from attention.errors import AttentionError
from attention.exports import row_csv
from attention.figures import LIGHT, long_head_map
from attention.figures.cells import as_bytes
from attention.figures.covers import Cover, covers
from attention.figures.long_head_map import HALF_STEP
from attention.lesson_model.source import outline_lesson, trace_lesson
from attention.lesson_model.tokenizer import LONGEST_TRAINED, tokenize_lesson
from attention.lesson_model.training import Recipe, batches
from attention.sources import outline_random, trace_random, weigh_heads
from attention.texts import LANGUAGES, Language, count, text
from attention.tokens import LONG_TOKENS, MAX_CHARACTERS, MAX_TOKENS, Tokens, first_words, tokenize
from attention.ui import long_texts
from attention.ui.chapter.contents import LESSONS
from attention.ui.long_texts import BLOCKS, side_of_block
from attention.ui.turns import Turns
from attention.views import Cell, WeightsView, pool, view_tokens, view_words
from tests.chapter import visiting
from tests.chapter.visiting import keys
from tests.test_pages import figure, numbers, prose, run, visit

SWITCHES = st.builds(
    AttentionConfig,
    n_heads=st.just(3),
    d_model=st.just(24),
    causal=st.booleans(),
    mask_mode=st.sampled_from(MASK_MODES),
    scaled=st.booleans(),
    dropout=st.sampled_from((0.0, 0.3, 0.9)),
    dropout_seed=st.integers(0, 5),
)
SENTENCE = "O gato que estava no telhado miou, e a vizinha acordou."
LONG = "a " * 299 + "a"  # 300 tokens
TOO_LONG = "a " * 1_200 + "a"  # and 1,201


# ---- the same numbers, head by head ----------------------------------------------------------------------------------


@settings(deadline=None, max_examples=30)
@given(SWITCHES, st.integers(0, 2))
def test_a_head_weighed_alone_has_the_weights_of_the_whole_trace(config: AttentionConfig, head: int) -> None:
    tokens = tokenize(SENTENCE)
    whole = trace_random(tokens, config).layers[0]
    (alone,) = weigh_heads(outline_random(tokens, config).layers[0], config, [head])
    assert np.allclose(alone.weights[0, 0], whole.weights[0, head], atol=1e-6)
    assert np.array_equal(alone.kept[0, 0], whole.kept[0, head])
    assert np.allclose(alone.dropped_weights[0, 0], whole.dropped_weights[0, head], atol=1e-5)
    assert np.array_equal(alone.mask, whole.mask)


@settings(deadline=None, max_examples=10)
@given(SWITCHES)
def test_the_lesson_model_is_the_same_head_by_head(config: AttentionConfig) -> None:
    tokens = tokenize_lesson(SENTENCE)
    whole, outline = trace_lesson(tokens, config), outline_lesson(tokens, config)
    assert whole.logits is not None
    assert outline.logits is not None
    assert np.allclose(outline.logits, whole.logits, atol=1e-4)
    for long, layer in zip(outline.layers, whole.layers, strict=True):
        for head, alone in enumerate(weigh_heads(long, config, range(4))):
            assert np.allclose(alone.dropped_weights[0, 0], layer.dropped_weights[0, head], atol=1e-5)


def test_an_outline_grows_with_the_tokens_and_not_with_their_square() -> None:
    sizes = [
        sum(part.nbytes for part in (layer.query, layer.key))
        for n in (100, 200)
        for layer in outline_random(tokenize("a " * (n - 1) + "a"), AttentionConfig(n_heads=12)).layers
    ]
    assert sizes[1] == 2 * sizes[0]


# ---- blocks ----------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 12), st.integers(1, 5), st.data())
def test_a_block_holds_the_largest_weight_of_its_cells_and_says_why_it_holds_none(
    n: int, side: int, data: st.DataObject
) -> None:
    weights = data.draw(arrays(np.float32, (2, n, n), elements=st.floats(0, 2, width=32)))
    cells = data.draw(arrays(np.int8, (2, n, n), elements=st.sampled_from([Cell.SEEN, Cell.MASKED, Cell.DROPPED])))
    undefined = data.draw(arrays(np.bool_, (2, n)))
    view = WeightsView(tuple(map(str, range(n))), weights, weights.copy(), cells, undefined, grouped=False)
    pooled = pool(view, side)
    assert len(pooled.labels) == -(-n // side)
    for head, i, j in np.ndindex(pooled.weights.shape):
        block = [
            (row, column)
            for row in range(i * side, min(i * side + side, n))
            for column in range(j * side, min(j * side + side, n))
        ]
        seen = [weights[head, at[0], at[1]] for at in block if covers(view)[head][at] == Cover.NONE]
        found = Cover(int(covers(pooled)[head, i, j]))
        if seen:
            assert found == Cover.NONE
            assert pooled.weights[head, i, j] == max(seen)
        else:
            assert found in {covers(view)[head][at] for at in block}


def test_blocks_of_one_position_are_the_view_itself() -> None:
    tokens = tokenize(SENTENCE)
    view = view_tokens(trace_random(tokens, AttentionConfig()).layers[0], tokens)
    same = pool(view, 1)
    assert same.labels == view.labels
    assert np.array_equal(same.weights, np.where(view.cells == Cell.SEEN, view.weights, 0))
    assert np.array_equal(same.cells, view.cells)


@pytest.mark.parametrize("n", [MAX_TOKENS + 1, 512, 1000, LONG_TOKENS])
def test_no_head_of_the_overview_has_more_blocks_than_it_has_room_for(n: int) -> None:
    assert BLOCKS / 2 < -(-n // side_of_block(n)) <= BLOCKS


# ---- bytes -----------------------------------------------------------------------------------------------------------


@settings(max_examples=200)
@given(arrays(np.float32, (3, 3), elements=st.floats(0, 1, width=32)))
def test_a_byte_is_never_further_than_half_a_step_from_its_weight(weights: np.ndarray) -> None:
    assert (
        np.abs(as_bytes(weights) / 255 - weights.astype(np.float64)).max() <= HALF_STEP + 1e-7
    )  # a weight has the digits of float32
    assert HALF_STEP == 1 / 510


@settings(deadline=None, max_examples=10)
@given(SWITCHES, st.booleans(), st.sampled_from(LANGUAGES))
def test_the_long_map_carries_one_byte_a_cell_and_says_what_has_no_number(
    config: AttentionConfig,
    grouped: bool,  # noqa: FBT001 - drawn
    language: Language,
) -> None:
    tokens = tokenize(SENTENCE)
    (alone,) = weigh_heads(outline_random(tokens, config).layers[0], config, [1])
    view = (view_words if grouped else view_tokens)(alone, tokens)
    drawn = json.loads(long_head_map(view, 1, language=language, theme=LIGHT, focus_row=2).to_json())
    cells = drawn["data"][0]
    assert cells["z"]["dtype"] == "u1"
    shown, covered = numbers(cells["z"]), covers(view)[0]
    assert np.abs(shown / 255 - np.minimum(view.weights[0], 1))[covered == Cover.NONE].max() <= HALF_STEP + 1e-7
    above_diagonal = np.triu(np.ones_like(covered, dtype=bool), 1)
    assert cells["meta"]["causal"] == bool(np.array_equal(covered, np.where(above_diagonal, Cover.MASKED, Cover.NONE)))
    if not cells["meta"]["causal"] and covered.any():
        assert np.array_equal(numbers(drawn["data"][1]["z"]), covered)
    assert cells["meta"]["head"] == 1


def test_a_row_as_csv_is_a_line_a_key() -> None:
    tokens = tokenize(SENTENCE)
    (alone,) = weigh_heads(outline_random(tokens, AttentionConfig()).layers[0], AttentionConfig(), [2])
    view = view_tokens(alone, tokens)
    header, *lines = row_csv(view, 2, 4).splitlines()
    assert header == "head,query_position,query,key_position,key,weight,dropped_weight,cell"
    assert len(lines) == len(tokens)
    told = [float(line.split(",")[5]) for line in lines[:5]]
    assert np.array_equal(np.array(told, dtype=np.float32), view.weights[0, 4, :5])
    assert all(line.startswith("3,5,") for line in lines)


# ---- the beginning of a text that is too long ------------------------------------------------------------------------


def cut(written: str) -> Tokens:
    return tokenize(written, max_tokens=MAX_CHARACTERS * 4)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from(["gato", "guarda-chuva", "pneumoultramicroscópico", "é", "🙂", "3,14", "."]), min_size=1),
    st.integers(1, 20),
)
def test_a_beginning_is_the_most_whole_words_that_fit(words: list[str], most: int) -> None:
    written = " ".join(words)
    begun = first_words(written, cut, most)
    assert written.startswith(begun)
    assert begun
    assert len(cut(begun)) <= most or len(begun) == 1
    kept = begun.split()
    if words[: len(kept)] == kept:
        longer = " ".join(words[: len(kept) + 1])
        assert longer == begun or len(cut(longer)) > most
    else:  # not even the first word fits
        assert len(cut(words[0])) > most


def test_a_pasted_book_is_cut_before_it_is_read() -> None:
    begun = first_words("a " * 1_000_000, cut, LONG_TOKENS)
    assert len(cut(begun)) == LONG_TOKENS
    assert len(first_words("x" * 1_000_000, cut, LONG_TOKENS)) <= MAX_CHARACTERS


# ---- the limits ------------------------------------------------------------------------------------------------------


@pytest.fixture
def nothing_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail if a source of numbers is given more tokens than a page keeps."""

    def watch(source: Callable[..., Any]) -> Callable[..., Any]:
        def watched(tokens: Tokens | str, *options: Any) -> Any:  # noqa: ANN401 - whatever the source takes and gives
            assert len(tokens) <= MAX_TOKENS
            return source(tokens, *options)

        return watched

    for module, names in (
        (sources, ("trace_random", "outline_random")),
        (lesson_source, ("trace_lesson", "outline_lesson")),
    ):
        for name in names:
            monkeypatch.setattr(module, name, watch(getattr(module, name)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("model", ["random", "lesson"])
@pytest.mark.usefixtures("nothing_is_computed")
def test_above_the_limit_nothing_is_computed_the_text_stays_and_its_beginning_is_offered(
    language: Language, model: str
) -> None:
    app = visit(model=model, lang=language.lower())
    app.text_input(key="text").set_value(TOO_LONG)
    run(app)
    assert app.text_input(key="text").value == TOO_LONG
    (said,) = (element.value.replace("\\", "") for element in app.info)
    assert count(1_201, language) in said
    (button,) = (each for each in app.button if each.key == "use_beginning_of_text")
    assert button.label == text("frame.use_beginning", language, tokens=count(LONG_TOKENS, language))
    assert keys(app) == []


@pytest.mark.usefixtures("nothing_is_computed")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_book_is_refused_by_its_characters_with_the_same_offer(language: Language) -> None:
    app = visit(lang=language.lower())
    app.text_input(key="text").set_value("gato " * 20_000)
    run(app)
    (said,) = (element.value.replace("\\", "") for element in app.info)
    assert count(MAX_CHARACTERS, language) in said
    assert any(each.key == "use_beginning_of_text" for each in app.button)


@pytest.mark.usefixtures("nothing_is_computed")
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_that_keep_every_step_say_so_and_lead_to_the_one_that_does_not(language: Language) -> None:
    for lesson in LESSONS:
        if lesson.name in ("training", "glossary"):
            continue
        app = visiting.visit(lesson.name, text=LONG, model="random", lang=language.lower())
        (said,) = (element.value.replace("\\", "") for element in app.info)
        assert said == text("errors.too_many_tokens", language, maximum="256", tokens="300"), lesson.name
        assert any(each.key == "use_beginning_of_text" for each in app.button), lesson.name


def test_the_beginning_fits_and_is_shown_at_one_press() -> None:
    app = visit()
    app.text_input(key="text").set_value(TOO_LONG)
    run(app)
    app.button(key="use_beginning_of_text").click()
    run(app)
    kept = app.text_input(key="text").value or ""
    assert TOO_LONG.startswith(kept)
    assert len(tokenize(kept, max_tokens=LONG_TOKENS)) == LONG_TOKENS
    assert keys(app) == ["sentence", "heads", "head_map"]


def test_the_limits_are_one_more_than_too_many() -> None:
    assert len(tokenize("a " * (LONG_TOKENS - 1) + "a", max_tokens=LONG_TOKENS)) == LONG_TOKENS
    with pytest.raises(AttentionError) as caught:
        tokenize_lesson("gato " * LONG_TOKENS, max_tokens=LONG_TOKENS)
    assert caught.value.code == "too_many_tokens"
    assert len(tokenize_lesson("gato " * (LONG_TOKENS - 2) + "gato", max_tokens=LONG_TOKENS)) == LONG_TOKENS


# ---- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_text_shows_blocks_of_every_head_and_one_head_whole(language: Language) -> None:
    app = visit(text=LONG, head="2", heads="12", dims="24", lang=language.lower())
    config = AttentionConfig(n_heads=12, d_model=24)
    whole = trace_random(tokenize(LONG, max_tokens=LONG_TOKENS), config).layers[0].weights[0]
    one = numbers(figure(app, "head_map")["data"][0]["z"])
    assert np.abs(one / 255 - whole[1]).max() <= HALF_STEP + 1e-6
    side = side_of_block(300)
    mosaic = figure(app, "heads")["data"][0]
    n, gap = mosaic["meta"]["n"], mosaic["meta"]["gap"]
    assert n == -(-300 // side)
    second = numbers(mosaic["z"])[:n, n + gap : 2 * n + gap]
    assert abs(second[5, 3] / 255 - whole[1, 5 * side : 6 * side, 3 * side : 4 * side].max()) <= HALF_STEP + 1e-6
    said = prose(app).replace("\\", "") + "".join(element.value for element in app.caption)
    assert text("long.notice", language, tokens="300", maximum=MAX_TOKENS) in said
    assert text("long.blocks", language, side=side) in said
    assert text("long.one_head", language) in said


def test_every_switch_and_tab_works_on_a_long_text() -> None:
    for address in (
        {"dropout": "1", "effect": "dropout"},
        {"causal": "0", "effect": "causal", "words": "1"},
        {"mask": "renormalise", "scale": "0"},
        {"model": "lesson", "more": "1", "tab": "numbers", "row": "120"},
        {"more": "1", "tab": "tokens"},
        {"more": "1", "tab": "downloads"},
        {"more": "1", "lang": "en"},
    ):
        app = visit(text=LONG, **address)
        assert [key for key in keys(app) if key != "next_tokens"] == ["sentence", "heads", "head_map"], address


def test_the_row_in_focus_is_chosen_by_its_number() -> None:
    app = visit(text=LONG)
    assert app.number_input(key="row_number").value == 300
    app.number_input(key="row_number").set_value(17)
    run(app)
    assert figure(app, "sentence")["data"][0]["meta"]["row"] == 16
    assert app.session_state["row"] == 16


# ---- what the lesson model learned -----------------------------------------------------------------------------------


def test_no_sentence_of_the_training_is_longer_than_is_said() -> None:
    steps = (batch for batch, _ in batches(Random(2), Recipe(steps=160)))
    longest = max(int(batch.lengths.max()) for batch, _ in zip(steps, range(160), strict=False))
    assert LONGEST_TRAINED / 2 < longest <= LONGEST_TRAINED


@pytest.mark.parametrize("language", LANGUAGES)
def test_beyond_the_longest_sentence_of_the_training_the_page_says_so(language: Language) -> None:
    within = visit(model="lesson", lang=language.lower(), text="gato " * (LONGEST_TRAINED - 2) + "gato")
    beyond = visit(model="lesson", lang=language.lower(), text="gato " * (LONGEST_TRAINED - 1) + "gato")
    said = text("lesson.beyond_length", language, tokens=LONGEST_TRAINED + 1, longest=LONGEST_TRAINED)
    assert not any(said in element.value for element in within.caption)
    assert any(said in element.value for element in beyond.caption)


class Watched(Turns):
    """Turns that know what those who wait were told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[int] = []

    @contextmanager
    def wait(self, tell: Callable[[int], object]) -> Iterator[None]:
        def hear(before: int) -> None:
            self.told.append(before)
            tell(before)

        with super().wait(hear):
            yield


def test_a_long_text_waits_while_another_is_computed_and_is_told_how_many_are_ahead() -> None:
    with ThreadPoolExecutor(1) as pool, pytest.MonkeyPatch.context() as patched:
        patched.setattr(long_texts, "TURNS", turns := Watched())
        with Turns.wait(turns, lambda _: None):
            page = pool.submit(visit, text=LONG)
            while not turns.told:
                assert not page.done()
                time.sleep(0.01)
        app = page.result(60)
    assert set(turns.told) == {1}
    assert keys(app) == keys(visit(text=LONG))
    assert len(turns) == 0
