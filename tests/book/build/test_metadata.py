"""What pages tell machines, where the site's address is known and where it is not."""
import pytest
from bs4 import BeautifulSoup
from conftest import ROOT

FRONT = "myst:\n  html_meta:\n    description: Mô tả \"của\" trang"


@pytest.fixture
def book(project):
    (project.folder / "conf.py").write_text(
        'import os\nextensions = ["myst_nb", "sphinx_tabs.tabs", "tabcells", "book"]\n'
        'language = "vi"\nhtml_theme = "furo"\nhtml_title = "Sách"\n'
        'exclude_patterns = ["**.en.md"]\n'
        f'templates_path = [{str(ROOT / "_templates")!r}]\n'
        f'locale_dirs = [{str(ROOT / "locale")!r}]\n'
        'html_sidebars = {"**": ["sidebar/language.html"]}\nbook_url = os.environ.get("URL", "")\n')
    project.write("text\n", front=FRONT)
    project.write("text\n", name="index.en.md", front=FRONT)
    project.write("text\n", name="alone.md", front=FRONT + " này\norphan: true")
    return project


def page(book, name="index", **env):
    done = book.build(**env)
    assert done.returncode == 0, done.stdout + done.stderr
    return BeautifulSoup((book.folder / "out" / f"{name}.html").read_text("utf-8"), "html.parser")


def meta(tree):
    return {tag.get("property") or tag.get("name"): tag["content"]
            for tag in tree.select("meta[content]")}


def test_a_known_address_gives_canonical_card_and_absolute_alternates(book):
    tree = page(book, URL="https://example.org/b/")
    assert tree.select_one("link[rel=canonical]")["href"] == "https://example.org/b/vi/index.html"
    said = meta(tree)
    assert said["description"] == said["og:description"] == 'Mô tả "của" trang'
    assert said["og:title"] == "Title" and said["og:url"] == "https://example.org/b/vi/index.html"
    assert said["og:image"] == "https://example.org/b/card.png"
    assert (said["og:locale"], said["og:locale:alternate"]) == ("vi_VN", "en_US")
    assert said["twitter:card"] == "summary_large_image"
    assert {link["hreflang"]: link["href"] for link in tree.select("link[rel=alternate]")} == {
        "vi": "https://example.org/b/vi/index.html", "en": "https://example.org/b/en/index.html",
        "x-default": "https://example.org/b/index.html"}
    # Readers' own links stay relative: a copy of the site works too.
    assert tree.select_one("a.language-link")["href"] == "../en/index.html"


@pytest.mark.parametrize("repository", ["https://github.com/me/book", "https://github.com/me/book.git/"])
def test_each_page_ends_with_the_book_to_take_along_and_where_to_report(book, repository):
    assert not page(book).select(".foot-links")
    with (book.folder / "conf.py").open("a") as file:
        file.write(f'book_editions = ["pdf", "epub"]\nbook_repository = "{repository}"\n')
    for name in ("index", "alone"):
        links = {link.get_text(): link["href"] for link in page(book, name).select(".foot-links a")}
        assert links == {
            "PDF": "song-song-hoa-tu-dong.vi.pdf", "EPUB": "song-song-hoa-tu-dong.vi.epub",
            "Mã nguồn": "https://github.com/me/book",
            "Báo lỗi": f"https://github.com/me/book/issues/new?title=vi%2F{name}%3A%20"}


def test_without_an_address_nothing_claims_one(book):
    tree = page(book)
    said = meta(tree)
    assert said["description"] == 'Mô tả "của" trang'
    assert not [name for name in said if name.startswith(("og:", "twitter:"))]
    assert not tree.select("link[rel=canonical]")
    assert {link["href"] for link in tree.select("link[rel=alternate]")} == {
        "../vi/index.html", "../en/index.html", "../index.html"}


def test_a_page_without_a_twin_offers_no_switch(book):
    tree = page(book, "alone", URL="https://example.org")
    assert not tree.select("a.language-link, link[rel=alternate]")
    assert "og:locale:alternate" not in meta(tree)


def test_a_bad_address_stops_the_build(book):
    done = book.build(URL="example.org")
    assert done.returncode and "must start with http" in done.stderr + done.stdout
