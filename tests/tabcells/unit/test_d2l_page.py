"""Pages in D2L's dialect, read: each construct in its forms, nothing lost, doubled or moved."""
import re

import pytest
from hypothesis import given, seed, settings, strategies as st

from tabcells import d2l
from tabcells.errors import CellError
from tabcells.page.split import split

TABS = ("a", "b", "c")
FIGURE = "```{figure} ../img/i.svg\n:alt: 'A net.'\n\nA net.\n```"
NAMED = FIGURE.replace(":alt:", ":name: x\n:alt:")
TABLE = "| x |\n|---|\n| 1 |"


def read(text, tabs=TABS, default="a", without=()):
    return d2l.read(text, "p.md", tabs, d2l.Dialect(default, frozenset(without)))


def cell(code, mark=""):
    return f"```{{.python .input}}\n{mark}\n{code}\n```\n\n" if mark else (
        f"```{{.python .input}}\n{code}\n```\n\n")


def sources(page):
    return [(each.metadata.get("tab"), each.source) for each in page.notebook.cells]


FORMS = {
    "heading": ("# T\n:label:`x`", "(x)=\n# T"),
    "heading, then an empty line": ("# T\n\n:label:`x`", "(x)=\n# T"),
    "heading and label in a line": ("# T :label:`x`", "(x)=\n# T"),
    "heading, underlined": ("T\n===\n:label:`x`", "(x)=\nT\n==="),
    "heading with two labels": ("# T\n:label:`x`\n:label:`y`", "(x)=\n(y)=\n# T"),
    "label after a paragraph": ("# T\n\nText.\n\n:label:`x`", "(x)=\n# T\n\nText."),
    "label of nothing": (":label:`x`\n\nText.", "(x)=\n\nText."),
    "figure": ("![A net.](../img/i.svg)", FIGURE),
    "figure with a label": ("![A net.](../img/i.svg)\n:label:`x`", NAMED),
    "figure, then an empty line": ("![A net.](../img/i.svg)\n\n:label:`x`", NAMED),
    "figure and label in a line": ("![A net.](../img/i.svg) :label:`x`", NAMED),
    "figure with a width": (
        "![](i.svg)\n:width:`4px`\n:label:`x`", "```{figure} i.svg\n:name: x\n:width: 4px\n```"),
    "figure, label before width": (
        "![](i.svg)\n:label:`x`\n:width:`4px`", "```{figure} i.svg\n:name: x\n:width: 4px\n```"),
    "figure with a long caption": (
        "![It's $[0, 1)$, as in\n:cite:`K`.](i.svg)", "```{figure} i.svg\n:alt: 'It''s $[0, 1)$, "
        "as in .'\n\nIt's $[0, 1)$, as in\n{cite:p}`K`.\n```"),
    "figure with a formula": ("![*A* $f^*$.](i.svg)", "```{figure} i.svg\n:alt: 'A $f^*$.'\n\n"
                              "*A* $f^*$.\n```"),
    "figure labelled as a formula": (
        "![](i.svg)\n:eqlabel:`x`", "```{figure} i.svg\n:name: x\n```"),
    "figure with two labels": (
        "![](i.svg)\n:label:`x`\n:label:`y`", "(y)=\n```{figure} i.svg\n:name: x\n```"),
    "image in a paragraph": ("See ![](i.svg)\nthere.", "See ![](i.svg)\nthere."),
    "two images": ("![a](i.svg) ![b](j.svg)", "![a](i.svg) ![b](j.svg)"),
    "table": (TABLE, TABLE),
    "table with a caption": (f":C\n\n{TABLE}", f"~~~~{{table}} C\n\n{TABLE}\n~~~~"),
    "table, label above": (
        f": C :cite:`K`\n:label:`x`\n\n{TABLE}",
        f"~~~~{{table}} C {{cite:p}}`K`\n:name: x\n\n{TABLE}"
        "\n~~~~"),
    "table, label below": (
        f":C\n\n{TABLE}\n:label:`x`", f"~~~~{{table}} C\n:name: x\n\n{TABLE}\n~~~~"),
    "table, caption below": (
        f"{TABLE}\n\n:C\n:label:`x`", f"~~~~{{table}} C\n:name: x\n\n{TABLE}\n~~~~"),
    "formula": ("$$f$$", "```{math}\nf\n```"),
    "formula of several lines": ("$$\nf\n= g\n$$", "```{math}\nf\n= g\n```"),
    "formula with a label": ("$$f$$\n:eqlabel:`x`", "```{math}\n:label: x\n\nf\n```"),
    "formula and label in a line": ("$$f$$ :eqlabel:`x`", "```{math}\n:label: x\n\nf\n```"),
    "formula, then an empty line": ("$$f$$\n\n:eqlabel:`x`", "```{math}\n:label: x\n\nf\n```"),
    "formula with an empty line": ("$$f\n\ng$$", "```{math}\nf\ng\n```"),
    "formula marked for slides": (
        "(**$$f$$**)\n:eqlabel:`x`", "```{math}\n:label: x\n\nf\n```"),
    "formula in a paragraph": (
        "See $$f$$ :eqlabel:`x` and\nmore.", "See\n\n```{math}\n:label: x\n\nf\n```\n\nand\nmore."),
    "formula in an item": (
        "* See $$f$$ here\nand\n* there",
        "* See \n  ```{math}\n  f\n  ```\n  here\n  and\n* there"),
    "formula alone in an item": (
        "1. $$f$$\n:eqlabel:`x`", "1. ```{math}\n   :label: x\n\n   f\n   ```"),
    "formula below an item": ("1. See\n$$\nf\n$$", "1. See\n   ```{math}\n   f\n   ```"),
    "dollars": ("`$$` and \\$\\$ and $x$", "`$$` and \\$\\$ and $x$"),
    "roles": (
        "(:numref:`x`), :ref:`x`, :eqref:`x`", "({numref}`x`), {ref}`x`, {eq}`x`"),
    "roles of two backticks, and with a space": (
        ":numref:``x`` and :ref: `x`", "{numref}`x` and {ref}`x`"),
    "citations with blanks in keys": (
        ":cite:`A.Van- B.2006, C * 1` :cite:` , {}`",
        "{cite:p}`A.Van-B.2006,C*1` :cite:` , {}`"),
    "citations": (
        ":cite:`A` :cite:` A, B` :citet:`A`", "{cite:p}`A` {cite:p}`A,B` {cite:t}`A`"),
    "a role in code": ("`:label:`, `` :ref:`x` ``", "`:label:`, `` :ref:`x` ``"),
    "functions": (":func:`f`", "{py:func}`f`"),
    "contents": ("```toc\n:maxdepth: 1\n\na/b\nc.md\n```",
                 "```{toctree}\n:maxdepth: 1\n\na/b\nc.md\n```"),
    "reStructuredText": ("```eval_rst \n\n.. only:: html\n\n   Title\n   ===\n\n   Text\n```",
                         "```{eval-rst}\n\n.. only:: html\n\n   Title\n   =====\n\n   Text\n```"),
    "the page's title as reStructuredText": (
        "```eval_rst\n\n.. only:: html\n\n   Title\n   =====\n```", "# Title"),
    "bibliography": (":bibliography:`../d2l.bib`", "```{bibliography} ../d2l.bib\n```"),
    "a fence with attributes": ("```{.json}\n1\n```", "```json\n1\n```"),
    "marks in a fence": ("```md\n:label:`x`\n[**a**]\n```", "```md\n:label:`x`\n[**a**]\n```"),
    "slides": ("[**Load**] it (**at once\nor later**).", "Load it at once\nor later."),
    "slides over paragraphs": ("[**One.\n\nTwo.**]", "One.\n\nTwo."),
    "slides with emphasis": ("[***x* y**] (**z*w***)", "*x* y z*w*"),
    "slides with code": ("[**`f(**x)` is**] `[**`", "`f(**x)` is `[**`"),
    "for slides alone": ("Text.\n(~~or\nthis~~)\nGoes on.", "Text.\nGoes on."),
    "slides like a link": ("[**Set**](~~or not~~) [**it**](:numref:`x`)",
                           "Set it({numref}`x`)"),
    "a word in brackets behind slides": ("[**Set**](集合)", "Set(集合)"),
    "a bold link": ("[**Set**](https://e.org)", "[**Set**](https://e.org)"),
    "bold in brackets": ("[see **this**] (see **that**)", "[see **this**] (see **that**)"),
    "comment": ("One <!-- # no\n```\n:label:`x` --> two", "One \n two"),
    "a comment in a paragraph": ("One\n<!-- no -->\ntwo\n\nthree", "One\ntwo\n\n\nthree"),
    "a comment shown": ("`<!--` and\n```\n<!--\n```", "`<!--` and\n```\n<!--\n```"),
    "what means something to MyST": (
        "% of\n+++\n(x)=\n* % of", "\\% of\n\\+++\n\\(x)=\n* \\% of"),
}


