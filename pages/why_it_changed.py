"""Why it changed everything."""

from __future__ import annotations

from attention.ui import layout

layout.open_page("why_it_changed", badge=layout.model_badge, heading="question")
