"""The state of the screen, and the web address that restores it.

Each choice of the reader is one `Parameter`: its key in `st.session_state` (also its widget's key), its slug in the
address, its default, and how it is read from the address, which may hold anything. What is hostile, unknown
or out of range is ignored. Slugs and defaults belong to `VERSION`: an older address keeps its meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from attention.config import MASK_MODES, MAX_SEED, AttentionConfig, MaskMode
from attention.head_measures import MEASURES, Measure
from attention.importance import FILLINGS, Filling
from attention.presets import PRESETS
from attention.texts import LANGUAGES, Language
from attention.tokens import DEFAULT_ENCODING, ENCODINGS

VERSION = "1"
MODELS = ("lesson", "random")  # where the numbers come from; the first is a first visit's
LESSON_FOCUS = (1, 0)  # layer and head of the lesson model's strongest claim, counted from 0; a test holds it
LESSON_SECOND = (1, 3)  # the head first set beside it: the one that finds the subject from the verb's own row
LESSON_LAYERS, LESSON_HEADS = 2, 4
HEAD_CHOICES = (1, 2, 3, 4, 6, 8, 12)
D_MODEL_CHOICES = (24, 48, 96, 192)
DROPOUT_CHOICES = tuple(tenths / 10 for tenths in range(10))
SWITCHES = ("causal", "scaled", "dropout_on", *MASK_MODES)  # a mode of the mask stands for the change away from it
TABS = ("settings", "numbers", "tokens", "downloads")
SEARCHES = ("example", "measure", "similar", "role")  # ways to find a head; the first is a first visit's
MEASURED_ROWS = ("mean", "row")  # over which rows a measure is taken
ORDERS = ("heads", *MEASURES)  # of the list of heads; the first is layer by layer
ROLES = (
    "predicts",
    "verb",
    "adjective",
    "pronoun",
    "previous",
    "itself",
    "start",
)  # measured of every head; a test holds it
TOOLS = ("sides", "find", "worth", "lines")  # of the page that compares; the first is a first visit's
WORTHS = ("norms", "off", "sink", "rollout")  # the parts of the tool “worth”; the first is a first visit's
SIDES_VIEWS = ("difference", "four", "all")  # A, B and their difference; some heads; the overview of all
ALIGNMENTS = ("position", "word")  # how two sentences are laid on each other
MOST_SEVERAL = 4  # heads looked at together
STORIES = ("lesson", "induction")  # whose training the page on training shows; the first is a first visit's
SHOWN_SWITCHES = "shown_switches"  # where the session keeps which switches the page has drawn
MAX_STEP = 999_999  # of a training
MAX_DRAWS = 1_000  # "draw again" counts seeds up to here, then starts over
MAX_TERM_CHARACTERS = 60
MAX_LINK_CHARACTERS = 1_500  # of text; browsers and chats cut longer addresses


@dataclass(frozen=True, slots=True)
class ViewState:
    """Everything the reader chose, with the values of a first visit. Field names are session and widget keys."""

    text: str = PRESETS[0].text
    language: Language = "pt-BR"
    model: str = MODELS[0]
    encoding: str = DEFAULT_ENCODING
    n_heads: int = 4
    d_model: int = 96
    positions: bool = True
    seed: int = 0
    causal: bool = True
    mask_mode: MaskMode = "before_softmax"
    scaled: bool = True
    dropout_on: bool = False
    dropout: float = 0.5
    dropout_seed: int = 0
    training: bool = True
    grouped: bool = False
    layer: int = LESSON_FOCUS[0]
    head: int = LESSON_FOCUS[1]
    row: int = -1  # -1 is the last position, whatever the sentence
    moved: str = ""  # the switch whose effect is shown, or the mode the mask had before, or none
    more: bool = False  # the panel below the page
    tab: str = "settings"  # what the panel shows
    projector: bool = False  # whether the page is laid out for a wall
    keys: bool = True  # whether single keys act
    story: str = STORIES[0]
    step: int = -1  # of the lesson model's training; -1 is its end
    column: int = -1  # with the row, the cell in focus of the page that compares; -1 is the one its row looks at most
    line_heads: tuple[int, ...] = ()  # those drawn as lines; none means all
    tool: str = TOOLS[0]  # what the page that compares shows
    search: str = SEARCHES[0]  # how a head is looked for
    x_measure: Measure = "distance"  # of the heads' scatter
    y_measure: Measure = "entropy"
    measured_rows: str = MEASURED_ROWS[0]  # all that have a choice, or the one in focus
    only_layer: int = -1  # whose heads are listed; -1 is all
    ordered_by: str = ORDERS[0]  # the list of heads
    rising: bool = False  # the least first
    role: str = ROLES[0]  # at which every head is shown
    worth: str = WORTHS[0]  # which part of the tool “worth”
    off: str = ""  # the heads that are off, as an address names them: "2.1-2.4" is layer 2, heads 1 and 4
    filling: Filling = FILLINGS[0]  # what a head that is off gives instead
    term: str = ""  # what the glossary is asked for: a term's slug, or any words
    moment: int = -1  # the step of its training at which the lesson model is compared; -1 is its end
    sides_view: str = SIDES_VIEWS[0]
    align: str = ALIGNMENTS[0]
    target: str = "a"  # the side a head of the overview is put into
    several: tuple[tuple[int, int], ...] = ()  # layers and heads looked at together; none: the first of A's layer
    # Side B of a comparison: its layer and head; all else is as the address writes it, "" being as in A.
    b_layer: int = LESSON_SECOND[0]
    b_head: int = LESSON_SECOND[1]
    b_text: str = ""
    b_model: str = ""
    b_moment: str = ""
    b_encoding: str = ""
    b_n_heads: str = ""
    b_d_model: str = ""
    b_positions: str = ""
    b_seed: str = ""
    b_causal: str = ""
    b_mask_mode: str = ""
    b_scaled: str = ""
    b_dropout_on: str = ""
    b_dropout: str = ""
    b_dropout_seed: str = ""
    b_training: str = ""

    @property
    def side_b(self) -> ViewState:
        """The same state as B sees it: B's own choices under A's names, its layer and head among those there are."""
        own = {name: getattr(self, f"b_{name}") for name in SIDE_FIELDS}
        chosen = {name: PARAMETERS[name].read(written) for name, written in own.items() if written}
        return _existing(replace(self, **chosen, layer=self.b_layer, head=self.b_head))

    def as_b(self, of_a: ViewState) -> dict[str, Any]:
        """Return the fields of B that make it what this state's A is, beside `of_a`."""
        written = {
            f"b_{name}": ""
            if getattr(self, name) == getattr(of_a, name)
            else PARAMETERS[name].write(getattr(self, name))
            for name in SIDE_FIELDS
        }
        return {**written, "b_layer": self.layer, "b_head": self.head}

    @property
    def is_lesson(self) -> bool:
        """Whether the numbers are those of the trained lesson model, which fixes its sizes and its tokens."""
        return self.model == "lesson"

    @property
    def vocabulary(self) -> str:
        """The encoding the text is cut with: the lesson model has its own."""
        return "lesson" if self.is_lesson else self.encoding

    @property
    def heads_shown(self) -> int:
        """How many heads a layer of the chosen model has."""
        return LESSON_HEADS if self.is_lesson else self.n_heads

    @property
    def layers_shown(self) -> int:
        """How many layers the chosen model has."""
        return LESSON_LAYERS if self.is_lesson else 1

    @property
    def heads_off(self) -> tuple[tuple[int, int], ...]:
        """The heads that are off, layer and head counted from 0; none that the chosen model does not have."""
        named = heads_named(self.off)
        return tuple((layer, head) for layer, head in named if layer < self.layers_shown and head < self.heads_shown)

    @property
    def config(self) -> AttentionConfig:
        """The settings of the attention layer; what cannot act is left at its default, so that equal means equal."""
        switches = AttentionConfig(
            causal=self.causal,
            mask_mode=self.mask_mode if self.causal else "before_softmax",
            scaled=self.scaled,
            dropout=self.dropout if self.dropout_on and self.training else 0.0,
            dropout_seed=self.dropout_seed if self.dropout_on and self.training else 0,
        )
        if self.is_lesson:
            return switches
        return replace(switches, n_heads=self.n_heads, d_model=self.d_model, positions=self.positions, seed=self.seed)

    @property
    def beyond_training(self) -> bool:
        """Whether a switch asks of the lesson model what it was never trained for; either mask position was trained."""
        config = self.config
        return self.is_lesson and (not config.scaled or config.dropout > 0 or config.mask_mode != "before_softmax")

    @property
    def before(self) -> ViewState:
        """The same state before the last switch moved: a two-way switch the other way, the mask's mode as it was."""
        match self.moved:
            case "causal":
                return replace(self, causal=not self.causal)
            case "scaled":
                return replace(self, scaled=not self.scaled)
            case "dropout_on":
                return replace(self, dropout_on=not self.dropout_on)
            case "before_softmax" | "zero_after" | "renormalise":
                return replace(self, mask_mode=self.moved)
            case _:
                return self


