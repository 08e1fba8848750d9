"""The lesson's table of contents: its pages in order, each with its script, its address and its icon."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lesson:
    """One page. `name` is its script in `pages/` and its table of texts; `url_path` never changes."""

    name: str
    url_path: str
    icon: str

    @property
    def script(self) -> str:
        """Where its script stands."""
        return f"pages/{self.name}.py"


LESSONS = (
    Lesson("why_context", "contexto", ":material/forum:"),
    Lesson("intuition", "intuicao", ":material/visibility:"),
    Lesson("context_vector", "vetor-de-contexto", ":material/merge:"),
    Lesson("query_key_value", "query-key-value", ":material/key:"),
    Lesson("training", "treinar", ":material/model_training:"),
    Lesson("causal_mask", "mascara-causal", ":material/gradient:"),
    Lesson("dropout", "dropout", ":material/casino:"),
    Lesson("many_heads", "varias-cabecas", ":material/grid_view:"),
    Lesson("transformer", "transformer", ":material/layers:"),
    Lesson("why_it_changed", "por-que-mudou", ":material/speed:"),
    Lesson("glossary", "glossario", ":material/menu_book:"),
)


def lesson_named(name: str) -> Lesson:
    """Return the page called `name`."""
    return next(lesson for lesson in LESSONS if lesson.name == name)
