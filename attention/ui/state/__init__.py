"""The state of the screen, and the web address that restores it.

Each choice of the reader is a field of `ViewState` (`view.py`), whose name is its key in `st.session_state` and its
widget's key, with its value on a first visit; and a `Parameter` (`parameters.py`), its slug in the address and how it
is read from there, where anything may stand. `choices.py` holds what there is to choose from, `address.py` reads and
writes whole addresses, and `session.py` moves the choices between address, session and pages.
"""

from attention.ui.state.address import MAX_LINK_CHARACTERS, VERSION, fits_link, parse, refused, write
from attention.ui.state.choices import (
    ALIGNMENTS,
    D_MODEL_CHOICES,
    DROPOUT_CHOICES,
    HEAD_CHOICES,
    LESSON_FOCUS,
    LESSON_HEADS,
    LESSON_LAYERS,
    LESSON_SECOND,
    MAX_DRAWS,
    MAX_STEP,
    MAX_TERM_CHARACTERS,
    MEASURED_ROWS,
    MODELS,
    MOST_SEVERAL,
    ORDERS,
    ROLES,
    SEARCHES,
    SIDES_VIEWS,
    STORIES,
    SWITCHES,
    TABS,
    TOOLS,
    WORTHS,
)
from attention.ui.state.parameters import PARAMETERS, SIDE_FIELDS
from attention.ui.state.session import (
    SHOWN_ROWS,
    SHOWN_SENTENCE,
    SHOWN_SWITCHES,
    assign,
    carry_to,
    choose_model,
    current,
    publish,
    restore,
)
from attention.ui.state.view import Heads, ViewState, first_visit

__all__ = [
    "ALIGNMENTS",
    "DROPOUT_CHOICES",
    "D_MODEL_CHOICES",
    "HEAD_CHOICES",
    "LESSON_FOCUS",
    "LESSON_HEADS",
    "LESSON_LAYERS",
    "LESSON_SECOND",
    "MAX_DRAWS",
    "MAX_LINK_CHARACTERS",
    "MAX_STEP",
    "MAX_TERM_CHARACTERS",
    "MEASURED_ROWS",
    "MODELS",
    "MOST_SEVERAL",
    "ORDERS",
    "PARAMETERS",
    "ROLES",
    "SEARCHES",
    "SHOWN_ROWS",
    "SHOWN_SENTENCE",
    "SHOWN_SWITCHES",
    "SIDES_VIEWS",
    "SIDE_FIELDS",
    "STORIES",
    "SWITCHES",
    "TABS",
    "TOOLS",
    "VERSION",
    "WORTHS",
    "Heads",
    "ViewState",
    "assign",
    "carry_to",
    "choose_model",
    "current",
    "first_visit",
    "fits_link",
    "parse",
    "publish",
    "refused",
    "restore",
    "write",
]
