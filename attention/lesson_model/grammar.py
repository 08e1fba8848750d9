"""The program that writes the lesson's sentences, and knows in each of them who does what.

“O gato que estava no telhado miou”: an opening, a subject, something between it and its verb, the verb, a tail. Some
words are then put wrong (`spoil`), for the model to find.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from random import Random

from attention.lesson_model.lexicon import (
    ANIMALS,
    NAMES,
    PEOPLE,
    THINGS,
    Noun,
    adjective_form,
    nonce_verb,
    words_of,
)
from attention.lesson_model.phrases import TRAINING_MIX, Ending, Mix, Sentence, Split, Word, Writer, held_out

_PLAIN_ADJECTIVES = words_of("plain_adjectives")
_LINKING = words_of("linking_verbs")
_EATING = words_of("eating_verbs")
_SEEING = words_of("seeing_verbs")
_SAYING = words_of("saying_verbs")
_PLACE_VERBS = words_of("place_verbs")
_PREPOSITIONS = words_of("prepositions")
_ADVERBS = words_of("adverbs")
_TAILS = words_of("tails")
_OPENINGS = words_of("openings")
_ACTORS = ANIMALS * 2 + PEOPLE + THINGS


def write(
    rng: Random,
    *,
    split: Split = "train",
    opening: str | None = None,
    modifier: str | None = None,
    ending: Ending | None = None,
    subject: Noun | None = None,
    mix: Mix = TRAINING_MIX,
) -> Sentence:
    """Write one sentence; what is not asked for is drawn as in training.

    `ending` is how claims are measured: the sentence ends with that word, which follows from its subject, an
    adverb parts subject and verb where they would touch, and nothing is spoiled.

    Raises LookupError in the rare case that no noun may stand beside those drawn before: draw again.
    """
    writer = Writer(rng, split, mix, present=rng.random() < mix.present)
    if not (opening or modifier or ending or subject) and writer.chance(mix.banco):
        return _banco(writer)
    opening = opening or _draw(rng, _OPENING_SHARES)
    modifier = modifier or _draw(rng, _MODIFIER_SHARES)
    subject = subject or writer.noun(NAMES if ending is None and writer.chance(0.06) else _ACTORS, "subject")
    writer.subject = subject
    many = writer.chance(mix.plural) and subject.kind != "name"
    before, rival = _opening(writer, opening, subject)
    between, nearer = _modifier(writer, modifier, subject, many=many)
    words = [*before, *writer.phrase(subject, "subject", many=many)]
    if not ending and modifier != "phrase":
        words += _belonging(writer, subject, many=many)
    words += [Word(","), *between, Word(",")] if between and not ending and writer.chance(0.08) else between
    if writer.chance(mix.adverb) or (ending and modifier == "none"):
        words += [Word(part) for part in rng.choice(_ADVERBS).split()]
    words += _predicate(writer, subject, nearer or rival, many=many, ending=ending)
    sentence = Sentence(_finish(writer, words), writer.lemmas)
    if pronoun := sentence.where("pronoun"):
        nouns = [place for place in sentence.where("noun") if place < pronoun[0]]
        about = sentence.where("subject")[0] if writer.about_subject else nouns[-1]
        sentence = replace(sentence, antecedent=about)
    return spoil(sentence, rng) if not ending and writer.chance(mix.spoiled) else sentence


_OPENING_SHARES = {
    "none": 0.3,
    "place": 0.1,
    "adverb": 0.05,
    "clause": 0.26,
    "place_clause": 0.04,
    "when": 0.06,
    "said": 0.11,
    "said_clause": 0.08,
}
_MODIFIER_SHARES = {"none": 0.26, "place": 0.19, "animal": 0.17, "object": 0.1, "phrase": 0.11, "two": 0.17}


def _banco(writer: Writer) -> Sentence:
    """Write “Sentei no banco de madeira” or “Paguei no banco a conta”: what follows “banco” needs what came before."""
    rng = writer.rng
    bench = writer.chance(0.5)
    here, there = (_BENCH, _BANK) if bench else (_BANK, _BENCH)
    first_person, past = zip(*(pair.split("/") for pair in here["verbs"]), strict=True)
    words = [Word(part) for part in rng.choice(_OPENINGS).split()] if writer.chance(0.2) else []
    if writer.chance(0.5):
        words += [*([Word("eu")] if writer.chance(0.3) else []), Word(rng.choice(first_person))]
    else:
        who = writer.noun(PEOPLE + NAMES, "subject")
        if held_out(who.lemma, "banco"):
            return write(rng, split=writer.split, opening="none", modifier="none", mix=writer.mix)
        words += [*writer.phrase(who, "subject", many=False), Word(rng.choice(past))]
    writer.lemmas = (*writer.lemmas, "banco")
    words += [Word("no"), Word("banco", "noun")]
    if writer.chance(0.55):
        words.append(Word(rng.choice(here["adjectives"]), rivals=(rng.choice(there["adjectives"]),), telling=True))
    elif writer.chance(0.85):
        words += [Word(part, telling=True) for part in rng.choice(here["tails"]).split()]
    sentence = Sentence(_finish(writer, words), writer.lemmas)
    return spoil(sentence, rng) if writer.chance(writer.mix.spoiled) else sentence


_BENCH, _BANK = (
    {part: words_of(f"{sense}_{part}") for part in ("verbs", "adjectives", "tails")} for sense in ("bench", "bank")
)


def spoil(sentence: Sentence, rng: Random) -> Sentence:
    """Put a rival in the place of one word: usually what another noun would do, sometimes broken agreement."""
    places = [place for place, word in enumerate(sentence.words) if word.rivals]
    if not places:
        return sentence
    place = rng.choice(places)
    word = sentence.words[place]
    rival = word.rivals[0] if len(word.rivals) == 1 or rng.random() < 0.75 else rng.choice(word.rivals[1:])
    words = (*sentence.words[:place], replace(word, text=rival, fits=False), *sentence.words[place + 1 :])
    return replace(sentence, words=words)


def meets_held_out(sentence: Sentence) -> bool:
    """Say whether any two nouns of the sentence are a held-out pair."""
    return any(held_out(*pair) for pair in combinations(sentence.lemmas, 2))


def _draw(rng: Random, shares: dict[str, float]) -> str:
    return rng.choices(list(shares), list(shares.values()))[0]


def _opening(writer: Writer, opening: str, subject: Noun) -> tuple[list[Word], Noun | None]:
    """Return what stands before the subject, and the noun in it that could be mistaken for the subject."""
    rng = writer.rng
    comma = [Word(",")] if writer.chance(0.7) else []
    if opening == "place":
        return [*writer.place(), *comma], None
    if opening == "adverb":
        return [*(Word(part) for part in rng.choice(_OPENINGS).split()), *comma], None
    if opening.endswith("_clause"):  # A Ana disse que o cachorro latiu e o gato …
        first, _ = _opening(writer, opening.removesuffix("_clause"), subject)
        clause, rival = _opening(writer, "clause", subject)
        return [*first, *clause], rival
    if opening == "said":
        speaker = writer.noun(rng.choice((NAMES, NAMES, PEOPLE)), opposite=subject)
        said = [writer.plain_verb(rng.choice(_SAYING), many=False), Word("que")]
        return [*writer.phrase(speaker, "noun", many=False), *said], speaker
    if opening in ("clause", "when"):
        other, many = writer.noun(_ACTORS, opposite=subject), writer.chance(writer.mix.plural)
        clause = writer.phrase(other, "noun", many=many)
        if writer.chance(0.3):
            clause += _relative_place(writer, many=many)
        clause.append(writer.deed(other, subject, "", many=many, licensed=writer.chance(0.8)))
        if opening == "when":
            return [Word("quando"), *clause, Word(",")], other
        joint = rng.choice((["e"], ["e"], ["e"], [",", "mas"], ["enquanto"], [",", "e"]))
        return [*clause, *(Word(part) for part in joint)], other
    return [], None


def _belonging(writer: Writer, subject: Noun, *, many: bool) -> list[Word]:
    """Return “preto”, “da vizinha” or nothing: what parts a noun from its “que”, so that “que” cannot stand for it."""
    if writer.chance(0.12):
        base = writer.rng.choice(_PLAIN_ADJECTIVES)
        return [Word(adjective_form(base, is_feminine=subject.feminine, is_plural=many))]
    if writer.chance(writer.mix.owned):
        preposition = writer.rng.choice(_PREPOSITIONS)
        owner = writer.noun(PEOPLE + NAMES if preposition == "de" else _ACTORS + NAMES, opposite=subject)
        several = owner.kind != "name" and writer.chance(writer.mix.plural)
        return writer.phrase(owner, "noun", many=several, joined=preposition)
    return []


def _relative_place(writer: Writer, *, many: bool) -> list[Word]:
    verb = nonce_verb(writer.rng) if writer.chance(writer.mix.nonce_verb) else writer.rng.choice(_PLACE_VERBS)
    return [Word("que"), writer.plain_verb(verb, many=many), *writer.place()]


def _modifier(writer: Writer, modifier: str, subject: Noun, *, many: bool) -> tuple[list[Word], Noun | None]:
    """Return what stands between the subject and its verb, and the noun in it that could be mistaken for it."""
    if modifier == "none":
        return [], None
    if modifier == "place":
        return _relative_place(writer, many=many), None
    if modifier == "two" and writer.chance(0.3):  # o gato da vizinha que estava no telhado
        owner = writer.noun(PEOPLE + NAMES, opposite=subject)
        return [*writer.phrase(owner, "noun", many=False, joined="de"), *_relative_place(writer, many=many)], owner
    others = writer.chance(writer.mix.plural)
    verb = nonce_verb(writer.rng) if writer.chance(writer.mix.nonce_verb) else writer.rng.choice(_SEEING)
    if modifier == "phrase":
        if writer.chance(0.3):
            return writer.place(), None
        preposition = writer.rng.choice(_PREPOSITIONS)
        other = writer.noun(_ACTORS + NAMES if preposition != "de" else PEOPLE + NAMES, opposite=subject)
        return writer.phrase(other, "noun", many=others and other.kind != "name", joined=preposition), other
    other = writer.noun(_ACTORS if not writer.chance(0.1) else NAMES, opposite=subject)
    others = others and other.kind != "name"
    named = writer.phrase(other, "noun", many=others)
    if modifier == "object" or (modifier == "two" and writer.chance(0.4)):  # que o cachorro viu
        between = [Word("que"), *named, writer.plain_verb(verb, many=others)]
    else:  # que viu o cachorro
        between = [Word("que"), writer.plain_verb(verb, many=many), *named]
    if modifier == "two":
        between += writer.place()
    if modifier == "nested":
        between += _relative_place(writer, many=others)
    return between, other


def _predicate(writer: Writer, subject: Noun, rival: Noun | None, *, many: bool, ending: Ending | None) -> list[Word]:
    """Return the verb and what follows it, much of which only this subject would do, be or eat."""
    rng = writer.rng
    if ending == "verb":
        return [writer.deed(subject, rival, "verb", many=many, licensed=True)]
    kind = _draw(rng, {"does": 0.48, "is": 0.12, "eats": 0.08, "sees": 0.32})
    if ending:
        kind = {"adjective": "is", "pronoun": "sees"}[ending]
    if kind == "is":
        return [
            writer.plain_verb(rng.choice(_LINKING), many=many),
            writer.trait(subject, rival, "adjective", many=many),
        ]
    if kind == "eats" and subject.foods:
        return [writer.plain_verb(rng.choice(_EATING), many=many), writer.food(subject, rival)]
    if kind == "sees":
        return _sees(writer, subject, many=many, then_pronoun=ending == "pronoun")
    words = [writer.deed(subject, rival, "verb", many=many, licensed=writer.chance(writer.mix.licensed / 0.8))]
    tail = _draw(rng, {"trait": 0.34, "is": 0.18, "adverb": 0.16, "place": 0.06, "pronoun": 0.12, "nothing": 0.14})
    if tail == "trait":
        words.append(writer.trait(subject, rival, "adjective", many=many))
    elif tail == "is":
        words += [Word("e"), writer.plain_verb(rng.choice(_LINKING), many=many)]
        words.append(writer.trait(subject, rival, "adjective", many=many))
    elif tail == "adverb":
        words += [Word(part) for part in rng.choice(_TAILS).split()]
    elif tail == "place":
        words += writer.place()
    elif tail == "pronoun":
        words += _pronoun_clause(writer, subject, rival, many=many)
    return words


def _sees(writer: Writer, subject: Noun, *, many: bool, then_pronoun: bool) -> list[Word]:
    """Return “viu a vaca”, often with what one of the two did next, told apart by the pronoun: “e ela mugiu”."""
    seen, several = writer.noun(_ACTORS, opposite=subject), writer.chance(writer.mix.plural)
    if then_pronoun and (seen.feminine, several) == (subject.feminine, many):
        several = not several
    words = [writer.plain_verb(writer.rng.choice(_SEEING), many=many), *writer.phrase(seen, "noun", many=several)]
    if (seen.feminine, several) == (subject.feminine, many) or not (then_pronoun or writer.chance(0.9)):
        return words
    writer.about_subject = writer.chance(0.5)
    if writer.about_subject:
        return [*words, *_pronoun_clause(writer, subject, seen, many=many)]
    return [*words, *_pronoun_clause(writer, seen, subject, many=several)]


def _pronoun_clause(writer: Writer, who: Noun, rival: Noun | None, *, many: bool) -> list[Word]:
    """Return “e ele miou” or “porque ela estava faminta”, about `who`."""
    pronoun = Word(("ela" if who.feminine else "ele") + ("s" if many else ""), "pronoun")
    joint = writer.rng.choice((["e"], ["e"], ["mas"], [",", "e"], ["porque"], ["quando"]))
    words = [*(Word(part) for part in joint), pronoun]
    if writer.chance(0.2):
        words += [Word(part) for part in writer.rng.choice(_ADVERBS).split()]
    if writer.chance(0.6):
        return [*words, writer.deed(who, rival, "", many=many, licensed=True)]
    return [*words, writer.plain_verb(writer.rng.choice(_LINKING), many=many), writer.trait(who, rival, "", many=many)]


def _finish(writer: Writer, words: list[Word]) -> tuple[Word, ...]:
    """Capitalise the first word (usually) and put an end (often)."""
    if not writer.chance(0.1):
        words = [replace(words[0], text=words[0].text[0].upper() + words[0].text[1:]), *words[1:]]
    if writer.chance(0.5):
        words = [*words, Word("." if writer.chance(0.95) else "!")]
    return tuple(words)
