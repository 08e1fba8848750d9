"""Where attention sits in the Transformer."""

from __future__ import annotations

from attention.ui import layout

layout.open_page("transformer", badge=layout.model_badge, heading="question")
