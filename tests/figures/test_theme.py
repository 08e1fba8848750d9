from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.figures.theme import DARK, LIGHT, Theme, blend, channels, contrast, ink_on, luminance, theme_named

BOTH = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
COLOURS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)

# Viénot, Brettel and Mollon (1999), linear RGB: what people without one kind of cone see.
DEUTERANOPIA = np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]])
PROTANOPIA = np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]])


def seen_without(cone: np.ndarray, colour: str) -> np.ndarray:
    return np.asarray(np.clip(cone @ np.array(channels(colour)) ** 2.2, 0, 1) ** (1 / 2.2))


def test_the_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@BOTH
def test_text_reads_on_the_page(theme: Theme) -> None:
    assert contrast(theme.ink, theme.background) >= 7
    for colour in (theme.muted, theme.query, theme.key, theme.value, theme.context, theme.mark):
        assert contrast(colour, theme.background) >= 4.5


@given(COLOURS)
def test_black_or_white_reads_on_any_colour(colour: str) -> None:
    assert contrast(ink_on(colour), colour) >= 4.5


@BOTH
def test_a_larger_weight_is_further_from_the_page_and_zero_is_the_page(theme: Theme) -> None:
    colours = [theme.weight_colour(weight) for weight in np.linspace(0, 1, 41)]
    distances = [abs(luminance(colour) - luminance(theme.background)) for colour in colours]
    assert colours[0] == theme.background
    assert all(near < far for near, far in pairwise(distances))


@BOTH
def test_a_sixteenth_of_the_attention_can_be_told_from_none(theme: Theme) -> None:
    assert contrast(theme.weight_colour(1 / 16), theme.background) >= 1.2


@BOTH
def test_the_scale_plotly_gets_is_the_colour_of_each_weight(theme: Theme) -> None:
    stops = theme.weight_scale()
    assert stops[0][0] == 0
    assert stops[-1][0] == 1
    assert all(colour == theme.weight_colour(weight) for weight, colour in stops)


@BOTH
def test_less_and_more_go_apart_from_the_page_and_differ_without_red_or_green_cones(theme: Theme) -> None:
    less, middle, more = theme.difference[0], theme.difference[len(theme.difference) // 2], theme.difference[-1]
    assert middle == theme.background
    assert min(contrast(less, middle), contrast(more, middle)) >= 7
    for cone in (DEUTERANOPIA, PROTANOPIA):
        for left, right in zip(theme.difference[:3], theme.difference[:-4:-1], strict=True):
            assert np.abs(seen_without(cone, left) - seen_without(cone, right)).max() > 0.2


@BOTH
def test_what_is_absent_is_grey_or_tinted_and_never_the_page(theme: Theme) -> None:
    assert np.ptp(channels(theme.masked)) < 0.06
    assert contrast(theme.masked, theme.background) >= 1.3
    assert contrast(theme.mark, theme.dropped) >= 4.5
    assert np.abs(np.subtract(channels(theme.masked), channels(theme.dropped))).max() > 0.05


@given(st.lists(COLOURS, min_size=2, max_size=5), st.floats(0, 1))
def test_a_blend_starts_and_ends_at_its_stops(stops: list[str], place: float) -> None:
    assert blend(tuple(stops), 0) == stops[0]
    assert blend(tuple(stops), 1) == stops[-1]
    assert len(blend(tuple(stops), place)) == 7


def test_a_theme_is_found_by_its_name() -> None:
    assert theme_named("light") is LIGHT
    assert theme_named("dark") is DARK
