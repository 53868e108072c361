"""What a page says of its cells and of itself, checked before any of it counts."""

from __future__ import annotations

import difflib
import functools
import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from myst_nb.core.config import NbParserConfig

from ..errors import CellError
from ..settings import nearest

if TYPE_CHECKING:
    from .split import Page

#: Cell options: ours, myst-nb's, and those that Jupyter writes by itself.
OPTIONS = ("tab", "timeout", "tags", "mystnb", "load", "name", "id", "jupyter",
           "slideshow", "editable", "deletable", "collapsed", "scrolled", "format")
#: Of these a misspelt one is refused in a notebook of Jupyter too, in whose cells tools write
#: what they like.
_OWN = ("tab", "timeout", "tags")

#: What `tabcells` of a page's front matter may say.
FRONT_MATTER = ("timeout", "files")
#: What a page may turn on or off of myst-nb's.
SWITCHES = ("execution_allow_errors", "execution_in_temp")


def check_cells(page: Page, tabs: Collection[str]) -> set[str]:
    """The tabs that the page has.

    :raises CellError: the first bad option
    """
    used = set()
    tabbed = any("tab" in cell.metadata for cell in page.notebook.cells)
    for position, cell in enumerate(page.notebook.cells):
        where, tab = page.where(position), cell.metadata.get("tab")
        _check_options(page, cell, where, tabs, tabbed)
        if "tab" in cell.metadata:
            _check_tab(page, cell, where, tabs)
            used.add(tab)
        _check_timeout(page.path, where, tab, cell.metadata.get("timeout"))
    return used


def _check_options(page, cell, where, tabs, tabbed) -> None:
    """Refuse a misspelt option of a cell, or of a mark: of that only one that is meant as `tab`."""
    is_code = cell.cell_type == "code"
    for option, value in cell.metadata.items():
        # What tools write for themselves is a mapping: `vscode`, `colab`, `papermill`.
        if option in OPTIONS or isinstance(value, Mapping):
            continue
        near = _meant(option, OPTIONS) if page.is_text else _meant(option, _OWN, 0.8)
        # A page of myst-nb alone may carry what it likes.
        is_ours = ((means_tab(option) or (is_code and page.is_text and near == "tab"))
                   and (page.is_text or tabbed or value in tabs))
        if is_ours or (is_code and tabbed and (near or page.is_text)):
            written = ":{}:" if is_code else '"{}"'
            hint = f"; did you mean {written.format(near)}?" if near else ""
            raise CellError(page.path, where, cell.metadata.get("tab"),
                            f"unknown cell option {written.format(option)}{hint}")


def means_tab(option: str) -> bool:
    """Whether this option is `tab`, or near to it: `Tab` and `tabs` are, `table` and `lab` not."""
    return _meant(option, ("tab",), 0.8) == "tab"


@functools.cache
def _meant(option: str, known: tuple[str, ...], nearness: float = 0.6) -> str:
    """The known option that this one is, or is near to; "" if none."""
    words = difflib.get_close_matches(str(option).strip().lower(), known, 1, nearness)
    return words[0] if words else ""


def _check_tab(page, cell, where, tabs) -> None:
    """The tab that the cell, or the mark, names is one."""
    tab, names = cell.metadata.tab, ", ".join(map(repr, tabs))
    if not tabs:
        raise CellError(page.path, where, None, f"tab {tab!r} is not configured: conf.py has no "
                        "tabcells_tabs")
    if tab is None:
        raise CellError(page.path, where, None, "the name of the tab is missing; it may be "
                        f"{names}")
    if isinstance(tab, (list, Mapping)):
        raise CellError(page.path, where, None, f"one tab has to be named, got {tab!r}; a cell "
                        "that names none runs in every kernel of the page")
    if cell.cell_type == "raw":
        raise CellError(page.path, where, None, "a {raw-cell} can't be in a tab; write what it "
                        "holds into the prose of the tab")
    if not isinstance(tab, str) and page.is_text and cell.cell_type == "code":
        raise CellError(page.path, where, None, f"YAML reads the name of this tab as "
                        f"{tab!r}; write it in quotes, as in :tab: \"3\"")
    if not isinstance(tab, str):
        raise CellError(page.path, where, None, f"the name of a tab is a text, got {tab!r}; write "
                        "it in quotes, as in \"tab\": \"3\"")
    if tab not in tabs:
        raise CellError(page.path, where, tab, f"tab {tab!r} is not configured (tabcells_tabs has "
                        f"{names})")


def check_page(page: Page) -> None:
    """Refuse what the front matter says wrongly.

    :raises CellError: the first such thing
    """
    _check_timeout(page.path, 1, None, page.timeout)
    page.execution_mode, page.files  # noqa: B018  # they raise
    for name in SWITCHES:
        page.says(name)
    _check_names(page)


def _check_names(page) -> None:
    """Refuse what a page's front matter says by a name that nobody knows."""
    for name in page.notebook.metadata:
        if name != "tabcells" and difflib.get_close_matches(str(name).lower(), ["tabcells"], 1, .8):
            raise CellError(page.path, 1, None, f"there is no {name!r} in a front matter; did you "
                            "mean 'tabcells'?")
    if unknown := page.is_text and page.front_matter("tabcells").keys() - FRONT_MATTER:
        raise CellError(page.path, 1, None, f"tabcells in the front matter has no "
                        f"{str(min(unknown, key=str))!r}; it may have "
                        f"{', '.join(map(repr, FRONT_MATTER))}")
    known = [field.name for field in NbParserConfig.get_fields()]
    for name in page.front_matter("mystnb"):
        if name not in known:  # myst-nb would warn, and drop the others of the page too
            raise CellError(page.path, 1, None, "mystnb in the front matter has no "
                            f"{name!r}{nearest(str(name), known)}")


def _check_timeout(path, line, tab, value) -> None:
    if value is None:
        return
    try:
        if 0 < float(value) < math.inf:
            return
    except (TypeError, ValueError):
        pass
    raise CellError(path, line, tab, f"timeout {value!r} is not a positive number of seconds")
