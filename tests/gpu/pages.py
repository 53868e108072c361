"""The cells of the book's pages and of their downloads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jupytext

from book import frameworks
from book.takealong.notebooks import notebook, script, with_display
from tabcells.page.split import split

from .cells import Cell

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = ROOT / "chapter_computational-performance"


@cache
def page_cells(page: str, tab: str, language: str = "") -> list[Cell]:
    """The cells that a tab of a page runs.

    :param page: the docname without its folder
    :param language: the suffix of the file: ``.en`` for English
    """
    file = CHAPTER / f"{page}{language}.md"
    text = file.read_text("utf-8")
    names = [framework.name for framework in frameworks.read(ROOT).values()]
    content = split(text, file.name, names)
    sources = [content.notebook.cells[i].source for i in content.cells_of[tab]]
    return [cell._replace(source=with_display(cell.source))
            for cell in _located(file.name, text, sources)]


def download_cells(page: str, tab: str) -> list[Cell]:
    """The cells of the script that readers take along: those of the setup, then the page's."""
    cells = [_NotebookCell(cell.source) for cell in page_cells(page, tab)]
    framework = frameworks.read(ROOT)[tab]
    whole = notebook(ROOT, framework, cells, [("code", cell.source) for cell in cells], "en")
    text = script(whole, "en", framework, page)
    sources = [cell.source for cell in jupytext.reads(text, "py:percent").cells
               if cell.cell_type == "code"]
    return list(_located(f"{page}.{tab}.py", text, sources))


@dataclass
class _NotebookCell:
    source: str
    metadata: dict[str, Any] = field(default_factory=dict)


def _located(file, text, sources) -> Iterator[Cell]:
    position = 0
    for source in sources:
        position = text.index(source, position)
        yield Cell(file, text.count("\n", 0, position) + 1, source)
        position += len(source)
