"""The command line: `python -m attention "O gato que estava no telhado miou"`."""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attention.config import MASK_MODES, AttentionConfig
from attention.errors import AttentionError
from attention.texts import LANGUAGES, Language, text
from attention.tokens import DEFAULT_ENCODING, ENCODINGS, tokenize

if TYPE_CHECKING:
    from attention.trace import ModelTrace
    from attention.views import WeightsView

PROGRAM = "python -m attention"
FORMATS = ("text", "csv", "vectors-csv", "json", "npz", "html")
FOR_A_FILE = ("npz", "html")  # formats nobody reads in a terminal
MODELS = ("lesson", "random")  # the first is used unless another is named
FIXED_BY_THE_LESSON = ("encoding", "heads", "d_model", "positions", "seed")  # options its training has settled
LABEL_LENGTH = 10  # longer labels are cut, so that a sentence's columns fit a terminal
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"  # invisible, and part of emoji and of Persian words
MOST_READ = 1_000_000  # characters taken from standard input, which may never end
USAGE, FAILURE, INTERRUPTED, BROKEN_PIPE = 2, 1, 128 + 2, 128 + 13  # exit codes


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, 1 where writing failed, 2 for what cannot be shown."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    language = _language(arguments)
    parser = _parser(language)
    options = parser.parse_args(arguments)
    if options.format in FOR_A_FILE and not options.output and sys.stdout.isatty():
        parser.error(text("cli.needs_output", language, format=options.format))
    try:
        content = _render(options, language)
        if options.output:
            Path(options.output).write_bytes(content.encode() if isinstance(content, str) else content)
        elif isinstance(content, bytes):
            sys.stdout.buffer.write(content)
            sys.stdout.flush()
        else:
            sys.stdout.write(content)
            sys.stdout.flush()
    except AttentionError as error:
        _complain(text(f"errors.{error.code}", language, **error.details))
        return USAGE
    except BrokenPipeError:
        _silence_output()
        return BROKEN_PIPE
    except OSError as error:
        _complain(": ".join(str(part) for part in (error.filename, error.strerror) if part))
        if not options.output:
            _silence_output()
        return FAILURE
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _render(options: argparse.Namespace, language: Language) -> str | bytes:
    """Return what was asked for, in the format asked for: text, or the bytes of an NPZ."""
    config = AttentionConfig(
        n_heads=options.heads,
        d_model=options.d_model,
        causal=options.causal,
        mask_mode=options.mask_mode,
        scaled=options.scaled,
        positions=options.positions,
        dropout=options.dropout,
        training=options.train,
        dropout_seed=options.dropout_seed,
        seed=options.seed,
    )
    typed = sys.stdin.read(MOST_READ).rstrip("\r\n") if options.text == "-" else options.text
    if config.dropout and not config.training:
        _complain(text("cli.dropout_sleeps", language))
    trace = _trace(options, typed, config, language)
    focus = _counted("layer", options.layer or len(trace.layers), len(trace.layers))
    layer = trace.layers[focus]
    n_heads = layer.weights.shape[1]
    heads = range(n_heads) if options.head is None else [_counted("head", options.head, n_heads)]
    tokens = trace.tokens

    from attention.exports import introduction, trace_json, trace_npz, vectors_csv, weights_csv
    from attention.figures.labels import isolate
    from attention.views import view_tokens, view_words

    if options.format == "json":
        return trace_json(trace, config, model=options.model)
    if options.format == "npz":
        return trace_npz(trace, config, model=options.model)
    if options.format == "vectors-csv":
        return vectors_csv(trace, focus)
    view = (view_words if options.words else view_tokens)(layer, tokens)
    if options.format == "csv":
        return weights_csv(view, layer, heads=heads)
    if options.format == "html":
        from attention.figures.head_map import head_map
        from attention.figures.heads_mosaic import heads_mosaic
        from attention.figures.theme import theme_named
        from attention.html_pages import State, figure_html

        theme = theme_named("light")
        figures = [] if options.head else [heads_mosaic(view, language=language, theme=theme)]
        figures += [head_map(view, head, language=language, theme=theme) for head in heads]
        notes = introduction(trace, config, language)
        return figure_html(State(figures, notes), title=tokens.text, language=language)
    lines = [isolate(_printable(tokens.text)), *introduction(trace, config, language)]
    for head in heads:
        lines += ["", *_head_lines(view, head, language)]
    lines += ["", *_legend(view, heads, config, language)]
    return "\n".join(lines) + "\n"


