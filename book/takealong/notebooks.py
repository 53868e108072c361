"""From a page to what a reader takes along: a notebook and a script, for one tab."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from string import Template
from symtable import symtable

import jupytext
from nbformat import NotebookNode, v4

from tabcells.run.imports import parse, plain

from ..frameworks import Framework
from .needs import imports
from .setup_cell import setup_cells

REFERENCES = {"en": "References", "vi": "Tài liệu tham khảo"}

#: What a script begins with: a wrong word in its command ends it before it installs anything.
ARGUMENTS = Template('''\
# $arguments
import argparse
import os
import sys

record_file = None
try:
    get_ipython()
except NameError:
    sys.stdout.reconfigure(encoding='utf-8')
    options = argparse.ArgumentParser()$option
    given = options.parse_args()
''')
#: The option of a script whose cells measure.
OPTION = Template('''
    options.add_argument('--record', metavar='FILE', help='$help')''')
RECORD_FILE = Template('''\
    record_file = given.record
    if record_file and os.path.lexists(record_file):
        options.error(f'$exists')
    if record_file and not os.path.isdir(os.path.dirname(os.path.abspath(record_file))):
        options.error(f'$folder')
''')
#: What follows its last cell.
RECORD = Template('''\
# $record
if record_file:
    from evidence.probe import hardware
    from evidence.record import keep

    machine = hardware()
    machine['gpus'] = machine['gpus'] or $gpus
    keep(record_file, displayed, began=began, page=$page, kernel=$kernel,
         module=$module, packages=$packages, machine=machine, script=__file__)''')
DISPLAY = Template('''\
# $comment
import time

began, displayed = time.time(), []
try:
    get_ipython()
except NameError:
    plots = os.path.splitext(os.path.abspath(__file__))[0] + '.plots'

    def display(*things):
        for thing in things:
            plot = None
            if hasattr(thing, '_repr_mimebundle_'):
                displayed.append(thing)
                bundle = thing._repr_mimebundle_()
                thing = bundle['text/plain'] + '\\n'
                plot = '<svg' in bundle.get('text/html', '') and bundle['text/html']
            if thing is not None:
                print(thing)
            if plot and 'evidence' in sys.modules:
                from evidence.page import save_plot
                file = os.path.join(plots, f'{len(displayed)}.svg')
                print('$plot', save_plot(plot, file) + '\\n')
''')
#: Beside it where cells have magics, which `plain` makes calls of `get_ipython()`.
MAGICS = Template('''

    class Magics:
        def __getattr__(self, kind):
            def run(name, *words):
                if name in ('time', 'capture'):
                    exec(words[-1], globals())
                else:
                    print('$magics', name, *words)
            return run

    get_ipython = Magics
''')
WORDS = {"en": {"comment": "Outside a notebook, display prints, and saves plots.",
                "plot": "Plot:",
                "arguments": "The options of this script: python FILE --help",
                "help": "write what the cells measure into this new file, to be sent to the book",
                "exists": "{record_file} is there already; name a new file",
                "folder": "the folder of {record_file} does not exist",
                "record": "With --record FILE: what was measured, on which machine.",
                "magics": "In a notebook alone:",
                "notebook": "Python can't run this cell in a script; the notebook has it too."},
         "vi": {"comment": "Ngoài notebook, display in kết quả ra màn hình và lưu biểu đồ.",
                "plot": "Biểu đồ:",
                "arguments": "Các tùy chọn của script này: python TỆP --help",
                "help": "ghi những gì các ô mã đo được vào tệp mới này, để gửi cho sách",
                "exists": "{record_file} đã có sẵn; hãy đặt tên một tệp mới",
                "folder": "thư mục của {record_file} không tồn tại",
                "record": "Với --record TỆP: đã đo được gì, trên máy nào.",
                "magics": "Chỉ chạy trong notebook:",
                "notebook": "Python không chạy được ô này trong script; notebook cũng có ô này."}}


def notebook(root: Path, framework: Framework, cells: list, page_blocks, language: str,
             licences: str = "", replaced: Mapping[str, str] | None = None) -> NotebookNode:
    """A notebook: the setup cells, then the page's prose and ``cells``.

    :param cells: the code cells of the page's source that the tab runs, in order
    :param page_blocks: what ``prose.blocks`` yields for the tab
    :param licences: the last cell, which says under which licences the file stands
    :param replaced: of distributions, versions that hold in the place of requirements.txt's
    :raises ValueError: the page shows a cell that is not among ``cells``
    """
    setup = [v4.new_code_cell(code) for code in setup_cells(
        root, framework, [cell.source for cell in cells], language, replaced)]
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


def script(source_notebook, language: str, framework: Framework, docname: str) -> str:
    """The same as a script in jupytext's percent format: ``python FILE`` shows each result, and
    ``--record`` keeps what its cells measure."""
    words, cells = WORDS[language], []
    code_of = {cell.id: runnable(cell.source, words["notebook"])
               for cell in source_notebook.cells if cell.cell_type == "code"}
    measures = "evidence" in imports(code_of.values())
    future = ""
    for name, code in code_of.items():
        code_of[name], lines = without_future(code)
        future += lines
    display = DISPLAY.substitute(words).rstrip("\n")
    if any("get_ipython()" in code for code in code_of.values()):
        display += MAGICS.substitute(words).rstrip("\n")
    for number, cell in enumerate(source_notebook.cells):
        if cell.cell_type == "markdown":
            cells.append(v4.new_markdown_cell(cell.source))
            continue
        code = code_of[cell.id]
        cells.append(v4.new_code_cell(
            code if number else
            f"{future}{arguments(language, measures)}\n{code}\n\n{display}"))
    if measures:
        last = max(i for i, cell in enumerate(cells) if cell.cell_type == "code")
        cells.insert(last + 1, v4.new_code_cell(RECORD.substitute(
            words, gpus=framework.gpus, page=repr(docname), kernel=repr(framework.kernel),
            module=repr(framework.module), packages=list(framework.versions))))
    return jupytext.writes(v4.new_notebook(cells=cells, metadata={"jupytext": {
        "notebook_metadata_filter": "-all", "comment_magics": False}}), "py:percent")


def arguments(language: str, measures: bool) -> str:
    """The first lines of a script.

    :param measures: whether its cells measure, so that there is something to record
    """
    words = WORDS[language]
    code = ARGUMENTS.substitute(words, option=OPTION.substitute(words) if measures else "")
    return code + RECORD_FILE.substitute(words) if measures else code


def without_future(code: str) -> tuple[str, str]:
    """``code`` without what it imports from ``__future__``, and that, which begins a script."""
    future = ""
    for node in ast.parse(code).body if "__future__" in code else ():
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            line = ast.get_source_segment(code, node) or ""
            future += f"{line}\n"
            code = code.replace(line, "pass", 1)
    return code, future


def runnable(code: str, excuse: str) -> str:
    """A cell as Python alone runs it, with its last expression displayed.

    Magics become calls of ``get_ipython()``, an ``await`` at top level stands in a function;
    what Python can't compile even so is a comment after ``excuse``.
    """
    try:
        whole = with_display(code)
        if "get_ipython()" in plain(whole):
            whole = plain(whole).rstrip("\n")
        for attempt in (lambda: whole, lambda: _awaited(whole)):
            with suppress(SyntaxError):
                compile(attempt(), "cell", "exec")
                return attempt()
    except (SyntaxError, ValueError):  # a null byte is a ValueError
        pass
    return "".join(f"# {line}".rstrip() + "\n" for line in (excuse, *code.splitlines()))


def _awaited(code: str) -> str:
    """A cell with ``await`` at top level as a function that is run; its names stay global."""
    inside_texts = {line for node in ast.walk(ast.parse(code))
                    if isinstance(node, (ast.Constant, ast.JoinedStr))
                    for line in range(node.lineno + 1, (node.end_lineno or 0) + 1)}
    body = "\n".join(line if number in inside_texts or not line else f"    {line}"
                     for number, line in enumerate(code.split("\n"), 1))
    function = f"async def run_cell():\n{body}\n"
    symbols = symtable(function, "cell", "exec").get_children()[0].get_symbols()
    if names := [symbol.get_name() for symbol in symbols if symbol.is_local()]:
        function = function.replace("\n", f"\n    global {', '.join(names)}\n", 1)
    return f"import asyncio\n\n{function}\nasyncio.run(run_cell())"


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
