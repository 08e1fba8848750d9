"""The settings of a layer: only valid ones exist, and what does not act is 0."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.config import MASK_MODES, MAX_D_MODEL, MAX_SEED, AttentionConfig, divisors
from attention.errors import AttentionError
from attention.texts import LANGUAGES, templates


def test_the_mask_modes_are_the_right_way_and_the_two_others() -> None:
    assert MASK_MODES == ("before_softmax", "zero_after", "renormalise")
    assert AttentionConfig().mask_mode == "before_softmax"


@given(st.integers(1, MAX_D_MODEL))
def test_divisors_are_all_the_head_counts_that_leave_no_remainder(d_model: int) -> None:
    assert divisors(d_model) == tuple(n for n in range(1, d_model + 1) if n * (d_model // n) == d_model)


@given(d_model=st.integers(1, 200), n_heads=st.integers(-1, 201))
def test_heads_must_divide_d_model(d_model: int, n_heads: int) -> None:
    if n_heads in divisors(d_model):
        assert AttentionConfig(d_model=d_model, n_heads=n_heads).d_head * n_heads == d_model
    else:
        with pytest.raises(AttentionError, match="must divide d_model") as caught:
            AttentionConfig(d_model=d_model, n_heads=n_heads)
        assert caught.value.code == "heads_do_not_divide"
        assert caught.value.details["choices"] == ", ".join(map(str, divisors(d_model)))


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"d_model": 0}, "d_model_out_of_range"),
        ({"d_model": MAX_D_MODEL + 1}, "d_model_out_of_range"),
        ({"dropout": -0.01}, "dropout_out_of_range"),
        ({"dropout": 1.01}, "dropout_out_of_range"),
        ({"dropout": math.nan}, "dropout_out_of_range"),
        ({"mask_mode": "sideways"}, "unknown_mask_mode"),
        ({"seed": -1}, "seed_out_of_range"),
        ({"dropout_seed": MAX_SEED + 1}, "seed_out_of_range"),
    ],
)
def test_a_setting_out_of_range_says_what_came_and_what_is_expected(settings: dict[str, object], code: str) -> None:
    with pytest.raises(AttentionError, match=str(next(iter(settings.values())))) as caught:
        AttentionConfig(**settings)  # type: ignore[arg-type]  # wrong on purpose
    assert caught.value.code == code
    for language in LANGUAGES:
        assert templates(language)[f"errors.{code}"].format(**caught.value.details)


@pytest.mark.parametrize(("training", "acts"), [(True, 0.25), (False, 0.0)])
def test_dropout_acts_only_in_training(training: bool, acts: float) -> None:  # noqa: FBT001  # a parameter of the test
    assert AttentionConfig(dropout=0.25, training=training).active_dropout == acts


def test_equal_settings_are_one_key_and_cannot_be_changed() -> None:
    config = AttentionConfig(n_heads=8)
    assert {config: "found"}[AttentionConfig(n_heads=8)] == "found"
    with pytest.raises(FrozenInstanceError):
        config.n_heads = 4  # type: ignore[misc]  # wrong on purpose
