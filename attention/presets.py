"""The example sentences, and one translation. Their titles stand in `attention/texts` under `presets.<slug>`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preset:
    """One example sentence. `slug` is its name in addresses and never changes; `language` is what it is written in.

    Where the lesson model has a measured answer to it, `role` is the claim and `asks` the word whose row answers.
    `english` says what a Portuguese sentence means, word by word as far as English can.
    """

    slug: str
    text: str
    language: str  # a BCP 47 tag, for a screen reader's voice
    role: str = ""
    asks: str = ""  # the last word if it is not said
    english: str = ""


PRESETS = (
    Preset(
        "cat",
        "O gato que estava no telhado miou",
        "pt-BR",
        role="verb",
        english="The cat that was on the roof meowed",
    ),
    Preset(  # “ele” agrees with one of the two only
        "pronoun",
        "A gata assustou o cachorro e ele fugiu",
        "pt-BR",
        role="pronoun",
        asks="ele",
        english="The cat (f.) scared the dog (m.) and he ran away",
    ),
    Preset(  # the same token twice, told apart by positions
        "repeated", "O gato viu um gato no telhado", "pt-BR", english="The cat saw a cat on the roof"
    ),
    Preset("german", "Kannst du mir helfen diesen Satz zu übersetzen?", "de"),
    Preset("journey", "Your journey starts with one step", "en"),
    Preset(  # one picture, many tokens
        "emoji", "Minha família 👨‍👩‍👧 ama o gato 🐱", "pt-BR", english="My family 👨‍👩‍👧 loves the cat 🐱"
    ),
)


@dataclass(frozen=True, slots=True)
class Translation:
    """A sentence and its translation, aligned by hand: `links` are pairs of places, one from each."""

    source: tuple[str, ...]
    word_by_word: tuple[str, ...]  # one a word of `source`
    target: tuple[str, ...]
    links: tuple[tuple[int, int], ...]

    @property
    def crossings(self) -> int:
        """How many pairs of links cross."""
        return sum(
            (here - there) * (to_here - to_there) < 0
            for place, (here, to_here) in enumerate(self.links)
            for there, to_there in self.links[:place]
        )

    @property
    def last(self) -> int:
        """The word of `source` whose translation comes last."""
        return max(self.links, key=lambda link: link[1])[0]


_GERMAN = ("Kannst", "du", "mir", "helfen", "diesen", "Satz", "zu", "übersetzen")
TRANSLATIONS = {  # of the course's sentence, by the reader's language
    "pt-BR": Translation(
        _GERMAN,
        ("Pode", "você", "me", "ajudar", "esta", "frase", "a", "traduzir"),
        ("Você", "pode", "me", "ajudar", "a", "traduzir", "esta", "frase"),
        ((0, 1), (1, 0), (2, 2), (3, 3), (4, 6), (5, 7), (6, 4), (7, 5)),
    ),
    "en": Translation(
        _GERMAN,
        ("Can", "you", "me", "help", "this", "sentence", "to", "translate"),
        ("Can", "you", "help", "me", "to", "translate", "this", "sentence"),
        ((0, 0), (1, 1), (2, 3), (3, 2), (4, 6), (5, 7), (6, 4), (7, 5)),
    ),
}
