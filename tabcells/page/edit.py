"""One tab of a page as a notebook to edit and run, and its edited code back.  Pure functions.

A cell of that notebook has the id ``cell-POSITION-DIGEST``: its place on the page, and a digest of
what it held when the notebook was written.  So an edit of the notebook is told from one that was
made on the page since, and neither is lost.
"""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import ClassVar

import nbformat
from docutils.parsers.rst import Directive
from markdown_it.renderer import RendererHTML
from myst_parser.parsers.directives import parse_directive_text
from myst_parser.parsers.mdit import create_md_parser

from ..errors import CellError
from .split import _CONFIG, Page

#: What ``_id`` makes.
_ID = re.compile(r"cell-\d+-[0-9a-f]{12}")


def write_tab(page: Page, tab: str, kernel: str) -> nbformat.NotebookNode:
    """The notebook of ``tab``: its cells and the shared ones, the prose of the page and its own.

    :param kernel: the name of its kernelspec
    :raises CellError: the page has no cell of this tab
    """
    if not page.cells_of.get(tab):
        raise CellError(page.path, 1, tab, "the page has no cell of this tab")
    cells = []
    for position, cell in enumerate(page.notebook.cells):
        if cell.metadata.get("tab", tab) != tab:
            continue
        new = nbformat.from_dict({**cell, "metadata": {}, "id": _id(position, cell)})
        if cell.metadata.get("tags"):
            new.metadata["tags"] = cell.metadata["tags"]
        cells.append(new)
    return nbformat.v4.new_notebook(cells=cells, metadata={
        "kernelspec": {"name": kernel, "display_name": kernel},
        "tabcells": {"tab": tab, "cells": [cell.id for cell in cells]}})


def restore_ids(edited: nbformat.NotebookNode) -> None:
    """Give the cells their ids again where a tool that knows none (nbformat 4.4) has saved them.

    Where cells have been added or removed they stay without: which, nobody can tell.
    """
    ids, cells = _ids(edited), edited.get("cells", [])
    if edited.nbformat != 4 or any("id" in cell for cell in cells):
        return
    edited.nbformat_minor = 4
    if ids and len(ids) == len(cells):
        edited.nbformat_minor = 5
        for cell, own in zip(cells, ids, strict=True):
            cell.id = own


def take_back(text: str, read: Callable[[str], Page | None], tab: str,
              edited: nbformat.NotebookNode) -> tuple[str, nbformat.NotebookNode]:
    """The page with the edited code of ``tab``, and the notebook with the ids that go with it.

    Nothing of the page changes but what stands between the fences of edited cells.

    :param text: the page's source
    :param read: reads such a text (``split`` of this page)
    :raises CellError: cells were added, removed or moved, or prose was edited; a cell was edited
        on the page too; the new code can't stand between its fences
    """
    page = read(text)
    assert page is not None, "the caller has read it"
    _check_cells(page, tab, edited)
    codes, renewed = {}, copy.deepcopy(edited)
    for cell in renewed.cells:
        position = int(cell.id.split("-")[1])
        if _id(position, cell) != cell.id:
            _check_edit(page, tab, position, cell)
            codes[position] = _code(cell)
            cell.id = _id(position, cell)
    renewed.metadata["tabcells"]["cells"] = [cell.id for cell in renewed.cells]
    new = _replace(text, page, codes)
    _check_page(page, read, new, codes, tab)
    return new, renewed


def _code(cell) -> str:
    return cell.source.strip("\n")  # MyST drops blank lines at either end


def _id(position: int, cell) -> str:
    digest = hashlib.sha256(f"{cell.cell_type}\n{_code(cell)}".encode()).hexdigest()
    return f"cell-{position}-{digest[:12]}"


def _ids(edited, tab=None) -> list[str]:
    """The ids that the notebook was written with; [] where it was written by nobody, or damaged.

    :param tab: [] too where it is another's
    """
    written = edited.metadata.get("tabcells")
    if not isinstance(written, Mapping) or tab not in (None, written.get("tab")):
        return []
    ids = written.get("cells")
    if not isinstance(ids, list) or not all(_ID.fullmatch(str(own)) for own in ids):
        return []
    return ids


