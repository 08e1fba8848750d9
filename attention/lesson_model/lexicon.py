"""The words of the lesson's sentences and their forms: Portuguese inflection by rule, exceptions in lexicon.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

LEXICON: dict[str, Any] = tomllib.loads(Path(__file__).with_name("lexicon.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun in the singular, and what is typical of it: its verbs, its adjectives, its foods (base forms).

    `lemma` is the same for both genders of one noun (gato, gata): held-out pairs are pairs of lemmas.
    """

    word: str
    feminine: bool
    kind: str  # "animal", "person", "thing", "place", "name" or "nonce"
    lemma: str
    verbs: tuple[str, ...] = ()
    adjectives: tuple[str, ...] = ()
    foods: tuple[str, ...] = ()


def plural(word: str) -> str:
    """Return the plural of a noun or an adjective."""
    if word in LEXICON["plural"]:
        return str(LEXICON["plural"][word])
    for ending, plural_ending in _PLURAL_ENDINGS:
        if word.endswith(ending):
            return word.removesuffix(ending) + plural_ending
    return word + "s"


_PLURAL_ENDINGS = (
    ("ão", "ões"), ("al", "ais"), ("ável", "áveis"), ("ível", "íveis"), ("el", "éis"), ("ol", "óis"), ("ul", "uis"),
    ("il", "is"), ("m", "ns"), ("r", "res"), ("z", "zes"), ("ês", "eses"), ("x", "x"), ("s", "s"),
)  # fmt: skip


def feminine(adjective: str) -> str:
    """Return the feminine of an adjective given in the masculine."""
    if adjective in LEXICON["feminine"]:
        return str(LEXICON["feminine"][adjective])
    if adjective.endswith("or"):
        return adjective + "a"
    return adjective.removesuffix("o") + "a" if adjective.endswith("o") else adjective


def adjective_form(adjective: str, *, is_feminine: bool, is_plural: bool) -> str:
    """Return an adjective, given in the masculine singular, as it agrees."""
    agreed = feminine(adjective) if is_feminine else adjective
    return plural(agreed) if is_plural else agreed


def verb_form(past: str, *, is_plural: bool, present: bool) -> str:
    """Return the third person of a verb, given in the past singular: miou → miaram, mia, miam."""
    if present:
        form = LEXICON["present"].get(past) or _replace_ending(past, _PRESENT)
        return str(LEXICON["plural_verb"].get(form) or form + "m") if is_plural else str(form)
    return str(LEXICON["plural_verb"].get(past) or _replace_ending(past, _PLURAL_PAST)) if is_plural else past


_PRESENT = (("ou", "a"), ("eu", "e"), ("iu", "e"))
_PLURAL_PAST = (("ou", "aram"), ("eu", "eram"), ("aiu", "aíram"), ("iu", "iram"), ("a", "am"))


def _replace_ending(word: str, endings: tuple[tuple[str, str], ...]) -> str:
    for ending, other in endings:
        if word.endswith(ending):
            return word.removesuffix(ending) + other
    return word


def words_of(name: str) -> list[str]:
    """Return a plain list of the lexicon; `_` inside an entry joins its several words."""
    return [word.replace("_", " ") for word in str(LEXICON[name]).split()]


def _nouns(kind: str, table: str) -> list[Noun]:
    nouns = []
    for line in str(LEXICON[table]).strip().splitlines():
        head, columns = line.split(":")
        verbs, adjectives, foods = ([tuple(part.split()) for part in columns.split(";")] + [(), ()])[:3]
        word, _, gender = head.partition(" ")
        masculine, _, other = word.partition("/")
        noun = Noun(masculine, gender == "f", kind, masculine, verbs, adjectives, foods)
        nouns.append(noun)
        if other or gender == "mf":
            nouns.append(replace(noun, word=other or masculine, feminine=True))
    return nouns


def _places() -> list[Noun]:
    entries = (entry.split() for entry in str(LEXICON["places"]).replace("\n", " ").split(",") if entry.strip())
    return [Noun(word, gender == "f", "place", word) for word, gender in entries]


def _names() -> list[Noun]:
    return [
        Noun(
            name,
            gender == "f",
            "name",
            name,
            *(tuple(words_of(f"name_{of}")) for of in ("verbs", "adjectives", "foods")),
        )
        for gender in "mf"
        for name in words_of(f"names_{gender}")
    ]


ANIMALS = _nouns("animal", "animals")
PEOPLE = _nouns("person", "people")
THINGS = _nouns("thing", "things")
PLACES = _places()
NAMES = _names()


