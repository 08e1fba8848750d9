"""The state of the screen, and the web address that restores it.

Each choice of the reader is one `Parameter`: its key in `st.session_state` (also its widget's key), its slug in the
address, its default, and how it is read from the address, which may hold anything. What is hostile, unknown
or out of range is ignored. Slugs and defaults belong to `VERSION`: an older address keeps its meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from attention.config import MASK_MODES, MAX_SEED, AttentionConfig, MaskMode
from attention.presets import PRESETS
from attention.texts import LANGUAGES, Language
from attention.tokens import DEFAULT_ENCODING, ENCODINGS

VERSION = "1"
HEAD_CHOICES = (1, 2, 3, 4, 6, 8, 12)
D_MODEL_CHOICES = (24, 48, 96, 192)
DROPOUT_CHOICES = tuple(tenths / 10 for tenths in range(10))
SWITCHES = ("causal", "scaled", "dropout_on", *MASK_MODES)  # a mode of the mask stands for the change away from it
TABS = ("settings", "numbers", "tokens", "downloads")
MAX_DRAWS = 1_000  # "draw again" counts seeds up to here, then starts over
MAX_LINK_CHARACTERS = 1_500  # of text; browsers and chats cut longer addresses


@dataclass(frozen=True, slots=True)
class ViewState:
    """Everything the reader chose, with the values of a first visit. Field names are session and widget keys."""

    text: str = PRESETS[0].text
    language: Language = "pt-BR"
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
    head: int = 0
    row: int = -1  # -1 is the last position, whatever the sentence
    moved: str = ""  # the switch whose effect is shown, or the mode the mask had before, or none
    more: bool = False  # the panel below the page
    tab: str = "settings"  # what the panel shows

    @property
    def config(self) -> AttentionConfig:
        """The settings of the attention layer; what cannot act is left at its default, so that equal means equal."""
        return AttentionConfig(
            n_heads=self.n_heads,
            d_model=self.d_model,
            causal=self.causal,
            mask_mode=self.mask_mode if self.causal else "before_softmax",
            scaled=self.scaled,
            positions=self.positions,
            dropout=self.dropout if self.dropout_on and self.training else 0.0,
            dropout_seed=self.dropout_seed if self.dropout_on and self.training else 0,
            seed=self.seed,
        )

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


def _flag(written: str) -> bool:
    return {"0": False, "1": True}[written]


def _whole(minimum: int, maximum: int) -> Callable[[str], int]:
    def read(written: str) -> int:
        if len(written) > len(str(maximum)) + 1 or not minimum <= (value := int(written)) <= maximum:
            raise ValueError(written)
        return value

    return read


def _named(slug: str, choices: Mapping[str, Any]) -> Parameter:
    by_value = {value: written for written, value in choices.items()}
    return Parameter(slug, choices.__getitem__, by_value.__getitem__)


def _switch(slug: str) -> Parameter:
    return Parameter(slug, _flag, lambda on: str(int(on)))


PARAMETERS: dict[str, Parameter] = {
    "text": Parameter("text", _writable),
    "language": _named("lang", {language.lower(): language for language in LANGUAGES}),
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
    "head": Parameter("head", lambda written: _whole(1, max(HEAD_CHOICES))(written) - 1, lambda head: str(head + 1)),
    "row": Parameter("row", lambda written: _whole(1, 9_999)(written) - 1, lambda row: str(row + 1)),
    "moved": _named("effect", {switch.replace("_on", "").replace("_", "-"): switch for switch in SWITCHES}),
    "more": _switch("more"),
    "tab": _named("tab", {tab: tab for tab in TABS}),
}
"""One entry a field of `ViewState`, in the order of the address."""


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
    state = ViewState(**found)
    return state if state.head < state.n_heads else replace(state, head=0)


def write(state: ViewState) -> dict[str, str]:
    """Return the address of `state`: its version, and each choice that is not the first visit's.

    A text too long for a link is left out, with the row in it; `fits_link` tells.
    """
    if not fits_link(state.text):
        state = replace(state, text=ViewState().text, row=ViewState().row)
    first_visit = ViewState()
    chosen = {name: getattr(state, name) for name in PARAMETERS if getattr(state, name) != getattr(first_visit, name)}
    return {"v": VERSION} | {PARAMETERS[name].slug: PARAMETERS[name].write(value) for name, value in chosen.items()}


def fits_link(text: str) -> bool:
    """Tell whether `text` is short enough for an address."""
    return len(text) <= MAX_LINK_CHARACTERS


def restore() -> None:
    """Fill the session before any widget is drawn: from the address on a first visit and when the reader goes back."""
    context = get_script_run_ctx()
    if "restored" not in st.session_state or (context and context.is_history_navigation):
        state = parse(st.query_params.to_dict())
        assign(**{field.name: getattr(state, field.name) for field in fields(state)})
        st.session_state["restored"] = True
    elif kept := st.session_state.get("kept"):
        # What has its widget on another page only, Streamlit forgets.
        assign(
            **{field.name: getattr(kept, field.name) for field in fields(kept) if field.name not in st.session_state}
        )


def current() -> ViewState:
    """Return the state of this session."""
    return ViewState(**{field.name: st.session_state[field.name] for field in fields(ViewState)})


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
