"""Cells that would never run, and marks that would give no tab: nested or included ones."""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from docutils.parsers.rst.directives.misc import Include
from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from myst_parser.parsers.directives import parse_directive_text

from ..errors import CellError
from .options import means_tab

if TYPE_CHECKING:
    from .split import Page

#: The option, in either of the two ways in which a cell may have options.
_HAS_TAB = re.compile(r"^:?tab:", re.M)

#: Directives whose content is no Markdown.
_AS_IT_IS = frozenset((
    "code-cell", "raw-cell", "code", "code-block", "sourcecode", "parsed-literal", "raw", "math",
    "eval-rst", "csv-table", "doctest", "testcode", "testoutput", "prompt", "mermaid", "graphviz"))


def check(page: Page | None, text: str, path: str, folder: str, has_tabs: bool) -> None:
    """Refuse what looks like a tab's and would be none's.

    :param page: None where the text is no notebook
    :param folder: what ``path`` starts from
    :param has_tabs: whether the page has any: then every cell elsewhere would be lost
    :raises CellError: the first such cell or mark, in what the page includes too
    """
    for where, block in _prose_blocks(page, text):
        if page and block.marks_tab:
            _check_mark(page, where, block, text)
        if page and (block.is_cell_of_tab or (has_tabs and block.is_cell)):
            _refuse(page, where, block)
        if block.directive == "include":
            _check_included(block, Path(folder), path, where, has_tabs)


class Block(NamedTuple):
    """A fence or a mark, ``+++``: its 1-based line, its first line's words and its content.

    ``kind`` is what markdown-it calls it.
    """

    line: int
    kind: str
    info: str
    content: str
    nested: bool

    @property
    def directive(self) -> str:
        """Its name, whose case is nothing to docutils; "" where it is none."""
        name = re.match(r"\{([^}]+)\}", self.info)
        return name[1].lower() if name else ""

    @property
    def is_cell(self) -> bool:
        return self.info.startswith("{code-cell}")

    @property
    def is_cell_of_tab(self) -> bool:
        return self.is_cell and bool(_HAS_TAB.search(self.content))

    @property
    def marks_tab(self) -> bool:
        """It is a mark that names a tab, or means to."""
        try:
            marked = json.loads(self.content) if self.kind == "myst_block_break" else None
        except ValueError:
            return False
        return isinstance(marked, dict) and any(map(means_tab, marked))


def blocks(text: str, first: int = 1, nested: bool = False) -> Iterator[Block]:
    """Every fence and every mark, those within directives included."""
    parser = MarkdownIt("commonmark").disable("inline").enable("table")
    parser.use(front_matter_plugin).use(colon_fence_plugin).use(myst_block_plugin)
    for token in parser.parse(text):
        if token.type in ("fence", "colon_fence", "myst_block_break") and token.map:
            block = Block(first + token.map[0], token.type, token.info.strip(), token.content,
                          nested or token.level > 0)
            yield block
            if block.directive and block.directive not in _AS_IT_IS:
                yield from blocks(block.content, block.line + 1, nested=True)


def _prose_blocks(page, text) -> Iterator[tuple[int | str, Block]]:
    """Every fence that is no cell of the page, every mark that is none, and where they are."""
    if page and not page.is_text:
        for position, cell in enumerate(page.notebook.cells):
            if cell.cell_type == "markdown":
                for block in blocks(cell.source):
                    yield page.where(position), block
    elif any(word in text.lower() for word in ("tab", "{include}")):
        # A mark stands in the line above its prose.
        own = {line - (cell.cell_type == "markdown")
               for line, cell in zip(page.lines, page.notebook.cells, strict=True)} if page else ()
        for block in blocks(text):
            if block.line not in own:
                yield block.line, block


def _refuse(page, where, cell) -> NoReturn:
    if not page.is_text:
        raise CellError(page.path, where, None, "a {code-cell} in a notebook's Markdown never "
                        "runs; make it a cell of its own")
    if cell.kind == "colon_fence" and not cell.nested:
        raise CellError(page.path, where, None, "a {code-cell} between ::: never runs; give it a "
                        "fence of backticks, ```")
    if not cell.nested:
        raise CellError(page.path, where, None, "this {code-cell} never runs; it has to follow its "
                        "backticks at once: ```{code-cell}")
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


def _check_included(fence, folder, path, where, tabbed, seen=()) -> None:
    """Refuse the cells and marks of a file that the page includes: it is read when cells have run.

    :param tabbed: the page has tabs, and any cell is refused; else one with a tab
    """
    name = fence.info[len("{include}"):].strip()
    if not name:
        return  # Sphinx says it better
    options = parse_directive_text(Include, name, fence.content, validate_options=False).options
    # As Sphinx does: from the sources' folder, or from that of the page, in a file included too.
    file = folder / (name[1:] if name.startswith("/") else Path(path).parent / name)
    if file in seen or {"literal", "code", "parser"} & set(options):
        return
    try:
        included = file.read_text("utf-8")
        first, included = _excerpt(included, options)
    except (OSError, ValueError, TypeError):
        return  # Sphinx says it better
    for inner in blocks(included, first):
        if inner.is_cell_of_tab or (tabbed and inner.is_cell):
            raise CellError(path, where, None, f"an included file can't hold cells, and {name} "
                            f"has one in line {inner.line}; move it into the page")
        if inner.marks_tab:
            raise CellError(path, where, None, "an included file can't hold prose of one tab, and "
                            f"{name} marks some in line {inner.line}; move it into the page")
        if inner.directive == "include":
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
