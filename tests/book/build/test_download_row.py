"""Downloads on a stub project: the row, launch links, what stops a build."""
import json
import shutil

import pytest
from bs4 import BeautifulSoup

CELLS = "".join(f"```{{code-cell}} python\n{tab}\n{code}\n```\n\n" for tab, code in (
    (":tab: a\n", "print('a')"), (":tab: b\n", "print('b')"), ("", "print('both')"),
    (":tab: a\n:tags: [remove-cell]\n", "x = 1"), (":tab: a\n", "x")))


@pytest.fixture
def book(project):
    conf = project.folder / "conf.py"
    conf.write_text(conf.read_text() + (
        'import os\nextensions += ["book"]\nlanguage = "en"\n'
        'tabcells_provenance = "{{.provenance}}\\n**Ran** here: {seconds}"\n'
        'myst_enable_extensions += ["attrs_block"]\n'
        'book_repository = os.environ.get("BOOK_REPOSITORY", "")\n'
        'html_baseurl = os.environ.get("BASE", "")\n'))
    project.describe_frameworks("a", "b")
    project.write(CELLS + "(here)=\n## Section\n\nSee [that](#here).\n")
    return project


def built(book, **env):
    done = book.build(**env)
    assert done.returncode == 0, done.stdout + done.stderr
    return BeautifulSoup(book.html(), "html.parser").select_one("nav.take-along")


def code(book, tab):
    made = json.loads((book.folder / "out" / "notebooks" / f"index.{tab}.ipynb").read_text())
    return ["".join(c["source"]) for c in made["cells"] if c["cell_type"] == "code"][1:]


def test_each_tab_has_its_files_and_no_launch_link_without_a_repository(book):
    row = built(book)
    assert [link["href"] for link in row.select("a")] == [
        f"notebooks/index.{tab}.{form}" for tab in "ab" for form in ("ipynb", "py")]
    assert all(link.has_attr("download") and (book.folder / "out" / link["href"]).exists()
               for link in row.select("a"))
    assert "kaggle" not in book.html().lower() and "colab" not in book.html().lower()
    assert code(book, "a") == ["print('a')", "print('both')", "x = 1", "x"]
    assert code(book, "b") == ["print('b')", "print('both')"]
    text = (book.folder / "out" / "notebooks" / "index.a.py").read_text()
    assert "# See that.\n" in text and "Ran" not in text and "display(x)" in text
    index = (book.folder / "out" / "searchindex.js").read_text("utf-8")
    assert '"Title"' in index and "Take the code along" not in index


def test_magics_and_an_await_end_no_build_and_stand_in_both_files(book):
    cells = ["%matplotlib inline", "!echo a", "len?", "%%time\nimport json",
             "import asyncio\nawait asyncio.sleep(0, 'later')"]
    book.write("".join(f"```{{code-cell}} python\n:tab: a\n\n{cell}\n```\n\n" for cell in cells))
    built(book)
    assert code(book, "a") == cells
    text = (book.folder / "out" / "notebooks" / "index.a.py").read_text()
    compile(text, "index.a.py", "exec")
    assert "await asyncio.sleep(0, 'later')" in text and "run_line_magic('matplotlib'" in text


def test_launch_links_and_absolute_links_where_addresses_are_configured(book):
    row = built(book, BOOK_REPOSITORY="https://github.com/me/book", BASE="https://b.org/en/")
    there = "github.com/me/book/blob/gh-pages/en/notebooks/index.a.ipynb"
    assert [link["href"] for link in row.select("li")[0].select("a")][2:] == [
        f"https://kaggle.com/kernels/welcome?src=https://{there}",
        f"https://colab.research.google.com/{there.replace('.com', '', 1)}"]
    assert "[that](https://b.org/en/index.html#here)" in (
        book.folder / "out" / "notebooks" / "index.a.py").read_text()


def test_the_files_follow_the_description_and_keep_their_date_without_a_change(book):
    built(book)
    file = book.folder / "out" / "notebooks" / "index.a.ipynb"
    before, text = file.stat().st_mtime_ns, file.read_text()
    assert book.build("-E").returncode == 0 and file.stat().st_mtime_ns == before
    told = book.folder / "frameworks" / "a.toml"
    told.write_text(told.read_text().replace("Stub a", "Other a"))
    built(book)
    assert file.read_text() == text.replace("Stub a", "Other a") != text


@pytest.mark.parametrize("change, words", [
    (lambda b: (b.folder / "frameworks" / "b.toml").unlink(),
     "the tab 'b' of tabcells_tabs has no frameworks/b.toml"),
    (lambda b: b.write(CELLS + "[](sub/index)\n") or (b.folder / "sub").mkdir() or b.write(
        CELLS, "sub/index.md", "file_format: mystnb\norphan: true"), "both would write"),
    (lambda b: b.write("```{code-cell} python\n:tab: a\n\nif 0:\n    import unheard\n```\n"),
     "index, tab a: a cell imports 'unheard'")])
def test_what_cannot_be_taken_along_stops_the_build(book, change, words):
    change(book)
    done = book.build()
    assert done.returncode and words in done.stdout + done.stderr, done.stdout + done.stderr


def test_a_repository_that_is_none_is_refused(book):
    done = book.build(BOOK_REPOSITORY="me/book")
    assert done.returncode and "book_repository must be https://github.com" in done.stderr


def test_a_misspelt_setting_is_refused_with_the_nearest(book):
    conf = book.folder / "conf.py"
    conf.write_text(conf.read_text() + 'book_repositry = "https://github.com/me/book"\n')
    done = book.build()
    assert done.returncode == 2 and "did you mean 'book_repository'?" in done.stderr, done.stderr


def test_a_project_that_describes_no_framework_has_no_downloads(book):
    shutil.rmtree(book.folder / "frameworks")
    assert built(book) is None and not (book.folder / "out" / "notebooks").exists()
