"""The parts of the glossary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from attention import figures
from attention.figures.sentences import share, two_shares
from attention.metrics import Disagreement, contributions, weight_against_contribution
from attention.notebooks import NotebookCell, code, prose
from attention.texts import Language, count, number, text, told_apart
from attention.trace import Floats
from attention.ui import chapter, state
from attention.ui.chapter import terms
from attention.ui.chapter.examples import Row, example, example_values, focused, variants
from attention.ui.layout import Frame
from attention.ui.live_figure import live_figure
from attention.ui.markdown import escape_markdown
from attention.ui.reading import head_in_layer

BOX = "glossary_search"
CONTRIBUTIONS = """lengths = values.norm(dim=-1)
for token, weight, length in zip(tokens, weights.tolist(), lengths.tolist()):
    print(f"{token}: {weight:.1%} x {length:.2f} = {weight * length:.3f}")
"""  # of a notebook: it goes on from the names of the snippet
FEW, WINDOW = 12, 600  # terms that stand on the page as they are; pixels of the window that holds more
OTHER_PAGES = {
    "explore": ("pages/explore.py", "explore.title"),
    "lesson_model": ("pages/lesson_model.py", "lesson_model.title"),
}


def search_box(frame: Frame) -> None:
    """Draw the search box, filled with the term in the address unless that is what it already asks for.

    What is being typed stays as it is: written anew on every run, a box would lose the blank before the next word.
    """
    language, term = frame.language, frame.state.term
    if _asked(st.session_state.get(BOX, ""), language) != term:
        state.assign(**{BOX: terms.name_of(term, language) if term in terms.TERMS else term})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            text("glossary.search", language),
            key=BOX,
            placeholder=text("glossary.search_hint", language),
            icon=":material/search:",
            max_chars=state.MAX_TERM_CHARACTERS,
            live="400ms",
            on_change=_searched,
            width=420,
        )
        if term:
            st.button(
                text("glossary.show_all", language),
                key="glossary_all",
                type="tertiary",
                icon=":material/close:",
                on_click=state.assign,
                kwargs={"term": ""},
            )


def _searched() -> None:
    """Keep what was typed."""
    state.assign(term=_asked(st.session_state[BOX], state.current().language))


def _asked(written: str, language: Language) -> str:
    """Return what `written` asks for: a slug where it names a term, so that the address speaks every language."""
    return terms.slug_of(written, language) if written.strip() else ""


def guess(frame: Frame, name: str) -> chapter.Guess[str]:
    """Ask which term a definition belongs to; the sentence draws which."""
    language = frame.language
    right, choices = terms.quiz(frame.state.text)
    question = text("glossary.guess", language, definition=terms.definition(right, language))
    named_choices = [(term, terms.name_of(term, language)) for term in choices]
    return chapter.guess_choice(frame, name, question, named_choices, subject=frame.state.text)


def truth(frame: Frame, name: str, guessed: chapter.Guess[str]) -> None:
    """Show the guess beside the term that is meant."""
    language = frame.language
    right, _ = terms.quiz(frame.state.text)
    yours = None if guessed.choice is None else terms.name_of(guessed.choice, language)
    chapter.reveal(frame, name, yours=yours, truth=terms.name_of(right, language), right=guessed.choice == right)


def entries(frame: Frame) -> None:
    """Draw the terms that were searched for, or all, in two columns: name, definition, example, page."""
    language, searched = frame.language, frame.state.term
    found = terms.search(searched, language)
    if not found:
        st.info(text("glossary.nothing_found", language, searched=escape_markdown(searched)))
        return
    st.caption(text("glossary.count", language, shown=len(found), total=len(terms.TERMS)))
    values, endings = example_values(frame), variants(frame)
    half = (len(found) + 1) // 2
    # A long list scrolls in a window of its own: what follows it on the page stays within reach.
    scrolls = len(found) > FEW and not frame.state.projector  # a wall is led by keys, which scroll the page
    window = st.container(height=WINDOW if scrolls else "content", border=scrolls)
    for column, part in zip(window.columns(2, gap="large"), (found[:half], found[half:]), strict=True):
        for term in part:
            said = example(term, values, endings.get(term, ""), language)
            with column.container(key=f"glossary_term_{term}", gap="xxsmall"):
                st.markdown(
                    f"**{escape_markdown(terms.name_of(term, language))}**  \n"
                    f"{escape_markdown(terms.definition(term, language))}  \n"
                    f":gray[{escape_markdown(said)}]"
                )
                _page_link(frame, terms.TERMS[term])


def _page_link(frame: Frame, page: str) -> None:
    """Draw the link to the page where a term lives."""
    if page in OTHER_PAGES:
        script, key = OTHER_PAGES[page]
    else:
        script, key = chapter.lesson_named(page).script, f"{page}.title"
    st.page_link(script, label=text(key, frame.language), icon=":material/arrow_forward:")


@dataclass(frozen=True, eq=False, slots=True)
class Compared:
    """The row whose weights are set beside what each key brings: the one in focus, unless its layer has a clearer one.

    `differing` is None where the largest weight is the largest contribution in every row of the layer.
    """

    focus: Row
    head: int
    row: int
    differing: Disagreement | None

    @property
    def weights(self) -> Floats:
        """The weights of the row, [key]."""
        return np.asarray(self.focus.layer.weights[0, self.head, self.row])

    @property
    def parts(self) -> Floats:
        """What each key brings to the row, α‖v‖, [key]."""
        return np.asarray(contributions(self.focus.layer)[self.head, self.row])

    @property
    def seen(self) -> list[int]:
        """The positions the row may look at."""
        return [int(position) for position in np.flatnonzero(self.focus.layer.mask[self.row])]


def compared(frame: Frame) -> Compared:
    """Return the row in focus, or the row of its layer where weight and contribution most clearly differ."""
    row = focused(frame)
    differing = weight_against_contribution(row.layer, row.head, row.row)
    if differing is None:
        return Compared(row, row.head, len(row.names) - 1, None)
    return Compared(row, differing.head, differing.row, differing)


def weights_beside_contributions(frame: Frame, shown: Compared) -> None:
    """Draw a row's weights beside what each token really brings."""
    language = frame.language
    said = {"query": shown.focus.names[shown.row], "head": head_in_layer(frame.state, shown.head)}
    st.header(escape_markdown(text("glossary.weights", language, **said)), anchor=False)
    st.markdown(text("glossary.weights_what", language))
    live_figure(
        figures.contribution_bars.plot(
            [frame.tokens.labels[position] for position in shown.seen],
            shown.weights[shown.seen],
            shown.parts[shown.seen],
            language=language,
            theme=figures.theme_named(frame.theme),
        ),
        key="glossary_weights",
        alt=text("glossary.weights_alt", language, **said),
        language=language,
        file_name=text("glossary.file_weights", language),
    )


