"""The files that hold what the lesson model has learned, read only when they are what was recorded. No pickle."""

from __future__ import annotations

import hashlib
import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attention.errors import AttentionError

FOLDER = Path(__file__).parent
COMMAND = "make lesson-model"
HEAD_MEANS = "head_means.safetensors"
MEAN_SENTENCES = 2000  # training sentences the heads' means are taken over
VERSION = 1

Arrays = dict[str, NDArray[np.float16]]


@cache
def record() -> dict[str, Any]:
    """Return record.json: its version, the hash of every learned file, the seed, and the shape of the network.

    Raises AttentionError `damaged_lesson_model`, also when it is of another version.
    """
    path = FOLDER / "record.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise damaged(path.name) from None
    if not isinstance(found, dict) or found.get("version") != VERSION:
        raise damaged(path.name)
    return found


def read_checked(name: str) -> bytes:
    """Return the content of a learned file. Raises AttentionError `damaged_lesson_model` unless it is the recorded."""
    path = FOLDER / name
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != record()["sha256"].get(name):
        raise damaged(name)
    return content


def damaged(name: str) -> AttentionError:
    """Return the error that says which file is missing, cut short or of another version, and how to make it again."""
    return AttentionError(
        "damaged_lesson_model",
        f"The lesson model's file {name} is missing, damaged or of another version: "
        f"copy attention/lesson_model again, or rebuild it with “{COMMAND}”.",
        file=name,
        command=COMMAND,
    )


def to_safetensors(arrays: Arrays) -> bytes:
    """Write arrays of 16-bit floats in the safetensors format: a length, a JSON header, then the raw numbers."""
    header, offset = {}, 0
    for name, array in arrays.items():
        header[name] = {"dtype": "F16", "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    written = json.dumps(header, separators=(",", ":")).encode()
    written += b" " * (-len(written) % 8)
    return len(written).to_bytes(8, "little") + written + b"".join(array.tobytes() for array in arrays.values())


def from_safetensors(content: bytes, name: str) -> Arrays:
    """Read what `to_safetensors` wrote. Raises AttentionError `damaged_lesson_model` about `name` if it cannot."""
    try:
        end = 8 + int.from_bytes(content[:8], "little")
        arrays = {}
        for key, entry in json.loads(content[8:end]).items():
            start, stop = entry["data_offsets"]
            if entry["dtype"] != "F16" or stop - start != 2 * math.prod(entry["shape"]):
                raise ValueError(key)
            arrays[key] = np.frombuffer(content[end + start : end + stop], np.float16).reshape(entry["shape"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise damaged(name) from None
    return arrays
