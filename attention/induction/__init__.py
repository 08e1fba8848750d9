"""Induction: a small network learns, unguided, to copy what came after the last time it saw a token.

`settings` and `runs` need no torch, so that a page can show a recorded run at once; `network` and `training` do
the work; `python -m attention.induction` trains and speaks lines of JSON.

The phenomenon: Olsson et al. 2022, "In-context Learning and Induction Heads"; Elhage et al. 2021, "A Mathematical
Framework for Transformer Circuits", which shows why one layer of attention alone cannot do it.
"""
