"""Many heads."""

from __future__ import annotations

from attention.ui import layout

layout.open_page("many_heads", badge=layout.model_badge, heading="question")
