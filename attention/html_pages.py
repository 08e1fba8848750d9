"""Pages to take home: one whose figures still hover and switch without a network, and one to print."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from attention.figures.covers import Cover, cover
from attention.figures.difference import difference_limit, difference_title
from attention.figures.labels import isolate, named, shorten
from attention.figures.pairs import Pair, pair_names
from attention.figures.sentences import SIGNS, cell_sign, cell_texts, in_points, row_sum
from attention.figures.theme import LIGHT, blend, ink_on
from attention.metrics import strongest_keys
from attention.texts import Language, text
from attention.views import WeightsView

if TYPE_CHECKING:
    import plotly.graph_objects as go

PHONE = 700  # pixels up to which the figures for a phone are shown
PRINTED_POSITIONS = 16  # of a head that is printed whole: more would not be read on paper
LONG_TITLE = 90  # characters; a longer one is printed smaller
PRINTED_BESIDE = 9  # of two heads that are printed whole beside each other
PRINTED_KEYS = 12  # of a longer text, the strongest of the row in focus


@dataclass(frozen=True, eq=False, slots=True)
class State:
    """What a page shows while its switch stands one way: figures, and notes in plain text.

    `narrow` are the same figures laid out for a phone, where they are not so already.
    """

    figures: Sequence[go.Figure]
    notes: Sequence[str] = ()
    narrow: Sequence[go.Figure] = ()


def figure_html(
    shown: State,
    *,
    title: str,
    language: Language,
    otherwise: State | None = None,
    switch: str = "",
    ticked: bool = True,
    headings: Sequence[str] = (),
) -> str:
    """Return one HTML page in its figures' colours, plotly's own program inside: it opens without a network.

    With `otherwise`, a box labelled `switch` changes to that state, figure by figure; it begins `ticked`, or not.
    `headings` stand above the figures, one each, where there are any.
    """
    from plotly.offline import get_plotlyjs

    spoken = {"Download plot as a PNG": text("export.download_png", language)}
    locale = {"moduleType": "locale", "name": language, "dictionary": spoken, "format": {}}
    config = {
        "responsive": True,
        "displaylogo": False,
        "showSendToCloud": False,  # plotly 7 shows, unless told not to, a button that uploads the figure
        "modeBarButtons": [["toImage"]],
        "locale": language,
    }
    states = [shown, *([otherwise] if otherwise else [])]
    drawings, narrow = (
        ", ".join(f"[{', '.join(figure.to_json() for figure in figures)}]" for figures in each)
        for each in ([state.figures for state in states], [state.narrow for state in states])
    )
    layout = shown.figures[0].layout
    colours = f"background: {layout.paper_bgcolor or 'white'}; color: {layout.font.color or 'black'}"
    notes = "\n".join(
        f"<div class='notes'{' hidden' if number else ''}>{_paragraphs(state.notes)}</div>"
        for number, state in enumerate(states)
    )
    tick = "checked" if ticked else ""
    box = f"<p><label><input type='checkbox' id='switch' {tick}> {escape(switch)}</label></p>" if otherwise else ""
    places = "\n".join(
        f"{f'<h2>{escape(heading)}</h2>' if heading else ''}<div id='figure-{number}'></div>"
        for number, heading in enumerate([*headings, *[""] * (len(shown.figures) - len(headings))], start=1)
    )
    return f"""<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>
