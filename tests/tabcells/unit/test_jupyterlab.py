"""What JupyterLab makes of a page: jupytext reads it as a notebook, and writes it when one saves.

It does so by the functions that are called here; nothing of JupyterLab itself is started.
"""
import re

import jupytext
import nbformat
import pytest
from conftest import CHAPTER, PAGES as PAGES_OF_THE_BOOK, ROOT, TABS as TABS_OF_THE_BOOK
from hypothesis import given, seed, settings, strategies as st
from jupytext.config import load_jupytext_config, validate_jupytext_configuration_file
from test_any_page import PAGES, SPEC, TABS, write

from tabcells.page import edit
from tabcells.page.split import split, tab_notebook

#: What JupyterLab knows of a page before it is read.
MARKDOWN = {"extension": ".md"}
#: What the page about tabcells says of jupytext.toml.
CONFIGURATION = validate_jupytext_configuration_file("jupytext.toml", dict(re.findall(
    r'(?m)^(notebook_metadata_filter) = "(.*)"$', (ROOT / "tabcells.md").read_text("utf-8"))))
TWO_LANGUAGES = """\
---
file_format: mystnb
myst: {html_meta: {description: "Tả: một trang"}}
tabcells: {timeout: 9, files: ["data/*.csv"]}
---
# Counting

```{code-cell} python
:tab: a
:timeout: 7
print(1)
```

```{code-cell} bash
---
tab: b
mystnb: {figure: {caption: C}}
---
echo "ế"
```

+++ {"tab": "b"}
Of b.

+++

(label)=
## Of all

{ref}`label`, $x$

````{tabs}
```{group-tab} A
Text.
```
````
"""


def saved(text, configuration=CONFIGURATION):
    """The page as it lies on the disk when one has opened it in JupyterLab and saved it."""
    notebook = jupytext.reads(text, MARKDOWN, config=configuration)
    # A notebook knows its kernel's language by then, which is the one that jupytext writes.
    notebook.metadata.setdefault("kernelspec", {"name": "python3", "display_name": "Python 3"})
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    return jupytext.writes(notebook, MARKDOWN, config=configuration)


def content(page, tidy=str):
    """All of a page that a build makes something of; ``tidy`` is applied to code first."""
    front = dict(page.notebook.metadata)
    for name in ("jupytext", "kernelspec"):  # jupytext writes its own; tabs have their kernels
        front.pop(name, None)
    return (front,
            [(cell.cell_type, tidy(cell.source), dict(cell.metadata))
             for cell in page.notebook.cells],
            [(tab, tidy(cell.source), cell.metadata) for tab in page.cells_of
             for cell in tab_notebook(page, tab, SPEC).cells])


def without_outer_blank_lines(code):
    return code.strip("\n")  # jupytext drops the first of those that a cell begins with


@pytest.mark.filterwarnings("ignore:All code cells in a MyST notebook must have the same language")
def test_a_page_in_two_languages_is_one_notebook_and_saved_it_is_the_same_page():
    notebook = jupytext.reads(TWO_LANGUAGES, MARKDOWN)
    assert [(cell.cell_type, cell.metadata.get("tab")) for cell in notebook.cells
            if cell.cell_type != "raw"] == [
                ("markdown", None), ("code", "a"), ("code", "b"), ("markdown", "b"),
                ("markdown", None)]
    page, again = (split(text, "p.md", TABS) for text in (TWO_LANGUAGES, saved(TWO_LANGUAGES)))
    assert content(again) == content(page)
    assert (again.timeout, again.files) == (9, ["data/*.csv"])


@pytest.mark.parametrize("suffix", [".md", ".en.md"])
@pytest.mark.parametrize("name", PAGES_OF_THE_BOOK)
def test_the_books_pages_come_through_jupytext_as_the_book_configures_it(name, suffix):
    file = ROOT / CHAPTER / f"{name}{suffix}"
    text = file.read_text("utf-8")
    page, again = (split(each, "p.md", list(TABS_OF_THE_BOOK)) for each in (
        text, saved(text, load_jupytext_config(str(file)))))
    assert content(again) == content(page)


@seed(6)
@settings(deadline=None, max_examples=20)
@given(PAGES)
def test_any_page_that_jupytext_has_saved_is_the_same_page(blocks):
    text, _ = write(blocks)
    page = split(text, "p.md", TABS)
    if page and any(page.cells_of.values()):  # what has no cell is no notebook to jupytext
        again = split(saved(text), "p.md", TABS)
        assert content(again, without_outer_blank_lines) == content(
            page, without_outer_blank_lines)


@seed(6)
@settings(deadline=None, max_examples=20)
@given(PAGES, st.data())
def test_a_tabs_notebook_takes_back_what_was_edited_and_leaves_all_else(blocks, data):
    text, _ = write(blocks)
    page = split(text, "p.md", TABS)

    def read(text):
        return split(text, "p.md", TABS)

    for tab, positions in page.cells_of.items() if page else ():
        if not positions:  # prose alone
            continue
        written = nbformat.reads(nbformat.writes(edit.write_tab(page, tab, "x")), 4)
        written.metadata["language_info"] = {"name": "python"}
        for cell in written.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [nbformat.v4.new_output("stream")], 3
        assert edit.take_back(text, read, tab, written)[0] == text
        chosen = data.draw(st.sampled_from(positions))
        [edited] = [cell for cell in written.cells if cell.id.startswith(f"cell-{chosen}-")]
        edited.source = "new = 1\n\nprint(new)"
        again = read(edit.take_back(text, read, tab, written)[0])
        assert [cell.source for cell in again.notebook.cells] == [
            edited.source if i == chosen else cell.source
            for i, cell in enumerate(page.notebook.cells)]