@dataclass(frozen=True, slots=True)
class Parameter:
    """How one field of `ViewState` travels in the address."""

    slug: str
    read: Callable[[str], Any]  # raises ValueError or KeyError for what it does not accept
    write: Callable[[Any], str] = str


def _writable(written: str) -> str:
    """Return the text as a box of one line can hold it: no lone surrogates, line breaks as spaces."""
    return " ".join(written.encode("utf-8", "replace").decode().splitlines())


def _searched(written: str) -> str:
    """Return what the glossary is asked for, as its box can hold it."""
    if len(written) > MAX_TERM_CHARACTERS:
        raise ValueError(written)
    return _writable(written)


def _flag(written: str) -> bool:
    return {"0": False, "1": True}[written]


def _whole(minimum: int, maximum: int) -> Callable[[str], int]:
    def read(written: str) -> int:
        if len(written) > len(str(maximum)) + 1 or not minimum <= (value := int(written)) <= maximum:
            raise ValueError(written)
        return value

    return read


def heads_named(written: str) -> tuple[tuple[int, int], ...]:
    """Return the heads that "2.1-2.4" names, layer and head counted from 0. Raises ValueError for anything else."""
    if not written:
        return ()
    heads = []
    for part in written.split("-"):
        layer, head = part.split(".")
        heads.append((_whole(1, LESSON_LAYERS)(layer) - 1, _whole(1, max(HEAD_CHOICES))(head) - 1))
    return tuple(sorted(set(heads)))


