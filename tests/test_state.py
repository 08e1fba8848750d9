"""The address restores the screen, and nothing in an address can break it."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.config import MASK_MODES, MAX_SEED
from attention.head_measures import MEASURES
from attention.importance import FILLINGS
from attention.lesson_model.files import record
from attention.lesson_model.history import lesson_history
from attention.lesson_model.results import claims, role_names
from attention.texts import LANGUAGES
from attention.tokens import ENCODINGS
from attention.ui.state import (
    ALIGNMENTS,
    D_MODEL_CHOICES,
    HEAD_CHOICES,
    LESSON_FOCUS,
    LESSON_HEADS,
    LESSON_LAYERS,
    LESSON_SECOND,
    MAX_STEP,
    MAX_TERM_CHARACTERS,
    MEASURED_ROWS,
    MODELS,
    MOST_SEVERAL,
    ORDERS,
    PARAMETERS,
    ROLES,
    SEARCHES,
    SIDE_FIELDS,
    SIDES_VIEWS,
    STORIES,
    SWITCHES,
    TABS,
    TOOLS,
    WORTHS,
    ViewState,
    fits_link,
    parse,
    refused,
    write,
)

seeds = st.integers(0, MAX_SEED)
lines = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=60)
KEPT = tuple(lesson_history().checkpoints)[:-1]  # the steps of its training whose weights there are, before its end
as_in_a_or_not = st.sampled_from(("", "0", "1"))
any_head = st.tuples(st.integers(0, LESSON_LAYERS - 1), st.integers(0, max(HEAD_CHOICES) - 1))


def in_order(members: st.SearchStrategy[Any], most: int | None = None) -> st.SearchStrategy[tuple[Any, ...]]:
    """A set as the state holds it: a tuple, each once, in order."""
    return st.sets(members, max_size=most).map(lambda chosen: tuple(sorted(chosen)))


def size(model: str, n_heads: int) -> tuple[int, int]:
    """Return how many layers and heads a model has."""
    return (LESSON_LAYERS, LESSON_HEADS) if model == "lesson" else (1, n_heads)


def heads_of(model: str, n_heads: int) -> st.SearchStrategy[tuple[int, int]]:
    """Layer and head of one of the heads that a model has."""
    layers, heads = size(model, n_heads)
    return st.tuples(st.integers(0, layers - 1), st.integers(0, heads - 1))


def placed(state: ViewState) -> st.SearchStrategy[ViewState]:
    """The state, B at one of the heads that its model has."""
    n_heads = int(state.b_n_heads) if state.b_n_heads else state.n_heads
    return heads_of(state.b_model or state.model, n_heads).map(
        lambda place: replace(state, b_layer=place[0], b_head=place[1])
    )


states = (
    st.tuples(st.sampled_from(MODELS), st.sampled_from(HEAD_CHOICES))
    .flatmap(
        lambda chosen: st.builds(
            ViewState,
            model=st.just(chosen[0]),
            text=lines,
            language=st.sampled_from(LANGUAGES),
            encoding=st.sampled_from(ENCODINGS),
            n_heads=st.just(chosen[1]),
            d_model=st.sampled_from(D_MODEL_CHOICES),
            positions=st.booleans(),
            seed=seeds,
            causal=st.booleans(),
            mask_mode=st.sampled_from(MASK_MODES),
            scaled=st.booleans(),
            dropout_on=st.booleans(),
            dropout=st.integers(0, 9).map(lambda tenths: tenths / 10),
            dropout_seed=seeds,
            training=st.booleans(),
            grouped=st.booleans(),
            layer=st.integers(0, LESSON_LAYERS - 1 if chosen[0] == "lesson" else 0),
            head=st.integers(0, (LESSON_HEADS if chosen[0] == "lesson" else chosen[1]) - 1),
            row=st.integers(-1, 255),
            moved=st.sampled_from(("", *SWITCHES)),
            more=st.booleans(),
            tab=st.sampled_from(TABS),
            projector=st.booleans(),
            keys=st.booleans(),
            story=st.sampled_from(STORIES),
            step=st.integers(-1, MAX_STEP),
            column=st.integers(-1, 255),
            line_heads=in_order(st.integers(0, max(HEAD_CHOICES) - 1)),
            tool=st.sampled_from(TOOLS),
            search=st.sampled_from(SEARCHES),
            x_measure=st.sampled_from(MEASURES),
            y_measure=st.sampled_from(MEASURES),
            measured_rows=st.sampled_from(MEASURED_ROWS),
            only_layer=st.integers(-1, LESSON_LAYERS - 1) if chosen[0] == "lesson" else st.just(-1),
            ordered_by=st.sampled_from(ORDERS),
            rising=st.booleans(),
            role=st.sampled_from(ROLES),
            worth=st.sampled_from(WORTHS),
            off=in_order(any_head),
            filling=st.sampled_from(FILLINGS),
            term=st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=MAX_TERM_CHARACTERS),
            moment=st.sampled_from((-1, *KEPT)),
            sides_view=st.sampled_from(SIDES_VIEWS),
            align=st.sampled_from(ALIGNMENTS),
            target=st.sampled_from(("a", "b")),
            several=in_order(any_head, most=MOST_SEVERAL),
            b_text=lines,
            b_model=st.sampled_from(("", *MODELS)),
            b_moment=st.sampled_from(("", "end", *map(str, KEPT))),
            b_encoding=st.sampled_from(("", *ENCODINGS)),
            b_n_heads=st.sampled_from(("", *map(str, HEAD_CHOICES))),
            b_d_model=st.sampled_from(("", *map(str, D_MODEL_CHOICES))),
            b_positions=as_in_a_or_not,
            b_seed=st.one_of(st.just(""), seeds.map(str)),
            b_causal=as_in_a_or_not,
            b_mask_mode=st.sampled_from(("", *(mode.replace("_", "-") for mode in MASK_MODES))),
            b_scaled=as_in_a_or_not,
            b_dropout_on=as_in_a_or_not,
            b_dropout=st.sampled_from(("", "0.0", "0.5", "0.9")),
            b_dropout_seed=st.one_of(st.just(""), seeds.map(str)),
            b_training=as_in_a_or_not,
        )
    )
    .flatmap(placed)
)


@given(states)
def test_an_address_restores_the_state_it_was_written_from(state: ViewState) -> None:
    assert parse(write(state)) == state


def test_a_first_visit_has_only_the_version_in_its_address() -> None:
    assert write(ViewState()) == {"v": "1"}
    assert parse({}) == ViewState()


def test_an_address_of_the_first_version_keeps_its_meaning() -> None:
    address = {
        "v": "1",
        "text": "A vaca mugiu",
        "lang": "en",
        "model": "random",
        "encoding": "cl100k_base",
        "heads": "8",
        "dims": "48",
        "positions": "0",
        "seed": "3",
        "causal": "0",
        "mask": "zero-after",
        "scale": "0",
        "dropout": "1",
        "p": "0.2",
        "draw": "5",
        "train": "0",
        "words": "1",
        "head": "7",
        "row": "2",
        "effect": "dropout",
        "more": "1",
        "tab": "numbers",
        "term": "softmax",
    }
    state = ViewState(
        text="A vaca mugiu",
        language="en",
        model="random",
        encoding="cl100k_base",
        n_heads=8,
        d_model=48,
        positions=False,
        seed=3,
        causal=False,
        mask_mode="zero_after",
        scaled=False,
        dropout_on=True,
        dropout=0.2,
        dropout_seed=5,
        training=False,
        grouped=True,
        layer=0,
        head=6,
        row=1,
        moved="dropout_on",
        more=True,
        tab="numbers",
        term="softmax",
        b_layer=0,
        b_head=1,
    )
    assert parse(address) == state
    assert write(state) == address


def test_what_an_address_of_the_first_version_leaves_out_keeps_its_value() -> None:
    assert asdict(parse({"v": "1"})) == {
        "text": "O gato que estava no telhado miou",
        "language": "pt-BR",
        "model": "lesson",
        "encoding": "o200k_base",
        "n_heads": 4,
        "d_model": 96,
        "positions": True,
        "seed": 0,
        "causal": True,
        "mask_mode": "before_softmax",
        "scaled": True,
        "dropout_on": False,
        "dropout": 0.5,
        "dropout_seed": 0,
        "training": True,
        "grouped": False,
        "layer": LESSON_FOCUS[0],
        "head": LESSON_FOCUS[1],
        "row": -1,
        "moved": "",
        "more": False,
        "tab": "settings",
        "projector": False,
        "keys": True,
        "story": "lesson",
        "step": -1,
        "column": -1,
        "line_heads": (),
        "tool": "sides",
        "search": "example",
        "x_measure": "distance",
        "y_measure": "entropy",
        "measured_rows": "mean",
        "only_layer": -1,
        "ordered_by": "heads",
        "rising": False,
        "role": "predicts",
        "worth": "norms",
        "off": (),
        "filling": "zero",
        "term": "",
        "moment": -1,
        "sides_view": "difference",
        "align": "position",
        "target": "a",
        "several": (),
        "b_layer": LESSON_SECOND[0],
        "b_head": LESSON_SECOND[1],
        **dict.fromkeys((f"b_{name}" for name in SIDE_FIELDS), ""),
    }


def test_a_set_of_heads_is_written_one_way_and_read_in_order_and_each_once() -> None:
    for slug in ("off", "several"):
        state = parse({slug: "2.4-1.12-2.4"})
        assert getattr(state, slug) == ((0, 11), (1, 3))
        assert write(state) == {"v": "1", slug: "1.12-2.4"}
        for hostile in (
            "",
            "3.1",
            "1.0",
            "1",
            "1.2.3",
            "-",
            "1.1-",
            "1.1--1.2",
            "1.1,1.2",
            "a.b",
            "1.13",
            "1.1-" * 5000,
        ):
            assert getattr(parse({slug: hostile}), slug) == ()
    assert parse({"lines": "12-1-12"}).line_heads == (0, 11)
    assert write(ViewState(line_heads=(0, 11))) == {"v": "1", "lines": "1-12"}
    for hostile in ("", "0", "13", "1-", "1--2", "1,2", "1.2", "<b>", "1-" * 5000):
        assert parse({"lines": hostile}).line_heads == ()


def test_as_many_heads_can_be_named_as_there_are_and_as_many_are_looked_at_as_fit() -> None:
    every = tuple((layer, head) for layer in range(LESSON_LAYERS) for head in range(max(HEAD_CHOICES)))
    assert parse(write(ViewState(off=every))).off == every
    assert len(parse({"several": "1.1-1.2-1.3-1.4"}).several) == MOST_SEVERAL
    assert refused({"several": "1.1-1.2-1.3-1.4-2.1"}) == ("several=1.1-1.2-1.3-1.4-2.1",)


def test_of_the_heads_that_are_off_only_those_the_model_has_are() -> None:
    assert parse({"off": "1.3-2.1-1.9"}).heads_off == ((0, 2), (1, 0))
    assert parse({"off": "1.3-2.1-1.9", "model": "random", "heads": "12"}).heads_off == ((0, 2), (0, 8))


def test_every_field_travels_under_a_slug_of_its_own() -> None:
    slugs = [parameter.slug for parameter in PARAMETERS.values()]
    assert list(PARAMETERS) == [field.name for field in fields(ViewState)]
    assert len(set(slugs)) == len(slugs)
    assert all(slug.isascii() and slug.isalpha() for slug in slugs)


@given(
    st.dictionaries(
        st.sampled_from(["v", *(parameter.slug for parameter in PARAMETERS.values()), "evil"]),
        st.one_of(
            st.text(), st.sampled_from(["-1", "1e309", "nan", "٣", "1_0", "9" * 5000, "NaN", "inf", "0x1", " 1 "])
        ),
    )
)
def test_no_address_can_ask_for_a_state_that_the_screen_does_not_offer(address: dict[str, str]) -> None:
    state = parse(address)
    assert state.n_heads in HEAD_CHOICES
    assert state.d_model in D_MODEL_CHOICES
    assert 0 <= state.layer < state.layers_shown
    assert 0 <= state.head < state.heads_shown
    assert -1 <= state.row < 9_999
    assert 0 <= state.dropout <= 0.9
    assert state.moved in ("", *SWITCHES)
    assert state.story in STORIES
    assert state.worth in WORTHS
    assert state.filling in FILLINGS
    assert all(layer < state.layers_shown and head < state.heads_shown for layer, head in state.heads_off)
    assert -1 <= state.step <= MAX_STEP
    assert state.moment in (-1, *KEPT)
    assert state.side_b.moment in (-1, *KEPT)
    assert len(state.several) <= MOST_SEVERAL
    assert (state.side_b.layer, state.side_b.head) == (state.b_layer, state.b_head)
    assert state.side_b.config.d_head * state.side_b.config.n_heads == state.side_b.config.d_model
    assert state.config.d_head * state.n_heads == state.d_model


def test_one_hostile_value_leaves_the_others_standing() -> None:
    state = parse({"v": "1", "heads": "5", "causal": "maybe", "scale": "0", "text": "<b>oi</b>", "lang": "../en"})
    assert state == ViewState(scaled=False, text="<b>oi</b>")


def test_a_head_or_layer_that_does_not_exist_is_the_first() -> None:
    asked = {"v": "1", "model": "random", "heads": "2", "head": "4", "layer": "2"}
    assert parse(asked) == ViewState(model="random", n_heads=2, head=0, layer=0, b_layer=0, b_head=1)
    of_b = {"v": "1", "model": "random", "bheads": "2", "bhead": "4", "blayer": "2"}
    assert (parse(of_b).b_layer, parse(of_b).b_head) == (0, 0)
    assert parse({"v": "1", "model": "random", "heads": "1"}).b_head == 0


def test_what_an_address_asks_for_in_vain_is_told() -> None:
    address = {"v": "1", "head": "9", "bmodel": "gpt", "blayer": "2", "bmoment": "end", "bscale": "2", "evil": "1"}
    assert refused(address) == ("head=9", "bmodel=gpt", "bscale=2")
    assert refused({"v": "1", "bmodel": "random", "blayer": "2"}) == ("blayer=2",)
    assert refused({"v": "99", "head": "9"}) == ("v=99",)
    assert refused({"v": "1", "head": "4"}) == ()


@given(st.integers(0, MAX_STEP))
def test_a_moment_of_which_no_weights_were_kept_is_the_nearest_and_is_told(step: int) -> None:
    kept = (*KEPT, lesson_history().steps[-1])
    nearest = min(kept, key=lambda other: abs(other - step))
    found = parse({"moment": str(step), "bmoment": str(step)})
    assert found.moment == found.side_b.moment == (-1 if nearest == kept[-1] else nearest)
    told = () if step in kept else (f"moment={step}", f"bmoment={step}")
    assert refused({"moment": str(step), "bmoment": str(step)}) == told
    assert refused({"moment": str(step), "model": "random"}) == ()
    assert refused({"bmoment": str(step), "bmodel": "random"}) == ()


@given(states)
def test_nothing_that_the_screen_writes_is_asked_for_in_vain(state: ViewState) -> None:
    lines = tuple(head for head in state.line_heads if head < state.heads_shown)
    several = tuple(
        (layer, head) for layer, head in state.several if layer < state.layers_shown and head < state.heads_shown
    )
    there = replace(state, line_heads=lines, several=several)
    assert refused(write(there)) == ()
    gone = (["several"] if several != state.several else []) + (["lines"] if lines != state.line_heads else [])
    assert [asked.partition("=")[0] for asked in refused(write(state))] == gone


@given(states)
def test_b_is_as_a_wherever_it_has_no_choice_of_its_own(state: ViewState) -> None:
    none: dict[str, Any] = dict.fromkeys((f"b_{name}" for name in SIDE_FIELDS), "")
    alike = replace(state, **none).side_b
    for name in SIDE_FIELDS:
        assert getattr(alike, name) == getattr(state, name)
    chosen = [name for name in SIDE_FIELDS if getattr(state, f"b_{name}")]
    for name in set(SIDE_FIELDS) - set(chosen):
        assert getattr(state.side_b, name) == getattr(state, name)
    for name in chosen:
        assert PARAMETERS[name].write(getattr(state.side_b, name)) == getattr(state, f"b_{name}")


@given(states)
def test_a_written_as_b_is_a_again(state: ViewState) -> None:
    unlike = replace(ViewState(text="outra frase"), **state.as_b(ViewState(text="outra frase")))
    for name in (*SIDE_FIELDS, "layer", "head"):
        if name != "text" or state.text:
            assert getattr(unlike.side_b, name) == getattr(state, name)


def test_the_lesson_model_opens_on_the_head_of_its_strongest_claim() -> None:
    assert list(LESSON_FOCUS) == claims()["heads"]["predicts"]
    assert (ViewState().model, ViewState().layer, ViewState().head) == ("lesson", *LESSON_FOCUS)
    shape = record()["shape"]
    assert (shape["n_layers"], shape["n_heads"]) == (LESSON_LAYERS, LESSON_HEADS)


def test_the_roles_in_an_address_are_those_that_were_measured() -> None:
    assert role_names() == ROLES


def test_a_layer_listed_alone_needs_another_beside_it() -> None:
    assert parse({"v": "1", "only": "2"}).only_layer == 1
    assert parse({"v": "1", "only": "3"}).only_layer == -1
    assert parse({"v": "1", "model": "random", "only": "1"}).only_layer == -1


def test_sizes_chosen_for_random_weights_do_not_reach_the_lesson_model() -> None:
    sized = ViewState(n_heads=12, d_model=192, positions=False, seed=7)
    assert sized.config == ViewState().config
    assert replace(sized, model="random").config != ViewState(model="random").config


def test_what_the_lesson_model_never_learned_is_told_apart() -> None:
    assert not ViewState().beyond_training
    assert not ViewState(causal=False).beyond_training
    assert ViewState(scaled=False).beyond_training
    assert ViewState(dropout_on=True).beyond_training
    assert not ViewState(dropout_on=True, training=False).beyond_training
    assert ViewState(mask_mode="zero_after").beyond_training
    assert not ViewState(model="random", scaled=False).beyond_training


def test_an_address_of_an_unknown_version_opens_the_first_visit() -> None:
    assert parse({"v": "99", "causal": "0"}) == ViewState()


def test_a_text_too_long_for_a_link_is_left_out_of_the_address() -> None:
    assert write(ViewState(text="a" * 2_000, scaled=False, row=5)) == {"v": "1", "scale": "0"}


@pytest.mark.parametrize(
    ("a", "b", "kept"),
    [(750, 750, {"text", "btext", "row"}), (800, 800, {"text", "row"}), (1_600, 5, set()), (1_501, 0, set())],
)
def test_a_link_holds_both_texts_or_says_that_it_does_not_fit(a: int, b: int, kept: set[str]) -> None:
    now = ViewState(text="a" * a, b_text="b" * b, row=5)
    assert set(write(now)) - {"v"} == kept
    assert fits_link(now) == (parse(write(now)) == now)
    assert parse(write(now, whole=True)) == now


def test_a_lone_surrogate_which_no_widget_can_hold_is_replaced() -> None:
    assert parse({"v": "1", "text": "a\ud800"}).text == "a?"


def test_a_term_too_long_for_its_box_is_no_term() -> None:
    assert parse({"v": "1", "term": "a" * 60}).term == "a" * 60
    assert parse({"v": "1", "term": "a" * 61}).term == ""
    assert parse({"v": "1", "term": "<b>\nx\ud800"}).term == "<b> x?"


def test_line_breaks_which_the_box_cannot_hold_become_spaces() -> None:
    assert parse({"v": "1", "text": "um\ndois\r\ntrês"}).text == "um dois três"


def test_what_cannot_act_does_not_tell_two_configs_apart() -> None:
    off = ViewState()
    assert ViewState(dropout=0.3, dropout_seed=7).config == off.config
    assert ViewState(dropout_on=True, training=False, dropout_seed=7).config == off.config
    assert ViewState(causal=False, mask_mode="zero_after").config == ViewState(causal=False).config
    assert ViewState(dropout_on=True).config != off.config


def test_before_is_the_same_state_with_the_moved_switch_in_its_other_position() -> None:
    assert ViewState(moved="causal").before.config == ViewState(causal=False).config
    assert ViewState(moved="scaled", scaled=False).before.config == ViewState().config
    assert ViewState(moved="dropout_on", dropout_on=True).before.config == ViewState().config
    assert ViewState(moved="before_softmax", mask_mode="zero_after").before.config == ViewState().config
    assert ViewState(moved="zero_after").before.config == ViewState(mask_mode="zero_after").config
    assert ViewState().before == ViewState()
