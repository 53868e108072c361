"""The errors of this package."""

from __future__ import annotations

from sphinx.errors import SphinxError


class RunError(Exception):
    """What stopped a notebook: ``index`` of the cell (0-based) and the trouble in words."""

    def __init__(self, index, trouble) -> None:
        super().__init__(trouble)
        self.index, self.trouble = index, trouble


class CellError(SphinxError):
    """A cell that can't be built: names the file, its line, the tab, the trouble.

    An error, not a warning: Sphinx then stops before it saves its environment,
    so that the next build meets the same trouble again.
    """

    category = "Cell error"

    def __init__(self, path, line, tab, trouble) -> None:
        where = f" [tab {tab}]" if tab else ""
        super().__init__(f"{path}:{line}:{where} {trouble}")
        # Exceptions cross process borders by their arguments (parallel reading).
        self.args_ = (path, line, tab, trouble)

    def __reduce__(self) -> tuple[type[CellError], tuple]:
        return type(self), self.args_
