"""`python -m tabcells notebook`: a tab as a notebook, and its edited code back into the page."""
import json

import nbformat
import pytest

from tabcells.__main__ import main
from tabcells.render.tables import settings_table

PAGE = """\
Prose of all.

```{code-cell} python
x = 1
```

```{code-cell} python
:tab: a
:timeout: 7

print("a",
      x)
```

  ~~~{code-cell} python
  :tab: b
  print("b")
  ~~~

+++ {"tab": "a"}
Prose of a.

```python
print("a")  # an example, no cell
```

+++ {"tab": "b"}
Prose of b.

```{code-cell} python
:tab: a
:tags: [raises-exception]
```
"""


@pytest.fixture
def page(project):
    project.write(PAGE)
    return project.folder / "index.md"


@pytest.fixture
def notebook(page):
    """``notebook(change=…)`` writes the notebook of tab a, with the cells that `change` makes."""
    file = page.with_name("edited.ipynb")

    def write(change):
        if not file.exists():
            assert main(["notebook", str(page), "a", "-o", str(file)]) == 0
        written = nbformat.read(file, 4)
        change(written.cells)
        nbformat.write(written, file)
        return ["notebook", str(page), "a", "--back", str(file)]
    return write


def test_settings_are_printed(capsys):
    assert main(["settings"]) == 0
    assert capsys.readouterr().out == settings_table()


def test_a_tabs_notebook_has_its_prose_its_cells_and_its_kernel(page, capsys):
    assert main(["notebook", str(page), "a"]) == 0
    file = page.with_name("index.a.tabcells.ipynb")
    assert str(file) in capsys.readouterr().out
    written = nbformat.read(file, 4)
    nbformat.validate(written)
    assert written.metadata.kernelspec.name == "stub-a"
    assert [cell.source for cell in written.cells] == [
        "# Title\n\nProse of all.", "x = 1", 'print("a",\n      x)',
        'Prose of a.\n\n```python\nprint("a")  # an example, no cell\n```', ""]
    assert [int(cell.id.split("-")[1]) for cell in written.cells] == [0, 1, 2, 4, 6]
    assert written.cells[4].metadata == {"tags": ["raises-exception"]}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_only_the_edited_code_changes_on_the_page(page, notebook, end):
    before = ("\ufeff" + page.read_text("utf-8")).replace("\n", end).encode()
    page.write_bytes(before)

    def change(cells):
        cells[1].source = "x = 2  # ✓"
        cells[2].source = "\nif x:\n\n    print(x)\n"
        cells[4].source = "1 / 0"

    assert main(notebook(change)) == 0
    want = before.decode().replace("x = 1", "x = 2  # ✓").replace(
        f'print("a",{end}      x)', f"if x:{end}{end}    print(x)").replace(
        f"[raises-exception]{end}", f"[raises-exception]{end}1 / 0{end}")
    assert page.read_bytes().decode() == want


def test_a_cell_with_an_indented_fence(page, notebook):
    file = page.with_name("b.ipynb")
    assert main(["notebook", str(page), "b", "-o", str(file)]) == 0
    written = nbformat.read(file, 4)
    written.cells[2].source = "for i in x:\n    pass"
    nbformat.write(written, file)
    assert main(["notebook", str(page), "b", "--back", str(file)]) == 0
    assert "\n  :tab: b\n  for i in x:\n      pass\n  ~~~\n" in page.read_text("utf-8")


def test_edits_go_back_again_and_again_and_meet_edits_of_the_page_elsewhere(page, notebook):
    def edit(code):
        return lambda cells: cells[1].update(source=code)

    assert main(notebook(edit("x = 2"))) == 0
    page.write_text(page.read_text("utf-8").replace("Prose of all.", "New prose."), "utf-8")
    assert main(notebook(edit("x = 3"))) == 0
    text = page.read_text("utf-8")
    assert "x = 3" in text and "New prose." in text
    assert main(notebook(lambda cells: None)) == 0
    assert page.read_text("utf-8") == text


def refused(page, command, capsys, *words):
    text, notebook = page.read_bytes(), page.with_name("edited.ipynb").read_bytes()
    assert main(command) == 2
    told = capsys.readouterr().err
    assert all(word in told for word in words), told
    assert page.read_bytes() == text
    assert page.with_name("edited.ipynb").read_bytes() == notebook
    assert not list(page.parent.glob("*.new"))


@pytest.mark.parametrize("change, words", [
    (lambda cells: cells.append(nbformat.v4.new_code_cell("y = 1")), ["a new one", "'y = 1'"]),
    (lambda cells: cells.pop(2), ["lacks the one of line 12"]),
    (lambda cells: cells.reverse(), ["another order"]),
    (lambda cells: cells[3].update(source="Other prose"), ["index.md:26:", "prose is edited on"]),
    (lambda cells: cells[3].update(cell_type="code", outputs=[], execution_count=None),
     ["index.md:26:", "prose is edited on"]),
    (lambda cells: cells[2].update(source="'''\n```\n'''"), ["index.md:12:", "fences"]),
    (lambda cells: cells[4].update(source=":timeout: 8"), ["index.md:35:", "fences"]),
], ids=["new", "deleted", "moved", "prose", "code", "fence", "option"])
def test_what_a_notebook_cannot_take_back_is_refused_and_nothing_changes(
        page, notebook, capsys, change, words):
    refused(page, notebook(change), capsys, "[tab a]", *words)


