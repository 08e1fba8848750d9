"""The parts of a sentence: nouns with their determiners, and what each noun does, is or eats.

What follows a subject depends on *which* noun it is (a cat meows, is wary, eats kibble), so that a model can only
foresee it by looking the subject up. Each such word knows its rivals: the forms that would not fit there.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Literal

from attention.lesson_model.lexicon import (
    ANIMALS,
    NAMES,
    PEOPLE,
    PLACES,
    THINGS,
    Noun,
    adjective_form,
    diminutive,
    nonce_noun,
    nonce_verb,
    plural,
    verb_form,
    words_of,
)

Split = Literal["train", "held_out"]

Role = Literal["", "subject", "noun", "verb", "adjective", "pronoun"]
Ending = Literal["verb", "adjective", "pronoun"]


@dataclass(frozen=True, slots=True)
class Word:
    """One word as written, and what it is to the sentence.

    `rivals` are forms that do not fit here: the first is what another noun would do or be, the others
    break agreement. Only words that depend on their subject have them. `fits` is False once a rival stands here.
    """

    text: str
    role: Role = ""
    rivals: tuple[str, ...] = ()
    fits: bool = True
    telling: bool = False  # follows from which noun the subject is, not only from its number and gender


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence whose grammar is known: its words, the lemmas of its nouns, and the place its pronoun stands for."""

    words: tuple[Word, ...]
    lemmas: tuple[str, ...]
    antecedent: int | None = None

    def __str__(self) -> str:
        """Return the sentence as people write it."""
        text = " ".join(word.text for word in self.words)
        return text.replace(" ,", ",").replace(" .", ".").replace(" !", "!")

    def where(self, *roles: Role) -> tuple[int, ...]:
        """Return the places of the words that play one of `roles`."""
        return tuple(place for place, word in enumerate(self.words) if word.role in roles)


@cache
def held_out(lemma: str, other: str) -> bool:
    """Say whether these two nouns never meet in a training sentence: one pair in five, and the course's own."""
    pair = "|".join(sorted((lemma, other)))
    return pair in _ALWAYS_HELD_OUT or hashlib.blake2b(pair.encode(), digest_size=1).digest()[0] < 51


_ALWAYS_HELD_OUT = {"gato|telhado", "cachorro|gato"}

# Written also as the little one of another noun (pássaro), whose pairs it then keeps: it is in no measured sentence.
LITTLE_ONES = {"passarinho"}

_PLAIN = words_of("plain_verbs")
_PLAIN_ADJECTIVES = words_of("plain_adjectives")
_BEINGS = ANIMALS + PEOPLE

_SINGULAR = (
    ("um", "uma"),
    ("este", "esta"),
    ("aquele", "aquela"),
    ("meu", "minha"),
    ("nosso", "nossa"),
    ("seu", "sua"),
)
_PLURAL = (("uns", "umas"), ("estes", "estas"), ("aqueles", "aquelas"), ("meus", "minhas"), ("dois", "duas"))
_NO_GENDER = (("cada", "qualquer"), ("três", "quatro", "cinco", "mil", "dez"))


@dataclass(frozen=True, slots=True)
class Mix:
    """How often things happen: the shares from which training sentences are drawn."""

    nonce: float = 0.2
    nonce_verb: float = 0.3
    opposite: float = 0.6
    adverb: float = 0.3
    plural: float = 0.25
    present: float = 0.15
    licensed: float = 0.64
    spoiled: float = 0.3
    owned: float = 0.25
    diminutive: float = 0.25  # of unknown nouns
    banco: float = 0.025  # of sentences


TRAINING_MIX = Mix(present=0.25)


_ATTEMPTS = 400


