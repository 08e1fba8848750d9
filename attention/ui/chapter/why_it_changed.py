"""The parts of the page on why attention changed everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from attention import figures
from attention.errors import AttentionError
from attention.figures.labels import named
from attention.figures.race_lines import milliseconds
from attention.notebooks import NotebookCell, code, prose
from attention.race.counts import (
    connections,
    crossing,
    generation_steps,
    multiplications,
    path_length,
    sequential_steps,
)
from attention.race.settings import LENGTHS, WIDTH, Measurement, RaceSettings
from attention.snippets import Snippet
from attention.snippets_race import counts_snippet, timing_code
from attention.texts import count, number, text
from attention.ui import chapter, jobs, state
from attention.ui.cache import race_desk
from attention.ui.layout import Frame
from attention.ui.live_figure import live_figure
from attention.ui.markdown import escape_markdown

TERMS = ("parallelism", "lstm", "complexity", "autoregressive", "training", "transformer")
ASKED = (64, 1024)  # tokens, in the guess
PATH_WIDTH = 560  # pixels: wider, the arcs would leave the words they join
POLL = 0.5  # seconds between two looks at a race
WINNERS = {"lstm": (False, False), "attention": (True, True), "lstm_first": (False, True), "lstm_last": (True, False)}
"""Each choice of the guess: whether attention wins at the first and at the second length asked about."""
SLIDER = (2, 8, 16, 64, 256, 1024, 4096)


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted: a number of tokens, and two of the reader's sentence where it has two, the earlier one first."""

    n: int
    pair: tuple[int, int] | None


def guess(frame: Frame, name: str) -> chapter.Guess[str]:
    """Ask who is faster on this computer, at a short and at a long text."""
    language = frame.language
    said = {"short": count(ASKED[0], language), "long": count(ASKED[1], language)}
    choices = [(slug, text(f"why_it_changed.guess_{slug}", language)) for slug in WINNERS]
    return chapter.guess_choice(frame, name, text("why_it_changed.guess", language, **said), choices, subject=LENGTHS)


def measured() -> tuple[Measurement, ...]:
    """Return what was measured in this visit, or nothing."""
    found: tuple[Measurement, ...] = st.session_state.get("race_run", ())
    return found


def race(frame: Frame, name: str, guessed: chapter.Guess[str]) -> None:
    """Draw the race: the button, the measuring as it goes, and who won where."""
    language, run = frame.language, measured()
    st.header(text("why_it_changed.race", language), anchor=False)
    st.markdown(text("why_it_changed.race_what", language, width=WIDTH))
    if "race_job" in st.session_state:
        st.fragment(_watch, run_every=POLL)(frame)
        return
    st.button(
        text("why_it_changed.measure_again" if run else "why_it_changed.measure", language),
        key="race",
        icon=":material/timer:",
        type="secondary" if run else "primary",
        on_click=_submit,
    )
    if notice := st.session_state.pop("race_notice", None):
        st.warning(text(f"why_it_changed.{notice}", language), icon=":material/info:")
    if run:
        _truth(frame, name, guessed, run)
        _draw(frame, run)


def _submit() -> None:
    if "race_job" in st.session_state:  # a second click before the page has answered the first
        return
    try:
        state.assign(race_job=race_desk().submit(RaceSettings()))
    except AttentionError:
        state.assign(race_notice="queue_full")


def _watch(frame: Frame) -> None:
    now = race_desk().look(st.session_state.get("race_job", ""))
    if now is None or now.state == "failed":
        _leave(notice="lost" if now is None else "failed")
    elif now.state == "done":
        state.assign(race_run=now.snapshots)
        _leave()
    else:
        _status(frame, now)
        if now.snapshots:
            _draw(frame, now.snapshots)


def _status(frame: Frame, now: jobs.Progress[RaceSettings, Measurement]) -> None:
    language, n_done = frame.language, len(now.snapshots)
    key = "place" if now.state == "waiting" else "measuring" if n_done else "starting"
    said = text(f"why_it_changed.{key}", language, place=now.place, done=n_done, total=now.settings.steps)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.progress(n_done / now.settings.steps, text=said)
        if st.button(text("why_it_changed.cancel", language), key="cancel_race", icon=":material/close:"):
            _leave()


def _leave(notice: str | None = None) -> None:
    """Give the race up and draw the whole page again."""
    race_desk().cancel(st.session_state.pop("race_job"))
    if notice:
        state.assign(race_notice=notice)
    st.rerun()


