"""The pure half of the pipeline: no Sphinx build, no kernel."""
import re
from urllib.parse import unquote

import pytest
from hypothesis import given, seed, settings, strategies as st
from nbformat import v4

from tabcells.errors import CellError
from tabcells.page.merge import merge
from tabcells.page.split import split, tab_notebook

TABS = ["a", "b"]
HEAD = "---\nfile_format: mystnb\n---\n# T\n\n"


def cell(tab, code, *options):
    tab = f":tab: {tab}\n" if tab else ""
    more = "".join(f"{option}\n" for option in options)
    return f"```{{code-cell}} python\n{tab}{more}\n{code}\n```\n\n"


def test_split_gives_each_tab_its_own_and_the_shared_cells():
    page = split(HEAD + cell("a", "1") + cell(None, "2") + cell("b", "3"), "p.md", TABS)
    spec = {"name": "x", "display_name": "x"}
    assert [c.source for c in tab_notebook(page, "a", spec).cells] == ["1", "2"]
    assert [c.source for c in tab_notebook(page, "b", spec).cells] == ["2", "3"]


@pytest.mark.parametrize("text", ["", "# only prose\n", HEAD + "prose\n", HEAD + cell(None, "1"),
                                  HEAD + cell(None, "1", ":my-own-key: 3")])
def test_a_page_without_tabs_is_left_to_myst_nb(text):
    assert split(text, "p.md", TABS) is None


@pytest.mark.parametrize("body, line, words", [
    (cell("c", "1"), 6, "'c' is not configured"),
    (cell("a", "1", ":tgas: [x]"), 6, "did you mean :tags:"),
    (cell(None, "1", ":tba: a"), 6, "did you mean :tab:"),
    (cell("a", "1", ":timeout: soon"), 6, "timeout"),
    (cell("a", "1") + ":::{note}\n" + cell("a", "2") + ":::\n", 13, "inside another directive"),
    (cell("a", "1") + "- item\n\n  ```{code-cell} python\n  2\n  ```\n", 14, "list"),
    (cell("a", "1") + "````{note}\n```{code-cell} python\n2\n```\n````\n", 13, "inside another"),
    ('+++ {"tab": "z"}\nprose\n', 7, "'z' is not configured"),
    ('+++ {"tabs": "b"}\nprose\n', 7, 'unknown cell option "tabs"; did you mean "tab"?'),
    ('+++ {"Tab": "b"}\nprose\n', 7, 'unknown cell option "Tab"; did you mean "tab"?'),
    ('+++ {"tab": 3}\nprose\n', 7, 'the name of a tab is a text, got 3; write it in quotes'),
    (cell("a", "1") + ':::{note}\n+++ {"TAB": "b"}\nprose\n:::\n', 13, "a mark `+++` inside"),
    (cell("a", "1") + '- +++ {"tab": "b"}\n\n  prose\n', 12, "a mark `+++` inside another"),
    ('+++ {"tab": "b"}\n' + cell(None, "1"), 6, "gives a tab to prose alone"),
    (cell("a", "1") + '+++ {"tab"\n', 12, "not a MyST notebook: Markdown cell"),
    (cell("a", "1") + cell("a", "2", ":tags: x, y") + cell("a", "3"), 12,
     "not a MyST notebook: :tags: 'x, y' is not of type 'array'; write a list"),
    (cell("a", "1") + cell("a", "2", ":load: none.py"), 12, "none.py"),
    (cell("a", "1") + "```{code-cell}\n---\n- x\n---\n```\n", 12, "Invalid options format"),
    (cell("a", "1") + cell("a", "2", ":tab: b"), 12, "this cell has :tab: twice"),
    (cell("a", "1") + "```{raw-cell}\n:tab: a\n\nx\n```\n", 12, "a {raw-cell} can't be in a tab"),
])
def test_bad_input_names_file_line_and_trouble(body, line, words):
    with pytest.raises(CellError) as caught:
        split(HEAD + body, "p.md", TABS)
    assert str(caught.value).startswith(f"p.md:{line}:")
    assert words in str(caught.value)


def test_cells_on_a_page_without_the_notebook_header_are_an_error():
    with pytest.raises(CellError, match="file_format: mystnb"):
        split("# T\n\n" + cell("a", "1"), "p.md", TABS)


def test_a_shown_example_of_a_cell_is_no_cell():
    for fence in ("md", "{code-block} md"):
        text = HEAD + cell("a", "1") + f"````{fence}\n" + cell("zzz", "2") + "````\n"
        assert len(split(text, "p.md", TABS).cells_of["a"]) == 1


def test_crlf_and_bom_read_the_same():
    text = HEAD + cell("a", "1") + cell("b", "2")
    plain, other = (split(t, "p.md", TABS) for t in (text, "\ufeff" + text.replace("\n", "\r\n")))
    assert (plain.lines, plain.cells_of) == (other.lines, other.cells_of)


