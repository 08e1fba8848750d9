"""`make` does what its help says, with a stand-in for Python that writes down what it is asked and how it would end."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from scripts.live_app import ROOT

MEASURED = [path.stem for path in (ROOT / "benchmarks").glob("*.py") if "def main" in path.read_text(encoding="utf-8")]
PYTHON = """#!/bin/sh
echo "$@" >> "$ASKED"
case "$*" in "-m benchmarks."*) exit "$(printenv "ENDS_${2#benchmarks.}" || echo 0)" ;; esac
"""


def bench(folder: Path, **ends: int) -> tuple[int, list[str]]:
    """Run `make bench` where the benchmarks end as told; return its code, and which of them ran."""
    (folder / "bin").mkdir()
    python, asked = folder / "bin/python", folder / "asked"
    python.write_text(PYTHON, encoding="utf-8")
    python.chmod(0o755)
    for stamp in ("bin/activate", "run.stamp", "dev.stamp", "bench.stamp"):  # all is installed
        (folder / stamp).touch()
    around = {name: value for name, value in os.environ.items() if "MAKE" not in name}  # the make that runs the tests
    codes = {f"ENDS_{name}": str(code) for name, code in ends.items()}
    command = ["make", "bench", f"VENV={folder}"]
    ended = subprocess.run(command, cwd=ROOT, check=False, env=around | codes | {"ASKED": str(asked)}).returncode
    lines = asked.read_text(encoding="utf-8").splitlines()
    return ended, [line.removeprefix("-m benchmarks.") for line in lines if line.startswith("-m benchmarks.")]


@pytest.mark.parametrize("ends", [{}, {"attention_cost": 1}, {"switch_latency": 1, "lesson_trace": 3, "visitors": 1}])
def test_every_benchmark_runs_and_one_missed_target_is_enough_to_fail(tmp_path: Path, ends: dict[str, int]) -> None:
    code, ran = bench(tmp_path, **ends)
    assert sorted(ran) == sorted(MEASURED)
    assert (code != 0) == bool(ends)  # make has one code for every failure
