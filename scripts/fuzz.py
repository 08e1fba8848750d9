"""Throws hostile texts, settings and links at the project: `python -m scripts.fuzz --cases 10000`."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: the processes share the cores

import argparse
import secrets
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.fuzzing.cases import draw_case
from tests.fuzzing.checks import check

MOST_FAILURES = 10  # printed before giving up


def failure_of(number: int, seed: int) -> str:
    """Run one case and return what went wrong, with the command that runs it again, or nothing."""
    try:
        check(draw_case(seed, number))
    except Exception:
        return traceback.format_exc()
    return ""


def main() -> int:
    """Run the cases, print each that fails, and return 1 if any did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="what they are drawn from (default: another at every run)")
    parser.add_argument("--case", type=int, help="only this one")
    options = parser.parse_args()
    seed = secrets.randbelow(10**6) if options.seed is None else options.seed
    numbers = range(options.cases) if options.case is None else [options.case]
    print(f"seed {seed}", flush=True)
    failed, done, begun = 0, 0, time.monotonic()
    with ProcessPoolExecutor() as pool:
        for failure in pool.map(partial(failure_of, seed=seed), numbers, chunksize=10):
            done += 1
            if failure:
                failed += 1
                print(f"--- case {numbers[done - 1]} failed\n{failure}", flush=True)
            if failed == MOST_FAILURES:
                pool.shutdown(cancel_futures=True)
                break
            if done % 1000 == 0 and done < len(numbers):
                print(f"{done} cases, {failed} failed, {time.monotonic() - begun:.0f} s", flush=True)
    print(f"{done} cases, {failed} failed, {time.monotonic() - begun:.0f} s")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
