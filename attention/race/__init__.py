"""An LSTM and a layer of causal attention, timed on the same work; and what can be counted without a clock.

`settings` and `counts` need no torch; `timing` does the work; `python -m attention.race` measures and speaks lines of
JSON.
"""