def _trace(options: argparse.Namespace, typed: str, config: AttentionConfig, language: Language) -> ModelTrace:
    """Return the trace of the chosen model, saying which options it has no use for."""
    if options.model == "random":
        from attention.sources import trace_random

        return trace_random(tokenize(typed, options.encoding), config)
    usual = _parser(language)
    idle = [name for name in FIXED_BY_THE_LESSON if getattr(options, name) != usual.get_default(name)]
    if idle:
        flags = ("--no-positions" if name == "positions" else "--" + name.replace("_", "-") for name in idle)
        named = ", ".join(flags)
        _complain(text("cli.fixed_by_model", language, options=named))
    from attention.lesson_model.source import trace_lesson

    return trace_lesson(typed, config)


def _counted(what: str, number: int, n: int) -> int:
    """Return where the head or layer that people call `number` stands. Raises `no_such_head` or `no_such_layer`."""
    if not 1 <= number <= n:
        raise AttentionError(
            f"no_such_{what}",
            f"The {what}s are numbered from 1 to {n}, and {number} is none of them.",
            number=number,
            n=n,
        )
    return number - 1


# --- Text for a terminal ---------------------------------------------------------------------------------------------


def _head_lines(view: WeightsView, head: int, language: Language) -> Iterator[str]:
    """Yield one head as a table: a row for each position that looks, a column for each that is looked at."""
    from attention.figures.labels import shorten
    from attention.figures.sentences import head_name, row_sum
    from attention.metrics import row_spends_one

    labels = [shorten(label, LABEL_LENGTH) for label in view.labels]
    cells = [[_cell(view, head, row, column, language) for column in range(len(labels))] for row in range(len(labels))]
    columns = [[label, *(row[place] for row in cells)] for place, label in enumerate(labels)]
    if not all(row_spends_one(view, head, row) for row in range(len(labels))):
        columns.append([text("cli.sum", language), *(row_sum(view, head, row, language) for row in range(len(labels)))])
    names = _justified(["", *labels], to_the_right=False)
    yield head_name(head, language)
    for block in _blocks([_justified(column) for column in columns], room=_terminal_width() - _width(names[0])):
        for name, *row in zip(names, *block, strict=True):
            yield "  ".join([name, *row]).rstrip()


def _blocks(columns: list[list[str]], room: int) -> Iterator[list[list[str]]]:
    """Yield the columns in as few groups as fit beside the names in `room` terminal cells."""
    block: list[list[str]] = []
    for column in columns:
        if block and sum(_width(one[0]) + 2 for one in [*block, column]) > room:
            yield block
            block = []
        block.append(column)
    yield block


def _cell(view: WeightsView, head: int, row: int, column: int, language: Language) -> str:
    """Return a weight as a percentage, or the sign of its absence, which `_legend` explains."""
    from attention.figures.sentences import cell_sign
    from attention.views import Cell

    mark = "*" if view.cells[head, row, column] == Cell.MIXED else " "
    return cell_sign(view, head, row, column, language) + (mark if view.grouped else "")


def _legend(view: WeightsView, heads: Sequence[int], config: AttentionConfig, language: Language) -> Iterator[str]:
    """Yield how to read the tables, one line for each sign that is in them."""
    from attention.metrics import row_spends_one
    from attention.views import Cell

    shown = view.cells[list(heads)]
    sums_leave = not all(row_spends_one(view, head, row) for head in heads for row in range(len(view.labels)))
    signs = {
        "masked": (shown == Cell.MASKED).any(),
        "dropped": (shown == Cell.DROPPED).any(),
        "mixed": (shown == Cell.MIXED).any(),
        "undefined": view.undefined[list(heads)].any(),
        "sum_dropout": sums_leave and config.active_dropout > 0,
        "sum_mask": sums_leave and config.causal and config.mask_mode == "zero_after",
    }
    yield text("cli.legend", language)
    for name, there in signs.items():
        if there:
            yield text(f"cli.legend_{name}", language)


def _justified(texts: list[str], *, to_the_right: bool = True) -> list[str]:
    """Return the texts padded to one width on a terminal."""
    from attention.figures.labels import isolate

    width = max(map(_width, texts))
    padded = [(" " * (width - _width(one)), isolate(one)) for one in texts]
    return [space + one if to_the_right else one + space for space, one in padded]


