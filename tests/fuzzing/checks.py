"""What must hold of every hostile case: a clear refusal, or true numbers and pictures in which typed text is text."""

from __future__ import annotations

import ast
import base64
import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from itertools import product
from math import isfinite
from operator import attrgetter
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree

import numpy as np
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from attention import figures
from attention.config import AttentionConfig
from attention.errors import AttentionError
from attention.exports import introduction, row_csv, stages, trace_json, trace_npz, vectors_csv, weights_csv
from attention.figures import DARK, LIGHT
from attention.html_pages import State, figure_html, handout_html
from attention.lesson_model.source import trace_lesson
from attention.lesson_model.tokenizer import ENCODING as LESSON
from attention.lesson_model.tokenizer import START_LABEL, tokenize_lesson
from attention.notebooks import map_cell
from attention.snippets import names_literal
from attention.sources import trace_random
from attention.texts import LANGUAGES, Language
from attention.tokens import MAX_CHARACTERS, MAX_TOKENS, Tokens, tokenize
from attention.trace import AttentionTrace, ModelTrace
from attention.ui.errors import explain
from attention.ui.live_figure import safe_file_name
from attention.ui.reading import about_row
from attention.ui.share import fits_qr, qr_code, shared_link
from attention.ui.share.files import APP, MOST_BYTES, UnreadableStateError, read_state, write_state
from attention.ui.state import PARAMETERS, VERSION, ViewState, fits_link, parse, write
from attention.views import WeightsView, view_tokens, view_words
from tests.figures.sent import check_sent
from tests.fuzzing.cases import Case

Draw = Callable[[WeightsView], Any]  # a go.Figure, or the Plot it is made of
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
CLOSE: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5}
UNFIT = {"heads_do_not_divide", "unknown_mask_mode"}
REFUSALS = {"empty_text", "text_too_long", "too_many_tokens"}


def check(case: Case) -> None:
    """Run every check on a case; what fails is told with the command that runs it again."""
    try:
        check_address(case.address)
        check_state_file(case)
        check_shared_link(case.address)
        tokens = tokens_of(case)
        config = config_of(case)
        if tokens and config:
            check_tokens(tokens)
            trace = trace_lesson(tokens, config) if tokens.encoding == LESSON else trace_random(tokens, config)
            for layer in trace.layers:
                check_layer(layer, config)
            check_figures(trace, case)
            check_exports(trace, config, case)
    except BaseException as error:
        error.add_note(str(case))
        raise


# --- Refusals --------------------------------------------------------------------------------------------------------


def tokens_of(case: Case) -> Tokens | None:
    """Return the tokens of the case's text, or None where it is refused with a sentence in every language."""
    try:
        return tokenize_lesson(case.text) if case.encoding == LESSON else tokenize(case.text, case.encoding)
    except AttentionError as error:
        check_refusal(error, REFUSALS)
        return None


def config_of(case: Case) -> AttentionConfig | None:
    """Return the case's settings, or None where they are refused with a sentence in every language."""
    settings: dict[str, Any] = case.settings
    try:
        return AttentionConfig(**settings)
    except AttentionError as error:
        check_refusal(error, {f"{name}_out_of_range" for name in ("d_model", "dropout", "seed")} | UNFIT)
        return None


def check_refusal(error: AttentionError, codes: set[str]) -> None:
    assert error.code in codes
    for language in LANGUAGES:
        said = explain(error, language)
        assert said
        assert not re.search(r"\{\w+\}", said)
        assert "<" not in said.replace("\\<", "")


# --- Tokens ----------------------------------------------------------------------------------------------------------


def check_tokens(tokens: Tokens) -> None:
    """Nothing is lost or invented, and no label is empty, invisible or able to disorder a page."""
    assert len(tokens.text) <= 3 * MAX_CHARACTERS  # NFC may part a sign into three
    assert 1 <= len(tokens) <= MAX_TOKENS
    assert b"".join(tokens.pieces).decode() == tokens.text
    assert len(tokens.labels) == len(tokens.ids) == len(tokens.pieces) == len(tokens.words)
    assert tokens.words[0] == 0
    assert set(np.diff(tokens.words).tolist()) <= {0, 1}
    assert len(tokens.word_labels) == tokens.words[-1] + 1
    for label in (*tokens.labels, *tokens.word_labels):
        assert label.strip()
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u2066-\u2069\ud800-\udfff]", label)
    assert (tokens.labels[0] == START_LABEL) or tokens.encoding != LESSON


