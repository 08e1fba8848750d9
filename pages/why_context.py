"""Why context matters."""

from __future__ import annotations

from attention.ui import layout

layout.open_page("why_context", badge=layout.model_badge, heading="question")