@pytest.mark.parametrize("text, myst", FORMS.values(), ids=FORMS)
def test_each_form_becomes_myst(text, myst):
    page = read(text + "\n")
    assert "\n\n".join(source for _, source in sources(page)) == myst
    assert d2l.write(page) == myst + "\n"


@pytest.mark.parametrize("text, line, words", [
    ("See :fig:`x`.", 1, "there is no role 'fig'"),
    ("One\n\n[**two", 3, "the slide mark [** is never closed"),
    ("One\n$$f", 2, "a formula is never closed"),
    (":eqlabel:`x`\n", 1, "without a formula"),
    ("# T\n:width:`1px`", 2, "without a figure"),
    ("![](i.svg)\n:eqlabel:`x`", 2, "read as :label:"),
    ("# T\n:label:`ẽ`", 2, "characters"),
    ("One\n:cite:`A. B`", 2, ":cite:`A. B`: no key has blanks"),
    ("# T\n:label:`x`\n$$f$$\n:eqlabel:`x`", 4, "defined already, in line 2"),
    (":end_tab:", 1, ":end_tab: without"),
    (":begin_tab:`a`\nx\n" + cell("1"), 3, "ends here"),
    (":begin_tab:`a`\nx", 2, "page ends within"),
    (cell("1\n#@tab b", "#@tab a"), 4, "a second mark"),
])
def test_what_can_not_hold_is_a_warning_with_its_line(text, line, words):
    (where, sentence), = read(text).warnings
    assert where == line and words in sentence


