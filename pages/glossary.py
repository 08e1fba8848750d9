"""Glossary."""

from __future__ import annotations

from attention.ui import layout

layout.open_page("glossary", badge=layout.model_badge, heading="question")
