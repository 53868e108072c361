"""From a page to what a reader takes along: a notebook and a script, for one tab."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Template

import jupytext
from nbformat import NotebookNode, v4

from tabcells.run.imports import parse, plain

from ..frameworks import Framework
from .setup_cell import setup_cells

REFERENCES = {"en": "References", "vi": "Tài liệu tham khảo"}

DISPLAY = Template('''\
# $comment
try:
    get_ipython()
except NameError:
    sys.stdout.reconfigure(encoding='utf-8')

    def display(*things):
        for thing in things:
            if hasattr(thing, '_repr_mimebundle_'):
                thing = thing._repr_mimebundle_()['text/plain'] + '\\n'
            if thing is not None:
                print(thing)
''')
DISPLAY_COMMENT = {"en": "Outside a notebook, display prints.",
                   "vi": "Ngoài notebook, display in kết quả ra màn hình."}


def notebook(root: Path, framework: Framework, cells: list, page_blocks, language: str,
             licences: str = "") -> NotebookNode:
    """A notebook: the setup cells, then the page's prose and ``cells``.

    :param cells: the code cells of the page's source that the tab runs, in order
    :param page_blocks: what ``prose.blocks`` yields for the tab
    :param licences: the last cell, which says under which licences the file stands
    :raises ValueError: the page shows a cell that is not among ``cells``
    """
    setup = [v4.new_code_cell(code) for code in setup_cells(
        root, framework, [cell.source for cell in cells], language)]
    for cell in setup[1:]:
        cell.metadata["jupyter"] = {"source_hidden": True}
    all_cells = [*setup, *_body(cells, page_blocks, language)]
    if licences:
        all_cells.append(v4.new_markdown_cell(licences))
    for number, cell in enumerate(all_cells):
        cell.id = f"cell-{number}"
    return v4.new_notebook(cells=all_cells, metadata={
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
        "accelerator": "GPU",  # Colab's word for the runtime to start with
        "kaggle": {"accelerator": "nvidiaTeslaT4", "isGpuEnabled": True,
                   "isInternetEnabled": True, "language": "python",
                   "sourceType": "notebook", "dataSources": []}})


def _body(cells, page_blocks, language) -> Iterator[NotebookNode]:
    """Prose as it stands on the page; code from the source, none lost, none twice."""
    left = list(cells)
    for kind, text in page_blocks:
        if kind == "references":
            yield v4.new_markdown_cell(f"## {REFERENCES[language]}\n\n{text}")
        elif kind == "markdown":
            yield v4.new_markdown_cell(text)
        else:
            if not any(_same(cell.source, text) for cell in left):
                raise ValueError(f"a cell of the page is not in its source:\n{text}")
            while not _same(left[0].source, text):  # not shown: tagged remove-cell
                yield _code(left.pop(0))
            yield _code(left.pop(0))
    yield from map(_code, left)


def _same(source, text) -> bool:
    return re.sub(r"\s+", "", source) == re.sub(r"\s+", "", text)


def _code(cell) -> NotebookNode:
    tags = list(cell.metadata.get("tags", ()))
    metadata: dict = {"tags": tags} if tags else {}
    if {"hide-input", "hide-cell", "remove-input", "remove-cell"} & set(tags):
        metadata["jupyter"] = {"source_hidden": True}
    return v4.new_code_cell(cell.source, metadata=metadata)


def script(source_notebook, language: str) -> str:
    """The same as a script in jupytext's percent format: ``python FILE`` shows each result."""
    cells = []
    for number, cell in enumerate(source_notebook.cells):
        if cell.cell_type == "markdown":
            cells.append(v4.new_markdown_cell(cell.source))
            continue
        code = with_display(cell.source)
        if not number:
            code += "\n\n" + DISPLAY.substitute(comment=DISPLAY_COMMENT[language]).rstrip("\n")
        cells.append(v4.new_code_cell(code))
    plain = v4.new_notebook(cells=cells, metadata={
        "jupytext": {"notebook_metadata_filter": "-all"}})
    return jupytext.writes(plain, "py:percent")


def with_display(code: str) -> str:
    """``code`` whose last expression is displayed, as a notebook would display it."""
    try:
        body = parse(code).body
    except SyntaxError:  # a notebook would say so
        return code
    last = body[-1] if body else None
    if not isinstance(last, ast.Expr) or not last.end_lineno or (
            _called(last.value) in ("display", "print")) or not _is_plain(code, last):
        return code
    whole = code.encode()  # columns count bytes
    starts = [0, *(match.end() for match in re.finditer(b"\n", whole))]
    start = starts[last.lineno - 1] + last.col_offset
    end = starts[last.end_lineno - 1] + (last.end_col_offset or 0)
    if whole[end:].lstrip().startswith(b";"):  # a notebook shows nothing of it either
        return code
    return (whole[:start] + b"display(" + whole[start:end] + b")" + whole[end:]).decode()


def _is_plain(code, node) -> bool:
    """Whether a node of the tree, which has no magics, stands in ``code`` just where it says."""
    lines = slice(node.lineno - 1, node.end_lineno)
    return code.split("\n")[lines] == plain(code).split("\n")[lines]


def _called(node) -> str | None:
    return getattr(node.func, "id", None) if isinstance(node, ast.Call) else None
