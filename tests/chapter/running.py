"""Running what a page gives away: its code in a fresh Python, its notebook from top to bottom."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from attention.snippets import Snippet
from tests.chapter import pasted

PYTHONS = multiprocessing.get_context("forkserver")  # each is a process of its own, split off one that has torch
PYTHONS.set_forkserver_preload(["torch"])


def printed_by(snippet: Snippet, folder: Path) -> str:
    """Return what the code prints in a Python of its own, from a folder where this project is not to be found."""
    path, printed = folder / "pasted_code.py", folder / "printed"
    path.write_text(snippet.code, encoding="utf-8")
    python = PYTHONS.Process(target=pasted.run, args=(path, printed))
    python.start()
    python.join()
    assert python.exitcode == 0  # what went wrong is on stderr
    return printed.read_text(encoding="utf-8")


def imports_of(code: str) -> set[str]:
    """Return the modules that some code imports."""
    lines = (line.split() for line in code.splitlines())
    return {words[1].split(".")[0] for words in lines if words and words[0] in ("import", "from")}


def read_notebook(notebook: str) -> nbformat.NotebookNode:
    """Return a notebook file as its cells."""
    read: nbformat.NotebookNode = nbformat.reads(notebook, as_version=4)  # type: ignore[no-untyped-call]
    return read


def executed(notebook: str, folder: Path) -> nbformat.NotebookNode:
    """Run a notebook from top to bottom in a kernel of its own and return it with its outputs."""
    read = read_notebook(notebook)
    nbformat.validate(read)
    return NotebookClient(read, timeout=120, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()


def outputs_of(read: nbformat.NotebookNode) -> str:
    """Return all that the cells printed, one after another."""
    outputs = (output for cell in read.cells if cell.cell_type == "code" for output in cell.outputs)
    return "".join(output.text for output in outputs if output.output_type == "stream")
