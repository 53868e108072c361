"""Pages in the dialect of Markdown in which *Dive into Deep Learning* is written, read as pages
of ``tabcells``.  Pure functions: text in, the same ``Page`` out that a MyST page gives.

``scan`` cuts a page into cells and prose, ``code`` decides what of a cell each tab runs, ``prose``
turns the rest into MyST, and this module puts them together.  ``project`` reads `config.ini`,
``references`` looks after labels over all pages.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import nbformat

from ..errors import CellError
from ..page.split import Page
from . import code, prose, scan

#: A cell with this mark is of every tab that its page names.
ALL = "all"


@dataclass(frozen=True)
class Dialect:
    """What the author's project says of its pages.

    ``default`` is the tab of a cell without a mark; the tabs of ``without`` are left out.
    """

    default: str
    without: frozenset[str] = frozenset()


@dataclass
class _Cell:
    """A code cell: the line of its fence, its tabs (() without a mark), its code."""

    line: int
    tabs: tuple[str, ...]
    source: str


def read(text: str, path: str, tabs: Collection[str], dialect: Dialect) -> Page:
    """Read a page.  Its lines are those of the author's file.

    :param path: what errors call the file
    :param tabs: the names of the configured tabs, in order
    :raises CellError: a tab that is neither configured nor left out, a fence or a comment that is
        never closed, a selection of tabs that can't be decided
    """
    warnings: scan.Warnings = []
    reader = prose.Prose(warnings)
    parts: list[_Cell | prose.Block] = []
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    for segment in scan.segments(text, path, warnings):
        if segment.is_cell:
            names, source = code.read_cell(segment.lines, warnings)
            parts.append(_Cell(segment.line, names, source))
        else:
            before = len(reader.blocks)
            reader.add(segment)
            parts += reader.blocks[before:]
    named = _named(parts, path, tabs, dialect)
    page = Page(path, nbformat.v4.new_notebook(), [], {tab: [] for tab in tabs if tab in named})
    page.is_untabbed = len(page.cells_of) == 1
    definitions = _drop_doubled(reader.blocks, warnings)
    _fill(page, parts, dialect)
    page.cells_of = {tab: cells for tab, cells in page.cells_of.items() if cells}
    page.labels = tuple((line.text, line.number) for line in definitions)
    page.references = tuple((each.label, each.line) for each in reader.references)
    page.warnings = tuple(sorted(warnings))
    return page


def _named(parts, path, tabs, dialect) -> set[str]:
    """The tabs that a page names and that are not left out; its default where it names none.

    :raises CellError: one is not configured
    """
    lines: dict[str, int] = {}
    for part in parts:
        line = part.line if isinstance(part, _Cell) else part.lines[0].number
        names = part.tabs or (dialect.default,) if isinstance(part, _Cell) else part.tabs or ()
        for name in names:
            lines.setdefault(name, line)
    if set(lines) == {ALL} and any(isinstance(part, _Cell) for part in parts):
        lines = {dialect.default: lines[ALL]}
    for name, line in lines.items():
        if name not in tabs and name not in dialect.without and name != ALL:
            raise CellError(path, line, name, f"tab {name!r} is not configured (tabcells_tabs has "
                            f"{', '.join(map(repr, tabs))}); `without` in tabcells_d2l leaves a "
                            "tab out")
    return {name for name in lines if name in tabs and name not in dialect.without}


def _drop_doubled(blocks: Iterable[prose.Block], warnings) -> list[scan.Line]:
    """The page's labels; one that it has defined already is taken off, with a warning."""
    definitions: dict[str, scan.Line] = {}
    for block in blocks:
        for label in [*block.labels, *block.inner_labels]:
            if first := definitions.get(label.text.lower()):
                warnings.append((label.number, f"the label {label.text!r} is defined already, in "
                                 f"line {first.number}"))
                block.labels = [each for each in block.labels if each is not label]
            else:
                definitions[label.text.lower()] = label
    return list(definitions.values())


def _fill(page: Page, parts, dialect) -> None:
    """Put the cells into the page's notebook, and their lines beside it."""
    blocks: list[prose.Block] = []
    for part in parts:
        if isinstance(part, prose.Block):
            if blocks and blocks[-1].tabs != part.tabs:
                _put_prose(page, blocks)
                blocks = []
            blocks.append(part)
        else:
            _put_prose(page, blocks)
            blocks = []
            _put_code(page, part, dialect)
    _put_prose(page, blocks)


