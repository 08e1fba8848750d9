"""The parts of the page on query, key and value."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from attention import figures
from attention.dot_products import (
    MOST_KEYS,
    HeadSpread,
    SwappedHead,
    head_spread,
    project_head,
    spread_of_dot_products,
    swap_query_and_key,
)
from attention.figures.labels import named
from attention.figures.sentences import share
from attention.metrics import strongest_keys
from attention.notebooks import NotebookCell, code, prose
from attention.snippets import Snippet
from attention.snippets_query_key import pair_snippet, projection_snippet, widths_code
from attention.texts import count, number, percent, power_of_ten, text
from attention.trace import AttentionTrace, HeadMatrices
from attention.ui import chapter, inputs
from attention.ui.cache import cached_matrices, cached_saturation
from attention.ui.layout import Frame, fitting_figure, sentence_strip
from attention.ui.live_figure import live_figure
from attention.ui.markdown import escape_markdown
from attention.ui.reading import head_in_layer
from attention.views import Cell, WeightsView, view_tokens

WIDTH = 64  # components of the vectors the guess is about
GUESSES = (1, 2, 4, 8, 16, 32, 64, 128)  # the slider begins in the middle, which is not the answer
DRAWS = 4_000
FIRST = 3  # components written out, as the notebook prints them
ROUNDING = 1e-6  # weights closer than this are the same
ALONE = 10  # keys that are drawn for a sentence of one token

Pair = tuple[int, int]  # who looks, at whom


def guess(frame: Frame, name: str) -> chapter.Guess[float]:
    """Ask how large a dot product of independent components tends to be."""
    language = frame.language
    question = text("query_key_value.guess", language, d_head=WIDTH)
    return chapter.guess_number(
        frame, name, question, GUESSES, subject=WIDTH, written=lambda value: number(value, language, 0)
    )


def truth(frame: Frame, name: str, guessed: chapter.Guess[float]) -> None:
    """Show the guess beside what some thousand dot products measured."""
    language, root = frame.language, WIDTH**0.5
    measured = text(
        "query_key_value.truth",
        language,
        measured=number(spread_of_dot_products(WIDTH, DRAWS), language),
        n=count(DRAWS, language),
        d_head=WIDTH,
        root=number(root, language, 0),
    )
    yours = None if guessed.choice is None else number(guessed.choice, language, 0)
    chapter.reveal(frame, name, yours=yours, truth=measured, right=guessed.choice == root)


def three_vectors(frame: Frame) -> None:
    """Draw the focused token's input vector, the head's three matrices and the three vectors they make of it."""
    language, row = frame.language, chapter.token_row(frame)
    layer, matrices, head = _layer(frame), _matrices(frame), frame.state.head
    vectors = project_head(layer, matrices)
    turned = (layer.query[0, head, row], layer.key[0, head, row]) if matrices.rotated else ()
    d_model, d_head = matrices.query.shape
    query = escape_markdown(_names(frame)[row])
    st.header(text("query_key_value.three", language), anchor=False)
    st.caption(text("query_key_value.who", language))
    sentence_strip(frame)
    said = {"token": query, "d_model": d_model, "d_head": d_head, "head": head_in_layer(frame.state, frame.state.head)}
    st.markdown(text("query_key_value.three_how", language, **said))
    live_figure(
        figures.head_projections.plot(
            layer.embeddings[0, row],
            (matrices.query, matrices.key, matrices.value),
            [part[row] for part in (vectors.query, vectors.key, vectors.value)],
            turned,
            language=language,
            theme=figures.theme_named(frame.theme),
        ),
        key="query_key_value_projections",
        alt=text("query_key_value.three_alt", language, token=_names(frame)[row]),
        language=language,
        file_name=text("query_key_value.file_three", language),
    )
    first = "; ".join(number(float(part), language, 3) for part in vectors.query[row, :FIRST])
    key = "query_key_value.rotated" if matrices.rotated else "query_key_value.not_rotated"
    st.caption(
        f"{text('query_key_value.first', language, n=min(FIRST, d_head), components=first)} {text(key, language)}"
    )


def term_by_term(frame: Frame, name: str) -> Pair:
    """Draw the dot product of the focused query and the key the reader chose; return the pair."""
    language, row, names = frame.language, chapter.token_row(frame), _names(frame)
    layer, head = _layer(frame), frame.state.head
    st.header(text("query_key_value.terms", language), anchor=False)
    strongest = strongest_keys(view_tokens(layer, frame.tokens), head, row, 1)
    column = st.selectbox(
        text("query_key_value.key", language, query=escape_markdown(names[row])),
        range(len(names)),
        index=strongest[0] if strongest else row,
        format_func=names.__getitem__,
        key=f"{name}_key_{row}_{len(names)}",
        width=320,
    )
    fitting_figure(
        partial(
            figures.dot_product_bars.plot,
            layer.query[0, head, row],
            layer.key[0, head, column],
            language=language,
            theme=figures.theme_named(frame.theme),
        ),
        key="query_key_value_terms",
        alt=text("query_key_value.terms_alt", language, query=names[row], key=names[column]),
        language=language,
        file_name=text("query_key_value.file_terms", language),
    )
    st.caption(text("query_key_value.terms_scale", language))
    st.markdown(escape_markdown(_about_the_pair(frame, (row, column))))
    return row, column


def swapped(frame: Frame) -> None:
    """Draw the weights without a mask transposed, beside those with query and key in each other's place."""
    language, head = frame.language, frame.state.head
    both = _swapped(frame)
    st.header(text("query_key_value.swap", language), anchor=False)
    st.markdown(text("query_key_value.swap_how", language))
    titles = (text("query_key_value.transposed", language), text("query_key_value.swapped", language))
    fitting_figure(
        partial(
            figures.comparison.plot,
            _unmasked(frame, both.weights.T),
            _unmasked(frame, both.swapped_weights),
            0,
            names=titles,
            flipped=True,
            language=language,
            theme=figures.theme_named(frame.theme),
        ),
        key="query_key_value_swapped",
        alt=text("query_key_value.swap_alt", language, head=head_in_layer(frame.state, head)),
        language=language,
        file_name=text("query_key_value.file_swap", language),
    )
    st.markdown(escape_markdown(_about_the_swap(frame, both)))


