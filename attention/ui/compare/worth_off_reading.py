"""What the heads that are off did, as sentences computed from the numbers."""

from __future__ import annotations

from collections import Counter

import numpy as np

from attention.figures.labels import named
from attention.figures.sentences import share
from attention.lesson_model.predictions import Compared
from attention.lesson_model.results import claims
from attention.texts import Language, count, number, percent, text
from attention.ui import reading
from attention.ui.compare.worth_effects import Effect, Effects, MovedMap
from attention.ui.compare.worth_names import set_name
from attention.ui.layout import Frame
from attention.ui.state import ViewState
from attention.views import WeightsView

NOTHING = 0.005  # bits, or share of a vector, up to which a change is written as 0
HARDLY = 0.05  # bits up to which a prediction is said to hardly change
MOST_SHOWN = 99.0  # what a bar shows of an infinite change


def amount(now: ViewState, effect: Effect, language: Language) -> str:
    """Write how much changed: bits of the next token, or the share of the vector."""
    return quantity(now, effect.amount, language)


def quantity(now: ViewState, value: float, language: Language) -> str:
    """Write a number of bits, or a share of a vector's length; ∞ beside a vector of zeros."""
    if not np.isfinite(value):
        return "∞"
    if not now.is_lesson:
        return percent(value, language)
    return text("worth.bits", language, bits=number(value, language))


def effect(frame: Frame, effects: Effects) -> list[str]:
    """Say what became of the vector and of the next token, or that nothing is off."""
    now, language, chosen = frame.state, frame.language, effects.chosen
    query = named(frame.tokens.labels, language)[effects.row]
    if chosen is None:
        return [text("worth.off_nothing", language)]
    said = {"heads": set_name(now, chosen.heads, language), "query": query}
    still = chosen.change < NOTHING
    change = percent(chosen.change, language, 1) if np.isfinite(chosen.change) else "∞"
    vector = text(
        f"worth.vector_{'still_' if still else ''}{now.model}",
        language,
        **said,
        change=change,
        cosine=number(chosen.cosine, language),
    )
    return [vector] if chosen.bits is None else [vector, _next(effects.next_tokens, chosen, query, language)]


def _next(compared: tuple[Compared, ...], chosen: Effect, query: str, language: Language) -> str:
    before, after = (max(compared, key=lambda token: token[when]) for when in (1, 2))
    bits = chosen.bits or 0.0
    kept = "same" if bits < NOTHING else "hardly" if bits < HARDLY else "kept"
    kind = "changed" if chosen.changes_top else kept
    return text(
        f"worth.next_{kind}",
        language,
        query=query,
        bits=number(bits, language),
        before=f"“{before.label}”",
        before_share=share(before.before, language),
        before_then=share(before.after, language),
        after=f"“{after.label}”",
        after_share=share(after.after, language),
        after_first=share(after.before, language),
    )


def controls(now: ViewState, effects: Effects, language: Language) -> str:
    """Say what as many other heads of the same layers do, whether the chosen ones do more, and which are left out."""
    return " ".join([_of_controls(now, effects, language), *_left_out(now, effects, language)])


def _of_controls(now: ViewState, effects: Effects, language: Language) -> str:
    chosen, others = effects.chosen, [control.amount for control in effects.controls]
    free = "_free" if effects.left_out else ""
    if chosen is None or not others:
        return text("worth.controls_none_free", language) if free else _no_controls(now, language)
    own = quantity(now, chosen.amount, language)
    ends = [quantity(now, end, language) for end in (min(others), max(others))]
    verdict = "within"
    if chosen.amount > max(others) and own != ends[1]:
        verdict = "more"
    elif chosen.amount < min(others) and own != ends[0]:
        verdict = "less"
    single = len(chosen.heads) == 1
    if len(others) == 1:
        heads = set_name(now, effects.controls[0].heads, language)
        key = "worth.controls_one_head" if single else "worth.controls_one"
        said = text(key + free, language, heads=heads, amount=ends[0])
        return f"{said} {text(f'worth.verdict_one_{verdict}', language, own=own)}"
    said = text(
        ("worth.controls_many_heads" if single else "worth.controls_many") + free,
        language,
        n=len(others),
        mean=quantity(now, float(np.mean(others)), language),
        least=ends[0],
        most=ends[1],
    )
    return f"{said} {text(f'worth.verdict_{verdict}', language, own=own)}"


