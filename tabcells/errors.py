"""The errors of this package."""

from __future__ import annotations

from sphinx.errors import SphinxError


class RunError(Exception):
    """What stopped a notebook: ``index`` of the cell (0-based) and the ``message``."""

    def __init__(self, index, message) -> None:
        super().__init__(message)
        self.index, self.message = index, message


class CellError(SphinxError):
    """A cell that can't be built: names the file, its line, the tab, and says what is wrong.

    An error, not a warning: Sphinx then stops before it saves its environment,
    so that the next build meets the same error again.
    """

    category = "Cell error"

    def __init__(self, path, line, tab, message) -> None:
        where = f" [tab {tab}]" if tab else ""
        super().__init__(f"{path}:{line}:{where} {message}")
        # Exceptions cross process borders by their arguments (parallel reading).
        self.args_ = (path, line, tab, message)

    def __reduce__(self) -> tuple[type[CellError], tuple]:
        return type(self), self.args_