def _draw(frame: Frame, run: Sequence[Measurement]) -> None:
    language = frame.language
    live_figure(
        figures.race_lines.plot(
            [each.length for each in run],
            [each.lstm for each in run],
            [each.attention for each in run],
            last_length=LENGTHS[-1],
            language=language,
            theme=figures.theme_named(frame.theme),
        ),
        key="race_lines",
        alt=text("why_it_changed.race_alt", language),
        language=language,
        file_name=text("why_it_changed.file_race", language),
    )
    st.caption(text("why_it_changed.why_median", language))


def _truth(frame: Frame, name: str, guessed: chapter.Guess[str], run: Sequence[Measurement]) -> None:
    """Show the guess beside who was faster at the lengths asked about."""
    language = frame.language
    asked = [each for each in run if each.length in ASKED]
    yours = None if guessed.choice is None else text(f"why_it_changed.guess_{guessed.choice}", language)
    right = guessed.choice is not None and WINNERS[guessed.choice] == tuple(each.attention_wins for each in asked)
    said = "; ".join(_winner(frame, each) for each in asked)
    chapter.reveal(frame, name, yours=yours, truth=said, right=right)


def _winner(frame: Frame, measurement: Measurement) -> str:
    language = frame.language
    key = "attention" if measurement.attention_wins else "lstm"
    n = count(measurement.length, language)
    return text("why_it_changed.won", language, n=n, who=text(f"why_it_changed.{key}", language))


def counted(frame: Frame) -> Counted:
    """Ask for two tokens of the sentence and draw the way between them; ask for a number of tokens."""
    language, labels = frame.language, frame.tokens.labels
    st.header(text("why_it_changed.parallel", language), anchor=False)
    st.markdown(text("why_it_changed.parallel_what", language))
    n = len(labels)
    pair = _pair(frame) if n > 1 else None
    if pair is None:
        st.caption(text("why_it_changed.one_token", language))
    else:
        with st.container(width=PATH_WIDTH):
            live_figure(
                figures.path_map.plot(labels, *pair, language=language, theme=figures.theme_named(frame.theme)),
                key="path_map",
                alt=_path_sentence(frame, pair),
                language=language,
                file_name=text("why_it_changed.file_path", language),
            )
    return Counted(n, pair)


def _pair(frame: Frame) -> tuple[int, int]:
    """Ask for a token and an earlier one: the token in focus and the first word unless chosen otherwise.

    Nothing goes the other way: a token that comes later is never heard by one that came before.
    """
    language = frame.language
    names = named(frame.tokens.labels, language)
    n, row = len(names), chapter.token_row(frame)
    left, right = st.columns(2)
    later = right.selectbox(
        text("why_it_changed.to", language),
        range(1, n),
        index=(row or n - 1) - 1,
        format_func=names.__getitem__,
        key=f"why_it_changed_to_{n}_{row}",
    )
    earlier = left.selectbox(
        text("why_it_changed.from", language),
        range(later),
        index=min(int(frame.state.is_lesson), later - 1),
        format_func=names.__getitem__,
        key=f"why_it_changed_from_{n}_{later}",
    )
    return earlier, later


def _path_sentence(frame: Frame, pair: tuple[int, int]) -> str:
    names, path = named(frame.tokens.labels, frame.language), path_length(*pair)
    one, other = (names[position] for position in pair)
    key = "path_next" if path.recurrent == 1 else "path"
    return text(f"why_it_changed.{key}", frame.language, one=one, other=other, hops=path.recurrent)


def growth(frame: Frame, counted: Counted) -> None:
    """Draw what grows with the number of tokens: a table and curves, for the sentence or a number on a slider."""
    language = frame.language
    st.header(text("why_it_changed.growth", language), anchor=False)
    least = max(counted.n, SLIDER[0])  # with one token nothing grows yet
    n = st.select_slider(
        text("why_it_changed.n", language),
        sorted({*SLIDER, least}),
        value=least,
        format_func=lambda length: (
            text("why_it_changed.n_yours", language, n=length) if length == counted.n else count(length, language)
        ),
        key=f"why_it_changed_n_{counted.n}",
        width=420,
    )
    rows = {
        "steps": sequential_steps(n),
        "numbers": connections(n),
        "products": multiplications(n, WIDTH),
        "writing": generation_steps(n),
    }
    st.table(
        {
            text("why_it_changed.column_what", language, n=count(n, language)): [
                text(f"why_it_changed.row_{name}", language, width=WIDTH) for name in rows
            ],
            text("why_it_changed.lstm", language): [count(each.recurrent, language) for each in rows.values()],
            text("why_it_changed.attention", language): [count(each.attention, language) for each in rows.values()],
        }
    )
    live_figure(
        figures.growth_lines.plot(n, language=language, theme=figures.theme_named(frame.theme)),
        key="growth_lines",
        alt=text("why_it_changed.growth_alt", language, n=count(n, language)),
        language=language,
        file_name=text("why_it_changed.file_growth", language),
    )
    st.markdown(text("why_it_changed.both_write", language))