# --- The core --------------------------------------------------------------------------------------------------------


def check_layer(layer: AttentionTrace, config: AttentionConfig) -> None:
    """Every number is finite, and the weights are those of the formula, computed a second time in float64."""
    for stage, values in stages(layer).items():
        forbidden = stage == "masked_scores" and config.causal and config.mask_mode == "before_softmax"
        finite = np.isfinite(values) | (~layer.mask if forbidden else False)
        assert finite.all(), stage
    n = layer.mask.shape[-1]
    mask = np.tri(n, dtype=bool) if config.causal else np.ones((n, n), dtype=bool)
    assert np.array_equal(layer.mask, mask)
    first = config.causal and config.mask_mode == "before_softmax"
    scores = np.where(mask, layer.scaled_scores, -np.inf) if first else layer.scaled_scores
    exponentials = np.exp(np.float64(scores) - scores.max(axis=-1, keepdims=True))
    weights = exponentials / exponentials.sum(axis=-1, keepdims=True) * mask
    spent = layer.weights.sum(axis=-1)
    if config.causal and config.mask_mode == "renormalise":
        assert ((np.abs(spent - 1) < 1e-5) | layer.undefined).all()
    else:
        np.testing.assert_allclose(layer.weights, weights, **CLOSE)
        assert not layer.undefined.any()
    assert not layer.weights[..., ~mask].any()
    share = 1 - config.active_dropout
    dropped = layer.weights * layer.kept / share if share else np.zeros_like(layer.weights)
    np.testing.assert_allclose(layer.dropped_weights, dropped, **CLOSE)
    np.testing.assert_allclose(layer.context, layer.dropped_weights @ layer.value, **CLOSE)


# --- Figures ---------------------------------------------------------------------------------------------------------


def check_figures(trace: ModelTrace, case: Case) -> None:
    """Draw a figure of the case with its labels and again with harmless ones, and compare what plotly would obey."""
    view = (view_words if case.choice < 0.5 else view_tokens)(trace.layers[-1], trace.tokens)
    harmless = replace(view, labels=tuple("x" * len(label) for label in view.labels))
    layer = trace.layers[-1]
    drawings = list(drawings_of(view, layer, case).items())
    name, draw = drawings[int(case.choice * 1000) % len(drawings)]
    try:
        check_drawing(draw(view), draw(harmless))
        check_sent(draw(view), drawings_of(view, layer, case, attrgetter("plot"))[name](view).to_json())
    except Exception as error:
        error.add_note(f"figure: {name}")
        raise


def drawings_of(
    view: WeightsView, layer: AttentionTrace, case: Case, drawn: Callable[[Any], Any] = lambda figure: figure
) -> dict[str, Draw]:
    """Return every figure that shows labels, as functions of a view with the same numbers; `drawn` says how."""
    head, row = int(case.choice * view.n_heads), int(case.choice * len(view.labels))
    look: dict[str, Any] = {"language": case.language, "theme": DARK if case.dark else LIGHT}
    weights, may_look = view.weights[head, row], view.cells[head, row] == 0
    n = len(view.labels)
    numbers = np.resize(layer.value[0, head], (n, layer.value.shape[-1]))  # by word there are fewer rows: any will do
    return {
        "heads_mosaic": lambda v: drawn(figures.heads_mosaic)(v, focus_head=head, focus_row=row, **look),
        "head_map": lambda v: drawn(figures.head_map)(v, head, focus_row=row, **look),
        "comparison": lambda v: drawn(figures.comparison)(v, v, head, focus_row=row, narrow=case.dark, **look),
        "row_bars": lambda v: drawn(figures.row_bars)(v, head, row, **look),
        "sentence_colours": lambda v: drawn(figures.sentence_colours)(v, head, row, **look),
        # In a column, or in a line, whatever the labels' widths: the two have not the same tags.
        "arcs": lambda v: drawn(figures.arcs)(v, head, row, line_width=1 if case.dark else 10**6, **look),
        "pair_bars": lambda v: drawn(figures.pair_bars)(v, head, [row], sorted({0, row}), **look),
        "plain_tokens": lambda v: drawn(figures.plain_tokens)(v.labels, chosen=row, **look),
        "mask_map": lambda v: drawn(figures.mask_map)(
            v.labels, np.tri(n, dtype=bool), targets=(*v.labels[1:], None), focus_row=row, title=v.labels[0][:0], **look
        ),
        "path_map": lambda v: drawn(figures.path_map)(v.labels, 0, n - 1, **look),
        "next_tokens": lambda v: drawn(figures.next_tokens)(v.labels[:6], weights[:6].tolist(), **look),
        "addition_bars": lambda v: drawn(figures.addition_bars)(v.labels, numbers.T[:2] ** 2, 0, row, **look),
        "change_bars": lambda v: drawn(figures.change_bars)(v.labels, np.abs(numbers[:, 0]), **look),
        "contribution_bars": lambda v: drawn(figures.contribution_bars)(
            v.labels, weights, np.abs(numbers[:, 0]), **look
        ),
        "alignment": lambda v: drawn(figures.alignment)(
            v.labels, v.labels, [(place, n - 1 - place) for place in range(n)], notes=v.labels, **look
        ),
        "value_strips": lambda v: drawn(figures.value_strips)(
            v.labels, weights, numbers, may_look, component=0, **look
        ),
        "running_sum": lambda v: drawn(figures.running_sum)(v.labels, weights, numbers, may_look, component=0, **look),
    }


