"""The report on the lesson model: every claim and role with its number and target, and every sentence that fails."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import streamlit as st

from attention.errors import AttentionError
from attention.lesson_model.results import (
    ALONE,
    SPREAD,
    claims,
    feeder,
    in_how_many,
    off_over_seeds,
    over_seeds,
    roles_over_seeds,
)
from attention.texts import Language, count, number, percent, text
from attention.ui.errors import end_page, show_error
from attention.ui.lesson import carriers_named
from attention.ui.markdown import escape_markdown

SHOWN_FAILURES = 100  # a set; docs/lesson-claims.md lists them all


def _results(language: Language) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = claims()["results"]
    except AttentionError as error:
        show_error(error, language)
        end_page()
    return found


def claims_table(language: Language) -> None:
    """Draw every claim on every set: how often, the interval, the mean weight, what was asked, whether it holds."""
    st.header(text("lesson_model.claims", language), anchor=False)
    rows = []
    for result in _results(language):
        low, high = (percent(result[end], language, 1) for end in ("low", "high"))
        target = percent(result["at_least"], language)
        if result["mass_at_least"]:
            target += f" · {number(result['mass_at_least'], language)}"
        cells = (
            text(f"lesson_model.claim_{result['claim']}", language),
            text(f"lesson_model.set_{result['set']}", language),
            count(result["n"], language),
            percent(result["share"], language, 1),
            f"{low} – {high}",
            _mass(result["mass"], language),
            target,
            _met(language, holds=result["met"]),
        )
        rows.append(cells)
    _table(("claim", "set", "n", "share", "interval", "mass", "target", "met"), rows, language)


def roles_table(language: Language) -> None:
    """Draw the roles that are measured without right words: the best head at each, its mean weight, what was asked."""
    found = claims()
    asked = found["asked"]["role"]
    st.header(text("lesson_model.roles", language), anchor=False)
    rows = [
        (
            text(f"lesson_model.role_{name}", language),
            _head(layer, head, language),
            number(weight, language),
            number(asked, language),
            _met(language, holds=weight >= asked),
        )
        for name, weight in found["roles"].items()
        for layer, head in (found["heads"][name],)
    ]
    _table(("role", "head", "mass", "target", "met"), rows, language)
    st.caption(text("lesson_model.roles_note", language))


def failures(language: Language) -> None:
    """List the sentences on which each claim fails, one closed panel a claim."""
    failing = [result for result in _results(language) if result["failures"]]
    st.header(text("lesson_model.failures", language), anchor=False)
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
    off, asked = found["off"], found["asked"]
    st.header(text("lesson_model.off", language), anchor=False)
    most, least = (percent(asked[name], language) for name in ("carriers_off", "others_off"))
    rows = [
        (text("lesson_model.off_nothing", language), percent(off["nothing"], language, 1), "—", "—"),
        (
            carriers_named(language),
            percent(off["carriers"], language, 1),
            text("lesson_model.at_most", language, share=most),
            _met(language, holds=off["carriers"] <= asked["carriers_off"]),
        ),
    ]
    for layer, head, share in off["others"]:
        beside = layer == found["carriers"][0][0]
        name = _head(layer, head, language)
        if feeder(layer, head):
            name = text("lesson_model.feeds", language, head=name)
        target = text("lesson_model.at_least", language, share=least) if beside else "—"
        met = _met(language, holds=share >= asked["others_off"]) if beside else "—"
        rows.append((name, percent(share, language, 1), target, met))
    _table(("off", "off_prefers", "target", "met"), rows, language)
    st.caption(text("lesson_model.off_note", language, fed=carriers_named(language), most=most, least=least))


def seeds_table(language: Language) -> None:
    """Draw every claim over all trained seeds, and say in how many of them one head does the job."""
    found = claims()
    seeds, asked = found["seeds"], found["asked"]
    st.header(text("lesson_model.seeds", language, n=len(seeds)), anchor=False)
    rows = [
        (
            text(f"lesson_model.claim_{row.claim}", language),
            percent(row.median, language, 1),
            percent(row.least, language, 1),
            percent(row.asked, language),
            _met(language, holds=row.met),
            _mass(row.mass_median, language),
            _mass(row.mass_least, language),
        )
        for row in over_seeds()
    ]
    for name, middle, worst in roles_over_seeds():
        met = _met(language, holds=middle >= asked["role"])
        weights = (number(middle, language), number(worst, language))
        role = text(f"lesson_model.role_{name}", language)
        rows.append((role, "—", "—", number(asked["role"], language), met, *weights))
    for name, middle, worst, holds in off_over_seeds():
        limit = "at_most" if name == "carriers_off" else "at_least"
        target = text(f"lesson_model.{limit}", language, share=percent(asked[name], language))
        shares = (percent(middle, language, 1), percent(worst, language, 1))
        met = _met(language, holds=holds)
        rows.append((text(f"lesson_model.seeds_{name}", language), *shares, target, met, "—", "—"))
    _table(("claim", "median", "least", "target_median", "met", "mass_median", "mass_least"), rows, language)
    counted = in_how_many()
    values = {"n": len(seeds), "alone": number(ALONE, language), "spread": count(round(100 * SPREAD), language)}
    st.markdown(text("lesson_model.seeds_note", language, **values, **counted))
    if found["seeds_rule"] == "earlier":
        st.caption(text("lesson_model.seeds_earlier", language, n=len(seeds)))


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], language: Language) -> None:
    """Draw a table, its columns named by their texts; `off_prefers` says of how many sentences."""
    sentences = count(claims()["off"]["n"], language)
    names = [text(f"lesson_model.column_{name}", language, n=sentences) for name in columns]
    cells = zip(*rows, strict=True)
    st.table({name: [escape_markdown(cell) for cell in column] for name, column in zip(names, cells, strict=True)})


def _head(layer: int, head: int, language: Language) -> str:
    return text("lesson_model.head", language, layer=layer + 1, head=head + 1)


def _mass(value: float | None, language: Language) -> str:
    return "—" if value is None else number(value, language)


def _met(language: Language, *, holds: bool) -> str:
    return text("lesson_model.yes" if holds else "lesson_model.no", language)