def observations(frame: Frame, shown: Compared) -> list[str]:
    """Say what the words of this page come to in these numbers."""
    language, row = frame.language, shown.focus
    n, mask = len(row.names), row.layer.mask
    sentences = [
        text(
            "glossary.observe_chain",
            language,
            n=n,
            cells=count(n * n, language),
            masked=count(int((~mask).sum()), language),
        ),
        text(
            "glossary.observe_row",
            language,
            head=head_in_layer(frame.state, row.head),
            query=row.names[row.row],
            key=row.names[row.key],
            share=share(float(row.weights[row.key]), language),
        ),
        text(
            "glossary.observe_shape",
            language,
            d_model=row.layer.embeddings.shape[-1],
            head=head_in_layer(frame.state, row.head),
            d_head=row.layer.query.shape[-1],
        ),
    ]
    if len(shown.seen) == 1:
        return sentences
    lengths = np.linalg.norm(row.layer.value[0, shown.head, shown.seen], axis=-1)
    return [
        *sentences,
        text(
            "glossary.observe_lengths",
            language,
            shortest=number(float(lengths.min()), language),
            short=row.names[shown.seen[int(lengths.argmin())]],
            longest=number(float(lengths.max()), language),
            long=row.names[shown.seen[int(lengths.argmax())]],
        ),
    ]


def shown_false(frame: Frame, shown: Compared) -> str:
    """Say that a smaller weight brings more than the largest, or by how much weight and contribution differ."""
    said = _in_proportion(frame, shown) if shown.differing is None else _differing(frame, shown, shown.differing)
    return f"{said} {text('glossary.research', frame.language)}"


def _differing(frame: Frame, shown: Compared, differing: Disagreement) -> str:
    language, row = frame.language, shown.focus
    top, other = differing.top, differing.other
    top_weight, other_weight = two_shares(float(shown.weights[top]), float(shown.weights[other]), language)
    top_part, other_part = told_apart(float(shown.parts[top]), float(shown.parts[other]), number, language)
    return text(
        "glossary.shown_false",
        language,
        head=head_in_layer(frame.state, shown.head),
        query=row.names[shown.row],
        top=row.names[top],
        other=row.names[other],
        top_weight=top_weight,
        other_weight=other_weight,
        top_part=top_part,
        other_part=other_part,
    )


def _in_proportion(frame: Frame, shown: Compared) -> str:
    """Say how much more the two strongest keys of the row differ in weight than in what they bring."""
    language, names, weights, parts = frame.language, shown.focus.names, shown.weights, shown.parts
    order = np.argsort(-weights, kind="stable")
    if len(order) == 1 or not parts[order[1]]:
        return text("glossary.shown_false_one", language)
    top, other = int(order[0]), int(order[1])
    weight_ratio, part_ratio = (float(measure[top] / measure[other]) for measure in (weights, parts))
    weight_written, part_written = told_apart(weight_ratio, part_ratio, number, language, 1)
    return text(
        "glossary.shown_false_ratio",
        language,
        head=head_in_layer(frame.state, shown.head),
        query=names[shown.row],
        top=names[top],
        other=names[other],
        weight_ratio=weight_written,
        part_ratio=part_written,
    )


def more_cells(frame: Frame) -> tuple[NotebookCell, ...]:
    """Return the notebook's cells on weight and contribution."""
    return prose(text("glossary.more_cell", frame.language)), code(CONTRIBUTIONS)