def check_drawing(figure: go.Figure, harmless: go.Figure) -> None:
    """No tag, template or formula comes from a label, and no number that is none is written or drawn."""
    drawn, plain = json.loads(figure.to_json()), json.loads(harmless.to_json())
    assert obeyed(drawn) == obeyed(plain), obeyed(drawn) - obeyed(plain)
    for string in strings_in(drawn):
        assert "$" not in string, string  # plotly would read a formula
        assert not re.search(r"&(?!(amp|lt|gt|nbsp|#36);)", string), string  # an entity that is not ours
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", string)
    for string in strings_in(plain):
        assert not re.search(r"\b(nan|NaN|inf|Infinity|None)\b", string)
    for trace in drawn["data"]:
        if trace["type"] == "bar":
            for axis in ("x", "y", "base", "width"):
                assert all(number is not None and isfinite(number) for number in numbers_in(trace.get(axis)))
    for key in ("range", "x0", "x1", "y0", "y1"):
        assert all(number is not None for number in values_of(drawn["layout"], key))


def obeyed(figure: dict[str, Any]) -> Counter[str]:
    """Return how often each tag stands in a figure, and each placeholder in its templates."""
    tags = [tag for string in strings_in(figure) for tag in re.findall(r"<[^>]*>?", string)]
    templates = [
        placeholder
        for trace in figure["data"]
        for string in strings_in([trace.get("hovertemplate"), trace.get("texttemplate"), trace.get("meta")])
        for placeholder in re.findall(r"%\{[^}]*\}?", string)
    ]
    return Counter(tags + templates)


