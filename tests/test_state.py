"""The address restores the screen, and nothing in an address can break it."""

from __future__ import annotations

from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from attention.config import MASK_MODES, MAX_SEED
from attention.texts import LANGUAGES
from attention.tokens import ENCODINGS
from attention.ui.state import D_MODEL_CHOICES, HEAD_CHOICES, PARAMETERS, SWITCHES, ViewState, fits_link, parse, write

seeds = st.integers(0, MAX_SEED)
states = st.integers(0, len(HEAD_CHOICES) - 1).flatmap(
    lambda i: st.builds(
        ViewState,
        text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
        language=st.sampled_from(LANGUAGES),
        encoding=st.sampled_from(ENCODINGS),
        n_heads=st.just(HEAD_CHOICES[i]),
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
        head=st.integers(0, HEAD_CHOICES[i] - 1),
        row=st.integers(-1, 255),
        moved=st.sampled_from(("", *SWITCHES)),
    )
)


@given(states)
def test_an_address_restores_the_state_it_was_written_from(state: ViewState) -> None:
    if fits_link(state.text):
        assert parse(write(state)) == state


def test_a_first_visit_has_only_the_version_in_its_address() -> None:
    assert write(ViewState()) == {"v": "1"}
    assert parse({}) == ViewState()


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
    assert 0 <= state.head < state.n_heads
    assert -1 <= state.row < 9_999
    assert 0 <= state.dropout <= 0.9
    assert state.moved in ("", *SWITCHES)
    assert state.config.d_head * state.n_heads == state.d_model


def test_one_hostile_value_leaves_the_others_standing() -> None:
    state = parse({"v": "1", "heads": "5", "causal": "maybe", "scale": "0", "text": "<b>oi</b>", "lang": "../en"})
    assert state == ViewState(scaled=False, text="<b>oi</b>")


def test_a_head_that_does_not_exist_is_the_first() -> None:
    assert parse({"v": "1", "heads": "2", "head": "4"}) == ViewState(n_heads=2, head=0)


def test_an_address_of_an_unknown_version_opens_the_first_visit() -> None:
    assert parse({"v": "99", "causal": "0"}) == ViewState()


def test_a_text_too_long_for_a_link_is_left_out_of_the_address() -> None:
    assert write(ViewState(text="a" * 2_000, scaled=False)) == {"v": "1", "scale": "0"}


def test_a_lone_surrogate_which_no_widget_can_hold_is_replaced() -> None:
    assert parse({"v": "1", "text": "a\ud800"}).text == "a?"


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
    assert ViewState(moved="mask_mode", mask_mode="zero_after").before.config == ViewState().config
    assert ViewState().before == ViewState()
