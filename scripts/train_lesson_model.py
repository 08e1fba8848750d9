"""Train the lesson model again from nothing, and say whether the result equals the one in the repository.

What is damaged or missing is replaced; what is intact is only compared, unless --ship is given.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import asdict
from pathlib import Path

import torch

from attention.errors import AttentionError
from attention.lesson_model import files
from attention.lesson_model.claims import TRAINING_SETS, choose_head
from attention.lesson_model.history import WEIGHTS
from attention.lesson_model.network import Shape
from attention.lesson_model.recording import (
    add_to_record,
    install,
    means_file,
    record_file,
    record_training,
    vocabulary_files,
)
from attention.lesson_model.source import load_lesson_model, network_of
from attention.lesson_model.tokenizer import PIECES, WORDS, vocabulary_size
from attention.lesson_model.training import Recipe

SHIPPED_SEED = 2
TOLERANCE = 0.02  # of the mean weight on the subject in the worst set


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=SHIPPED_SEED)
    parser.add_argument("--folder", type=Path, default=Path("build/lesson-model"), help="where the result goes")
    parser.add_argument("--ship", action="store_true", help="put the result in the repository, whatever is there")
    parser.add_argument("--means", action="store_true", help="without training, take the heads' means again")
    options = parser.parse_args()
    torch.set_num_threads(1)

    if options.means:
        means = {files.HEAD_MEANS: means_file(load_lesson_model())}
        install({**means, "record.json": add_to_record(means, files.record())})
        print("The heads' means are those of the shipped weights.")
        return
    vocabulary = vocabulary_files()
    shipped_is_intact = intact(vocabulary) and not options.ship
    if not shipped_is_intact:
        install({**vocabulary, "record.json": record_file(vocabulary, options.seed, {})})
        files.record.cache_clear()
    trained = record_training(options.seed, recipe := Recipe(), Progress(recipe.steps))
    options.folder.mkdir(parents=True, exist_ok=True)
    (options.folder / f"seed-{options.seed}.safetensors").write_bytes(trained[WEIGHTS])
    if shipped_is_intact:
        print(comparison(trained[WEIGHTS]))
        return
    install(
        {**trained, "record.json": record_file(vocabulary | trained, options.seed, asdict(Shape(vocabulary_size())))}
    )
    print("The lesson model in attention/lesson_model is new: measure it with make claims.")


def intact(vocabulary: dict[str, bytes]) -> bool:
    """Say whether every learned file in the repository is the recorded one, and the vocabulary the one just built."""
    try:
        for name in files.record()["sha256"]:
            files.read_checked(name)
        return all(files.read_checked(name) == vocabulary[name] for name in (PIECES, WORDS))
    except AttentionError as error:
        print(error, file=sys.stderr)
        return False


def comparison(trained: bytes) -> str:
    """Return a sentence that says whether newly trained weights equal the shipped ones."""
    if trained == files.read_checked(WEIGHTS):
        return "Equal: the weights are the shipped ones, bit for bit."
    models = (load_lesson_model(), network_of(trained, "the new weights"))
    shipped, new = (choose_head(model, "predicts", TRAINING_SETS)[1] for model in models)
    verdict = "equal" if abs(shipped - new) <= TOLERANCE else "NOT equal"
    return (
        "Not the same bits, as on another processor or version of torch: in its worst set the best head puts "
        f"{new:.3f} on the subject, the shipped one {shipped:.3f}: {verdict} within {TOLERANCE}."
    )


class Progress:
    """A bar on standard error, with the time that remains."""

    def __init__(self, steps: int) -> None:
        self.steps, self.start = steps, time.monotonic()

    def __call__(self, step: int, loss: float) -> None:
        """Draw the bar after a step."""
        if step % 20 and step != self.steps:
            return
        done = step / self.steps
        left = (time.monotonic() - self.start) * (1 - done) / done if done else 0
        bar = "█" * int(30 * done) + "·" * (30 - int(30 * done))
        end = "\n" if step == self.steps else ""
        sys.stderr.write(f"\r{bar} {step}/{self.steps}  loss {loss:6.3f}  {left / 60:4.1f} min left {end}")
        sys.stderr.flush()


if __name__ == "__main__":
    main()
