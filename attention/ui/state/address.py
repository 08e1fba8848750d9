"""From an address to the state it describes, and back.

What an address says that is hostile, unknown or out of range is ignored, one parameter at a time. Slugs and defaults
belong to `VERSION`: an older address keeps its meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from attention.lesson_model.history import lesson_history
from attention.ui.state.choices import MODELS
from attention.ui.state.parameters import PARAMETERS, Parameter
from attention.ui.state.view import ViewState, existing, first_visit

VERSION = "1"
MAX_LINK_CHARACTERS = 1_500  # of text; browsers and chats cut longer addresses


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
    state = existing(replace(first_visit(found.get("model", MODELS[0])), **found))
    side_b = state.side_b
    only = state.only_layer if state.layers_shown > 1 else -1
    return replace(state, only_layer=only, b_layer=side_b.layer, b_head=side_b.head)


def refused(address: Mapping[str, str]) -> tuple[str, ...]:
    """Return what an address names and the screen cannot show, no such value, head or moment, as "slug=value"."""
    if address.get("v", VERSION) != VERSION:
        return (f"v={address['v'][:20]}",)
    state = parse(address)
    return tuple(
        f"{parameter.slug}={address[parameter.slug][:20]}"
        for name, parameter in PARAMETERS.items()
        if parameter.slug in address
        and not (
            _kept(parameter, address[parameter.slug], getattr(state, name))
            and _there(name, address[parameter.slug], state)
        )
    )


def _there(name: str, written: str, state: ViewState) -> bool:
    """Tell whether the model has the heads of a set, or the weights of a moment.

    Of the heads that are switched off their tool tells by name.
    """
    if name in ("moment", "b_moment") and written not in ("", "end"):
        side = state if name == "moment" else state.side_b
        return not side.is_lesson or int(written) in lesson_history().checkpoints
    if name == "line_heads":
        return all(head < state.heads_shown for head in state.line_heads)
    if name == "several":
        return all(layer < state.layers_shown and head < state.heads_shown for layer, head in state.several)
    return True


def _kept(parameter: Parameter, written: str, value: object) -> bool:
    """Tell whether what an address says is the value it led to."""
    try:
        return bool(parameter.read(written) == value)
    except (KeyError, ValueError):
        return False


def write(state: ViewState, *, whole: bool = False) -> dict[str, str]:
    """Return the address of `state`: its version, its model, and each choice that is not that model's first visit's.

    Unless `whole`, texts too long for a link are left out, as `fits_link` tells: B's, and A's where it alone is too
    long, with the cell in it.
    """
    usual = first_visit(state.model)
    if not (whole or fits_link(state)):
        state = replace(state, b_text="")
    if not (whole or fits_link(state)):
        state = replace(state, text=usual.text, row=usual.row, column=usual.column)
    changed = [name for name in PARAMETERS if getattr(state, name) != getattr(usual, name)]
    chosen = changed if state.model == MODELS[0] else ["model", *changed]
    return {"v": VERSION} | {PARAMETERS[name].slug: PARAMETERS[name].write(getattr(state, name)) for name in chosen}


def fits_link(state: ViewState) -> bool:
    """Tell whether the texts of both sides are together short enough for an address."""
    return len(state.text) + len(state.b_text) <= MAX_LINK_CHARACTERS