def write_heads(heads: Iterable[tuple[int, int]]) -> str:
    """Write heads, layer and head counted from 0, as `heads_named` reads them."""
    return "-".join(f"{layer + 1}.{head + 1}" for layer, head in sorted(set(heads)))


def _named(slug: str, choices: Mapping[str, Any]) -> Parameter:
    by_value = {value: written for written, value in choices.items()}
    return Parameter(slug, choices.__getitem__, by_value.__getitem__)


def _switch(slug: str) -> Parameter:
    return Parameter(slug, _flag, lambda on: str(int(on)))


def _counted(slug: str, maximum: int) -> Parameter:
    """Return a position that people count from 1 and the code from 0."""
    return Parameter(slug, lambda written: _whole(1, maximum)(written) - 1, lambda position: str(position + 1))


def _heads(written: str) -> tuple[int, ...]:
    """Return different heads in order, which people count from 1: 1-3-4."""
    read = _whole(1, max(HEAD_CHOICES))
    return tuple(sorted({read(number) - 1 for number in written[:60].split("-")}))


def _moment(written: str) -> int:
    return -1 if written == "end" else _whole(0, MAX_STEP)(written)


def _several(written: str) -> tuple[tuple[int, int], ...]:
    """Read heads as people write them, layer.head from 1: "1.3,2.4"; each once, in order, no more than are shown."""
    if len(written) > 9 * MOST_SEVERAL:
        raise ValueError(written)
    heads = set()
    for place in written.split(","):
        layer, head = place.split(".")
        heads.add((_whole(1, LESSON_LAYERS)(layer) - 1, _whole(1, max(HEAD_CHOICES))(head) - 1))
    if len(heads) > MOST_SEVERAL:
        raise ValueError(written)
    return tuple(sorted(heads))


def _write_several(heads: tuple[tuple[int, int], ...]) -> str:
    return ",".join(f"{layer + 1}.{head + 1}" for layer, head in heads)


