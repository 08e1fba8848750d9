"""Learning to copy: sequences that repeat, one generator of snapshots, and what is measured at each."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Generator, Tensor
from torch.nn.functional import cross_entropy

from attention.induction.network import InductionNetwork, random_network
from attention.induction.runs import Snapshot
from attention.induction.settings import ALPHABET, BATCH, EXAMPLE, HALF_LENGTHS, TrainingSettings

MEASURED_LENGTHS = (8, 12, 16, 24)  # a batch of fresh sequences of each is what a snapshot measures
MEASURING = 2**32  # added to the seed: what is measured is never drawn as what is trained on


def train(settings: TrainingSettings) -> Iterator[Snapshot]:
    """Train from random weights and yield a snapshot before the first step, along the way, and after the last.

    Only repeated tokens count in the loss; nothing tells any head what to look at.
    """
    generator = Generator().manual_seed(settings.seed)
    fresh = Generator().manual_seed(MEASURING + settings.seed)
    network = random_network(settings, generator)
    optimizer = torch.optim.AdamW(network.parameters(), lr=settings.learning_rate)
    for step in range(settings.steps + 1):
        if step in settings.snapshot_steps:
            yield measure(network, step, fresh)
        if step < settings.steps:
            half = HALF_LENGTHS[int(torch.randint(len(HALF_LENGTHS), (), generator=generator))]
            ids = draw_sequences(half, generator)
            optimizer.zero_grad()
            torch.autograd.backward(copying_loss(network(ids)[0], ids))
            optimizer.step()


def draw_sequences(half: int, generator: Generator) -> Tensor:
    """Return a batch of `half` different random tokens, each sequence then repeated, [batch, 2 · half].

    Different, so that every repeated token can be known: it came after the one other time its neighbour was there.
    """
    first = torch.rand(BATCH, len(ALPHABET), generator=generator).argsort(dim=1)[:, :half]
    return torch.cat((first, first), dim=1)


def copying_loss(logits: Tensor, ids: Tensor) -> Tensor:
    """Return the mean cross-entropy, in nats, of the tokens that can be known, of `ids` [batch, 2 · half]."""
    half = ids.shape[1] // 2
    return cross_entropy(logits[:, half:-1].flatten(0, 1), ids[:, half + 1 :].flatten())


@torch.inference_mode()
def measure(network: InductionNetwork, step: int, fresh: Generator) -> Snapshot:
    """Return what the network does with fresh sequences, and its maps of the example."""
    losses, accuracies, previous, induction = [], [], [], []
    for half in MEASURED_LENGTHS:
        ids = draw_sequences(half, fresh)
        logits, weights = network(ids)
        losses.append(copying_loss(logits, ids))
        accuracies.append((logits[:, half:-1].argmax(dim=-1) == ids[:, half + 1 :]).float().mean())
        previous.append(previous_score(weights))
        induction.append(induction_score(weights))
    example = torch.tensor([[ALPHABET.index(token) for token in EXAMPLE]])
    return Snapshot(
        step=step,
        loss=float(torch.stack(losses).mean()),
        accuracy=float(torch.stack(accuracies).mean()),
        previous=torch.stack(previous).mean(dim=0).numpy(),
        induction=torch.stack(induction).mean(dim=0).numpy(),
        maps=network(example)[1][:, 0].numpy(),
    )


def previous_score(weights: Tensor) -> Tensor:
    """Return what each head gives to the position before, [layer, head], the mean over all rows but the first.

    `weights` is [layer, batch, head, query, key].
    """
    return weights.diagonal(-1, dim1=3, dim2=4).mean(dim=(1, 3))


def induction_score(weights: Tensor) -> Tensor:
    """Return what each head gives to the token after its row's own, the other time, [layer, head].

    That is key i − half + 1 for row i of the second half. `weights` is [layer, batch, head, query, key].
    """
    half = weights.shape[-1] // 2
    return weights[..., half:, :].diagonal(1, dim1=3, dim2=4).mean(dim=(1, 3))