@pytest.mark.parametrize("text, error", [
    ("One\n```bash\ntwo\n", "p.md:2: this fence is never closed"),
    ("One\n<!--\n```\n-- >\n", "p.md:2: this comment is never closed"),
    (cell("1", "#@tab z"), "p.md:1: [tab z] tab 'z' is not configured"),
    ("x\n\n:begin_tab:`z`\nx\n:end_tab:", "p.md:4: [tab z] tab 'z' is not configured"),
    (cell("if tab.selected(x):\n    1", "#@tab a"), "p.md:1: [tab a] this selection"),
    (cell("if tab.selected('a')", "#@tab a"), "p.md:1: [tab a] this selection"),
])
def test_bad_input_is_an_error_with_its_line(text, error):
    with pytest.raises(CellError, match=f"^{re.escape(error)}"):
        read(text)


def test_cells_belong_to_their_tabs_to_the_default_or_to_all_that_the_page_names():
    page = read(cell("1", "#@tab b, a") + cell("2") + "\n" + cell("3", "%%tab all")
                + ":begin_tab:`c`\nOf c.\n:end_tab:\n")
    assert sources(page) == [("a", "1"), ("b", "1"), ("a", "2"), (None, "3"), ("c", "Of c.")]
    assert page.cells_of == {"a": [0, 2, 3], "b": [1, 3], "c": [3]}


@pytest.mark.parametrize("mark", ["#@tab b", "# @tab b", "%%tab b", "# %%tab b", "\n%%tab b  ",
                                  "#@tab b,"])
def test_each_form_of_a_mark_is_known_and_not_shown(mark):
    page = read(cell("1", mark) + cell("2"))
    assert sources(page) == [("b", "1"), ("a", "2")]


