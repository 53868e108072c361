"""What the reader takes as a page, and what it refuses: by file, line and a reason that is true."""
import json

import pytest
from nbformat import v4
from test_split_merge import HEAD, TABS, cell

from tabcells.errors import CellError
from tabcells.page.split import split, tab_notebook

SPEC = {"name": "x", "display_name": "x"}


def jupyter(*cells):
    """The text of a notebook of Jupyter: a code cell for each ``(source, metadata)``."""
    return json.dumps(v4.new_notebook(cells=[
        v4.new_code_cell(source, metadata=metadata, execution_count=7,
                         outputs=[v4.new_output("stream", text="from another day")])
        if metadata is not None else v4.new_markdown_cell(source) for source, metadata in cells]))


def error(text, path="p.md", folder=""):
    with pytest.raises(CellError) as caught:
        split(text, path, TABS, folder)
    return str(caught.value)


def test_a_notebook_of_jupyter_is_a_page_and_its_old_outputs_are_left_out():
    page = split(jupyter(("# T", None), ("1", {"tab": "a"}), ("2", {}), ("3", {"tab": "b"})),
                 "p.ipynb", TABS)
    assert page.cells_of == {"a": [1, 2], "b": [2, 3]}
    assert [c.source for c in tab_notebook(page, "b", SPEC).cells] == ["2", "3"]
    assert [c.outputs for c in page.notebook.cells[1:]] == [[], [], []]
    assert page.where(3) == "cell 4"


def test_a_notebook_without_tabs_is_left_to_myst_nb():
    text = jupyter(("1", {}), ("2", {"cellView": "form", "tabs": "no tab's name"}))
    assert split(text, "p.ipynb", TABS) is None
    text = jupyter(("1", {}), ("2", {})).replace('"execution_count"', '"unknown"')
    assert split(text, "p.ipynb", TABS) is None


@pytest.mark.parametrize("cells, words", [
    ([("1", {"tab": "a"}), ("2", {"tab": "z"})], "p.ipynb:cell 2: [tab z] tab 'z' is not conf"),
    ([("1", {"tab": "a", "tmieout": 3})], "p.ipynb:cell 1: [tab a] unknown cell option :tmieout:"),
    ([("1", {"tab": "a"}), ("```{code-cell}\n2\n```", None)], "p.ipynb:cell 2: a {code-cell} in"),
    ([("1", {"tab": "a"}), ('+++ {"tab": "a"}\nx', None)], "p.ipynb:cell 2: a mark `+++` in a"),
    ([("1", {"Tab": "a"})], "p.ipynb:cell 1: unknown cell option :Tab:; did you mean :tab:?"),
    ([("1", {"tab": 3})], "p.ipynb:cell 1: the name of a tab is a text, got 3; write it in quotes"),
])
def test_in_a_notebook_errors_name_the_cell(cells, words):
    assert error(jupyter(*cells), "p.ipynb").startswith(words)


@pytest.mark.parametrize("text", [
    '{"tab": ', "[]", "{}", jupyter(("1", {"tab": "a"})).replace('"code"', '"nonsense"')])
def test_a_notebook_that_is_none_is_refused(text):
    assert error(text, "p.ipynb").startswith("p.ipynb:1: this notebook can't be read: ")


def test_other_formats_are_read_by_their_reader():
    page = split("anything", "p.Rmd", TABS,
                 reader=lambda text: v4.new_notebook(cells=[
                     v4.new_code_cell(text, metadata={"tab": "a"})]))
    assert page.notebook.cells[0].source == "anything" and page.where(0) == "cell 1"


@pytest.mark.parametrize("option", ["vscode", "colab", "papermill", "nbgrader", "execution"])
def test_what_other_tools_write_passes(option):
    assert split(HEAD + cell("a", "1", f":{option}: {{}}"), "p.md", TABS)
    assert split(jupyter(("1", {"tab": "a", option: {}, "outputId": "x"})), "p.ipynb", TABS)


def test_a_misspelt_option_is_no_tools_mapping():
    assert ":vscode:" in error(HEAD + cell("a", "1", ":vscode: x"))