@cache
def verb_forms() -> frozenset[str]:
    """Return every form of a verb that the grammar writes for a subject, those that are nouns too (cobra) left out."""
    plain = (f"{kind}_verbs" for kind in ("name", "plain", "linking", "eating", "seeing", "saying", "place"))
    nouns = (*ANIMALS, *PEOPLE, *THINGS, *PLACES)
    verbs = {verb for noun in nouns for verb in noun.verbs}.union(*map(words_of, plain))
    forms = {
        verb_form(verb, is_plural=many, present=now)
        for verb in verbs
        for many in (False, True)
        for now in (False, True)
    }
    return frozenset(forms - {word for noun in nouns for word in (noun.word, plural(noun.word))})


def nonce_word(rng: Random, endings: tuple[str, ...]) -> str:
    """Return a word that does not exist: one or two random syllables and one of `endings`."""
    while True:
        syllables = [
            rng.choice(_ONSETS) + rng.choice("aeiou") + rng.choice(_CODAS) for _ in range(rng.choice((1, 1, 2)))
        ]
        word = "".join(syllables) + rng.choice(_ONSETS) + rng.choice(endings)
        if word not in _existing():
            return word


@cache
def _existing() -> frozenset[str]:
    """Return the words that chance must not write: a noun by chance would undo what is held out."""
    nouns = (*ANIMALS, *PEOPLE, *THINGS, *PLACES, *unseen_nouns(), *rehearsal_nouns())
    return frozenset(form for noun in nouns for form in (noun.word, noun.word + "s", *noun.verbs))


_ONSETS = tuple(words_of("onsets"))
_CODAS = ("", "", "", "", "r", "n", "s", "l", "m")
_NOUN_ENDINGS = tuple(
    tuple(endings.split())
    for endings in (
        "o o o o ão or im inho ete el é il u al ista ente",
        "a a a a ona ora inha ete ã ã ção ice ista ente",
    )
)
_VERB_ENDINGS = ("ou", "ou", "ou", "eu", "iu")
_WITHOUT_WORDS = 0.25  # of invented nouns, to know nothing of which is possible too


def nonce_noun(rng: Random) -> Noun:
    """Return a noun that does not exist: random syllables, or two nouns blended.

    Most have words of their own, or nothing would depend on which invented noun the subject is: what random
    syllables do is told by their stem (o trafelo trafelou), a blend does what the noun at its end does.
    """
    is_feminine = rng.random() < 0.5
    ending = rng.choice(_NOUN_ENDINGS[is_feminine])
    word = nonce_word(rng, (ending,))
    if rng.random() < 0.5:
        first, second = rng.choice(ANIMALS + PEOPLE + THINGS).word, rng.choice(ANIMALS + PEOPLE + THINGS)
        blend = first[: rng.randint(2, 4)] + second.word[-rng.randint(3, 5) :]
        if blend not in _existing():
            return replace(second, word=blend, kind="nonce")
    if rng.random() < _WITHOUT_WORDS:
        return Noun(word, is_feminine, "nonce", word)
    stem = word.removesuffix(ending)
    return Noun(word, is_feminine, "nonce", word, (stem + "ou",), (stem + "ado", stem + "oso"))


def diminutive(noun: Noun) -> Noun:
    """Return the little one of a noun, which does what the noun does: gato → gatinho, vaca → vaquinha."""
    ending = "inha" if noun.feminine else "inho"
    if noun.word.endswith(("o", "a")) and not noun.word.endswith(("ão", "ãa")):
        stem = noun.word[:-1]
        for hard, written in (("c", "qu"), ("g", "gu"), ("ç", "c")):
            if stem.endswith(hard):
                stem = stem.removesuffix(hard) + written
                break
    else:
        stem, ending = noun.word, "z" + ending
    return replace(noun, word=_without_accent(stem) + ending, kind="nonce")


def _without_accent(stem: str) -> str:
    return stem.translate(str.maketrans("áéíóúâêô", "aeiouaeo"))


def nonce_verb(rng: Random) -> str:
    """Return a verb that does not exist, in the past singular."""
    return nonce_word(rng, _VERB_ENDINGS)


@cache
def unseen_nouns() -> tuple[Noun, ...]:
    """Return real nouns with real verbs that no training sentence holds, to measure what happens with them."""
    return tuple(_nouns("unseen", "unseen"))


@cache
def rehearsal_nouns() -> tuple[Noun, ...]:
    """Return real nouns, also kept out of training, on which variants of the recipe were compared."""
    return tuple(_nouns("unseen", "rehearsal"))