def observations(frame: Frame, counted: Counted) -> list[str]:
    """Say who won where, if it was measured, and what is counted of the reader's sentence."""
    language, run, n = frame.language, measured(), counted.n
    sentences = []
    if run:
        sentences += [_times(frame, each) for each in run if each.length in ASKED]
        sentences.append(_where(frame, run))
    key = "why_it_changed.yours" if n > 1 else "why_it_changed.yours_one"
    sentences.append(text(key, language, n=n, weights=connections(n).attention))
    if counted.pair:
        sentences.append(_path_sentence(frame, counted.pair))
    twice = connections(2 * n).attention // connections(n).attention
    return [*sentences, text("why_it_changed.twice", language, n=n, twice=2 * n, factor=twice)]


def _times(frame: Frame, measurement: Measurement) -> str:
    language = frame.language
    return text(
        "why_it_changed.times",
        language,
        n=count(measurement.length, language),
        lstm=milliseconds(measurement.lstm, language),
        attention=milliseconds(measurement.attention, language),
    )


def _where(frame: Frame, run: Sequence[Measurement]) -> str:
    """Say at which of the lengths measured attention was faster, and at which the LSTM."""
    language = frame.language
    won = [count(each.length, language) for each in run if each.attention_wins]
    lost = [count(each.length, language) for each in run if not each.attention_wins]
    if not won or not lost:
        key = "lstm" if lost else "attention"
        return text("why_it_changed.always", language, who=text(f"why_it_changed.{key}", language))
    return text("why_it_changed.where", language, attention=", ".join(won), lstm=", ".join(lost))


def shown_false(frame: Frame) -> str:
    """Say how many multiplications each makes in a long text, and from where on attention makes more."""
    language, n = frame.language, LENGTHS[-1]
    counts = multiplications(n, WIDTH)
    return text(
        "why_it_changed.shown_false",
        language,
        n=count(n, language),
        lstm=count(round(counts.recurrent / 1e6), language),
        attention=count(round(counts.attention / 1e6), language),
        factor=number(counts.attention / counts.recurrent, language, 1),
        crossing=count(crossing(WIDTH), language),
    )


def by_hand(frame: Frame, counted: Counted) -> None:
    """Draw the counts of the reader's sentence by hand."""
    st.caption(text("why_it_changed.pencil_intro", frame.language, n=counted.n))
    chapter.draw_steps(hand_steps(frame, counted))


def hand_steps(frame: Frame, counted: Counted) -> list[chapter.Step]:
    """Return steps, path and cells of the reader's sentence, each with its own numbers."""
    language, n = frame.language, counted.n
    chain = "1" if n == 1 else " + ".join(["1"] * n) if n <= 8 else rf"\underbrace{{1 + 1 + \dots + 1}}_{{{n}}}"
    steps = [
        chapter.Step(text("why_it_changed.step_recurrent", language), f"{chain} = {n}"),
        chapter.Step(text("why_it_changed.step_attention", language), "1"),
    ]
    if counted.pair:
        names = [escape_markdown(named(frame.tokens.labels, language)[position]) for position in counted.pair]
        one, other = (position + 1 for position in counted.pair)
        words = text("why_it_changed.step_path", language, one=names[0], other=names[1], i=one, j=other)
        steps.append(chapter.Step(words, f"{other} - {one} = {other - one}"))
    return [
        *steps,
        chapter.Step(text("why_it_changed.step_cells", language), rf"{n} \times {n} = {n * n}"),
        chapter.Step(
            text("why_it_changed.step_allowed", language),
            rf"\frac{{{n} \times {n + 1}}}{{2}} = {n * (n + 1) // 2}",
        ),
    ]


def snippet(frame: Frame, counted: Counted) -> Snippet:
    """Return the code that counts for the reader's sentence."""
    return counts_snippet(frame.tokens.labels, counted.pair, frame.language)


def timing_cells(frame: Frame) -> list[NotebookCell]:
    """Return the race for the notebook, and the words that say its times vary."""
    language = frame.language
    return [prose(text("why_it_changed.notebook_race", language)), code(timing_code(language))]