html {{ {colours}; font-family: system-ui, sans-serif; }}
body {{ margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }}
h1 {{ overflow-wrap: anywhere; }}
label {{ font-size: 1.25rem; }}
</style>
<script>{get_plotlyjs()}</script>
<script>Plotly.register({json.dumps(locale)})</script>
</head>
<body>
<h1 dir="auto">{escape(title)}</h1>
{notes}
{box}
{places}
<script>
const states = [{_in_script(drawings)}]
const narrow = [{_in_script(narrow)}]
const config = {json.dumps(config)}
const phone = matchMedia('(max-width: {PHONE}px)')
let shown = 0
function show(state) {{
  shown = state
  const figures = phone.matches && narrow[state].length ? narrow[state] : states[state]
  figures.forEach((figure, i) => Plotly.react(`figure-${{i + 1}}`, figure.data, figure.layout, config))
  document.querySelectorAll('.notes').forEach((notes, i) => notes.hidden = i !== state)
}}
const box = document.querySelector('#switch')
if (box) {{
  box.checked = box.defaultChecked // a browser that opens the page again remembers how the box was left
  box.addEventListener('change', () => show(box.checked === box.defaultChecked ? 0 : 1))
}}
phone.addEventListener('change', () => show(shown))
show(0)
</script>
</body>
</html>
"""


def handout_html(
    view: WeightsView,
    head: int,
    row: int,
    *,
    title: str,
    heading: str,
    language: Language,
    notes: Sequence[str] = (),
    sentences: Sequence[str] = (),
    qr: str = "",
) -> str:
    """Return one printed page of one head, with room for notes: its map as a table, or of a long text one row.

    `heading` names the head; `notes` say where the numbers come from, `sentences` what they say, all in plain text.
    `qr` is a drawing in SVG that leads back to the screen. Nothing on the page runs but the button that prints it.
    """
    fits = len(view.labels) <= PRINTED_POSITIONS
    drawn = _map(view, head, row, language) if fits else _row(view, head, row, language)
    drawn = f"<h2>{escape(heading)}</h2>\n{drawn}"
    return _sheet(drawn, title=title, language=language, notes=notes, sentences=sentences, qr=qr)


def sides_handout_html(
    found: Pair,
    row: int,
    *,
    title: str,
    names: tuple[str, str],
    heading: str,
    language: Language,
    notes: Sequence[str] = (),
    sentences: Sequence[str] = (),
    qr: str = "",
) -> str:
    """Return one printed page of A, B and B − A, with room for notes: their maps and one row, or of long texts the row.

    `row` is a place of the common axis, `heading` what it is called, `names` what A and B are; the rest as in
    `handout_html`.
    """
    parts = [f"<div><h2>{escape(heading)}</h2>{_row_of_both(found, row, language)}</div>"]
    if len(found.labels) <= PRINTED_BESIDE:
        own = [-1 if place is None else place for place in found.alignment.pairs[row]]
        maps = [
            *(_map(found.sides[side], found.heads[side], own[side], language) for side in (0, 1)),
            _difference_map(found, row, language),
        ]
        called = (*names, difference_title("B \N{MINUS SIGN} A", found.change))
        parts = [
            *(f"<div><h2>{escape(name)}</h2>{drawn}</div>" for name, drawn in zip(called, maps, strict=True)),
            *parts,
        ]
    drawn = f"<div class='parts parts-{len(parts)}'>{''.join(parts)}</div>"
    long = len(title) > LONG_TITLE
    return _sheet(drawn, title=title, language=language, notes=notes, sentences=sentences, qr=qr, long=long)


def _sheet(
    drawn: str,
    *,
    title: str,
    language: Language,
    notes: Sequence[str],
    sentences: Sequence[str],
    qr: str,
    long: bool = False,
) -> str:
    """Return the page that is printed around what is `drawn` in HTML; a `long` title in smaller letters."""
    size = " class='long'" if long else ""
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    code = f"<div class='qr'>{qr}<small>{escape(text('handout.qr', language))}</small></div>" if qr else ""
    return f"""<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{_PRINTED}</style>
