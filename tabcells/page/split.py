"""Split a page into one notebook per tab.  Pure functions, no Sphinx application."""

from __future__ import annotations

import bisect
import functools
import itertools
import os
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import nbformat
from myst_nb.core import read as myst_nb
from myst_parser.config.main import MdParserConfig
from nbformat import NotebookNode

from ..errors import CellError
from . import options, strays

#: What myst-nb knows as `execution_mode`.
MODES = ("off", "auto", "force", "cache", "inline")

#: ``:::`` fences are directives here, whether or not the project turned them on.
_CONFIG = MdParserConfig(enable_extensions={"colon_fence", "dollarmath"})

#: Where a cell may begin or end, or a mark stand.
_EDGE = re.compile(r"^ {0,3}(?:```|~~~|\+)", re.M)


@dataclass
class Page:
    """A page read as a notebook: the whole, and what each tab runs.

    ``lines[i]`` is the 1-based source line of cell ``i``; ``cells_of[tab]`` lists the
    positions of the code cells that run in the kernel of that tab, in order.  A page that is
    no MyST text (``is_text``), such as a notebook of Jupyter, has the lines that myst-nb
    counts for it: 10000 for the first cell, 20000 for the second.

    A page in D2L's dialect ``is_untabbed`` where it has one tab: it shows no list of tabs.  Of
    such a page are known its ``labels`` and its ``references`` to labels, each with a line, and
    as ``warnings`` the lines of what can't hold, each with a sentence.
    """

    path: str
    notebook: nbformat.NotebookNode
    lines: list[int]
    cells_of: dict[str, list[int]]
    is_text: bool = True
    is_untabbed: bool = False
    labels: tuple[tuple[str, int], ...] = ()
    references: tuple[tuple[str, int], ...] = ()
    warnings: tuple[tuple[int, str], ...] = ()

    def __getstate__(self) -> dict:
        """For pickles: Sphinx keeps pages, and nbformat's nodes take long to be read again."""
        return {**vars(self), "notebook": _plain(self.notebook)}

    def __setstate__(self, state) -> None:
        vars(self).update(state, notebook=nbformat.from_dict(state["notebook"]))

    @property
    def timeout(self) -> float | str | None:
        """The page's own time limit in seconds, or None."""
        of_mystnb = self.front_matter("mystnb").get("execution_timeout")
        if isinstance(of_mystnb, (int, float)) and of_mystnb <= 0:
            of_mystnb = None  # Jupyter's "no limit"
        return self.front_matter("tabcells").get("timeout", of_mystnb)

    @property
    def execution_mode(self) -> str:
        """One of myst-nb's modes, or "" where the page names none.

        :raises CellError: another
        """
        mode = self.front_matter("mystnb").get("execution_mode", "")
        mode = "off" if mode is False else mode  # as YAML reads it
        if mode not in ("", *MODES):
            raise CellError(self.path, 1, None, f"execution_mode in the front matter is {mode!r}; "
                            f"it may be {', '.join(map(repr, MODES))}")
        return mode

    def says(self, name: str, default: bool = False) -> bool:
        """What the page says of one of myst-nb's settings; ``default`` where it doesn't.

        :raises CellError: it says it otherwise than by `true` or `false`
        """
        value = self.front_matter("mystnb").get(name)
        if value is not None and not isinstance(value, bool):
            raise CellError(self.path, 1, None, f"{name} in the front matter is {value!r}; it may "
                            "be true or false")
        return default if value is None else value

    @property
    def files(self) -> list[str]:
        """Patterns of the files that the page's cells depend on besides those that are seen.

        :raises CellError: something else
        """
        files = self.front_matter("tabcells").get("files") or []
        if not isinstance(files, list) or not all(isinstance(p, str) and p for p in files):
            raise CellError(self.path, 1, None, f"files in the front matter is {files!r}; it is a "
                            "list of patterns, such as `files: ['data/*.csv']`")
        return files

    def front_matter(self, name: str) -> Mapping:
        """The mapping ``name`` of the front matter, or of a notebook's metadata; {} if absent.

        :raises CellError: it is none
        """
        value = self.notebook.metadata.get(name) or {}
        if not isinstance(value, Mapping):
            raise CellError(self.path, 1, None, f"{name} in the front matter is {value!r}; it "
                            f"takes names with values, such as `{name}: {{name: value}}`")
        return value

    def where(self, position: int) -> int | str:
        """What errors say of a cell: its line, or its number where the page is no text."""
        return self.lines[position] if self.is_text else f"cell {position + 1}"


def split(text: str, path: str, tabs: Collection[str], folder: str = "",
          reader: Callable[[str], nbformat.NotebookNode] | None = None) -> Page | None:
    """Read ``text``; None where it is no notebook or has no tab (myst-nb's own page).

    :param path: what errors call the file
    :param tabs: the names of the configured tabs, in order
    :param folder: what ``path`` starts from; a file that a cell loads lies beside the page
    :param reader: makes a notebook of a text that is neither MyST's nor a notebook of Jupyter
    :raises CellError: an unknown tab, a misspelt option, a cell that never runs, bad YAML
    """
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if path.endswith(".ipynb") or (reader and not is_notebook(plain, path)):
        page = _read_notebook(text, path, reader or _read_jupyter)
    else:
        text = plain
        page = _read_text(text, path, folder)
    used = options.check_cells(page, tabs) if page else set()
    strays.check(page, text, path, folder, bool(used))
    if not page or not used:
        return None
    options.check_page(page)
    page.cells_of = {
        tab: [i for i, cell in enumerate(page.notebook.cells)
              if cell.cell_type == "code" and cell.metadata.get("tab", tab) == tab]
        for tab in tabs if tab in used}
    return page


