"""Split a page into one notebook per tab.  Pure functions, no Sphinx application."""

from __future__ import annotations

import bisect
import difflib
import functools
import itertools
import json
import math
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import nbformat
from docutils.parsers.rst.directives.misc import Include
from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from myst_nb.core import read as myst_nb
from myst_nb.core.config import NbParserConfig
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.directives import parse_directive_text
from nbformat import NotebookNode

from ..errors import CellError
from ..settings import nearest

#: Cell options: ours, myst-nb's, and those that Jupyter writes by itself.
OPTIONS = {"tab", "timeout", "tags", "mystnb", "load", "name", "id", "jupyter",
           "slideshow", "editable", "deletable", "collapsed", "scrolled", "format"}

#: Of these a misspelt one is refused in a notebook of Jupyter too, in whose cells tools write
#: what they like.
_OWN = ("tab", "timeout", "tags")

#: What `tabcells` of a page's front matter may say.
FRONT_MATTER = ("timeout", "files")
#: What myst-nb knows as `execution_mode`.
MODES = ("off", "auto", "force", "cache", "inline")
#: What a page may turn on or off of myst-nb's.
SWITCHES = ("execution_allow_errors", "execution_in_temp")

#: ``:::`` fences are directives here, whether or not the project turned them on.
_CONFIG = MdParserConfig(enable_extensions={"colon_fence", "dollarmath"})

#: The option, in either of the two ways in which a cell may have options.
_HAS_TAB = re.compile(r"^:?tab:", re.M)