def _left_out(now: ViewState, effects: Effects, language: Language) -> list[str]:
    """Say of each head that carries the prediction too, and so is no control, what it changes by itself."""
    alone = {one.heads: amount(now, one, language) for one in effects.alone}
    return [
        text("worth.also_carries", language, heads=set_name(now, (head,), language), amount=alone[(head,)])
        for head in effects.left_out
    ]


def _no_controls(now: ViewState, language: Language) -> str:
    """Say in which layers too few heads are left to make a control of."""
    off = Counter(layer for layer, _ in now.heads_off)
    short = [layer for layer, n in sorted(off.items()) if now.heads_shown - n < n]
    if now.layers_shown == 1:
        return text("worth.controls_none", language)
    if len(short) == 1:
        (layer,) = short
        left = now.heads_shown - off[layer]
        return text("worth.controls_none_layer", language, layer=layer + 1, left=left, off=off[layer])
    *others, last = (str(layer + 1) for layer in short)
    layers = ", ".join(others) + text("worth.and", language) + last
    return text("worth.controls_none_layers", language, layers=layers)


def later(frame: Frame, moved: MovedMap, before: WeightsView, after: WeightsView) -> str:
    """Say which later head changed most and by how much, and its largest cell."""
    language = frame.language
    said = {"layer": moved.layer + 1, "head": moved.head + 1}
    if moved.moved < NOTHING:
        return text("worth.later_still", language, **said, moved=share(moved.moved, language))
    most = text("worth.later_most", language, **said, moved=share(moved.moved, language))
    called = text("worth.number_of_layer", language, **said)
    return f"{most} {reading.change(before, after, moved.head, language, called=called)}"


def _each_without(others: list[tuple[int, int, float]], layer: int, language: Language) -> str:
    """Name each of the other heads of a layer as one that is missing."""
    names = [text("worth.without_one", language, head=head + 1) for of_layer, head, _ in others if of_layer == layer]
    last = text("worth.or", language)
    return last.join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def measured(now: ViewState, language: Language) -> str:
    """Say what was measured of switching heads off, on many sentences, and whether that is about the heads now off."""
    found = claims()
    off, carriers = found["off"], [tuple(head) for head in found["carriers"]]
    layer = carriers[0][0]
    beside = [share_ for of_layer, _, share_ in off["others"] if of_layer == layer]
    below = [share_ for of_layer, _, share_ in off["others"] if of_layer != layer]
    weakest = min((one for one in off["others"] if one[0] != layer), key=lambda one: one[2])
    said = text(
        "worth.measured",
        language,
        n=count(off["n"], language),
        nothing=percent(off["nothing"], language, 1),
        carriers=set_name(now, carriers, language),
        share=percent(off["carriers"], language, 1),
        beside=_each_without(off["others"], layer, language),
        others=percent(min(beside), language, 1),
        weakest=set_name(now, [(weakest[0], weakest[1])], language),
        weakest_share=percent(min(below), language, 1),
    )
    one_by_one = {((of_layer, head),): share_ for of_layer, head, share_ in (*off["others"], *off["alone"])}
    known = one_by_one | {tuple(carriers): off["carriers"]}
    if not now.heads_off:
        return said
    if now.heads_off not in known:
        own = text("worth.measured_not", language)
    elif now.filling == "zero":
        heads = set_name(now, now.heads_off, language)
        own = text("worth.measured_own", language, heads=heads, share=percent(known[now.heads_off], language, 1))
    else:
        own = text("worth.measured_filled", language, heads=set_name(now, now.heads_off, language))
    return f"{said} {own}"
