"""Split a page into one notebook per tab.  Pure functions, no Sphinx application."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass, replace

import nbformat
from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig

from ..errors import CellError

#: Cell options: ours, myst-nb's, and those that Jupyter writes by itself.
OPTIONS = {"tab", "timeout", "tags", "mystnb", "load", "name", "id", "jupyter",
           "slideshow", "editable", "deletable", "collapsed", "scrolled", "format"}

#: ``:::`` fences are directives here, whether or not the project turned them on.
_CONFIG = MdParserConfig(enable_extensions={"colon_fence", "dollarmath"})


@dataclass
class Page:
    """A page read as a notebook: the whole, and what each tab runs.

    ``lines[i]`` is the 1-based source line of cell ``i``; ``cells_of[tab]`` lists the
    positions of the code cells that run in the kernel of that tab, in order.
    """

    path: str
    notebook: nbformat.NotebookNode
    lines: list[int]
    cells_of: dict[str, list[int]]

    @property
    def timeout(self):
        """The page's own time limit in seconds, or None."""
        return self.notebook.metadata.get("tabcells", {}).get("timeout")


def split(text: str, path: str, tabs, folder: str = "") -> Page | None:
    """Read ``text``; None where it is no notebook or has no tab (myst-nb's own page).

    :param path: what errors call the file
    :param tabs: the names of the configured tabs, in order
    :param folder: what ``path`` starts from; a file that a cell loads lies beside the page
    :raises CellError: an unknown tab, a misspelt option, a nested code cell, bad YAML
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if not is_myst_markdown_notebook(text):
        if ":tab:" in text:
            for line in _fences(text):
                raise CellError(path, line, None, "this page has {code-cell} but its front "
                                "matter lacks `file_format: mystnb`")
        return None
    try:
        notebook = read_myst_markdown_notebook(text, add_source_map=True, config=_CONFIG,
                                               path=os.path.join(folder, path))
    except Exception as error:
        raise CellError(path, 1, None, f"not a MyST notebook: {error}") from error
    starts = notebook.metadata.pop("source_map")
    lines = [start + (cell.cell_type == "markdown")
             for start, cell in zip(starts, notebook.cells, strict=True)]
    used = set()
    tabbed = any("tab" in cell.metadata for cell in notebook.cells)
    for cell, line in zip(notebook.cells, lines, strict=True):
        tab = cell.metadata.get("tab")
        for option in cell.metadata if cell.cell_type == "code" else ():
            if option not in OPTIONS:
                near = difflib.get_close_matches(option, OPTIONS, 1)
                if not tabbed and near != ["tab"]:
                    continue  # a page of myst-nb alone may carry what it likes
                hint = f"; did you mean :{near[0]}:?" if near else ""
                raise CellError(path, line, tab, f"unknown cell option :{option}:{hint}")
        if "tab" in cell.metadata:
            if tab not in tabs:
                raise CellError(path, line, tab, f"tab {tab!r} is not configured "
                                f"(tabcells_tabs has {', '.join(map(repr, tabs))})")
            used.add(tab)
        _check_timeout(path, line, tab, cell.metadata.get("timeout"))
    if not used:
        return None
    _check_timeout(path, 1, None, notebook.metadata.get("tabcells", {}).get("timeout"))
    top = {line for line, cell in zip(lines, notebook.cells, strict=True)
           if cell.cell_type == "code"}
    for line in _fences(text):
        if line not in top:
            raise CellError(path, line, None, "a {code-cell} inside another directive, list "
                            "or quote never runs; move it to the top level and give it a :tab:")
    cells_of = {
        tab: [i for i, cell in enumerate(notebook.cells)
              if cell.cell_type == "code" and cell.metadata.get("tab", tab) == tab]
        for tab in tabs if tab in used}
    return Page(path, notebook, lines, cells_of)


def without_prose(page: Page) -> Page:
    """The same page for all that asks for its code alone: its Markdown cells are empty."""
    cells = [cell if cell.cell_type == "code" else {"cell_type": cell.cell_type, "metadata": {}}
             for cell in page.notebook.cells]
    return replace(page, notebook=nbformat.from_dict({**page.notebook, "cells": cells}))


def tab_notebook(page: Page, tab: str, kernelspec: dict) -> nbformat.NotebookNode:
    """The notebook that the kernel of ``tab`` runs: its code, nothing of the prose.

    Only what changes a run goes in (code, tags, kernelspec), because a record's key is a
    digest of all of it: both languages of a page then share one run.
    """
    cells = []
    for position in page.cells_of[tab]:
        cell = page.notebook.cells[position]
        metadata = {"tags": sorted(cell.metadata["tags"])} if cell.metadata.get("tags") else {}
        cells.append({"cell_type": "code", "id": f"cell-{len(cells)}", "metadata": metadata,
                      "source": cell.source, "outputs": [], "execution_count": None})
    # Not by `nbformat.v4.new_…`: those validate, which takes most of a build that runs nothing.
    return nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "cells": cells,
                               "metadata": {"kernelspec": kernelspec}})


def _check_timeout(path, line, tab, value):
    if value is None:
        return
    try:
        if float(value) > 0:
            return
    except (TypeError, ValueError):
        pass
    raise CellError(path, line, tab, f"timeout {value!r} is not a positive number of seconds")


def _fences(text: str, first: int = 1):
    """Yield the 1-based line of every {code-cell} fence, nested directives included."""
    parser = MarkdownIt("commonmark").disable("inline").enable("table")
    for token in parser.use(front_matter_plugin).use(colon_fence_plugin).parse(text):
        if token.type in ("fence", "colon_fence") and token.map:
            line = first + token.map[0]
            if token.info.startswith("{code-cell}"):
                yield line
            elif token.info.startswith("{"):
                yield from _fences(token.content, line + 1)