</head>
<body>
<button onclick="print()">{escape(text("handout.print", language))}</button>
<header><div><h1 dir="auto"{size}>{escape(title)}</h1>{_paragraphs(notes)}</div>{code}</header>
{drawn}
<ul>{said}</ul>
<section><h2>{escape(text("handout.notes", language))}</h2><div class="lines"></div></section>
</body>
</html>
"""


_PRINTED = """
@page { size: A4; margin: 14mm; }
* { box-sizing: border-box; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
html { background: white; color: #1c2330; font: 11pt/1.35 system-ui, sans-serif; }
body { margin: 0 auto; width: 182mm; height: 266mm; display: flex; flex-direction: column; overflow: hidden; }
header { display: flex; justify-content: space-between; gap: 8mm; }
h1 { font-size: 15pt; margin: 0 0 2mm; overflow-wrap: anywhere; max-height: 3.9em; overflow: hidden; }
h1.long { font-size: 10pt; max-height: 5.4em; }
h2 { font-size: 12pt; margin: 4mm 0 1mm; }
p { margin: 0.5mm 0; font-size: 9.5pt; color: #3a4150; }
ul { margin: 3mm 0 0; padding-left: 5mm; }
table { border-collapse: collapse; align-self: flex-start; font-size: 9pt; }
th, td { padding: 0.8mm 1.6mm; text-align: center; border: 0.2mm solid #c3c9d4; }
th { font-weight: 500; border: 0; max-width: 24mm; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
th[scope=row] { text-align: right; }
tr.focus th[scope=row] { font-weight: 700; }
tr.focus td { border-top: 0.5mm solid #1d5fc2; border-bottom: 0.5mm solid #1d5fc2; }
td.bar { text-align: left; width: 110mm; }
td.bar span { display: block; height: 4mm; background: #1f5fb0; }
td.bar span.a { height: 2mm; }
td.bar span.b { background: #93bdea; height: 2mm; }
.parts { display: grid; gap: 0 4mm; }
.parts table { width: 100%; }
.parts-4 { grid-template-columns: repeat(2, minmax(0, 1fr)); }
.parts-4 h2 { font-size: 10pt; margin-top: 2mm; }
.parts-4 table { font-size: 6.5pt; table-layout: fixed; }
.parts-4 th, .parts-4 td { padding: 0.6mm 0; }
.parts-4 tr:first-child th:first-child { width: 13mm; }
.parts-4 th[scope=row] { padding-right: 1mm; }
.parts table.both { table-layout: auto; white-space: nowrap; }
.parts table.both th { max-width: 40mm; }
.parts table.both td, .parts table.both th { padding: 0.6mm 1mm; }
.parts table.both td.bar { width: 100%; }
.qr { flex: none; width: 34mm; text-align: center; }
.qr svg { width: 30mm; height: 30mm; }
section { flex: 1; min-height: 40mm; display: flex; flex-direction: column; }
.lines { flex: 1; background: repeating-linear-gradient(white 0 7.7mm, #c3c9d4 7.7mm 8mm); }
button { align-self: flex-end; font: inherit; padding: 1mm 4mm; margin: 2mm 0; }
@media print { button { display: none; } }
"""


def _map(view: WeightsView, head: int, row: int, language: Language) -> str:
    """Return the head as a table: who looks in the rows, at whom in the columns, what a row spends at its end."""
    labels = [escape(isolate(shorten(label))) for label in view.labels]
    names = "".join(f"<th scope='col' dir='auto'>{label}</th>" for label in labels)
    lines = [f"<tr><th></th>{names}<th scope='col'>{escape(text('figures.sum', language))}</th></tr>"]
    for query, label in enumerate(labels):
        cells = "".join(_cell(view, head, query, key, language) for key in range(len(labels)))
        focus = " class='focus'" if query == row else ""
        total = escape(row_sum(view, head, query, language))
        lines.append(f"<tr{focus}><th scope='row' dir='auto'>{label}</th>{cells}<td>{total}</td></tr>")
    return f"<table>{''.join(lines)}</table>"


def _cell(view: WeightsView, head: int, query: int, key: int, language: Language) -> str:
    ground = LIGHT.masked
    if cover(view, head, query, key) is Cover.NONE:
        ground = LIGHT.weight_colour(float(view.weights[head, query, key]))
    sign = escape(cell_sign(view, head, query, key, language))
    return f"<td style='background: {ground}; color: {ink_on(ground)}'>{sign}</td>"


def _row(view: WeightsView, head: int, row: int, language: Language) -> str:
    """Return the strongest of one row as bars, as long as their weights."""
    names = named(view.labels, language)
    lines = []
    for key in strongest_keys(view, head, row, PRINTED_KEYS):
        weight = float(view.weights[head, row, key])
        sign = escape(cell_sign(view, head, row, key, language))
        bar = f"<td class='bar'><span style='width: {100 * min(weight, 1.0):.1f}%'></span></td>"
        lines.append(f"<tr><th scope='row' dir='auto'>{escape(names[key])}</th><td>{sign}</td>{bar}</tr>")
    left = len(names) - len(lines)
    rest = f"<p>{escape(text('handout.rest', language, query=names[row], n=left))}</p>" if left else ""
    return f"<table>{''.join(lines)}</table>{rest}"


def _difference_map(found: Pair, row: int, language: Language) -> str:
    """Return B − A in points as a table on the common axis, coloured as on the screen."""
    labels = [escape(isolate(shorten(label))) for label in found.labels]
    limit = difference_limit(found.change)

    def cell(query: int, key: int) -> str:
        change = float(found.change[query, key])
        if np.isnan(change):
            sign = SIGNS[max(cover(view, 0, query, key) for view in found.placed)]
            return f"<td style='background: {LIGHT.masked}'>{escape(sign)}</td>"
        one, other = (float(view.weights[0, query, key]) for view in found.placed)
        ground = blend(LIGHT.difference, (change / limit + 1) / 2)
        sign = escape(in_points(one, other, language))
        return f"<td style='background: {ground}; color: {ink_on(ground)}'>{sign}</td>"

    columns = "".join(f"<th scope='col' dir='auto'>{label}</th>" for label in labels)
    lines = [f"<tr><th></th>{columns}</tr>"]
    for query, label in enumerate(labels):
        focus = " class='focus'" if query == row else ""
        cells = "".join(cell(query, key) for key in range(len(labels)))
        lines.append(f"<tr{focus}><th scope='row' dir='auto'>{label}</th>{cells}</tr>")
    return f"<table>{''.join(lines)}</table>"


def _row_of_both(found: Pair, row: int, language: Language) -> str:
    """Return one row of A and of B key by key, and B − A in points; of a long one the keys either looks at most."""
    names = pair_names(found, language)
    weights = np.stack([np.nan_to_num(view.weights[0, row]) for view in found.placed])
    keys = range(len(names))
    if len(names) > PRINTED_BESIDE:
        keys = (-weights.max(axis=0)).argsort(kind="stable")[:PRINTED_KEYS].tolist()
    heads = "".join(
        f"<th scope='col'>{escape(name)}</th>" for name in ("A", "B", text("figures.points_apart", language))
    )
    lines = [f"<tr><th></th>{heads}<th></th></tr>"]
    for key in keys:
        (a, b), (one, other) = cell_texts(found.placed, row, key, language)
        points = "" if np.isnan(found.change[row, key]) else in_points(one, other, language)
        cells = "".join(f"<td>{escape(said)}</td>" for said in (a, b, points))
        bars = "".join(
            f"<span class='{side}' style='width: {100 * min(weight, 1.0):.1f}%'></span>"
            for side, weight in zip("ab", weights[:, key].tolist(), strict=True)
        )
        name = escape(names[key])
        lines.append(f"<tr><th scope='row' dir='auto'>{name}</th>{cells}<td class='bar'>{bars}</td></tr>")
    left = len(names) - len(lines) + 1
    rest = f"<p>{escape(text('handout.rest_both', language, query=names[row], n=left))}</p>" if left else ""
    return f"<table class='both'>{''.join(lines)}</table>{rest}"


def _paragraphs(notes: Sequence[str]) -> str:
    return "\n".join(f"<p>{escape(note)}</p>" for note in notes)


def _in_script(content: str) -> str:
    """Return JSON that no `</script>` in it can end."""
    return content.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