def why_scale(frame: Frame) -> None:
    """Draw how scores and weights grow with d_head, with the scale and without, and where this head is."""
    language, layer = frame.language, _layer(frame)
    n = len(frame.tokens)
    own = _spread(frame, scaled=frame.state.scaled) if n > 1 else None
    drawn = cached_saturation(min(n, MOST_KEYS) if n > 1 else ALONE)
    st.header(text("query_key_value.scale", language), anchor=False)
    st.markdown(text("query_key_value.scale_how", language, n=drawn.n_keys))
    inputs.switch_again(frame.state, "scaled", place="query_key_value")
    fitting_figure(
        partial(
            figures.saturation_curves.plot,
            drawn,
            own,
            layer.query.shape[-1],
            language=language,
            theme=figures.theme_named(frame.theme),
        ),
        key="query_key_value_saturation",
        alt=text("query_key_value.scale_alt", language),
        language=language,
        file_name=text("query_key_value.file_scale", language),
    )


def observations(frame: Frame, pair: Pair) -> list[str]:
    """Say which key matches best, what width does to scores, and what the scale does to this head."""
    language, layer, names = frame.language, _layer(frame), _names(frame)
    head, row = frame.state.head, pair[0]
    scores = np.where(layer.mask[row], layer.scores[0, head, row], -np.inf)
    best = int(scores.argmax())
    drawn = cached_saturation(min(len(names), MOST_KEYS) if len(names) > 1 else ALONE)
    sentences = [
        text(
            "query_key_value.best",
            language,
            query=names[row],
            key=names[best],
            score=number(float(scores[best]), language),
            allowed=int(layer.mask[row].sum()),
        ),
        text(
            "query_key_value.saturates",
            language,
            n=drawn.n_keys,
            plain=percent(float(drawn.largest[0, -1]), language),
            scaled=percent(float(drawn.largest_scaled[0, -1]), language),
        ),
    ]
    if len(names) > 1:
        plain, divided = _spread(frame, scaled=False), _spread(frame, scaled=True)
        sentences.append(
            text(
                "query_key_value.own",
                language,
                head=head_in_layer(frame.state, head),
                d_head=layer.query.shape[-1],
                plain=number(plain.spread, language),
                divided=number(divided.spread, language),
                plain_largest=percent(plain.largest, language),
                divided_largest=percent(divided.largest, language),
            )
        )
    if frame.state.is_lesson:
        sentences.append(text("query_key_value.trained", language))
    return sentences


