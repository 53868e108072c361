"""`make epub`: a sound EPUB 3 whose readers need no scripts."""
import io
import posixpath
import re
import zipfile
from collections import Counter
from xml.etree import ElementTree

import pytest
from conftest import CHAPTER, LANGUAGES, PAGES
from printed import edition, one_worker, site_pages, squeeze

pytestmark = one_worker
OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"
XHTML = "{http://www.w3.org/1999/xhtml}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

both = pytest.mark.parametrize("language", LANGUAGES)


def opened(language):
    return zipfile.ZipFile(io.BytesIO(edition("epub", language).read_bytes()))


def pages(book):
    """``{name: root element}`` of every XHTML file."""
    return {name: ElementTree.fromstring(book.read(name))
            for name in book.namelist() if name.endswith(".xhtml")}


def manifest(book):
    """``{file: item}``."""
    package = ElementTree.fromstring(book.read("content.opf"))
    return {item.get("href"): item for item in package.iter(f"{OPF}item")}


@both
def test_the_container_is_an_epub_with_each_file_declared(language):
    book = opened(language)
    assert book.testzip() is None
    first = book.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert book.read("mimetype") == b"application/epub+zip"
    files = set(book.namelist()) - {"mimetype", "META-INF/container.xml", "content.opf"}
    assert files == set(manifest(book))
    for name in book.namelist():
        if name.endswith((".opf", ".ncx", ".svg", ".xml")):
            ElementTree.fromstring(book.read(name))


@both
def test_metadata_are_the_books_own(language):
    book = opened(language)
    package = ElementTree.fromstring(book.read("content.opf"))
    said = {name: package.find(f".//{DC}{name}").text for name in (
        "language", "title", "creator", "identifier", "description", "rights")}
    assert said["language"] == language and all(said.values())
    assert said["identifier"].startswith("urn:uuid:")
    assert said["identifier"] in book.read("toc.ncx").decode()
    other = ElementTree.fromstring(opened(*set(LANGUAGES) - {language}).read("content.opf"))
    assert said["identifier"] != other.find(f".//{DC}identifier").text
    for name, root in pages(book).items():
        assert name == "nav.xhtml" or root.get(XML_LANG) == root.get("lang") == language


@both
def test_no_page_needs_a_script_or_hides_a_thing(language):
    book = opened(language)
    for name, root in pages(book).items():
        tags = {node.tag.removeprefix(XHTML) for node in root.iter()}
        assert not tags & {"script", "button", "details", "iframe"}, name
        assert not any("hidden" in node.attrib or node.get("role") == "tabpanel"
                       for node in root.iter()), name
        assert "var(--" not in book.read(name).decode()
        wanted = {kind for kind, tag in (("svg", "svg}svg"), ("mathml", "MathML}math"))
                  if any(tag in node.tag for node in root.iter())}
        assert set(manifest(book)[name].get("properties", "").split()) - {"nav"} == wanted


@both
def test_every_cell_and_paragraph_is_there_and_each_tab_under_its_label(site, language):
    found, bodies = pages(opened(language)), site_pages(site, language)
    roots = [found[f"{CHAPTER}/{page}.xhtml"] for page in PAGES]
    text = "".join(squeeze("".join(root.itertext())) for root in found.values())
    parts = bodies.texts("p:not(:has(a[href$='.json'])), .cell_input, .stream")
    assert len(parts) > 250 and [part for part in parts if part not in text] == []
    labels = Counter("".join(node.itertext()) for root in roots for node in root.iter(f"{XHTML}p")
                     if node.get("class") == "tabcells-label")
    assert labels == Counter(label for label, _ in bodies.panels())


@both
def test_links_images_and_styles_lead_to_files_of_the_book(language):
    book = opened(language)
    found = pages(book)
    ids = {name: [node.get("id") for node in root.iter() if node.get("id")]
           for name, root in found.items()}
    images = 0
    for name, root in found.items():
        assert len(ids[name]) == len(set(ids[name])), name
        for node in root.iter():
            images += node.tag == f"{XHTML}img"
            target = node.get("href") or node.get("src")
            if not target or (re.match(r"https?:", target) and node.tag == f"{XHTML}a"):
                continue
            file, _, anchor = target.partition("#")
            path = posixpath.join(posixpath.dirname(name), file) if file else name
            file = posixpath.normpath(path)
            assert file in book.namelist(), (name, target)
            assert not anchor or anchor in ids[file], (name, target)
    assert images == 2
