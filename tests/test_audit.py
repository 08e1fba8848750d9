"""The audit tells three things apart: clean, vulnerable, and not audited at all."""

from __future__ import annotations

import re

import pytest

from scripts.audit import verdict
from scripts.live_app import ROOT

SKIPPED = "ERROR:pip_audit._cli:altair: Dependency not found on PyPI and could not be audited: altair (6.3.0)\n"
UNREACHABLE = (
    "Traceback (most recent call last):\n  …\nrequests.exceptions.ConnectionError: Failed to resolve 'a.example'\n"
)
FOUND = "Name  Version ID\n----- ------- --\nflask 0.5     PYSEC-1\n"


@pytest.mark.parametrize(
    ("code", "answer", "complaint", "says"),
    [
        (0, "", "No known vulnerabilities found\n", "Audited: no installed package has a known vulnerability."),
        (1, FOUND, "Found 1 known vulnerability in 1 package\n", "flask 0.5"),
        (1, "", SKIPPED, f"NOT AUDITED, so nothing is known about any package: {SKIPPED.strip()}"),
        (1, "", UNREACHABLE, "NOT AUDITED, so nothing is known about any package: requests.exceptions.ConnectionError"),
        (1, "", "", "NOT AUDITED"),
    ],
)
def test_what_could_not_be_asked_is_never_called_clean(code: int, answer: str, complaint: str, says: str) -> None:
    said = verdict(code, answer, complaint)
    assert says in said
    assert ("NOT AUDITED" in said) == (code != 0 and not answer)


def test_the_audit_is_strict_and_its_tool_is_pinned() -> None:
    assert '"--strict"' in (ROOT / "scripts/audit.py").read_text(encoding="utf-8")
    assert re.search(
        r"^pip-audit==[\d.]+$", (ROOT / "requirements-audit.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
