"""Put what each kernel printed back where its cell stands.  Pure functions."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from urllib.parse import quote

import nbformat
from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from .split import Page

#: The scrapbook key under which myst-nb's ``glue`` stores its outputs.
_GLUE = "scrapbook"


#: Under this key a notebook's metadata keep the states of its widgets.
WIDGETS = "application/vnd.jupyter.widget-state+json"

#: Under this key a code cell's metadata tell its Pygments lexer: a notebook has but one.
LEXER = "tabcells-lexer"


def merge(page: Page, outputs: dict[str, list], closing: dict[str, str] | None = None,
          lexers: dict[str, str] | None = None,
          widgets: Iterable[dict] = ()) -> nbformat.NotebookNode:
    """One notebook for the whole page, with outputs, ready for myst-nb to render.

    Cells of a tab set carry its number as ``tabset`` in their metadata.  A shared cell
    keeps its code and is followed by one tab set of what each kernel printed; where the page
    shows no list of tabs, by what its kernel printed.

    :param outputs: per tab, one list of outputs for each cell of ``page.cells_of[tab]``
    :param closing: per tab, Markdown that ends the page
    :param lexers: per tab, the Pygments lexer of its cells (default: "text"); shared cells are
        coloured by the first tab's
    :param widgets: of each kernel, the states of its widgets by their ids, which are unique
    """
    of = {(tab, position): outputs[tab][i]
          for tab, positions in page.cells_of.items() for i, position in enumerate(positions)}
    prose_of, own_links = _part_links(page)
    cells, lines, tabset, open_set = [], [], 0, False

    def lexer_of(tab) -> str:
        return (lexers or {}).get(tab or next(iter(page.cells_of), ""), "text")

    def add(cell, line, **metadata) -> None:
        cell.metadata.update(metadata)
        cell.id = f"cell-{len(cells)}"  # the same at every build, and used once
        cells.append(cell)
        lines.append(line)

    for position, (cell, line) in enumerate(zip(page.notebook.cells, page.lines, strict=True)):
        cell = copy.deepcopy(cell)
        tab = cell.metadata.get("tab")
        if cell.cell_type == "code":
            cell.metadata[LEXER] = lexer_of(tab)
        if page.is_untabbed:
            if cell.cell_type == "code":
                name = next(iter(page.cells_of))
                cell.outputs = _own_glue(of[name, position], name)
            add(cell, line - (cell.cell_type == "markdown"))
            continue
        if tab is None:
            open_set = False
            add(cell, line - (cell.cell_type == "markdown"))
            if cell.cell_type == "code":
                tabset += 1
                for name in page.cells_of:
                    if printed := of[name, position]:
                        each = copy.deepcopy(cell)
                        each.outputs = _own_glue(printed, name)
                        tags = [*each.metadata.get("tags", []), "remove-input"]
                        add(each, line, tags=tags, tab=name, tabset=tabset)
                        if any("data" in output for output in printed):
                            _take_figure_name(cell)  # it has its place, the first figure
            continue
        tabset += not open_set
        open_set = True
        if cell.cell_type == "code":
            cell.outputs = _own_glue(of[tab, position], tab)
            add(cell, line, tabset=tabset)
        else:
            prose, definitions = prose_of[position]
            add(_prose(prose, tab, tabset, own_links[tab]), line - 2)
            if definitions.strip():
                add(nbformat.v4.new_markdown_cell(definitions), line - 1)
    for tab, text in (closing or {}).items():
        if text and page.is_untabbed:
            add(nbformat.v4.new_markdown_cell(text), lines[-1])
        elif text:
            add(_prose(text, tab, tabset + (not open_set)), lines[-1])
    # myst-nb warns of a notebook without a language.
    metadata = {"language_info": {"name": lexer_of(None)}, **page.notebook.metadata,
                "source_map": lines}
    if states := {name: state for kernel in widgets for name, state in kernel.items()}:
        metadata["widgets"] = {WIDGETS: {"version_major": 2, "version_minor": 0, "state": states}}
    metadata["mystnb"] = {**metadata.get("mystnb", {}), "execution_mode": "off"}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def _prose(source, tab, tabset, links="") -> nbformat.NotebookNode:
    """A Markdown cell whose directive the tree keeps, so that a tab set can gather it.

    :param links: definitions of links that hold in it alone
    """
    fence = "`" * max(12, max((len(run) for run in source.split() if set(run) == {"`"}),
                              default=0) + 1)
    return nbformat.v4.new_markdown_cell(
        f"{fence}{{tabcells-prose}} {tabset} {tab} {quote(links, safe='')}\n{source}\n{fence}")


def _part_links(page) -> tuple[dict[int, tuple[str, str]], dict[str, str]]:
    """What of the tabs' definitions of links holds on the whole page, and what in a tab alone.

    A definition holds for its whole page, and MyST reads what is in a directive too late.  But
    a label that the page defines elsewhere, or an earlier tab, each tab may have for its own.

    :returns: by position, of each cell of a tab's prose this and its definitions for the
        page, both with the lines where they were; and of each tab its own definitions
    """
    cells = [(position, cell.source, cell.metadata.get("tab"))
             for position, cell in enumerate(page.notebook.cells) if cell.cell_type != "code"]
    known = {label for _, source, tab in cells if tab is None for label, _ in _links(source)}
    parted: dict[int, tuple[str, str]] = {}
    own: dict[str, dict[str, str]] = {tab: {} for _, _, tab in cells if tab is not None}
    seen = set()
    for position, source, tab in cells:
        if tab is None:
            continue
        prose = source.split("\n")
        for_page = [""] * len(prose)
        for label, (first, end) in _links(source):
            lines = prose[first:end]
            if not re.match(" {0,3}\\[", lines[0]):  # in a list or a quote, and left there
                continue
            if label in known and (tab, label) not in seen:
                own[tab][label] = "\n".join(lines)
            else:  # one that a tab has twice MyST warns of
                for_page[first:end] = lines
            prose[first:end] = [""] * len(lines)
            known.add(label)
            seen.add((tab, label))
        parted[position] = "\n".join(prose), "\n".join(for_page)
    return parted, {tab: "\n".join(definitions.values()) for tab, definitions in own.items()}


def _links(source) -> list[tuple[str, tuple[int, int]]]:
    """The definitions of links: the label of each, its first line and the one behind its last."""
    if "]:" not in source:
        return []
    env: dict = {}
    parser = MarkdownIt("commonmark").disable("inline").enable("table")
    parser.use(front_matter_plugin).use(colon_fence_plugin).use(footnote_plugin).parse(source, env)
    links = [*env.get("references", {}).items(),
             *((link["label"], link) for link in env.get("duplicate_refs", ()))]
    return sorted(((label, tuple(link["map"])) for label, link in links),
                  key=lambda link: link[1])


def _take_figure_name(cell) -> None:
    """Leave a cell's copies to come without the figure's name, which a page has but once."""
    for options in cell.metadata.values():  # nb_cell_metadata_key names the one that counts
        figure = options.get("figure") if isinstance(options, dict) else None
        if isinstance(figure, dict):
            figure.pop("name", None)


def _own_glue(outputs, tab) -> list:
    """Copies of ``outputs`` whose glue keys name the tab: both kernels may glue `x`."""
    outputs = copy.deepcopy(outputs)
    for output in outputs:
        glued = output.get("metadata", {}).get(_GLUE)
        if glued and "name" in glued:
            glued["name"] = f"{tab}.{glued['name']}"
    return outputs