def test_an_option_that_there_is_not_is_refused_by_name():
    assert "[tab a] unknown cell option :caption:" in error(HEAD + cell("a", "1", ":caption: x"))


@pytest.mark.parametrize("written, read", [
    ("3.10", "3.1"), ("on", "True"), ("010", "8")])
def test_a_tab_that_yaml_reads_as_something_else(written, read):
    text = error(HEAD + cell("a", "1") + f"```{{code-cell}}\n:tab: {written}\n\n1\n```\n")
    assert text.startswith(f"p.md:12: YAML reads the name of this tab as {read}")
    assert 'in quotes, as in :tab: "3"' in text


@pytest.mark.parametrize("written, tabs, words", [
    ("", TABS, "the name of the tab is missing; it may be 'a', 'b'"),
    ("[a, b]", TABS, "one tab has to be named, got ['a', 'b']; a cell that names none runs in"),
    ("{a: b}", TABS, "one tab has to be named, got {'a': 'b'}"),
    ("a", [], "tab 'a' is not configured: conf.py has no tabcells_tabs")])
def test_a_tab_that_is_none(written, tabs, words):
    with pytest.raises(CellError) as caught:
        split(HEAD + f"```{{code-cell}}\n:tab: {written}\n\n1\n```\n", "p.md", tabs)
    assert words in str(caught.value)


@pytest.mark.parametrize("before", ["", cell("a", "1")], ids=["alone", "beside-others"])
@pytest.mark.parametrize("body, reason", [
    (":::{code-cell} python\n:tab: a\n\n1\n:::\n", "between ::: never runs"),
    ("``` {code-cell} python\n:tab: a\n\n1\n```\n", "has to follow its backticks at once"),
    ("::::{note}\n:::{code-cell} python\n:tab: a\n\n1\n:::\n::::\n", "inside another directive"),
    ("- :::{code-cell} python\n  :tab: a\n\n  1\n  :::\n", "inside another directive"),
    ("````{note}\n```{code-cell} python\n---\ntab: a\n---\n1\n```\n````\n", "inside another"),
])
def test_why_a_cell_never_runs(before, body, reason):
    assert reason in error(HEAD + before + body)


@pytest.mark.parametrize("before", ["", cell("a", "1")], ids=["alone", "beside-others"])
@pytest.mark.parametrize("body", [
    *(f'+++ {{"{name}": 3}}\nProse.\n' for name in ("lab", "table", "tabular", "slideshow")),
    *(f"````{{{name}}}\n{cell('a', '1')}````\n" for name in ("Code-Block", "eval-rst", "prompt"))])
def test_what_only_looks_like_ours_is_left_alone(before, body):
    assert bool(split(HEAD + before + body, "p.md", TABS)) == bool(before)


def test_a_nested_cell_without_a_tab_is_myst_nbs_business_on_a_page_without_tabs():
    assert split(HEAD + "- x\n\n  ```{code-cell}\n  1\n  ```\n", "p.md", TABS) is None


CELL = cell("a", "1")


@pytest.mark.parametrize("page", [HEAD + CELL, HEAD, "# Plain\n\n"], ids=["tabs", "none", "plain"])
@pytest.mark.parametrize("fence", ["```", ":::"])
@pytest.mark.parametrize("path, name", [
    ("p.md", "part.txt"), ("sub/p.md", "/part.txt"), ("sub/p.md", "../part.txt")])
def test_cells_of_an_included_file_are_refused(tmp_path, page, fence, path, name):
    (tmp_path / "sub").mkdir()
    (tmp_path / "part.txt").write_text("Prose.\n\n" + CELL)
    line = len(page.splitlines()) + 1
    assert error(page + f"{fence}{{include}} {name}\n{fence}\n", path, str(tmp_path)) == (
        f"{path}:{line}: an included file can't hold cells, and {name} has one in line 3; "
        "move it into the page")


