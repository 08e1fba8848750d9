"""Query, Key and Value."""

from __future__ import annotations

from attention.ui import layout

layout.open_page("query_key_value", badge=layout.model_badge, heading="question")