PARAMETERS: dict[str, Parameter] = {
    "text": Parameter("text", _writable),
    "language": _named("lang", {language.lower(): language for language in LANGUAGES}),
    "model": _named("model", {model: model for model in MODELS}),
    "encoding": _named("encoding", {encoding: encoding for encoding in ENCODINGS}),
    "n_heads": _named("heads", {str(n): n for n in HEAD_CHOICES}),
    "d_model": _named("dims", {str(n): n for n in D_MODEL_CHOICES}),
    "positions": _switch("positions"),
    "seed": Parameter("seed", _whole(0, MAX_SEED)),
    "causal": _switch("causal"),
    "mask_mode": _named("mask", {mode.replace("_", "-"): mode for mode in MASK_MODES}),
    "scaled": _switch("scale"),
    "dropout_on": _switch("dropout"),
    "dropout": _named("p", {str(p): p for p in DROPOUT_CHOICES}),
    "dropout_seed": Parameter("draw", _whole(0, MAX_SEED)),
    "training": _switch("train"),
    "grouped": _switch("words"),
    "layer": _counted("layer", LESSON_LAYERS),
    "head": _counted("head", max(HEAD_CHOICES)),
    "row": _counted("row", 9_999),
    "moved": _named("effect", {switch.replace("_on", "").replace("_", "-"): switch for switch in SWITCHES}),
    "more": _switch("more"),
    "tab": _named("tab", {tab: tab for tab in TABS}),
    "projector": _switch("projector"),
    "keys": _switch("keys"),
    "story": _named("story", {story: story for story in STORIES}),
    "step": Parameter("step", _whole(0, MAX_STEP)),
    "column": _counted("column", 9_999),
    "line_heads": Parameter("lines", _heads, lambda heads: "-".join(str(head + 1) for head in heads)),
    "tool": _named("tool", {tool: tool for tool in TOOLS}),
    "search": _named("find", {search: search for search in SEARCHES}),
    "x_measure": _named("x", {measure.replace("_", "-"): measure for measure in MEASURES}),
    "y_measure": _named("y", {measure.replace("_", "-"): measure for measure in MEASURES}),
    "measured_rows": _named("rows", {rows: rows for rows in MEASURED_ROWS}),
    "only_layer": _counted("only", LESSON_LAYERS),
    "ordered_by": _named("sort", {order.replace("_", "-"): order for order in ORDERS}),
    "rising": _switch("rising"),
    "role": _named("role", {role: role for role in ROLES}),
    "worth": _named("worth", {worth: worth for worth in WORTHS}),
    "off": Parameter("off", lambda written: write_heads(heads_named(written))),
    "filling": _named("fill", {filling: filling for filling in FILLINGS}),
    "term": Parameter("term", _searched),
    "moment": Parameter("moment", _moment, lambda step: "end" if step < 0 else str(step)),
    "sides_view": _named("show", {view: view for view in SIDES_VIEWS}),
    "align": _named("align", {way: way for way in ALIGNMENTS}),
    "target": _named("into", {side: side for side in ("a", "b")}),
    "several": Parameter("several", _several, _write_several),
    "b_layer": _counted("blayer", LESSON_LAYERS),
    "b_head": _counted("bhead", max(HEAD_CHOICES)),
}
"""One entry a field of `ViewState`, in the order of the address."""

SIDE_FIELDS = (
    *("text", "model", "moment", "encoding", "n_heads", "d_model", "positions", "seed"),
    *("causal", "mask_mode", "scaled", "dropout_on", "dropout", "dropout_seed", "training"),
)
"""What B may have otherwise than A, beside its layer and head."""


def _of_side_b(name: str) -> Parameter:
    """Return how B's choice travels: written as A's would be, under A's slug with a "b" before it."""
    of_a = PARAMETERS[name]
    return Parameter(f"b{of_a.slug}", lambda written: of_a.write(of_a.read(written)) if written else "")


PARAMETERS |= {f"b_{name}": _of_side_b(name) for name in SIDE_FIELDS}


def first_visit(model: str = MODELS[0]) -> ViewState:
    """Return what is shown of a model at first: its strongest claim, or its first head."""
    if model == "lesson":
        return ViewState(model=model)
    return ViewState(model=model, layer=0, head=0, b_layer=0, b_head=1)


def _existing(state: ViewState) -> ViewState:
    """Return the state with A's first layer or head for one that its model does not have."""
    layer = state.layer if state.layer < state.layers_shown else 0
    head = state.head if state.head < state.heads_shown else 0
    return replace(state, layer=layer, head=head)