def strings_in(node: object) -> Iterator[str]:
    """Yield every string of a figure; arrays of bytes hold none."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key != "bdata":
                yield from strings_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings_in(value)
    elif isinstance(node, str):
        yield node


def values_of(node: object, key: str) -> Iterator[object]:
    """Yield what stands under `key` anywhere in a figure's layout, lists flattened."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield from value if isinstance(value, list) else [value]
            else:
                yield from values_of(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from values_of(value, key)


def numbers_in(sent: Any) -> list[float | None]:  # noqa: ANN401 - a list, one number, or plotly's array of bytes
    """Return the numbers of an attribute, however plotly sends them."""
    if isinstance(sent, dict):
        found: list[float | None] = np.frombuffer(base64.b64decode(sent["bdata"]), sent["dtype"]).tolist()
        return found
    if isinstance(sent, list):
        return [number for number in sent if not isinstance(number, str)]
    return [] if sent is None else [sent]


# --- The address -----------------------------------------------------------------------------------------------------


def check_address(address: dict[str, str]) -> None:
    """Any link is a state the screen offers, and that state's own link means the same."""
    state = parse(address)
    assert 0 <= state.layer < state.layers_shown
    assert 0 <= state.head < state.heads_shown
    assert -1 <= state.row <= 9_999
    assert state.config.d_model % state.config.n_heads == 0
    assert state.before.config
    written = write(state)
    assert set(written) <= {"v", *(parameter.slug for parameter in PARAMETERS.values())}
    travelled = dict(parse_qsl(urlencode(written), keep_blank_values=True))
    assert travelled == written
    if fits_link(state):
        assert parse(travelled) == state


def check_state_file(case: Case) -> None:
    """A saved file restores its state with the case's text; one made by hand is read like a link, or refused."""
    text = " ".join(utf_8(case.text).splitlines())  # as its box holds it
    state, page = replace(parse(case.address), text=text), case.text[:80]
    saved = write_state(state, page)
    if len(saved) <= MOST_BYTES:
        assert read_state(saved) == (state, utf_8(page))
    else:
        assert refused(saved)
    by_hand = json.dumps({"app": APP, "page": page, "address": case.address}).encode()
    if case.address.get("v") == VERSION and len(by_hand) <= MOST_BYTES:
        as_read = json.loads(by_hand)  # in which two halves of a sign have become one
        assert read_state(by_hand) == (parse(as_read["address"]), as_read["page"])
    else:
        assert refused(by_hand)
    assert refused(case.text.encode("utf-8", "surrogatepass"))


def utf_8(typed: str) -> str:
    """Return a text as UTF-8 can write it, with a question mark for half a sign."""
    return typed.encode("utf-8", "replace").decode()


def refused(content: bytes) -> bool:
    """Tell whether a file is told to be none that could be opened."""
    try:
        read_state(content)
    except UnreadableStateError:
        return True
    return False


def check_shared_link(address: dict[str, str]) -> None:
    """The link that is shared restores the state, and its QR code, where one can hold it, is a drawing and no more."""
    state = parse(address)
    link = shared_link("https://school.example/app/comparar", state)
    assert re.fullmatch(r"https://school\.example/app/comparar\?[\w.~%&=+*-]+", link, re.ASCII), link
    if fits_link(state):
        travelled = dict(parse_qsl(link.partition("?")[2], keep_blank_values=True))
        assert parse(travelled) == replace(state, projector=False)
    if fits_qr(link):
        drawn = ElementTree.fromstring(qr_code(link))  # noqa: S314 - our own drawing
        assert {part.tag for part in drawn.iter()} <= {"svg", "path"}
        assert not "".join(drawn.itertext()).strip()
        across, down = drawn.attrib["viewBox"].split()[2:]
        assert across == down


# --- What is taken home ----------------------------------------------------------------------------------------------


def check_exports(trace: ModelTrace, config: AttentionConfig, case: Case) -> None:
    """Every file reads back the very numbers and labels, and nothing in it can run or call out."""
    layer = trace.layers[-1]
    view = (view_words if case.choice < 0.5 else view_tokens)(layer, trace.tokens)
    head = int(case.choice * view.n_heads)
    language = (None, *LANGUAGES)[case.number % 3]
    n, row = len(view.labels), int(case.choice * len(view.labels))
    check_weights_csv(weights_csv(view, layer, heads=[head], language=language), view, head, range(n), language)
    check_weights_csv(row_csv(alone(view, head), head, row, language=language), view, head, [row], language)
    check_vectors_csv(vectors_csv(trace, len(trace.layers) - 1), trace)
    check_json(trace_json(trace, config, model="random"), trace)
    check_npz(trace_npz(trace, config, model="random"), trace)
    look: dict[str, Any] = {"language": case.language, "theme": LIGHT}
    drawing = figures.head_map(view, head, **look)
    check_html(figure_html(State([drawing], [trace.tokens.text]), title=trace.tokens.text, language=case.language))
    check_handout(view, head, row, trace, config, case)
    assert ast.literal_eval(names_literal(view.labels)) == list(view.labels)
    ast.parse(map_cell(layer, head, trace.tokens.labels, case.language).source)
    assert re.fullmatch(r"[A-Za-z0-9-]{1,60}", safe_file_name(case.text))


def alone(view: WeightsView, head: int) -> WeightsView:
    """Return the view with one head and no other, as of a long text."""
    kept = slice(head, head + 1)
    numbers = {name: getattr(view, name)[kept] for name in ("before_dropout", "weights", "cells", "undefined")}
    return replace(view, **numbers)


def check_weights_csv(
    content: str, view: WeightsView, head: int, queries: Sequence[int], language: Language | None
) -> None:
    delimiter, point = (";", ",") if language == "pt-BR" else (",", ".")
    rows = csv_rows(content, delimiter)
    n = len(view.labels)
    for row, (query, key) in zip(rows, product(queries, range(n)), strict=True):
        check_text_cell(row.pop("query"), view.labels[query])
        check_text_cell(row.pop("key"), view.labels[key])
        assert row.pop("cell").isalpha()
        numbers = {name: float(cell.replace("−∞", "-inf").replace(point, ".")) for name, cell in row.items()}
        assert (numbers["head"], numbers["query_position"], numbers["key_position"]) == (head + 1, query + 1, key + 1)
        assert np.float32(numbers["weight"]) == np.float32(view.before_dropout[head, query, key])
        assert np.float32(numbers["dropped_weight"]) == np.float32(view.weights[head, query, key])


def check_handout(
    view: WeightsView, head: int, row: int, trace: ModelTrace, config: AttentionConfig, case: Case
) -> None:
    """The printed page has the tags and attributes it has of harmless words, and the text as it was typed."""
    language, title = case.language, trace.tokens.text
    now = ViewState(text=title, language=language, model="lesson" if trace.tokens.encoding == LESSON else "random")
    notes, said = introduction(trace, config, language), about_row(view, now, row, place=head)
    harmless = replace(view, labels=tuple("x" * len(label) for label in view.labels))
    look: dict[str, Any] = {"heading": "x", "language": language, "qr": "<svg></svg>" if case.dark else ""}
    page = handout_html(view, head, row, title=title, notes=notes, sentences=said, **look)
    plain = handout_html(harmless, head, row, title="x", notes=["x"] * len(notes), sentences=["x"] * len(said), **look)
    hostile, other = _Tags.of(page), _Tags.of(plain)
    assert hostile.whole == other.whole, hostile.whole - other.whole
    assert title in hostile.text


def check_vectors_csv(content: str, trace: ModelTrace) -> None:
    rows = csv_rows(content, ",")
    outputs = [row for row in rows if row["stage"] == "output"]
    expected = stages(trace.layers[-1])["output"]
    for row, label, vector in zip(outputs, trace.tokens.labels, expected, strict=True):
        check_text_cell(row["token"], label)
        written = [float(row[str(component + 1)]) for component in range(len(vector))]
        assert np.array_equal(np.array(written, np.float32), vector)


def csv_rows(content: str, delimiter: str) -> list[dict[str, str]]:
    """Return the rows by their header; every row has as many cells as it says, at most."""
    reader = csv.DictReader(io.StringIO(content.removeprefix("\N{BYTE ORDER MARK}")), delimiter=delimiter, strict=True)
    rows = list(reader)
    assert not any(None in row for row in rows)
    return rows


def check_text_cell(cell: str, label: str) -> None:
    assert not cell.startswith(FORMULA_SIGNS)
    assert cell in (label, f"'{label}")


def check_json(content: str, trace: ModelTrace) -> None:
    read = json.loads(content, parse_constant=refuse)
    assert read["text"] == trace.tokens.text
    assert read["tokens"] == list(trace.tokens.labels)
    for written, layer in zip(read["layers"], trace.layers, strict=True):
        for stage in ("scores", "weights", "dropped_weights", "context", "output"):
            assert np.array_equal(np.array(written[stage], np.float32), stages(layer)[stage]), stage


def refuse(constant: str) -> float:
    """Refuse what is no JSON: NaN and the infinities."""
    raise AssertionError(constant)


def check_npz(content: bytes, trace: ModelTrace) -> None:
    with np.load(io.BytesIO(content), allow_pickle=False) as read:
        assert json.loads(str(read["about"]))["text"] == trace.tokens.text
        for number, layer in enumerate(trace.layers):
            for stage, values in stages(layer).items():
                assert np.array_equal(read[f"layer_{number}.{stage}"], values), stage


class _Tags(HTMLParser):
    """Notes every tag of a page, as a browser would meet it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()
        self.whole: Counter[tuple[str, tuple[tuple[str, str | None], ...]]] = Counter()  # with attributes
        self.attributes: set[str] = set()
        self.text = ""

    @classmethod
    def of(cls, page: str) -> Self:
        """Return what is noted of a whole page."""
        tags = cls()
        tags.feed(page)
        tags.close()
        return tags

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and the names of its attributes."""
        self.found[tag] += 1
        self.whole[tag, tuple(attrs)] += 1
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        """Note what is text."""
        self.text += data


def check_html(page: str) -> None:
    """The page has the tags it has with any text: none comes from what was typed."""
    tags = _Tags.of(page.replace(get_plotlyjs(), ""))
    assert tags.found == HTML_TAGS, tags.found
    assert tags.attributes <= {"lang", "charset", "name", "content", "dir", "id", "class", "style", "type"}


HTML_TAGS = Counter(html=1, head=1, meta=2, title=1, style=1, script=3, body=1, h1=1, p=1, div=2)
