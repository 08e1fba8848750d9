"""All claims on one network: heads are chosen on training-split sentences, then frozen and measured on others."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
import torch

from attention.lesson_model.claims import (
    ADJECTIVE,
    NONCE,
    PRONOUN,
    REHEARSAL,
    SETS,
    TRAINING_SETS,
    UNSEEN,
    Floats,
    Row,
    SentenceSet,
    choose_head,
    looks,
    prefers_right_verb,
    sentences_of,
    wilson,
)
from attention.lesson_model.network import Head, LessonModel
from attention.lesson_model.phrases import Sentence, Split
from attention.lesson_model.training import pad, sentence_ids

PREFERENCE_SETS = tuple(each for each in SETS if each.rivals)
CARRIED = 0.75  # with the carriers off, the right verb is preferred at most this often
HARMLESS = 0.95  # with any other head of their layer off, at least this often; an earlier one below it feeds them


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim: which row of which head looks right, on which sets, at least how often and with how much weight."""

    name: str
    row: Row
    sets: tuple[SentenceSet, ...]
    at_least: float
    mass_at_least: float = 0.0
    causal: bool = True


CLAIMS = (
    Claim("predicts", "predicts", SETS, 0.97, 0.80),
    Claim("verb", "verb", SETS, 0.97, 0.80),
    Claim("verb_without_mask", "verb", SETS, 0.95, causal=False),
    Claim("predicts_nonce", "predicts", (NONCE,), 0.92),
    Claim("verb_nonce", "verb", (NONCE,), 0.92),
    Claim("predicts_unseen", "predicts", (UNSEEN,), 0.85),
    Claim("verb_unseen", "verb", (UNSEEN,), 0.85),
    Claim("adjective", "adjective", (ADJECTIVE,), 0.95),
    Claim("pronoun", "pronoun", (PRONOUN,), 0.95),
)
ROLE_CLAIMS = ("predicts", "verb", "adjective", "pronoun")  # measured of every head, not of the chosen one alone
PREFERENCE_AT_LEAST = 0.97
FRESH = 2026  # draws the measured sentences: others than those on which recipes were compared
ROLE_AT_LEAST = 0.6


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured for one claim on one set. `mass` and `rival_mass` are mean weights."""

    claim: str
    set: str
    n: int
    right: int
    share: float
    low: float
    high: float
    at_least: float
    mass: float | None = None
    mass_at_least: float = 0.0
    rival_mass: float | None = None
    held_out_template: bool = False
    failures: tuple[str, ...] = ()

    @property
    def met(self) -> bool:
        """Whether the claim holds on this set."""
        return self.share >= self.at_least and (self.mass is None or self.mass >= self.mass_at_least)


def choose(model: LessonModel, n: int = 200) -> dict[str, Any]:
    """Choose the head of every row, the heads that carry the prediction, and those of earlier layers that feed them.

    On training-split sentences only; held-out templates have no part in it.
    """
    by_row: dict[str, Head] = {}
    worst: dict[str, float] = {}
    rows: tuple[tuple[Row, tuple[SentenceSet, ...]], ...] = (
        ("predicts", TRAINING_SETS),
        ("verb", TRAINING_SETS),
        ("adjective", (ADJECTIVE,)),
        ("pronoun", (PRONOUN,)),
    )
    for row, sets in rows:
        by_row[row], worst[row] = choose_head(model, row, sets, n)
    asked = _preference_sentences(n // 4, "train")
    scores = role_scores(model, asked)
    for role, score in scores.items():
        by_row[role] = _best(score)
    carriers = _carriers(model, asked)
    feeders = [
        head
        for head in _heads(model)
        if head[0] < carriers[0][0] and prefers_right_verb(model, asked, off=(head,)).mean() < HARMLESS
    ]
    return {"heads": by_row, "worst_mass": worst, "carriers": carriers, "feeders": feeders}


def _best(scores: Floats) -> Head:
    layer, head = np.unravel_index(scores.argmax(), scores.shape)
    return int(layer), int(head)


def _preference_sentences(n: int, split: Split) -> list[Sentence]:
    """Return n sentences a set that has rivals; of training-split sentences, none of a held-out template."""
    train = split == "train"
    kinds = [each for each in PREFERENCE_SETS if not (train and each.held_out_template)]
    return [each for kind in kinds for each in sentences_of(kind, n, split, 2 if train else FRESH, with_rival=True)]


def _carriers(model: LessonModel, sentences: list[Sentence]) -> list[Head]:
    """Return the smallest set of last-layer heads without which the right verb is no longer foreseen."""
    last = model.shape.n_layers - 1
    heads = [(last, head) for head in range(model.shape.n_heads)]
    for size in range(1, len(heads) + 1):
        shares = {off: prefers_right_verb(model, sentences, off=off).mean() for off in combinations(heads, size)}
        best = min(shares, key=lambda off: shares[off])
        if shares[best] <= CARRIED:
            return list(best)
    return heads


def role_scores(model: LessonModel, sentences: list[Sentence]) -> dict[str, Floats]:
    """Return for each role the mean weight that fits it, [layer, head], over all rows from the third.

    `previous`: on the token just before. `itself`: on its own token. `start`: on ⟨início⟩.
    """
    sums, rows = role_sums(model, sentences)
    return {role: each.sum(axis=0) / rows.sum() for role, each in sums.items()}


@torch.inference_mode()
def role_sums(model: LessonModel, sentences: list[Sentence]) -> tuple[dict[str, Floats], Floats]:
    """Return the weight that fits each role, [sentence, layer, head], and the rows it is the sum of, [sentence]."""
    rows = [sentence_ids(sentence)[0] for sentence in sentences]
    lengths = torch.tensor([len(row) for row in rows])
    weights = torch.stack(model(pad(rows).long(), lengths=lengths).weights)
    real = (torch.arange(2, weights.shape[-1]) < lengths[:, None]).double()  # [sentence, row]
    before = weights.diagonal(-1, dim1=-2, dim2=-1)[..., 1:].double()  # [layer, sentence, head, row]
    itself = weights.diagonal(dim1=-2, dim2=-1)[..., 2:].double()
    start = weights[..., 2:, 0].double()
    fitting = (("previous", before), ("itself", itself), ("start", start))
    sums = {role: (seen * real[None, :, None]).sum(dim=3).permute(1, 0, 2).numpy() for role, seen in fitting}
    return sums, real.sum(dim=1).numpy()


def ratio_interval(sums: Floats, rows: Floats) -> tuple[float, float]:
    """Return the 95% interval of sum(sums) ÷ sum(rows), both [sentence]: sentences are drawn, their rows come along.

    The linearised variance of a ratio (Cochran 1977, § 6.4).
    """
    n, ratio = len(rows), float(sums.sum() / rows.sum())
    spread = 1.959964 * math.sqrt(n / (n - 1) * float(((sums - ratio * rows) ** 2).sum())) / float(rows.sum())
    return max(0.0, ratio - spread), min(1.0, ratio + spread)


def rehearse(model: LessonModel, choices: dict[str, Any], n: int) -> dict[str, dict[str, float]]:
    """Measure what is asked on training-split sentences: of each claim the least share and mean mass over its sets.

    Recipes and seeds are chosen by these numbers and by no others. No held-out template and none of the words of
    `UNSEEN` is in them: other real words rehearse those.
    """
    found: dict[str, dict[str, float]] = {}
    for claim in CLAIMS:
        layer, head = choices["heads"][claim.row]
        shares, masses = [], []
        for each in claim.sets:
            if each.held_out_template:
                continue
            sentences = sentences_of(REHEARSAL if each is UNSEEN else each, n, "train", 4)
            right, rival = (part[:, layer, head] for part in looks(model, sentences, claim.row, causal=claim.causal))
            shares.append(float((right > rival).mean()))
            masses.append(float(right.mean()))
        found[claim.name] = {"share": min(shares), "mass": min(masses)}
    kinds = [each for each in PREFERENCE_SETS if not each.held_out_template]
    asked = [sentences_of(each, n, "train", 4, with_rival=True) for each in kinds]
    found["foresees"] = {"share": min(float(prefers_right_verb(model, part).mean()) for part in asked)}
    together = [sentence for part in asked for sentence in part[: n // 4]]
    carriers = choices["carriers"]
    same_layer = [(layer, head) for layer, head in _heads(model) if layer == carriers[0][0]]
    off = {head: float(prefers_right_verb(model, together, off=(head,)).mean()) for head in same_layer}
    found["carriers_off"] = {"share": float(prefers_right_verb(model, together, off=carriers).mean())}
    found["others_off"] = {"share": min((off[head] for head in same_layer if head not in carriers), default=1.0)}
    found["previous"] = {"share": float(role_scores(model, together)["previous"].max())}
    return found


def lacking(rehearsed: dict[str, dict[str, float]]) -> float:
    """Return how much a network lacks of what is asked, summed over the rows; the seed with least is shipped."""
    asked = {claim.name: (claim.at_least, claim.mass_at_least) for claim in CLAIMS}
    asked |= {"foresees": (PREFERENCE_AT_LEAST, 0.0), "others_off": (HARMLESS, 0.0), "previous": (ROLE_AT_LEAST, 0.0)}
    return max(0.0, rehearsed["carriers_off"]["share"] - CARRIED) + sum(
        max(0.0, share - rehearsed[name]["share"]) + max(0.0, mass - rehearsed[name].get("mass", 0.0))
        for name, (share, mass) in asked.items()
    )


def _heads(model: LessonModel) -> list[Head]:
    return list(product(range(model.shape.n_layers), range(model.shape.n_heads)))


def measure(model: LessonModel, choices: dict[str, Any], n: int) -> dict[str, Any]:
    """Measure every claim with the chosen heads on n held-out sentences a set."""
    results, by_head = [], {}
    for claim in CLAIMS:
        layer, head = choices["heads"][claim.row]
        seen: list[tuple[Floats, Floats]] = []
        for each in claim.sets:
            sentences = sentences_of(each, n, "held_out", FRESH)
            seen.append(looks(model, sentences, claim.row, causal=claim.causal))
            right, rival = (part[:, layer, head] for part in seen[-1])
            wrong = [str(s) for s, won in zip(sentences, right > rival, strict=True) if not won]
            results.append(
                _result(
                    claim.name,
                    each,
                    n,
                    wrong,
                    claim.at_least,
                    float(right.mean()),
                    claim.mass_at_least,
                    float(rival.mean()),
                )
            )
        if claim.name in ROLE_CLAIMS:
            by_head[claim.name] = _wins(*(np.concatenate(parts) for parts in zip(*seen, strict=True)))
    for each in PREFERENCE_SETS:
        sentences = sentences_of(each, n, "held_out", FRESH, with_rival=True)
        prefers = prefers_right_verb(model, sentences)
        wrong = [str(s) for s, won in zip(sentences, prefers, strict=True) if not won]
        results.append(_result("foresees", each, n, wrong, PREFERENCE_AT_LEAST))
    held = _preference_sentences(max(1, n // len(PREFERENCE_SETS) * 2), "held_out")
    carriers = [tuple(head) for head in choices["carriers"]]
    others = [head for head in _heads(model) if head not in carriers]
    scores = role_scores(model, held)
    sums, rows = role_sums(model, held)
    by_head |= {role: _mean_weights(each, rows) for role, each in sums.items()}
    return {
        "results": [asdict(result) | {"met": result.met} for result in results],
        "asked": {"carriers_off": CARRIED, "others_off": HARMLESS, "role": ROLE_AT_LEAST},
        "off": {
            "n": len(held),
            "nothing": float(prefers_right_verb(model, held).mean()),
            "carriers": float(prefers_right_verb(model, held, off=carriers).mean()),
            "alone": [[*head, float(prefers_right_verb(model, held, off=(head,)).mean())] for head in carriers],
            "others": [[*head, float(prefers_right_verb(model, held, off=(head,)).mean())] for head in others],
        },
        "roles": {role: float(scores[role][tuple(choices["heads"][role])]) for role in scores},
        "by_head": by_head,
    }


def _wins(right: Floats, rival: Floats) -> dict[str, Any]:
    """Return how often each head gives the right word most, [layer][head], of [sentence, layer, head] weights."""
    n, won = len(right), (right > rival).sum(axis=0)
    ends = np.array([[wilson(int(wins), n) for wins in heads] for heads in won])
    return {
        "n": n,
        "score": (won / n).tolist(),
        "low": ends[..., 0].tolist(),
        "high": ends[..., 1].tolist(),
        "mass": right.mean(axis=0).tolist(),
    }


def _mean_weights(sums: Floats, rows: Floats) -> dict[str, Any]:
    """Return the mean weight that fits a role, [layer][head], of what `role_sums` returns."""
    mean = sums.sum(axis=0) / rows.sum()
    ends = np.apply_along_axis(ratio_interval, 0, sums, rows)  # [low or high, layer, head]
    return {"n": len(rows), "score": mean.tolist(), "low": ends[0].tolist(), "high": ends[1].tolist()}


def _result(
    claim: str, each: SentenceSet, n: int, wrong: list[str], at_least: float,
    mass: float | None = None, mass_at_least: float = 0.0, rival_mass: float | None = None,
) -> Result:  # fmt: skip
    low, high = wilson(n - len(wrong), n)
    return Result(
        claim, each.name, n, n - len(wrong), 1 - len(wrong) / n, low, high, at_least, mass, mass_at_least, rival_mass,
        each.held_out_template, tuple(wrong),
    )  # fmt: skip
