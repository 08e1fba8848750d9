"""The one error of the core: it carries a code, so that any screen can say it in its reader's language."""

from __future__ import annotations


class AttentionError(ValueError):
    """Says what was expected, what came, and the way out.

    `code` is the stable name under which `attention/texts` keeps the translations
    (key `errors.<code>`); `details` are the values those sentences mention. `str(error)` is
    the English sentence, for a notebook or a terminal.
    """

    def __init__(self, code: str, message: str, **details: object) -> None:
        super().__init__(message)
        self.code = code
        self.details = details
