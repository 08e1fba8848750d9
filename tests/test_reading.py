"""The sentences beside the maps say what the numbers are, and change when they do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from attention.config import AttentionConfig
from attention.sources import trace_random
from attention.texts import LANGUAGES, Language
from attention.tokens import tokenize
from attention.ui.reading import about_row, change, legend, signs
from attention.ui.state import ViewState, first_visit
from attention.views import Cell, WeightsView, view_tokens, view_words
from tests.figures.samples import sample_view, with_row


def viewed(**choices: Any) -> ViewState:  # noqa: ANN401  fields of many types
    """Return what a reader of random weights sees, with these choices."""
    return replace(first_visit("random"), **choices)


LABELS = ("O", "gato", "miou")


def view(
    weights: list[list[float]], *, before: list[list[float]] | None = None, dropped: tuple[tuple[int, int], ...] = ()
) -> WeightsView:
    """Return one causal head with these weights."""
    after: NDArray[Any] = np.array([weights])
    cells = np.where(np.tril(np.ones_like(after[0])) > 0, Cell.SEEN, Cell.MASKED)[None]
    for query, key in dropped:
        cells[0, query, key] = Cell.DROPPED
    undropped = after if before is None else np.array([before])
    return WeightsView(LABELS, undropped, after, cells, undropped.sum(axis=-1) == 0, grouped=False)


PLAIN = [[1.0, 0.0, 0.0], [0.3, 0.7, 0.0], [0.2, 0.5, 0.3]]


def test_the_strongest_keys_are_named_in_order_with_their_shares() -> None:
    assert about_row(view(PLAIN), viewed(), 2) == [
        "Na cabeça 1, “miou” dedica mais atenção a “gato” (50%), depois a “miou” (30%) e a “O” (20%)."
    ]
    assert about_row(view(PLAIN), viewed(language="en"), 2) == [
        "In head 1, “miou” gives most attention to “gato” (50%), then to “miou” (30%) and to “O” (20%)."
    ]


def test_a_head_is_named_with_its_layer_where_the_model_has_several() -> None:
    (sentence,) = about_row(view(PLAIN), first_visit("lesson"), 0)
    assert sentence.startswith("Na cabeça 1 da camada 2, “O” dedica 100%")


def test_the_first_row_has_one_word_to_look_at() -> None:
    (sentence,) = about_row(view(PLAIN), viewed(), 0)
    assert sentence == "Na cabeça 1, “O” dedica 100% da atenção a “O”, o único que pode ver."


def test_the_one_weight_that_dropout_left_is_not_called_the_only_one_allowed() -> None:
    left = [[2.0, 0.0, 0.0], [0.6, 0.0, 0.0], [0.0, 1.0, 0.6]]
    sentences = about_row(view(left, before=PLAIN, dropped=((1, 1), (2, 0))), viewed(dropout_on=True), 1)
    assert sentences[0] == "Na cabeça 1, “gato” dedica 60% da atenção a “O”, o único peso que o dropout deixou."


def test_a_row_that_dropout_changed_says_by_how_much_and_why() -> None:
    dropped = [[2.0, 0.0, 0.0], [0.6, 0.0, 0.0], [0.0, 1.0, 0.6]]
    sentences = about_row(
        view(dropped, before=PLAIN, dropped=((1, 1), (2, 0))), viewed(dropout_on=True, dropout=0.5), 2
    )
    assert sentences[1].startswith("A linha de “miou” soma 160%, não 100%: o dropout zerou 1 de 3 pesos")
    assert "por 2,00" in sentences[1]


def test_a_row_that_lost_everything_says_so() -> None:
    empty = [[0.0, 0.0, 0.0], [0.6, 1.4, 0.0], [0.4, 1.0, 0.6]]
    sentences = about_row(view(empty, before=PLAIN, dropped=((0, 0),)), viewed(dropout_on=True), 0)
    assert "nada sobrou" in sentences[0]
    assert "soma 0%" in sentences[1]
    assert "os outros" not in sentences[1]


@pytest.mark.parametrize(("struck", "said"), [(0, "não zerou nada nela"), (1, "os outros"), (2, "o que ficou")])
def test_what_dropout_left_is_told_as_what_it_is(struck: int, said: str) -> None:
    left = [0.0 if key < struck else 2 * PLAIN[2][key] for key in range(3)]
    seen = view([PLAIN[0], PLAIN[1], left], before=PLAIN, dropped=tuple((2, key) for key in range(struck)))
    sentence = about_row(seen, viewed(dropout_on=True, dropout=0.5), 2)[1]
    assert said in sentence
    assert (f"zerou {struck} de 3" in sentence) == (struck > 0)


def test_a_row_of_one_weight_that_stayed_has_no_others() -> None:
    stayed = [[2.0, 0.0, 0.0], PLAIN[1], PLAIN[2]]
    assert "não zerou nada nela" in about_row(view(stayed, before=PLAIN), viewed(dropout_on=True), 0)[1]


def test_zeros_after_the_softmax_say_what_was_thrown_away() -> None:
    wrong = [[0.25, 0.0, 0.0], [0.3, 0.3, 0.0], [0.2, 0.5, 0.3]]
    first, second, third = (about_row(view(wrong), viewed(mask_mode="zero_after"), row) for row in range(3))
    assert "soma 25%" in first[1]
    assert "75% a tokens do futuro" in first[1]
    assert "soma 60%" in second[1]
    assert len(third) == 1  # the last row has no future to lose


def test_a_row_without_a_future_lost_nothing_to_the_wrong_mask() -> None:
    dropped = [[0.5, 0.0, 0.0], [0.6, 0.6, 0.0], [0.0, 1.0, 0.6]]
    before = [[0.25, 0.0, 0.0], [0.3, 0.3, 0.0], [0.2, 0.5, 0.3]]
    seen = view(dropped, before=before, dropped=((2, 0),))
    wrong = viewed(mask_mode="zero_after", dropout_on=True)
    assert "zerou 1 de 3 pesos" in about_row(seen, wrong, 2)[1]
    assert "deixado em 60%" in about_row(seen, wrong, 1)[1]


def test_an_undefined_row_is_told_as_zero_over_zero_and_not_as_a_sum() -> None:
    underflow = [[0.0, 0.0, 0.0], [0.3, 0.7, 0.0], [0.2, 0.5, 0.3]]
    (sentence,) = about_row(view(underflow), viewed(mask_mode="renormalise"), 0)
    assert "0 ÷ 0" in sentence


def test_inference_says_that_dropout_does_nothing() -> None:
    sentences = about_row(view(PLAIN), viewed(dropout_on=True, training=False), 2)
    assert sentences[-1].startswith("Na inferência o dropout não faz nada")


def test_the_largest_change_is_named_with_both_numbers() -> None:
    other = [[1.0, 0.0, 0.0], [0.3, 0.7, 0.0], [0.2, 0.1, 0.7]]
    sentence = change(view(PLAIN), view(other), 0, "pt-BR")
    assert sentence in {
        "Na cabeça 1, a maior mudança: a atenção de “miou” a “gato” foi de 50% para 10%.",
        "Na cabeça 1, a maior mudança: a atenção de “miou” a “miou” foi de 30% para 70%.",
    }


def test_no_change_is_said_in_words() -> None:
    assert "exatamente zero" in change(view(PLAIN), view(PLAIN), 0, "pt-BR")


def test_rounding_is_not_told_as_a_change() -> None:
    rounded = [[1.0, 0.0, 0.0], [0.3, 0.7, 0.0], [0.2, 0.5000001, 0.2999999]]
    assert "além de arredondamentos" in change(view(PLAIN), view(rounded), 0, "pt-BR")


def test_a_word_that_comes_twice_is_told_apart_by_its_position() -> None:
    twice = replace(view(PLAIN), labels=("gato", "viu", "gato"))
    assert "“gato” (posição 3)" in about_row(twice, viewed(), 2)[0]


@pytest.mark.parametrize(
    ("sentence", "signs"), [("a  b", "␣"), ("a\n\nb", "↵"), ("a\t\tb", "⇥"), ("a  b\n\tc", "␣↵⇥"), ("a b", "")]
)
def test_a_sign_for_what_cannot_be_seen_is_explained_where_it_is_shown(sentence: str, signs: str) -> None:
    tokens = tokenize(sentence)
    said = legend(view_tokens(trace_random(tokens, AttentionConfig()).layers[0], tokens), 0, "pt-BR")
    for sign in "␣↵⇥":
        assert (f"{sign}:" in said) is (sign in signs) is any(sign in label for label in tokens.labels)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view_of", [view_tokens, view_words])
def test_every_switch_has_its_sentence_in_both_languages(language: Language, view_of: Any) -> None:  # noqa: ANN401
    tokens = tokenize("O gato que estava no telhado miou")
    for config in (
        AttentionConfig(causal=False),
        AttentionConfig(mask_mode="zero_after"),
        AttentionConfig(dropout=0.5),
        AttentionConfig(mask_mode="zero_after", dropout=0.5),
    ):
        seen = view_of(trace_random(tokens, config).layers[0], tokens)
        now = viewed(language=language, dropout_on=config.dropout > 0, causal=config.causal, mask_mode=config.mask_mode)
        for row in range(len(seen.labels)):
            for sentence in about_row(seen, now, row):
                assert sentence.endswith((".", "!"))
                assert "{" not in sentence


def test_a_weight_that_rounding_carries_over_1_is_not_told_as_more_than_100_percent() -> None:
    view = sample_view(("a", "b"))
    assert "above_one" not in signs(with_row(view, 0, 0, [1.0 + 1e-7]), 0)
    assert "above_one" in signs(with_row(view, 0, 0, [2.0]), 0)