def test_a_page_that_names_no_tab_is_the_defaults_and_shows_no_list_of_tabs():
    page = read("Text.\n\n" + cell("1", "#@tab all") + cell("2"), default="b")
    assert sources(page) == [(None, "Text."), (None, "1"), (None, "2")]
    assert page.cells_of == {"b": [1, 2]} and page.is_untabbed


def test_tabs_that_are_left_out_take_their_cells_and_prose_along():
    page = read(cell("1", "#@tab a") + cell("2", "#@tab z, y") + cell("3", "#@tab y, b")
                + ":begin_tab:`z`\nx\n:end_tab:\n", without=("y", "z"))
    assert sources(page) == [("a", "1"), ("b", "3")]


def test_what_prepares_the_old_list_of_tabs_is_dropped_and_nothing_besides():
    page = read(cell("%load_ext d2lbook.tab\ntab.interact_select('a',\n    'b')\n"
                     "#required_libs(['x'])")
                + cell("%load_ext d2lbook.tab\ntab.interact_select('a')\nimport x"))
    assert sources(page) == [(None, "import x")]


def test_a_cell_may_be_indented_and_its_fences_longer():
    page = read("* item\n\n  ````{.python .input  n=3}\n  if x:\n      1\n  ```\n  ````\n")
    assert sources(page)[1:] == [(None, "if x:\n    1\n```")]


def test_prose_of_tabs_may_be_open_ended_hold_fences_and_stand_in_the_marks_line():
    page = read(": begin_tab:`a`  \nOf a:\n\n```bash\n:end_tab:\n```\n:begin_tab:`b` Of b.\n"
                ":end_tab: Of all.\n" + cell("1", "#@tab a") + cell("2", "#@tab b"))
    assert sources(page)[:3] == [("a", "Of a:\n\n```bash\n:end_tab:\n```"), ("b", "Of b."),
                                 (None, "Of all.")]
    assert not page.warnings


def test_prose_of_all_tabs_of_the_page_is_shared_and_of_two_stands_in_both_with_one_label():
    page = read(cell("1", "#@tab a, b, c") + ":begin_tab:`a,b, c`\nAll.\n:end_tab:\n"
                ":begin_tab:`a, b`\n$$f$$\n:eqlabel:`x`\n:end_tab:")
    assert sources(page) == [(None, "1"), (None, "All."),
                             ("a", "```{math}\n:label: x\n\nf\n```"), ("b", "```{math}\nf\n```")]


def test_prose_of_a_tab_does_not_begin_like_options_of_a_directive():
    page = read(":begin_tab:`a`\n: a\n:end_tab:\n:begin_tab:`b`\n---\nx\n:end_tab:\n"
                + cell("1", "#@tab a, b, c"))
    assert [source for _, source in sources(page)][:2] == ["\\: a", "***\nx"]


def test_labels_that_another_page_has_defined_are_taken_off():
    page = read("# T\n:label:`x`\n\n$$f$$\n:eqlabel:`y`\n\n![](i.svg)\n:label:`z`")
    assert page.labels == (("x", 2), ("y", 5), ("z", 8))
    rest = d2l.without_labels(page, ["x", "y"])
    assert [source for _, source in sources(rest)] == [
        "# T", "```{math}\n\nf\n```", "```{figure} i.svg\n:name: z\n```"]


def test_a_label_that_a_page_defines_twice_stands_once():
    page = read("# T\n:label:`x`\n\n## U\n:label:`X`")
    assert [source for _, source in sources(page)] == ["(x)=\n# T", "## U"]
    assert page.labels == (("x", 2),)


def test_a_tab_that_has_prose_alone_runs_nothing():
    page = read(":begin_tab:`a`\n```bash\nx\n```\n:end_tab:\n:begin_tab:`b`\ny\n:end_tab:")
    assert sources(page) == [("a", "```bash\nx\n```"), ("b", "y")] and page.cells_of == {}


def test_references_are_known_with_their_lines():
    page = read("See :numref:`x`\nand `:ref:`y``:\n\n![:eqref:`z`](i.svg)")
    assert page.references == (("x", 1), ("z", 4))


