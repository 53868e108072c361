"""Split and merge for any arrangement of cells, tabs and prose (hypothesis, seeded).

A page is made of blocks; ``read`` says, apart from the code under test, which cells it has.
"""
import copy
import re
from dataclasses import dataclass, field

from hypothesis import given, seed, settings, strategies as st
from nbformat import v4

from tabcells.page.merge import merge
from tabcells.page.split import split, tab_notebook

TABS = ["a", "b", "c"]
SPEC = {"name": "x", "display_name": "x"}
PROSE = ["{}", "- {}", "> {}", "## {}", "````md\n{}\n````", ":::{{note}}\n{}\n:::", "{} +++"]
CODE = ["{}", "{}\n\n+++\n", "# {}\n:tab: z", "\n\n{}", "'''\n---\n{}'''", "{} # `` ệ"]
FENCES = ["```", "````", "~~~"]
OPTIONS = [":timeout: 3", ":tags: [y, x]", ":name: n", ":mystnb: {figure: {}}", ":id: '7'"]


@dataclass
class Cell:
    """A cell that a page should have; ``line`` is that of its fence or its first word."""
    code: bool
    tab: str | None
    words: list = field(default_factory=list)
    line: int = 0
    tags: tuple = ()
    outputs: int = 0


def blocks(tabs):
    tab = st.sampled_from([*tabs, None])
    code = st.tuples(st.just("code"), tab, st.sampled_from(CODE), st.sampled_from(FENCES),
                     st.sets(st.sampled_from(OPTIONS)), st.booleans(), st.integers(0, 3))
    mark = st.tuples(st.just("+++"), tab)
    prose = st.tuples(st.just("prose"), st.sampled_from(PROSE))
    blank = st.tuples(st.just("blank"))
    return st.lists(st.one_of(code, code, mark, prose, blank), max_size=14)


PAGES = st.sets(st.sampled_from(TABS), min_size=1).flatmap(lambda tabs: blocks(sorted(tabs)))


def write(page):
    """The text of a page, and the cells that it should have."""
    lines = ["---", "file_format: mystnb", "---"]
    cells, prose = [], Cell(False, None)

    def flush(tab):
        nonlocal prose
        cells.extend([prose] if prose.words else [])
        prose = Cell(False, tab)

    for i, (kind, *rest) in enumerate(page):
        word = f"word{i}x"
        if kind == "code":
            tab, body, fence, options, yaml, outputs = rest
            if prose.tab and not prose.words and not tab:
                lines.append("+++")  # a mark right above a cell without a tab is refused
            flush(None)
            cells.append(Cell(True, tab, [word], len(lines) + 1, ("x", "y") * (
                OPTIONS[1] in options), outputs))
            options = sorted(options | ({f":tab: {tab}"} if tab else set()), reverse=i % 2)
            if yaml and options:
                options = ["---", *(option[1:].replace(":", ":", 1) for option in options), "---"]
            lines += [f"{fence}{{code-cell}} python", *options, "",
                      *body.format(word).split("\n"), fence, ""]
        elif kind == "+++":
            flush(rest[0])
            lines += [f'+++ {{"tab": "{rest[0]}"}}' if rest[0] else "+++"]
        elif kind == "prose":
            text = rest[0].format(word).split("\n")
            prose.line = prose.line or len(lines) + 1
            prose.words.append(word)
            lines += ["", *text, ""]
        else:
            lines.append("")
    flush(None)
    return "\n".join(lines) + "\n", cells


def words(cell):
    return re.findall(r"word\d+x", cell.source)


def known(page):
    """All of a page but the random ids that nbformat gives to cells."""
    return (page.path, page.lines, page.cells_of, page.notebook.metadata,
            [(c.cell_type, c.source, c.metadata) for c in page.notebook.cells])


