"""The page on why attention changed everything: a race that is measured, and counts that can be made again."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch.nn.functional import softmax

from attention import figures
from attention.errors import AttentionError
from attention.notebooks import code, install_cell, notebook
from attention.race.counts import (
    connections,
    crossing,
    generation_steps,
    multiplications,
    path_length,
    sequential_steps,
)
from attention.race.settings import LENGTHS, WIDTH, Measurement, RaceSettings, read_measurement, write_measurement
from attention.race.timing import FusedAttention, race
from attention.snippets_race import counts_snippet, timing_code
from attention.texts import LANGUAGES, Language, text
from attention.ui import jobs
from attention.ui.cache import cached_tokens
from attention.ui.chapter import why_it_changed
from attention.ui.state import ViewState
from tests.chapter.running import executed, imports_of, outputs_of, printed_by
from tests.chapter.visiting import SKIPPED, figure, keys, prose, run, visit

NAME = "why_it_changed"
COURSE = "O gato que estava no telhado miou"
HOSTILE = ("a", "<b>x</b> ![i](https://x.org/i.png)", "$x$ %{z} {} `q` :smile:", "👨‍👩‍👧 שלום a\u0301", "gato " * 250)
LIGHT = figures.theme_named("light")
Desk = jobs.Desk[RaceSettings, Measurement]
RUN = tuple(
    Measurement(step, length, lstm=length / 100, attention=length**2 / 30_000)
    for step, length in enumerate(LENGTHS, start=1)
)  # attention wins below 300 tokens


@pytest.fixture
def desk_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Desk]]:
    """Put the page at a desk whose races write these measurements and then wait, or end."""
    desks: list[Desk] = []

    def make(*run_: Measurement, ends: bool = False) -> Desk:
        lines = "".join(f"print({write_measurement(each)!r}, flush=True);" for each in run_)
        program = f"import sys; {lines} {'' if ends else 'sys.stdin.read()'}"
        desks.append(Desk(lambda _: [sys.executable, "-c", program], read_measurement))
        monkeypatch.setattr(why_it_changed, "race_desk", lambda: desks[-1])
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()


def until(app: AppTest, true: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)
        run(app)


def test_the_race_measures_both_at_every_length() -> None:
    measured = list(race(RaceSettings(rounds=1)))
    assert [each.length for each in measured] == list(LENGTHS)
    assert [each.step for each in measured] == list(range(1, RaceSettings().steps + 1))
    assert all(each.lstm > 0 and each.attention > 0 for each in measured)
    assert measured[-1].lstm > measured[0].lstm
    assert measured[-1].attention > measured[0].attention


def test_what_races_is_causal_attention_of_the_same_width() -> None:
    attention = FusedAttention(16, 2).eval()
    tokens = torch.randn(1, 5, 16, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        query, key, value = (
            part.view(5, 2, 8).transpose(0, 1) for part in attention.w_query_key_value(tokens[0]).chunk(3, dim=-1)
        )
        scores = (query @ key.mT / 8**0.5).masked_fill(~torch.ones(5, 5, dtype=torch.bool).tril(), -torch.inf)
        context = (softmax(scores, dim=-1) @ value).transpose(0, 1).reshape(1, 5, 16)
        assert torch.allclose(attention(tokens), attention.w_output(context), atol=1e-5)
    lstm = torch.nn.LSTM(WIDTH, WIDTH, batch_first=True)
    in_lstm = sum(weight.numel() for name, weight in lstm.named_parameters() if "weight" in name)
    in_attention = sum(weight.numel() for weight in FusedAttention(WIDTH, 4).parameters())
    assert (in_lstm, in_attention) == (8 * WIDTH**2, 4 * WIDTH**2)


def test_the_race_runs_in_a_process_that_speaks_lines() -> None:
    command = [sys.executable, "-m", "attention.race", json.dumps(asdict(RaceSettings(rounds=1)))]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert [read_measurement(line).length for line in process.stdout] == list(LENGTHS)
    assert process.returncode == 0


@pytest.mark.parametrize("line", ["", "no JSON", "{}", '{"step": 1, "length": 2, "lstm": 0, "attention": 1}'])
def test_a_line_that_is_no_measurement_is_refused(line: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        read_measurement(line)


def test_a_recurrent_network_takes_a_step_a_token_and_attention_one() -> None:
    n = 6
    everyone, neighbours = np.tril(np.ones((n, n))), np.eye(n) + np.eye(n, k=-1)
    for one in range(n):
        for other in range(one + 1, n):
            for heard, hops in ((neighbours, path_length(one, other).recurrent), (everyone, 1)):
                assert np.linalg.matrix_power(heard, hops)[other, one] > 0
                assert np.linalg.matrix_power(heard, hops - 1)[other, one] == 0
            assert np.linalg.matrix_power(neighbours, n)[one, other] == 0  # and never the other way round
            assert np.linalg.matrix_power(everyone, n)[one, other] == 0
    assert sequential_steps(n) == (n, 1)
    assert generation_steps(n) == (n, n)
    assert connections(n) == (n, everyone.size)


@pytest.mark.parametrize("n", [1, 8, 512, 4096])
def test_multiplications_are_those_of_the_matrices_and_of_the_allowed_pairs(n: int) -> None:
    lstm = n * sum(
        weight.numel() for name, weight in torch.nn.LSTM(WIDTH, WIDTH).named_parameters() if "weight" in name
    )
    matrices = n * sum(weight.numel() for weight in FusedAttention(WIDTH, 4).parameters())
    pairs = 2 * int(np.tril(np.ones((n, n), dtype=np.int8)).sum(dtype=np.int64)) * WIDTH
    assert multiplications(n, WIDTH) == (lstm, matrices + pairs)


def test_attention_multiplies_more_from_the_crossing_on_and_never_before() -> None:
    at = crossing(WIDTH)
    before, from_there = multiplications(at - 1, WIDTH), multiplications(at, WIDTH)
    assert before.attention <= before.recurrent
    assert from_there.attention > from_there.recurrent
    assert LENGTHS[-1] > at


def test_the_lines_are_what_was_measured() -> None:
    drawn = figures.race_lines([16, 64], [0.2, 0.3], [0.1, 0.4], last_length=4096, language="pt-BR", theme=LIGHT)
    assert [list(line.y) for line in drawn.data] == [[0.2, 0.3], [0.1, 0.4]]
    assert drawn.data[0].hovertext[1] == "LSTM, 64 tokens: 0,300 ms"
    assert drawn.layout.xaxis.type == drawn.layout.yaxis.type == "log"
    assert "logar" in drawn.layout.xaxis.title.text
    assert drawn.data[0].line.dash != drawn.data[1].line.dash


def test_the_curves_of_growth_are_one_n_and_n_squared() -> None:
    drawn = figures.growth_lines(64, language="en", theme=LIGHT)
    for power, line in enumerate(drawn.data[:3]):
        assert np.allclose(line.y, np.asarray(line.x, dtype=float) ** power)
    assert list(drawn.data[3].y) == [1, 64, 4096]
    assert drawn.data[3].text[2] == "<b>4,096</b>"


@pytest.mark.parametrize(("pair", "hops"), [((1, 4), 3), ((0, 1), 1), ((0, 199), 199)])
def test_the_path_has_an_arc_a_hop_until_it_is_too_long_to_draw(pair: tuple[int, int], hops: int) -> None:
    labels = [f"<{i}>" for i in range(200)]
    drawn = figures.path_map(labels, *pair, language="en", theme=LIGHT)
    assert [note.text for note in drawn.layout.annotations] == [f"<b>LSTM: {hops}</b>", "<b>attention: 1</b>"]
    shown = len(drawn.data[0].text)
    assert len(drawn.layout.shapes) == shown - 1 + 1
    assert drawn.data[0].text[0] == f"<b>&lt;{pair[0]}&gt;</b>"
    assert shown == hops + 1 or any("more" in written for written in drawn.data[0].text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guess_comes_first_then_the_race_then_the_truth(language: Language, desk_of: Callable[..., Desk]) -> None:
    desk_of(*RUN, ends=True)
    app = visit(NAME, lang=language.lower())
    assert keys(app) == []
    app.button(key="why_it_changed_guess_lstm_last").click()
    run(app)
    assert keys(app) == ["path_map", "growth_lines"]
    assert text("chapter.yours", language) not in prose(app)
    app.button(key="race").click()
    run(app)
    until(app, lambda: "race_job" not in app.session_state)
    assert keys(app) == ["race_lines", "path_map", "growth_lines"]
    assert text("chapter.right", language) in prose(app)
    assert [each["y"] for each in figure(app, "race_lines")["data"]] == [
        [each.lstm for each in RUN],
        [each.attention for each in RUN],
    ]


@pytest.mark.parametrize(
    ("guess", "factors", "right"),
    [
        ("lstm_last", (1, 1), True),
        ("lstm", (1, 1), False),
        ("lstm", (1, 1000), True),
        ("attention", (1000, 1), True),
        ("lstm_first", (1, 1), False),
    ],
)
def test_a_guess_is_right_when_the_clock_says_so(guess: str, factors: tuple[int, int], *, right: bool) -> None:
    app = visit(NAME, guessed=(LENGTHS, guess))
    lstm, attention = factors
    app.session_state["race_run"] = tuple(
        Measurement(each.step, each.length, each.lstm * lstm, each.attention * attention) for each in RUN
    )
    run(app)
    assert (text("chapter.right", "pt-BR") in prose(app)) is right
    assert (text("chapter.wrong", "pt-BR") in prose(app)) is not right


def test_who_wins_where_is_said_as_it_was_measured() -> None:
    app = visit(NAME, guessed=SKIPPED)
    assert "Neste computador" not in prose(app)
    app.session_state["race_run"] = RUN
    run(app)
    assert "a atenção foi mais rápida com 16, 64, 256 tokens, e a LSTM com 1.024, 2.048, 4.096" in prose(app)
    assert "Com 1.024 tokens, a LSTM levou 10,2 ms e a atenção 35,0 ms." in prose(app)


def test_a_race_shows_how_far_it_is_and_can_be_given_up(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(*RUN[:2])
    app = visit(NAME, guessed=SKIPPED)
    app.button(key="race").click()
    run(app)
    job = app.session_state["race_job"]
    until(app, lambda: "race_lines" in keys(app))
    assert "2 de 6" in app.get("progress")[0].proto.text
    second = desk.submit(RaceSettings())
    waiting = desk.look(second)
    assert waiting
    assert waiting.place == 1
    app.button(key="cancel_race").click()
    run(app)
    assert desk.look(job) is None
    assert app.button(key="race").label == text("why_it_changed.measure", "pt-BR")


def test_a_race_that_breaks_is_lost_or_has_no_place_is_explained(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(RUN[0], ends=True)
    app = visit(NAME, guessed=SKIPPED)
    app.button(key="race").click()
    run(app)
    until(app, lambda: app.warning)
    assert app.warning[0].value == text("why_it_changed.failed", "pt-BR")

    desk = desk_of(RUN[0])
    app.button(key="race").click()
    run(app)
    desk.cancel(app.session_state["race_job"])
    until(app, lambda: app.warning)
    assert app.warning[0].value == text("why_it_changed.lost", "pt-BR")


def test_a_full_queue_is_explained(desk_of: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: RaceSettings) -> str:
        raise AttentionError("queue_full", "full", waiting=0)

    monkeypatch.setattr(desk_of(), "submit", full)
    app = visit(NAME, guessed=SKIPPED)
    app.button(key="race").click()
    run(app)
    assert app.warning[0].value == text("why_it_changed.queue_full", "pt-BR")


def test_the_two_tokens_and_the_length_are_the_readers() -> None:
    app = visit(NAME, guessed=SKIPPED)
    assert "De “O” até “miou”, a informação dá 6 passos" in prose(app)
    app.selectbox(key="why_it_changed_from_8_7").set_value(6)
    run(app)
    assert text("why_it_changed.path_next", "pt-BR", one="“telhado”", other="“miou”", hops=1) in prose(app)
    app.select_slider(key="why_it_changed_n_8").set_value(1024)
    run(app)
    table = app.table[0].value
    assert table.to_numpy().tolist()[1][-2:] == ["1.024", "1.048.576"]
    assert "de 8 tokens" in prose(app)
    assert "de 4 tokens" in prose(visit(NAME, guessed=SKIPPED, text="A vaca mugiu"))


@pytest.mark.parametrize("row", range(1, 9))
@pytest.mark.parametrize("model", ["lesson", "random"])
def test_information_is_only_said_to_go_from_an_earlier_token_to_a_later_one(row: int, model: str) -> None:
    app = visit(NAME, guessed=SKIPPED, row=str(row), model=model)
    names = [label for label in app.selectbox[1].options if label]
    said = re.findall(r"De (“\S+”) até (“\S+”), a informação", prose(app))
    neighbours = re.findall(r"(“\S+”) e (“\S+”) são vizinhos", prose(app))
    order = [f"“{label}”" for label in cached_tokens(COURSE, ViewState(model=model).vocabulary).labels]
    assert names == order[1:]
    assert len(said) + len(neighbours) == 1
    ((one, other),) = said or neighbours
    assert order.index(one) < order.index(other)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_of_one_token_is_told_in_the_singular(language: Language) -> None:
    app = visit(NAME, guessed=SKIPPED, text="a", model="random", lang=language.lower())
    assert text("why_it_changed.yours_one", language) in prose(app)
    assert not re.search(r"(?<![\d.,])1 (tokens|passos|steps|pesos|weights)\b", prose(app))


@pytest.mark.parametrize("sentence", HOSTILE)
@pytest.mark.parametrize("model", ["lesson", "random"])
def test_any_sentence_is_counted(sentence: str, model: str) -> None:
    app = visit(NAME, guessed=SKIPPED, text=sentence, model=model, words="1", causal="0", dropout="1")
    app.session_state["why_it_changed_pencil"] = app.session_state["why_it_changed_code"] = True
    run(app)
    assert ("path_map" in keys(app)) or text("why_it_changed.one_token", "pt-BR") in prose(app)


@pytest.mark.parametrize(
    ("labels", "pair", "printed"),
    [
        (("O", "gato", "miou"), (0, 2), "steps: 3 1\npath: 2 1\nnumbers: 3 9\n"),
        (('a "aspas" \\', "\n{x} <b>"), (0, 1), "steps: 2 1\npath: 1 1\nnumbers: 2 4\n"),
        (("a",), None, "steps: 1 1\nnumbers: 1 1\n"),
        (tuple("abc" * 40), (3, 90), "steps: 120 1\npath: 87 1\nnumbers: 120 14400\n"),
    ],
)
def test_the_code_counts_by_trying_and_finds_the_same(
    labels: tuple[str, ...], pair: tuple[int, int] | None, printed: str, tmp_path: Path
) -> None:
    snippet = counts_snippet(labels, pair, "pt-BR")
    assert snippet.prints == printed
    assert imports_of(snippet.code) == {"torch"}
    assert printed_by(snippet, tmp_path) == printed


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notebook_counts_and_races_on_its_own(language: Language, tmp_path: Path) -> None:
    snippet = counts_snippet(("O", "gato", "miou"), (0, 2), language)
    written = notebook([install_cell(language), code(snippet), code(timing_code(language))], language)
    printed = outputs_of(executed(written, tmp_path))
    assert printed.startswith(snippet.prints)
    raced = [line.split() for line in printed.splitlines()[3:]]
    assert [line[0] for line in raced] == ["64", "256", "1024"]
    assert all(float(line[2]) > 0 and float(line[4]) > 0 for line in raced)