# Each piece holds words of its own, § being its number.  The u may stand some lines off: in tables'
# captions, in code, and in a list after a formula.
PIECES = [
    "Text w§ and `:label:`.", "## w§\n:label:`l§`", "w§\n---\n\n:label:`l§`",
    "![w§](i§.svg)\n:width:`4px`\n\n:label:`l§`", "$$\nw§\n$$\n:eqlabel:`l§`",
    "Before w§ $$f§$$ after v§.", "* item u§ $$f$$ :eqlabel:`l§`", "> quoted w§",
    ":u§\n:label:`l§`\n\n|a|b|\n|:-|-|\n|v§|c|", "|w§|\n|-|\n:label:`l§`", "    code u§",
    "```{.python .input}\n#@tab a\nu§\n```", "```{.python .input  n=2}\nu§\n```",
    "```{.python .input}\n%%tab all\nu§\nif tab.selected('b'):\n    pass\n```",
    ":begin_tab:`a`\nw§\n:end_tab:", ":begin_tab:`b`\nw§\n\n$$v§$$\n:end_tab:",
    "<!-- gone\n# gone\n-->\nw§", "[**w§**] (~~gone~~) v§", "w§\n<!-- gone -->\nu§",
    ":bibliography:`w§.bib`", "```toc\nw§\n```", "1. One u§", "```bash\nw§\n```",
]
pages = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map(
    lambda pieces: "Top." + "\n" * 8 + "\n\n".join(
        piece.replace("§", str(number)) for number, piece in enumerate(pieces)) + "\n")


def words_of(text):
    """The words of pieces, each once where it stands."""
    return re.findall(r"\b[uvw]\d+", re.sub("^:alt:.*$", "", text, flags=re.M))


@seed(17)
@settings(deadline=None, max_examples=150)
@given(pages)
def test_nothing_of_a_page_is_lost_doubled_or_moved(text):
    page = read(text)
    assert "gone" not in d2l.write(page)
    there = {word: number for number, line in enumerate(text.split("\n"), 1)
             for word in words_of(line)}
    owners = {}
    for each, first in zip(page.notebook.cells, page.lines, strict=True):
        for number, line in enumerate(each.source.split("\n"), first):
            for word in words_of(line):
                owners.setdefault(word, []).append(each.metadata.get("tab"))
                assert word[0] == "u" or number == there[word]
    assert list(owners) == list(there)
    for tabs in owners.values():
        assert tabs == [None] or (None not in tabs and len(set(tabs)) == len(tabs))


@seed(18)
@settings(deadline=None, max_examples=60)
@given(pages)
def test_a_page_that_is_printed_as_myst_reads_the_same(text):
    page = read(text)
    printed = split(d2l.write(page), "p.md", TABS)
    if printed is None:
        assert not page.cells_of
        return
    owner = next(iter(page.cells_of), None) if page.is_untabbed else None
    for kind, default in (("code", owner), ("markdown", None)):
        new, old = ([(each.metadata.get("tab"), each.source) for each in cells
                     if each.cell_type == kind]
                    for cells in (printed.notebook.cells, page.notebook.cells))
        if kind == "markdown":  # MyST has one cell where lines need several
            new, old = ([(tab, word) for tab, source in cells for word in words_of(source)]
                        for cells in (new, old))
        assert new == [(tab or default, source) for tab, source in old]


SCRAPS = ["```", "````", "{.python .input}", "#@tab a", "%%tab all", "#@tab z", ":begin_tab:`a`",
          ":end_tab:", ":label:`x`", ":eqlabel:`x`", ":width:`1`", ":numref:`x", "`", "$$", "$",
          "![", "](i)", ":C", "|a|", "|-|", "[**", "**]", "(~~", "~~)", "<!--", "-->", "# ", "* ",
          "> ", "===", "---", "\n", "\n\n", "  ", "x", "ệ", "\0", "tab.selected('a')", "if "]


@seed(19)
@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(SCRAPS), max_size=25).map("".join))
def test_the_reader_fails_in_no_way_but_with_file_and_line(text):
    said = "p.md:1: "
    try:
        page = read(text)
        d2l.write(page)
        assert all(line > 0 for line in page.lines)
    except CellError as error:
        said = str(error)
    assert re.match(r"p\.md:[1-9]\d*: ", said)