def _width(label: str) -> int:
    """Return the terminal cells a label takes: two for a wide character or an emoji's family, none for an accent."""
    width, joined = 0, False
    for character in label:
        if character == "\N{VARIATION SELECTOR-16}":
            width += 1  # the sign before it is drawn as an emoji
        elif not joined and unicodedata.category(character) not in ("Mn", "Me", "Cf") and not _is_skin_tone(character):
            width += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        joined = character == "\N{ZERO WIDTH JOINER}"
    return width


def _is_skin_tone(character: str) -> bool:
    return "\N{EMOJI MODIFIER FITZPATRICK TYPE-1-2}" <= character <= "\N{EMOJI MODIFIER FITZPATRICK TYPE-6}"


def _printable(typed: str) -> str:
    """Return the text on one line, without the control characters a terminal would obey."""
    line = " ".join(typed.split())
    return "".join(sign for sign in line if sign in _JOINERS or unicodedata.category(sign) not in ("Cc", "Cf"))


def _terminal_width() -> int:
    """Return the terminal's width; a file or a pipe has room for every column."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize


# --- Options and messages --------------------------------------------------------------------------------------------


def _language(arguments: Sequence[str] | None) -> Language:
    """Return the language asked for, else the environment's if it is English, else Portuguese."""
    early = argparse.ArgumentParser(prog=PROGRAM, add_help=False, allow_abbrev=False)
    early.add_argument("--language")
    asked = early.parse_known_args(arguments)[0].language
    for language in LANGUAGES:
        if language == asked:
            return language
    locale = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "en" if locale.lower().startswith("en") else "pt-BR"


def _parser(language: Language) -> argparse.ArgumentParser:
    """Return the parser, its help in `language`."""

    def say(key: str) -> str:
        return text(f"cli.{key}", language)

    parser = argparse.ArgumentParser(
        prog=PROGRAM, description=say("description"), epilog=say("epilog"), add_help=False, allow_abbrev=False
    )
    usual = AttentionConfig()
    what = parser.add_argument_group(say("group_what"))
    what.add_argument("text", metavar=say("text_name"), help=say("text"))
    what.add_argument("--encoding", choices=ENCODINGS, default=DEFAULT_ENCODING, help=say("encoding"))
    what.add_argument("--model", choices=MODELS, default=MODELS[0], help=say("model"))

    how = parser.add_argument_group(say("group_how"))
    how.add_argument("--heads", type=int, metavar="N", default=usual.n_heads, help=say("heads"))
    how.add_argument("--d-model", type=int, metavar="N", default=usual.d_model, help=say("d_model"))
    how.add_argument("--no-causal", dest="causal", action="store_false", help=say("no_causal"))
    how.add_argument("--mask-mode", choices=MASK_MODES, default=usual.mask_mode, help=say("mask_mode"))
    how.add_argument("--no-scale", dest="scaled", action="store_false", help=say("no_scale"))
    how.add_argument("--no-positions", dest="positions", action="store_false", help=say("no_positions"))
    how.add_argument("--dropout", type=float, metavar="P", default=usual.dropout, help=say("dropout"))
    how.add_argument("--train", action="store_true", help=say("train"))
    how.add_argument("--dropout-seed", type=int, metavar="N", default=usual.dropout_seed, help=say("dropout_seed"))
    how.add_argument("--seed", type=int, metavar="N", default=usual.seed, help=say("seed"))

    shown = parser.add_argument_group(say("group_shown"))
    shown.add_argument("--format", choices=FORMATS, default=FORMATS[0], help=say("format"))
    shown.add_argument("--head", type=int, metavar="N", help=say("head"))
    shown.add_argument("--layer", type=int, metavar="N", help=say("layer"))
    shown.add_argument("--words", action="store_true", help=say("words"))
    shown.add_argument("--output", metavar=say("output_name"), help=say("output"))
    shown.add_argument("--language", choices=LANGUAGES, default=language, help=say("language"))
    shown.add_argument("-h", "--help", action="help", help=say("help"))
    return parser


def _complain(message: str) -> None:
    sys.stderr.write(f"{PROGRAM}: {message}\n")


def _silence_output() -> None:
    """Send what is still in the buffer nowhere, so that the interpreter does not fail on it again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
