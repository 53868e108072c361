"""The colophon of a stub book: kept or fresh, skipped, failed, the same in status.json."""
import json
import re

import pytest
from bs4 import BeautifulSoup
from conftest import ROOT
from jsonschema import validate

CELLS = """```{code-cell} python
:tab: a

print('first')
```

```{code-cell} python
:tab: a
:tags: [raises-exception]

print('the GPU part: not run here (no GPU)')
1 / 0
```

```{code-cell} python
:tab: b

print('b')
```
"""
STATUS = "```{build-status}\n```\n"


@pytest.fixture
def book(project):
    conf = project.folder / "conf.py"
    conf.write_text(conf.read_text() + (
        'extensions += ["book"]\nlanguage = "en"\n'))
    project.write(CELLS, name="page.md", front="file_format: mystnb\norphan: true")
    project.write(STATUS, front="orphan: true")
    return project


def built(book, **env):
    done = book.build(**env)
    assert done.returncode == 0, done.stdout + done.stderr
    page = BeautifulSoup(book.html(), "html.parser").get_text()
    status = json.loads((book.folder / "out" / "status.json").read_text("utf-8"))
    validate(status, json.loads((ROOT / "book" / "status.schema.json").read_text("utf-8")))
    return re.sub(r"\s+", " ", page), status


def test_what_ran_what_was_left_out_and_what_failed(book):
    page, status = built(book)
    (shown,) = status["pages"]
    a, b = shown["runs"]
    assert shown["page"] == "page" and (a["cells"], b["cells"]) == (2, 1)
    assert a["skipped"] == [{"cell": 2, "reason": "the GPU part: not run here (no GPU)"}]
    assert a["errors"] == [{"cell": 2, "error": "ZeroDivisionError: division by zero"}]
    assert not b["skipped"] and not b["errors"]
    assert status["seconds"] == pytest.approx(a["seconds"] + b["seconds"], abs=.11)
    for text in ("Tab A: 2 cells in", "Cell 2 left something out: the GPU part: not run here",
                 "Cell 2 ended in an error: ZeroDivisionError: division by zero", "kernel stub-b"):
        assert text in page


def test_fresh_becomes_kept_in_the_next_build_without_any_edit(book):
    page, status = built(book)
    assert [run["fresh"] for run in status["pages"][0]["runs"]] == [True, True]
    assert page.count("run in this build") == 2
    page, status = built(book)
    assert [run["fresh"] for run in status["pages"][0]["runs"]] == [False, False]
    assert page.count("kept from an earlier run") == 2 and "run in this build" not in page


def test_the_second_language_of_one_make_shows_what_the_first_one_ran_as_fresh(book):
    built(book, TABCELLS_BUILD="one make")
    done = book.build(out="other", TABCELLS_BUILD="one make")
    assert done.returncode == 0 and "cell 1 of" not in done.stdout
    status = json.loads((book.folder / "other" / "status.json").read_text("utf-8"))
    assert all(run["fresh"] for run in status["pages"][0]["runs"])


def test_an_edited_cell_is_fresh_alone_and_the_colophon_follows(book):
    built(book)
    file = book.folder / "page.md"
    file.write_text(file.read_text().replace("print('b')", "print('new'); print(1)"))
    page, status = built(book)
    assert [run["fresh"] for run in status["pages"][0]["runs"]] == [False, True]
    assert page.count("run in this build") == 1