def is_notebook(text: str, path: str) -> bool:
    """Whether the front matter makes a text a notebook.

    :param path: what errors call the file
    :raises CellError: it can't be asked
    """
    try:
        return myst_nb.is_myst_markdown_notebook(text)
    except AttributeError as error:
        raise CellError(path, 1, None, "not a MyST notebook: jupytext in the front matter, and "
                        "text_representation in that, take names with values") from error


def _read_text(text, path, folder) -> Page | None:
    """A page of MyST's text, its tabs not yet looked at; None where it is no notebook."""
    if not is_notebook(text, path):
        for block in strays.blocks(text) if "tab" in text.lower() else ():
            if block.marks_tab or block.is_cell_of_tab:
                _check_front_matter(text, path)
                holds = "{code-cell}" if block.is_cell else "prose of a tab"
                raise CellError(path, block.line, None, f"this page has {holds} but its front "
                                "matter lacks `file_format: mystnb`")
        return None
    read = functools.partial(myst_nb.read_myst_markdown_notebook, add_source_map=True,
                             config=_CONFIG, path=os.path.join(folder, path))
    try:
        notebook = read(text)
    except Exception as error:
        raise CellError(path, _line_of_trouble(text, read), None,
                        f"not a MyST notebook: {_reason(error)}") from error
    starts = notebook.metadata.pop("source_map")
    lines = [start + (cell.cell_type == "markdown")
             for start, cell in zip(starts, notebook.cells, strict=True)]
    rows = text.split("\n")
    for line, cell in zip(lines, notebook.cells, strict=True):
        said = itertools.takewhile(re.compile(" *:").match, rows[line:])
        if cell.cell_type == "code" and sum(":tab:" in row for row in said) > 1:
            raise CellError(path, line, None, "this cell has :tab: twice; it may have it once")
    return Page(path, notebook, lines, {})


def _check_front_matter(text, path) -> None:
    """One that can't be read makes no notebook: say why."""
    front = text[3:].partition("\n---")[0]
    try:
        if text.startswith("---"):
            myst_nb.read_myst_markdown_notebook(f"---{front}\n---\n")
    except Exception as error:
        reason = " ".join(str(error).split())
        raise CellError(path, 1, None, f"not a MyST notebook: {reason}") from error


def _line_of_trouble(text, read) -> int:
    """The line of the cell, or of the mark, that can't be read; 1 where it is the front matter."""
    starts = [0, *(edge.start() for edge in _EDGE.finditer(text))]

    def fails(end) -> bool:
        try:
            read(text[:end])
        except Exception:  # whatever it was that the whole text raised
            return True
        return False

    first = bisect.bisect([*starts[1:], len(text)], False, key=fails)
    return text.count("\n", 0, starts[min(first, len(starts) - 1)]) + 1


def _reason(error) -> str:
    """An error of the reader in one line, which names the option that the format of notebooks
    refuses."""
    if not isinstance(error, nbformat.ValidationError):
        return re.sub(r"ParseWarnings\(msg='(.*?)', lineno=.*", r"\1", str(error), flags=re.S)
    option = ".".join(map(str, list(error.path)[1:2])) or "metadata"
    hint = "; write a list of different texts, as in :tags: [hide-input]" * (option == "tags")
    return f":{option}: {error.message}{hint}"


def _read_notebook(text, path, reader) -> Page | None:
    """The same of any other notebook; what it holds of outputs is left out."""
    try:
        notebook = reader(text)
        if not any(options.means_tab(option) for cell in notebook.cells
                   for option in cell.metadata):
            return None
        nbformat.validate(notebook)  # `nbformat.reads` but logs what is wrong
    except Exception as error:
        raise CellError(path, 1, None, f"this notebook can't be read: {error}") from error
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    lines = [10_000 * (i + 1) for i in range(len(notebook.cells))]
    return Page(path, notebook, lines, {}, is_text=False)


def _read_jupyter(text) -> nbformat.NotebookNode:
    return nbformat.reads(text, as_version=4)


def without_prose(page: Page) -> Page:
    """The same page for all that asks for its code alone: its Markdown cells are empty."""
    cells = [cell if cell.cell_type == "code" else {"cell_type": cell.cell_type, "metadata": {}}
             for cell in page.notebook.cells]
    return replace(page, notebook=nbformat.from_dict({**page.notebook, "cells": cells}))


def _plain(value: Any) -> Any:
    """Dictionaries and lists in the place of nbformat's nodes."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def tab_notebook(page: Page, tab: str, kernelspec: dict,
                 allow_errors: bool = False) -> nbformat.NotebookNode:
    """The notebook that the kernel of ``tab`` runs: its code, nothing of the prose.

    Only what changes a run goes in (code, tags, kernelspec), because a record's key is a
    digest of all of it: both languages of a page then share one run.

    :param allow_errors: of each cell, as if it were tagged so
    """
    cells = []
    for position in page.cells_of[tab]:
        cell = page.notebook.cells[position]
        tags = {*(cell.metadata.get("tags") or ()), *["raises-exception"][:allow_errors]}
        metadata = NotebookNode(tags=sorted(tags)) if tags else NotebookNode()
        cells.append(NotebookNode(cell_type="code", id=f"cell-{len(cells)}", metadata=metadata,
                                  source=cell.source, outputs=[], execution_count=None))
    # Not by `nbformat.v4.new_…`: those validate, which takes most of a build that runs nothing.
    return NotebookNode(nbformat=4, nbformat_minor=5, cells=cells,
                        metadata=nbformat.from_dict({"kernelspec": kernelspec}))
