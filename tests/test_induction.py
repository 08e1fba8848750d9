"""Learning to copy: the task, the measures, the record, and a worker that ends with whoever started it."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Generator

from attention.errors import AttentionError
from attention.induction import rates
from attention.induction.network import random_network
from attention.induction.runs import (
    NAMED_FROM,
    RECORD,
    Run,
    Snapshot,
    read_line,
    recorded_run,
    store_run,
    strongest,
    view_snapshot,
    write_line,
)
from attention.induction.settings import ALPHABET, EXAMPLE, TrainingSettings
from attention.induction.training import copying_loss, draw_sequences, induction_score, previous_score, train
from attention.texts import LANGUAGES, templates
from attention.views import Cell

ROOT = Path(__file__).parent.parent
NUMBERS = ("loss", "accuracy", "previous", "induction", "maps")


@pytest.fixture(scope="module")
def one_layer() -> Snapshot:
    """The last snapshot of one layer trained as long as the recorded two."""
    *_, last = train(TrainingSettings(n_layers=1))
    return last


# ---- the settings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"learning_rate": 0.0}, "learning_rate_out_of_range"),
        ({"learning_rate": 1.0}, "learning_rate_out_of_range"),
        ({"learning_rate": math.nan}, "learning_rate_out_of_range"),
        ({"n_heads": 3}, "training_heads"),
        ({"n_layers": 0}, "training_layers"),
        ({"n_layers": 4}, "training_layers"),
        ({"steps": 0}, "training_steps_out_of_range"),
        ({"steps": 1_000_000}, "training_steps_out_of_range"),
        ({"seed": -1}, "seed_out_of_range"),
    ],
)
def test_settings_out_of_range_are_refused_in_words_of_both_languages(wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(AttentionError) as caught:
        TrainingSettings(**wrong)
    assert caught.value.code == code
    for language in LANGUAGES:
        assert templates(language)[f"errors.{code}"].format(**caught.value.details)


@pytest.mark.parametrize("steps", [10, 37, 400, 2000])
def test_a_snapshot_is_taken_first_last_and_at_most_forty_odd_times(steps: int) -> None:
    taken = TrainingSettings(steps=steps).snapshot_steps
    assert taken[0] == 0
    assert taken[-1] == steps
    assert list(taken) == sorted(set(taken))
    assert len(taken) <= 60


# ---- what was measured of the rates ----------------------------------------------------------------------------------


def test_the_first_steps_of_a_measured_training_come_out_again() -> None:
    for each in (rates.measured()[0], rates.measured()[1]):  # the same seed at both rates
        settings = TrainingSettings(**each["settings"])
        snapshot = next(snapshot for snapshot in train(settings) if snapshot.step == rates.EARLY)
        assert snapshot.loss == pytest.approx(each["early_loss"], abs=0.05)


def test_the_measured_trainings_differ_in_nothing_but_rate_and_steps() -> None:
    def shapes(rate: float) -> list[tuple[int, int, int]]:
        of_rate = [each["settings"] for each in rates.measured() if each["settings"]["learning_rate"] == rate]
        return [(settings["n_layers"], settings["n_heads"], settings["seed"]) for settings in of_rate]

    assert shapes(rates.FAST) == shapes(rates.USUAL)
    assert len(set(shapes(rates.FAST))) == len(shapes(rates.FAST)) >= 16


def test_failures_are_counted_after_the_last_measured_step_that_a_training_reaches() -> None:
    def counted(steps: int) -> int:
        fast = [each for each in rates.measured() if each["settings"]["learning_rate"] == rates.FAST]
        return sum(each["accuracy"][str(steps)] < rates.LEARNED for each in fast)

    assert (rates.failures(rates.FAST, 400).failed, rates.failures(rates.FAST, 400).steps) == (counted(400), 400)
    assert (rates.failures(rates.FAST, 799).failed, rates.failures(rates.FAST, 799).steps) == (counted(400), 400)
    assert (rates.failures(rates.FAST, 900).failed, rates.failures(rates.FAST, 900).steps) == (counted(800), 800)


def test_damaged_rates_say_how_to_measure_them_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "FILE", tmp_path / "rates.json")
    rates.FILE.write_text("[{}]", encoding="utf-8")
    with pytest.raises(AttentionError) as caught:
        rates.measured.__wrapped__()
    assert caught.value.details == {"file": "rates.json", "command": rates.COMMAND}


# ---- the task and its measures ---------------------------------------------------------------------------------------


def test_a_sequence_is_different_tokens_and_then_the_same_again() -> None:
    ids = draw_sequences(12, Generator().manual_seed(0))
    assert ids.shape[1] == 24
    assert torch.equal(ids[:, :12], ids[:, 12:])
    assert all(len(set(row.tolist())) == 12 for row in ids)


def test_the_example_is_a_sequence_of_the_task() -> None:
    half = len(EXAMPLE) // 2
    assert EXAMPLE[:half] == EXAMPLE[half:]
    assert len(set(EXAMPLE)) == half
    assert set(EXAMPLE) <= set(ALPHABET)
    assert len(set(ALPHABET)) == 64


def test_guessing_costs_the_logarithm_of_the_alphabet_and_knowing_costs_nothing() -> None:
    ids = draw_sequences(9, Generator().manual_seed(0))
    clueless = torch.zeros(*ids.shape, 64)
    assert float(copying_loss(clueless, ids)) == pytest.approx(math.log(64))
    known = 100.0 * torch.nn.functional.one_hot(ids.roll(-1, dims=1), 64)
    assert float(copying_loss(known, ids)) == pytest.approx(0)


def test_the_scores_of_perfect_heads_are_one() -> None:
    half = 7
    before = torch.zeros(1, 1, 1, 2 * half, 2 * half)
    after = torch.zeros_like(before)
    for row in range(1, 2 * half):
        before[..., row, row - 1] = 1
    for row in range(half, 2 * half):
        after[..., row, row - half + 1] = 1
    assert previous_score(before).tolist() == [[1.0]]
    assert induction_score(before).item() == 0
    assert induction_score(after).tolist() == [[1.0]]
    assert previous_score(after).item() == 0


def test_the_default_network_has_about_forty_thousand_parameters() -> None:
    network = random_network(TrainingSettings(), Generator().manual_seed(0))
    assert sum(parameter.numel() for parameter in network.parameters()) == 2 * 64 * 64 + 2 * 4 * 64**2 + 3 * 2 * 64


# ---- the record, and what the page says of it ------------------------------------------------------------------------


def test_a_live_run_begins_as_the_record_does() -> None:
    record = recorded_run()
    live = list(islice(train(record.settings), 4))
    for recorded, now in zip(record.snapshots, live, strict=False):
        assert recorded.step == now.step
        for name in NUMBERS:
            np.testing.assert_allclose(getattr(recorded, name), getattr(now, name), atol=2e-3)


def test_the_recorded_heads_are_born_after_step_150_one_in_each_layer() -> None:
    record = recorded_run()
    assert record.settings == TrainingSettings()
    assert record.steps == TrainingSettings().snapshot_steps
    early = [snapshot for snapshot in record.snapshots if snapshot.step <= 150]
    assert max(snapshot.accuracy for snapshot in early) < 0.15
    assert max(snapshot.induction.max() for snapshot in early) < NAMED_FROM
    last = record.snapshots[-1]
    assert last.accuracy >= 0.99
    assert strongest(last.previous)[0] == 0
    assert strongest(last.induction)[0] == 1
    assert last.previous.max() >= 0.6
    assert last.induction.max() >= 0.9


def test_one_layer_never_makes_an_induction_head(one_layer: Snapshot) -> None:
    assert one_layer.accuracy < 0.25
    assert one_layer.induction.max() < NAMED_FROM


def test_the_maps_are_those_of_a_causal_layer() -> None:
    view = view_snapshot(recorded_run().snapshots[-1])
    assert view.labels == tuple(EXAMPLE)
    assert np.allclose(view.row_sums, 1, atol=5e-3)
    assert not view.weights[view.cells == Cell.MASKED].any()
    assert (view.cells == Cell.MASKED).sum() == view.n_heads * 20 * 19 / 2


def test_a_run_survives_the_wire_and_the_file(tmp_path: Path) -> None:
    run = Run(TrainingSettings(steps=10), tuple(train(TrainingSettings(steps=10))))
    store_run(run, tmp_path / "run.npz")
    stored = recorded_run(tmp_path / "run.npz")
    assert stored.settings == run.settings
    for first, wired, filed in zip(
        run.snapshots, map(read_line, map(write_line, run.snapshots)), stored.snapshots, strict=True
    ):
        for again in (wired, filed):
            assert again.step == first.step
            for name in NUMBERS:
                np.testing.assert_allclose(getattr(again, name), getattr(first, name), atol=5e-4, rtol=1e-3)


@pytest.mark.parametrize("length", [0, 1000, None])
def test_a_damaged_record_is_named_with_the_command_that_makes_it_again(tmp_path: Path, length: int | None) -> None:
    path = tmp_path / "cut.npz"
    if length is not None:
        path.write_bytes(RECORD.read_bytes()[:length])
    with pytest.raises(AttentionError, match="make it again") as caught:
        recorded_run(path)
    assert caught.value.code == "damaged_record"
    assert caught.value.details["file"] == "cut.npz"


def test_equal_settings_give_equal_runs_and_another_seed_another() -> None:
    settings = TrainingSettings(steps=10)
    first, again, other = ([*train(s)][-1] for s in (settings, settings, replace(settings, seed=1)))
    assert np.array_equal(first.maps, again.maps)
    assert not np.array_equal(first.maps, other.maps)


# ---- the worker ------------------------------------------------------------------------------------------------------


def test_the_worker_writes_a_line_a_snapshot_and_ends_when_nobody_is_there() -> None:
    settings = json.dumps({"steps": 2000, "n_layers": 1})
    command = [sys.executable, "-m", "attention.induction", settings]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as worker:
        assert worker.stdin
        assert worker.stdout
        assert read_line(worker.stdout.readline()).step == 0
        worker.stdin.close()
        assert worker.wait(20) == 1
