import pytest

from attention.figures import DARK, LIGHT, Theme, heads_mosaic, training_curves
from attention.figures.theme import contrast
from attention.texts import LANGUAGES, Language, text
from tests.figures.samples import cells_of, sample_view

STEPS = [0, 10, 20, 30]
LOSS = [4.16, 3.9, 1.25, 0.02]
SHARES = {"right copies": [0.01, 0.05, 0.624, 1.0], "induction": [0.05, 0.06, 0.5, 0.97]}


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_each_curve_holds_its_numbers_and_reads_on_the_page(theme: Theme) -> None:
    loss, *shares = training_curves(STEPS, LOSS, SHARES, 2, language="en", theme=theme).data
    assert (list(loss.x), list(loss.y), loss.yaxis) == (STEPS, LOSS, "y2")
    assert {trace.name: list(trace.y) for trace in shares} == SHARES
    assert all(contrast(trace.line.color, theme.background) >= 3 for trace in (loss, *shares))


def test_curves_that_share_axes_differ_by_more_than_colour() -> None:
    _, *shares = training_curves(STEPS, LOSS, SHARES, 2, language="en", theme=LIGHT).data
    assert len({trace.line.dash for trace in shares}) == len(shares)


@pytest.mark.parametrize("chosen", range(4))
def test_the_chosen_checkpoint_is_marked_on_every_curve(chosen: int) -> None:
    figure = training_curves(STEPS, LOSS, SHARES, chosen, language="en", theme=LIGHT)
    (line,) = figure.layout.shapes
    assert line.x0 == line.x1 == STEPS[chosen]
    for trace in figure.data:
        sizes = list(trace.marker.size)
        assert sizes.index(max(sizes)) == chosen


@pytest.mark.parametrize(("language", "loss", "share"), [("pt-BR", "1,25", "62%"), ("en", "1.25", "62%")])
def test_the_hover_says_everything_measured_at_a_step(language: Language, loss: str, share: str) -> None:
    figure = training_curves(STEPS, LOSS, SHARES, 0, language=language, theme=LIGHT)
    for trace in figure.data:
        assert all(said in trace.hovertext[2] for said in ("20", loss, f"right copies: {share}", "induction: 50%"))


def test_a_point_before_the_first_step_has_no_loss_and_says_none() -> None:
    figure = training_curves(STEPS, [float("nan"), *LOSS[1:]], SHARES, 0, language="en", theme=LIGHT)
    assert "loss" not in figure.data[0].hovertext[0]
    assert "loss 3.90" in figure.data[0].hovertext[1]
    least, most = figure.layout.yaxis2.range
    assert least < min(LOSS[1:])
    assert max(LOSS[1:]) < most


@pytest.mark.parametrize(("born", "side"), [((0, 10), "left"), ((20, 30), "right")])
def test_the_birth_of_a_head_is_a_band_between_its_two_steps_named_where_there_is_room(
    born: tuple[int, int], side: str
) -> None:
    figure = training_curves(STEPS, LOSS, SHARES, 1, language="en", theme=LIGHT, born=born)
    band, chosen = figure.layout.shapes
    assert (band.type, band.x0, band.x1) == ("rect", *born)
    assert chosen.x0 == STEPS[1]
    (label,) = [note for note in figure.layout.annotations if text("figures.born", "en") in note.text]
    assert label.xanchor == side  # its edge that touches the band's
    assert label.x == (born[0] if side == "right" else born[1])


def test_steps_in_thousands_are_written_the_readers_way() -> None:
    figure = training_curves([0, 1750], [2.0, 1.0], {"a": [0.0, 1.0]}, 0, language="pt-BR", theme=LIGHT)
    assert "passo 1.750" in figure.data[0].hovertext[1]
    assert figure.layout.xaxis.tickformat == ",d"


def test_the_main_share_can_be_walked_point_by_point() -> None:
    _, main, other = training_curves(STEPS, LOSS, SHARES, 0, language="en", theme=LIGHT).data
    assert main.meta == {"role": "points", "n": 4}
    assert other.meta is None


def test_shares_keep_one_scale_and_a_run_that_goes_on_leaves_room_for_the_rest() -> None:
    figure = training_curves(STEPS[:1], LOSS[:1], {"a": [0.0]}, 0, language="en", theme=LIGHT, last_step=400)
    assert figure.layout.xaxis.range[1] >= 400
    least, most = figure.layout.yaxis.range
    assert least < 0
    assert most > 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_curve_is_drawn_in_the_marks_of_its_language(language: Language) -> None:
    figure = training_curves(STEPS, LOSS, SHARES, 0, language=language, theme=LIGHT)
    assert figure.layout.separators == {"pt-BR": ",.", "en": ".,"}[language]


@pytest.mark.parametrize("n", [7, 60])
def test_a_mosaic_can_name_its_heads_and_set_them_out_by_layer(n: int) -> None:
    view = sample_view(tuple(f"t{i}" for i in range(n)), heads=4)
    names = ["1.1", "1.2 · induction 97%", "2.1", "2.2"]
    figure = heads_mosaic(view, names=names, columns=4, language="en", theme=LIGHT)
    cells, titles = cells_of(figure), figure.data[-1]
    assert cells.meta["columns"] == 4
    assert list(titles.text) == names
    column = cells.meta["n"] + cells.meta["gap"]
    said = cells.hovertext[0][column] if n == 7 else cells.customdata[0][column]
    assert said.startswith("1.2 · induction 97%")