@dataclass(slots=True)
class Writer:
    """One sentence being written: its source of chance, the nouns it has, its tense."""

    rng: Random
    split: Split
    mix: Mix
    present: bool
    subject: Noun | None = None
    lemmas: tuple[str, ...] = ()
    about_subject: bool = True  # what the pronoun, if there is one, stands for

    def chance(self, share: float) -> bool:
        """Say yes with probability `share`."""
        return self.rng.random() < share

    def noun(self, kind: list[Noun], role: Role = "noun", opposite: Noun | None = None) -> Noun:
        """Draw a noun that may stand beside those already there."""
        if kind is not PLACES and kind is not NAMES and self.chance(self.mix.nonce):
            return self._unknown_noun(role)
        wanted = None if opposite is None or not self.chance(self.mix.opposite) else not opposite.feminine
        for attempt in range(_ATTEMPTS):
            noun = self.rng.choice(kind)
            fits = wanted is None or noun.feminine == wanted or attempt > _ATTEMPTS // 2
            if fits and self._may_stand(noun, role):
                self.lemmas = (*self.lemmas, noun.lemma)
                return noun
        raise LookupError(f"No noun may stand beside {self.lemmas}.")

    def _unknown_noun(self, role: Role) -> Noun:
        """Draw a noun that is in no list: invented, or the little one of a known noun (gatinho)."""
        for _ in range(_ATTEMPTS):
            small = self.chance(self.mix.diminutive)
            noun = diminutive(self.rng.choice(_BEINGS + THINGS)) if small else nonce_noun(self.rng)
            if self._may_stand(noun, role):
                self.lemmas = (*self.lemmas, noun.lemma)
                return noun
        raise LookupError(f"No noun may stand beside {self.lemmas}.")

    def _may_stand(self, noun: Noun, role: Role) -> bool:
        if noun.lemma in self.lemmas or (self.split == "held_out" and noun.word in LITTLE_ONES):
            return False
        if self.split == "train":
            return not any(held_out(noun.lemma, lemma) for lemma in self.lemmas)
        return True if role == "subject" or self.subject is None else held_out(noun.lemma, self.subject.lemma)

    def phrase(self, noun: Noun, role: Role, *, many: bool, joined: str = "") -> list[Word]:
        """Return determiner and noun; `joined` is a preposition that melts into the article (em + o = no)."""
        if noun.kind == "name" and (joined or self.chance(0.5)):
            before = [joined] if joined not in ("de", "em") else [melt(joined, "a" if noun.feminine else "o")]
        else:
            article = ("a" if noun.feminine else "o") + ("s" if many else "")
            if joined or self.chance(0.55) or noun.kind == "name":
                before = [melt(joined, article)]
            elif self.chance(0.45):
                before = [self.rng.choice(_NO_GENDER[many])]
            else:
                before = [self.rng.choice(_PLURAL if many else _SINGULAR)[noun.feminine]]
        words = [Word(part) for text in before if text for part in text.split()]
        return [*words, Word(plural(noun.word) if many else noun.word, role)]

    def place(self) -> list[Word]:
        """Return “no telhado”."""
        return self.phrase(self.noun(PLACES), "noun", many=self.chance(0.08), joined="em")

    def plain_verb(self, base: str, *, many: bool) -> Word:
        """Return a verb that anybody may be the subject of."""
        return Word(verb_form(base, is_plural=many, present=self.present))

    def deed(self, noun: Noun, rival: Noun | None, role: Role, *, many: bool, licensed: bool) -> Word:
        """Return what `noun` does, with what `rival` would have done instead."""
        typical = licensed and bool(noun.verbs)
        if typical:
            base = self.rng.choice(noun.verbs)
        else:
            base = nonce_verb(self.rng) if self.chance(self.mix.nonce_verb) else self.rng.choice(_PLAIN)
        other = self._rival(noun, rival, "verbs")
        rivals = [verb_form(other, is_plural=many, present=self.present)] if other else []
        rivals.append(verb_form(base, is_plural=not many, present=self.present))
        return Word(verb_form(base, is_plural=many, present=self.present), role, tuple(rivals), telling=typical)

    def trait(self, noun: Noun, rival: Noun | None, role: Role, *, many: bool) -> Word:
        """Return an adjective typical of `noun`, with one typical of `rival`."""
        typical = bool(noun.adjectives)
        base = self.rng.choice(noun.adjectives or tuple(_PLAIN_ADJECTIVES))
        other = self._rival(noun, rival, "adjectives")
        rivals = [adjective_form(other, is_feminine=noun.feminine, is_plural=many)] if other else []
        written = adjective_form(base, is_feminine=noun.feminine, is_plural=many)
        clashes = (
            adjective_form(base, is_feminine=not noun.feminine, is_plural=many),
            adjective_form(base, is_feminine=noun.feminine, is_plural=not many),
        )
        return Word(written, role, (*rivals, *(clash for clash in clashes if clash != written)), telling=typical)

    def food(self, noun: Noun, rival: Noun | None) -> Word:
        """Return what `noun` eats, with what `rival` would."""
        other = self._rival(noun, rival, "foods")
        return Word(self.rng.choice(noun.foods), rivals=(other,) if other else (), telling=True)

    def _rival(self, noun: Noun, rival: Noun | None, of: str) -> str | None:
        """Return a verb, adjective or food of `rival` (or of anyone) that is not also one of `noun`."""
        for candidate in (rival, self.rng.choice(_BEINGS), self.rng.choice(_BEINGS)):
            words: list[str] = [word for word in getattr(candidate, of, ()) if word not in getattr(noun, of)]
            if words:
                return self.rng.choice(words)
        return None


def melt(preposition: str, article: str) -> str:
    """Join a preposition that ends in “de” or “em” to the article after it: de + o = do, perto de + a = perto da."""
    if preposition == "em" or preposition.endswith("de"):
        return preposition[:-2] + {"em": "n", "de": "d"}[preposition[-2:]] + article
    return f"{preposition} {article}".strip()