def test_glue_of_both_tabs_is_told_apart():
    page = split(HEAD + cell("a", "1") + cell(None, "g"), "p.md", [*TABS, "c"])
    glued = v4.new_output("display_data", {"text/plain": "3"},
                          metadata={"scrapbook": {"name": "k"}})
    merged = merge(page, {"a": [[], [glued]]})
    names = [o.metadata.scrapbook.name for c in merged.cells for o in c.get("outputs", [])]
    assert names == ["a.k"] and glued.metadata["scrapbook"]["name"] == "k"


PIECES = ["```", "````", "{code-cell}", "python", ":tab: a", ":tab: z", ":tab: [", ":timeout: -1",
          "---", "+++", '{"tab": "a"}', '{"tab"', ":::{note}", ":::", "- ", "> ", "\n", "\n\n", " ",
          "\t", "\r", "\r\n", "\ufeff", "\0", "a: b", "x", "ệ", "\u202e"]


@seed(6)
@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.booleans())
def test_the_reader_fails_in_no_way_but_with_file_and_line(text, headed):
    said = "p.md:1: "
    try:
        page = split(HEAD * headed + text, "p.md", TABS)
        if page:
            merge(page, {tab: [[] for _ in cells] for tab, cells in page.cells_of.items()})
    except CellError as error:
        said = str(error)
    assert re.match(r"p\.md:[1-9]\d*: ", said)


def test_the_figure_of_a_shared_cell_has_its_name_once_and_its_caption_in_each_tab():
    figure = "---\nmystnb:\n  figure:\n    name: f\n    caption: C\n---"
    page = split(HEAD + cell("a", "1") + cell("b", "2") + f"```{{code-cell}}\n{figure}\n3\n```\n",
                 "p.md", [*TABS])
    words = v4.new_output("stream", text="w")
    plot = v4.new_output("display_data", {"text/plain": ""})
    merged = merge(page, {"a": [[], [words]], "b": [[], [words, plot]]})
    assert [c.metadata.mystnb.figure for c in merged.cells if "mystnb" in c.metadata][1:] == [
        {"name": "f", "caption": "C"}, {"name": "f", "caption": "C"}]
    merged = merge(page, {"a": [[], [plot]], "b": [[], [plot]]})
    assert [c.metadata.mystnb.figure for c in merged.cells if "mystnb" in c.metadata][1:] == [
        {"name": "f", "caption": "C"}, {"caption": "C"}]


def test_definitions_of_links_leave_a_tab_and_stay_in_their_lines():
    prose = ("See [e].\n\n[e]: https://e.org\n  'T'\n[^f]: note\n\n> [q]: /q\n\n"
             "```\n[c]: /code\n```\n\n[d]: /d")
    page = split(f'{HEAD}+++ {{"tab": "a"}}\n{prose}\n\n+++\n' + cell("a", "1"), "p.md", TABS)
    merged = merge(page, {"a": [[]]})
    start = page.lines[1]
    lines = {line: text for each, first in zip(merged.cells, merged.metadata.source_map,
                                               strict=True)
             for line, text in enumerate(each.source.splitlines(), first) if "[d]" in each.source}
    assert {line: text for line, text in lines.items() if text} == {
        start + 1: "[e]: https://e.org", start + 2: "  'T'", start + 11: "[d]: /d"}
    whole = merged.cells[1].source
    assert "[^f]: note" in whole and "> [q]: /q" in whole and "[c]: /code" in whole
    assert "https" not in whole and "/d" not in whole


def test_a_label_that_is_defined_elsewhere_a_tab_has_for_its_own():
    page = split(f'{HEAD}[p]: /page\n\n+++ {{"tab": "a"}}\n[x]: /a\n[y]: /y\n[Y]: /twice\n\n'
                 '+++ {"tab": "b"}\n[x]: /b\n[P]: /q "T"\n\n+++\n' + cell("a", "1")
                 + '+++ {"tab": "b"}\nMore.\n', "p.md", TABS)
    merged = merge(page, {"a": [[]], "b": []})
    sources = [each.source for each in merged.cells if each.cell_type == "markdown"]
    prose = [text for text in sources if "{tabcells-prose}" in text]
    assert [text.split() for text in sources if "]:" in text and text not in prose] == [
        ["#", "T", "[p]:", "/page"], ["[x]:", "/a", "[y]:", "/y", "[Y]:", "/twice"]]
    own = ["[x]:", "/b", "[P]:", "/q", '"T"']
    assert [unquote(text.split("\n")[0]).partition("}")[2].split() for text in prose] == [
        ["1", "a"], ["1", "b", *own], ["1", "b", *own]]
