"""The context vector."""

from __future__ import annotations

from attention.ui import layout

layout.open_page("context_vector", badge=layout.model_badge, heading="question")
