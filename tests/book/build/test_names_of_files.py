"""Pages, folders and pictures with names in Vietnamese and with blanks: all that is written."""
import json
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from book.shell import address

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><title>H</title></svg>'
PAGE = """(ở-đây)=
## Phần một

![Một hình](../hình.svg) [về](../index.md), [đến](#ở-đây), {doc}`/index`,
{download}`tệp <dữ liệu.txt>`

```{code-cell} python
:tab: a

print("ế")
```

```{code-cell} python
:tab: b

1
```
"""


@pytest.fixture
def book(project):
    conf = project.folder / "conf.py"
    conf.write_text(conf.read_text() + (
        'import os\nextensions += ["book"]\nlanguage = os.environ["BOOK_LANGUAGE"]\n'
        'myst_enable_extensions += ["attrs_block"]\nhtml_baseurl = "https://b.org/vi/"\n'
        'book_repository = "https://github.com/me/book"\n'))
    project.describe_frameworks("a", "b")
    (project.folder / "chương một").mkdir()
    (project.folder / "hình.svg").write_text(SVG)
    (project.folder / "chương một" / "dữ liệu.txt").write_text("1")
    project.write(PAGE, "chương một/đồ-thị.md")
    project.write("```{toctree}\nchương một/đồ-thị\n```\n\n[đồ thị](<chương một/đồ-thị.md>), "
                  "{ref}`ở-đây`\n\n![Một hình](hình.svg)\n")
    return project


def broken(out):
    """Links of the written pages that lead to no file, or to no place in it."""
    pages = {path: BeautifulSoup(path.read_text("utf-8"), "html.parser")
             for path in out.rglob("*.html") if path.name != "search.html"}  # Sphinx's template
    for path, page in pages.items():
        for node in page.select("[href], [src]"):
            address = urlsplit(node.get("href") or node.get("src"))
            if address.scheme or address.netloc:
                continue
            target = (path.parent / unquote(address.path)).resolve() if address.path else path
            if not target.exists() or (address.fragment and target in pages and not pages[
                    target].find(id=unquote(address.fragment))):
                yield path.name, str(node)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_link_leads_somewhere_whatever_files_are_called(book, language):
    done = book.build(BOOK_LANGUAGE=language)
    assert done.returncode == 0, done.stdout + done.stderr
    out = book.folder / "out"
    assert not list(broken(out))
    page = BeautifulSoup((out / "chương một" / "đồ-thị.html").read_text("utf-8"), "html.parser")
    assert page.select_one("img[alt='Một hình']")
    row = [link["href"] for link in page.select("nav.take-along a")]
    assert len([link for link in row if link.startswith("../notebooks/")]) == 4
    launches = [link for link in row if "github" in link]
    assert len(launches) == 4 and all(link.isascii() and " " not in link for link in launches)
    notebook = json.loads((out / "notebooks" / "đồ-thị.a.ipynb").read_text("utf-8"))
    prose = "".join("".join(cell["source"]) for cell in notebook["cells"]
                    if cell["cell_type"] == "markdown")
    assert 'src="data:image/svg+xml;base64,' in prose
    assert "[về](https://b.org/vi/index.html)" in prose
    assert "](https://b.org/vi/chương" not in prose and "dữ liệu.txt)" not in prose
    index = (out / "searchindex.js").read_text("utf-8")
    entries = json.loads(index.removeprefix("window.bookSearch = ").removesuffix(";\n"))["entries"]
    for entry in entries:
        address = urlsplit(entry["page"])
        assert (out / unquote(address.path)).exists()
    assert "Phần một" in [entry["title"] for entry in entries]


@pytest.mark.parametrize("builder, file", [
    ("singlehtml", "index.html"), ("epub", "chương một/đồ-thị.xhtml")])
def test_editions_hold_what_files_with_such_names_hold(book, builder, file):
    done = book.build("-D", "version=1", "-D", "copyright=-", builder=builder, out=builder,
                      doctrees="trees", BOOK_LANGUAGE="vi")
    assert done.returncode == 0, done.stdout + done.stderr
    text = (book.folder / builder / file).read_text("utf-8")
    assert "Phần một" in text and "nh.svg" in text
    if builder == "epub":
        package = BeautifulSoup((book.folder / builder / "content.opf").read_text("utf-8"),
                                "html.parser")
        ids = [item["id"] for item in package.select("manifest > item")]
        order = [item["idref"] for item in package.select("itemref")]
        assert len(order) > 2 and len(order) == len(set(order)) and set(order) <= set(ids)


def test_the_address_of_a_twin_is_one():
    for url, wanted in (("https://b.org", "https://b.org/en/a%20b/%E1%BA%BF.html"),
                        ("", "../../en/a%20b/%E1%BA%BF.html")):
        app = SimpleNamespace(config=SimpleNamespace(book_url=url))
        assert address(app, "en", "a b/ế") == wanted