def shown_false(frame: Frame) -> str:
    """Say of which two tokens one looks at the other much more than the other looks back."""
    language, names = frame.language, _names(frame)
    if len(names) < 2:
        return text("query_key_value.one_token", language)
    both, scores = _swapped(frame), _layer(frame).scores[0, frame.state.head]
    apart = np.abs(both.weights - both.weights.T)
    row, column = np.unravel_index(int(apart.argmax()), apart.shape)
    if both.weights[row, column] < both.weights[column, row]:
        row, column = column, row
    return text(
        "query_key_value.shown_false",
        language,
        head=head_in_layer(frame.state, frame.state.head),
        query=names[int(row)],
        key=names[int(column)],
        share=share(float(both.weights[row, column]), language),
        back=share(float(both.weights[column, row]), language),
        score=number(float(scores[row, column]), language),
        score_back=number(float(scores[column, row]), language),
    )


def snippet(frame: Frame, pair: Pair) -> Snippet:
    """Return the code of the pair's score and of the swap."""
    now = frame.state
    return pair_snippet(_layer(frame), now.config, now.head, pair, frame.tokens.labels, frame.language)


def more_code(frame: Frame) -> list[NotebookCell]:
    """Return the notebook's further cells: one projection with its real matrix, and wider and wider vectors."""
    language, row = frame.language, chapter.token_row(frame)
    return [
        prose(text("query_key_value.notebook_projection", language)),
        code(projection_snippet(_layer(frame), _matrices(frame), row, language)),
        prose(text("query_key_value.notebook_widths", language)),
        code(widths_code(language)),
    ]


def _layer(frame: Frame) -> AttentionTrace:
    return frame.layer(frame.state.config)


def _matrices(frame: Frame) -> HeadMatrices:
    now = frame.state
    return cached_matrices(now.vocabulary, now.config, now.layer, now.head)


def _names(frame: Frame) -> list[str]:
    return named(frame.tokens.labels, frame.language)


def _swapped(frame: Frame) -> SwappedHead:
    return swap_query_and_key(_layer(frame), frame.state.head, scaled=frame.state.config.scaled)


def _spread(frame: Frame, *, scaled: bool) -> HeadSpread:
    return head_spread(_layer(frame), frame.state.head, scaled=scaled)


def _unmasked(frame: Frame, weights: np.ndarray[tuple[int, ...], np.dtype[np.floating]]) -> WeightsView:
    """Return weights [query, key] as the only head of a view without a mask."""
    weights = weights[None].copy()
    return WeightsView(
        labels=frame.tokens.labels,
        before_dropout=weights,
        weights=weights,
        cells=np.full(weights.shape, Cell.SEEN),
        undefined=np.zeros(weights.shape[:-1], dtype=bool),
        grouped=False,
    )


def _about_the_pair(frame: Frame, pair: Pair) -> str:
    """Say what becomes of the pair's score: divided, masked or not, and its weight."""
    language, layer, names = frame.language, _layer(frame), _names(frame)
    head, (row, column) = frame.state.head, pair
    score = number(float(layer.scores[0, head, row, column]), language)
    divisor = number(layer.query.shape[-1] ** 0.5, language)
    scaled = number(float(layer.scaled_scores[0, head, row, column]), language)
    said = {"query": names[row], "key": names[column], "score": score}
    first = (
        text("query_key_value.pair_scaled", language, divisor=divisor, scaled=scaled, **said)
        if frame.state.config.scaled
        else text("query_key_value.pair", language, **said)
    )
    if not layer.mask[row, column]:
        return f"{first} {text('query_key_value.pair_masked', language, **said)}"
    weight = share(float(layer.weights[0, head, row, column]), language)
    return f"{first} {text('query_key_value.pair_weight', language, share=weight, **said)}"


def _about_the_swap(frame: Frame, both: SwappedHead) -> str:
    """Say that the scores are the same and the weights are not, and of which two tokens the weight changed most."""
    language, names = frame.language, _names(frame)
    change = np.abs(both.swapped_weights - both.weights.T)
    np.fill_diagonal(change, 0.0)  # a token's score for itself stays where it is: nothing is seen to change places
    row, column = (int(place) for place in np.unravel_index(int(change.argmax()), change.shape))
    apart = both.scores_apart
    key = "query_key_value.swap_result" if apart else "query_key_value.swap_result_exact"
    sentences = [
        text(key, language, scores=power_of_ten(apart, language)),
        text("query_key_value.swap_weights", language, weights=number(100 * both.weights_apart, language, 1)),
    ]
    if change[row, column] > ROUNDING:
        pair = text(
            "query_key_value.swap_pair",
            language,
            query=names[row],
            key=names[column],
            score=number(float(_layer(frame).scores[0, frame.state.head, column, row]), language),
            before=share(float(both.weights[column, row]), language),
            after=share(float(both.swapped_weights[row, column]), language),
        )
        return " ".join([*sentences, pair])
    return " ".join(sentences[:1])
