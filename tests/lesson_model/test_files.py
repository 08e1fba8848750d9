"""The learned files are read only when they are what was recorded, and anything else is said clearly."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save

from attention.errors import AttentionError
from attention.lesson_model import files, tokenizer
from attention.lesson_model.heads_off import head_means
from attention.lesson_model.source import WEIGHTS, load_lesson_model
from attention.texts import LANGUAGES, text

ROOT = Path(__file__).parents[2]
LEARNED = sorted(files.record()["sha256"])


def test_every_learned_file_has_its_recorded_hash() -> None:
    for name in LEARNED:
        assert hashlib.sha256((files.FOLDER / name).read_bytes()).hexdigest() == files.record()["sha256"][name]


def test_what_is_stored_stays_small() -> None:
    assert (files.FOLDER / WEIGHTS).stat().st_size <= 6_000_000
    stored = [*(files.FOLDER / "checkpoints").iterdir(), files.FOLDER / "curves.json"]
    assert sum(path.stat().st_size for path in stored) <= 12_000_000


@given(st.dictionaries(st.text(min_size=1), st.lists(st.integers(0, 4), max_size=3), max_size=4))
def test_the_format_is_that_of_safetensors(shapes: dict[str, list[int]]) -> None:
    arrays = {name: np.full(shape, 0.5, np.float16) for name, shape in shapes.items()}
    for read in (load(files.to_safetensors(arrays)), files.from_safetensors(save(arrays), "x")):
        assert {name: array.shape for name, array in read.items()} == {name: tuple(of) for name, of in shapes.items()}
        assert all((array == 0.5).all() for array in read.values())


@given(st.binary(max_size=80))
def test_bytes_that_are_no_weights_give_the_clear_error(content: bytes) -> None:
    with pytest.raises(AttentionError, match=r"weights\.safetensors"):
        files.from_safetensors(b"\0" + content, "weights.safetensors")


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the learned files that may be damaged."""
    folder = tmp_path / "lesson_model"
    shutil.copytree(files.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__", "checkpoints"))
    monkeypatch.setattr(files, "FOLDER", folder)
    _forget()
    yield folder
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    for remembered in (
        files.record,
        head_means,
        load_lesson_model,
        tokenizer.encoding,
        tokenizer.vocabulary,
        tokenizer.known_words,
    ):
        remembered.cache_clear()


def _use_everything() -> None:
    load_lesson_model()
    head_means(causal=True)
    tokenizer.tokenize_lesson("O gato miou")
    tokenizer.is_known("gato")


@pytest.mark.parametrize("name", [WEIGHTS, files.HEAD_MEANS, tokenizer.PIECES, tokenizer.WORDS, "record.json"])
@pytest.mark.parametrize("damage", ["missing", "truncated", "altered"])
def test_a_damaged_file_is_named_with_the_command_that_rebuilds_it(copy: Path, name: str, damage: str) -> None:
    path = copy / name
    content = path.read_bytes()
    path.unlink()
    if damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "altered":
        path.write_bytes(content[:9] + b"!" + content[10:])
    with pytest.raises(AttentionError, match=name) as caught:
        _use_everything()
    assert caught.value.code == "damaged_lesson_model"
    assert caught.value.details == {"file": name, "command": "make lesson-model"}


def test_another_version_is_refused(copy: Path) -> None:
    record = json.loads((copy / "record.json").read_text())
    (copy / "record.json").write_text(json.dumps(record | {"version": files.VERSION + 1}))
    with pytest.raises(AttentionError, match="another version"):
        load_lesson_model()


def test_weights_that_do_not_fit_the_network_are_refused(copy: Path) -> None:
    content = files.to_safetensors({"embedding.weight": np.zeros((2, 2), np.float16)})
    record = json.loads((copy / "record.json").read_text())
    record["sha256"][WEIGHTS] = hashlib.sha256(content).hexdigest()
    (copy / WEIGHTS).write_bytes(content)
    (copy / "record.json").write_text(json.dumps(record))
    with pytest.raises(AttentionError, match=WEIGHTS):
        load_lesson_model()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_error_is_said_in_every_language(language: str) -> None:
    said = text("errors.damaged_lesson_model", language, file="weights.safetensors", command="make lesson-model")  # type: ignore[arg-type]
    assert "weights.safetensors" in said
    assert "make lesson-model" in said


def test_importing_the_model_reads_no_learned_file() -> None:
    question = """
import pathlib, sys
real = pathlib.Path.read_bytes
pathlib.Path.read_bytes = lambda path: sys.exit(str(path))
import attention.lesson_model.source
"""
    assert subprocess.run([sys.executable, "-c", question], cwd=ROOT, check=False).returncode == 0


def test_loading_takes_well_under_a_second_and_draws_nothing() -> None:
    question = """
import time, torch
from attention.lesson_model.source import load_lesson_model
before = torch.random.get_rng_state()
start = time.process_time()
load_lesson_model()
assert time.process_time() - start < 0.5
assert torch.equal(torch.random.get_rng_state(), before)
"""
    assert subprocess.run([sys.executable, "-c", question], cwd=ROOT, check=False).returncode == 0
