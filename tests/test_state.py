"""The address restores the screen, and nothing in an address can break it."""

from __future__ import annotations

from dataclasses import asdict, fields, replace

from hypothesis import given
from hypothesis import strategies as st

from attention.config import MASK_MODES, MAX_SEED
from attention.lesson_model.files import record
from attention.lesson_model.results import claims
from attention.texts import LANGUAGES
from attention.tokens import ENCODINGS
from attention.ui.state import (
    D_MODEL_CHOICES,
    HEAD_CHOICES,
    LESSON_FOCUS,
    LESSON_HEADS,
    LESSON_LAYERS,
    MAX_STEP,
    MAX_TERM_CHARACTERS,
    MODELS,
    PARAMETERS,
    STORIES,
    SWITCHES,
    TABS,
    TOOLS,
    ViewState,
    parse,
    write,
)

seeds = st.integers(0, MAX_SEED)
states = st.tuples(st.sampled_from(MODELS), st.sampled_from(HEAD_CHOICES)).flatmap(
    lambda chosen: st.builds(
        ViewState,
        model=st.just(chosen[0]),
        text=st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=60),
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
        line_heads=st.sets(st.integers(0, max(HEAD_CHOICES) - 1)).map(lambda heads: tuple(sorted(heads))),
        tool=st.sampled_from(TOOLS),
        term=st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=MAX_TERM_CHARACTERS),
    )
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
        "term": "",
    }


def test_every_field_travels_under_a_slug_of_its_own() -> None:
    slugs = [parameter.slug for parameter in PARAMETERS.values()]
    assert set(PARAMETERS) == {field.name for field in fields(ViewState)}
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
    assert -1 <= state.step <= MAX_STEP
    assert state.config.d_head * state.n_heads == state.d_model


def test_one_hostile_value_leaves_the_others_standing() -> None:
    state = parse({"v": "1", "heads": "5", "causal": "maybe", "scale": "0", "text": "<b>oi</b>", "lang": "../en"})
    assert state == ViewState(scaled=False, text="<b>oi</b>")


def test_a_head_or_layer_that_does_not_exist_is_the_first() -> None:
    asked = {"v": "1", "model": "random", "heads": "2", "head": "4", "layer": "2"}
    assert parse(asked) == ViewState(model="random", n_heads=2, head=0, layer=0)


def test_the_lesson_model_opens_on_the_head_of_its_strongest_claim() -> None:
    assert list(LESSON_FOCUS) == claims()["heads"]["predicts"]
    assert (ViewState().model, ViewState().layer, ViewState().head) == ("lesson", *LESSON_FOCUS)
    shape = record()["shape"]
    assert (shape["n_layers"], shape["n_heads"]) == (LESSON_LAYERS, LESSON_HEADS)


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
