"""Asks `pip-audit --strict` about everything installed: `python -m scripts.audit .venv/bin/python`.

Without `--strict` it says “No known vulnerabilities found” also when it skipped every package. Where it cannot ask, one
line says so, and the audit has failed.
"""

from __future__ import annotations

import json
import subprocess
import sys

PATHS_OF = "import json, site; print(json.dumps(site.getsitepackages()))"


def verdict(code: int, answer: str, complaint: str) -> str:
    """Return what to say of an audit that ended with `code`, and wrote `answer` and `complaint`."""
    if code == 0:
        return "Audited: no installed package has a known vulnerability."
    if answer.strip():
        return f"{answer.strip()}\nAudited: these packages have known vulnerabilities."
    last = (complaint.strip().splitlines() or ["pip-audit said nothing"])[-1]
    return f"NOT AUDITED, so nothing is known about any package: {last}"


def main() -> int:
    """Audit the environment of the Python named on the command line."""
    paths = json.loads(subprocess.run([sys.argv[1], "-c", PATHS_OF], check=True, capture_output=True, text=True).stdout)
    asked = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip_audit",
            "--strict",
            "--progress-spinner=off",
            *(f"--path={path}" for path in paths),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    print(verdict(asked.returncode, asked.stdout, asked.stderr))
    return int(asked.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