def parse(address: Mapping[str, str]) -> ViewState:
    """Return the state an address describes; whatever it does not say, or says wrongly, is as on a first visit."""
    if address.get("v", VERSION) != VERSION:
        return ViewState()
    found: dict[str, Any] = {}
    for name, parameter in PARAMETERS.items():
        try:
            found[name] = parameter.read(address[parameter.slug])
        except (KeyError, ValueError):
            continue
    state = _existing(replace(first_visit(found.get("model", MODELS[0])), **found))
    side_b = state.side_b
    only = state.only_layer if state.layers_shown > 1 else -1
    return replace(state, only_layer=only, b_layer=side_b.layer, b_head=side_b.head)


def refused(address: Mapping[str, str]) -> tuple[str, ...]:
    """Return what an address names and the screen cannot show, no such value, head or layer, as "slug=value"."""
    if address.get("v", VERSION) != VERSION:
        return ()
    state = parse(address)
    return tuple(
        f"{parameter.slug}={address[parameter.slug][:20]}"
        for name, parameter in PARAMETERS.items()
        if parameter.slug in address and not _kept(parameter, address[parameter.slug], getattr(state, name))
    )


def _kept(parameter: Parameter, written: str, value: object) -> bool:
    """Tell whether what an address says is the value it led to."""
    try:
        return bool(parameter.read(written) == value)
    except (KeyError, ValueError):
        return False


def write(state: ViewState, *, whole: bool = False) -> dict[str, str]:
    """Return the address of `state`: its version, its model, and each choice that is not that model's first visit's.

    Unless `whole`, a text too long for a link is left out, with the row in it; `fits_link` tells. B's is left out where
    both are.
    """
    usual = first_visit(state.model)
    if not (whole or fits_link(state.text)):
        state = replace(state, text=usual.text, row=usual.row, column=usual.column)
    if not (whole or fits_link(state.text + state.b_text)):
        state = replace(state, b_text="")
    changed = [name for name in PARAMETERS if getattr(state, name) != getattr(usual, name)]
    chosen = changed if state.model == MODELS[0] else ["model", *changed]
    return {"v": VERSION} | {PARAMETERS[name].slug: PARAMETERS[name].write(getattr(state, name)) for name in chosen}


def fits_link(text: str) -> bool:
    """Tell whether `text` is short enough for an address."""
    return len(text) <= MAX_LINK_CHARACTERS


def restore() -> None:
    """Fill the session before any widget is drawn: from the address on a first visit and when the reader goes back.

    A link between pages brings an address of its own, without a version: of it only the glossary's term is read.
    """
    context = get_script_run_ctx()
    if "restored" not in st.session_state or (context and context.is_history_navigation):
        state = parse(st.query_params.to_dict())
        assign(**{field.name: getattr(state, field.name) for field in fields(state)})
        st.session_state["restored"] = True
        st.session_state["refused"] = (refused(st.query_params.to_dict()), state)
    elif kept := st.session_state.get("kept"):
        # What has its widget on another page only, Streamlit forgets.
        assign(
            **{field.name: getattr(kept, field.name) for field in fields(kept) if field.name not in st.session_state}
        )
        address = st.query_params.to_dict()
        if "v" not in address:
            assign(term=parse(address).term)


def current() -> ViewState:
    """Return the state of this session; in a callback, what Streamlit has forgotten is still as it was published."""
    kept = st.session_state.get("kept", ViewState())
    return ViewState(
        **{field.name: st.session_state.get(field.name, getattr(kept, field.name)) for field in fields(ViewState)}
    )


def carry_to(page: str) -> None:
    """Take every choice along when `page` is opened: a widget that stands on several pages starts empty on the next.

    Only then: assigned on every run, a text would overwrite what is being typed meanwhile.
    """
    if st.session_state.get("page") != page:
        now = current()
        assign(page=page, **{field.name: getattr(now, field.name) for field in fields(now)})


def publish() -> None:
    """Write the state into the address bar, so that the address always reopens what is on the screen."""
    st.session_state["kept"] = current()
    address = write(current())
    if st.query_params.to_dict() != address:
        st.query_params.from_dict(address)


def assign(**values: object) -> None:
    """Set choices from a callback: the one way a click moves a value."""
    for name, value in values.items():
        st.session_state[name] = value


def choose_model() -> None:
    """Move the focus to where the newly chosen model begins."""
    now = current()
    begins = first_visit(now.model)
    assign(layer=begins.layer, head=begins.head, row=begins.row, column=begins.column, several=())
    assign(only_layer=-1, off="", moved="")
    if not now.b_model:
        assign(b_layer=begins.b_layer, b_head=begins.b_head)