@seed(6)
@settings(deadline=None, max_examples=60)
@given(PAGES)
def test_each_tab_runs_its_cells_once_in_order_and_lines_are_those_of_the_source(blocks):
    text, cells = write(blocks)
    page = split(text, "p.md", TABS)
    used = [tab for tab in TABS if any(cell.tab == tab for cell in cells)]
    if not used:
        assert page is None
        return
    assert known(page) == known(split(text, "p.md", TABS))
    assert [(c.cell_type == "code", c.metadata.get("tab"), words(c))
            for c in page.notebook.cells] == [(c.code, c.tab, c.words) for c in cells]
    assert list(page.cells_of) == used
    for tab in used:
        mine = [cell for cell in cells if cell.code and cell.tab in (tab, None)]
        run = tab_notebook(page, tab, SPEC).cells
        assert [words(cell) for cell in run] == [cell.words for cell in mine]
        assert [tuple(cell.metadata.get("tags", ())) for cell in run] == [c.tags for c in mine]
    assert page.lines == sorted(set(page.lines)) and len(page.lines) == len(cells)
    for line, cell in zip(page.lines, cells):
        assert line == cell.line if cell.code else line <= cell.line


def sets_of(merged):
    """(number, tab) of each cell of a merged page: prose carries them in its directive."""
    for cell in merged.cells:
        prose = re.match(r"`{12,}\{tabcells-prose\} (\d+) (\w+) \S*\n", cell.source)
        yield (int(prose[1]), prose[2]) if prose and cell.cell_type == "markdown" else \
            (cell.metadata.get("tabset"), cell.metadata.get("tab"))


def expected(cells, used, closing):
    """What a merged page should show: (tab set, tab, words, texts of the outputs) of each cell."""
    shown, number, open_set = [], 0, False
    for cell in cells:
        texts = {tab: [f"{tab} {cell.words[0]} {k}" for k in range(cell.outputs)]
                 for tab in used} if cell.code else {}
        if cell.tab:
            number += not open_set
            shown.append((number, cell.tab, cell.words, texts.get(cell.tab, [])))
        else:
            shown.append((None, None, cell.words, []))
            number += cell.code
            shown += [(number, tab, cell.words, texts[tab]) for tab in texts if texts[tab]]
        open_set = bool(cell.tab)
    number += not open_set  # what closes the page joins a set that stands right before it
    return shown + [(number, tab, [word], []) for tab, word in closing.items()]


@seed(6)
@settings(deadline=None, max_examples=60)
@given(PAGES, st.booleans())
def test_a_merged_page_shows_everything_once_in_its_place(blocks, ends):
    text, cells = write(blocks)
    page = split(text, "p.md", TABS)
    if page is None:
        return
    outputs_of = {cell.words[0]: cell.outputs for cell in cells if cell.code}
    outputs = {tab: [[v4.new_output("stream", text=f"{tab} {word} {k}")
                      for k in range(outputs_of[word])]
                     for position in positions for word in words(page.notebook.cells[position])]
               for tab, positions in page.cells_of.items()}
    closing = {tab: f"word{99 + i}x" for i, tab in enumerate(page.cells_of)} if ends else {}
    before = copy.deepcopy((known(page), outputs))
    merged = merge(page, outputs, closing)
    assert (known(page), outputs) == before
    shown = [(*place, words(cell), [output.text for output in cell.get("outputs", [])])
             for place, cell in zip(sets_of(merged), merged.cells)]
    assert shown == expected(cells, list(page.cells_of), closing)
    ids = [cell.id for cell in merged.cells]
    assert len(set(ids)) == len(ids)
    lines = merged.metadata["source_map"]
    assert len(lines) == len(ids) and lines == sorted(lines)
    fences = {cell.words[0]: cell.line for cell in cells if cell.code}
    for cell, line in zip(merged.cells, lines):
        if cell.cell_type == "code":
            assert line == fences[words(cell)[0]]
    assert merge(page, outputs, closing) == merged
