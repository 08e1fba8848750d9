"""The package's front door: `import attention` is light, and every public name is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

import attention


@pytest.mark.parametrize("name", attention.__all__)
def test_every_public_name_can_be_used(name: str) -> None:
    assert getattr(attention, name).__name__ == name
    assert getattr(attention, name).__doc__
    assert name in dir(attention)


def test_attend_works_as_in_a_notebook() -> None:
    query = key = value = torch.eye(2).view(1, 1, 2, 2)
    assert attention.attend(query, key, value).weights.shape == (1, 1, 2, 2)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'pay'"):
        _ = attention.pay


def test_importing_the_package_imports_nothing_heavy() -> None:
    heavy = {"torch", "numpy", "tiktoken", "streamlit"}
    question = f"import attention, sys; sys.exit(' '.join({heavy} & set(sys.modules)) or None)"
    asked = subprocess.run(
        [sys.executable, "-c", question], cwd=Path(__file__).parent.parent, check=False, capture_output=True, text=True
    )
    assert (asked.returncode, asked.stderr) == (0, "")