def _check_cells(page, tab, edited) -> None:
    """The notebook has the cells that it was written with, in their order."""
    ids = _ids(edited, tab)
    if not ids:
        raise CellError(page.path, 1, tab, "the notebook was not written from this tab; write it "
                        "by `python -m tabcells notebook`")
    if edited.cells and not any("id" in cell for cell in edited.cells):
        raise CellError(page.path, 1, tab, "the notebook's cells have lost their ids, and some "
                        "were added or removed: do that on the page, then write the notebook again")
    present = [cell.get("id") for cell in edited.cells]
    if ids == present:
        return
    if new := [cell for cell in edited.cells if cell.get("id") not in ids]:
        difference = f"has a new one, which begins with {new[0].source[:40]!r}"
    elif missing := [name for name in ids if name not in present]:
        position = int(missing[0].split("-")[1])
        line = page.lines[position] if position < len(page.lines) else "the end"
        difference = f"lacks the one of line {line}"
    else:
        difference = "has them in another order"
    raise CellError(page.path, 1, tab, "cells are added, removed and moved on the page alone, and "
                    f"the notebook {difference}: do it on the page, then write the notebook again")


def _check_edit(page, tab, position, cell) -> None:
    """An edited cell is code, and on the page it is still what it was, or edited the same way."""
    there = page.notebook.cells[position] if position < len(page.notebook.cells) else None
    if there and there.metadata.get("tab", tab) != tab:
        there = None
    line = page.lines[position] if there else 1
    if cell.cell_type != "code" or (there and there.cell_type != "code"):
        raise CellError(page.path, line, tab, "prose is edited on the page alone, and the notebook "
                        "has another text here: write it on the page")
    if not there or _id(position, there) not in (cell.id, _id(position, cell)):
        raise CellError(page.path, line, tab, "the page has changed here since the notebook was "
                        f"written, and so has the notebook's cell, now {_code(cell)[:40]!r}: bring "
                        "it over by hand, then write the notebook again")
    if "load" in there.metadata:
        raise CellError(page.path, line, tab, "the code of this cell is in the file that :load: "
                        "names: edit it there")


class _Cell(Directive):
    """What MyST asks of a directive: any options, perhaps an argument."""

    optional_arguments = 1
    final_argument_whitespace = has_content = True
    option_spec: ClassVar = {"any": str}


def _replace(text: str, page: Page, codes: dict[int, str]) -> str:
    """``text`` with these codes between the fences of the cells at these positions."""
    parser = create_md_parser(dataclasses.replace(_CONFIG, disable_syntax=["inline"]),
                              RendererHTML)
    fences = {token.map[0]: (token.content, token.map[1]) for token in parser.parse(
        text.removeprefix("\ufeff").replace("\r\n", "\n")) if token.type == "fence" and token.map}
    lines = text.split("\n")
    for position, code in sorted(codes.items(), reverse=True):
        start = page.lines[position] - 1
        opening, (content, after) = lines[start], fences[start]
        indent = opening[:len(opening) - len(opening.lstrip(" "))]
        end = "\r" * opening.endswith("\r")
        body = start + 1 + parse_directive_text(
            _Cell, "", content, validate_options=False).body_offset
        lines[body:after - 1] = [
            (indent + line if line else "") + end for line in code.split("\n") if code]
    return "\n".join(lines)


def _check_page(page, read, text, codes, tab) -> None:
    """Read the new text: each cell must be what it was, or what it was to become."""
    try:
        new = read(text)
        cells = new.notebook.cells if new else []
    except CellError:
        cells = []
    wanted = [(cell.metadata, codes.get(i, _code(cell)))
              for i, cell in enumerate(page.notebook.cells)]
    if [(cell.metadata, _code(cell)) for cell in cells] == wanted:
        return
    spoilt = next((i for i in sorted(codes) if i >= len(cells) or
                   (cells[i].metadata, _code(cells[i])) != wanted[i]), min(codes))
    raise CellError(page.path, page.lines[spoilt], tab, "the new code can't stand between these "
                    "fences: a line of it would end the cell, or its first reads like an option; "
                    "use longer fences on the page, or put a comment first")
