"""The search index of a small project: complete after any rebuild, and left alone otherwise."""
import json

import pytest


@pytest.fixture
def book(project):
    conf = project.folder / "conf.py"
    conf.write_text(conf.read_text().replace('"tabcells"]', '"tabcells", "book"]'))
    (project.folder / "records").mkdir()
    return project


def index(book, part="entries"):
    done = book.build()
    assert done.returncode == 0, done.stdout + done.stderr
    text = (book.folder / "out" / "searchindex.js").read_text("utf-8")
    return json.loads(text.removeprefix("window.bookSearch = ").removesuffix(";\n"))[part]


def test_a_rebuild_of_one_page_keeps_every_page_in_the_index(book):
    book.write("```{toctree}\nother\n```\n\n## One\n\nFirst.\n\n+++ {\"tab\": \"a\"}\nFor A.\n\n"
               "### In A\n\nDeep.\n\n```{code-cell} python\n:tab: a\n\nprint(6 * 7)\n```\n")
    book.write("## Two\n\nSecond.\n", "other.md")
    first = {(entry["page"], entry["title"]): entry for entry in index(book)}
    assert list(first) == [("index.html", "Title"), ("index.html", "One"),
                           ("index.html", "In A"), ("other.html", "Title"),
                           ("other.html", "Two")]
    assert first["index.html", "In A"]["tab"] == "a"
    assert [part[2] for part in first["index.html", "One"]["parts"]] == [
        "First.", "For A.", "print(6 * 7) 42"]
    html = book.html()
    assert f'id="{first["index.html", "In A"]["anchor"]}"' in html
    assert "sphinx_highlight" not in html
    static = book.folder / "out" / "_static"
    assert not [path.name for path in static.iterdir()
                if "stemmer" in path.name or path.name in ("searchtools.js", "language_data.js")]

    file = book.folder / "out" / "searchindex.js"
    index(book)  # the page that ran says so only once
    before = file.stat().st_mtime_ns
    index(book)
    assert file.stat().st_mtime_ns == before
    book.write("## Two\n\nChanged.\n", "other.md")
    second = {(entry["page"], entry["title"]): entry for entry in index(book)}
    assert list(second) == list(first)
    assert second["other.html", "Two"]["parts"] == [["", "prose", "Changed."]]
    book.write("## One\n\nNo other page.\n")
    (book.folder / "other.md").unlink()
    assert {entry["page"] for entry in index(book)} == {"index.html"}


def test_a_page_that_says_nosearch_is_not_in_the_index(book):
    book.write("```{toctree}\n:glob:\n\nm*\n```\n")
    for name, line in (("m1", "nosearch: true"), ("m2", "nosearch: false"), ("m3", "no-search: 1")):
        book.write("Text.\n", f"{name}.md", f"file_format: mystnb\n{line}")
    assert {entry["page"] for entry in index(book)} == {"index.html", "m2.html"}


def test_names_of_one_thing_are_in_the_index_and_a_bad_row_stops_the_build(book):
    book.write("Text.\n")
    assert index(book, "synonyms") == []
    file = book.folder / "synonyms.tsv"
    file.write_text("thread\tluồng\n", "utf-8")
    assert index(book, "synonyms") == [["thread", "luồng"]]
    file.write_text("thread\n", "utf-8")
    done = book.build()
    assert done.returncode
    assert "synonyms.tsv:1: a row is" in done.stdout + done.stderr
