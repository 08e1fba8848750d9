"""What only a trained model can say: which words it knows, what its heads are for, what it expects next."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from attention.lesson_model.lexicon import verb_forms
from attention.lesson_model.predictions import Prediction, next_tokens
from attention.lesson_model.results import average_weight, claims, feeder, role, roles_of
from attention.lesson_model.tokenizer import LONGEST_TRAINED, is_known
from attention.presets import PRESETS
from attention.texts import Language, count, number, percent, text
from attention.tokens import Tokens
from attention.trace import Floats
from attention.ui.cache import cached_next_tokens
from attention.ui.layout import Frame
from attention.ui.live_figure import live_figure
from attention.ui.markdown import escape_markdown
from attention.ui.state import LESSON_FOCUS

SHOWN = 6  # predictions
NAMED = 12  # unknown words
MANY = 0.5  # share of unknown words from which a picture means little


def unknown_words(frame: Frame, *others: Tokens) -> None:
    """Name the words of the sentence, or of `others`, that the model reads in pieces; say when they are too many."""
    words = [word for tokens in others or (frame.tokens,) for word in tokens.word_labels[1:]]
    unknown = [word for word in words if not is_known(word)]
    if not unknown:
        return
    different = list(dict.fromkeys(unknown))
    listed = ", ".join(f"“{escape_markdown(word)}”" for word in different[:NAMED])
    if len(different) > NAMED:
        listed += text("lesson.and_more", frame.language, n=count(len(different) - NAMED, frame.language))
    key = "lesson.mostly_unknown" if len(unknown) > MANY * len(words) else "lesson.unknown"
    st.caption(f":material/help: {text(key, frame.language, words=listed)}")


def head_role(frame: Frame) -> None:
    """Say what the head in focus was measured to do, or that nothing was."""
    language, now = frame.language, frame.state
    sentences = role_sentences(now.layer, now.head, language, causal=now.causal)
    st.caption(escape_markdown(" ".join(sentences) or text("lesson.no_role", language)))


def role_sentences(layer: int, head: int, language: Language, *, causal: bool) -> list[str]:
    """Return what a head of the lesson model was measured to do, the most demanding first; often nothing.

    With the mask off, a sentence whose number was measured with it on says so.
    """
    sentences = []
    for found in roles_of(layer, head):
        freely = found.name == "verb" and not causal
        measured = role("verb_without_mask") if freely else found
        share, mass = measured_share(measured.share, language), number(measured.mass, language)
        said = text(f"lesson.role_{found.name}", language, share=share, n=count(measured.n, language), mass=mass)
        sentences.append(said if causal or freely else f"{said} {text('lesson.with_mask', language)}")
    others = []
    if feeds := feeder(layer, head):
        before, after = (percent(value, language, 1) for value in (feeds.with_all, feeds.without))
        n, fed = count(feeds.n, language), carriers_named(language)
        others.append(text("lesson.role_feeds", language, fed=fed, before=before, after=after, n=n))
    for name in ("itself", "previous", "start"):
        weight = average_weight(name, layer, head)
        if weight is not None:
            others.append(text(f"lesson.role_{name}", language, mass=percent(weight, language)))
    return sentences + [said if causal else f"{said} {text('lesson.with_mask', language)}" for said in others]


def carriers_named(language: Language) -> str:
    """Name the heads that carry the prediction, which are all of one layer."""
    carriers = claims()["carriers"]
    heads = text("lesson_model.and", language).join(str(head + 1) for _, head in carriers)
    key = "lesson_model.head" if len(carriers) == 1 else "lesson_model.heads"
    return text(key, language, layer=carriers[0][0] + 1, head=heads)


def measured_share(share: float, language: Language) -> str:
    """Write a measured share with one decimal, or with as many as it takes not to round a failure away: 99,98%."""
    digits = next(digits for digits in (1, 2, 3, 4) if share == 1 or round(100 * share, digits) < 100)
    return percent(share, language, digits)


def course_sentence(frame: Frame) -> None:
    """Say so if, on the course's own sentence, the head of the strongest claim does not look most at “gato”."""
    now, tokens = frame.state, frame.tokens
    if now.text != PRESETS[0].text or (now.layer, now.head) != LESSON_FOCUS:
        return
    weights = frame.trace(now.config).layers[now.layer].weights[0, now.head, :, 1:]  # without ⟨início⟩
    failing = [
        f"“{tokens.labels[row]}”"
        for row in (tokens.labels.index("telhado"), tokens.labels.index("miou"))
        if tokens.labels[1 + int(weights[row].argmax())] != "gato"
    ]
    if failing:
        st.caption(text("lesson.course_fails", frame.language, rows=", ".join(failing)))


def draw_next_tokens(
    frame: Frame, predictions: Sequence[Prediction], *, key: str, alt: str, file_name: str = "", turn: int = 0
) -> None:
    """Draw what a model expects next, likeliest first."""
    live_figure(
        cached_next_tokens(
            tuple(prediction.label for prediction in predictions),
            tuple(prediction.probability for prediction in predictions),
            frame.language,
            frame.theme,
        ),
        key=key,
        alt=alt,
        language=frame.language,
        file_name=file_name or text("lesson.file_next", frame.language),
        turn=turn,
    )


def expectations(frame: Frame, logits: Floats | None) -> None:
    """Draw what the model expects after the row in focus, and say which row has to know who acts.

    `logits` are those of the frame's trace, [batch, position, vocabulary].
    """
    if logits is None:
        return
    language, words = frame.language, frame.tokens.words
    position = max(i for i in range(len(words)) if words[i] == frame.row) if frame.state.grouped else frame.row
    after = f"“{escape_markdown(frame.tokens.labels[position])}”"
    bars, words_beside = st.columns([5, 6], gap="large")
    with bars:
        st.header(text("lesson.next", language), anchor=False)
        draw_next_tokens(
            frame,
            next_tokens(logits, position, SHOWN),
            key="next_tokens",
            alt=text("lesson.next_alt", language),
            turn=2,  # after the comparison
        )
    with words_beside:
        st.markdown(text("lesson.next_row", language, token=after))
        if position + 1 < len(frame.tokens):
            following = f"“{escape_markdown(frame.tokens.labels[position + 1])}”"
            st.markdown(text("lesson.next_truth", language, token=after, next=following))
        if not frame.state.causal:
            st.markdown(text("lesson.next_without_mask", language))
        elif len(frame.tokens) <= LONGEST_TRAINED and (verb := last_verb(frame.tokens)):
            before, named_verb = (f"“{escape_markdown(frame.tokens.word_labels[word])}”" for word in (verb - 1, verb))
            st.markdown(text("lesson.next_verb", language, verb=named_verb, before=before))
        if frame.state.config.active_dropout:
            st.markdown(text("lesson.next_without_dropout", language))


def last_verb(tokens: Tokens) -> int | None:
    """Return the place among the words of the last verb of the lesson with a word before it, or None."""
    verbs = (word for word, label in enumerate(tokens.word_labels) if word > 1 and label.lower() in verb_forms())
    return max(verbs, default=None)
