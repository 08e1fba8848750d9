"""Compare: anything beside anything on one scale; a head found by what it does, and tested for what it is worth."""

from __future__ import annotations

from attention.ui import compare, layout

frame = layout.open_frame("compare")
compare.choose_tool(frame)
compare.draw(frame)
