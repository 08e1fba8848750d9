"""Which word of a sentence is the subject of which verb, as far as the lesson's lexicon knows: miou tells of gato."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from attention.lesson_model.lexicon import ANIMALS, NAMES, PEOPLE, THINGS, plural, verb_form


@dataclass(frozen=True, slots=True)
class Agreement:
    """A verb and its subject, as places among the words of a sentence."""

    subject: int
    verb: int

    @property
    def predicts(self) -> int | None:
        """The word before the verb, whose row foresees it in a decoder; None where that is the subject itself."""
        return self.verb - 1 if self.verb - 1 != self.subject else None


def find_subject(words: Sequence[str]) -> Agreement | None:
    """Return the last verb that belongs to exactly one noun before it, and that noun; None where none does.

    A verb belongs to a noun that does it, in the lexicon, in the same number. Verbs that anything may do tell nothing.
    """
    plain = ["".join(filter(str.isalpha, word)).lower() for word in words]
    for verb in reversed(range(len(plain))):
        subjects = [place for place in range(verb) if plain[verb] in _verbs_of().get(plain[place], ())]
        if len(subjects) == 1:
            return Agreement(subjects[0], verb)
    return None


@cache
def _verbs_of() -> dict[str, frozenset[str]]:
    """Return the verbs of every noun of the lexicon, form by form."""
    found: dict[str, frozenset[str]] = {}
    for noun in (*ANIMALS, *PEOPLE, *THINGS, *NAMES):
        for is_plural in (False, True):
            form = (plural(noun.word) if is_plural else noun.word).lower()
            verbs = {verb_form(verb, is_plural=is_plural, present=now) for verb in noun.verbs for now in (False, True)}
            found[form] = found.get(form, frozenset()) | verbs
    return found
