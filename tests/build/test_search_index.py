"""The search index of a small project: complete after any rebuild, and left alone otherwise."""
import json

import pytest


@pytest.fixture
def book(project):
    conf = project.folder / "conf.py"
    conf.write_text(conf.read_text().replace('"tabcells"]', '"tabcells", "book"]'))
    (project.folder / "records").mkdir()
    return project


def index(book):
    done = book.build()
    assert done.returncode == 0, done.stdout + done.stderr
    text = (book.folder / "out" / "searchindex.js").read_text("utf-8")
    return json.loads(text.removeprefix("window.bookSearch = ").removesuffix(";\n"))["entries"]


def test_a_rebuild_of_one_page_keeps_every_page_in_the_index(book):
    book.write("```{toctree}\nother\n```\n\n## One\n\nFirst.\n\n+++ {\"tab\": \"a\"}\nFor A.\n\n"
               "### In A\n\nDeep.\n\n```{code-cell} python\n:tab: a\n\nprint(6 * 7)\n```\n")
    book.write("## Two\n\nSecond.\n", "other.md")
    first = {(entry["page"], entry["anchor"]): entry for entry in index(book)}
    assert list(first) == [("index.html", "title"), ("index.html", "one"),
                           ("index.html", "in-a"), ("other.html", "title"),
                           ("other.html", "two")]
    assert first["index.html", "in-a"]["tab"] == "a"
    assert [part[2] for part in first["index.html", "one"]["parts"]] == [
        "First.", "For A.", "print(6 * 7) 42"]
    html = book.html()
    assert 'id="in-a"' in html and "sphinx_highlight" not in html
    static = book.folder / "out" / "_static"
    assert not [path.name for path in static.iterdir()
                if "stemmer" in path.name or path.name in ("searchtools.js", "language_data.js")]

    file = book.folder / "out" / "searchindex.js"
    before = file.stat().st_mtime_ns
    index(book)
    assert file.stat().st_mtime_ns == before
    book.write("## Two\n\nChanged.\n", "other.md")
    second = {(entry["page"], entry["anchor"]): entry for entry in index(book)}
    assert list(second) == list(first)
    assert second["other.html", "two"]["parts"] == [["", "prose", "Changed."]]
