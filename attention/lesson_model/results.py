"""What was measured of the lesson model, read from claims.json: which heads have a job, how well they do it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any

from attention.lesson_model.files import FOLDER, damaged

FILE = "claims.json"
SPREAD = 0.05  # a median over the seeds may be this much below what is asked of the shipped one
ALONE = 0.5  # mean weight from which one head does a row's job alone


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
    """Return the jobs a head was chosen for and does as well as was asked, the most demanding first; often none."""
    chosen = claims()["heads"]
    return tuple(
        role(name)
        for name in ("predicts", "verb", "adjective", "pronoun")
        if chosen.get(name) == [layer, head] and _met(name)
    )


def _met(claim: str) -> bool:
    return all(result["met"] for result in claims()["results"] if result["claim"] == claim)


def average_weight(name: str, layer: int, head: int) -> float | None:
    """Return the mean weight of a head at a job that is measured without right words, `previous`, `itself` or `start`.

    None if the head was not chosen for it, or gives it less than what a role is named from.
    """
    found = claims()
    weight = float(found["roles"][name])
    return weight if found["heads"][name] == [layer, head] and weight >= found["asked"]["role"] else None


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


@dataclass(frozen=True, slots=True)
class Feeder:
    """A head of an earlier layer without which the carriers fail: how often the right verb is preferred, of n."""

    with_all: float
    without: float
    n: int


def feeder(layer: int, head: int) -> Feeder | None:
    """Return what switching a head off does to the prediction if it feeds the heads that carry it, else None."""
    found = claims()
    without = without_head(layer, head)
    if [layer, head] not in found["feeders"] or without is None or without >= found["asked"]["others_off"]:
        return None
    return Feeder(found["off"]["nothing"], without, found["off"]["n"])


def without_head(layer: int, head: int) -> float | None:
    """Return how often the right verb is preferred with a head off; None for a carrier, whose like go together."""
    return next((share for *place, share in claims()["off"]["others"] if place == [layer, head]), None)


@dataclass(frozen=True, slots=True)
class OverSeeds:
    """One claim over all trained seeds: its worst set's share and smallest mean weight, in the middle and at least."""

    claim: str
    median: float
    least: float
    asked: float  # of the median
    mass_median: float | None
    mass_least: float | None

    @property
    def met(self) -> bool:
        """Whether the median is as good as was asked."""
        return self.median >= self.asked


def over_seeds() -> tuple[OverSeeds, ...]:
    """Return every claim over the seeds."""
    seeds = claims()["seeds"]
    asked = {result["claim"]: result["at_least"] - SPREAD for result in claims()["results"]}
    rows = []
    for name, target in asked.items():
        of = [seed["claims"][name] for seed in seeds]
        shares = [one["share"] for one in of]
        masses = [one["mass"] for one in of if one["mass"] is not None]
        middle = median(masses) if masses else None
        rows.append(OverSeeds(name, median(shares), min(shares), target, middle, min(masses, default=None)))
    return tuple(rows)


def roles_over_seeds() -> tuple[tuple[str, float, float], ...]:
    """Return of every role that is measured without right words its name, and its median and least weight."""
    seeds = claims()["seeds"]
    scores = {name: [seed["roles"][name] for seed in seeds] for name in claims()["roles"]}
    return tuple((name, median(of), min(of)) for name, of in scores.items())


def off_over_seeds() -> tuple[tuple[str, float, float, bool], ...]:
    """Return how often the right verb is preferred with carriers off, and with their layer's most missed other head.

    Of each its name in `asked`, the median over the seeds, the worst seed, and whether the median is as asked.
    """
    seeds, asked = claims()["seeds"], claims()["asked"]
    carriers = [seed["off"]["carriers"] for seed in seeds]
    others = [
        min((share for layer, _, share in seed["off"]["others"] if layer == seed["carriers"][0][0]), default=1.0)
        for seed in seeds
    ]
    return (
        ("carriers_off", median(carriers), max(carriers), median(carriers) <= asked["carriers_off"]),
        ("others_off", median(others), min(others), median(others) >= asked["others_off"]),
    )


def in_how_many() -> dict[str, int]:
    """Count the seeds in which one head alone does the job of a row, one serves both rows, one carries the verb."""
    seeds = claims()["seeds"]
    return {
        "predicts": sum(seed["claims"]["predicts"]["mean_mass"] >= ALONE for seed in seeds),
        "verb": sum(seed["claims"]["verb"]["mean_mass"] >= ALONE for seed in seeds),
        "both": sum(seed["heads"]["predicts"] == seed["heads"]["verb"] for seed in seeds),
        "carrier": sum(len(seed["carriers"]) == 1 for seed in seeds),
    }