def _put(page: Page, kind: str, source: str, line: int, tab: str | None) -> None:
    # Not by `nbformat.v4.new_…`: those validate, which takes longer than all the rest.
    page.notebook.cells.append(nbformat.from_dict({
        "cell_type": kind, "source": source, "id": f"cell-{len(page.lines)}",
        "metadata": {} if tab is None else {"tab": tab},
        **({"outputs": [], "execution_count": None} if kind == "code" else {})}))
    page.lines.append(line)


def _put_prose(page: Page, blocks: list[prose.Block]) -> None:
    if not blocks:
        return
    names = set(blocks[0].tabs or (ALL,))
    own = [tab for tab in page.cells_of if tab in names]
    is_shared = ALL in names or len(own) == len(page.cells_of) > 0
    for number, tab in enumerate([None] if is_shared else own):
        if number:  # a label can stand once
            for block in blocks:
                block.labels = []
        for line, source in _markdown(blocks):
            if tab is not None:  # a directive would take it for its options
                source = re.sub(r"^\s*(?=:)", r"\\", source)
                source = re.sub(r"^-{3,}", "***", source)
            _put(page, "markdown", source, line, tab)


def _markdown(blocks: list[prose.Block]) -> list[tuple[int, str]]:
    """The sources of Markdown cells, each with the line where it begins."""
    cells: list[tuple[int, list[str]]] = []
    is_open = False
    for block in blocks:
        if block.stands_alone:
            cells.append(block.written())
            is_open = False
            continue
        if is_open and _is_ahead(cells[-1], block):
            is_open = False
        for line in block.lines:
            is_blank = not line.text.strip()
            if not is_open and is_blank:
                continue
            if not is_open:
                cells.append((line.number, []))
                is_open = True
            start, texts = cells[-1]
            if texts and (is_blank or not texts[-1].strip()):
                # Lines that are gone leave empty ones, which may stand between paragraphs alone.
                texts += [""] * (line.number - start - len(texts))
            texts.append(line.text)
    return [(start, "\n".join(texts).rstrip()) for start, texts in cells]


def _is_ahead(cell: tuple[int, list[str]], block: prose.Block) -> bool:
    """Whether a cell has more lines than the author's file, and its list ends before a block."""
    (start, texts), first = cell, block.lines[0]
    return (start + len(texts) > first.number and not texts[-1].strip()
            and not first.text[:1].isspace() and bool(first.text)
            and not prose.ITEM.match(first.text))


def _put_code(page: Page, cell: _Cell, dialect) -> None:
    """One cell that all tabs share, or one for each that it belongs to."""
    names = cell.tabs or (dialect.default,)
    sources = {}
    for tab in page.cells_of:
        if tab in names or ALL in names:
            try:
                sources[tab] = code.resolve(cell.source, tab)
            except ValueError as error:
                raise CellError(page.path, cell.line, tab, "this selection of tabs can't be "
                                f"decided: {error}") from None
    if not any(sources.values()):
        return  # it but prepared the old builder's list of tabs
    is_shared = len(sources) == len(page.cells_of) and len(set(sources.values())) == 1
    for tab, source in sources.items():
        position = len(page.lines)
        for owner in sources if is_shared else [tab]:
            page.cells_of[owner].append(position)
        _put(page, "code", source, cell.line, None if is_shared else tab)
        if is_shared:
            break


def without_labels(page: Page, labels: Collection[str]) -> Page:
    """The same page without these labels, which another page has defined."""
    if not labels:
        return page
    page = replace(page, notebook=copy.deepcopy(page.notebook), lines=list(page.lines))
    definitions = {text for label in labels for text in (
        f"({label})=", f":name: {label}", f":label: {label}")}
    for cell in page.notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = "\n".join(line for line in cell.source.split("\n")
                                    if line.strip() not in definitions)
    return page


def write(page: Page) -> str:
    """The page as a MyST notebook's text."""
    has_tabs = any(page.cells_of.values()) or any(
        "tab" in cell.metadata for cell in page.notebook.cells)
    parts = ["---\nfile_format: mystnb\n---\n"] if has_tabs else []
    prose_of = None
    for cell in page.notebook.cells:
        tab = cell.metadata.get("tab")
        if cell.cell_type == "code":
            owner = tab or (next(iter(page.cells_of)) if page.is_untabbed else None)
            fence = "`" * max(3, 1 + max(map(len, re.findall("`+", cell.source)), default=0))
            option = f":tab: {owner}\n\n" if owner else "\n" * cell.source.startswith((":", "---"))
            parts.append(f"{fence}{{code-cell}} python\n{option}{cell.source}\n{fence}\n")
            prose_of = None
            continue
        if tab:
            parts.append(f'+++ {{"tab": "{tab}"}}\n{cell.source}\n')
        else:
            parts.append("+++\n\n" * bool(prose_of) + cell.source + "\n")
        prose_of = tab
    return "\n".join(parts)
