"""What the documents say is so: commands run, files exist, and both READMEs tell the same."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.pt-BR.md")
DOCUMENTS = sorted(
    str(path.relative_to(ROOT))
    for path in [
        *ROOT.glob("*.md"),
        *(file for room in ("attention", "deploy", "docs") for file in (ROOT / room).rglob("*.md")),
    ]
)
FENCE = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_command_is_a_target(document: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", read(document), re.MULTILINE)) <= targets


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_a_document_links_to_exists(document: str) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", read(document))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (ROOT / document).parent.joinpath(link).exists()] == []


def test_continuous_integration_calls_the_readme_s_test_command_and_nothing_else() -> None:
    setting_up = ("#!", "set -", "cd ")
    calls = [line for line in read(".ci/run").splitlines() if not line.startswith(setting_up)]
    assert calls == ["make test"]
    for readme in READMES:
        assert ("sh", "make test\n") in FENCE.findall(read(readme))


def test_both_readmes_have_the_same_sections_commands_and_links() -> None:
    english, portuguese = (outline(read(readme)) for readme in READMES)
    assert english == portuguese


def test_the_readme_s_command_line_prints_the_heads() -> None:
    [command] = [code for _, code in FENCE.findall(read("README.md")) if "-m attention" in code]
    _, *arguments = shlex.split(command)
    said = subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True, encoding="utf-8")
    assert "gato" in said.stdout


def test_the_readme_s_notebook_lines_give_ones() -> None:
    [lines] = [code for language, code in FENCE.findall(read("README.md")) if language == "python"]
    *before, last = lines.strip().splitlines()
    check = "\n".join([*before, f"assert torch.allclose({last.partition('#')[0]}, torch.ones(1, 4, 6))"])
    assert subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=False).returncode == 0


def read(name: str) -> str:
    """Return the text of a file of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def outline(document: str) -> list[str]:
    """Return what does not change with the language: depth of each heading, commands, and files linked to."""
    code = [re.sub(r" *#.*", "", block) for _, block in FENCE.findall(document)]
    prose = FENCE.sub("", document)
    headings = re.findall(r"^(#+) ", prose, re.MULTILINE)
    links = [link for link in re.findall(r"\]\(([^)]+)\)", prose) if not re.match(r"README|docs/images", link)]
    return [*headings, *code, *links]
