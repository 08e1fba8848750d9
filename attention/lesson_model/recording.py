"""What is kept of one training run: the weights, checkpoints on the way, and the curves that show heads being born."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

import numpy as np

from attention.lesson_model.claims import SETS, looks, prefers_right_verb, sentences_of
from attention.lesson_model.files import FOLDER, VERSION, to_safetensors
from attention.lesson_model.grammar import write
from attention.lesson_model.history import CURVES, MEASURED_ON, WEIGHTS
from attention.lesson_model.network import LessonModel
from attention.lesson_model.phrases import Mix
from attention.lesson_model.tokenizer import PIECES, WORDS, learn_pieces, pieces_file
from attention.lesson_model.training import Recipe, train

EVERY = 250  # steps between two points of the curves
CHECKPOINTS = (250, 750, 1250, 1500, 1750, 2000, 2250, 2500, 3000)


def vocabulary_files() -> dict[str, bytes]:
    """Return the files of the vocabulary, learned from the words that the grammar writes."""
    rng = Random(0)
    known = _words(rng, 40_000, nonce=0.0)
    pieces = learn_pieces(known | _words(rng, 4_000, nonce=1.0))
    parts = sorted(part for word in known for part in word.split("-"))
    return {PIECES: pieces_file(pieces), WORDS: ("\n".join(parts) + "\n").encode()}


def _words(rng: Random, n_sentences: int, *, nonce: float) -> set[str]:
    mix = Mix(nonce=nonce, nonce_verb=nonce)
    words = (word.text for _ in range(n_sentences) for word in write(rng, mix=mix).words)
    return {word for word in words if word[0].isalpha()}


@dataclass(slots=True)
class Recorder:
    """Watches a training run and keeps what a page will show of it."""

    curves: dict[str, list[Any]] = field(
        default_factory=lambda: {"step": [], "loss": [], "foresees": [], "predicts": [], "verb": []}
    )
    files: dict[str, bytes] = field(default_factory=dict)
    losses: list[float] = field(default_factory=list)

    def watch(self, step: int, loss: float, model: LessonModel) -> None:
        """Keep the loss, the curves' points and the checkpoints."""
        self.losses += [loss] if step else []
        if step in CHECKPOINTS:
            self.files[f"checkpoints/{step:04}.safetensors"] = weights_file(model)
        if step % EVERY:
            return
        model.eval()
        sentences = [each for kind in SETS for each in sentences_of(kind, MEASURED_ON // len(SETS), "held_out", 3)]
        self.curves["step"].append(step)
        self.curves["loss"].append(round(float(np.mean(self.losses[-EVERY:])), 4) if step else None)
        self.curves["foresees"].append(round(float(prefers_right_verb(model, sentences).mean()), 4))
        for row in ("predicts", "verb"):
            mass, _ = looks(model, sentences, row)
            self.curves[row].append(mass.mean(axis=0).round(4).tolist())


def weights_file(model: LessonModel) -> bytes:
    """Return the weights as they are stored: 16-bit floats, which is what every claim is measured on."""
    return to_safetensors({name: tensor.numpy().astype(np.float16) for name, tensor in model.state_dict().items()})


def record_training(seed: int, recipe: Recipe, progress: Callable[[int, float], None]) -> dict[str, bytes]:
    """Train from nothing and return every file of the model but the vocabulary's, by name."""
    recorder = Recorder()

    def watch(step: int, loss: float, model: LessonModel) -> None:
        recorder.watch(step, loss, model)
        progress(step, loss)

    model = train(seed, recipe, watch)
    curves = {"seed": seed, "recipe": asdict(recipe), **recorder.curves}
    return {**recorder.files, CURVES: (json.dumps(curves) + "\n").encode(), WEIGHTS: weights_file(model)}


def record_file(files: dict[str, bytes], seed: int, shape: dict[str, int]) -> bytes:
    """Return record.json for these files."""
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    record = {"version": VERSION, "seed": seed, "shape": shape, "sha256": hashes}
    return (json.dumps(record, indent=1) + "\n").encode()


def install(files: dict[str, bytes]) -> None:
    """Write learned files where the app reads them."""
    for name, content in files.items():
        path = FOLDER / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