def test_an_edit_of_the_same_cell_on_the_page_is_not_overwritten(page, notebook, capsys):
    command = notebook(lambda cells: cells[1].update(source="x = 2"))
    page.write_text(page.read_text("utf-8").replace("x = 1", "x = 5"), "utf-8")
    refused(page, command, capsys, "index.md:8:", "'x = 2'", "by hand")
    page.write_text(page.read_text("utf-8").replace("x = 5", "x = 2"), "utf-8")
    assert main(command) == 0  # both made the same edit


def test_a_cell_put_in_before_shifts_no_edit_into_another_cell(page, notebook, capsys):
    command = notebook(lambda cells: cells[2].update(source="print('new')"))
    text = page.read_text("utf-8")
    page.write_text(text.replace("Prose of all.", "```{code-cell} python\nw = 0\n```"), "utf-8")
    refused(page, command, capsys, "by hand")


def test_code_of_another_file_is_edited_there(page, notebook, capsys):
    page.with_name("code.py").write_text("x = 1")
    page.write_text(page.read_text("utf-8").replace("x = 1", ":load: code.py"), "utf-8")
    refused(page, notebook(lambda cells: cells[1].update(source="x = 2")), capsys, ":load:")


@pytest.mark.parametrize("minor", [4, 5])
def test_a_notebook_that_a_tool_without_ids_has_saved(page, notebook, capsys, minor):
    command, file = notebook(lambda cells: cells[1].update(source="x = 2")), "edited.ipynb"

    def save(*left_out):
        content = json.loads(page.with_name(file).read_text())
        content["nbformat_minor"] = minor
        content["cells"] = [{name: value for name, value in cell.items() if name != "id"}
                            for number, cell in enumerate(content["cells"])
                            if number not in left_out]
        page.with_name(file).write_text(json.dumps(content))

    save()
    assert main(command) == 0
    assert "x = 2" in page.read_text() and capsys.readouterr().err == ""
    nbformat.validate(nbformat.read(page.with_name(file), 4))
    assert main(command) == 0 and "already" in capsys.readouterr().out
    save(2)
    refused(page, command, capsys, "have lost their ids")


@pytest.mark.parametrize("written", [
    {}, {"tabcells": 5}, {"tabcells": {"tab": "a"}}, {"tabcells": {"tab": "a", "cells": [3]}},
    {"tabcells": {"tab": "a", "cells": ["cell-x"]}}, {"tabcells": {"tab": "b", "cells": []}}])
def test_a_notebook_whose_metadata_are_damaged(page, notebook, capsys, written):
    command, file = notebook(lambda cells: None), page.with_name("edited.ipynb")
    edited = nbformat.read(file, 4)
    del edited.metadata["tabcells"]
    edited.metadata.update(written)
    nbformat.write(edited, file)
    refused(page, command, capsys, "index.md:1:", "not written from this tab")


@pytest.mark.parametrize("text", [
    "", "{", "[]", "null", "3", "{}", '{"nbformat": 4}', '{"nbformat": "x", "cells": []}',
    '{"nbformat": 4, "nbformat_minor": 5, "metadata": [], "cells": []}', "\0", "\udcff",
    '{"nbformat": 3, "nbformat_minor": 0, "metadata": {"tabcells": {"tab": "a", "cells": '
    '["cell-0-0123456789ab"]}}, "worksheets": [{"cells": []}]}',
    '{"nbformat": 4, "nbformat_minor": 5, "metadata": {"x": "\\ud800"}, "cells": []}'])
def test_what_is_no_notebook(page, notebook, capsys, text):
    command = notebook(lambda cells: None)
    page.with_name("edited.ipynb").write_bytes(text.encode(errors="surrogateescape"))
    refused(page, command, capsys, "edited.ipynb:1:", "not a notebook: ")


def test_a_cell_that_stands_twice_is_told_in_our_words_alone(page, notebook, capsys, recwarn):
    command, file = notebook(lambda cells: None), page.with_name("edited.ipynb")
    content = json.loads(file.read_text())
    content["cells"].append(content["cells"][1])
    file.write_text(json.dumps(content))
    recwarn.clear()
    refused(page, command, capsys, "a new one, which begins with 'x = 1'")
    assert not [str(w.message) for w in recwarn.list]


def test_what_is_no_such_page_tab_or_notebook_is_told(page, notebook, capsys, tmp_path):
    command = notebook(lambda cells: None)
    nbformat.write(nbformat.v4.new_notebook(), page.with_name("edited.ipynb"))
    refused(page, command, capsys, "index.md:1:", "not written from this tab")
    refused(page, ["notebook", str(page), "a", "-o", str(page.with_name("edited.ipynb"))],
            capsys, "exists already")
    for words, trouble in (([str(page), "c"], "no cell of this tab"),
                           ([str(page.with_name("none.md")), "a"], "none.md"),
                           ([str(page.with_name("edited.ipynb")), "a"], "a notebook already"),
                           ([str(tmp_path / "index.md"), "a"], "no conf.py beside")):
        assert main(["notebook", *words]) == 2
        assert trouble in capsys.readouterr().err
    page.write_bytes(b"\xff")
    assert main(["notebook", str(page), "a"]) == 2
    assert "index.md:1: the page is not in UTF-8" in capsys.readouterr().err