#: Fences whose content is no Markdown.
_AS_IT_IS = tuple(f"{{{name}}}" for name in (
    "code-cell", "raw-cell", "code", "code-block", "sourcecode", "parsed-literal", "raw", "math"))

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
        return self.front_matter("tabcells").get(
            "timeout", self.front_matter("mystnb").get("execution_timeout"))

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
    used = _check_cells(page, tabs) if page else set()
    for where, block in _prose_blocks(page, text):
        if page and block.marks_tab:
            _check_mark(page, where, block, text)
        if block.is_cell and page and (used or _HAS_TAB.search(block.content)):
            _refuse(page, where, block)
        if block.info.startswith("{include}"):
            _check_included(block, Path(folder), path, where, bool(used))
    if not page or not used:
        return None
    _check_timeout(path, 1, None, page.timeout)
    page.execution_mode, page.files  # noqa: B018  # they raise
    for name in SWITCHES:
        page.says(name)
    _check_names(page)
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
        for block in _blocks(text) if "tab" in text.lower() else ():
            if block.marks_tab or (block.is_cell and _HAS_TAB.search(block.content)):
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
        options = itertools.takewhile(re.compile(" *:").match, rows[line:])
        if cell.cell_type == "code" and sum(":tab:" in row for row in options) > 1:
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
        if not any(_meant(option, _OWN) == "tab" for cell in notebook.cells
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


def _check_cells(page, tabs) -> set[str]:
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
        near = _meant(option, tuple(OPTIONS) if page.is_text else _OWN)
        # A page of myst-nb alone may carry what it likes.
        is_ours = near == "tab" and (page.is_text or tabbed or value in tabs)
        if is_ours or (is_code and tabbed and (near or page.is_text)):
            written = ":{}:" if is_code else '"{}"'
            hint = f"; did you mean {written.format(near)}?" if near else ""
            raise CellError(page.path, where, cell.metadata.get("tab"),
                            f"unknown cell option {written.format(option)}{hint}")


@functools.cache
def _meant(option: str, known: tuple[str, ...] = tuple(OPTIONS)) -> str:
    """The known option that this one is, or is near to; "" if none."""
    return next(iter(difflib.get_close_matches(str(option).lower(), known, 1)), "")


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


def _check_timeout(path, line, tab, value) -> None:
    if value is None:
        return
    try:
        if 0 < float(value) < math.inf:
            return
    except (TypeError, ValueError):
        pass
    raise CellError(path, line, tab, f"timeout {value!r} is not a positive number of seconds")


class _Block(NamedTuple):
    """A fence or a mark, ``+++``: its 1-based line, its first line's words and its content.

    ``kind`` is what markdown-it calls it.
    """

    line: int
    kind: str
    info: str
    content: str
    nested: bool

    @property
    def is_cell(self) -> bool:
        return self.info.startswith("{code-cell}")

    @property
    def marks_tab(self) -> bool:
        """It is a mark that names a tab, or means to."""
        try:
            marked = json.loads(self.content) if self.kind == "myst_block_break" else None
        except ValueError:
            return False
        return isinstance(marked, dict) and any(_meant(name) == "tab" for name in marked)


def _prose_blocks(page, text) -> Iterator[tuple[int | str, _Block]]:
    """Every fence that is no cell of the page, every mark that is none, and where they are."""
    if page and not page.is_text:
        for position, cell in enumerate(page.notebook.cells):
            if cell.cell_type == "markdown":
                for block in _blocks(cell.source):
                    yield page.where(position), block
    elif "tab" in text.lower() or "{include}" in text:
        # A mark stands in the line above its prose.
        own = {line - (cell.cell_type == "markdown")
               for line, cell in zip(page.lines, page.notebook.cells, strict=True)} if page else ()
        for block in _blocks(text):
            if block.line not in own:
                yield block.line, block


def _refuse(page, where, cell) -> NoReturn:
    if not page.is_text:
        raise CellError(page.path, where, None, "a {code-cell} in a notebook's Markdown never "
                        "runs; make it a cell of its own")
    if cell.kind == "colon_fence" and not cell.nested:
        raise CellError(page.path, where, None, "a {code-cell} between ::: never runs; give it a "
                        "fence of backticks, ```")
    raise CellError(page.path, where, None, "a {code-cell} inside another directive, list "
                    "or quote never runs; move it to the top level and give it a :tab:")


def _check_mark(page, where, mark, text) -> None:
    """Refuse a mark, outside the page's prose, whose writer means that it gives somebody a tab."""
    if not page.is_text:
        raise CellError(page.path, where, None, "a mark `+++` in a notebook's Markdown gives no "
                        "tab; write `tab` into the metadata of the cell")
    if mark.nested:
        raise CellError(page.path, where, None, "a mark `+++` inside another directive, list or "
                        "quote gives no tab; move it to the top level")
    following = bisect.bisect(page.lines, mark.line)
    if following == len(page.lines) or "tab" in page.notebook.cells[following].metadata:
        return
    between = text.split("\n")[mark.line:page.lines[following] - 1]
    if not "".join(between).strip():
        raise CellError(page.path, where, None, "a mark `+++` gives a tab to prose alone, and here "
                        "a cell without :tab: follows")


def _blocks(text: str, first: int = 1, nested: bool = False) -> Iterator[_Block]:
    """Every fence and every mark, those within directives included."""
    parser = MarkdownIt("commonmark").disable("inline").enable("table")
    parser.use(front_matter_plugin).use(colon_fence_plugin).use(myst_block_plugin)
    for token in parser.parse(text):
        if token.type in ("fence", "colon_fence", "myst_block_break") and token.map:
            block = _Block(first + token.map[0], token.type, token.info.strip(), token.content,
                           nested or token.level > 0)
            yield block
            if block.info.startswith("{") and not block.info.startswith(_AS_IT_IS):
                yield from _blocks(block.content, block.line + 1, nested=True)


def _check_included(fence, folder, path, where, tabbed, seen=()) -> None:
    """Refuse the cells and marks of a file that the page includes: it is read when cells have run.

    :param tabbed: the page has tabs, and any cell is refused; else one with a tab
    """
    name = fence.info.removeprefix("{include}").strip()
    if not name:
        return  # Sphinx says it better
    options = parse_directive_text(Include, name, fence.content, validate_options=False).options
    # As Sphinx does: from the sources' folder, or from that of the page, in a file included too.
    file = folder / (name[1:] if name.startswith("/") else Path(path).parent / name)
    if file in seen or {"literal", "code"} & set(options):
        return
    try:
        included = file.read_text("utf-8")
        first, included = _excerpt(included, options)
    except (OSError, ValueError, TypeError):
        return  # Sphinx says it better
    for inner in _blocks(included, first):
        if inner.is_cell and (tabbed or _HAS_TAB.search(inner.content)):
            raise CellError(path, where, None, f"an included file can't hold cells, and {name} "
                            f"has one in line {inner.line}; move it into the page")
        if inner.marks_tab:
            raise CellError(path, where, None, "an included file can't hold prose of one tab, and "
                            f"{name} marks some in line {inner.line}; move it into the page")
        if inner.info.startswith("{include}"):
            _check_included(inner, folder, path, where, tabbed, (*seen, file))


def _excerpt(text, options) -> tuple[int, str]:
    """The part of a file that ``{include}`` takes, and its first line."""
    start, end = options.get("start-line"), options.get("end-line")
    lines = text.splitlines()
    first, text = len(lines[:start]) if start else 0, "\n".join(lines[start:end])
    if after := options.get("start-after"):
        before, after, text = text.partition(str(after))
        first += (before + after).count("\n")
    if before := options.get("end-before"):
        text = text.partition(str(before))[0]
    return first + 1, text
