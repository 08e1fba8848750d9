"""By similarity: which heads do the same on this sentence, so that redundancy can be seen."""

from __future__ import annotations

from functools import partial
from itertools import combinations

import numpy as np
import streamlit as st

from attention import figures
from attention.head_similarity import Pair, extreme_pairs
from attention.texts import Language, number, text
from attention.trace import Floats
from attention.ui import state
from attention.ui.cache import cached_similarity
from attention.ui.compare.heads import (
    NAMED,
    Head,
    chosen_head,
    head_label,
    head_name,
    joined,
    open_pair,
    places,
    short_name,
    shown_of_all,
    write_all,
)
from attention.ui.layout import Frame
from attention.ui.live_figure import CellClick, Click, live_figure

LEAST_BITS = 0.005  # below, two decimals would write 0
ROUNDING = 1e-9  # below, a divergence is an error of rounding


def draw(frame: Frame) -> None:
    """Draw how far apart each two heads are beside the head in focus, or say why there is nothing to compare."""
    now, language, heads = frame.state, frame.language, places(frame.state)
    if len(heads) == 1:
        st.info(text("find_similar.one_head", language))
        state.assign(**{state.SHOWN_FOCUS: ()})
        return
    divergences, order = cached_similarity(shown_of_all(frame))
    said = about_pairs(divergences, now)
    if not said:
        st.info(text("find_similar.no_rows", language))
        return
    write_all([said])
    pairs, chosen = st.columns([6, 5], gap="large")
    with pairs:
        _map(frame, divergences, order)
    with chosen:
        chosen_head(frame, "similar_map")
    st.markdown(text("find_similar.how", language))
    if now.layers_shown > 1:
        st.caption(text("find.short_names", language))
    _method(language)


def _map(frame: Frame, divergences: Floats, order: list[int]) -> None:
    """Draw the map; a click on a cell shows its two heads side by side."""
    now, language, heads = frame.state, frame.language, places(frame.state)
    names = [head_label(place, now) for place in heads]
    live_figure(
        figures.similarity_map.plot(
            divergences,
            order,
            [short_name(place, now) for place in heads],
            [
                [_pair(one, other, divergences, names, language) for other in range(len(heads))]
                for one in range(len(heads))
            ],
            title=text("find_similar.title", language),
            language=language,
            theme=figures.theme_named(frame.theme),
            chosen=heads.index((now.layer, now.head)),
        ),
        key="similarity",
        alt=text("find_similar.alt", language),
        language=language,
        file_name=text("find_similar.title", language),
        on_click=partial(_choose_pair, [heads[head] for head in order]),
    )


def about_pairs(divergences: Floats, now: state.ViewState) -> str:
    """Say which two heads are most and least alike on this sentence; nothing where none can be compared.

    Pairs whose divergences are written alike share the place.
    """
    pairs, heads, language = extreme_pairs(divergences), places(now), now.language
    if pairs is None:
        return ""

    def named(pair: Pair) -> str:
        return joined([text("find.the", language, head=head_name(heads[head], now)) for head in pair], language)

    written = {
        pair: bits(float(divergences[pair]), language)
        for pair in combinations(range(len(heads)), 2)
        if np.isfinite(divergences[pair])
    }
    near, far = (written[pair] for pair in pairs)
    if len(heads) == 2:
        return text("find_similar.two", language, near=named(pairs[0]), near_bits=near)
    if near == far:
        return text("find_similar.level", language, bits=near)
    said = []
    for name, end in (("near", near), ("far", far)):
        tied = [pair for pair, value in written.items() if value == end]
        if len(tied) == 1:
            said.append(text(f"find_similar.{name}", language, pair=named(tied[0]), bits=end))
        else:
            shown = "; ".join(map(named, tied[:NAMED]))
            key = f"{name}_tied" if len(tied) <= NAMED else f"{name}_many"
            said.append(text(f"find_similar.{key}", language, n=len(tied), pairs=shown, bits=end))
    return text("find_similar.extremes", language, near=said[0], far=said[1])


def bits(divergence: float, language: Language) -> str:
    """Write a divergence; a small one is not zero, unless it is rounding."""
    if ROUNDING < divergence < LEAST_BITS:
        least = text("find_similar.bits", language, bits=number(LEAST_BITS, language, 3))
        return text("find_similar.less_than", language, bits=least)
    return text("find_similar.bits", language, bits=number(divergence, language))


def _pair(one: int, other: int, divergences: Floats, names: list[str], language: Language) -> str:
    if one == other:
        return text("find_similar.itself", language, one=names[one])
    divergence = float(divergences[one, other])
    if not np.isfinite(divergence):
        return text("find_similar.pair_unknown", language, one=names[one], other=names[other])
    return text("find_similar.pair", language, one=names[one], other=names[other], bits=bits(divergence, language))


def _method(language: Language) -> None:
    with st.popover(text("find_similar.method", language), icon=":material/function:", type="tertiary"):
        st.latex(r"\mathrm{JSD}(p, q) = H\!\left(\frac{p + q}{2}\right) - \frac{H(p) + H(q)}{2}")
        st.markdown(text("find_similar.method_what", language))
        st.caption(text("find_similar.method_source", language))


def _choose_pair(line: list[Head], click: Click) -> None:
    if isinstance(click, CellClick):
        open_pair(line[click.row], line[click.column])
