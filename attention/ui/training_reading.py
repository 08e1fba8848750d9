"""What a checkpoint of a training shows, as sentences and names computed from its own numbers."""

from __future__ import annotations

from attention.figures.labels import named
from attention.figures.sentences import share
from attention.induction.rates import FAST, LEARNED, MEASURED_STEPS, USUAL, failures, may_be_too_fast
from attention.induction.runs import NAMED_FROM, Run, Snapshot, strongest
from attention.induction.settings import EXAMPLE, TrainingSettings
from attention.metrics import strongest_keys
from attention.texts import Language, text
from attention.views import WeightsView

ROWS_OF_THE_REPEAT = range(len(EXAMPLE) // 2, len(EXAMPLE))


def head_names(snapshot: Snapshot, language: Language, *, short: bool = False) -> list[str]:
    """Return a name a head, those of the first layer first: its place, and its role where it has one."""
    n_layers, n_heads = snapshot.previous.shape
    return [
        _head_name(snapshot, layer, head, "short" if short else "long", language)
        for layer in range(n_layers)
        for head in range(n_heads)
    ]


def _head_name(snapshot: Snapshot, layer: int, head: int, length: str, language: Language) -> str:
    place = text("training.head_name", language, layer=layer + 1, head=head + 1)
    scores = {"induction": float(snapshot.induction[layer, head]), "previous": float(snapshot.previous[layer, head])}
    role = max(scores, key=scores.__getitem__)
    if scores[role] < NAMED_FROM:
        return place
    return f"{place} {text(f'training.{role}_{length}', language)} {share(scores[role], language)}"


def curves(run: Run, language: Language) -> dict[str, list[float]]:
    """Return the named shares to draw over the steps: right copies, and the two heads that end with the best scores."""
    last = run.snapshots[-1]
    drawn = {text("training.accuracy", language): [snapshot.accuracy for snapshot in run.snapshots]}
    for role in ("previous", "induction"):
        layer, head = strongest(getattr(last, role))
        place = text("training.head_name", language, layer=layer + 1, head=head + 1)
        name = text(f"training.{role}_best", language, head=place)
        drawn[name] = [float(getattr(snapshot, role)[layer, head]) for snapshot in run.snapshots]
    return drawn


def about_snapshot(snapshot: Snapshot, language: Language) -> str:
    """Say which heads have found their jobs by this step, and how well the network copies."""
    (layer, head), (earlier, other) = strongest(snapshot.induction), strongest(snapshot.previous)
    induction, previous = float(snapshot.induction[layer, head]), float(snapshot.previous[earlier, other])
    values = {"step": snapshot.step, "accuracy": share(snapshot.accuracy, language)}
    support = {"head": other + 1, "layer": earlier + 1, "share": share(previous, language)}
    if induction < NAMED_FROM:
        said = text("training.reads_no_induction", language, share=share(induction, language), **values)
        alone = text("training.reads_previous_alone", language, **support)
        return f"{said} {alone}" if previous >= NAMED_FROM else said
    place = {"head": head + 1, "layer": layer + 1, "share": share(induction, language)}
    said = text("training.reads_induction", language, **place, **values)
    below = previous >= NAMED_FROM and earlier < layer
    return f"{said} {text('training.reads_previous', language, **support)}" if below else said


def about_row(view: WeightsView, head: int, n_heads: int, row: int, language: Language) -> str:
    """Say where one row of the example looks most, and what that token is to it; `n_heads` stand in each layer."""
    (key,) = strongest_keys(view, head, row, 1)
    names = named(view.labels, language)
    after_its_twin = row in ROWS_OF_THE_REPEAT and key == row - ROWS_OF_THE_REPEAT.start + 1
    note = "induction" if after_its_twin else {row: "itself", row - 1: "previous"}.get(key)
    return text(
        "training.reads_row",
        language,
        name=text("training.head_name", language, layer=head // n_heads + 1, head=head % n_heads + 1),
        query=names[row],
        key=names[key],
        share=share(float(view.weights[head, row, key]), language),
        note=text(f"training.note_{note}", language) if note else "",
    )


def outcome(run: Run, language: Language) -> str | None:
    """Explain a training that ended without learning to copy, or return None when it learned."""
    accuracy = run.snapshots[-1].accuracy
    if accuracy >= LEARNED:
        return None
    written = share(accuracy, language)
    if run.settings.n_layers == 1:
        return text("training.one_layer_failed", language, accuracy=written)
    if may_be_too_fast(run.settings):
        values = fast_and_usual(run.settings, language)
        return text("training.too_fast", language, accuracy=written, steps=run.settings.steps, **values)
    return text("training.did_not_learn", language, accuracy=written, steps=run.settings.steps)


def fast_and_usual(settings: TrainingSettings, language: Language) -> dict[str, object]:
    """Return what was measured at a rate that is too high, and at the usual one, as texts mention it."""
    fast, usual = failures(FAST, settings.steps), failures(USUAL, MEASURED_STEPS[0])
    return {
        "rate": rate(FAST, language),
        "failed": fast.failed,
        "n": fast.n,
        "after": fast.steps,
        "usual": rate(USUAL, language),
        "usual_failed": usual.failed,
        "usual_n": usual.n,
        "usual_after": usual.steps,
    }


def rate(value: float, language: Language) -> str:
    """Write a learning rate with as many decimals as it has."""
    return f"{value:g}".replace(".", "," if language == "pt-BR" else ".")
