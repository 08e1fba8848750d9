"""The report on the lesson model: every claim with its number, and every sentence on which it fails."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import streamlit as st

from attention.errors import AttentionError
from attention.lesson_model.results import claims
from attention.texts import Language, number, percent, text
from attention.ui.errors import show_error
from attention.ui.markdown import escape_markdown

SHOWN_FAILURES = 100  # a set; docs/lesson-claims.md lists them all


def _results(language: Language) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = claims()["results"]
    except AttentionError as error:
        show_error(error, language)
        st.stop()
    return found


def claims_table(language: Language) -> None:
    """Draw every claim on every set: how often, the interval, the mean weight, what was asked, whether it holds."""
    st.subheader(text("lesson_model.claims", language), anchor=False)
    columns: dict[str, list[str]] = {
        text(f"lesson_model.column_{name}", language): []
        for name in ("claim", "set", "n", "share", "interval", "mass", "target", "met")
    }
    for result in _results(language):
        low, high = (percent(result[end], language, 1) for end in ("low", "high"))
        target = percent(result["at_least"], language)
        if result["mass_at_least"]:
            target += f" · {number(result['mass_at_least'], language)}"
        cells = (
            text(f"lesson_model.claim_{result['claim']}", language),
            text(f"lesson_model.set_{result['set']}", language),
            str(result["n"]),
            percent(result["share"], language, 1),
            f"{low} – {high}",
            "—" if result["mass"] is None else number(result["mass"], language),
            target,
            text("lesson_model.yes" if result["met"] else "lesson_model.no", language),
        )
        for column, cell in zip(columns.values(), cells, strict=True):
            column.append(escape_markdown(cell))
    st.table(columns)


def failures(language: Language) -> None:
    """List the sentences on which each claim fails, one closed panel a claim."""
    failing = [result for result in _results(language) if result["failures"]]
    st.subheader(text("lesson_model.failures", language), anchor=False)
    for claim, results in groupby(failing, key=lambda result: result["claim"]):
        listed = list(results)
        count = sum(len(result["failures"]) for result in listed)
        with st.expander(f"{text(f'lesson_model.claim_{claim}', language)} ({count})", key=f"failures_{claim}"):
            for result in listed:
                st.caption(text(f"lesson_model.set_{result['set']}", language))
                st.text("\n".join(result["failures"][:SHOWN_FAILURES]))


def switched_off(language: Language) -> None:
    """Say what switching heads off does to the prediction: the heads that carry it, and each of the others."""
    found = claims()
    off = found["off"]
    st.subheader(text("lesson_model.off", language), anchor=False)
    carriers = ", ".join(_head(layer, head, language) for layer, head in found["carriers"])
    rows = [(text("lesson_model.off_nothing", language), off["nothing"]), (carriers, off["carriers"])]
    rows += [(_head(layer, head, language), share) for layer, head, share in off["others"]]
    st.table(
        {
            text("lesson_model.off_which", language): [name for name, _ in rows],
            text("lesson_model.off_prefers", language, n=off["n"]): [percent(share, language, 1) for _, share in rows],
        }
    )


def _head(layer: int, head: int, language: Language) -> str:
    return text("lesson_model.head", language, layer=layer + 1, head=head + 1)