@pytest.mark.parametrize("page", [HEAD + CELL, HEAD], ids=["tabs", "none"])
def test_prose_of_a_tab_in_an_included_file_is_refused(tmp_path, page):
    (tmp_path / "part.md").write_text('Prose.\n\n+++ {"Tab": "a"}\nProse of a.\n')
    assert ("an included file can't hold prose of one tab, and part.md marks some in line 3; move"
            ) in error(page + "```{include} part.md\n```\n", "p.md", str(tmp_path))


@pytest.mark.parametrize("options, line", [
    ("", 3), (":start-line: 1", 3), (":start-line: -6", 3), (":start-after: Prose", 3),
    (":literal:", 0), (":code: md", 0),
    (":parser: rst", 0), (":end-line: 2", 0), (":start-line: 3", 0),
    (":end-before: '```{code'", 0), (":start-after: print", 0)])
def test_of_an_included_file_the_part_counts_that_is_included(tmp_path, options, line):
    (tmp_path / "part.md").write_text("Prose.\n\n" + CELL.replace("\n1", "\nprint(1)"))
    text = HEAD + CELL + f"```{{include}} part.md\n{options}\n```\n"
    if line:
        assert f"has one in line {line};" in error(text, "p.md", str(tmp_path))
    else:
        assert split(text, "p.md", TABS, str(tmp_path))


def test_files_that_include_one_another_end(tmp_path):
    (tmp_path / "one.md").write_text("```{include} two.md\n```\n")
    (tmp_path / "two.md").write_text("```{include} one.md\n```\n")
    text = HEAD + CELL + "".join(
        f"```{{include}} {name}\n```\n" for name in ("one.md", "missing.md", ""))
    assert split(text, "p.md", TABS, str(tmp_path))
    (tmp_path / "two.md").write_text(CELL)
    assert "p.md:12: an included file can't" in error(text, "p.md", str(tmp_path))


@pytest.mark.parametrize("front", ["tabcells: 5", "tabcells: [timeout]", "mystnb: 'off'",
                                   "mystnb: {execution_mode: of}",
                                   "mystnb: {execution_allow_errors: maybe}",
                                   "mystnb: {execution_in_temp: 1}"])
def test_front_matter_that_says_nothing(front):
    text = HEAD.replace("---\n# T", front + "\n---\n# T") + CELL
    assert "in the front matter is" in error(text)


@pytest.mark.parametrize("front, seconds", [
    ("mystnb: {execution_timeout: 7}", 7), ("mystnb: {execution_timeout: -1}", None),
    ("mystnb: {execution_timeout: 0}", None), ("mystnb: {execution_timeout: null}", None),
    ("mystnb: {execution_timeout: -1}\ntabcells: {timeout: 7}", 7)])
def test_the_time_limit_of_a_page(front, seconds):
    page = split(HEAD.replace("---\n# T", front + "\n---\n# T") + CELL, "p.md", TABS)
    assert page.timeout == seconds


@pytest.mark.parametrize("front, words", [
    ("tabcells: {timeuot: 5}", "tabcells in the front matter has no 'timeuot'; it may have"),
    ("mystnb: {execution_tmieout: 5}", "mystnb in the front matter has no 'execution_tmieout'; did "
                                       "you mean 'execution_timeout'?"),
    ("Tabcell: {timeout: 5}", "there is no 'Tabcell' in a front matter; did you mean 'tabcells'?")])
def test_misspelt_names_in_the_front_matter(front, words):
    assert words in error(HEAD.replace("---\n# T", front + "\n---\n# T") + CELL)


@pytest.mark.parametrize("body", ["```{code-cell}\n---\ntab: a\n---\n1\n```\n", CELL,
                                  '+++ {"tab": "a"}\nprose\n'])
def test_tabs_on_a_page_whose_front_matter_does_not_make_it_a_notebook(body):
    assert "p.md:3: this page has " in error("# T\n\n" + body)


@pytest.mark.parametrize("front, words", [
    ("file_format: mystnb\nx: [", "expected the node content"), ("jupytext: true", "take names"),
    ("jupytext: {text_representation: myst}", "text_representation in that, take names")])
def test_a_front_matter_that_can_not_be_read(front, words):
    text = error(f"---\n{front}\n---\n{CELL}")
    assert text.startswith("p.md:1: not a MyST notebook: ") and words in text
