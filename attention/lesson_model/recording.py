"""What is kept of one training run: the weights, checkpoints on the way, and the curves that show heads being born."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

import numpy as np
import torch

from attention.lesson_model.claims import SETS, Floats, looks, prefers_right_verb, sentences_of
from attention.lesson_model.files import FOLDER, HEAD_MEANS, MEAN_SENTENCES, VERSION, to_safetensors
from attention.lesson_model.grammar import write
from attention.lesson_model.history import CURVES, MEASURED_ON, WEIGHTS
from attention.lesson_model.network import LessonModel
from attention.lesson_model.phrases import Mix, Sentence
from attention.lesson_model.tokenizer import PIECES, WORDS, learn_pieces, pieces_file
from attention.lesson_model.training import Recipe, sentence_ids, train
from attention.steps import attend, causal_mask, merge_heads

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


def means_file(model: LessonModel) -> bytes:
    """Return the heads' means with the causal mask and without, of the weights as they are stored.

    They are taken over sentences written as those of the training are, by the same grammar and split.
    """
    stored = copy.deepcopy(model).half().float().eval()
    rng = Random(HEAD_MEANS)
    sentences = [write(rng) for _ in range(MEAN_SENTENCES)]
    tables = {"causal": True, "without_mask": False}
    means = {name: mean_contexts(stored, sentences, causal=causal) for name, causal in tables.items()}
    return to_safetensors({name: mean.astype(np.float16) for name, mean in means.items()})


@torch.inference_mode()
def mean_contexts(model: LessonModel, sentences: Iterable[Sentence], *, causal: bool) -> Floats:
    """Return the mean context of each head before Wo, [layer, head, d_head].

    Over every position of every sentence, ⟨início⟩ and punctuation included, each position counting once.
    """
    total, n_positions = torch.zeros(()), 0
    for sentence in sentences:
        ids = torch.tensor([sentence_ids(sentence)[0]])
        mask = causal_mask(ids.shape[1]) if causal else None
        stream, sums = model.embedding(ids), []
        for layer in model.each_layer():
            context = attend(*layer.attention.heads(layer.attention_norm(stream)), mask=mask).context
            sums.append(context[0].double().sum(dim=1))
            stream = layer.think(stream + layer.attention.w_output(merge_heads(context)))
        total = total + torch.stack(sums)
        n_positions += ids.shape[1]
    return np.asarray((total / n_positions).numpy())


def record_training(seed: int, recipe: Recipe, progress: Callable[[int, float], None]) -> dict[str, bytes]:
    """Train from nothing and return every file of the model but the vocabulary's, by name."""
    recorder = Recorder()

    def watch(step: int, loss: float, model: LessonModel) -> None:
        recorder.watch(step, loss, model)
        progress(step, loss)

    model = train(seed, recipe, watch)
    curves = {"seed": seed, "recipe": asdict(recipe), **recorder.curves}
    learned = {
        CURVES: (json.dumps(curves) + "\n").encode(),
        WEIGHTS: weights_file(model),
        HEAD_MEANS: means_file(model),
    }
    return {**recorder.files, **learned}


def record_file(files: dict[str, bytes], seed: int, shape: dict[str, int]) -> bytes:
    """Return record.json for these files."""
    return _record({"version": VERSION, "seed": seed, "shape": shape, "sha256": _hashes(files)})


def add_to_record(files: dict[str, bytes], record: dict[str, Any]) -> bytes:
    """Return record.json with these files added to what `record` holds."""
    return _record(record | {"sha256": dict(sorted((record["sha256"] | _hashes(files)).items()))})


def _hashes(files: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}


def _record(record: dict[str, Any]) -> bytes:
    return (json.dumps(record, indent=1) + "\n").encode()


def install(files: dict[str, bytes]) -> None:
    """Write learned files where the app reads them."""
    for name, content in files.items():
        path = FOLDER / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
