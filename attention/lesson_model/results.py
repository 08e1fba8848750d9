"""What was measured of the lesson model, read from claims.json: which heads have a job, how well they do it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from attention.lesson_model.files import FOLDER, damaged

FILE = "claims.json"


@dataclass(frozen=True, slots=True)
class Role:
    """One measured job of one head: `right` of `n` held-out sentences, and the mean weight on the right word."""

    name: str  # "predicts", "verb", …: a claim of `evaluation.CLAIMS`
    n: int
    right: int
    mass: float

    @property
    def share(self) -> float:
        """The share of sentences in which the right word got most."""
        return self.right / self.n


@dataclass(frozen=True, slots=True)
class HeadScore:
    """One head at one role, on held-out sentences, with its 95% interval."""

    layer: int
    head: int
    score: float
    low: float
    high: float
    mass: float | None  # mean weight on the right word, where the score is how often that word got most


@dataclass(frozen=True, slots=True)
class RoleScores:
    """Every head at one role, over `n` sentences; `chosen` was chosen for it on training sentences."""

    name: str
    n: int
    heads: tuple[HeadScore, ...]  # layer by layer
    chosen: tuple[int, int]


@cache
def claims() -> dict[str, Any]:
    """Return claims.json as `make claims` wrote it. Raises AttentionError `damaged_lesson_model`."""
    try:
        found: dict[str, Any] = json.loads((FOLDER / FILE).read_text(encoding="utf-8"))
        return found if found["results"] and found["heads"] and found["by_head"] else {}
    except (OSError, ValueError, KeyError, TypeError):
        raise damaged(FILE) from None


def role(name: str) -> Role:
    """Return one claim over all its sets of sentences, their numbers added up."""
    results = [result for result in claims()["results"] if result["claim"] == name]
    n = sum(result["n"] for result in results)
    mass = sum(result["n"] * (result["mass"] or 0.0) for result in results) / n
    return Role(name, n, sum(result["right"] for result in results), mass)


def roles_of(layer: int, head: int) -> tuple[Role, ...]:
    """Return the jobs a head was chosen for and measured at, the most demanding first; most heads have none."""
    chosen = claims()["heads"]
    return tuple(
        role(name) for name in ("predicts", "verb", "adjective", "pronoun") if chosen.get(name) == [layer, head]
    )


def average_weight(name: str, layer: int, head: int) -> float | None:
    """Return the mean weight of a head at a job that is measured without right words: `previous`, `rests`."""
    found = claims()
    return float(found["roles"][name]) if found["heads"].get(name) == [layer, head] else None


def role_names() -> tuple[str, ...]:
    """Return the roles at which every head was measured."""
    return tuple(claims()["by_head"])


def scores_at(name: str) -> RoleScores:
    """Return how every head does at one role."""
    found = claims()["by_head"][name]
    heads = [
        HeadScore(
            layer,
            head,
            score,
            found["low"][layer][head],
            found["high"][layer][head],
            found["mass"][layer][head] if "mass" in found else None,
        )
        for layer, scores in enumerate(found["score"])
        for head, score in enumerate(scores)
    ]
    layer, head = claims()["heads"][name]
    return RoleScores(name, found["n"], tuple(heads), (layer, head))
